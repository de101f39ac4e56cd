"""The ledger: a row for each announcement, chat and action, and what became of it.

A row goes to one worker at a time. `attempts` numbers its requests: what comes of one is written
only where that request was the last, so a worker that was thought dead changes nothing that went
on without it. What a process that is gone had not begun, another one takes back at once; a request
that it had begun is made again only when the process is dead and the request has surely ended.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import sqlalchemy as sa

from bot.news.deliveries import (
    EXPIRES_AFTER,
    LEASE,
    OPEN,
    Action,
    Change,
    Delivery,
    DeliveryState,
    ItemState,
    Task,
)
from bot.news.items import from_json
from bot.store import requests
from bot.store.ledger import FREE, given_up, log, plan, reopen
from bot.store.requests import delivery_of
from bot.store.steps import Steps
from bot.store.tables import UtcTime, announcements, deliveries
from bot.store.workers import GRACE_SECONDS, Workers

_FIRST = (Action.RETRACT, Action.EDIT, Action.POST)
"""What is wrong in a chat is mended before anything new is sent."""
_HOW = {
    "sent": DeliveryState.SENT,
    "resend": DeliveryState.PENDING,
    "leave": DeliveryState.UNCERTAIN,
}
_OPEN_TO = {
    "resend": (DeliveryState.UNCERTAIN, DeliveryState.FAILED),
    "decide": (DeliveryState.UNCERTAIN,),
}
"""What failed may be sent again too: whoever mended the item or the chat knows."""

_STOCK = sa.select(
    deliveries.c.state,
    sa.func.count().label("rows"),
    (sa.func.count() - sa.func.count(deliveries.c.finished_at)).label("undecided"),
).group_by(deliveries.c.state)
_OLDEST_DUE = sa.select(sa.func.min(deliveries.c.not_before)).where(
    deliveries.c.state == "pending",
    deliveries.c.not_before <= sa.bindparam("now", type_=UtcTime),
)


@dataclass(frozen=True, slots=True)
class DeliveryCount:
    """How many posts ended in a state on one day."""

    day: date
    """In UTC."""
    state: DeliveryState
    count: int


@dataclass(frozen=True, slots=True)
class Stock:
    """What is in the ledger."""

    states: dict[str, int]
    """How many deliveries are in a state."""
    open_uncertain: int
    """How many are uncertain and wait for somebody to decide."""
    due: datetime | None
    """Since when the first in the queue is due."""


class Deliveries:
    """What became of each announcement in each chat."""

    def __init__(self, steps: Steps, workers: Workers) -> None:
        self._steps = steps
        self._workers = workers

    # ------------------------------------------------------------- for people

    async def counts(self, announcement_id: str, action: Action = Action.POST) -> dict[str, int]:
        """Count the deliveries of an announcement by state; states without any are left out."""
        statement = (
            sa.select(deliveries.c.state, sa.func.count().label("rows"))
            .where(deliveries.c.announcement_id == announcement_id, deliveries.c.action == action)
            .group_by(deliveries.c.state)
        )

        def step(connection: sa.Connection) -> dict[str, int]:
            found = {row.state: int(row.rows) for row in connection.execute(statement)}
            return {str(state): found[state] for state in DeliveryState if state in found}

        return await self._steps.read(step)

    async def stock(self, now: datetime) -> Stock:
        """Count all deliveries."""

        def step(connection: sa.Connection) -> Stock:
            rows = connection.execute(_STOCK).all()
            return Stock(
                {row.state: int(row.rows) for row in rows},
                sum(row.undecided for row in rows if row.state == DeliveryState.UNCERTAIN),
                connection.execute(_OLDEST_DUE, {"now": now}).scalar(),
            )

        return await self._steps.read(step)

    async def of(self, announcement_id: str, action: Action = Action.POST) -> list[Delivery]:
        """Give the deliveries of an announcement, by chat."""
        return await self._select(
            sa.select(deliveries)
            .where(deliveries.c.announcement_id == announcement_id, deliveries.c.action == action)
            .order_by(deliveries.c.chat_id)
        )

    async def troubled(self, announcement_id: str, most: int) -> list[Delivery]:
        """Give some of the posts that did not arrive, for whoever watches."""
        states = (DeliveryState.FAILED, DeliveryState.PAUSED)
        return await self._select(
            sa.select(deliveries)
            .where(
                deliveries.c.announcement_id == announcement_id,
                deliveries.c.action == Action.POST,
                deliveries.c.state.in_(states),
            )
            .order_by(deliveries.c.id)
            .limit(most)
        )

    async def uncertain(self) -> list[Delivery]:
        """Give the posts that may or may not be in their chats, and that nobody decided on."""
        return await self._select(
            sa.select(deliveries)
            .where(
                deliveries.c.state == DeliveryState.UNCERTAIN, deliveries.c.finished_at.is_(None)
            )
            .order_by(deliveries.c.id)
        )

    async def daily(self, first: date) -> list[DeliveryCount]:
        """Count the posts that ended from a day on, by day and state, the oldest first."""
        day = sa.func.date(deliveries.c.finished_at).label("day")
        statement = (
            sa.select(day, deliveries.c.state, sa.func.count().label("times"))
            .where(
                deliveries.c.action == Action.POST,
                deliveries.c.finished_at >= datetime.combine(first, time(), UTC),
            )
            .group_by(day, deliveries.c.state)
            .order_by(day, deliveries.c.state)
        )

        def step(connection: sa.Connection) -> list[DeliveryCount]:
            return [
                DeliveryCount(
                    date.fromisoformat(str(row.day)), DeliveryState(row.state), row.times
                )
                for row in connection.execute(statement)
            ]

        return await self._steps.read(step)

    async def resolve(
        self, announcement_id: str, chat_id: int, how: str, by: int | None, now: datetime
    ) -> bool:
        """Decide on an uncertain post, or have one that failed sent again.

        Args:
            announcement_id: of what was announced.
            chat_id: where.
            how: "sent": it is there; "resend": send it again; "leave": ask no more.
            by: who decides.
            now: the time.

        Returns:
            Whether there was something to decide.
        """
        state = _HOW[how]
        is_retracted = (
            sa.select(announcements.c.state == ItemState.RETRACTED)
            .where(announcements.c.id == announcement_id)
            .scalar_subquery()
        )
        again = state is DeliveryState.PENDING
        statement = (
            sa.update(deliveries)
            .where(
                deliveries.c.announcement_id == announcement_id,
                deliveries.c.chat_id == chat_id,
                deliveries.c.action == Action.POST,
                deliveries.c.state.in_(_OPEN_TO["resend" if again else "decide"]),
            )
            .values(
                state=sa.case((is_retracted, DeliveryState.RETRACTED.value), else_=state.value)
                if again
                else state,
                not_before=now,
                finished_at=None if again else now,
                # Whoever has it sent again says that it is still news.
                **({"expires_at": now + EXPIRES_AFTER} if again else {}),
            )
        )

        def step(connection: sa.Connection) -> bool:
            changed = connection.execute(statement).rowcount > 0
            if changed:
                log(connection, now, by, f"resolve: {how}", announcement_id, str(chat_id))
                if again:
                    reopen(connection, announcements.c.id == announcement_id)
            return changed

        return await self._steps.write(step)

    # ----------------------------------------------------------- for a worker

    async def tidy(self, now: datetime, *, may_resend: bool = False) -> int:
        """Do what time brings: plan what is due, expire what is stale, end leases and broadcasts.

        What a worker had not begun goes back as soon as it is gone: if it lives, it finds that it
        may not begin. What it had begun waits until it is surely dead.

        Gives how many posts became uncertain because their worker is dead.
        """

        def look(connection: sa.Connection) -> list[int]:
            return list(connection.execute(_AT_WORK).scalars())

        gone = {
            number: seconds
            for number in await self._steps.read(look)
            if (seconds := await self._workers.gone_for(number)) is not None
        }
        dead = [number for number, seconds in gone.items() if seconds >= GRACE_SECONDS]

        def step(connection: sa.Connection) -> int:
            for row in connection.execute(_DUE, {"now": now}).all():
                _begin_broadcast(connection, row, now)
            is_over = deliveries.c.lease_until < now
            requests.give_back(connection, sa.or_(is_over, deliveries.c.worker.in_(list(gone))))
            ended = sa.or_(is_over, deliveries.c.worker.in_(dead))
            lost = requests.recover(connection, ended, now, may_resend=may_resend)
            connection.execute(_EXPIRE, {"now": now})
            connection.execute(_FINISH)
            return lost

        return await self._steps.write(step)

    async def recover(self, worker: int, now: datetime, *, may_resend: bool = False) -> int:
        """Take back what a worker had that is surely gone; give how many posts are uncertain.

        For a new process that holds the same number, before it claims anything.
        """

        def step(connection: sa.Connection) -> int:
            mine = deliveries.c.worker == worker
            requests.give_back(connection, mine)
            return requests.recover(connection, mine, now, may_resend=may_resend, have_ended=True)

        return await self._steps.write(step)

    async def claim(self, worker: int, most: int, now: datetime) -> list[Delivery]:
        """Give a worker up to `most` deliveries that are due, for as long as `LEASE`."""

        def step(connection: sa.Connection) -> list[Delivery]:
            claimed: list[Delivery] = []
            for action in _FIRST:
                left = most - len(claimed)
                if left > 0:
                    found = connection.execute(
                        _CLAIM,
                        {
                            "wanted": action,
                            "now": now,
                            "left": left,
                            "by": worker,
                            "until": now + LEASE,
                        },
                    )
                    claimed += sorted(
                        (delivery_of(row) for row in found),
                        key=lambda one: (one.not_before, one.id),
                    )
            return claimed

        return await self._steps.write(step)

    async def begin(self, delivery: Delivery, worker: int, now: datetime) -> Task | None:
        """Note that the request of a claimed delivery begins; committed before it does.

        Gives what to send; None where it must not begin: it was retracted, another worker has it,
        or the chat no longer wants news or cannot be written to.
        """

        def step(connection: sa.Connection) -> Task | None:
            return requests.begin(connection, delivery, worker, now)

        return await self._steps.write(step)

    async def record(self, delivery: Delivery, change: Change, now: datetime) -> bool:
        """Write what came of a request; gives False where the delivery went on without it.

        A post that carries an earlier text than the announcement has now, or that was retracted
        while it was on its way, gets its correction or retraction here.
        """

        def step(connection: sa.Connection) -> bool:
            return requests.record(connection, delivery, change, now)

        return await self._steps.write(step)

    async def postpone(self, delivery: Delivery, worker: int, until: datetime) -> None:
        """Give a delivery that a worker has claimed back, for later."""

        def step(connection: sa.Connection) -> None:
            connection.execute(
                sa.update(deliveries)
                .where(
                    deliveries.c.id == delivery.id,
                    deliveries.c.state == DeliveryState.CLAIMED,
                    deliveries.c.worker == worker,
                )
                .values(state=DeliveryState.PENDING, not_before=until, **FREE)
            )

        await self._steps.write(step)

    async def release(self, worker: int) -> None:
        """Give back everything that a worker claimed and did not begin."""

        def step(connection: sa.Connection) -> None:
            requests.give_back(connection, deliveries.c.worker == worker)

        await self._steps.write(step)

    async def _select(self, statement: sa.Select[tuple[object, ...]]) -> list[Delivery]:
        def step(connection: sa.Connection) -> list[Delivery]:
            return [delivery_of(row) for row in connection.execute(statement)]

        return await self._steps.read(step)


# -------------------------------------------------------------------- statements

_AT_WORK = (
    sa.select(deliveries.c.worker)
    .where(deliveries.c.state.in_((DeliveryState.CLAIMED, DeliveryState.SENDING)))
    .distinct()
)
_NOW = sa.bindparam("now", type_=deliveries.c.not_before.type)
_busy = deliveries.alias("busy")
_CLAIM = (
    sa.update(deliveries)
    .where(
        deliveries.c.id.in_(
            sa.select(deliveries.c.id)
            .where(
                deliveries.c.state == DeliveryState.PENDING,
                deliveries.c.action == sa.bindparam("wanted", type_=sa.Text),
                deliveries.c.not_before <= _NOW,
                # A correction never overtakes the post or another correction in its chat.
                ~sa.exists().where(
                    _busy.c.announcement_id == deliveries.c.announcement_id,
                    _busy.c.chat_id == deliveries.c.chat_id,
                    _busy.c.state.in_((DeliveryState.CLAIMED, DeliveryState.SENDING)),
                ),
            )
            .order_by(deliveries.c.not_before, deliveries.c.id)
            .limit(sa.bindparam("left", type_=sa.Integer))
            .with_for_update(skip_locked=True, of=deliveries)
        )
    )
    .values(
        state=DeliveryState.CLAIMED,
        worker=sa.bindparam("by", type_=sa.Integer),
        lease_until=sa.bindparam("until", type_=deliveries.c.not_before.type),
    )
    .returning(deliveries)
)
_EXPIRE = (
    sa.update(deliveries)
    .where(
        deliveries.c.state.in_((DeliveryState.PENDING, DeliveryState.PAUSED)),
        deliveries.c.expires_at <= _NOW,
    )
    .values(**given_up(DeliveryState.EXPIRED, _NOW))
)
_DUE = (
    sa.select(announcements)
    .where(announcements.c.state == ItemState.APPROVED, announcements.c.publish_at <= _NOW)
    .with_for_update(skip_locked=True)
)
_FINISH = (
    sa.update(announcements)
    .where(
        announcements.c.state == ItemState.QUEUED,
        ~sa.exists().where(
            deliveries.c.announcement_id == announcements.c.id,
            deliveries.c.action == Action.POST,
            deliveries.c.state.in_(OPEN),
        ),
    )
    .values(state=ItemState.DONE)
)


def _begin_broadcast(
    connection: sa.Connection, row: sa.Row[tuple[object, ...]], now: datetime
) -> None:
    """Plan the deliveries of what was approved for this time."""
    only: Sequence[int] = json.loads(row.only_chats or "[]")
    plan(connection, from_json(row.item), only, now, row.expires_at)
    connection.execute(
        sa.update(announcements).where(announcements.c.id == row.id).values(state=ItemState.QUEUED)
    )
