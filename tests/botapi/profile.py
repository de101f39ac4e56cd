"""The methods about the bot itself and about chats: commands, descriptions, members."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.botapi import access, limits
from tests.botapi.access import Access
from tests.botapi.parameters import Parameters
from tests.botapi.refusals import Refused
from tests.botapi.world import PERMISSIONS, ChatKind, Json, Member, Status, World

_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
_CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")


def get_me(world: World, parameters: Parameters) -> Json:
    """Show the bot."""
    return world.bot.as_json()


def scope_key(scope: Json | None) -> str:
    """Give a scope as the key under which its commands are kept."""
    return json.dumps(scope or {"type": "default"}, sort_keys=True)


def _scope(world: World, parameters: Parameters) -> str:
    scope = parameters.decoded("scope", "BotCommandScope")
    if scope is None:
        return scope_key(None)
    wrong = "Can't parse BotCommandScope: "
    if not isinstance(scope, dict):
        raise Refused(wrong + "BotCommandScope must be an Object")
    kind = scope.get("type")
    if kind in _SCOPES:
        return scope_key({"type": kind})
    if kind not in _CHAT_SCOPES:
        raise Refused(wrong + "Unsupported type specified")
    if not scope.get("chat_id"):
        raise Refused(wrong + "Empty chat_id specified")
    chat = access.chat(world, str(scope["chat_id"]), Access.READ)
    kept = {"type": kind, "chat_id": chat.id}
    if kind == "chat_member":
        kept["user_id"] = int(scope.get("user_id") or 0)
        if kept["user_id"] <= 0:
            raise Refused(wrong + "Invalid user_id specified")
    if kind != "chat" and not chat.is_room:
        raise Refused("can't use specified scope in the chat")
    return scope_key(kept)


def set_my_commands(world: World, parameters: Parameters) -> bool:
    """Register commands for a scope and language."""
    commands = limits.commands(parameters.decoded("commands", "commands"))
    key = _scope(world, parameters), limits.language(parameters.string("language_code"))
    if commands:
        world.bot.commands[key] = commands
    else:
        world.bot.commands.pop(key, None)
    return True


def get_my_commands(world: World, parameters: Parameters) -> list[Json]:
    """Show the commands of a scope and language."""
    key = _scope(world, parameters), limits.language(parameters.string("language_code"))
    return world.bot.commands.get(key, [])


def delete_my_commands(world: World, parameters: Parameters) -> bool:
    """Remove the commands of a scope and language."""
    key = _scope(world, parameters), limits.language(parameters.string("language_code"))
    world.bot.commands.pop(key, None)
    return True


def _texts(world: World, field: str) -> dict[str, str]:
    return {
        "name": world.bot.names,
        "description": world.bot.descriptions,
        "short_description": world.bot.short_descriptions,
    }[field]


def set_text(field: str, check: Callable[[str], str]) -> Callable[[World, Parameters], bool]:
    """Build the method that sets a text of the profile for a language."""

    def method(world: World, parameters: Parameters) -> bool:
        language = limits.language(parameters.string("language_code"))
        text = check(parameters.string(field))
        texts = _texts(world, field)
        if text:
            texts[language] = text
        else:
            texts.pop(language, None)
        return True

    return method


def get_text(field: str) -> Callable[[World, Parameters], Json]:
    """Build the method that shows a text of the profile in a language, else the default one."""

    def method(world: World, parameters: Parameters) -> Json:
        language = limits.language(parameters.string("language_code"))
        texts = _texts(world, field)
        fallback = world.bot.user.first_name if field == "name" else ""
        return {field: texts.get(language, texts.get("", fallback))}

    return method


def set_chat_menu_button(world: World, parameters: Parameters) -> bool:
    """Change the menu button."""
    button = parameters.decoded("menu_button", "menu button")
    world.bot.menu_button = button or {"type": "default"}
    return True


def get_chat_menu_button(world: World, parameters: Parameters) -> Json:
    """Show the menu button."""
    return world.bot.menu_button


def get_chat(world: World, parameters: Parameters) -> Json:
    """Show a chat in full."""
    chat = access.chat(world, parameters.string("chat_id"), Access.READ)
    shown = {
        **chat.as_json(),
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if chat.description:
        shown["description"] = chat.description
    if chat.username:
        shown["active_usernames"] = [chat.username]
    if chat.is_room:
        shown["permissions"] = {name: name in chat.permissions for name in sorted(PERMISSIONS)}
    if chat.linked_chat_id is not None:
        shown["linked_chat_id"] = chat.linked_chat_id
    return shown


def get_chat_member(world: World, parameters: Parameters) -> Json:
    """Show what a user is in a chat."""
    user_id = max(parameters.integer("user_id"), 0)
    if not user_id:
        raise Refused("Invalid user_id specified")
    is_me = user_id == world.bot.user.id
    wanted = Access.READ if is_me else Access.READ_MEMBERS
    chat = access.chat(world, parameters.string("chat_id"), wanted)
    if chat.kind is ChatKind.PRIVATE:
        if user_id not in (chat.id, world.bot.user.id):
            raise Refused("user not found")
        return Member(world.users[user_id]).as_json(chat.kind)
    if chat.kind is ChatKind.CHANNEL and not is_me and not world.me(chat).is_administrator:
        raise Refused("member list is inaccessible")
    member = chat.members.get(user_id)
    if member is None:
        if user_id not in world.users:
            raise Refused("PARTICIPANT_ID_INVALID")
        member = Member(world.users[user_id], Status.LEFT)
    return member.as_json(chat.kind)


def get_chat_administrators(world: World, parameters: Parameters) -> list[Json]:
    """List a chat's administrators."""
    chat = access.chat(world, parameters.string("chat_id"), Access.READ_MEMBERS)
    if chat.kind is ChatKind.PRIVATE:
        raise Refused("there are no administrators in the private chat")
    if chat.kind is ChatKind.CHANNEL and not world.me(chat).is_administrator:
        raise Refused("member list is inaccessible")
    return [member.as_json(chat.kind) for member in world.administrators(chat)]


def get_chat_member_count(world: World, parameters: Parameters) -> int:
    """Count a chat's members."""
    chat = access.chat(world, parameters.string("chat_id"), Access.READ)
    if chat.kind is ChatKind.PRIVATE:
        return 2
    return sum(member.is_here for member in chat.members.values())


def get_file(world: World, parameters: Parameters) -> Json:
    """Tell where a file can be fetched."""
    file_id = parameters.string("file_id")
    if not file_id:
        raise Refused("file_id not specified")
    file = world.files.get(file_id)
    if file is None:
        raise Refused("wrong file_id or the file is temporarily unavailable")
    return {
        "file_id": file_id,
        "file_unique_id": f"AQAD{file_id[-8:]}",
        "file_size": len(file.content),
        "file_path": f"files/{file_id}",
    }
