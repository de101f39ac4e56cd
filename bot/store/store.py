"""The store as a whole: opened once, closed at the end."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from bot.errors import StoreError
from bot.store import deleting, sqlite
from bot.store.address import Address
from bot.store.announcements import Announcements
from bot.store.answers import Answers
from bot.store.buttons import Buttons
from bot.store.chats import Chats
from bot.store.commands import Commands
from bot.store.conversations import Conversations
from bot.store.deliveries import Deliveries
from bot.store.dialogues import Dialogues
from bot.store.feedback import Feedback
from bot.store.inbox import Inbox
from bot.store.locks import Lock
from bot.store.migrations import bring_up_to_date
from bot.store.readers import Readers
from bot.store.replies import Replies
from bot.store.steps import Steps
from bot.store.unanswered import Unanswered
from bot.store.watches import Watches

OPENING_SECONDS = 60
"""How long to wait for another process's migrations."""
OPENING_PAUSE = 0.02


class Store:
    """An open database. Also an async context manager that closes it."""

    def __init__(self, address: Address, steps: Steps, *, keep_unanswered: bool) -> None:
        self._address = address
        self._steps = steps
        self._locks: list[Lock] = []
        self.chats = Chats(steps)
        self.readers = Readers(steps)
        self.conversations = Conversations(steps)
        self.replies = Replies(steps)
        self.buttons = Buttons(steps)
        self.inbox = Inbox(steps)
        self.feedback = Feedback(steps)
        self.answers = Answers(steps)
        self.commands = Commands(steps)
        self.announcements = Announcements(steps)
        self.deliveries = Deliveries(steps)
        self.unanswered = Unanswered(steps, keep=keep_unanswered)
        self.dialogues = Dialogues(steps)
        self.watches = Watches(steps)

    @classmethod
    async def open(cls, url: str, *, keep_unanswered: bool = False) -> Store:
        """Open a database, creating it and bringing its tables up to date where needed.

        `url` is DATABASE_URL as people write it: `sqlite:///file.db` (relative),
        `sqlite:////folder/file.db`, `postgres://…`; `Address.parse` checks it without opening.
        Raises `StoreError` when it cannot be used; the text says what to do and holds no password.
        """
        address = Address.parse(url)
        if address.file is None:
            raise StoreError(
                f"DATABASE_URL: found {address}; this version keeps its store in SQLite: "
                "expected sqlite:///FILE"
            )
        engine = await asyncio.to_thread(sqlite.make_engine, address)
        opening = await _one_at_a_time(address.file)
        steps = Steps(engine, sqlite.begin, partial(sqlite.explain, address))
        try:
            await steps.write(partial(_bring_up_to_date, shown=str(address)))
        except BaseException:
            await steps.close()
            raise
        finally:
            opening.release()
        return cls(address, steps, keep_unanswered=keep_unanswered)

    async def close(self) -> None:
        """Finish the steps that were asked for and let go. Harmless when repeated.

        Locks that were taken through this store are released.
        """
        await self._steps.close()
        for lock in self._locks:
            await lock.release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def lock(self, name: str) -> Lock | None:
        """Take a lock by name, e.g. "polling"; None while another holder has it. Never waits."""
        if self._address.file is None:
            raise StoreError(f"{self._address}: no locks here")
        held = sqlite.FileLock.take(self._address.file, name)
        if held is None:
            return None
        lock = Lock(held)
        self._locks.append(lock)
        return lock

    async def forget(self, user_id: int) -> int:
        """Delete everything kept about a person; give how many rows it was.

        That is: language and start, conversations and replies everywhere, the private chat with
        its settings and subscription. Updates in hand leave the inbox as they are done.
        """
        deleted = await deleting.forget(self._steps, user_id)
        if deleted:
            await self._steps.between(sqlite.checkpoint)
        return deleted

    async def expire(self, now: datetime) -> int:
        """Delete what is older than promised, in small steps; give how many rows it was.

        Called at start (after `inbox.pending`) and every minute. Also drops unanswered questions
        where KEEP_UNANSWERED is no longer set.
        """
        deleted = await deleting.expire(self._steps, now, keep_unanswered=self.unanswered.keep)
        await self._steps.between(sqlite.checkpoint)
        return deleted


async def _one_at_a_time(file: Path) -> sqlite.FileLock:
    """Wait until nobody else opens the file.

    Two processes that put a new file into WAL mode at once may each wait for the other, and
    SQLite gives up on one of them. Asks again and again: another process sets no event.
    """
    try:
        async with asyncio.timeout(OPENING_SECONDS):
            while (lock := sqlite.FileLock.take(file, "opening")) is None:  # noqa: ASYNC110
                await asyncio.sleep(OPENING_PAUSE)
    except TimeoutError:
        raise StoreError(
            f"{file}: another process has been opening it for {OPENING_SECONDS} s; "
            "stop that process, or try again when it is done"
        ) from None
    return lock


def _bring_up_to_date(connection: sa.Connection, *, shown: str) -> None:
    bring_up_to_date(connection, shown)
