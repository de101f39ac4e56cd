"""How rows come into the ledger of deliveries: the parts of steps that plan and rename.

Their key (announcement, chat, action) makes planning twice the same as once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.knowledge.model import NewsItem
from bot.news.deliveries import EXPIRES_AFTER, Action, DeliveryState, ItemState
from bot.store.tables import UtcTime, announcements, chat_aliases, chats, deliveries, news_log
from bot.store.upsert import insert_into

_KEY = ("announcement_id", "chat_id", "action")
_NOT_OUT = (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.PAUSED)
FREE: dict[str, Any] = {"worker": None, "lease_until": None}
"""What a row says that no worker has."""

_FURTHEST = {
    state: place
    for place, state in enumerate((
        DeliveryState.PENDING,
        DeliveryState.CLAIMED,
        DeliveryState.PAUSED,
        DeliveryState.EXPIRED,
        DeliveryState.FAILED,
        DeliveryState.UNCERTAIN,
        DeliveryState.SENDING,
        DeliveryState.RETRACTED,
        DeliveryState.SENT,
    ))
}  # fmt: skip
"""Of two rows for what is one chat, the one that may have put something into it stays."""


def log(
    connection: sa.Connection,
    now: datetime,
    by: int | None,
    action: str,
    announcement_id: str,
    detail: str | None = None,
) -> None:
    """Note who did what to an announcement."""
    connection.execute(
        sa.insert(news_log).values(
            at=now, editor_id=by, action=action, announcement_id=announcement_id, detail=detail
        )
    )


def audience(connection: sa.Connection, item: NewsItem, only: Sequence[int]) -> int:
    """Count the chats that an item would go to."""
    statement = sa.select(sa.func.count()).select_from(chats).where(*_wanted(item, only))
    return connection.execute(statement).scalar_one()


def plan(
    connection: sa.Connection,
    item: NewsItem,
    only: Sequence[int],
    now: datetime,
    expires_at: datetime,
) -> int:
    """Plan a post for each chat that wants the item; give how many there are.

    One statement, so that 100,000 chats take no memory here.
    """
    is_paused = chats.c.paused_at.is_not(None)
    row = _row(item.id, Action.POST, now, expires_at) | {
        "chat_id": chats.c.id,
        "state": sa.case((is_paused, DeliveryState.PAUSED.value), else_=DeliveryState.PENDING),
        "reason": chats.c.paused_reason,
    }
    _insert_from(connection, row, chats, _wanted(item, only))
    statement = sa.select(sa.func.count()).where(
        deliveries.c.announcement_id == item.id, deliveries.c.action == Action.POST
    )
    return connection.execute(statement).scalar_one()


def plan_edits(connection: sa.Connection, announcement_id: str, now: datetime) -> int:
    """Plan a correction for each post that is there; give how many there are.

    One that is being made right now is made again afterwards, as its revision tells.
    """
    expires_at = now + EXPIRES_AFTER
    connection.execute(
        sa.update(deliveries)
        .where(
            deliveries.c.announcement_id == announcement_id,
            deliveries.c.action == Action.EDIT,
            deliveries.c.state.not_in((DeliveryState.CLAIMED, DeliveryState.SENDING)),
        )
        .values(
            state=DeliveryState.PENDING,
            not_before=now,
            expires_at=expires_at,
            reason=None,
            finished_at=None,
        )
    )
    return _plan_after(connection, announcement_id, Action.EDIT, now, expires_at)


def plan_retractions(connection: sa.Connection, announcement_id: str, now: datetime) -> int:
    """Drop what is not out, and plan to take back each post that is; give how many there are."""
    connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.announcement_id == announcement_id, deliveries.c.state.in_(_NOT_OUT))
        .values(**given_up(DeliveryState.RETRACTED, now), **FREE)
    )
    return _plan_after(connection, announcement_id, Action.RETRACT, now, now + EXPIRES_AFTER)


def given_up(state: DeliveryState, now: datetime | sa.BindParameter[datetime]) -> dict[str, Any]:
    """Say what becomes of a delivery that will not be sent any more: `state`, as a rule.

    A post of which a request has been made without an answer is `uncertain`, whatever ends it: a
    copy may be in the chat.
    """
    may_be_there = sa.and_(deliveries.c.action == Action.POST, deliveries.c.unsure > 0)
    ended = sa.literal(now, UtcTime()) if isinstance(now, datetime) else now
    return {
        "state": sa.case((may_be_there, DeliveryState.UNCERTAIN.value), else_=state.value),
        "finished_at": sa.case((may_be_there, sa.null()), else_=ended),
    }


def plan_one(connection: sa.Connection, delivery_id: int, action: Action, now: datetime) -> None:
    """Plan a correction or retraction of one post."""
    old = deliveries.alias()
    row = _row(old.c.announcement_id, action, now, now + EXPIRES_AFTER) | {
        "chat_id": old.c.chat_id
    }
    _insert_from(connection, row, old, [old.c.id == delivery_id])


def move(connection: sa.Connection, old_id: int, new_id: int) -> None:
    """Give the deliveries of a group to the supergroup that it became."""
    rows = connection.execute(
        sa.select(deliveries).where(deliveries.c.chat_id.in_((old_id, new_id)))
    ).all()
    kept: dict[tuple[str, str], Any] = {}
    dropped = []
    for row in rows:
        key = (row.announcement_id, row.action)
        if (other := kept.get(key)) is not None:
            further = max((other, row), key=lambda each: _FURTHEST[DeliveryState(each.state)])
            dropped.append(other.id if further is row else row.id)
            row = further  # noqa: PLW2901 - one of the two goes on
        kept[key] = row
    if dropped:
        connection.execute(sa.delete(deliveries).where(deliveries.c.id.in_(dropped)))
    connection.execute(
        sa.update(deliveries).where(deliveries.c.chat_id == old_id).values(chat_id=new_id)
    )


def resume(connection: sa.Connection, chat_id: int) -> None:
    """Let what waited for a chat be sent."""
    connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.chat_id == chat_id, deliveries.c.state == DeliveryState.PAUSED)
        .values(state=DeliveryState.PENDING, reason=None, finished_at=None)
    )
    waiting = sa.select(deliveries.c.announcement_id).where(
        deliveries.c.chat_id == chat_id,
        deliveries.c.action == Action.POST,
        deliveries.c.state == DeliveryState.PENDING,
    )
    reopen(connection, announcements.c.id.in_(waiting))


def reopen(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    """Note that announcements which were done have a post to be sent again."""
    connection.execute(
        sa.update(announcements)
        .where(which, announcements.c.state == ItemState.DONE)
        .values(state=ItemState.QUEUED)
    )


def _wanted(item: NewsItem, only: Sequence[int]) -> list[sa.ColumnElement[bool]]:
    """Say which chats an item is for. One without topics is for all of them."""
    conditions: list[sa.ColumnElement[bool]] = [chats.c.news]
    if item.topics:
        followed = [
            chats.c.topics.contains(json.dumps(topic, ensure_ascii=False), autoescape=True)
            for topic in item.topics
        ]
        conditions.append(sa.or_(chats.c.topics == "[]", *followed))
    if only:
        # A group that was named may be a supergroup by now.
        now_is = sa.select(chat_aliases.c.chat_id).where(chat_aliases.c.old_id.in_(only))
        conditions.append(sa.or_(chats.c.id.in_(only), chats.c.id.in_(now_is)))
    return conditions


def _row(
    announcement_id: Any, action: Action, now: datetime, expires_at: datetime
) -> dict[str, Any]:
    return {
        "announcement_id": announcement_id,
        "action": action,
        "state": DeliveryState.PENDING,
        "not_before": now,
        "expires_at": expires_at,
        "attempts": 0,
        "unsure": 0,
        "revision": 0,
        "has_image": False,
    }


def _plan_after(
    connection: sa.Connection,
    announcement_id: str,
    action: Action,
    now: datetime,
    expires_at: datetime,
) -> int:
    """Plan an action for each post of which Telegram gave the message id."""
    post = deliveries.alias()
    row = _row(announcement_id, action, now, expires_at) | {"chat_id": post.c.chat_id}
    conditions = [
        post.c.announcement_id == announcement_id,
        post.c.action == Action.POST,
        post.c.state == DeliveryState.SENT,
        post.c.message_id.is_not(None),
    ]
    _insert_from(connection, row, post, conditions)
    statement = sa.select(sa.func.count()).where(
        deliveries.c.announcement_id == announcement_id,
        deliveries.c.action == action,
        deliveries.c.state.in_(
            (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.SENDING)
        ),
    )
    return connection.execute(statement).scalar_one()


def _insert_from(
    connection: sa.Connection,
    row: dict[str, Any],
    source: sa.FromClause,
    conditions: Sequence[sa.ColumnElement[bool]],
) -> None:
    """Insert a row for each of a source; one whose key is there already stays as it is."""
    values = [
        (value if isinstance(value, sa.ColumnElement) else sa.literal(value, column.type))
        .label(column.name)
        for column in deliveries.c
        if (value := row.get(column.name)) is not None
    ]  # fmt: skip
    names = [value.name for value in values]
    selected = sa.select(*values).select_from(source).where(*conditions)
    statement = insert_into(connection, deliveries).from_select(names, selected)
    connection.execute(statement.on_conflict_do_nothing(index_elements=_KEY))
