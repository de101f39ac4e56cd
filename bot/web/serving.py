"""An address that is listened on, for as long as a `with` block lasts.

uvicorn would end the process where the address is taken, and take the signals for itself: here
the program decides about both.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.types import ASGIApp

from bot.errors import Problem
from bot.settings import SettingsError

IDLE_SECONDS = 75
"""Longer than a reverse proxy keeps a connection, so that it is the proxy who closes it."""
GRACE_SECONDS = 1
"""For requests in hand when the program ends."""
WAITING = 1024
"""Connections that the system holds until they are taken."""
TICK_SECONDS = 0.01


class _Server(uvicorn.Server):
    """Leaves the signals to the program."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@contextlib.asynccontextmanager
async def serving(setting: str, address: str, app: ASGIApp) -> AsyncIterator[None]:
    """Serve an application on HOST:PORT.

    Raises `SettingsError`, which names the setting that the address is from.
    """
    listener = _listener(setting, address)
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config)
    life = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not life.done():  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(TICK_SECONDS)
        yield
    finally:
        server.should_exit = True
        await life


def _listener(setting: str, address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        family, *_, place = socket.getaddrinfo(
            host or None, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(place[:2], family=family, backlog=WAITING)
    except OSError as error:
        found = f"{address}, where nothing can listen ({error.strerror})"
        wanted = "HOST:PORT of this machine that no other program uses"
        raise SettingsError([Problem(setting, 0, found, wanted)]) from None
