"""Announcements and chats on the command line, without a running bot."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer.testing

from bot.cli import app
from bot.knowledge.folder import shipped_folder
from bot.news.deliveries import Sent, Unsure, after
from bot.store import ChatKind, Store

ID = "2026-05-04-session"
GROUP = -1001234
ROOT = Path(__file__).parents[1]
FILE = """\
title: {en: A session, ru: Заседание}
summary: {en: It met **today**., ru: Прошло **сегодня**.}
date: 2026-05-04
"""


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    shutil.copytree(shipped_folder(), folder)
    (folder / "news" / f"{ID}.yaml").write_text(FILE, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, knowledge: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'bot.db'}")
    monkeypatch.setenv("KNOWLEDGE_DIR", str(knowledge))
    monkeypatch.setenv("TIMEZONE", "Europe/Moscow")
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN", raising=False)


def run(*arguments: str, status: int = 0) -> str:
    result = typer.testing.CliRunner().invoke(app, arguments)
    assert result.exit_code == status, result.output
    assert "Traceback" not in result.output
    return result.stderr if status else result.stdout


def start(*arguments: str) -> subprocess.Popen[str]:
    """Run it as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def keep(tmp_path: Path, work: Callable[[Store], Awaitable[Any]]) -> Any:
    async def go() -> Any:
        async with await Store.open(f"sqlite:///{tmp_path / 'bot.db'}") as store:
            return await work(store)

    return asyncio.run(go())


@pytest.fixture
def chats(tmp_path: Path) -> None:
    async def work(store: Store) -> None:
        await store.chats.remember(7, ChatKind.PRIVATE)
        await store.chats.remember(8, ChatKind.PRIVATE)
        await store.chats.remember(GROUP, ChatKind.SUPERGROUP, title="Friends")

    keep(tmp_path, work)
    for chat in (7, GROUP):
        assert run("chats", "subscribe", str(chat)) == f"{chat}: gets news\n"


def deliver(tmp_path: Path, result: Any) -> None:
    """Do what is due, as a running bot does."""

    async def work(store: Store) -> None:
        now = datetime.now(UTC)
        for delivery in await store.deliveries.claim(0, 100, now):
            task = await store.deliveries.begin(delivery, 0, now)
            if task is not None:
                change = after(task.delivery, result, now)
                await store.deliveries.record(task.delivery, change, now)
        await store.deliveries.tidy(now)

    keep(tmp_path, work)


@pytest.mark.usefixtures("chats")
def test_the_chats_are_shown_for_people_and_for_programs() -> None:
    assert "Friends" in run("chats")
    found = {chat["id"]: chat for chat in json.loads(run("chats", "--json"))}
    assert {key: chat["news"] for key, chat in found.items()} == {7: True, 8: False, GROUP: True}
    assert {"kind", "title", "language", "paused", "paused_reason"} <= found[GROUP].keys()
    run("chats", "unsubscribe", str(GROUP))
    assert not next(c for c in json.loads(run("chats", "--json")) if c["id"] == GROUP)["news"]


@pytest.mark.usefixtures("chats")
def test_an_item_goes_from_its_file_to_its_chats(tmp_path: Path) -> None:
    assert "draft" in run("news", "list")
    assert run("news", "preview", ID, "--language", "ru").startswith(
        "Заседание\n\nПрошло сегодня."
    )
    assert run("news", "publish", ID, "--dry-run") == f"{ID}: would go to 2 chats\n"
    listed = json.loads(run("news", "list", "--json"))
    assert [one["state"] for one in listed] == ["draft", "draft"]
    assert run("news", "publish", ID) == f"{ID}: goes to 2 chats\n"
    assert run("news", "publish", ID) == f"{ID}: was approved before, for 2 chats\n"
    assert json.loads(run("news", "status", ID, "--json"))["counts"] == {"pending": 2}
    deliver(tmp_path, Sent(5))
    status = json.loads(run("news", "status", ID, "--json"))
    assert (status["id"], status["state"], status["counts"]) == (ID, "done", {"sent": 2})
    sent = {"chat_id": GROUP, "state": "sent", "message_id": 5, "attempts": 1, "reason": None}
    assert status["deliveries"][0] == sent
    assert "posts: 2 sent" in run("news", "status", ID)


