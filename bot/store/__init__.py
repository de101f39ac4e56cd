"""What the bot remembers: chats, readers, conversations, the inbox, and nothing beside.

    store = await Store.open(url, keep_unanswered=False)    # migrations run here
    store.chats           known chats and their settings
    store.readers         language and start of people, by id; no names
    store.conversations   what a follow-up inherits, for 30 minutes
    store.replies         which messages of the bot answer which message, for 48 hours
    store.buttons         what stands behind the short keys in callback data
    store.inbox           updates between Telegram's handing over and their being done
    store.feedback        counts of votes
    store.commands        hashes of what was registered with Telegram
    store.unanswered      questions without an answer, where the operator wants them kept
    await store.forget(user_id); await store.expire(now); await store.lock("polling")

Every method is one step: done whole or not at all, and committed when it returns. Steps asked
for at the same time share one transaction, so `asyncio.gather` over steps costs little more than
one of them. Only this package knows SQL. Times are aware and UTC, passed in as `now`. Every
method raises `StoreError` when the database fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

from bot.errors import StoreError


class ChatKind(StrEnum):
    """What Telegram calls the type of a chat."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Vote(StrEnum):
    """A press on one of the two thumbs."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat that the bot has met."""

    id: int
    kind: ChatKind
    title: str | None = None
    """None in a private chat, where it would be a person's name."""
    username: str | None = None
    """None in a private chat."""
    is_forum: bool = False
    language: str | None = None
    """Chosen for the chat; None: the reader's own."""
    news: bool = False
    """Whether announcements are delivered here."""
    silent: bool = False
    """Whether they come without a sound."""
    thread_id: int | None = None
    """The topic that they go to."""
    paused_reason: str | None = None
    """Why the chat cannot be written to; None while it can."""
    paused_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """What is kept about a person: nothing that names him or her."""

    id: int
    language: str | None = None
    """Chosen by /language; None: what Telegram says."""
    started_at: datetime | None = None
    """When the bot was first started in private; only then may it write there."""


@dataclass(frozen=True, slots=True)
class ConversationKey:
    """One user in one chat and topic."""

    user_id: int
    chat_id: int
    thread_id: int = 0
    """0 outside topics, and in the General topic."""


@dataclass(frozen=True, slots=True)
class FeedbackCount:
    """How many voted so on answers of one kind on one day."""

    day: date
    intent: str
    outcome: str
    vote: Vote
    reason: str
    """Empty where none was given."""
    count: int


@dataclass(frozen=True, slots=True)
class UnansweredCount:
    """A question that found no answer on one day, and how often."""

    day: date
    language: str
    question: str
    count: int


class Chats:
    """The chats that the bot has met, and their settings. Old ids of groups keep working."""

    async def remember(
        self,
        chat_id: int,
        kind: ChatKind,
        *,
        title: str | None = None,
        username: str | None = None,
        is_forum: bool = False,
    ) -> Chat:
        """Keep what Telegram says of a chat and give it with its settings.

        Writes only when something changed, so it may be called for each update. Title and
        username of a private chat are dropped here.
        """
        raise NotImplementedError

    async def get(self, chat_id: int) -> Chat | None:
        """Give a chat by its id, or by the id that it had before it became a supergroup."""
        raise NotImplementedError

    async def all(self) -> list[Chat]:
        """Give every chat known, by id."""
        raise NotImplementedError

    async def set_language(self, chat_id: int, language: str | None) -> Chat | None:
        """Choose the chat's language. Gives the chat as it is now; None: it is not known."""
        raise NotImplementedError

    async def set_news(self, chat_id: int, *, on: bool) -> Chat | None:
        """Deliver news into the chat, or no longer. Gives the chat; None: not known."""
        raise NotImplementedError

    async def set_silent(self, chat_id: int, *, on: bool) -> Chat | None:
        """Let news come without a sound, or with one. Gives the chat; None: not known."""
        raise NotImplementedError

    async def set_thread(self, chat_id: int, thread_id: int | None) -> Chat | None:
        """Choose the topic for news. Gives the chat; None: not known."""
        raise NotImplementedError

    async def pause(self, chat_id: int, reason: str, now: datetime) -> None:
        """Note that the chat cannot be written to. Keeps the first time while it is paused."""
        raise NotImplementedError

    async def resume(self, chat_id: int) -> bool:
        """Note that it can again. Gives whether it was paused."""
        raise NotImplementedError

    async def migrate(self, old_id: int, new_id: int, now: datetime) -> None:
        """Give a group's settings and conversations to the supergroup that it became.

        Harmless when repeated, and when the supergroup has been met before. Replies of the old
        group are dropped: message ids begin anew in a supergroup.
        """
        raise NotImplementedError

    async def current_id(self, chat_id: int) -> int:
        """Give the id to write to: the supergroup's for a group that became one."""
        raise NotImplementedError


