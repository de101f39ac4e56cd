"""What Alembic runs, at import, to get at the database: the connection that it was handed."""

from __future__ import annotations

from alembic import context

from bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the whole runs in the caller's transaction
)
context.run_migrations()
