"""Work on what the bot keeps, from the command line, whether a bot runs or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from bot.cli.program import WrongArgumentError
from bot.errors import NoStoreError

if TYPE_CHECKING:
    from bot.store import Chat, Store

Found = TypeVar("Found")


def with_store(work: Callable[[Store], Awaitable[Found]], *, writes: bool = False) -> Found:
    """Open the store that is set, do something with it, and close it.

    Only what `writes` makes a store where there is none, or brings one up to date; what looks
    into one that is not there finds nothing in it.
    """
    from bot.settings import read_store
    from bot.store import Store

    url = read_store().database_url.get_secret_value()

    async def run() -> Found:
        try:
            opened = await Store.open(url, keep_unanswered=True, migrate=writes)
        except NoStoreError:
            return await in_none()
        async with opened as store:
            return await work(store)

    async def in_none() -> Found:
        with TemporaryDirectory() as folder:
            async with await Store.open(f"sqlite:///{Path(folder) / 'bot.db'}") as empty:
                return await work(empty)

    return asyncio.run(run())


async def known_chat(store: Store, chat_id: int) -> Chat:
    """Give a chat by its id. Raises `WrongArgumentError` where the bot has not met it."""
    chat = await store.chats.get(chat_id)
    if chat is None:
        raise WrongArgumentError(
            f"found the chat {chat_id}, which the bot has not met; expected one that"
            " csto-bot chats shows: add the bot to it, or write to the bot from it"
        )
    return chat
