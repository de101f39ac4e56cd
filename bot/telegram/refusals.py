"""What Telegram's refusals say, as the library's errors, however they are written down.

https://core.telegram.org/bots/api#making-requests asks for `error_code`, `description` and
`parameters` in the body. Proxies answer without any of them, other servers of the Bot API with
status 200 or numbers in quotes: what is left must do, because whether a post was surely refused
or may be in its chat depends on it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

LONGEST_TOLD = 500
_AFTER = re.compile(r"retry after (\d+)", re.IGNORECASE)


class NotSentError(NetworkError):
    """The request never reached Telegram."""


class UnsureError(NetworkError):
    """Telegram may or may not have done what was asked."""


def refusal(status: int, payload: bytes, retry_after: str | None = None) -> TelegramError:
    """Read a refusal.

    Args:
        status: of HTTP; where it says that all is well, `error_code` counts.
        payload: the answer's body.
        retry_after: the header of this name, in seconds.
    """
    body = _object(payload)
    code = whole(body.get("error_code"))
    if status < HTTPStatus.BAD_REQUEST and code is not None:
        status = code
    told = body.get("description")
    if not isinstance(told, str) or not told:
        told = _phrase(status)
    parameters = body.get("parameters")
    parameters = parameters if isinstance(parameters, Mapping) else {}
    moved = whole(parameters.get("migrate_to_chat_id"))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:  # it may have been done before
        return UnsureError(told[:LONGEST_TOLD])
    if moved:
        return ChatMigrated(moved)
    seconds = _seconds(parameters.get("retry_after"))
    if seconds is None and status == HTTPStatus.TOO_MANY_REQUESTS:
        named = _AFTER.search(told)
        seconds = _seconds(named[1]) if named else _seconds(retry_after) or 1
    if seconds is not None:
        return RetryAfter(seconds)
    return _error(status, told[:LONGEST_TOLD], is_telegrams=bool(body))


def _error(status: int, told: str, *, is_telegrams: bool) -> TelegramError:
    match status:
        case HTTPStatus.FORBIDDEN:
            return Forbidden(told)
        case (
            HTTPStatus.UNAUTHORIZED | HTTPStatus.NOT_FOUND
        ):  # a token; a proxy means something else
            return InvalidToken(told) if is_telegrams else NotSentError(told)
        case HTTPStatus.CONFLICT:
            return Conflict(told)
        case HTTPStatus.REQUEST_TIMEOUT:
            return UnsureError(told)
        case _ if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return BadRequest(told)
    return UnsureError(told)


def whole(value: Any) -> int | None:
    """Give a number that may be written in quotes or with a zero fraction; None: it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and not value.is_integer():
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _seconds(value: Any) -> int | None:
    """Give a pause in full seconds, rounded up; None where there is none."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return math.ceil(found) if 0 < found < math.inf else None


def _object(payload: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(payload)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _phrase(status: int) -> str:
    try:
        return f"{HTTPStatus(status).phrase} ({status})"
    except ValueError:
        return f"status {status}"
