"""The one loop that delivers: claim, wait for a turn, note that the request begins, send, record.

It decides nothing: `deliveries.after` says what a result means. It knows neither Telegram nor a
database: what it needs of them is stated here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from bot.errors import StoreError
from bot.news.deliveries import (
    LEASE,
    Change,
    Delivery,
    NotSent,
    Result,
    Sent,
    Task,
    Unsure,
    Wait,
    after,
)

log = logging.getLogger(__name__)

SHARE = 15
"""Deliveries that are claimed at once: half a second's worth, so that a retraction finds little
that is on its way."""
IN_FLIGHT = 60
"""Requests at once: a kill leaves at most as many that are uncertain."""
LOOK_EVERY = 0.25
"""Seconds between looks for something to do."""
TIDY_EVERY = 1.0
STUMBLES = 4
"""Requests in a row that went wrong, after which the next ones wait for one that goes well."""
LONGEST_REST = 30.0
LAST_SECONDS = 1.0
"""For giving back what was not begun, to a ledger that may not answer."""


class Ledger(Protocol):
    """Where deliveries are kept. Each method is done whole or not at all when it returns.

    Every method raises `StoreError` when it cannot be done now.
    """

    async def tidy(self, now: datetime, *, may_resend: bool = False) -> int:
        """Do what time brings; give how many posts became uncertain."""

    async def recover(self, worker: int, now: datetime, *, may_resend: bool = False) -> int:
        """Take back what an earlier process of this number left; give how many are uncertain."""

    async def claim(self, worker: int, most: int, now: datetime) -> list[Delivery]:
        """Give what is due, each to one worker alone."""

    async def begin(self, delivery: Delivery, worker: int, now: datetime) -> Task | None:
        """Note that its request begins; None where it must not."""

    async def record(self, delivery: Delivery, change: Change, now: datetime) -> bool:
        """Write what came of the request."""

    async def postpone(self, delivery: Delivery, worker: int, until: datetime) -> None:
        """Give a delivery that a worker has claimed back, for later."""

    async def release(self, worker: int) -> None:
        """Give back what was claimed and not begun."""


class Sender(Protocol):
    """What reaches the chats, at the pace that they permit."""

    def busy(self, delivery: Delivery) -> float:
        """Give the seconds until its chat may be written to; 0: now."""

    async def turn(self, delivery: Delivery) -> None:
        """Wait for room among all chats, and take it."""

    async def send(self, task: Task) -> Result:
        """Make one request and say what came of it. Raises nothing."""


class Publisher:
    """Delivers what the ledger holds, until it is told to finish."""

    def __init__(
        self,
        ledger: Ledger,
        sender: Sender,
        now: Callable[[], datetime],
        *,
        worker: int = 0,
        may_resend: bool = False,
        went_round: Callable[[], None] = lambda: None,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare a publisher.

        Args:
            ledger: where deliveries are kept.
            sender: what reaches the chats.
            now: gives the time.
            worker: a number that no other process has, not even one whose rows are in flight.
            may_resend: whether a post to a private chat that may have arrived is sent once more.
            went_round: called whenever the loop has got on without trouble of its own.
            rest: waits some seconds.
        """
        self._ledger = ledger
        self._sender = sender
        self._now = now
        self._worker = worker
        self._may_resend = may_resend
        self._went_round = went_round
        self._rest = rest
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._delivering: set[asyncio.Task[None]] = set()
        self._stumbles = 0
        self._has_begun = False

    async def run(self) -> None:
        """Deliver, for ever; to be cancelled, and `finish` awaited then.

        May be run again after it was cancelled: requests on their way went on meanwhile.
        """
        pause = 1.0
        is_clear = False
        tidied = self._now() - timedelta(seconds=TIDY_EVERY)
        while True:
            try:
                if not is_clear:
                    await self._clear()
                    is_clear = True
                if abs(self._now() - tidied) >= timedelta(seconds=TIDY_EVERY):
                    tidied = self._now()
                    _warn(await self._ledger.tidy(tidied, may_resend=self._may_resend))
                claimed = await self._ledger.claim(self._worker, SHARE, self._now())
                for delivery in claimed:
                    await self._dispatch(delivery)
                    self._went_round()  # a round of long rests takes minutes
            except StoreError as error:
                log.error("the ledger cannot be used: %s", error)
            except Exception:
                log.exception("the publisher stumbled")
            else:
                pause = 1.0
                self._went_round()
                if not claimed:
                    await self._rest(LOOK_EVERY)
                continue
            await self._rest(pause)
            pause = min(2 * pause, LONGEST_REST)

    async def _clear(self) -> None:
        """Take back what an earlier process left, or what this one had claimed when it stopped."""
        if self._has_begun:
            await self._ledger.release(self._worker)
            return
        _warn(await self._ledger.recover(self._worker, self._now(), may_resend=self._may_resend))
        self._has_begun = True

    async def finish(self, seconds: float) -> None:
        """Wait for the requests on their way, at most so long, and give back what was not begun.

        What is still on its way then will be uncertain.
        """
        if self._delivering:
            await asyncio.wait(self._delivering, timeout=seconds)
        for delivering in self._delivering:
            delivering.cancel()
        try:
            async with asyncio.timeout(LAST_SECONDS):
                await self._ledger.release(self._worker)
        except (StoreError, TimeoutError) as error:
            log.error("claims could not be given back, they end by themselves: %s", error)

    async def _dispatch(self, delivery: Delivery) -> None:
        busy = self._sender.busy(delivery)
        if busy > 0:
            until = self._now() + timedelta(seconds=busy)
            await self._ledger.postpone(delivery, self._worker, until)
            return
        await self._slots.acquire()
        try:
            await self._recovered()
            await self._sender.turn(delivery)
        except BaseException:
            self._slots.release()
            raise
        # A task of its own from here on: whoever stops the loop must not come between the note
        # that a request begins and the request.
        delivering = asyncio.create_task(self._deliver(delivery))
        self._delivering.add(delivering)
        delivering.add_done_callback(self._delivered)

    def _delivered(self, delivering: asyncio.Task[None]) -> None:
        self._delivering.discard(delivering)
        self._slots.release()

    async def _recovered(self) -> None:
        """Where request after request went wrong, make the next one alone and after a rest."""
        if self._stumbles < STUMBLES:
            return
        if self._delivering:
            await asyncio.wait(self._delivering)
        if self._stumbles >= STUMBLES:
            await self._rest(min(2.0 ** (self._stumbles - STUMBLES), LONGEST_REST))

    async def _deliver(self, delivery: Delivery) -> None:
        asked_at = self._now()
        try:
            task = await self._ledger.begin(delivery, self._worker, asked_at)
        except StoreError as error:  # nothing went out; the claim ends with its lease
            log.error("delivery %d cannot begin: %s", delivery.id, error)
            return
        if task is None:
            return
        result: Result
        if self._now() - asked_at >= LEASE:  # so long that another worker may have it by now
            result = NotSent("the ledger was away")
        else:
            result = await self._sent(task)
        self._stumbles = self._stumbles + 1 if isinstance(result, NotSent | Unsure | Wait) else 0
        if not isinstance(result, Sent):
            log.info(
                "%s of %s in chat %d: %s",
                delivery.action,
                delivery.announcement_id,
                delivery.chat_id,
                result,
            )
        may_resend = self._may_resend and task.is_private
        await self._write(
            task.delivery, after(task.delivery, result, self._now(), may_resend=may_resend)
        )

    async def _sent(self, task: Task) -> Result:
        try:
            return await self._sender.send(task)
        except Exception as error:
            log.exception("delivery %d", task.delivery.id)
            return Unsure(type(error).__name__)

    async def _write(self, delivery: Delivery, change: Change) -> None:
        """Write what came of a request; what is known must not become uncertain again."""
        pause = 0.1
        while True:
            try:
                await self._ledger.record(delivery, change, self._now())
            except StoreError as error:
                log.error("the outcome of delivery %d waits: %s", delivery.id, error)
                await self._rest(pause)
                pause = min(2 * pause, LONGEST_REST)
            else:
                return


def _warn(uncertain: int) -> None:
    if uncertain:
        log.warning("%d posts are uncertain: a process ended while it sent them", uncertain)
