from __future__ import annotations

import asyncio
import json
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.store import Store


def update(update_id: int, text: str = "Who represents Kyrgyzstan?") -> dict[str, Any]:
    return {"update_id": update_id, "message": {"message_id": 1, "text": text}}


async def test_updates_are_given_back_in_order_to_be_worked_on(
    store: Store, now: datetime
) -> None:
    assert await store.inbox.add([update(8), update(7)], now) == [update(7), update(8)]
    assert await store.inbox.pending() == [update(7), update(8)]


async def test_a_duplicate_has_no_second_effect_done_or_not(store: Store, now: datetime) -> None:
    await store.inbox.add([update(7), update(7)], now)
    assert await store.inbox.add([update(7), update(8)], now) == [update(8)]
    await store.inbox.done(7)
    await store.inbox.done(7)
    almost_a_day = now + timedelta(hours=23, minutes=59)
    await store.expire(almost_a_day)
    assert await store.inbox.add([update(7)], almost_a_day) == []


async def test_the_same_update_at_the_same_time_is_new_once(store: Store, now: datetime) -> None:
    given = await asyncio.gather(*(store.inbox.add([update(7)], now) for _ in range(20)))
    assert sum(map(len, given)) == 1


async def test_an_update_without_a_usable_id_is_left_out(store: Store, now: datetime) -> None:
    odd: list[dict[str, Any]] = [
        {},
        {"update_id": None},
        {"update_id": "7"},
        {"update_id": True},
        {"update_id": 2**63},
        {"update_id": -1},
    ]
    assert await store.inbox.add([*odd, update(2**63 - 1)], now) == [update(2**63 - 1)]
    assert await store.inbox.add(odd, now) == []


async def test_any_text_survives(store: Store, now: datetime) -> None:
    odd = update(7, "\0\ud83d\u202e'; DROP TABLE inbox; --" + "🙂" * 4096)
    await store.inbox.add([odd], now)
    assert await store.inbox.pending() == [odd]


async def test_an_update_that_was_never_done_is_dropped_after_a_day(
    store: Store, now: datetime
) -> None:
    await store.inbox.add([update(7)], now)
    await store.expire(now + timedelta(hours=24, seconds=1))
    assert await store.inbox.pending() == []


KILLED = """
import asyncio, json, os, signal, sys
from datetime import UTC, datetime
from bot.store import Store

async def main() -> None:
    store = await Store.open(sys.argv[1])
    now = datetime.now(UTC)
    await store.inbox.add(json.loads(sys.argv[2]), now)
    await store.inbox.done(7)
    print("ready", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_killed_process_leaves_what_it_had_not_done_to_the_next(
    url: str, now: datetime
) -> None:
    updates = json.dumps([update(7), update(8), update(9)])
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, url, updates, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    async with await Store.open(url) as store:
        assert await store.inbox.pending() == [update(8), update(9)]
        assert await store.inbox.add([update(7), update(8)], now) == []


async def test_a_day_of_ids_takes_little_room(
    store: Store, connection: sa.Connection, now: datetime, tmp_path: Path
) -> None:
    for first in range(0, 20_000, 1000):
        await store.inbox.add([update(first + each) for each in range(1000)], now)
        await asyncio.gather(*(store.inbox.done(first + each) for each in range(1000)))
    await store.expire(now)
    kept = connection.execute(sa.text("SELECT count(*) FROM seen_updates")).scalar()
    assert kept == 20_000
    if connection.dialect.name == "sqlite":
        size = (tmp_path / "bot.db").stat().st_size
    else:
        relation = "SELECT pg_total_relation_size('seen_updates')"
        size = connection.execute(sa.text(relation)).scalar_one()
    assert size < 20_000 * 130
