"""What a follow-up inherits: one user's in one chat and topic, for 30 minutes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.store.steps import Steps
from bot.store.tables import conversations
from bot.store.upsert import Upsert

KEPT = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class ConversationKey:
    """One user in one chat and topic."""

    user_id: int
    chat_id: int
    thread_id: int = 0
    """0 outside topics, and in the General topic."""


_OF_KEY = (
    conversations.c.user_id == sa.bindparam("user"),
    conversations.c.chat_id == sa.bindparam("chat"),
    conversations.c.thread_id == sa.bindparam("thread"),
)
_OF_USERS = sa.select(conversations).where(
    conversations.c.user_id.in_(sa.bindparam("users", expanding=True))
)
_PUT = Upsert(conversations, replace=("state", "expires_at"))
_DROP = sa.delete(conversations).where(*_OF_KEY)


class Conversations:
    """What a follow-up inherits; gone 30 minutes after the last turn."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def get(self, key: ConversationKey, now: datetime) -> dict[str, Any] | None:
        """Give the state that was put last; None when there is none or it has expired."""
        state = await self._steps.read_for_all(_get, (key, now))
        return None if state is None else json.loads(state)

    async def put(self, key: ConversationKey, state: Mapping[str, Any], now: datetime) -> None:
        """Keep a state for 30 minutes from now.

        Raises `TypeError` or `ValueError` on what JSON cannot hold.
        """
        row = {
            "user_id": key.user_id,
            "chat_id": key.chat_id,
            "thread_id": key.thread_id,
            "state": json.dumps(state, allow_nan=False),
            "expires_at": now + KEPT,
        }

        await self._steps.write_for_all(_put, row)

    async def drop(self, key: ConversationKey) -> bool:
        """End a conversation. Gives whether there was one."""

        def step(connection: sa.Connection) -> bool:
            return connection.execute(_DROP, _values(key)).rowcount > 0

        return await self._steps.write(step)


def _get(
    connection: sa.Connection, asked: list[tuple[ConversationKey, datetime]]
) -> list[str | None]:
    users = sorted({key.user_id for key, _ in asked})
    found = {
        ConversationKey(row.user_id, row.chat_id, row.thread_id): row
        for row in connection.execute(_OF_USERS, {"users": users})
    }
    return [
        row.state if (row := found.get(key)) is not None and row.expires_at >= now else None
        for key, now in asked
    ]


def _put(connection: sa.Connection, rows: list[dict[str, Any]]) -> list[None]:
    connection.execute(_PUT.on(connection), rows)
    return [None] * len(rows)


def _values(key: ConversationKey) -> dict[str, Any]:
    return {"user": key.user_id, "chat": key.chat_id, "thread": key.thread_id}
