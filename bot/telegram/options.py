"""What the operator has decided about the bot in Telegram."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.settings import TelegramSettings, Uncertain

TELEGRAM = "https://api.telegram.org"


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
    zone: tzinfo = UTC
    """In which editors' times are meant."""
    is_paced: bool = True
    """Whether Telegram's limits are kept ahead; a server of one's own may know none."""
    poll_seconds: int = 20
    """How long Telegram holds a poll without updates."""
    at_once: int = 256
    """Conversations that are worked on at the same time."""

    @classmethod
    def of(cls, settings: TelegramSettings, shipped: Path) -> Options:
        """Take what was set; `shipped` is the knowledge that comes with the program."""
        return cls(
            token=settings.telegram_bot_token.get_secret_value(),
            knowledge=settings.knowledge_dir or shipped,
            database_url=settings.database_url.get_secret_value(),
            api_url=settings.telegram_api_url,
            editors=settings.editors,
            contact=settings.contact,
            questions_per_minute=settings.questions_per_minute,
            keep_unanswered=settings.keep_unanswered,
            uncertain=settings.uncertain,
            zone=ZoneInfo(settings.timezone),
            is_paced=settings.pacing,
        )
