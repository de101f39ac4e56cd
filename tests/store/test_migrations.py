from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from bot.store import Store, StoreError, migrations
from bot.store.tables import metadata

PART = re.compile(r"[ ,\n\t]*(?:\n|, (?=[a-z_]+ [A-Z]))[ \t]*")


def schema(file: Path) -> dict[str, set[str]]:
    """Give each table's and index's definition as a set of its parts, without quotes.

    SQLite puts a new column behind the last one, on the same line.
    """
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {
            name: set(map(str.strip, PART.split(sql.replace('"', "").rstrip("\n )"))))
            for name, sql in found
            if name != "alembic_version"
        }


async def test_migrations_lead_to_the_tables_that_the_program_knows(
    store: Store, tmp_path: Path
) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    metadata.create_all(engine)
    engine.dispose()
    assert schema(tmp_path / "bot.db") == schema(tmp_path / "made.db")


def test_the_newest_migration_is_the_one_that_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.FOLDER))
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == migrations.HEAD
    assert [each.revision for each in script.walk_revisions()] == [*reversed(migrations.REVISIONS)]


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    url: str, tmp_path: Path
) -> None:
    await (await Store.open(url)).close()
    file = tmp_path / "bot.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = schema(file)
    with pytest.raises(StoreError, match=r"newer version \(9999\).*install the newer version"):
        await Store.open(url)
    assert schema(file) == before


async def test_a_database_of_another_program_is_refused_and_left_alone(
    url: str, tmp_path: Path
) -> None:
    file = tmp_path / "bot.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE chats (title TEXT)")
    with pytest.raises(StoreError, match="another program"):
        await Store.open(url)
    assert list(schema(file)) == ["chats"]


async def test_a_start_that_was_cut_short_leaves_nothing_half_made(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "_revision", lambda *_: "0000")
        with pytest.raises(StoreError):
            await Store.open(url)
    assert schema(tmp_path / "bot.db") == {}
    await (await Store.open(url)).close()
