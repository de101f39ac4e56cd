"""Every question in `tests/questions/` gets the reply that people judged right.

`open.jsonl` holds questions that are not answered right yet: `csto-bot eval` shows them, and
one that becomes right moves to the file of its language.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.answering import Answerer, Conversation, Question
from bot.workshop import questions, score

FOLDER = Path(__file__).parent.parent / "questions"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix in {".jsonl", ".yaml"})


@pytest.mark.parametrize("path", [p for p in FILES if p.stem != "open"], ids=lambda p: p.name)
def test_every_question_gets_a_right_reply(path: Path, answerer: Answerer) -> None:
    texts = ["\n".join(d.lines) for d in answerer.knowledge.documents.values()]
    result = score.score(questions.read([path], texts), answerer, NOW)
    failures = [failure.question.text for failure in result.failures]
    assert result.judgements
    assert not failures


def test_each_loaded_language_has_question_tests(answerer: Answerer) -> None:
    assert set(answerer.knowledge.languages) <= {path.stem for path in FILES}


@pytest.mark.parametrize("text", ["ҚР өкілі кім?", "қр өкілі кім?", "ҚР ӨКІЛІ КІМ?"])
def test_kazakhstan_is_told_from_kyrgyzstan_by_one_letter(text: str, answerer: Answerer) -> None:
    reply, _ = answerer.answer(Question(text), Conversation(), NOW)
    assert "Rogalev" in reply.answer
