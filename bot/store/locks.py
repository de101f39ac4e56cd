"""A lock that one process holds at a time, and that dies with it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


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
