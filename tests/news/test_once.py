"""Whatever happens in whatever order: a chat gets an announcement once, and what is known is true.

Telegram is a counter of messages here; workers die at any moment, answers are lost, editors
correct, retract and decide, groups become supergroups. The ledger is the real one.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.knowledge.model import NewsItem
from bot.news.deliveries import (
    OPEN,
    Action,
    DeliveryState,
    NotSent,
    Refused,
    Result,
    Sent,
    Shut,
    Task,
    Unsure,
    Wait,
    after,
)
from bot.store import ChatKind, Store

ITEM = NewsItem("2026-05-04-session", {"en": "1"}, {"en": "It met."}, date(2026, 5, 4))
PEOPLE = (1, 2)
GROUPS = (-3, -4)
EVENTS = (
    "begin", "begin", "begin", "arrive", "arrive", "arrive", "arrive unanswered", "late answer",
    "lost before", "429", "shut", "refused", "kill", "time", "edit", "retract", "resume",
    "migrate", "publish again", "editor: sent", "editor: resend", "editor: leave", "unsubscribe",
    "clock back", "clock ahead",
)  # fmt: skip

TO_GROUPS = ("begin", "begin", "arrive", "arrive")
"""They are the first in the queue; what comes then is a private chat's."""


@dataclass
class Telegram:
    """What is in the chats."""

    posts: Counter[int] = field(default_factory=Counter)
    """How often the announcement was put into each chat, deleted or not."""
    shown: dict[tuple[int, int], str] = field(default_factory=dict)
    """What stands there now, by chat and message id."""
    next_id: int = 100

    def carry_out(self, task: Task) -> Sent:
        chat_id = task.delivery.chat_id
        if task.delivery.action is Action.POST:
            self.next_id += 1
            self.posts[chat_id] += 1
            self.shown[chat_id, self.next_id] = task.item.title["en"]
            return Sent(self.next_id)
        assert task.message_id is not None and task.posted_in is not None
        place = (task.posted_in, task.message_id)
        if task.delivery.action is Action.RETRACT:
            self.shown.pop(place, None)
        elif place in self.shown:
            self.shown[place] = task.item.title["en"]
        return Sent()


@dataclass
class World:
    """The store, Telegram, and what is on its way between them."""

    store: Store
    telegram: Telegram
    may_resend: bool
    now: datetime = datetime(2026, 5, 4, 12, tzinfo=UTC)
    latest: datetime = now
    """What the clock has shown before it was put back."""
    on_its_way: list[Task] = field(default_factory=list)
    answers: list[tuple[Task, Sent]] = field(default_factory=list)
    """What arrived, and whose answer is not yet here."""
    allowed: Counter[int] = field(default_factory=Counter)
    """How many posts each chat may get beyond the first."""
    edits: int = 1

    async def happen(self, event: str) -> None:
        """Let something happen; nothing where it cannot."""
        deliveries, announcements = self.store.deliveries, self.store.announcements
        simple: dict[str, Result] = {
            "lost before": NotSent("refused"),
            "429": Wait(3),
            "shut": Shut("blocked"),
            "refused": Refused("no"),
        }
        match event:
            case "begin":
                for delivery in await deliveries.claim(0, 1, self.now):
                    task = await deliveries.begin(delivery, 0, self.now)
                    if task is not None:
                        self.on_its_way.append(task)
            case "arrive" if self.on_its_way:
                task = self.on_its_way.pop(0)
                await self.record(task, self.telegram.carry_out(task))
            case "arrive unanswered" if self.on_its_way:
                task = self.on_its_way.pop(0)
                self.telegram.carry_out(task)
                await self.record(task, Unsure("a timeout"))
            case "late answer" if self.on_its_way:
                task = self.on_its_way.pop(0)
                self.answers.append((task, self.telegram.carry_out(task)))
                await deliveries.recover(0, self.now, may_resend=self.may_resend)
            case "lost before" | "429" | "shut" | "refused" if self.on_its_way:
                await self.record(self.on_its_way.pop(0), simple[event])
            case "kill":
                for task in self.on_its_way[::2]:  # some of what was on its way still arrives
                    self.telegram.carry_out(task)
                self.on_its_way.clear()
                self.answers.clear()
                await deliveries.recover(0, self.now, may_resend=self.may_resend)
            case "time":
                self.now += timedelta(seconds=20)
                await deliveries.tidy(self.now, may_resend=self.may_resend)
                for task, sent in self.answers:
                    await self.record(task, sent)
                self.answers.clear()
            case "clock back" | "clock ahead":
                self.latest = max(self.latest, self.now)
                self.now += timedelta(hours=-1 if event == "clock back" else 1)
            case "edit":
                self.edits += 1
                item = replace(ITEM, title={"en": str(self.edits)})
                await announcements.change(ITEM.id, item, 5, self.now)
            case "retract":
                await announcements.retract(ITEM.id, 5, self.now)
            case "resume":
                for chat in await self.store.chats.all():
                    await self.store.chats.resume(chat.id)
            case "migrate":
                for old in GROUPS:
                    if await self.store.chats.current_id(old) == old:
                        await self.store.chats.migrate(old, old - 1000, self.now)
                        break
            case "publish again":
                assert not (await announcements.approve(ITEM.id, 6, self.now)).is_new
            case "unsubscribe":
                await self.store.chats.set_news(PEOPLE[0], on=False)
            case "editor: sent" | "editor: resend" | "editor: leave":
                how = event.removeprefix("editor: ")
                for one in (await deliveries.uncertain())[:1]:
                    if await deliveries.resolve(ITEM.id, one.chat_id, how, 5, self.now):
                        self.allowed[home(one.chat_id)] += how == "resend"

    async def record(self, task: Task, result: Result) -> None:
        may = self.may_resend and task.is_private
        change = after(task.delivery, result, self.now, may_resend=may)
        await self.store.deliveries.record(task.delivery, change, self.now)

    async def calm_down(self) -> None:
        """Let everything that is open be worked off, by a clock that is right again.

        What was put off before the clock went back waits until it has caught up.
        """
        await self.happen("kill")
        self.now = max(self.now, self.latest)
        for _ in range(60):
            await self.happen("time")
            for _ in range(6):
                await self.happen("begin")
            while self.on_its_way:
                await self.happen("arrive")
            counts = [await self.store.deliveries.counts(ITEM.id, action) for action in Action]
            if not any(state in count for count in counts for state in OPEN):
                break


