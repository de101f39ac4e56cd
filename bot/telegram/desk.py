"""What a handler works with: the store, the knowledge, the voice, and who is asking.

A handler's last words to the store are kept back and written in one transaction with the update
leaving the inbox, so that after a crash either both happened or neither.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from telegram import CallbackQuery, Chat, InlineQuery, Message, User
from telegram.ext import ExtBot

from bot.answering import Conversation, Question
from bot.answering.finding import Value, Words, say
from bot.answering.wording import Wording
from bot.news.text import clean
from bot.store import Budgets, ChatKind, ConversationKey, Store
from bot.store import Chat as KnownChat
from bot.telegram.line import Line
from bot.telegram.mind import Mind
from bot.telegram.news import Carrier
from bot.telegram.options import Options
from bot.telegram.sending import Place, Voice
from bot.web.counts import Counts

MINUTE = 60.0
FORGOTTEN_FOR = timedelta(hours=48)
"""As long as Telegram lets people edit what they wrote."""
KEPT_FOR_LAST: ContextVar[list[Coroutine[Any, Any, Any]]] = ContextVar("kept_for_last")


class Verdict(Enum):
    """Whether a question may be answered now."""

    WELCOME = auto()
    TOO_MANY = auto()
    """Say so, this once."""
    IGNORED = auto()


class Calm:
    """Notices who asks more in a minute than is good for the others."""

    def __init__(self, a_minute: int, budgets: Budgets) -> None:
        """Prepare to watch.

        Args:
            a_minute: questions that one user may ask; 0: no limit.
            budgets: what users have asked, shared by the processes that answer them.
        """
        self._most = a_minute
        self._budgets = budgets

    async def verdict(self, user_id: int) -> Verdict:
        """Count a question and tell what to do with it.

        Questions that were not answered count too: it must really calm down.
        """
        if self._most <= 0:
            return Verdict.WELCOME
        return await self._budgets.spend(f"user:{user_id}", self._count)

    def _count(self, state: Any, now: float) -> tuple[Any, Verdict]:
        """Spend: what is held is when was asked in the last minute, and whether it was told."""
        before, is_told = state or ([], False)
        asked = [*[at for at in before if at > now - MINUTE][-self._most :], now]
        if len(asked) <= self._most:
            return (asked, False), Verdict.WELCOME
        return (asked, True), Verdict.IGNORED if is_told else Verdict.TOO_MANY


@dataclass(slots=True)
class Desk:
    """Everything that handlers share; made once."""

    bot: ExtBot[Any]
    line: Line
    store: Store
    mind: Mind
    voice: Voice
    options: Options
    calm: Calm
    now: Callable[[], datetime]
    carrier: Carrier
    """Shows editors what an announcement looks like."""
    counts: Counts = field(default_factory=Counts)
    administrators: dict[tuple[int, int], tuple[float, bool]] = field(default_factory=dict)
    """Who administers which chat, and until when that is believed."""
    album: deque[str] = field(default_factory=lambda: deque(maxlen=200))
    """Albums that have had their line."""
    editor_started: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when an editor's commands can be registered."""

    forgotten: dict[int, datetime] = field(default_factory=dict)
    """Who asked to be forgotten, and when. Of all places here alone: kept, it would be about
    them, and who edits an old question after a restart only gets an answer to it."""

    def forget(self, user_id: int, at: datetime) -> None:
        """Note that what somebody wrote until now is no longer known."""
        self.forgotten = {
            other: since for other, since in self.forgotten.items() if at - since < FORGOTTEN_FOR
        }
        self.forgotten[user_id] = at

    def is_forgotten(self, message: Message, user_id: int) -> bool:
        """Tell whether somebody wrote a message before asking to be forgotten.

        Edited, it gets no answer: the one that it had cannot be found, and a second one would
        come out of nowhere.
        """
        since = self.forgotten.get(user_id)
        return since is not None and message.date <= since

    def wording(self, language: str) -> Wording:
        """Give how a language says things."""
        return self.mind.answerer.wording(language)

    def say(self, language: str, key: str, /, **values: Value | str) -> str:
        """Word one of the texts of `replies.yaml`; what people wrote is shown as it is."""
        shown = {
            name: Words(clean(value)) if isinstance(value, str) else value
            for name, value in values.items()
        }
        return self.wording(language).say(say(key, **shown))

    def keep(self, *steps: Coroutine[Any, Any, Any]) -> None:
        """Write something to the store together with the update's leaving the inbox."""
        KEPT_FOR_LAST.get().extend(steps)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, where, and what was said before."""

    user_id: int
    place: Place
    chat: KnownChat
    key: ConversationKey
    conversation: Conversation
    chosen: str | None
    """The language that the reader or else the chat has chosen."""
    user_language: str | None

    def question(self, text: str) -> Question:
        """Give a text as this asker's question."""
        return Question(text, self.chosen, self.user_language)

    def language(self, desk: Desk, text: str = "") -> str:
        """Give the language to reply in."""
        return desk.mind.answerer.language_for(self.question(text), self.conversation)


