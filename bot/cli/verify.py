"""Verify a receipt: find the reply again that it was given for."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.loading import answerer_in, now
from bot.cli.printing import print_json, print_reply
from bot.cli.program import FAILED, JsonOption, KnowledgeOption, app


@app.command()
def verify(
    receipt: Annotated[str, typer.Argument(metavar="RECEIPT", help="As in `ask --json`.")],
    question: Annotated[
        list[str],
        typer.Argument(
            metavar="QUESTION", help="As it was asked; a button as /representative KG."
        ),
    ],
    after: Annotated[
        list[str] | None,
        typer.Option(metavar="QUESTION", help="What was asked before, in order; may be repeated."),
    ] = None,
    as_json: JsonOption = False,
    knowledge: KnowledgeOption = None,
) -> None:
    """Find the reply of a receipt again, without a network; exit status 1 where there is none.

    It takes the question, what was asked before it, and the same version of the knowledge.
    """
    from bot.workshop import receipts

    found = receipts.verify(
        receipt, " ".join(question), after or (), answerer_in(knowledge), now()
    )
    if as_json:
        print_json({"receipt": receipt, "holds": found.holds, "reply": found.reply.as_json(None)})
    elif found.holds:
        print_reply(found.reply, found.reply.text)
        typer.echo(f"\n{receipt}: holds, this is the reply that it was given for")
    else:
        typer.echo(
            f"{receipt}: does not hold: the reply to this is {found.reply.receipt}; expected the"
            " question letter for letter, and with --after each question before it, in order",
            err=True,
        )
    if not found.holds:
        raise typer.Exit(FAILED)
