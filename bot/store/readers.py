"""People who ask, by their id alone: never a name, never what they wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.store.steps import Steps
from bot.store.tables import readers
from bot.store.upsert import Upsert


@dataclass(frozen=True, slots=True)
class Reader:
    """What is kept about a person: nothing that names him or her."""

    id: int
    language: str | None = None
    """Chosen by /language; None: what Telegram says."""
    started_at: datetime | None = None
    """When the bot was first started in private; only then may it write there."""


_GET = sa.select(readers).where(readers.c.user_id.in_(sa.bindparam("users", expanding=True)))
_SET_LANGUAGE = Upsert(readers, replace=("language",))
_ADD = Upsert(readers)
_START = (
    sa.update(readers)
    .where(readers.c.user_id == sa.bindparam("person"), readers.c.started_at.is_(None))
    .values(started_at=sa.bindparam("now"))
)


class Readers:
    """People, by their id alone."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def get(self, user_id: int) -> Reader | None:
        """Give what is kept about a person."""
        return await self._steps.read_for_all(_get, user_id)

    async def set_language(self, user_id: int, language: str | None) -> None:
        """Keep the language that a person chose; None goes back to what Telegram says."""
        row = {"user_id": user_id, "language": language}

        def step(connection: sa.Connection) -> None:
            connection.execute(_SET_LANGUAGE.on(connection), row)

        await self._steps.write(step)

    async def started(self, user_id: int, now: datetime) -> bool:
        """Note that a person started the bot in private. Gives whether it was the first time."""

        def step(connection: sa.Connection) -> bool:
            connection.execute(_ADD.on(connection), {"user_id": user_id})
            return connection.execute(_START, {"person": user_id, "now": now}).rowcount > 0

        return await self._steps.write(step)


def _get(connection: sa.Connection, users: list[int]) -> list[Reader | None]:
    found = {
        row.user_id: Reader(row.user_id, row.language, row.started_at)
        for row in connection.execute(_GET, {"users": sorted(set(users))})
    }
    return [found.get(user_id) for user_id in users]
