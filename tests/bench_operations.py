"""Measure the bot as an operator runs it: webhook, several processes, outages, backups.

`make bench-operations` prints a table and the figures as JSON. The database is a real PostgreSQL
that the measurement starts; the machine's other work shows in the figures, so what is compared is
measured in the same run. The test server stands for Telegram and for the load balancer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bot.knowledge.model import NewsItem
from bot.news.deliveries import OPEN, DeliveryState
from bot.store import ChatKind, Store
from tests.bench_telegram import QUESTIONS, USERS, load, server_with
from tests.botapi import BotApi
from tests.botapi.pace import Pace
from tests.botapi.process import Process
from tests.postgres import Postgres
from tests.shares import Share, share_of

ROOT = Path(__file__).resolve().parents[1]
PERMITTED = 30.0
ECHO = """
import sys
from telegram.ext import Application, MessageHandler, filters

async def echo(update, context):
    await update.message.reply_text(update.message.text)

base, token, port = sys.argv[1:]
application = Application.builder().token(token).base_url(base).build()
application.add_handler(MessageHandler(filters.TEXT, echo))
application.run_webhook(
    "127.0.0.1", int(port), "hook", webhook_url=f"http://127.0.0.1:{port}/hook",
    secret_token="a-secret",
)
"""
Figures = dict[str, Any]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Bot:
    """A process of the bot by webhook, of which there may be several."""

    share: Share | None = None
    """What it may have of a processor; None: whatever it gets."""

    def __init__(self, token: str, api_url: str, hook: str, home: Path, **settings: str) -> None:
        self.place = f"127.0.0.1:{free_port()}"
        self.home = home
        self.environment = (
            os.environ
            | {
                "PYTHONPATH": str(ROOT),
                "TELEGRAM_BOT_TOKEN": token,
                "TELEGRAM_API_URL": api_url,
                "WEBHOOK_URL": hook or f"http://{self.place}/hook",
                "HTTP_LISTEN": self.place,
                "QUESTIONS_PER_MINUTE": "0",
            }
            | settings
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        with (self.home / f"log-{self.place}.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=self.home, env=self.environment, stdout=log, stderr=log,
            )  # fmt: skip
        if self.share is not None:
            self.share.take(self.process.pid)
        host, _, port = self.place.partition(":")
        for _ in range(300):
            with socket.socket() as one:
                if one.connect_ex((host, int(port))) == 0:
                    return
            time.sleep(0.1)
        raise SystemExit(f"a bot does not start; see {self.home}")

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(30)


@contextmanager
def bots(
    server: Process, home: Path, count: int, shares: Sequence[Share] = (), **settings: str
) -> Iterator[list[Bot]]:
    """Run processes behind the server's balancer, each with its share of a processor, if any."""
    hook = f"http://127.0.0.1:{free_port()}/hook"
    made = [
        Bot(server.token, server.url, hook if count > 1 else "", home, PACING="false", **settings)
        for _ in range(count)
    ]
    for bot, share in zip(made, shares, strict=False):
        bot.share = share
    try:
        for bot in made:
            bot.start()
        if count > 1:
            server.call("balance", places=[bot.place for bot in made])
        server.call("polled", timeout=30)
        yield made
    finally:
        for bot in made:
            bot.end()


