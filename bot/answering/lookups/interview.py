"""The interview: who gave it, when and why, what it asks, and the session that it mentions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.answering.finding import Finding, Ref, Say, Value, Words, say
from bot.answering.lookups.outside import elsewhere, undocumented
from bot.answering.lookups.parts import refs
from bot.answering.reply import Outcome
from bot.answering.scope import Scope
from bot.knowledge.model import Fact


def interview_fact(scope: Scope) -> Finding:
    """Who gave the interview, when, on what occasion, to whom."""
    relation = str(scope.intent.relation)
    asked = [name for name, tags in ASKED_TOGETHER.items() if scope.tags & tags]
    if relation in asked and len(asked) > 1:
        facts = tuple(f for name in asked for f in scope.knowledge.find(name, "interview"))
    elif relation == "diplomats_day":
        facts = scope.knowledge.find("day", "diplomats_day")
    else:
        facts = scope.knowledge.find(relation, "interview")
    places = [str(fact.value) for fact in scope.knowledge.find("country", relation)]
    others = [name for name in scope.countries if places and name not in places]
    if others:
        return scope.find(say("diplomats_day_elsewhere", countries=refs(others)),
                          outcome=Outcome.NOT_IN_DOCUMENTS,
                          hints=[_interview_statement(scope, fact) for fact in facts])  # fmt: skip
    speakers = scope.knowledge.find("speaker")
    if set(scope.persons) - {str(fact.value) for fact in speakers}:  # "Kogut gave it, right?"
        if "when" in scope.tags:  # "when was Kogut …?" is nothing of the interview
            return elsewhere(scope)
        says = [_interview_statement(scope, fact) for fact in speakers]
        if scope.is_yes_no:
            says.insert(0, say("denied"))
        return scope.find(*says, facts=speakers, focus=_interview_focus(scope))
    says = [_interview_statement(scope, fact) for fact in facts]
    if scope.tags & {"other_office", "role", "title_word"}:  # "the minister's": what he really is
        offices = [f for one in speakers for f in scope.knowledge.find("office", str(one.value))]
        facts = (*facts, *offices)
        says += [say("person_office", person=Ref(fact.subject), office=Ref(str(fact.value)))
                 for fact in offices]  # fmt: skip
    return scope.find(*says, facts=facts, focus=_interview_focus(scope))


ASKED_TOGETHER: Mapping[str, frozenset[str]] = {
    "speaker": frozenset({"who", "whose"}),
    "date": frozenset({"when", "date"}),
    "occasion": frozenset({"occasion"}),
    "interviewer": frozenset({"interviewer", "with_whom"}),
}
"""What may be asked of the interview in one question, by the cues that ask for it."""


def _interview_statement(scope: Scope, fact: Fact) -> Say:
    relation = fact.subject if fact.relation == "day" else fact.relation
    speakers = refs(str(f.value) for f in scope.knowledge.find("speaker"))
    return say(f"interview_{relation}", value=_value(fact), person=speakers)


def _value(fact: Fact) -> Value:
    if isinstance(fact.value, str):
        return Ref(fact.value) if fact.relation != "title" else Words(fact.value)
    if fact.value is None:
        raise ValueError(f"{fact.subject} {fact.relation}: not given")
    return fact.value


def _interview_focus(scope: Scope) -> dict[str, tuple[str, ...]]:
    speakers = tuple(str(fact.value) for fact in scope.knowledge.find("speaker"))
    return {"person": speakers, "document": ("interview",)}


def interview_about(scope: Scope) -> Finding:
    """Say what the interview is: who gave it, when, why, about what."""
    relations = ("speaker", "date", "occasion", "subject_matter")
    facts = [fact for r in relations for fact in scope.knowledge.find(r, "interview")]
    says = [_interview_statement(scope, fact) for fact in facts]
    return scope.find(*says, facts=facts, focus=_interview_focus(scope))


def interview_questions(scope: Scope) -> Finding:
    """Which questions the interview asks, in its own words."""
    document = scope.knowledge.documents["interview"]
    found = scope.find(
        say("interview_questions", number=len(document.asked)),
        quotes=[passage.quote for passage in document.asked],
        focus=_interview_focus(scope),
    )
    return replace(found, passages=tuple(passage.id for passage in document.asked))


def plenary(scope: Scope) -> Finding:
    """Where and when the plenary session was, and which one it was."""
    facts = scope.knowledge.find("place", "plenary")
    values = {fact.relation: _value(fact) for fact in scope.knowledge.facts
              if fact.subject == "plenary"}  # fmt: skip
    says = [Say("plenary", values)]
    number = scope.knowledge.find("number", "plenary")[0].value
    others = [n for n in scope.numbers if n != number and n > 5 and n < 100]
    if others and not scope.tags & {"when", "date"}:
        return undocumented(scope)
    place = scope.knowledge.entities[str(facts[0].value)]  # "in Moscow?" names Russia as well
    if scope.countries and not scope.is_open and place.country not in scope.countries:
        says.insert(0, say("denied"))
    return scope.find(*says, facts=facts, focus={"document": ("interview",)})
