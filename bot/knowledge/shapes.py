"""The shapes of the YAML files, as pydantic models.

They check one file at a time and are the source of the JSON Schemas in `knowledge/schemas/`,
by which an editor completes and checks the files.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    StrictInt,
)

from bot.knowledge.model import Kind, Script


def split_patterns(value: object) -> object:
    """Split `"member*, head* of delegation"` at its commas; leave anything else to pydantic.

    An empty pattern between two commas is kept, so that it can be reported.
    """
    if isinstance(value, str):
        return [piece.strip() for piece in value.split(",")] if value.strip() else []
    return value


def _split_lines(value: object) -> object:
    """Split a block of text into its lines."""
    if isinstance(value, str):
        return [line for line in (piece.strip() for piece in value.splitlines()) if line]
    return value


Patterns = Annotated[
    tuple[str, ...],
    BeforeValidator(split_patterns, json_schema_input_type=str),
    Field(
        description="Comma-separated patterns: words in a row; a word that ends in * may have"
        " any ending."
    ),
]
SharedPatterns = Annotated[
    Patterns,
    Field(
        description="Aliases that other entities have as well, on purpose: the bot asks back"
        " which is meant."
    ),
]
Tags = Annotated[
    tuple[str, ...],
    BeforeValidator(split_patterns, json_schema_input_type=str),
    Field(description="Comma-separated tags: cues and kinds of entities."),
]
Examples = Annotated[
    tuple[str, ...],
    BeforeValidator(_split_lines, json_schema_input_type=str),
    Field(description="Example questions, one a line."),
]
Text = Annotated[str, Field(min_length=1)]
EntityId = Annotated[str, Field(min_length=1, description="The id of an entity.")]
FILE_NAME = r"^[^/\\]+$"
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
PATTERNS = {
    FILE_NAME: "the name of a file in the same folder",
    SLUG: "a name of a-z, 0-9 and -, such as assembly-news",
}
"""What each pattern of a value asks for, in words."""
PluralCategory = Literal["zero", "one", "two", "few", "many", "other"]


class Shape(BaseModel):
    """A mapping whose keys are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PassageShape(Shape):
    """A sentence that can answer a question."""

    quote: Annotated[Text, Field(description="Words of one line, letter for letter.")]
    answers: Annotated[
        str | None, Field(description="The key in `asked` of the question that it answers.")
    ] = None
    context: Annotated[
        str | None,
        Field(description="The passage before it that it cannot be understood without."),
    ] = None


class PartShape(Shape):
    """A part of a document file, found by words of its first and its last line."""

    id: Text
    title: Annotated[Text, Field(description="As sources are shown under.")]
    first: Annotated[Text, Field(description="Words of the first line.")]
    last: Annotated[Text, Field(description="Words of the last line.")]
    date: Annotated[
        datetime.date | None, Field(description="YYYY-MM-DD; left out where there is none.")
    ] = None
    speaker: Annotated[EntityId | None, Field(description="Whose words the passages are.")] = None
    kind: Annotated[
        Literal["interview", "text"],
        Field(description="How replies call it: words of an interview are said to be so."),
    ] = "text"
    asked: Annotated[
        dict[str, Text], Field(description="The questions that the document itself asks.")
    ] = {}
    passages: Annotated[
        dict[str, PassageShape], Field(description="Sentences that can answer, by id.")
    ] = {}


class DocumentShape(Shape):
    """`documents/*.yaml`: describes the text file beside it."""

    file: Annotated[str, Field(pattern=FILE_NAME, description="In the same folder.")]
    language: Annotated[Text, Field(description="The code of the text's language.")] = "en"
    parts: list[PartShape] = Field(min_length=1)


class TranslationShape(Shape):
    """`documents/<document>.<language>.yaml`: sentences of a document in another language."""

    document: Annotated[Text, Field(description="The id of a part.")]
    language: Annotated[Text, Field(description="The code of the language, as in the file name.")]
    passages: Annotated[dict[str, Text], Field(description="By id of the passage or question.")]


class EntityShape(Shape):
    """An entity: what it is and what it belongs to."""

    kind: Kind
    country: Annotated[
        EntityId | None,
        Field(description="Whose parliament or chamber this is, or where a place lies."),
    ] = None
    house: Annotated[
        Literal["upper", "lower"] | None, Field(description="How people call a chamber.")
    ] = None
    also: Annotated[
        EntityId | None, Field(description="The parliament whose only chamber this is.")
    ] = None
    name: Annotated[
        str | None, Field(description="A person's name, as the documents spell it.")
    ] = None
    codes: Annotated[tuple[str, ...], Field(description="Count only in capitals.")] = ()
    aliases: Patterns = ()
    shared: SharedPatterns = ()


class EntitiesShape(RootModel[Annotated[dict[str, EntityShape], Field(min_length=1)]]):
    """`entities.yaml`: by id."""


