"""Pacing on a clock that the test moves."""

from __future__ import annotations

import asyncio
import gc
import random
import selectors
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from telegram.error import RetryAfter

from bot.store import Budgets, OwnBudgets, Spend, StoreError
from bot.telegram.desk import Calm, Verdict
from bot.telegram.pace import BOOKED, ONCE, Pace

T = TypeVar("T")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()

    async def sleep(seconds: float) -> None:
        clock.now += seconds

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return clock


async def send(pace: Pace, clock: Clock, chat: int, method: str = "sendMessage") -> float:
    async def call() -> float:
        return clock.now

    return float(await pace.process_request(call, (), {}, method, {"chat_id": chat}, None))


async def test_a_chat_gets_three_at_once_and_then_one_a_second(clock: Clock) -> None:
    pace = Pace(clock=clock)
    times = [await send(pace, clock, 1) - 1000 for _ in range(6)]
    assert times[2] < 0.2
    assert all(later - times[2] >= place for place, later in enumerate(times[3:], start=1))


async def test_a_group_gets_twenty_a_minute(clock: Clock) -> None:
    pace = Pace(clock=clock)
    times = [await send(pace, clock, -1) for _ in range(45)]
    assert all(times[n + 20] - times[n] >= 60 for n in range(25))


async def test_edits_in_a_group_are_counted_apart(clock: Clock) -> None:
    pace = Pace(clock=clock)
    times = [await send(pace, clock, -1, "editMessageText") for _ in range(25)]
    assert times[19] == 1000 and times[20] >= 1060


async def announce(pace: Pace, clock: Clock, chat: int) -> float:
    async def call() -> float:
        return clock.now

    clock.now += pace.busy(chat, "sendMessage")
    await pace.turn(chat, "sendMessage")
    data = {"chat_id": chat}
    return float(await pace.process_request(call, (), {}, "sendMessage", data, BOOKED))


async def test_announcements_come_close_to_thirty_a_second_and_not_over_it(clock: Clock) -> None:
    pace = Pace(clock=clock)
    times = [await announce(pace, clock, chat) for chat in range(1, 400)]
    assert all(times[n + 30] - times[n] > 1 for n in range(len(times) - 30))
    assert (len(times) - 1) / (times[-1] - times[0]) > 0.95 * 30


async def test_replies_never_wait_for_announcements_which_take_what_they_leave(
    clock: Clock,
) -> None:
    pace = Pace(clock=clock)
    sent: list[float] = []
    for chat in range(1, 400):
        if chat % 3 == 0:
            before = clock.now
            sent.append(await send(pace, clock, 1000 + chat))
            assert clock.now == before
        sent.append(await announce(pace, clock, chat))
    assert max(sum(1 for other in sent if at <= other < at + 1) for at in sent) <= 31


async def test_replies_wait_only_where_replies_alone_fill_the_second(clock: Clock) -> None:
    pace = Pace(clock=clock)
    times = [await send(pace, clock, chat) for chat in range(1, 200)]
    assert times[28] == 1000
    assert all(times[n + 30] - times[n] > 1 for n in range(len(times) - 30))


async def test_an_announcement_waits_for_a_chat_that_had_a_429_or_its_twenty(
    clock: Clock,
) -> None:
    pace = Pace(clock=clock)
    for _ in range(20):
        await send(pace, clock, -1)
    assert 40 < pace.busy(-1, "sendMessage") < 61
    assert pace.busy(-2, "sendMessage") == 0

    async def call() -> float:
        raise RetryAfter(timedelta(seconds=17))

    with pytest.raises(RetryAfter):
        await pace.process_request(call, (), {}, "sendMessage", {"chat_id": -2}, BOOKED)
    assert pace.busy(-2, "sendMessage") == 17


async def test_who_wants_to_decide_itself_gets_the_pause(clock: Clock) -> None:
    async def call() -> float:
        raise RetryAfter(timedelta(seconds=17))

    with pytest.raises(RetryAfter):
        await Pace(clock=clock).process_request(call, (), {}, "sendMessage", {"chat_id": 1}, ONCE)


async def test_one_notice_then_silence_until_it_calms_down() -> None:
    clock = Clock()
    calm = Calm(3, OwnBudgets(clock))
    found = [await calm.verdict(1) for _ in range(6)]
    assert found == [Verdict.WELCOME] * 3 + [Verdict.TOO_MANY] + [Verdict.IGNORED] * 2
    assert await calm.verdict(2) is Verdict.WELCOME
    clock.now += 30
    assert await calm.verdict(1) is Verdict.IGNORED
    clock.now += 61
    assert await calm.verdict(1) is Verdict.WELCOME


