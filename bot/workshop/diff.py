"""What a change of the knowledge does: every question test whose reply is another one after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.answering import Answerer, Reply
from bot.answering.loading import load
from bot.errors import BotError, KnowledgeError, Problem
from bot.workshop.questions import GoldQuestion, QuestionFile
from bot.workshop.score import Verdict, ask_all, judged


class DiffError(BotError):
    """Two versions that cannot be held together; `problems` lists everything at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Said:
    """What one version says to a question, and whether it is right."""

    outcome: str
    intent: str | None
    text: str
    verdict: Verdict

    def as_json(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "outcome": self.outcome,
            "intent": self.intent,
            "text": self.text,
            "verdict": self.verdict.value,
        }


@dataclass(frozen=True, slots=True)
class Change:
    """A question that the two versions answer differently."""

    question: GoldQuestion
    old: Said
    new: Said

    def as_json(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "id": self.question.id,
            "lang": self.question.lang,
            "question": self.question.text,
            "old": self.old.as_json(),
            "new": self.new.as_json(),
        }


def load_both(old: Path, new: Path, language: str | None = None) -> tuple[Answerer, Answerer]:
    """Load two versions of the knowledge.

    Raises `DiffError` where one cannot be used, or where they have different languages and none
    of those in both is named.
    """
    problems: list[Problem] = []
    found: list[Answerer] = []
    for folder in (old, new):
        try:
            found.append(Answerer(load(folder)))
        except KnowledgeError as error:
            problems += [one.within(error.folder) for one in error.problems]
    if problems:
        raise DiffError(problems)
    spoken = [set(answerer.knowledge.languages) for answerer in found]
    both = ", ".join(sorted(spoken[0] & spoken[1])) or "none"
    if language is None and spoken[0] != spoken[1]:
        odd = ", ".join(sorted(spoken[0] ^ spoken[1]))
        expected = f"the same languages, or --lang with one of both: {both}"
        raise DiffError([Problem(f"{old}, {new}", 0, f"{odd} in one of them alone", expected)])
    if language is not None and not all(language in codes for codes in spoken):
        raise DiffError([Problem("--lang", 0, repr(language), f"a language of both: {both}")])
    return found[0], found[1]


def changes(
    files: Iterable[QuestionFile],
    old: Answerer,
    new: Answerer,
    now: datetime,
    language: str | None = None,
) -> tuple[int, list[Change]]:
    """Ask both versions every question; give how many were asked, and what changes."""
    asked = 0
    found: list[Change] = []
    for file in files:
        both = zip(ask_all(file, old, now), ask_all(file, new, now), strict=True)
        for (question, before), (_, after) in both:
            if language not in (None, question.lang):
                continue
            asked += 1
            change = Change(question, _said(question, before, old), _said(question, after, new))
            if (change.old.outcome, change.old.text) != (change.new.outcome, change.new.text):
                found.append(change)
    return asked, found


def _said(question: GoldQuestion, reply: Reply | Exception, answerer: Answerer) -> Said:
    verdict = judged(question, reply, answerer).verdict
    if isinstance(reply, Exception):
        return Said("error", None, f"{type(reply).__name__}: {reply}", verdict)
    return Said(reply.outcome.value, reply.intent, reply.text, verdict)
