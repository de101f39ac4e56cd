"""Troubles on the way: what can go wrong between a bot and Telegram, played on order.

A rule says which calls meet a fault; the first rule that fits a call is used. Chance comes from
one seeded source, so that a run can be repeated.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.botapi.refusals import PREFIXES


class Kind(StrEnum):
    """What happens instead of the answer."""

    # An error object.
    ERROR = "error"
    # A body that is no answer of Telegram's: HTML, broken JSON.
    BODY = "body"
    # The connection is reset.
    RESET = "reset"
    # The answer breaks off in the middle.
    CUT = "cut"
    # Nothing, for ever; the connection stays open.
    SILENCE = "silence"
    # A blank now and then, for ever: no read timeout notices.
    DRIP = "drip"
    # The true answer, later.
    DELAY = "delay"


@dataclass(frozen=True, slots=True)
class Fault:
    """One trouble."""

    kind: Kind
    name: str
    # Whether the call is carried out nevertheless.
    is_done: bool = False
    status: int = 500
    description: str = ""
    parameters: dict[str, Any] | None = None
    body: bytes = b""
    content_type: str = "text/html"
    # Seconds before it shows.
    seconds: float = 0.0


def error(
    status: int,
    description: str = "",
    *,
    parameters: dict[str, Any] | None = None,
    done: bool = False,
) -> Fault:
    """Answer with any error object.

    Args:
        status: the HTTP status and `error_code`.
        description: in full; Telegram's usual one when missing.
        parameters: such as `{"migrate_to_chat_id": …}`.
        done: carry the call out nevertheless.
    """
    text = description or PREFIXES.get(status, "Error")
    return Fault(Kind.ERROR, f"error {status}", done, status, text, parameters)


def server_error(status: int = 500, *, done: bool = False) -> Fault:
    """Answer 500, 502, 503 or 504."""
    return error(status, done=done)


def flood(retry_after: int = 3) -> Fault:
    """Answer 429 with a pause of so many seconds."""
    description = f"Too Many Requests: retry after {retry_after}"
    return error(429, description, parameters={"retry_after": retry_after})


def conflict() -> Fault:
    """Answer 409, as to a second poller."""
    return error(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance "
        "is running",
    )


def reset(*, done: bool = False) -> Fault:
    """Reset the connection, before the request is looked at or after it was carried out."""
    return Fault(Kind.RESET, "reset after" if done else "reset before", done)


def cut(*, done: bool = True) -> Fault:
    """Break the answer off in the middle."""
    return Fault(Kind.CUT, "cut", done, 0)


def silence(*, done: bool = True) -> Fault:
    """Never answer."""
    return Fault(Kind.SILENCE, "silence", done)


def wedge() -> Fault:
    """Take the request and never look at it: with getUpdates, a long poll that hangs for ever."""
    return silence(done=False)


def drip(*, done: bool = False) -> Fault:
    """Begin an answer and never end it, with a blank each second to keep timeouts away."""
    return Fault(Kind.DRIP, "drip", done)


def delay(seconds: float) -> Fault:
    """Answer truly, but later than usual; the call is carried out at once."""
    return Fault(Kind.DELAY, "delay", True, seconds=seconds)


def malformed(body: bytes = b'{"ok":true,"result":{"mess', *, done: bool = True) -> Fault:
    """Answer 200 with something that is no JSON."""
    return Fault(Kind.BODY, "malformed", done, 200, "", None, body, "application/json")


def answered(status: int, body: bytes) -> Fault:
    """Answer with any status and body, as proxies and other servers of the Bot API may."""
    name = f"{status} {body[:40]!r}"
    return Fault(Kind.BODY, name, False, status, "", None, body, "application/json")


def html(status: int = 502, *, done: bool = False) -> Fault:
    """Answer with the HTML page of some proxy."""
    page = f"<html><head><title>{status}</title></head><body>Bad Gateway</body></html>"
    return Fault(Kind.BODY, f"html {status}", done, status, "", None, page.encode())


@dataclass(slots=True)
class Rule:
    """Which calls meet a fault."""

    # One after the other; None lets a call pass. Used up, the rule ends, unless it repeats.
    faults: Sequence[Fault | None]
    methods: frozenset[str] | None
    chats: frozenset[int] | None
    probability: float
    # How many more calls meet it; None: no end.
    times: int | None
    # How many calls that fit pass first.
    skip: int
    repeats: bool
    when: Callable[[dict[str, Any]], bool] | None
    place: int = 0
    # How many calls met it.
    hits: int = 0
    is_over: bool = False

    def end(self) -> None:
        """Play no more."""
        self.is_over = True

    def fits(self, method: str, chat_id: int | None, parameters: dict[str, Any]) -> bool:
        """Tell whether a call is meant."""
        return (
            not self.is_over
            and (self.methods is None or method in self.methods)
            and (self.chats is None or chat_id in self.chats)
            and (self.when is None or self.when(parameters))
        )


@dataclass(slots=True)
class Faults:
    """All rules, oldest first."""

    random: random.Random
    rules: list[Rule] = field(default_factory=list)

    def add(
        self,
        *faults: Fault | None,
        method: str | Iterable[str] | None = None,
        chat: int | Iterable[int] | None = None,
        probability: float = 1.0,
        times: int | None = None,
        skip: int = 0,
        when: Callable[[dict[str, Any]], bool] | None = None,
    ) -> Rule:
        """Let calls meet a fault, or one of several in turn.

        Args:
            faults: what they meet; several are played in turn, over and over.
            method: which method or methods; all when missing.
            chat: to which chat or chats.
            probability: how many of them, 0 to 1.
            times: how many at most.
            skip: how many pass first.
            when: a test of the call's parameters.
        """
        return self._add(faults, method, chat, probability, times, skip, when, repeats=True)

    def script(
        self,
        faults: Sequence[Fault | None],
        *,
        method: str | Iterable[str] | None = None,
        chat: int | Iterable[int] | None = None,
    ) -> Rule:
        """Play faults on calls one after the other, once; None lets a call pass."""
        return self._add(faults, method, chat, 1.0, None, 0, None, repeats=False)

    def _add(
        self,
        faults: Sequence[Fault | None],
        method: str | Iterable[str] | None,
        chat: int | Iterable[int] | None,
        probability: float,
        times: int | None,
        skip: int,
        when: Callable[[dict[str, Any]], bool] | None,
        *,
        repeats: bool,
    ) -> Rule:
        names = [method] if isinstance(method, str) else method
        chats = [chat] if isinstance(chat, int) else chat
        rule = Rule(
            tuple(faults),
            None if names is None else frozenset(name.lower() for name in names),
            None if chats is None else frozenset(chats),
            probability,
            times,
            skip,
            repeats,
            when,
        )
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """End all rules."""
        for rule in self.rules:
            rule.end()
        self.rules.clear()

    def pick(self, method: str, chat_id: int | None, parameters: dict[str, Any]) -> Fault | None:
        """Choose the fault that a call meets.

        Args:
            method: in lower case.
            chat_id: where it writes, if anywhere.
            parameters: as sent.
        """
        for rule in self.rules:
            if not rule.fits(method, chat_id, parameters):
                continue
            if rule.skip > 0:
                rule.skip -= 1
                continue
            if rule.probability < 1 and self.random.random() >= rule.probability:
                continue
            fault = rule.faults[rule.place % len(rule.faults)]
            rule.place += 1
            if not rule.repeats and rule.place >= len(rule.faults):
                rule.end()
            if fault is not None:
                rule.hits += 1
                if rule.times is not None and rule.hits >= rule.times:
                    rule.end()
            self.rules = [kept for kept in self.rules if not kept.is_over]
            return fault
        return None
