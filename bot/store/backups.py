"""The whole store as one file, which either kind of database can be made from.

Lines of JSON, compressed: what it is, then for each table its columns and a line for each row,
then an end, without which the file is not whole. Values are as SQLite keeps them: times as text
in UTC, true and false as 1 and 0. Rows go one by one, so that memory does not grow with them.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from operator import contains
from pathlib import Path
from typing import Any, TextIO

import sqlalchemy as sa

from bot.errors import StoreError
from bot.store.address import Address
from bot.store.database import Database
from bot.store.migrations import HEAD, REVISIONS, expect, foreign, revision_of, upgrade
from bot.store.tables import budgets, chats, inbox, metadata

FORMAT = "csto-bot backup 1"
LEFT_OUT = frozenset({budgets.name})
"""What is worth nothing a minute later."""
TOLD_EVERY = 5000
"""Rows between two words on how far it has come."""
WANTED = "expected a file that csto-bot backup made"

Tell = Callable[[int, int], None]
"""Told how many rows are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself."""

    revision: str
    made_at: str
    rows: Mapping[str, int]
    """By table."""

    @property
    def total(self) -> int:
        """Give how many rows it holds."""
        return sum(self.rows.values())


def write(
    database: Database,
    address: Address,
    file: Path,
    now: datetime,
    tell: Tell,
    *,
    force: bool = False,
) -> Backup:
    """Write everything of a database, as it is at one moment, while others go on.

    It is not changed: one of an earlier version is written with the tables that it has. The file
    is its owner's alone, and appears when it is whole. Raises `StoreError` where the database or
    the file fails or there is no database; an existing file is replaced only by `force`.
    """
    if file.exists() and not force:
        raise StoreError(f"{file}: found a file; expected none, or --force to replace it")
    with _connected(database) as connection, _written(file) as out:
        database.hold_still(connection)
        revision = expect(connection, str(address))
        there = metadata
        if revision != HEAD:
            there = sa.MetaData()
            there.reflect(connection, only=lambda name, _: name in metadata.tables)
        tables = [table for table in there.sorted_tables if table.name not in LEFT_OUT]
        made = Backup(revision, now.isoformat(), {t.name: _count(connection, t) for t in tables})
        _line(out, [FORMAT, made.revision, made.made_at, dict(made.rows)])
        done = 0
        for table in tables:
            _line(out, {"table": table.name, "columns": [column.name for column in table.c]})
            for row in database.rows(connection, table):
                _line(out, row)
                done += 1
                if done % TOLD_EVERY == 0:
                    tell(done, made.total)
        _line(out, {"end": done})
    tell(done, made.total)
    return made


def restore(
    database: Database, address: Address, file: Path, tell: Tell, *, force: bool = False
) -> Backup:
    """Make a database what a backup says, of either kind; done whole or not at all.

    A backup of an earlier version is brought up to date. Raises `StoreError` where the file is
    not whole or of a newer version, or where there is something in the database and not `force`.
    """
    with _opened(file) as lines, _connected(database) as connection:
        made = _header(file, next(lines))
        database.begin(connection, True)
        database.before_migrations(connection)
        there = _ours(connection, address)
        found = sum(_count(connection, t) for t in there.sorted_tables if t.name not in _PASSING)
        if found and not force:
            raise StoreError(
                f"{address}: found a database with {found} rows; expected an empty one, "
                "or --force, which deletes them"
            )
        there.drop_all(connection)
        upgrade(connection, made.revision)
        _fill(database, connection, file, lines, made, tell)
        upgrade(connection, HEAD)
        connection.execute(sa.update(inbox).values(worker=None))
        connection.commit()
    tell(made.total, made.total)
    return made


def _fill(
    database: Database,
    connection: sa.Connection,
    file: Path,
    lines: Iterator[Any],
    made: Backup,
    tell: Tell,
) -> None:
    tables = sa.MetaData()
    tables.reflect(connection)
    done, ahead = 0, next(lines)

    def rows(name: str, wanted: list[frozenset[type]]) -> Iterator[Sequence[Any]]:
        nonlocal done, ahead
        known: set[tuple[type, ...]] = set()
        for ahead in lines:
            if not isinstance(ahead, list):
                return
            types = tuple(map(type, ahead))
            if types not in known:  # few rows differ in that
                if len(types) != len(wanted):
                    raise _broken(file, f"a row of {len(types)} values for {len(wanted)} columns")
                if not all(map(contains, wanted, types)):
                    raise _broken(file, f"a row that the table {name!r} does not take")
                known.add(types)
            yield ahead
            done += 1
            if done % TOLD_EVERY == 0:
                tell(done, made.total)
        raise _broken(file, "an early end")

    while isinstance(ahead, dict) and "table" in ahead:
        name = str(ahead["table"])[:40]
        table = tables.tables.get(name)
        if table is None:
            raise _broken(file, f"the unknown table {name!r}")
        columns = _columns(ahead.get("columns"), table)
        if columns is None:
            raise _broken(file, f"columns that the table {name!r} has not")
        given = rows(name, [_types_of(table.c[column]) for column in columns])
        try:
            database.fill(connection, table, columns, given)
        except _wrong_values(connection):
            raise _broken(file, f"a row that the table {name!r} does not take") from None
    if not isinstance(ahead, dict) or ahead.get("end") != done or done != made.total:
        raise _broken(file, f"{done} rows where {made.total} should be")
    for _ in lines:  # to the end of the file, where its checksum stands
        raise _broken(file, "something after its end")


_KEPT_AS: dict[type, frozenset[type]] = {
    bool: frozenset({int}),
    int: frozenset({int}),
    float: frozenset({int, float}),
}
"""By the type that a column has in Python; anything else is text."""


def _types_of(column: sa.Column[Any]) -> frozenset[type]:
    found = _KEPT_AS.get(column.type.python_type, frozenset({str}))
    return found | {type(None)} if column.nullable else found


def _wrong_values(connection: sa.Connection) -> tuple[type[Exception], ...]:
    """Give what a driver raises where a value is at fault, and not the database."""
    driver: Any = connection.dialect.loaded_dbapi
    theirs = (driver.DataError, driver.IntegrityError, driver.ProgrammingError)
    return (*theirs, OverflowError, UnicodeError)


def _columns(found: Any, table: sa.Table) -> list[str] | None:
    """Give columns of a table, each once and none missing that must be there; else None."""
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        return None
    needed = {column.name for column in table.c if not column.nullable}
    is_right = len(set(found)) == len(found) and needed <= set(found) <= set(table.c.keys())
    return found if is_right else None


def _header(file: Path, found: Any) -> Backup:
    match found:
        case [str(form), str(revision), str(made_at), dict() as rows] if form == FORMAT and all(
            type(count) is int for count in rows.values()
        ):
            counts = {str(name): int(count) for name, count in rows.items()}
        case _:
            raise _broken(file, "something else")
    if revision not in REVISIONS:
        raise StoreError(
            f"{file}: found a backup of a newer version ({revision}); this program knows up to "
            f"{HEAD}: install the newer version"
        )
    return Backup(revision, made_at, counts)


def _broken(file: Path, found: str) -> StoreError:
    return StoreError(f"{file}: found {found}; {WANTED}, whole; nothing was changed")


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


_PASSING = {*LEFT_OUT, "alembic_version"}
"""Tables whose rows nobody misses."""


def _ours(connection: sa.Connection, address: Address) -> sa.MetaData:
    """Give the tables of this program, of whatever version: what a restore replaces.

    Raises `StoreError` where the tables that there are belong to another program.
    """
    revision = revision_of(connection, str(address))
    there = sa.MetaData()
    if revision in REVISIONS:
        there.reflect(connection, only=lambda name, _: name in {*metadata.tables, *_PASSING})
    elif revision is not None:  # of a newer version, which may have more tables
        there.reflect(connection)
        if not {inbox.name, chats.name} <= there.tables.keys():
            raise foreign(str(address))
    return there


@contextmanager
def _connected(database: Database) -> Iterator[sa.Connection]:
    engine = database.make_engine()
    try:
        with engine.connect() as connection:
            yield connection
    except sa.exc.DBAPIError as error:
        raise StoreError(database.explain(error)) from None
    except engine.dialect.loaded_dbapi.Error as error:
        raise StoreError(database.explain(sa.exc.DBAPIError(None, None, error))) from None
    finally:
        engine.dispose()


@contextmanager
def _written(file: Path) -> Iterator[TextIO]:
    part = file.with_name(f"{file.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with (
            os.fdopen(descriptor, "wb") as raw,
            gzip.open(raw, "wt", compresslevel=1, encoding="utf-8", newline="\n") as out,
        ):
            yield out
        part.replace(file)
    except OSError as error:
        raise StoreError(
            f"{file}: {error.strerror}; name a file that you may write, where there is room"
        ) from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def _opened(file: Path) -> Iterator[Iterator[Any]]:
    try:
        with gzip.open(file, "rt", encoding="utf-8", newline="\n") as lines:
            yield map(json.loads, lines)
    except (gzip.BadGzipFile, zlib.error, EOFError, ValueError, StopIteration, RecursionError):
        raise _broken(file, "a file that ends early or is of another kind") from None
    except OSError as error:
        raise StoreError(f"{file}: {error.strerror}; name a file that you may read") from None


def _line(out: TextIO, what: Any) -> None:
    out.write(_DUMP(what) + "\n")


_DUMP = json.JSONEncoder(separators=(",", ":")).encode
