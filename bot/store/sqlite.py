"""What is SQLite's own: how its file is opened, what its errors mean, and its lock.

Nothing about what is kept in it.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.errors import StoreError
from bot.store.address import Address
from bot.store.locks import Lock

BUSY_SECONDS = 10
"""How long a transaction waits for another process's. Theirs take milliseconds."""
OPENING_SECONDS = 60
"""How long to wait for another process's migrations."""
OPENING_PAUSE = 0.02
MOST_PROCESSES = 64

_WAIT = f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}"
PRAGMAS = (
    _WAIT,
    "PRAGMA journal_mode = WAL",  # readers and one writer side by side; kept in the file
    # Nothing committed is lost when the process is killed. When the power fails, the last
    # transactions may be; the file stays whole. https://sqlite.org/pragma.html#pragma_synchronous
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what was deleted is overwritten: /forget is true
)

_ADVICE = {
    "locked": "another process keeps it busy; stop what holds it, or try again",
    "readonly": "give the user that runs the bot the right to write the file and its folder",
    "unable to open": "check that the folder exists and that the bot's user may write there",
    "full": "the disk is full; make room, nothing that was kept is lost",
    "not a database": "it is another kind of file; set DATABASE_URL to another one",
    "malformed": "the file is damaged; restore a backup, or move it away to begin anew",
    "disk i/o": "the disk does not read or write; look into the system's log",
}


class Sqlite:
    """A database in a file. The `Database` of one machine."""

    is_shared = False

    def __init__(self, address: Address) -> None:
        if address.file is None:
            raise ValueError(f"no file in {address}")
        self._address = address
        self._file = address.file
        self._locks: list[FileLock] = []

    def make_engine(self) -> sa.Engine:
        """Make an engine on a file, which is created, its owner's alone, where missing.

        Raises `StoreError` where it cannot be.
        """
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StoreError(
                f"{self._file}: {error.strerror}; "
                "set DATABASE_URL to a file that the bot's user may create and write"
            ) from error
        # Values stay out of errors, which are logged: they are what people wrote.
        engine = sa.create_engine(
            self._address.url, pool_size=1, max_overflow=0, hide_parameters=True
        )
        sa.event.listen(engine, "connect", _prepare)
        return engine

    @asynccontextmanager
    async def opening(self) -> AsyncIterator[None]:
        """Wait until nobody else opens the file.

        Two processes that put a new file into WAL mode at once may each wait for the other, and
        SQLite gives up on one of them. Asks again and again: another process sets no event.
        """
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                while (lock := FileLock.take(self._file, "opening")) is None:  # noqa: ASYNC110
                    await asyncio.sleep(OPENING_PAUSE)
        except TimeoutError:
            raise StoreError(
                f"{self._file}: another process has been opening it for {OPENING_SECONDS} s; "
                "stop that process, or try again when it is done"
            ) from None
        try:
            yield
        finally:
            await lock.release()

    def before_migrations(self, connection: sa.Connection) -> None:
        """Nothing: `opening` has waited."""

    def begin(self, connection: sa.Connection, writes: bool) -> None:
        """Begin a transaction, here rather than in an event, which would cost every statement.

        A transaction that reads first and then writes fails when another process wrote between
        the two; IMMEDIATE takes the write lock at once, and waits for it.
        """
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    def mark(self, connection: sa.Connection) -> Any:
        """Give None: a file is never lost while a transaction commits."""

    def was_committed(self, _engine: sa.Engine, _mark: Any) -> bool:
        """Tell that it was not: there is no mark."""
        return False

    def is_away(self, _error: sa.exc.DBAPIError) -> bool:
        """Tell that it is not: what is wrong with a file needs its operator."""
        return False

    def is_clash(self, _error: sa.exc.DBAPIError) -> bool:
        """Tell that it is not: `begin` has waited for the others."""
        return False

    def explain(self, error: sa.exc.DBAPIError) -> str:
        """Say what happened and what to do, without the values of a statement."""
        what = str(error.orig)
        advice = next(
            (advice for sign, advice in _ADVICE.items() if sign in what.lower()),
            "this should not happen; please report it",
        )
        return f"{self._address}: {what}; {advice}"

    def take_turns(self, connection: sa.Connection, names: list[str]) -> None:
        """Nothing: transactions that write never run side by side."""

    def numbers(self) -> Iterator[int]:
        """Give small numbers, so that the files of their locks are few."""
        return iter(range(1, MOST_PROCESSES + 1))

    def hold_still(self, connection: sa.Connection) -> None:
        """Begin a transaction; its first read fixes what it sees."""
        connection.exec_driver_sql("BEGIN")

    def rows(self, connection: sa.Connection, table: sa.Table) -> Iterator[Sequence[Any]]:
        """Give the rows as the file has them."""
        raw: Any = connection.connection.driver_connection
        yield from raw.execute(str(sa.select(table).compile(connection)))

    def fill(
        self,
        connection: sa.Connection,
        table: sa.Table,
        columns: list[str],
        rows: Iterator[Sequence[Any]],
    ) -> None:
        """Insert rows as they are."""
        raw: Any = connection.connection.driver_connection
        quote = connection.dialect.identifier_preparer.quote
        names, marks = ", ".join(map(quote, columns)), ", ".join("?" * len(columns))
        into = f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})"  # noqa: S608 - quoted
        raw.executemany(into, rows)

    async def is_in_use(self) -> bool:
        """Tell whether a bot has the lock that each holds."""
        return not await self.is_free("polling")

    async def lock(self, name: str) -> Lock | None:
        """Take a lock by name, on a file beside the database."""
        lock = FileLock.take(self._file, name)
        if lock is not None:
            self._locks.append(lock)
        return lock

    async def is_free(self, name: str) -> bool:
        """Tell whether nobody holds a lock, by taking it for a moment."""
        lock = FileLock.take(self._file, name)
        if lock is not None:
            await lock.release()
        return lock is not None

    def tidy(self, engine: sa.Engine) -> None:
        """Move the write-ahead log into the file and empty it, with all text that it held.

        Never waits: where another process reads just then, this does what it can, and the next
        one the rest.
        """
        raw = engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("PRAGMA busy_timeout = 0")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute(_WAIT)
            cursor.close()
        finally:
            raw.close()

    def cut(self) -> None:
        """Nothing: a file answers, or `BUSY_SECONDS` end."""

    async def close(self) -> None:
        """Release the locks."""
        for lock in self._locks:
            await lock.release()


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin in `begin` and nowhere else
    for pragma in PRAGMAS:
        connection.execute(pragma).close()


class FileLock(Lock):
    """A lock on a file beside the database, which the system frees when the process ends."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    @classmethod
    def take(cls, database: Path, name: str) -> FileLock | None:
        """Take `DATABASE.NAME.lock`, or give None while another has it. Never waits."""
        path = database.with_name(f"{database.name}.{name}.lock")
        try:
            # Not inherited by programs that are started (PEP 446), so it dies with this process.
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(
                f"{path}: {error.strerror}; give the bot's user the right to write there"
            ) from error
        if not _lock(descriptor):
            os.close(descriptor)
            return None
        return cls(descriptor)

    async def _release(self) -> None:
        """Let go. The file stays: deleting it could part two processes that wait for it."""
        os.close(self._descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
