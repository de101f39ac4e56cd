"""What must hold of a language beside the others: patterns, names, replies, translations, letters.

Each problem names its place as `file#key#key`; `folder` turns the keys into a line.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from string import Formatter

from bot.errors import Problem
from bot.knowledge.fact_checks import one_of
from bot.knowledge.model import Fact, Kind, Knowledge, Language
from bot.knowledge.placeholders import FILLED, UNITS, filled

REFERENCE = "en"
"""The language whose replies tell which the others must have."""

GOOD_PATTERN = re.compile(
    r"(?=.*[\w+&=<>/\U0001F000-\U0001FAFF])"
    r"(?:[^\s*]{3,}\*|[^\s*]+)(?:\s+[^\s*]+\*?)*",
)
"""Words in a row, each whole or a stem with a `*` at its end; the first has three letters then."""

PLACEHOLDERS: Mapping[str, tuple[Kind, ...]] = {
    "country": (Kind.COUNTRY,),
    "countries": (Kind.COUNTRY,),
    "chamber": (Kind.CHAMBER,),
    "chambers": (Kind.CHAMBER,),
    "person": (Kind.PERSON,),
    "persons": (Kind.PERSON,),
    "office": (Kind.OFFICE,),
    "place": (Kind.PLACE,),
    "about": (Kind.COUNTRY, Kind.PERSON),
    "name": (Kind.COUNTRY, Kind.CHAMBER),
    "names": (Kind.COUNTRY, Kind.CHAMBER),
    "large": (Kind.COUNTRY, Kind.CHAMBER),
    "small": (Kind.COUNTRY, Kind.CHAMBER),
    "first": (Kind.COUNTRY, Kind.CHAMBER),
    "second": (Kind.COUNTRY, Kind.CHAMBER),
}
"""The kinds of entities that a placeholder of a reply may name."""
DATE_FORM = "day"
"""The one form of a date: without its year."""

ALPHABETS = (("ae", "A-Za-zÀ-ɏ"), ("ае", "Ѐ-ԯ"), ("աե", "Ա-և"))
"""Latin, Cyrillic and Armenian: two frequent letters, and the range of all."""
LONE = frozenset("ABCEHKMOPTXYaceikoxy")
"""Latin letters that look like Cyrillic ones, which are words by themselves."""
WORD = re.compile(r"[^\W\d_]+")


def check_language(language: Language, knowledge: Knowledge) -> Iterator[Problem]:
    """Give the problems of one language."""
    for place, patterns in _patterns(language):
        yield from bad_patterns(place, patterns)
    yield from _check_letters(language)
    yield from _check_numbers(language)
    yield from _check_fillers(language, knowledge)
    if knowledge.entities:
        yield from _check_names(language, knowledge)
    yield from _check_replies(language, knowledge)
    yield from _check_plurals(language, knowledge)
    if knowledge.documents:
        yield from _check_passages(language, knowledge)


def look_alikes(path: str, text: str) -> Iterator[Problem]:
    """Find letters of another alphabet in the words of a file, and lone ones among them."""
    if text.isascii():
        return
    # Runs of the alphabets that are rare in the file are few, so that looking for them is quick.
    sample = text[:: 1 + len(text) // 4096]
    counts = [sum(map(sample.count, letters)) for letters, _ in ALPHABETS]
    home = counts.index(max(counts))
    cyrillic = ALPHABETS[home][1] == "Ѐ-ԯ"
    spans = "".join(span for place, (_, span) in enumerate(ALPHABETS) if place != home)
    foreign = re.compile(f"[{spans}]+")
    last_end = 0
    for match in foreign.finditer(text):
        start, end = match.span()
        within = text[start - 1 : start].isalpha() or text[end : end + 1].isalpha()
        lone = cyrillic and match.group() in LONE and _stands_alone(text, start)
        if start < last_end or not (within or lone):
            continue
        while text[start - 1 : start].isalpha():
            start -= 1
        word = text[start:end] if lone else _word_at(text, start)
        last_end = start + len(word)
        letter = _stranger(word, foreign)
        name = unicodedata.name(letter, "a letter without a name")
        yield Problem(
            path,
            text.count("\n", 0, start) + 1,
            f"{letter!r}, {name}, " + ("among Cyrillic words" if lone else f"in {word!r}"),
            "letters of one alphabet",
        )


def _stands_alone(text: str, place: int) -> bool:
    """Tell whether a letter is a word before a Cyrillic word, and no placeholder."""
    around = text[max(0, place - 1) : place + 3]
    before, after = (around[0], around[2:]) if place else (" ", around[1:])
    return not before.isalnum() and before != "{" and after[:1] == " " and "Ѐ" <= after[1:] <= "ԯ"


def _word_at(text: str, start: int) -> str:
    found = WORD.match(text, start)
    return found.group() if found else ""


def _stranger(word: str, foreign: re.Pattern[str]) -> str:
    """Give the first letter of the alphabet that fewest letters of a word are of."""
    strange = foreign.findall(word)
    rest = foreign.sub("", word)
    return str(strange[0][0]) if len(word) - len(rest) <= len(rest) or not rest else rest[0]


# ------------------------------------------------------------------ patterns


def _patterns(language: Language) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the patterns of each entry of a language with the place of the entry."""
    base = f"languages/{language.code}"
    for entity, patterns in language.aliases.items():
        yield f"{base}/names.yaml#{entity}", patterns
    for cue, patterns in language.cues.items():
        yield f"{base}/questions.yaml#cues#{cue}", patterns
    for key, numbers in (("numbers", language.numbers), ("ordinals", language.ordinals)):
        for number, patterns in numbers.items():
            yield f"{base}/questions.yaml#{key}#{number}", patterns
    yield f"{base}/questions.yaml#fillers", language.fillers


