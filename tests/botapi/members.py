"""Changes of membership, and which messages of a group reach the bot."""

from __future__ import annotations

from typing import Any

from tests.botapi.world import Chat, ChatKind, Json, Member, Status, User, World


def change(world: World, chat: Chat, actor: User, member: Member, *, service: bool = True) -> None:
    """Change what a user is in a chat, and tell the bot as far as Telegram does.

    Args:
        world: where.
        chat: the chat.
        actor: who did it.
        member: what the user is from now on.
        service: whether groups show "joined" and "left" messages.
    """
    user = member.user
    before = chat.members.get(user.id) or Member(user, Status.LEFT)
    is_me = user.id == world.bot.user.id
    sees_services = chat.is_room and (before.is_here if is_me else world.me(chat).is_here)
    chat.members[user.id] = member
    update = {
        "chat": chat.as_json(),
        "from": world.shown(actor),
        "date": int(world.now()),
        "old_chat_member": before.as_json(chat.kind),
        "new_chat_member": member.as_json(chat.kind),
    }
    if is_me:
        world.updates.add("my_chat_member", update, chat.id)
    elif world.me(chat).is_administrator:
        world.updates.add("chat_member", update, chat.id)
    if not service or not chat.is_room:
        return
    shown = world.shown(user)
    if member.is_here and not before.is_here:
        content: Json = {
            "new_chat_participant": shown,
            "new_chat_member": shown,
            "new_chat_members": [shown],
        }
        _service(world, chat, actor, content, seen=sees_services or is_me)
    elif before.is_here and not member.is_here:
        content = {"left_chat_participant": shown, "left_chat_member": shown}
        # A bot that was removed learns it by my_chat_member alone in a supergroup.
        seen = sees_services and (not is_me or chat.kind is ChatKind.GROUP)
        _service(world, chat, actor, content, seen=seen)


def service_message(world: World, chat: Chat, actor: User, content: Json) -> Json:
    """Put a service message into a chat; the bot sees it whatever its privacy mode."""
    seen = chat.kind is ChatKind.PRIVATE or world.me(chat).is_here
    return _service(world, chat, actor, content, seen=seen)


def _service(world: World, chat: Chat, actor: User, content: Json, *, seen: bool) -> Json:
    message: Json = {
        "message_id": world.next_message_id(chat),
        "from": world.shown(actor),
        "chat": chat.as_json(),
        "date": int(world.now()),
        **content,
    }
    world.keep(chat, message)
    if seen:
        world.updates.add("message", message, chat.id)
    return message


def bot_sees(world: World, chat: Chat, message: Json) -> bool:
    """Tell whether a message reaches the bot, privacy mode considered.

    With privacy mode a bot that is no administrator gets commands that are not for another bot,
    mentions of itself and replies to its messages; see https://core.telegram.org/bots/features#privacy-mode
    """
    if chat.kind is ChatKind.PRIVATE:
        return not chat.is_blocked
    me = world.me(chat)
    if not me.is_here:
        return False
    if chat.kind is ChatKind.CHANNEL or me.is_administrator:
        return True
    if message.get("from", {}).get("is_bot") and "sender_chat" not in message:
        # Bots do not see each other.
        return False
    if not world.bot.privacy:
        return True
    replied = message.get("reply_to_message")
    if replied is not None and replied.get("from", {}).get("id") == world.bot.user.id:
        return True
    if message.get("via_bot", {}).get("id") == world.bot.user.id:
        return True
    return _addresses(world, message)


def _addresses(world: World, message: dict[str, Any]) -> bool:
    text = str(message.get("text") or message.get("caption") or "")
    units = text.encode("utf-16-le")
    name = "@" + world.bot.user.username.lower()
    for entity in message.get("entities") or message.get("caption_entities") or []:
        begin, end = 2 * entity["offset"], 2 * (entity["offset"] + entity["length"])
        part = units[begin:end].decode("utf-16-le", "replace").lower()
        match entity["type"]:
            case "mention" if part == name:
                return True
            case "text_mention" if entity.get("user", {}).get("id") == world.bot.user.id:
                return True
            case "bot_command" if "@" not in part or part.endswith(name):
                return True
    return False
