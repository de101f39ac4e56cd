"""The shapes of the YAML files, as pydantic models.

They check one file at a time and are the source of the JSON Schemas in `knowledge/schemas/`,
by which an editor completes and checks the files.
"""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel

from bot.knowledge.model import Kind, Script


def _split_patterns(value: object) -> object:
    """Split `"member*, head* of delegation"` at its commas; leave anything else to pydantic."""
    if isinstance(value, str):
        return [part for part in (piece.strip() for piece in value.split(",")) if part]
    return value


def _split_lines(value: object) -> object:
    """Split a block of text into its lines."""
    if isinstance(value, str):
        return [line for line in (piece.strip() for piece in value.splitlines()) if line]
    return value


Patterns = Annotated[
    tuple[str, ...],
    BeforeValidator(_split_patterns, json_schema_input_type=str),
    Field(
        description="Comma-separated patterns: words in a row; a word that ends in * may have"
        " any ending."
    ),
]
Examples = Annotated[
    tuple[str, ...],
    BeforeValidator(_split_lines, json_schema_input_type=str),
    Field(description="Example questions, one a line."),
]
Text = Annotated[str, Field(min_length=1)]


class Shape(BaseModel):
    """A mapping whose keys are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PassageShape(Shape):
    """A sentence that can answer a question."""

    quote: Text
    answers: str | None = None


class PartShape(Shape):
    """A part of a document file, found by words of its first and its last line."""

    id: Text
    title: Text
    first: Text
    last: Text
    date: datetime.date | None = None
    speaker: str | None = None
    asked: dict[str, Text] = {}
    passages: dict[str, PassageShape] = {}


class DocumentShape(Shape):
    """`documents/*.yaml`: describes the text file beside it."""

    file: Text
    parts: list[PartShape] = Field(min_length=1)


class TranslationShape(Shape):
    """`documents/<document>.<language>.yaml`: sentences of a document in another language."""

    document: Text
    language: Text
    passages: dict[str, Text]


class EntityShape(Shape):
    """An entity: what it is and what it belongs to."""

    kind: Kind
    country: str | None = None
    house: Annotated[str, Field(pattern="^(upper|lower)$")] | None = None
    also: str | None = None
    name: str | None = None
    codes: tuple[str, ...] = ()
    aliases: Patterns = ()


class EntitiesShape(RootModel[dict[str, EntityShape]]):
    """`entities.yaml`: by id."""


class FactShape(Shape):
    """A fact; without a value, one that the documents do not give."""

    subject: Text
    relation: Text
    value: int | datetime.date | Text | None = None
    of: str | None = None
    quote: Text | None = None
    place: Annotated[int, Field(ge=1)] = 1


class FactsShape(Shape):
    """`facts/*.yaml`: what one document says."""

    document: Text
    facts: list[FactShape] = Field(min_length=1)


class RuleShape(Shape):
    """One way of asking: tags that are needed (`a|b` is either), and tags that rule it out."""

    needs: Patterns = Field(min_length=1)
    unless: Patterns = ()


class IntentShape(Shape):
    """Something that can be asked."""

    look_up: Text
    relation: str | None = None
    wants: Kind | None = None
    rules: list[RuleShape] = []
    allows: Patterns = ()
    follows: Patterns = ()


class IntentsShape(Shape):
    """`intents.yaml`: the catalogue of what can be asked, in no language."""

    weights: dict[str, Annotated[float, Field(ge=0, le=5)]]
    intents: dict[str, IntentShape] = Field(min_length=1)


class LanguageShape(Shape):
    """`language.yaml`: the language itself."""

    name: Text
    script: Script
    letters: str = ""
    reviewed: bool
    keyboard: str = ""


class NameShape(BaseModel):
    """How a language calls an entity; keys beside `name` and `aliases` are further forms."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, str]
    name: Text
    aliases: Patterns = ()


class NamesShape(RootModel[dict[str, NameShape]]):
    """`names.yaml`: by entity id."""


class QuestionsShape(Shape):
    """`questions.yaml`: how people ask."""

    cues: dict[str, Patterns]
    numbers: dict[int, Patterns] = {}
    ordinals: dict[int, Patterns] = {}
    fillers: Patterns


class TopicsShape(Shape):
    """`topics.yaml`: questions that people ask about each passage."""

    topics: dict[str, Examples]


class RepliesShape(Shape):
    """`replies.yaml`: how we say it; `{country:of}` is a name in its form `of`."""

    replies: dict[str, str]
    plurals: dict[str, dict[str, str]]


class CountryNamesShape(RootModel[dict[str, Patterns]]):
    """`country-names.yaml`: generated from CLDR, names in all its languages by entity id."""


SCHEMAS: dict[str, type[BaseModel]] = {
    "document": DocumentShape,
    "translation": TranslationShape,
    "entities": EntitiesShape,
    "facts": FactsShape,
    "intents": IntentsShape,
    "language": LanguageShape,
    "names": NamesShape,
    "questions": QuestionsShape,
    "topics": TopicsShape,
    "replies": RepliesShape,
    "country-names": CountryNamesShape,
}
"""The shape that each JSON Schema is made from, by the schema's file name."""
