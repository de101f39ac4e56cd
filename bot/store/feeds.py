"""What was fetched of the operator's feeds, and which of their entries are known already."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

import sqlalchemy as sa

from bot.store.steps import Steps
from bot.store.tables import feed_entries, feeds
from bot.store.upsert import Upsert

KEPT = timedelta(days=180)
"""From the last time that an entry stood in its feed: until then it is not announced again."""
SEEN_EVERY = timedelta(days=1)
"""How exactly that time is known."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a feed stands."""

    marks: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What to say the next time, so that only what has changed comes."""
    due_at: datetime | None = None
    """When it is to be fetched next; None: now."""
    failures: int = 0
    """In a row."""


_PUT = Upsert(feeds, replace=("marks", "due_at", "failures", "expires_at"))
_REMEMBER = Upsert(feed_entries)


class Feeds:
    """The feeds, by name."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def get(self, name: str) -> Progress:
        """Give where a feed stands; a new one at its beginning."""
        statement = sa.select(feeds).where(feeds.c.name == name)

        def step(connection: sa.Connection) -> Progress:
            row = connection.execute(statement).one_or_none()
            return Progress(json.loads(row.marks), row.due_at, row.failures) if row else Progress()

        return await self._steps.read(step)

    async def put(self, name: str, progress: Progress, now: datetime) -> None:
        """Keep where a feed stands."""
        row = {
            "name": name,
            "marks": json.dumps(dict(progress.marks)),
            "due_at": progress.due_at or now,
            "failures": progress.failures,
            "expires_at": now + KEPT,
        }

        def step(connection: sa.Connection) -> None:
            connection.execute(_PUT.on(connection), row)

        await self._steps.write(step)

    async def known(self, name: str) -> frozenset[str]:
        """Give the keys of all entries of a feed that were seen."""
        statement = sa.select(feed_entries.c.key).where(feed_entries.c.feed == name)

        def step(connection: sa.Connection) -> frozenset[str]:
            return frozenset(connection.execute(statement).scalars())

        return await self._steps.read(step)

    async def brought(self, name: str, since: datetime) -> int:
        """Count the items that a feed has brought since a time."""
        statement = sa.select(sa.func.count()).where(
            feed_entries.c.feed == name,
            feed_entries.c.first_at >= since,
            feed_entries.c.is_item,
        )

        def step(connection: sa.Connection) -> int:
            return int(connection.execute(statement).scalar_one())

        return await self._steps.read(step)

    async def remember(
        self, name: str, keys: Iterable[str], now: datetime, *, item: bool = False
    ) -> None:
        """Know an entry by its keys from now on; as an `item`, one that was brought."""
        rows = [
            {"feed": name, "key": key, "first_at": now, "seen_at": now, "is_item": item and not n}
            for n, key in enumerate(keys)
        ]
        if not rows:
            return

        def step(connection: sa.Connection) -> None:
            connection.execute(_REMEMBER.on(connection), rows)

        await self._steps.write(step)

    async def still_there(self, name: str, keys: Iterable[str], now: datetime) -> None:
        """Note that entries stand in their feed yet."""
        wanted = sorted(set(keys))
        statement = (
            sa.update(feed_entries)
            .where(
                feed_entries.c.feed == name,
                feed_entries.c.key.in_(wanted),
                feed_entries.c.seen_at < now - SEEN_EVERY,
            )
            .values(seen_at=now)
        )

        def step(connection: sa.Connection) -> None:
            connection.execute(statement)

        if wanted:
            await self._steps.write(step)
