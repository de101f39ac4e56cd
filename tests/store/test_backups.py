"""A backup of either kind of database makes either kind."""

# ruff: noqa: ASYNC240 - the files of these tests are small

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.store import ChatKind, ConversationKey, Store, StoreError, Vote
from bot.store.address import Address
from bot.store.tables import metadata
from tests.postgres import Postgres
from tests.store.test_migrations import execute, files_in, make, schema


@pytest.fixture(params=["to the same kind", "to the other kind"])
def target(
    request: pytest.FixtureRequest, database: str, tmp_path: Path, postgres: Postgres
) -> Iterator[str]:
    """An empty database to restore into."""
    is_file = (database == "sqlite") == (request.param == "to the same kind")
    if is_file:
        yield f"sqlite:///{tmp_path / 'target.db'}"
        return
    made = postgres.new()
    yield made
    postgres.drop(made)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bot.backup"


def size_and_mode(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_size, found.st_mode & 0o777


def tell(_done: int, _total: int) -> None:
    pass


def content(url: str) -> dict[str, list[tuple[object, ...]]]:
    engine = sa.create_engine(Address.parse(url).url)
    with engine.connect() as connection:
        found = {
            table.name: [
                tuple(row)
                for row in connection.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found


async def use(store: Store, now: datetime) -> None:
    await store.chats.remember(-5, ChatKind.GROUP, title="Ключ \"'\\\t\n🙂", is_forum=True)
    await store.chats.remember(5, ChatKind.PRIVATE)
    await store.chats.set_news(5, on=True)
    await store.chats.pause(-5, "blocked", now)
    await store.conversations.put(ConversationKey(5, -5), {"a": "б"}, now)
    await store.inbox.add([{"update_id": 2**62, "text": "\0\ud83d\\N"}], now)
    await store.feedback.add(Vote.UP, intent="x", outcome="y", now=now)
    await store.unanswered.add("What of NATO?", "en", now - timedelta(days=3))


async def test_what_was_there_is_there_again(
    url: str, target: str, file: Path, now: datetime
) -> None:
    async with await Store.open(url, keep_unanswered=True) as store:
        await use(store, now)
        made = await Store.backup(url, file, now, tell, force=False)
    before = content(url)
    assert made.total == sum(map(len, before.values())) >= 7
    assert (await Store.restore(target, file, tell, force=False)).total == made.total
    assert content(target) == before
    async with await Store.open(target, keep_unanswered=True) as restored:
        assert await restored.inbox.pending() == [{"update_id": 2**62, "text": "\0\ud83d\\N"}]
        (asked,) = await restored.unanswered.since(date(2020, 1, 1))
        assert asked.question == "What of NATO?"


async def test_rows_that_number_themselves_go_on_after_a_restore(
    url: str, target: str, file: Path, now: datetime
) -> None:
    async with await Store.open(url) as store:
        await store._steps.write(_log)
    await Store.backup(url, file, now, tell, force=False)
    await Store.restore(target, file, tell, force=False)
    async with await Store.open(target) as restored:
        await restored._steps.write(_log)
        assert len(content(target)["news_log"]) == 2


def _log(connection: sa.Connection) -> None:
    log = metadata.tables["news_log"]
    row = {"at": datetime.now().astimezone(), "action": "draft", "announcement_id": "a"}
    connection.execute(sa.insert(log), row)


async def test_live_data_is_replaced_only_by_force(url: str, file: Path, now: datetime) -> None:
    async with await Store.open(url) as store:
        await store.readers.set_language(1, "ru")
        await Store.backup(url, file, now, tell, force=False)
        await store.readers.set_language(2, "ru")
    before = content(url)
    with pytest.raises(StoreError, match="found a database with 2 rows; expected an empty one"):
        await Store.restore(url, file, tell, force=False)
    assert content(url) == before
    await Store.restore(url, file, tell, force=True)
    assert len(content(url)["readers"]) == 1


async def test_the_tables_of_another_program_are_left_alone(
    url: str, another_url: str, file: Path, now: datetime
) -> None:
    async with await Store.open(url) as store:
        await use(store, now)
    await Store.backup(url, file, now, tell, force=False)
    for table in ("letters", "alembic_version"):
        execute(another_url, f"CREATE TABLE {table} (version_num TEXT)")
        execute(another_url, f"INSERT INTO {table} VALUES ('theirs')")
        before = schema(another_url)
        for force in (False, True):
            with pytest.raises(StoreError, match="tables of another program"):
                await Store.restore(another_url, file, tell, force=force)
        assert schema(another_url) == before
    execute(url, "CREATE TABLE letters (text TEXT)")
    execute(url, "INSERT INTO letters VALUES ('theirs')")
    await Store.restore(url, file, tell, force=True)
    execute(url, "DELETE FROM letters WHERE text = 'theirs'")


async def test_a_database_of_a_newer_version_is_replaced_by_force(
    url: str, file: Path, now: datetime
) -> None:
    async with await Store.open(url) as store:
        await use(store, now)
    await Store.backup(url, file, now, tell, force=False)
    before = content(url)
    execute(url, "UPDATE alembic_version SET version_num = '9999'")
    execute(url, "CREATE TABLE of_the_newer (text TEXT)")
    with pytest.raises(StoreError, match="or --force"):
        await Store.restore(url, file, tell, force=False)
    await Store.restore(url, file, tell, force=True)
    assert content(url) == before
    assert "of_the_newer" not in schema(url)


async def test_nothing_is_restored_under_a_bot_at_work(
    url: str, file: Path, now: datetime
) -> None:
    async with await Store.open(url) as store:
        await Store.backup(url, file, now, tell, force=False)
        assert await store.lock("polling") is not None
        with pytest.raises(StoreError, match="a bot at work; stop it"):
            await Store.restore(url, file, tell, force=True)


async def test_a_file_that_is_not_whole_changes_nothing(
    url: str, target: str, file: Path, now: datetime
) -> None:
    async with await Store.open(url) as store:
        await use(store, now)
    await Store.backup(url, file, now, tell, force=False)
    whole = gzip.decompress(file.read_bytes())
    lines = whole.splitlines(keepends=True)
    row = next(n for n, line in enumerate(lines) if n and line.startswith(b"["))
    broken = {
        "another kind": b"a letter",
        "another kind, compressed": gzip.compress(b"a letter\n"),
        "nothing": b"",
        "cut short": file.read_bytes()[:-40],
        "without its end": gzip.compress(b"".join(lines[:-1])),
        "without a row": gzip.compress(b"".join(lines[:row] + lines[row + 1 :])),
        "with a foreign table": gzip.compress(whole.replace(b'"table":"chats"', b'"table":"x"')),
        "with a wrong checksum": file.read_bytes()[:-8] + b"\0\0\0\0" + file.read_bytes()[-4:],
        "without its checksum": file.read_bytes()[:-8],
        "with a cut checksum": file.read_bytes()[:-3],
        "with something after it": file.read_bytes() + b"garbage",
        "with a line after its end": gzip.compress(whole + b"[1]\n"),
        "with another file after it": file.read_bytes() * 2,
    }
    heads = [b"[1]", b"5", b"null", b'"text"', b"{}", b"[" * 100_000, lines[0][:-3] + b",{}]"]
    heads += [lines[0].replace(b":1", b":[]"), lines[0].replace(b":1", b':"1"')]
    for head in heads:
        broken[f"begun by {head[:9]!r}"] = gzip.compress(b"".join([head, b"\n", *lines[1:]]))
    columns = next(n for n, line in enumerate(lines) if line.startswith(b'{"table":"chats"'))
    for line in [
        b"5", b"[1]", b"null", b"[" * 100_000, b'{"table":[]}', b'{"table":"chats"}',
        b'{"table":"chats","columns":5}', b'{"table":"chats","columns":[["id"],[]]}',
        b'{"table":"chats","columns":[]}', b'{"table":"chats","columns":["id","id"]}',
        lines[columns].strip().replace(b'"id"', b'"x"'),
    ]:  # fmt: skip
        broken[f"with {line[:30]!r}"] = gzip.compress(
            b"".join([*lines[:columns], line, b"\n", *lines[columns + 1 :]])
        )
    for value in (b"{}", b"[1]", b"null", b"1e400", b"9" * 30):
        row_of = lines[columns + 1].strip()[1:-1].split(b",", 1)
        broken[f"with the value {value[:9]!r}"] = gzip.compress(
            b"".join(
                [
                    *lines[: columns + 1],
                    b"[",
                    value,
                    b",",
                    row_of[1],
                    b"]\n",
                    *lines[columns + 2 :],
                ]
            )
        )
    async with await Store.open(target) as store:
        await store.readers.set_language(9, "ru")
    before = content(target)
    for kind, data in broken.items():
        file.write_bytes(data)
        with pytest.raises(StoreError, match="expected a file that csto-bot backup made"):
            await Store.restore(target, file, tell, force=True)
        assert content(target) == before, kind


async def test_a_backup_of_a_newer_version_is_refused(url: str, file: Path, now: datetime) -> None:
    file.write_bytes(gzip.compress(b'["csto-bot backup 1","9999","2030-01-01",{}]\n'))
    with pytest.raises(StoreError, match=r"newer version \(9999\).*install the newer"):
        await Store.restore(url, file, tell, force=False)


async def test_an_existing_file_is_replaced_only_by_force(
    url: str, file: Path, now: datetime
) -> None:
    await (await Store.open(url)).close()
    file.touch(0o644)
    with pytest.raises(StoreError, match="expected none, or --force"):
        await Store.backup(url, file, now, tell, force=False)
    assert size_and_mode(file) == (0, 0o644)
    await Store.backup(url, file, now, tell, force=True)
    size, mode = size_and_mode(file)
    assert (size > 0, mode) == (True, 0o600)


async def test_a_backup_of_a_database_that_is_not_there_is_refused_and_makes_none(
    url: str, file: Path, tmp_path: Path, now: datetime
) -> None:
    with pytest.raises(StoreError, match="csto-bot run"):
        await Store.backup(url, file, now, tell, force=False)
    assert files_in(tmp_path) == []


async def test_a_database_of_an_earlier_version_is_backed_up_as_it_is(
    url: str, target: str, file: Path, now: datetime
) -> None:
    make(url, "0001")
    execute(url, "INSERT INTO readers (user_id, language) VALUES (5, 'ru')")
    before = schema(url)
    made = await Store.backup(url, file, now, tell, force=False)
    assert schema(url) == before and made.revision == "0001"
    await Store.restore(target, file, tell, force=False)
    async with await Store.open(target, migrate=False) as restored:
        reader = await restored.readers.get(5)
    assert reader is not None and reader.language == "ru"
