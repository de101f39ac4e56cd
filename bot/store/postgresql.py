"""What is PostgreSQL's own: its connections, what its errors mean, and its locks.

Nothing about what is kept in it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import time
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakSet

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects import postgresql

from bot.store.address import Address
from bot.store.locks import Lock

LOCKS = zlib.crc32(b"csto-bot") & 0x7FFFFFFF
"""The first half of the keys of all locks of this program."""
TURNS = LOCKS ^ 1
"""The first half of the keys of locks on conversations."""
MIGRATING = "migrating"
WATCH_EVERY = 1.0
"""Seconds between looks whether the connection that holds the locks is there."""
RELEASE_SECONDS = 1.0
ASK_AGAIN = 0.1
AT_ONCE = 2000
"""Rows that a cursor fetches together."""

_CONNECT: dict[str, Any] = {
    "application_name": "csto-bot",
    "connect_timeout": 5,
    # A machine that vanished is noticed in half a minute, on both sides: its locks are freed.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
_OPTIONS = (
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
    # A process that was halted in the middle of a transaction does not halt the others.
    " -c idle_in_transaction_session_timeout=60s"
)

_ADVICE = {
    "28P01": "set the right password in DATABASE_URL",
    "28000": "let this user in, in pg_hba.conf, or set another one in DATABASE_URL",
    "3D000": "create the database, or set another one in DATABASE_URL",
    "42501": "give the user the right to create and use tables in its database",
    "25006": "it is read-only, as a standby is; set DATABASE_URL to the primary server",
    "53100": "its disk is full; make room, nothing that was kept is lost",
    "53200": "its memory is full; give it more, or let less run beside it",
    "53300": "it takes no more connections; raise max_connections, or stop other programs",
    "57P03": "it is starting or stopping; try again in a moment",
    "57P01": "it was stopped; start it",
    "57P02": "it has crashed; look into its log",
    "55P03": "another process keeps it busy; stop what holds it, or try again",
}
"""What to do, by https://www.postgresql.org/docs/current/errcodes-appendix.html."""
_SIGNS = {
    "password authentication failed": "28P01",
    "no password supplied": "28P01",
    "no pg_hba.conf entry": "28000",
    "not permitted to log in": "28000",
    'role "': "28000",
    "permission denied": "42501",
    'database "': "3D000",
    "too many connections": "53300",
    "too many clients": "53300",
    "remaining connection slots": "53300",
    "starting up": "57P03",
    "shutting down": "57P03",
    "in recovery mode": "57P03",
    "terminating connection": "57P01",
}
"""A refused connection has no code, only words."""
_UNREACHABLE = "it cannot be reached; start it, or set its host and port in DATABASE_URL"
_AWAY = frozenset({"57P01", "57P02", "57P03", "53300"})
_CLASHES = frozenset({"40P01", "40001"})


