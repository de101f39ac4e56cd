"""What is announced: drafts, their approval, corrections and retractions, and who did which.

An approval plans the deliveries in the same step; `deliveries` keeps what becomes of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.knowledge.model import NewsItem
from bot.news.deliveries import EXPIRES_AFTER, Action, ItemState
from bot.news.items import from_json, to_json
from bot.store.ledger import audience, log, plan, plan_edits, plan_retractions
from bot.store.steps import Steps
from bot.store.tables import announcements, deliveries, news_log
from bot.store.upsert import Upsert


@dataclass(frozen=True, slots=True)
class Announcement:
    """An item of news and where it stands."""

    id: str
    item: NewsItem
    origin: str
    """Where it is from: `file`, `editor`, or what the operator calls the feed."""
    state: ItemState
    revision: int
    """How often its text was set: a chat that got an earlier one gets a correction."""
    only_chats: tuple[int, ...]
    """The chats that it is for; empty: all that want news."""
    created_by: int | None
    """An editor; None: the operator, or a feed."""
    created_at: datetime
    approved_by: int | None
    approved_at: datetime | None
    publish_at: datetime | None
    """When its posts begin."""
    expires_at: datetime | None
    """When what is not sent is no longer news."""
    revised_at: datetime | None
    """When it was corrected after its posts had begun."""


@dataclass(frozen=True, slots=True)
class Approval:
    """What became of an approval."""

    is_new: bool
    """False where it was approved before, or is no draft for another reason."""
    chats: int
    """How many it goes to."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Who did what to an announcement, and when."""

    at: datetime
    by: int | None
    """An editor; None: the operator, or a feed."""
    action: str
    id: str
    detail: str | None = None


_ADD = Upsert(announcements, returning=("id",))
_TEXT_IS_FREE = (ItemState.DRAFT, ItemState.APPROVED)
"""Where a change is not yet a correction."""
_POSTED = (ItemState.QUEUED, ItemState.DONE)


