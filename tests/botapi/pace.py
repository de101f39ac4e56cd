"""Telegram's limits on how often a bot may write, kept as strictly as Telegram is known to.

Telegram publishes "about 30 messages a second in all, one a second in a chat with short bursts, 20
a minute in a group": https://core.telegram.org/bots/faq, "My bot is hitting limits".
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Violation:
    """A call over a limit."""

    # Monotonic seconds.
    at: float
    chat_id: int
    # overall, chat, group, edits, or pause: sent although a 429 had said to wait.
    limit: str
    # Seconds until it would have been allowed.
    wait: float


@dataclass(slots=True)
class Pace:
    """The limits, and what has been used of them.

    Without `enforce` violations are recorded and nothing is refused.
    """

    enforce: bool = True
    overall_per_second: int = 30
    # A steady sender is off by a message now and then; so many in a second are one too many.
    overall_slack: int = 3
    chat_per_second: float = 1.0
    chat_burst: int = 3
    group_per_minute: int = 20
    edits_per_minute: int = 20
    violations: list[Violation] = field(default_factory=list)
    _all: deque[float] = field(default_factory=deque)
    _buckets: dict[int, tuple[float, float]] = field(default_factory=dict)
    _groups: dict[tuple[int, bool], deque[float]] = field(default_factory=dict)
    _paused: dict[int, float] = field(default_factory=dict)

    def refuse(self, chat_id: int, *, is_group: bool, is_edit: bool, now: float) -> int:
        """Decide about a call.

        Args:
            chat_id: where it writes.
            is_group: a group, supergroup or channel.
            is_edit: an edit instead of a send.
            now: monotonic seconds.

        Returns:
            0, or the whole seconds of `retry_after`.
        """
        limit, wait = self._over(chat_id, is_group, is_edit, now)
        if wait <= 0:
            return 0
        self.violations.append(Violation(now, chat_id, limit, wait))
        if not self.enforce:
            return 0
        seconds = max(1, math.ceil(wait))
        if limit != "pause":
            self._paused[0 if limit == "overall" else chat_id] = now + seconds
        return seconds

    def _over(self, chat_id: int, is_group: bool, is_edit: bool, now: float) -> tuple[str, float]:
        paused = max(self._paused.get(chat_id, 0.0), self._paused.get(0, 0.0))
        if now < paused:
            return "pause", paused - now
        if is_group:
            per_minute = self.edits_per_minute if is_edit else self.group_per_minute
            times = self._groups.setdefault((chat_id, is_edit), deque())
            while times and times[0] <= now - 60:
                times.popleft()
            if len(times) >= per_minute:
                return ("edits" if is_edit else "group"), times[0] + 60 - now
        if is_edit:
            return "", 0.0
        tokens, since = self._buckets.get(chat_id, (float(self.chat_burst), now))
        tokens = min(float(self.chat_burst), tokens + (now - since) * self.chat_per_second)
        self._buckets[chat_id] = (tokens, now)
        if tokens < 1:
            return "chat", (1 - tokens) / self.chat_per_second
        while self._all and self._all[0] <= now - 1:
            self._all.popleft()
        if len(self._all) >= self.overall_per_second + self.overall_slack:
            return "overall", self._all[0] + 1 - now
        return "", 0.0

    def count(self, chat_id: int, *, is_group: bool, is_edit: bool, now: float) -> None:
        """Count a call that was carried out; arguments as for `refuse`."""
        if is_group:
            self._groups.setdefault((chat_id, is_edit), deque()).append(now)
        if not is_edit:
            tokens, since = self._buckets.get(chat_id, (float(self.chat_burst), now))
            self._buckets[chat_id] = (tokens - 1, since)
            self._all.append(now)
