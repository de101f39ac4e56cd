"""Read a folder of knowledge with all that must hold before anything is answered from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.answering.wording import Wording
from bot.errors import Problem
from bot.knowledge import checks, folder
from bot.knowledge.model import Knowledge
from bot.news.items import problems


def load(path: Path) -> Knowledge:
    """Read the knowledge in a folder, whole and checked, its news as well.

    Raises `KnowledgeError` with every problem found; nothing is given half-loaded.
    """
    return folder.load(path, CHECKS)


def check_news(knowledge: Knowledge) -> Iterator[Problem]:
    """Give what keeps items of news from being announced."""

    def words(language: str) -> Wording:
        return Wording(knowledge, knowledge.languages[language])

    for item in knowledge.news.values():
        for problem in problems(item, knowledge.languages, knowledge.documents, words):
            place = "#".join((item.place, *map(str, problem.keys)))
            yield Problem(place, 0, problem.found, problem.expected)


CHECKS = (checks.check, check_news)
"""What is checked whenever knowledge is loaded."""
