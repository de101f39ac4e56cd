"""Check a folder of knowledge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.cli.loading import folder_of, named_tests, now
from bot.cli.printing import table, terminal
from bot.cli.program import WRONG, app
from bot.errors import KnowledgeError, Problem

if TYPE_CHECKING:
    from bot.knowledge.model import Knowledge
    from bot.workshop.parity import Completeness
    from bot.workshop.questions import QuestionFile


@app.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="The folder; else the one set or shipped.")
    ] = None,
    tests: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="Question tests, or folders of them; else tests/questions beside."
        ),
    ] = None,
) -> None:
    """Check a folder of knowledge, and its question tests against each intent.

    Every problem is listed as file:line, found, expected.
    """
    from bot.workshop import checks
    from bot.workshop.parity import completeness
    from bot.workshop.questions import QuestionsError

    checked = folder_of(folder)
    given = named_tests(tests)
    try:
        found = checks.check_folder(checked)
    except KnowledgeError as error:
        _end_with(error.problems, checked)
    knowledge, problems = found.knowledge, list(found.problems)
    files: list[QuestionFile] = []
    paths = given or checks.tests_beside(checked)
    try:
        files = checks.read_questions(knowledge, paths, is_whole=found.can_answer)
        if found.can_answer:
            whole = checks.folder_beside(checked) if paths and not given else None
            problems += checks.check_questions(knowledge, files, now(), whole)
    except QuestionsError as error:
        problems += error.problems
    _print_completeness(completeness(knowledge, () if given else files, found.partial))
    if problems:
        _end_with(problems, checked)
    asked = sum(len(file.questions) for file in files)
    typer.echo(
        f"{checked}: ok, {_counts(knowledge)}, {asked} question tests, version {knowledge.version}"
    )


def _end_with(problems: Sequence[Problem], folder: Path) -> NoReturn:
    for problem in problems:
        typer.echo(problem)
    count = len(problems)
    typer.echo(f"{folder}: {count} problem{'s' if count > 1 else ''}", err=True)
    raise typer.Exit(WRONG)


def _print_completeness(found: Sequence[Completeness]) -> None:
    if not found:
        return
    kinds = [part.kind for part in found[0].parts]
    rows = [
        (one.language, *(f"{part.has}/{part.wanted}" for part in one.parts), f"{one.percent:.1f}")
        for one in found
    ]
    titles = ("language", *kinds, "complete, %")
    terminal().print(table(titles, rows, right=titles[1:]))
    typer.echo()


def _counts(knowledge: Knowledge) -> str:
    passages = sum(len(document.passages) for document in knowledge.documents.values())
    counted = (
        (len(knowledge.documents), "documents"),
        (passages, "passages"),
        (len(knowledge.entities), "entities"),
        (len(knowledge.facts), "facts"),
        (len(knowledge.intents), "intents"),
        (len(knowledge.news), "announcement" if len(knowledge.news) == 1 else "announcements"),
        (len(knowledge.languages), f"languages ({', '.join(knowledge.languages)})"),
    )
    return ", ".join(f"{number} {what}" for number, what in counted)
