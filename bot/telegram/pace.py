"""How often Telegram may be called: its limits kept ahead, its 429s obeyed chat by chat.

Replies and announcements are counted together. Replies never wait for announcements, which take
what they leave, and leave room for as many replies as there were of late.

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

from bot.store import Budgets

log = logging.getLogger(__name__)

IN_ALL_A_SECOND = 30
REPLIES_A_SECOND = 29
"""Beyond that replies alone would earn a 429 that stops all of them."""
STEP = 1 / 29.3
"""Seconds between announcements: a little more than a thirtieth, for clocks that differ."""
CATCH_UP = 3
"""Steps that were missed, while the process was busy, and that are made up for at once."""
REPLIES_REMEMBERED = 10.0
"""Seconds for which announcements leave room for as many replies as came in the busiest."""
CHAT_BURST = 3
GROUP_A_MINUTE = 20
MARGIN = 0.03
"""Seconds by which a clock and a network may differ from Telegram's."""
HAIR = 0.002
"""Seconds, so that a moment that has come is not waited for again."""
HURRIED = frozenset({"answerCallbackQuery", "answerInlineQuery", "answerGuestQuery"})
"""What nobody waits for long: the query dies in seconds."""
LONGEST_HURRY = 5.0
EDITS = frozenset(
    {"editMessageText", "editMessageCaption", "editMessageReplyMarkup", "editMessageMedia"}
)
ONCE = "once"
"""As `rate_limit_args`: a 429 is the caller's to deal with."""
BOOKED = "booked"
"""As `rate_limit_args`: `turn` was awaited before, and a 429 is the caller's to deal with."""
IN_ALL = "in all"
"""The budget of messages that processes share."""
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
    booked_at: float = 0.0
    """When an announcement last took its turn."""


