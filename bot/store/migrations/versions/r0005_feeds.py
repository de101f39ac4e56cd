"""Make the tables of feeds and of their entries that are known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "feeds",
        sa.Column("name", sa.Text, nullable=False, autoincrement=False),
        sa.Column("marks", sa.Text, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_feeds"),
    )
    op.create_table(
        "feed_entries",
        sa.Column("feed", sa.Text, nullable=False, autoincrement=False),
        sa.Column("key", sa.Text, nullable=False, autoincrement=False),
        sa.Column("first_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("is_item", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("feed", "key", name="pk_feed_entries"),
    )
    op.create_index("ix_feed_entries_seen_at", "feed_entries", ["seen_at"])
