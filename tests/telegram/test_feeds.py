"""Feeds into the store: drafts or announcements, each once, whatever a server does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from bot.answering import Answerer
from bot.knowledge.feed_file import Feed
from bot.news.deliveries import ItemState
from bot.news.feeds import MOST_A_DAY, item_of, read
from bot.store import ChatKind, Store
from bot.telegram.feeds import FeedReader
from bot.telegram.mind import Mind
from bot.web.fetch import Fetcher
from tests.conftest import until
from tests.feedserver import Pages, serving
from tests.postgres import Postgres

START = datetime(2026, 6, 1, 12, tzinfo=UTC)


def rss(*entries: tuple[str, str]) -> str:
    items = "".join(
        f"<item><guid>{guid}</guid><title>{title}</title>"
        f"<description>Text of {title}</description>"
        "<pubDate>01 Jun 2026 10:00:00 GMT</pubDate></item>"
        for guid, title in entries
    )
    return f'<rss version="2.0"><channel>{items}</channel></rss>'


@dataclass
class World:
    """A reader of one feed, its server, and a clock that tests move."""

    pages: Pages
    store: Store
    mind: Mind
    fetcher: Fetcher
    time: datetime
    feed: Feed
    told: list[int]

    async def look(self) -> int:
        """Read the feed when it is due again."""

        async def tell(feed: Feed, number: int) -> None:
            self.told.append(number)

        reader = FeedReader(
            [self.feed], self.store, self.mind, self.fetcher, lambda: self.time, tell
        )
        brought = await reader.look(self.feed)
        self.time += timedelta(days=1, minutes=1)
        return brought

    async def titles(self, state: ItemState = ItemState.DRAFT) -> list[str]:
        """Give the titles of what is there in a state, the oldest first."""
        found = [one for one in await self.store.announcements.all() if one.state is state]
        return sorted(one.item.title["en"] for one in found)


@pytest.fixture
def pages() -> Iterator[Pages]:
    with serving() as served:
        yield served


@pytest.fixture
async def world(pages: Pages, answerer: Answerer, tmp_path: Path) -> AsyncIterator[World]:
    feed = Feed(name="site", url=pages.url + "/feed", language="en")
    async with (
        await Store.open(f"sqlite:///{tmp_path / 'bot.db'}") as store,
        Fetcher(
            allowed=lambda address: str(address) == "127.0.0.1", ports=None, seconds=1.0
        ) as fetcher,
    ):
        mind = Mind(tmp_path, answerer, frozenset())
        yield World(pages, store, mind, fetcher, START, feed, [])


async def test_new_entries_wait_for_an_editor(world: World) -> None:
    world.pages.put("/feed", rss(("2", "B"), ("1", "A")))
    assert await world.look() == 2
    assert await world.titles() == ["A", "B"]
    assert world.told == [2]


async def test_a_text_that_is_too_long_for_a_caption_comes_without_the_picture(
    world: World,
) -> None:
    picture = '<enclosure url="https://example.org/a.jpg" type="image/jpeg"/></item>'
    long = rss(("2", "word " * 55)).replace("Text of", "word " * 100)
    for content in (rss(("1", "Short")), long):
        world.pages.put("/feed", content.replace("</item>", picture))
        assert await world.look() == 1
    found = {one.item.image for one in await world.store.announcements.all()}
    assert found == {None, "https://example.org/a.jpg"}


async def test_an_entry_comes_once(world: World) -> None:
    world.pages.put("/feed", rss(("1", "A")))
    assert await world.look() == 1
    world.pages.put("/feed", rss(("2", "B"), ("1", "A")))
    assert await world.look() == 1
    assert await world.titles() == ["A", "B"]


async def test_a_feed_that_changes_its_ids_on_every_fetch_brings_nothing_twice(
    world: World,
) -> None:
    for number in range(5):
        world.pages.put("/feed", rss((f"b{number}", "B"), (f"a{number}", "A")))
        await world.look()
    assert await world.titles() == ["A", "B"]


async def test_an_auto_feed_is_announced_without_an_editor(world: World) -> None:
    await world.store.chats.remember(5, ChatKind.PRIVATE)
    await world.store.chats.set_news(5, on=True)
    world.feed = replace(world.feed, is_auto=True)
    world.pages.put("/feed", rss(("1", "A")))
    await world.look()
    assert await world.titles() == []
    published = (await world.store.announcements.all())[0]
    assert published.state in (ItemState.APPROVED, ItemState.QUEUED)
    assert sum((await world.store.deliveries.counts(published.id)).values()) == 1
    assert world.told == []


async def test_after_a_kill_between_two_steps_nothing_comes_twice(world: World) -> None:
    """The draft is there already, and nothing remembers its entry yet."""
    content = rss(("1", "A"))
    world.pages.put("/feed", content)
    item = item_of(read(content.encode(), "", world.feed.url)[0], world.feed, START.date())
    assert await world.store.announcements.draft(item, "site", None, world.time)
    await world.look()
    await world.look()
    assert await world.titles() == ["A"]


async def test_no_feed_floods_the_editors(world: World) -> None:
    entries = [(str(number), f"T{number:02}") for number in range(MOST_A_DAY + 5)]
    world.pages.put("/feed", rss(*reversed(entries)))
    await world.look()
    assert len(await world.titles()) == MOST_A_DAY
    await world.look()
    assert len(await world.titles()) == MOST_A_DAY + 5


async def test_what_has_not_changed_is_not_fetched_again(world: World) -> None:
    world.pages.put("/feed", rss(("1", "A")), ETag='"1"')
    await world.look()
    await world.look()
    assert world.pages.asked[1][1]["If-None-Match"] == '"1"'


async def test_a_feed_is_fetched_no_sooner_than_it_is_due(world: World) -> None:
    world.pages.put("/feed", rss(("1", "A")))
    await world.look()
    world.time = START + timedelta(minutes=5)
    await world.look()
    assert len(world.pages.asked) == 1


async def test_of_two_processes_one_reads_the_feeds(
    pages: Pages, answerer: Answerer, url: str, tmp_path: Path
) -> None:
    pages.put("/feed", rss(("1", "A")))
    feed = Feed(name="site", url=pages.url + "/feed", language="en")
    told: list[int] = []

    async def tell(_: Feed, number: int) -> None:
        told.append(number)

    async with (
        await Store.open(url) as first,
        await Store.open(url) as second,
        Fetcher(
            allowed=lambda address: str(address) == "127.0.0.1", ports=None, seconds=5.0
        ) as fetcher,
    ):
        mind = Mind(tmp_path, answerer, frozenset())
        readers = [
            asyncio.create_task(
                FeedReader([feed], store, mind, fetcher, lambda: START, tell).run(0.02)
            )
            for store in (first, second)
        ]
        await until(lambda: told)
        await asyncio.sleep(0.3)
        for reader in readers:
            reader.cancel()
        await asyncio.wait(readers)
        assert (told, len(pages.asked)) == ([1], 1)
        assert len(await first.announcements.all()) == 1


def endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    while True:
        request.wfile.write(b"<item>" * 10_000)


def huge(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "1000000000")
    request.end_headers()
    request.wfile.write(b"<rss>")


@pytest.mark.parametrize(
    ("serve", "reason"),
    [
        (lambda pages: pages.put("/feed", "<html>Not found</html>"), "no RSS, Atom or JSON Feed"),
        (lambda pages: pages.on("/feed", endless), "more than 2000000 bytes"),
        (lambda pages: pages.on("/feed", huge), "1000000000 bytes"),
        (lambda pages: pages.redirect("/feed", "http://192.168.0.1/"), "not public"),
        (lambda pages: None, "answers 404"),
    ],
    ids=["not XML", "never ends", "1 GB", "redirects to a private address", "is gone"],
)
async def test_a_bad_feed_is_told_once_and_tried_again_later(
    serve: object, reason: str, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    assert callable(serve)
    serve(world.pages)
    with caplog.at_level(logging.INFO):
        await world.look()
        await world.look()
    warnings = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert len(warnings) == 1
    assert reason in warnings[0]
    assert "feed site" in warnings[0]
    assert (await world.store.feeds.get("site")).failures >= 1
    world.pages.put("/feed", rss(("1", "A")))
    world.time += timedelta(days=1)
    assert await world.look() == 1


@pytest.mark.shared
async def test_who_lost_the_lock_with_the_server_reads_no_more_feeds(
    url: str, postgres: Postgres, answerer: Answerer, tmp_path: Path
) -> None:
    looked: list[Feed] = []

    class Looking(FeedReader):
        async def look(self, feed: Feed) -> int:
            looked.append(feed)
            return 0

    async def tell(feed: Feed, number: int) -> None:
        raise AssertionError

    feed = Feed(name="site", url="https://example.org/feed", language="en")
    async with (
        await Store.open(url) as store,
        await Store.open(url) as other,
        Fetcher() as fetcher,
    ):
        mind = Mind(tmp_path, answerer, frozenset())
        reader = Looking([feed], store, mind, fetcher, lambda: START, tell)
        reading = asyncio.create_task(reader.run(0.01))
        await until(lambda: looked)
        await asyncio.to_thread(postgres.stop)
        await asyncio.to_thread(postgres.start)
        await until(lambda: other.lock("feeds"))

        async def rests() -> bool:
            before = len(looked)
            await asyncio.sleep(0.5)
            return len(looked) == before

        await until(rests)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
