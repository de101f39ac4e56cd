"""Delegations: who represents them, which chambers they are made of, where to find them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.answering.finding import Count, Finding, Ref, Say, Words, say
from bot.answering.lookups.parts import MOST_NAMED, focus_on, nearest, outcome_of, refs
from bot.answering.reply import Outcome
from bot.answering.scope import Scope
from bot.knowledge.model import Fact


def representative(scope: Scope) -> Finding:
    """Who represents a country, several, or each."""
    says: list[Say] = []
    facts: list[Fact] = []
    persons: list[str] = []
    for country in scope.meant:
        for fact in scope.knowledge.find("representative", country):
            facts.append(fact)
            if fact.given:
                persons.append(str(fact.value))
                says.append(
                    say("representative", country=Ref(country), person=Ref(str(fact.value)))
                )
            elif country in scope.delegations:
                says.append(say("representative_not_given", country=Ref(country)))
            else:
                says.append(say("no_delegation", country=Ref(country)))
    outcome = outcome_of(facts)
    silent = outcome is Outcome.NOT_IN_DOCUMENTS
    return scope.find(
        *says,
        facts=facts,
        outcome=outcome,
        focus=focus_on(scope.meant, person=tuple(persons)),
        hints=nearest(scope, scope.meant) if silent else (),
    )


def _parts(facts: Sequence[Fact]) -> tuple[Say, ...]:
    return tuple(
        say("part", number=int(str(fact.value)), chamber=Ref(fact.of or fact.subject))
        for fact in facts
    )


def size_of(scope: Scope, country: str) -> Say:
    """Say how many members a delegation has, with the chambers that it is made of."""
    facts = scope.members(country)
    if len(facts) == 1 and facts[0].of:
        return say(
            "members_one_chamber",
            country=Ref(country),
            members=Count(scope.size(country), "member"),
            chamber=Ref(facts[0].of),
        )
    return say(
        "members",
        country=Ref(country),
        members=Count(scope.size(country), "member"),
        parts=_parts(facts),
    )


def members(scope: Scope) -> Finding:
    """How many members, from which chambers: of a chamber, a country, several, or each."""
    says: list[Say] = []
    facts: list[Fact] = []
    asked: list[int] = []
    if scope.chambers:
        for chamber in scope.chambers:
            country = scope.country_of(chamber)
            for fact in scope.members(country):
                if fact.of == chamber:
                    facts.append(fact)
                    number = int(str(fact.value))
                    asked.append(number)
                    says.append(
                        say("members_chamber", chamber=Ref(chamber), country=Ref(country),
                            members=Count(number, "member"))
                    )  # fmt: skip
        countries: tuple[str, ...] = tuple(dict.fromkeys(map(scope.country_of, scope.chambers)))
        only = bool(scope.tags & {"only", "all"}) and scope.is_yes_no
        if only and set(scope.chambers) != {f.of for c in countries for f in scope.members(c)}:
            says.insert(0, say("denied"))
        if (only or "total" in scope.tags) and len(countries) == 1:
            says.append(size_of(scope, countries[0]))
            facts += [fact for fact in scope.members(countries[0]) if fact not in facts]
    else:
        countries = scope.meant
        for country in countries:
            of_country = scope.members(country)
            if not of_country:
                says.append(say("no_delegation", country=Ref(country)))
                continue
            facts += of_country
            asked.append(scope.size(country))
            says.append(size_of(scope, country))
            if scope.tags & {"both", "two_chambers"} and len(of_country) == 1:
                says.append(say("only_one_chamber", country=Ref(country)))
    if not facts:
        return scope.find(*says, outcome=Outcome.NOT_IN_DOCUMENTS, focus=focus_on(countries),
                          hints=nearest(scope, countries))  # fmt: skip
    if scope.numbers and len(asked) == 1 and scope.is_yes_no:
        parts = [int(str(fact.value)) for fact in facts]
        compared = scope.tags & {"more", "less"}
        claimed = [n for n in scope.numbers if n != len(facts) or n in (*asked, *parts)]
        if claimed and not compared:
            holds = set(claimed) <= {*asked, *parts}
            fits = asked[0] in claimed or (holds and len(claimed) > 1)
            says.insert(0, say("confirmed" if fits else "denied"))
    return scope.find(*says, facts=facts, focus=focus_on(countries, chamber=scope.chambers))


def websites(scope: Scope) -> Finding:
    """Which websites the documents give: of a chamber, a country, several, or all."""
    says: list[Say] = []
    facts: list[Fact] = []
    for country in scope.meant:
        of_country = scope.knowledge.find("website", country)
        chambers = [c for c in scope.chambers if scope.country_of(c) == country]
        if chambers:
            found = [fact for fact in of_country if fact.of in chambers]
            missing = [c for c in chambers if not any(fact.of == c for fact in found)]
            says += [
                say("website_chamber_not_given", chamber=Ref(c), country=Ref(country))
                for c in missing
            ]
        else:
            found = [fact for fact in of_country if fact.given]
            if not found:
                key = "website_not_given" if country in scope.delegations else "no_delegation"
                says.append(say(key, country=Ref(country)))
        facts += found
        says += [
            say("website", chamber=Ref(str(fact.of)), country=Ref(country),
                address=Words(str(fact.value)))
            for fact in found
            if fact.given
        ]  # fmt: skip
    given = [fact for fact in facts if fact.given]
    if "count" in scope.tags and len(given) > 1 and not scope.countries:
        says.insert(0, say("websites_count", websites=Count(len(given), "website")))
    outcome = outcome_of(given)
    if outcome is Outcome.ANSWER and not scope.countries and not scope.excepted:
        silent = [c for c in scope.meant if not any(fact.subject == c for fact in given)]
        says = [s for s in says if s.key not in ("website_not_given", "no_delegation")]
        if silent:
            says.append(say("website_not_given_many", countries=refs(silent)))
    return scope.find(
        *says,
        facts=given,
        outcome=outcome,
        focus=focus_on(scope.meant, chamber=scope.chambers),
        hints=nearest(scope, scope.meant) if outcome is Outcome.NOT_IN_DOCUMENTS else (),
    )


def overview(scope: Scope) -> Finding:
    """Everything about a delegation, with what the documents leave out."""
    says: list[Say] = []
    facts: list[Fact] = []
    for country in scope.meant[:MOST_NAMED]:
        if country not in scope.delegations:
            says.append(say("no_delegation", country=Ref(country)))
            continue
        facts += scope.members(country)
        says.append(size_of(scope, country))
        person = representative(replace(scope, countries=(country,), chambers=()))
        sites = websites(replace(scope, countries=(country,), chambers=()))
        says += [*person.says, *offices_of(scope, person.focus.get("person", ())), *sites.says]
        facts += [
            fact
            for relation in ("representative", "website")
            for fact in scope.knowledge.find(relation, country)
            if fact.given
        ]
    outcome = outcome_of(facts)
    hints = nearest(scope, scope.meant) if outcome is Outcome.NOT_IN_DOCUMENTS else []
    return scope.find(
        *says, facts=facts, outcome=outcome, focus=focus_on(scope.meant), hints=hints
    )


def offices_of(scope: Scope, persons: Iterable[str]) -> list[Say]:
    """Say which offices representatives hold besides."""
    return [
        say("also_office", person=Ref(person), office=Ref(str(fact.value)))
        for person in persons
        for fact in scope.knowledge.find("office", person)
    ]


def delegations(scope: Scope) -> Finding:
    """Which delegations the documents describe."""
    names = tuple(name for name in scope.delegations if name not in scope.excepted)
    facts = [fact for name in names for fact in scope.members(name)]
    return scope.find(
        say("delegations", number=len(names), countries=refs(names)), facts=facts,
        focus=focus_on(names),
    )  # fmt: skip


def count_delegations(scope: Scope) -> Finding:
    """How many delegations the documents describe."""
    return delegations(replace(scope, excepted=()))


def chambers(scope: Scope) -> Finding:
    """Which chambers the delegations are drawn from."""
    facts = [fact for name in scope.meant for fact in scope.members(name)]
    says = [
        say(
            "chambers_of",
            country=Ref(name),
            chambers=refs(str(f.of) for f in scope.members(name)),
        )
        for name in scope.meant
    ]
    if "count" in scope.tags:
        says.insert(0, say("chambers_count", chambers=Count(len(facts), "chamber")))
    return scope.find(*says, facts=facts, focus=focus_on(scope.meant))


def count_representatives(scope: Scope) -> Finding:
    """How many representatives the documents name."""
    facts = [fact for fact in scope.knowledge.find("representative") if fact.given]
    found = representative(replace(scope, countries=(), excepted=()))
    return replace(found, says=(say("representatives_count", number=len(facts)), *found.says))


def lacking(scope: Scope) -> Finding:
    """Which delegations have no website, representative or second chamber in the documents."""
    names = [name for name in scope.delegations if name not in scope.excepted]
    if scope.tags & {"chamber_word", "one_chamber"}:
        single = [name for name in names if len(scope.members(name)) == 1]
        facts = [fact for name in single for fact in scope.members(name)]
        return scope.find(
            *(say("chambers_one", country=Ref(n), chamber=Ref(str(scope.members(n)[0].of)))
              for n in single),
            facts=facts, focus=focus_on(single),
        )  # fmt: skip
    says: list[Say] = []
    given: list[Fact] = []
    focus: list[str] = []
    relations = [r for r in ("website", "representative") if r in scope.tags]
    for relation in relations or ["website", "representative"]:
        told = scope.knowledge.find(relation)
        silent = [n for n in names if not any(f.subject == n and f.given for f in told)]
        given += [fact for fact in told if fact.given]
        focus += silent
        says.append(say(f"lacking_{relation}", countries=refs(silent)))
    if not relations:
        says.append(say("lacking_names"))
    return scope.find(*says, facts=given, focus=focus_on(tuple(dict.fromkeys(focus))))


def two_chambers(scope: Scope) -> Finding:
    """Which delegations are drawn from two chambers."""
    names = [name for name in scope.delegations if len(scope.members(name)) == 2]
    facts = [fact for name in names for fact in scope.members(name)]
    says = [
        say(
            "chambers_of",
            country=Ref(name),
            chambers=refs(str(f.of) for f in scope.members(name)),
        )
        for name in names
    ]
    return scope.find(*says, facts=facts, focus=focus_on(names))


def chamber_country(scope: Scope) -> Finding:
    """Which country a chamber or parliament belongs to."""
    says: list[Say] = []
    facts: list[Fact] = []
    countries = [scope.country_of(chamber) for chamber in scope.chambers]
    asked = [name for name in scope.countries if name not in countries]
    if scope.chambers and scope.countries and not scope.is_open:
        claims = scope.tags & {"polar", "chamber_word", "parliament_word"}
        if not asked and not claims:  # "the Senate of Kazakhstan" asks of it
            return members(scope)
        says.append(say("denied" if asked else "confirmed"))
    for chamber in scope.chambers:
        country = scope.country_of(chamber)
        says.append(say("chamber_country", chamber=Ref(chamber), country=Ref(country)))
        facts += [fact for fact in scope.members(country) if fact.of == chamber]
    if not scope.chambers:
        return overview(scope)
    for name in asked:
        facts += scope.members(name)
        if scope.members(name):
            says.append(say("chambers_of", country=Ref(name),
                            chambers=refs(str(f.of) for f in scope.members(name))))  # fmt: skip
    return scope.find(*says, facts=facts, focus=focus_on(countries, chamber=scope.chambers))


def website_owner(scope: Scope) -> Finding:
    """Whose a website is; whether it is a given country's or chamber's."""
    facts = [
        fact for fact in scope.knowledge.find("website")
        if any(fact.value == url for url in scope.urls)
    ]  # fmt: skip
    says: list[Say] = []
    owners = tuple(fact.subject for fact in facts)
    chambers_of_sites = {fact.of for fact in facts}
    if scope.is_yes_no:
        wrong = any(name not in owners for name in scope.countries) or any(
            chamber not in chambers_of_sites for chamber in scope.chambers
        )
        if scope.countries or scope.chambers:
            says.append(say("denied" if wrong else "confirmed"))
    says += [
        say("website_owner", address=Words(str(fact.value)), chamber=Ref(str(fact.of)),
            country=Ref(fact.subject))
        for fact in facts
    ]  # fmt: skip
    return scope.find(*says, facts=facts, focus=focus_on(owners))
