"""The chats that the bot has met, their settings, and what group became which supergroup."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bot.store import ledger
from bot.store.steps import Steps
from bot.store.tables import chat_aliases, chats, conversations, replies
from bot.store.upsert import Upsert


class ChatKind(StrEnum):
    """What Telegram calls the type of a chat."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


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
    topics: tuple[str, ...] = ()
    """What news has to be about to be delivered here; empty: anything."""


_CURRENT = (
    sa.func.coalesce(
        sa.select(chat_aliases.c.chat_id)
        .where(chat_aliases.c.old_id == sa.bindparam("asked"))
        .scalar_subquery(),
        sa.bindparam("asked"),
    )
)  # fmt: skip
"""The id that a chat has now, for one that it has or had."""
_GET = sa.select(chats).where(chats.c.id.in_(sa.bindparam("ids", expanding=True)))
_RENAMED = sa.select(chat_aliases.c.old_id, chat_aliases.c.chat_id).where(
    chat_aliases.c.old_id.in_(sa.bindparam("ids", expanding=True))
)
_ALL = sa.select(chats).order_by(chats.c.id)
_KNOWN_BY_TELEGRAM = ("kind", "title", "username", "is_forum")
_REMEMBER = Upsert(chats, replace=_KNOWN_BY_TELEGRAM)
_ALIAS = Upsert(chat_aliases, replace=("chat_id", "since"))


class Chats:
    """The chats that the bot has met, and their settings. Old ids of groups keep working."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

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
        username of a private chat are dropped here. For a group that became a supergroup this
        gives the supergroup and changes nothing.
        """
        if kind is ChatKind.PRIVATE:
            title = username = None
        known = await self.get(chat_id)
        if known and (
            known.id != chat_id
            or (known.kind, known.title, known.username, known.is_forum)
            == (kind, title, username, is_forum)
        ):
            return known
        row = {
            "id": chat_id,
            "kind": kind,
            "title": title,
            "username": username,
            "is_forum": is_forum,
            "news": False,
            "silent": False,
        }
        return await self._steps.write_for_all(_remember, row)

    async def get(self, chat_id: int) -> Chat | None:
        """Give a chat by its id, or by the id that it had before it became a supergroup."""
        return await self._steps.read_for_all(_get, chat_id)

    async def all(self) -> list[Chat]:
        """Give every chat known, by id."""

        def step(connection: sa.Connection) -> list[Chat]:
            return [_chat(row) for row in connection.execute(_ALL)]

        return await self._steps.read(step)

    async def set_language(self, chat_id: int, language: str | None) -> Chat | None:
        """Choose the chat's language. Gives the chat as it is now; None: it is not known."""
        return await self._set(chat_id, language=language)

    async def set_news(self, chat_id: int, *, on: bool) -> Chat | None:
        """Deliver news into the chat, or no longer. Gives the chat; None: not known."""
        return await self._set(chat_id, news=on)

    async def set_silent(self, chat_id: int, *, on: bool) -> Chat | None:
        """Let news come without a sound, or with one. Gives the chat; None: not known."""
        return await self._set(chat_id, silent=on)

    async def set_thread(self, chat_id: int, thread_id: int | None) -> Chat | None:
        """Choose the topic for news. Gives the chat; None: not known."""
        return await self._set(chat_id, thread_id=thread_id)

    async def set_topics(self, chat_id: int, topics: Sequence[str]) -> Chat | None:
        """Choose what news is to be about; none: anything. Gives the chat; None: not known."""
        return await self._set(chat_id, topics=_written(topics))

    async def pause(self, chat_id: int, reason: str, now: datetime) -> bool:
        """Note that the chat cannot be written to. Gives whether it could be until now.

        The time and reason of the first pause stay. A chat that is not known stays unknown.
        """
        statement = (
            sa.update(chats)
            .where(chats.c.id == _CURRENT, chats.c.paused_at.is_(None))
            .values(paused_reason=reason, paused_at=now)
        )

        def step(connection: sa.Connection) -> bool:
            return connection.execute(statement, {"asked": chat_id}).rowcount > 0

        return await self._steps.write(step)

    async def resume(self, chat_id: int) -> bool:
        """Note that it can be written to again. Gives whether it was paused.

        Deliveries that waited for it are pending again.
        """
        statement = (
            sa.update(chats)
            .where(chats.c.id == _CURRENT, chats.c.paused_at.is_not(None))
            .values(paused_reason=None, paused_at=None)
        )

        def step(connection: sa.Connection) -> bool:
            resumed = connection.execute(statement, {"asked": chat_id}).rowcount > 0
            if resumed:
                current = connection.execute(sa.select(_CURRENT), {"asked": chat_id}).scalar_one()
                ledger.resume(connection, current)
            return resumed

        return await self._steps.write(step)

    async def migrate(self, old_id: int, new_id: int, now: datetime) -> None:
        """Give a group's settings, conversations and deliveries to the supergroup it became.

        Harmless when repeated, and when the supergroup has been met before. Replies of the old
        group are dropped: message ids begin anew in a supergroup.
        """
        if old_id == new_id:
            return

        def step(connection: sa.Connection) -> None:
            _move_chat(connection, old_id, new_id)
            _move_conversations(connection, old_id, new_id)
            ledger.move(connection, old_id, new_id)
            ledger.resume(connection, new_id)
            connection.execute(sa.delete(replies).where(replies.c.chat_id == old_id))
            connection.execute(
                sa.update(chat_aliases)
                .where(chat_aliases.c.chat_id == old_id)
                .values(chat_id=new_id)
            )
            alias = {"old_id": old_id, "chat_id": new_id, "since": now}
            connection.execute(_ALIAS.on(connection), alias)

        await self._steps.write(step)

    async def current_id(self, chat_id: int) -> int:
        """Give the id to write to: the supergroup's for a group that became one."""

        def step(connection: sa.Connection) -> int:
            return int(connection.execute(sa.select(_CURRENT), {"asked": chat_id}).scalar_one())

        return await self._steps.read(step)

    async def _set(self, chat_id: int, **settings: str | bool | int | None) -> Chat | None:
        statement = sa.update(chats).where(chats.c.id == _CURRENT).values(**settings)

        def step(connection: sa.Connection) -> Chat | None:
            connection.execute(statement, {"asked": chat_id})
            return _get(connection, [chat_id])[0]

        return await self._steps.write(step)


