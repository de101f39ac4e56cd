r"""The light markup of a summary: the one form in which files, editors and feeds write it.

    **bold**    __italic__    [words](https://address)
    > a quote: at the start of each of its lines
    \ before a mark makes it an ordinary character; an empty line begins a paragraph

Reading never fails: what is no markup stays as it is written, and is listed as a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from bot.news.text import clean, units

BOLD, ITALIC, LINK, QUOTE = "bold", "italic", "text_link", "blockquote"
"""Kinds of entities, as the Bot API calls them."""
MARKS = {"**": BOLD, "__": ITALIC}
_BARE_ADDRESS = r"https?://[^\s<>\"\[\]()*\\]*[^\s<>\"\[\]()*\\_.,;:!?]"
_TOKEN = re.compile(
    r"\\(?P<escaped>[\\*_\[\]()>])"
    rf"|(?P<bare>{_BARE_ADDRESS})"
    r"|(?P<mark>\*\*|__)"
    r"|\[(?P<words>(?:\\.|[^\[\]\\\n])+)\]\((?P<address>(?:[^()\s]|\([^()\s]*\))*)\)"
)
_ESCAPED = re.compile(r"\\([\\*_\[\]()>])")
_TO_ESCAPE = re.compile(rf"({_BARE_ADDRESS})|[\\*_\[\]]")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text that looks different, in code points."""

    kind: str
    start: int
    end: int
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A mark that marks nothing."""

    line: int
    """Of the text, counted from 1."""
    mark: str
    """As it is written."""
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with what its marks meant."""

    text: str
    spans: tuple[Span, ...] = ()
    faults: tuple[Fault, ...] = ()


def is_address(words: str) -> bool:
    """Tell whether words are an address that a reader can open: http or https, with a host."""
    try:
        parts = urlsplit(words)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and not re.search(r"[\s\x00-\x1f\x7f]", words)
            and parts.port != 0
        )
    except ValueError:
        return False


# -------------------------------------------------------------------- reading


@dataclass(slots=True)
class _Draft:
    """What has been read so far."""

    text: str = ""
    spans: list[Span] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read(markup: str) -> Marked:
    """Read light markup."""
    draft = _Draft()
    for glue, first, is_quote, lines in _blocks(clean(markup).split("\n")):
        draft.text += glue if draft.text else ""
        start = len(draft.text)
        _read_block("\n".join(lines), first, draft)
        if is_quote and len(draft.text) > start:
            draft.spans.append(Span(QUOTE, start, len(draft.text)))
    spans = sorted(draft.spans, key=lambda span: (span.start, -span.end))
    return Marked(draft.text, tuple(spans), tuple(sorted(draft.faults, key=lambda f: f.line)))


def _blocks(lines: Sequence[str]) -> Iterator[tuple[str, int, bool, list[str]]]:
    """Give each paragraph and quote: what parts it from the last, its first line, its lines."""
    glue = "\n"
    numbered = enumerate((line.rstrip() for line in lines), 1)
    for kind, group in groupby(numbered, key=lambda one: one[1] and one[1].startswith(">")):
        if kind == "":
            glue = "\n\n"
            continue
        found = list(group)
        texts = [re.sub(r"^> ?", "", line) if kind else line for _, line in found]
        yield glue, found[0][0], bool(kind), texts
        glue = "\n"


def _read_block(block: str, first_line: int, draft: _Draft) -> None:
    pieces: list[str] = []
    opened: list[tuple[str, int]] = []
    """Marks without an end so far, each with the number of its piece."""
    found: list[tuple[str, int, int, str | None]] = []
    """Kinds, with the numbers of the first piece and the one after the last."""
    lines: list[int] = []
    place = 0

    def add(piece: str) -> None:
        pieces.append(piece)
        lines.append(first_line + block.count("\n", 0, place))

    for token in _TOKEN.finditer(block):
        add(block[place : token.start()])
        place = token.start()
        words, address = token["words"], token["address"]
        if token["escaped"]:
            add(token["escaped"])
        elif token["bare"]:
            add(token["bare"])
        elif words is not None:
            if is_address(address):
                found.append((LINK, len(pieces), len(pieces) + 1, address))
                add(_ESCAPED.sub(r"\1", words))
            else:
                add(token[0])
                _fault(
                    draft,
                    lines[-1],
                    token[0],
                    f"a link to {address!r}",
                    "an http or https address",
                )
        else:
            mark = token["mark"]
            if opened and opened[-1][0] == mark:
                start = opened.pop()[1]
                add("")
                if "".join(pieces[start + 1 :]).strip():
                    found.append((MARKS[mark], start, len(pieces), None))
                else:
                    pieces[start] = mark + mark
                    _fault(
                        draft, lines[-1], mark * 2, f"{mark} with nothing in it", "words between"
                    )
            elif any(mark == other for other, _ in opened):
                add(mark)
                inner = opened[-1][0]
                wrong, expected = f"{mark} before the {inner} in it ends", f"{inner} first"
                _fault(draft, lines[-1], mark, wrong, expected)
                for other, start in opened:
                    pieces[start] = other
                opened.clear()
            else:
                opened.append((mark, len(pieces)))
                add("")
        place = token.end()
    add(block[place:])
    for mark, start in opened:
        pieces[start] = mark
        expected = f"another {mark} in its paragraph"
        _fault(draft, lines[start], mark, f"{mark} without an end", expected)
    offsets = [len(draft.text)]
    for piece in pieces:
        offsets.append(offsets[-1] + len(piece))
    draft.text += "".join(pieces)
    draft.spans += [
        Span(kind, offsets[start], offsets[end], url) for kind, start, end, url in found
    ]


