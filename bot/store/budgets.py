"""What limits are used up, shared by the processes at work; in memory where there is but one.

What a budget holds and how it is spent is decided by who spends it, in a function without side
effects; here it is run by one process at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from bot.store.steps import Steps
from bot.store.tables import budgets
from bot.store.upsert import Upsert

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

KEPT = timedelta(minutes=2)
"""After their last use; every limit is for a minute at most."""


class Spend(Protocol[T_co]):
    """Spends from a budget: from what it holds, None at first, and the time in seconds.

    Gives what it holds now, as JSON can keep it, and a result.
    """

    def __call__(self, state: Any, now: float, /) -> tuple[Any, T_co]:
        """Spend."""
        ...


class Budgets(Protocol):
    """Named budgets. The time is the same for all who share them."""

    async def spend(self, name: str, how: Spend[T]) -> T:
        """Spend from a budget; nobody else does at the same time. Gives the result."""
        ...


class OwnBudgets:
    """The budgets of a process that works alone, in memory."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[float, Any]] = {}

    async def spend(self, name: str, how: Spend[T]) -> T:
        """Spend from a budget, at once."""
        now = self._clock()
        _, state = self._kept.pop(name, (0.0, None))
        state, result = how(state, now)
        self._kept[name] = now, state
        # The longest unused come first; two for one, so that they never gather.
        for idle in list(islice(self._kept, 2)):
            if self._kept[idle][0] < now - KEPT.total_seconds():
                del self._kept[idle]
        return result


_TAKE = Upsert(budgets, replace=("expires_at",), returning=("state",))
"""Makes the row or keeps it; either way nobody else has it until the transaction ends."""
_NOW = sa.select(sa.extract("epoch", sa.func.clock_timestamp()))
_PUT = (
    sa.update(budgets)
    .where(budgets.c.name == sa.bindparam("wanted"))
    .values(state=sa.bindparam("holds"))
)


class SharedBudgets:
    """The budgets of several processes, in their database, by its clock."""

    def __init__(self, steps: Steps) -> None:
        """Prepare. The steps must be for budgets alone: they are taken in order of name."""
        self._steps = steps

    async def spend(self, name: str, how: Spend[T]) -> T:
        """Spend from a budget, in a transaction."""

        def step(connection: sa.Connection) -> T:
            row = {"name": name, "state": "null", "expires_at": datetime.now(UTC) + KEPT}
            found = connection.execute(_TAKE.on(connection), row).scalar_one()
            now = float(connection.execute(_NOW).scalar_one())
            state, result = how(json.loads(found), now)
            connection.execute(_PUT, {"wanted": name, "holds": json.dumps(state)})
            return result

        return await self._steps.write(step, order=name)
