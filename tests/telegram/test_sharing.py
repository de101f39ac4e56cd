"""Several processes on one PostgreSQL server, and a server that goes away for a while."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AbstractContextManager, nullcontext

import pytest

from bot.news.deliveries import DeliveryState
from bot.store import Store
from tests.botapi import BotApi
from tests.conftest import subscribe, until
from tests.postgres import Postgres
from tests.telegram.conftest import Running, Starting
from tests.telegram.test_announcing import ITEM, now
from tests.telegram.test_webhook import Address, chat_of, message, settings_of

QUESTION = "who represents Kyrgyzstan?"


@pytest.mark.shared
@pytest.mark.parametrize("by_webhook", [False, True])
async def test_a_server_that_goes_away_loses_nothing_and_answers_resume(
    api: BotApi, running: Running, postgres: Postgres, by_webhook: bool
) -> None:
    options = Address().options if by_webhook else {}
    async with running(**options):
        before = api.user("Before")
        api.say(before, QUESTION)
        await api.until(lambda: api.bot_messages(before))
        await asyncio.to_thread(postgres.stop)
        people = [api.user(f"User {n}") for n in range(20)]
        for person in people:
            api.say(person, QUESTION)
        await asyncio.sleep(4)
        assert not any(api.bot_messages(person) for person in people)
        await asyncio.to_thread(postgres.start)
        await api.until(lambda: all(api.bot_messages(person) for person in people))
        await api.quiet()
        assert all(len(api.bot_messages(person)) == 1 for person in people)


@pytest.mark.shared
async def test_two_processes_share_a_conversation(api: BotApi, running: Running) -> None:
    first, second = Address(), Address()
    async with running(**first.options), running(**second.options, polled=False):
        asked = message(api, 901)
        assert (await first.post(asked))[0] == 200
        await api.until(lambda: api.bot_messages(chat_of(asked)))
        follow_up = message(api, 902, "and Belarus?")
        follow_up["message"] |= {
            "chat": asked["message"]["chat"], "from": asked["message"]["from"],
        }  # fmt: skip

        async def is_taken() -> bool:
            return (await second.post(follow_up))[0] == 200  # once it has started

        await until(is_taken)
        assert (await first.post(follow_up))[0] == 200
        await api.until(lambda: len(api.bot_messages(chat_of(asked))) >= 2)
        await api.quiet()
        said = [each.text for each in api.bot_messages(chat_of(asked))]
        assert len(said) == 2
        assert "Belarus" in said[1]


@pytest.mark.shared
async def test_what_a_killed_process_had_is_answered_by_the_other(
    api: BotApi, start: Starting, running: Running
) -> None:
    first, second = Address(), Address()
    process = await start(**settings_of(first))
    async with running(**second.options, polled=False):
        api.delay = 1.0
        asked = [message(api, number) for number in range(901, 911)]
        for each in asked:
            assert (await first.post(each))[0] == 200
        await process.end(signal.SIGKILL)
        api.delay = 0
        await api.until(lambda: all(api.bot_messages(chat_of(each)) for each in asked))
        assert all(len(api.bot_messages(chat_of(each))) <= 2 for each in asked)


@pytest.mark.shared
async def test_who_asks_too_much_is_told_so_by_one_process_for_all(
    api: BotApi, running: Running
) -> None:
    first, second = Address(), Address()
    limit = {"questions_per_minute": 2}
    async with running(**first.options, **limit), running(**second.options, **limit):
        asked = message(api, 901)
        for number in range(6):
            given = asked | {"update_id": 901 + number}
            assert (await (first, second)[number % 2].post(given))[0] == 200
            await api.quiet()
        said = [each.text for each in api.bot_messages(chat_of(asked))]
        assert len(said) == 3


@pytest.mark.shared
@pytest.mark.parametrize("uncertain", ["resend", "ask"])
async def test_a_process_that_comes_after_a_restart_of_the_server_takes_nothing_from_the_living(
    api: BotApi, start: Starting, url: str, postgres: Postgres, uncertain: str
) -> None:
    """The locks of the two went with the server; what they have in hand is theirs all the same."""
    people = [api.user(started=True) for _ in range(120)]
    async with await Store.open(url) as store:
        await subscribe(store, *(person.id for person in people))
        for _ in range(2):
            await start(**settings_of(Address()), UNCERTAIN=uncertain)
        await asyncio.to_thread(postgres.stop)
        await asyncio.to_thread(postgres.start)
        api.delay = 4.0
        assert await store.announcements.draft(ITEM, "file", None, now())
        assert (await store.announcements.approve(ITEM.id, None, now())).is_new

        async def many_are_on_their_way() -> bool:
            return (await store.deliveries.counts(ITEM.id)).get("sending", 0) >= 60

        await until(many_are_on_their_way)
        await start(**settings_of(Address()), UNCERTAIN=uncertain)
        found: set[DeliveryState] = set()

        async def is_over() -> bool:
            posts = await store.deliveries.of(ITEM.id)
            found.update(post.state for post in posts)
            return {post.state for post in posts} == {DeliveryState.SENT}

        await until(is_over)
    assert DeliveryState.UNCERTAIN not in found
    assert {len(api.bot_messages(person)) for person in people} == {1}


@pytest.mark.shared
@pytest.mark.parametrize("by_webhook", [False, True])
@pytest.mark.parametrize("how", ["stopped", "halted"])
async def test_sigterm_is_obeyed_while_the_server_is_away(
    api: BotApi, start: Starting, url: str, postgres: Postgres, by_webhook: bool, how: str
) -> None:
    people = [api.user(started=True) for _ in range(40)]
    async with await Store.open(url) as store:
        await subscribe(store, *(person.id for person in people))
        process = await start(**(settings_of(Address()) if by_webhook else {}))
        api.delay = 0.5
        assert await store.announcements.draft(ITEM, "file", None, now())
        assert (await store.announcements.approve(ITEM.id, None, now())).is_new
        await api.until(lambda: api.calls("sendMessage"))
    if how == "stopped":
        await asyncio.to_thread(postgres.stop)
        away: AbstractContextManager[None] = nullcontext()
    else:
        away = postgres.halted()
    with away:
        for person in people:
            api.say(person, QUESTION)
        await asyncio.sleep(1.5)
        assert await process.end() == 0
    await asyncio.to_thread(postgres.start)
    api.delay = 0
    await start(**(settings_of(Address()) if by_webhook else {}))
    await api.until(
        lambda: all(
            any("Alishev" in each.text for each in api.bot_messages(person)) for person in people
        )
    )