class Readers:
    """People, by their id alone."""

    async def get(self, user_id: int) -> Reader | None:
        """Give what is kept about a person."""
        raise NotImplementedError

    async def set_language(self, user_id: int, language: str | None) -> None:
        """Keep the language that a person chose; None goes back to what Telegram says."""
        raise NotImplementedError

    async def started(self, user_id: int, now: datetime) -> bool:
        """Note that a person started the bot in private. Gives whether it was the first time."""
        raise NotImplementedError


class Conversations:
    """What a follow-up inherits; gone 30 minutes after the last turn."""

    async def get(self, key: ConversationKey, now: datetime) -> dict[str, Any] | None:
        """Give the state that was put last; None when there is none or it has expired."""
        raise NotImplementedError

    async def put(self, key: ConversationKey, state: Mapping[str, Any], now: datetime) -> None:
        """Keep a state (anything that JSON can hold) for 30 minutes from now."""
        raise NotImplementedError

    async def drop(self, key: ConversationKey) -> bool:
        """End a conversation. Gives whether there was one."""
        raise NotImplementedError


class Replies:
    """Which messages of the bot answer which message, so that an edit finds them. Ids only."""

    async def put(
        self,
        chat_id: int,
        message_id: int,
        reply_ids: Sequence[int],
        now: datetime,
        *,
        user_id: int | None = None,
    ) -> None:
        """Keep the ids of an answer's messages for 48 hours, as long as Telegram lets edit.

        `user_id` is who asked, so that `forget` finds it. Replaces what was kept for the message.
        """
        raise NotImplementedError

    async def get(self, chat_id: int, message_id: int, now: datetime) -> tuple[int, ...]:
        """Give the answer's message ids, in order; empty when none are kept."""
        raise NotImplementedError


class Buttons:
    """What a press needs. The same data has the same key, for everyone and after a restart."""

    async def keep(self, data: Sequence[Mapping[str, Any]], now: datetime) -> list[str]:
        """Give a key for each, of 12 characters `A-Za-z0-9_-`, good for 90 days from now.

        Data must not hold what a person wrote, nor who: it belongs to nobody, and `forget` does
        not touch it. What was given lately is not written again, so this is nearly free.
        """
        raise NotImplementedError

    async def get(self, key: str, now: datetime) -> dict[str, Any] | None:
        """Give what stands behind a key; None when it is unknown, foreign or expired."""
        raise NotImplementedError


class Inbox:
    """Updates that Telegram handed over and that are not done; and the ids of those that are."""

    async def add(
        self, updates: Iterable[Mapping[str, Any]], now: datetime
    ) -> list[dict[str, Any]]:
        """Write updates as Telegram gave them; confirm them to Telegram only afterwards.

        Gives those never seen before, in order of `update_id`, ready to be worked on. One seen
        within 24 hours, done or not, is left out; so is one without an integer `update_id`.
        """
        raise NotImplementedError

    async def pending(self) -> list[dict[str, Any]]:
        """Give what is not done, in order of `update_id`. Asked once, at start, before `add`."""
        raise NotImplementedError

    async def done(self, update_id: int) -> None:
        """Drop an update's text; its id is remembered. Harmless when repeated.

        Await it before the next update of the same conversation begins: then at most one message
        of each conversation is answered twice after a crash.
        """
        raise NotImplementedError


