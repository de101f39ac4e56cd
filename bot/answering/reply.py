"""What goes into the core and what comes out: the machine interface as types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Outcome(StrEnum):
    """How a question ends; every question ends in exactly one."""

    ANSWER = "answer"
    NOT_IN_DOCUMENTS = "not_in_documents"
    CLARIFY = "clarify"
    HELP = "help"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Question:
    """A message as it came."""

    text: str
    chosen_language: str | None = None
    """The language that the reader or the chat has chosen for replies."""
    user_language: str | None = None
    """The language that the asker's program is set to."""


@dataclass(frozen=True, slots=True)
class Source:
    """A quote with the place where it stands."""

    document: str
    title: str
    date: date | None
    first_line: int
    last_line: int
    quote: str

    def as_json(self) -> dict[str, Any]:
        """Give the object that the machine interface prints."""
        return {
            "document": self.document,
            "title": self.title,
            "date": self.date.isoformat() if self.date else None,
            "lines": [self.first_line, self.last_line],
            "quote": self.quote,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """Something to ask next that needs no words to be understood."""

    intent: str
    entity: str | None = None
    """What it is about, by id; for the intent `passage` a passage or a question of a document."""
    words: str = ""
    """How a reader would say it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bot says to one message."""

    question: str
    outcome: Outcome
    intent: str | None
    language: str
    answer: str
    """The direct answer alone: no quotes, no source list."""
    text: str
    """The whole reply as a reader sees it, without markup."""
    sources: tuple[Source, ...] = ()
    entities: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """What was recognised, by kind, e.g. `{"country": ("KG",)}`."""
    confidence: float = 0.0
    """From 0 to 100; below 50 the bot does not answer."""
    suggestions: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    """What a `clarify` offers to choose from, in words that answer it."""
    statement: str = ""
    """The part of `answer` that is not quoted: empty where the quotes are the whole answer."""
    attribution: str = ""
    """Whose words the quotes are, where they are the answer."""
    notes: tuple[str, ...] = ()
    """What stands between the answer and the quotes: what is nearest to it, and the like."""
    emphasis: tuple[str, ...] = ()
    """Names and numbers in the answer that are what was asked for."""
    steps: tuple[Step, ...] = ()
    """What to ask next, or for a `clarify` what to choose from."""
    receipt: str = ""
    """A short id of the reply and of what it was made from."""

    def with_sources(self, sources: tuple[Source, ...]) -> Reply:
        """Give the reply with other sources."""
        return replace(self, sources=sources)

    def without_words(self) -> Reply:
        """Give the reply's sources alone, to be shown under words of another kind."""
        return replace(self, statement="", attribution="", notes=(), choices=(), suggestions=())

    def as_json(self, identifier: str | None) -> dict[str, Any]:
        """Give the object that the machine interface prints."""
        return {
            "id": identifier,
            "question": self.question,
            "outcome": self.outcome.value,
            "intent": self.intent,
            "entities": {kind: list(ids) for kind, ids in self.entities.items()},
            "language": self.language,
            "answer": self.answer,
            "text": self.text,
            "sources": [source.as_json() for source in self.sources],
            "confidence": round(self.confidence, 1),
            "suggestions": list(self.suggestions),
            "receipt": self.receipt,
        }
