"""The program around the commands: its options, errors and exit statuses."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from bot.errors import BotError

FAILED = 1
WRONG = 2
DEFECTS = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What only a mistake in the program raises; what ends a command on purpose is none of them."""


class WrongArgumentError(BotError):
    """Arguments that cannot be used together, or that name what is not there."""


class _Commands(TyperGroup):
    """Tells errors in a sentence and with an exit status: nobody is shown a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BotError as error:
            typer.echo(str(error), err=True)
            # What lists problems (knowledge, settings, question files) was given wrong.
            wrong = isinstance(error, WrongArgumentError) or hasattr(error, "problems")
            raise typer.Exit(WRONG if wrong else FAILED) from None
        except BrokenPipeError:  # whoever read our output has seen enough
            raise
        except OSError as error:
            typer.echo(f"cannot go on: {error}", err=True)
            raise typer.Exit(FAILED) from None
        except DEFECTS as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            typer.echo(
                f"cannot go on: {type(error).__name__}: {error}, at {Path(place.filename).name}:"
                f"{place.lineno}; this is a defect of the program: please report it",
                err=True,
            )
            raise typer.Exit(FAILED) from None


app = typer.Typer(
    name="csto-bot",
    cls=_Commands,
    help="Answer questions from given documents, each answer with the line that says it.",
    add_completion=True,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

KnowledgeOption = Annotated[
    Path | None,
    typer.Option("--knowledge", metavar="DIR", help="The folder of knowledge to answer from."),
]
LanguageOption = Annotated[
    str | None,
    typer.Option("--lang", metavar="CODE", help="The language of replies; else the question's."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def main() -> NoReturn:
    """Run the command line with the arguments of this process; never returns."""
    if sys.stdout is None:
        sys.exit("nothing can be printed: standard output is closed")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what a terminal cannot show is written in ASCII
            stream.reconfigure(errors="backslashreplace")
    app()
    raise AssertionError("a command always ends the process")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("csto-bot")
        except PackageNotFoundError:
            number = "(not installed)"
        typer.echo(f"csto-bot {number}")
        raise typer.Exit


@app.callback()
def _options(
    _version_wanted: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Take the options that stand before a command."""
