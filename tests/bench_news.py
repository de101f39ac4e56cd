"""Measure announcements against the test server: speed, replies meanwhile, kills, faults, size.

`make bench-news` prints a table and the figures as JSON. The server runs in this process, with
Telegram's limits as it enforces them, and the bot in another, as an operator runs it. What is
said of deliveries is compared chat by chat with what the server has.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bot.knowledge.model import NewsItem
from bot.news.deliveries import OPEN, Delivery, DeliveryState
from bot.store import ChatKind, Store
from tests.botapi import BotApi, faults, load
from tests.botapi.pace import Pace

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ["who represents Kyrgyzstan?", "how many members does Belarus have?", "hello"]
PERMITTED = 30.0
Figures = dict[str, Any]


def item(name: str) -> NewsItem:
    title = {"en": f"A session: {name}"}
    return NewsItem(name, title, {"en": "It met **today**."}, date(2026, 5, 4))


@dataclass
class Bench:
    """A server, a store, and a bot that may be killed."""

    api: BotApi
    store: Store
    home: Path
    settings: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environment = (
            os.environ
            | {
                "PYTHONPATH": str(ROOT),
                "TELEGRAM_BOT_TOKEN": self.api.token,
                "TELEGRAM_API_URL": self.api.url,
                "DATABASE_URL": f"sqlite:///{self.home / 'bot.db'}",
                "QUESTIONS_PER_MINUTE": "0",
            }
            | self.settings
        )

    async def start(self) -> None:
        with (self.home / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
                [sys.executable, "-m", "bot", "run"],
                cwd=self.home,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        await self.api.polled(30)

    async def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            await asyncio.to_thread(self.process.wait, 30)

    async def follow(self, private: int, groups: int = 0, channels: int = 0) -> list[int]:
        """Make chats that want news."""
        people = [self.api.user(started=True) for _ in range(private)]
        chats = [(person.id, ChatKind.PRIVATE) for person in people]
        chats += [(self.api.group().id, ChatKind.GROUP) for _ in range(groups)]
        chats += [(self.api.channel().id, ChatKind.CHANNEL) for _ in range(channels)]
        for start in range(0, len(chats), 500):
            share = chats[start : start + 500]
            await asyncio.gather(*(self.store.chats.remember(*chat) for chat in share))
            await asyncio.gather(*(self.store.chats.set_news(one, on=True) for one, _ in share))
        return [chat for chat, _ in chats]

    async def publish(self, name: str) -> int:
        now = datetime.now(UTC)
        await self.store.announcements.draft(item(name), "file", None, now)
        return (await self.store.announcements.approve(name, None, now)).chats

    async def worked_off(self, name: str, seconds: float) -> dict[str, int]:
        """Wait until nothing is open; give the counts by state."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            counts = await self.store.deliveries.counts(name)
            if not any(state in counts for state in OPEN):
                return counts
            await asyncio.sleep(0.25)
        raise SystemExit(f"not worked off: {counts}; see {self.home / 'log.txt'}")

    def sends(self, chats: set[int]) -> list[Any]:
        return [call for call in self.api.record if call.is_send and call.chat_id in chats]

    async def compared(self, name: str, chats: list[int]) -> Figures:
        """Compare the ledger with the server, chat by chat."""
        calls = self.sends(set(chats))
        done = Counter(call.chat_id for call in calls if call.is_done)
        asked = Counter(call.chat_id for call in calls)
        rows = await self.store.deliveries.of(name)
        sent = [row for row in rows if row.state is DeliveryState.SENT]
        uncertain = [row for row in rows if row.state is DeliveryState.UNCERTAIN]
        return {
            "counts": await self.store.deliveries.counts(name),
            "twice": sum(1 for count in done.values() if count > 1),
            "sent_but_not_there": sum(1 for row in sent if not _is_there(self.api, row)),
            "there_but_not_known": sum(
                1 for row in rows if done[row.chat_id] and row not in sent and row not in uncertain
            ),
            "uncertain_and_there": sum(1 for row in uncertain if done[row.chat_id]),
            "uncertain_and_asked": sum(1 for row in uncertain if asked[row.chat_id]),
            "server_has": sum(done.values()),
        }


def _is_there(api: BotApi, row: Delivery) -> bool:
    return any(one.message_id == row.message_id for one in api.bot_messages(row.chat_id))


@asynccontextmanager
async def bench(
    *, is_paced: bool = True, delay: float = 0.0, starts: bool = True, **settings: str
) -> AsyncIterator[Bench]:
    """Make a server and a bot for one measurement."""
    with tempfile.TemporaryDirectory() as home:
        pace = Pace() if is_paced else None
        url = f"sqlite:///{Path(home) / 'bot.db'}"
        async with BotApi(pace=pace, delay=delay) as api, await Store.open(url) as store:
            given = {} if is_paced else {"PACING": "false"}
            made = Bench(api, store, Path(home), given | settings)
            try:
                if starts:
                    await made.start()
                yield made
            finally:
                await made.end()


