"""What the bot logs, and how: lines for people, or an object a line for machines.

structlog shapes every line, those of libraries too. What a line is given as `extra` becomes
fields, as each answer's outcome, intent, milliseconds and version of the knowledge do.
"""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.settings import LogFormat, LogLevel
from bot.telegram.redaction import guard_logs

_FIRST = ("time", "level", "logger", "message")


def set_up(level: LogLevel, shape: LogFormat) -> None:
    """Log to standard error, without tokens."""
    handler = logging.StreamHandler()
    handler.setFormatter(_formatter(shape))
    logging.basicConfig(level=level.value, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    guard_logs()


def _formatter(shape: LogFormat) -> logging.Formatter:
    ending: tuple[Processor, ...] = (
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
        _in_order,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    )
    if shape is LogFormat.CONSOLE:
        # Tracebacks without the values of variables, among which are questions and the token.
        console = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            timestamp_key="time",
            pad_event_to=0,
            exception_formatter=structlog.dev.plain_traceback,
        )
        ending = (console,)
    return structlog.stdlib.ProcessorFormatter(
        processors=(
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            _without_colour,
            structlog.processors.TimeStamper("iso", utc=True, key="time"),
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *ending,
        )
    )


def _without_colour(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Leave out what uvicorn adds for its own terminal: the message once more, unfilled."""
    line.pop("color_message", None)
    return line


def _in_order(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Begin each object alike, and call a traceback an error."""
    if "exception" in line:
        line["error"] = line.pop("exception")
    return {**{name: line.pop(name) for name in _FIRST}, **line}
