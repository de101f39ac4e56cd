"""What is wrong with the set-up: each line says ok, or what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.answering.loading import load
from bot.errors import BotError
from bot.store import Store
from bot.telegram.client import Client
from bot.telegram.options import Options
from bot.telegram.redaction import redacted


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
    """Look at everything that the bot needs; nothing is changed."""
    return [
        await _tried("knowledge", lambda: _knowledge(options)),
        await _tried("database", lambda: _database(options)),
        *await _telegram(options),
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


async def _database(options: Options) -> str:
    async with await Store.open(options.database_url):
        return "opened, tables up to date"


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
    except TelegramError as error:
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
    if webhook.url:
        advice = "one is set; `csto-bot run` removes it, as it polls"
        found.append(Line("webhook", True, advice))
    else:
        found.append(Line("webhook", True, "none, as polling wants it"))
    if webhook.last_error_message:
        found.append(Line("webhook error", False, redacted(webhook.last_error_message)))
    return found
