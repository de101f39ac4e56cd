"""Answer one question, or with --batch a file of them."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.answering import Conversation, Question
from bot.cli.batch import answer_batch, batch_lines
from bot.cli.explain import print_explanation
from bot.cli.loading import answerer_in, checked_language, now
from bot.cli.printing import print_json, print_reply
from bot.cli.program import (
    FAILED,
    JsonOption,
    KnowledgeOption,
    LanguageOption,
    WrongArgumentError,
    app,
)


@app.command()
def ask(
    question: Annotated[
        list[str] | None, typer.Argument(metavar="QUESTION", help="What to ask.")
    ] = None,
    as_json: JsonOption = False,
    batch: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="With --json: answer each line of a JSON Lines file; - for stdin."
        ),
    ] = None,
    lang: LanguageOption = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how the question was understood.")
    ] = False,
    knowledge: KnowledgeOption = None,
) -> None:
    """Answer a question, or with --batch a file of them."""
    if batch is not None:
        if question or explain or not as_json:
            raise WrongArgumentError("--batch goes with --json, without QUESTION and --explain")
        with batch_lines(batch) as lines:
            answerer = answerer_in(knowledge)
            failed = answer_batch(lines, answerer, checked_language(lang, answerer), now)
        raise typer.Exit(FAILED if failed else 0)
    if not question:
        raise WrongArgumentError("ask: found no QUESTION; expected one, or --json --batch FILE")
    if explain and as_json:
        raise WrongArgumentError("--explain is for people: it does not go with --json")
    answerer = answerer_in(knowledge)
    asked = Question(" ".join(question), chosen_language=checked_language(lang, answerer))
    reply, _ = answerer.answer(asked, Conversation(), now())
    if as_json:
        print_json(reply.as_json(None))
        return
    print_reply(reply, reply.text)
    if explain:
        print_explanation(asked.text, reply, answerer)
