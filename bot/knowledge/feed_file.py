"""Read the file of feeds that the operator has named in FEEDS."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from bot.errors import KnowledgeError
from bot.knowledge.fact_checks import one_of
from bot.knowledge.folder import Reader
from bot.knowledge.shapes import SLUG, Shape, Text, split_patterns


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that the operator named."""

    name: str
    """Short, in a-z, 0-9 and -; items and the log are marked with it."""
    url: str
    language: str
    """The code of the language that it is written in."""
    is_auto: bool = False
    """Whether its items are announced without an editor."""
    minutes: int = 15
    """Between two fetches."""
    topics: tuple[str, ...] = ()
    preview: bool = False


class FeedShape(Shape):
    """A feed."""

    name: Annotated[str, Field(pattern=SLUG, max_length=40)]
    url: Text
    language: Annotated[Text, Field(description="The code of the language it is written in.")]
    auto: Annotated[bool, Field(description="Announced without an editor's approval.")] = False
    minutes: Annotated[int, Field(ge=1, le=1440, description="Between two fetches.")] = 15
    topics: Annotated[
        tuple[str, ...],
        BeforeValidator(split_patterns, json_schema_input_type=str | list[str]),
    ] = ()
    preview: bool = False


class FeedsShape(Shape):
    """The file."""

    feeds: list[FeedShape]


def read_feeds(file: Path, languages: Collection[str]) -> list[Feed]:
    """Read the feeds; `languages` are the codes that the knowledge has.

    Raises `KnowledgeError` with every problem found.
    """
    reader = Reader(file.parent)
    shape = reader.shaped(file.name, FeedsShape)
    seen: set[str] = set()
    for number, feed in enumerate(shape.feeds if shape else ()):
        place = f"{file.name}#feeds#{number}"
        if feed.name in seen:
            reader.note(place, f"a second feed {feed.name!r}", "names that differ", "name")
        seen.add(feed.name)
        if feed.language not in languages:
            known = one_of(languages, feed.language)
            reader.note(place, f"the language {feed.language!r}", known, "language")
        if not _is_address(feed.url):
            reader.note(place, repr(feed.url), "an http or https address", "url")
    if reader.problems:
        raise KnowledgeError(reader.found, file.parent)
    return [
        Feed(one.name, one.url, one.language, one.auto, one.minutes, one.topics, one.preview)
        for one in (shape.feeds if shape else ())
    ]


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
