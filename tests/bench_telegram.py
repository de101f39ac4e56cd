"""Measure a whole bot process against a plain echo bot of the same library, on the same server.

`make bench-telegram` prints a table and the figures as JSON. The server and its users are one
process, the bot another; pacing and the limit of questions are off. The machine's other work shows
in the figures, so both bots are measured in the same run, the echo bot before and after.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.botapi.process import Process

ROOT = Path(__file__).resolve().parents[1]
USERS = 200
QUESTIONS = [
    "who represents Kyrgyzstan?", "how many members does Belarus have?", "and Kazakhstan?",
    "website of the Kyrgyz parliament", "which delegation is the largest?",
    "кто представляет Россию?", "who represents Tajikistan?", "how many members in all?",
    "Is parliamentary diplomacy more effective than official diplomacy?", "hello",
    "what did Pankin say about trust?", "сколько человек в делегации Казахстана?",
    "will it rain tomorrow?", "compare Belarus and Russia", "who is Krotov", "and the website?",
]  # fmt: skip
COUNTRIES = ["Belarus", "Kazakhstan", "Kyrgyzstan", "Russia", "Tajikistan"]
ECHO = """
import sys
from telegram.ext import Application, MessageHandler, filters

async def echo(update, context):
    await update.message.reply_text(update.message.text)

base, token, concurrent = sys.argv[1:]
builder = Application.builder().token(token).base_url(base)
application = builder.concurrent_updates(concurrent == "yes").build()
application.add_handler(MessageHandler(filters.TEXT, echo))
application.run_polling()
"""
Figures = dict[str, Any]


@contextmanager
def echo_bot(server: Process, *, concurrent: bool) -> Iterator[None]:
    """Run the plain bot."""
    how = "yes" if concurrent else "no"
    command = [sys.executable, "-c", ECHO, server.base_url, server.token, how]
    with _running(command, server, os.environ | {"PTB_TIMEDELTA": "true"}):
        yield


@contextmanager
def our_bot(server: Process, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the bot as an operator does."""
    with _running([sys.executable, "-m", "bot", "run"], server, _environment(server, home)) as one:
        yield one


def _environment(server: Process, home: Path) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": str(ROOT),
        "TELEGRAM_BOT_TOKEN": server.token,
        "TELEGRAM_API_URL": server.url,
        "DATABASE_URL": f"sqlite:///{home / 'bot.db'}",
        "PACING": "false",
        "QUESTIONS_PER_MINUTE": "0",
    }


