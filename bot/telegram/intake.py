"""From Telegram to the inbox to a handler, each update on its own.

The library's updater parses a batch as a whole, so that one malformed update makes it fetch the
same batch for ever. Here updates are fetched raw, written to the inbox before the next poll
confirms them, and parsed one by one when it is their turn. Those of one conversation are worked
on in order, conversations side by side.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import BaseRequest

from bot.errors import StoreError
from bot.store import Store
from bot.telegram.client import UnsureError
from bot.telegram.pace import seconds_of
from bot.telegram.redaction import redacted
from bot.web.counts import Counts, Durations

log = logging.getLogger(__name__)

KINDS = (
    "message", "edited_message", "callback_query", "inline_query", "my_chat_member",
    "guest_message",
)  # fmt: skip
"""What Telegram is asked for; anything else is done as soon as it comes."""
BATCH = 100
LONGEST_PAUSE = 60.0
SOON = 0.5
"""A poll that came back so many seconds after it began was not held."""
SHORTEST_PAUSE = 0.05
LONGEST_VAIN_PAUSE = 1.0
"""Seconds between polls that bring nothing and are not held."""
MOST_WAITING = 2000
"""Updates held in memory; beyond, Telegram keeps them until there is room."""
WINDOWS = 3
"""A poll that has not come back after so many windows is begun anew."""
OTHER_POLLER = "other getupdates request"
"""In a conflict that no webhook is to blame for."""

Raw = Mapping[str, Any]
Handle = Callable[[Raw], Awaitable[None]]
Rest = Callable[[float], Awaitable[None]]


def conversation_of(update: Raw) -> Hashable:
    """Tell which updates must stay in order with this one, whatever it looks like."""
    for kind in ("message", "edited_message", "guest_message", "callback_query", "inline_query"):
        content = update.get(kind)
        if not isinstance(content, Mapping):
            continue
        message = content.get("message") if kind == "callback_query" else content
        message = message if isinstance(message, Mapping) else {}
        sender = _id(content.get("sender_chat")) or _id(content.get("from"))
        thread = message.get("message_thread_id") if message.get("is_topic_message") else None
        return _id(message.get("chat")) or kind, thread or 0, sender
    return "other", _id((update.get("my_chat_member") or {}).get("chat")) if isinstance(
        update.get("my_chat_member"), Mapping
    ) else 0


def lane_of(update: Raw) -> str:
    """Name the conversation of an update, alike in every process."""
    return repr(conversation_of(update))


def _id(content: Any) -> int:
    found = content.get("id") if isinstance(content, Mapping) else None
    return found if isinstance(found, int) else 0


class Lanes:
    """Works on what it is given: in order within a lane, lanes side by side, so many at once."""

    def __init__(self, handle: Handle, at_once: int, durations: Durations) -> None:
        """Prepare lanes.

        Args:
            handle: works on one update; must not raise.
            at_once: how many lanes are worked on at the same time.
            durations: where it is counted how long updates took, their waiting included.
        """
        self._handle = handle
        self._durations = durations
        self._free = asyncio.Semaphore(at_once)
        self._waiting: dict[Hashable, deque[tuple[float, Raw]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0
        self._room = asyncio.Event()
        self._room.set()

    def put(self, updates: Iterable[Raw]) -> None:
        """Take updates in the order in which they are to be worked on."""
        now = time.monotonic()
        for update in updates:
            self._count += 1
            lane = conversation_of(update)
            waiting = self._waiting.get(lane)
            if waiting is not None:
                waiting.append((now, update))
                continue
            self._waiting[lane] = deque([(now, update)])
            task = asyncio.create_task(self._work(lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if self._count >= MOST_WAITING:
            self._room.clear()

    async def room(self) -> None:
        """Wait until more can be taken."""
        await self._room.wait()

    async def _work(self, lane: Hashable) -> None:
        waiting = self._waiting[lane]
        try:
            while waiting:
                async with self._free:
                    came, update = waiting.popleft()
                    await self._handle(update)
                self._durations.add(time.monotonic() - came)
                self._count -= 1
                if self._count < MOST_WAITING:
                    self._room.set()
        finally:
            del self._waiting[lane]

    async def finish(self, seconds: float) -> int:
        """Work on until all is done, then give up; give how many updates were left."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return self._count if left else 0


