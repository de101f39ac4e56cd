"""Announcements into chats, by a bot that runs against the server on loopback."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime
from typing import Any

from bot.knowledge.model import NewsItem
from bot.store import ChatKind, Store
from bot.telegram.app import App
from tests.botapi import BotApi

ITEM = NewsItem(
    "2026-05-04-session",
    {"en": "A session", "ru": "Заседание"},
    {"en": "It met **today**.", "ru": "Прошло **сегодня**."},
    date(2026, 5, 4),
)


def now() -> datetime:
    return datetime.now(UTC)


async def until(check: Callable[[], Coroutine[Any, Any, bool]], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not await check():
        assert time.monotonic() < end, "it did not come"
        await asyncio.sleep(0.02)


async def settled(store: Store, **counts: int) -> None:
    async def check() -> bool:
        return await store.deliveries.counts(ITEM.id) == counts

    try:
        await until(check)
    except AssertionError:
        raise AssertionError(await store.deliveries.counts(ITEM.id)) from None


async def follow(app: App, *chat_ids: int) -> None:
    for chat_id in chat_ids:
        kind = ChatKind.PRIVATE if chat_id > 0 else ChatKind.GROUP
        await app.desk.store.chats.remember(chat_id, kind)
        await app.desk.store.chats.set_news(chat_id, on=True)


async def publish(app: App, item: NewsItem = ITEM) -> None:
    store = app.desk.store
    assert await store.announcements.draft(item, "file", None, now())
    assert (await store.announcements.approve(item.id, None, now())).is_new


def texts(api: BotApi, chat_id: int) -> list[str]:
    return [message.text for message in api.bot_messages(chat_id)]


async def test_each_chat_gets_it_once_in_its_language(api: BotApi, bot: App) -> None:
    people = [api.user(started=True) for _ in range(3)]
    group = api.group(creator=people[0])
    await follow(bot, *(person.id for person in people), group.id)
    await bot.desk.store.chats.set_language(group.id, "ru")
    await bot.desk.store.readers.set_language(people[1].id, "ru")
    await publish(bot)
    await settled(bot.desk.store, sent=4)
    assert texts(api, people[0].id) == ["A session\n\nIt met today."]
    assert texts(api, people[1].id) == texts(api, group.id) == ["Заседание\n\nПрошло сегодня."]
