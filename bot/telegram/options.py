"""What the operator has decided about the bot in Telegram."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

TELEGRAM = "https://api.telegram.org"


class Uncertain(StrEnum):
    """What to do with a message of which nobody knows whether it arrived."""

    ASK = "ask"
    """Leave it; a second copy is worse."""
    RESEND = "resend"
    """Send it to private chats once more."""


@dataclass(frozen=True, slots=True)
class Options:
    """The settings of the bot, as `bot.settings` has read them."""

    token: str = field(repr=False)
    knowledge: Path
    database_url: str = field(repr=False)
    api_url: str = TELEGRAM
    editors: frozenset[int] = frozenset()
    contact: str | None = None
    questions_per_minute: int = 20
    """Of one user; 0: no limit."""
    keep_unanswered: bool = False
    uncertain: Uncertain = Uncertain.ASK
    is_paced: bool = True
    """Whether Telegram's limits are kept ahead; a server of one's own may know none."""
    poll_seconds: int = 20
    """How long Telegram holds a poll without updates."""
    at_once: int = 256
    """Conversations that are worked on at the same time."""