def bad_patterns(place: str, patterns: tuple[str, ...]) -> Iterator[Problem]:
    """Give what is wrong with the patterns of one entry."""
    for pattern in patterns:
        if pattern.isalpha() or GOOD_PATTERN.fullmatch(pattern):
            continue
        if not pattern:
            yield Problem(place, 0, "an empty pattern", "no comma without a pattern beside it")
        elif "*" not in pattern:
            yield Problem(place, 0, f"the pattern {pattern!r}", "words with letters or digits")
        else:
            yield Problem(
                place,
                0,
                f"the pattern {pattern!r}",
                "* only where a word ends, first after three letters",
            )


def _check_letters(language: Language) -> Iterator[Problem]:
    script = language.script.upper()
    strange = [one for one in language.letters if not unicodedata.name(one, "").startswith(script)]
    if strange:
        yield Problem(
            f"languages/{language.code}/language.yaml#letters",
            0,
            f"the letters {''.join(strange)!r}",
            f"letters of the script alone, which is {language.script}",
        )


def _check_numbers(language: Language) -> Iterator[Problem]:
    for key, numbers in (("numbers", language.numbers), ("ordinals", language.ordinals)):
        meant: dict[str, int] = {}
        for number, patterns in numbers.items():
            for pattern in patterns:
                if meant.setdefault(pattern, number) != number:
                    yield Problem(
                        f"languages/{language.code}/questions.yaml#{key}#{number}",
                        0,
                        f"{pattern!r}, which also means {meant[pattern]}",
                        "patterns of one number each",
                    )


def _check_fillers(language: Language, knowledge: Knowledge) -> Iterator[Problem]:
    """Check that no filler is a name: the name would count as nothing said."""
    owners = {
        pattern.replace("*", "").casefold(): entity
        for names in (
            {entity.id: entity.aliases for entity in knowledge.entities.values()},
            language.aliases,
        )
        for entity, patterns in names.items()
        for pattern in patterns
    }
    words = sorted(name for name in owners if " " not in name)
    for filler in language.fillers:
        name = filler.casefold()
        if name.endswith("*"):
            name = name.rstrip("*")
            place = bisect_left(words, name)
            if words[place : place + 1] and words[place].startswith(name):
                name = words[place]
        if name in owners:
            yield Problem(
                f"languages/{language.code}/questions.yaml#fillers",
                0,
                f"the filler {filler!r}, which is a name of {owners[name]}",
                "words that name nothing",
            )


