"""The commands and descriptions that Telegram shows, for each scope and language.

Telegram is told only what changed since the last time: a bot that registered its commands at each
start was banned for minutes.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from telegram import (
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.answering import Answerer
from bot.answering.finding import Ref, say
from bot.knowledge.model import Knowledge
from bot.store import Store
from bot.telegram.redaction import redacted

log = logging.getLogger(__name__)

DEFAULT_LANGUAGE = "en"
COUNTRIES = "*"
"""Stands for one command for each delegation."""
_READING = (
    "help", "ask", "delegations", "delegation", COUNTRIES, "representatives", "compare",
    "interview", "sources", "news",
)  # fmt: skip
_OWN = ("language", "privacy", "forget", "cancel", "about")
_DECIDING = ("subscribe", "unsubscribe", "settings")
EDITORS = "editors"
_EDITING = ("announce", "queue", "stats", "unanswered")
MENUS = {
    "private": ("start", *_READING, *_DECIDING, *_OWN),
    EDITORS: (*_EDITING, "start", *_READING, *_DECIDING, *_OWN),
    "groups": (*_READING, *_OWN),
    "group_administrators": (*_READING, *_DECIDING, *_OWN),
}
SCOPES = {
    "private": BotCommandScopeAllPrivateChats(),
    "groups": BotCommandScopeAllGroupChats(),
    "group_administrators": BotCommandScopeAllChatAdministrators(),
}
OWN_SCOPE = "chat:"
"""What the scope of one person's commands begins with, before the user id."""
LONGEST_DESCRIPTION = 256
PAUSES = (5.0, 30.0, 120.0, 600.0)


def country_commands(knowledge: Knowledge) -> dict[str, str]:
    """Give a command for each delegation that the facts describe: `kazakhstan` and its country."""
    names = knowledge.languages[
        DEFAULT_LANGUAGE if DEFAULT_LANGUAGE in knowledge.languages else min(knowledge.languages)
    ].names
    found = {}
    for fact in knowledge.find("members"):
        if fact.given:
            word = re.sub(r"[^a-z0-9]+", "_", str(names[fact.subject]).lower()).strip("_")[:32]
            found[word or fact.subject.lower()] = fact.subject
    return found


def menu(answerer: Answerer, scope: str, language: str) -> list[tuple[str, str]]:
    """Give the commands of a scope with their descriptions."""
    wording = answerer.wording(language)
    found = []
    for name in MENUS[scope]:
        if name != COUNTRIES:
            found.append((name, wording.language.replies[f"command_{name}"]))
            continue
        for word, country in country_commands(answerer.knowledge).items():
            found.append((word, wording.say(say("command_country", country=Ref(country)))))
    return [(name, words[:1].upper() + words[1:LONGEST_DESCRIPTION]) for name, words in found]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that Telegram is told."""

    scope: str
    language: str
    """Empty for readers of all other languages."""
    content: Any
    tell: Callable[[], Awaitable[Any]]

    @property
    def hash(self) -> str:
        """Give what tells it from what was said before."""
        return hashlib.sha256(json.dumps(self.content).encode()).hexdigest()[:32]


def notices(bot: ExtBot[Any], answerer: Answerer, editors: Iterable[int] = ()) -> Iterator[Notice]:
    """Give all that Telegram should show; `editors` are those who have started the bot."""
    scopes: dict[str, tuple[str, BotCommandScope]] = {
        scope: (scope, kind) for scope, kind in SCOPES.items()
    }
    for user_id in editors:
        scopes[f"{OWN_SCOPE}{user_id}"] = EDITORS, BotCommandScopeChat(user_id)
    codes = answerer.knowledge.languages
    default = DEFAULT_LANGUAGE if DEFAULT_LANGUAGE in codes else min(codes)
    for shown, code in (("", default), *((code, code) for code in codes if len(code) == 2)):
        for scope, (name, kind) in scopes.items():
            content = menu(answerer, name, code)
            yield Notice(
                scope,
                shown,
                content,
                lambda c=content, k=kind, s=shown: bot.set_my_commands(  # type: ignore[misc]
                    c, scope=k, language_code=s or None
                ),
            )
        replies = answerer.wording(code).language.replies
        for name, tell in (
            ("description", bot.set_my_description),
            ("short_description", bot.set_my_short_description),
        ):
            text = replies[f"bot_{name}"]
            yield Notice(
                name,
                shown,
                text,
                lambda x=text, t=tell, s=shown: t(x, language_code=s or None),  # type: ignore[misc]
            )


async def register(
    bot: ExtBot[Any], answerer: Answerer, store: Store, editors: Iterable[int] = ()
) -> None:
    """Tell Telegram what has changed, with patience; nothing waits for it."""
    told = await store.commands.hashes()
    readers = [await store.readers.get(user_id) for user_id in sorted(editors)]
    started = [reader.id for reader in readers if reader and reader.started_at]
    left = [
        notice
        for notice in notices(bot, answerer, started)
        if told.get((notice.scope, notice.language)) != notice.hash
    ]
    await _take_back(bot, store, told, {f"{OWN_SCOPE}{user_id}" for user_id in started})
    for pause in (*PAUSES, None):
        failed = []
        for notice in left:
            try:
                await notice.tell()
            except TelegramError as error:
                log.warning("%s not registered: %s", notice.scope, redacted(str(error)))
                failed.append(notice)
            else:
                await store.commands.put(notice.scope, notice.language, notice.hash)
        left = failed
        if not left or pause is None:
            return
        await asyncio.sleep(pause)


async def _take_back(
    bot: ExtBot[Any], store: Store, told: Iterable[tuple[str, str]], own: Collection[str]
) -> None:
    """Show those who are no editors any more what everybody sees."""
    for scope, language in told:
        if not scope.startswith(OWN_SCOPE) or scope in own:
            continue
        chat = BotCommandScopeChat(int(scope.removeprefix(OWN_SCOPE)))
        try:
            await bot.delete_my_commands(scope=chat, language_code=language or None)
        except TelegramError as error:
            log.warning("%s not taken back: %s", scope, redacted(str(error)))
        else:
            await store.commands.drop(scope, language)
