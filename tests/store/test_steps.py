from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from datetime import datetime

import pytest
import sqlalchemy as sa

from bot.store import Chat, ChatKind, ConversationKey, Store, StoreError
from tests.botapi import PATIENCE
from tests.conftest import until


async def test_a_bad_step_harms_only_itself(store: Store, now: datetime) -> None:
    results = await asyncio.gather(
        store.readers.set_language(1, "en"),
        store.conversations.put(ConversationKey(2**63, 1), {}, now),
        store.conversations.put(ConversationKey(1, 1), {}, now.replace(tzinfo=None)),
        store.chats.remember(2, ChatKind.GROUP),
        return_exceptions=True,
    )
    nothing, overflow, naive, chat = results
    assert nothing is None and isinstance(naive, ValueError) and isinstance(chat, Chat)
    assert isinstance(overflow, OverflowError | StoreError)
    assert await store.readers.get(1) is not None


async def test_what_is_asked_for_together_is_done_in_one_call_and_overtakes_nothing(
    store: Store, now: datetime
) -> None:
    keys = [ConversationKey(user, 1) for user in (1, 2)]
    calls: list[list[int]] = []

    def doubled(connection: sa.Connection, values: list[int]) -> list[int]:
        calls.append(values)
        return [2 * value for value in values]

    found = await asyncio.gather(
        store._steps.read_for_all(doubled, 1),
        store.conversations.put(keys[0], {"n": 1}, now),
        store._steps.read_for_all(doubled, 2),
        store.conversations.drop(keys[0]),
        store.conversations.put(keys[0], {"n": 2}, now),
        store.conversations.put(keys[1], {"n": 3}, now),
    )
    assert (found[0], found[2], found[3]) == (2, 4, True)
    assert calls == [[1, 2]]
    assert [await store.conversations.get(key, now) for key in keys] == [{"n": 2}, {"n": 3}]


async def test_who_was_just_answered_asks_again_together_with_who_came_meanwhile(
    store: Store,
) -> None:
    calls: list[list[int]] = []
    is_late_one_there = threading.Event()

    def noted(connection: sa.Connection, values: list[int]) -> list[int]:
        calls.append(sorted(values))
        assert is_late_one_there.wait(PATIENCE)
        return values

    async def conversation(number: int) -> None:
        for _ in range(3):
            await store._steps.read_for_all(noted, number)

    early = asyncio.create_task(conversation(1))
    await until(lambda: calls == [[1]])
    late = asyncio.create_task(conversation(2))
    await asyncio.sleep(0)
    is_late_one_there.set()
    await asyncio.gather(early, late)
    assert calls == [[1], [1, 2], [1, 2], [2]]


async def test_a_broken_rule_of_the_schema_is_an_error_and_changes_nothing(store: Store) -> None:
    def step(connection: sa.Connection) -> None:
        connection.execute(sa.text("INSERT INTO readers (user_id) VALUES (9)"))
        connection.execute(
            sa.text(
                "INSERT INTO chats (id, kind, is_forum, news, silent) "
                "VALUES (1, 'x', '0', '0', '0')"
            )
        )

    with pytest.raises(StoreError, match=r"(?i)check constraint"):
        await store._steps.write(step)
    assert await store.readers.get(9) is None


async def test_an_error_never_shows_what_people_wrote(store: Store) -> None:
    secret = "x" * 40
    broken = sa.text("INSERT INTO inbox VALUES (:id, :raw, :raw), (:id, :raw, :raw)")

    def step(connection: sa.Connection) -> None:
        connection.execute(broken, {"id": 1, "raw": secret})

    with pytest.raises(StoreError) as raised:
        await store._steps.write(step)
    assert secret not in "".join(traceback.format_exception(raised.value))


async def test_who_stops_waiting_stops_nobody_else(store: Store) -> None:
    waiting = asyncio.ensure_future(store.readers.set_language(1, "en"))
    others = asyncio.gather(*(store.readers.set_language(each, "en") for each in range(2, 9)))
    await asyncio.sleep(0)
    waiting.cancel()
    await others
    assert await store.readers.get(8) is not None


async def test_closing_finishes_what_was_asked_for(url: str) -> None:
    store = await Store.open(url)
    asked = [asyncio.ensure_future(store.readers.set_language(n, "en")) for n in range(1, 50)]
    await asyncio.sleep(0)
    await store.close()
    await store.close()
    await asyncio.gather(*asked)
    with pytest.raises(StoreError, match="closed"):
        await store.readers.get(1)
    async with await Store.open(url) as again:
        assert await again.readers.get(49) is not None


WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from bot.store import Store, Vote

async def main() -> None:
    async with await Store.open(sys.argv[1]) as store:
        for _ in range(200):
            await store.feedback.add(
                Vote.UP, intent="x", outcome="y", now=datetime(2026, 5, 4, tzinfo=UTC)
            )

asyncio.run(main())
"""


async def test_several_processes_write_at_once_from_the_first_start_on(
    url: str, now: datetime
) -> None:
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, url) for _ in range(4)
    ]
    assert [await process.wait() for process in processes] == [0, 0, 0, 0]
    async with await Store.open(url) as store:
        assert [each.count for each in await store.feedback.since(now.date())] == [800]