# ----------------------------------------------------------- names and replies


def _check_names(language: Language, knowledge: Knowledge) -> Iterator[Problem]:
    path = f"languages/{language.code}/names.yaml"
    for entity in knowledge.entities:
        if entity not in language.names:
            yield Problem(path, 0, f"no name of {entity}", f"{entity}: {{name: …, aliases: …}}")
    for entity in language.names:
        if entity not in knowledge.entities:
            yield Problem(
                f"{path}#{entity}",
                0,
                f"a name of {entity!r}",
                f"an entity: {one_of(knowledge.entities, entity)}",
            )


def _check_replies(language: Language, knowledge: Knowledge) -> Iterator[Problem]:
    place = f"languages/{language.code}/replies.yaml#replies"
    reference = knowledge.languages.get(REFERENCE, language).replies
    for key in dict.fromkeys((*reference, *FILLED)):
        if key not in language.replies:
            like = f"in {REFERENCE}: {reference[key]!r}" if key in reference else ""
            like = like or f"which the bot fills with {_listed(filled(key))}"
            yield Problem(place, 0, f"no reply {key!r}", f"the reply, {like}")
    for key, template in language.replies.items():
        here = f"{place}#{key}"
        if key not in reference:
            yield Problem(
                here,
                0,
                f"the reply {key!r}",
                f"a reply that {REFERENCE} has: {one_of(reference, key)}",
            )
        found = _placeholders(template)
        if found is None:
            yield Problem(
                here, 0, f"{template!r}", "placeholders such as {country} or {country:of}, closed"
            )
            continue
        names = {name for name, _ in found}
        known = filled(key)
        if names - known and key in reference:
            yield Problem(
                here,
                0,
                f"{_listed(names - known)}, which nothing fills",
                f"placeholders that the bot fills in {key}: {_listed(known)}",
            )
            continue
        model = _placeholders(reference.get(key, template))
        wanted = names if model is None else {name for name, _ in model}
        if wanted <= known and names != wanted:
            yield Problem(
                here,
                0,
                f"placeholders {_listed(names)}",
                f"those of {REFERENCE}: {_listed(wanted)}",
            )
        for name, form in found:
            if form:
                yield from _check_form(here, key, name, form, language, knowledge)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(set(names))) or "none"


@lru_cache(maxsize=4096)
def _placeholders(template: str) -> tuple[tuple[str, str], ...] | None:
    """Give the placeholders of a template with their forms; None where it is broken."""
    try:
        parsed = list(Formatter().parse(template))
    except ValueError:
        return None
    found = tuple((name, form or "") for _, name, form, _ in parsed if name is not None)
    words = (word for name, form in found for word in (name, form or name))
    plain = all(map(str.isidentifier, words)) and not any(part[3] for part in parsed)
    return found if plain else None


def _check_form(
    place: str, key: str, name: str, form: str, language: Language, knowledge: Knowledge
) -> Iterator[Problem]:
    """Check that some name that may fill a placeholder has the form that it asks for."""
    told = [fact.value for fact in _told_by(key, knowledge)] if name == "value" else []
    if form == DATE_FORM and (name == "date" or any(isinstance(value, date) for value in told)):
        return
    if not knowledge.entities or (name == "value" and not told):
        return  # what could fill it was not read
    named = _named(name, key, knowledge)
    names = [language.names[entity] for entity in named if entity in language.names]
    forms = {known for given in names for known in given.forms}
    if not named:
        expected = f"no form: only names have any, and dates `{DATE_FORM}`"
        yield Problem(place, 0, f"the form {form!r} of {{{name}}}", expected)
    elif names and form not in forms:
        found = f"{{{name}:{form}}}, a form that no such name has"
        yield Problem(place, 0, found, f"a form of names.yaml: {one_of(sorted(forms), form)}")


