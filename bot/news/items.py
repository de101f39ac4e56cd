"""A news item as text, and what is wrong with one, whoever wrote it: a file, an editor, a feed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from bot.knowledge.model import NewsItem
from bot.news import markup
from bot.news.post import MOST_ENTITIES, Words, compose

LONGEST_ID = 100
"""Characters; it stands in addresses of buttons and in commands."""
LONGEST_TOPIC = 50
TELEGRAM_FILE = "telegram:"
"""What an image begins with that Telegram has already."""


def to_json(item: NewsItem) -> str:
    """Write an item as one line of JSON, to be kept; `from_json` reads it."""
    return json.dumps(
        {
            "id": item.id,
            "title": dict(item.title),
            "summary": dict(item.summary),
            "date": item.date.isoformat(),
            "link": item.link,
            "preview": item.preview,
            "image": item.image,
            "topics": item.topics,
            "source": item.source,
        },
        ensure_ascii=False,
    )


def from_json(text: str) -> NewsItem:
    """Read what `to_json` wrote. A key that is missing has its default."""
    read = json.loads(text)
    read["date"] = date.fromisoformat(read["date"])
    read["topics"] = tuple(read.get("topics", ()))
    return NewsItem(**read)


class Flaw(StrEnum):
    """What can be wrong with an item; `replies.yaml` says each as `item_<flaw>`."""

    NO_TITLE = "no_title"
    UNEQUAL = "unequal"
    """Title or summary lacks a language that the other has."""
    NO_SUCH_LANGUAGE = "no_such_language"
    TOO_LONG = "too_long"
    TOO_LONG_CAPTION = "too_long_caption"
    TOO_MARKED = "too_marked"
    BROKEN_MARKUP = "broken_markup"
    BAD_LINK = "bad_link"
    BAD_IMAGE = "bad_image"
    BAD_TOPIC = "bad_topic"
    NO_SUCH_DOCUMENT = "no_such_document"


@dataclass(frozen=True, slots=True)
class ItemProblem:
    """One thing that is wrong with an item, for whoever wrote it."""

    flaw: Flaw
    keys: tuple[str | int, ...]
    """Where in the item: `("summary", "ru")`."""
    found: str
    expected: str
    values: Mapping[str, str | int] = field(default_factory=lambda: MappingProxyType({}))
    """What fills the placeholders of `item_<flaw>`."""


def problems(
    item: NewsItem,
    languages: Collection[str],
    documents: Collection[str],
    words: Callable[[str], Words],
) -> list[ItemProblem]:
    """Give everything that keeps an item from being announced; nothing where it can be.

    Args:
        item: as a file, an editor or a feed has it.
        languages: codes that the knowledge has.
        documents: ids that the knowledge has.
        words: as for `post.compose`.
    """
    found = [*_text_problems(item, languages), *_other_problems(item, documents)]
    if item.title and not any(one.flaw is Flaw.NO_SUCH_LANGUAGE for one in found):
        for language in item.title:
            found += _size_problems(item, language, words)
    return found


def _text_problems(item: NewsItem, languages: Collection[str]) -> Iterator[ItemProblem]:
    if not any(words.strip() for words in item.title.values()):
        yield ItemProblem(
            Flaw.NO_TITLE, ("title",), "no title", "a title in at least one language"
        )
    for key, texts in (("title", item.title), ("summary", item.summary)):
        for language in texts:
            if language not in languages:
                known = ", ".join(languages)
                yield ItemProblem(
                    Flaw.NO_SUCH_LANGUAGE, (key, language), f"the language {language!r}",
                    f"one of {known}", {"language": language, "languages": known},
                )  # fmt: skip
    titled = {language for language, words in item.title.items() if words.strip()}
    told = {language for language, words in item.summary.items() if words.strip()}
    for language in sorted((titled ^ told) & set(languages)) if titled and told else ():
        key = "summary" if language in titled else "title"
        yield ItemProblem(
            Flaw.UNEQUAL, (key,), f"no {key} in {language!r}",
            "title and summary in the same languages", {"language": language},
        )  # fmt: skip
    for language, words in item.summary.items():
        for fault in markup.read(words).faults:
            yield ItemProblem(
                Flaw.BROKEN_MARKUP, ("summary", language),
                f"{fault.found} (line {fault.line} of the text)",
                f"{fault.expected}, or a backslash before it",
                {"language": language, "line": fault.line, "found": fault.mark},
            )  # fmt: skip


def _other_problems(item: NewsItem, documents: Collection[str]) -> Iterator[ItemProblem]:
    if item.link is not None and not markup.is_address(item.link):
        yield ItemProblem(
            Flaw.BAD_LINK, ("link",), repr(item.link), "an http or https address",
            {"found": item.link},
        )  # fmt: skip
    if item.image is not None and "://" in item.image:
        secure = item.image.startswith("https://") and markup.is_address(item.image)
        if not secure:
            yield ItemProblem(
                Flaw.BAD_IMAGE, ("image",), repr(item.image),
                "an https address, or a file beside the item", {"found": item.image},
            )  # fmt: skip
    for number, topic in enumerate(item.topics):
        if not re.fullmatch(r"[^\s,;]+", topic) or len(topic) > LONGEST_TOPIC:
            yield ItemProblem(
                Flaw.BAD_TOPIC, ("topics", number), repr(topic),
                f"one word of at most {LONGEST_TOPIC} characters", {"found": topic},
            )  # fmt: skip
    if item.source is not None and item.source not in documents:
        known = ", ".join(documents)
        yield ItemProblem(
            Flaw.NO_SUCH_DOCUMENT, ("source",), f"the document {item.source!r}",
            f"one of {known}", {"found": item.source, "documents": known},
        )  # fmt: skip


def _size_problems(
    item: NewsItem, language: str, words: Callable[[str], Words]
) -> Iterator[ItemProblem]:
    post = compose(item, language, words)
    key = ("summary", language) if language in item.summary else ("title", language)
    if post.length > post.most:
        flaw = Flaw.TOO_LONG_CAPTION if post.image else Flaw.TOO_LONG
        under = " under a picture" if post.image else ""
        yield ItemProblem(
            flaw, key,
            f"a post of {post.length} characters, {post.length - post.most} too many",
            f"at most {post.most}{under}, as Telegram counts",
            {"language": language, "length": post.length, "most": post.most,
             "excess": post.length - post.most},
        )  # fmt: skip
    elif not post.fits:
        yield ItemProblem(
            Flaw.TOO_MARKED, key, f"a post with {len(post.entities)} marked places",
            f"at most {MOST_ENTITIES}", {"language": language, "most": MOST_ENTITIES},
        )  # fmt: skip
