"""A reply to messages: plain text with entities, in the units that Telegram counts.

No markup is ever parsed, so what a person wrote cannot become any. Offsets and limits are in
UTF-16 units: https://core.telegram.org/api/entities#entity-length
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import Any

from telegram import MessageEntity

from bot.answering import Outcome, Reply, Source
from bot.news.text import clean, units

LONGEST = 4096
MOST_ENTITIES = 100
PARAGRAPH = "\n\n"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, in code points."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a quote: what a message may be split between, not within."""

    text: str
    spans: tuple[Span, ...] = ()
    glue: str = PARAGRAPH
    """What stands between it and the block before."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message."""

    text: str
    entities: tuple[dict[str, Any], ...] = ()
    """As the Bot API takes them."""


def reply_blocks(
    reply: Reply, source_lines: Sequence[str], ending: Sequence[str] = ()
) -> list[Block]:
    """Give the parts of a reply: the answer, what is nearest to it, the quotes, the source lines.

    Args:
        reply: what to show.
        source_lines: one for each run of sources of one document; see `runs`.
        ending: paragraphs to close with.
    """
    blocks = [Block(clean(reply.attribution))] if reply.attribution else []
    if reply.statement:
        blocks.append(emphasised(clean(reply.statement), reply.emphasis))
    if reply.outcome in (Outcome.HELP, Outcome.OUT_OF_SCOPE) and reply.suggestions:
        examples = "\n".join(f"• {words}" for words in reply.suggestions)
        blocks.append(Block(examples, (), "\n"))
    blocks += [Block(clean(note)) for note in reply.notes]
    for run, line in zip(runs(reply.sources), source_lines, strict=True):
        blocks += [quoted(source.quote, PARAGRAPH if source is run[0] else "\n") for source in run]
        blocks.append(Block(line, (), "\n"))
    blocks += [Block(clean(words)) for words in ending]
    return [block for block in blocks if block.text]


def runs(sources: Iterable[Source]) -> list[list[Source]]:
    """Group sources that follow one another and are of one document: they share a source line."""
    return [list(run) for _, run in groupby(sources, key=lambda source: source.document)]


def quoted(words: str, glue: str = PARAGRAPH) -> Block:
    """Give a quote, folded where it is long."""
    return Block(words, (Span(MessageEntity.EXPANDABLE_BLOCKQUOTE, 0, len(words)),), glue)


def preformatted(words: str, glue: str = PARAGRAPH) -> Block:
    """Give a text in letters of one width."""
    return Block(words, (Span(MessageEntity.PRE, 0, len(words)),), glue)


def headed(heading: str, *lines: str) -> Block:
    """Give a paragraph whose first line is bold."""
    text = "\n".join((heading, *lines))
    return Block(text, (Span(MessageEntity.BOLD, 0, len(heading)),))


def emphasised(text: str, words: Sequence[str]) -> Block:
    """Give a paragraph with some of its words in bold."""
    taken = [False] * len(text)
    spans = []
    for word in sorted(set(words), key=len, reverse=True):
        for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text):
            start, end = match.span()
            if start < end and not any(taken[start:end]):
                taken[start:end] = [True] * (end - start)
                spans.append(Span(MessageEntity.BOLD, start, end))
    return Block(text, tuple(sorted(spans, key=lambda span: span.start)))


def messages(blocks: Iterable[Block], longest: int = LONGEST) -> list[Rendered]:
    """Join blocks to as few messages as Telegram's limits allow, split between blocks."""
    found: list[Rendered] = []
    held: list[Block] = []
    size = entities = 0
    for block in _fitting(blocks, longest):
        length = units(block.text)
        gap = units(block.glue) if held else 0
        more = len(block.spans)
        if held and (size + gap + length > longest or entities + more > MOST_ENTITIES):
            found.append(_joined(held))
            held, size, entities, gap = [], 0, 0, 0
        held.append(block)
        size += gap + length
        entities += more
    if held:
        found.append(_joined(held))
    return found


def _fitting(blocks: Iterable[Block], longest: int) -> Iterator[Block]:
    """Cut blocks that are longer than a message or have too many entities."""
    for block in blocks:
        rest = Block(block.text, block.spans[:MOST_ENTITIES], block.glue)
        while units(rest.text) > longest:
            cut = _cut(rest.text, longest)
            head, tail = rest.text[:cut].rstrip(), rest.text[cut:]
            skipped = len(tail) - len(tail.lstrip())
            yield Block(head, _within(rest.spans, 0, len(head)), rest.glue)
            start = cut + skipped
            spans = _within(rest.spans, start, len(rest.text))
            rest = Block(rest.text[start:], spans, "\n")
        if rest.text:
            yield rest


def _cut(text: str, longest: int) -> int:
    """Find where to cut: after a line, else after a word, else between two characters."""
    used = accumulate(2 if ord(character) > 0xFFFF else 1 for character in text)
    end = next((place for place, size in enumerate(used) if size > longest), len(text))
    for separator in ("\n", " "):
        place = text.rfind(separator, 1, end + 1)
        if place > 0 and text[:place].strip():
            return place
    return max(end, 1)


def _within(spans: Iterable[Span], start: int, end: int) -> tuple[Span, ...]:
    """Give what of the spans lies between two places, counted from the first."""
    return tuple(
        replace(span, start=max(span.start, start) - start, end=min(span.end, end) - start)
        for span in spans
        if span.start < end and span.end > start
    )


def _joined(blocks: Sequence[Block]) -> Rendered:
    text = ""
    entities = []
    for block in blocks:
        if text:
            text += block.glue
        base = units(text)
        for span in block.spans:
            offset = base + units(block.text[: span.start])
            length = units(block.text[span.start : span.end])
            if length:
                entities.append({"type": span.kind, "offset": offset, "length": length})
        text += block.text
    return Rendered(text, tuple(entities))