class Postgresql:
    """A database on a server. The `Database` of several machines."""

    is_shared = True

    def __init__(self, address: Address) -> None:
        self._address = address
        self._locks = _Session(self)
        self._raw: WeakSet[psycopg.Connection[Any]] = WeakSet()

    def make_engine(self) -> sa.Engine:
        """Make an engine; the server is asked only by its first connection."""
        given = self._address.url.query
        connect = {name: value for name, value in _CONNECT.items() if name not in given}
        connect["options"] = f"{_OPTIONS} {given.get('options', '')}"
        # Values stay out of errors, which are logged: they are what people wrote.
        engine = sa.create_engine(
            self._address.url.difference_update_query(["options"]),
            connect_args=connect,
            pool_size=1,
            max_overflow=0,
            hide_parameters=True,
        )
        sa.event.listen(engine, "connect", lambda raw, _: self._raw.add(raw))
        return engine

    @asynccontextmanager
    async def opening(self) -> AsyncIterator[None]:
        """Nothing: `before_migrations` waits."""
        yield

    def before_migrations(self, connection: sa.Connection) -> None:
        """Wait until no other process migrates; until the end of the transaction, none will."""
        connection.execute(_ADVISORY["pg_advisory_xact_lock"], _key(MIGRATING))

    def begin(self, connection: sa.Connection, writes: bool) -> None:
        """Nothing: the first statement begins."""

    def mark(self, connection: sa.Connection) -> Any:
        """Give the transaction's number; None where it has changed nothing."""
        return connection.exec_driver_sql(
            "SELECT pg_current_xact_id_if_assigned()::text"
        ).scalar_one()

    def was_committed(self, engine: sa.Engine, mark: Any) -> bool:
        """Ask the server what became of a transaction that was cut off while it committed."""
        with engine.connect() as connection:
            while True:
                found = connection.execute(_STATUS, {"mark": mark}).scalar()
                connection.rollback()
                if found != "in progress":  # as it is until the server misses the connection too
                    return bool(found == "committed")
                time.sleep(ASK_AGAIN)

    def is_away(self, error: sa.exc.DBAPIError) -> bool:
        """Tell whether the server cannot be reached, starts, stops or is crowded."""
        if not isinstance(error.orig, psycopg.Error):
            return False
        code = _code_of(error.orig)
        if code is None:
            return isinstance(error.orig, psycopg.OperationalError)
        return code in _AWAY or code.startswith("08")

    def is_clash(self, error: sa.exc.DBAPIError) -> bool:
        """Tell whether the server ended one of two transactions that waited for each other."""
        return isinstance(error.orig, psycopg.Error) and error.orig.sqlstate in _CLASHES

    def explain(self, error: sa.exc.DBAPIError) -> str:
        """Say what happened and what to do, without the values of a row."""
        if not isinstance(error.orig, psycopg.Error):
            return f"{self._address}: {type(error.orig).__name__}; please report it"
        # The details, in the lines after the first, tell the values of a row.
        what = error.orig.diag.message_primary or str(error.orig).partition("\n")[0]
        code = _code_of(error.orig)
        if code is None and isinstance(error.orig, psycopg.OperationalError):
            advice = _UNREACHABLE
        else:
            advice = _ADVICE.get(code or "", "this should not happen; please report it")
        return f"{self._address}: {what}; {advice}"

    def take_turns(self, connection: sa.Connection, names: list[str]) -> None:
        """Take locks on names, in order, until the end of the transaction."""
        keys = sorted({zlib.crc32(name.encode()) & 0x7FFFFFFF for name in names})
        connection.execute(_TURNS, {"first": TURNS, "keys": keys})

    def numbers(self) -> Iterator[int]:
        """Give numbers by chance: nobody else goes by them, not even later."""
        while True:
            yield 1 + secrets.randbelow(2**31 - 1)

    def hold_still(self, connection: sa.Connection) -> None:
        """Begin a transaction that sees one moment."""
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    def rows(self, connection: sa.Connection, table: sa.Table) -> Iterator[Sequence[Any]]:
        """Give the rows through a cursor of the server, which writes them as SQLite would."""
        raw: Any = connection.connection.driver_connection
        statement = str(sa.select(*map(_as_kept, table.c)).compile(connection))
        with raw.cursor("rows") as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(statement.encode())
            yield from cursor

    def fill(
        self,
        connection: sa.Connection,
        table: sa.Table,
        columns: list[str],
        rows: Iterator[Sequence[Any]],
    ) -> None:
        """Copy rows in, and let numbers that the server gives go on after theirs."""
        raw: Any = connection.connection.driver_connection
        quote = connection.dialect.identifier_preparer.quote
        name, names = sql.Identifier(table.name), map(sql.Identifier, columns)
        into = sql.SQL("COPY {} ({}) FROM STDIN").format(name, sql.SQL(", ").join(names))
        connection.exec_driver_sql("SET LOCAL timezone = 'UTC'")
        with raw.cursor() as cursor:
            with cursor.copy(into) as copy:
                for row in rows:
                    copy.write_row(row)
            for column in columns:
                cursor.execute(_NUMBERS, (quote(table.name), column))
                (numbers,) = cursor.fetchone()
                if numbers is not None:
                    cursor.execute(_GO_ON.format(sql.Identifier(column), name), (numbers,))

    async def is_in_use(self) -> bool:
        """Tell whether any process holds one of the program's locks."""
        return await self._locks.is_in_use()

    async def lock(self, name: str) -> Lock | None:
        """Take a lock by name, on a connection kept for locks: it dies with the process."""
        return await self._locks.take(name)

    async def is_free(self, name: str) -> bool:
        """Tell whether nobody holds a lock, without taking it."""
        return await self._locks.is_free(name)

    def tidy(self, engine: sa.Engine) -> None:
        """Nothing: the server's own vacuum comes by."""

    def cut(self) -> None:
        """Shut the connections: a server that is halted answers nothing and hangs up on nobody."""
        for raw in list(self._raw):
            with (
                contextlib.suppress(psycopg.Error, OSError),
                socket.socket(fileno=os.dup(raw.fileno())) as one,
            ):
                one.shutdown(socket.SHUT_RDWR)

    async def close(self) -> None:
        """Release the locks and let their connection go."""
        await self._locks.close()


