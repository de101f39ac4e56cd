"""Updates between Telegram's handing over and their being done, and the ids of a day.

The text of an update is here only while it is in hand. Its id stays for as long as Telegram may
bring it again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.store.steps import Steps
from bot.store.tables import inbox, seen_updates
from bot.store.upsert import Upsert

KEPT = timedelta(hours=24)
"""As long as Telegram keeps an update. https://core.telegram.org/bots/api#getting-updates"""
_LARGEST = 2**63 - 1

_SEE = Upsert(seen_updates, returning=("update_id",))
_ADD = Upsert(inbox)
_PENDING = sa.select(inbox.c.raw).order_by(inbox.c.update_id)
_WAITING = sa.select(sa.func.count(), sa.func.min(inbox.c.received_at)).select_from(inbox)
_DONE = sa.delete(inbox).where(inbox.c.update_id == sa.bindparam("done"))


class Inbox:
    """Updates that Telegram handed over and that are not done; and the ids of those that are."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def add(
        self, updates: Iterable[Mapping[str, Any]], now: datetime
    ) -> list[dict[str, Any]]:
        """Write updates as Telegram gave them; confirm them to Telegram only afterwards.

        Gives those never seen before, in order of `update_id`, ready to be worked on. One seen
        within 24 hours, done or not, is left out; so is one without an integer `update_id`.
        """
        given = {
            each["update_id"]: dict(each) for each in updates if _is_id(each.get("update_id"))
        }
        if not given:
            return []
        seen = [{"update_id": each, "received_at": now} for each in sorted(given)]

        def step(connection: sa.Connection) -> list[int]:
            new = sorted(connection.execute(_SEE.on(connection), seen).scalars())
            if new:
                connection.execute(
                    _ADD.on(connection),
                    [
                        {"update_id": each, "raw": json.dumps(given[each]), "received_at": now}
                        for each in new
                    ],
                )
            return new

        return [given[each] for each in await self._steps.write(step)]

    async def pending(self) -> list[dict[str, Any]]:
        """Give what is not done, in order of `update_id`. Asked once, at start, before `add`."""

        def step(connection: sa.Connection) -> list[dict[str, Any]]:
            return [json.loads(raw) for raw in connection.execute(_PENDING).scalars()]

        return await self._steps.read(step)

    async def waiting(self) -> tuple[int, datetime | None]:
        """Give how many updates are not done, and when the oldest of them came."""

        def step(connection: sa.Connection) -> tuple[int, datetime | None]:
            number, oldest = connection.execute(_WAITING).one()
            return number, oldest

        return await self._steps.read(step)

    async def done(self, update_id: int) -> None:
        """Drop an update's text; its id is remembered. Harmless when repeated.

        Await it before the next update of the same conversation begins: then at most one message
        of each conversation is answered twice after a crash.
        """

        def step(connection: sa.Connection) -> None:
            connection.execute(_DONE, {"done": update_id})

        await self._steps.write(step)


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST
