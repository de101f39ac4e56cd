"""Measure how fast and how large the bot is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.loading import folder_of
from bot.cli.printing import print_json, table, terminal
from bot.cli.program import JsonOption, KnowledgeOption, app
from bot.knowledge.folder import load

if TYPE_CHECKING:
    from bot.knowledge.model import Knowledge
    from bot.workshop.benchmarks import Asked


@app.command()
def bench(
    questions: Annotated[
        Path | None,
        typer.Argument(metavar="QUESTIONS", help="A question file; else the shipped one."),
    ] = None,
    as_json: JsonOption = False,
    knowledge: KnowledgeOption = None,
) -> None:
    """Measure how fast and how large the bot is."""
    from bot.workshop import benchmarks

    folder = folder_of(knowledge)
    loaded = load(folder)
    asked, named = _questions_to_time(questions, loaded)
    figures = benchmarks.measure(folder, loaded, asked, named)
    if as_json:
        print_json(benchmarks.as_json(figures))
        return
    rows = [
        (figure.what, f"{figure.value} {figure.unit}".strip(),
         f"{figure.limit} {figure.unit}".strip(), "yes" if figure.holds else "NO", figure.how)
        for figure in figures
    ]  # fmt: skip
    titles = ("what", "measured", "at most", "holds", "how")
    terminal().print(table(titles, rows, right=("measured", "at most")))


def _questions_to_time(path: Path | None, knowledge: Knowledge) -> tuple[Sequence[Asked], str]:
    """Give the questions to measure with, and where they are from."""
    from bot.workshop import benchmarks
    from bot.workshop.questions import read

    if path is None and not benchmarks.SHIPPED_QUESTIONS.is_file():
        return benchmarks.examples(knowledge), "the knowledge's own examples"
    path = path or benchmarks.SHIPPED_QUESTIONS
    asked = [
        benchmarks.Asked(question.text, question.lang, question.session)
        for file in read([path])
        for question in file.questions
    ]
    return asked, path.name
