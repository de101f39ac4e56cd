"""What Telegram refuses in the contents of a call: lengths, keyboards, inline results, commands.

Who may write where stands in `access`; how often, in `pace`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.botapi.markup import Formatted, formatted, units
from tests.botapi.refusals import Refused

Json = dict[str, Any]

TEXT = 4096
CAPTION = 1024
CALLBACK_DATA_BYTES = 64
CALLBACK_ANSWER = 200
BUTTONS = 100
INLINE_RESULTS = 50
INLINE_RESULT_ID_BYTES = 64
INLINE_QUERY = 256
OFFSET_BYTES = 64
COMMANDS = 100
COMMAND_DESCRIPTION = 256
DESCRIPTION = 512
SHORT_DESCRIPTION = 120
QUOTE = 1024
PHOTO_BYTES = 10 * 1024 * 1024
UPLOAD_BYTES = 50 * 1024 * 1024
COPY_TEXT = 256
_EMOJI = (
    "👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 "
    "🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 "
    "😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡"
)
REACTIONS = frozenset(_EMOJI.split())
_LANGUAGE = re.compile(r"[a-z]{2}")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_URL = re.compile(r"(https?|tg|ton|tonsite)://[^\s/]+\S*|tg:\S+", re.IGNORECASE)
_START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"RIFF")


def text(content: str, parse_mode: str, entities: Any, *, is_edit: bool = False) -> Formatted:
    """Take in the text of a message.

    Args:
        content: what was sent.
        parse_mode: empty, HTML, MarkdownV2 or Markdown.
        entities: the decoded `entities` parameter.
        is_edit: TDLib words the error of an edit differently.
    """
    if not content:
        raise Refused("Message text is empty")
    taken = formatted(content, parse_mode, entities)
    if len(taken.text) > TEXT // 2 and units(taken.text) > TEXT:
        raise Refused("MESSAGE_TOO_LONG" if is_edit else "Message is too long")
    return taken


def caption(content: str, parse_mode: str, entities: Any, *, is_edit: bool = False) -> Formatted:
    """Take in a caption, which may be empty; arguments as for `text`."""
    taken = formatted(content, parse_mode, entities, may_be_empty=True)
    if len(taken.text) > CAPTION // 2 and units(taken.text) > CAPTION:
        raise Refused("MEDIA_CAPTION_TOO_LONG" if is_edit else "Message caption is too long")
    return taken


def photo(content: bytes) -> None:
    """Refuse an upload that is no photo that Telegram takes."""
    if not content:
        raise Refused("File must be non-empty")
    if len(content) > PHOTO_BYTES:
        raise Refused("Too big for a photo")
    if not content.startswith(_IMAGES):
        raise Refused("IMAGE_PROCESS_FAILED")


def keyboard(markup: Any) -> Json | None:
    """Take in a `reply_markup`.

    Returns:
        The inline keyboard as it will stand in the message, another markup as it came, or None.
    """
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise Refused("Object expected as reply markup")
    if "inline_keyboard" not in markup:
        _reply_keyboard(markup)
        return markup or None
    rows = markup["inline_keyboard"]
    wrong = 'Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
    if not isinstance(rows, list):
        raise Refused('Field "inline_keyboard" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise Refused(wrong)
    kept = [[_inline_button(button) for button in row] for row in rows]
    kept = [row for row in kept if row]
    if sum(len(row) for row in kept) > BUTTONS:
        raise Refused("reply markup is too long")
    return {"inline_keyboard": kept} if kept else None


def _reply_keyboard(markup: Json) -> None:
    rows = markup.get("keyboard")
    if rows is None:
        return
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refused('Field "keyboard" must be an Array of Arrays')
    for button in (button for row in rows for button in row):
        label = button if isinstance(button, str) else None
        if isinstance(button, dict):
            label = str(button.get("text", ""))
        if label is None:
            raise Refused(
                "Can't parse keyboard button: KeyboardButton must be a String or an Object"
            )
        if not label.strip():
            raise Refused("keyboard button text must be non-empty")


def _inline_button(button: Any) -> Json:
    wrong = "Can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise Refused(wrong + "InlineKeyboardButton must be an Object")
    if "text" not in button:
        raise Refused(wrong + 'Can\'t find field "text"')
    label = str(button["text"])
    if not label.strip():
        raise Refused("inline keyboard button text must be non-empty")
    kept: Json = {"text": label}
    style = str(button.get("style") or "").lower()
    if style not in ("", "default", "primary", "danger", "success"):
        raise Refused(wrong + "invalid button style specified")
    if style not in ("", "default"):
        kept["style"] = style
    if icon := button.get("icon_custom_emoji_id"):
        kept["icon_custom_emoji_id"] = str(icon)
    if url := str(button.get("url") or ""):
        kept["url"] = _button_url(url)
        return kept
    if data := str(button.get("callback_data") or ""):
        if len(data.encode()) > CALLBACK_DATA_BYTES:
            raise Refused("BUTTON_DATA_INVALID")
        kept["callback_data"] = data
        return kept
    for name in ("switch_inline_query", "switch_inline_query_current_chat"):
        if name in button:
            kept[name] = str(button[name] or "")
            return kept
    if isinstance(copied := button.get("copy_text"), dict):
        if not 0 < units(str(copied.get("text", ""))) <= COPY_TEXT:
            raise Refused("BUTTON_COPY_TEXT_INVALID")
        kept["copy_text"] = {"text": str(copied["text"])}
        return kept
    for name in (
        "switch_inline_query_chosen_chat",
        "login_url",
        "web_app",
        "callback_game",
        "pay",
    ):
        if name in button:
            kept[name] = button[name]
            return kept
    raise Refused(wrong + "Text buttons are unallowed in the inline keyboard")


def _button_url(url: str) -> str:
    if not re.match(r"[a-z]+:", url, re.IGNORECASE) and re.match(r"[\w-]+(\.[\w-]+)+", url):
        return f"http://{url}"
    if not _URL.fullmatch(url):
        raise Refused(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return url


def callback_answer(content: str) -> None:
    """Refuse a too long answer to a button press."""
    if len(content) > CALLBACK_ANSWER:
        raise Refused("MESSAGE_TOO_LONG")


def inline_results(results: Any) -> list[Json]:
    """Take in the results of an inline query, or of one guest answer."""
    if not isinstance(results, list):
        raise Refused("Expected an Array of inline query results")
    if len(results) > INLINE_RESULTS:
        raise Refused("Too many inline query results specified")
    kept = [inline_result(result) for result in results]
    seen: set[str] = set()
    for result in kept:
        if not 0 < len(result["id"].encode()) <= INLINE_RESULT_ID_BYTES:
            raise Refused("RESULT_ID_INVALID")
        if result["id"] in seen:
            raise Refused("RESULT_ID_DUPLICATE")
        seen.add(result["id"])
    return kept


def inline_result(result: Any) -> Json:
    """Take in one inline result, its text parsed as it will stand in the message."""
    wrong = "Can't parse inline query result: "
    if not isinstance(result, dict):
        raise Refused(wrong + "Inline query result must be an object")
    for name in ("type", "id"):
        if name not in result:
            raise Refused(f'{wrong}Can\'t find field "{name}"')
    kind = str(result["type"])
    needed, may_lack_content = _RESULT_FIELDS.get(kind, (None, False))
    if needed is None:
        raise Refused(f'{wrong}type "{kind}" is unsupported for the inline query result')
    for name in needed:
        if not result.get(name):
            raise Refused(f'{wrong}Can\'t find field "{name}"')
    kept = {**result, "id": str(result["id"])}
    content = result.get("input_message_content")
    if content is None and not may_lack_content:
        raise Refused(wrong + "Input message content is not specified")
    try:
        if content is not None:
            kept["_message"] = _inline_message(content)
        else:
            taken = caption(
                str(result.get("caption") or ""),
                str(result.get("parse_mode") or ""),
                result.get("caption_entities"),
            )
            kept["_message"] = {"caption": taken.text, "caption_entities": taken.entities}
    except Refused as error:
        if error.description.endswith("too long"):
            raise Refused("MESSAGE_TOO_LONG") from None
        message = error.description.partition(": ")[2]
        raise Refused(wrong + message[:1].upper() + message[1:]) from None
    kept["_keyboard"] = keyboard(result.get("reply_markup"))
    return kept


# What each kind of result must have, and whether it can do without a message of its own.
_RESULT_FIELDS: dict[str, tuple[tuple[str, ...] | None, bool]] = {
    "article": (("title",), False),
    "photo": ((), True),
    "document": (("title",), True),
    "gif": ((), True),
    "mpeg4_gif": ((), True),
    "video": ((), True),
    "audio": ((), True),
    "voice": ((), True),
    "sticker": (("sticker_file_id",), True),
    "location": (("title",), True),
    "venue": (("title", "address"), True),
    "contact": (("phone_number", "first_name"), True),
}


def _inline_message(content: Any) -> Json:
    if not isinstance(content, dict):
        raise Refused("Input message content is not specified")
    if "message_text" not in content:
        return dict(content)
    taken = text(
        str(content.get("message_text") or ""),
        str(content.get("parse_mode") or ""),
        content.get("entities"),
    )
    message: Json = {"text": taken.text}
    if taken.entities:
        message["entities"] = taken.entities
    if content.get("link_preview_options"):
        message["link_preview_options"] = content["link_preview_options"]
    return message


def results_button(button: Any) -> None:
    """Refuse a wrong button above inline results."""
    if button is None:
        return
    wrong = "Can't parse inline query results button: "
    if not isinstance(button, dict):
        raise Refused(wrong + "InlineQueryResultsButton must be an Object")
    if not button.get("text"):
        raise Refused(wrong + 'Can\'t find field "text"')
    if "start_parameter" in button:
        if not _START_PARAMETER.fullmatch(str(button["start_parameter"])):
            raise Refused("START_PARAM_INVALID")
    elif "web_app" not in button:
        raise Refused(wrong + "InlineQueryResultsButton must have exactly one optional field")


def commands(given: Any) -> list[Json]:
    """Take in the commands of setMyCommands."""
    if given is None:
        return []
    if not isinstance(given, list):
        raise Refused("Expected an Array of BotCommand")
    wrong = "Can't parse BotCommand: "
    kept = []
    for command in given:
        if not isinstance(command, dict):
            raise Refused(wrong + "expected an Object")
        for name in ("command", "description"):
            if name not in command:
                raise Refused(f'{wrong}Can\'t find field "{name}"')
        name = str(command["command"]).removeprefix("/")
        description = str(command["description"]).strip()
        if not name:
            raise Refused("Command must be non-empty")
        if len(name) > 32:
            raise Refused("Command length must not exceed 32")
        if not description:
            raise Refused("Command description must be non-empty")
        if len(description) > COMMAND_DESCRIPTION:
            raise Refused(f"Command description length must not exceed {COMMAND_DESCRIPTION}")
        if not _COMMAND.fullmatch(name):
            raise Refused("BOT_COMMAND_INVALID")
        kept.append({"command": name, "description": description})
    if len(kept) > COMMANDS:
        raise Refused("BOT_COMMANDS_TOO_MUCH")
    return kept


def language(code: str) -> str:
    """Refuse what is not empty or a two-letter language code."""
    if code and not _LANGUAGE.fullmatch(code):
        raise Refused("Invalid language code specified")
    return code


def at_most(name: str, limit: int) -> Callable[[str], str]:
    """Build a check of a text's length that refuses with an error constant."""

    def check(content: str) -> str:
        if units(content) > limit:
            raise Refused(name)
        return content

    return check


def reactions(given: Any) -> list[Json]:
    """Take in the reactions of setMessageReaction."""
    if given is None:
        return []
    if not isinstance(given, list):
        raise Refused("Expected an Array of ReactionType")
    for reaction in given:
        if not isinstance(reaction, dict) or reaction.get("type") not in (
            "emoji",
            "custom_emoji",
            "paid",
        ):
            raise Refused("Can't parse ReactionType: invalid reaction type specified")
        if reaction["type"] == "emoji":
            emoji = str(reaction.get("emoji", "")).replace("\ufe0f", "")
            if emoji not in REACTIONS:
                raise Refused("REACTION_INVALID")
    if len(given) > 1:
        raise Refused("REACTIONS_TOO_MANY")
    return given
