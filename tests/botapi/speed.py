"""Measure the server itself: `python -m tests.botapi.speed` prints sendMessage calls a second."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from urllib.parse import urlencode

from tests.botapi.process import Process

CONNECTIONS = 16
_QUOTE = "\u041a\u044b\u0440\u0433\u044b\u0437\u0441\u0442\u0430\u043d: 12 "


def _requests(token: str, users: list[int]) -> dict[str, list[bytes]]:
    """Build requests as python-telegram-bot sends them: a form, with JSON inside."""
    keyboard = {"inline_keyboard": [[{"text": "More", "callback_data": "more:1"}]]}
    entities = [{"type": "bold", "offset": 0, "length": 5}]
    kinds = {
        "short": {"text": "pong"},
        "rich": {
            "text": _QUOTE * 20,
            "entities": json.dumps(entities),
            "reply_markup": json.dumps(keyboard),
            "link_preview_options": '{"is_disabled":true}',
        },
    }
    result = {}
    for kind, fields in kinds.items():
        bodies = [urlencode({"chat_id": user, **fields}).encode() for user in users]
        head = (
            f"POST /bot{token}/sendMessage HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n"
            "User-Agent: speed\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        )
        result[kind] = [
            f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies
        ]
    return result


class _Client(asyncio.Protocol):
    """One connection that sends a request as soon as the last one is answered."""

    def __init__(self, requests: list[bytes], done: asyncio.Future[None]) -> None:
        self.requests = iter(requests)
        self.done = done
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.next()

    def next(self) -> None:
        request = next(self.requests, None)
        if request is None:
            self.transport.close()
            self.done.set_result(None)
        else:
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, _, body = self.buffer.partition(b"\r\n\r\n")
        if len(body) >= int(head.rpartition(b":")[2]):
            assert body.startswith(b'{"ok":true'), body
            self.buffer = b""
            self.next()


async def _hammer(port: int, requests: list[bytes]) -> float:
    loop = asyncio.get_running_loop()
    waits: list[asyncio.Future[None]] = [loop.create_future() for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for number, done in enumerate(waits):
        mine = requests[number::CONNECTIONS]
        await loop.create_connection(
            lambda mine=mine, done=done: _Client(mine, done),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
    await asyncio.gather(*waits)
    return len(requests) / (time.perf_counter() - began)


def main(count: int = 20_000) -> None:
    """Start a server process, hammer it from this one, and print the rates."""
    with Process() as server:
        users = [server.call("user", started=True)["id"] for _ in range(200)]
        for kind, requests in _requests(server.token, users).items():
            many = (requests * (count // len(requests) + 1))[:count]
            rate = asyncio.run(_hammer(server.port, many))
            print(f"{kind}: {rate:.0f} sendMessage/s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
