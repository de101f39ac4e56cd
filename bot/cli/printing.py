"""Print for programs and for people: JSON, tables, what is styled where a terminal can."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import typer

from bot.answering import Reply

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PIPED_WIDTH = 100
"""Columns of a table that no terminal shows."""

LINE_BREAKS = {ord(character): f"\\u{ord(character):04x}" for character in "\x7f\x85\u2028\u2029"}
"""What some readers take for the end of a line, as JSON may write it."""


def print_json(data: object) -> None:
    """Print one line of JSON, whatever the encoding of the terminal.

    The standard asks for UTF-8; an unpaired surrogate, which has none, stays escaped.
    """
    text = json.dumps(data, ensure_ascii=False).translate(LINE_BREAKS)
    typer.echo(text.encode("utf-8", "backslashreplace"))


def terminal() -> Console:
    """Give what prints colours and tables, as wide as the terminal."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else PIPED_WIDTH
    return Console(width=width, markup=False, highlight=False, emoji=False)


def table(
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    total: bool = False,
) -> Table:
    """Make a table; the columns of `right` hold figures, and a total is the last row."""
    from rich import box
    from rich.table import Table

    told = list(rows)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for title in titles:
        table.add_column(title, justify="right" if title in right else "left")
    for number, row in enumerate(told, start=1):
        table.add_row(*row, end_section=total and number == len(told) - 1)
    return table


def print_reply(reply: Reply, text: str) -> None:
    """Print a reply; in a terminal the answer stands out and quotes step back."""
    if not sys.stdout.isatty():
        typer.echo(text)
        return
    from rich.text import Text

    shown = Text(text)
    place = text.find(reply.answer)
    if reply.answer and place >= 0:
        shown.stylize("bold", place, place + len(reply.answer))
    for source in reply.sources:
        quote = f"«{source.quote}»"
        place = text.find(quote)
        if place >= 0:
            shown.stylize("dim italic", place, place + len(quote))
    terminal().print(shown)