class FactShape(Shape):
    """A fact; without a value, one that the documents do not give."""

    subject: EntityId
    relation: Text
    value: Annotated[
        StrictInt | datetime.date | Text | None,
        Field(description="A number, a day, an address, words, or the id of an entity."),
    ] = None
    of: Annotated[EntityId | None, Field(description="The chamber that the value is for.")] = None
    quote: Annotated[
        Text | None, Field(description="The words of one line that say it, letter for letter.")
    ] = None
    place: Annotated[
        int, Field(ge=1, description="Which line with these words is meant, counted from 1.")
    ] = 1


class FactsShape(Shape):
    """`facts/*.yaml`: what one document says."""

    document: Annotated[Text, Field(description="The id of a part.")]
    facts: list[FactShape] = Field(min_length=1)


class RuleShape(Shape):
    """One way of asking: tags that are needed (`a|b` is either), and tags that rule it out."""

    needs: Tags = Field(min_length=1)
    unless: Tags = ()


class IntentShape(Shape):
    """Something that can be asked."""

    look_up: Annotated[Text, Field(description="A function of bot/answering/lookups.")]
    relation: Annotated[str | None, Field(description="What the function looks up.")] = None
    wants: Annotated[
        Kind | None, Field(description="Inherited or asked back for when it is missing.")
    ] = None
    rules: list[RuleShape] = []
    allows: Tags = ()
    follows: Annotated[Tags, Field(description="Intents that a reader may want next.")] = ()


class IntentsShape(Shape):
    """`intents.yaml`: the catalogue of what can be asked, in no language."""

    weights: dict[str, Annotated[float, Field(ge=0, le=5)]]
    intents: dict[str, IntentShape] = Field(min_length=1)


def _date_form(form: str) -> str:
    """Raise `ValueError` where a form of dates cannot be filled in."""
    try:
        form.format(day=1, month="", year=1, weekday="")
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError("expected {day}, {month}, {year}, {weekday} alone in braces") from error
    return form


DateForm = Annotated[Text, AfterValidator(_date_form)]


class DatesShape(Shape):
    """How dates are written: {day}, {month}, {year} and {weekday} are filled in."""

    day: Annotated[DateForm, Field(description="Without the year.")]
    long: Annotated[DateForm, Field(description="With the year.")]
    full: Annotated[DateForm, Field(description="With the year and the weekday.")]
    months: Annotated[
        tuple[str, ...],
        BeforeValidator(split_patterns, json_schema_input_type=str | list[str]),
        Field(min_length=12, max_length=12, description="Comma-separated, as beside a day."),
    ]
    weekdays: Annotated[
        tuple[str, ...],
        BeforeValidator(split_patterns, json_schema_input_type=str | list[str]),
        Field(min_length=7, max_length=7, description="Comma-separated, from Monday on."),
    ]


class LanguageShape(Shape):
    """`language.yaml`: the language itself."""

    name: Annotated[Text, Field(description="In the language itself.")]
    script: Script
    letters: Annotated[
        str, Field(description="Letters that other languages of the script do not have.")
    ] = ""
    common: Annotated[
        bool,
        Field(description="Whether its words stand in other languages of its script as well."),
    ] = False
    reviewed: Annotated[bool, Field(description="Whether a native speaker has read its texts.")]
    keyboards: Annotated[
        tuple[Annotated[str, Field(min_length=46, max_length=46)], ...],
        Field(
            description="What the keys `1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./ give, in"
            " this order: a line for each layout in use, the usual one first."
        ),
    ] = ()
    dates: Annotated[
        DatesShape | None, Field(description="Left out where dates are written as CLDR has them.")
    ] = None