def rate_of_echo(count: int) -> float:
    """Give the plain bot's answers a second, by webhook."""
    with server_with() as (server, home):
        command = [sys.executable, "-c", ECHO, server.base_url, server.token, str(free_port())]
        process = subprocess.Popen(
            command, cwd=home, env=os.environ | {"PTB_TIMEDELTA": "true"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            server.call("polled", timeout=30)
            return float(load(server, count)["per_second"])
        finally:
            process.terminate()
            process.wait(20)


def rate_of_ours(
    count: int,
    processes: int = 1,
    delay: float = 0.0,
    url: str = "",
    shares: Sequence[Share] = (),
    users: int = USERS,
) -> float:
    """Give our answers a second, by webhook."""
    with server_with(delay) as (server, home):
        url = url or f"sqlite:///{home / 'bot.db'}"
        with bots(server, home, processes, shares, DATABASE_URL=url):
            return float(load(server, count, users=users)["per_second"])


def webhook(share: int) -> Figures:
    """Compare with a plain echo bot, measured before and after."""
    few, many = 2000 // share, 5000 // share
    before = rate_of_echo(few)
    ours = rate_of_ours(many)
    echo = (before + rate_of_echo(few)) / 2
    return {"echo": round(echo, 1), "ours": ours, "ratio": round(ours / echo, 2)}


def processes(postgres: Postgres, share: int) -> Figures:
    """Compare two processes on one PostgreSQL with one, each call delayed by 50 ms.

    Once with half a processor for each process, as if each had a machine of its own; and once with
    whatever this machine gives, where one process, the server with its users and PostgreSQL may
    leave nothing for a second. Twice as many users ask as elsewhere, so that each of two
    processes has as many as one has there.
    """
    count = 5000 // share
    with share_of(0.5) as first, share_of(0.5) as second:
        halves = [each for each in (first, second) if each is not None]
        found = {"all_processors": _one_and_two(postgres, count, ())}
        if halves:
            found["half_a_processor_each"] = _one_and_two(postgres, count, halves)
    return found


def _one_and_two(postgres: Postgres, count: int, shares: Sequence[Share]) -> Figures:
    """Measure each several times, in turn: the machine's other work comes and goes."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    for number in (1, 2, 2, 1, 1, 2):
        rate = rate_of_ours(count, number, 0.05, postgres.new(), shares, 2 * USERS)
        rates[number].append(rate)
    one, two = (statistics.median(rates[number]) for number in (1, 2))
    return {"one": one, "two": two, "ratio": round(two / one, 2), "each": rates}


@asynccontextmanager
async def site(
    postgres: Postgres, count: int, *, is_paced: bool, delay: float = 0.0
) -> AsyncIterator[tuple[BotApi, Store, list[Bot]]]:
    """Run a server in this process, and processes of the bot on one PostgreSQL."""
    url = postgres.new()
    with tempfile.TemporaryDirectory() as folder:
        api = BotApi(pace=Pace() if is_paced else None, delay=delay)
        async with api, await Store.open(url) as store:
            hook = f"http://127.0.0.1:{free_port()}/hook"
            given = {"DATABASE_URL": url} | ({} if is_paced else {"PACING": "false"})
            made = [Bot(api.token, api.url, hook, Path(folder), **given) for _ in range(count)]
            api.server.webhook_places.extend(bot.place for bot in made)
            try:
                await asyncio.gather(*(asyncio.to_thread(bot.start) for bot in made))
                await api.polled(30)
                yield api, store, made
            finally:
                await asyncio.gather(*(asyncio.to_thread(bot.end) for bot in made))


async def broadcast(postgres: Postgres, count: int, chats: int) -> Figures:
    """Send to many chats with several processes, killing one of them every few seconds."""
    chance = random.Random(count)
    async with site(postgres, count, is_paced=True, delay=0.02) as (api, store, made):
        people = [api.user(started=True).id for _ in range(chats)]
        for start in range(0, chats, 500):
            some = people[start : start + 500]
            await asyncio.gather(*(store.chats.remember(one, ChatKind.PRIVATE) for one in some))
            await asyncio.gather(*(store.chats.set_news(one, on=True) for one in some))
        now = datetime.now(UTC)
        item = NewsItem("session", {"en": "A session"}, {"en": "It met."}, date(2026, 5, 4))
        await store.announcements.draft(item, "file", None, now)
        await store.announcements.approve("session", None, now)
        kills, next_kill, end = 0, time.monotonic() + 4, time.monotonic() + chats / 10 + 60
        while time.monotonic() < end:
            counts = await store.deliveries.counts("session")
            if not any(state in counts for state in OPEN):
                break
            if time.monotonic() >= next_kill:
                victim = chance.choice(made)
                await asyncio.to_thread(victim.end, signal.SIGKILL)
                await asyncio.to_thread(victim.start)
                kills += 1
                next_kill = time.monotonic() + chance.uniform(3, 5)
            await asyncio.sleep(0.2)
        calls = [call for call in api.record if call.is_send and call.is_done]
        had = Counter(call.chat_id for call in calls)
        times = [call.started for call in calls]
        rows = await store.deliveries.of("session")
        known = {row.chat_id for row in rows if row.state in {"sent", "uncertain"}}
        rate = (len(times) - 1) / (times[-1] - times[0])
        return {
            "processes": count,
            "chats": chats,
            "kills": kills,
            "counts": counts,
            "twice": sum(1 for number in had.values() if number > 1),
            "lost": sum(
                row.state is DeliveryState.SENT and not had[row.chat_id] for row in rows
            ) + sum(chat not in known for chat in people),
            "per_second": round(rate, 2),
            "share": round(rate / PERMITTED, 3),
            "most_in_a_second": api.record.peak(),
            "refused_429": sum(1 for call in api.record if call.status == 429),
        }  # fmt: skip


async def outage(postgres: Postgres, seconds: float) -> Figures:
    """Stop PostgreSQL, ask meanwhile, start it again."""
    async with site(postgres, 2, is_paced=False) as (api, _, _made):
        people = [api.user(f"User {number}") for number in range(40)]
        await api.ask(people[0], QUESTIONS[0], timeout=20)
        await asyncio.to_thread(postgres.stop)
        began = time.monotonic()
        for person in people:
            api.say(person, QUESTIONS[0])
            await asyncio.sleep(seconds / len(people))
        await asyncio.sleep(max(began + seconds - time.monotonic(), 0))
        before = len(api.calls("sendMessage"))
        await asyncio.to_thread(postgres.start)
        started = time.monotonic()
        await api.until(lambda: len(api.calls("sendMessage")) > before, 60)
        resumed = time.monotonic() - started
        wanted = {person.id: 1 + (person is people[0]) for person in people}
        with suppress(AssertionError):  # what is missing is counted below
            await api.until(
                lambda: all(len(api.bot_messages(p)) >= wanted[p.id] for p in people), 60
            )
        took = time.monotonic() - started
        await api.quiet(timeout=30)
        told = {person.id: len(api.bot_messages(person)) for person in people}
        return {
            "asked_meanwhile": len(people),
            "lost": sum(told[chat] < wanted[chat] for chat in told),
            "twice": sum(told[chat] > wanted[chat] for chat in told),
            "resumed_after": round(resumed, 2),
            "all_answered_after": round(took, 2),
        }


def _run(environment: dict[str, str], *arguments: str) -> tuple[float, float]:
    """Run a command of the bot; give its seconds and most megabytes."""
    began = time.monotonic()
    code = (
        "import resource, subprocess, sys; "
        "done = subprocess.run([sys.executable, '-m', 'bot', *sys.argv[1:]]); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(done.returncode)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}: {done.stderr}")
    return time.monotonic() - began, int(done.stdout.split()[-1]) / 1024


FILL = (
    """
    INSERT INTO chats (id, kind, is_forum, news, silent, topics)
    SELECT g, 'private', false, true, false, '[]' FROM generate_series(1, {chats}) g
    """,
    """
    INSERT INTO announcements (id, item, origin, state, revision, created_at)
    SELECT 'n-' || g, '{{}}', 'file', 'draft', 0, now() FROM generate_series(1, {items}) g
    """,
    """
    INSERT INTO deliveries (announcement_id, chat_id, action, state, not_before, expires_at,
        attempts, unsure, revision, message_id, posted_in, has_image, finished_at)
    SELECT 'n-' || i, c, 'post', 'sent', now(), now(), 1, 0, 0, c, c, false, now()
    FROM generate_series(1, {items}) i, generate_series(1, {chats}) c
    """,
)


def backup(postgres: Postgres, share: int) -> Figures:
    """Back up and restore a large store, PostgreSQL to PostgreSQL."""
    url, other = postgres.new(), postgres.new()
    with tempfile.TemporaryDirectory() as home:
        settings = os.environ | {"PYTHONPATH": str(ROOT), "HOME": home}

        async def prepare() -> None:
            async with await Store.open(url):
                pass

        asyncio.run(prepare())
        chats, items = 100_000 // share, 10
        for statement in FILL:
            postgres.execute(statement.format(chats=chats, items=items), url)
        file = str(Path(home) / "backup")
        saved, saving = _run(settings | {"DATABASE_URL": url}, "backup", file)
        restored, restoring = _run(settings | {"DATABASE_URL": other}, "restore", file)
        return {
            "chats": chats, "deliveries": chats * items,
            "backup_seconds": round(saved, 1), "backup_mb": round(saving, 1),
            "restore_seconds": round(restored, 1), "restore_mb": round(restoring, 1),
            "file_mb": round(Path(file).stat().st_size / 1e6, 1),
        }  # fmt: skip


ALL = ("webhook", "processes", "broadcast", "outage", "backup")


def measure(names: list[str], share: int) -> Figures:
    """Measure what is asked for; `share` makes everything smaller."""
    figures: Figures = {}
    postgres = Postgres()
    try:
        for name in names:
            match name:
                case "webhook":
                    figures[name] = webhook(share)
                case "processes":
                    figures[name] = processes(postgres, share)
                case "broadcast":
                    figures[name] = [
                        asyncio.run(broadcast(postgres, count, 2000 // share))
                        for count in (1, 2, 4)
                    ]
                case "outage":
                    figures[name] = asyncio.run(outage(postgres, 30 / share**0.5))
                case "backup":
                    figures[name] = backup(postgres, share)
            print(name, json.dumps(figures[name]), file=sys.stderr, flush=True)
    finally:
        postgres.close()
    return figures


def rows(figures: Figures) -> list[tuple[str, str, str]]:
    """Give what was found, beside what is wanted."""
    found = []
    if it := figures.get("webhook"):
        found += [
            ("questions a second by webhook, of the echo bot", f"{it['echo']:.0f}", ""),
            ("questions a second by webhook", f"{it['ours']:.0f} = {it['ratio']} x",
             "at least 0.9 x"),
        ]  # fmt: skip
    if them := figures.get("processes"):
        for name, it in them.items():
            how = name.replace("_", " ")
            found += [
                (f"one process, 50 ms delay, {how}", f"{it['one']:.0f} a second", ""),
                (f"two processes, {how}", f"{it['two']:.0f} = {it['ratio']} x", "at least 1.6 x"),
            ]
        if len(them) == 1:
            found.append(("half a processor each", "not measured: needs root", ""))
    for it in figures.get("broadcast", ()):
        what = f"{it['processes']} processes, {it['chats']} chats, {it['kills']} kills"
        found += [
            (what, f"{it['twice']} twice, {it['lost']} lost", "0 twice, 0 lost"),
            ("", f"{it['share']:.1%}, {it['refused_429']} 429s",
             "95 % of 30 a second, never more"),
        ]  # fmt: skip
    if it := figures.get("outage"):
        found += [
            ("PostgreSQL stopped, questions lost", str(it["lost"]), "0"),
            ("answers resume after", f"{it['resumed_after']} s", "at most 5 s"),
        ]
    if it := figures.get("backup"):
        for what in ("backup", "restore"):
            found.append(
                (f"{what} of {it['deliveries']} deliveries",
                 f"{it[f'{what}_seconds']} s, {it[f'{what}_mb']} MB", "at most 60 s, 100 MB")
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
    figures = measure(given.names or list(ALL), 10 if given.quick else 1)
    figures["machine"] = {"cpus": os.cpu_count(), "python": platform.python_version()}
    for what, found, wanted in rows(figures):
        print(f"{what:52}{found:>30}   {wanted}")
    text = json.dumps(figures, indent=2)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
