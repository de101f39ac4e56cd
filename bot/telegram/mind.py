"""The knowledge in use, and its replacement while the bot runs.

A changed folder is read whole and checked before it takes the old one's place, between two
answers; a broken one changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from bot.answering import Answerer
from bot.answering.loading import load
from bot.errors import KnowledgeError
from bot.knowledge.model import NewsItem

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0
"""Seconds between two looks at the files."""
Stamp = frozenset[tuple[str, int, int]]


def stamp_of(folder: Path) -> Stamp:
    """Give what changes when a file of a folder does."""
    found = set()
    for path in folder.rglob("*"):
        try:
            status = path.stat()
        except OSError:
            continue
        found.add((str(path), status.st_mtime_ns, status.st_size))
    return frozenset(found)


class Mind:
    """Holds the answerer; replaced as a whole, so an answer is made from one knowledge."""

    def __init__(self, folder: Path, answerer: Answerer, stamp: Stamp) -> None:
        self.folder = folder
        self._of_files = answerer
        self._announced: dict[str, NewsItem] = {}
        self._withdrawn: frozenset[str] = frozenset()
        self.answerer = answerer
        self._stamp = stamp
        self._wanted = asyncio.Event()

    @classmethod
    async def awake(cls, folder: Path) -> Mind:
        """Read the knowledge. Raises `KnowledgeError` where it cannot be used."""
        stamp = await asyncio.to_thread(stamp_of, folder)
        return cls(folder, await asyncio.to_thread(_made, folder), stamp)

    @property
    def version(self) -> str:
        """Give the hash of the knowledge in use."""
        return self.answerer.knowledge.version

    def announce(self, items: Iterable[NewsItem], withdrawn: Iterable[str]) -> None:
        """Answer about what was announced beside the news in files, and not of what was withdrawn.

        Args:
            items: that were announced; a file of the same id goes before.
            withdrawn: ids of items that were retracted.
        """
        announced, gone = {item.id: item for item in items}, frozenset(withdrawn)
        if (announced, gone) != (self._announced, self._withdrawn):
            self._announced, self._withdrawn = announced, gone
            self.answerer = self._with_news()

    def _with_news(self) -> Answerer:
        news = {**self._announced, **self._of_files.knowledge.news}
        shown = [item for item in news.values() if item.id not in self._withdrawn]
        return self._of_files.with_news(shown)

    def want_reload(self) -> None:
        """Read the files again, changed or not."""
        self._wanted.set()

    async def watch(
        self,
        replaced: Callable[[], Awaitable[None]],
        refused: Callable[[KnowledgeError], Awaitable[None]],
        every: float = LOOK_EVERY,
    ) -> None:
        """Read the knowledge anew whenever its files change or somebody wants it; never ends.

        Args:
            replaced: called when the new knowledge is in use.
            refused: called when the files cannot be used.
            every: seconds between two looks.
        """
        seen = self._stamp
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), every)
            stamp = await asyncio.to_thread(stamp_of, self.folder)
            is_wanted = self._wanted.is_set()
            self._wanted.clear()
            # While an editor is still writing, two looks differ.
            is_settled, seen = stamp == seen, stamp
            if is_wanted or (is_settled and stamp != self._stamp):
                self._stamp = stamp
                await self._reload(replaced, refused)

    async def _reload(
        self,
        replaced: Callable[[], Awaitable[None]],
        refused: Callable[[KnowledgeError], Awaitable[None]],
    ) -> None:
        try:
            answerer = await asyncio.to_thread(_made, self.folder)
        except KnowledgeError as error:
            log.error("the knowledge cannot be used, the old one stays:\n%s", error)
            await refused(error)
            return
        is_new = answerer.knowledge.version != self.version
        self._of_files = answerer
        self.answerer = self._with_news()
        log.info("knowledge %s is in use", self.version)
        if is_new:
            await replaced()


def _made(folder: Path) -> Answerer:
    answerer = Answerer(load(folder))
    answerer.warm()
    return answerer
