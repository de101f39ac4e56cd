"""Refuse YAML that could bring the program down: nested without end, or aliases of aliases.

The C loader recurses for each level and ends the process where the stack does; a few lines of
aliases stand for more values than memory holds. No file here needs either: an alias stands for
words that are written once, such as a quote of several facts.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

DEEPEST = 50
"""Levels of lists and mappings; the deepest file that is meant has eight."""
BRACKET = re.compile(r"[\[\]{}]")
INDENTED = re.compile(rf"^[ ?:-]{{{DEEPEST}}}", re.MULTILINE)
"""How a line begins that may be so deep: each level takes a column at least."""


def check_plain(text: str) -> None:
    """Raise `yaml.MarkedYAMLError` where a text is nested too deep or has aliases of lists.

    What is expected is its `note`. Most texts are cleared without being parsed a second time.
    """
    if "&" not in text and not _may_be_deep(text):
        return
    depth = 0
    words: set[str | None] = set()
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        mark: Any = event.start_mark
        if isinstance(event, yaml.ScalarEvent):
            words.add(event.anchor)
        elif isinstance(event, yaml.AliasEvent) and event.anchor not in words:
            found = f"*{event.anchor}, which stands for no single value"
            raise yaml.MarkedYAMLError(None, None, found, mark, "aliases of words or numbers")
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            found = f"more than {DEEPEST} levels of lists and mappings"
            raise yaml.MarkedYAMLError(None, None, found, mark, "as few as the schema has")


def _may_be_deep(text: str) -> bool:
    depth = deepest = 0
    for bracket in BRACKET.findall(text):
        depth = depth + 1 if bracket in "[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest > DEEPEST or INDENTED.search(text) is not None
