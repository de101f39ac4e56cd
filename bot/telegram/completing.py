"""What an update leaves out, where another server of the Bot API is sparing.

The library refuses an update without fields that Telegram always gives, and knows a command or a
mention by its entity alone. What is missing is filled in with what it would most likely be; what
is there is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

_MESSAGES = ("message", "edited_message", "guest_message")
_COMMAND = re.compile(r"/[A-Za-z0-9_]{1,64}(?:@\w+)?(?!\S)")
_MENTION = re.compile(r"(?<![\w@])@\w+")
_SUPERGROUP = "-100"
_RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages",
    "can_manage_video_chats", "can_restrict_members", "can_promote_members", "can_change_info",
    "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
)  # fmt: skip
_PERMISSIONS = (
    "is_member", "can_change_info", "can_invite_users", "can_pin_messages", "can_send_messages",
    "can_send_polls", "can_send_other_messages", "can_add_web_page_previews",
    "can_manage_topics", "can_send_audios", "can_send_documents", "can_send_photos",
    "can_send_videos", "can_send_video_notes", "can_send_voice_notes", "can_edit_tag",
)  # fmt: skip
_MEMBERS: Mapping[str, Json] = {
    "creator": {"is_anonymous": False},
    "administrator": dict.fromkeys(_RIGHTS, False),
    "restricted": {"until_date": 0} | dict.fromkeys(_PERMISSIONS, True),
    "kicked": {"until_date": 0},
}
"""What the library wants of a member, by status. https://core.telegram.org/bots/api#chatmember"""


def completed(update: Mapping[str, Any], now: int) -> Json:
    """Give an update with what it leaves out.

    Args:
        update: as it came; it is not changed.
        now: the time of what has none, in seconds since 1970.
    """
    found = dict(update)
    for kind in _MESSAGES:
        if isinstance(found.get(kind), Mapping):
            found[kind] = _message(found[kind], now)
    if isinstance(query := found.get("callback_query"), Mapping):
        found["callback_query"] = query = _with_sender({"chat_instance": ""} | dict(query))
        if isinstance(query.get("message"), Mapping):
            query["message"] = _message(query["message"], now)
    if isinstance(query := found.get("inline_query"), Mapping):
        found["inline_query"] = _with_sender({"query": "", "offset": ""} | dict(query))
    if isinstance(change := found.get("my_chat_member"), Mapping):
        found["my_chat_member"] = _change(change, now)
    return found


def _message(message: Mapping[str, Any], now: int) -> Json:
    found = _with_sender({"date": now} | dict(message))
    if isinstance(chat := found.get("chat"), Mapping):
        found["chat"] = _chat(chat)
    if isinstance(sender := found.get("sender_chat"), Mapping):
        found["sender_chat"] = {"type": "channel"} | dict(sender)
    if isinstance(replied := found.get("reply_to_message"), Mapping):
        chat = {"chat": found["chat"]} if "chat" in found else {}
        found["reply_to_message"] = _message(chat | dict(replied), now)
    for text, entities in (("text", "entities"), ("caption", "caption_entities")):
        if isinstance(found.get(text), str) and not found.get(entities):
            found[entities] = _entities(found[text])
    return found


def _with_sender(content: Json) -> Json:
    if isinstance(content.get("from"), Mapping):
        content["from"] = _user(content["from"])
    return content


def _user(user: Mapping[str, Any]) -> Json:
    return {"is_bot": False, "first_name": ""} | dict(user)


def _chat(chat: Mapping[str, Any]) -> Json:
    """Tell a chat's type by its id, as https://core.telegram.org/api/bots/ids has it."""
    number = str(chat.get("id"))
    kind = "private"
    if number.startswith("-"):
        kind = "supergroup" if number.startswith(_SUPERGROUP) and len(number) > 10 else "group"
    return {"type": kind} | dict(chat)


def _change(change: Mapping[str, Any], now: int) -> Json:
    found = _with_sender({"date": now, "old_chat_member": {"status": "left"}} | dict(change))
    if isinstance(chat := found.get("chat"), Mapping):
        found["chat"] = _chat(chat)
    new = found.get("new_chat_member")
    known = new.get("user") if isinstance(new, Mapping) else None
    for name in ("old_chat_member", "new_chat_member"):
        if isinstance(member := found.get(name), Mapping):
            member = dict(_MEMBERS.get(str(member.get("status")), {})) | dict(member)
            user = member.get("user", known)
            found[name] = member | {"user": _user(user) if isinstance(user, Mapping) else user}
    return found


def _entities(text: str) -> list[Json]:
    """Find a command at the beginning, and mentions anywhere. Positions are in UTF-16 units."""
    spans = []
    if command := _COMMAND.match(text):
        spans.append(("bot_command", command.span()))
    spans += [
        ("mention", each.span())
        for each in _MENTION.finditer(text, command.end() if command else 0)
    ]
    return [
        {"type": kind, "offset": _units(text[:start]), "length": _units(text[start:end])}
        for kind, (start, end) in spans
    ]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
