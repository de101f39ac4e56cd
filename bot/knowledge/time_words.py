"""How editors type times, read from `languages/<code>/times.yaml`.

No answer needs these words, so they are read when an editor types a time, and not before.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bot.errors import Problem
from bot.knowledge.folder import load_beside
from bot.knowledge.shapes import TimesShape


def read_time_words(
    folder: Path, languages: Iterable[str], problems: list[Problem]
) -> list[TimesShape]:
    """Read the words of some languages, in their order.

    A file that cannot be read is left out; what is wrong with it is added to `problems`.
    """
    paths = [f"languages/{code}/times.yaml" for code in languages]
    found = load_beside(folder, paths, TimesShape, problems)
    return [found[path] for path in paths if path in found]