class Feedback:
    """Counts of votes by day, intent and outcome."""

    async def add(
        self, vote: Vote, *, intent: str, outcome: str, now: datetime, reason: str = ""
    ) -> None:
        """Count one vote."""
        raise NotImplementedError

    async def since(self, day: date) -> list[FeedbackCount]:
        """Give the counts from a day on, oldest first."""
        raise NotImplementedError


class Commands:
    """Hashes of what was registered with Telegram, by scope and language."""

    async def hashes(self) -> dict[tuple[str, str], str]:
        """Give every (scope, language) with its hash. The default language is the empty text."""
        raise NotImplementedError

    async def put(self, scope: str, language: str, hash_: str) -> None:
        """Keep a hash once Telegram has taken what it stands for.

        Scopes are the caller's words, but one person's is `chat:USER_ID`, so that `forget`
        finds it.
        """
        raise NotImplementedError


class Unanswered:
    """Questions that found no answer, without who asked; only where the operator wants it."""

    async def add(self, question: str, language: str, now: datetime) -> bool:
        """Count a question. Does nothing, and gives False, unless KEEP_UNANSWERED is set."""
        raise NotImplementedError

    async def since(self, day: date) -> list[UnansweredCount]:
        """Give what was asked in vain from a day on, the most frequent first."""
        raise NotImplementedError


class Lock:
    """Held by one process at a time; dies with it. Also an async context manager."""

    async def release(self) -> None:
        """Let another process have it. Harmless when repeated."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        raise NotImplementedError

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        raise NotImplementedError


class Store:
    """An open database. Also an async context manager that closes it."""

    chats: Chats
    readers: Readers
    conversations: Conversations
    replies: Replies
    buttons: Buttons
    inbox: Inbox
    feedback: Feedback
    commands: Commands
    unanswered: Unanswered

    @classmethod
    async def open(cls, url: str, *, keep_unanswered: bool = False) -> Store:
        """Open a database, creating it and bringing its tables up to date where needed.

        `url` is DATABASE_URL as people write it: `sqlite:///file.db` (relative),
        `sqlite:////folder/file.db`, `sqlite://` (in memory, for tests), `postgres://…`.
        Raises `StoreError` when it cannot be used; the text says what to do and holds no password.
        """
        raise NotImplementedError

    async def close(self) -> None:
        """Finish the steps that were asked for and let go. Harmless when repeated."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        raise NotImplementedError

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        raise NotImplementedError

    async def lock(self, name: str) -> Lock | None:
        """Take a lock by name, e.g. "polling"; None while another holder has it. Never waits."""
        raise NotImplementedError

    async def forget(self, user_id: int) -> int:
        """Delete everything kept about a person; give how many rows it was.

        That is: language and start, conversations and replies everywhere, the private chat with
        its settings and subscription. Updates in hand leave the inbox as they are done.
        """
        raise NotImplementedError

    async def expire(self, now: datetime) -> int:
        """Delete what is older than promised, in small steps; give how many rows it was.

        Called at start (after `inbox.pending`) and every minute. Also drops unanswered questions
        where KEEP_UNANSWERED is no longer set.
        """
        raise NotImplementedError


__all__ = [
    "Buttons", "Chat", "ChatKind", "Chats", "Commands", "ConversationKey", "Conversations",
    "Feedback", "FeedbackCount", "Inbox", "Lock", "Reader", "Readers", "Replies", "Store",
    "StoreError", "Unanswered", "UnansweredCount", "Vote",
]
