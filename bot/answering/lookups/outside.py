"""The documents themselves, what they are silent on, small talk, and what is not the subject."""

from __future__ import annotations

from bot.answering.finding import Finding, Say, Value, Words, quotes_of, say
from bot.answering.lookups.parts import MOST_NAMED, focus_on, nearest, refs
from bot.answering.reply import Outcome
from bot.answering.scope import Scope


def sources(scope: Scope) -> Finding:
    """Name the documents that the answers are taken from."""
    documents = scope.knowledge.documents.values()
    says = [
        say("source_dated" if document.date else "source_undated", title=Words(document.title),
            **({"date": document.date} if document.date else {}))
        for document in documents
    ]  # fmt: skip
    dated = {document.date for document in documents if document.date}
    dates = [fact for fact in scope.knowledge.find("date") if fact.value in dated]
    heads = [document.head for document in documents]
    return scope.find(*says, quotes=[*heads, *quotes_of(dates)])


def freshness(scope: Scope) -> Finding:
    """How old the documents are."""
    return sources(scope)


SILENT = frozenset(
    {"member_names", "contact", "birth", "biography", "appointment", "headquarters",
     "executive_secretary", "other_office", "budget", "history", "next_session",
     "member_states", "attribute"}
)  # fmt: skip
"""Cues of what people ask next door. `intents.yaml` lists the same for `undocumented`."""


def undocumented(scope: Scope) -> Finding:
    """Something near the subject that the documents are known to be silent on."""
    silent = sorted(scope.tags & SILENT, key=lambda tag: tag != "member_names")
    keys = [say(f"silent_{tag}") for tag in silent] or [say("silent_member_names")]
    named = scope.countries
    if scope.intent.relation is not None:
        keys, named = [say(f"silent_{scope.intent.relation}")], scope.chambers or scope.countries
    about: list[Value] = [*refs(scope.persons), *refs(named)]
    says = [say("not_given", thing=keys[0])]
    if about:
        says = [say("not_given_about", thing=keys[0], about=tuple(about[:MOST_NAMED]))]
    hints: list[Say] = []
    if "member_states" in (scope.intent.relation, *silent):
        hints.append(say("have_delegations", countries=refs(scope.delegations)))
    elif scope.countries:
        hints += nearest(scope, scope.countries)
    elif silent and silent[0] == "executive_secretary":
        holders = [f.subject for f in scope.knowledge.find("office")
                   if f.value == "deputy_executive_secretary"]  # fmt: skip
        hints.append(say("have_deputies", number=len(holders)))
    else:
        hints.append(say("have_delegations", countries=refs(scope.delegations)))
    return scope.find(*says, outcome=Outcome.NOT_IN_DOCUMENTS, hints=hints,
                      focus=focus_on(scope.countries, person=scope.persons))  # fmt: skip


def elsewhere(scope: Scope) -> Finding:
    """Another organisation or stage than the Assembly."""
    sought = Words(" ".join(scope.sought[:4])) if scope.sought else None
    says = [say("not_about", thing=sought)] if sought else [say("not_given_here")]
    hints = [say("have_delegations", countries=refs(scope.delegations))]
    return scope.find(*says, outcome=Outcome.NOT_IN_DOCUMENTS, hints=hints)


def help_(scope: Scope) -> Finding:
    """Greet, thank, say goodbye, or tell what the bot can do."""
    return scope.find(say(scope.intent.id), outcome=Outcome.HELP)


def off_topic(scope: Scope) -> Finding:
    """Anything that is not the subject; what a person may have said of it is not documented."""
    if "person" in scope.tags and "command" not in scope.tags and scope.sought:
        return elsewhere(scope)
    return scope.find(say("out_of_scope"), outcome=Outcome.OUT_OF_SCOPE)
