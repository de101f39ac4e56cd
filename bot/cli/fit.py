"""Fit the thresholds to the declared budget of wrong answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.loading import checked_output, folder_of, now, ready
from bot.cli.printing import print_json, table, terminal
from bot.cli.program import FAILED, JsonOption, KnowledgeOption, WrongArgumentError, app


@app.command()
def fit(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE...]", help="Question files; else the shipped ones."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail where they no longer hold.")
    ] = False,
    as_json: JsonOption = False,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw the risk-coverage curve, as .png or .svg."),
    ] = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Fit the thresholds to the budget of wrong answers; show what each would cost."""
    from bot.workshop import questions, thresholds

    checked_output("--picture", picture)
    read = files or questions.shipped()
    if not read:
        raise WrongArgumentError("fit: found no FILE and no shipped questions; name a file")
    folder = folder_of(knowledge)
    answerer = ready(folder)
    texts = {"\n".join(one.lines) for one in answerer.knowledge.documents.values()}
    stored = answerer.knowledge.thresholds
    asked = thresholds.ask(questions.read(read, texts), answerer, now())
    points = thresholds.curve(asked)
    if picture is not None:
        thresholds.draw(points, stored.budget, picture)
    fitted = thresholds.fit(asked, stored)
    if not check:
        thresholds.store(folder, fitted)
    if as_json:
        print_json(thresholds.as_json(stored, fitted, points))
    else:
        rows = [
            (str(one.threshold), str(one.answers), str(one.wrong), f"{one.coverage:.2f}",
             f"{one.risk:.2f}")
            for one in points
        ]  # fmt: skip
        titles = ("threshold", "answers", "wrong", "coverage %", "risk %")
        console = terminal()
        console.print(table(titles, rows, right=titles))
        console.out(
            f"\nbudget {stored.budget:g} %: rules from {fitted.rules:g}, passages from"
            f" {fitted.passages:g}"
        )
        if stored != fitted:
            said = "no longer hold" if check else "were"
            console.out(
                f"stored thresholds {said}: rules {stored.rules:g}, passages {stored.passages:g}"
            )
    if check and stored != fitted:
        raise typer.Exit(FAILED)
