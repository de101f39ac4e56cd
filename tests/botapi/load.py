"""Load: many users who ask at once, and how fast the bot answers them.

It runs inside the server, so that the measuring costs the bot nothing but its requests.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.botapi.driver import BotApi
from tests.botapi.world import Json, Message, User


@dataclass(frozen=True, slots=True)
class Result:
    """What a load came to."""

    asked: int
    answered: int
    # From the first question to the last answer.
    seconds: float
    per_second: float
    # Milliseconds from a question to its answer, as the server saw them.
    p50: float
    p95: float
    p99: float
    longest: float
    # The bot's texts by user id, in order; only when asked for.
    texts: dict[int, list[str]]

    def as_json(self) -> Json:
        """Show the result for machines."""
        return asdict(self)


async def ask(
    api: BotApi,
    texts: Sequence[str],
    *,
    users: int = 200,
    questions: int = 2000,
    rate: float | None = None,
    answers: int = 1,
    keep_texts: bool = False,
    timeout: float = 120.0,
) -> Result:
    """Let users ask in their private chats and measure the answers.

    Without a rate each user asks again as soon as the answer is there. With one, questions come at
    even distances, whether answered or not.

    Args:
        api: the server that the bot uses.
        texts: what is asked, in turn; `{n}` becomes the question's number, `{user}` the user's id.
        users: how many.
        questions: how many in all.
        rate: questions a second.
        answers: how many messages answer one question.
        keep_texts: whether to return what the bot wrote.
        timeout: seconds after which the rest counts as unanswered.
    """
    load = _Load(api, texts, questions, rate, answers, keep_texts)
    load.people = [
        api.user(f"User {number}", started=True, username=f"user_{number}")
        for number in range(users)
    ]
    return await load.run(timeout)


class _Load:
    def __init__(
        self,
        api: BotApi,
        texts: Sequence[str],
        questions: int,
        rate: float | None,
        answers: int,
        keep_texts: bool,
    ) -> None:
        self.api = api
        self.texts = texts
        self.questions = questions
        self.rate = rate
        self.answers = answers
        self.keep_texts = keep_texts
        self.people: list[User] = []
        self.asked = 0
        self.answered = 0
        self.last = 0.0
        self.waits: list[float] = []
        self.open: dict[int, deque[list[float]]] = {}
        self.said: dict[int, list[str]] = {}
        self.done = asyncio.Event()

    async def run(self, timeout: float) -> Result:
        self.open = {user.id: deque() for user in self.people}
        self.api.world.watchers.append(self._notice)
        began = time.monotonic()
        try:
            async with asyncio.timeout(timeout):
                if self.rate is None:
                    for user in self.people[: self.questions]:
                        self._ask(user)
                else:
                    await self._ask_evenly(began, self.rate)
                await self.done.wait()
        except TimeoutError:
            pass
        finally:
            self.api.world.watchers.remove(self._notice)
        seconds = max(self.last - began, 1e-9)
        waits = sorted(self.waits) or [0.0]

        def quantile(share: float) -> float:
            return round(1000 * waits[min(int(share * len(waits)), len(waits) - 1)], 3)

        return Result(
            self.asked,
            self.answered,
            round(seconds, 4),
            round(self.answered / seconds, 1),
            quantile(0.5),
            quantile(0.95),
            quantile(0.99),
            round(1000 * waits[-1], 3),
            self.said,
        )

    async def _ask_evenly(self, began: float, rate: float) -> None:
        while self.asked < self.questions:
            due = int((time.monotonic() - began) * rate) + 1
            while self.asked < min(due, self.questions):
                self._ask(self.people[self.asked % len(self.people)])
            await asyncio.sleep(max(began + self.asked / rate - time.monotonic(), 0))

    def _ask(self, user: User) -> None:
        text = self.texts[self.asked % len(self.texts)]
        text = text.replace("{n}", str(self.asked)).replace("{user}", str(user.id))
        self.asked += 1
        self.open[user.id].append([time.monotonic(), self.answers])
        self.api.say(user, text)

    def _notice(self, event: str, value: Any) -> None:
        if event != "sent":
            return
        message: Message = value
        waiting = self.open.get(message.chat_id)
        if waiting is None:
            return
        if self.keep_texts:
            self.said.setdefault(message.chat_id, []).append(message.text)
        if not waiting:
            return
        waiting[0][1] -= 1
        if waiting[0][1] > 0:
            return
        self.last = time.monotonic()
        self.waits.append(self.last - waiting.popleft()[0])
        self.answered += 1
        if self.answered >= self.questions:
            self.done.set()
        elif self.rate is None and self.asked < self.questions:
            self._ask(self.api.world.users[message.chat_id])