class NameShape(BaseModel):
    """How a language calls an entity; any further key is a form of the name."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, str]
    name: Annotated[Text, Field(description="How a reply calls it.")]
    aliases: Patterns = ()
    shared: SharedPatterns = ()


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

    replies: dict[str, Text]
    plurals: Annotated[
        dict[str, dict[PluralCategory, Text]],
        Field(description="By unit and CLDR plural category; {n} is the number."),
    ]


class UnitWords(Shape):
    """Words for lengths of time."""

    minute: Patterns = ()
    hour: Patterns = ()
    day: Patterns = ()
    week: Patterns = ()


class TimesShape(Shape):
    """`times.yaml`: how editors type a time to publish at."""

    days: Annotated[
        dict[Annotated[int, Field(ge=0, le=2)], Patterns],
        Field(min_length=3, description="0: today, 1: tomorrow, 2: the day after."),
    ]
    weekdays: Annotated[
        dict[Annotated[int, Field(ge=1, le=7)], Patterns],
        Field(min_length=7, description="1: Monday."),
    ]
    months: Annotated[dict[Annotated[int, Field(ge=1, le=12)], Patterns], Field(min_length=12)]
    units: Annotated[UnitWords, Field(description="Every form that a number takes.")]
    from_now: Annotated[UnitWords, Field(description="Forms that alone say: from now.")] = (
        UnitWords()
    )
    later: Annotated[Patterns, Field(description="Beside a length of time: from now.")]
    now: Patterns
    one: Annotated[Patterns, Field(description="As in: an hour.")]
    half: Annotated[Patterns, Field(description="As in: half an hour.")]
    half_hour: Annotated[Patterns, Field(description="Where it is one word.")] = ()
    noon: Patterns
    midnight: Patterns
    morning: Annotated[Patterns, Field(description="Beside an hour from 1 to 12: before noon.")]
    evening: Annotated[Patterns, Field(description="Beside an hour from 1 to 12: after noon.")]
    attached: Annotated[
        Patterns, Field(description="What may stand at the end of a number: 1st, 10-го.")
    ] = ()
    zones: Annotated[
        dict[str, Patterns], Field(description="By name of the IANA time zone database.")
    ] = {}
    besides: Annotated[Patterns, Field(description="Words that change nothing.")]


TextByLanguage = Annotated[
    dict[str, Text],
    Field(min_length=1, description="By language code; readers of any other get the first."),
]


class NewsShape(Shape):
    """`news/YYYY-MM-DD-slug.yaml`: something that is announced."""

    title: TextByLanguage
    summary: Annotated[
        TextByLanguage,
        Field(
            description="**bold**, __italic__, [words](https://address), > a quote; an empty line"
            " begins a paragraph."
        ),
    ]
    date: Annotated[
        datetime.date, Field(description="YYYY-MM-DD: of the event or the publication.")
    ]
    link: Annotated[str | None, Field(description="http or https.")] = None
    preview: Annotated[bool, Field(description="Whether a preview of the link is shown.")] = False
    image: Annotated[
        Text | None, Field(description="The name of a file beside this one, or an https address.")
    ] = None
    topics: Annotated[
        tuple[str, ...],
        BeforeValidator(split_patterns, json_schema_input_type=str | list[str]),
        Field(description="Comma-separated: chats may follow some alone."),
    ] = ()
    source: Annotated[
        Text | None, Field(description="The id of the document that it announces.")
    ] = None


class CountryNamesShape(RootModel[dict[str, Patterns]]):
    """`country-names.yaml`: generated from CLDR, names in all its languages by entity id."""


class ThresholdsShape(Shape):
    """`thresholds.yaml`: how sure the bot has to be before it answers."""

    budget: Annotated[
        float, Field(ge=0, le=100, description="Per cent of the answers that may be wrong.")
    ]
    rules: Annotated[float, Field(ge=50, le=100, description="For what rules explain.")]
    passages: Annotated[float, Field(ge=50, le=100, description="For sentences of a document.")]


class PhrasesShape(Shape):
    """Two questions that are worded alike and mean different things."""

    one: Text
    other: Text


class WritingShape(Shape):
    """`writing.yaml`: how people write the same question otherwise, for tests alone."""

    before: Annotated[Examples, Field(description="Politeness before a question, one a line.")]
    after: Annotated[Examples, Field(description="Politeness after a question, one a line.")]
    spoken: Annotated[Examples, Field(description="How dictated questions begin, one a line.")]
    letters: Annotated[
        dict[str, str],
        Field(description="Letters that people type for those which their keyboard lacks."),
    ] = {}
    roman: Annotated[
        dict[str, str], Field(description="How people write each letter in Latin letters.")
    ] = {}
    twins: Annotated[
        dict[str, PhrasesShape],
        Field(description="The questions of each pair in `twins.yaml`; {country} is a name."),
    ]


class ExpectedShape(Shape):
    """What a right reply to one question of a pair holds."""

    outcome: Annotated[Tags, Field(min_length=1, description="Any of them is right.")]
    says: Annotated[Tags, Field(description="All of them; a|b is either.")] = ()
    never: Annotated[Tags, Field(description="None of them.")] = ()


class TwinShape(Shape):
    """A pair of questions that are worded alike and mean different things."""

    over: Annotated[
        Literal["country", "chamber", "person"] | None,
        Field(description="Each one that the facts name; {country} and the like stand for it."),
    ] = None
    one: ExpectedShape
    other: ExpectedShape


class TwinsShape(Shape):
    """`twins.yaml`: boundary twins, in no language; and what no variant may move."""

    fixed_order: Annotated[
        Tags, Field(description="Words with these tags mean something else in another order.")
    ]
    twins: dict[str, TwinShape] = Field(min_length=1)


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
    "news": NewsShape,
    "country-names": CountryNamesShape,
    "thresholds": ThresholdsShape,
    "times": TimesShape,
    "writing": WritingShape,
    "twins": TwinsShape,
}
"""The shape that each JSON Schema is made from, by the schema's file name."""
