"""What feeds say, as items: RSS, Atom, JSON Feed, and what is none."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.feed_file import Feed
from bot.news import markup
from bot.news.feeds import FeedError, from_html, item_of, new_entries, read
from bot.news.text import units

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FEED = Feed(name="csto-pa", url="https://example.org/feed", language="en", topics=("sessions",))
HTML = (
    "&lt;p&gt;It &lt;b&gt;meets&lt;/b&gt; &lt;a href='/hall'&gt;there&lt;/a&gt;.&lt;/p&gt;"
    "&lt;script&gt;alert(1)&lt;/script&gt;&lt;p&gt;In May.&lt;/p&gt;"
)


def rss(*items: str) -> bytes:
    inside = "".join(items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{inside}</channel></rss>'.encode()


def item(guid: str = "1", title: str = "A session", day: int = 1, text: str = HTML) -> str:
    return (
        f"<item><guid>{guid}</guid><title>{title}</title><link>https://example.org/a</link>"
        f"<description>{text}</description>"
        f"<pubDate>{day:02} Jun 2026 10:00:00 GMT</pubDate></item>"
    )


def test_rss_becomes_an_item() -> None:
    entry = read(rss(item()), "application/rss+xml", FEED.url)[0]
    made = item_of(entry, FEED, NOW.date())
    assert made.title == {"en": "A session"}
    assert made.summary == {"en": "It **meets** [there](https://example.org/hall).\n\nIn May."}
    assert (made.date, made.link) == (date(2026, 6, 1), "https://example.org/a")
    assert made.topics == ("sessions",)
    assert made.id.startswith("csto-pa-")


def test_atom_becomes_an_item() -> None:
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry>
        <id>urn:1</id><title type="html">A &lt;i&gt;session&lt;/i&gt;</title>
        <link href="https://example.org/a"/><updated>2026-06-01T10:00:00Z</updated>
        <content type="html">In &lt;em&gt;May&lt;/em&gt;.</content></entry></feed>"""
    entry = read(atom, "application/atom+xml", FEED.url)[0]
    assert (entry.title, entry.text, entry.link) == (
        "A session", "In __May__.", "https://example.org/a",
    )  # fmt: skip
    assert entry.published == datetime(2026, 6, 1, 10, tzinfo=UTC)


def test_json_feed_becomes_an_item() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {"id": "1", "title": "A session", "url": "/a", "content_html": "<b>In May</b>",
             "date_published": "2026-06-01T10:00:00Z"},
            "nonsense",
        ],
    }  # fmt: skip
    entries = read(json.dumps(feed).encode(), "application/feed+json", FEED.url)
    assert [entry.text for entry in entries] == ["**In May**"]
    assert entries[0].link == "https://example.org/a"


MEDIA = "http://search.yahoo.com/mrss/"


@pytest.mark.parametrize(
    ("within", "image"),
    [
        ('<enclosure url="https://example.org/a.jpg" type="image/jpeg" length="9"/>', "a.jpg"),
        ('<enclosure url="/a.jpg" type="image/jpeg"/>', "a.jpg"),
        ('<media:content url="https://example.org/a.png" medium="image"/>', "a.png"),
        ('<media:thumbnail url="https://example.org/a.webp"/>', "a.webp"),
        (
            '<media:group><media:content url="/a.mp4" type="video/mp4"/>'  # noqa: ISC004
            '<media:content url="/a.png" type="image/png"/></media:group>',
            "a.png",
        ),
        ('<enclosure url="https://example.org/a.mp3" type="audio/mpeg"/>', None),
        ('<enclosure url="https://example.org/a.svg" type="image/svg+xml"/>', None),
        ('<enclosure url="http://example.org/a.jpg" type="image/jpeg"/>', None),
        ('<enclosure url="https://[x/a.jpg" type="image/jpeg"/>', None),
        ('<enclosure url="https://example.org/a.jpg" type="image/jpeg" length="9000000"/>', None),
        ('<enclosure type="image/jpeg"/>', None),
        ("<media:content/>", None),
    ],
)
def test_the_picture_of_an_entry_comes_along(within: str, image: str | None) -> None:
    content = rss(item().replace("</item>", f"{within}</item>"))
    content = content.replace(b"<rss ", f'<rss xmlns:media="{MEDIA}" '.encode())
    (entry,) = read(content, "application/rss+xml", FEED.url)
    expected = image and f"https://example.org/{image}"
    assert item_of(entry, FEED, NOW.date()).image == expected


