from __future__ import annotations

from datetime import datetime, timedelta

from bot.store import AnswerCount, ChatKind, Store, Watch, WatchKind


async def test_a_dialogue_goes_on_until_it_is_left_or_a_day_old(
    store: Store, now: datetime
) -> None:
    await store.dialogues.put(5, {"wants": "text"}, now)
    await store.dialogues.put(5, {"wants": "время"}, now)
    assert await store.dialogues.get(5, now + timedelta(hours=24)) == {"wants": "время"}
    assert await store.dialogues.get(5, now + timedelta(hours=25)) is None
    assert await store.dialogues.get(6, now) is None
    assert await store.dialogues.drop(5)
    assert not await store.dialogues.drop(5)


async def test_an_editor_watches_an_announcement_in_the_latest_message_alone(
    store: Store, now: datetime
) -> None:
    first = Watch("2026-05-04-x", 5, WatchKind.STATUS, 7, "en")
    second = Watch("2026-05-04-x", 5, WatchKind.STATUS, 9, "ru")
    other = Watch("2026-05-04-x", 5, WatchKind.UNCERTAIN, 8, "ru")
    for watch in (first, second, other):
        await store.watches.put(watch, now)
    await store.watches.drop(first)  # late: another has taken its place
    assert await store.watches.all() == [second, other]
    await store.watches.drop(second)
    assert await store.watches.all() == [other]


async def test_answers_are_counted_by_day_outcome_and_intent(store: Store, now: datetime) -> None:
    for intent in ("website", "website", None):
        await store.answers.add("answer", intent, now)
    assert await store.answers.since(now.date()) == [
        AnswerCount(now.date(), "answer", "", 1),
        AnswerCount(now.date(), "answer", "website", 2),
    ]


async def test_a_chat_follows_topics_and_a_supergroup_follows_them_on(
    store: Store, now: datetime
) -> None:
    await store.chats.remember(-5, ChatKind.GROUP)
    chat = await store.chats.set_topics(-5, ["observers", "выборы", "observers"])
    assert chat is not None and chat.topics == ("observers", "выборы")
    await store.chats.remember(-100, ChatKind.SUPERGROUP)
    await store.chats.migrate(-5, -100, now)
    moved = await store.chats.get(-100)
    assert moved is not None and moved.topics == ("observers", "выборы")
