"""The processes at work on one store: each has a number, and a lock of that number.

What a process has in hand bears its number. The lock dies with the process; then the others may
take over what it had. A process that lives but lost its lock, with the connection to a server,
takes it again, and does nothing under its number until then.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from bot.errors import StoreError
from bot.store.database import Database
from bot.store.locks import TAKE_AGAIN, Lock, Work, under

GRACE_SECONDS = 3.0
"""How long a lock must be free before its process counts as dead.

After a server came back, each process needs a moment to take its lock again.
"""
FORGOTTEN_AFTER = 10.0
"""A lock that nobody looked at for so long may have been held meanwhile."""


class Workers:
    """The process that this one is among those at work."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock: Lock | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._is_alive = asyncio.Event()
        """Set while the lock is held."""
        self._free: dict[int, tuple[float, float]] = {}
        """Since when a lock is free, and when it was last seen to be, by number."""
        self.number: int | None = None
        """None before `join`."""

    @property
    def are_many(self) -> bool:
        """Tell whether other processes may work on the same store."""
        return self._database.is_shared

    async def join(self) -> int:
        """Become one of the processes at work; give the number. Harmless when repeated.

        Raises `StoreError` where the database is away.
        """
        if self.number is not None:
            return self.number
        for number in self._database.numbers():
            self._lock = await self._database.lock(_name(number))
            if self._lock is not None:
                self.number = number
                self._is_alive.set()
                self._keeper = asyncio.create_task(self._keep())
                return number
        raise StoreError("no number is free for this process; are so many at work?")

    async def leave(self) -> None:
        """Work no more."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._lock is not None:
            await self._lock.release()
        self._is_alive.clear()
        self._lock = self._keeper = None

    async def is_dead(self, number: int) -> bool:
        """Tell whether a process has been gone for a while; ask again every second or so."""
        seconds = await self.gone_for(number)
        return seconds is not None and seconds >= GRACE_SECONDS

    async def gone_for(self, number: int) -> float | None:
        """Give for how many seconds a process was seen to be gone; None: it is at work.

        Until `GRACE_SECONDS` it may live: then it has lost its lock alone, and knows so soon.
        """
        if number == self.number:
            return None
        if not await self._database.is_free(_name(number)):
            self._free.pop(number, None)
            return None
        now = self._clock()
        since, seen = self._free.get(number, (now, now))
        if now - seen > FORGOTTEN_AFTER:
            since = now
        self._free[number] = since, now
        return now - since

    async def while_at_work(self, work: Work) -> None:
        """Do something for as long as others must take this process for alive, until it is done.

        It is stopped while this process has lost its number's lock, and begun anew after.
        """
        while True:
            await self._is_alive.wait()
            lock = self._lock
            if lock is None or not lock.is_held:  # `_keep` will have noticed soon
                self._is_alive.clear()
            elif await under(lock, work):
                return

    async def _keep(self) -> None:
        """Take the lock again whenever it was lost with the connection."""
        while self._lock is not None and self.number is not None:
            await self._lock.lost()
            self._is_alive.clear()
            lock = None
            while lock is None:
                await asyncio.sleep(TAKE_AGAIN)
                with contextlib.suppress(StoreError):
                    lock = await self._database.lock(_name(self.number))
            self._lock = lock
            self._is_alive.set()


def _name(number: int) -> str:
    return f"worker-{number}"