@contextmanager
def _running(
    command: list[str], server: Process, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        server.call("polled", timeout=30)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@contextmanager
def server_with(delay: float = 0.0) -> Iterator[tuple[Process, Path]]:
    """Run a server and give it with an empty folder for a bot."""
    with (
        Process("--kept-calls", "1000", "--delay", str(delay)) as server,
        tempfile.TemporaryDirectory() as home,
    ):
        yield server, Path(home)


def load(server: Process, count: int, **how: Any) -> Figures:
    """Let the users ask; the first questions only warm everything up."""
    given: Figures = {"texts": QUESTIONS, "users": USERS, **how}
    server.call("load", questions=2 * given["users"], **given)
    found: Figures = server.call("load", questions=count, **given)
    if found["answered"] < count:
        raise SystemExit(f"only {found['answered']} of {count} questions were answered")
    return found


def rate_of_echo(count: int, delay: float, *, concurrent: bool) -> float:
    """Give the echo bot's answers a second."""
    with server_with(delay) as (server, _), echo_bot(server, concurrent=concurrent):
        return float(load(server, count)["per_second"])


def rate_of_ours(count: int, delay: float) -> float:
    """Give our answers a second."""
    with server_with(delay) as (server, home), our_bot(server, home):
        return float(load(server, count)["per_second"])


def waits(rate: float, seconds: float) -> Figures:
    """Give the times from question to answer at a rate."""
    with server_with() as (server, home), our_bot(server, home):
        server.call("load", texts=QUESTIONS, users=USERS, questions=2 * USERS)
        found: Figures = server.call(
            "load", texts=QUESTIONS, users=USERS, questions=int(rate * seconds), rate=rate
        )
        return found


def is_in_order(delay: float) -> bool:
    """Tell whether each user gets the answers in the order of the questions."""
    texts = [f"how many members does {country} have?" for country in COUNTRIES]
    users, count = 24, 24 * 5 * 4
    with server_with(delay) as (server, home), our_bot(server, home):
        found = server.call(
            "load", texts=texts, users=users, questions=count, rate=400, keep_texts=True
        )
    # The users ask in turn, and so do the texts come in turn.
    people = sorted(found["texts"], key=lambda user: int(user) % 1_000_000)
    for number, user in enumerate(people):
        said = found["texts"][user]
        wanted = [COUNTRIES[asked % len(COUNTRIES)] for asked in range(number, count, users)]
        if [text.split("'")[0] for text in said] != wanted:
            return False
    return bool(found["answered"] == count)


def starts() -> Figures:
    """Give the seconds from start to first answer: with nothing there, and after kill -9."""
    found = {}
    with server_with() as (server, home):
        for what in ("first", "after_kill_9"):
            user = server.call("user", started=True)["id"]
            server.call("say", chat=user, text=QUESTIONS[0])
            began = time.monotonic()
            process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=ROOT,
                env=_environment(server, home),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            server.call("next_message", chat=user, timeout=30)
            found[what] = round(time.monotonic() - began, 2)
            process.kill()
            process.wait()
    return found


def memory(updates: int, users: int) -> Figures:
    """Give the megabytes of the process when warm, and after many users."""
    with server_with() as (server, home), our_bot(server, home) as process:
        load(server, 5000)
        before = _megabytes(process.pid)
        server.call("load", texts=QUESTIONS, users=users, questions=updates, timeout=580)
        return {"warm": before, "later": _megabytes(process.pid), "updates": updates}


def _megabytes(pid: int) -> float | None:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return None
    lines = status.read_text().splitlines()
    return round(next(int(x.split()[1]) for x in lines if x.startswith("VmRSS")) / 1024, 1)


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the questions")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    given = parser.parse_args()
    share = 10 if given.quick else 1
    few, many = 3000 // share, 10_000 // share

    before = rate_of_echo(few, 0, concurrent=False)
    ours = rate_of_ours(many, 0)
    echo = (before + rate_of_echo(few, 0, concurrent=False)) / 2
    slow_echo = rate_of_echo(few, 0.05, concurrent=True)
    slow_ours = rate_of_ours(few, 0.05)
    waited = waits(ours / 2, 15 / share**0.5)
    kept = memory(45_000 // share, 5000 // share)
    started = starts()
    figures = {
        "echo_per_second": round(echo, 1),
        "ours_per_second": ours,
        "ratio": round(ours / echo, 2),
        "echo_per_second_50ms": slow_echo,
        "ours_per_second_50ms": slow_ours,
        "ratio_50ms": round(slow_ours / slow_echo, 2),
        "is_in_order_50ms": is_in_order(0.05),
        "half_load_per_second": round(ours / 2, 1),
        "p50_ms": waited["p50"],
        "p99_ms": waited["p99"],
        "memory_mb": kept,
        "start_seconds": started,
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
    }
    rows = [
        ("questions a second, of the echo bot", f"{echo:.0f}", ""),
        ("questions a second", f"{ours:.0f} = {figures['ratio']} x", "at least 0.9 x"),
        ("with 50 ms delay, of the echo bot", f"{slow_echo:.0f}", ""),
        ("with 50 ms delay", f"{slow_ours:.0f} = {figures['ratio_50ms']} x", "at least 1.0 x"),
        ("order kept", str(figures["is_in_order_50ms"]), "True"),
        ("99th percentile at half load", f"{waited['p99']:.1f} ms", "at most 50 ms"),
        ("memory, warm", f"{kept['warm']} MB", "at most 160 MB"),
        ("memory, later", f"{kept['later']} MB", "at most 10 MB more"),
        ("start to first answer", f"{started['first']} s", "at most 2 s"),
        ("the same after kill -9", f"{started['after_kill_9']} s", "at most 2 s"),
    ]
    for what, found, wanted in rows:
        print(f"{what:38}{found:>22}   {wanted}")
    text = json.dumps(figures, indent=2)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
