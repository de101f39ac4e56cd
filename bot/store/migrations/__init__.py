"""How a database is brought to the tables of this program, by Alembic.

A change of `tables.py` comes with a new file in `versions/`, named `r` and the next number.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from bot.errors import NoStoreError, StoreError, UnreadyStoreError

FOLDER = Path(__file__).parent
REVISIONS = tuple(sorted(path.stem[1:5] for path in (FOLDER / "versions").glob("r*.py")))
"""What each file leads to, oldest first: a straight line."""
HEAD = REVISIONS[-1]


def bring_up_to_date(connection: sa.Connection, shown: str) -> None:
    """Run the migrations that a database lacks, in the transaction of the connection.

    `shown` is what errors call the database. Raises `StoreError` when it belongs to a newer
    version of the program, or to another program.
    """
    found = revision_of(connection, shown)
    if found == HEAD:
        return
    if found is not None and found not in REVISIONS:
        raise _newer(shown, found)
    upgrade(connection, HEAD)


def expect(connection: sa.Connection, shown: str) -> str:
    """Give the revision of a database, which is not changed.

    Raises `NoStoreError` where it has no tables, and `StoreError` as `bring_up_to_date` does.
    """
    found = revision_of(connection, shown)
    if found is None:
        raise NoStoreError(
            f"{shown}: found no tables of the bot; expected those that `csto-bot run` makes"
        )
    if found not in REVISIONS:
        raise _newer(shown, found)
    return found


def expect_head(connection: sa.Connection, shown: str) -> None:
    """Hold a database, which is not changed, to be of this program's version.

    Raises `UnreadyStoreError` where it is of an earlier one, and what `expect` raises.
    """
    found = expect(connection, shown)
    if found != HEAD:
        raise UnreadyStoreError(
            f"{shown}: found tables of an earlier version ({found}); `csto-bot run` brings them"
            f" to this one ({HEAD})"
        )


def _newer(shown: str, found: str) -> StoreError:
    return StoreError(
        f"{shown}: found a database of a newer version ({found}); this program knows up to "
        f"{HEAD}: install the newer version, or restore a backup of before it"
    )


def upgrade(connection: sa.Connection, revision: str) -> None:
    """Run the migrations that lead to a revision, in the transaction of the connection."""
    # Imported where it is needed: most starts find nothing to do, and are a tenth of a second
    # faster for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revision_of(connection: sa.Connection, shown: str) -> str | None:
    """Give the revision of a database as it says itself; None where it has no tables.

    Raises `StoreError` where it has tables, and says none.
    """
    names = sa.inspect(connection).get_table_names()
    if "alembic_version" not in names:
        if names:
            raise foreign(shown)
        return None
    version = sa.table("alembic_version", sa.column("version_num", sa.Text))
    return connection.execute(sa.select(version.c.version_num)).scalar()


def foreign(shown: str) -> StoreError:
    """Say that a database is another program's."""
    return StoreError(
        f"{shown}: found the tables of another program; "
        "set DATABASE_URL to a database of the bot's own"
    )
