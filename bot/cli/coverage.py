"""Show which facts and sentences no question reaches."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.diff import TestsOption, tests_of
from bot.cli.loading import checked_output, folder_of, now, ready
from bot.cli.printing import print_json, terminal
from bot.cli.program import JsonOption, KnowledgeOption, app

if TYPE_CHECKING:
    from bot.knowledge.model import Knowledge
    from bot.workshop.coverage import Coverage


@app.command()
def coverage(
    tests: TestsOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page.")
    ] = None,
    as_json: JsonOption = False,
    knowledge: KnowledgeOption = None,
) -> None:
    """Show which facts and sentences of the documents no question test reaches."""
    from bot.workshop import coverage as workshop

    checked_output("--html", html)
    folder = folder_of(knowledge)
    files = tests_of(tests, folder)
    answerer = ready(folder)
    found = workshop.coverage(files, answerer, now())
    if html is not None:
        html.write_text(workshop.page(found, answerer.knowledge), encoding="utf-8")
    if as_json:
        print_json(found.as_json())
        return
    _print_text(found, answerer.knowledge, folder)
    typer.echo(workshop.summary(found))


def _print_text(found: Coverage, knowledge: Knowledge, folder: Path) -> None:
    """Draw it over the text: what is not reached stands out, and is marked where no colour is."""
    from rich.text import Text

    from bot.knowledge.folder import opened
    from bot.knowledge.shapes import FactsShape

    console = terminal()
    plain = not sys.stdout.isatty()
    for document in knowledge.documents.values():
        console.out(document.title, style="bold")
        for one in (one for one in found.sentences if one.document == document.id):
            sign = " " if one.reached else "!"
            text = Text(f"{sign}{one.line:4}{one.reached:6}  ")
            text.append(one.text, style="" if one.reached else "black on red")
            console.print(text, soft_wrap=plain)
        console.out("")
    lacking = [one for one in found.facts if not one.reached]
    if lacking:
        console.out("facts that no question reaches", style="bold")
        places = opened(folder, [told.fact.place for told in lacking], FactsShape)
        for told, place in zip(lacking, places, strict=True):
            line = f", line {told.lines}" if told.lines else ""
            console.out(f"! {place}  {told.name}{line}")
        console.out("")
