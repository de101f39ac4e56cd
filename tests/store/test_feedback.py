from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta

from bot.store import FeedbackCount, Store, Vote


async def test_votes_are_counted_by_day_kind_of_answer_and_reason(
    store: Store, now: datetime
) -> None:
    for _ in range(3):
        await store.feedback.add(Vote.UP, intent="website", outcome="answer", now=now)
    down = {"intent": "website", "outcome": "answer", "reason": "wrong"}
    await store.feedback.add(Vote.DOWN, now=now + timedelta(days=1), **down)
    today, tomorrow = date(2026, 5, 4), date(2026, 5, 5)
    of_tomorrow = FeedbackCount(tomorrow, "website", "answer", Vote.DOWN, "wrong", 1)
    assert await store.feedback.since(today) == [
        FeedbackCount(today, "website", "answer", Vote.UP, "", 3),
        of_tomorrow,
    ]
    assert await store.feedback.since(tomorrow) == [of_tomorrow]


async def test_a_reason_makes_no_second_vote_of_a_thumb_down(store: Store, now: datetime) -> None:
    of = {"intent": "website", "outcome": "answer"}
    later = now + timedelta(days=1)
    for _ in range(2):
        await store.feedback.add(Vote.DOWN, now=now, **of)
    found = []
    for _ in range(3):
        await store.feedback.explain("wrong", now=later, **of)
        counts = await store.feedback.since(date(2026, 5, 4))
        found.append([(one.day.day, one.reason, one.count) for one in counts])
    assert found == [
        [(4, "", 1), (4, "wrong", 1)],
        [(4, "wrong", 2)],
        [(4, "wrong", 2), (5, "wrong", 1)],
    ]


async def test_no_vote_is_lost_among_many_at_once(store: Store, now: datetime) -> None:
    await asyncio.gather(
        *(store.feedback.add(Vote.UP, intent="x", outcome="y", now=now) for _ in range(700))
    )
    assert [each.count for each in await store.feedback.since(now.date())] == [700]
