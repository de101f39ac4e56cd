"""The webhook's other half: telling Telegram where updates go, and only when that differs.

Telegram gives back the address but never the secret, so a hash of all that was told is kept. Any
number of processes tell it the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable

from telegram.error import RetryAfter, TelegramError

from bot.errors import StoreError
from bot.store import Store
from bot.telegram.intake import KINDS, LONGEST_PAUSE
from bot.telegram.line import Json, Line
from bot.telegram.options import Webhook
from bot.telegram.pace import seconds_of
from bot.telegram.redaction import redacted

log = logging.getLogger(__name__)

CONNECTIONS = 100
"""As many as Telegram opens at most; conversations are worked on side by side."""
LOOK_EVERY = 300.0
"""Seconds between two looks whether the webhook is still there."""
SCOPE = "webhook"
"""Under which the hash is kept, beside those of the commands; and the lock of who sets it."""
TURN_PAUSE = 1.0
"""Seconds between looks whether another process is done with it."""


class Hook:
    """Keeps the webhook set."""

    def __init__(
        self,
        line: Line,
        store: Store,
        webhook: Webhook,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare a hook.

        Args:
            line: to ask and tell Telegram with; the library would log the secret.
            store: where the hash is kept.
            webhook: what Telegram is told.
            rest: waits some seconds.
        """
        self._line = line
        self._store = store
        self._webhook = webhook
        self._rest = rest
        told = [webhook.url, webhook.secret, CONNECTIONS, KINDS]
        self._hash = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]

    async def keep(self) -> None:
        """Set the webhook now, and again whenever it is gone; never ends."""
        pause = 1.0
        while True:
            try:
                is_set = await self._set()
            except RetryAfter as error:
                await self._rest(seconds_of(error))
            except (TelegramError, StoreError) as error:
                log.warning("the webhook cannot be set: %s", redacted(str(error)))
                await self._rest(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                pause = 1.0
                await self._rest(LOOK_EVERY if is_set else TURN_PAUSE)

    async def _set(self) -> bool:
        """Set the webhook where it is not; give False where another process is about to.

        Telegram takes one setWebhook a second: of processes that start at once one is enough.
        """
        lock = await self._store.lock(SCOPE)
        if lock is None:
            return False
        async with lock:
            await self._set_alone()
        return True

    async def _set_alone(self) -> None:
        hashes = await self._store.commands.hashes()
        info = await self._line.call("getWebhookInfo", {})
        if isinstance(info, dict) and self._is_set(info) and hashes.get((SCOPE, "")) == self._hash:
            return
        told = {
            "url": self._webhook.url,
            "secret_token": self._webhook.secret,
            "max_connections": CONNECTIONS,
            "allowed_updates": KINDS,
        }
        await self._line.call("setWebhook", told)
        await self._store.commands.put(SCOPE, "", self._hash)
        log.info("Telegram brings updates to %s from now on", self._webhook.url)

    def _is_set(self, info: Json) -> bool:
        """Tell whether Telegram knows it; what it does not give back is believed to be so."""
        return (
            info.get("url") == self._webhook.url
            and info.get("max_connections", CONNECTIONS) == CONNECTIONS
            and set(info.get("allowed_updates", KINDS)) == set(KINDS)
        )
