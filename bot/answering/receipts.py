"""Receipts: a short id of a reply and of all that it was made from.

Whoever has the question, what was asked before it and the knowledge of that version gets the same
reply, and so the same receipt: it proves what the bot said, without keeping it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from bot.answering.conversation import Conversation
from bot.answering.reply import Outcome, Step

VERSION_SHOWN = 8
"""Characters of the knowledge's version that a receipt names."""
PROOF = 12
"""Characters of the hash: 48 bits, so that a forgery takes a machine years."""
SHAPE = re.compile(rf"([0-9a-f]{{{VERSION_SHOWN}}})-([a-z]{{2,3}})-([0-9a-f]{{{PROOF}}})")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as it is written: `186cbb85-en-3f9a1c20b7d2`."""

    version: str
    """How the version of the knowledge begins."""
    language: str
    """Of the reply."""
    proof: str

    def __str__(self) -> str:
        """Write it."""
        return f"{self.version}-{self.language}-{self.proof}"

    @classmethod
    def parse(cls, text: str) -> Receipt | None:
        """Read what `str` wrote, in either case; None for anything else."""
        found = SHAPE.fullmatch(text.strip().casefold())
        return cls(*found.groups()) if found else None


def receipt_of(
    outcome: Outcome, language: str, text: str, asked: str, before: Conversation, version: str
) -> str:
    """Make the receipt of a reply.

    `asked` is the question as it came, `before` the conversation before it, while it was alive;
    when it was asked does not count.
    """
    made_from = (
        version,
        asked,
        before.cues,
        sorted(before.entities.items()),
        before.language,
        language,
        outcome.value,
        text,
    )
    proof = sha256(repr(made_from).encode("utf-8", "replace")).hexdigest()[:PROOF]
    return str(Receipt(version[:VERSION_SHOWN], language, proof))


def asked_by_step(step: Step) -> str:
    """Write a step as if it had been asked: `/representative KG`."""
    return f"/{step.intent} {step.entity or ''}".rstrip()


def step_asked(text: str) -> Step | None:
    """Read what `asked_by_step` wrote; None for anything else."""
    name, _, entity = text.removeprefix("/").partition(" ")
    return Step(name, entity.strip() or None) if text.startswith("/") and name else None
