"""What becomes of a delivery: the states of the ledger and the policy between them, as values.

No clock, no network and no store: the time is passed in, what came of a request is a value, and
so is what is to be written of it. `publisher` obeys; `store.deliveries` keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from bot.knowledge.model import NewsItem

EXPIRES_AFTER = timedelta(hours=48)
"""How long after its approval, or the time that it was planned for, an item is still news."""
LEASE = timedelta(seconds=60)
"""How long a worker has what it claimed; a request takes 30 s at most."""
LONGEST_PAUSE = timedelta(minutes=5)
MOST_UNSURE = 2
"""Requests without an answer, where the operator wants uncertain posts sent again: a network that
loses each answer would otherwise fill a chat with copies."""


class ItemState(StrEnum):
    """Where an announcement stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    """Waits for its time."""
    QUEUED = "queued"
    """Its deliveries are planned and worked off."""
    DONE = "done"
    """None of them can be worked on: each is sent, or it is known why not."""
    RETRACTED = "retracted"
    DISCARDED = "discarded"


class Action(StrEnum):
    """What is done in a chat. A row of the ledger is one action for one announcement and chat."""

    POST = "post"
    EDIT = "edit"
    """Correct what was posted; may be repeated without harm."""
    RETRACT = "retract"
    """Take back what was posted; may be repeated without harm."""


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    CLAIMED = "claimed"
    """One worker has it until its lease ends or it is gone; nothing went out yet."""
    SENDING = "sending"
    """The request has begun."""
    SENT = "sent"
    """Telegram gave a message id; of a correction or retraction: it is done."""
    UNCERTAIN = "uncertain"
    """The request went out and no answer came: it may or may not be in the chat."""
    FAILED = "failed"
    """Telegram refused for good."""
    PAUSED = "paused"
    """The chat cannot be written to now."""
    EXPIRED = "expired"
    RETRACTED = "retracted"


OPEN = (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.SENDING)
"""What is being worked on."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the ledger."""

    id: int
    announcement_id: str
    chat_id: int
    action: Action
    state: DeliveryState
    not_before: datetime
    attempts: int = 0
    """Requests begun; the number of a request tells a late answer from a present one."""
    unsure: int = 0
    """Requests of which nobody knows what became of them."""
    revision: int = 0
    """Which text was sent; 0: none yet."""
    message_id: int | None = None
    posted_in: int | None = None
    """The id that the chat had when it got the message: ids begin anew in a supergroup."""
    has_image: bool = False
    reason: str | None = None
    expires_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A delivery whose request may begin, with everything that it takes."""

    delivery: Delivery
    """Its state is `sending`, `revision` that of the item."""
    item: NewsItem
    revised_at: datetime | None = None
    """When the item was corrected last, if it was after its approval."""
    language: str | None = None
    """Of the chat; None: the item's first."""
    is_silent: bool = False
    thread_id: int | None = None
    """The topic that the chat chose."""
    is_private: bool = False
    message_id: int | None = None
    """Of the post that is to be corrected or taken back."""
    posted_in: int | None = None
    """The id that its chat had when it got it."""
    has_image: bool = False
    """Whether it has a picture, and its text is a caption."""


# ------------------------------------------------------- what came of a request


@dataclass(frozen=True, slots=True)
class Sent:
    """Telegram did it."""

    message_id: int | None = None
    """Of a post alone."""
    has_image: bool = False
    reason: str | None = None
    """Where it was done in another way than meant."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Telegram wants a pause in this chat; nothing was done."""

    seconds: float


@dataclass(frozen=True, slots=True)
class NotSent:
    """The request never reached Telegram."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """The request went out; what became of it is not known."""

    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The group has become a supergroup; nothing was done."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class Shut:
    """The chat cannot be written to until somebody lets the bot in again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """It would be refused again."""

    reason: str


Result: TypeAlias = Sent | Wait | NotSent | Unsure | Moved | Shut | Refused


@dataclass(frozen=True, slots=True)
class Change:
    """What is written of a delivery after a request."""

    state: DeliveryState
    reason: str | None = None
    not_before: datetime | None = None
    """Of a pending one."""
    message_id: int | None = None
    has_image: bool = False
    is_unsure: bool = False
    """Whether it counts as a request of which nobody knows what became of it."""


def after(
    delivery: Delivery, result: Result, now: datetime, *, may_resend: bool = False
) -> Change:
    """Decide what becomes of a delivery after a request.

    Args:
        delivery: as it was when the request began; `attempts` counts that request.
        result: what came of it.
        now: the time.
        may_resend: whether a post that may have arrived is sent once more
            (UNCERTAIN=resend, and the chat is private).
    """
    pending = DeliveryState.PENDING
    match result:
        case Sent(message_id, has_image, reason):
            return Change(DeliveryState.SENT, reason, None, message_id, has_image)
        case Wait(seconds):
            return Change(pending, not_before=now + timedelta(seconds=seconds))
        case Moved():
            return Change(pending, not_before=now)
        case NotSent(reason):
            return Change(pending, reason, now + pause(delivery.attempts))
        case Unsure(reason):
            repeats = delivery.action is not Action.POST or (
                may_resend and delivery.unsure + 1 < MOST_UNSURE
            )
            if repeats:
                later = now + pause(delivery.attempts)
                return Change(pending, reason, later, is_unsure=True)
            return Change(DeliveryState.UNCERTAIN, reason, is_unsure=True)
        case Shut(reason):
            return Change(DeliveryState.PAUSED, reason)
        case Refused(reason):
            may_be_there = delivery.action is Action.POST and delivery.unsure > 0
            return Change(
                DeliveryState.UNCERTAIN if may_be_there else DeliveryState.FAILED, reason
            )


def pause(attempts: int) -> timedelta:
    """Give the pause after so many requests: one second, two, four and so on, up to five minutes.

    A second for none.
    """
    return min(timedelta(seconds=2 ** min(max(attempts - 1, 0), 16)), LONGEST_PAUSE)
