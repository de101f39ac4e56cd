"""Counts of answers by day, outcome and intent: no text, no person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime

import sqlalchemy as sa

from bot.store.steps import Steps
from bot.store.tables import answers
from bot.store.upsert import Upsert


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """How many answers of one kind were given on one day."""

    day: date
    """In UTC."""
    outcome: str
    intent: str
    """Empty where none was recognised."""
    count: int


_ADD = Upsert(answers, add=("times",))
_SINCE = (
    sa.select(answers).where(answers.c.day >= sa.bindparam("first")).order_by(*answers.primary_key)
)


class Answers:
    """Counts of answers."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def add(self, outcome: str, intent: str | None, now: datetime) -> None:
        """Count one answer."""
        row = now.astimezone(UTC).date(), outcome, intent or ""
        # Last of all in its transaction: every process counts in the same few rows, and has each
        # to itself until it commits.
        await self._steps.write_for_all(_add, row, order="answers")

    async def since(self, day: date) -> list[AnswerCount]:
        """Give the counts from a day on, oldest first."""

        def step(connection: sa.Connection) -> list[AnswerCount]:
            return [
                AnswerCount(row.day, row.outcome, row.intent, row.times)
                for row in connection.execute(_SINCE, {"first": day})
            ]

        return await self._steps.read(step)


def _add(connection: sa.Connection, answers: list[tuple[date, str, str]]) -> list[None]:
    """Count answers, row after row in one order, so that no two processes stop each other."""
    counted = [
        {"day": day, "outcome": outcome, "intent": intent, "times": times}
        for (day, outcome, intent), times in sorted(Counter(answers).items())
    ]
    connection.execute(_ADD.on(connection), counted)
    return [None] * len(answers)
