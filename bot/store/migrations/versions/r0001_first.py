"""Make the first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make every table that there was at first."""
    op.create_table(
        "chats",
        sa.Column("id", ID, nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("username", sa.Text),
        sa.Column("is_forum", sa.Boolean, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("news", sa.Boolean, nullable=False),
        sa.Column("silent", sa.Boolean, nullable=False),
        sa.Column("thread_id", sa.BigInteger),
        sa.Column("paused_reason", sa.Text),
        sa.Column("paused_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_chats"),
        sa.CheckConstraint(
            "kind IN ('private', 'group', 'supergroup', 'channel')", name=op.f("ck_chats_kind")
        ),
        sa.CheckConstraint(
            "kind <> 'private' OR (title IS NULL AND username IS NULL)",
            name=op.f("ck_chats_nameless"),
        ),
        sa.CheckConstraint(
            "(paused_reason IS NULL) = (paused_at IS NULL)", name=op.f("ck_chats_paused")
        ),
    )
    op.create_table(
        "chat_aliases",
        sa.Column("old_id", ID, nullable=False, autoincrement=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("old_id", name="pk_chat_aliases"),
        sa.CheckConstraint("old_id <> chat_id", name=op.f("ck_chat_aliases_other")),
    )
    op.create_index("ix_chat_aliases_chat_id", "chat_aliases", ["chat_id"])
    op.create_table(
        "readers",
        sa.Column("user_id", ID, nullable=False, autoincrement=False),
        sa.Column("language", sa.Text),
        sa.Column("started_at", TIME),
        sa.PrimaryKeyConstraint("user_id", name="pk_readers"),
    )
    op.create_table(
        "conversations",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("thread_id", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "chat_id", "thread_id", name="pk_conversations"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "replies",
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("reply_ids", sa.Text, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "message_id", name="pk_replies"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_replies_expires_at", "replies", ["expires_at"])
    op.create_table(
        "buttons",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_buttons"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "inbox",
        sa.Column("update_id", ID, nullable=False, autoincrement=False),
        sa.Column("raw", sa.Text, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("update_id", name="pk_inbox"),
    )
    op.create_table(
        "seen_updates",
        sa.Column("update_id", ID, nullable=False, autoincrement=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("update_id", name="pk_seen_updates"),
    )
    op.create_index("ix_seen_updates_received_at", "seen_updates", ["received_at"])
    op.create_table(
        "feedback",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("intent", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("vote", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("day", "intent", "outcome", "vote", "reason", name="pk_feedback"),
        sa.CheckConstraint("vote IN ('up', 'down')", name=op.f("ck_feedback_vote")),
        sa.CheckConstraint("times > 0", name=op.f("ck_feedback_times")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "commands",
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("scope", "language", name="pk_commands"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unanswered",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("day", "language", "question", name="pk_unanswered"),
        sa.CheckConstraint("times > 0", name=op.f("ck_unanswered_times")),
        sqlite_with_rowid=False,
    )