async def speed(private: int) -> Figures:
    """Give the rate of a steady broadcast to private chats."""
    async with bench() as it:
        chats = await it.follow(private)
        await it.publish("speed")
        counts = await it.worked_off("speed", private / 10 + 30)
        times = [call.started for call in it.sends(set(chats)) if call.is_done]
        rate = (len(times) - 1) / (times[-1] - times[0])
        refused = sum(1 for call in it.api.record if call.status == 429)
        return {
            "chats": private,
            "counts": counts,
            "per_second": round(rate, 2),
            "share": round(rate / PERMITTED, 3),
            "refused_429": refused,
            "most_in_a_second": it.api.record.peak(),
        }


async def replies(private: int, groups: int, channels: int, rate: float) -> Figures:
    """Give the 99th percentile of replies with and without a broadcast."""
    async with bench() as it:
        chats = await it.follow(private, groups, channels)
        seconds = len(chats) / (PERMITTED - rate) * 0.8
        asked = {"users": 200, "rate": rate}
        await load.ask(it.api, QUESTIONS, questions=100, users=100, rate=20)
        quiet = await load.ask(it.api, QUESTIONS, questions=int(rate * 15), **asked)  # type: ignore[arg-type]
        refused = sum(1 for call in it.api.record if call.status == 429)
        await it.publish("mixed")
        busy = await load.ask(it.api, QUESTIONS, questions=int(rate * seconds), **asked)  # type: ignore[arg-type]
        counts = await it.worked_off("mixed", len(chats) / 5 + 60)
        compared = await it.compared("mixed", chats)
        assert it.api.pace is not None
        return {
            "counts": counts,
            "questions": busy.asked,
            "answered": busy.answered,
            "questions_a_second": rate,
            "quiet_p99_ms": quiet.p99,
            "busy_p99_ms": busy.p99,
            "later_ms": round(busy.p99 - quiet.p99, 1),
            "refused_429": sum(1 for call in it.api.record if call.status == 429) - refused,
            "violations": Counter(one.limit for one in it.api.pace.violations),
            "twice": compared["twice"],
        }


async def kills(times: int, chats: int, seed: int) -> Figures:
    """Kill the bot at random moments of broadcasts, and compare what is left with the server."""
    chance = random.Random(seed)
    async with bench(delay=0.05) as it:
        ids = await it.follow(chats)
        in_flight = 0
        number, names = 0, []
        done_kills = 0
        while done_kills < times:
            name = f"broadcast-{number}"
            number += 1
            names.append(name)
            await it.publish(name)
            while done_kills < times:
                await asyncio.sleep(chance.uniform(0.2, 1.2))
                counts = await it.store.deliveries.counts(name)
                if not any(state in counts for state in OPEN):
                    break
                await it.end(signal.SIGKILL)
                rows = await it.store.deliveries.of(name)
                in_flight += sum(1 for row in rows if row.state is DeliveryState.SENDING)
                done_kills += 1
                await it.start()
        total: Counter[str] = Counter()
        for name in names:
            total.update(await it.worked_off(name, chats / 10 + 60))
        calls = [call for call in it.sends(set(ids)) if call.is_done]
        had = Counter((call.chat_id, call.parameters["text"]) for call in calls)
        uncertain = sum(
            [
                row.state is DeliveryState.UNCERTAIN
                for name in names
                for row in await it.store.deliveries.of(name)
            ]
        )
        asked = Counter(call.chat_id for call in it.sends(set(ids)))
        return {
            "kills": done_kills,
            "broadcasts": len(names),
            "counts": dict(total),
            "twice": sum(1 for count in had.values() if count > 1),
            "server_has": len(calls),
            "requests": sum(asked.values()),
            "in_flight_at_kills": in_flight,
            "uncertain": uncertain,
            "uncertain_and_there": len(calls) - total["sent"],
        }


async def troubles(private: int) -> Figures:
    """Let a tenth of the sends meet every kind of trouble."""
    async with bench(is_paced=False) as it:
        chats = await it.follow(private)
        each = (
            faults.silence(), faults.reset(done=True), faults.reset(), faults.server_error(500),
            faults.server_error(502, done=True), faults.malformed(), faults.cut(),
            faults.html(503), faults.flood(1), faults.flood(2), faults.flood(1),
        )  # fmt: skip
        it.api.faults.add(*each, method="sendMessage", probability=0.1)
        await it.publish("troubles")
        await it.worked_off("troubles", private / 5 + 120)
        found = await it.compared("troubles", chats)
        unsure = {call.chat_id for call in it.sends(set(chats)) if call.is_uncertain}
        found["requests_without_answer"] = len(unsure)
        found["met_a_fault"] = sum(1 for call in it.sends(set(chats)) if call.fault)
        return found


