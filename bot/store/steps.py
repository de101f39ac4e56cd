"""The one way to the database: steps, which are functions of a connection.

Steps that are asked for while others run wait together and share the next transaction (group
commit): one thread, one commit and one switch of threads for as many as there are. An
asynchronous driver switches threads for each statement; on SQLite that was measured at six
times the time for the same work. Where one of a batch fails, each is run again in a transaction
of its own, so a bad step harms only itself; hence a step must do nothing but speak to its
connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa

from bot.errors import StoreError

T = TypeVar("T")
Step: TypeAlias = Callable[[sa.Connection], T]

MOST_TOGETHER = 500
"""Steps in one transaction: a bound on how long the first of them waits for the last."""


@dataclass(frozen=True, slots=True)
class _Asked:
    step: Step[Any]
    writes: bool
    answer: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Failure:
    error: BaseException


class Steps:
    """Runs steps in the order in which they were asked for, in one thread.

    `begin` begins a transaction on a connection, told whether it writes; `explain` turns a
    database's error into what its operator reads.
    """

    def __init__(
        self,
        engine: sa.Engine,
        begin: Callable[[sa.Connection, bool], None],
        explain: Callable[[sa.exc.DBAPIError], str],
    ) -> None:
        self._engine = engine
        self._begin = begin
        self._explain = explain
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._asked: list[_Asked] = []
        self._worker: asyncio.Task[None] | None = None
        self._closed = False

    async def read(self, step: Step[T]) -> T:
        """Run a step that changes nothing."""
        return await self._ask(step, writes=False)

    async def write(self, step: Step[T]) -> T:
        """Run a step and commit it."""
        return await self._ask(step, writes=True)

    async def between(self, call: Callable[[sa.Engine], T]) -> T:
        """Run something outside of any transaction, between two of them."""
        if self._closed:
            raise StoreError("the store is closed")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, call, self._engine)
        except sa.exc.DBAPIError as error:
            raise StoreError(self._explain(error)) from error

    async def close(self) -> None:
        """Finish what was asked for, then let the connections go. Harmless when repeated."""
        if self._closed:
            return
        self._closed = True
        if self._worker:
            await self._worker
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()

    def _ask(self, step: Step[T], *, writes: bool) -> asyncio.Future[T]:
        if self._closed:
            raise StoreError("the store is closed")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._asked.append(_Asked(step, writes, answer))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return answer

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._asked:
                batch, self._asked = self._asked[:MOST_TOGETHER], self._asked[MOST_TOGETHER:]
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

    def _run(self, batch: list[_Asked]) -> list[Any]:
        try:
            return self._together(batch)
        except sa.exc.OperationalError as error:  # locked, full, gone: not the fault of one step
            return [_Failure(self._readable(error)) for _ in batch]
        except BaseException as error:  # noqa: BLE001 - whatever it is goes to whoever asked
            if len(batch) == 1:
                return [_Failure(self._readable(error))]
        return [self._run([asked])[0] for asked in batch]

    def _together(self, batch: list[_Asked]) -> list[Any]:
        with self._engine.begin() as connection:
            self._begin(connection, any(asked.writes for asked in batch))
            return [asked.step(connection) for asked in batch]

    def _readable(self, error: BaseException) -> BaseException:
        if isinstance(error, sa.exc.DBAPIError):
            readable = StoreError(self._explain(error))
            readable.__cause__ = error
            return readable
        if isinstance(error, sa.exc.StatementError) and error.orig:
            return error.orig  # a column refused a value: the caller's mistake, not the database's
        return error