class _Session:
    """The connection that holds the locks of a process, and one thread that speaks to it."""

    def __init__(self, database: Postgresql) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="locks")
        self._engine: sa.Engine | None = None
        self._connection: sa.Connection | None = None
        self._held: dict[str, _ServerLock] = {}
        self._watcher: asyncio.Task[None] | None = None

    async def take(self, name: str) -> Lock | None:
        """Take a lock; None where it is held, here or elsewhere, or the server is away."""
        if name in self._held:
            return None
        lock = self._held[name] = _ServerLock(self, name)
        try:
            is_taken = await self._call("pg_try_advisory_lock", name)
        except sa.exc.DBAPIError:
            await self._drop()
            is_taken = False
        except BaseException:
            self._held.pop(name, None)
            raise
        if not is_taken or not lock.is_held:
            self._held.pop(name, None)
            return None
        if self._watcher is None:
            self._watcher = asyncio.create_task(self._watch())
        return lock

    async def is_free(self, name: str) -> bool:
        """Tell whether nobody holds a lock; False where the server is away, too."""
        try:
            return await self._call("is_free", name)
        except sa.exc.DBAPIError:
            await self._drop()
            return False

    async def is_in_use(self) -> bool:
        """Tell whether any other connection holds a lock of this program."""
        return await self._call("is_in_use", "")

    async def give_back(self, name: str) -> None:
        """Release a lock."""
        self._held.pop(name, None)
        if self._connection is None:
            return
        try:
            async with asyncio.timeout(RELEASE_SECONDS):
                await self._call("pg_advisory_unlock", name)
        except TimeoutError:
            return  # a server that is halted: it hears of it when it goes on
        except sa.exc.DBAPIError:
            await self._drop()

    async def close(self) -> None:
        """Let the connection go, and with it all locks."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
            self._watcher = None
        await self._drop()
        self._thread.shutdown()

    async def _watch(self) -> None:
        """Notice that the connection is gone, for the locks are gone with it."""
        while True:
            await asyncio.sleep(WATCH_EVERY)
            if self._held:
                try:
                    await self._in_thread(self._look)
                except sa.exc.DBAPIError:
                    await self._drop()

    def _look(self) -> None:
        if self._connection is not None:
            self._connection.exec_driver_sql("SELECT 1")

    async def _call(self, function: str, name: str) -> bool:
        def call() -> bool:
            if self._engine is None:
                self._engine = self._database.make_engine()
            if self._connection is None:
                self._connection = self._engine.connect().execution_options(
                    isolation_level="AUTOCOMMIT"
                )
            found = self._connection.execute(_ADVISORY[function], _key(name))
            return bool(found.scalar())

        return bool(await self._in_thread(call))

    async def _in_thread(self, call: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def _drop(self) -> None:
        """Forget the connection; every lock is lost."""
        held, self._held = self._held, {}
        for lock in held.values():
            lock.lose()

        def drop() -> None:
            with contextlib.suppress(sa.exc.DBAPIError):
                if self._connection is not None:
                    self._connection.invalidate()
                    self._connection.close()
            self._connection = None
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

        with contextlib.suppress(RuntimeError):  # closed already
            await self._in_thread(drop)


class _ServerLock(Lock):
    def __init__(self, session: _Session, name: str) -> None:
        super().__init__()
        self._session = session
        self._name = name

    def lose(self) -> None:
        """Note that it is gone with its connection."""
        self._gone.set()

    async def _release(self) -> None:
        await self._session.give_back(self._name)


_TURNS = sa.text(
    "SELECT pg_advisory_xact_lock(:first, one)"
    " FROM (SELECT unnest(CAST(:keys AS integer[])) AS one ORDER BY 1) AS keys"
)
_STATUS = sa.text("SELECT pg_xact_status(CAST(CAST(:mark AS text) AS xid8))")
_ADVISORY = {
    function: sa.text(f"SELECT {function}(:first, :second)")
    for function in ("pg_advisory_xact_lock", "pg_try_advisory_lock", "pg_advisory_unlock")
} | {
    "is_free": sa.text(
        "SELECT NOT EXISTS (SELECT 1 FROM pg_locks JOIN pg_database ON database = pg_database.oid"
        " WHERE datname = current_database() AND locktype = 'advisory' AND granted"
        " AND classid = CAST(:first AS integer) AND objid = CAST(:second AS integer)"
        " AND objsubid = 2)"
    ),
    "is_in_use": sa.text(
        "SELECT EXISTS (SELECT 1 FROM pg_locks JOIN pg_database ON database = pg_database.oid"
        " WHERE datname = current_database() AND locktype = 'advisory' AND granted"
        " AND classid = CAST(:first AS integer) AND pid <> pg_backend_pid()"
        " AND CAST(:second AS integer) IS NOT NULL)"
    ),
}


_NUMBERS = "SELECT pg_get_serial_sequence(%s, %s)"
_GO_ON = sql.SQL("SELECT setval(%s, coalesce(max({}), 0) + 1, false) FROM {}")
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's has none


def _as_kept(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Write a value as SQLite keeps it."""
    impl = column.type.dialect_impl(_DIALECT)
    if isinstance(impl, sa.types.TypeDecorator):
        impl = impl.impl_instance
    if isinstance(impl, sa.DateTime):
        utc = sa.func.timezone(sa.literal_column("'UTC'"), column)
        return sa.func.to_char(utc, sa.literal_column("'YYYY-MM-DD HH24:MI:SS.US'"))
    if isinstance(impl, sa.Date):
        return sa.cast(column, sa.Text)
    if isinstance(impl, sa.Boolean):
        return sa.cast(column, sa.Integer)
    return column


def _key(name: str) -> dict[str, int]:
    return {"first": LOCKS, "second": zlib.crc32(name.encode()) & 0x7FFFFFFF}


def _code_of(error: psycopg.Error) -> str | None:
    """Give the SQLSTATE, which a refused connection tells only in words."""
    if error.sqlstate:
        return error.sqlstate
    said = str(error)
    return next((code for sign, code in _SIGNS.items() if sign in said), None)
