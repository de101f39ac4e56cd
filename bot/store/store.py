"""The store as a whole: opened once, closed at the end."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from bot.errors import NoStoreError, StoreError
from bot.store import backups, deleting, tables
from bot.store.address import Address
from bot.store.announcements import Announcements
from bot.store.answers import Answers
from bot.store.backups import Backup, Tell
from bot.store.budgets import KEPT, Budgets, OwnBudgets, SharedBudgets
from bot.store.buttons import Buttons
from bot.store.chats import Chats
from bot.store.commands import Commands
from bot.store.conversations import Conversations
from bot.store.database import Database
from bot.store.deliveries import Deliveries
from bot.store.dialogues import Dialogues
from bot.store.feedback import Feedback
from bot.store.feeds import Feeds
from bot.store.inbox import Inbox
from bot.store.locks import Lock
from bot.store.migrations import bring_up_to_date, expect_head
from bot.store.readers import Readers
from bot.store.replies import Replies
from bot.store.sqlite import Sqlite
from bot.store.steps import Steps
from bot.store.unanswered import Unanswered
from bot.store.upsert import Upsert
from bot.store.watches import Watches
from bot.store.workers import Workers

CLOSING_SECONDS = 1.0
PROBE = "probe"
_PROBE = Upsert(tables.budgets, replace=("expires_at",))


class Store:
    """An open database. Also an async context manager that closes it."""

    def __init__(
        self,
        database: Database,
        steps: Steps,
        budget_steps: Steps | None,
        *,
        keep_unanswered: bool,
    ) -> None:
        self._database = database
        self._steps = steps
        self._budget_steps = budget_steps
        self.budgets: Budgets = (
            SharedBudgets(budget_steps) if budget_steps else OwnBudgets(time.monotonic)
        )
        self.chats = Chats(steps)
        self.readers = Readers(steps)
        self.conversations = Conversations(steps)
        self.replies = Replies(steps)
        self.buttons = Buttons(steps)
        self.workers = Workers(database)
        self.inbox = Inbox(steps, database, self.workers)
        self.feedback = Feedback(steps)
        self.answers = Answers(steps)
        self.commands = Commands(steps)
        self.announcements = Announcements(steps)
        self.deliveries = Deliveries(steps, self.workers)
        self.unanswered = Unanswered(steps, keep=keep_unanswered)
        self.dialogues = Dialogues(steps)
        self.watches = Watches(steps)
        self.feeds = Feeds(steps)

    @classmethod
    async def open(cls, url: str, *, keep_unanswered: bool = False, migrate: bool = True) -> Store:
        """Open a database, creating it and bringing its tables up to date where needed.

        Without `migrate` nothing is changed by opening: raises `NoStoreError` where there is no
        database yet, `UnreadyStoreError` where it is of an earlier version.

        `url` is DATABASE_URL as people write it: `sqlite:///file.db` (relative),
        `sqlite:////folder/file.db`, `postgres://user:password@host/database`; `Address.parse`
        checks it without opening.
        Raises `StoreError` when it cannot be used; the text says what to do and holds no password.
        """
        address = Address.parse(url)
        database = _database_at(address)

        def step(connection: sa.Connection) -> None:
            database.before_migrations(connection)
            bring_up_to_date(connection, str(address))

        def look(connection: sa.Connection) -> None:
            expect_head(connection, str(address))

        if not migrate:
            _expect_file(address)
        engine = await asyncio.to_thread(database.make_engine)
        steps = Steps(engine, database)
        try:
            if migrate:
                async with database.opening():
                    await steps.write(step)
            else:
                await steps.read(look)
        except BaseException:
            await steps.close()
            raise
        steps.be_patient()
        budget_steps = None
        if database.is_shared:
            # A connection of its own: who waits for a budget holds up nothing else.
            budget_steps = Steps(database.make_engine(), database)
            budget_steps.be_patient()
        return cls(database, steps, budget_steps, keep_unanswered=keep_unanswered)

    @staticmethod
    async def backup(url: str, file: Path, now: datetime, tell: Tell, *, force: bool) -> Backup:
        """Write the whole store into a file, while bots go on; see `backups.write`."""
        address = Address.parse(url)
        _expect_file(address)
        return await asyncio.to_thread(
            backups.write, _database_at(address), address, file, now, tell, force=force
        )

    @staticmethod
    async def restore(url: str, file: Path, tell: Tell, *, force: bool) -> Backup:
        """Make the store what a file says; see `backups.restore`. No bot may run meanwhile."""
        address = Address.parse(url)
        database = _database_at(address)
        try:
            engine = await asyncio.to_thread(database.make_engine)
            engine.dispose()
            try:
                is_in_use = await database.is_in_use()
            except sa.exc.DBAPIError as error:
                raise StoreError(database.explain(error)) from None
            if is_in_use:
                raise StoreError(f"{address}: found a bot at work; stop it, then restore")
            return await asyncio.to_thread(
                backups.restore, database, address, file, tell, force=force
            )
        finally:
            await database.close()

    @property
    def trouble(self) -> str | None:
        """Tell why all steps wait: the server is away. None while all is well."""
        return self._steps.trouble

    async def close(self) -> None:
        """Finish the steps that were asked for and let go. Harmless when repeated.

        Locks that were taken through this store are released. A server that is away, or that does
        not answer within `CLOSING_SECONDS`, is waited for no longer.
        """
        closing = asyncio.ensure_future(self._close())
        await asyncio.wait({closing}, timeout=CLOSING_SECONDS)
        if not closing.done():
            self._database.cut()
        await closing

    async def _close(self) -> None:
        for steps in (self._steps, self._budget_steps):
            if steps is not None:
                steps.hurry()
        await self.workers.leave()
        await self._steps.close()
        if self._budget_steps is not None:
            await self._budget_steps.close()
        await self._database.close()

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
        return await self._database.lock(name)

    async def probe(self) -> None:
        """Write something, as reading goes on where a disk is full or a server read-only.

        It is a budget that nobody spends from. Raises `StoreError` where it cannot be written.
        """
        row = {"name": PROBE, "state": "null", "expires_at": datetime.now(UTC) + KEPT}

        def step(connection: sa.Connection) -> None:
            connection.execute(_PROBE.on(connection), row)

        if self.trouble:
            raise StoreError(self.trouble)
        await self._steps.write(step)

    async def forget(self, user_id: int) -> int:
        """Delete everything kept about a person; give how many rows it was.

        That is: language and start, conversations and replies everywhere, the private chat with
        its settings and subscription. Updates in hand leave the inbox as they are done.
        """
        deleted = await deleting.forget(self._steps, user_id)
        if deleted:
            await self._steps.between(self._database.tidy)
        return deleted

    async def expire(self, now: datetime) -> int:
        """Delete what is older than promised, in small steps; give how many rows it was.

        Called at start (after `inbox.pending`) and every minute. Also drops unanswered questions
        where KEEP_UNANSWERED is no longer set.
        """
        deleted = await deleting.expire(self._steps, now, keep_unanswered=self.unanswered.keep)
        await self._steps.between(self._database.tidy)
        return deleted


def _expect_file(address: Address) -> None:
    """Hold that a file is there, which opening would make. Raises `NoStoreError`."""
    if address.file is not None and not address.file.exists():
        raise NoStoreError(f"{address}: found no file; expected the one that `csto-bot run` makes")


def _database_at(address: Address) -> Database:
    if address.file is not None:
        return Sqlite(address)
    try:
        from bot.store.postgresql import Postgresql
    except ImportError as error:
        raise StoreError(
            f"{address}: the driver is missing ({error}); "
            "install it with the extra postgres: pip install 'csto_bot-….whl[postgres]'"
        ) from None
    return Postgresql(address)
