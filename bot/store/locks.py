"""A lock that one process holds at a time, and that dies with it."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from bot.store.sqlite import FileLock


class Lock:
    """Held by one process at a time; dies with it. Also an async context manager."""

    def __init__(self, held: FileLock) -> None:
        self._held = held

    async def release(self) -> None:
        """Let another process have it. Harmless when repeated."""
        self._held.release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.release()
