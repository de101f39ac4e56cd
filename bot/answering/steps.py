"""What can be asked without words: by a button, a command or a link.

A `Step` names an intent and what it is about; it is looked up as a question would be, and leaves
the conversation as if the question had been typed.
"""

from __future__ import annotations

from dataclasses import replace

from bot.answering.reply import Step
from bot.answering.scope import Scope
from bot.knowledge.model import Kind, Knowledge

CARRIED = frozenset({"country", "parliament", "chamber", "person", "url", "number", "document"})
"""Tags that name something; the conversation keeps what they name apart from the cues."""


def scope_of_step(step: Step, knowledge: Knowledge) -> Scope:
    """Tell what a step is about; without an entity it is about all delegations.

    Raises `KeyError` where the knowledge has no such intent or entity.
    """
    intent = knowledge.intents[step.intent]
    scope = Scope(knowledge, intent, frozenset(cues_of_step(step, knowledge)))
    if step.entity is None:
        return replace(scope, everything=True)
    entity = knowledge.entities[step.entity]
    if entity.kind is Kind.COUNTRY:
        return replace(scope, countries=(entity.id,))
    if entity.kind is Kind.PERSON:
        return replace(scope, persons=(entity.id,))
    if entity.country is None:
        raise KeyError(step.entity)
    if entity.kind is Kind.PARLIAMENT:
        return replace(scope, countries=(entity.country,))
    return replace(scope, countries=(entity.country,), chambers=(entity.id,))


def cues_of_step(step: Step, knowledge: Knowledge) -> tuple[str, ...]:
    """Give the cues that a typed question of this kind would have left in the conversation."""
    rules = knowledge.intents[step.intent].rules
    needs = rules[0].needs if rules else ()
    return tuple(sorted(need[0] for need in needs if need[0] not in CARRIED))


def full_answer(name: str, knowledge: Knowledge) -> tuple[str, ...]:
    """Give all passages that answer a document's question, by its id or that of one of them.

    Raises `KeyError` where there is neither.
    """
    for document in knowledge.documents.values():
        questions = {passage.id: passage.asked for passage in document.passages}
        asked = questions.get(name) or name
        found = tuple(key for key, question in questions.items() if question == asked)
        if found:
            return found
    raise KeyError(name)
