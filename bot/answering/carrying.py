"""What a turn leaves behind for the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.answering.asking import ENTITY_TAGS
from bot.answering.conversation import Conversation
from bot.answering.entities import Mention
from bot.answering.finding import Finding
from bot.answering.intents import Ask
from bot.answering.reply import Outcome
from bot.answering.scope import EARLIER, OLDER, recognised
from bot.knowledge.model import Kind

COMPARING = frozenset({"compare", "more", "less", "most", "fewest", "same", "difference", "ratio"})
"""Cues of comparisons."""


def cues_of(ask: Ask) -> tuple[str, ...]:
    """Give what a follow-up may take from a question: its cues, without what it names."""
    return tuple(sorted(ask.tags - ENTITY_TAGS - {"anaphora", "followup", "conjunction"}))


def cues_of_sum(cues: Sequence[str]) -> tuple[str, ...]:
    """Give the cues of the total that is asked for after a question: "and together?".

    What was compared is then summed, and nothing is left out of it.
    """
    kept = tuple(cue for cue in cues if cue not in COMPARING and cue not in {"all", "except"})
    return kept if COMPARING.isdisjoint(cues) else (*kept, "members")


def _earlier(
    before: Mapping[str, tuple[str, ...]], after: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    """Remember the countries of the turn before this one, and those before them."""
    old, new = before.get("country", ()), after.get("country", ())
    if not new:
        return {}
    earlier, older = before.get(EARLIER, ()), before.get(OLDER, ())
    if old != new:
        earlier, older = old, (*older, *earlier)
    earlier = tuple(country for country in earlier if country not in new)
    older = tuple(c for c in dict.fromkeys(older) if c not in (*new, *earlier))
    return {kind: ids for kind, ids in ((EARLIER, earlier), (OLDER, older)) if ids}


def _of_kind(kind: str, entities: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return {kind: entities[kind]} if kind in entities else {}


def continued(
    conversation: Conversation,
    finding: Finding,
    asked: Sequence[Ask],
    mentions: Sequence[Mention],
    language: str,
    now: datetime,
) -> Conversation:
    """Give the conversation after a turn: small talk and refusals leave it as it was."""
    if finding.outcome in (Outcome.HELP, Outcome.OUT_OF_SCOPE):
        return replace(conversation, language=language, asked_at=now)
    entities = dict(finding.focus)
    if asked and "anaphora" in asked[-1].tags:  # "his country": he is still spoken of
        entities = {**_of_kind(Kind.PERSON, conversation.entities), **entities}
    entities.update(_earlier(conversation.entities, entities))
    if finding.outcome is Outcome.CLARIFY:
        entities = {**conversation.entities, **recognised(mentions)}
    elif finding.outcome is Outcome.NOT_IN_DOCUMENTS:  # "his telephone?": he is still spoken of
        said = {kind: ids for kind, ids in entities.items() if ids}
        entities = {**recognised(mentions), **said}
    cues: tuple[str, ...] = ()
    if asked and finding.intent != "passage":
        last = asked[-1]
        cues = cues_of(last)
    return Conversation(cues, entities, language, now)
