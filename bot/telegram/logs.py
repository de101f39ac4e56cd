"""What the bot logs, and how: lines for people, or an object a line for machines."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from bot.settings import LogFormat, LogLevel
from bot.telegram.redaction import guard_logs

LINE = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class JsonFormatter(logging.Formatter):
    """Writes each record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up(level: LogLevel, shape: LogFormat) -> None:
    """Log to standard error, without tokens."""
    formatter = JsonFormatter() if shape is LogFormat.JSON else logging.Formatter(LINE)
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=level.value, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    guard_logs()
