"""Delivery of updates to a webhook: in parallel, in order for each chat, until it answers 2xx."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.botapi.updates import Update, Updates

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver an update."""

    update_id: int
    kind: str
    # Monotonic seconds.
    started: float
    finished: float
    # The HTTP status, or 0 when there was no answer.
    status: int
    error: str = ""


@dataclass(slots=True)
class Webhook:
    """A webhook that is set, and the work of filling it."""

    url: str
    updates: Updates
    secret: str = ""
    max_connections: int = 40
    ip_address: str = ""
    # Seconds before an update is posted again; Telegram's grow, these stay for short tests.
    retry_seconds: float = 0.5
    answer_seconds: float = 60.0
    attempts: list[Attempt] = field(default_factory=list)
    # HOST:PORT of each of several bots behind the address, as a load balancer would know them;
    # none: the address is the bot's own.
    places: list[str] = field(default_factory=list)
    _turn: int = 0
    # Called after each attempt.
    on_attempt: Callable[[], None] = lambda: None
    last_error: str = ""
    last_error_at: float = 0.0
    _idle: list[Stream] = field(default_factory=list)
    _busy: dict[int, Update] = field(default_factory=dict)
    _streams: set[int] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _is_scheduled: bool = False
    _is_closed: bool = False

    def wake(self) -> None:
        """Look for updates to deliver, soon: many that come at once are looked at once."""
        if not self._is_scheduled and not self._is_closed:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        self._is_scheduled = False
        if self._is_closed:
            return
        skipped: set[int] = set()
        for update in list(self.updates.pending):
            # Not the tasks: one that has just delivered is still among them when it wakes this.
            if len(self._busy) >= self.max_connections:
                break
            if id(update) in self._busy:
                continue
            if update.stream in self._streams or update.stream in skipped:
                skipped.add(update.stream)
                continue
            self._busy[id(update)] = update
            self._streams.add(update.stream)
            task = asyncio.get_running_loop().create_task(self._deliver(update))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, update: Update) -> None:
        try:
            while not self._is_closed:
                started = time.monotonic()
                status, problem = 0, ""
                try:
                    status = await asyncio.wait_for(self._post(update.body), self.answer_seconds)
                    if not 200 <= status < 300:
                        problem = f"Wrong response from the webhook: {status}"
                except (OSError, EOFError, ValueError, TimeoutError) as error:
                    problem = str(error) or type(error).__name__
                finished = time.monotonic()
                self.attempts.append(
                    Attempt(update.id, update.kind, started, finished, status, problem)
                )
                if not problem:
                    with contextlib.suppress(ValueError):
                        self.updates.done(update)
                    self.on_attempt()
                    return
                self.on_attempt()
                self.last_error, self.last_error_at = problem, time.time()
                await asyncio.sleep(self.retry_seconds)
        finally:
            self._busy.pop(id(update), None)
            self._streams.discard(update.stream)
            self.wake()

    async def _post(self, body: bytes) -> int:
        parts = urlsplit(self.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        secret = f"X-Telegram-Bot-Api-Secret-Token: {self.secret}\r\n" if self.secret else ""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{secret}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        request = head.encode() + body
        while self._idle:
            # In turn, so that several bots get their shares.
            stream = self._idle.pop(0)
            # A kept connection may have been closed meanwhile: that is not the webhook's fault.
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                return await self._ask(stream, request)
        context = None
        if parts.scheme == "https":
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        port = parts.port or (443 if context else 80)
        for _place in self.places:
            self._turn += 1
            host, _, place = self.places[self._turn % len(self.places)].partition(":")
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                return await self._ask(
                    await asyncio.open_connection(host, int(place), ssl=context), request
                )
        stream = await asyncio.open_connection(parts.hostname, port, ssl=context)
        return await self._ask(stream, request)

    async def _ask(self, stream: Stream, request: bytes) -> int:
        reader, writer = stream
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            status = int(head.split(" ", 2)[1])
            fields = dict(line.split(":", 1) for line in head.split("\r\n")[1:] if ":" in line)
            if "chunked" in fields.get("transfer-encoding", ""):
                while size := int((await reader.readline()).strip() or b"0", 16):
                    await reader.readexactly(size + 2)
                await reader.readline()
            else:
                await reader.readexactly(int(fields.get("content-length", "0")))
        except BaseException:
            writer.close()
            raise
        if "close" in fields.get("connection", "") or self._is_closed:
            writer.close()
        else:
            self._idle.append(stream)
        return status

    async def close(self) -> None:
        """Deliver no more."""
        self._is_closed = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()
