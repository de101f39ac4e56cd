"""What goes over the wire to Telegram, and through what."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.telegram.client import Body, Client

OK = b'{"ok":true,"result":true}'


@asynccontextmanager
async def listener() -> AsyncIterator[tuple[str, list[str]]]:
    """Answer anything; give HOST:PORT and the heads of what came."""
    heads: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
                await reader.readexactly(2)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(OK) + OK)
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with server:
        yield f"{host}:{port}", heads


@asynccontextmanager
async def client() -> AsyncIterator[Client]:
    made = Client()
    await made.initialize()
    try:
        yield made
    finally:
        await made.shutdown()


async def test_what_netrc_holds_is_not_sent_to_telegram(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "netrc"
    file.write_text("default login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(file))
    async with listener() as (place, heads), client() as it:
        await it.post(f"http://{place}/bot1:x/getMe", Body(b"{}"))
    assert "authorization" not in heads[0].lower()


async def test_a_proxy_of_the_environment_is_used_with_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with listener() as (place, heads):
        monkeypatch.setenv("http_proxy", f"http://somebody:secret@{place}")
        async with client() as it:
            for _ in range(2):
                await it.post("http://telegram.invalid/bot1:x/getMe", Body(b"{}"))
    login = base64.b64encode(b"somebody:secret").decode()
    assert len(heads) == 2
    assert all(head.startswith("POST http://telegram.invalid/bot1:x/getMe ") for head in heads)
    assert all(f"Proxy-Authorization: Basic {login}" in head for head in heads)
