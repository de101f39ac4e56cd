"""What is expected of a value is said in words that need no knowledge of the program."""

from __future__ import annotations

import re

import pytest

from bot.knowledge.folder import Reader
from bot.knowledge.shapes import SCHEMAS
from tests.knowledge.conftest import Folder

VALUES = ("", "5", "words", "[]", "[[5]]", "{}", "{a: 5}", "{a: {b: 5}}", "2024-13-01", "-1")
JARGON = re.compile(
    r"input|valid|string|dict|tuple|integer|pattern|instance|Shape|\\|\^", re.IGNORECASE
)


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("thresholds.yaml", "budget: 1.0", "budget:", "a number"),
        ("thresholds.yaml", "budget: 1.0", "budget: 200", "at most 100"),
        ("languages/ru/replies.yaml", "\nreplies:\n", "\nreplies: 5\nold:\n", "keys with values"),
        ("languages/ru/language.yaml", "reviewed: true", "reviewed: so", "true or false"),
        ("languages/ru/language.yaml", "script: cyrillic", "script: latinic",
         "one of latin, cyrillic or armenian"),
        ("languages/en/language.yaml", "reviewed: true", "reviewed: true\nkeyboards: [qwerty]",
         "at least 46 characters"),
        ("documents/csto-pa.yaml", "file: ", "file: ../", "the name of a file in the same folder"),
        ("entities.yaml", "codes: [KZ, KAZ, ҚР]", "codes: 5", "a list, or words with commas"),
        ("entities.yaml", "moscow: {kind: place", "moscow: {kind: town", "one of country, "),
    ],
)  # fmt: skip
def test_a_wish_is_plain(folder: Folder, name: str, old: str, new: str, expected: str) -> None:
    folder.change(name, old, new)
    assert any(expected in problem.expected for problem in folder.problems())


@pytest.mark.parametrize("shape", SCHEMAS)
def test_no_wish_speaks_of_the_program(folder: Folder, shape: str) -> None:
    for value in VALUES:
        for key in ("", *SCHEMAS[shape].model_fields):
            text = f"{key}: {value}" if key and key != "root" else value
            (folder.path / "x.yaml").write_text(text, encoding="utf-8")
            reader = Reader(folder.path)
            reader.shaped("x.yaml", SCHEMAS[shape])
            for problem in reader.found:
                assert not JARGON.search(problem.expected), f"{text}: {problem}"
