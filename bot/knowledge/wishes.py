"""What a shape expects, in words for whoever writes the files: pydantic's are for programmers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.knowledge.shapes import PATTERNS

DAY = "a day as YYYY-MM-DD"
WISHES: Mapping[str, str] = {
    "model_type": "keys with values",
    "dict_type": "keys with values",
    "list_type": "a list",
    "tuple_type": "a list, or words with commas between them",
    "string_type": "text; in quotation marks if it looks like a number, yes or no",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "enum": "one of {expected}",
    "literal_error": "one of {expected}",
    "greater_than_equal": "at least {ge:g}",
    "less_than_equal": "at most {le:g}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length}, not {actual_length}",
    "too_long": "at most {max_length}, not {actual_length}",
    "extra_forbidden": "a key of the schema",
    "missing": "this key",
}
"""By pydantic's type of a fault; its context fills them in."""


def wish(fault: Mapping[str, Any]) -> str:
    """Say what is expected in the place of a value that pydantic refuses."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind.startswith("date"):
        return DAY
    if kind == "value_error":
        return str(context["error"]).removeprefix("expected ")
    if kind == "string_pattern_mismatch":
        return PATTERNS[context["pattern"]]
    if kind == "string_too_short" and context["min_length"] == 1:
        return "text that is not empty"
    if kind in WISHES:
        return WISHES[kind].format(**context).replace("'", "")
    return str(fault["msg"])