def _fault(draft: _Draft, line: int, mark: str, found: str, expected: str) -> None:
    draft.faults.append(Fault(line, mark, found, expected))


# -------------------------------------------------------------------- writing


def write(text: str, spans: Iterable[Span] = ()) -> str:
    """Write a text with its spans in light markup, so that `read` gives both again.

    Spans end with their lines: a bold paragraph break is none. Kinds that the markup does not
    have are left out.
    """
    bold, italic, quoted = ([False] * len(text) for _ in range(3))
    links: list[str | None] = [None] * len(text)
    flags = {BOLD: bold, ITALIC: italic, QUOTE: quoted}
    for span in spans:
        start, end = max(span.start, 0), min(span.end, len(text))
        if span.kind in flags:
            flags[span.kind][start:end] = [True] * max(0, end - start)
        elif span.kind == LINK and span.url and is_address(span.url):
            links[start:end] = [span.url] * max(0, end - start)
    written = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        marked = _write_line(text, range(start, end), {"**": bold, "__": italic}, links)
        if any(quoted[start : max(end, start + 1)]):
            marked = "> " + marked
        elif marked.lstrip().startswith(">"):
            marked = marked.replace(">", "\\>", 1)
        written.append(marked)
        start = end + 1
    return "\n".join(written)


def _write_line(
    text: str, places: range, marks: Mapping[str, Sequence[bool]], links: Sequence[str | None]
) -> str:
    """Write one line: marks begin and end with words, and within each other."""
    line = ""
    opened: list[str] = []

    def look(place: int) -> tuple[object, ...]:
        return (links[place], *(flags[place] for flags in marks.values()))

    for _, group in groupby(places, key=look):
        run = list(group)
        raw = text[run[0] : run[-1] + 1]
        wanted = [mark for mark, flags in marks.items() if flags[run[0]] and raw.strip()]
        while any(mark not in wanted for mark in opened):
            line = _closed(line, opened.pop())
        words = raw.strip()
        start = len(raw) - len(raw.lstrip())
        line += raw[:start]
        for mark in wanted:
            if mark not in opened:
                opened.append(mark)
                line += mark
        if words:
            line += _write_words(words, links[run[0]]) + raw[start + len(words) :]
    while opened:
        line = _closed(line, opened.pop())
    return line


def _closed(line: str, mark: str) -> str:
    words = line.rstrip()
    return words + mark + line[len(words) :]


def _write_words(words: str, url: str | None) -> str:
    if url is None:
        return _TO_ESCAPE.sub(lambda found: found[1] or "\\" + found[0], words)
    address = url.replace("(", "%28").replace(")", "%29")
    plain = re.sub(r"[\\*_\[\]]", r"\\\g<0>", words)
    return f"[{plain}]({address})"


def from_entities(text: str, entities: Iterable[Mapping[str, Any]]) -> str:
    """Write what somebody sent in Telegram in light markup: its text and its entities.

    Args:
        text: of the message, or its caption.
        entities: as the Bot API gives them, offsets in UTF-16 units.
    """
    places: dict[int, int] = {}
    offset = 0
    for place, character in enumerate(text):
        places[offset] = place
        offset += units(character)
    places[offset] = len(text)
    spans = []
    for entity in entities:
        start = places.get(int(entity["offset"]))
        end = places.get(int(entity["offset"]) + int(entity["length"]))
        if start is not None and end is not None:
            kind = str(entity["type"]).replace("expandable_blockquote", QUOTE)
            spans.append(Span(kind, start, end, entity.get("url")))
    return write(text, spans)
