"""HTTP/1.1 as far as a Bot API server needs it: keep-alive, JSON, forms and multipart bodies.

Written by hand because it is a measuring instrument: it has to be several times faster than any
bot. No Telegram enters here.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from tests.botapi.parameters import Parameters, Upload

MAX_BODY = 64 * 1024 * 1024
REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)
_TYPE = re.compile(rb"\r\ncontent-type:[ \t]*([^\r\n]*)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_DISPOSITION = re.compile(r'(?<![\w*])(name|filename)="((?:[^"\\]|\\.)*)"')


class Exchange:
    """One request, and the way to answer it."""

    __slots__ = ("_connection", "body", "content_type", "is_over", "on_gone", "target", "verb")

    def __init__(
        self, connection: Connection, verb: str, target: str, content_type: str, body: bytes
    ) -> None:
        self._connection = connection
        self.verb = verb
        self.target = target
        self.content_type = content_type
        self.body = body
        self.is_over = False
        # Called when the peer went away before an answer.
        self.on_gone: Callable[[], None] | None = None

    @property
    def is_gone(self) -> bool:
        """Tell whether nobody waits for the answer any more."""
        return self._connection.is_closed

    def answer(self, status: int, body: bytes, content_type: str = "application/json") -> None:
        """Answer the request; a second answer is ignored."""
        if self.is_over:
            return
        self.is_over = True
        head = (
            f"HTTP/1.1 {status} {REASONS.get(status, 'Error')}\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._connection.write(head.encode() + body)
        self._connection.finished()

    def cut(self, body: bytes) -> None:
        """Promise the whole body, send half of it and hang up."""
        self.is_over = True
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
        self._connection.write(head.encode() + body[: len(body) // 2])
        self._connection.close()

    def reset(self) -> None:
        """Reset the connection."""
        self.is_over = True
        self._connection.reset()

    def drip(self, seconds: float = 1.0) -> None:
        """Begin an answer that never ends."""
        self.is_over = True
        self._connection.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        self._connection.drip(seconds)


class Connection(asyncio.Protocol):
    """One client's connection; requests on it are handled one after the other."""

    def __init__(self, handle: Callable[[Exchange], None], all_: set[Connection]) -> None:
        self._handle = handle
        self._all = all_
        self._buffer = bytearray()
        self._exchange: Exchange | None = None
        self._transport: asyncio.Transport | None = None
        self._has_to_close = False
        self._has_continued = False
        self.is_closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._all.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever works on an answer that nobody waits for it."""
        self.is_closed = True
        self._all.discard(self)
        exchange, self._exchange = self._exchange, None
        if exchange is not None and exchange.on_gone is not None:
            exchange.on_gone()

    def data_received(self, data: bytes) -> None:
        """Take in what came and handle a request that is whole."""
        self._buffer += data
        if self._exchange is None:
            self._next()

    def _next(self) -> None:
        while self._exchange is None and not self.is_closed:
            exchange = self._parse()
            if exchange is None:
                return
            self._exchange = exchange
            self._handle(exchange)

    def _parse(self) -> Exchange | None:
        buffer = self._buffer
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(buffer[:end])
        start = end + 4
        if _CHUNKED.search(head):
            whole = _dechunked(buffer, start)
            if whole is None:
                return None
            body, used = whole
        else:
            found = _LENGTH.search(head)
            length = int(found[1]) if found else 0
            if length > MAX_BODY:
                self.write(b"HTTP/1.1 413 Request Entity Too Large\r\nContent-Length: 0\r\n\r\n")
                self.close()
                return None
            used = start + length
            if len(buffer) < used:
                if not self._has_continued and _EXPECT.search(head):
                    self._has_continued = True
                    self.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return None
            body = bytes(buffer[start:used])
        self._has_continued = False
        if used == len(buffer):
            buffer.clear()
        else:
            del buffer[:used]
        self._has_to_close = _CLOSE.search(head) is not None
        line = head.partition(b"\r\n")[0].decode("latin-1").split(" ")
        if len(line) != 3:
            self.close()
            return None
        kind = _TYPE.search(head)
        content_type = kind[1].decode("latin-1") if kind else ""
        return Exchange(self, line[0], line[1], content_type, body)

    def write(self, data: bytes) -> None:
        """Send bytes, if anybody is there."""
        if self._transport is not None and not self.is_closed:
            self._transport.write(data)

    def finished(self) -> None:
        """Go on with the next request."""
        self._exchange = None
        if self._has_to_close:
            self.close()
        elif self._buffer:
            self._next()

    def close(self) -> None:
        """Hang up after what was sent."""
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        """Hang up rudely: the peer's read fails."""
        if self._transport is None:
            return
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            # Lingering for no time turns the close into a reset.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def drip(self, seconds: float) -> None:
        """Send a blank, now and again and again."""
        if self.is_closed:
            return
        self.write(b"1\r\n \r\n")
        asyncio.get_running_loop().call_later(seconds, self.drip, seconds)


