"""What was announced can be asked about; what was retracted cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime

from bot.knowledge.model import NewsItem
from bot.telegram.app import App
from tests.botapi import BotApi
from tests.conftest import subscribe

ITEM = NewsItem(
    id="observers-in-minsk",
    title={"en": "Observers in Minsk"},
    summary={"en": "They **visited** the library."},
    date=date(2026, 5, 4),
)
TRIES = 200


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(TRIES):
        if await check():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come")


async def test_an_announcement_is_known_until_it_is_retracted(api: BotApi, bot: App) -> None:
    store, now = bot.desk.store, datetime.now(UTC)
    person = api.user(started=True)
    await subscribe(store, person.id)
    await store.announcements.draft(ITEM, "editor", 1, now)
    assert ITEM.id not in bot.desk.mind.answerer.knowledge.news
    await store.announcements.approve(ITEM.id, 1, now)

    async def is_known() -> bool:
        return ITEM.id in bot.desk.mind.answerer.knowledge.news

    await until(is_known)
    news = list(bot.desk.mind.answerer.knowledge.news)
    assert news == [ITEM.id, "2023-02-10-interview"]
    await store.announcements.retract(ITEM.id, 1, datetime.now(UTC))

    async def is_gone() -> bool:
        return not await is_known()

    await until(is_gone)


async def test_a_file_that_is_retracted_is_no_longer_shown(bot: App) -> None:
    mind = bot.desk.mind
    mind.announce([ITEM], ["2023-02-10-interview"])
    assert list(mind.answerer.knowledge.news) == [ITEM.id]
    mind.announce([], [])
    assert list(mind.answerer.knowledge.news) == ["2023-02-10-interview"]
