"""The bot against a Bot API server on loopback: in this process, and as a real one."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.answering import Answerer
from bot.knowledge.folder import load, shipped_folder
from bot.store import Store
from bot.telegram.app import App
from bot.telegram.mind import Mind, stamp_of
from bot.telegram.options import Options
from tests.botapi import BotApi

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = {"en", "ru"}
"""Two are enough here; the others are tried where they are made."""

STOPPING = 30.0
"""Seconds until a process that was told to stop counts as stuck: thrice the ten that it has."""

Running = Callable[..., AbstractAsyncContextManager[App]]


@pytest.fixture(scope="session", autouse=True)
def _quiet_library() -> Iterator[None]:
    """Let the library give pauses as it will from its next version on, without a warning."""
    before = os.environ.get("PTB_TIMEDELTA")
    os.environ["PTB_TIMEDELTA"] = "true"
    yield
    if before is None:
        del os.environ["PTB_TIMEDELTA"]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped knowledge in two languages."""
    return copy_of_knowledge(tmp_path_factory.mktemp("knowledge") / "knowledge")


def copy_of_knowledge(to: Path) -> Path:
    shutil.copytree(shipped_folder(), to)
    others = {p.name for p in (to / "languages").iterdir() if p.is_dir()} - LANGUAGES
    for code in others:
        shutil.rmtree(to / "languages" / code)
        for path in (to / "documents").glob(f"*.{code}.yaml"):
            path.unlink()
    return to


@pytest.fixture(scope="session")
def two_languages(folder: Path) -> Answerer:
    return Answerer(load(folder))


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server


@pytest.fixture
def running(api: BotApi, folder: Path, two_languages: Answerer, url: str) -> Running:
    """Give what runs a bot in this process for the length of a `with` block."""

    @asynccontextmanager
    async def run(
        *,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
        polled: bool = True,
        **given: Any,
    ) -> AsyncIterator[App]:
        values: dict[str, Any] = {
            "token": api.token,
            "knowledge": folder,
            "database_url": url,
            "api_url": api.url,
            "is_paced": False,
            "poll_seconds": 2,
        } | given
        options = Options(**values)
        mind = Mind(options.knowledge, two_languages, stamp_of(options.knowledge))
        async with await Store.open(
            options.database_url, keep_unanswered=options.keep_unanswered
        ) as store:
            app = App(options, store, mind, rest=rest)
            stop = asyncio.Event()
            life = asyncio.create_task(app.run(stop))
            try:
                if polled:
                    await api.polled()
                yield app
            finally:
                stop.set()
                await life

    return run


@pytest.fixture
async def bot(running: Running) -> AsyncIterator[App]:
    """A bot that runs in this process."""
    async with running() as app:
        yield app


class Process:
    """A real `csto-bot run`."""

    def __init__(self, api: BotApi, folder: Path, home: Path, **settings: str) -> None:
        self.api = api
        self.home = home
        self.log = home / "log.txt"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "TELEGRAM_BOT_TOKEN": api.token,
            "TELEGRAM_API_URL": api.url,
            "KNOWLEDGE_DIR": str(folder),
            "PACING": "false",
            "LOG_LEVEL": "DEBUG",
        } | settings
        self.command = [sys.executable, "-m", "bot", "run"]
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self.begin()
        await self.api.polled()

    def begin(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.home,
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(how)
        return await asyncio.to_thread(self.process.wait, STOPPING)

    def logged(self) -> str:
        return self.log.read_text("utf-8")


Starting = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start(api: BotApi, folder: Path, url: str, tmp_path: Path) -> AsyncIterator[Starting]:
    """Give what starts a real process; all are ended with the test."""
    started: list[Process] = []

    async def begin(knowledge: Path = folder, **settings: str) -> Process:
        process = Process(api, knowledge, tmp_path, **{"DATABASE_URL": url} | settings)
        started.append(process)
        await process.start()
        return process

    yield begin
    for process in started:
        if process.process is not None and process.process.poll() is None:
            await process.end(signal.SIGKILL)
