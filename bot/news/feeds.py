"""Feeds of news: what a fetched RSS, Atom or JSON Feed says, as items.

An entry is known again by the id that the feed gives it, and by its content: some feeds give new
ids on every fetch. Nothing here fetches or keeps anything.
"""

from __future__ import annotations

import json
import re
from calendar import timegm
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

from bot.knowledge.feed_file import Feed
from bot.knowledge.model import NewsItem
from bot.news import markup
from bot.news.markup import BOLD, ITALIC, LINK, QUOTE, Span
from bot.news.text import clean, units

NEWEST = timedelta(days=7)
"""An entry that is older is no news: a feed that is new to the bot brings no flood."""
AHEAD = timedelta(days=1)
"""How far a feed's clock may be ahead."""
MOST_READ = 200
"""Entries of a feed that are looked at: the first ones, which are the newest."""
MOST_A_DAY = 20
"""Items that a feed may bring within 24 hours; what is left over waits in the feed."""
MOST_HTML = 20_000
"""Characters of an entry's text that are looked at."""
LONGEST_TITLE = 300
LONGEST_TEXT = 800
"""UTF-16 units of an entry's text that are shown: the rest is behind its link."""
LONGEST_LINK = 1000
LARGEST_IMAGE = 5_000_000
"""Bytes of a picture that Telegram fetches: https://core.telegram.org/bots/api#sending-files"""
NO_PHOTOS = ("svg", "gif")
"""Pictures that Telegram does not show as photos."""
KEY_LENGTH = 32
"""Hex digits of a hash that make a key: 128 bits."""


class FeedError(Exception):
    """It is no feed; the text says what it is, for the operator."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed."""

    keys: tuple[str, ...]
    """What it is known again by: of its id, if it has one, and of its content."""
    title: str
    text: str
    """In light markup."""
    link: str | None
    published: datetime | None
    image: str | None = None
    """The https address of its picture."""


@dataclass(frozen=True, slots=True)
class _File:
    """What a feed says of a file that comes with an entry."""

    url: str
    type: str
    """As in `image/png`, or what kind of thing it is; empty: not said."""
    size: str = ""
    """In bytes, if said."""


# -------------------------------------------------------------------- reading


def read(content: bytes, content_type: str = "", url: str = "") -> list[Entry]:
    """Read the entries of a feed, in its order. Raises `FeedError` where it is none.

    Args:
        content: as it was fetched.
        content_type: as the server named it.
        url: where it was fetched: its links may be relative to it.
    """
    start = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if "json" in content_type or start.startswith(b"{"):
        found = list(_json_entries(content, url))
    else:
        found = list(_xml_entries(content, content_type, url))
    return [entry for entry in found if entry.title][:MOST_READ]


def _json_entries(content: bytes, url: str) -> Iterator[Entry]:
    """Read JSON Feed: https://www.jsonfeed.org/version/1.1/."""
    try:
        read = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FeedError(f"JSON that cannot be read ({error})") from None
    version = read.get("version") if isinstance(read, dict) else None
    items = read.get("items") if isinstance(read, dict) else None
    if "jsonfeed.org" not in str(version) or not isinstance(items, list):
        raise FeedError("JSON, but no JSON Feed: it has no version and items of one")
    for item in items[:MOST_READ]:
        if isinstance(item, dict):
            plain = item.get("summary") or item.get("content_text")
            text = markup.write(clean(str(plain)[:MOST_HTML])) if plain else None
            html = str(item.get("content_html") or "")
            yield _entry(
                str(item.get("id") or ""),
                str(item.get("title") or ""),
                text if text is not None else from_html(html, url),
                joined(url, str(item.get("url") or "")),
                _iso(item.get("date_published") or item.get("date_modified")),
                _image(_json_files(item), url),
            )


def _json_files(item: dict[str, Any]) -> Iterator[_File]:
    for key in ("image", "banner_image"):
        yield _File(str(item.get(key) or ""), "image")
    attached = item.get("attachments")
    for one in attached if isinstance(attached, list) else ():
        if isinstance(one, dict):
            values = (one.get(key) or "" for key in ("url", "mime_type", "size_in_bytes"))
            yield _File(*map(str, values))


