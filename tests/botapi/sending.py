"""The methods that put messages into chats: send, forward, copy."""

from __future__ import annotations

from tests.botapi import access, limits
from tests.botapi.access import Access
from tests.botapi.markup import formatted, units
from tests.botapi.parameters import Parameters
from tests.botapi.refusals import Refused
from tests.botapi.world import Chat, ChatKind, Json, Message, World

ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "record_audio",
        "upload_audio",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
# What a forward or copy takes along.
CONTENT = (
    "text",
    "entities",
    "link_preview_options",
    "photo",
    "document",
    "caption",
    "caption_entities",
    "show_caption_above_media",
)


def send_message(world: World, parameters: Parameters) -> Json:
    """Send a text."""
    taken = limits.text(
        parameters.string("text"),
        parameters.string("parse_mode"),
        parameters.decoded("entities", "entities"),
    )
    content: Json = {"text": taken.text}
    if taken.entities:
        content["entities"] = taken.entities
    preview = parameters.decoded("link_preview_options", "link preview options")
    if preview is None and parameters.boolean("disable_web_page_preview"):
        preview = {"is_disabled": True}
    if preview is not None:
        if not isinstance(preview, dict):
            raise Refused("Object expected as link preview options")
        content["link_preview_options"] = preview
    return _send(world, parameters, content, "text messages", "sendMessage")


def send_photo(world: World, parameters: Parameters) -> Json:
    """Send a picture: uploaded, by URL or by file_id."""
    content = {**photo(world, parameters, "photo"), **caption_of(parameters)}
    return _send(world, parameters, content, "photos", "sendPhoto")


def send_document(world: World, parameters: Parameters) -> Json:
    """Send a file: uploaded, by URL or by file_id."""
    content = {**document(world, parameters, "document"), **caption_of(parameters)}
    return _send(world, parameters, content, "documents", "sendDocument")


def caption_of(parameters: Parameters, *, is_edit: bool = False) -> Json:
    """Take in the caption of a call."""
    taken = limits.caption(
        parameters.string("caption"),
        parameters.string("parse_mode"),
        parameters.decoded("caption_entities", "caption entities"),
        is_edit=is_edit,
    )
    content: Json = {}
    if taken.text:
        content["caption"] = taken.text
        if taken.entities:
            content["caption_entities"] = taken.entities
        if parameters.boolean("show_caption_above_media"):
            content["show_caption_above_media"] = True
    return content


def photo(world: World, parameters: Parameters, name: str) -> Json:
    """Take in a picture.

    Args:
        world: where it is kept.
        parameters: the call.
        name: the parameter or the attached part that holds it.
    """
    file_id = _file(world, parameters, name, "photo")
    size = len(world.files[file_id].content)
    sizes = [
        {
            "file_id": file_id,
            "file_unique_id": f"AQAD{file_id[-8:]}{letter}",
            "width": width,
            "height": height,
            "file_size": size,
        }
        for letter, width, height in (("s", 90, 60), ("m", 320, 213), ("x", 800, 533))
    ]
    return {"photo": sizes}


def document(world: World, parameters: Parameters, name: str) -> Json:
    """Take in a file; arguments as for `photo`."""
    file_id = _file(world, parameters, name, "document")
    file = world.files[file_id]
    shown = {
        "file_id": file_id,
        "file_unique_id": f"AgAD{file_id[-8:]}",
        "file_name": file.name,
        "file_size": len(file.content),
    }
    return {"document": shown}


def _file(world: World, parameters: Parameters, name: str, what: str) -> str:
    value = parameters.string(name)
    upload = parameters.uploads.get(value.removeprefix("attach://") if value else name)
    if upload is None and not value:
        raise Refused(f"there is no {what} in the request")
    if upload is not None:
        if what == "photo":
            limits.photo(upload.content)
        elif not upload.content:
            raise Refused("File must be non-empty")
        return world.store(upload.name, upload.content).file_id
    if value.startswith(("http://", "https://")):
        if value in world.broken_urls:
            raise Refused("failed to get HTTP URL content")
        return world.store(value.rpartition("/")[2], b"", value).file_id
    if value not in world.files:
        raise Refused("wrong file identifier/HTTP URL specified")
    return value


def forward_message(world: World, parameters: Parameters) -> Json:
    """Forward a message."""
    original = _original(world, parameters, "message to forward")
    if original.json.get("has_protected_content"):
        raise Refused("message has protected content and can't be forwarded")
    content = {name: original.json[name] for name in CONTENT if name in original.json}
    content["forward_origin"] = _origin(original)
    return _send(world, parameters, content, "text messages", "forwardMessage")


