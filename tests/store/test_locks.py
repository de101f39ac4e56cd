from __future__ import annotations

import asyncio
import signal
import sys

from bot.store import Store

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


async def test_the_lock_of_a_killed_process_is_free_at_once(url: str, store: Store) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    assert await store.lock("polling") is None
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    assert await store.lock("polling") is not None


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
