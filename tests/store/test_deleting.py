from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.store import ChatKind, ConversationKey, Store, Vote, Watch, WatchKind
from bot.store.sqlite import BUSY_SECONDS
from bot.store.tables import metadata

ME, OTHER, GROUP = 501, 502, -400


def rows(connection: sa.Connection) -> dict[str, int]:
    with connection.begin():
        counts = {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar()
            for table in metadata.sorted_tables
        }
    return {name: count for name, count in counts.items() if count}


async def use(store: Store, user_id: int, now: datetime) -> None:
    """Leave every trace that a person can."""
    await store.chats.remember(user_id, ChatKind.PRIVATE)
    await store.chats.remember(GROUP, ChatKind.GROUP)
    await store.readers.set_language(user_id, "ru")
    await store.readers.started(user_id, now)
    for chat_id in (user_id, GROUP):
        await store.conversations.put(ConversationKey(user_id, chat_id), {}, now)
        await store.replies.put(chat_id, user_id, [3], now, user_id=user_id)
    await store.replies.put(user_id, 77, [3], now)
    await store.commands.put(f"chat:{user_id}", "en", "hash")
    await store.feedback.add(Vote.UP, intent="x", outcome="y", now=now)
    await store.answers.add("answer", "x", now)
    await store.dialogues.put(user_id, {"wants": "text"}, now)
    await store.watches.put(Watch("2026-05-04-x", user_id, WatchKind.STATUS, 7, "en"), now)
    await store.unanswered.add("What of NATO?", "en", now)


async def test_forget_deletes_everything_about_a_person_and_nothing_of_others(
    store: Store, connection: sa.Connection, now: datetime
) -> None:
    await use(store, OTHER, now)
    before = rows(connection)
    await use(store, ME, now)
    assert await store.forget(ME) == 10
    after = rows(connection)
    assert after == before
    for table in metadata.sorted_tables:
        for column in table.c:
            if column.name in {"user_id", "chat_id", "id"}:
                ids = connection.execute(sa.select(column)).scalars().all()
                assert ME not in ids, column
    assert await store.forget(ME) == 0


async def test_everything_but_settings_and_counts_is_gone_in_time(
    store: Store, connection: sa.Connection, now: datetime
) -> None:
    await use(store, ME, now)
    await store.inbox.add([{"update_id": 1}], now)
    await store.buttons.keep([{"a": 1}], now)
    kept = {"chats": 2, "readers": 1, "commands": 1, "feedback": 1, "answers": 1}
    await store.expire(now + timedelta(days=400))
    assert rows(connection) == kept


@pytest.mark.parametrize(
    ("table", "kept_for"),
    [
        ("conversations", timedelta(minutes=30)),
        ("replies", timedelta(hours=48)),
        ("dialogues", timedelta(hours=24)),
        ("watches", timedelta(days=30)),
        ("inbox", timedelta(hours=24)),
        ("seen_updates", timedelta(hours=24)),
        ("buttons", timedelta(days=90)),
    ],
)
async def test_each_thing_is_kept_as_long_as_promised_and_no_longer(
    store: Store, connection: sa.Connection, now: datetime, table: str, kept_for: timedelta
) -> None:
    await use(store, ME, now)
    await store.inbox.add([{"update_id": 1}], now)
    await store.buttons.keep([{"a": 1}], now)
    await store.expire(now + kept_for)
    assert table in rows(connection)
    await store.expire(now + kept_for + timedelta(microseconds=1))
    assert table not in rows(connection)


async def test_many_rows_go_in_many_small_steps(store: Store, now: datetime) -> None:
    await store.inbox.add([{"update_id": each} for each in range(2500)], now)
    assert await store.expire(now + timedelta(days=2)) == 5000
    assert await store.expire(now + timedelta(days=2)) == 0


async def test_a_long_look_from_outside_does_not_hold_up_the_deletion(
    store: Store, connection: sa.Connection, now: datetime
) -> None:
    await store.inbox.add([{"update_id": 1}], now)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
    connection.execute(sa.text("SELECT * FROM inbox")).all()
    await store.inbox.done(1)
    async with asyncio.timeout(BUSY_SECONDS):  # as long as it would wait for the look
        await store.expire(now)
    connection.rollback()
