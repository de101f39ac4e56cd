from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from bot.errors import NoStoreError, UnreadyStoreError
from bot.store import Store, StoreError, migrations
from bot.store.address import Address
from bot.store.tables import metadata

PART = re.compile(r"[ ,\n\t]*(?:\n|, (?=[a-z_]+ [A-Z]))[ \t]*")
SCHEMA = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL",
    "postgresql": """
        SELECT table_name, concat_ws(' ', column_name, data_type, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION SELECT conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    """,
}


def schema(url: str) -> dict[str, set[str]]:
    """Give each table's and index's definition as a set of its parts, without quotes.

    SQLite puts a new column behind the last one, on the same line.
    """
    engine = sa.create_engine(Address.parse(url).url)
    found: dict[str, set[str]] = {}
    with engine.connect() as connection:
        for name, sql in connection.exec_driver_sql(SCHEMA[connection.dialect.name]):
            is_whole = connection.dialect.name == "sqlite"
            text = sql.replace('"', "").rstrip("\n )") if is_whole else sql
            parts = map(str.strip, PART.split(text)) if is_whole else [text]
            found.setdefault(name, set()).update(parts)
    engine.dispose()
    found.pop("alembic_version", None)
    return found


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def execute(url: str, statement: str) -> None:
    engine = sa.create_engine(Address.parse(url).url)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


async def test_migrations_lead_to_the_tables_that_the_program_knows(
    url: str, another_url: str
) -> None:
    await (await Store.open(url)).close()
    engine = sa.create_engine(Address.parse(another_url).url)
    metadata.create_all(engine)
    engine.dispose()
    assert schema(url) == schema(another_url)


def test_the_newest_migration_is_the_one_that_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.FOLDER))
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == migrations.HEAD
    assert [each.revision for each in script.walk_revisions()] == [*reversed(migrations.REVISIONS)]


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    url: str,
) -> None:
    await (await Store.open(url)).close()
    execute(url, "UPDATE alembic_version SET version_num = '9999'")
    before = schema(url)
    with pytest.raises(StoreError, match=r"newer version \(9999\).*install the newer version"):
        await Store.open(url)
    assert schema(url) == before


async def test_a_database_of_another_program_is_refused_and_left_alone(
    url: str,
) -> None:
    execute(url, "CREATE TABLE chats (title TEXT)")
    with pytest.raises(StoreError, match="another program"):
        await Store.open(url)
    assert list(schema(url)) == ["chats"]


async def test_a_start_that_was_cut_short_leaves_nothing_half_made(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "revision_of", lambda *_: "0000")
        with pytest.raises(StoreError):
            await Store.open(url)
    assert schema(url) == {}
    await (await Store.open(url)).close()


def make(url: str, revision: str) -> None:
    """Make a database as an earlier version of the program did."""
    engine = sa.create_engine(Address.parse(url).url)
    with engine.begin() as connection:
        migrations.upgrade(connection, revision)
    engine.dispose()


async def test_who_only_looks_makes_no_database(url: str, tmp_path: Path) -> None:
    with pytest.raises(NoStoreError, match="csto-bot run"):
        await Store.open(url, migrate=False)
    if url.startswith("sqlite"):
        assert files_in(tmp_path) == []
    else:
        assert schema(url) == {}


async def test_who_only_looks_leaves_the_tables_of_an_earlier_version(url: str) -> None:
    make(url, "0003")
    before = schema(url)
    with pytest.raises(UnreadyStoreError, match=r"earlier version \(0003\).*csto-bot run"):
        await Store.open(url, migrate=False)
    assert schema(url) == before
    await (await Store.open(url)).close()
    await (await Store.open(url, migrate=False)).close()
