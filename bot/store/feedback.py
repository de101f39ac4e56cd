"""Counts of votes by day, intent and outcome: no text, no person, no message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

import sqlalchemy as sa

from bot.store.steps import Steps
from bot.store.tables import feedback
from bot.store.upsert import Upsert


class Vote(StrEnum):
    """A press on one of the two thumbs."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class FeedbackCount:
    """How many voted so on answers of one kind on one day."""

    day: date
    """In UTC."""
    intent: str
    outcome: str
    vote: Vote
    reason: str
    """Empty where none was given."""
    count: int


_ADD = Upsert(feedback, add=("times",))
_SINCE = (
    sa.select(feedback)
    .where(feedback.c.day >= sa.bindparam("first"))
    .order_by(*feedback.primary_key)
)


class Feedback:
    """Counts of votes by day, intent and outcome."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def add(
        self, vote: Vote, *, intent: str, outcome: str, now: datetime, reason: str = ""
    ) -> None:
        """Count one vote."""
        row = {
            "day": now.astimezone(UTC).date(),
            "intent": intent,
            "outcome": outcome,
            "vote": vote,
            "reason": reason,
            "times": 1,
        }

        def step(connection: sa.Connection) -> None:
            connection.execute(_ADD.on(connection), row)

        await self._steps.write(step)

    async def since(self, day: date) -> list[FeedbackCount]:
        """Give the counts from a day on, oldest first."""

        def step(connection: sa.Connection) -> list[FeedbackCount]:
            return [
                FeedbackCount(
                    row.day, row.intent, row.outcome, Vote(row.vote), row.reason, row.times
                )
                for row in connection.execute(_SINCE, {"first": day})
            ]

        return await self._steps.read(step)
