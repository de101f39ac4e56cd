"""Make a receipt again: ask what was asked, of the same knowledge, and compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from bot.answering import Answerer, Conversation, Question, Reply
from bot.answering.receipts import VERSION_SHOWN, Receipt, step_asked
from bot.errors import BotError, Problem


class ReceiptError(BotError):
    """A receipt that cannot be looked at here; `problems` says why and what to do."""

    def __init__(self, problem: Problem) -> None:
        self.problems = (problem,)
        super().__init__(str(problem))


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of a receipt."""

    reply: Reply
    """The one that bears the receipt, else the one that is given now."""
    holds: bool


def verify(
    receipt: str, asked: str, before: Sequence[str], answerer: Answerer, now: datetime
) -> Verified:
    """Ask a question after those `before` it, and tell whether the reply has the receipt.

    What is asked is a text, or a button as `/representative KG`. The reply's language may have
    been chosen, and the asker's program may be set to any language: each is tried. Raises
    `ReceiptError` for what is no receipt, and for one of another version of the knowledge.
    """
    wanted = _of_this_version(receipt, answerer)
    replies: list[Reply] = []
    spoken = (None, *answerer.knowledge.languages)
    for chosen, user in product((None, wanted.language), spoken):
        conversation = Conversation()
        for text in before:
            _, conversation = _ask(text, chosen, user, conversation, answerer, now)
        reply, _ = _ask(asked, chosen, user, conversation, answerer, now)
        if reply.receipt == str(wanted):
            return Verified(reply, holds=True)
        replies.append(reply)
    return Verified(replies[0], holds=False)


def _of_this_version(receipt: str, answerer: Answerer) -> Receipt:
    wanted = Receipt.parse(receipt)
    if wanted is None:
        raise ReceiptError(
            Problem(receipt, 0, "no receipt", "one as 0f1e2d3c-en-0123456789ab, from a reply")
        )
    here = answerer.knowledge.version[:VERSION_SHOWN]
    if wanted.version != here:
        raise ReceiptError(
            Problem(
                receipt,
                0,
                f"a receipt from version {wanted.version} of the knowledge, while this is {here}",
                "the knowledge as it was then: take that folder from your backups or its history"
                " (`csto-bot check` prints its version), and name it with --knowledge",
            )
        )
    if wanted.language not in answerer.knowledge.languages:
        known = ", ".join(answerer.knowledge.languages)
        raise ReceiptError(
            Problem(receipt, 0, f"the language {wanted.language!r}", f"one of {known}")
        )
    return wanted


def _ask(
    text: str,
    chosen: str | None,
    user: str | None,
    conversation: Conversation,
    answerer: Answerer,
    now: datetime,
) -> tuple[Reply, Conversation]:
    step = step_asked(text)
    if step is not None and step.intent in answerer.knowledge.intents:
        language = (
            chosen or user or conversation.language or next(iter(answerer.knowledge.languages))
        )
        try:
            return answerer.answer_step(step, language, conversation, now)
        except KeyError:
            problem = Problem(text, 0, f"{step.entity!r}", f"what /{step.intent} is told of")
            raise ReceiptError(problem) from None
    return answerer.answer(Question(text, chosen, user), conversation, now)
