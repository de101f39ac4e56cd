"""The parameters of one method call, read as loosely as the Bot API reads them.

Forms carry everything as text and JSON bodies carry types; both are understood alike.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.refusals import Refused

_NUMBER = re.compile(r"\s*([+-]?\d+)")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a multipart body."""

    name: str
    content: bytes


@dataclass(slots=True)
class Parameters:
    """What a method was called with."""

    values: dict[str, Any]
    uploads: dict[str, Upload] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def string(self, name: str, default: str = "") -> str:
        """Give a parameter as text."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, str):
            return value
        return json.dumps(value)

    def required(self, name: str) -> str:
        """Give a parameter as text.

        Raises:
            Refused: when it is missing or empty.
        """
        value = self.string(name)
        if not value:
            raise Refused(f'Parameter "{name}" is required')
        return value

    def integer(self, name: str, default: int = 0) -> int:
        """Give a parameter as a number; what is none counts as 0."""
        value = self.values.get(name)
        if value is None or value == "":
            return default
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, int):
            return value
        match = _NUMBER.match(str(value))
        return int(match[1]) if match else 0

    def boolean(self, name: str) -> bool:
        """Give a parameter as yes or no."""
        value = self.values.get(name)
        if isinstance(value, bool):
            return value
        return str(value).strip().lower() in ("true", "yes", "1") if value else False

    def decoded(self, name: str, what: str) -> Any:
        """Give a parameter that holds JSON, or None when it is missing.

        Args:
            name: the parameter.
            what: what Telegram calls it in "Can't parse … JSON object".
        """
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise Refused(f"Can't parse {what} JSON object") from None
