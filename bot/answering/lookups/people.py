"""People and their offices, and whether a person is what a question takes him for."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answering.finding import Finding, Ref, Say, say
from bot.answering.lookups.delegations import (
    representative,
)
from bot.answering.lookups.outside import elsewhere
from bot.answering.lookups.parts import focus_on, refs
from bot.answering.scope import Scope
from bot.knowledge.model import Fact


def person(scope: Scope) -> Finding:
    """Who a person is: whom he represents, and which offices he holds."""
    says: list[Say] = []
    facts: list[Fact] = []
    countries: list[str] = []
    speakers = {fact.value for fact in scope.knowledge.find("speaker")}
    elsewhere_said = scope.countries and "said" in scope.tags and "other_office" not in scope.tags
    if elsewhere_said and set(scope.persons) <= speakers:
        return elsewhere(scope)
    for name in scope.persons:
        for fact in scope.knowledge.find("representative"):
            if fact.value == name:
                facts.append(fact)
                countries.append(fact.subject)
                says.append(say("person_represents", person=Ref(name), country=Ref(fact.subject)))
        for fact in scope.knowledge.find("office", name):
            facts.append(fact)
            key = "also_office" if countries else "person_office"
            says.append(say(key, person=Ref(name), office=Ref(str(fact.value))))
        for fact in scope.knowledge.find("speaker"):
            if fact.value == name:
                facts.append(fact)
                says.append(say("gave_interview", person=Ref(name)))
        if "other" in scope.tags and not any(
            fact.subject == name for fact in scope.knowledge.find("office")
        ):
            says.append(say("no_other_office", person=Ref(name)))
    return scope.find(*says, facts=facts, focus=focus_on(countries, person=scope.persons))


def verify_representative(scope: Scope) -> Finding:
    """Whether a person represents a country; if not, whom he does, and who represents it."""
    if scope.tags & {"only", "also", "other"}:  # "only its representative?": all that he is
        return person(scope)
    says: list[Say] = []
    facts: list[Fact] = []
    all_facts = scope.knowledge.find("representative")
    represented = {str(fact.value): fact for fact in all_facts if fact.given}
    right = all(
        name in represented and represented[name].subject in scope.countries
        for name in scope.persons
    )
    if not scope.tags & {"not", "either"} and not (scope.is_open and right):
        says.append(say("confirmed" if right else "denied"))
    for name in scope.persons:
        fact = represented.get(name)
        if fact:
            facts.append(fact)
            says.append(say("person_represents", person=Ref(name), country=Ref(fact.subject)))
        else:
            offices = scope.knowledge.find("office", name)
            facts += offices
            says += [say("person_office", person=Ref(name), office=Ref(str(o.value)))
                     for o in offices]  # fmt: skip
            says.append(say("represents_nobody", person=Ref(name)))
    if not right:
        own = {represented[n].subject for n in scope.persons if n in represented}
        for country in scope.countries:
            for fact in all_facts:
                if fact.subject == country and country not in own:
                    facts.append(fact)
                    if fact.given:
                        says.append(say("representative", country=Ref(country),
                                        person=Ref(str(fact.value))))  # fmt: skip
                    elif country in scope.delegations:
                        says.append(say("representative_not_given", country=Ref(country)))
                    else:
                        says.append(say("no_delegation", country=Ref(country)))
    return scope.find(*says, facts=facts, focus=focus_on(scope.countries, person=scope.persons))


def office_holders(scope: Scope) -> Finding:
    """Who holds an office; whether a person, or a country's representative, does."""
    office = str(scope.intent.relation)
    facts = [fact for fact in scope.knowledge.find("office") if fact.value == office]
    holders = [fact.subject for fact in facts]
    besides = "except" in scope.tags or {"other", "who"} <= scope.tags  # "who else than he?"
    persons = [] if besides else list(scope.persons)
    if not persons and not scope.persons:
        persons = [
            str(fact.value)
            for country in scope.countries
            for fact in scope.knowledge.find("representative", country)
            if fact.given
        ]
    if not persons:
        says = [_held_by(scope, holders, office)]
        if scope.countries:
            says = [*representative(scope).says, *says]
        if "count" in scope.tags:
            says.insert(0, say("holders_count", number=len(holders)))
        return scope.find(*says, facts=facts, focus={"person": tuple(holders)})
    says = []
    used: list[Fact] = []
    holding = [name for name in persons if name in holders]
    lacking_it = [name for name in persons if name not in holders]
    if scope.is_yes_no:
        says.append(say("denied" if lacking_it else "confirmed"))
    for name in holding:
        says.append(say("holds_office", person=Ref(name), office=Ref(office)))
        used += [fact for fact in facts if fact.subject == name]
    for name in lacking_it:
        says.append(say("holds_no_office", person=Ref(name), office=Ref(office)))
        used += [f for f in scope.knowledge.find("representative") if f.value == name]
        used += scope.knowledge.find("office", name)
    if lacking_it:
        others = [name for name in holders if name not in holding]
        says.append(_held_by(scope, holders, office))
        used += [fact for fact in facts if fact.subject in others]
    if lacking_it and says and says[0].key == "denied":
        says.pop(0)
    return scope.find(*says, facts=used, focus={"person": tuple(persons)})


def _held_by(scope: Scope, holders: Sequence[str], office: str) -> Say:
    """Say who holds an office, each with the country that he represents."""
    countries = {str(f.value): f.subject for f in scope.knowledge.find("representative")}
    persons = tuple(
        say("held_by", person=Ref(name), country=Ref(countries[name])) for name in holders
    )
    return say("office_holders", persons=persons, office=Ref(office))


def not_holding(scope: Scope) -> Finding:
    """Say to which representatives the documents give no second office."""
    held = [fact for fact in scope.knowledge.find("office")
            if fact.value == "deputy_executive_secretary"]  # fmt: skip
    holders = {fact.subject for fact in held}
    named = [fact for fact in scope.knowledge.find("representative") if fact.given]
    others = tuple(str(fact.value) for fact in named if fact.value not in holders)
    facts = [fact for fact in named if fact.value in others]
    return scope.find(
        say("not_holding", persons=refs(others), office=Ref("deputy_executive_secretary")),
        facts=facts, focus={"person": others},
    )  # fmt: skip


def people_named(scope: Scope) -> Finding:
    """Which people the documents name."""
    named = [fact for fact in scope.knowledge.find("representative") if fact.given]
    speakers = scope.knowledge.find("speaker")
    says = [
        say("person_represents", person=Ref(str(fact.value)), country=Ref(fact.subject))
        for fact in named
    ]
    says += [say("gave_interview", person=Ref(str(fact.value))) for fact in speakers]
    return scope.find(*says, facts=[*named, *speakers])
