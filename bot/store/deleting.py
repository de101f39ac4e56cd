"""What is deleted, and when: all that is older than promised, and all about one person.

Every table that gains rows by use stands in one of the lists here; tests hold them to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.store import feeds as feeds_
from bot.store import inbox as inbox_
from bot.store import unanswered as unanswered_
from bot.store.steps import Steps
from bot.store.tables import (
    budgets,
    buttons,
    chats,
    commands,
    conversations,
    deliveries,
    dialogues,
    feed_entries,
    feeds,
    inbox,
    readers,
    replies,
    seen_updates,
    unanswered,
    watches,
)

DELIVERIES_KEPT = timedelta(days=365)
"""What became of an announcement is looked up for a year; its text and log stay."""
AT_ONCE = 1000
"""Rows in one step, so that answers never wait long behind a deletion."""


async def expire(steps: Steps, now: datetime, *, keep_unanswered: bool) -> int:
    """Delete what is older than promised; give how many rows it was."""
    return sum([await _delete(steps, table, old) for table, old in _expired(now, keep_unanswered)])


async def forget(steps: Steps, user_id: int) -> int:
    """Delete everything about a person, in one step; give how many rows it was."""
    statements = (
        sa.delete(readers).where(readers.c.user_id == user_id),
        sa.delete(conversations).where(conversations.c.user_id == user_id),
        sa.delete(conversations).where(conversations.c.chat_id == user_id),
        sa.delete(replies).where(replies.c.user_id == user_id),
        sa.delete(replies).where(replies.c.chat_id == user_id),
        # The id of a private chat is the user's. https://core.telegram.org/api/bots/ids
        sa.delete(chats).where(chats.c.id == user_id),
        sa.delete(deliveries).where(deliveries.c.chat_id == user_id),
        sa.delete(dialogues).where(dialogues.c.user_id == user_id),
        sa.delete(watches).where(watches.c.user_id == user_id),
        sa.delete(commands).where(commands.c.scope == f"chat:{user_id}"),
        sa.delete(budgets).where(budgets.c.name.in_((f"user:{user_id}", f"chat:{user_id}"))),
    )

    def step(connection: sa.Connection) -> int:
        return sum(connection.execute(statement).rowcount for statement in statements)

    return await steps.write(step)


def _expired(
    now: datetime, keep_unanswered: bool
) -> Iterator[tuple[sa.Table, sa.ColumnElement[bool]]]:
    yield conversations, conversations.c.expires_at < now
    yield replies, replies.c.expires_at < now
    yield dialogues, dialogues.c.expires_at < now
    yield watches, watches.c.expires_at < now
    yield deliveries, deliveries.c.expires_at < now - DELIVERIES_KEPT
    yield budgets, budgets.c.expires_at < now
    yield feeds, feeds.c.expires_at < now
    yield feed_entries, feed_entries.c.seen_at < now - feeds_.KEPT
    yield buttons, buttons.c.expires_at < now
    day_ago = now - inbox_.KEPT
    yield inbox, inbox.c.received_at < day_ago
    yield seen_updates, seen_updates.c.received_at < day_ago
    if keep_unanswered:
        first_kept = (now - unanswered_.KEPT).astimezone(UTC).date()
        yield unanswered, unanswered.c.day < first_kept
    else:
        yield unanswered, sa.true()


async def _delete(steps: Steps, table: sa.Table, old: sa.ColumnElement[bool]) -> int:
    columns = list(table.primary_key)
    key: Any = sa.tuple_(*columns) if len(columns) > 1 else columns[0]
    statement = sa.delete(table).where(key.in_(sa.select(*columns).where(old).limit(AT_ONCE)))

    def step(connection: sa.Connection) -> int:
        return connection.execute(statement).rowcount

    total = 0
    while deleted := await steps.write(step):
        total += deleted
    return total
