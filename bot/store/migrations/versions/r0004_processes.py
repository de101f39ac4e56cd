"""Note which process has an update in hand; share what limits are used up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to the inbox, and make the table of budgets."""
    op.add_column("inbox", sa.Column("lane", sa.Text))
    op.add_column("inbox", sa.Column("worker", sa.Integer))
    op.create_table(
        "budgets",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_budgets"),
        sqlite_with_rowid=False,
    )