@pytest.mark.usefixtures("chats")
def test_publish_waits_until_a_bot_has_worked_it_off(tmp_path: Path) -> None:
    waiting = start("news", "publish", ID, "--wait")
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == f"{ID}: goes to 2 chats\n"
    assert waiting.stdout.readline() == "0 of 2: 2 pending\n"
    deliver(tmp_path, Sent(5))
    assert waiting.communicate(timeout=30) == ("2 of 2: 2 sent\n", "")
    assert waiting.returncode == 0
    assert run("news", "publish", ID, "--wait") == (
        f"{ID}: was approved before, for 2 chats\n2 of 2: 2 sent\n"
    )


@pytest.mark.usefixtures("chats")
def test_publishing_in_several_processes_at_once_is_one_approval() -> None:
    processes = [start("news", "publish", ID) for _ in range(4)]
    told = sorted(process.communicate(timeout=60)[0] for process in processes)
    again = f"{ID}: was approved before, for 2 chats\n"
    assert told == [f"{ID}: goes to 2 chats\n", again, again, again]
    log = json.loads(run("news", "log", ID, "--json"))
    assert [entry["action"] for entry in log] == ["draft", "approve"]
    assert json.loads(run("news", "status", ID, "--json"))["counts"] == {"pending": 2}


@pytest.mark.usefixtures("chats")
def test_a_file_that_is_edited_while_it_is_published_is_published_as_one_of_its_texts(
    tmp_path: Path, knowledge: Path
) -> None:
    file = knowledge / "news" / f"{ID}.yaml"
    processes = []
    for number in range(3):
        file.write_text(FILE.replace("A session", f"Session {number}"), encoding="utf-8")
        processes.append(start("news", "publish", ID))
        time.sleep(0.2)
    for process in processes:
        assert process.communicate(timeout=60)[1] == ""
    deliver(tmp_path, Sent(5))
    run("news", "edit", ID)
    deliver(tmp_path, Sent())
    status = json.loads(run("news", "status", ID, "--json"))
    assert (status["counts"], status["edits"].get("pending")) == ({"sent": 2}, None)
    assert next(one["title"]["en"] for one in json.loads(run("news", "list", "--json"))) == (
        "Session 2"
    )


@pytest.mark.usefixtures("chats")
def test_only_some_chats_and_later() -> None:
    told = run("news", "publish", ID, "--only", str(GROUP), "7", "--at", "tomorrow 9:00")
    assert told.startswith(f"{ID}: goes to 2 chats from ")
    assert "Europe/Moscow" in told or "Moscow" in told
    assert json.loads(run("news", "status", ID, "--json"))["state"] == "approved"
    assert "begins" in run("news", "status", ID)


@pytest.mark.usefixtures("chats")
def test_a_time_is_typed_in_any_language() -> None:
    assert " from " in run("news", "publish", ID, "--at", "2 сааттан кийин")


@pytest.mark.usefixtures("chats")
def test_what_was_delivered_is_corrected_and_retracted(tmp_path: Path, knowledge: Path) -> None:
    run("news", "publish", ID)
    deliver(tmp_path, Sent(5))
    assert run("news", "edit", ID) == f"{ID}: has this text already\n"
    file = knowledge / "news" / f"{ID}.yaml"
    file.write_text(FILE.replace("A session", "The session"), encoding="utf-8")
    assert run("news", "edit", ID) == f"{ID}: is corrected in 2 chats\n"
    deliver(tmp_path, Sent())
    assert json.loads(run("news", "status", ID, "--json"))["edits"] == {"sent": 2}
    assert run("news", "retract", ID) == f"{ID}: is taken back from 2 chats\n"
    deliver(tmp_path, Sent())
    assert run("news", "retract", ID) == f"{ID}: was retracted before\n"
    status = json.loads(run("news", "status", ID, "--json"))
    assert (status["state"], status["counts"]) == ("retracted", {"retracted": 2})
    assert "stays so" in run("news", "publish", ID, status=2)
    log = json.loads(run("news", "log", ID, "--json"))
    assert [entry["action"] for entry in log] == ["draft", "approve", "edit", "retract"]
    assert "operator" in run("news", "log")


@pytest.mark.usefixtures("chats")
def test_an_uncertain_post_is_shown_and_decided_on(tmp_path: Path) -> None:
    run("news", "publish", ID)
    deliver(tmp_path, Unsure("a timeout"))
    shown = run("news", "status", ID)
    assert "2 uncertain" in shown and "a timeout" in shown and "csto-bot news resolve" in shown
    assert "sent" in run("news", "resolve", ID, str(GROUP), "sent")
    assert "resend" in run("news", "resolve", ID, "7", "resend")
    counts = json.loads(run("news", "status", ID, "--json"))["counts"]
    assert counts == {"pending": 1, "sent": 1}
    assert "expected it uncertain" in run("news", "resolve", ID, "7", "sent", status=2)


