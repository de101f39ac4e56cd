"""What `knowledge/README.md` shows works: its examples make a folder that answers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.answering import Answerer, Conversation, Question
from bot.knowledge.folder import load, shipped_folder
from bot.knowledge.shapes import LanguageShape
from tests.knowledge.conftest import Folder

README = (shipped_folder() / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"^ *```(yaml|text)\n *# ([^,\n]+)(, removed)?\n(.*?)^ *```$", re.MULTILINE | re.DOTALL
)
CONSOLE = re.compile(r'^\$ csto-bot ask "(.+)"\n(.+)$', re.MULTILINE)
LINK = re.compile(r"^\| `([a-z.-]+)`", re.MULTILINE)
NOW = datetime(2024, 6, 1, tzinfo=UTC)


def merged(old: Any, new: Any) -> Any:
    """Put what a block shows into what a file holds; parts of a document by their id."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {key: merged(old.get(key), value) for key, value in new.items()}
    if isinstance(old, list) and isinstance(new, list):
        (before,), (after,) = old, new
        return [merged(before, after)]
    return new


@pytest.fixture
def extended(folder: Folder) -> Folder:
    """Add every example to a copy of the knowledge."""
    for kind, name, removed, block in BLOCK.findall(README):
        path = folder.path / name
        if name.startswith("languages/tg"):
            continue
        if removed:
            folder.change(name, block, "")
        elif kind == "text":
            path.write_text(block, encoding="utf-8")
        else:
            old = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
            whole = merged(old, yaml.safe_load(block))
            path.write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
    return folder


def test_the_examples_make_a_knowledge_without_a_problem(extended: Folder) -> None:
    assert extended.problems() == ()
    knowledge = load(extended.path)
    assert "statement" in knowledge.documents
    assert knowledge.passage("library").quote.first_line == 2


def test_the_questions_get_the_answers_that_are_shown(extended: Folder) -> None:
    answerer = Answerer(load(extended.path))
    shown = CONSOLE.findall(README)
    assert len(shown) == 4
    for question, answer in shown:
        reply, _ = answerer.answer(Question(question), Conversation(), NOW)
        assert answer in reply.answer, question


def test_words_of_a_statement_are_not_said_to_be_of_an_interview(extended: Folder) -> None:
    answerer = Answerer(load(extended.path))
    shown = []
    for text in ("may young researchers use the library?", "what does Pankin say about trust?"):
        reply, _ = answerer.answer(Question(text), Conversation(), NOW)
        shown.append(reply.text.splitlines()[0].split(", ", 2)[2])
    assert shown == ["on May 7, 2024:", "in the interview of February 10, 2023:"]


def test_a_fact_that_clashes_with_one_not_given_is_reported(extended: Folder) -> None:
    extended.add("facts/delegations.yaml", "  - {subject: TJ, relation: representative}\n")
    assert any("not given" in problem.found for problem in extended.problems())


def test_the_language_that_is_shown_has_the_shape_of_one() -> None:
    (block,) = (block for _, name, _, block in BLOCK.findall(README) if "tg" in name)
    LanguageShape.model_validate(yaml.safe_load(block))


def test_every_folder_and_file_of_the_table_is_there() -> None:
    for name in LINK.findall(README):
        assert (Path(shipped_folder()) / name).exists(), name
