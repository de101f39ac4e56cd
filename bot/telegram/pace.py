"""How often Telegram may be called: its limits kept ahead, its 429s obeyed chat by chat.

Replies and announcements are counted together. Replies never wait for announcements, which take
what they leave, and leave room for as many replies as there were of late. What counts is when
Telegram has a message, of whichever process: each moment that was taken is put right where its
message turned out to have been on its way for longer than others are.

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
from bisect import insort
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.store import Budgets, OwnBudgets, Spend

log = logging.getLogger(__name__)

IN_ALL_A_SECOND = 30
REPLIES_A_SECOND = 29
"""Beyond that replies alone would earn a 429 that stops all of them."""
SECOND = 1.02
"""Seconds that hold no more than is permitted in one: processes are differently far from
Telegram."""
LATE = 0.01
"""Seconds by which a message may take longer than others before its moment is put right."""
STEP = 1 / 40
"""Seconds between announcements at least: what a busy moment cost is made up for, bit by bit."""
AHEAD = 0.03
"""Seconds before its moment that an announcement is told of its turn, to note that it begins."""
VOID = 0.25
"""Seconds after which a turn that was not used counts no more."""
TRIPS = 100
FEW_TRIPS = 10
"""Requests of late, of which the fastest tells how long one takes that nothing holds up."""
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
IN_ALL = "messages in a second"
"""The budget that processes share."""
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
    turn: _Turn | None = None
    """The last of an announcement."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """A moment among all chats that was taken."""

    at: float
    """By the clock of the budgets."""
    due: float
    """By the clock here, and not later than that."""
    begins: float
    """By the clock here, and not earlier."""


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
            shared: where processes count what they use up of the limit in all; None: there are
                no others.
            is_kept: whether the limits are kept ahead; 429s are always obeyed.
            clock: gives monotonic seconds.
        """
        self._is_kept = is_kept
        self._floods = Counter() if floods is None else floods
        self._budgets = OwnBudgets(clock) if shared is None else shared
        self._is_shared = shared is not None
        self._told: set[asyncio.Future[None]] = set()
        self._clock = clock
        self._chats: dict[Any, _Chat] = {}
        self._trips: deque[float] = deque(maxlen=TRIPS)
        """Seconds that requests took."""
        self._replies: deque[float] = deque()
        self._busiest = (0.0, 0)
        """When, and how many replies there were in a second."""

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
            if not is_booked:
                await self._sleep_until(chat.paused_until)
            elif chat.turn is not None:
                if self._clock() - chat.turn.due > VOID:
                    # What held this one up may have held up many, which would now go at once.
                    chat.turn = await self._among_all()
                await self._sleep_until(chat.turn.begins)
            began = self._clock()
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
                if is_booked:
                    self._trips.append(self._clock() - began)
                if is_counted:
                    self._arrived(chat, at)
                    self._reply_arrived(replied_at)
                return result
            finally:
                if is_booked and chat.turn is not None:
                    self._put_right(chat.turn, began)

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
        """Wait until there will soon be room for an announcement among all chats, and take it.

        The call itself waits for the rest. `busy` must have been 0 for the chat: what all share
        is not held for one that waits.
        """
        if not self._is_kept:
            return
        turn = await self._among_all()
        chat = self._chat(chat_id)
        chat.turn = turn
        await self._sleep_until(turn.begins - AHEAD)
        self._turn(chat, chat_id, endpoint)

    async def _among_all(self) -> _Turn:
        """Take the next moment among all chats."""
        asked = self._clock()
        room = max(IN_ALL_A_SECOND - self._replies_to_come(asked), 1)
        at, wait = await self._budgets.spend(IN_ALL, partial(_take, room=room))
        return _Turn(at, asked + wait, self._clock() + wait)

    def _put_right(self, turn: _Turn, began: float) -> None:
        """Let a moment that was taken be when Telegram had the message, where that was later.

        What is certain is when the request began and when its answer was there. Between them a
        message takes as long as the fastest did of late, and what it took longer may all have
        been before Telegram had it.
        """
        late = self._clock() - turn.due - LATE
        if len(self._trips) >= FEW_TRIPS:
            late -= min(*self._trips, self._clock() - began)
        if late > 0:
            self._tell(partial(_move, at=turn.at, late=late))

    def _tell(self, how: Spend[None]) -> None:
        """Spend without waiting."""
        telling = asyncio.ensure_future(self._budgets.spend(IN_ALL, how))
        self._told.add(telling)
        telling.add_done_callback(self._heard)

    def _heard(self, telling: asyncio.Future[None]) -> None:
        self._told.discard(telling)
        if not telling.cancelled() and (error := telling.exception()) is not None:
            log.debug("others were not told of a message: %s", error)

    def _replies_to_come(self, now: float) -> int:
        """Give for how many more replies in this second announcements leave room."""
        _forget_before(self._replies, now - 1)
        since, most = self._busiest
        return 0 if now - since > REPLIES_REMEMBERED else max(most - len(self._replies), 0)

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
        self._replies.append(now)
        if self._is_shared:
            self._tell(_count)
        else:
            await self._budgets.spend(IN_ALL, _count)
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


def _take(state: Any, now: float, *, room: int) -> tuple[Any, tuple[float, float]]:
    """Spend: what is held is when the messages of the last second went out or will go out.

    Gives the next moment before which a second holds no more than `room` with this one, and the
    seconds until then.
    """
    times = _of_late(state, now)
    at = max(now, times[-1] + STEP) if times else now
    if len(times) >= room:
        at = max(at, times[-room] + SECOND)
    times.append(at)
    return times, (at, at - now)


def _count(state: Any, now: float) -> tuple[Any, None]:
    """Spend for a reply, which waits for nothing."""
    times = _of_late(state, now)
    insort(times, now)
    return times, None


def _move(state: Any, now: float, *, at: float, late: float) -> tuple[Any, None]:
    """Spend later what was spent at a moment."""
    times = _of_late(state, now)
    if at in times:
        times.remove(at)
    insort(times, at + late)
    return times, None


def _of_late(state: Any, now: float) -> list[float]:
    found: list[float] = state if isinstance(state, list) else []
    return [at for at in found if at > now - SECOND]


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
