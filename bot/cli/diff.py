"""Show what a change of the knowledge does to the replies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.loading import named_tests, now
from bot.cli.printing import print_json, terminal
from bot.cli.program import JsonOption, WrongArgumentError, app

if TYPE_CHECKING:
    from bot.workshop.questions import QuestionFile

TestsOption = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE", help="Question tests, or folders of them; else tests/questions beside."
    ),
]


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A folder of knowledge.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The same one, changed.")],
    tests: TestsOption = None,
    lang: Annotated[
        str | None, typer.Option("--lang", metavar="CODE", help="Questions in one language only.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show every question test whose reply changes between two versions, with both replies."""
    from bot.workshop.diff import changes, load_both

    before, after = load_both(old, new, lang)
    files = tests_of(tests, new, old)
    asked, found = changes(files, before, after, now(), lang)
    if not asked:
        spoken = ", ".join(sorted({one.lang for file in files for one in file.questions}))
        raise WrongArgumentError(f"--lang: found no question in {lang}; expected one of {spoken}")
    if as_json:
        print_json({"asked": asked, "changed": [change.as_json() for change in found]})
        return
    console = terminal()
    for change in found:
        question = change.question
        head = f"{question.id} [{question.lang}] {' '.join(question.text.split())}"
        console.out(head, style="bold")
        for sign, said, style in (("-", change.old, "red"), ("+", change.new, "green")):
            console.out(f"{sign} {said.outcome}, {said.intent}, {said.verdict.value}", style=style)
            for line in said.text.splitlines():
                console.out(f"{sign}   {line}".rstrip(), style=style)
        console.out("")
    typer.echo(f"{len(found)} of {asked} replies change")


def tests_of(given: list[Path] | None, *folders: Path) -> list[QuestionFile]:
    """Read the question tests that are named, or those beside the first folder that has some.

    Raises `WrongArgumentError` where there are none, `QuestionsError` where they are wrong.
    """
    from bot.workshop.checks import tests_beside
    from bot.workshop.questions import read

    paths = named_tests(given) or next(filter(None, map(tests_beside, folders)), [])
    if not paths:
        raise WrongArgumentError(
            f"found no tests/questions beside {' or '.join(map(str, dict.fromkeys(folders)))};"
            " expected question tests: --tests FILE"
        )
    return read(paths)
