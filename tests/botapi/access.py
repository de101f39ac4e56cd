"""Who may read and write where: chats found, memberships, rights, topics and messages checked.

The order of the checks is Telegram's, so that a call that is wrong twice gets the error that it
would get there.
"""

from __future__ import annotations

from enum import IntEnum

from tests.botapi.parameters import Parameters
from tests.botapi.refusals import Refused
from tests.botapi.world import GENERAL_TOPIC, Chat, ChatKind, Message, Status, World

DELETABLE_SECONDS = 48 * 3600.0


class Access(IntEnum):
    """How much of a chat a method needs."""

    READ = 1
    READ_MEMBERS = 2
    EDIT = 3
    WRITE = 4


def chat(world: World, name: str, access: Access) -> Chat:
    """Find a chat and check that the bot may use it.

    Args:
        world: where to look.
        name: `chat_id` as sent, a number or a public @name.
        access: what for.

    Raises:
        Refused: as Telegram would, with 400 or 403.
    """
    if not name:
        raise Refused("chat_id is empty")
    found: Chat | None
    if name.startswith("@"):
        found = world.chat_named(name)
    else:
        try:
            number = int(name)
        except ValueError:
            raise Refused("chat not found") from None
        found = world.chats.get(number)
        if found is None and number in world.users and access >= Access.EDIT:
            found = world.private(world.users[number])
    if found is None:
        raise Refused("chat not found")
    _check(world, found, access)
    return found


def _check(world: World, found: Chat, access: Access) -> None:
    me = world.me(found)
    needs_write = access in (Access.WRITE, Access.READ_MEMBERS)
    needs_edit = needs_write or access is Access.EDIT
    match found.kind:
        case ChatKind.PRIVATE:
            if not needs_edit:
                if not found.is_started:
                    raise Refused("chat not found")
                return
            if found.id in world.deactivated:
                raise Refused("user is deactivated", 403)
            if found.user is not None and found.user.is_bot:
                raise Refused("the bot can't send messages to the bot", 403)
            if not found.is_started and access is Access.WRITE:
                if _shares_a_chat(world, found):
                    raise Refused("bot can't initiate conversation with a user", 403)
                raise Refused("chat not found")
            if found.is_blocked and access is Access.WRITE:
                raise Refused("bot was blocked by the user", 403)
        case ChatKind.GROUP:
            if needs_write and found.migrated_to is not None:
                raise Refused(
                    "group chat was upgraded to a supergroup chat",
                    400,
                    {"migrate_to_chat_id": found.migrated_to},
                )
            if needs_write and found.is_deleted:
                raise Refused("the group chat was deleted", 403)
            if needs_edit and me.status is Status.KICKED:
                raise Refused("bot was kicked from the group chat", 403)
            if needs_edit and me.status is Status.LEFT:
                raise Refused("bot is not a member of the group chat", 403)
        case ChatKind.SUPERGROUP | ChatKind.CHANNEL:
            if found.is_deleted:
                raise Refused("chat not found")
            if me.status is Status.KICKED:
                raise Refused(f"bot was kicked from the {found.kind} chat", 403)
            if not me.is_here and (needs_edit or not found.username):
                raise Refused(f"bot is not a member of the {found.kind} chat", 403)


def _shares_a_chat(world: World, private: Chat) -> bool:
    return any(
        other.is_room and private.id in other.members and world.me(other).is_here
        for other in world.chats.values()
    )


def may_send(world: World, found: Chat, what: str = "text messages") -> None:
    """Check the right to post a kind of message.

    Args:
        world: where.
        found: the chat.
        what: as the error names it: text messages, photos, documents.
    """
    me = world.me(found)
    if found.kind is ChatKind.CHANNEL:
        if me.status is not Status.CREATOR and not (
            me.is_administrator and "can_post_messages" in me.rights
        ):
            raise Refused("need administrator rights in the channel chat")
        return
    if not found.is_room or me.is_administrator:
        return
    permission = "can_send_" + ("messages" if what == "text messages" else what)
    if permission not in found.permissions or (
        me.status is Status.RESTRICTED and permission not in me.rights
    ):
        raise Refused(f"not enough rights to send {what} to the chat")


def topic(world: World, found: Chat, parameters: Parameters) -> int | None:
    """Check the topic that a message is meant for.

    Returns:
        The topic's id, or None for the chat itself or the General topic.
    """
    thread = max(parameters.integer("message_thread_id"), 0)
    if found.kind is ChatKind.PRIVATE and thread:
        raise Refused("message thread not found")
    if not found.is_forum:
        # A thread id is ignored where there are no topics.
        return None
    if thread == 0:
        general = found.topics.get(GENERAL_TOPIC)
        if general is not None and general.is_closed:
            _may_use_closed(world, found)
        return None
    wanted = found.topics.get(thread)
    if thread == GENERAL_TOPIC or wanted is None or wanted.is_deleted:
        raise Refused("message thread not found")
    if wanted.is_closed:
        _may_use_closed(world, found)
    return thread


def _may_use_closed(world: World, found: Chat) -> None:
    me = world.me(found)
    if me.status is Status.CREATOR or (me.is_administrator and "can_manage_topics" in me.rights):
        return
    raise Refused("TOPIC_CLOSED")


def message(found: Chat, message_id: int, what: str) -> Message:
    """Find a message.

    Args:
        found: its chat.
        message_id: its id.
        what: as the error names it, such as `message to edit`.
    """
    wanted = found.messages.get(message_id)
    if wanted is None:
        raise Refused(f"{what} not found")
    return wanted


def may_edit(world: World, found: Chat, wanted: Message) -> None:
    """Check that the bot may edit a message: its own, or a channel's with the right for it."""
    if wanted.is_from_bot and "forward_origin" not in wanted.json:
        return
    me = world.me(found)
    if found.kind is ChatKind.CHANNEL and "can_edit_messages" in me.rights:
        return
    raise Refused("message can't be edited")


def may_delete(world: World, found: Chat, wanted: Message) -> None:
    """Check that the bot may delete a message."""
    me = world.me(found)
    if found.kind is not ChatKind.PRIVATE and (
        me.status is Status.CREATOR or "can_delete_messages" in me.rights
    ):
        return
    if world.now() - float(wanted.json["date"]) > DELETABLE_SECONDS:
        raise Refused("message can't be deleted for everyone")
    if found.kind is ChatKind.PRIVATE or wanted.is_from_bot:
        return
    raise Refused("message can't be deleted")
