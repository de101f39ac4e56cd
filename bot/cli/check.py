"""Check a folder of knowledge."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.loading import folder_of
from bot.cli.program import WRONG, app
from bot.errors import KnowledgeError, Problem

if TYPE_CHECKING:
    from bot.knowledge.model import Knowledge


@app.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="The folder; else the one set or shipped.")
    ] = None,
) -> None:
    """Check a folder of knowledge; every problem is listed as file:line, found, expected."""
    from bot.workshop.checks import load_checked

    checked = folder_of(folder)
    try:
        knowledge = load_checked(checked)
    except KnowledgeError as error:
        for problem in error.problems:
            typer.echo(_placed(problem, checked))
        count = len(error.problems)
        typer.echo(f"{checked}: {count} problem{'s' if count > 1 else ''}", err=True)
        raise typer.Exit(WRONG) from None
    typer.echo(f"{checked}: ok, {_counts(knowledge)}, version {knowledge.version}")


def _placed(problem: Problem, folder: Path) -> str:
    """Write a problem with a path that an editor opens from here."""
    path = Path(problem.path)
    return str(problem if path == folder else replace(problem, path=str(folder / path)))


def _counts(knowledge: Knowledge) -> str:
    passages = sum(len(document.passages) for document in knowledge.documents.values())
    counted = (
        (len(knowledge.documents), "documents"),
        (passages, "passages"),
        (len(knowledge.entities), "entities"),
        (len(knowledge.facts), "facts"),
        (len(knowledge.intents), "intents"),
        (len(knowledge.languages), f"languages ({', '.join(knowledge.languages)})"),
    )
    return ", ".join(f"{number} {what}" for number, what in counted)
