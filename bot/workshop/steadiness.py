"""Try whether the bot keeps a right answer however it is asked for, and tells twins apart.

Asks variants of every question that is answered right, and all boundary twins, and counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.answering import Answerer, Conversation, Question
from bot.workshop.questions import GoldQuestion, QuestionFile
from bot.workshop.score import Judgement, Row, Verdict, judged
from bot.workshop.twins import Pair
from bot.workshop.variants import Variants
from bot.workshop.writing import Ways

KEPT = 97.0
"""Per cent of the variants that must keep the answer."""
WRONG = 10.0
"""Per cent of those that do not which may give a wrong fact."""
TOLD_APART = 98.0
"""Per cent of the pairs of twins that must be told apart; none may give a wrong fact."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A variant and what became of it."""

    kind: str
    original: GoldQuestion
    judgement: Judgement

    @property
    def is_kept(self) -> bool:
        """Tell whether the answer is still right."""
        return self.judgement.verdict is Verdict.CORRECT

    @property
    def is_wrong(self) -> bool:
        """Tell whether the answer is a wrong fact."""
        return self.judgement.verdict is Verdict.WRONG_FACT


@dataclass(frozen=True, slots=True)
class Told:
    """A pair of twins and what became of it."""

    pair: Pair
    sides: tuple[Judgement, Judgement]

    @property
    def is_apart(self) -> bool:
        """Tell whether each got its own right reply."""
        return all(side.verdict is Verdict.CORRECT for side in self.sides)

    @property
    def is_wrong(self) -> bool:
        """Tell whether one got a wrong fact."""
        return any(side.verdict is Verdict.WRONG_FACT for side in self.sides)


@dataclass(frozen=True, slots=True)
class Steadiness:
    """What became of all of them."""

    variants: tuple[Tried, ...]
    twins: tuple[Told, ...]

    @property
    def kept(self) -> Row:
        """Count the variants and those that keep the answer."""
        return Row("variants", len(self.variants), sum(one.is_kept for one in self.variants))

    @property
    def apart(self) -> Row:
        """Count the pairs and those that are told apart."""
        return Row("twins", len(self.twins), sum(one.is_apart for one in self.twins))

    @property
    def wrong_variants(self) -> int:
        """Count the variants that get a wrong fact."""
        return sum(one.is_wrong for one in self.variants)

    @property
    def wrong_twins(self) -> int:
        """Count the pairs of which one question gets a wrong fact."""
        return sum(one.is_wrong for one in self.twins)

    @property
    def broken(self) -> tuple[str, ...]:
        """Tell in words which of the limits do not hold."""
        kept, apart = self.kept, self.apart
        lost = kept.asked - kept.correct
        told = []
        if kept.asked and kept.percent < KEPT:
            told.append(f"{kept.percent} % of the variants keep the answer, not {KEPT}")
        if 100 * self.wrong_variants > WRONG * lost:
            told.append(f"{self.wrong_variants} of {lost} lost variants get a wrong fact: over"
                        f" {WRONG:g} %")  # fmt: skip
        if apart.asked and apart.percent < TOLD_APART:
            told.append(f"{apart.percent} % of the twins are told apart, not {TOLD_APART}")
        if self.wrong_twins:
            told.append(f"{self.wrong_twins} pairs of twins get a wrong fact, not 0")
        return tuple(told)

    def rows(self, kind: Callable[[Tried], str]) -> tuple[tuple[Row, int], ...]:
        """Count variants and wrong facts by kind."""
        groups: dict[str, list[Tried]] = {}
        for one in self.variants:
            groups.setdefault(kind(one), []).append(one)
        return tuple(
            (Row(name, len(group), sum(one.is_kept for one in group)),
             sum(one.is_wrong for one in group))
            for name, group in groups.items()
        )  # fmt: skip

    def twin_rows(self) -> tuple[tuple[Row, int], ...]:
        """Count pairs and wrong facts by what the pair is about."""
        groups: dict[str, list[Told]] = {}
        for one in self.twins:
            groups.setdefault(one.pair.name, []).append(one)
        return tuple(
            (Row(name, len(group), sum(one.is_apart for one in group)),
             sum(one.is_wrong for one in group))
            for name, group in groups.items()
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """Give plain data with every failure."""
        return {
            "variants": {
                **self.kept.as_json(),
                "wrong_facts": self.wrong_variants,
                "by_kind": _plain(self.rows(lambda one: one.kind)),
                "by_language": _plain(self.rows(lambda one: one.original.lang)),
                "failures": [
                    {"kind": one.kind, "id": one.original.id, "original": one.original.text,
                     **_failure(one.judgement)}
                    for one in self.variants if not one.is_kept
                ],
            },
            "twins": {
                **self.apart.as_json(),
                "wrong_facts": self.wrong_twins,
                "by_pair": _plain(self.twin_rows()),
                "failures": [
                    _failure(side)
                    for one in self.twins
                    for side in one.sides
                    if side.verdict is not Verdict.CORRECT
                ],
            },
            "broken": list(self.broken),
        }  # fmt: skip


def _plain(rows: Iterable[tuple[Row, int]]) -> Mapping[str, Any]:
    return {row.name: {**row.as_json(), "wrong_facts": wrong} for row, wrong in rows}


def _failure(judgement: Judgement) -> dict[str, Any]:
    reply = judgement.reply
    return {
        "question": judgement.question.text,
        "verdict": judgement.verdict.value,
        "outcome": reply.outcome.value if reply else None,
        "answer": reply.answer if reply else None,
        "problems": [fault.message for fault in judgement.faults],
    }


def measure(
    files: Iterable[QuestionFile],
    pairs: Iterable[Pair],
    answerer: Answerer,
    ways: Ways,
    now: datetime,
    every: int = 1,
) -> Steadiness:
    """Ask the variants of every question of the files that is answered right, and all pairs.

    With `every`, each so many-eth variant and pair alone is asked: a sample.
    """
    return Steadiness(
        tuple(_tried(files, answerer, ways, now, every)),
        tuple(
            Told(pair, (_judged(pair.one, answerer, now), _judged(pair.other, answerer, now)))
            for number, pair in enumerate(pairs)
            if number % every == 0
        ),
    )


def _judged(
    question: GoldQuestion,
    answerer: Answerer,
    now: datetime,
    before: Conversation | None = None,
) -> Judgement:
    message = Question(question.text, user_language=question.lang)
    reply, _ = answerer.answer(message, before or Conversation(), now)
    return judged(question, reply, answerer)


def _tried(
    files: Iterable[QuestionFile], answerer: Answerer, ways: Ways, now: datetime, every: int
) -> Iterator[Tried]:
    makers = {
        code: Variants(answerer, code, writing, ways.fixed_order)
        for code, writing in ways.writing.items()
    }
    made = 0
    for file in files:
        conversations: dict[str, Conversation] = {}
        for question in file.questions:
            before = conversations.get(question.session or "", Conversation())
            message = Question(question.text, user_language=question.lang)
            reply, after = answerer.answer(message, before, now)
            if question.session is not None:
                conversations[question.session] = after
            right = judged(question, reply, answerer).verdict is Verdict.CORRECT
            if not right or question.lang not in makers:
                continue
            for variant in makers[question.lang].of(question.text, question.id):
                made += 1
                if made % every == 0:
                    asked = replace(question, text=variant.text)
                    judgement = _judged(asked, answerer, now, before)
                    yield Tried(variant.kind, question, judgement)
