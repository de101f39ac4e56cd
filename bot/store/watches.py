"""The messages in which editors watch an announcement go out; they outlive a restart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from bot.store.steps import Steps
from bot.store.tables import watches
from bot.store.upsert import Upsert

KEPT = timedelta(days=30)
"""Longer than any announcement takes, even one that is published at a time."""


class WatchKind(StrEnum):
    """What a message shows."""

    STATUS = "status"
    """How far the announcement has come."""
    UNCERTAIN = "uncertain"
    """Which deliveries an editor has to look after."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A message that is edited as the numbers change."""

    announcement: str
    user_id: int
    """Whose private chat it stands in."""
    kind: WatchKind
    message_id: int
    language: str


_ALL = sa.select(watches).order_by(*watches.primary_key)
_PUT = Upsert(watches, replace=("message_id", "language", "expires_at"))


class Watches:
    """One message of each kind for an announcement and an editor."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def put(self, watch: Watch, now: datetime) -> None:
        """Watch in this message; the one before is no longer edited."""
        row = {
            "announcement": watch.announcement,
            "user_id": watch.user_id,
            "kind": watch.kind,
            "message_id": watch.message_id,
            "language": watch.language,
            "expires_at": now + KEPT,
        }

        def step(connection: sa.Connection) -> None:
            connection.execute(_PUT.on(connection), row)

        await self._steps.write(step)

    async def all(self) -> list[Watch]:
        """Give every message that is edited."""

        def step(connection: sa.Connection) -> list[Watch]:
            return [
                Watch(
                    row.announcement,
                    row.user_id,
                    WatchKind(row.kind),
                    row.message_id,
                    row.language,
                )
                for row in connection.execute(_ALL)
            ]

        return await self._steps.read(step)

    async def drop(self, watch: Watch) -> None:
        """Edit a message no longer, unless another has taken its place."""
        statement = sa.delete(watches).where(
            watches.c.announcement == watch.announcement,
            watches.c.user_id == watch.user_id,
            watches.c.kind == watch.kind,
            watches.c.message_id == watch.message_id,
        )

        def step(connection: sa.Connection) -> None:
            connection.execute(statement)

        await self._steps.write(step)
