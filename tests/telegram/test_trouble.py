"""Telegram has trouble; the bot goes on, and nobody is answered twice."""

from __future__ import annotations

import asyncio

import pytest

from tests.botapi import BotApi, Pace, faults
from tests.telegram.conftest import Running

QUESTION = "who represents Kyrgyzstan?"


class Patience:
    """A clock that a test moves: waits take no time, and are noted."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0.001)

    async def for_times(self, number: int) -> None:
        """Wait until there were so many more waits."""
        until = len(self.waits) + number
        while len(self.waits) < until:  # noqa: ASYNC110 - the bot's clock, not ours
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "trouble",
    [
        faults.server_error(500),
        faults.server_error(502),
        faults.html(502),
        faults.reset(),
        faults.cut(done=False),
        faults.malformed(done=False),
        faults.malformed(b"[]", done=False),
        faults.malformed(b'{"ok":true,"result":7}', done=False),
        faults.malformed(b'{"ok":true,"result":[7,null,{"update_id":"x"}]}', done=False),
        faults.malformed(b"{}", done=False),
        faults.error(401, "Unauthorized"),
        faults.flood(1),
        faults.conflict(),
    ],
    ids=lambda fault: f"{fault.name} {fault.body[:12]!r}",
)
async def test_polling_goes_on_after(api: BotApi, running: Running, trouble: faults.Fault) -> None:
    patience = Patience()
    async with running(rest=patience):
        api.faults.add(trouble, method="getUpdates", times=3)
        assert "Alishev" in (await api.ask(api.user(), QUESTION)).text
        assert max(patience.waits, default=0) <= 60


@pytest.mark.parametrize(
    "trouble",
    [
        faults.server_error(502, done=True),
        faults.reset(done=True),
        faults.cut(done=True),
        faults.malformed(done=True),
        faults.html(done=True),
    ],
    ids=lambda fault: fault.name,
)
async def test_what_may_have_arrived_is_not_sent_twice(
    api: BotApi, running: Running, trouble: faults.Fault
) -> None:
    ann = api.user()
    async with running():
        api.faults.script([trouble], method="sendMessage")
        api.say(ann, QUESTION)
        await api.quiet()
        assert api.deliveries()[ann.id] == 1
        assert "Kogut" in (await api.ask(ann, "who represents Belarus?")).text


# The server hangs up on connections that it is about to accept; those are not the bot's.
HUNG_UP = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@HUNG_UP
async def test_what_never_left_is_sent_when_telegram_is_back(
    api: BotApi, running: Running
) -> None:
    ann = api.user()
    async with running(rest=Patience()):
        await api.ask(ann, "hello")
        api.say(ann, QUESTION)
        async with api.outage():
            await asyncio.sleep(0.5)
        assert "Alishev" in (await api.next_message(ann)).text
        await api.quiet()
        assert len(api.bot_messages(ann)) == 2


@HUNG_UP
async def test_hours_offline_end_with_answers(api: BotApi, running: Running) -> None:
    patience = Patience()
    async with running(rest=patience):
        async with api.outage():
            while sum(patience.waits) < 6 * 3600:  # noqa: ASYNC110 - the bot's clock, not ours
                await asyncio.sleep(0.01)
        assert max(patience.waits) <= 60
        assert "Alishev" in (await api.ask(api.user(), QUESTION)).text


@HUNG_UP
async def test_a_start_while_telegram_is_down_waits(api: BotApi, running: Running) -> None:
    await api.go_down()
    async with running(polled=False):
        await asyncio.sleep(0.3)
        await api.come_up()
        await api.polled()
        assert "Alishev" in (await api.ask(api.user(), QUESTION)).text


async def test_a_pause_is_obeyed_for_its_chat_alone(api: BotApi, running: Running) -> None:
    ann, ben = api.user("Ann"), api.user("Ben")
    async with running(is_paced=True):
        api.faults.script([faults.flood(600)], method="sendMessage", chat=ann.id)
        api.say(ann, QUESTION)
        assert "Alishev" in (await api.ask(ben, QUESTION)).text
        assert not api.bot_messages(ann)


async def test_who_was_told_to_wait_gets_the_answer_afterwards(
    api: BotApi, running: Running
) -> None:
    ann = api.user()
    async with running(is_paced=True):
        api.faults.script([faults.flood(2)], method="sendMessage")
        assert "Alishev" in (await api.ask(ann, QUESTION)).text
        assert not api.record.too_early()


@pytest.mark.parametrize(
    "method",
    ["getMe", "deleteWebhook", "setMyCommands", "answerCallbackQuery", "editMessageText"],
)
async def test_a_pause_on_any_method_is_obeyed(api: BotApi, running: Running, method: str) -> None:
    ann = api.user()
    api.faults.script([faults.flood(1)], method=method)
    async with running():
        answer = await api.ask(ann, QUESTION)
        await api.answer(api.press(answer, "Members"))
        await api.next_message(ann)
        api.edit(api.messages(ann)[0], "who represents Belarus?")
        assert "Kogut" in (await api.next_edit(answer)).text


async def test_telegrams_limits_are_kept_ahead(api: BotApi, running: Running) -> None:
    api.pace = Pace(enforce=False)
    people = [api.user(f"User {n}") for n in range(40)]
    async with running(is_paced=True):
        for person in people:
            api.say(person, QUESTION)
        for _ in range(5):
            api.say(people[0], QUESTION)
        for person in people:
            await api.next_message(person)
        await api.next_messages(people[0], 5)
    assert not api.pace.violations


async def test_a_conflict_is_told_once(
    api: BotApi, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    patience = Patience()
    async with running(rest=patience):
        api.faults.add(faults.conflict(), method="getUpdates", times=12)
        for _ in range(2):  # the first may still come by a poll from before
            assert "Alishev" in (await api.ask(api.user(), QUESTION)).text
    told = [r for r in caplog.records if "somebody else fetches" in r.getMessage()]
    assert len(told) == 1
    assert patience.waits == sorted(patience.waits) and patience.waits[-1] == 60


async def test_a_webhook_that_is_set_is_removed(api: BotApi, running: Running) -> None:
    async with running():
        assert api.record.counts["deleteWebhook"] == 1


@pytest.mark.parametrize(
    "trouble",
    [
        faults.error(404, "Not Found: method not found"),
        faults.html(401),
        faults.server_error(500),
        faults.answered(200, b'{"ok":true}'),
    ],
    ids=lambda fault: fault.name,
)
async def test_who_cannot_remove_a_webhook_polls_all_the_same(
    api: BotApi, running: Running, trouble: faults.Fault
) -> None:
    api.faults.add(trouble, method="deleteWebhook")
    async with running(rest=Patience()):
        assert "Alishev" in (await api.ask(api.user(), QUESTION)).text


@pytest.mark.parametrize("trouble", [faults.html(401), faults.html(404)], ids=lambda one: one.name)
async def test_a_proxys_page_at_the_start_is_no_unknown_token(
    api: BotApi, running: Running, trouble: faults.Fault
) -> None:
    api.faults.add(trouble, method="getMe", times=3)
    async with running(rest=Patience()):
        assert "Alishev" in (await api.ask(api.user(), QUESTION)).text


async def test_a_server_that_holds_no_poll_is_not_asked_without_end(
    api: BotApi, running: Running
) -> None:
    patience, ann = Patience(), api.user()
    api.server.holds_polls = False
    async with running(rest=patience, polled=False):
        assert "Alishev" in (await api.ask(ann, QUESTION)).text
        await patience.for_times(10)
        assert max(patience.waits) == 1
        assert "Kogut" in (await api.ask(ann, "who represents Belarus?")).text


async def test_a_server_that_confirms_nothing_is_not_asked_without_end(
    api: BotApi, running: Running
) -> None:
    patience, ann = Patience(), api.user()
    api.server.confirms = False
    async with running(rest=patience):
        assert "Alishev" in (await api.ask(ann, QUESTION)).text
        assert "Kogut" in (await api.ask(ann, "who represents Belarus?")).text
        await patience.for_times(10)
        assert max(patience.waits) == 1
        assert len(api.bot_messages(ann)) == 2


@pytest.mark.parametrize("answer", ["true", "null", "{}", "[]", '{"id": 1}'])
async def test_an_introduction_that_is_none_is_asked_for_again(
    api: BotApi, running: Running, answer: str
) -> None:
    body = b'{"ok": true, "result": %s}' % answer.encode()
    api.faults.add(faults.malformed(body), method="getMe", times=2)
    async with running(rest=Patience()):
        assert "Alishev" in (await api.ask(api.user(), QUESTION)).text


@pytest.mark.parametrize("trouble", [faults.wedge(), faults.drip()], ids=lambda one: one.name)
async def test_a_wedged_poll_is_begun_anew(
    api: BotApi, running: Running, trouble: faults.Fault
) -> None:
    async with running(poll_seconds=1):
        api.faults.script([trouble], method="getUpdates")
        ann = api.user()
        api.say(ann, "hello")
        api.say(ann, QUESTION)
        await api.next_messages(ann, 2)


async def test_an_update_that_comes_twice_is_answered_once(api: BotApi, running: Running) -> None:
    ann = api.user()
    async with running():
        api.say(ann, QUESTION)
        await api.next_message(ann)
        number = max(u for c in api.record.of("getUpdates") for u in c.result or [0])
        api.replay(number)
        await api.quiet()
    assert len(api.bot_messages(ann)) == 1


async def test_random_trouble_answers_nobody_twice(api: BotApi, running: Running) -> None:
    people = [api.user(f"User {n}") for n in range(30)]
    async with running(rest=Patience()):
        for trouble in (
            faults.server_error(503),
            faults.server_error(500, done=True),
            faults.reset(),
            faults.reset(done=True),
            faults.cut(),
            faults.html(),
            faults.malformed(),
        ):
            api.faults.add(trouble, method=["sendMessage", "getUpdates"], probability=0.04)
        for round_ in range(5):
            for person in people:
                api.say(person, f"{QUESTION} {round_}")
            await api.quiet()
        api.faults.clear()
        for person in people:
            assert len(api.bot_messages(person)) <= 5
            api.pass_over(person)
            assert "Kogut" in (await api.ask(person, "who represents Belarus?")).text
