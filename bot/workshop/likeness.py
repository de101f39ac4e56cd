"""Questions that found no answer, put together where alike, and what would answer them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rapidfuzz import fuzz

from bot.answering import Answerer, Conversation, Outcome, Question, Reply

ALIKE = 80
"""Of 100: from here on two questions count as one. Word order and repeated words do not matter."""
MOST_READ = 1000
"""Questions that are looked at: some milliseconds each."""


class Lack(StrEnum):
    """What the knowledge lacks for a question; `replies.yaml` says each as `lack_<lack>`."""

    NOTHING = "nothing"
    """It is answered by now."""
    FACT = "fact"
    DOCUMENT = "document"
    """No fact or passage there could be without a document that says more."""
    PASSAGE = "passage"


@dataclass(slots=True)
class Group:
    """Questions that one addition would answer."""

    questions: list[str]
    """The most frequent first."""
    language: str
    """Of the first question."""
    count: int
    lack: Lack
    values: Mapping[str, str] = field(default_factory=dict)
    """What fills the placeholders of `lack_<lack>`."""


def grouped(
    asked: Iterable[tuple[str, str, int]], answerer: Answerer, now: datetime
) -> list[Group]:
    """Put questions together, the most frequent groups first.

    Those that were understood are alike where they ask the same of the same entities, in whatever
    language; the others where their words are.

    Args:
        asked: questions with their language and how often they were asked.
        answerer: says what is lacking by now.
        now: the present.
    """
    totals: dict[tuple[str, str], int] = {}
    for question, language, count in asked:
        totals[question, language] = totals.get((question, language), 0) + count
    ordered = sorted(totals.items(), key=lambda one: (-one[1], one[0]))[:MOST_READ]
    understood: dict[tuple[object, ...], Group] = {}
    others: list[tuple[str, Group]] = []
    for (question, language), count in ordered:
        reply, _ = answerer.answer(Question(question, language), Conversation(), now)
        lack, values = lacking(reply, answerer)
        form = " ".join(word.form for word in answerer.read(question).words)
        key = (lack, *sorted(values.items()))
        if lack is Lack.FACT:
            group = understood.get(key)
        else:
            group = next(
                (
                    group
                    for words, group in others
                    if group.lack is lack and fuzz.token_sort_ratio(form, words) >= ALIKE
                ),
                None,
            )
        if group is not None:
            group.questions.append(question)
            group.count += count
            continue
        group = Group([question], language, count, lack, values)
        if lack is Lack.FACT:
            understood[key] = group
        else:
            others.append((form, group))
    found = [*understood.values(), *(group for _, group in others)]
    return sorted(found, key=lambda group: (-group.count, group.questions[0]))


def lacking(reply: Reply, answerer: Answerer) -> tuple[Lack, Mapping[str, str]]:
    """Tell what would have to be added for a question to be answered."""
    if reply.outcome is Outcome.ANSWER:
        return Lack.NOTHING, {}
    intent = answerer.knowledge.intents.get(reply.intent or "")
    entities = [one for ids in reply.entities.values() for one in ids]
    if intent is not None and intent.relation and entities:
        return Lack.FACT, {"subject": ", ".join(entities), "relation": intent.relation}
    if intent is not None and intent.id == "undocumented":
        return Lack.DOCUMENT, {}
    return Lack.PASSAGE, {"file": f"languages/{reply.language}/topics.yaml"}