def _get(connection: sa.Connection, asked: list[int]) -> list[Chat | None]:
    """Find chats by the ids that they have, or had as groups, whose ids are below zero."""
    renamed = _renamed(connection, asked)
    current = sorted({renamed.get(each, each) for each in asked})
    found = {row.id: _chat(row) for row in connection.execute(_GET, {"ids": current})}
    return [found.get(renamed.get(each, each)) for each in asked]


def _renamed(connection: sa.Connection, ids: Iterable[int]) -> dict[int, int]:
    """Give the ids that groups have now that became supergroups."""
    groups = sorted({each for each in ids if each < 0})
    found = connection.execute(_RENAMED, {"ids": groups}) if groups else ()
    return {row.old_id: row.chat_id for row in found}


def _remember(connection: sa.Connection, rows: list[dict[str, Any]]) -> list[Chat]:
    """Keep chats, in order of their ids, so that no two processes stop each other.

    One that became a supergroup meanwhile is left as it is.
    """
    ids = [row["id"] for row in rows]
    renamed = _renamed(connection, ids)
    kept = [row for row in rows if row["id"] not in renamed]
    if kept:
        kept.sort(key=lambda row: row["id"])
        connection.execute(_REMEMBER.on(connection), kept)
    return [chat for chat in _get(connection, ids) if chat is not None]


def _chat(row: sa.Row[tuple[object, ...]]) -> Chat:
    values = row._asdict()
    kind, topics = ChatKind(values["kind"]), tuple(json.loads(values["topics"]))
    return Chat(**values | {"kind": kind, "topics": topics})


def _written(topics: Sequence[str]) -> str:
    return json.dumps(list(dict.fromkeys(topics)), ensure_ascii=False)


def _move_chat(connection: sa.Connection, old_id: int, new_id: int) -> None:
    """Rename the chat; where the supergroup was met already, its own choices come first."""
    rows = {
        row.id: row
        for row in connection.execute(sa.select(chats).where(chats.c.id.in_((old_id, new_id))))
    }
    old, new = rows.get(old_id), rows.get(new_id)
    if old is None:
        return
    if new is None:
        connection.execute(
            sa.update(chats)
            .where(chats.c.id == old_id)
            .values(id=new_id, kind=ChatKind.SUPERGROUP, paused_reason=None, paused_at=None)
        )
        return
    connection.execute(sa.delete(chats).where(chats.c.id == old_id))
    connection.execute(
        sa.update(chats)
        .where(chats.c.id == new_id)
        .values(
            language=new.language or old.language,
            news=new.news or old.news,
            silent=new.silent or old.silent,
            thread_id=new.thread_id if new.thread_id is not None else old.thread_id,
            topics=new.topics if json.loads(new.topics) else old.topics,
        )
    )


def _move_conversations(connection: sa.Connection, old_id: int, new_id: int) -> None:
    """Rename the chat of conversations; where one went on in the supergroup, that one stays."""
    other = conversations.alias()
    gone_on = sa.exists().where(
        other.c.user_id == conversations.c.user_id,
        other.c.thread_id == conversations.c.thread_id,
        other.c.chat_id == new_id,
    )
    of_old = conversations.c.chat_id == old_id
    connection.execute(sa.delete(conversations).where(of_old, gone_on))
    connection.execute(sa.update(conversations).where(of_old).values(chat_id=new_id))