def _xml_entries(content: bytes, content_type: str, url: str) -> Iterator[Entry]:
    """Read RSS and Atom."""
    import feedparser  # type: ignore[import-untyped]  # slow to import: only feeds pay for it

    headers = {"content-location": url}
    if content_type.isprintable() and content_type:
        headers["content-type"] = content_type
    try:
        # Its sanitizer takes minutes for what `_Html` leaves out anyway.
        parsed = feedparser.parse(
            BytesIO(content),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # noqa: BLE001 - whatever its parsers stumble over is no feed
        raise FeedError(f"what cannot be read ({type(error).__name__})") from None
    if not parsed.get("version"):
        raise FeedError(f"no RSS, Atom or JSON Feed: it begins with {content[:40]!r}")
    for one in parsed.get("entries", [])[:MOST_READ]:
        html = str(one.get("summary") or "")
        if not html and one.get("content"):
            html = str(one["content"][0].get("value") or "")
        when = one.get("published_parsed") or one.get("updated_parsed")
        yield _entry(
            str(one.get("id") or ""),
            str(one.get("title") or ""),
            from_html(html, url),
            joined(url, str(one.get("link") or "")),
            _moment(when),
            _image(_xml_files(one), url),
        )


def _xml_files(entry: Any) -> Iterator[_File]:
    """Give the files of an entry: enclosures, and what Media RSS has."""
    for one in entry.get("enclosures") or ():
        yield _File(*(str(one.get(key) or "") for key in ("href", "type", "length")))
    for one in entry.get("media_content") or ():
        kind = one.get("type") or one.get("medium")
        yield _File(str(one.get("url") or ""), str(kind or ""), str(one.get("filesize") or ""))
    for one in entry.get("media_thumbnail") or ():
        yield _File(str(one.get("url") or ""), "image")


def _image(files: Iterable[_File], base: str) -> str | None:
    """Give the address of the first picture that Telegram can fetch and show."""
    for file in files:
        address = joined(base, file.url) if file.url else ""
        is_photo = file.type.startswith("image") and not any(
            kind in file.type or address.lower().endswith(f".{kind}") for kind in NO_PHOTOS
        )
        is_small = not file.size.isdecimal() or int(file.size) <= LARGEST_IMAGE
        is_safe = address.startswith("https://") and markup.is_address(address)
        if is_photo and is_small and is_safe and len(address) <= LONGEST_LINK:
            return address
    return None


def _entry(
    identifier: str,
    title: str,
    text: str,
    link: str,
    published: datetime | None,
    image: str | None,
) -> Entry:
    title = _shortened(" ".join(markup.read(from_html(title, "")).text.split()), LONGEST_TITLE)
    body = _told(text)
    words = re.sub(r"\W+", " ", f"{title} {markup.read(text).text}").casefold().strip()
    keys = (_key("id", identifier or link), _key("content", words))
    return Entry(
        keys=keys if identifier or link else keys[1:],
        title=title,
        text=body,
        link=link if markup.is_address(link) and len(link) <= LONGEST_LINK else None,
        published=published,
        image=image,
    )


def joined(base: str, link: str) -> str:
    """Give the address that a link means; nothing where it is none."""
    try:
        return urljoin(base, link)
    except ValueError:
        return ""


def _key(kind: str, words: str) -> str:
    return f"{kind}:{sha256(words.encode('utf-8', 'replace')).hexdigest()[:KEY_LENGTH]}"


def _moment(parts: Any) -> datetime | None:
    """Give the moment of a `time.struct_time` in UTC, if it is one."""
    try:
        return datetime.fromtimestamp(timegm(parts), UTC) if parts else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _iso(words: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(words))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


# ----------------------------------------------------------------- shortening


def _told(text: str) -> str:
    """Shorten a text to what an announcement shows: whole lines, else a part of the first."""
    kept: list[str] = []
    for line in text.split("\n"):
        if units("\n".join([*kept, line])) > LONGEST_TEXT:
            break
        kept.append(line)
    told = "\n".join(kept).strip()
    if told or not text.strip():
        return told
    return markup.write(_shortened(markup.read(text).text.split("\n")[0], LONGEST_TEXT))


def _shortened(words: str, most: int) -> str:
    """Cut a line after a sentence, else after a word."""
    if units(words) <= most:
        return words
    cut = words[:most]
    while units(cut) > most - 1:
        cut = cut[:-1]
    sentence = max(cut.rfind(end) for end in (". ", "! ", "? ", "… "))
    if sentence > most // 3:
        return cut[: sentence + 1]
    return f"{cut.rpartition(' ')[0] or cut}…"


class _Html(HTMLParser):
    """Gathers the text of HTML with the looks that the light markup has."""

    LOOKS = {"b": BOLD, "strong": BOLD, "i": ITALIC, "em": ITALIC, "blockquote": QUOTE}  # noqa: RUF012
    BLOCKS = frozenset(
        {"p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "tr", "blockquote", "section"}
    )
    HIDDEN = frozenset({"script", "style", "template", "head", "title", "noscript"})

    def __init__(self, base: str) -> None:
        super().__init__(convert_charrefs=True)
        self.base = base
        self.text = ""
        self.spans: list[Span] = []
        self.opened: list[tuple[str, str, int, str | None]] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.HIDDEN:
            self.hidden += 1
        if tag in self.BLOCKS:
            self._break(1 if tag in ("br", "li") else 2)
        if tag in self.LOOKS:
            self.opened.append((tag, self.LOOKS[tag], len(self.text), None))
        elif tag == "a":
            url = joined(self.base, dict(attrs).get("href") or "")
            self.opened.append((tag, LINK, len(self.text), url))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.HIDDEN:
            self.hidden = max(0, self.hidden - 1)
        for place in range(len(self.opened) - 1, -1, -1):
            name, kind, start, url = self.opened[place]
            if name == tag:
                self.spans.append(Span(kind, start, len(self.text.rstrip("\n")), url))
                del self.opened[place]
                break
        if tag in self.BLOCKS:
            self._break(1 if tag in ("br", "li") else 2)

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            words = re.sub(r"\s+", " ", data)
            self.text += words.lstrip() if self.text[-1:] in ("", "\n", " ") else words

    def _break(self, lines: int) -> None:
        self.text = self.text.rstrip(" ")
        have = len(self.text) - len(self.text.rstrip("\n"))
        if self.text:
            self.text += "\n" * max(0, lines - have)


def from_html(html: str, base: str) -> str:
    """Write HTML, or plain text, in light markup; links are relative to `base`."""
    reader = _Html(base)
    reader.feed(clean(html[:MOST_HTML]))
    reader.close()
    return markup.write(reader.text.rstrip(), reader.spans).strip()


# ------------------------------------------------------------------- deciding


def is_news(entry: Entry, now: datetime) -> bool:
    """Tell whether an entry is young enough to be announced; one without a date is."""
    return entry.published is None or now - NEWEST <= entry.published <= now + AHEAD


def new_entries(
    entries: Iterable[Entry], known: Iterable[str], now: datetime
) -> tuple[list[Entry], list[Entry]]:
    """Choose what is to be announced, the oldest first; and what is only to be remembered.

    An entry of which one key is known is known: it was edited, or has another id now.

    Args:
        entries: of one fetch, in the feed's order.
        known: the keys of entries that were seen before.
        now: the time.
    """
    seen = set(known)
    news: list[Entry] = []
    others: list[Entry] = []
    for entry in entries:
        if seen.isdisjoint(entry.keys):
            seen.update(entry.keys)
            (news if is_news(entry, now) else others).append(entry)
    return news[::-1], others


def item_of(entry: Entry, feed: Feed, today: date) -> NewsItem:
    """Make an item of an entry; the same entry always makes an item of the same id."""
    day = entry.published.date() if entry.published else today
    number = entry.keys[0].partition(":")[2][:8]
    return NewsItem(
        id=f"{feed.name}-{number}",
        title={feed.language: entry.title},
        summary={feed.language: entry.text} if entry.text else {},
        date=day,
        link=entry.link,
        preview=feed.preview and entry.link is not None,
        image=entry.image,
        topics=feed.topics,
    )
