"""Text as Telegram takes it in: markup parsed, entities checked, found and trimmed.

Offsets are in UTF-16 code units everywhere but in error messages, which count bytes as TDLib does.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from tests.botapi.refusals import Refused

Json = dict[str, Any]

MAX_ENTITIES = 100
MAX_BYTES = 1 << 15
AUTOMATIC = frozenset(
    {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}
    | {"bank_card_number"}
)
PLAIN = frozenset(
    {"bold", "italic", "underline", "strikethrough", "spoiler", "blockquote"}
    | {"expandable_blockquote", "code"}
)
# Nothing is found automatically inside these.
OPAQUE = frozenset({"code", "pre", "text_link", "text_mention", "custom_emoji"})

_FOUND = re.compile(
    r"""
    (?P<url>\b(?:https?://|www\.)[^\s<>"«»]*[^\s<>"«».,:;!?()'\]])
  | (?P<email>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b)
  | (?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/])
  | (?<![\w@])(?P<mention>@[A-Za-z0-9_]{3,32})\b
  | (?<!\w)(?P<hashtag>\#[^\W\d][\w]*)
    """,
    re.VERBOSE,
)
_MAYBE_FOUND = re.compile(r"[/@#]|www\.")
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_HTML_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_MARKDOWN_MARKS = {
    "*": "bold",
    "__": "underline",
    "_": "italic",
    "~": "strikethrough",
    "||": "spoiler",
    "`": "code",
    "```": "pre",
}
# How TDLib names entity types in "Can't find end of … entity".
_TYPE_NAMES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "text_link": "TextUrl",
    "custom_emoji": "CustomEmoji",
    "blockquote": "BlockQuote",
}


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text and its entities, as they stand in a message."""

    text: str
    entities: list[Json]


def units(text: str) -> int:
    """Count UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def formatted(
    text: str,
    parse_mode: str = "",
    entities: Any = None,
    *,
    may_be_empty: bool = False,
) -> Formatted:
    """Take in a text as sendMessage does.

    Args:
        text: what was sent.
        parse_mode: empty, HTML, MarkdownV2 or Markdown.
        entities: a decoded `entities` parameter; ignored with a parse mode.
        may_be_empty: for captions.

    Raises:
        Refused: for markup or entities that Telegram does not take, or an empty text.
    """
    if len(text) > MAX_BYTES // 4 and len(text.encode()) > MAX_BYTES:
        raise Refused("Text is too long")
    mode = parse_mode.lower()
    given: list[Json]
    if text and mode and mode != "none":
        parser = {"html": _html, "markdownv2": _markdown_v2, "markdown": _markdown}.get(mode)
        if parser is None:
            raise Refused("Unsupported parse_mode")
        try:
            text, given = parser(text)
        except _Unparsable as error:
            raise Refused(f"Can't parse entities: {error}") from None
    else:
        given = _given(entities)
    text, given = _cleaned(text, given)
    text, given = _trimmed(text, given)
    if not text and not may_be_empty:
        raise Refused("Text must be non-empty")
    if _MAYBE_FOUND.search(text):
        given = given + _found(text, given)
    if len(given) > 1:
        given.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return Formatted(text, given[:MAX_ENTITIES])


def found(text: str) -> list[Json]:
    """Find the entities that Telegram adds by itself: commands, mentions, links, hashtags."""
    return _found(text, []) if _MAYBE_FOUND.search(text) else []


class _Unparsable(Exception):
    pass


def _given(entities: Any) -> list[Json]:
    if not isinstance(entities, list):
        return []
    checked = [_checked(entity) for entity in entities]
    return [entity for entity in checked if entity is not None]


def _checked(entity: Any) -> Json | None:
    wrong = "Can't parse MessageEntity: "
    if not isinstance(entity, dict):
        raise Refused(wrong + "expected an Object")
    for name in ("offset", "length"):
        if name not in entity:
            raise Refused(f'{wrong}Can\'t find field "{name}"')
        try:
            number = int(entity[name])
        except (TypeError, ValueError):
            raise Refused(f'{wrong}Field "{name}" must be a valid Number') from None
        if not 0 <= number <= 1_000_000:
            raise Refused(f"Receive an entity with incorrect {name} {number}")
    kept: Json = {"offset": int(entity["offset"]), "length": int(entity["length"])}
    kind = entity.get("type")
    kept["type"] = kind
    if kind is None:
        raise Refused(f'{wrong}Can\'t find field "type"')
    if kind in AUTOMATIC or kept["length"] == 0:
        return None
    if kind == "pre":
        if language := entity.get("language"):
            kept["language"] = str(language)
    elif kind == "text_link":
        url = _checked_url(str(entity.get("url", "")))
        if url is None:
            return None
        kept["url"] = url
    elif kind == "text_mention":
        kept["user"] = entity.get("user")
    elif kind == "custom_emoji":
        if not str(entity.get("custom_emoji_id", "")).isdecimal():
            raise Refused("Invalid custom emoji identifier specified")
        kept["custom_emoji_id"] = str(entity["custom_emoji_id"])
    elif kind == "date_time":
        if "unix_time" not in entity:
            raise Refused(f'{wrong}Can\'t find field "unix_time"')
        kept["unix_time"] = int(entity["unix_time"])
        if form := str(entity.get("date_time_format") or ""):
            if form not in ("r", "R") and set(form) - set("tTdDwW"):
                raise Refused(wrong + "Invalid date-time format specified")
            kept["date_time_format"] = form
    elif kind not in PLAIN:
        raise Refused(wrong + "Unsupported type specified")
    return kept


def _checked_url(url: str) -> str | None:
    """Give a link as Telegram keeps it, or None for one that is dropped silently."""
    if re.fullmatch(r"tg:(//)?\S+", url):
        return url
    bare = re.sub(r"^(https?|ftp|tonsite)://", "", url, flags=re.IGNORECASE)
    host = re.split(r"[/?#:]", bare)[0].rpartition("@")[2]
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)+\.?|localhost", host):
        return None
    return url if bare != url else f"http://{url}/" if host == url else f"http://{url}"


def _cleaned(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Turn control characters into spaces and drop carriage returns."""
    text = _CONTROL.sub(" ", text)
    if not entities:
        return text.replace("\r", ""), entities
    total = units(text)
    is_wide = total != len(text)
    boundaries = None
    if is_wide:
        boundaries = {unit: at for at, unit in enumerate(_character_starts(text))}
    for entity in sorted(entities, key=lambda e: (e["offset"], -e["length"])):
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        if begin > total or (begin == total and entity["length"]):
            raise Refused(f"Entity begins after the end of the text at UTF-16 offset {begin}")
        if boundaries is not None and begin not in boundaries:
            at = len(text[: boundaries[begin + 1]].encode())
            raise Refused(f"Entity begins in a middle of a UTF-16 symbol at byte offset {at}")
        if end > total:
            raise Refused(
                f"Entity beginning at UTF-16 offset {begin} ends after the end of the text "
                f"at UTF-16 offset {end}"
            )
        if boundaries is not None and end not in boundaries:
            at = len(text[: boundaries[end + 1]].encode())
            raise Refused(
                f"Entity beginning at UTF-16 offset {begin} ends in a middle of a UTF-16 symbol "
                f"at byte offset {at}"
            )
    if "\r" in text:
        starts = _character_starts(text)
        dropped = [
            unit for character, unit in zip(text, starts, strict=False) if character == "\r"
        ]
        for entity in entities:
            begin, end = entity["offset"], entity["offset"] + entity["length"]
            entity["offset"] = begin - sum(unit < begin for unit in dropped)
            entity["length"] -= sum(begin <= unit < end for unit in dropped)
        text = text.replace("\r", "")
    return text, entities


def _character_starts(text: str) -> list[int]:
    """Give the UTF-16 offset at which each character begins, and that of the end."""
    starts = [0]
    for character in text:
        starts.append(starts[-1] + (2 if character > "\uffff" else 1))
    return starts


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    ended = text.rstrip(" \n")
    if ended != text:
        end = units(ended)
        kept = []
        for entity in entities:
            if entity["offset"] < end:
                entity["length"] = min(entity["length"], end - entity["offset"])
                kept.append(entity)
        text, entities = ended, kept
    begun = text.lstrip(" \n")
    if begun != text:
        # Telegram does not trim into an entity.
        cut = min([len(text) - len(begun)] + [entity["offset"] for entity in entities])
        for entity in entities:
            entity["offset"] -= cut
        text = text[cut:]
    return text, [entity for entity in entities if entity["length"] > 0]


def _found(text: str, entities: list[Json]) -> list[Json]:
    covered = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in entities
        if entity["type"] in OPAQUE
    ]
    is_wide = units(text) != len(text)
    result = []
    for match in _FOUND.finditer(text):
        begin = units(text[: match.start()]) if is_wide else match.start()
        length = units(match.group())
        if any(begin < end and start < begin + length for start, end in covered):
            continue
        result.append({"offset": begin, "length": length, "type": str(match.lastgroup)})
    return result


@dataclass(slots=True)
class _Open:
    """A tag or mark that waits for its end."""

    name: str
    offset: int
    byte: int
    begin: int
    argument: str = ""
    form: str = ""


class _Output:
    """The text so far, counted in UTF-16 units."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.entities: list[Json] = []

    def put(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += units(piece)

    def text(self) -> str:
        return "".join(self.pieces)

    def since(self, offset: int) -> str:
        cut = self.text().encode("utf-16-le", "surrogatepass")[2 * offset :]
        return cut.decode("utf-16-le", "surrogatepass")

    def close(self, kind: str, offset: int, **more: Any) -> None:
        if self.length > offset:
            self.entities.append(
                {"offset": offset, "length": self.length - offset, "type": kind, **more}
            )


def _byte(text: str, at: int) -> int:
    return len(text[:at].encode())


_TAG_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE = re.compile(
    r"""\s*(?P<name>[^\s=>/"']+)(?:\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'"""
    r"""|(?P<bare>[A-Za-z0-9.-]+)(?=[\s>])))?"""
)
_CHARACTER = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#[xX][0-9A-Fa-f]+);?")


def _unescaped(text: str) -> str:
    """Decode the few character references that Telegram knows."""
    return _CHARACTER.sub(lambda match: html.unescape(match.group()), text)


def _html(text: str) -> tuple[str, list[Json]]:
    output = _Output()
    opened: list[_Open] = []
    at = 0
    while at < len(text):
        tag = text.find("<", at)
        if tag < 0:
            output.put(_unescaped(text[at:]))
            break
        output.put(_unescaped(text[at:tag]))
        if text.startswith("</", tag):
            at = _html_end(text, tag, opened, output)
        else:
            at = _html_start(text, tag, opened, output)
    if opened:
        raise _Unparsable(f'Can\'t find end tag corresponding to start tag "{opened[-1].name}"')
    return output.text(), output.entities


def _html_start(text: str, tag: int, opened: list[_Open], output: _Output) -> int:
    byte = _byte(text, tag)
    match = _TAG_NAME.match(text, tag + 1)
    assert match is not None
    name, at = match.group().lower(), match.end()
    if at >= len(text):
        raise _Unparsable(f"Unclosed start tag at byte offset {byte}")
    if name not in _HTML_TAGS:
        raise _Unparsable(f'Unsupported start tag "{name}" at byte offset {byte}')
    begun = _Open(name, output.length, byte, output.length)
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at >= len(text):
            raise _Unparsable(f'Unclosed start tag "{name}" at byte offset {byte}')
        if text[at] == ">":
            break
        attribute = _ATTRIBUTE.match(text, at)
        if attribute is None:
            raise _Unparsable(f'Empty attribute name in the tag "{name}" at byte offset {byte}')
        if attribute.end() >= len(text):
            raise _Unparsable(f"Unclosed start tag at byte offset {byte}")
        if text[attribute.end()] == "=":
            value_at = _byte(text, attribute.end() + 1)
            raise _Unparsable(f"Unexpected end of name token at byte offset {value_at}")
        at = attribute.end()
        key = attribute["name"]
        value = _unescaped(
            attribute["double"] or attribute["single"] or (attribute["bare"] or "").lower()
        )
        match name, key:
            case ("a", "href") | ("tg-emoji", "emoji-id") | ("tg-time", "unix"):
                begun.argument = value
            case "tg-time", "format":
                begun.form = value
            case "code", "class" if value.startswith("language-"):
                begun.argument = value.removeprefix("language-")
            case "span", "class" if value.startswith("tg-"):
                begun.argument = value.removeprefix("tg-")
            case "blockquote", "expandable":
                begun.argument = "1"
    if name == "span" and begun.argument != "spoiler":
        raise _Unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {byte}')
    opened.append(begun)
    return at + 1


def _html_end(text: str, tag: int, opened: list[_Open], output: _Output) -> int:
    byte = _byte(text, tag)
    if not opened:
        raise _Unparsable(f"Unexpected end tag at byte offset {byte}")
    match = _TAG_NAME.match(text, tag + 2)
    assert match is not None
    name, at = match.group().lower(), match.end()
    while at < len(text) and text[at].isspace():
        at += 1
    if at >= len(text) or text[at] != ">":
        raise _Unparsable(f"Unclosed end tag at byte offset {byte}")
    begun = opened[-1]
    if name and name != begun.name:
        raise _Unparsable(
            f'Unmatched end tag at byte offset {byte}, expected "</{begun.name}>", '
            f'found "</{name}>"'
        )
    opened.pop()
    match begun.name:
        case "a":
            url = _checked_url(begun.argument or output.since(begun.offset))
            if url is not None:
                output.close("text_link", begun.offset, url=url)
        case "tg-emoji":
            if not begun.argument.isdecimal():
                raise Refused("Invalid custom emoji identifier specified")
            output.close("custom_emoji", begun.offset, custom_emoji_id=begun.argument)
        case "tg-time":
            if begun.argument.isdecimal():
                more = {"date_time_format": begun.form} if begun.form else {}
                output.close("date_time", begun.offset, unix_time=int(begun.argument), **more)
        case "blockquote" if begun.argument:
            output.close("expandable_blockquote", begun.offset)
        case "pre":
            last = output.entities[-1] if output.entities else None
            if (
                last
                and last.get("_language")
                and last["offset"] == begun.offset
                and last["length"] == output.length - begun.offset
            ):
                last["type"], last["language"] = "pre", last.pop("_language")
            else:
                output.close("pre", begun.offset)
        case "code" if begun.argument and opened and opened[-1].name == "pre":
            output.close("code", begun.offset, _language=begun.argument)
        case other:
            output.close(_HTML_TAGS[other], begun.offset)
    if begun.name != "code":
        for entity in output.entities:
            entity.pop("_language", None)
    return at + 1


def _markdown_v2(text: str) -> tuple[str, list[Json]]:
    output = _Output()
    opened: list[_Open] = []
    at = 0
    may_quote = True
    in_quote = False
    while at < len(text):
        character = text[at]
        if character == "\\" and at + 1 < len(text) and 0 < ord(text[at + 1]) <= 126:
            output.put(text[at + 1])
            at += 2
            may_quote = False
            continue
        inside = opened[-1].name if opened else ""
        reserved = "`" if inside in ("code", "pre") else "_*[]()~`>#+-=|{}.!\n"
        if character not in reserved:
            output.put(character)
            at += 1
            may_quote = may_quote and character == "\r"
            continue
        ends_quote = in_quote and character == "\n" and not text.startswith(">", at + 1)
        if opened and (ends_quote or _ends_mark(text, at, inside)):
            if ends_quote:
                kind = "blockquote"
                if inside == "spoiler" and opened[-1].byte == _byte(text, at) - 2:
                    opened.pop()
                    kind = "expandable_blockquote"
                if not opened or opened[-1].name != "blockquote":
                    raise _unended(opened)
                begun = opened.pop()
                output.put("\n")
                output.close(kind, begun.offset)
                in_quote, may_quote = False, True
                at += 1
            else:
                at = _end_mark(text, at, opened.pop(), output)
            continue
        if character == "\n":
            output.put("\n")
            may_quote = True
            at += 1
            continue
        if character == ">" and may_quote:
            if not in_quote:
                opened.append(_Open("blockquote", output.length, _byte(text, at), 0))
                in_quote = True
            at += 1
            may_quote = False
            continue
        may_quote = False
        at = _begin_mark(text, at, opened, output)
    if in_quote:
        kind = "blockquote"
        if opened[-1].name == "spoiler" and opened[-1].byte == len(text.encode()) - 2:
            opened.pop()
            kind = "expandable_blockquote"
        if opened and opened[-1].name == "blockquote":
            output.close(kind, opened.pop().offset)
    if opened:
        raise _unended(opened)
    return output.text(), output.entities


def _unended(opened: list[_Open]) -> _Unparsable:
    begun = opened[-1]
    return _Unparsable(
        f"Can't find end of {_TYPE_NAMES[begun.name]} entity at byte offset {begun.byte}"
    )


def _ends_mark(text: str, at: int, inside: str) -> bool:
    match inside:
        case "italic":
            return text[at] == "_" and not text.startswith("__", at)
        case "text_link" | "custom_emoji":
            return text[at] == "]"
        case "blockquote" | "":
            return False
    mark = next(mark for mark, kind in _MARKDOWN_MARKS.items() if kind == inside)
    return text.startswith(mark, at)


def _begin_mark(text: str, at: int, opened: list[_Open], output: _Output) -> int:
    begun = _Open("", output.length, _byte(text, at), 0)
    for mark in ("```", "||", "__", "_", "*", "~", "`"):
        if text.startswith(mark, at):
            begun.name = _MARKDOWN_MARKS[mark]
            at += len(mark)
            if mark == "```":
                language = re.compile(r"([^\s`]*)(\s)?").match(text, at)
                assert language is not None
                if language[1] and language[2]:
                    begun.argument = language[1]
                    at = language.end(1)
                at += 2 if text.startswith("\r\n", at) else text.startswith("\n", at)
            opened.append(begun)
            return at
    if text[at] == "[":
        begun.name = "text_link"
    elif text.startswith("![", at):
        begun.name = "custom_emoji"
        at += 1
    else:
        raise _Unparsable(
            f"Character '{text[at]}' is reserved and must be escaped with the preceding '\\'"
        )
    opened.append(begun)
    return at + 1


def _end_mark(text: str, at: int, begun: _Open, output: _Output) -> int:
    if begun.name in ("text_link", "custom_emoji"):
        at += 1
        if not text.startswith("(", at):
            if begun.name == "custom_emoji":
                raise _Unparsable("The entity must contain a tg://emoji or tg://time URL")
            url: str | None = output.since(begun.offset)
        else:
            end = re.compile(r"(?:\\[\x01-\x7e]|[^)\\]|\\)*").match(text, at + 1)
            assert end is not None
            if not text.startswith(")", end.end()):
                where = _byte(text, at + 1)
                raise _Unparsable(f"Can't find end of a URL at byte offset {where}")
            url = re.sub(r"\\([\x01-\x7e])", r"\1", end.group())
            at = end.end() + 1
        if begun.name == "text_link":
            url = _checked_url(url or "")
            if url is not None:
                output.close("text_link", begun.offset, url=url)
            return at
        emoji = re.fullmatch(r"tg://emoji\?id=(\d+)", url or "")
        moment = re.fullmatch(r"tg://time\?unix=(\d+)(?:&format=(\w+))?", url or "")
        if emoji:
            output.close("custom_emoji", begun.offset, custom_emoji_id=emoji[1])
        elif moment:
            more = {"date_time_format": moment[2]} if moment[2] else {}
            output.close("date_time", begun.offset, unix_time=int(moment[1]), **more)
        else:
            raise _Unparsable("Invalid tg://emoji or tg://time URL specified")
        return at
    if begun.name == "pre" and begun.argument:
        output.close("pre", begun.offset, language=begun.argument)
    else:
        output.close(begun.name, begun.offset)
    mark = next(mark for mark, kind in _MARKDOWN_MARKS.items() if kind == begun.name)
    return at + len(mark)


def _markdown(text: str) -> tuple[str, list[Json]]:
    """Parse the legacy mode: no nesting, `*`, `_`, backticks and links."""
    output = _Output()
    at = 0
    while at < len(text):
        character = text[at]
        if character == "\\" and text[at + 1 : at + 2] in ("_", "*", "`", "["):
            output.put(text[at + 1])
            at += 2
            continue
        if character not in "_*`[":
            output.put(character)
            at += 1
            continue
        begin, offset = at, output.length
        mark = "```" if text.startswith("```", at) else "]" if character == "[" else character
        start = at + (3 if mark == "```" else 1)
        end = text.find(mark, start)
        if end < 0:
            where = _byte(text, begin)
            raise _Unparsable(f"Can't find end of the entity starting at byte offset {where}")
        output.put(text[start:end])
        at = end + len(mark)
        if mark == "]":
            link = re.compile(r"\(([^)]*)\)").match(text, at)
            url = _checked_url(link[1] if link else text[start:end])
            at = link.end() if link else at
            if url is not None:
                output.close("text_link", offset, url=url)
        else:
            output.close(_MARKDOWN_MARKS[mark] if mark != "_" else "italic", offset)
    return output.text(), output.entities
