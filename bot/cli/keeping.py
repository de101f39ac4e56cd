"""Work on what the bot keeps, from the command line, whether a bot runs or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from bot.cli.program import WrongArgumentError

if TYPE_CHECKING:
    from bot.store import Chat, Store

Found = TypeVar("Found")


def with_store(work: Callable[[Store], Awaitable[Found]]) -> Found:
    """Open the store that is set, do something with it, and close it."""
    from bot.settings import read_store
    from bot.store import Store

    url = read_store().database_url.get_secret_value()

    async def run() -> Found:
        async with await Store.open(url, keep_unanswered=True) as store:
            return await work(store)

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