def _dechunked(buffer: bytearray, at: int) -> tuple[bytes, int] | None:
    """Join a chunked body; None while it is not whole."""
    pieces: list[bytes] = []
    while True:
        line = buffer.find(b"\r\n", at)
        if line < 0:
            return None
        size = int(bytes(buffer[at:line]).partition(b";")[0] or b"0", 16)
        begin = line + 2
        if len(buffer) < begin + size + 2:
            return None
        if size == 0:
            return b"".join(pieces), begin + 2
        pieces.append(bytes(buffer[begin : begin + size]))
        at = begin + size + 2


def parameters(exchange: Exchange) -> Parameters:
    """Read a call's parameters from its query string and body.

    Raises:
        ValueError: for a JSON body that is none.
    """
    values: dict[str, Any] = {}
    _, _, query = exchange.target.partition("?")
    if query:
        values.update(parse_qsl(query, keep_blank_values=True))
    kind = exchange.content_type
    if not exchange.body:
        return Parameters(values)
    if kind.startswith("application/json"):
        body = json.loads(exchange.body)
        if not isinstance(body, dict):
            raise ValueError("the body is no JSON object")
        values.update(body)
        return Parameters(values)
    if kind.startswith("multipart/form-data"):
        return _multipart(kind, exchange.body, values)
    for pair in exchange.body.split(b"&"):
        name, _, value = pair.partition(b"=")
        values[_unquoted(name)] = _unquoted(value)
    return Parameters(values)


def _unquoted(quoted: bytes) -> str:
    """Decode a form's name or value.

    Python's own escapes are close enough to be decoded instead, ten times as fast as `unquote`:
    Cyrillic text is all escapes, and decoding them would be most of a call's work.
    """
    if b"+" in quoted:
        quoted = quoted.replace(b"+", b" ")
    if b"%" in quoted:
        escaped = quoted.replace(b"\\", b"\\\\").replace(b"%", b"\\x")
        quoted = escaped.decode("unicode_escape").encode("latin-1")
    return quoted.decode("utf-8", "replace")


def _multipart(kind: str, body: bytes, values: dict[str, Any]) -> Parameters:
    boundary = _BOUNDARY.search(kind)
    if boundary is None:
        raise ValueError("the multipart body has no boundary")
    uploads: dict[str, Upload] = {}
    mark = b"--" + boundary[1].encode()
    for part in body.split(mark)[1:]:
        if part.startswith(b"--"):
            break
        head, _, content = part.partition(b"\r\n\r\n")
        content = content[:-2]
        names = dict(_DISPOSITION.findall(head.decode("utf-8", "replace")))
        name = names.get("name", "")
        if "filename" in names:
            uploads[name] = Upload(names["filename"], content)
        else:
            values[name] = content.decode("utf-8", "replace")
    return Parameters(values, uploads)
