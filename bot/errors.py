"""The errors of the bot, as one tree.

    BotError
     ├─ KnowledgeError    the knowledge folder cannot be used; carries every Problem found
     └─ StoreError        the database cannot be used; says what to do
         └─ UnreadyStoreError   its tables are of an earlier version; `csto-bot run` mends that
             └─ NoStoreError    there is none yet; `csto-bot run` makes it

"Not found" and "not sure" are not errors: they are outcomes of an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong in a file, in words that say how to mend it."""

    path: str
    """Relative to the folder that was read, or to where the program runs."""
    line: int
    """Counted from 1; 0 where the whole file is meant."""
    found: str
    expected: str

    def __str__(self) -> str:
        """Write it as `file:line: found …; expected …`."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: found {self.found}; expected {self.expected}"

    def within(self, folder: Path) -> Problem:
        """Give it with a path that opens from where the program runs."""
        return replace(self, path=str(folder / self.path))


class BotError(Exception):
    """Anything that the bot reports to whoever runs it."""


class KnowledgeError(BotError):
    """The knowledge folder is broken; `problems` lists everything at once.

    Their paths are relative to `folder`; the text of the error has paths that can be opened.
    """

    def __init__(self, problems: Sequence[Problem], folder: Path = Path()) -> None:
        self.problems = tuple(sorted(set(problems)))
        self.folder = folder
        super().__init__("\n".join(str(problem.within(folder)) for problem in self.problems))


class StoreError(BotError):
    """The database cannot be opened, read or written; the text says what to do about it."""


class UnreadyStoreError(StoreError):
    """The database is of an earlier version, and whoever asks must not change it."""


class NoStoreError(UnreadyStoreError):
    """There is no database yet, and whoever asks must not make one."""