def home(chat_id: int) -> int:
    """Give the one id of a group and of the supergroup that it became."""
    return chat_id + 1000 if chat_id < -1000 else chat_id


async def check(world: World) -> None:
    posts: Counter[int] = Counter()
    for chat_id, count in world.telegram.posts.items():
        posts[home(chat_id)] += count
    rows = await world.store.deliveries.of(ITEM.id)
    assert len({row.chat_id for row in rows}) == len(rows)
    for chat_id, count in posts.items():
        again = 1 if world.may_resend and chat_id > 0 else 0
        assert count <= 1 + again + world.allowed[chat_id], chat_id
    known = {home(row.chat_id): row.state for row in rows}
    certain_not = {DeliveryState.PENDING, DeliveryState.EXPIRED, DeliveryState.PAUSED}
    if not world.allowed:
        for chat_id, count in posts.items():
            assert known[chat_id] not in certain_not, "it is there, and would be sent again"
            still_there = any(home(place) == chat_id for place, _ in world.telegram.shown)
            if still_there and count == 1:
                may_be = {DeliveryState.SENT, DeliveryState.UNCERTAIN}
                assert known[chat_id] in may_be, "it is there, and nobody would look for it"
    found = await world.store.announcements.get(ITEM.id)
    assert found is not None
    open_ended = {  # what could not be changed there, which the ledger knows as well
        row.chat_id
        for action in (Action.EDIT, Action.RETRACT)
        for row in await world.store.deliveries.of(ITEM.id, action)
        if row.state is not DeliveryState.SENT
    }
    for row in rows:
        if row.chat_id in open_ended:
            continue
        if row.state is DeliveryState.SENT and row.message_id is not None:
            text = world.telegram.shown.get((row.posted_in or 0, row.message_id))
            moved = row.posted_in != row.chat_id
            assert moved or text == found.item.title["en"], "it shows an earlier text"
            assert moved or found.state != "retracted", "it was retracted and is still there"


@example(events=["begin", "edit", "arrive"], may_resend=False)
@example(events=["begin", "retract", "arrive"], may_resend=False)
@example(events=["begin", "late answer", "editor: resend", "begin", "time"], may_resend=False)
@example(events=["begin", "arrive", "edit", "begin", "edit", "arrive"], may_resend=False)
@example(
    events=["begin"] * 4 + ["arrive"] * 4 + ["edit", "begin", "shut"],
    may_resend=False,
)
@example(events=[*TO_GROUPS, "begin", "arrive unanswered", "retract"], may_resend=True)
@example(events=[*TO_GROUPS, "begin", "retract", "arrive unanswered"], may_resend=True)
@example(
    events=[*TO_GROUPS, "begin", "arrive unanswered", "time", "begin", "begin", "lost before"]
    + ["refused"] * 2,
    may_resend=True,
)
@example(events=["clock ahead", "begin", "clock back", "kill", "arrive"], may_resend=False)
@example(events=["begin"] * 4 + ["late answer", "clock back"], may_resend=True)
@example(events=["begin"] * 4 + ["migrate", "arrive", "arrive", "kill"], may_resend=True)
@given(
    events=st.lists(st.sampled_from(EVENTS), min_size=12, max_size=40),
    may_resend=st.booleans(),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_chat_gets_an_announcement_once_whatever_happens(
    events: list[str], may_resend: bool
) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'bot.db'}"
            async with await Store.open(url) as store:
                world = World(store, Telegram(), may_resend)
                for chat_id in (*PEOPLE, *GROUPS):
                    kind = ChatKind.PRIVATE if chat_id > 0 else ChatKind.GROUP
                    await store.chats.remember(chat_id, kind)
                    await store.chats.set_news(chat_id, on=True)
                await store.announcements.draft(ITEM, "file", None, world.now)
                await store.announcements.approve(ITEM.id, 5, world.now)
                for event in events:
                    await world.happen(event)
                await world.calm_down()
                await check(world)

    asyncio.run(run())
