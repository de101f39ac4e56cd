"""Try the bot with other ways of writing the same question, and with questions worded alike."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.loading import folder_of, now, ready
from bot.cli.printing import print_json, table, terminal
from bot.cli.program import FAILED, JsonOption, KnowledgeOption, WrongArgumentError, app

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.table import Table

    from bot.workshop.score import Row
    from bot.workshop.steadiness import Steadiness


@app.command()
def variants(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE...]", help="Question files; else the shipped ones."),
    ] = None,
    as_json: JsonOption = False,
    every: Annotated[
        int, typer.Option(metavar="N", min=1, help="Try one of each N: a sample.")
    ] = 1,
    show_failures: Annotated[
        int, typer.Option(metavar="N", min=0, help="How many failures to show.")
    ] = 10,
    knowledge: KnowledgeOption = None,
) -> None:
    """Write right questions otherwise and ask twins; tell which answers do not hold."""
    from bot.workshop import questions, steadiness, twins, writing

    read = files or questions.shipped()
    if not read:
        raise WrongArgumentError("variants: found no FILE and no shipped questions; name a file")
    folder = folder_of(knowledge)
    answerer = ready(folder)
    ways = writing.read(folder, answerer.knowledge)
    documents = answerer.knowledge.documents.values()
    texts = {"\n".join(document.lines) for document in documents}
    pairs = twins.pairs(ways, answerer.knowledge)
    found = steadiness.measure(questions.read(read, texts), pairs, answerer, ways, now(), every)
    if not found.variants:
        raise WrongArgumentError(
            f"variants: found none to try with --every {every}; expected a smaller number, or"
            " question files with questions that are answered right"
        )
    if as_json:
        print_json(found.as_json())
    else:
        _print(found, show_failures)
    if found.broken:
        raise typer.Exit(FAILED)


def _print(found: Steadiness, show_failures: int) -> None:
    console = terminal()
    console.print(_table("variant", found.rows(lambda one: one.kind)))
    console.print()
    console.print(_table("language", found.rows(lambda one: one.original.lang)))
    console.print()
    console.print(_table("twins", found.twin_rows()))
    console.print()
    for row, wrong in ((found.kept, found.wrong_variants), (found.apart, found.wrong_twins)):
        share = f"{row.correct} of {row.asked} right ({row.percent} %)"
        console.out(f"{row.name}: {share}, {wrong} wrong facts")
    lost = [(one.kind, one.judgement) for one in found.variants if not one.is_kept]
    lost += [(one.pair.name, side) for one in found.twins for side in one.sides if side.faults]
    for kind, judgement in lost[:show_failures]:
        console.out(f"{judgement.question.id} [{kind}] {judgement.verdict.value}", style="bold")
        console.out(f"  question: {' '.join(judgement.question.text.split())}")
        if judgement.reply is not None:
            said = " ".join(judgement.reply.answer.split())
            console.out(f"  reply:    {judgement.reply.outcome.value}: {said}")
        for fault in judgement.faults:
            console.out(f"  {fault.check.value}: {fault.message}")
    for told in found.broken:
        console.out(f"does not hold: {told}")


def _table(title: str, rows: Iterable[tuple[Row, int]]) -> Table:
    told = [
        (row.name, str(row.asked), str(row.correct), f"{row.percent:.1f}", str(wrong))
        for row, wrong in rows
    ]
    figures = ("n", "right", "%", "wrong facts")
    return table((title, *figures), told, right=figures)
