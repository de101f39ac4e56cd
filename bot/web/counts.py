"""What is counted while the bot runs, as plain numbers; `metrics` shows them to Prometheus.

Counting costs an addition, so it is never switched off, and nothing is imported for it.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds, each the upper end of a bucket; what takes longer falls into one more."""


@dataclass(slots=True)
class Durations:
    """How long something took, in buckets."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0
    """All of them together."""

    def add(self, seconds: float) -> None:
        """Count one."""
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


@dataclass(slots=True)
class Pulse:
    """When something that happens again and again last went well, and what is wrong since."""

    clock: Callable[[], float] = time.monotonic
    last: float | None = None
    """Monotonic seconds; None: not yet."""
    problem: str = ""
    began: float = field(init=False)
    """When it was first to be expected."""

    def __post_init__(self) -> None:
        """Look at the clock."""
        self.begin()

    def begin(self) -> None:
        """Expect it from now on."""
        self.began, self.last, self.problem = self.clock(), None, ""

    def beat(self) -> None:
        """Note that it went well."""
        self.last, self.problem = self.clock(), ""

    def failed(self, problem: str) -> None:
        """Note that it did not."""
        self.problem = problem

    @property
    def silence(self) -> float:
        """Give the seconds without its having gone well."""
        return self.clock() - (self.began if self.last is None else self.last)

    @property
    def age(self) -> float | None:
        """Give the seconds since it last went well; None: it never has."""
        return None if self.last is None else self.clock() - self.last


@dataclass(slots=True)
class Counts:
    """What one process has done since it was started."""

    updates: Counter[str] = field(default_factory=Counter)
    """New ones, by kind: `message`, `callback_query` …"""
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By outcome and intent; without an intent, the empty text."""
    answering: Durations = field(default_factory=Durations)
    """From an update's arrival to its being done."""
    errors: int = 0
    """Updates that failed."""
    floods: Counter[str] = field(default_factory=Counter)
    """Telegram's 429s, by method."""
    taking: Pulse = field(default_factory=Pulse)
    """Polls, or calls of the webhook."""
    publishing: Pulse = field(default_factory=Pulse)
    """Turns of the publisher."""
    stands_by: bool = False
    """Whether another process gets the updates, and this one waits to take its place."""
    failures: dict[str, str] = field(default_factory=dict)
    """What is done beside answering and fails now, and how."""
