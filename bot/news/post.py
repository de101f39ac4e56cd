"""An item of news as the one message that Telegram shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.knowledge.model import NewsItem
from bot.news import markup
from bot.news.markup import BOLD, ITALIC, LINK, Span
from bot.news.text import clean, units

LONGEST = 4096
"""UTF-16 units of a message: https://core.telegram.org/bots/api#sendmessage"""
LONGEST_CAPTION = 1024
"""The same under a picture: https://core.telegram.org/bots/api#sendphoto"""
MOST_ENTITIES = 100
PARAGRAPH = "\n\n"


class Words(Protocol):
    """How a language says what an editor did not write."""

    def document_line(self, document: str) -> str:
        """Give the source line of a document. Raises `KeyError` where there is none."""

    def updated_line(self, at: datetime) -> str:
        """Say that a post was changed, and when."""


@dataclass(frozen=True, slots=True)
class Post:
    """One message."""

    text: str
    """The caption, where there is a picture."""
    entities: tuple[dict[str, Any], ...]
    """As the Bot API takes them."""
    image: str | None
    """An https URL, the absolute path of a file, or `telegram:<file_id>`."""
    preview: str | None
    """The address whose preview is shown; None for no preview at all."""
    language: str

    @property
    def most(self) -> int:
        """Give how long it may be, in UTF-16 units."""
        return LONGEST_CAPTION if self.image else LONGEST

    @property
    def length(self) -> int:
        """Give how long it is, in UTF-16 units."""
        return units(self.text)

    @property
    def fits(self) -> bool:
        """Tell whether Telegram takes it as one message."""
        return self.length <= self.most and len(self.entities) <= MOST_ENTITIES


def language_of(item: NewsItem, wished: str) -> str:
    """Give the language that a reader of `wished` gets an item in: that one, else its first."""
    return wished if wished in item.title else next(iter(item.title))


def compose(
    item: NewsItem,
    language: str,
    words: Callable[[str], Words],
    *,
    updated: datetime | None = None,
) -> Post:
    """Make the post of an item for a reader.

    Args:
        item: what is announced.
        language: that of the chat.
        words: gives how a language says what the item does not, such as `Answerer.wording`;
            raises `KeyError` for a language that it does not know.
        updated: when the item was changed after it had been sent, in the zone to be shown in;
            left out where the post has no room for it.
    """
    written_in = language_of(item, language)
    text, spans = "", list[Span]()

    def add(part: str, glue: str, *looks: Span) -> None:
        nonlocal text
        if part:
            text += glue if text else ""
            spans.extend(
                Span(look.kind, len(text) + look.start, len(text) + look.end, look.url)
                for look in looks
            )
            text += part

    title = clean(item.title[written_in])
    add(title, "", Span(BOLD, 0, len(title)))
    summary = markup.read(item.summary.get(written_in, ""))
    add(summary.text, PARAGRAPH, *summary.spans)
    if item.link:
        add(item.link, PARAGRAPH, Span(LINK, 0, len(item.link), item.link))
    source, changed = _closing_lines(item, words, written_in, updated)
    add(source, PARAGRAPH, Span(ITALIC, 0, len(source)))
    most = LONGEST_CAPTION if item.image else LONGEST
    if units(text) + units(PARAGRAPH + changed) <= most and len(spans) < MOST_ENTITIES:
        add(changed, "\n" if source else PARAGRAPH, Span(ITALIC, 0, len(changed)))
    return Post(
        text=text,
        entities=tuple(_entity(text, span) for span in spans if span.start < span.end),
        image=item.image,
        preview=item.link if item.preview and not item.image else None,
        language=written_in,
    )


def _closing_lines(
    item: NewsItem, words: Callable[[str], Words], language: str, updated: datetime | None
) -> tuple[str, str]:
    """Give the source line and the mark of a change, as far as the language has words for them."""
    source = changed = ""
    try:
        wording = words(language)
        changed = wording.updated_line(updated) if updated else ""
        source = wording.document_line(item.source) if item.source else ""
    except KeyError:  # a document or a language that has left the knowledge since
        pass
    return source, changed


def _entity(text: str, span: Span) -> dict[str, Any]:
    entity: Mapping[str, Any] = {
        "type": span.kind,
        "offset": units(text[: span.start]),
        "length": units(text[span.start : span.end]),
    }
    return {**entity, "url": span.url} if span.url else dict(entity)
