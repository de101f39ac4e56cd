from __future__ import annotations

import asyncio
import socket
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
import sqlalchemy as sa

from bot.store import ConversationKey, Store, StoreError
from bot.store.address import Address
from tests.botapi import PATIENCE
from tests.postgres import Postgres

PASSWORD = "a-wrong-password"


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    made = postgres.new()
    yield made
    postgres.start()
    postgres.drop(made)


@pytest.fixture
def nobody_listens() -> Iterator[int]:
    """A port that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def test_a_wrong_password_is_said_and_not_shown(url: str, postgres: Postgres) -> None:
    with postgres.passwords():
        wrong = url.replace("postgres@", f"postgres:{PASSWORD}@")
        with pytest.raises(StoreError, match="set the right password in DATABASE_URL") as refused:
            await Store.open(wrong)
    assert PASSWORD not in "".join(traceback.format_exception(refused.value))


async def test_a_server_that_is_not_there_is_said_with_what_to_do(nobody_listens: int) -> None:
    away = f"postgres://me:{PASSWORD}@127.0.0.1:{nobody_listens}/bot"
    with pytest.raises(StoreError, match="refused; it cannot be reached; start it, or") as refused:
        await Store.open(away)
    assert PASSWORD not in "".join(traceback.format_exception(refused.value))


async def test_a_database_or_user_that_is_not_there_is_said(postgres: Postgres) -> None:
    with pytest.raises(StoreError, match='"nobody_made_it" does not exist; create the database'):
        await Store.open(postgres.url("nobody_made_it"))
    with pytest.raises(StoreError, match='"nobody" does not exist; let this user in'):
        await Store.open(postgres.url("postgres", user="nobody"))


async def test_a_user_without_rights_is_told_what_to_give(url: str, postgres: Postgres) -> None:
    postgres.execute("CREATE ROLE weak LOGIN")
    try:
        with pytest.raises(StoreError, match=r"permission denied.*give the user the right"):
            await Store.open(url.replace("postgres@", "weak@"))
    finally:
        postgres.execute("DROP ROLE weak")


async def test_processes_that_count_the_same_answers_do_not_stop_each_other(
    url: str, now: datetime
) -> None:
    intents = [f"intent-{number}" for number in range(8)]

    async def count(store: Store, order: list[str]) -> None:
        for _ in range(20):
            await asyncio.gather(*(store.answers.add("answer", one, now) for one in order))

    async with await Store.open(url) as first, await Store.open(url) as second:
        await asyncio.gather(count(first, intents), count(second, intents[::-1]))
        assert {one.count for one in await first.answers.since(now.date())} == {40}
    engine = sa.create_engine(Address.parse(url).url)
    with engine.connect() as connection:
        # Each would have cost both of them a second, which the server waits before it looks.
        stopped = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert connection.exec_driver_sql(stopped).scalar() == 0
    engine.dispose()


async def test_a_read_only_database_is_said_with_what_to_do(
    url: str, postgres: Postgres, now: datetime
) -> None:
    await (await Store.open(url)).close()
    database = sa.make_url(url).database
    postgres.execute(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    async with await Store.open(url) as store:
        with pytest.raises(StoreError, match=r"read-only.*primary server"):
            await store.readers.set_language(1, "ru")
        assert await store.readers.get(1) is None


FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE 'could not extend file "base/1": No space left on device' USING ERRCODE = '53100';
END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON inbox EXECUTE FUNCTION full_disk()
"""


async def test_a_full_disk_is_said_and_loses_nothing_and_room_mends_it(
    url: str, store: Store, postgres: Postgres, now: datetime
) -> None:
    await store.inbox.add([{"update_id": 1}], now)
    postgres.execute(FULL, url)
    with pytest.raises(StoreError, match="disk is full; make room, nothing that was kept"):
        await store.inbox.add([{"update_id": 2}], now)
    postgres.execute("DROP TRIGGER full_disk ON inbox", url)
    assert await store.inbox.add([{"update_id": 1}, {"update_id": 2}], now) == [{"update_id": 2}]


