"""Fit how sure the bot has to be before it answers to a declared budget of wrong answers.

Every question is asked with the thresholds at their lowest; then the lowest are taken that keep
the share of wrong answers within the budget. Fewer answers, never more wrong ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.answering import Answerer, Outcome
from bot.errors import BotError
from bot.knowledge.model import Thresholds
from bot.workshop.questions import QuestionFile
from bot.workshop.score import Verdict, score

FILE = "thresholds.yaml"
PASSAGE = "passage"
LOWEST, HIGHEST = 50, 100
TABLE_STEP = 5


class FitError(BotError):
    """No threshold keeps the budget, or there is nothing to fit to."""

    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that the bot gave."""

    is_passage: bool
    confidence: float
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of all questions."""

    answerable: int
    """Questions that the documents answer."""
    answers: tuple[Answered, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold gives: a point of the risk-coverage curve."""

    threshold: int
    answers: int
    wrong: int
    coverage: float
    """Right answers in per cent of the answerable questions."""
    risk: float
    """Wrong answers in per cent of all answers."""


def ask(files: Iterable[QuestionFile], answerer: Answerer, now: datetime) -> Asked:
    """Ask all questions with the thresholds at their lowest."""
    lowest = replace(answerer.knowledge, thresholds=Thresholds())
    judged = score(files, Answerer(lowest), now).judgements
    if not judged:
        raise FitError("found no question to fit to; expected question files")
    answers = [
        Answered(
            one.reply.intent == PASSAGE,
            one.reply.confidence,
            one.verdict is Verdict.WRONG_FACT,
        )
        for one in judged
        if one.reply is not None and one.reply.outcome is Outcome.ANSWER
    ]
    answerable = sum(Outcome.ANSWER in one.question.outcomes for one in judged)
    return Asked(answerable, tuple(answers))


def point(asked: Asked, threshold: int) -> Point:
    """Tell what a threshold for all answers gives."""
    given = [one for one in asked.answers if one.confidence >= threshold]
    wrong = sum(one.is_wrong for one in given)
    right = len(given) - wrong
    return Point(
        threshold,
        len(given),
        wrong,
        round(100 * right / asked.answerable, 2) if asked.answerable else 0.0,
        round(100 * wrong / len(given), 2) if given else 0.0,
    )


def curve(asked: Asked) -> tuple[Point, ...]:
    """Give the risk-coverage curve, from the lowest threshold to the highest."""
    return tuple(point(asked, at) for at in range(LOWEST, HIGHEST + 1, TABLE_STEP))


def fit(asked: Asked, stored: Thresholds) -> Thresholds:
    """Give the lowest thresholds that keep the budget, for rules and for passages by themselves.

    Where none of the answers tells of one, it stays as it is stored. Raises `FitError` where there
    is no answer at all, and where not even the highest threshold keeps the budget.
    """
    if not asked.answers:
        raise FitError(
            "found no answer to fit to: nothing can be fitted; expected question files with"
            " questions that the documents answer"
        )
    budget = stored.budget
    fitted = {}
    for name, is_passage in (("rules", False), ("passages", True)):
        own = Asked(
            asked.answerable,
            tuple(one for one in asked.answers if one.is_passage is is_passage),
        )
        if not own.answers:
            fitted[name] = getattr(stored, name)
            continue
        for threshold in range(LOWEST, HIGHEST + 1):
            if point(own, threshold).risk <= budget:
                fitted[name] = float(threshold)
                break
        else:
            raise FitError(
                f"{FILE}: found no threshold for {name} that keeps the budget of {budget} %;"
                " expected a larger budget, or fewer wrong answers: see csto-bot eval"
            )
    return Thresholds(budget=budget, **fitted)


def store(folder: Path, fitted: Thresholds) -> None:
    """Write fitted thresholds into the knowledge; what people wrote beside them stays.

    Raises `FitError` where one does not stand on a line of its own, so that it cannot be replaced.
    """
    path = folder / FILE
    text = path.read_text(encoding="utf-8")
    for name in ("rules", "passages"):
        line = rf"""^(['"]?{name}['"]?\s*:)[^#\n]*?([ \t]*(?:#.*)?)$"""
        value = rf"\g<1> {getattr(fitted, name)}\g<2>"
        text, times = re.subn(line, value, text, flags=re.MULTILINE)
        if times != 1:
            raise FitError(
                f"{path}: found no line `{name}: …` to store {getattr(fitted, name)} in; expected"
                " each key on a line of its own"
            )
    path.write_text(text, encoding="utf-8", newline="\n")


def as_json(stored: Thresholds, fitted: Thresholds, points: Sequence[Point]) -> dict[str, Any]:
    """Give plain data."""
    return {
        "holds": stored == fitted,
        "stored": asdict(stored),
        "fitted": asdict(fitted),
        "curve": [asdict(one) for one in points],
    }


def draw(points: Sequence[Point], budget: float, path: Path) -> None:
    """Draw the risk-coverage curve into a picture; its ending names the format.

    Raises `FitError` where the extra `charts` is not installed or the format is not known.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise FitError("--picture: found no matplotlib; install csto-bot[charts]") from error
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([one.coverage for one in points], [one.risk for one in points], marker="o")
    axes.axhline(budget, linestyle="--", color="gray")
    for one in points:
        axes.annotate(str(one.threshold), (one.coverage, one.risk), fontsize=7)
    axes.set_xlabel("coverage: right answers, % of the answerable questions")
    axes.set_ylabel("risk: wrong answers, % of all answers")
    axes.set_ylim(bottom=0)
    try:
        figure.savefig(path, dpi=150)
    except ValueError as error:
        raise FitError(f"--picture: {path}: {error}") from error
