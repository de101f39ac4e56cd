"""Load what the commands answer from."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from bot.answering import Answerer
from bot.answering.loading import load
from bot.cli.program import WrongArgumentError
from bot.knowledge.folder import shipped_folder


def now() -> datetime:
    """Tell the time, in UTC."""
    return datetime.now(UTC)


def folder_of(named: Path | None) -> Path:
    """Give the folder of knowledge: the one named here, or set, or that of the program."""
    if named is not None:
        return named
    from bot import settings

    return settings.read().knowledge_dir or shipped_folder()


def named_tests(paths: Iterable[Path] | None) -> list[Path]:
    """Give the question files that `--tests` names, those of its folders among them."""
    from bot.workshop.checks import question_files

    found: list[Path] = []
    for path in paths or ():
        files = question_files(path)
        if not files:
            raise WrongArgumentError(f"--tests: found no question file at {path}; expected some")
        found += files
    return found


def checked_output(option: str, path: Path | None) -> None:
    """Check, before the work, that a file can be written where an option names one."""
    if path is None:
        return
    if path.is_dir():
        raise WrongArgumentError(f"{option}: found the folder {path}; expected a file in it")
    if not path.parent.is_dir():
        raise WrongArgumentError(
            f"{option}: found no folder {path.parent}; expected a file in a folder that is there"
        )
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise WrongArgumentError(f"{option}: {path} cannot be written; expected another place")


def ready(folder: Path) -> Answerer:
    """Load the knowledge in a folder and make what answers from it.

    It stays until the process ends, so the garbage collector is kept from looking through it,
    while it is made, later and at the end: a sixth of the time of a cold `ask`.
    """
    gc.disable()
    try:
        answerer = Answerer(load(folder))
    finally:
        gc.enable()
    gc.freeze()
    return answerer


def answerer_in(knowledge: Path | None) -> Answerer:
    """Load the knowledge that an option names, or the usual one."""
    return ready(folder_of(knowledge))


def checked_language(code: str | None, answerer: Answerer) -> str | None:
    """Check a language that the reader chose."""
    if code is not None and code not in answerer.knowledge.languages:
        known = ", ".join(answerer.knowledge.languages)
        raise WrongArgumentError(f"--lang: found {code!r}; expected one of {known}")
    return code
