"""The chats that the bot has met, and their news."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.keeping import known_chat, with_store
from bot.cli.printing import print_json, table, terminal
from bot.cli.program import JsonOption, app

if TYPE_CHECKING:
    from bot.store import Chat, Store

NEGATIVE = {"ignore_unknown_options": True}
"""Ids of groups begin with a minus, which is no option."""
ChatArgument = Annotated[int, typer.Argument(metavar="CHAT", help="The chat's id.")]

chats = typer.Typer(invoke_without_command=True)
app.add_typer(chats, name="chats")


@chats.callback()
def show(context: typer.Context, as_json: JsonOption = False) -> None:
    """Show the chats that the bot has met; subscribe one to news, or unsubscribe it."""
    if context.invoked_subcommand is not None:
        return

    async def work(store: Store) -> list[Chat]:
        return await store.chats.all()

    found = with_store(work)
    if as_json:
        print_json([_as_json(chat) for chat in found])
        return
    rows = [
        (str(chat.id), chat.kind, chat.title or "", chat.language or "",
         "yes" if chat.news else "no", chat.paused_reason or "")
        for chat in found
    ]  # fmt: skip
    titles = ("id", "kind", "title", "language", "news", "paused because")
    terminal().print(table(titles, rows, right=("id",)))


@chats.command(context_settings=NEGATIVE)
def subscribe(chat: ChatArgument) -> None:
    """Deliver news into a chat."""
    _set(chat, on=True)


@chats.command(context_settings=NEGATIVE)
def unsubscribe(chat: ChatArgument) -> None:
    """Deliver no more news into a chat."""
    _set(chat, on=False)


def _set(chat_id: int, *, on: bool) -> None:
    async def work(store: Store) -> Chat:
        known = await known_chat(store, chat_id)
        return await store.chats.set_news(known.id, on=on) or known

    chat = with_store(work, writes=True)
    typer.echo(f"{chat.id}: {'gets' if on else 'no longer gets'} news")
    if on and chat.paused_reason is not None:
        typer.echo(f"It cannot be written to now: {chat.paused_reason}")


def _as_json(chat: Chat) -> dict[str, object]:
    return {
        "id": chat.id,
        "kind": chat.kind,
        "title": chat.title,
        "username": chat.username,
        "language": chat.language,
        "news": chat.news,
        "silent": chat.silent,
        "thread_id": chat.thread_id,
        "topics": list(chat.topics),
        "paused": chat.paused_at is not None,
        "paused_reason": chat.paused_reason,
        "paused_at": chat.paused_at and chat.paused_at.isoformat(),
    }