def copy_message(world: World, parameters: Parameters) -> Json:
    """Copy a message, without a link to the original."""
    original = _original(world, parameters, "message to copy")
    content = {name: original.json[name] for name in CONTENT if name in original.json}
    if not content:
        raise Refused("message can't be copied")
    if "caption" in parameters and "text" not in content:
        content = {k: v for k, v in content.items() if not k.startswith("caption")}
        content |= caption_of(parameters)
    sent = _send(world, parameters, content, "text messages", "copyMessage")
    return {"message_id": sent["message_id"]}


def _original(world: World, parameters: Parameters, what: str) -> Message:
    source = access.chat(world, parameters.required("from_chat_id"), Access.READ)
    return access.message(source, parameters.integer("message_id"), what)


def _origin(message: Message) -> Json:
    if "forward_origin" in message.json:
        return dict(message.json["forward_origin"])
    date = message.json["date"]
    chat = message.json["chat"]
    if chat["type"] == ChatKind.CHANNEL:
        return {
            "type": "channel",
            "chat": chat,
            "message_id": message.message_id,
            "date": date,
        }
    if "sender_chat" in message.json:
        return {"type": "chat", "sender_chat": message.json["sender_chat"], "date": date}
    return {"type": "user", "sender_user": message.json["from"], "date": date}


def send_chat_action(world: World, parameters: Parameters) -> bool:
    """Show that the bot is typing."""
    action = parameters.string("action").lower()
    if action not in ACTIONS:
        raise Refused("Wrong parameter action in request")
    chat = access.chat(world, parameters.string("chat_id"), Access.WRITE)
    world.actions.append((chat.id, action))
    return True


def _send(world: World, parameters: Parameters, content: Json, what: str, method: str) -> Json:
    markup = limits.keyboard(parameters.decoded("reply_markup", "reply keyboard markup"))
    chat = access.chat(world, parameters.string("chat_id"), Access.WRITE)
    thread = access.topic(world, chat, parameters)
    reply = _reply(world, chat, parameters)
    access.may_send(world, chat, what)
    replied = reply.get("reply_to_message", {})
    if thread is None and replied.get("is_topic_message"):
        # A reply lands in the topic of what it answers.
        thread = replied["message_thread_id"]
    message: Json = {"message_id": world.next_message_id(chat)}
    if chat.kind is ChatKind.CHANNEL:
        message["sender_chat"] = chat.as_json()
    else:
        message["from"] = world.shown(world.bot.user)
    message["chat"] = chat.as_json()
    message["date"] = int(world.now())
    if thread is not None:
        message["message_thread_id"] = thread
        message["is_topic_message"] = True
        if not reply and (opening := chat.messages.get(thread)) is not None:
            message["reply_to_message"] = opening.json
    message.update(reply)
    message.update(content)
    if markup is not None and "inline_keyboard" in markup:
        message["reply_markup"] = markup
    if parameters.boolean("protect_content"):
        message["has_protected_content"] = True
    return world.keep(chat, message, method=method).json


def _reply(world: World, chat: Chat, parameters: Parameters) -> Json:
    given = parameters.decoded("reply_parameters", "reply parameters")
    if given is None:
        message_id = parameters.integer("reply_to_message_id")
        if message_id <= 0:
            return {}
        given = {
            "message_id": message_id,
            "allow_sending_without_reply": parameters.boolean("allow_sending_without_reply"),
        }
    if not isinstance(given, dict):
        raise Refused("Object expected as reply parameters")
    if not given:
        return {}
    if "message_id" not in given:
        raise Refused('Can\'t find field "message_id"')
    there = chat
    elsewhere = given.get("chat_id")
    if elsewhere is not None and str(elsewhere) not in (
        str(chat.id),
        parameters.string("chat_id"),
    ):
        there = access.chat(world, str(elsewhere), Access.READ)
    original = there.messages.get(int(given["message_id"]))
    if original is None:
        if given.get("allow_sending_without_reply") in (True, "true", "True", 1):
            return {}
        raise Refused("message to be replied not found")
    reply: Json = {}
    if there is chat:
        reply["reply_to_message"] = without_reply(original.json)
    else:
        reply["external_reply"] = {
            "origin": _origin(original),
            "chat": there.as_json(),
            "message_id": original.message_id,
        }
    if given.get("quote"):
        reply["quote"] = _quote(original, given)
    return reply


def _quote(original: Message, given: Json) -> Json:
    quoted = formatted(
        str(given["quote"]),
        str(given.get("quote_parse_mode") or ""),
        given.get("quote_entities"),
    )
    if units(quoted.text) > limits.QUOTE or quoted.text not in original.text:
        raise Refused("QUOTE_TEXT_INVALID")
    position = units(original.text.partition(quoted.text)[0])
    shown: Json = {"text": quoted.text, "position": position, "is_manual": True}
    if quoted.entities:
        shown["entities"] = quoted.entities
    return shown


def without_reply(json: Json) -> Json:
    """Show a message inside another: Telegram does not nest replies."""
    if "reply_to_message" not in json:
        return json
    return {name: value for name, value in json.items() if name != "reply_to_message"}
