"""The tables as they are now; `migrations/` says how a database gets there.

A column named `chat_id` refers to a chat and follows it when a group becomes a supergroup; one
named `user_id` belongs to a person and is found by `forget`. Tests hold every table to that.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


class UtcTime(sa.TypeDecorator[datetime]):
    """An aware time. SQLite keeps UTC without saying so."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Turn any aware time into UTC. Raises `ValueError` on a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time reached the store: {value!r}; expected an aware one")
        return value.astimezone(UTC)

    def process_result_value(
        self, value: datetime | None, _dialect: sa.Dialect
    ) -> datetime | None:
        """Give it back as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ForeignText(sa.TypeDecorator[str]):
    """Text that anybody wrote. What no database can keep is replaced or left out."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: sa.Dialect) -> str | None:
        """Replace halves of surrogate pairs by `?` and leave out NUL."""
        if value is None:
            return None
        return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


# SQLite makes the row's own address of a key called INTEGER, which holds 64 bits; BIGINT would
# cost an index beside it.
ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")

metadata = sa.MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
})  # fmt: skip


def _key(name: str, of: Any) -> sa.Column[Any]:
    return sa.Column(name, of, primary_key=True, autoincrement=False, nullable=False)


chats = sa.Table(
    "chats",
    metadata,
    _key("id", ID),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", ForeignText),
    sa.Column("username", ForeignText),
    sa.Column("is_forum", sa.Boolean, nullable=False),
    sa.Column("language", sa.Text),
    sa.Column("news", sa.Boolean, nullable=False),
    sa.Column("silent", sa.Boolean, nullable=False),
    sa.Column("thread_id", sa.BigInteger),
    sa.Column("paused_reason", ForeignText),
    sa.Column("paused_at", UtcTime),
    sa.Column("topics", ForeignText, nullable=False, server_default="[]"),
    sa.CheckConstraint("kind IN ('private', 'group', 'supergroup', 'channel')", name="kind"),
    sa.CheckConstraint(
        "kind <> 'private' OR (title IS NULL AND username IS NULL)", name="nameless"
    ),
    sa.CheckConstraint("(paused_reason IS NULL) = (paused_at IS NULL)", name="paused"),
)