async def test_while_the_server_is_away_nothing_is_lost(
    store: Store, postgres: Postgres, now: datetime
) -> None:
    key = ConversationKey(1, 1)
    await store.conversations.put(key, {"n": 0}, now)
    for away in (postgres.stop, postgres.crash):
        away()
        given = [
            asyncio.ensure_future(store.inbox.add([{"update_id": n}], now)) for n in range(100)
        ]
        read = asyncio.ensure_future(store.conversations.get(key, now))
        await asyncio.sleep(1.2)
        assert not read.done()
        assert "it cannot be reached" in (store.trouble or "")
        await asyncio.to_thread(postgres.start)
        async with asyncio.timeout(PATIENCE):
            assert await read == {"n": 0}
            new = await asyncio.gather(*given)
        assert sum(map(len, new)) == (100 if away == postgres.stop else 0)
        assert store.trouble is None
    assert len(await store.inbox.pending()) == 100


async def test_a_commit_that_nobody_heard_of_is_not_done_twice(
    url: str, store: Store, postgres: Postgres, now: datetime
) -> None:
    """The connection is cut after the server has committed, before it could say so."""
    cut: list[bool] = []

    def step(connection: sa.Connection) -> int:
        connection.exec_driver_sql("INSERT INTO readers (user_id) VALUES (7)")
        if not cut:
            cut.append(True)
            process = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            sa.event.listen(
                connection,
                "commit",
                lambda committing: _commit_and_cut(postgres, url, committing, process),
            )
        return 42

    assert await store._steps.write(step) == 42
    assert cut
    assert await store.readers.get(7) is not None


def _commit_and_cut(postgres: Postgres, url: str, connection: sa.Connection, process: int) -> None:
    connection.connection.driver_connection.execute("COMMIT")  # type: ignore[union-attr]
    postgres.execute(f"SELECT pg_terminate_backend({process})", url)


async def test_a_store_is_closed_at_once_while_the_server_is_away(
    url: str, postgres: Postgres
) -> None:
    store = await Store.open(url)
    assert await store.lock("polling") is not None
    postgres.stop()
    waiting = asyncio.ensure_future(store.readers.get(1))
    await asyncio.sleep(0.2)
    async with asyncio.timeout(PATIENCE):
        await store.close()
    with pytest.raises(StoreError, match=r"cannot be reached|was stopped"):
        await waiting


async def test_a_store_is_closed_soon_while_the_server_answers_nothing(
    url: str, postgres: Postgres
) -> None:
    store = await Store.open(url)
    await store.workers.join()
    assert await store.lock("polling") is not None
    with postgres.halted():
        waiting = [
            asyncio.ensure_future(store.readers.get(1)),
            asyncio.ensure_future(store.lock("planning")),
        ]
        await asyncio.sleep(0.2)
        async with asyncio.timeout(20):  # TCP gives up later, after 25 s
            await store.close()
        await asyncio.gather(*waiting, return_exceptions=True)
    with pytest.raises(StoreError):
        await waiting[0]


async def test_two_transactions_that_wait_for_each_other_are_both_done(
    url: str, store: Store
) -> None:
    async with await Store.open(url) as other:
        await store.readers.set_language(1, "en")
        await store.readers.set_language(2, "en")

        def crosswise(first: int, second: int) -> Callable[[sa.Connection], None]:
            def step(connection: sa.Connection) -> None:
                statement = sa.text("UPDATE readers SET language = 'ru' WHERE user_id = :id")
                connection.execute(statement, {"id": first})
                connection.exec_driver_sql("SELECT pg_sleep(0.3)")
                connection.execute(statement, {"id": second})

            return step

        await asyncio.gather(
            store._steps.write(crosswise(1, 2)),
            other._steps.write(crosswise(2, 1)),
        )
    reader = await store.readers.get(2)
    assert reader is not None and reader.language == "ru"


async def test_a_lock_is_lost_with_its_connection_and_can_be_taken_again(
    url: str, store: Store, postgres: Postgres
) -> None:
    lock = await store.lock("planning")
    assert lock is not None
    postgres.stop()
    async with asyncio.timeout(PATIENCE):
        await lock.lost()
    assert not lock.is_held
    assert await store.lock("planning") is None
    postgres.start()
    again = await store.lock("planning")
    assert again is not None and again.is_held
    async with await Store.open(url) as other:
        assert await other.lock("planning") is None
