"""The driver over HTTP, for tests and benchmarks that run the server as a process of its own.

`POST /control/NAME` with a JSON object of arguments calls the driver's method of that name. Users
and chats are named by id, messages by their JSON (`json` of an answer), queries by id.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tests.botapi import faults, load
from tests.botapi.driver import BotApi
from tests.botapi.faults import Fault
from tests.botapi.pace import Pace
from tests.botapi.record import Call
from tests.botapi.wire import Exchange
from tests.botapi.world import Chat, Json, Message, Query, StoredFile, Topic, User

FAULTS: dict[str, Callable[..., Fault]] = {
    "error": faults.error,
    "server_error": faults.server_error,
    "flood": faults.flood,
    "conflict": faults.conflict,
    "reset": faults.reset,
    "cut": faults.cut,
    "silence": faults.silence,
    "wedge": faults.wedge,
    "drip": faults.drip,
    "delay": faults.delay,
    "malformed": faults.malformed,
    "html": faults.html,
    "answered": lambda status, body: faults.answered(status, body.encode()),
}
_NOT_OFFERED = frozenset(
    {"start", "stop", "until", "outage", "go_down", "come_up", "person", "chat"}
)
_TAKES_QUERY = frozenset({"answer", "expire", "choose"})


class Control:
    """Calls the driver for requests."""

    def __init__(self, api: BotApi, *, on_shutdown: Callable[[], None] | None = None) -> None:
        self.api = api
        self.on_shutdown = on_shutdown
        self._tasks: set[asyncio.Task[None]] = set()
        offered = {
            name: getattr(api, name)
            for name, _ in inspect.getmembers(BotApi, inspect.isfunction)
            if not name.startswith("_") and name not in _NOT_OFFERED
        }
        own: dict[str, Callable[..., Any]] = {
            "fault": self._fault,
            "script": self._script,
            "clear_faults": api.faults.clear,
            "balance": self._balance,
            "delay": self._delay,
            "limit": self._limit,
            "violations": self._violations,
            "peak": api.record.peak,
            "too_early": api.record.too_early,
            "counts": self._counts,
            "outage": self._outage,
            "load": self._load,
            "shutdown": self._shutdown,
        }
        self.table: dict[str, Callable[..., Any]] = offered | own
        api.server.control = self.handle

    def handle(self, name: str, exchange: Exchange) -> None:
        """Answer one request, at once or when the driver's coroutine is done."""
        task = asyncio.get_running_loop().create_task(self._answer(name, exchange))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, name: str, exchange: Exchange) -> None:
        try:
            arguments = json.loads(exchange.body) if exchange.body else {}
            method = self.table.get(name)
            if method is None:
                raise LookupError(f"no {name!r} here; there are {sorted(self.table)}")
            if name in _TAKES_QUERY:
                arguments["query"] = self._query(str(arguments["query"]))
            result = method(**arguments)
            if inspect.isawaitable(result):
                result = await result
            answer = {"ok": True, "result": plain(result)}
        except Exception as error:
            # Whatever went wrong is the caller's to see; the server goes on.
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        exchange.answer(200 if answer["ok"] else 400, json.dumps(answer, default=str).encode())

    def _query(self, number: str) -> Query:
        world = self.api.world
        for queries in (world.callbacks, world.inlines, world.guests):
            if number in queries:
                return queries[number]
        raise LookupError(f"no query {number}")

    @staticmethod
    def _make(kind: str, options: Json | None = None) -> Fault:
        return FAULTS[kind](**(options or {}))

    def _fault(self, kind: str, options: Json | None = None, **rule: Any) -> None:
        """Add a rule; `rule` as for `Faults.add`."""
        self.api.faults.add(self._make(kind, options), **rule)

    def _script(self, faults: list[Json | None], **rule: Any) -> None:
        """Add a script of `{"kind": …, "options": {…}}` and nulls."""
        made = [None if one is None else self._make(**one) for one in faults]
        self.api.faults.script(made, **rule)

    def _balance(self, places: list[str]) -> None:
        """Share the webhook's updates out among bots that listen at each HOST:PORT."""
        self.api.server.webhook_places.extend(places)

    def _delay(self, seconds: float) -> None:
        self.api.delay = seconds

    def _limit(self, on: bool = True, **limits: Any) -> None:
        """Enforce Telegram's limits, with `Pace`'s arguments, or no more."""
        self.api.pace = Pace(**limits) if on else None

    def _violations(self) -> list[Json]:
        return [asdict(one) for one in self.api.pace.violations] if self.api.pace else []

    def _counts(self) -> Json:
        record = self.api.record
        return {"total": record.total, "methods": record.counts, "pending": self.api.unconfirmed}

    def _outage(self, seconds: float) -> None:
        """Go down for some seconds; this connection goes too."""

        async def play() -> None:
            await asyncio.sleep(0.05)
            async with self.api.outage():
                await asyncio.sleep(seconds)

        task = asyncio.get_running_loop().create_task(play())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _load(self, **arguments: Any) -> load.Result:
        return await load.ask(self.api, **arguments)

    def _shutdown(self) -> None:
        if self.on_shutdown is not None:
            asyncio.get_running_loop().call_later(0.05, self.on_shutdown)


def plain(value: Any) -> Any:
    """Turn what the driver returns into JSON."""
    match value:
        case Message():
            return {
                "chat_id": value.chat_id,
                "message_id": value.message_id,
                "is_from_bot": value.is_from_bot,
                "text": value.text,
                "method": value.method,
                "edits": len(value.before),
                "json": value.json,
            }
        case User():
            return value.as_json()
        case Chat():
            return value.as_json()
        case Query():
            return {"id": value.id, "user": value.user.id, "answers": value.answers}
        case Call() | load.Result():
            return value.as_json()
        case Topic():
            return {"id": value.id, "name": value.name}
        case StoredFile():
            return {"file_id": value.file_id, "name": value.name}
        case list() | tuple():
            return [plain(one) for one in value]
        case dict():
            return {str(key): plain(one) for key, one in value.items()}
        case _ if hasattr(value, "status") and hasattr(value, "update_id"):
            return asdict(value)
    return value
