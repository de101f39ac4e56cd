"""A store on a new file, and a clock that tests move."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.store import Store


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 5, 4, 12, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bot.db'}"


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    async with await Store.open(url, keep_unanswered=True) as opened:
        yield opened
