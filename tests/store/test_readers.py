from __future__ import annotations

from datetime import datetime, timedelta

from bot.store import Reader, Store


async def test_a_reader_keeps_the_language_chosen_until_it_is_taken_back(store: Store) -> None:
    assert await store.readers.get(5) is None
    await store.readers.set_language(5, "hy")
    assert await store.readers.get(5) == Reader(5, "hy")
    await store.readers.set_language(5, None)
    assert await store.readers.get(5) == Reader(5)


async def test_the_first_start_is_told_from_the_next(store: Store, now: datetime) -> None:
    await store.readers.set_language(5, "hy")
    assert await store.readers.started(5, now)
    assert not await store.readers.started(5, now + timedelta(days=1))
    assert await store.readers.get(5) == Reader(5, "hy", now)
