"""The one way to the database: steps, which are functions of a connection.

Steps that are asked for while others run wait together and share the next transaction (group
commit): one thread, one commit and one switch of threads for as many as there are. An
asynchronous driver switches threads for each statement; on SQLite that was measured at six
times the time for the same work. What every question needs is done for all of a batch at once:
a statement costs more than the rows that it is for, above all where a server is asked. Where one
of a batch fails, each is run again in a transaction of its own, so a bad step harms only itself;
hence a step must do nothing but speak to its connection.

Where a server is away, steps wait until it is back and are run then, also those whose connection
was lost; one that was lost while it committed is run again only if it was not committed.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa

from bot.errors import StoreError
from bot.store.database import Database

log = logging.getLogger(__name__)

T = TypeVar("T")
V = TypeVar("V")
Step: TypeAlias = Callable[[sa.Connection], T]
StepForAll: TypeAlias = Callable[[sa.Connection, list[V]], Sequence[T]]
"""Does for many values what a step does for one, and gives as many results."""

MOST_TOGETHER = 500
"""Steps in one transaction: a bound on how long the first of them waits for the last."""
LONGEST_GATHERING = 0.05
"""Seconds for which others may join while the event loop goes round; a round in which none does is
the last."""
MOST_CLASHES = 20
"""How often a transaction is tried again that met another one."""
AWAY_PAUSE = 0.5
"""Seconds between looks for a database that is away."""


@dataclass(frozen=True, slots=True)
class _Asked:
    step: StepForAll[Any, Any]
    value: Any
    writes: bool
    order: str
    answer: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Failure:
    error: BaseException


class Steps:
    """Runs steps in the order in which they were asked for, in one thread.

    Where the database is away, they wait for it once `be_patient` was called, and fail before.
    """

    def __init__(self, engine: sa.Engine, database: Database) -> None:
        self._engine = engine
        self._database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._asked: list[_Asked] = []
        self._worker: asyncio.Task[None] | None = None
        self._closed = False
        self._is_patient = False
        self._hurry = threading.Event()
        self.trouble: str | None = None
        """Why the steps wait; None while the database is there."""

    def be_patient(self) -> None:
        """Wait for a database that is away, from now on, until it is back."""
        self._is_patient = True

    def hurry(self) -> None:
        """Wait for it no longer, from now on: where it is away, what was asked for fails."""
        self._hurry.set()

    async def read(self, step: Step[T]) -> T:
        """Run a step that changes nothing."""
        return await self._ask(_one_by_one, step, writes=False)

    async def write(self, step: Step[T], *, order: str = "") -> T:
        """Run a step and commit it. Those that share a transaction run by `order`, if given."""
        return await self._ask(_one_by_one, step, writes=True, order=order)

    async def read_for_all(self, step: StepForAll[V, T], value: V) -> T:
        """Run a step that changes nothing, for this value and others at once."""
        return await self._ask(step, value, writes=False)

    async def write_for_all(self, step: StepForAll[V, T], value: V, *, order: str = "") -> T:
        """Run a step for this value and others at once, and commit it; `order` as in `write`."""
        return await self._ask(step, value, writes=True, order=order)

    async def between(self, call: Callable[[sa.Engine], T]) -> T:
        """Run something outside of any transaction, between two of them."""
        if self._closed:
            raise StoreError("the store is closed")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, call, self._engine)
        except sa.exc.DBAPIError as error:
            raise self._readable(error) from None

    async def close(self) -> None:
        """Finish what was asked for, then let the connections go. Harmless when repeated.

        Where the database is away, what was asked for fails.
        """
        if self._closed:
            return
        self._closed = True
        self.hurry()
        if self._worker:
            await self._worker
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()

    def _ask(
        self, step: StepForAll[V, T], value: V, *, writes: bool, order: str = ""
    ) -> asyncio.Future[T]:
        if self._closed:
            raise StoreError("the store is closed")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._asked.append(_Asked(step, value, writes, order, answer))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return answer

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._asked:
                await self._gather()
                batch, self._asked = self._asked[:MOST_TOGETHER], self._asked[MOST_TOGETHER:]
                batch.sort(key=lambda asked: asked.order)
                results = await loop.run_in_executor(self._thread, self._run, batch)
                for asked, result in zip(batch, results, strict=True):
                    if asked.answer.done():  # who asked was cancelled; the step is done
                        continue
                    if isinstance(result, _Failure):
                        asked.answer.set_exception(result.error)
                    else:
                        asked.answer.set_result(result)
        finally:
            self._worker = None

    async def _gather(self) -> None:
        """Let those ask who are about to: whoever was just answered goes on, and asks again.

        A batch costs a server nearly the same whatever its size.
        """
        end = time.monotonic() + LONGEST_GATHERING
        before = 0
        while before < len(self._asked) < MOST_TOGETHER and time.monotonic() < end:
            before = len(self._asked)
            await asyncio.sleep(0)

    def _run(self, batch: list[_Asked]) -> list[Any]:
        if self.trouble is not None and self._hurry.is_set():  # another try takes seconds
            return [_Failure(StoreError(self.trouble)) for _ in batch]
        try:
            return self._together(batch)
        except sa.exc.OperationalError as error:  # locked, full, gone: not the fault of one step
            return [_Failure(self._readable(error)) for _ in batch]
        except BaseException as error:  # noqa: BLE001 - whatever it is goes to whoever asked
            if len(batch) == 1:
                return [_Failure(self._readable(error))]
        return [self._run([asked])[0] for asked in batch]

    def _together(self, batch: list[_Asked]) -> list[Any]:
        """Run steps in one transaction, once more where it was not their fault that it failed."""
        clashes = 0
        while True:
            mark, results = None, []
            try:
                with self._engine.begin() as connection:
                    writes = any(asked.writes for asked in batch)
                    self._database.begin(connection, writes)
                    results = _results(connection, batch)
                    mark = self._database.mark(connection) if writes else None
            except sa.exc.DBAPIError as error:
                if self._database.is_clash(error) and clashes < MOST_CLASHES:
                    clashes += 1
                    continue
                if not self._database.is_away(error) or not self._is_back(error):
                    raise
                if mark is not None and self._was_committed(mark):
                    return results
            else:
                return results

    def _was_committed(self, mark: Any) -> bool:
        while True:
            try:
                return self._database.was_committed(self._engine, mark)
            except sa.exc.DBAPIError as error:
                if not self._database.is_away(error) or not self._is_back(error):
                    raise

    def _is_back(self, error: sa.exc.DBAPIError) -> bool:
        """Wait until the database is there again; give False where nobody may wait."""
        if not self._is_patient:
            return False
        self.trouble, since = self._database.explain(error), time.monotonic()
        log.error("the store waits: %s", self.trouble)
        while not self._hurry.wait(AWAY_PAUSE):
            try:
                with self._engine.connect() as connection:
                    connection.exec_driver_sql("SELECT 1")
            except sa.exc.DBAPIError as again:
                self.trouble = self._database.explain(again)
            else:
                self.trouble = None
                log.warning("the database is back after %.0f s", time.monotonic() - since)
                return True
        return False

    def _readable(self, error: BaseException) -> BaseException:
        if isinstance(error, sa.exc.DBAPIError):
            # Without its cause, which tells the values of a row on PostgreSQL.
            readable = StoreError(self._database.explain(error))
            if error.statement:
                readable.add_note(error.statement)
            return readable
        if isinstance(error, sa.exc.StatementError) and error.orig:
            return error.orig  # a column refused a value: the caller's mistake, not the database's
        return error


def _one_by_one(connection: sa.Connection, steps: list[Step[Any]]) -> list[Any]:
    return [step(connection) for step in steps]


def _results(connection: sa.Connection, batch: list[_Asked]) -> list[Any]:
    """Run a batch; those with the same step at once."""
    found: dict[int, Any] = {}
    for alike in _brought_together(batch):
        results = alike[0].step(connection, [asked.value for asked in alike])
        found.update(zip(map(id, alike), results, strict=True))
    return [found[id(asked)] for asked in batch]


def _brought_together(batch: list[_Asked]) -> list[list[_Asked]]:
    """Bring together those with the same step; nothing overtakes one that runs for itself."""
    found: list[list[_Asked]] = []
    now: dict[StepForAll[Any, Any], list[_Asked]] = {}
    for asked in batch:
        if (asked.step is _one_by_one) != (_one_by_one in now):
            now = {}
        if asked.step not in now:
            now[asked.step] = []
            found.append(now[asked.step])
        now[asked.step].append(asked)
    return found
