"""What a change of the knowledge does to replies, and what cannot be compared."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.workshop import questions
from bot.workshop.diff import Change, DiffError, changes, load_both
from bot.workshop.score import Verdict
from tests.knowledge.conftest import Folder, folder

__all__ = ["folder"]

NOW = datetime(2024, 1, 1, tzinfo=UTC)
ASKED = (
    {"id": "kg", "category": "c", "lang": "en", "question": "Who represents Kyrgyzstan?",
     "outcome": ["answer"], "must": [["Shabdanbek Alishev"]]},
    {"id": "ru", "category": "c", "lang": "ru", "question": "сколько депутатов от Беларуси?",
     "outcome": ["answer"], "must": [["11"]]},
    {"id": "by", "category": "c", "lang": "en", "question": "Who represents Belarus?",
     "outcome": ["answer"], "must": [["Kogut"]]},
)  # fmt: skip


@pytest.fixture
def old(folder: Folder) -> Path:
    """The folder as it was before it is changed."""
    return Path(shutil.copytree(folder.path, folder.path.parent / "old"))


def changed(old: Path, new: Path, language: str | None = None) -> tuple[int, list[Change]]:
    path = new.parent / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, ASKED)), encoding="utf-8")
    return changes(questions.read([path]), *load_both(old, new, language), NOW, language)


def test_nothing_changes_where_nothing_was_changed(old: Path, folder: Folder) -> None:
    assert changed(old, folder.path) == (3, [])


def test_a_question_whose_reply_changes_is_given_with_both(old: Path, folder: Folder) -> None:
    folder.change(
        "facts/delegations.yaml",
        "{subject: KG, relation: representative, value: alishev, quote: "
        '"Plenipotentiary Representative of the Supreme Council of the Kyrgyz Republic:'
        ' Shabdanbek Alishev"}',
        "{subject: KG, relation: representative}",
    )
    asked, [change] = changed(old, folder.path)
    assert asked == 3
    assert change.question.id == "kg"
    assert "Shabdanbek Alishev" in change.old.text
    assert change.old.verdict is Verdict.CORRECT
    assert change.new.outcome == "not_in_documents"
    assert change.new.verdict is Verdict.DECLINED
    assert set(change.as_json()) == {"id", "lang", "question", "old", "new"}


def test_a_version_that_cannot_be_used_is_told_with_its_folder(old: Path, folder: Folder) -> None:
    (old / "entities.yaml").unlink()
    with pytest.raises(DiffError) as error:
        changed(old, folder.path)
    assert str(old / "entities.yaml") in str(error.value)


def test_folders_of_different_shapes_are_told_with_what_to_do(old: Path, folder: Folder) -> None:
    shutil.rmtree(old / "languages" / "ru")
    (old / "documents" / "csto-pa.ru.yaml").unlink()
    with pytest.raises(DiffError) as error:
        changed(old, folder.path)
    assert "ru in one of them alone" in str(error.value)
    assert "--lang with one of both: en" in str(error.value)
    with pytest.raises(DiffError, match="a language of both: en"):
        changed(old, folder.path, "ru")
    assert changed(old, folder.path, "en") == (2, [])
