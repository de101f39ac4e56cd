"""Check a folder of knowledge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.cli.loading import folder_of, now
from bot.cli.printing import table, terminal
from bot.cli.program import WRONG, WrongArgumentError, app
from bot.errors import KnowledgeError, Problem

if TYPE_CHECKING:
    from bot.knowledge.model import Knowledge
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
    from bot.workshop.checks import check_questions, load_checked, question_files, tests_beside
    from bot.workshop.questions import QuestionsError

    checked = folder_of(folder)
    for path in tests or ():
        if not question_files(path):
            raise WrongArgumentError(f"--tests: found no question file at {path}; expected some")
    try:
        knowledge = load_checked(checked)
    except KnowledgeError as error:
        _end_with([_placed(problem, checked) for problem in error.problems], checked)
    given = [file for path in tests or () for file in question_files(path)]
    try:
        files, problems = check_questions(knowledge, given or tests_beside(checked), now())
    except QuestionsError as error:
        _end_with(list(map(str, error.problems)), checked)
    _print_completeness(knowledge, files)
    if problems:
        _end_with([_placed(problem, checked) for problem in problems], checked)
    asked = sum(len(file.questions) for file in files)
    typer.echo(
        f"{checked}: ok, {_counts(knowledge)}, {asked} question tests, version {knowledge.version}"
    )


def _end_with(problems: Sequence[str], folder: Path) -> NoReturn:
    for problem in problems:
        typer.echo(problem)
    count = len(problems)
    typer.echo(f"{folder}: {count} problem{'s' if count > 1 else ''}", err=True)
    raise typer.Exit(WRONG)


def _print_completeness(knowledge: Knowledge, files: Sequence[QuestionFile]) -> None:
    from bot.workshop.parity import completeness

    found = completeness(knowledge, files)
    kinds = [part.kind for part in found[0].parts]
    rows = [
        (one.language, *(f"{part.has}/{part.wanted}" for part in one.parts), f"{one.percent:.1f}")
        for one in found
    ]
    titles = ("language", *kinds, "complete, %")
    terminal().print(table(titles, rows, right=titles[1:]))
    typer.echo()


def _placed(problem: Problem, folder: Path) -> str:
    """Write a problem with a path that an editor opens from here."""
    path = Path(problem.path.split("#")[0])
    return str(
        problem if path == folder or path.exists() else replace(problem, path=str(folder / path))
    )


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
