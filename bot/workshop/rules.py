"""Rules and names that can do nothing: what never holds, what is never read as it was meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.answering.entities import recognise
from bot.answering.intents import BINDING
from bot.answering.lexicon import Lexicon
from bot.answering.words import split_words
from bot.errors import Problem
from bot.knowledge.checks import RECOGNISED
from bot.knowledge.model import Intent, Knowledge, Language, Rule


def check_rules(knowledge: Knowledge) -> Iterator[Problem]:
    """Give the rules that never hold, or only where another one holds as well and wins."""
    spoken = {
        cue: [language.code for language in knowledge.languages.values() if language.cues.get(cue)]
        for language in knowledge.languages.values()
        for cue in language.cues
    }
    for intent in knowledge.intents.values():
        place = f"intents.yaml#intents#{intent.id}#rules"
        for number, rule in enumerate(intent.rules):
            for need in rule.needs:
                if not any(tag in RECOGNISED or spoken.get(tag) for tag in need):
                    yield Problem(
                        f"{place}#{number}",
                        0,
                        f"a dead rule: no language has words for {'|'.join(need)}",
                        "words for it in questions.yaml, or no such rule",
                    )
    yield from _check_covered(knowledge)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A rule with where it stands."""

    intent: Intent
    number: int
    rule: Rule

    @property
    def allowed(self) -> frozenset[str]:
        """The tags that do not count against it."""
        return self.intent.allows.union(*self.rule.needs)

    @property
    def excluded(self) -> frozenset[str]:
        """The tags with which it does not hold."""
        return self.rule.unless | (BINDING - self.allowed)


def _check_covered(knowledge: Knowledge) -> Iterator[Problem]:
    """Give the rules that never win: another one always holds with them and has their points.

    Of two that are alike the first wins, as in an answer.
    """
    rules = [
        _Placed(intent, number, rule)
        for intent in knowledge.intents.values()
        for number, rule in enumerate(intent.rules)
    ]
    for place, one in enumerate(rules):
        for other_place, other in enumerate(rules):
            if (
                place != other_place
                and _covers(other, one)
                and not (other_place > place and _covers(one, other))
            ):
                yield Problem(
                    f"intents.yaml#intents#{one.intent.id}#rules#{one.number}",
                    0,
                    f"a dead rule: wherever it holds, rule {other.number + 1} of"
                    f" {other.intent.id} does",
                    "a rule that adds something, or none",
                )
                break


def _covers(one: _Placed, other: _Placed) -> bool:
    """Tell whether a rule holds wherever the other does, with no fewer points."""
    left = list(one.rule.needs)
    for need in other.rule.needs:
        wider = next((group for group in left if set(need) <= set(group)), None)
        if wider is None:
            return False
        left.remove(wider)
    return not left and one.allowed >= other.allowed and one.excluded <= other.excluded


def speaks_of(intent: Intent, language: Language) -> bool:
    """Tell whether a language has the words for at least one rule of an intent."""
    return not intent.rules or any(
        all(
            any(tag in RECOGNISED or language.cues.get(tag) for tag in need) for need in rule.needs
        )
        for rule in intent.rules
    )


def check_names(knowledge: Knowledge) -> Iterator[Problem]:
    """Give the names that are read as something else than what they are a name of.

    They are read as in a question, so that letters which are levelled count as the same.
    """
    lexicon = Lexicon(knowledge)
    owners: dict[str, set[str]] = defaultdict(set)
    for entity, patterns, _ in _names(knowledge):
        for pattern in patterns:
            owners[pattern.casefold()].add(entity)
    for entity, patterns, place in _names(knowledge):
        own = knowledge.entities[entity]
        for pattern in patterns:
            if len(owners[pattern.casefold()]) > 1:
                continue  # shared on purpose, or told where names are held together
            mentions = recognise(split_words(pattern.replace("*", "")), lexicon)
            meant = {
                str(meaning.value)
                for mention in mentions
                for meaning in mention.meanings
                if meaning.value in knowledge.entities
            }
            others = sorted(meant - {entity, own.country})
            if others:
                yield Problem(
                    place,
                    0,
                    f"the ambiguous name {pattern!r}, which is read as {', '.join(others)} too"
                    if entity in meant
                    else f"the name {pattern!r}, which is read as {', '.join(others)}",
                    "a name of one thing, or under `shared` of each",
                )
            elif entity not in meant and pattern.strip("* "):
                tags = ", ".join(sorted({str(tag) for m in mentions for tag in m.tags}))
                yield Problem(
                    place,
                    0,
                    f"the name {pattern!r}, which is never read as {entity}"
                    + (f" but as {tags}" if tags else ""),
                    "a name that can be recognised, or none",
                )


def _names(knowledge: Knowledge) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Give each entity with patterns that people wrote for it, and their place."""
    for entity in knowledge.entities.values():
        yield entity.id, entity.aliases, f"entities.yaml#{entity.id}"
    for language in knowledge.languages.values():
        aliases: Mapping[str, tuple[str, ...]] = language.aliases
        for name, patterns in aliases.items():
            if name in knowledge.entities:
                yield name, patterns, f"languages/{language.code}/names.yaml#{name}"
