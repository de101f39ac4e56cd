"""What many tests share: the shipped knowledge, loaded once, and what answers from it."""

from __future__ import annotations

import pytest

from bot.answering import Answerer
from bot.knowledge.folder import load, shipped_folder
from bot.knowledge.model import Knowledge


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load(shipped_folder())


@pytest.fixture(scope="session")
def answerer(knowledge: Knowledge) -> Answerer:
    return Answerer(knowledge)
