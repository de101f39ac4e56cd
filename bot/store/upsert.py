"""INSERT … ON CONFLICT, which each database spells in a construct of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_into(connection: sa.Connection, table: sa.Table) -> Any:
    """Give the insert of the connection's own database, which may say ON CONFLICT."""
    return _INSERT[connection.dialect.name](table)


class Upsert:
    """Inserts a row, or does something else where its key is there already.

    `replace` names the columns that take the new value, `add` those that grow by it; with neither
    the row stays as it is. `returning` names the columns that are given back of rows written.
    """

    def __init__(
        self,
        table: sa.Table,
        *,
        replace: Sequence[str] = (),
        add: Sequence[str] = (),
        returning: Sequence[str] = (),
    ) -> None:
        self._table = table
        self._replace = replace
        self._add = add
        self._returning = returning
        self._made: dict[str, sa.Executable] = {}

    def on(self, connection: sa.Connection) -> sa.Executable:
        """Give the statement for the database of a connection; made once for each kind."""
        name = connection.dialect.name
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = self._make(_INSERT[name](self._table))
        return made

    def _make(self, insert: Any) -> sa.Executable:
        new, old = insert.excluded, self._table.c
        change = {column: new[column] for column in self._replace}
        change |= {column: old[column] + new[column] for column in self._add}
        key = list(self._table.primary_key)
        if change:
            insert = insert.on_conflict_do_update(index_elements=key, set_=change)
        else:
            insert = insert.on_conflict_do_nothing(index_elements=key)
        if self._returning:
            insert = insert.returning(*(old[column] for column in self._returning))
        made: sa.Executable = insert
        return made
