"""Hashes of what was registered with Telegram, which punishes registering at each start."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.steps import Steps
from bot.store.tables import commands
from bot.store.upsert import Upsert

_ALL = sa.select(commands.c.scope, commands.c.language, commands.c.hash)
_PUT = Upsert(commands, replace=("hash",))


class Commands:
    """Hashes of what was registered with Telegram, by scope and language."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def hashes(self) -> dict[tuple[str, str], str]:
        """Give every (scope, language) with its hash. The default language is the empty text."""

        def step(connection: sa.Connection) -> dict[tuple[str, str], str]:
            return {(row.scope, row.language): row.hash for row in connection.execute(_ALL)}

        return await self._steps.read(step)

    async def put(self, scope: str, language: str, hash_: str) -> None:
        """Keep a hash once Telegram has taken what it stands for.

        Scopes are the caller's words, but one person's is `chat:USER_ID`, so that `forget`
        finds it.
        """
        row = {"scope": scope, "language": language, "hash": hash_}

        def step(connection: sa.Connection) -> None:
            connection.execute(_PUT.on(connection), row)

        await self._steps.write(step)

    async def drop(self, scope: str, language: str) -> None:
        """Forget what was taken back."""
        statement = sa.delete(commands).where(
            commands.c.scope == scope, commands.c.language == language
        )

        def step(connection: sa.Connection) -> None:
            connection.execute(statement)

        await self._steps.write(step)
