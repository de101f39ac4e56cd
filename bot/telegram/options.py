"""What the operator has decided about the bot in Telegram."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.settings import TELEGRAM, TelegramSettings, Uncertain

WEBHOOK_LISTEN = "127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram brings updates, and how it proves to be Telegram."""

    url: str
    secret: str = field(repr=False)

    @property
    def path(self) -> str:
        """Give the address's path, where this program listens."""
        return urlsplit(self.url).path or "/"


def derived_secret(token: str) -> str:
    """Give what every process of the bot takes for its secret where none is set."""
    return hmac.new(token.encode(), b"webhook", hashlib.sha256).hexdigest()


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
    watch_seconds: float = 3.0
    """Between two edits of a message in which an editor watches an announcement go out."""
    at_once: int = 256
    """Conversations that are worked on at the same time."""
    feeds: Path | None = None
    """The file that names the feeds of news."""
    webhook: Webhook | None = None
    """None: the bot polls."""
    http_listen: str | None = None
    """HOST:PORT for the webhook and for what looks whether the bot is well."""
    metrics_listen: str | None = None

    @classmethod
    def of(cls, settings: TelegramSettings, shipped: Path) -> Options:
        """Take what was set; `shipped` is the knowledge that comes with the program."""
        token = settings.telegram_bot_token.get_secret_value()
        webhook = None
        if settings.webhook_url is not None:
            secret = settings.webhook_secret
            webhook = Webhook(
                settings.webhook_url,
                secret.get_secret_value() if secret else derived_secret(token),
            )
        return cls(
            token=token,
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
            feeds=settings.feeds,
            webhook=webhook,
            http_listen=settings.http_listen or (WEBHOOK_LISTEN if webhook else None),
            metrics_listen=settings.metrics_listen,
        )
