from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.store import Chat, ChatKind, ConversationKey, Store
from bot.store.tables import metadata

GROUP = -400
SUPERGROUP = -1_001_234_567_890
LARGEST = 2**63 - 1


async def test_a_chat_is_known_by_what_telegram_says_and_its_settings_survive_a_new_title(
    store: Store,
) -> None:
    await store.chats.remember(GROUP, ChatKind.GROUP, title="Old")
    await store.chats.set_language(GROUP, "ru")
    await store.chats.set_news(GROUP, on=True)
    await store.chats.set_silent(GROUP, on=True)
    await store.chats.set_thread(GROUP, 7)
    chat = await store.chats.remember(GROUP, ChatKind.GROUP, title="New", is_forum=True)
    assert chat == Chat(
        GROUP,
        ChatKind.GROUP,
        "New",
        is_forum=True,
        language="ru",
        news=True,
        silent=True,
        thread_id=7,
    )
    assert await store.chats.get(GROUP) == chat
    assert await store.chats.all() == [chat]


async def test_a_private_chat_is_kept_without_the_persons_name(store: Store) -> None:
    chat = await store.chats.remember(5, ChatKind.PRIVATE, title="Aigul", username="aigul")
    assert (chat.title, chat.username) == (None, None)


async def test_a_chat_that_was_never_met_has_no_settings(store: Store, now: datetime) -> None:
    assert await store.chats.get(1) is None
    assert await store.chats.set_language(1, "en") is None
    assert not await store.chats.pause(1, "blocked", now)
    assert not await store.chats.resume(1)


@pytest.mark.parametrize("chat_id", [LARGEST, -LARGEST, 2**32 + 1, SUPERGROUP])
async def test_ids_of_64_bits_come_back_whole(store: Store, chat_id: int, now: datetime) -> None:
    await store.chats.remember(chat_id, ChatKind.CHANNEL)
    assert (await store.chats.all())[0].id == chat_id
    key = ConversationKey(chat_id, chat_id, chat_id)
    await store.conversations.put(key, {}, now)
    assert await store.conversations.get(key, now) == {}
    await store.replies.put(chat_id, chat_id, [chat_id], now, user_id=chat_id)
    assert await store.replies.get(chat_id, chat_id, now) == (chat_id,)


async def test_a_pause_keeps_its_first_reason_and_time_and_the_settings(
    store: Store, now: datetime
) -> None:
    await store.chats.remember(GROUP, ChatKind.GROUP)
    await store.chats.set_news(GROUP, on=True)
    assert await store.chats.pause(GROUP, "kicked", now)
    assert not await store.chats.pause(GROUP, "chat not found", now + timedelta(hours=1))
    paused = await store.chats.get(GROUP)
    assert paused is not None
    assert (paused.paused_reason, paused.paused_at, paused.news) == ("kicked", now, True)
    assert await store.chats.resume(GROUP)
    assert not await store.chats.resume(GROUP)
    resumed = await store.chats.get(GROUP)
    assert resumed is not None
    assert (resumed.paused_reason, resumed.paused_at, resumed.news) == (None, None, True)


async def test_a_title_of_anything_is_kept_as_data(store: Store) -> None:
    title = "<b>'; DROP TABLE chats; --{0}%s\u202e\0\ud83d"
    chat = await store.chats.remember(GROUP, ChatKind.GROUP, title=title)
    assert chat.title == "<b>'; DROP TABLE chats; --{0}%s\u202e?"


async def test_a_group_that_becomes_a_supergroup_keeps_settings_and_conversations(
    store: Store, now: datetime
) -> None:
    await store.chats.remember(GROUP, ChatKind.GROUP, title="Us")
    await store.chats.set_language(GROUP, "hy")
    await store.chats.set_news(GROUP, on=True)
    await store.conversations.put(ConversationKey(5, GROUP), {"cues": ["members"]}, now)
    for _ in range(2):  # Telegram says it twice: in the old chat and in the new one
        await store.chats.migrate(GROUP, SUPERGROUP, now)
    chat = Chat(SUPERGROUP, ChatKind.SUPERGROUP, "Us", language="hy", news=True)
    assert await store.chats.all() == [chat]
    assert await store.conversations.get(ConversationKey(5, SUPERGROUP), now) == {
        "cues": ["members"]
    }


