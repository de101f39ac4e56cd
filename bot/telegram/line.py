"""Calls of the Bot API with plain values, for what every question needs.

The library turns each argument into objects and back, and each answer into a `Message` of a
hundred attributes that nobody looks at; that took longer than finding the answer. Here a call is
one JSON body. The library's errors and its pace are the same.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from telegram.request import BaseRequest

from bot.telegram.client import Body, Form, UnsureError
from bot.telegram.pace import Pace
from bot.telegram.refusals import whole

Json = dict[str, Any]


class Line:
    """Calls Telegram."""

    def __init__(self, client: BaseRequest, address: str, pace: Pace) -> None:
        """Prepare a line.

        Args:
            client: to send with.
            address: what a method's name is added to; it holds the token.
            pace: says when.
        """
        self._client = client
        self._address = address
        self._pace = pace

    async def call(
        self,
        method: str,
        values: Mapping[str, Any],
        *,
        file: Path | None = None,
        how: str | None = None,
    ) -> Any:
        """Call a method and give its result; what is None is left out.

        Args:
            method: of the Bot API.
            values: its parameters.
            file: to be sent along; a parameter says `attach://file` for it.
            how: what the pace is to know, such as `pace.BOOKED`.

        Raises:
            TelegramError: as the library does.
            OSError: where the file cannot be read.
        """
        given = {name: value for name, value in values.items() if value is not None}
        return await self._pace.process_request(
            self._post, (method, given, file), {}, method, given, how
        )

    async def message_id(self, method: str, values: Mapping[str, Any]) -> int:
        """Call a method that gives a message; give its id."""
        found = await self.call(method, values)
        number = whole(found.get("message_id")) if isinstance(found, dict) else None
        if number is None:
            raise UnsureError("a message without an id")
        return number

    async def _post(self, method: str, values: Json, file: Path | None) -> Any:
        address = f"{self._address}/{method}"
        if file is not None:
            fields = {
                name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                for name, value in values.items()
            }
            content = await asyncio.to_thread(file.read_bytes)
            return await self._client.post(address, Form(fields, file.name, content))
        body = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
        return await self._client.post(address, Body(body))
