"""What the server answers when Telegram would not do as asked.

One error type: the methods raise it and only the server turns it into an answer. The descriptions
are Telegram's own, word for word, as the Bot API server and TDLib write them.
"""

from __future__ import annotations

from typing import Any

PREFIXES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}

QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


class Refused(Exception):
    """A method call that Telegram answers with an error object."""

    def __init__(
        self, message: str, code: int = 400, parameters: dict[str, Any] | None = None
    ) -> None:
        self.code = code
        self.description = f"{PREFIXES.get(code, 'Error')}: {_as_telegram_writes(message)}"
        self.parameters = parameters
        super().__init__(self.description)


def _as_telegram_writes(message: str) -> str:
    """Lower the first letter, unless the message is a constant such as MESSAGE_TOO_LONG."""
    if len(message) > 1 and (message[1] == "_" or message[1].isupper()):
        return message
    return message[:1].lower() + message[1:]


def flood(seconds: int) -> Refused:
    """Build Telegram's answer to too many requests.

    Args:
        seconds: how long the bot has to wait, whole seconds.
    """
    return Refused(f"retry after {seconds}", 429, {"retry_after": seconds})
