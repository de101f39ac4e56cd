"""What the bot has asked an editor for, so that the next message is the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.store.steps import Steps
from bot.store.tables import dialogues
from bot.store.upsert import Upsert

KEPT = timedelta(hours=24)
"""An announcement may take a day to write."""

_GET = sa.select(dialogues.c.state).where(
    dialogues.c.user_id == sa.bindparam("user_id"),
    dialogues.c.expires_at >= sa.bindparam("now", type_=dialogues.c.expires_at.type),
)
_PUT = Upsert(dialogues, replace=("state", "expires_at"))
_DROP = sa.delete(dialogues).where(dialogues.c.user_id == sa.bindparam("user_id"))


class Dialogues:
    """One dialogue of each editor, in his or her private chat with the bot."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def put(self, user_id: int, state: Mapping[str, Any], now: datetime) -> None:
        """Begin a dialogue, or let it go on; the one before is left."""
        row = {
            "user_id": user_id,
            "state": json.dumps(state, ensure_ascii=False),
            "expires_at": now + KEPT,
        }

        def step(connection: sa.Connection) -> None:
            connection.execute(_PUT.on(connection), row)

        await self._steps.write(step)

    async def get(self, user_id: int, now: datetime) -> dict[str, Any] | None:
        """Give what the dialogue is about; None where there is none, or not any more."""

        def step(connection: sa.Connection) -> str | None:
            return connection.execute(_GET, {"user_id": user_id, "now": now}).scalar()

        found = await self._steps.read(step)
        return None if found is None else json.loads(found)

    async def drop(self, user_id: int) -> bool:
        """Leave the dialogue. Gives whether there was one."""

        def step(connection: sa.Connection) -> bool:
            return connection.execute(_DROP, {"user_id": user_id}).rowcount > 0

        return await self._steps.write(step)
