from __future__ import annotations

import re
from datetime import datetime, timedelta

from bot.store import Store

WEBSITE = {"intent": "website", "country": "KG"}


async def test_a_button_works_after_a_restart(url: str, now: datetime) -> None:
    async with await Store.open(url) as store:
        (key,) = await store.buttons.keep([WEBSITE], now)
    async with await Store.open(url) as store:
        assert await store.buttons.get(key, now) == WEBSITE


async def test_keys_fit_into_callback_data_with_room_to_spare(store: Store, now: datetime) -> None:
    keys = await store.buttons.keep([{"n": n} for n in range(50)], now)
    assert len(set(keys)) == 50
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{12}", key) for key in keys)


async def test_the_same_button_has_the_same_key_for_everyone(store: Store, now: datetime) -> None:
    turned = dict(reversed(WEBSITE.items()))
    first, second = await store.buttons.keep([WEBSITE, turned], now)
    assert first == second
    assert await store.buttons.keep([WEBSITE], now + timedelta(days=2)) == [first]


async def test_foreign_keys_stand_for_nothing(store: Store, now: datetime) -> None:
    for key in ("", "x" * 64, "'; --", "../../etc", "\0", "\ud83d", "Ключ"):
        assert await store.buttons.get(key, now) is None


async def test_a_button_lives_ninety_days_from_when_it_was_last_given(
    store: Store, now: datetime
) -> None:
    (key,) = await store.buttons.keep([WEBSITE], now)
    again = now + timedelta(days=60)
    await store.buttons.keep([WEBSITE], again)
    await store.expire(again + timedelta(days=90))
    assert await store.buttons.get(key, again + timedelta(days=90)) == WEBSITE
    assert await store.buttons.get(key, again + timedelta(days=91)) is None
    await store.expire(again + timedelta(days=91))
    assert await store.buttons.keep([WEBSITE], again + timedelta(days=91)) == [key]
    assert await store.buttons.get(key, again + timedelta(days=91)) == WEBSITE
