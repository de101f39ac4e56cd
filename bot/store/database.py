"""What the store asks of a kind of database; `sqlite` and `postgresql` are the two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import sqlalchemy as sa

from bot.store.locks import Lock


class Database(Protocol):
    """One database, at its address. Nothing is opened before `make_engine`."""

    is_shared: bool
    """Whether several processes may answer and deliver from it."""

    def make_engine(self) -> sa.Engine:
        """Make an engine of one connection. Raises `StoreError` where there can be none."""
        ...

    def opening(self) -> AbstractAsyncContextManager[None]:
        """Wait until no other process opens the database for the first time."""
        ...

    def before_migrations(self, connection: sa.Connection) -> None:
        """Wait, in a transaction, until no other process migrates."""
        ...

    def begin(self, connection: sa.Connection, writes: bool) -> None:
        """Begin a transaction on a connection."""
        ...

    def mark(self, connection: sa.Connection) -> Any:
        """Give what `was_committed` knows the transaction by; None: it was not to be known."""
        ...

    def was_committed(self, engine: sa.Engine, mark: Any) -> bool:
        """Tell what became of a transaction whose connection was lost while it committed."""
        ...

    def is_away(self, error: sa.exc.DBAPIError) -> bool:
        """Tell whether an error means that the database is not there now, but may come back."""
        ...

    def is_clash(self, error: sa.exc.DBAPIError) -> bool:
        """Tell whether an error means that two transactions met, and one may be tried again."""
        ...

    def explain(self, error: sa.exc.DBAPIError) -> str:
        """Say what happened and what to do, without a password or the values of a statement."""
        ...

    def take_turns(self, connection: sa.Connection, names: list[str]) -> None:
        """Let no transaction that names one of these, in order, run beside this one."""
        ...

    def numbers(self) -> Iterator[int]:
        """Give numbers that a process may go by, the best first."""
        ...

    def hold_still(self, connection: sa.Connection) -> None:
        """Begin a transaction that sees everything as it is now, and changes nothing."""
        ...

    def rows(self, connection: sa.Connection, table: sa.Table) -> Iterator[Sequence[Any]]:
        """Give a table's rows one by one, with values as SQLite keeps them."""
        ...

    def fill(
        self,
        connection: sa.Connection,
        table: sa.Table,
        columns: list[str],
        rows: Iterator[Sequence[Any]],
    ) -> None:
        """Insert rows that `rows` gave, here or at the other kind of database."""
        ...

    async def is_in_use(self) -> bool:
        """Tell whether a bot runs on the database, as far as its locks tell."""
        ...

    async def lock(self, name: str) -> Lock | None:
        """Take a lock by name; None while another holder has it. Never waits."""
        ...

    async def is_free(self, name: str) -> bool:
        """Tell whether surely nobody holds a lock."""
        ...

    def tidy(self, engine: sa.Engine) -> None:
        """Let nothing that was deleted be read any more, outside of any transaction."""
        ...

    def cut(self) -> None:
        """Let what waits for an answer fail at once; called where none may come."""
        ...

    async def close(self) -> None:
        """Let go of everything but the engine, locks too. Harmless when repeated."""
        ...
