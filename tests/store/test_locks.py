from __future__ import annotations

import asyncio
import signal
import sys

import pytest

from bot.store import Store, under, while_held
from tests.conftest import until
from tests.postgres import Postgres

HOLDER = """
import asyncio, sys
from bot.store import Store

async def main() -> None:
    store = await Store.open(sys.argv[1])
    lock = await store.lock("polling")
    print("held" if lock else "busy", flush=True)
    await asyncio.sleep(60 if lock else 0)

asyncio.run(main())
"""


async def test_one_holder_at_a_time_in_one_process_too(store: Store) -> None:
    lock = await store.lock("polling")
    assert lock is not None
    assert await store.lock("polling") is None
    other = await store.lock("planning")
    assert other is not None
    await lock.release()
    await lock.release()
    again = await store.lock("polling")
    assert again is not None
    async with again:
        assert await store.lock("polling") is None


async def test_the_lock_of_a_killed_process_is_free_again(url: str, store: Store) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    assert await store.lock("polling") is None
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    await until(lambda: store.lock("polling"))  # a server notices a moment later


async def test_a_second_process_is_told_that_it_is_taken(url: str, store: Store) -> None:
    assert await store.lock("polling") is not None
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, url, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert said == b"busy\n"


async def test_closing_the_store_frees_its_locks(url: str) -> None:
    async with await Store.open(url) as first:
        assert await first.lock("polling") is not None
    async with await Store.open(url) as second:
        assert await second.lock("polling") is not None


async def test_work_under_a_lock_ends_with_it_and_begins_with_the_next(store: Store) -> None:
    begun: list[bool] = []

    async def work() -> None:
        begun.append(True)
        await asyncio.Event().wait()

    lock = await store.lock("planning")
    assert lock is not None
    working = asyncio.create_task(while_held(lambda: store.lock("planning"), work, settling=0.01))
    await asyncio.sleep(0.1)
    assert begun == []
    await lock.release()
    await until(lambda: begun)
    assert await store.lock("planning") is None
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert await store.lock("planning") is not None


async def test_work_under_a_lock_may_be_done_or_fail(store: Store) -> None:
    async def fails() -> None:
        raise ValueError("no")

    async def ends() -> None:
        return

    lock = await store.lock("planning")
    assert lock is not None
    with pytest.raises(ValueError, match="no"):
        await under(lock, fails)
    assert await under(lock, ends)
    await lock.release()
    assert not await under(lock, fails)


@pytest.mark.shared
async def test_who_lost_a_lock_with_the_server_stops_while_another_has_it(
    url: str, store: Store, postgres: Postgres
) -> None:
    at_work: set[str] = set()
    ever: list[str] = []

    async def work(name: str) -> None:
        assert not at_work
        at_work.add(name)
        ever.append(name)
        try:
            await asyncio.Event().wait()
        finally:
            at_work.remove(name)

    async with await Store.open(url) as other:
        tasks = [
            asyncio.create_task(
                while_held(lambda one=one: one.lock("planning"), lambda name=name: work(name))  # type: ignore[misc]
            )
            for name, one in (("first", store), ("second", other))
        ]
        for times in (1, 2, 3):
            await until(lambda n=times: len(ever) >= n)  # type: ignore[misc]
            await asyncio.to_thread(postgres.stop)
            await asyncio.to_thread(postgres.start)
        assert not any(task.done() for task in tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
