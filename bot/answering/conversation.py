"""What a follow-up inherits from the turn before, and when a conversation ends.

A conversation belongs to one user in one chat; where it is kept is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from bot.answering.entities import Mention
from bot.answering.lexicon import Meaning

EXPIRES_AFTER = timedelta(minutes=30)
"""Fixed by the contract of the chat: a later question starts anew."""
INHERITED_QUALITY = 0.9
"""How much an inherited cue counts, beside 1 for one that was said."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is left of the turns before."""

    cues: tuple[str, ...] = ()
    """The cues of what was asked last."""
    entities: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """What was spoken of last, by kind."""
    language: str | None = None
    asked_at: datetime | None = None

    def at(self, now: datetime) -> Conversation:
        """Give what is still alive at a time: nothing once the conversation has expired."""
        if self.asked_at is None or now - self.asked_at > EXPIRES_AFTER:
            return Conversation()
        return self

    def mentions(self) -> tuple[Mention, ...]:
        """Give the cues of the last question as if they had been said again."""
        return tuple(
            Mention.of(-1, 0, (Meaning(cue, None, None),), INHERITED_QUALITY) for cue in self.cues
        )

    def as_json(self) -> dict[str, Any]:
        """Give plain data that `from_json` takes back."""
        return {
            "cues": list(self.cues),
            "entities": {kind: list(ids) for kind, ids in self.entities.items()},
            "language": self.language,
            "asked_at": self.asked_at.isoformat() if self.asked_at else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Conversation:
        """Take back what `as_json` gave. Raises `KeyError` or `ValueError` on anything else."""
        return cls(
            cues=tuple(data["cues"]),
            entities={kind: tuple(ids) for kind, ids in data["entities"].items()},
            language=data["language"],
            asked_at=datetime.fromisoformat(data["asked_at"]) if data["asked_at"] else None,
        )
