"""The methods that change or remove messages, and reactions to them."""

from __future__ import annotations

from dataclasses import replace

from tests.botapi import access, limits
from tests.botapi.access import Access
from tests.botapi.parameters import Parameters, Upload
from tests.botapi.refusals import NOT_MODIFIED, Refused
from tests.botapi.sending import caption_of, document, photo
from tests.botapi.world import Chat, Json, Message, World

MEDIA = ("photo", "document", "video", "animation", "audio", "voice")
CAPTION = ("caption", "caption_entities", "show_caption_above_media")
TEXT = ("text", "entities", "link_preview_options")


def edit_message_text(world: World, parameters: Parameters) -> Json | bool:
    """Change the text of a message."""
    taken = limits.text(
        parameters.string("text"),
        parameters.string("parse_mode"),
        parameters.decoded("entities", "entities"),
        is_edit=True,
    )
    content: Json = {"text": taken.text}
    if taken.entities:
        content["entities"] = taken.entities
    if preview := parameters.decoded("link_preview_options", "link preview options"):
        content["link_preview_options"] = preview
    return _edit(world, parameters, TEXT, content, "text")


def edit_message_caption(world: World, parameters: Parameters) -> Json | bool:
    """Change the caption of a message."""
    return _edit(world, parameters, CAPTION, caption_of(parameters, is_edit=True), "caption")


def edit_message_media(world: World, parameters: Parameters) -> Json | bool:
    """Change the picture or file of a message, with its caption."""
    media = parameters.decoded("media", "input media")
    if not isinstance(media, dict):
        raise Refused("Can't parse InputMedia: expected an Object")
    wrong = "Can't parse InputMedia: "
    kind = str(media.get("type", ""))
    if kind not in MEDIA:
        raise Refused(f"{wrong}type must be a valid media type")
    if not media.get("media"):
        raise Refused(wrong + "media not found")
    attached = str(media["media"])
    uploads: dict[str, Upload] = parameters.uploads
    inner = Parameters({**media, kind: attached}, uploads)
    take = photo if kind == "photo" else document
    content = {**take(world, inner, kind), **caption_of(inner)}
    return _edit(world, parameters, (*MEDIA, *CAPTION, *TEXT), content, "media")


def edit_message_reply_markup(world: World, parameters: Parameters) -> Json | bool:
    """Change the buttons of a message."""
    return _edit(world, parameters, (), {}, "reply markup")


def _edit(
    world: World, parameters: Parameters, dropped: tuple[str, ...], content: Json, what: str
) -> Json | bool:
    markup = limits.keyboard(parameters.decoded("reply_markup", "reply keyboard markup"))
    if not parameters.string("chat_id") and not parameters.integer("message_id"):
        return _edit_inline(world, parameters, dropped, content, markup)
    chat = access.chat(world, parameters.string("chat_id"), Access.EDIT)
    message = access.message(chat, parameters.integer("message_id"), "message to edit")
    access.may_edit(world, chat, message)
    has_media = any(name in message.json for name in MEDIA)
    if what == "text" and "text" not in message.json:
        raise Refused("There is no text in the message to edit")
    if what == "caption" and not has_media:
        raise Refused("There is no caption in the message to edit")
    changed = _changed(message, dropped, content, markup)
    if message.is_from_bot:
        changed["edit_date"] = int(world.now())
    edited = world.change(chat, message, changed)
    world.tell("edited", edited)
    return edited.json


def _changed(
    message: Message, dropped: tuple[str, ...], content: Json, markup: Json | None
) -> Json:
    # An edit without a keyboard removes the one that was there.
    changed = {
        name: value
        for name, value in message.json.items()
        if name not in dropped and name != "reply_markup"
    }
    changed.update(content)
    if markup is not None:
        if "inline_keyboard" not in markup:
            raise Refused("inline keyboard expected")
        changed["reply_markup"] = markup
    before = {k: v for k, v in message.json.items() if k != "edit_date"}
    if before == {k: v for k, v in changed.items() if k != "edit_date"}:
        raise Refused(NOT_MODIFIED)
    return changed


def _edit_inline(
    world: World,
    parameters: Parameters,
    dropped: tuple[str, ...],
    content: Json,
    markup: Json | None,
) -> bool:
    name = parameters.string("inline_message_id")
    if not name:
        raise Refused("Message identifier is not specified")
    message = world.inline_messages.get(name)
    if message is None:
        raise Refused("MESSAGE_ID_INVALID")
    changed = _changed(message, dropped, content, markup)
    edited = replace(message, json=changed, before=(*message.before, message.json))
    world.inline_messages[name] = edited
    if (chat := world.chats.get(message.chat_id)) and message.message_id in chat.messages:
        chat.messages[message.message_id] = edited
    world.tell("edited", edited)
    return True


def delete_message(world: World, parameters: Parameters) -> bool:
    """Remove a message."""
    if not parameters.string("chat_id"):
        raise Refused("Chat identifier is not specified")
    message_id = parameters.integer("message_id")
    if message_id <= 0:
        raise Refused("Message identifier is not specified")
    chat = access.chat(world, parameters.string("chat_id"), Access.WRITE)
    message = access.message(chat, message_id, "message to delete")
    access.may_delete(world, chat, message)
    _delete(world, chat, message)
    return True


def delete_messages(world: World, parameters: Parameters) -> bool:
    """Remove several messages; those that are gone already are skipped."""
    given = parameters.decoded("message_ids", "message_ids")
    if not given:
        raise Refused("Message identifiers are not specified")
    if not isinstance(given, list):
        raise Refused("Expected an Array of message identifiers")
    if len(given) > 100:
        raise Refused("Too many message identifiers specified")
    chat = access.chat(world, parameters.string("chat_id"), Access.WRITE)
    messages = [chat.messages[int(number)] for number in given if int(number) in chat.messages]
    for message in messages:
        access.may_delete(world, chat, message)
    for message in messages:
        _delete(world, chat, message)
    return True


def _delete(world: World, chat: Chat, message: Message) -> None:
    chat.deleted[message.message_id] = chat.messages.pop(message.message_id)
    world.tell("deleted", message)


def set_message_reaction(world: World, parameters: Parameters) -> bool:
    """React to a message, or take the reaction back."""
    given = limits.reactions(parameters.decoded("reaction", "reaction types"))
    chat = access.chat(world, parameters.string("chat_id"), Access.READ)
    message = access.message(chat, parameters.integer("message_id"), "message to react")
    world.reactions[chat.id, message.message_id] = given
    return True
