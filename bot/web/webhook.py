"""Updates that Telegram sends by itself: checked, handed over, and only then confirmed.

Whoever does not know the secret is sent away before a byte of the body is read. What is confirmed
stands in the inbox; anything else Telegram sends again.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.errors import StoreError

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a name, no secret
LARGEST = 1 << 20
"""Bytes; a message of 4,096 characters with all that Telegram adds has about a tenth."""
LARGEST_NUMBER = 2**63 - 1
"""Of an update, as a database keeps it."""
BODY_SECONDS = 20.0
TELL_EVERY = 60.0
"""Seconds between two words on calls without the right secret."""

Take = Callable[[list[Any]], Awaitable[None]]
_CLOSE = {"Connection": "close"}
"""What is left of a body that is not wanted goes unread."""


class TooLargeError(Exception):
    """A body beyond `LARGEST`."""


def route(path: str, secret: str, take: Take) -> Route:
    """Give the place where Telegram puts updates.

    Args:
        path: of the address that Telegram was told.
        secret: what Telegram proves itself with.
        take: writes updates to the inbox. Its `StoreError` lets Telegram try again.
    """
    wanted, refused = secret.encode(), _Refused()

    async def taken(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "").encode("latin-1")
        if not hmac.compare_digest(given, wanted):
            refused.note()
            return _refusal(403, "this is not for you")
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
        except TooLargeError:
            log.warning("an update of more than %d bytes was refused", LARGEST)
            return _refusal(413, f"at most {LARGEST} bytes")
        except TimeoutError:
            return _refusal(408, f"the body took more than {BODY_SECONDS:g} s")
        except ClientDisconnect:
            return Response(status_code=400)
        update = _update(body)
        if update is None:
            log.warning("a call of the webhook without an update was refused")
            return _refusal(400, "expected an update as JSON")
        try:
            await take([update])
        except StoreError as error:
            log.error("an update could not be written, Telegram will bring it again: %s", error)
            return _refusal(503, "try again")
        return Response()

    return Route(path, taken, methods=["POST"])


async def _body(request: Request) -> bytes:
    """Read a body of bearable size, whatever it says about itself."""
    said = request.headers.get("Content-Length", "")
    if said.isdecimal() and int(said) > LARGEST:
        raise TooLargeError
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST:
            raise TooLargeError
        parts.append(part)
    return b"".join(parts)


class _Refused:
    """Calls without the right secret, which anybody can make: told of once a minute."""

    def __init__(self) -> None:
        self._number = 0
        self._told_at = -TELL_EVERY

    def note(self) -> None:
        """Count one, and tell of those since the last word if it is time."""
        self._number += 1
        if time.monotonic() - self._told_at >= TELL_EVERY:
            log.warning("calls of the webhook without the right secret refused: %d", self._number)
            self._number, self._told_at = 0, time.monotonic()


def _update(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    number = found.get("update_id")
    return found if type(number) is int and 0 <= number <= LARGEST_NUMBER else None


def _refusal(status: int, why: str) -> Response:
    return PlainTextResponse(f"{why}\n", status, _CLOSE)
