"""Ask the questions of files and judge the replies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.loading import answerer_in, now
from bot.cli.printing import print_json, table, terminal
from bot.cli.program import JsonOption, KnowledgeOption, app

if TYPE_CHECKING:
    from rich.table import Table

    from bot.workshop.score import Row, Score


@app.command(name="eval")
def evaluate(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Question files, JSON Lines or YAML.")
    ],
    as_json: JsonOption = False,
    show_failures: Annotated[
        int, typer.Option(metavar="N", min=0, help="How many failures to show.")
    ] = 10,
    knowledge: KnowledgeOption = None,
) -> None:
    """Ask the questions of files and judge the replies; failures do not change the exit status."""
    from bot.workshop import questions
    from bot.workshop.score import score

    answerer = answerer_in(knowledge)
    documents = answerer.knowledge.documents.values()
    read = questions.read(files, {"\n".join(document.lines) for document in documents})
    result = score(read, answerer, now())
    if as_json:
        print_json(result.as_json())
    else:
        _print_score(result, show_failures)


def _print_score(result: Score, show_failures: int) -> None:
    from bot.workshop.score import MEANINGS, Verdict

    console = terminal()
    for title, rows in (("category", result.by_category()), ("language", result.by_language())):
        console.print(_score_table(title, rows, result.total))
        console.print()
    verdicts = [
        (verdict.value, str(result.count(verdict)), MEANINGS[verdict]) for verdict in Verdict
    ]
    console.print(table(("verdict", "n", "meaning"), verdicts, right=("n",)))
    console.out(f"\nquotes not verbatim: {result.quotes_not_verbatim} of {result.quotes}")
    shown = result.failures[:show_failures]
    if shown:
        console.out(f"\nfailures, {len(shown)} of {len(result.failures)}:")
    for one in shown:
        question = one.question
        head = f"\n{question.id} [{question.category}, {question.lang}] {one.verdict.value}"
        console.out(head, style="bold")
        console.out(f"  question: {' '.join(question.text.split())}")
        if one.reply is not None:
            said = " ".join(one.reply.answer.split())
            console.out(f"  reply:    {one.reply.outcome.value}: {said}")
        for fault in one.faults:
            console.out(f"  {fault.check.value}: {fault.message}")


def _score_table(title: str, rows: Sequence[Row], total: Row) -> Table:
    told = [
        (row.name, str(row.asked), str(row.correct), f"{row.percent:.1f}")
        for row in (*rows, total)
    ]
    return table((title, "n", "correct", "%"), told, right=("n", "correct", "%"), total=True)