class Hurried(asyncio.SelectorEventLoop):
    """A loop in which nobody waits: its clock jumps to when something is to be done."""

    class Selector(selectors.SelectSelector):
        passed = 0.0

        def select(self, timeout: float | None = None) -> Any:
            found = super().select(0)
            self.passed += 0.0 if found or timeout is None else timeout
            return found

    def __init__(self) -> None:
        self.selector = self.Selector()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.passed


def test_a_pause_is_obeyed_to_the_second_and_for_its_chat_alone() -> None:
    refused = [True]

    async def both() -> tuple[float, float]:
        time = asyncio.get_running_loop().time
        pace = Pace(clock=time)

        async def call() -> float:
            if refused and refused.pop():
                raise RetryAfter(timedelta(seconds=17))
            return time()

        async def to(chat: int) -> float:
            data = {"chat_id": chat}
            return float(await pace.process_request(call, (), {}, "sendMessage", data, None))

        paused = asyncio.create_task(to(1))
        await asyncio.sleep(0.01)
        return await to(2), await paused

    with asyncio.Runner(loop_factory=Hurried) as runner:
        other, paused = runner.run(both())
    assert other < 1
    assert 17 <= paused < 18


class Distant:
    """Budgets that it takes a while to reach."""

    def __init__(self, budgets: OwnBudgets, chance: random.Random) -> None:
        self.budgets = budgets
        self.chance = chance

    async def spend(self, name: str, how: Spend[T]) -> T:
        await asyncio.sleep(self.chance.expovariate(500))
        result = await self.budgets.spend(name, how)
        await asyncio.sleep(self.chance.expovariate(500))
        return result


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("mean", [0.005, 0.05])
def test_processes_share_what_is_permitted_however_long_messages_take(
    seed: int, mean: float
) -> None:
    """Four processes of which one is killed now and then; what Telegram gets is what counts."""
    chance = random.Random(seed)
    arrived: list[float] = []

    async def process(budgets: Budgets) -> None:
        clock = asyncio.get_running_loop().time
        pace = Pace(shared=budgets, clock=clock)

        async def call() -> None:
            await asyncio.sleep(0.01 + chance.expovariate(1 / mean))
            arrived.append(clock())
            await asyncio.sleep(0.01 + chance.expovariate(1 / mean))

        async def deliver(chat: int) -> None:
            await asyncio.sleep(chance.expovariate(1 / mean))  # the ledger
            await pace.process_request(call, (), {}, "sendMessage", {"chat_id": chat}, BOOKED)

        async with asyncio.TaskGroup() as delivering:
            while True:
                chat = chance.randrange(1, 2**40)
                await pace.turn(chat, "sendMessage")
                delivering.create_task(deliver(chat))

    async def broadcast() -> None:
        budgets = Distant(OwnBudgets(asyncio.get_running_loop().time), chance)
        at_work = [asyncio.create_task(process(budgets)) for _ in range(4)]
        for _ in range(15):
            await asyncio.sleep(chance.uniform(3, 5))
            number = chance.randrange(4)
            at_work[number].cancel()
            await asyncio.sleep(0.5)
            at_work[number] = asyncio.create_task(process(budgets))
        for one in at_work:
            one.cancel()
        await asyncio.sleep(1)  # for what is still told

    with asyncio.Runner(loop_factory=Hurried) as runner:
        runner.run(broadcast())
    arrived.sort()
    assert all(arrived[n + 30] - arrived[n] > 1 for n in range(len(arrived) - 30))
    rate = (len(arrived) - 1) / (arrived[-1] - arrived[0])
    assert rate > (0.95 if mean < 0.01 else 0.8) * 30


async def test_turns_that_were_held_up_do_not_all_go_at_once(clock: Clock) -> None:
    pace = Pace(clock=clock)
    for chat in range(1, 61):
        await pace.turn(chat, "sendMessage")
    clock.now += 60

    async def call() -> float:
        return clock.now

    times = [
        await pace.process_request(call, (), {}, "sendMessage", {"chat_id": chat}, BOOKED)
        for chat in range(1, 61)
    ]
    assert all(times[n + 30] - times[n] > 1 for n in range(30))


class Unwritable:
    """Budgets on a server that has become read-only."""

    async def spend(self, name: str, how: Any) -> Any:
        raise StoreError("read-only")


async def test_a_reply_that_others_cannot_be_told_of_goes_out_and_leaves_no_error_unheard(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pace = Pace(shared=Unwritable())
    await send(pace, Clock(), 1)
    if pace._told:
        await asyncio.wait(set(pace._told))
    gc.collect()
    assert "never retrieved" not in caplog.text
