"""The methods that answer queries: button presses, inline queries, guest messages."""

from __future__ import annotations

from dataclasses import replace

from tests.botapi import limits
from tests.botapi.parameters import Parameters
from tests.botapi.refusals import QUERY_TOO_OLD, Refused
from tests.botapi.world import Json, Message, Query, World


def _waiting(world: World, queries: dict[str, Query], name: str) -> Query:
    query = queries.get(name)
    if query is None or query.is_expired or world.now() - query.asked > world.query_lifetime:
        raise Refused(QUERY_TOO_OLD)
    return query


def answer_callback_query(world: World, parameters: Parameters) -> bool:
    """Acknowledge a button press."""
    text = parameters.string("text")
    limits.callback_answer(text)
    query = _waiting(world, world.callbacks, parameters.string("callback_query_id"))
    if (url := parameters.string("url")) and "?start=" not in url:
        raise Refused("URL_INVALID")
    answer = {"text": text, "show_alert": parameters.boolean("show_alert"), "url": url}
    query.answers.append(answer)
    world.tell("answered", query)
    return True


def answer_inline_query(world: World, parameters: Parameters) -> bool:
    """Give the results of an inline query."""
    results = limits.inline_results(parameters.decoded("results", "inline query results") or [])
    button = parameters.decoded("button", "inline query results button")
    limits.results_button(button)
    offset = parameters.string("next_offset")
    if len(offset.encode()) > limits.OFFSET_BYTES:
        raise Refused("NEXT_OFFSET_INVALID")
    query = _waiting(world, world.inlines, parameters.string("inline_query_id"))
    answer = {
        "results": results,
        "button": button,
        "next_offset": offset,
        "cache_time": parameters.integer("cache_time", 300),
        "is_personal": parameters.boolean("is_personal"),
    }
    query.answers.append(answer)
    world.tell("answered", query)
    return True


def answer_guest_query(world: World, parameters: Parameters) -> Json:
    """Post the answer to a message in a chat that the bot is no member of."""
    given = parameters.decoded("result", "web view query results")
    if given is None:
        raise Refused("Result isn't specified")
    result = limits.inline_result(given)
    query = _waiting(world, world.guests, parameters.string("guest_query_id"))
    if query.answers:
        # A guest answers once.
        raise Refused(QUERY_TOO_OLD)
    asked = query.json
    chat_id = int(asked["chat"]["id"])
    name = f"guest-{query.id}"
    json: Json = {
        "message_id": 0,
        "from": world.shown(world.bot.user),
        "chat": asked["chat"],
        "date": int(world.now()),
        "guest_bot_caller_user": asked["from"],
        **result["_message"],
    }
    if result["_keyboard"]:
        json["reply_markup"] = result["_keyboard"]
    if (chat := world.chats.get(chat_id)) is not None:
        json["message_id"] = world.next_message_id(chat)
        message = world.keep(chat, json)
        message = replace(message, is_from_bot=True, method="answerGuestQuery")
        chat.messages[message.message_id] = message
    else:
        message = Message(chat_id, 0, True, json, (), "answerGuestQuery")
    world.inline_messages[name] = message
    query.answers.append({"result": result, "inline_message_id": name})
    world.tell("answered", query)
    return {"inline_message_id": name}
