"""Questions that found no answer, without who asked; only where the operator wants it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from bot.store.steps import Steps
from bot.store.tables import unanswered
from bot.store.upsert import Upsert

KEPT = timedelta(days=90)
"""Long enough to write what is missing; people write what should not stay."""


@dataclass(frozen=True, slots=True)
class UnansweredCount:
    """A question that found no answer on one day, and how often."""

    day: date
    """In UTC."""
    language: str
    question: str
    count: int


_ADD = Upsert(unanswered, add=("times",))
_SINCE = (
    sa.select(unanswered)
    .where(unanswered.c.day >= sa.bindparam("first"))
    .order_by(unanswered.c.times.desc(), *unanswered.primary_key)
)


class Unanswered:
    """Questions that found no answer, without who asked; only where the operator wants it."""

    def __init__(self, steps: Steps, *, keep: bool) -> None:
        self._steps = steps
        self.keep = keep
        """KEEP_UNANSWERED."""

    async def add(self, question: str, language: str, now: datetime) -> bool:
        """Count a question. Does nothing, and gives False, unless KEEP_UNANSWERED is set."""
        if not self.keep:
            return False
        row = {
            "day": now.astimezone(UTC).date(),
            "language": language,
            "question": question,
            "times": 1,
        }

        def step(connection: sa.Connection) -> None:
            connection.execute(_ADD.on(connection), row)

        await self._steps.write(step)
        return True

    async def since(self, day: date) -> list[UnansweredCount]:
        """Give what was asked in vain from a day on, the most frequent first."""

        def step(connection: sa.Connection) -> list[UnansweredCount]:
            return [
                UnansweredCount(row.day, row.language, row.question, row.times)
                for row in connection.execute(_SINCE, {"first": day})
            ]

        return await self._steps.read(step)
