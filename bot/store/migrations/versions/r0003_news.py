"""Make the tables of announcements, their deliveries, and who decided what about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "announcements",
        sa.Column("id", sa.Text, nullable=False, autoincrement=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("only_chats", sa.Text),
        sa.Column("created_by", sa.BigInteger),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("approved_by", sa.BigInteger),
        sa.Column("approved_at", TIME),
        sa.Column("publish_at", TIME),
        sa.Column("expires_at", TIME),
        sa.Column("revised_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_announcements"),
        sa.CheckConstraint(
            "state IN ('draft', 'approved', 'queued', 'done', 'retracted', 'discarded')",
            name=op.f("ck_announcements_state"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'discarded')"
            " OR (approved_at IS NOT NULL AND publish_at IS NOT NULL AND expires_at IS NOT NULL)",
            name=op.f("ck_announcements_approved"),
        ),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("announcement_id", sa.Text, nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("not_before", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("worker", sa.Integer),
        sa.Column("lease_until", TIME),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("unsure", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("posted_in", sa.BigInteger),
        sa.Column("has_image", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("finished_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"], name="fk_deliveries_announcement_id"
        ),
        sa.UniqueConstraint("announcement_id", "chat_id", "action", name="uq_deliveries_once"),
        sa.CheckConstraint(
            "action IN ('post', 'edit', 'retract')", name=op.f("ck_deliveries_action")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'claimed', 'sending', 'sent', 'uncertain', 'failed', 'paused',"
            " 'expired', 'retracted')",
            name=op.f("ck_deliveries_state"),
        ),
        sa.CheckConstraint(
            "(state IN ('claimed', 'sending')) = (worker IS NOT NULL AND lease_until IS NOT NULL)",
            name=op.f("ck_deliveries_leased"),
        ),
        sa.CheckConstraint(
            "(message_id IS NULL) = (posted_in IS NULL)", name=op.f("ck_deliveries_posted")
        ),
    )
    op.create_index("ix_deliveries_due", "deliveries", ["state", "action", "not_before"])
    op.create_index("ix_deliveries_chat_id", "deliveries", ["chat_id"])
    op.create_table(
        "news_log",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("editor_id", sa.BigInteger),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("announcement_id", sa.Text, nullable=False),
        sa.Column("detail", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_news_log"),
    )
    op.create_index("ix_news_log_announcement_id", "news_log", ["announcement_id"])
