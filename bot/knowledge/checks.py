"""What no single file can show: everything that must hold of the knowledge as a whole.

`check` gives all problems, each with its place as `file#key#key`, which `folder` turns into a
line. A file that could not be read is empty here: what hangs on it is not reported again. Checks
that need the answering or CLDR are in `bot.workshop.checks`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import chain

from bot.errors import Problem
from bot.knowledge.fact_checks import check_facts, one_of
from bot.knowledge.language_checks import check_language
from bot.knowledge.model import Kind, Knowledge

RECOGNISED = frozenset({*map(str, Kind), "number", "ordinal", "url", "topic"})
"""Tags that no language has cues for: they are recognised by other means."""


def check(knowledge: Knowledge) -> Iterator[Problem]:
    """Give every problem that shows only when the files are held together."""
    yield from check_facts(knowledge)
    yield from _check_intents(knowledge)
    yield from _check_shared_names(knowledge)
    for language in knowledge.languages.values():
        yield from check_language(language, knowledge)
    if knowledge.intents:
        yield from _check_cues(knowledge)


# ---------------------------------------------------------- intents and cues


def _tags_used(knowledge: Knowledge) -> set[str]:
    """Give the cues that rules name or that have a weight."""
    tags = set(knowledge.weights)
    for intent in knowledge.intents.values():
        tags |= intent.allows
        for rule in intent.rules:
            tags.update(rule.unless, *rule.needs)
    return tags - RECOGNISED


def _check_intents(knowledge: Knowledge) -> Iterator[Problem]:
    cues = {cue for language in knowledge.languages.values() for cue in language.cues}
    known = cues | RECOGNISED
    for intent in knowledge.intents.values():
        place = f"intents.yaml#intents#{intent.id}"
        for other in intent.follows:
            if other not in knowledge.intents:
                yield Problem(
                    f"{place}#follows",
                    0,
                    f"the intent {other!r}",
                    f"an intent: {one_of(knowledge.intents, other)}",
                )
        for number, rule in enumerate(intent.rules):
            for group in rule.needs:
                if rule.unless.issuperset(group):
                    yield Problem(
                        f"{place}#rules#{number}",
                        0,
                        f"{'|'.join(group)} both needed and ruled out",
                        "a rule that can hold",
                    )
            if cues:
                tags = {tag for group in rule.needs for tag in group} | rule.unless
                yield from _dead(tags - known, f"{place}#rules#{number}", known)
        if cues:
            yield from _dead(intent.allows - known, f"{place}#allows", known)
    if cues and knowledge.intents:
        yield from _dead(set(knowledge.weights) - known, "intents.yaml#weights", known, own=True)


def _dead(
    tags: Collection[str], place: str, known: Collection[str], *, own: bool = False
) -> Iterator[Problem]:
    for tag in sorted(tags):
        yield Problem(
            f"{place}#{tag}" if own else place,
            0,
            f"the tag {tag!r}",
            f"a cue of questions.yaml or a kind of entity: {one_of(sorted(known), tag)}",
        )


def _check_cues(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that each language has each cue that rules need, and none that nothing uses."""
    used = _tags_used(knowledge)
    elsewhere = {cue for language in knowledge.languages.values() for cue in language.cues}
    for language in knowledge.languages.values():
        place = f"languages/{language.code}/questions.yaml#cues"
        for cue in sorted(used & elsewhere - set(language.cues)):
            yield Problem(
                place,
                0,
                f"no cue {cue!r}, which other languages have",
                'the cue; "" where the language has no such words',
            )
        for cue in language.cues:
            if cue in RECOGNISED or cue == "filler":
                yield Problem(
                    f"{place}#{cue}",
                    0,
                    f"a cue called {cue!r}",
                    "another name: this is recognised by other means",
                )
            elif cue not in used:
                yield Problem(
                    f"{place}#{cue}",
                    0,
                    f"the cue {cue!r}, which nothing uses",
                    f"a tag of intents.yaml: {one_of(sorted(used), cue)}",
                )


# --------------------------------------------------------------------- names


def _check_shared_names(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that a name of two things is declared as `shared` by both, and only then."""
    owners: dict[str, dict[str, str]] = defaultdict(dict)
    for pattern, entity, place in _names(knowledge):
        owners[pattern.casefold()].setdefault(entity, place)
    for pattern, places in owners.items():
        for entity, place in places.items():
            shared = pattern in knowledge.shared.get(entity, ())
            others = [other for other in places if other != entity]
            if others and not shared:
                yield Problem(
                    place,
                    0,
                    f"{pattern!r}, which is also a name of {', '.join(others)}",
                    "a name of one thing, or under `shared` of each",
                )
            elif shared and not others:
                yield Problem(
                    place,
                    0,
                    f"{pattern!r} under `shared`, a name of nothing else",
                    "the name under `aliases`",
                )


def _names(knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    """Give each pattern that names an entity, the entity's id and the place."""
    for entity in knowledge.entities.values():
        own = (entity.name,) if entity.name else ()
        for pattern in chain(entity.aliases, own):
            yield pattern, entity.id, f"entities.yaml#{entity.id}"
    for country, patterns in knowledge.country_names.items():
        for pattern in patterns:
            yield pattern, country, f"country-names.yaml#{country}"
    for language in knowledge.languages.values():
        for name, patterns in language.aliases.items():
            for pattern in patterns:
                yield pattern, name, f"languages/{language.code}/names.yaml#{name}"