class Pace(BaseRateLimiter[str]):
    """Lets each call wait for its turn; nobody waits for another chat's pause."""

    def __init__(
        self,
        *,
        is_kept: bool = True,
        floods: Counter[str] | None = None,
        shared: Budgets | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare a limiter.

        Args:
            floods: where 429s are counted, by method.
            shared: what other processes use up of the same limit in all; None: there are none.
            is_kept: whether the limits are kept ahead; 429s are always obeyed.
            clock: gives monotonic seconds.
        """
        self._is_kept = is_kept
        self._floods = Counter() if floods is None else floods
        self._shared = shared
        self._told: set[asyncio.Task[None]] = set()
        self._clock = clock
        self._chats: dict[Any, _Chat] = {}
        self._in_all: deque[float] = deque()
        """When messages went out in the last second, replies and announcements."""
        self._replies: deque[float] = deque()
        self._busiest = (0.0, 0)
        """When, and how many replies there were in a second."""
        self._next_step = 0.0

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
        is_booked = rate_limit_args == BOOKED
        while True:
            at, replied_at = self._clock(), None
            is_counted = self._is_kept and "chat_id" in data
            if is_counted and not is_booked:
                at = self._turn(chat, key, endpoint)
                await self._sleep_until(at)
                # Only now: a chat that must wait long must not book ahead of the others.
                replied_at = await self._reply_turn(endpoint)
                self._tell_others(endpoint)
            if not is_booked:
                await self._sleep_until(chat.paused_until)
            try:
                result = await callback(*args, **kwargs)
            except RetryAfter as error:
                self._floods[endpoint] += 1
                seconds = seconds_of(error)
                chat.paused_until = max(chat.paused_until, self._clock() + seconds)
                log.warning("Telegram wants a pause of %g s for %s", seconds, endpoint)
                if (
                    is_booked
                    or rate_limit_args == ONCE
                    or (endpoint in HURRIED and seconds > LONGEST_HURRY)
                ):
                    raise
            else:
                if is_counted:
                    self._arrived(chat, at)
                    self._reply_arrived(replied_at)
                    if is_booked and _is_send(endpoint):  # counted from when Telegram had it
                        if chat.booked_at in self._in_all:
                            self._in_all.remove(chat.booked_at)
                        self._in_all.append(self._clock())
                return result

    # -------------------------------------------------------- for announcements

    def busy(self, chat_id: int, endpoint: str) -> float:
        """Give the seconds until an announcement may go into a chat; 0 where it may now.

        Books nothing.
        """
        now = self._clock()
        chat = self._chats.get(chat_id)
        if chat is None:
            return 0.0
        at = max(now, chat.paused_until)
        if self._is_kept:
            times = chat.edited if endpoint in EDITS else chat.sent
            if _is_send(endpoint):
                at = max(at, chat.next_at - (CHAT_BURST - 1) + MARGIN)
            if times is not None and len(times) >= GROUP_A_MINUTE:
                at = max(at, times[0] + 60 + MARGIN)
        return at - now

    async def turn(self, chat_id: int, endpoint: str) -> None:
        """Wait until there is room for an announcement among all chats, and take it.

        `busy` must have been 0 for the chat: what all share is not held for one that waits.
        """
        if not self._is_kept:
            return
        now = self._clock()
        late = now - self._next_step
        if late > CATCH_UP * STEP:  # after a rest there is nothing to make up for
            self._next_step = now if late > 1 else now - CATCH_UP * STEP
        while (at := max(self._next_step, self._room_at(now))) > now:
            await self._sleep_until(at)
            now = self._clock()
        self._next_step += STEP
        if self._shared is not None:
            await asyncio.sleep(await self._shared.spend(IN_ALL, _step_among_all))
            now = self._clock()
        if _is_send(endpoint):
            self._in_all.append(now)
        chat = self._chat(chat_id)
        chat.booked_at = now
        self._turn(chat, chat_id, endpoint)

    def _tell_others(self, endpoint: str) -> None:
        """Let announcements of all processes leave room for a reply, which waits for none."""
        if self._shared is not None and _is_send(endpoint):
            telling = asyncio.ensure_future(self._shared.spend(IN_ALL, _step_of_reply))
            self._told.add(telling)
            telling.add_done_callback(self._told.discard)

    def _room_at(self, now: float) -> float:
        """Give when one more message may go out, with room left for replies."""
        _forget_before(self._in_all, now - 1)
        _forget_before(self._replies, now - 1)
        since, most = self._busiest
        if now - since > REPLIES_REMEMBERED:
            most = 0
        to_come = max(most - len(self._replies), 0)
        over = len(self._in_all) + to_come - IN_ALL_A_SECOND
        if over < 0 or not self._in_all:
            return now
        return self._in_all[min(over, len(self._in_all) - 1)] + 1 + HAIR

    async def _reply_turn(self, endpoint: str) -> float | None:
        """Count a reply and give its moment: now, unless replies alone fill the second.

        None where the call puts no message into a chat.
        """
        if not _is_send(endpoint):
            return None
        now = self._clock()
        _forget_before(self._replies, now - 1)
        while len(self._replies) >= REPLIES_A_SECOND:
            await self._sleep_until(self._replies[0] + 1 + HAIR)
            now = self._clock()
            _forget_before(self._replies, now - 1)
        _forget_before(self._in_all, now - 1)
        self._replies.append(now)
        self._in_all.append(now)
        since, most = self._busiest
        if len(self._replies) >= most or now - since > REPLIES_REMEMBERED:
            self._busiest = (now, len(self._replies))
        return now

    def _reply_arrived(self, at: float | None) -> None:
        """Count a reply from when Telegram had it for certain."""
        if at is not None and at in self._replies:
            self._replies.remove(at)
            self._replies.append(self._clock())

    # ------------------------------------------------------------------ counting

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


def _step_among_all(state: Any, now: float) -> tuple[Any, float]:
    """Spend: what is held is when the next announcement may go out, of whichever process."""
    at = max(state or 0.0, now - CATCH_UP * STEP)
    return at + STEP, max(at - now, 0.0)


def _step_of_reply(state: Any, now: float) -> tuple[Any, None]:
    """Spend, without waiting."""
    return max(state or 0.0, now - CATCH_UP * STEP) + STEP, None


def _is_send(endpoint: str) -> bool:
    """Tell whether a method puts a message into a chat."""
    return endpoint.startswith(("send", "copy", "forward")) and endpoint != "sendChatAction"


def _forget_before(times: deque[float], moment: float) -> None:
    while times and times[0] <= moment:
        times.popleft()


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
