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

    async def explain(self, reason: str, *, intent: str, outcome: str, now: datetime) -> None:
        """Give a reason for a thumb down that was counted before, so that it stays one vote.

        The last one without a reason takes it; where there is none, it is counted as a vote.
        """
        unexplained = (
            feedback.c.intent == intent,
            feedback.c.outcome == outcome,
            feedback.c.vote == Vote.DOWN,
            feedback.c.reason == "",
        )
        last = sa.select(sa.func.max(feedback.c.day)).where(*unexplained)

        def step(connection: sa.Connection) -> None:
            day = connection.execute(last).scalar()
            if day is not None:
                row = (*unexplained, feedback.c.day == day)
                left = sa.update(feedback).where(*row, feedback.c.times > 1)
                if not connection.execute(left.values(times=feedback.c.times - 1)).rowcount:
                    connection.execute(sa.delete(feedback).where(*row))
            values = {
                "day": day or now.astimezone(UTC).date(),
                "intent": intent,
                "outcome": outcome,
                "vote": Vote.DOWN,
                "reason": reason,
                "times": 1,
            }
            connection.execute(_ADD.on(connection), values)

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
