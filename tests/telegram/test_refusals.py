"""Refusals as Telegram, proxies and other servers of the Bot API write them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.telegram.pace import seconds_of
from bot.telegram.refusals import NotSentError, UnsureError, refusal
from bot.telegram.sending import Trouble, meaning

PAGE = b"<html><body>nginx</body></html>"


def body(code: int, told: str = "", **parameters: Any) -> bytes:
    found: dict[str, Any] = {"ok": False, "error_code": code}
    if told:
        found["description"] = told
    if parameters:
        found["parameters"] = parameters
    return json.dumps(found).encode()


@pytest.mark.parametrize(
    ("status", "payload", "header", "seconds"),
    [
        (429, body(429, "Too Many Requests: retry after 7", retry_after=7), None, 7),
        (429, body(429, retry_after="7"), None, 7),
        (429, body(429, retry_after=6.2), None, 7),
        (429, body(429, "Too Many Requests: retry after 7"), None, 7),
        (429, body(429, "Too Many Requests: retry after 7", retry_after=None), None, 7),
        (429, PAGE, "7", 7),
        (429, PAGE, "Wed, 21 Oct 2026 07:28:00 GMT", 1),
        (429, b"", None, 1),
        (200, body(429, retry_after=7), None, 7),
    ],
)
def test_a_pause_is_read_wherever_it_stands(
    status: int, payload: bytes, header: str | None, seconds: int
) -> None:
    error = refusal(status, payload, header)
    assert isinstance(error, RetryAfter)
    assert seconds_of(error) == timedelta(seconds=seconds).total_seconds()


@pytest.mark.parametrize("chat_id", [-1001234567890, "-1001234567890", -1001234567890.0])
def test_a_supergroup_is_found(chat_id: object) -> None:
    error = refusal(400, body(400, "Bad Request", migrate_to_chat_id=chat_id))
    assert isinstance(error, ChatMigrated)
    assert error.new_chat_id == -1001234567890


@pytest.mark.parametrize(
    ("status", "payload", "kind", "trouble"),
    [
        (403, body(403, "Forbidden: bot was blocked by the user"), Forbidden, Trouble.SHUT),
        (403, PAGE, Forbidden, Trouble.SHUT),
        (200, body(403, "Forbidden"), Forbidden, Trouble.SHUT),
        (400, body(400, "Bad Request: chat not found"), BadRequest, Trouble.SHUT),
        (400, body(400, "Bad Request: have no write access to the chat"), BadRequest,
         Trouble.SHUT),
        (400, body(400, "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN"), BadRequest, Trouble.SHUT),
        (400, body(400, "Bad Request: group chat was upgraded to a supergroup chat"), BadRequest,
         Trouble.SHUT),
        (400, body(400), BadRequest, Trouble.REFUSED),
        (400, b'{"ok": false, "description": 7}', BadRequest, Trouble.REFUSED),
        (413, PAGE, BadRequest, Trouble.REFUSED),
        (409, body(409), Conflict, Trouble.REFUSED),
        (401, body(401), InvalidToken, Trouble.REFUSED),
        (404, body(404, "Not Found"), InvalidToken, Trouble.REFUSED),
        (401, PAGE, NotSentError, Trouble.NOT_SENT),
        (404, PAGE, NotSentError, Trouble.NOT_SENT),
        (408, b"", UnsureError, Trouble.UNSURE),
        (302, b"", UnsureError, Trouble.UNSURE),
        (500, body(500), UnsureError, Trouble.UNSURE),
        (502, PAGE, UnsureError, Trouble.UNSURE),
        (503, body(503, retry_after=7), UnsureError, Trouble.UNSURE),
        (200, b'{"ok": false}', UnsureError, Trouble.UNSURE),
    ],
)  # fmt: skip
def test_what_was_refused_is_told_from_what_may_have_happened(
    status: int, payload: bytes, kind: type[TelegramError], trouble: Trouble
) -> None:
    error = refusal(status, payload)
    assert type(error) is kind
    assert error.message
    assert meaning(error) is trouble
