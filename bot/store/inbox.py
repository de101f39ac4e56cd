"""Updates between Telegram's handing over and their being done, and the ids of a day.

The text of an update is here only while it is in hand. Its id stays for as long as Telegram may
bring it again. Several processes may share the work: each row bears the number of the one that
has it, and those of one conversation wait for each other.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.steps import Steps
from bot.store.tables import inbox, seen_updates
from bot.store.upsert import Upsert
from bot.store.workers import Workers

KEPT = timedelta(hours=24)
"""As long as Telegram keeps an update. https://core.telegram.org/bots/api#getting-updates"""
TURN_PAUSE = 0.05
"""Seconds between looks whether another process is done with a conversation."""
LONGEST_TURN = 60.0
"""No update waits longer than that for another process."""
_LARGEST = 2**63 - 1

_SEE = Upsert(seen_updates, returning=("update_id",))
_ADD = Upsert(inbox)
_PENDING = sa.select(inbox.c.raw).order_by(inbox.c.update_id)
_WAITING = sa.select(sa.func.count(), sa.func.min(inbox.c.received_at)).select_from(inbox)
_DONE = sa.delete(inbox).where(inbox.c.update_id == sa.bindparam("done"))
_OTHERS = sa.select(inbox.c.lane, inbox.c.update_id).where(
    inbox.c.lane.in_(sa.bindparam("lanes", expanding=True)),
    inbox.c.worker.is_distinct_from(sa.bindparam("me")),
)
_NOT_DONE = sa.select(inbox.c.update_id).where(
    inbox.c.update_id.in_(sa.bindparam("ids", expanding=True)),
    inbox.c.worker.is_distinct_from(sa.bindparam("me")),
)
_AT_WORK = sa.select(inbox.c.worker).where(inbox.c.worker.is_not(None)).distinct()
_TAKE = sa.update(inbox).returning(inbox.c.update_id, inbox.c.raw)


@dataclass(frozen=True, slots=True)
class _Given:
    """Updates that were handed over together."""

    updates: dict[int, dict[str, Any]]
    at: datetime
    lanes: dict[int, str | None]


class Inbox:
    """Updates that Telegram handed over and that are not done; and the ids of those that are."""

    def __init__(self, steps: Steps, database: Database, workers: Workers) -> None:
        self._steps = steps
        self._database = database
        self._workers = workers
        self._before: dict[int, list[int]] = {}
        """What other processes have in hand that comes before an update of this one."""

    async def add(
        self,
        updates: Iterable[Mapping[str, Any]],
        now: datetime,
        lane_of: Callable[[Mapping[str, Any]], str] = lambda _: "",
    ) -> list[dict[str, Any]]:
        """Write updates as Telegram gave them; confirm them to Telegram only afterwards.

        Where several processes share the work, `lane_of` tells what conversation an update
        belongs to; see `turn`.

        Gives those never seen before, in order of `update_id`, ready to be worked on. One seen
        within 24 hours, done or not, is left out; so is one without an integer `update_id`.
        """
        given = {
            each["update_id"]: dict(each) for each in updates if _is_id(each.get("update_id"))
        }
        if not given:
            return []
        are_many = self._workers.are_many
        lanes = {each: lane_of(update) or None for each, update in given.items() if are_many}
        new, before = await self._steps.write_for_all(self._add, _Given(given, now, lanes))
        for each in new:
            if found := before.get(lanes.get(each) or ""):
                self._before[each] = found
        return [given[each] for each in new]

    def _add(
        self, connection: sa.Connection, handed: list[_Given]
    ) -> list[tuple[list[int], dict[str, list[int]]]]:
        """Write updates; give which are new, and what others have in hand in which lanes."""
        me = self._workers.number
        lanes = sorted({lane for given in handed for lane in given.lanes.values() if lane})
        before: dict[str, list[int]] = {}
        if lanes:
            self._database.take_turns(connection, lanes)
            for row in connection.execute(_OTHERS, {"lanes": lanes, "me": me}):
                before.setdefault(row.lane, []).append(row.update_id)
        first: dict[int, _Given] = {}
        for given in handed:
            for each in given.updates:
                first.setdefault(each, given)
        seen = [{"update_id": each, "received_at": first[each].at} for each in sorted(first)]
        new = sorted(connection.execute(_SEE.on(connection), seen).scalars())
        if new:
            connection.execute(
                _ADD.on(connection),
                [
                    {
                        "update_id": each,
                        "raw": json.dumps(first[each].updates[each]),
                        "received_at": first[each].at,
                        "lane": first[each].lanes.get(each),
                        "worker": me,
                    }
                    for each in new
                ],
            )
        unseen = set(new)
        return [
            (sorted(e for e in given.updates if e in unseen and first[e] is given), before)
            for given in handed
        ]

    async def turn(self, update_id: int) -> None:
        """Wait until other processes are done with what came before in the same conversation.

        Costs nothing where there is none, as nearly always.
        """
        before = self._before.pop(update_id, None)
        if not before:
            return
        try:
            async with asyncio.timeout(LONGEST_TURN):
                while await self._are_left(before):  # noqa: ASYNC110 - no event between processes
                    await asyncio.sleep(TURN_PAUSE)
        except TimeoutError:
            return

    async def _are_left(self, ids: list[int]) -> bool:
        return await self._steps.read_for_all(self._left, ids)

    def _left(self, connection: sa.Connection, asked: list[list[int]]) -> list[bool]:
        """Tell of each of several lists whether other processes have any of it in hand."""
        ids = sorted({each for some in asked for each in some})
        values = {"ids": ids, "me": self._workers.number}
        left = set(connection.execute(_NOT_DONE, values).scalars())
        return [not left.isdisjoint(some) for some in asked]

    async def pending(self) -> list[dict[str, Any]]:
        """Take all that is not done, in order of `update_id`.

        Asked once, at start, before `add`, by a process that works alone or alone polls.
        """
        mine = sa.update(inbox).values(worker=self._workers.number)

        def step(connection: sa.Connection) -> list[dict[str, Any]]:
            connection.execute(mine)
            return [json.loads(raw) for raw in connection.execute(_PENDING).scalars()]

        return await self._steps.write(step)

    async def adopt(self) -> list[dict[str, Any]]:
        """Take what nobody has in hand any more, its process being dead, in order.

        Asked every second or so by each of several processes; two never get the same.
        """

        def look(connection: sa.Connection) -> list[int]:
            return list(connection.execute(_AT_WORK).scalars())

        taken = await self._take(inbox.c.worker.is_(None))
        for number in await self._steps.read(look):
            if await self._workers.is_dead(number):
                taken += await self._take(inbox.c.worker == number)
        return [json.loads(raw) for _, raw in sorted(taken)]

    async def _take(self, which: sa.ColumnElement[bool]) -> list[tuple[int, str]]:
        statement = _TAKE.where(which).values(worker=self._workers.number)

        def step(connection: sa.Connection) -> list[tuple[int, str]]:
            return [(row.update_id, row.raw) for row in connection.execute(statement)]

        return await self._steps.write(step)

    async def leave(self) -> None:
        """Let other processes have what this one has not done; called as it ends."""
        mine = inbox.c.worker == self._workers.number
        statement = sa.update(inbox).where(mine).values(worker=None)

        def step(connection: sa.Connection) -> None:
            connection.execute(statement)

        await self._steps.write(step)

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
        await self._steps.write_for_all(_put_away, update_id)


def _put_away(connection: sa.Connection, done: list[int]) -> list[None]:
    connection.execute(_DONE, [{"done": each} for each in sorted(done)])
    return [None] * len(done)


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST
