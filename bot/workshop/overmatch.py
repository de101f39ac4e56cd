"""Over-match: questions of tests that a wrong intent takes, or nearly takes.

Each question is asked, and asked again for every other intent of which a rule holds for it, as
if all that go before it were not there. What the question test says is right judges each reply:
a question that is no longer answered rightly is told, even where the words by which the rightful
intent was known are read as something else and none of its rules holds any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from datetime import datetime

from bot.answering import Answerer, Conversation, Question, Reply
from bot.answering.entities import Mention
from bot.answering.intents import Catalogue, Score
from bot.errors import Problem
from bot.workshop.questions import GoldQuestion, QuestionFile
from bot.workshop.score import Verdict, judged

MARGIN = 0.002
"""Points by which an intent has to go before one that would answer wrongly. A plain cue gives 1,
and the least that a word makes is 0.0025: below it nothing but the order of rules decides."""


class _Listening(Catalogue):
    """The rules of a catalogue without some intents; remembers how each clause was scored."""

    def __init__(self, whole: Catalogue, left_out: frozenset[str] = frozenset()) -> None:
        vars(self).update(vars(whole))
        self.left_out = left_out
        self.heard: list[tuple[Score, ...]] = []

    def score(
        self, mentions: Sequence[Mention], unexplained: Sequence[float]
    ) -> tuple[Score, ...]:
        """Score as the whole catalogue does, without the intents that are left out."""
        scored = super().score(mentions, unexplained)
        kept = tuple(score for score in scored if score.intent.id not in self.left_out)
        self.heard.append(kept)
        return kept


def check_overmatch(
    files: Iterable[QuestionFile], answerer: Answerer, now: datetime
) -> Iterator[Problem]:
    """Give the questions that are answered wrongly, or rightly by less than `MARGIN`."""
    for file in files:
        conversations: dict[str, Conversation] = {}
        for question in file.questions:
            before = conversations.get(question.session or "", Conversation())
            catalogue = _Listening(answerer.catalogue)
            try:
                reply, after = _asked(question, answerer, catalogue, before, now)
            except Exception as error:  # noqa: BLE001 - a defect is told like a wrong reply
                found = f"{_named(question)}, which breaks with {type(error).__name__}: {error}"
                yield Problem(str(file.path), question.line, found, "a reply")
                continue
            if question.session is not None:
                conversations[question.session] = after
            for words in _told(question, reply, catalogue.heard, answerer, before, now):
                yield Problem(str(file.path), question.line, *words)


def _told(
    question: GoldQuestion,
    reply: Reply,
    heard: Sequence[tuple[Score, ...]],
    answerer: Answerer,
    before: Conversation,
    now: datetime,
) -> Iterator[tuple[str, str]]:
    """Give what was found and what is expected of one question, once for each other intent."""
    judgement = judged(question, reply, answerer)
    is_right = judgement.verdict is Verdict.CORRECT
    taken = f"{_named(question)}, taken by {reply.intent or 'no intent'}"
    told: set[str] = set()
    for scores in heard:
        if not scores or scores[0].intent.id != reply.intent or scores[0].points <= 0:
            continue
        for place, rival in enumerate(scores[1:], start=1):
            name, behind = rival.intent.id, scores[0].points - rival.points
            near = is_right and behind < MARGIN
            if name in told or (is_right and not near):
                continue
            left_out = frozenset(score.intent.id for score in scores[:place])
            catalogue = _Listening(answerer.catalogue, left_out)
            other, _ = _asked(question, answerer, catalogue, before, now)
            if other.intent != name:
                continue
            told.add(name)
            right = judged(question, other, answerer).verdict is Verdict.CORRECT
            if right and not near:
                yield taken, f"{name}, {behind:.2f} points behind, which answers it rightly"
                return
            if near and not right:
                found = f"{taken} only {behind:.3f} points before {name}"
                yield found, f"at least {MARGIN}: {name} would answer wrongly"
    if not is_right:
        wrong = "; ".join(fault.message for fault in judgement.faults)
        yield f"{taken}: {wrong}", "the reply that the question test describes"


def _named(question: GoldQuestion) -> str:
    return f"{question.id}, {' '.join(question.text.split())!r}"


def _asked(
    question: GoldQuestion,
    answerer: Answerer,
    catalogue: Catalogue,
    before: Conversation,
    now: datetime,
) -> tuple[Reply, Conversation]:
    """Ask a question of an answerer with another catalogue."""
    other = copy(answerer)
    other.catalogue = catalogue
    return other.answer(Question(question.text, user_language=question.lang), before, now)