chat_aliases = sa.Table(
    "chat_aliases",
    metadata,
    _key("old_id", ID),
    sa.Column("chat_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("since", UtcTime, nullable=False),
    sa.CheckConstraint("old_id <> chat_id", name="other"),
)

readers = sa.Table(
    "readers",
    metadata,
    _key("user_id", ID),
    sa.Column("language", sa.Text),
    sa.Column("started_at", UtcTime),
)

conversations = sa.Table(
    "conversations",
    metadata,
    _key("user_id", sa.BigInteger),
    _key("chat_id", sa.BigInteger),
    _key("thread_id", sa.BigInteger),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)

replies = sa.Table(
    "replies",
    metadata,
    _key("chat_id", sa.BigInteger),
    _key("message_id", sa.BigInteger),
    sa.Column("user_id", sa.BigInteger),
    sa.Column("reply_ids", sa.Text, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False, index=True),
    sqlite_with_rowid=False,
)

buttons = sa.Table(
    "buttons",
    metadata,
    _key("key", ForeignText),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)

inbox = sa.Table(
    "inbox",
    metadata,
    _key("update_id", ID),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("lane", sa.Text),
    sa.Column("worker", sa.Integer),
)

# Apart from the inbox, so that a day of ids is small and the pages of done texts are used again.
seen_updates = sa.Table(
    "seen_updates",
    metadata,
    _key("update_id", ID),
    sa.Column("received_at", UtcTime, nullable=False, index=True),
)

feedback = sa.Table(
    "feedback",
    metadata,
    _key("day", sa.Date),
    _key("intent", sa.Text),
    _key("outcome", sa.Text),
    _key("vote", sa.Text),
    _key("reason", sa.Text),
    sa.Column("times", sa.BigInteger, nullable=False),
    sa.CheckConstraint("vote IN ('up', 'down')", name="vote"),
    sa.CheckConstraint("times > 0", name="times"),
    sqlite_with_rowid=False,
)

answers = sa.Table(
    "answers",
    metadata,
    _key("day", sa.Date),
    _key("outcome", sa.Text),
    _key("intent", sa.Text),
    sa.Column("times", sa.BigInteger, nullable=False),
    sa.CheckConstraint("times > 0", name="times"),
    sqlite_with_rowid=False,
)

commands = sa.Table(
    "commands",
    metadata,
    _key("scope", sa.Text),
    _key("language", sa.Text),
    sa.Column("hash", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)

unanswered = sa.Table(
    "unanswered",
    metadata,
    _key("day", sa.Date),
    _key("language", sa.Text),
    _key("question", ForeignText),
    sa.Column("times", sa.BigInteger, nullable=False),
    sa.CheckConstraint("times > 0", name="times"),
    sqlite_with_rowid=False,
)

dialogues = sa.Table(
    "dialogues",
    metadata,
    _key("user_id", ID),
    sa.Column("state", ForeignText, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
)

watches = sa.Table(
    "watches",
    metadata,
    _key("announcement", sa.Text),
    _key("user_id", sa.BigInteger),
    _key("kind", sa.Text),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.CheckConstraint("kind IN ('status', 'uncertain')", name="kind"),
    sqlite_with_rowid=False,
)

announcements = sa.Table(
    "announcements",
    metadata,
    _key("id", sa.Text),
    sa.Column("item", ForeignText, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("only_chats", sa.Text),
    sa.Column("created_by", sa.BigInteger),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("approved_by", sa.BigInteger),
    sa.Column("approved_at", UtcTime),
    sa.Column("publish_at", UtcTime),
    sa.Column("expires_at", UtcTime),
    sa.Column("revised_at", UtcTime),
    sa.CheckConstraint(
        "state IN ('draft', 'approved', 'queued', 'done', 'retracted', 'discarded')", name="state"
    ),
    sa.CheckConstraint(
        "state IN ('draft', 'discarded')"
        " OR (approved_at IS NOT NULL AND publish_at IS NOT NULL AND expires_at IS NOT NULL)",
        name="approved",
    ),
)

# A row of its own for each action, so that a correction never touches what is known of the post.
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", ID, primary_key=True, nullable=False),
    sa.Column("announcement_id", sa.Text, nullable=False),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("not_before", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("worker", sa.Integer),
    sa.Column("lease_until", UtcTime),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("unsure", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("message_id", sa.BigInteger),
    sa.Column("posted_in", sa.BigInteger),
    sa.Column("has_image", sa.Boolean, nullable=False),
    sa.Column("reason", ForeignText),
    sa.Column("finished_at", UtcTime),
    sa.ForeignKeyConstraint(
        ["announcement_id"], ["announcements.id"], name="fk_deliveries_announcement_id"
    ),
    sa.UniqueConstraint("announcement_id", "chat_id", "action", name="uq_deliveries_once"),
    sa.CheckConstraint("action IN ('post', 'edit', 'retract')", name="action"),
    sa.CheckConstraint(
        "state IN ('pending', 'claimed', 'sending', 'sent', 'uncertain', 'failed', 'paused',"
        " 'expired', 'retracted')",
        name="state",
    ),
    sa.CheckConstraint(
        "(state IN ('claimed', 'sending')) = (worker IS NOT NULL AND lease_until IS NOT NULL)",
        name="leased",
    ),
    sa.CheckConstraint("(message_id IS NULL) = (posted_in IS NULL)", name="posted"),
    sa.Index("ix_deliveries_due", "state", "action", "not_before"),
    sa.Index("ix_deliveries_chat_id", "chat_id"),
)

news_log = sa.Table(
    "news_log",
    metadata,
    sa.Column("id", ID, primary_key=True, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("editor_id", sa.BigInteger),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("announcement_id", sa.Text, nullable=False),
    sa.Column("detail", ForeignText),
    sa.Index("ix_news_log_announcement_id", "announcement_id"),
)

budgets = sa.Table(
    "budgets",
    metadata,
    _key("name", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)

feeds = sa.Table(
    "feeds",
    metadata,
    _key("name", sa.Text),
    sa.Column("marks", ForeignText, nullable=False),
    sa.Column("due_at", UtcTime, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
)

# A row for each thing that an entry is known again by: the feed's id, and the content.
feed_entries = sa.Table(
    "feed_entries",
    metadata,
    _key("feed", sa.Text),
    _key("key", sa.Text),
    sa.Column("first_at", UtcTime, nullable=False),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.Column("is_item", sa.Boolean, nullable=False),
    sa.Index("ix_feed_entries_seen_at", "seen_at"),
)
