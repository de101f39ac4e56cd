"""What is wrong with the set-up: each line says ok, or what to do."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.answering.loading import load
from bot.errors import BotError, NoStoreError, StoreError, UnreadyStoreError
from bot.store import Address, Store
from bot.telegram.client import Client
from bot.telegram.options import Options
from bot.telegram.redaction import redacted

LONGEST_LOOK = 5.0


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at."""

    what: str
    is_well: bool
    says: str
    """How it is, or what to do."""

    def __str__(self) -> str:
        """Write the line as the operator reads it."""
        return f"{'ok  ' if self.is_well else 'FAIL'}  {self.what}: {self.says}"


async def examine(options: Options) -> list[Line]:
    """Look at everything that the bot needs.

    Nothing is changed but a row that tells whether the database can be written.
    """
    return [
        await _tried("knowledge", lambda: _knowledge(options)),
        await _tried("database", lambda: _database(options)),
        *([await _tried("feeds", lambda: _feeds(options))] if options.feeds else []),
        *await _telegram(options),
        *([await _listening(options.http_listen)] if options.http_listen else []),
        *([await _metrics(options.metrics_listen)] if options.metrics_listen else []),
    ]


async def _tried(what: str, look: Callable[[], Coroutine[Any, Any, str]]) -> Line:
    try:
        return Line(what, True, await look())
    except (BotError, OSError) as error:
        return Line(what, False, redacted(str(error)))


async def _knowledge(options: Options) -> str:
    knowledge = await asyncio.to_thread(load, options.knowledge)
    languages = ", ".join(knowledge.languages)
    return f"{options.knowledge}, version {knowledge.version}, languages {languages}"


async def _feeds(options: Options) -> str:
    """Read each feed once; keep nothing."""
    from bot.knowledge.feed_file import read_feeds
    from bot.news.feeds import FeedError, read
    from bot.web.fetch import Fetcher, FetchError

    knowledge = await asyncio.to_thread(load, options.knowledge)
    feeds = read_feeds(options.feeds, knowledge.languages) if options.feeds else []
    found = []
    async with Fetcher() as fetcher:
        for feed in feeds:
            try:
                fetched = await fetcher.get(feed.url)
                content, kind = fetched.content or b"", fetched.content_type
                entries = await asyncio.to_thread(read, content, kind, fetched.url)
            except (FetchError, FeedError) as error:
                raise BotError(f"{feed.name} cannot be read: {error}") from None
            found.append(f"{feed.name} has {len(entries)} entries")
    return ", ".join(found) or "none in the file"


async def _database(options: Options) -> str:
    try:
        opened = await Store.open(options.database_url, migrate=False)
    except NoStoreError as error:
        _may_be_made(Address.parse(options.database_url).file)
        return str(error)
    except UnreadyStoreError as error:
        return str(error)
    async with opened as store:
        await store.probe()
        sharing = "several processes may share it" if store.workers.are_many else "for one process"
        return f"can be written, tables up to date; {sharing}"


def _may_be_made(file: Path | None) -> None:
    """Hold that a file can be made where it is wanted. Raises `StoreError`."""
    if file is None:
        return
    folder = next(one for one in file.absolute().parents if one.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        raise StoreError(
            f"{folder}: found no right to make {file.name} there; give it to the bot's user, or"
            " set DATABASE_URL to another file"
        )


async def _telegram(options: Options) -> list[Line]:
    base = options.api_url.rstrip("/")
    bot = Bot(
        options.token, base_url=f"{base}/bot", request=Client(), get_updates_request=Client()
    )
    try:
        await bot.initialize()
        webhook = await bot.get_webhook_info()
    except InvalidToken:
        advice = "Telegram does not know it; @BotFather shows the right one under /mybots"
        return [Line("token", False, advice)]
    except (TelegramError, TypeError) as error:  # the latter for an answer that is none
        advice = f"{base} cannot be reached ({redacted(str(error))}); is the address right?"
        return [Line("Telegram", False, advice)]
    finally:
        await bot.shutdown()
    me = bot.bot
    inline = "on" if me.supports_inline_queries else "off; @BotFather turns it on by /setinline"
    privacy = (
        "off: Telegram sends the bot every message of its groups, of which it reads those that"
        " are meant for it; @BotFather turns it on by /setprivacy, then add the bot anew"
        if me.can_read_all_group_messages
        else "on: in groups the bot gets commands, mentions and replies"
    )
    found = [
        Line("Telegram", True, base),
        Line("token", True, f"of @{me.username}"),
        Line("privacy mode", True, privacy),
        Line("inline mode", bool(me.supports_inline_queries), inline),
        Line("groups", bool(me.can_join_groups), "may be joined")
        if me.can_join_groups
        else Line("groups", False, "may not be joined; @BotFather allows it by /setjoingroups"),
    ]
    found.append(Line("webhook", True, _webhook(webhook.url, options)))
    if webhook.last_error_message:
        found.append(Line("webhook error", False, redacted(webhook.last_error_message)))
    return found


def _webhook(url: str, options: Options) -> str:
    """Say whether the webhook is as it should be; if not, the next start mends it."""
    wanted = options.webhook
    if wanted is None:
        return (
            "one is set; `csto-bot run` removes it, as it polls"
            if url
            else "none, as polling wants it"
        )
    if url == wanted.url:
        return f"set to {url}"
    return f"{url or 'none'} is set; `csto-bot run` sets {wanted.url}"


async def _listening(address: str) -> Line:
    """Ask the process that listens there how it is, if there is one."""
    what = "HTTP_LISTEN"
    try:
        found = json.loads(await _got(address, "/healthz"))
        failing = [
            f"{name}: {check['says']}"
            for name, check in found["checks"].items()
            if not check["ok"]
        ]
    except aiohttp.ClientConnectorError:
        return _nobody(what, address)
    except (*_NO_ANSWER, LookupError, AttributeError, TypeError):
        return _another(what, address)
    if failing:
        return Line(
            what, False, f"the bot on {address} is not well: {redacted('; '.join(failing))}"
        )
    return Line(what, True, f"the bot on {address} is well")


async def _metrics(address: str) -> Line:
    """Ask for what Prometheus would."""
    what = "METRICS_LISTEN"
    try:
        found = await _got(address, "/metrics")
    except aiohttp.ClientConnectorError:
        return _nobody(what, address)
    except _NO_ANSWER:
        return _another(what, address)
    if "csto_bot_store_up" not in found:
        return _another(what, address)
    return Line(what, True, f"the bot on {address} tells its metrics")


_NO_ANSWER = (aiohttp.ClientError, OSError, TimeoutError, ValueError)


async def _got(address: str, path: str) -> str:
    host, _, port = address.rpartition(":")
    here = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LONGEST_LOOK)) as session,
        session.get(f"http://{here}:{port}{path}") as response,
    ):
        return await response.text()


def _nobody(what: str, address: str) -> Line:
    return Line(what, True, f"nothing listens on {address} yet; `csto-bot run` does")


def _another(what: str, address: str) -> Line:
    advice = f"another program listens on {address}; choose another address, or end it"
    return Line(what, False, advice)
