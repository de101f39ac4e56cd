"""Measure how fast and how large the bot is, and how well its scorer matches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from bot.cli.loading import folder_of
from bot.cli.printing import print_json, table, terminal
from bot.cli.program import JsonOption, KnowledgeOption, app
from bot.knowledge.folder import load

if TYPE_CHECKING:
    from rich.table import Table

    from bot.knowledge.model import Knowledge
    from bot.workshop.benchmarks import Asked
    from bot.workshop.matcher import Sweep


class _Measurements(TyperGroup):
    """Takes the speed for what is to be measured, where nothing else is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["speed", *args]
        return super().parse_args(ctx, args)


bench = typer.Typer(
    cls=_Measurements, help="Measure speed and memory (`speed`, also without a name), and more."
)
app.add_typer(bench, name="bench")


@bench.command()
def speed(
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


@bench.command()
def matcher(
    train: Annotated[
        Path, typer.Argument(metavar="TRAIN", help="Labelled sentences to learn from.")
    ],
    test: Annotated[Path, typer.Argument(metavar="TEST", help="Labelled sentences to measure.")],
    as_json: JsonOption = False,
) -> None:
    """Measure the bot's scorer on CSV files with the columns `sentence` and `label`."""
    from bot.workshop import matcher

    own, yardstick = matcher.measure(*matcher.read(train, test))
    if as_json:
        print_json({**own.as_json(), "yardstick": yardstick.as_json()})
        return
    console = terminal()
    for sweep in (own, yardstick):
        console.print(_sweep_table(sweep))
        console.out(f"best mcc {sweep.best.mcc:.3f}, threshold {sweep.best.threshold}\n")


def _sweep_table(sweep: Sweep) -> Table:
    figures = ("accuracy", "in scope", "out of scope refused", "mcc")
    rows = [
        (f"{row.threshold:.1f}", f"{row.accuracy:.3f}", f"{row.in_scope_accuracy:.3f}",
         f"{row.out_of_scope_recall:.3f}", f"{row.mcc:.3f}")
        for row in sweep.rows
    ]  # fmt: skip
    return table((sweep.matcher, *figures), rows, right=figures)


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
