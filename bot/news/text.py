"""Text as Telegram takes and counts it."""

from __future__ import annotations

import re

_UNWANTED = {
    code: None
    for code in (
        *range(0x20), 0x7F, *range(0x80, 0xA0), 0x061C, 0x200E, 0x200F,
        *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF,
    )
    if code != 0x0A
}  # fmt: skip
_UNWANTED |= dict.fromkeys((0x09, 0x2028, 0x2029), " ")  # type: ignore[arg-type]
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def clean(text: str) -> str:
    """Take out what would turn or hide text: control characters, marks of direction."""
    return _SURROGATE.sub("", text.translate(_UNWANTED)).strip()


def units(text: str) -> int:
    """Give the length of a text in UTF-16 units, in which Telegram gives limits and offsets.

    https://core.telegram.org/api/entities#entity-length
    """
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
