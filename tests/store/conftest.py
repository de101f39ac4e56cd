"""A store on a new database, of each kind, and a clock that tests move."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.store import Store
from bot.store.address import Address


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 5, 4, 12, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    async with await Store.open(url, keep_unanswered=True) as opened:
        yield opened


@pytest.fixture
def connection(url: str, store: Store) -> Iterator[sa.Connection]:
    """A look into the store's database from outside."""
    engine = sa.create_engine(Address.parse(url).url)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    """The DATABASE_URL of a SQLite file, for what only a file knows."""
    return f"sqlite:///{tmp_path / 'bot.db'}"
