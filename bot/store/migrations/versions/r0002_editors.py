"""Let chats choose what news is about, count answers, and remember what editors are at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add a column and three tables."""
    op.add_column("chats", sa.Column("topics", sa.Text, nullable=False, server_default="[]"))
    op.create_table(
        "answers",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("intent", sa.Text, nullable=False),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("day", "outcome", "intent", name="pk_answers"),
        sa.CheckConstraint("times > 0", name=op.f("ck_answers_times")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dialogues",
        sa.Column("user_id", ID, nullable=False, autoincrement=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_dialogues"),
    )
    op.create_table(
        "watches",
        sa.Column("announcement", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("announcement", "user_id", "kind", name="pk_watches"),
        sa.CheckConstraint("kind IN ('status', 'uncertain')", name=op.f("ck_watches_kind")),
        sqlite_with_rowid=False,
    )
