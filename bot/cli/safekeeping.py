"""Write the store into a file, and make a store from one."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.printing import terminal
from bot.cli.program import app

TELL_EVERY = 5.0
"""Seconds between lines where no terminal shows a bar."""

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]


@app.command()
def backup(
    file: FileArgument,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write everything that the bot keeps into a file; bots may go on meanwhile."""
    from bot.settings import read_store
    from bot.store import Store

    url = read_store().database_url.get_secret_value()
    with _progress("backing up") as tell:
        made = asyncio.run(Store.backup(url, file, datetime.now(UTC), tell, force=force))
    typer.echo(f"{file}: {made.total} rows, {file.stat().st_size} bytes")


@app.command()
def restore(
    file: FileArgument,
    force: Annotated[
        bool, typer.Option("--force", help="Delete what the database holds now.")
    ] = False,
) -> None:
    """Make the database what a backup says, whichever kind either is; no bot may run."""
    from bot.settings import read_store
    from bot.store import Store

    url = read_store().database_url.get_secret_value()
    with _progress("restoring") as tell:
        made = asyncio.run(Store.restore(url, file, tell, force=force))
    typer.echo(f"{file}: {made.total} rows restored, as they were at {made.made_at}")


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal, and lines elsewhere."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    is_terminal = sys.stdout.isatty()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    next_at = time.monotonic() + TELL_EVERY
    with Progress(*columns, console=terminal(), disable=not is_terminal) as progress:
        bar = progress.add_task(what, total=None)

        def tell(done: int, total: int) -> None:
            nonlocal next_at
            progress.update(bar, completed=done, total=total)
            if not is_terminal and time.monotonic() >= next_at:
                next_at = time.monotonic() + TELL_EVERY
                typer.echo(f"{what}: {done} of {total} rows")

        yield tell
