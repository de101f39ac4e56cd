"""Who is an editor, and what only editors may do; to everybody else it is not there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from telegram import Chat, Message, Update

from bot.telegram.commands import Action, handler, unknown
from bot.telegram.desk import Desk


def is_editor(desk: Desk, message: Message) -> bool:
    """Tell whether a message was written by an editor in his or her private chat."""
    user = message.from_user
    return (
        message.chat.type == Chat.PRIVATE
        and message.sender_chat is None
        and user is not None
        and user.id in desk.options.editors
    )


def for_editors(action: Action) -> Callable[[Desk, Update], Awaitable[None]]:
    """Make of what an editors' command does something that takes updates.

    Others are told the same as of any word that is no command.
    """
    act = handler(action)

    async def handle(desk: Desk, update: Update) -> None:
        message = update.effective_message
        is_known = message is not None and is_editor(desk, message)
        await (act if is_known else unknown)(desk, update)

    return handle