@pytest.mark.usefixtures("chats")
def test_what_was_retracted_and_is_there_is_to_be_deleted_by_hand(tmp_path: Path) -> None:
    run("news", "publish", ID)
    deliver(tmp_path, Unsure("a timeout"))
    assert "0 chats" in run("news", "retract", ID)
    assert "2 uncertain" in run("news", "status", ID)
    assert "by hand" in run("news", "resolve", ID, "7", "sent")
    assert "by hand" not in run("news", "resolve", ID, str(GROUP), "resend")
    counts = json.loads(run("news", "status", ID, "--json"))["counts"]
    assert counts == {"sent": 1, "retracted": 1}


@pytest.mark.usefixtures("chats")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("publish", "2020-01-01-nothing"), "news list"),
        (("publish", ID, "--at", "yesterday 9:00"), "time"),
        (("publish", ID, "--at", "2020-01-01T00:00"), "passed"),
        (("publish", ID, "--at", "February 30"), "time"),
        (("publish", ID, "--only", "8"), "gets no news"),
        (("publish", ID, "--only", "99"), "has not met"),
        (("publish", ID, "99"), "--only"),
        (("preview", ID, "--language", "xx"), "--language"),
        (("status", "nothing"), "news list"),
        (("edit", ID), "news list"),
        (("retract", ID), "news list"),
        (("resolve", ID, "7", "perhaps"), "leave"),
        (("log", "nothing"), "news list"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(arguments: tuple[str, ...], told: str) -> None:
    assert told in run("news", *arguments, status=2)
    assert json.loads(run("news", "log", "--json")) == []


@pytest.mark.usefixtures("chats")
@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title: {en: A session, ru: Заседание}\n", "", "no key title"),
        ("A session", "' '", "title"),
        ("en: A session", "xx: A session", "the language 'xx'"),
        ("It met", "x" * 10_000, "too many"),
        ("**today**", "**today", "without an end"),
        ("date:", "image: none.png\ndate:", "No such file"),
        ("date:", "image: big.png\ndate:", "of 11.0 MB"),
        ("date:", "link: javascript:alert(1)\ndate:", "http or https"),
        ("2026-05-04", "2026-02-30", "does not exist"),
        ("{en: A", "[", f"{ID}.yaml"),
    ],
    ids=[
        "no title", "an empty title", "unknown language", "10,000 characters", "broken markup",
        "missing image", "image too big", "no http link", "no such date", "no YAML",
    ],
)  # fmt: skip
def test_a_broken_file_is_told_with_its_place_and_nothing_is_published(
    old: str, new: str, told: str, knowledge: Path
) -> None:
    (knowledge / "news" / "big.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(11_000_000))
    path = knowledge / "news" / f"{ID}.yaml"
    assert old in FILE
    path.write_text(FILE.replace(old, new), encoding="utf-8")
    for command in ("publish", "preview"):
        error = run("news", command, ID, status=2)
        assert told in error and f"{ID}.yaml" in error
    path.unlink()
    assert json.loads(run("news", "log", "--json")) == []


@pytest.mark.usefixtures("chats")
def test_a_correction_that_is_broken_leaves_the_posts_as_they_are(
    tmp_path: Path, knowledge: Path
) -> None:
    run("news", "publish", ID)
    deliver(tmp_path, Sent(5))
    (knowledge / "news" / f"{ID}.yaml").write_text(
        FILE.replace("2026-05-04", "2026-13-01"), encoding="utf-8"
    )
    assert "does not exist" in run("news", "edit", ID, status=2)
    assert json.loads(run("news", "status", ID, "--json"))["edits"] == {}


def test_an_unknown_chat_is_no_chat() -> None:
    assert "has not met" in run("chats", "subscribe", "-5", status=2)


def test_who_looks_into_a_store_that_is_not_there_makes_none(tmp_path: Path) -> None:
    assert ID in run("news", "list")
    assert json.loads(run("chats", "--json")) == []
    assert json.loads(run("news", "log", "--json")) == []
    assert "would go to 0 chats" in run("news", "publish", ID, "--dry-run")
    assert "which nothing is kept" in run("news", "status", ID, status=2)
    assert "csto-bot run" in run("backup", str(tmp_path / "bot.backup"), status=1)
    assert not list(tmp_path.glob("bot*"))
