"""Several processes at work on one store."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from bot.store import Store
from bot.store.workers import GRACE_SECONDS
from tests.botapi import PATIENCE
from tests.conftest import until
from tests.postgres import Postgres


def update(update_id: int) -> dict[str, Any]:
    return {"update_id": update_id, "lane": update_id % 10}


def lane_of(each: Any) -> str:
    return str(each.get("lane"))


@pytest.fixture
async def other(url: str) -> AsyncIterator[Store]:
    async with await Store.open(url) as opened:
        await opened.workers.join()
        yield opened


async def test_each_process_has_a_number_of_its_own(store: Store, other: Store) -> None:
    mine = await store.workers.join()
    assert mine == await store.workers.join() == store.workers.number
    assert mine != other.workers.number


WORKER = """
import asyncio, json, sys
from datetime import UTC, datetime
from bot.store import Store

async def main() -> None:
    store = await Store.open(sys.argv[1])
    await store.workers.join()
    await store.inbox.add(json.loads(sys.argv[2]), datetime.now(UTC))
    print("ready", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.shared
async def test_what_a_killed_process_had_in_hand_goes_to_one_of_the_others(
    url: str, store: Store, other: Store, now: datetime
) -> None:
    await store.workers.join()
    await store.inbox.add([update(50)], now)
    given = json.dumps([update(7), update(8), update(9)])
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, url, given, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    assert await store.inbox.adopt() == []
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    adopted: list[dict[str, Any]] = []

    async def is_adopted() -> bool:
        for found in await asyncio.gather(store.inbox.adopt(), other.inbox.adopt()):
            adopted.extend(found)
        return bool(adopted)

    await until(is_adopted)
    assert adopted == [update(7), update(8), update(9)]
    assert await other.inbox.adopt() == []


async def test_a_process_that_ends_leaves_what_it_has_not_done_at_once(
    url: str, store: Store, now: datetime
) -> None:
    await store.workers.join()
    async with await Store.open(url) as ending:
        await ending.workers.join()
        await ending.inbox.add([update(7), update(8)], now)
        await ending.inbox.done(8)
        await ending.inbox.leave()
    assert await store.inbox.adopt() == [update(7)]


@pytest.mark.shared
async def test_nothing_is_taken_from_the_living_when_the_server_was_away(
    store: Store, other: Store, postgres: Postgres, now: datetime
) -> None:
    await store.workers.join()
    await store.inbox.add([update(7)], now)
    await asyncio.to_thread(postgres.stop)
    await asyncio.sleep(1.5)
    await asyncio.to_thread(postgres.start)
    for _ in range(20):
        assert await other.inbox.adopt() == []
        await asyncio.sleep(0.2)


@pytest.mark.shared
async def test_an_update_waits_for_what_another_process_has_of_its_conversation(
    store: Store, other: Store, now: datetime
) -> None:
    await store.workers.join()
    await store.inbox.add([update(11), update(12)], now, lane_of)
    await other.inbox.add([update(21), update(23)], now, lane_of)
    async with asyncio.timeout(PATIENCE):
        await other.inbox.turn(23)
    await other.inbox.add([update(22)], now, lane_of)
    waiting, longer = (asyncio.ensure_future(other.inbox.turn(each)) for each in (21, 22))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await store.inbox.done(11)
    async with asyncio.timeout(PATIENCE):
        await waiting
    await asyncio.sleep(0.2)
    assert not longer.done()
    await store.inbox.done(12)
    async with asyncio.timeout(PATIENCE):
        await longer


@pytest.mark.shared
async def test_of_two_at_the_same_time_one_waits(
    store: Store, other: Store, now: datetime
) -> None:
    await store.workers.join()
    for first in range(100, 400, 20):
        await asyncio.gather(
            store.inbox.add([update(first)], now, lane_of),
            other.inbox.add([update(first + 10)], now, lane_of),
        )
        turns = [
            asyncio.ensure_future(store.inbox.turn(first)),
            asyncio.ensure_future(other.inbox.turn(first + 10)),
        ]
        await asyncio.wait(turns, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        done, waiting = await asyncio.wait(turns, timeout=0.1)
        assert (len(done), len(waiting)) == (1, 1)
        await store.inbox.done(first)
        await store.inbox.done(first + 10)
        await asyncio.gather(*turns)


async def test_a_budget_is_spent_by_one_at_a_time(url: str, store: Store) -> None:
    def count(state: Any, _now: float) -> tuple[Any, int]:
        return (state or 0) + 1, (state or 0) + 1

    async with await Store.open(url) as second:
        both = [store, second] if store.workers.are_many else [store]
        given = await asyncio.gather(
            *(each.budgets.spend(f"n{n % 7}", count) for n in range(70) for each in both)
        )
        assert sorted(given) == sorted(list(range(1, 10 * len(both) + 1)) * 7)


async def test_budgets_share_a_clock(url: str, store: Store) -> None:
    def clock(_state: Any, now: float) -> tuple[Any, float]:
        return None, now

    async with await Store.open(url) as second:
        times = [await each.budgets.spend("a", clock) for each in (store, second, store)]
    assert times == sorted(times)
    assert times[-1] - times[0] < 60


@pytest.mark.shared
async def test_a_process_does_nothing_under_its_number_while_it_has_lost_it(
    store: Store, postgres: Postgres
) -> None:
    begun: list[bool] = []

    async def work() -> None:
        begun.append(True)
        await asyncio.Event().wait()

    await store.workers.join()
    working = asyncio.create_task(store.workers.while_at_work(work))
    for times in (1, 2):
        await until(lambda n=times: len(begun) >= n)  # type: ignore[misc]
        await asyncio.to_thread(postgres.stop)
        await asyncio.sleep(1.5)
        assert len(begun) == times
        await asyncio.to_thread(postgres.start)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def test_a_lock_that_was_free_long_ago_does_not_make_its_process_dead(url: str) -> None:
    time = [0.0]
    async with await Store.open(url) as store:
        store.workers._clock = lambda: time[0]
        assert not await store.workers.is_dead(5)
        time[0] = 3600.0
        assert not await store.workers.is_dead(5)
        time[0] += GRACE_SECONDS
        assert await store.workers.is_dead(5)
