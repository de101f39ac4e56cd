"""What no single file can show: dangling names, missing wording, look-alike letters, clashes.

Each problem names its place as `file#key#key`; `folder` turns the keys into a line.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.errors import Problem
from bot.knowledge.model import Knowledge


def check(knowledge: Knowledge) -> Iterator[Problem]:
    """Give every problem that shows only when the files are held together."""
    yield from ()
