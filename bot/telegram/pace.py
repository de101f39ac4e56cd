"""How often Telegram may be called: its limits kept ahead, its 429s obeyed chat by chat.

Telegram names "about 30 messages a second in all, one a second in a chat with short bursts, 20 a
minute in a group": https://core.telegram.org/bots/faq, "My bot is hitting limits". The limiter
that comes with the library lets one chat's 429 stop all and ends pauses early (its issues 3765
and 5338), hence this one. All times are monotonic.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

log = logging.getLogger(__name__)

IN_ALL_SECONDS = 1 / 24
IN_ALL_BURST = 5
"""Even when a network bunches them up, fewer than thirty arrive in a second."""
CHAT_BURST = 3
GROUP_A_MINUTE = 20
MARGIN = 0.03
"""Seconds by which a clock and a network may differ from Telegram's."""
HURRIED = frozenset({"answerCallbackQuery", "answerInlineQuery", "answerGuestQuery"})
"""What nobody waits for long: the query dies in seconds."""
LONGEST_HURRY = 5.0
EDITS = frozenset(
    {"editMessageText", "editMessageCaption", "editMessageReplyMarkup", "editMessageMedia"}
)
ONCE = "once"
"""As `rate_limit_args`: a 429 is the caller's to deal with."""
MOST_CHATS = 20_000


@dataclass(slots=True)
class _Chat:
    """What a chat has used of its limits."""

    next_at: float = 0.0
    """When the bucket of single sends will be full: one a second, some at once."""
    sent: deque[float] | None = None
    """When, in the last minute; kept for groups alone."""
    edited: deque[float] | None = None
    paused_until: float = 0.0


class Pace(BaseRateLimiter[str]):
    """Lets each call wait for its turn; nobody waits for another chat's pause."""

    def __init__(
        self,
        *,
        is_kept: bool = True,
        floods: Counter[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare a limiter.

        Args:
            floods: where 429s are counted, by method.
            is_kept: whether the limits are kept ahead; 429s are always obeyed.
            clock: gives monotonic seconds.
        """
        self._is_kept = is_kept
        self._floods = Counter() if floods is None else floods
        self._clock = clock
        self._chats: dict[Any, _Chat] = {}
        self._next_in_all = 0.0

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to end."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: str | None,
    ) -> Any:
        """Call when it is allowed, and again after each 429's pause.

        Raises:
            RetryAfter: where the caller cannot wait, or wants to decide itself.
        """
        key = data.get("chat_id", endpoint)
        chat = self._chat(key)
        while True:
            at = 0.0
            if self._is_kept and "chat_id" in data:
                at = self._turn(chat, key, endpoint)
                await self._sleep_until(at)
                # Only now: a chat that must wait long must not book ahead of the others.
                await self._sleep_until(self._turn_among_all(endpoint))
            await self._sleep_until(chat.paused_until)
            try:
                result = await callback(*args, **kwargs)
            except RetryAfter as error:
                self._floods[endpoint] += 1
                seconds = seconds_of(error)
                chat.paused_until = max(chat.paused_until, self._clock() + seconds)
                log.warning("Telegram wants a pause of %g s for %s", seconds, endpoint)
                if rate_limit_args == ONCE or (endpoint in HURRIED and seconds > LONGEST_HURRY):
                    raise
            else:
                if at:
                    self._arrived(chat, at)
                return result

    def _arrived(self, chat: _Chat, at: float) -> None:
        """Count a call from when Telegram had it for certain, not from when it was due."""
        now = self._clock()
        chat.next_at += min(max(now - at, 0.0), 1.0)
        for times in (chat.sent, chat.edited):
            if times is not None and times[-1] < now:
                times[-1] = now

    async def _sleep_until(self, at: float) -> None:
        wait = at - self._clock()
        if wait > 0:
            await asyncio.sleep(wait)

    def _turn(self, chat: _Chat, key: Any, endpoint: str) -> float:
        """Book the chat's next free moment. A booking counts, so waiting calls line up."""
        now = self._clock()
        at = max(now, chat.paused_until)
        is_group = not isinstance(key, int) or key < 0
        if endpoint in EDITS:
            if not is_group:
                return at
            chat.edited = chat.edited or deque()
            return _booked(chat.edited, at, GROUP_A_MINUTE, 60)
        if not _is_send(endpoint):
            return at
        at = max(at, chat.next_at - (CHAT_BURST - 1) + MARGIN)
        if is_group:
            chat.sent = chat.sent or deque()
            at = _booked(chat.sent, at, GROUP_A_MINUTE, 60)
        chat.next_at = max(chat.next_at, at) + 1
        return at

    def _turn_among_all(self, endpoint: str) -> float:
        """Book the next free moment of all chats together."""
        now = self._clock()
        if not _is_send(endpoint):
            return now
        at = max(now, self._next_in_all - (IN_ALL_BURST - 1) * IN_ALL_SECONDS)
        self._next_in_all = max(self._next_in_all, at) + IN_ALL_SECONDS
        return at

    def _chat(self, key: Any) -> _Chat:
        chat = self._chats.get(key)
        if chat is None:
            if len(self._chats) >= MOST_CHATS:
                self._forget_idle()
            chat = self._chats[key] = _Chat()
        return chat

    def _forget_idle(self) -> None:
        now = self._clock()
        self._chats = {
            key: chat
            for key, chat in self._chats.items()
            if max(chat.next_at, chat.paused_until, *(chat.sent or ()), *(chat.edited or ()))
            > now - 60
        }


def _is_send(endpoint: str) -> bool:
    """Tell whether a method puts a message into a chat."""
    return endpoint.startswith(("send", "copy", "forward")) and endpoint != "sendChatAction"


def _booked(times: deque[float], at: float, most: int, seconds: float) -> float:
    """Book a moment such that no span of `seconds` holds more than `most` of them."""
    if len(times) >= most:
        at = max(at, times[-most] + seconds + MARGIN)
    times.append(at)
    while len(times) > most:
        times.popleft()
    return at


def seconds_of(error: RetryAfter) -> float:
    """Give the pause in seconds; the library is about to change its type."""
    wait: int | timedelta = error.retry_after
    seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
    return seconds if math.isfinite(seconds) and seconds > 0 else 1.0
