from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.store import Store, UnansweredCount


async def test_questions_are_counted_where_the_operator_keeps_them(
    store: Store, now: datetime
) -> None:
    assert await store.unanswered.add("Who is the president?", "en", now)
    assert await store.unanswered.add("What of NATO?", "en", now)
    assert await store.unanswered.add("What of NATO?", "en", now)
    today = date(2026, 5, 4)
    assert await store.unanswered.since(today) == [
        UnansweredCount(today, "en", "What of NATO?", 2),
        UnansweredCount(today, "en", "Who is the president?", 1),
    ]


async def test_no_text_is_kept_otherwise(url: str, now: datetime) -> None:
    async with await Store.open(url) as store:
        assert not await store.unanswered.add("a secret", "en", now)
        assert await store.unanswered.since(now.date()) == []


async def test_what_was_kept_goes_when_the_operator_no_longer_keeps_it(
    url: str, now: datetime
) -> None:
    async with await Store.open(url, keep_unanswered=True) as store:
        await store.unanswered.add("What of NATO?", "en", now)
        await store.expire(now)
        assert len(await store.unanswered.since(now.date())) == 1
    async with await Store.open(url) as store:
        await store.expire(now)
        assert await store.unanswered.since(now.date()) == []


async def test_a_question_goes_after_ninety_days(store: Store, now: datetime) -> None:
    await store.unanswered.add("What of NATO?", "en", now)
    await store.expire(now + timedelta(days=90))
    assert len(await store.unanswered.since(now.date())) == 1
    await store.expire(now + timedelta(days=91))
    assert await store.unanswered.since(now.date()) == []


async def test_odd_text_is_kept_as_far_as_a_database_can(store: Store, now: datetime) -> None:
    await store.unanswered.add("a\0b\ud83d", "en", now)
    assert [each.question for each in await store.unanswered.since(now.date())] == ["ab?"]