class Intake:
    """Takes updates in, whichever way they come: into the inbox first, then to their lanes."""

    def __init__(
        self, store: Store, lanes: Lanes, counts: Counts, now: Callable[[], datetime]
    ) -> None:
        """Prepare an intake.

        Args:
            store: with the inbox.
            lanes: where updates go.
            counts: where they are counted.
            now: gives the time.
        """
        self._store = store
        self._lanes = lanes
        self._counts = counts
        self._now = now
        self._takings: set[asyncio.Future[bool]] = set()

    async def room(self) -> None:
        """Wait until more can be taken."""
        await self._lanes.room()

    async def take(self, updates: Iterable[Raw]) -> bool:
        """Write updates to the inbox and let the new ones be worked on; tell if there are any.

        Raises `StoreError` where they could not be written: they must not be confirmed. Who is
        cancelled meanwhile does not part the two: what is in the inbox is worked on.
        """
        taking = asyncio.ensure_future(self._take(list(updates)))
        self._takings.add(taking)
        taking.add_done_callback(self._takings.discard)
        return await asyncio.shield(taking)

    async def _take(self, updates: list[Raw]) -> bool:
        new = await self._store.inbox.add(updates, self._now(), lane_of)
        for update in new:
            self._counts.updates[next((kind for kind in KINDS if kind in update), "other")] += 1
        self._lanes.put(new)
        return bool(new)

    async def take_brought(self, updates: Iterable[Raw]) -> None:
        """Take what the webhook brought; Telegram waits as long as there is no room."""
        await self.room()
        try:
            await self.take(updates)
        except StoreError:
            self._counts.taking.failed("updates cannot be written")
            raise
        self._counts.taking.beat()


class Poller:
    """Fetches updates for as long as the process lives, whatever Telegram does."""

    def __init__(
        self,
        client: BaseRequest,
        address: str,
        intake: Intake,
        counts: Counts,
        *,
        window: int,
        rest: Rest = asyncio.sleep,
        remove_webhook: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Prepare a poller.

        Args:
            client: for polls alone, so that they wait for nothing else.
            address: of getUpdates.
            intake: where updates go.
            counts: where it is noted how polling goes.
            window: seconds that Telegram holds a poll without updates.
            rest: waits some seconds.
            remove_webhook: called where one may be set; must not raise.
        """
        self._client = client
        self._address = address
        self._intake = intake
        self._counts = counts
        self._window = window
        self._rest = rest
        self._remove_webhook = remove_webhook
        self._offset = 0
        self._failures = 0
        self._vain = 0
        """Polls in a row that came back at once with nothing new."""
        self._is_conflict_told = False

    async def run(self) -> None:
        """Poll for ever."""
        while True:
            await self._intake.room()
            pause = await self._step()
            if pause > 0:
                await self._rest(pause)

    async def _step(self) -> float:
        """Poll once; give the seconds to wait before the next time."""
        began = time.monotonic()
        try:
            found = await self._fetch()
            is_at_once = time.monotonic() - began < SOON
            is_new = await self._take(found)
        except Conflict as error:
            return await self._conflict(error)
        except RetryAfter as error:
            self._counts.floods["getUpdates"] += 1
            return seconds_of(error)
        except (TelegramError, StoreError, OSError, TimeoutError, KeyError, TypeError) as error:
            return self._failed(error)
        if self._failures:
            log.info("polling again")
        self._failures, self._is_conflict_told = 0, False
        self._counts.taking.beat()
        if is_new or not is_at_once:
            self._vain = 0
            return 0.0
        # A server that holds no poll, or confirms nothing: it must not be asked without end.
        self._vain += 1
        return min(SHORTEST_PAUSE * 2.0 ** min(self._vain - 1, 10), LONGEST_VAIN_PAUSE)

    async def _fetch(self) -> list[Any]:
        query = {"timeout": self._window, "limit": BATCH, "allowed_updates": json.dumps(KINDS)}
        if self._offset:
            query["offset"] = self._offset
        seconds = max(WINDOWS * self._window, 1)
        async with asyncio.timeout(seconds + 1):
            found: Any = await self._client.post(
                f"{self._address}?{urlencode(query)}", read_timeout=seconds
            )
        if not isinstance(found, list):
            raise UnsureError("updates that are no list")
        return found

    async def _take(self, updates: list[Any]) -> bool:
        """Write updates to the inbox, hand over the new ones, confirm all by the next poll.

        Tells whether any is new.
        """
        numbered = [
            update
            for update in updates
            if isinstance(update, dict) and type(update.get("update_id")) is int
        ]
        if len(numbered) < len(updates):
            log.error("%d updates without a number were left out", len(updates) - len(numbered))
        if updates and not numbered:
            raise UnsureError("updates that cannot be confirmed")
        if not numbered:
            return False
        is_new = await self._intake.take(numbered)
        self._offset = max(update["update_id"] for update in numbered) + 1
        return is_new

    async def _conflict(self, error: Conflict) -> float:
        self._counts.taking.failed("somebody else fetches this bot's updates")
        if not self._is_conflict_told:
            self._is_conflict_told = True
            log.error("somebody else fetches this bot's updates: %s", redacted(str(error)))
        if OTHER_POLLER not in str(error).lower() and self._remove_webhook is not None:
            await self._remove_webhook()
        return self._next_pause()

    def _failed(self, error: Exception) -> float:
        self._counts.taking.failed(redacted(f"{type(error).__name__}: {error}"))
        if isinstance(error, InvalidToken):
            log.error("Telegram does not know this token (any more)")
        elif self._failures == 0:
            log.warning("polling fails: %s", redacted(f"{type(error).__name__}: {error}"))
        return self._next_pause()

    def _next_pause(self) -> float:
        self._failures += 1
        return min(2.0 ** min(self._failures - 1, 6), LONGEST_PAUSE)
