"""What an editor wrote, as an item of news: the first line is the title, the rest the text.

A last line that is nothing but an address is the link; one of nothing but #tags names the topics.
Bold, italics, links and quotes are taken as Telegram shows them; where a message has none, light
markup that was typed is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b
from typing import Any

from telegram import Message

from bot.knowledge.model import NewsItem
from bot.news import markup
from bot.news.items import LONGEST_TOPIC, TELEGRAM_FILE, to_json
from bot.news.text import clean

FORMATTING = frozenset({"bold", "italic", "text_link", "blockquote", "expandable_blockquote"})
LONGEST_SLUG = 40
_TAGS = re.compile(rf"#[\w-]{{1,{LONGEST_TOPIC}}}(?:\s+#[\w-]{{1,{LONGEST_TOPIC}}})*")


@dataclass(frozen=True, slots=True)
class Written:
    """What a message says."""

    title: str = ""
    summary: str = ""
    """In light markup."""
    link: str | None = None
    topics: tuple[str, ...] = ()
    image: str | None = None


def written(message: Message, skipped: int = 0) -> Written:
    """Read a message.

    Args:
        message: of an editor.
        skipped: UTF-16 units at its beginning that are a command.
    """
    text = message.text or message.caption or ""
    entities = [one.to_dict() for one in message.entities or message.caption_entities or ()]
    image = f"{TELEGRAM_FILE}{message.photo[-1].file_id}" if message.photo else None
    # A command is ASCII, so its units are its characters.
    return replace(_read(text[skipped:], _shifted(entities, skipped)), image=image)


def _shifted(entities: Iterable[Mapping[str, Any]], by: int) -> list[dict[str, Any]]:
    return [
        {**one, "offset": one["offset"] - by}
        for one in entities
        if one["offset"] >= by and one["type"] in FORMATTING
    ]


def _read(text: str, entities: list[dict[str, Any]]) -> Written:
    marked = markup.from_entities(text, entities) if entities else text
    lines = clean(marked).split("\n")
    link, topics = None, list[str]()
    while len(lines) > 1:
        last = lines[-1].strip()
        plain = markup.read(last).text
        if link is None and markup.is_address(plain):
            link = plain
        elif not topics and _TAGS.fullmatch(plain):
            topics = [tag.removeprefix("#").lower() for tag in plain.split()]
        elif last:
            break
        lines.pop()
    title = " ".join(markup.read(lines[0]).text.split())
    return Written(title, "\n".join(lines[1:]).strip(), link, tuple(dict.fromkeys(topics)))


def new_item(found: Written, language: str, day: date, number: int) -> NewsItem:
    """Make an item of what was written.

    Args:
        found: what.
        language: the one that it is written in.
        day: of today.
        number: of the message: the same message, worked on again, makes the same item.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", found.title.lower())[:LONGEST_SLUG].strip("-") or "news"
    item = NewsItem(f"{day:%Y-%m-%d}-{slug}-{number}", {}, {}, day)
    return with_text(item, found, language)


def with_text(item: NewsItem, found: Written, language: str) -> NewsItem:
    """Put what was written in the place of an item's text in a language.

    Link, topics and picture stay where the message has none; a picture alone changes nothing else.
    """
    changed = replace(
        item,
        link=found.link or item.link,
        topics=found.topics or item.topics,
        image=found.image or item.image,
    )
    if not found.title:
        return changed
    summary = {**item.summary, language: found.summary}
    return replace(
        changed,
        title={**item.title, language: found.title},
        summary={code: words for code, words in summary.items() if words},
    )


def without_text(item: NewsItem, language: str) -> NewsItem:
    """Take out an item's text in a language. Raises `ValueError` where that cannot be."""
    titles = {code: words for code, words in item.title.items() if code != language}
    if not titles or len(titles) == len(item.title):
        raise ValueError(language)
    summaries = {code: words for code, words in item.summary.items() if code != language}
    return replace(item, title=titles, summary=summaries)


def digest(item: NewsItem) -> str:
    """Give what tells a text that was looked at from one that has been changed since."""
    return blake2b(to_json(item).encode(), digest_size=5).hexdigest()
