"""Keeps the bot's token out of every log, whatever wrote the line.

Telegram puts the token into the address of each request, so it turns up wherever an address does:
in the logs of HTTP clients, in exceptions, in tracebacks.
"""

from __future__ import annotations

import logging
import re
import sys
from types import TracebackType

TOKEN = re.compile(r"\d{6,}(?::|%3[Aa])[A-Za-z0-9_-]{30,}")
HIDDEN = "[token]"
CHATTERBOXES = ("httpx", "httpcore", "aiohttp", "asyncio")
"""Libraries that log each request, or that need not log below WARNING."""


def redacted(text: str) -> str:
    """Give a text without tokens."""
    return TOKEN.sub(HIDDEN, text)


class Redaction(logging.Filter):
    """Rewrites a record before any handler sees its words."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Take tokens out of the message, its arguments and its traceback."""
        if isinstance(record.msg, str):
            try:
                message = record.getMessage()
            except (TypeError, ValueError):
                message = f"{record.msg} {record.args!r}"
            if TOKEN.search(message):
                record.msg, record.args = redacted(message), ()
        if record.exc_text:
            record.exc_text = redacted(record.exc_text)
        return True


class RedactedFormatter(logging.Formatter):
    """Takes tokens out of what another formatter wrote, tracebacks included."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self.inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """Write a record without tokens."""
        text = redacted(self.inner.format(record))
        record.exc_text = None  # cached by the inner formatter, tokens and all
        return text


def guard_logs() -> None:
    """Keep tokens out of all handlers that there are, and out of uncaught exceptions."""
    loggers = [logging.getLogger(), *map(logging.getLogger, list(logging.root.manager.loggerDict))]
    for handler in {handler for logger in loggers for handler in logger.handlers}:
        if not any(isinstance(one, Redaction) for one in handler.filters):
            handler.addFilter(Redaction())
        if not isinstance(handler.formatter, RedactedFormatter):
            handler.setFormatter(RedactedFormatter(handler.formatter or logging.Formatter()))
    for name in CHATTERBOXES:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _uncaught


def _uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    logging.getLogger("bot").critical("uncaught", exc_info=(kind, error, traceback))
