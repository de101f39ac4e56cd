"""How people write the same question otherwise, read from `languages/<code>/writing.yaml`.

The bot itself never reads these files: they are what it is tried with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import KnowledgeError, Problem
from bot.knowledge.fact_checks import one_of
from bot.knowledge.folder import load_beside
from bot.knowledge.model import Knowledge
from bot.knowledge.shapes import TwinShape, TwinsShape, WritingShape

TWINS = "twins.yaml"


@dataclass(frozen=True, slots=True)
class Ways:
    """What variants and twins are made from."""

    writing: Mapping[str, WritingShape]
    """By language code."""
    twins: Mapping[str, TwinShape]
    fixed_order: frozenset[str]
    """Tags of words that mean something else in another order."""


def read(folder: Path, knowledge: Knowledge) -> Ways:
    """Read the ways of writing of every language of a folder.

    Raises `KnowledgeError` with every problem: a file that is missing or broken, a pair of twins
    that a language has no words for, words for a pair that there is not.
    """
    paths = {code: f"languages/{code}/writing.yaml" for code in knowledge.languages}
    problems: list[Problem] = []
    found = load_beside(folder, (TWINS,), TwinsShape, problems)
    writing = load_beside(folder, paths.values(), WritingShape, problems)
    if problems:
        raise KnowledgeError(problems, folder)
    twins = found[TWINS]
    for path, shape in writing.items():
        problems += [
            Problem(path, 0, f"no twins {name!r}", f"both questions: {TWINS} has the pair")
            for name in twins.twins
            if name not in shape.twins
        ]
        problems += [
            Problem(path, 0, f"twins {name!r}", f"a pair of {TWINS}: {one_of(twins.twins, name)}")
            for name in shape.twins
            if name not in twins.twins
        ]
    if problems:
        raise KnowledgeError(problems, folder)
    by_code = {code: writing[path] for code, path in paths.items()}
    return Ways(by_code, twins.twins, frozenset(twins.fixed_order))
