"""A knowledge folder to break: the shipped one with two languages, in a temporary place."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.answering.loading import load
from bot.errors import KnowledgeError, Problem
from bot.knowledge.folder import shipped_folder

LANGUAGES = ("en", "ru")


@dataclass(frozen=True, slots=True)
class Folder:
    """A copy of the knowledge, and what is wrong with it."""

    path: Path

    def change(self, name: str, old: str, new: str) -> int:
        """Replace words that stand once in a file; give the line that they begin on."""
        path = self.path / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    def add(self, name: str, text: str) -> int:
        """Add text at the end of a file; give the line that it begins on."""
        path = self.path / name
        before = path.read_text(encoding="utf-8")
        path.write_text(before + text, encoding="utf-8")
        return before.count("\n") + 1

    def problems(self) -> tuple[Problem, ...]:
        """Load the folder; give every problem, or none where it can be used."""
        try:
            load(self.path)
        except KnowledgeError as error:
            return error.problems
        return ()

    def only_problem(self) -> Problem:
        """Give the problem that the folder has, which must be the only one."""
        problems = self.problems()
        assert len(problems) == 1, "\n".join(map(str, problems)) or "no problem"
        return problems[0]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    shipped = shipped_folder()
    copy = tmp_path / "knowledge"

    def left_out(where: str, names: Iterable[str]) -> set[str]:
        if Path(where).name == "languages":
            return {name for name in names if name not in LANGUAGES}
        parts = {name: name.split(".") for name in names}
        return {
            name
            for name, found in parts.items()
            if found[-2:] == ["tmp", "yaml"]
            or (len(found) == 3 and found[2] == "yaml" and found[1] not in LANGUAGES)
        }

    shutil.copytree(shipped, copy, ignore=left_out)
    return Folder(copy)
