"""A real `csto-bot run`: started, killed, told to stop, and looked at from outside."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.botapi import PATIENCE, BotApi, faults
from tests.conftest import until
from tests.telegram.conftest import ROOT, Process, Starting, copy_of_knowledge

QUESTION = "who represents Kyrgyzstan?"
TOKEN = re.compile(r"\d{6,}(:|%3A)[A-Za-z0-9_-]{30,}")


async def test_from_start_to_first_answer(api: BotApi, start: Starting) -> None:
    ann = api.user()
    api.say(ann, QUESTION)
    await start()
    assert "Alishev" in (await api.next_message(ann)).text


async def test_sigterm_finishes_what_is_in_hand(api: BotApi, start: Starting) -> None:
    people = [api.user(f"User {n}") for n in range(20)]
    process = await start()
    api.delay = 0.2
    for person in people:
        api.say(person, QUESTION)
    await api.until(lambda: api.calls("sendMessage"))
    assert await process.end() == 0
    api.delay = 0
    await start()
    for person in people:
        await api.next_message(person)
    await api.quiet()
    assert all(len(api.bot_messages(person)) == 1 for person in people)


async def test_sigterm_is_obeyed_while_telegram_is_down(api: BotApi, start: Starting) -> None:
    process = await start()
    async with api.outage():
        await asyncio.sleep(0.3)
        assert await process.end() == 0


async def test_after_kill_9_every_question_is_answered_and_hardly_one_twice(
    api: BotApi, start: Starting
) -> None:
    people = [api.user(f"User {n}") for n in range(15)]
    process = await start()
    api.delay = 0.02
    for round_ in range(3):
        for number in range(4):
            for person in people:
                api.say(person, f"{QUESTION} {round_} {number}")
        answered = 30 * (round_ + 1)
        await api.until(partial(_has_sent, api, answered), 10)
        await process.end(signal.SIGKILL)
        process = await start()
    # A process that has just started on a busy machine says nothing for longer than `quiet` waits.
    await api.until(lambda: all(len(api.bot_messages(person)) >= 12 for person in people))
    await api.quiet()
    for person in people:
        count = len(api.bot_messages(person))
        assert count <= 12 + 3  # three kills, at most one message of a conversation each


async def test_the_first_answer_after_kill_9_comes_soon(api: BotApi, start: Starting) -> None:
    process = await start()
    await process.end(signal.SIGKILL)
    ann = api.user()
    api.say(ann, QUESTION)
    await start()
    assert "Alishev" in (await api.next_message(ann)).text


async def test_the_token_is_never_shown(api: BotApi, start: Starting) -> None:
    process = await start()
    ann = api.user()
    for trouble in (
        faults.server_error(500),
        faults.html(),
        faults.reset(),
        faults.cut(),
        faults.malformed(),
        faults.error(401, "Unauthorized"),
        faults.error(404, "Not Found"),
        faults.error(400, f"Bad Request: {api.token}"),
        faults.error(403, "Forbidden: bot was blocked by the user"),
        faults.flood(1),
        faults.conflict(),
    ):
        for method in ("sendMessage", "getUpdates", "answerInlineQuery"):
            api.faults.script([trouble], method=method)
        api.say(ann, QUESTION)
        api.inline(ann, "kyrgyz")
        await api.quiet()
    api.inject({"message": {"message_id": 1}})
    async with api.outage():
        await asyncio.sleep(1)
    await api.quiet()
    assert not TOKEN.search(" ".join(map(str, process.command)))
    assert await process.end() == 0
    assert "debug" in process.logged()
    assert not TOKEN.search(process.logged())
    assert not any(TOKEN.search(text) for text in api.texts(ann))


async def test_a_token_that_telegram_does_not_know_is_told(
    api: BotApi, folder: Path, tmp_path: Path
) -> None:
    wrong = "987654321:" + "B" * 35
    done = await asyncio.to_thread(
        _run, tmp_path, TELEGRAM_BOT_TOKEN=wrong, TELEGRAM_API_URL=api.url,
        KNOWLEDGE_DIR=str(folder),
    )  # fmt: skip
    assert done.returncode == 2
    assert "TELEGRAM_BOT_TOKEN" in done.stderr and "Traceback" not in done.stderr
    assert wrong not in done.stderr


def test_without_a_token_it_says_how_to_get_one(tmp_path: Path) -> None:
    done = _run(tmp_path)
    assert done.returncode == 2
    assert "@BotFather" in done.stderr and "csto-bot chat" in done.stderr


def test_a_wrong_file_of_feeds_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    file.write_text("feeds:\n  - {name: a, url: 'ftp://example.org', language: xx}\n")
    token = "123456:" + "A" * 35
    done = _run(tmp_path, TELEGRAM_BOT_TOKEN=token, FEEDS=str(file))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert f"{file}:2: found 'ftp://example.org'" in done.stderr
    assert f"{file}:2: found the language 'xx'" in done.stderr


def test_all_wrong_settings_are_told_at_once(tmp_path: Path) -> None:
    done = _run(
        tmp_path, TELEGRAM_BOT_TOKEN="secret-but-wrong", EDITOR_IDS="a,b", LOG_LEVEL="loud",
        QUESTIONS_PER_MINUTE="-1", UNCERTAIN="maybe", KEEP_UNANSWERED="perhaps",
        DATABASE_URL="mysql://user:password@host", TELEGRAM_API_URL="telegram",
    )  # fmt: skip
    assert done.returncode == 2
    names = {line.partition(":")[0] for line in done.stderr.splitlines()}
    assert names == {
        "TELEGRAM_BOT_TOKEN", "EDITOR_IDS", "LOG_LEVEL", "QUESTIONS_PER_MINUTE", "UNCERTAIN",
        "KEEP_UNANSWERED", "DATABASE_URL", "TELEGRAM_API_URL",
    }  # fmt: skip
    assert "secret" not in done.stderr and "password@" not in done.stderr


@pytest.mark.parametrize("by_signal", [True, False])
async def test_changed_knowledge_is_used_and_broken_knowledge_is_not(
    api: BotApi, start: Starting, tmp_path: Path, by_signal: bool
) -> None:
    folder = copy_of_knowledge(tmp_path / "own")
    process = await start(folder)
    ann = api.user()
    before = (await api.ask(ann, "/about")).text
    replies = folder / "languages" / "en" / "replies.yaml"
    good = replies.read_text("utf-8")

    def change(text: str) -> None:
        replies.write_text(text, "utf-8")
        if by_signal:
            os.kill(process.pid, signal.SIGHUP)

    change(good.replace("Hello! I answer", "Welcome! I answer"))
    await _until_logged(process, "is in use")
    assert (await api.ask(ann, "/start")).text.startswith("Welcome!")
    after = (await api.ask(ann, "/about")).text
    assert after != before
    change(good.replace("replies:", "replies: ["))
    await _until_logged(process, "cannot be used")
    assert (await api.ask(ann, "/about")).text == after
    assert (await api.ask(ann, "/start")).text.startswith("Welcome!")


async def test_two_processes_do_not_both_poll(api: BotApi, start: Starting) -> None:
    first = await start()
    second = await start()
    ann = api.user()
    await api.ask(ann, QUESTION)
    await api.quiet()
    assert len(api.bot_messages(ann)) == 1
    await _until_logged(second, "another process polls")
    await first.end(signal.SIGKILL)
    assert "Kogut" in (await api.ask(ann, "and Belarus?")).text


async def test_doctor_says_what_is_well_and_what_is_not(
    api: BotApi, folder: Path, tmp_path: Path
) -> None:
    well = {
        "TELEGRAM_BOT_TOKEN": api.token,
        "TELEGRAM_API_URL": api.url,
        "KNOWLEDGE_DIR": str(folder),
    }
    done = await asyncio.to_thread(_run, tmp_path, command="doctor", **well)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "@example_bot" in done.stdout and "privacy mode" in done.stdout
    assert "csto-bot run" in done.stdout and not _has_database(tmp_path)
    api.world.bot.inline = False
    done = await asyncio.to_thread(_run, tmp_path, command="doctor", **well)
    assert done.returncode == 1
    assert "/setinline" in done.stdout
    await api.go_down()
    done = await asyncio.to_thread(_run, tmp_path, command="doctor", **well)
    await api.come_up()
    assert done.returncode == 1
    assert "cannot be reached" in done.stdout
    assert not TOKEN.search(done.stdout + done.stderr)


def test_ask_does_not_import_the_telegram_library() -> None:
    code = (
        "import sys, bot.cli, bot.answering; "
        "heavy = {'telegram', 'aiohttp', 'sqlalchemy'}; "
        "sys.exit(any(name.split('.')[0] in heavy for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=PATIENCE)


def _has_database(home: Path) -> bool:
    return any(home.rglob("bot.db*"))


def _has_sent(api: BotApi, count: int) -> bool:
    return len(api.calls("sendMessage")) >= count


async def _until_logged(process: Process, words: str) -> None:
    await until(lambda: words in process.logged(), f"{words!r} in the log")


def _run(home: Path, command: str = "run", **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "bot", command],
        cwd=home,
        env=environment | settings,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