class Announcements:
    """What is announced. `by` is an editor, or None for the operator or a feed."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def draft(self, item: NewsItem, origin: str, by: int | None, now: datetime) -> bool:
        """Keep an item as a draft. Gives False, and changes nothing, where its id is taken."""
        row = {
            "id": item.id,
            "item": to_json(item),
            "origin": origin,
            "state": ItemState.DRAFT,
            "revision": 1,
            "created_by": by,
            "created_at": now,
        }

        def step(connection: sa.Connection) -> bool:
            is_new = connection.execute(_ADD.on(connection), row).first() is not None
            if is_new:
                log(connection, now, by, "draft", item.id, origin)
            return is_new

        return await self._steps.write(step)

    async def get(self, announcement_id: str) -> Announcement | None:
        """Give an announcement by its id."""

        def step(connection: sa.Connection) -> Announcement | None:
            return _found(connection, announcement_id)

        return await self._steps.read(step)

    async def all(self) -> list[Announcement]:
        """Give every announcement, the newest first."""
        statement = sa.select(announcements).order_by(
            announcements.c.created_at.desc(), announcements.c.id.desc()
        )

        def step(connection: sa.Connection) -> list[Announcement]:
            return [_announcement(row) for row in connection.execute(statement)]

        return await self._steps.read(step)

    async def brought(self, since: datetime) -> list[Announcement]:
        """Give the drafts that feeds have brought after a time, the oldest first."""
        statement = (
            sa.select(announcements)
            .where(
                announcements.c.state == ItemState.DRAFT,
                announcements.c.created_at > since,
                announcements.c.created_by.is_(None),
                announcements.c.origin.not_in(("file", "editor")),
            )
            .order_by(announcements.c.created_at, announcements.c.id)
        )

        def step(connection: sa.Connection) -> list[Announcement]:
            return [_announcement(row) for row in connection.execute(statement)]

        return await self._steps.read(step)

    async def change(
        self,
        announcement_id: str,
        item: NewsItem,
        by: int | None,
        now: datetime,
    ) -> Announcement | None:
        """Set the text of an announcement; gives it as it is now.

        Where posts have begun this is a new revision: chats that got an earlier one get a
        correction, those still to come get the new text. The same text again changes nothing.
        None where there is no such announcement, or it was retracted or discarded.
        """
        text = to_json(item)

        def step(connection: sa.Connection) -> Announcement | None:
            found = _locked(connection, announcement_id)
            if found is None or found.state not in (*_TEXT_IS_FREE, *_POSTED):
                return None
            if to_json(found.item) == text:
                return found
            values: dict[str, Any] = {"item": text}
            if found.state in _POSTED:
                values |= {"revision": found.revision + 1, "revised_at": now}
            _set(connection, announcement_id, **values)
            detail = None
            if found.state in _POSTED:
                detail = f"{plan_edits(connection, announcement_id, now)} posts"
            log(connection, now, by, "edit", announcement_id, detail)
            return _found(connection, announcement_id)

        return await self._steps.write(step)

    async def approve(
        self,
        announcement_id: str,
        by: int | None,
        now: datetime,
        *,
        at: datetime | None = None,
        only: Sequence[int] = (),
        item: NewsItem | None = None,
    ) -> Approval:
        """Approve a draft, and plan its deliveries unless they are for later.

        Args:
            announcement_id: of a draft.
            by: who approves.
            now: the time.
            at: when its posts are to begin; None, or a time that has passed: now.
            only: ids of the chats that it is for, of those that want news; empty: all.
            item: the text that was looked at; where it is another by now, nothing is approved.
        """
        begins = max(at or now, now)
        values = {
            "state": ItemState.APPROVED if begins > now else ItemState.QUEUED,
            "only_chats": json.dumps(sorted(set(only))) if only else None,
            "approved_by": by,
            "approved_at": now,
            "publish_at": begins,
            "expires_at": begins + EXPIRES_AFTER,
        }

        def step(connection: sa.Connection) -> Approval:
            if item is not None:
                now_is = _locked(connection, announcement_id)
                if now_is is None or now_is.item != item:
                    return Approval(is_new=False, chats=0)
            changed = connection.execute(
                sa.update(announcements)
                .where(
                    announcements.c.id == announcement_id, announcements.c.state == ItemState.DRAFT
                )
                .values(**values)
            )
            found = _found(connection, announcement_id)
            if found is None:
                return Approval(is_new=False, chats=0)
            if changed.rowcount == 0:
                return Approval(is_new=False, chats=_planned(connection, found))
            detail = begins.isoformat(timespec="minutes") if begins > now else None
            log(connection, now, by, "approve", announcement_id, detail)
            if begins > now:
                return Approval(is_new=True, chats=audience(connection, found.item, only))
            return Approval(
                is_new=True,
                chats=plan(connection, found.item, only, now, begins + EXPIRES_AFTER),
            )

        return await self._steps.write(step)

    async def reschedule(
        self, announcement_id: str, by: int | None, now: datetime, at: datetime
    ) -> bool:
        """Give another time to what waits for its own. Gives whether that changed anything."""
        begins = max(at, now)

        def step(connection: sa.Connection) -> bool:
            changed = connection.execute(
                sa.update(announcements)
                .where(
                    announcements.c.id == announcement_id,
                    announcements.c.state == ItemState.APPROVED,
                    announcements.c.publish_at != begins,
                )
                .values(publish_at=begins, expires_at=begins + EXPIRES_AFTER)
            )
            if changed.rowcount:
                detail = begins.isoformat(timespec="minutes")
                log(connection, now, by, "schedule", announcement_id, detail)
            return changed.rowcount > 0

        return await self._steps.write(step)

    async def audience(self, item: NewsItem, only: Sequence[int] = ()) -> int:
        """Count the chats that an item would go to now."""

        def step(connection: sa.Connection) -> int:
            return audience(connection, item, only)

        return await self._steps.read(step)

    async def discard(
        self,
        announcement_id: str,
        by: int | None,
        now: datetime,
    ) -> bool:
        """Drop a draft, or what waits for its time. Gives whether there was one."""

        def step(connection: sa.Connection) -> bool:
            changed = connection.execute(
                sa.update(announcements)
                .where(
                    announcements.c.id == announcement_id, announcements.c.state.in_(_TEXT_IS_FREE)
                )
                .values(state=ItemState.DISCARDED)
            )
            if changed.rowcount:
                log(connection, now, by, "discard", announcement_id)
            return changed.rowcount > 0

        return await self._steps.write(step)

    async def retract(
        self,
        announcement_id: str,
        by: int | None,
        now: datetime,
    ) -> bool:
        """Take an announcement back: posts are deleted, those still to come are dropped.

        Gives whether it could be: False for a draft, and where it was done or discarded before.
        """

        def step(connection: sa.Connection) -> bool:
            changed = connection.execute(
                sa.update(announcements)
                .where(
                    announcements.c.id == announcement_id,
                    announcements.c.state.in_((ItemState.APPROVED, *_POSTED)),
                )
                .values(state=ItemState.RETRACTED)
            )
            if changed.rowcount == 0:
                return False
            count = plan_retractions(connection, announcement_id, now)
            log(connection, now, by, "retract", announcement_id, f"{count} posts")
            return True

        return await self._steps.write(step)

    async def log(self, announcement_id: str | None = None) -> list[LogEntry]:
        """Give who did what, of one announcement or of all, the oldest first."""
        statement = sa.select(news_log).order_by(news_log.c.id)
        if announcement_id is not None:
            statement = statement.where(news_log.c.announcement_id == announcement_id)

        def step(connection: sa.Connection) -> list[LogEntry]:
            return [
                LogEntry(row.at, row.editor_id, row.action, row.announcement_id, row.detail)
                for row in connection.execute(statement)
            ]

        return await self._steps.read(step)


def _found(connection: sa.Connection, announcement_id: str) -> Announcement | None:
    row = connection.execute(
        sa.select(announcements).where(announcements.c.id == announcement_id)
    ).one_or_none()
    return None if row is None else _announcement(row)


def _locked(connection: sa.Connection, announcement_id: str) -> Announcement | None:
    """Give an announcement that nobody else can change before this step is committed."""
    row = connection.execute(
        sa.select(announcements).where(announcements.c.id == announcement_id).with_for_update()
    ).one_or_none()
    return None if row is None else _announcement(row)


def _announcement(row: sa.Row[tuple[object, ...]]) -> Announcement:
    values = row._asdict()
    return Announcement(**values | {
        "item": from_json(values["item"]),
        "state": ItemState(values["state"]),
        "only_chats": tuple(json.loads(values["only_chats"] or "[]")),
    })  # fmt: skip


def _set(connection: sa.Connection, announcement_id: str, **values: Any) -> None:
    connection.execute(
        sa.update(announcements).where(announcements.c.id == announcement_id).values(**values)
    )


def _planned(connection: sa.Connection, found: Announcement) -> int:
    """Count the chats of what was approved before."""
    if found.state is ItemState.APPROVED:
        return audience(connection, found.item, found.only_chats)
    statement = sa.select(sa.func.count()).where(
        deliveries.c.announcement_id == found.id, deliveries.c.action == Action.POST
    )
    return connection.execute(statement).scalar_one()
