"""The loop that delivers, with the real ledger; chats and the clock are the test's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.knowledge.model import NewsItem
from bot.news.deliveries import LEASE, Change, Delivery, NotSent, Result, Sent, Task
from bot.news.publisher import LONGEST_REST, Publisher
from bot.store import ChatKind, Store
from tests.conftest import until

ITEM = NewsItem("2026-05-04-session", {"en": "A session"}, {}, date(2026, 5, 4))
START = datetime(2026, 5, 4, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time


class SlowLedger:
    """The ledger, which is away for a while when the first request is to begin."""

    def __init__(self, store: Store, clock: Clock, away: timedelta) -> None:
        self._kept = store.deliveries
        self._clock = clock
        self._away = away

    async def tidy(self, now: datetime, *, may_resend: bool = False) -> int:
        return await self._kept.tidy(now, may_resend=may_resend)

    async def recover(self, worker: int, now: datetime, *, may_resend: bool = False) -> int:
        return await self._kept.recover(worker, now, may_resend=may_resend)

    async def claim(self, worker: int, most: int, now: datetime) -> list[Delivery]:
        return await self._kept.claim(worker, most, now)

    async def begin(self, delivery: Delivery, worker: int, now: datetime) -> Task | None:
        task = await self._kept.begin(delivery, worker, now)
        self._clock.time += self._away
        self._away = timedelta(0)
        return task

    async def record(self, delivery: Delivery, change: Change, now: datetime) -> bool:
        written = await self._kept.record(delivery, change, now)
        self._clock.time += timedelta(seconds=2)
        return written

    async def postpone(self, delivery: Delivery, worker: int, until: datetime) -> None:
        await self._kept.postpone(delivery, worker, until)

    async def release(self, worker: int) -> None:
        await self._kept.release(worker)


class Chats:
    """What is in the chats, and when it came there."""

    def __init__(self, clock: Clock) -> None:
        self.posts: list[tuple[int, datetime]] = []
        self._clock = clock

    def busy(self, delivery: Delivery) -> float:
        return 0.0

    async def turn(self, delivery: Delivery) -> None:
        return None

    async def send(self, task: Task) -> Result:
        self.posts.append((task.delivery.attempts, self._clock()))
        return Sent(7)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(f"sqlite:///{tmp_path / 'bot.db'}") as opened:
        await opened.chats.remember(1, ChatKind.PRIVATE)
        await opened.chats.set_news(1, on=True)
        await opened.announcements.draft(ITEM, "file", None, START)
        await opened.announcements.approve(ITEM.id, None, START)
        yield opened


async def delivered(store: Store, away: timedelta) -> list[tuple[int, datetime]]:
    clock = Clock()
    chats = Chats(clock)
    ledger = SlowLedger(store, clock, away)
    publisher = Publisher(ledger, chats, clock, rest=lambda _: asyncio.sleep(0.001))
    running = asyncio.create_task(publisher.run())

    async def is_sent() -> bool:
        return await store.deliveries.counts(ITEM.id) == {"sent": 1}

    await until(is_sent)
    running.cancel()
    await publisher.finish(1)
    return chats.posts


async def test_a_request_begins_at_once(store: Store) -> None:
    assert await delivered(store, timedelta(0)) == [(1, START)]


async def test_a_request_whose_lease_is_over_before_it_begins_is_not_made(store: Store) -> None:
    """Another worker may have the delivery by then: both would send it."""
    (post,) = await delivered(store, 2 * LEASE)
    assert post[0] == 2


class Failing(Chats):
    """Telegram, which answers nothing but that it has trouble."""

    async def send(self, task: Task) -> Result:
        await super().send(task)
        return NotSent("502")


async def test_who_rests_while_telegram_has_trouble_still_goes_round(store: Store) -> None:
    """Else it would be told to be dead, and a process that is well be replaced."""
    for chat_id in range(2, 21):
        await store.chats.remember(chat_id, ChatKind.PRIVATE)
        await store.chats.set_news(chat_id, on=True)
    await store.announcements.draft(replace(ITEM, id="2026-05-05-other"), "file", None, START)
    await store.announcements.approve("2026-05-05-other", None, START)
    clock, rounds = Clock(), [START]

    async def rest(seconds: float) -> None:
        clock.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    chats = Failing(clock)
    publisher = Publisher(
        store.deliveries, chats, clock, rest=rest, went_round=lambda: rounds.append(clock.time)
    )
    running = asyncio.create_task(publisher.run())
    await until(lambda: clock.time - START >= timedelta(minutes=10))
    running.cancel()
    await publisher.finish(1)
    longest = max(after - before for before, after in pairwise(rounds))
    assert longest < timedelta(seconds=LONGEST_REST + 1)
