"""What stands behind the keys in callback data, which Telegram limits to 64 bytes.

A key is made from the data, so the same buttons under ten thousand answers are a few rows, and
nothing ties them to a person.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa

from bot.store.steps import Steps
from bot.store.tables import buttons
from bot.store.upsert import Upsert

KEPT = timedelta(days=90)
FRESH = timedelta(days=1)
"""How long a key that was written is not written again."""
REMEMBERED = 10_000
"""Keys whose writing is remembered in memory: about a megabyte."""
_KEY_BYTES = 9
"""12 characters; a million different buttons collide once in five thousand million cases."""

_GET = sa.select(buttons.c.data).where(
    buttons.c.key == sa.bindparam("asked"),
    buttons.c.expires_at >= sa.bindparam("now", type_=buttons.c.expires_at.type),
)
_PUT = Upsert(buttons, replace=("expires_at",))


class Buttons:
    """What a press needs. The same data has the same key, for everyone and after a restart."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._written: dict[str, datetime] = {}

    async def keep(self, data: Sequence[Mapping[str, Any]], now: datetime) -> list[str]:
        """Give a key for each, of 12 characters `A-Za-z0-9_-`, good for at least 89 days from now.

        Data must not hold what a person wrote, nor who: it belongs to nobody, and `forget` does
        not touch it. What was given lately is not written again, so this is nearly free.
        """
        texts = [_canonical(each) for each in data]
        keys = [_key(text) for text in texts]
        rows: list[dict[str, Any]] = [
            {"key": key, "data": text, "expires_at": now + KEPT}
            for key, text in dict(zip(keys, texts, strict=True)).items()
            if not self._is_fresh(key, now)
        ]
        if rows:

            def step(connection: sa.Connection) -> None:
                connection.execute(_PUT.on(connection), rows)

            await self._steps.write(step)
            if len(self._written) + len(rows) > REMEMBERED:
                self._written.clear()
            self._written |= {row["key"]: now for row in rows}
        return keys

    async def get(self, key: str, now: datetime) -> dict[str, Any] | None:
        """Give what stands behind a key; None when it is unknown, foreign or expired."""

        def step(connection: sa.Connection) -> str | None:
            return connection.execute(_GET, {"asked": key, "now": now}).scalar()

        if not key.isascii():
            return None
        data = await self._steps.read(step)
        return None if data is None else json.loads(data)

    def _is_fresh(self, key: str, now: datetime) -> bool:
        written = self._written.get(key)
        return written is not None and now - written < FRESH


def _canonical(data: Mapping[str, Any]) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _key(text: str) -> str:
    digest = blake2b(text.encode(), digest_size=_KEY_BYTES).digest()
    return base64.urlsafe_b64encode(digest).decode()
