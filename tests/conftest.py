"""What many tests share: the shipped knowledge, loaded once; and a database of each kind."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.answering import Answerer
from bot.knowledge.folder import load, shipped_folder
from bot.knowledge.model import Knowledge
from bot.store import ChatKind, Store
from tests.botapi import PATIENCE
from tests.postgres import Postgres

DATABASES = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=DATABASES,
        help="run what needs a database on this kind alone; without it, on each",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that needs a database once on each kind."""
    if "database" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--database")
        kinds = [kind for kind in DATABASES if wanted in {kind, None}]
        if metafunc.definition.get_closest_marker("shared"):
            kinds = [kind for kind in kinds if kind == "postgresql"]
        metafunc.parametrize("database", kinds, indirect=True, scope="function")


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load(shipped_folder())


@pytest.fixture(scope="session")
def answerer(knowledge: Knowledge) -> Answerer:
    return Answerer(knowledge)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.close()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database that a test runs on."""
    kind: str = request.param
    return kind


@pytest.fixture
def url(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[str]:
    """The DATABASE_URL of an empty database."""
    yield from _new(request, database, tmp_path / "bot.db")


@pytest.fixture
def another_url(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[str]:
    """The DATABASE_URL of a second one, of the same kind."""
    yield from _new(request, database, tmp_path / "another.db")


def _new(request: pytest.FixtureRequest, database: str, file: Path) -> Iterator[str]:
    if database == "sqlite":
        yield f"sqlite:///{file}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    made = server.new()
    yield made
    server.start()  # a test may have stopped it
    server.drop(made)


async def until(check: Callable[[], Any], what: str = "what was waited for") -> None:
    """Wait until a check, which may be a coroutine, finds something true.

    Raises:
        AssertionError: naming what was waited for, when it never came.
    """
    end = time.monotonic() + PATIENCE
    while not (await found if inspect.isawaitable(found := check()) else found):
        assert time.monotonic() < end, f"{what} never came"
        await asyncio.sleep(0.02)


async def subscribe(store: Store, *chat_ids: int) -> None:
    """Make chats that want news: people, and groups where the id is negative."""
    for chat_id in chat_ids:
        kind = ChatKind.PRIVATE if chat_id > 0 else ChatKind.GROUP
        await store.chats.remember(chat_id, kind)
        await store.chats.set_news(chat_id, on=True)
