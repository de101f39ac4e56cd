"""Boundary twins: pairs of questions that are worded alike and mean different things.

`twins.yaml` says in no language what a right reply to each holds, `writing.yaml` of each language
words them; the facts fill in who and how many. No answer may be shared by both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

from bot.answering import Outcome
from bot.knowledge.model import Kind, Knowledge, Language, Name
from bot.knowledge.shapes import ExpectedShape
from bot.workshop.questions import GoldQuestion
from bot.workshop.writing import Ways

Values = Mapping[str, "Name | str | int"]
"""What the placeholders of a pair stand for."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions that must be told apart."""

    name: str
    one: GoldQuestion
    other: GoldQuestion


def pairs(ways: Ways, knowledge: Knowledge) -> Iterator[Pair]:
    """Make every pair in every language, but where the facts lack what it expects."""
    for code, writing in ways.writing.items():
        language = knowledge.languages[code]
        for name, twin in ways.twins.items():
            phrases = writing.twins[name]
            for number, values in enumerate(_values(twin.over, language, knowledge), start=1):
                sides = (
                    _question(f"{code}-{name}-{number}a", language, phrases.one, twin.one, values),
                    _question(
                        f"{code}-{name}-{number}b", language, phrases.other, twin.other, values
                    ),
                )
                if sides[0] is not None and sides[1] is not None:
                    yield Pair(name, sides[0], sides[1])


def _question(
    identifier: str, language: Language, text: str, expected: ExpectedShape, values: Values
) -> GoldQuestion | None:
    """Fill a question and what is expected of it in; nothing where a value is not known."""
    texts = (text, *expected.says, *expected.never)
    needed = {name for one in texts for _, name, _, _ in Formatter().parse(one) if name}
    if not needed <= values.keys():
        return None
    return GoldQuestion(
        id=identifier,
        category="twin",
        lang=language.code,
        text=text.format_map(values),
        outcomes=tuple(Outcome(name) for name in expected.outcome),
        must=tuple(tuple(group.format_map(values).split("|")) for group in expected.says),
        must_not=tuple(words.format_map(values) for words in expected.never),
    )


def _values(over: str | None, language: Language, knowledge: Knowledge) -> Iterator[Values]:
    members = [fact for fact in knowledge.find("members") if fact.given]
    countries = tuple(dict.fromkeys(fact.subject for fact in members))
    if over is None:
        yield {}
    elif over == Kind.COUNTRY:
        for place, country in enumerate(countries):
            yield _of_country(country, countries[place - 1], language, knowledge)
    elif over == Kind.CHAMBER:
        for fact in members:
            country = fact.subject
            if fact.of and sum(one.subject == country for one in members) > 1:
                yield {
                    **_of_country(country, country, language, knowledge),
                    "chamber": language.names[fact.of],
                    "sent": int(str(fact.value)),
                }
    else:
        for fact in knowledge.find("representative"):
            if fact.given:
                other = countries[countries.index(fact.subject) - 1]
                yield {
                    **_of_country(fact.subject, other, language, knowledge),
                    "person": _short(str(fact.value), language, knowledge),
                }


def _short(person: str, language: Language, knowledge: Knowledge) -> str:
    """Give a person's name as people type it: the surname in their own letters, if there is."""
    name = language.names[person]
    return name.forms.get("short") or str(knowledge.entities[person].name).split()[-1]


def _of_country(
    country: str, other: str, language: Language, knowledge: Knowledge
) -> dict[str, Name | str | int]:
    """Give what is known of a country; `other` is one that it may be taken for."""
    sizes: Sequence[int] = [
        int(str(fact.value)) for fact in knowledge.find("members", country) if fact.given
    ]
    total = sum(int(str(fact.value)) for fact in knowledge.find("members") if fact.given)
    values: dict[str, Name | str | int] = {
        "country": language.names[country],
        "other": language.names[other],
        "members": sum(sizes),
        "total": total,
        "rest": total - sum(sizes),
        "no": language.replies["denied"],
    }
    for fact in knowledge.find("representative", country):
        if fact.given:
            values["representative"] = str(knowledge.entities[str(fact.value)].name)
    for fact in knowledge.find("website", country):
        if fact.given:
            values["website"] = str(fact.value)
    for fact in knowledge.find("members", country):
        house = knowledge.entities[fact.of].house if fact.of else None
        if house:
            values[house] = int(str(fact.value))
    return values
