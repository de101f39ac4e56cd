"""Requests to Telegram in the ledger: may one begin, what came of it, and of those left behind.

Parts of steps, each in one transaction: `deliveries` says when.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from bot.news.deliveries import (
    LEASE,
    OPEN,
    Action,
    Change,
    Delivery,
    DeliveryState,
    ItemState,
    Task,
    Unsure,
    after,
)
from bot.news.items import from_json
from bot.store.chats import ChatKind
from bot.store.ledger import FREE, given_up, plan_one
from bot.store.tables import announcements, chats, deliveries, readers

_ANSWERED = (*OPEN, DeliveryState.UNCERTAIN)
"""Where an answer to the last request that says "done" is news, whatever else is known."""
_NO_ANSWER = "the program ended while the request was on its way"
_UNWANTED = "the chat no longer wants news"
_LATER = (DeliveryState.PENDING, DeliveryState.PAUSED)
"""What is still to be sent."""
_TRIED = (DeliveryState.SENT, DeliveryState.FAILED)
"""What was done or refused: of an earlier text, where the text changed meanwhile."""
_ALL_OF_IT = (
    sa.select(
        deliveries,
        announcements.c.item,
        announcements.c.state.label("item_state"),
        announcements.c.revision.label("item_revision"),
        announcements.c.revised_at,
        chats.c.kind,
        sa.func.coalesce(chats.c.language, readers.c.language).label("language"),
        chats.c.news,
        chats.c.silent,
        chats.c.thread_id,
        chats.c.paused_reason,
    )
    .join(announcements, announcements.c.id == deliveries.c.announcement_id)
    .outerjoin(chats, chats.c.id == deliveries.c.chat_id)
    # The id of a private chat is the user's. https://core.telegram.org/api/bots/ids
    .outerjoin(readers, readers.c.user_id == deliveries.c.chat_id)
    .where(
        deliveries.c.id == sa.bindparam("wanted", type_=sa.BigInteger),
        deliveries.c.state == DeliveryState.CLAIMED,
        deliveries.c.worker == sa.bindparam("by"),
    )
    .with_for_update(read=True, of=announcements)
)


def delivery_of(row: sa.Row[tuple[object, ...]]) -> Delivery:
    """Give a row as a value."""
    return Delivery(
        id=row.id,
        announcement_id=row.announcement_id,
        chat_id=row.chat_id,
        action=Action(row.action),
        state=DeliveryState(row.state),
        not_before=row.not_before,
        attempts=row.attempts,
        unsure=row.unsure,
        revision=row.revision,
        message_id=row.message_id,
        posted_in=row.posted_in,
        has_image=row.has_image,
        reason=row.reason,
        expires_at=row.expires_at,
        finished_at=row.finished_at,
    )


def begin(
    connection: sa.Connection, delivery: Delivery, worker: int, now: datetime
) -> Task | None:
    """Note that the request of a claimed delivery begins; give what to send.

    None where it must not begin: it was retracted, another worker has it, or the chat no longer
    wants news or cannot be written to.
    """
    mine = (
        deliveries.c.id == delivery.id,
        deliveries.c.state == DeliveryState.CLAIMED,
        deliveries.c.worker == worker,
    )
    row = connection.execute(_ALL_OF_IT, {"wanted": delivery.id, "by": worker}).first()
    if row is None:
        return None
    stopped = _stopped(row, now)
    if stopped is not None:
        state, reason = stopped
        is_later = state is DeliveryState.PAUSED
        ended = {"state": state} if is_later else given_up(state, now)
        connection.execute(
            sa.update(deliveries).where(*mine).values(**ended, reason=reason, **FREE)
        )
        return None
    begun = connection.execute(
        sa.update(deliveries)
        .where(*mine)
        .values(
            state=DeliveryState.SENDING,
            attempts=deliveries.c.attempts + 1,
            revision=row.item_revision,
            lease_until=now + LEASE,
            reason=None,
        )
        .returning(deliveries)
    ).first()
    if begun is None:
        return None
    return _task(connection, row, delivery_of(begun))


def _task(connection: sa.Connection, row: sa.Row[tuple[object, ...]], begun: Delivery) -> Task:
    post = begun
    if begun.action is not Action.POST:
        found = connection.execute(
            sa.select(deliveries).where(*_post_of(begun.announcement_id, begun.chat_id))
        ).first()
        post = begun if found is None else delivery_of(found)
    return Task(
        begun,
        from_json(row.item),
        row.revised_at,
        row.language,
        bool(row.silent),
        row.thread_id,
        row.kind == ChatKind.PRIVATE,
        message_id=post.message_id,
        posted_in=post.posted_in,
        has_image=post.has_image,
    )


def _post_of(announcement_id: str, chat_id: int) -> list[sa.ColumnElement[bool]]:
    return [
        deliveries.c.announcement_id == announcement_id,
        deliveries.c.chat_id == chat_id,
        deliveries.c.action == Action.POST,
    ]


def _stopped(
    row: sa.Row[tuple[object, ...]], now: datetime
) -> tuple[DeliveryState, str | None] | None:
    """Say why a claimed delivery must not begin; None where it may."""
    is_retraction = row.action == Action.RETRACT
    if row.item_state == ItemState.RETRACTED and not is_retraction:
        return DeliveryState.RETRACTED, None
    if row.expires_at <= now:
        return DeliveryState.EXPIRED, None
    if row.action == Action.POST and not row.news:
        return DeliveryState.FAILED, _UNWANTED
    if row.paused_reason is not None and not is_retraction:
        return DeliveryState.PAUSED, row.paused_reason
    return None


def record(connection: sa.Connection, delivery: Delivery, change: Change, now: datetime) -> bool:
    """Write what came of a request; give False where the delivery went on without it."""
    is_sent = change.state is DeliveryState.SENT
    # Waits for whoever corrects or retracts just now, so that none of their posts is missed.
    item = connection.execute(
        sa.select(announcements.c.state, announcements.c.revision)
        .where(announcements.c.id == delivery.announcement_id)
        .with_for_update(read=True)
    ).first()
    if item is None:
        return False
    is_retracted = item.state == ItemState.RETRACTED
    is_outdated = item.revision > delivery.revision
    is_post, is_edit = (delivery.action is one for one in (Action.POST, Action.EDIT))
    state = change.state
    if is_retracted and state in _LATER and delivery.action is not Action.RETRACT:
        may_be_there = is_post and (change.is_unsure or delivery.unsure > 0)
        state = DeliveryState.UNCERTAIN if may_be_there else DeliveryState.RETRACTED
    if is_edit and is_outdated and not is_retracted and state in _TRIED:
        state = DeliveryState.PENDING
    is_open = state in _LATER or state is DeliveryState.UNCERTAIN
    is_late = sa.or_(deliveries.c.state.in_(_ANSWERED), deliveries.c.message_id.is_(None))
    written = connection.execute(
        sa.update(deliveries)
        .where(
            deliveries.c.id == delivery.id,
            deliveries.c.attempts == delivery.attempts,
            is_late if is_sent else deliveries.c.state == DeliveryState.SENDING,
        )
        .values(
            state=state,
            reason=change.reason,
            not_before=change.not_before or now,
            unsure=deliveries.c.unsure + int(change.is_unsure),
            finished_at=None if is_open else now,
            message_id=change.message_id if is_sent and is_post else None,
            posted_in=(
                delivery.chat_id if is_sent and is_post and change.message_id is not None else None
            ),
            has_image=change.has_image,
            **FREE,
        )
    )
    if written.rowcount == 0:
        return False
    if state is DeliveryState.PAUSED:
        connection.execute(
            sa.update(chats)
            .where(chats.c.id == delivery.chat_id, chats.c.paused_at.is_(None))
            .values(paused_reason=change.reason or "", paused_at=now)
        )
    if is_sent and is_post and is_retracted:
        plan_one(connection, delivery.id, Action.RETRACT, now)
    elif is_sent and is_post and is_outdated:
        plan_one(connection, delivery.id, Action.EDIT, now)
    elif is_sent and not is_post:
        changed = (
            {"has_image": change.has_image}
            if is_edit
            else {"state": DeliveryState.RETRACTED, "reason": change.reason, "finished_at": now}
        )
        connection.execute(
            sa.update(deliveries)
            .where(*_post_of(delivery.announcement_id, delivery.chat_id))
            .values(**changed)
        )
    return True


def give_back(connection: sa.Connection, whose: sa.ColumnElement[bool]) -> None:
    """Let others have what workers claimed and did not begin."""
    connection.execute(
        sa.update(deliveries)
        .where(whose, deliveries.c.state == DeliveryState.CLAIMED)
        .values(state=DeliveryState.PENDING, **FREE)
    )


def recover(
    connection: sa.Connection,
    lost: sa.ColumnElement[bool],
    now: datetime,
    *,
    may_resend: bool,
    have_ended: bool = False,
) -> int:
    """Take back what dead workers had begun; give how many posts are uncertain now.

    A post is sent again only after its lease, when the request before has ended even if its
    worker lives and is only cut off; at once where it is known that the workers `have_ended`.
    """
    rows = connection.execute(
        sa.select(deliveries, chats.c.kind)
        .outerjoin(chats, chats.c.id == deliveries.c.chat_id)
        .where(lost, deliveries.c.state == DeliveryState.SENDING)
        .with_for_update(skip_locked=True, of=deliveries)
    ).all()
    uncertain = 0
    for row in rows:
        may = may_resend and row.kind == ChatKind.PRIVATE
        change = after(delivery_of(row), Unsure(_NO_ANSWER), now, may_resend=may)
        if change.not_before is not None and row.action == Action.POST and not have_ended:
            change = replace(change, not_before=max(change.not_before, row.lease_until))
        written = record(connection, delivery_of(row), change, now)
        uncertain += written and change.state is DeliveryState.UNCERTAIN
    return uncertain
