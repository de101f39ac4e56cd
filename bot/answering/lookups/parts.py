"""What several look-ups use: what was spoken of, what is nearest to it, asking back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.answering.finding import Finding, Ref, Say, say
from bot.answering.reply import Outcome
from bot.answering.scope import Scope
from bot.knowledge.model import Fact

MOST_NAMED = 6


def clarify(scope: Scope, key: str, choices: Iterable[str]) -> Finding:
    """Ask back, offering entities to choose from."""
    return replace(
        scope.find(say(key), outcome=Outcome.CLARIFY), choices=tuple(dict.fromkeys(choices))
    )


def focus_on(countries: Sequence[str], **other: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Tell what was spoken of, by kind."""
    return {"country": tuple(countries)} | {kind: ids for kind, ids in other.items() if ids}


def refs(ids: Iterable[str]) -> tuple[Ref, ...]:
    """Name entities."""
    return tuple(Ref(identifier) for identifier in ids)


def outcome_of(facts: Sequence[Fact]) -> Outcome:
    """Tell whether any of the facts is given."""
    given = any(fact.given for fact in facts)
    return Outcome.ANSWER if given else Outcome.NOT_IN_DOCUMENTS


def nearest(scope: Scope, countries: Iterable[str]) -> list[Say]:
    """Say what the documents do give of countries, where they are silent on what was asked."""
    hints: list[Say] = []
    for country in countries:
        if country not in scope.delegations:
            hints.append(say("have_delegations", countries=refs(scope.delegations)))
            continue
        given = [
            say(f"have_{relation}")
            for relation in ("members", "representative", "website")
            if any(fact.given for fact in scope.knowledge.find(relation, country))
        ]
        hints.append(say("have", country=Ref(country), things=given))
    return hints[:2]
