"""Reads the operator's feeds, one process at a time: what is new becomes a draft, or goes out.

A feed that cannot be read is told of in the log once, and tried again with growing pauses.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.errors import StoreError
from bot.knowledge.feed_file import Feed
from bot.news.feeds import MOST_A_DAY, Entry, FeedError, item_of, new_entries, read
from bot.news.items import ItemProblem, problems
from bot.store import Store, while_held
from bot.store.feeds import Progress
from bot.telegram.mind import Mind
from bot.web.fetch import Fetched, Fetcher, FetchError

log = logging.getLogger(__name__)

LOCK = "feeds"
LOOK_EVERY = 20.0
"""Seconds between two looks at which feeds are due."""
LONGEST_PAUSE = timedelta(hours=24)
Told = Callable[[Feed, int], Awaitable[None]]


class FeedReader:
    """Reads feeds into the store."""

    def __init__(
        self,
        feeds: Sequence[Feed],
        store: Store,
        mind: Mind,
        fetcher: Fetcher,
        now: Callable[[], datetime],
        told: Told,
    ) -> None:
        """Prepare to read.

        Args:
            feeds: those that the operator named.
            store: where drafts and what was seen are kept.
            mind: the knowledge in use.
            fetcher: fetches.
            now: gives the time.
            told: is told how many drafts of a feed wait for an editor.
        """
        self._feeds = feeds
        self._store = store
        self._mind = mind
        self._fetcher = fetcher
        self._now = now
        self._told = told

    async def run(self, every: float = LOOK_EVERY) -> None:
        """Read feeds as they are due, while no other process does; never ends."""

        async def read_all() -> None:
            while True:
                try:
                    for feed in self._feeds:
                        await self.look(feed)
                except StoreError:
                    log.exception("feeds could not be read")
                await asyncio.sleep(every)

        await while_held(lambda: self._store.lock(LOCK), read_all)

    async def look(self, feed: Feed) -> int:
        """Read a feed if it is due; give how many items it brought."""
        progress = await self._store.feeds.get(feed.name)
        now = self._now()
        if progress.due_at is not None and now < progress.due_at:
            return 0
        try:
            fetched = await self._fetcher.get(feed.url, progress.marks)
            brought = await self._take(feed, fetched)
        except (FetchError, FeedError) as error:
            await self._failed(feed, progress, error)
            return 0
        if progress.failures:
            log.info("feed %s can be read again", feed.name)
        # What was left over for want of room is fetched again, though nothing has changed.
        marks = fetched.marks if brought is not None else {}
        due = now + timedelta(minutes=feed.minutes)
        await self._store.feeds.put(feed.name, Progress(marks, due, 0), now)
        return brought or 0

    async def _failed(self, feed: Feed, progress: Progress, error: Exception) -> None:
        """Try again later and later; say so the first time."""
        now = self._now()
        failures = progress.failures + 1
        pause = min(timedelta(minutes=feed.minutes) * 2 ** min(failures, 10), LONGEST_PAUSE)
        if not progress.failures:
            log.warning("feed %s cannot be read: %s", feed.name, error)
        after = replace(progress, due_at=now + pause, failures=failures)
        await self._store.feeds.put(feed.name, after, now)

    async def _take(self, feed: Feed, fetched: Fetched) -> int | None:
        """Take what is new; None where not all of it could be taken today."""
        if fetched.content is None:
            return 0
        now, kept = self._now(), self._store.feeds
        entries = await asyncio.to_thread(read, fetched.content, fetched.content_type, fetched.url)
        known = await kept.known(feed.name)
        news, others = new_entries(entries, known, now)
        await kept.remember(feed.name, [key for entry in others for key in entry.keys], now)
        present = [key for entry in entries for key in entry.keys if key in known]
        await kept.still_there(feed.name, present, now)
        room = MOST_A_DAY - await kept.brought(feed.name, now - timedelta(days=1))
        taken = news[: max(0, room)]
        drafts = 0
        for entry in taken:
            drafts += await self._bring(feed, entry)
        if drafts:
            log.info("feed %s brought %d items", feed.name, drafts)
            if not feed.is_auto:
                await self._told(feed, drafts)
        if len(taken) < len(news):
            log.warning(
                "feed %s has %d more items today than the %d that are taken",
                feed.name, len(news) - len(taken), MOST_A_DAY,
            )  # fmt: skip
            return None
        return drafts

    async def _bring(self, feed: Feed, entry: Entry) -> bool:
        """Make an entry a draft, and announce it where the feed may; again, nothing happens."""
        now, answerer = self._now(), self._mind.answerer
        item = item_of(entry, feed, now.date())
        knowledge = answerer.knowledge

        def flaws() -> list[ItemProblem]:
            return problems(item, knowledge.languages, knowledge.documents, answerer.wording)

        wrong = flaws()
        if wrong and item.image is not None:  # a caption is shorter than a message
            item = replace(item, image=None)
            wrong = flaws()
        if wrong:
            reasons = "; ".join(f"{one.found}, expected {one.expected}" for one in wrong)
            log.warning("feed %s: an entry is left out: %s", feed.name, reasons)
        else:
            await self._store.announcements.draft(item, feed.name, None, now)
            if feed.is_auto:
                await self._store.announcements.approve(item.id, None, now)
        await self._store.feeds.remember(feed.name, entry.keys, now, item=not wrong)
        return not wrong