def _told_by(key: str, knowledge: Knowledge) -> tuple[Fact, ...]:
    """Give the facts that a reply such as `interview_date` tells as its `{value}`."""
    if key == "interview_diplomats_day":
        return knowledge.find("day", "diplomats_day")
    return knowledge.find(key.removeprefix("interview_"))


def _named(name: str, key: str, knowledge: Knowledge) -> list[str]:
    """Give the ids of the entities that a placeholder of a reply may name."""
    if name == "value":
        values = (str(fact.value) for fact in _told_by(key, knowledge))
        return [value for value in dict.fromkeys(values) if value in knowledge.entities]
    kinds = PLACEHOLDERS.get(name, ())
    return [entity.id for entity in knowledge.entities.values() if entity.kind in kinds]


def slips(language: Language, knowledge: Knowledge) -> Iterator[Problem]:
    """Give what does no harm to an answer but was hardly meant."""
    for place, patterns in _patterns(language):
        for pattern, times in Counter(patterns).items():
            if times > 1:
                yield Problem(place, 0, f"the pattern {pattern!r} {times} times", "each once")
    for key, template in language.replies.items():
        for name, form in _placeholders(template) or ():
            lacking = [
                entity
                for entity in _named(name, key, knowledge)
                if form and entity in language.names and form not in language.names[entity].forms
            ]
            if lacking:
                yield Problem(
                    f"languages/{language.code}/replies.yaml#replies#{key}",
                    0,
                    f"{{{name}:{form}}}, a form that {', '.join(lacking)} have not",
                    f"`{form}` of each, even if like the plain name",
                )


def _check_plurals(language: Language, knowledge: Knowledge) -> Iterator[Problem]:
    """Check the units; which categories a language has is known to CLDR, not here."""
    place = f"languages/{language.code}/replies.yaml#plurals"
    reference = knowledge.languages.get(REFERENCE, language).plurals
    for unit in dict.fromkeys((*UNITS, *reference)):
        if unit not in language.plurals:
            yield Problem(place, 0, f"no plural of {unit!r}", "one: the bot counts them")
    for unit, phrases in language.plurals.items():
        if unit not in reference:
            yield Problem(
                f"{place}#{unit}",
                0,
                f"the plural of {unit!r}",
                f"a unit that {REFERENCE} has: {one_of(reference, unit)}",
            )
        if "{n}" not in phrases.get("other", ""):
            yield Problem(
                f"{place}#{unit}",
                0,
                f"no `other` of {unit!r} with {{n}}",
                "a phrase with {n}, the number",
            )
        for category, phrase in phrases.items():
            counted = _placeholders(phrase)
            if counted is None or not {*counted} <= {("n", "")}:
                yield Problem(
                    f"{place}#{unit}#{category}",
                    0,
                    f"{phrase!r}",
                    "a phrase with {n}, the number, alone in braces",
                )


# ------------------------------------------------------------------ passages


def _check_passages(language: Language, knowledge: Knowledge) -> Iterator[Problem]:
    """Check that each passage has example questions and, where it needs one, a translation."""
    topics = f"languages/{language.code}/topics.yaml#topics"
    known: set[str] = set()
    for document in knowledge.documents.values():
        known.update(passage.id for passage in document.passages)
        for passage in document.passages:
            if not language.topics.get(passage.id):
                yield Problem(
                    topics,
                    0,
                    f"no question about {passage.id!r}",
                    f"{passage.id}: and questions, one a line",
                )
        if document.language == language.code:
            continue
        described = document.place.split("#")[0].removesuffix(".yaml")
        for passage in (*document.passages, *document.asked):
            if not language.translations.get(passage.id):
                yield Problem(
                    f"{described}.{language.code}.yaml#passages",
                    0,
                    f"no translation of {passage.id!r}",
                    f"one of {passage.quote.text[:60]!r}…",
                )
    for passage_id in language.topics:
        if passage_id not in known:
            yield Problem(
                f"{topics}#{passage_id}",
                0,
                f"questions about {passage_id!r}",
                f"a passage: {one_of(sorted(known), passage_id)}",
            )