async def test_the_old_id_of_a_supergroup_keeps_working(store: Store, now: datetime) -> None:
    await store.chats.remember(GROUP, ChatKind.GROUP)
    await store.chats.migrate(GROUP, SUPERGROUP, now)
    late = await store.chats.remember(GROUP, ChatKind.GROUP, title="late update")
    assert late.id == SUPERGROUP
    assert await store.chats.current_id(GROUP) == SUPERGROUP
    assert await store.chats.current_id(5) == 5
    assert await store.chats.set_language(GROUP, "ru") is not None
    assert await store.chats.pause(GROUP, "kicked", now)
    found = await store.chats.get(SUPERGROUP)
    assert found is not None
    assert (found.language, found.paused_reason) == ("ru", "kicked")
    assert len(await store.chats.all()) == 1


async def test_chats_met_at_once_are_each_kept_as_they_were_last_seen(
    store: Store, now: datetime
) -> None:
    await store.chats.migrate(GROUP, SUPERGROUP, now)
    found = await asyncio.gather(
        store.chats.remember(-7, ChatKind.GROUP, title="first"),
        store.chats.remember(GROUP, ChatKind.GROUP, title="late"),
        store.chats.remember(SUPERGROUP, ChatKind.SUPERGROUP, title="now"),
        store.chats.remember(-7, ChatKind.GROUP, title="second"),
    )
    assert [(chat.id, chat.title) for chat in found] == [
        (-7, "second"), (SUPERGROUP, "now"), (SUPERGROUP, "now"), (-7, "second"),
    ]  # fmt: skip
    assert [chat.id for chat in await store.chats.all()] == [SUPERGROUP, -7]


async def test_an_alias_of_an_alias_leads_to_the_last(store: Store, now: datetime) -> None:
    await store.chats.migrate(GROUP, SUPERGROUP, now)
    await store.chats.migrate(SUPERGROUP, SUPERGROUP - 1, now)
    assert await store.chats.current_id(GROUP) == SUPERGROUP - 1


async def test_what_was_chosen_in_a_supergroup_met_before_comes_first(
    store: Store, now: datetime
) -> None:
    await store.chats.remember(GROUP, ChatKind.GROUP, title="Old")
    await store.chats.set_language(GROUP, "hy")
    await store.chats.set_news(GROUP, on=True)
    await store.chats.remember(SUPERGROUP, ChatKind.SUPERGROUP, title="New")
    await store.chats.set_language(SUPERGROUP, "ru")
    for chat_id in (GROUP, SUPERGROUP):
        await store.conversations.put(ConversationKey(5, chat_id), {"in": chat_id}, now)
    await store.chats.migrate(GROUP, SUPERGROUP, now)
    assert await store.chats.all() == [
        Chat(SUPERGROUP, ChatKind.SUPERGROUP, "New", language="ru", news=True)
    ]
    kept = await store.conversations.get(ConversationKey(5, SUPERGROUP), now)
    assert kept == {"in": SUPERGROUP}


async def test_an_edit_in_a_new_supergroup_never_finds_an_answer_of_the_old_group(
    store: Store, now: datetime
) -> None:
    await store.replies.put(GROUP, 1, [2], now)
    await store.chats.migrate(GROUP, SUPERGROUP, now)
    assert await store.replies.get(SUPERGROUP, 1, now) == ()


async def test_nothing_refers_to_the_old_group_any_more(
    store: Store, connection: sa.Connection, now: datetime
) -> None:
    await store.chats.remember(GROUP, ChatKind.GROUP)
    await store.conversations.put(ConversationKey(5, GROUP), {}, now)
    await store.replies.put(GROUP, 1, [2], now)
    await store.chats.migrate(-300, GROUP, now)
    await store.chats.migrate(GROUP, SUPERGROUP, now)
    for table in metadata.sorted_tables:
        if "chat_id" in table.c:
            ids = connection.execute(sa.select(table.c.chat_id)).scalars().all()
            assert GROUP not in ids, table.name
