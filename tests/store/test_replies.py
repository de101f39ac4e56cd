from __future__ import annotations

from datetime import datetime, timedelta

from bot.store import Store


async def test_an_edited_question_finds_the_messages_of_its_answer(
    store: Store, now: datetime
) -> None:
    await store.replies.put(-400, 10, [11, 12], now, user_id=5)
    assert await store.replies.get(-400, 10, now) == (11, 12)
    assert await store.replies.get(-400, 11, now) == ()
    assert await store.replies.get(-401, 10, now) == ()


async def test_an_answer_that_became_shorter_is_what_the_next_edit_finds(
    store: Store, now: datetime
) -> None:
    await store.replies.put(-400, 10, [11, 12], now)
    await store.replies.put(-400, 10, [11], now)
    assert await store.replies.get(-400, 10, now) == (11,)


async def test_it_is_found_for_as_long_as_telegram_lets_people_edit(
    store: Store, now: datetime
) -> None:
    await store.replies.put(-400, 10, [11], now)
    assert await store.replies.get(-400, 10, now + timedelta(hours=48)) == (11,)
    assert await store.replies.get(-400, 10, now + timedelta(hours=48, seconds=1)) == ()
