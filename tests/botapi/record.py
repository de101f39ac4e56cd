"""The record of every call: when, what, and how it ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.methods import EDITS, SENDS


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as it ended."""

    number: int
    # As it was called, such as `sendMessage`.
    method: str
    chat_id: int | None
    parameters: dict[str, Any]
    # Monotonic seconds: when the request had come in whole, and when its fate was decided.
    started: float
    finished: float
    # Wall-clock seconds of `started`.
    wall: float
    # The HTTP status, or 0 when nothing was answered.
    status: int
    # Whether the method was carried out; a lost answer does not change that.
    is_done: bool
    description: str = ""
    result: Any = None
    # The fault that was played, or empty.
    fault: str = ""
    retry_after: int = 0

    @property
    def is_send(self) -> bool:
        """Tell whether the call puts a message into a chat."""
        return self.method.lower() in SENDS

    @property
    def is_uncertain(self) -> bool:
        """Tell whether the caller cannot know if the call was carried out."""
        if not self.fault or self.fault == "delay":
            return False
        return self.status in (0, 200) or self.status >= 500

    def as_json(self) -> dict[str, Any]:
        """Show the call for machines."""
        return {
            "number": self.number,
            "method": self.method,
            "chat_id": self.chat_id,
            "parameters": self.parameters,
            "started": self.started,
            "finished": self.finished,
            "wall": self.wall,
            "status": self.status,
            "is_done": self.is_done,
            "description": self.description,
            "result": self.result,
            "fault": self.fault,
            "retry_after": self.retry_after,
        }


@dataclass(slots=True)
class Record:
    """All calls, oldest first; `kept` bounds them for long benchmarks."""

    kept: int | None = None
    calls: deque[Call] = field(default_factory=deque)
    counts: dict[str, int] = field(default_factory=dict)
    total: int = 0

    def __post_init__(self) -> None:
        self.calls = deque(maxlen=self.kept)

    def add(self, call: Call) -> None:
        """Keep a call."""
        self.calls.append(call)
        self.total += 1
        self.counts[call.method] = self.counts.get(call.method, 0) + 1

    def __iter__(self) -> Iterator[Call]:
        return iter(self.calls)

    def of(self, method: str | None = None, chat_id: int | None = None) -> list[Call]:
        """Give the calls of a method, to a chat, or both; getUpdates only when asked for."""
        wanted = None if method is None else method.lower()
        return [
            call
            for call in self.calls
            if (call.method.lower() == wanted if wanted else call.method != "getUpdates")
            and (chat_id is None or call.chat_id == chat_id)
        ]

    def peak(
        self,
        seconds: float = 1.0,
        methods: Iterable[str] = SENDS,
        chat_id: int | None = None,
    ) -> int:
        """Count the most calls that were carried out within any span of time.

        Args:
            seconds: the span.
            methods: which, in lower case.
            chat_id: in one chat only.
        """
        wanted = frozenset(methods)
        window: deque[float] = deque()
        most = 0
        for call in self.calls:
            if not call.is_done or call.method.lower() not in wanted:
                continue
            if chat_id is not None and call.chat_id != chat_id:
                continue
            window.append(call.started)
            while window[0] <= call.started - seconds:
                window.popleft()
            most = max(most, len(window))
        return most

    def too_early(self, tolerance: float = 0.05) -> list[Call]:
        """Give the sends and edits that came before a 429's pause for their chat was over.

        Args:
            tolerance: seconds that do not count.
        """
        until: dict[int, float] = {}
        early = []
        for call in sorted(self.calls, key=lambda call: call.started):
            if call.chat_id is None or call.method.lower() not in SENDS | EDITS:
                continue
            if call.started < until.get(call.chat_id, 0.0) - tolerance:
                early.append(call)
            if call.status == 429:
                until[call.chat_id] = call.finished + call.retry_after
        return early
