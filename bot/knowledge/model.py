"""What the documents say, as frozen values.

Only types live here: nothing is read, matched or worded. `Document.quote` is the one maker of a
`Quote`, so every quote in memory is verbatim and knows its lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What an entity is."""

    COUNTRY = "country"
    PARLIAMENT = "parliament"
    CHAMBER = "chamber"
    PERSON = "person"
    OFFICE = "office"
    DOCUMENT = "document"
    ORGANIZATION = "organization"
    EVENT = "event"
    PLACE = "place"
    SUBJECT = "subject"


class Script(StrEnum):
    """The alphabet that a language is written in."""

    LATIN = "latin"
    CYRILLIC = "cyrillic"
    ARMENIAN = "armenian"


class QuoteError(ValueError):
    """Words that do not stand in the document."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a document, verbatim. Made by `Document.quote` alone."""

    document: str
    """The id of the part that they stand in, e.g. `interview`."""
    text: str
    first_line: int
    """Line numbers are those of the file, counted from 1."""
    last_line: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of a document that can answer a question."""

    id: str
    quote: Quote
    asked: str | None
    """The id of the question in the document that it answers, if any."""
    context: str | None = None
    """The id of the passage before it that it refers to and cannot be understood without."""


@dataclass(frozen=True, slots=True)
class Document:
    """A part of a file that is cited under a name and date of its own."""

    id: str
    file: str
    lines: tuple[str, ...]
    """All lines of the file; the part is `first_line` to `last_line` of them."""
    first_line: int
    last_line: int
    title: str
    date: date | None
    speaker: str | None
    """The id of the person whose words the passages are."""
    passages: tuple[Passage, ...] = ()
    asked: tuple[Passage, ...] = ()
    """The questions that the document itself asks, in order."""
    language: str = "en"
    """The code of the language that it is written in."""
    is_interview: bool = False
    """Whether its passages were said in an interview: replies then say so."""
    place: str = field(default="", compare=False, repr=False)
    """Where it is described, for whoever has to mend it: `documents/csto-pa.yaml#parts#1`."""

    def quote(self, words: str, place: int = 1) -> Quote:
        """Find `words` in one line of this part: the `place`-th such line, counted from 1.

        Raises `QuoteError` where they do not stand there.
        """
        for number in range(self.first_line, self.last_line + 1):
            if words and words in self.lines[number - 1]:
                place -= 1
                if place == 0:
                    return Quote(self.id, words, number, number)
        raise QuoteError(words)

    @property
    def head(self) -> Quote:
        """The first line, which stands for the document where it is itself the subject."""
        return self.quote(self.lines[self.first_line - 1])


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that has a name and is spoken of."""

    id: str
    kind: Kind
    country: str | None = None
    """The id of the country that a parliament or a chamber belongs to."""
    house: str | None = None
    """`upper` or `lower`: how people call a chamber; never stated in an answer."""
    also: str | None = None
    """The id of the parliament whose only chamber this is."""
    name: str | None = None
    """As the document spells it, for persons."""
    codes: tuple[str, ...] = ()
    """Count only in capitals: `BY`."""
    aliases: tuple[str, ...] = ()
    """Names in no language in particular: patterns as in `names.yaml`."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the documents say, or on purpose do not say, of an entity."""

    subject: str
    relation: str
    value: str | int | date | None
    """An entity id, a number, a day or words; None where the documents do not give it."""
    quote: Quote | None
    """None exactly where `value` is."""
    of: str | None = None
    """The chamber that the value is for, where the relation is told by chamber."""
    place: str = field(default="", compare=False, repr=False)
    """Where the fact is written, for whoever has to mend it: `facts/delegations.yaml#facts#3`."""

    @property
    def given(self) -> bool:
        """Tell whether the documents say it."""
        return self.quote is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """One way of asking for an intent, in tags: cues and kinds of entities."""

    needs: tuple[tuple[str, ...], ...]
    """Each group must be met by one of its tags."""
    unless: frozenset[str]


@dataclass(frozen=True, slots=True)
class Intent:
    """Something that can be asked, whatever the language."""

    id: str
    look_up: str
    """The function of `answering.lookup` that finds the answer."""
    rules: tuple[Rule, ...]
    allows: frozenset[str]
    """Tags that fit the question beside those that it needs."""
    relation: str | None
    """The relation or the passage id that is looked up."""
    follows: tuple[str, ...]
    """The intents that a reader is likely to want next."""
    wants: str | None
    """The kind of entity without which the question is not complete."""


@dataclass(frozen=True, slots=True)
class Name:
    """How a language calls an entity: the plain form, and others by name (`of`, `in` …)."""

    plain: str
    forms: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        return self.plain

    def __format__(self, form: str) -> str:
        """Give the form, or the plain name where the language needs no other."""
        return self.forms.get(form, self.plain) if form else self.plain


