"""The table of methods: which function carries out what.

getUpdates and the webhook's methods are the server's own, because they wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.botapi import access, answering, editing, limits, members, profile, sending
from tests.botapi.access import Access
from tests.botapi.parameters import Parameters
from tests.botapi.refusals import Refused
from tests.botapi.world import ChatKind, Member, Status, World

Method = Callable[[World, Parameters], Any]


def leave_chat(world: World, parameters: Parameters) -> bool:
    """Leave a chat."""
    chat = access.chat(world, parameters.string("chat_id"), Access.READ)
    if chat.kind is ChatKind.PRIVATE:
        raise Refused("chat member status can't be changed in private chats")
    gone = Member(world.bot.user, Status.LEFT)
    members.change(world, chat, world.bot.user, gone, service=False)
    return True


def _nothing(world: World, parameters: Parameters) -> bool:
    return True


# Method names are compared without regard to case, as Telegram does.
METHODS: dict[str, Method] = {
    "getme": profile.get_me,
    "logout": _nothing,
    "close": _nothing,
    "sendmessage": sending.send_message,
    "sendphoto": sending.send_photo,
    "senddocument": sending.send_document,
    "forwardmessage": sending.forward_message,
    "copymessage": sending.copy_message,
    "sendchataction": sending.send_chat_action,
    "editmessagetext": editing.edit_message_text,
    "editmessagecaption": editing.edit_message_caption,
    "editmessagemedia": editing.edit_message_media,
    "editmessagereplymarkup": editing.edit_message_reply_markup,
    "deletemessage": editing.delete_message,
    "deletemessages": editing.delete_messages,
    "setmessagereaction": editing.set_message_reaction,
    "answercallbackquery": answering.answer_callback_query,
    "answerinlinequery": answering.answer_inline_query,
    "answerguestquery": answering.answer_guest_query,
    "setmycommands": profile.set_my_commands,
    "getmycommands": profile.get_my_commands,
    "deletemycommands": profile.delete_my_commands,
    "setmyname": profile.set_text("name", limits.at_most("BOT_TITLE_INVALID", 64)),
    "getmyname": profile.get_text("name"),
    "setmydescription": profile.set_text(
        "description", limits.at_most("DESCRIPTION_TOO_LONG", limits.DESCRIPTION)
    ),
    "getmydescription": profile.get_text("description"),
    "setmyshortdescription": profile.set_text(
        "short_description", limits.at_most("ABOUT_TOO_LONG", limits.SHORT_DESCRIPTION)
    ),
    "getmyshortdescription": profile.get_text("short_description"),
    "setchatmenubutton": profile.set_chat_menu_button,
    "getchatmenubutton": profile.get_chat_menu_button,
    "getchat": profile.get_chat,
    "getchatmember": profile.get_chat_member,
    "getchatadministrators": profile.get_chat_administrators,
    "getchatmembercount": profile.get_chat_member_count,
    "getfile": profile.get_file,
    "leavechat": leave_chat,
}
# What counts towards Telegram's limits for sending, and for editing.
SENDS = frozenset({"sendmessage", "sendphoto", "senddocument", "forwardmessage", "copymessage"})
EDITS = frozenset(
    {"editmessagetext", "editmessagecaption", "editmessagemedia", "editmessagereplymarkup"}
)