async def planning(count: int, seconds: float) -> Figures:
    """Plan for very many chats, and watch the memory while they are worked off."""
    async with bench(is_paced=False) as it:
        people = [it.api.user(started=True).id for _ in range(2000)]
        made = [*people, *range(10**10, 10**10 + count - len(people))]
        for start in range(0, count, 500):
            share = made[start : start + 500]
            await asyncio.gather(
                *(it.store.chats.remember(one, ChatKind.PRIVATE) for one in share)
            )
            await asyncio.gather(*(it.store.chats.set_news(one, on=True) for one in share))
        await load.ask(it.api, QUESTIONS, questions=500, users=100)
        assert it.process is not None
        before = _megabytes(it.process.pid)
        began = time.monotonic()
        planned = await it.publish("many")
        took = time.monotonic() - began
        most, end = before, time.monotonic() + seconds
        while time.monotonic() < end:
            most = max(most, _megabytes(it.process.pid))
            await asyncio.sleep(0.5)
        return {
            "planned": planned,
            "seconds": round(took, 2),
            "memory_before_mb": before,
            "memory_most_mb": most,
            "more_mb": round(most - before, 1),
            "worked_on_meanwhile": await it.store.deliveries.counts("many"),
        }


async def from_the_command_line(times: int) -> Figures:
    """Give the seconds from `csto-bot news publish` to the first post."""
    waits = []
    async with bench() as it:
        (chat,) = await it.follow(1)
        await load.ask(it.api, QUESTIONS, questions=20, users=5)
        for number in range(times):
            now = datetime.now(UTC)
            await it.store.announcements.draft(item(f"n-{number}"), "file", None, now)
            began = time.monotonic()
            command = [sys.executable, "-m", "bot", "news", "publish", f"n-{number}"]
            publishing = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
                command, cwd=it.home, env=it.environment, stdout=subprocess.DEVNULL
            )
            await it.api.next_message(chat, 30)
            waits.append(round(time.monotonic() - began, 2))
            await asyncio.to_thread(publishing.wait)
    return {"times": times, "seconds": waits, "longest": max(waits)}


def _megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return round(next(int(x.split()[1]) for x in lines if x.startswith("VmRSS")) / 1024, 1)


ALL = ("speed", "replies", "kills", "troubles", "planning", "publish")


async def measure(names: list[str], share: int) -> Figures:
    """Measure what is asked for; `share` makes everything smaller."""
    figures: Figures = {}
    for name in names:
        match name:
            case "speed":
                figures[name] = await speed(2000 // share)
            case "replies":
                figures[name] = await replies(1000 // share, 200 // share, 50 // share, 5.0)
            case "kills":
                figures[name] = await kills(50 // share, 1000, seed=1)
            case "troubles":
                figures[name] = await troubles(1000 // share)
            case "planning":
                figures[name] = await planning(100_000 // share, 40 / share**0.5)
            case "publish":
                figures[name] = await from_the_command_line(5)
        print(name, json.dumps(figures[name]), file=sys.stderr, flush=True)
    return figures


def rows(figures: Figures) -> list[tuple[str, str, str]]:
    """Give what was found, beside what is wanted."""
    found = []
    if it := figures.get("speed"):
        share = f"{it['per_second']} a second = {it['share']:.1%}"
        found += [
            (f"{it['chats']} private chats", share, "at least 95 % of 30 a second"),
            ("429s in a steady run", str(it["refused_429"]), "0"),
        ]
    if it := figures.get("replies"):
        found += [
            ("replies' 99th percentile in a broadcast", f"{it['later_ms']} ms later",
             "at most 100 ms later"),
            ("limits broken", str(sum(it["violations"].values())), "0"),
        ]  # fmt: skip
    if it := figures.get("kills"):
        found += [
            (f"{it['kills']} kills: chats that got it twice", str(it["twice"]), "0"),
            ("uncertain after kills", str(it["uncertain"]),
             f"at most {it['in_flight_at_kills']}, the requests begun"),
        ]  # fmt: skip
    if it := figures.get("troubles"):
        found += [
            ("faults for 10 %: chats that got it twice", str(it["twice"]), "0"),
            ("sent and not there, or there and not known",
             f"{it['sent_but_not_there']}, {it['there_but_not_known']}", "0, 0"),
            ("uncertain", str(it["counts"].get("uncertain", 0)),
             f"at most {it['requests_without_answer']}, the requests without an answer"),
        ]  # fmt: skip
    if it := figures.get("planning"):
        found += [
            (f"planning {it['planned']} deliveries", f"{it['seconds']} s", "at most 5 s"),
            ("more memory while they are worked off", f"{it['more_mb']} MB", "at most 30 MB"),
        ]
    if it := figures.get("publish"):
        found.append(
            ("publish to first post, the command's start included", f"{it['longest']} s",
             "at most 2 s")
        )  # fmt: skip
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ALL)}")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    given = parser.parse_args()
    os.environ["PTB_TIMEDELTA"] = "true"
    share = 10 if given.quick else 1
    figures = asyncio.run(measure(given.names or list(ALL), share))
    figures["machine"] = {"cpus": os.cpu_count(), "python": platform.python_version()}
    for what, found, wanted in rows(figures):
        print(f"{what:52}{found:>30}   {wanted}")
    text = json.dumps(figures, indent=2)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
