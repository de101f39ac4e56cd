"""The queue of updates between the world and the bot: confirmed by polls, or posted to a webhook.

Only the queue's rules stand here; `server` speaks HTTP for polls and `webhook` posts.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
    "guest_message",
)
# Without an explicit list a bot gets everything but these.
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
KEPT_SECONDS = 24 * 3600.0

_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Update:
    """One update in the queue."""

    id: int
    kind: str
    # Updates of one stream reach a webhook one after the other.
    stream: int
    body: bytes
    # When it happened, on the world's clock.
    at: float
    # Handed out once whatever the offset says: how a duplicate reaches a bot.
    is_replay: bool = False


@dataclass(slots=True)
class Updates:
    """Updates that the bot has not confirmed, oldest first."""

    now: Callable[[], float] = time.time
    next_id: int = 100_000_001
    pending: deque[Update] = field(default_factory=deque)
    # None: the default, all but ON_REQUEST.
    allowed: frozenset[str] | None = None
    # Called when something came in.
    wake: Callable[[], None] = lambda: None
    # Updates by id, to replay one; the latest few thousand.
    past: dict[int, Update] = field(default_factory=dict)
    confirmed: int = 0
    # Fields that are left out of updates, however deep, as other servers of the Bot API may.
    left_out: frozenset[str] = frozenset()

    def wanted(self, kind: str) -> bool:
        """Tell whether the bot asked for a kind of update."""
        return kind not in ON_REQUEST if self.allowed is None else kind in self.allowed

    def add(self, kind: str, value: Any, stream: int = 0) -> int | None:
        """Queue an update.

        Args:
            kind: the update's field, such as `message`.
            value: what stands in the field.
            stream: a chat or user id; a webhook gets a stream's updates in order.

        Returns:
            The update's id, or None when the bot does not want this kind.
        """
        if not self.wanted(kind):
            return None
        return self.add_raw({kind: value}, stream, kind=kind)

    def add_raw(self, update: dict[str, Any], stream: int = 0, *, kind: str = "raw") -> int:
        """Queue an update of any shape; a missing `update_id` is filled in.

        Args:
            update: the update object; an `update_id` of its own is sent as it stands.
            stream: as for `add`.
            kind: what to call it in the record.
        """
        number = self.next_id
        self.next_id += 1
        if self.left_out:
            update = _without(update, self.left_out)
        body = _encode({"update_id": number, **update}).encode()
        queued = Update(number, kind, stream, body, self.now())
        self.pending.append(queued)
        self.past[number] = queued
        if len(self.past) > 5000:
            del self.past[next(iter(self.past))]
        self.wake()
        return number

    def replay(self, update_id: int) -> None:
        """Hand out an update again, as Telegram does after a lost confirmation."""
        old = self.past[update_id]
        self.pending.appendleft(
            Update(old.id, old.kind, old.stream, old.body, self.now(), is_replay=True)
        )
        self.wake()

    def confirm(self, offset: int) -> None:
        """Forget updates as getUpdates' offset says.

        Args:
            offset: positive: the first update that is still wanted; negative: how many of the
                latest to keep.
        """
        if offset < 0:
            while len(self.pending) > -offset:
                self.pending.popleft()
                self.confirmed += 1
        elif offset > 0:
            replays = [update for update in self.pending if update.is_replay]
            while self.pending and self.pending[0].is_replay:
                self.pending.popleft()
            while self.pending and self.pending[0].id < offset:
                self.pending.popleft()
                self.confirmed += 1
            self.pending.extendleft(reversed(replays))

    def take(self, limit: int) -> list[Update]:
        """Give the oldest updates without forgetting them, replays excepted.

        Args:
            limit: at most so many.
        """
        oldest = self.now() - KEPT_SECONDS
        while self.pending and self.pending[0].at < oldest:
            self.pending.popleft()
        if not self.pending:
            return []
        taken = [update for update, _ in zip(self.pending, range(limit), strict=False)]
        while self.pending and self.pending[0].is_replay:
            self.pending.popleft()
        return taken

    def done(self, update: Update) -> None:
        """Forget one update that a webhook has accepted."""
        self.pending.remove(update)
        self.confirmed += 1

    def clear(self) -> None:
        """Forget everything, as drop_pending_updates does."""
        self.confirmed += len(self.pending)
        self.pending.clear()


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(each, names) for name, each in value.items() if name not in names}
    if isinstance(value, list):
        return [_without(each, names) for each in value]
    return value
