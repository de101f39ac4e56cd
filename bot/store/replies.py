"""Which messages of the bot answer which message. Ids only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.store.steps import Steps
from bot.store.tables import replies
from bot.store.upsert import Upsert

KEPT = timedelta(hours=48)
"""As long as Telegram lets people edit what they wrote."""

_GET = sa.select(replies.c.reply_ids).where(
    replies.c.chat_id == sa.bindparam("chat"),
    replies.c.message_id == sa.bindparam("message"),
    replies.c.expires_at >= sa.bindparam("now", type_=replies.c.expires_at.type),
)
_PUT = Upsert(replies, replace=("user_id", "reply_ids", "expires_at"))


class Replies:
    """Which messages of the bot answer which message, so that an edit finds them. Ids only."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def put(
        self,
        chat_id: int,
        message_id: int,
        reply_ids: Sequence[int],
        now: datetime,
        *,
        user_id: int | None = None,
    ) -> None:
        """Keep the ids of an answer's messages for 48 hours, as long as Telegram lets edit.

        `user_id` is who asked, so that `forget` finds it. Replaces what was kept for the message.
        """
        row = {
            "chat_id": chat_id,
            "message_id": message_id,
            "user_id": user_id,
            "reply_ids": json.dumps(list(reply_ids)),
            "expires_at": now + KEPT,
        }

        await self._steps.write_for_all(_put, row)

    async def get(self, chat_id: int, message_id: int, now: datetime) -> tuple[int, ...]:
        """Give the answer's message ids, in order; empty when none are kept."""
        values = {"chat": chat_id, "message": message_id, "now": now}

        def step(connection: sa.Connection) -> str | None:
            return connection.execute(_GET, values).scalar()

        found = await self._steps.read(step)
        return tuple(json.loads(found)) if found else ()


def _put(connection: sa.Connection, rows: list[dict[str, Any]]) -> list[None]:
    connection.execute(_PUT.on(connection), rows)
    return [None] * len(rows)