@pytest.mark.parametrize(
    "given",
    [
        {"image": "/a.png"},
        {"banner_image": "https://example.org/a.png"},
        {"attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg"}, 1,
                         {"url": "/a.png", "mime_type": "image/png", "size_in_bytes": 9}]},
    ],
)  # fmt: skip
def test_the_picture_of_a_json_feed_comes_along(given: dict[str, object]) -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": "1", "title": "A session", **given}],
    }
    (entry,) = read(json.dumps(feed).encode(), "application/feed+json", FEED.url)
    assert entry.image == "https://example.org/a.png"


def test_an_address_that_is_none_leaves_the_entry_without_a_link() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": "1", "title": "A", "url": "http://[x", "attachments": 5,
                   "content_html": "<a href='http://[x'>there</a>"}],
    }  # fmt: skip
    (entry,) = read(json.dumps(feed).encode(), "application/feed+json", FEED.url)
    assert (entry.link, entry.text) == (None, "there")
    broken = item(text="&lt;a href='http://[x'&gt;there&lt;/a&gt;")
    broken = broken.replace("https://example.org/a<", "http://[x<")
    (entry,) = read(rss(broken), "application/rss+xml", FEED.url)
    assert entry.text == "there"


@pytest.mark.parametrize(
    "content",
    [b"", b"<html><body>Not found</body></html>", b"{}", b"{", b'{"version": 1, "items": 2}',
     b"\x00\xff\xfe", b"http://example.org/feed", b"/etc/passwd", b"{" * 100_000],
)  # fmt: skip
def test_what_is_no_feed_is_refused(content: bytes) -> None:
    with pytest.raises(FeedError):
        read(content)


def test_entities_that_grow_are_not_unfolded() -> None:
    names = "abcdefghij"
    grown = "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise(names))
    bomb = f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{grown}]>'.encode()
    entries = read(bomb + rss(item(title="&amp;j; &j;")).partition(b"?>")[2])
    assert all(len(entry.title) < 1000 for entry in entries)


def test_a_long_text_is_cut_after_a_line() -> None:
    text = "&lt;p&gt;One.&lt;/p&gt;" + f"&lt;p&gt;{'word ' * 400}&lt;/p&gt;"
    assert read(rss(item(text=text)))[0].text == "One."
    cut = read(rss(item(text="A sentence. " * 200)))[0].text
    assert units(cut) <= 800
    assert cut.endswith("sentence.")


def test_an_entry_is_known_by_its_id_and_by_its_content() -> None:
    first = read(rss(item("1")))
    news, _ = new_entries(first, (), NOW)
    known = [key for entry in news for key in entry.keys]
    same_id, same_content, other = rss(item("1", "Edited")), rss(item("9")), rss(item("9", "New"))
    assert new_entries(read(same_id), known, NOW) == ([], [])
    assert new_entries(read(same_content), known, NOW) == ([], [])
    assert len(new_entries(read(other), known, NOW)[0]) == 1


def test_old_entries_are_remembered_and_not_announced() -> None:
    at = datetime(2026, 6, 20, tzinfo=UTC)
    news, others = new_entries(read(rss(item("2", "B", 19), item("1", "A", 2))), (), at)
    assert [entry.title for entry in news] == ["B"]
    assert [entry.title for entry in others] == ["A"]


def test_the_oldest_news_comes_first() -> None:
    news, _ = new_entries(read(rss(item("2", "B"), item("1", "A"))), (), NOW)
    assert [entry.title for entry in news] == ["A", "B"]


@given(st.text(alphabet="<>/abip =\"'&;*_[]()\\\n", max_size=60))
def test_any_html_becomes_markup_that_can_be_read(html: str) -> None:
    assert not markup.read(from_html(html, "https://example.org")).faults
