"""A lock that one process holds at a time, that dies with it, and what is done under it.

A lock on a server is lost with the connection to it, while its process lives on and another one
may take the lock. So what a lock guards is done by `under` or `while_held` and nowhere else: both
stop it when the lock is lost.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Self

CANCEL_AGAIN = 3.0
"""Seconds after which a task that goes on is cancelled again."""
TAKE_AGAIN = 0.5
"""Seconds between tries to take a lock."""
SETTLING_SECONDS = 3.0
"""Before work is taken over: a holder whose server went away knows within this that it is none."""

Work = Callable[[], Coroutine[Any, Any, None]]


class Lock(ABC):
    """Held by one process at a time; dies with it. Also an async context manager."""

    def __init__(self) -> None:
        self._gone = asyncio.Event()

    async def lost(self) -> None:
        """Wait until it is no longer held: released, or lost with the connection to a server.

        Who holds a lock for long stops what it guards then, and takes it anew.
        """
        await self._gone.wait()

    @property
    def is_held(self) -> bool:
        """Tell whether it is held, as far as this process can know."""
        return not self._gone.is_set()

    async def release(self) -> None:
        """Let another process have it. Harmless when repeated."""
        if self.is_held:
            self._gone.set()
            await self._release()

    @abstractmethod
    async def _release(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.release()


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks until they have ended: a task may lose a cancellation to what it waits for."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN)


async def under(lock: Lock, work: Work) -> bool:
    """Do something until it is done or the lock is lost, which stops it; tell whether it is done.

    Raises what the work raises.
    """
    if not lock.is_held:
        return False
    working, losing = asyncio.create_task(work()), asyncio.create_task(lock.lost())
    try:
        await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await ended(working, losing)
    if working.cancelled():
        return False
    working.result()
    return True


async def while_held(
    take: Callable[[], Awaitable[Lock | None]],
    work: Work,
    others: Callable[[], None] = lambda: None,
    *,
    settling: float = SETTLING_SECONDS,
) -> None:
    """Do something under a lock, taken anew whenever it is not held, until it is done.

    Args:
        take: gives the lock; None while another process has it.
        work: begun anew with each lock, stopped when the lock is lost.
        others: called whenever others may hold the lock.
        settling: seconds before work that another process may have done until now.
    """
    may_have_been_done = False
    while True:
        lock = await take()
        if lock is None:
            may_have_been_done = True
            others()
            await asyncio.sleep(TAKE_AGAIN)
            continue
        async with lock:
            if may_have_been_done:
                await asyncio.sleep(settling)
            if await under(lock, work):
                return
        may_have_been_done = True
