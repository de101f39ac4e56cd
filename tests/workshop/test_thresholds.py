"""Thresholds are fitted to a declared budget of wrong answers; CI tells when they fail it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.answering import Answerer
from bot.answering.loading import load
from bot.errors import KnowledgeError
from bot.knowledge.model import Thresholds
from bot.workshop import questions, thresholds
from bot.workshop.thresholds import Answered, Asked, FitError
from tests.knowledge.conftest import Folder, folder

__all__ = ["folder"]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
UNSURE_IS_WRONG = Asked(
    10,
    (
        *(Answered(False, 90.0, False) for _ in range(8)),
        Answered(False, 60.0, True),
        Answered(True, 70.0, False),
    ),
)


def test_the_stored_thresholds_hold_for_all_question_tests(answerer: Answerer) -> None:
    stored = answerer.knowledge.thresholds
    asked = thresholds.ask(questions.read(questions.shipped()), answerer, NOW)
    assert thresholds.fit(asked, stored) == stored, "run: csto-bot fit"


def test_the_lowest_threshold_within_the_budget_is_taken() -> None:
    assert thresholds.fit(UNSURE_IS_WRONG, Thresholds(0.0)).rules == 61.0
    assert thresholds.fit(UNSURE_IS_WRONG, Thresholds(20.0)).rules == 50.0
    assert thresholds.fit(UNSURE_IS_WRONG, Thresholds(0.0)).passages == 50.0


def test_a_higher_threshold_answers_less_and_the_curve_shows_what_it_costs() -> None:
    first, *_, last = thresholds.curve(UNSURE_IS_WRONG)
    assert (first.threshold, first.answers, first.wrong, first.risk) == (50, 10, 1, 10.0)
    assert (last.threshold, last.answers, last.coverage) == (100, 0, 0.0)


def test_a_budget_that_nothing_keeps_is_told() -> None:
    sure_and_wrong = Asked(1, (Answered(False, 100.0, True),))
    with pytest.raises(FitError, match="no threshold for rules that keeps the budget of 0"):
        thresholds.fit(sure_and_wrong, Thresholds(0.0))


def test_no_question_is_nothing_to_fit_to(answerer: Answerer) -> None:
    with pytest.raises(FitError, match="no question"):
        thresholds.ask([], answerer, NOW)


def test_where_nothing_is_answered_nothing_can_be_fitted() -> None:
    with pytest.raises(FitError, match="nothing can be fitted"):
        thresholds.fit(Asked(3, ()), Thresholds(1.0, 60.0, 70.0))


def test_what_no_answer_tells_of_stays_as_it_is() -> None:
    rules_alone = Asked(1, (Answered(False, 90.0, False),))
    fitted = thresholds.fit(rules_alone, Thresholds(1.0, 60.0, 70.0))
    assert fitted == Thresholds(1.0, 50.0, 70.0)


@pytest.mark.parametrize(
    ("line", "stored"),
    [
        ('"rules": 50.0', '"rules": 61.0'),
        ("'rules' : 50.0  # ours", "'rules' : 61.0  # ours"),
        ('rules: "50.0"', "rules: 61.0"),
    ],
)
def test_a_quoted_key_is_stored_as_well(folder: Folder, line: str, stored: str) -> None:
    folder.change("thresholds.yaml", "rules: 50.0", line)
    thresholds.store(folder.path, Thresholds(1.0, 61.0, 50.0))
    text = (folder.path / "thresholds.yaml").read_text(encoding="utf-8")
    assert f"\n{stored}\n" in text
    assert load(folder.path).thresholds.rules == 61.0


def test_thresholds_that_cannot_be_replaced_are_told_and_stay(folder: Folder) -> None:
    path = folder.path / "thresholds.yaml"
    path.write_text("{budget: 1.0, rules: 50.0, passages: 50.0}\n", encoding="utf-8")
    before = path.read_text(encoding="utf-8")
    with pytest.raises(FitError, match="each key on a line of its own"):
        thresholds.store(folder.path, Thresholds(1.0, 61.0, 50.0))
    assert path.read_text(encoding="utf-8") == before


def test_fitted_thresholds_are_stored_and_used(folder: Folder) -> None:
    thresholds.store(folder.path, thresholds.fit(UNSURE_IS_WRONG, Thresholds(0.0)))
    knowledge = load(folder.path)
    assert (knowledge.thresholds.rules, knowledge.thresholds.budget) == (61.0, 1.0)


@pytest.mark.parametrize("budget", ["budget:", "budget: much", "budget: -1", "budget: 200"])
def test_an_empty_or_impossible_budget_is_told_with_its_line(folder: Folder, budget: str) -> None:
    line = folder.change("thresholds.yaml", "budget: 1.0", budget)
    with pytest.raises(KnowledgeError) as caught:
        load(folder.path)
    assert f"thresholds.yaml:{line}: found" in str(caught.value)


def test_the_curve_is_drawn(tmp_path: Path) -> None:
    path = tmp_path / "curve.png"
    thresholds.draw(thresholds.curve(UNSURE_IS_WRONG), 1.0, path)
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(FitError, match="--picture"):
        thresholds.draw((), 1.0, tmp_path / "curve.nothing")