async def asker_of(desk: Desk, message: Message, user: User | None = None) -> Asker:
    """Find out who asks: the message's sender, or the user who pressed a button under it."""
    user_id, code = sender_of(message) if user is None else (user.id, user.language_code)
    is_private = message.chat.type == Chat.PRIVATE
    thread = message.message_thread_id if message.is_topic_message else None
    place = Place(message.chat.id, thread, None if is_private else message.message_id, is_private)
    return await _asker(desk, message.chat, user_id, code, place)


async def asker_of_press(desk: Desk, query: CallbackQuery) -> Asker | None:
    """Find out who pressed; None where the button's message is nobody's, as in inline mode."""
    if isinstance(query.message, Message):
        return await asker_of(desk, query.message, query.from_user)
    if query.message is None:
        return None
    chat = query.message.chat
    place = Place(chat.id, None, None, chat.type == Chat.PRIVATE)
    user = query.from_user
    return await _asker(desk, chat, user.id, user.language_code, place)


async def _asker(desk: Desk, chat: Chat, user_id: int, code: str | None, place: Place) -> Asker:
    store, now = desk.store, desk.now()
    key = ConversationKey(user_id, chat.id, place.thread_id or 0)
    known, reader, state = await asyncio.gather(
        store.chats.remember(
            chat.id,
            ChatKind(chat.type),
            title=chat.title,
            username=chat.username,
            is_forum=bool(chat.is_forum),
        ),
        store.readers.get(user_id),
        store.conversations.get(key, now),
    )
    chosen = (reader.language if reader else None) or known.language
    return Asker(user_id, place, known, key, conversation_of(state), chosen, code)


def conversation_of(state: dict[str, Any] | None) -> Conversation:
    """Read a stored conversation; one that an older version wrote is begun anew."""
    try:
        return Conversation.from_json(state) if state else Conversation()
    except (KeyError, TypeError, ValueError):
        return Conversation()


def sender_of(message: Message) -> tuple[int, str | None]:
    """Give who wrote a message: a chat, where somebody writes in its name."""
    if message.sender_chat is not None:
        return message.sender_chat.id, None
    user = message.from_user
    return (user.id, user.language_code) if user else (message.chat.id, None)


def language_of_user(desk: Desk, query: InlineQuery | CallbackQuery, chosen: str | None) -> str:
    """Give the language for somebody of whom nothing but his or her program is known."""
    question = Question("", chosen, query.from_user.language_code)
    return desk.mind.answerer.language_for(question, Conversation())


async def finish(steps: list[Coroutine[Any, Any, Any]], *last: Awaitable[Any]) -> None:
    """Let the store write what was kept for last."""
    await asyncio.gather(*steps, *last)