@dataclass(frozen=True, slots=True)
class Dates:
    """How a language writes dates; `{day}`, `{month}`, `{year}`, `{weekday}` are filled in."""

    day: str
    """Without the year."""
    long: str
    full: str
    """With the weekday."""
    months: tuple[str, ...]
    """From January on, as they stand beside a day."""
    weekdays: tuple[str, ...]
    """From Monday on."""

    def write(self, form: str, day: date) -> str:
        """Write a date in the form of a template."""
        return form.format(
            day=day.day,
            month=self.months[day.month - 1],
            year=day.year,
            weekday=self.weekdays[day.weekday()],
        )


@dataclass(frozen=True, slots=True)
class Language:
    """A language that questions are understood in and answers are given in."""

    code: str
    name: str
    """In the language itself."""
    script: Script
    letters: str
    """Letters that it has and not every other language of its script."""
    is_common: bool
    """Whether its words stand in the other languages of its script as well."""
    reviewed: bool
    """Whether a native speaker has read its texts."""
    keyboards: tuple[str, ...]
    """What the keys of a Latin keyboard give, in the order of `answering.words.KEYS`; the usual
    layout first."""
    dates: Dates | None
    """How it writes dates, where that is not as CLDR says."""
    aliases: Mapping[str, tuple[str, ...]]
    """Patterns by entity id."""
    names: Mapping[str, Name]
    cues: Mapping[str, tuple[str, ...]]
    """Patterns by cue."""
    numbers: Mapping[int, tuple[str, ...]]
    """Patterns by the number that they write out: `six`."""
    ordinals: Mapping[int, tuple[str, ...]]
    """Patterns by place: `second`."""
    fillers: tuple[str, ...]
    """Patterns of words that may stand beside a question without changing it."""
    topics: Mapping[str, tuple[str, ...]]
    """Example questions by passage id."""
    replies: Mapping[str, str]
    plurals: Mapping[str, Mapping[str, str]]
    """Phrases by unit and CLDR plural category."""
    translations: Mapping[str, str]
    """Translated sentences by passage id."""


@dataclass(frozen=True, slots=True)
class NewsItem:
    """Something that is announced: what a file, an editor or a feed says it is."""

    id: str
    """The name of its file without the ending; given to it otherwise."""
    title: Mapping[str, str]
    """By language code, at least one; the first is for readers of a language that it lacks."""
    summary: Mapping[str, str]
    """By language code, in the light markup of `news.markup`."""
    date: date
    """The day of the event or the publication."""
    link: str | None = None
    """http or https."""
    preview: bool = False
    """Whether Telegram shows a preview of the link."""
    image: str | None = None
    """An https URL, the absolute path of a file, or `telegram:<file_id>` for a picture that an
    editor sent."""
    topics: tuple[str, ...] = ()
    """What it is about, in words of the editors' choice: a chat may follow some alone."""
    source: str | None = None
    """The id of the document that it announces."""
    place: str = field(default="", compare=False, repr=False)
    """Where it is written, for whoever has to mend it: `news/2026-05-04-session.yaml`."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How sure the bot has to be before it answers: confidences from 50 to 100."""

    budget: float = 0.0
    """Per cent of the answers that may be wrong; declared, not fitted."""
    rules: float = 50.0
    """For what rules explain."""
    passages: float = 50.0
    """For sentences of a document, where nothing says that it is meant."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that answers are made of."""

    version: str
    """A hash of the files that it was read from."""
    documents: Mapping[str, Document]
    entities: Mapping[str, Entity]
    facts: tuple[Fact, ...]
    intents: Mapping[str, Intent]
    weights: Mapping[str, float]
    """How much a tag tells about what is asked; 1 unless given."""
    languages: Mapping[str, Language]
    country_names: Mapping[str, tuple[str, ...]]
    """Names of the countries in every language that CLDR has, by entity id."""
    shared: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    """Patterns that an entity shares with others on purpose, in lower case, by entity id."""
    news: Mapping[str, NewsItem] = field(default_factory=lambda: MappingProxyType({}))
    """By id, the latest first."""
    thresholds: Thresholds = Thresholds()
    _found: dict[tuple[str, str | None], tuple[Fact, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )
    _passages: dict[str, Passage] = field(default_factory=dict, compare=False, repr=False)

    def find(self, relation: str, subject: str | None = None) -> tuple[Fact, ...]:
        """Give the facts of a relation, in the order of the files."""
        key = (relation, subject)
        if key not in self._found:
            self._found[key] = tuple(
                fact
                for fact in self.facts
                if fact.relation == relation and subject in (None, fact.subject)
            )
        return self._found[key]

    def passage(self, identifier: str) -> Passage:
        """Give a passage by its id. Raises `KeyError` where there is none."""
        if not self._passages:
            self._passages.update(
                (passage.id, passage)
                for document in self.documents.values()
                for passage in document.passages
            )
        return self._passages[identifier]
