"""What no single file can show of entities, documents and facts: dangling names, clashes.

Each problem names its place as `file#key#key`; `folder` turns the keys into a line.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bot.errors import Problem
from bot.knowledge.model import Entity, Fact, Kind, Knowledge


@dataclass(frozen=True, slots=True)
class Relation:
    """What a fact of a relation must look like."""

    subjects: frozenset[Kind]
    value: Kind | type[int | date | str]
    """An entity of a kind, a number, a day, or words that stand in the quote."""
    by_chamber: bool = False
    """Whether each fact says with `of` which chamber it is for."""
    several: bool = False
    """Whether a subject may have several values."""


def _relation(
    *subjects: Kind,
    value: Kind | type[int | date | str],
    by_chamber: bool = False,
    several: bool = False,
) -> Relation:
    return Relation(frozenset(subjects), value, by_chamber, several)


RELATIONS: Mapping[str, Relation] = {
    "members": _relation(Kind.COUNTRY, value=int, by_chamber=True),
    "representative": _relation(Kind.COUNTRY, value=Kind.PERSON),
    "website": _relation(Kind.COUNTRY, value=str, by_chamber=True),
    "office": _relation(Kind.PERSON, value=Kind.OFFICE, several=True),
    "speaker": _relation(Kind.DOCUMENT, value=Kind.PERSON),
    "subject_matter": _relation(Kind.DOCUMENT, value=Kind.SUBJECT),
    "interviewer": _relation(Kind.DOCUMENT, value=Kind.ORGANIZATION),
    "date": _relation(Kind.DOCUMENT, Kind.EVENT, value=date),
    "occasion": _relation(Kind.DOCUMENT, value=Kind.EVENT),
    "title": _relation(Kind.DOCUMENT, value=str),
    "day": _relation(Kind.EVENT, value=date),
    "country": _relation(Kind.EVENT, value=Kind.COUNTRY),
    "place": _relation(Kind.EVENT, value=Kind.PLACE),
    "number": _relation(Kind.EVENT, value=int),
}
"""Those that look-ups know by name. Any other must be the `relation` of an intent; its values
are numbers, days or entities."""


def check_facts(knowledge: Knowledge) -> Iterator[Problem]:
    """Give the problems of entities, documents and facts."""
    yield from _check_entities(knowledge)
    yield from _check_documents(knowledge)
    if knowledge.entities:
        for fact in knowledge.facts:
            yield from _check_fact(fact, knowledge)
    yield from _check_clashes(knowledge.facts)


def one_of(known: Iterable[str], near: str = "") -> str:
    """Name what was expected: all that is known if it is little, else what is nearest."""
    names = list(known)
    if len(names) > 8:
        from difflib import get_close_matches  # only a broken folder pays for it

        names = get_close_matches(near, names, n=3, cutoff=0.5)
    return f"one of {', '.join(names)}" if names else "one that exists"


def _of_kind(knowledge: Knowledge, *kinds: Kind) -> list[str]:
    return [entity.id for entity in knowledge.entities.values() if entity.kind in kinds]


# ------------------------------------------------------- entities, documents


def _check_entities(knowledge: Knowledge) -> Iterator[Problem]:
    countries = _of_kind(knowledge, Kind.COUNTRY)
    codes: dict[str, str] = {}
    for entity in knowledge.entities.values():
        place = f"entities.yaml#{entity.id}"
        seated = entity.kind in (Kind.PARLIAMENT, Kind.CHAMBER)
        placed = entity.kind is Kind.PLACE and entity.country
        if (seated or placed) and entity.country not in countries:
            found = f"the country {entity.country!r}" if entity.country else "no country"
            yield Problem(f"{place}#country", 0, found, one_of(countries))
        if not (seated or placed) and entity.country:
            found = f"a country of {entity.id}, which is a {entity.kind}"
            yield Problem(
                f"{place}#country", 0, found, "one of a parliament, a chamber or a place alone"
            )
        if entity.house and entity.kind is not Kind.CHAMBER:
            found = f"a house, though {entity.id} is a {entity.kind}"
            yield Problem(f"{place}#house", 0, found, "one of a chamber alone")
        if entity.also:
            own = [
                other
                for other in _of_kind(knowledge, Kind.PARLIAMENT)
                if knowledge.entities[other].country == entity.country
            ]
            if entity.kind is not Kind.CHAMBER or entity.also not in own:
                found = f"also {entity.also!r} of {entity.id}"
                yield Problem(
                    f"{place}#also",
                    0,
                    found,
                    f"a chamber that is also the parliament of its country: {one_of(own)}",
                )
        if (entity.kind is Kind.PERSON) is (entity.name is None):
            found = "a person without a name" if entity.name is None else "a name"
            yield Problem(
                f"{place}#name", 0, found, "a name as the documents spell it, of persons alone"
            )
        for code in entity.codes:
            if code in codes:
                yield Problem(
                    f"{place}#codes",
                    0,
                    f"the code {code}, also of {codes[code]}",
                    "codes of one country each",
                )
            codes[code] = entity.id
    if knowledge.entities:
        for country in knowledge.country_names:
            if country not in countries:
                yield Problem(
                    f"country-names.yaml#{country}",
                    0,
                    f"the country {country!r}",
                    f"{one_of(countries)}; then make the file anew",
                )


def _check_documents(knowledge: Knowledge) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    holders = {fact.subject for fact in knowledge.facts if fact.relation == "office"}
    for document in knowledge.documents.values():
        people = _of_kind(knowledge, Kind.PERSON)
        if document.speaker and people and document.speaker not in people:
            yield Problem(
                f"{document.place}#speaker",
                0,
                f"the speaker {document.speaker!r} of {document.id}",
                one_of(people),
            )
        asked = [passage.id for passage in document.asked]
        ids = [passage.id for passage in document.passages]
        for passage in (*document.asked, *document.passages):
            if passage.id in seen:
                yield Problem(
                    document.place,
                    0,
                    f"the id {passage.id!r} in {document.id} and {seen[passage.id]}",
                    "ids of passages and questions that differ in all documents",
                )
            seen[passage.id] = document.id
            if passage.asked and passage.asked not in asked:
                yield Problem(
                    f"{document.place}#passages#{passage.id}",
                    0,
                    f"{passage.id}, which answers {passage.asked!r}",
                    f"a question that {document.id} asks: {one_of(asked)}",
                )
            before = ids[: ids.index(passage.id)] if passage.id in ids else []
            if passage.context and passage.context not in before:
                yield Problem(
                    f"{document.place}#passages#{passage.id}#context",
                    0,
                    f"the context {passage.context!r}",
                    f"a passage of {document.id} before it: {one_of(before)}",
                )
        lacking = [
            what
            for what, given in (
                ("speaker", document.speaker),
                ("date", document.date),
                ("office of the speaker", document.speaker in holders),
            )
            if not given
        ]
        if document.passages and knowledge.facts and lacking:
            yield Problem(
                document.place,
                0,
                f"passages of {document.id} without {', '.join(lacking)}",
                "a speaker, a date, and a fact that gives the speaker's office: replies say"
                " whose words they are",
            )


# --------------------------------------------------------------------- facts


def _check_fact(fact: Fact, knowledge: Knowledge) -> Iterator[Problem]:
    relation = RELATIONS.get(fact.relation)
    looked_up = {intent.relation for intent in knowledge.intents.values() if intent.relation}
    if relation is None and knowledge.intents and fact.relation not in looked_up:
        known = one_of(sorted({*RELATIONS, *looked_up}), fact.relation)
        yield Problem(
            f"{fact.place}#relation",
            0,
            f"the relation {fact.relation!r}",
            f"one that is looked up: {known}",
        )
    subject = knowledge.entities.get(fact.subject)
    if subject is None:
        yield Problem(
            f"{fact.place}#subject",
            0,
            f"the subject {fact.subject!r}",
            f"an entity: {one_of(knowledge.entities, fact.subject)}",
        )
    elif relation and subject.kind not in relation.subjects:
        yield Problem(
            f"{fact.place}#subject",
            0,
            f"{fact.subject}, a {subject.kind}",
            f"a {' or '.join(sorted(relation.subjects))}, of which {fact.relation} is told",
        )
    yield from _check_of(fact, relation, subject, knowledge)
    yield from _check_value(fact, relation, knowledge)


def _check_of(
    fact: Fact, relation: Relation | None, subject: Entity | None, knowledge: Knowledge
) -> Iterator[Problem]:
    if fact.of is None:
        if relation and relation.by_chamber and fact.given:
            yield Problem(
                fact.place, 0, f"{fact.relation} of no chamber", "`of`, the chamber that it is for"
            )
        return
    chambers = _of_kind(knowledge, Kind.CHAMBER)
    if subject and subject.kind is Kind.COUNTRY:
        chambers = [name for name in chambers if knowledge.entities[name].country == subject.id]
    if fact.of not in chambers:
        yield Problem(
            f"{fact.place}#of",
            0,
            f"of {fact.of!r}",
            f"a chamber of {fact.subject}: {one_of(chambers, fact.of)}",
        )


def _check_value(fact: Fact, relation: Relation | None, knowledge: Knowledge) -> Iterator[Problem]:
    """Check that the value is of the right kind and that the quote says it."""
    if fact.quote is None or fact.value is None:
        return
    place = f"{fact.place}#value"
    wanted = relation.value if relation else None
    said = fact.value
    if isinstance(wanted, Kind) or (wanted is None and isinstance(fact.value, str)):
        entity = knowledge.entities.get(str(fact.value))
        kinds = (wanted,) if isinstance(wanted, Kind) else tuple(Kind)
        if entity is None or entity.kind not in kinds:
            what = f"a {wanted}" if isinstance(wanted, Kind) else "an entity"
            found = f"the value {fact.value!r}" + (f", a {entity.kind}" if entity else "")
            known = one_of(_of_kind(knowledge, *kinds), str(fact.value))
            yield Problem(place, 0, found, f"{what}: {known}")
            return
        said = entity.name or ""
    elif wanted is not None and not isinstance(fact.value, wanted):
        names = {int: "a number", date: "a day as YYYY-MM-DD", str: "words"}
        expected = f"{names[wanted]}, as {fact.relation} has"
        yield Problem(place, 0, f"the value {fact.value!r}", expected)
        return
    if not _says(fact.quote.text, said):
        found = f"{str(said)!r}, which the quote does not say"
        yield Problem(place, 0, found, "a value and the words that say it")


def _says(quote: str, value: str | int | date) -> bool:
    """Tell whether a quote holds a name, words or a number; of a day, its number."""
    if isinstance(value, str):
        return value in quote
    number = value.day if isinstance(value, date) else value
    return re.search(rf"(?<!\d){number}(?!\d)", quote) is not None


def _check_clashes(facts: Iterable[Fact]) -> Iterator[Problem]:
    told: dict[tuple[str, str, str | None], list[Fact]] = defaultdict(list)
    silent = {
        (fact.subject, fact.relation) for fact in facts if not fact.given and fact.of is None
    }
    for fact in facts:
        told[fact.subject, fact.relation, fact.of].append(fact)
        if fact.given and (fact.subject, fact.relation) in silent:
            yield Problem(
                fact.place,
                0,
                f"{fact.relation} of {fact.subject} given here, and elsewhere not given",
                "either values, or one fact without a value",
            )
    for (subject, relation, of), several in told.items():
        many = relation in RELATIONS and RELATIONS[relation].several
        values = Counter(str(fact.value) for fact in several)
        for fact in several[1:]:
            if values[str(fact.value)] < 2 and many:
                continue
            about = f"{relation} of {subject}" + (f", {of}" if of else "")
            given = " and ".join(str(other.value) for other in several)
            yield Problem(
                fact.place,
                0,
                f"{about} told {len(several)} times: {given}",
                "one value; remove what does not hold",
            )
