"""The server: takes requests from the wire, carries them out in the world, and plays the faults.

The main road is `_begin`, `_carry_out`, `_finish`; polls and the webhook, which wait, stand below.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tests.botapi import wire
from tests.botapi.faults import Fault, Faults, Kind
from tests.botapi.methods import EDITS, METHODS, SENDS
from tests.botapi.pace import Pace
from tests.botapi.parameters import Parameters
from tests.botapi.record import Call, Record
from tests.botapi.refusals import Refused, flood
from tests.botapi.webhook import Webhook
from tests.botapi.wire import Connection, Exchange
from tests.botapi.world import ChatKind, World

MAX_POLL_SECONDS = 50
_encode = json.JSONEncoder(separators=(",", ":"), default=str).encode
_SECRET_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")

# Answers POST /control/NAME.
Control = Callable[[str, Exchange], None]


@dataclass(slots=True)
class Pending:
    """A call whose fate is not decided yet."""

    exchange: Exchange
    name: str
    method: str
    parameters: Parameters
    chat_id: int | None
    started: float
    wall: float
    fault: Fault | None = None


@dataclass(slots=True)
class Poll:
    """A getUpdates call that waits for something to happen."""

    call: Pending
    limit: int
    timer: asyncio.TimerHandle


class Server:
    """A Bot API server for one bot, on loopback."""

    def __init__(
        self,
        world: World,
        faults: Faults,
        *,
        record: Record | None = None,
        pace: Pace | None = None,
        delay: float = 0.0,
    ) -> None:
        self.world = world
        self.faults = faults
        self.record = record or Record()
        # None: no limits.
        self.pace = pace
        # Seconds that each call spends on the network, half of it on the way back.
        self.delay = delay
        self.host = "127.0.0.1"
        self.port = 0
        # Whether a webhook may be http and on this machine, as with a local Bot API server.
        self.allows_http = True
        self.webhook: Webhook | None = None
        self.webhook_retry = 0.5
        # Where several bots listen behind the webhook's address.
        self.webhook_places: list[str] = []
        self.control: Control | None = None
        # When the bot last asked for updates, monotonic; 0 before.
        self.last_poll = 0.0
        # Telegram answers 409 at once, then every few seconds, lest two pollers race each other.
        self.conflict_seconds = 3.0
        # Other servers of the Bot API may answer each poll at once, or hand out for ever.
        self.holds_polls = True
        self.confirms = True
        # It takes one setWebhook a second.
        self.webhook_pause = 1.0
        self._next_conflict = 0.0
        self._next_webhook = 0.0
        self._closing: set[asyncio.Task[None]] = set()
        self._waiting: dict[str, Callable[[Pending], None]] = {
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
        }
        self._poll: Poll | None = None
        self._is_scheduled = False
        self._listener: asyncio.Server | None = None
        self._connections: set[Connection] = set()
        world.updates.wake = self._wake

    # Life.

    async def start(self, port: int = 0) -> None:
        """Listen; a port of 0 takes a free one, which `port` then holds."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: Connection(self._receive, self._connections),
            self.host,
            port,
            backlog=1024,
            reuse_address=True,
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up and listen no more."""
        await self.hang_up()
        if self.webhook is not None:
            await self.webhook.close()
            self.webhook = None

    async def hang_up(self) -> None:
        """Refuse connections from now on and reset those that are open."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for connection in list(self._connections):
            connection.reset()
        await asyncio.sleep(0)

    # The main road.

    def _receive(self, exchange: Exchange) -> None:
        started, wall = time.monotonic(), time.time()
        if self.delay and not exchange.target.startswith("/control/"):
            later = asyncio.get_running_loop().call_later
            later(self.delay / 2, self._begin, exchange, started, wall)
        else:
            self._begin(exchange, started, wall)

    def _begin(self, exchange: Exchange, started: float, wall: float) -> None:
        path = unquote(exchange.target.partition("?")[0])
        kind, _, rest = path[1:].partition("/")
        if kind == "control" and self.control is not None:
            self.control(rest, exchange)
            return
        if kind == "file":
            self._give_file(exchange, rest)
            return
        if not kind.startswith("bot") or not rest:
            exchange.answer(404, b'{"ok":false,"error_code":404,"description":"Not Found"}')
            return
        name = rest.rpartition("/")[2]
        try:
            parameters = wire.parameters(exchange)
        except (ValueError, IndexError):
            message = "Bad Request: can't parse the request's body"
            exchange.answer(400, _error(400, message))
            return
        call = Pending(exchange, name, name.lower(), parameters, None, started, wall)
        chat = parameters.values.get("chat_id")
        if chat is not None:
            call.chat_id = self._chat_id(chat)
        if kind[3:] != self.world.bot.token:
            is_token = ":" in kind
            text = "Unauthorized" if is_token else "Unauthorized: invalid token specified"
            self._finish(call, 401, False, text, None, _error(401, text))
            return
        call.fault = self.faults.pick(call.method, call.chat_id, parameters.values)
        if call.fault is not None and not call.fault.is_done:
            self._finish(call, 0, False, "", None, b"")
            return
        self._carry_out(call)

    def _chat_id(self, chat: Any) -> int | None:
        try:
            return int(chat)
        except (TypeError, ValueError):
            named = self.world.chat_named(str(chat))
            return None if named is None else named.id

    def _carry_out(self, call: Pending) -> None:
        waiting = self._waiting.get(call.method)
        if waiting is not None:
            waiting(call)
            return
        try:
            method = METHODS.get(call.method)
            if method is None:
                raise Refused("method not found", 404)
            self._keep_pace(call)
            result = method(self.world, call.parameters)
        except Refused as refused:
            self._refuse(call, refused)
            return
        self._count_pace(call)
        self._succeed(call, result)

    def _succeed(self, call: Pending, result: Any, description: str = "") -> None:
        body = '{"ok":true,"result":' + _encode(result)
        if description:
            body += ',"description":' + _encode(description)
        self._finish(call, 200, True, description, result, (body + "}").encode())

    def _refuse(self, call: Pending, refused: Refused) -> None:
        body = _error(refused.code, refused.description, refused.parameters)
        retry = int((refused.parameters or {}).get("retry_after", 0))
        self._finish(call, refused.code, False, refused.description, None, body, retry)

    def _finish(
        self,
        call: Pending,
        status: int,
        is_done: bool,
        description: str,
        result: Any,
        body: bytes,
        retry_after: int = 0,
    ) -> None:
        fault = call.fault
        wait = self.delay / 2
        if fault is not None:
            wait += fault.seconds
            if fault.kind in (Kind.ERROR, Kind.BODY):
                status, description = fault.status, fault.description
                retry_after = int((fault.parameters or {}).get("retry_after", 0))
            elif fault.kind is not Kind.DELAY:
                status = 0
        exchange = call.exchange
        exchange.on_gone = None
        self.record.add(
            Call(
                self.record.total + 1,
                call.name,
                call.chat_id,
                call.parameters.values,
                call.started,
                time.monotonic(),
                call.wall,
                status,
                is_done,
                description,
                result,
                fault.name if fault is not None else "",
                retry_after,
            )
        )
        self.world.tell("called", call.name)
        if wait:
            later = asyncio.get_running_loop().call_later
            later(wait, self._answer, exchange, fault, status, body)
        else:
            self._answer(exchange, fault, status, body)

    @staticmethod
    def _answer(exchange: Exchange, fault: Fault | None, status: int, body: bytes) -> None:
        match fault.kind if fault is not None else Kind.DELAY:
            case Kind.DELAY:
                exchange.answer(status, body)
            case Kind.RESET:
                exchange.reset()
            case Kind.CUT:
                exchange.cut(body or b'{"ok":true,"result":true}')
            case Kind.SILENCE:
                pass
            case Kind.DRIP:
                exchange.drip()
            case Kind.ERROR if fault is not None:
                exchange.answer(status, _error(status, fault.description, fault.parameters))
            case Kind.BODY if fault is not None:
                exchange.answer(status, fault.body, fault.content_type)

    def _keep_pace(self, call: Pending) -> None:
        if self.pace is None or call.chat_id is None:
            return
        is_edit = call.method in EDITS
        if not is_edit and call.method not in SENDS:
            return
        seconds = self.pace.refuse(
            call.chat_id, is_group=self._is_group(call), is_edit=is_edit, now=time.monotonic()
        )
        if seconds:
            raise flood(seconds)

    def _count_pace(self, call: Pending) -> None:
        if self.pace is None or call.chat_id is None:
            return
        is_edit = call.method in EDITS
        if is_edit or call.method in SENDS:
            now = time.monotonic()
            self.pace.count(call.chat_id, is_group=self._is_group(call), is_edit=is_edit, now=now)

    def _is_group(self, call: Pending) -> bool:
        chat = self.world.chats.get(call.chat_id or 0)
        return chat is not None and chat.kind is not ChatKind.PRIVATE

    def _give_file(self, exchange: Exchange, rest: str) -> None:
        file = self.world.files.get(rest.rpartition("/")[2])
        if file is None or not rest.startswith(f"bot{self.world.bot.token}/"):
            exchange.answer(404, b'{"ok":false,"error_code":404,"description":"Not Found"}')
        else:
            exchange.answer(200, file.content, "application/octet-stream")

    # Polls.

    def _get_updates(self, call: Pending) -> None:
        self.last_poll = time.monotonic()
        if self.webhook is not None:
            message = (
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete "
                "the webhook first"
            )
            self._conflict(call, message)
            return
        parameters = call.parameters
        limit = min(max(parameters.integer("limit", 100), 1), 100)
        timeout = min(max(parameters.integer("timeout"), 0), MAX_POLL_SECONDS)
        timeout = timeout if self.holds_polls else 0
        self._allow(parameters)
        if self.confirms:
            self.world.updates.confirm(parameters.integer("offset"))
        if self.world.updates.pending or not timeout:
            self._hand_out(call, limit)
            return
        self._end_poll(
            "terminated by other getUpdates request; make sure that only one bot "
            "instance is running"
        )
        loop = asyncio.get_running_loop()
        self._poll = Poll(call, limit, loop.call_later(timeout, self._answer_poll))
        call.exchange.on_gone = self._forget_poll
        self.world.tell("polling", call.name)

    def _allow(self, parameters: Parameters) -> None:
        if "allowed_updates" not in parameters:
            return
        given = parameters.decoded("allowed_updates", "allowed_updates")
        if isinstance(given, list):
            self.world.updates.allowed = frozenset(map(str, given)) if given else None

    def _hand_out(self, call: Pending, limit: int) -> None:
        taken = self.world.updates.take(limit)
        body = b'{"ok":true,"result":[' + b",".join(update.body for update in taken) + b"]}"
        self._finish(call, 200, True, "", [update.id for update in taken], body)

    def _wake(self) -> None:
        if self.webhook is not None:
            self.webhook.wake()
        elif self._poll is not None and not self._is_scheduled:
            # Soon rather than now: what comes at once is handed out at once.
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._answer_scheduled)

    def _answer_scheduled(self) -> None:
        self._is_scheduled = False
        if self.world.updates.pending:
            self._answer_poll()

    def _answer_poll(self) -> None:
        poll, self._poll = self._poll, None
        if poll is not None:
            poll.timer.cancel()
            self._hand_out(poll.call, poll.limit)

    def _end_poll(self, message: str) -> None:
        poll, self._poll = self._poll, None
        if poll is not None:
            poll.timer.cancel()
            poll.call.exchange.on_gone = None
            self._conflict(poll.call, message)

    def _conflict(self, call: Pending, message: str) -> None:
        now = time.monotonic()
        refused = Refused(message, 409)
        if now >= self._next_conflict:
            self._next_conflict = now + self.conflict_seconds
            self._refuse(call, refused)
        else:
            later = asyncio.get_running_loop().call_later
            later(self.conflict_seconds, self._refuse, call, refused)

    def _forget_poll(self) -> None:
        poll, self._poll = self._poll, None
        if poll is not None:
            poll.timer.cancel()
            poll.call.exchange.on_gone = None

    @property
    def is_polled(self) -> bool:
        """Tell whether the bot waits for updates at this moment."""
        return self._poll is not None

    # The webhook.

    def _set_webhook(self, call: Pending) -> None:
        parameters = call.parameters
        url = parameters.string("url")
        if not url:
            self._delete_webhook(call)
            return
        now = time.monotonic()
        if now < self._next_webhook:
            self._refuse(call, flood(1))
            return
        self._next_webhook = now + self.webhook_pause
        secret = parameters.string("secret_token")
        try:
            _check_webhook(url, secret, self.allows_http)
        except Refused as refused:
            self._refuse(call, refused)
            return
        old = self.webhook
        connections = min(max(parameters.integer("max_connections", 40), 1), 100)
        self._allow(parameters)
        drops = parameters.boolean("drop_pending_updates")
        is_same = old is not None and (old.url, old.secret, old.max_connections) == (
            url,
            secret,
            connections,
        )
        if is_same and not drops:
            self._succeed(call, True, "Webhook is already set")
            return
        self._end_poll("terminated by setWebhook request")
        if drops:
            self.world.updates.clear()
        self._drop_webhook()
        self.webhook = Webhook(url, self.world.updates, secret, connections)
        self.webhook.retry_seconds = self.webhook_retry
        self.webhook.places = self.webhook_places
        self.webhook.on_attempt = lambda: self.world.tell("delivered", url)
        self._succeed(call, True, "Webhook was set")
        self.webhook.wake()

    def _delete_webhook(self, call: Pending) -> None:
        if call.parameters.boolean("drop_pending_updates"):
            self.world.updates.clear()
        was_set = self.webhook is not None
        self._drop_webhook()
        text = "Webhook was deleted" if was_set else "Webhook is already deleted"
        self._succeed(call, True, text)

    def _drop_webhook(self) -> None:
        if self.webhook is not None:
            task = asyncio.get_running_loop().create_task(self.webhook.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
            self.webhook = None

    def _get_webhook_info(self, call: Pending) -> None:
        hook, updates = self.webhook, self.world.updates
        info: dict[str, Any] = {
            "url": hook.url if hook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(updates.pending),
        }
        if hook is not None:
            info |= {"max_connections": hook.max_connections, "ip_address": self.host}
            if hook.last_error:
                info["last_error_date"] = int(hook.last_error_at)
                info["last_error_message"] = hook.last_error
        if updates.allowed is not None:
            info["allowed_updates"] = sorted(updates.allowed)
        self._succeed(call, info)


def _check_webhook(url: str, secret: str, allows_http: bool) -> None:
    if not url.startswith("https://") and not (allows_http and url.startswith("http://")):
        raise Refused("bad webhook: An HTTPS URL must be provided for webhook")
    if len(secret) > 256:
        raise Refused("secret token is too long")
    if not set(secret) <= _SECRET_CHARACTERS:
        raise Refused("secret token contains unallowed characters")


def _error(code: int, description: str, parameters: dict[str, Any] | None = None) -> bytes:
    shown: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        shown["parameters"] = parameters
    return _encode(shown).encode()
