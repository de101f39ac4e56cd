"""What a look-up found, in no language: statements to be worded, and the quotes that say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from bot.answering.reply import Outcome
from bot.knowledge.model import Document, Fact, Quote


@dataclass(frozen=True, slots=True)
class Ref:
    """An entity, to be named in the reader's language."""

    id: str


@dataclass(frozen=True, slots=True)
class Count:
    """A number of something, to be put in the plural that the language wants."""

    number: int
    unit: str
    """A unit of `plurals` in `replies.yaml`."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words as the documents spell them: an address, a sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Say:
    """One statement: a template of `replies.yaml` and what fills it."""

    key: str
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    passages: tuple[str, ...] = ()
    """Ids of the passages whose sentences are said, where the key is `SENTENCES`."""


Value = Ref | Count | Words | Say | date | int | float | Sequence["Value"]
"""What fills a placeholder; a sequence is worded as a list: `a, b and c`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a look-up, from which a reply is worded."""

    outcome: Outcome
    intent: str
    says: tuple[Say, ...]
    """The direct answer, one statement a line."""
    quotes: tuple[Quote, ...] = ()
    documents: tuple[Document, ...] = ()
    """Announcements that quotes are from: they are no documents of the knowledge."""
    passages: tuple[str, ...] = ()
    """Ids of the passages that are the answer themselves."""
    focus: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """What was spoken of, by kind: what a follow-up may leave unsaid."""
    hints: tuple[Say, ...] = ()
    """What the documents have nearest to it, where they do not say it."""
    choices: tuple[str, ...] = ()
    """Ids of the entities that a `clarify` offers."""
    confidence: float = 0.0
    follows: tuple[str, ...] = ()


SENTENCES = "sentences"
"""The key of the one statement that is no template: passages, worded as sentences."""


def say(key: str, **values: Value) -> Say:
    """Make a statement."""
    return Say(key, values)


def quotes_of(facts: Sequence[Fact]) -> tuple[Quote, ...]:
    """Give the quotes of facts, each once, in order."""
    return tuple(dict.fromkeys(fact.quote for fact in facts if fact.quote is not None))
