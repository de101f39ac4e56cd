"""Run the bot in Telegram, and examine its set-up."""

from __future__ import annotations

import typer

from bot.cli.program import FAILED, app
from bot.knowledge.folder import shipped_folder


@app.command()
def run() -> None:
    """Answer in Telegram, until SIGTERM or Ctrl-C; settings come from the environment and .env."""
    from bot.settings import read_telegram

    settings = read_telegram()
    from bot.telegram import thrift

    thrift.begin()  # before the imports below: what they make stays, too
    from bot.telegram import app as telegram
    from bot.telegram import logs
    from bot.telegram.options import Options

    logs.set_up(settings.log_level, settings.log_format)
    telegram.run(Options.of(settings, shipped_folder()))


@app.command()
def doctor() -> None:
    """Look for what is wrong with the set-up; each line says ok, or what to do."""
    import asyncio

    from bot.settings import read_telegram

    settings = read_telegram()
    from bot.telegram.doctor import examine
    from bot.telegram.options import Options

    lines = asyncio.run(examine(Options.of(settings, shipped_folder())))
    for line in lines:
        typer.echo(str(line))
    if not all(line.is_well for line in lines):
        raise typer.Exit(FAILED)
