"""Announcements: look at them, publish, correct and retract them, and see what became of them."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.chats import NEGATIVE, ChatArgument
from bot.cli.keeping import known_chat, with_store
from bot.cli.loading import answerer_in, folder_of, now
from bot.cli.printing import print_json, table, terminal
from bot.cli.program import JsonOption, KnowledgeOption, WrongArgumentError, app
from bot.errors import KnowledgeError, Problem

if TYPE_CHECKING:
    from bot.knowledge.model import Knowledge, NewsItem
    from bot.news.deliveries import Action, Delivery
    from bot.store import Announcement, Store

LOOK_EVERY = 0.5
"""Seconds between looks at what a running bot has done."""
TELL_EVERY = 5.0
"""Seconds between lines, at least, where no terminal shows a bar."""
HOW = ("sent", "resend", "leave")

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The announcement's id.")]
WaitOption = Annotated[
    bool, typer.Option("--wait", help="Stay until a running bot has worked it off.")
]

news = typer.Typer(no_args_is_help=True)
app.add_typer(news, name="news")


@news.callback()
def _news() -> None:
    """List, preview, publish, correct and retract announcements, and see what became of them."""


@news.command(name="list")
def list_(as_json: JsonOption = False, knowledge: KnowledgeOption = None) -> None:
    """List the items and their states."""
    files = _loaded(knowledge).news

    async def work(store: Store) -> list[tuple[NewsItem, str, str, dict[str, int]]]:
        kept = await store.announcements.all()
        counts = [await store.deliveries.counts(one.id) for one in kept]
        known = {one.id for one in kept}
        return [
            *((item, "draft", "file", {}) for item in files.values() if item.id not in known),
            *(
                (one.item, str(one.state), one.origin, count)
                for one, count in zip(kept, counts, strict=True)
            ),
        ]

    found = sorted(with_store(work), key=lambda one: (one[0].date, one[0].id), reverse=True)
    if as_json:
        print_json([
            {"id": item.id, "state": state, "date": item.date.isoformat(), "origin": origin,
             "title": dict(item.title), "counts": counts}
            for item, state, origin, counts in found
        ])  # fmt: skip
        return
    rows = [
        (item.id, state, next(iter(item.title.values())), _told(counts))
        for item, state, _, counts in found
    ]
    terminal().print(table(("id", "state", "title", "deliveries"), rows))


@news.command()
def preview(
    announcement: IdArgument,
    language: Annotated[
        str | None, typer.Option("--language", metavar="L", help="For a chat of this language.")
    ] = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Show the post as it will look, in each language that it has."""
    from bot.news.post import compose

    answerer = answerer_in(knowledge)
    item = answerer.knowledge.news.get(announcement)
    if item is None:
        item = with_store(lambda store: _known(store, announcement)).item
    known = answerer.knowledge.languages
    if language is not None and language not in known:
        expected = ", ".join(known)
        raise WrongArgumentError(f"--language: found {language!r}; expected one of {expected}")
    for number, code in enumerate([language] if language else item.title):
        post = compose(item, code, answerer.wording)
        if number:
            typer.echo("\n" + "-" * 20 + "\n")
        if post.image:
            typer.echo(f"[picture: {post.image}]\n")
        typer.echo(post.text)
        if post.preview:
            typer.echo(f"\n[preview of {post.preview}]")


@news.command(context_settings=NEGATIVE)
def publish(
    announcement: IdArgument,
    more: Annotated[
        list[int] | None, typer.Argument(metavar="CHAT", help="Further chats of --only.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="TIME", help='When: ISO 8601, "tomorrow 9:00", "in 2 hours".'
        ),
    ] = None,
    only: Annotated[
        list[int] | None,
        typer.Option("--only", metavar="CHAT...", help="Only to these chats that get news."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many chats, and do nothing.")
    ] = False,
    wait: WaitOption = False,
    knowledge: KnowledgeOption = None,
) -> None:
    """Approve an item: a running bot begins within two seconds. Says how many chats get it."""
    if more and not only:
        raise WrongArgumentError(f"publish: found {more[0]} after the ID; expected --only before")
    known = _loaded(knowledge)
    begins = None if at is None else _time(at, folder_of(knowledge), known.languages)
    item = known.news.get(announcement)

    async def work(store: Store) -> None:
        chats = [
            await _subscribed(store, chat)
            for chat in dict.fromkeys([*(only or ()), *(more or ())])
        ]
        present = await store.announcements.get(announcement)
        if present is None and item is None:
            raise WrongArgumentError(
                f"publish: found the id {announcement!r}, which is neither a file in the"
                " knowledge's news nor kept; expected one that csto-bot news list shows"
            )
        if present is not None and present.state in {"retracted", "discarded"}:
            raise WrongArgumentError(f"{announcement}: it was {present.state} and stays so")
        if dry_run:
            text = item or (present and present.item)
            count = await store.announcements.audience(text, chats) if text else 0
            typer.echo(f"{announcement}: would go to {_chats(count)}")
            return
        if item is not None and present is None:
            await store.announcements.draft(item, "file", None, now())
        elif item is not None and present is not None and present.state == "draft":
            await store.announcements.change(announcement, item, None, now())
        done = await store.announcements.approve(announcement, None, now(), at=begins, only=chats)
        when = f" from {_shown(begins)} on" if begins else ""
        if done.is_new:
            typer.echo(f"{announcement}: goes to {_chats(done.chats)}{when}")
        else:
            typer.echo(f"{announcement}: was approved before, for {_chats(done.chats)}")
        if wait:
            await _watch(store, announcement)

    with_store(work, writes=not dry_run)


@news.command()
def status(announcement: IdArgument, as_json: JsonOption = False) -> None:
    """Show what became of an announcement, and each chat where it is not sent."""
    from bot.news.deliveries import Action, DeliveryState

    async def work(store: Store) -> tuple[Announcement, dict[Action, list[Delivery]]]:
        found = await _known(store, announcement)
        return found, {
            action: await store.deliveries.of(announcement, action) for action in Action
        }

    found, rows = with_store(work)
    posts = rows[Action.POST]
    counts = {action: _counted(rows[action]) for action in Action}
    speed = _speed(posts)
    if as_json:
        print_json({
            "id": announcement,
            "state": found.state,
            "counts": counts[Action.POST],
            "deliveries": [_as_json(delivery) for delivery in posts],
            "edits": counts[Action.EDIT],
            "retractions": counts[Action.RETRACT],
            "per_second": speed,
            "publish_at": found.publish_at and found.publish_at.isoformat(),
            "expires_at": found.expires_at and found.expires_at.isoformat(),
        })  # fmt: skip
        return
    typer.echo(f"{announcement}: {found.state}")
    if found.state == "approved" and found.publish_at is not None:
        typer.echo(f"begins {_shown(found.publish_at)}")
    for what, action in (("posts", Action.POST), ("corrections", Action.EDIT),
                         ("retractions", Action.RETRACT)):  # fmt: skip
        if rows[action]:
            typer.echo(f"{what}: {_told(counts[action])}")
    if speed is not None:
        typer.echo(f"speed: {speed} a second")
    for done, action in (("sent", Action.POST), ("corrected", Action.EDIT)):
        otherwise = Counter(
            one.reason for one in rows[action] if one.state == DeliveryState.SENT and one.reason
        )
        for reason, number in otherwise.most_common():
            typer.echo(f"{number} {done} {reason}")
    missing = [
        (str(one.chat_id), one.action, one.state, str(one.attempts), one.reason or "")
        for action in Action
        for one in rows[action]
        if one.state not in {DeliveryState.SENT, DeliveryState.RETRACTED}
    ]
    if missing:
        titles = ("chat", "action", "state", "attempts", "reason")
        typer.echo("")
        terminal().print(table(titles, missing, right=("chat", "attempts")))
    if DeliveryState.UNCERTAIN in counts[Action.POST]:
        typer.echo(f"\nLook into the chat, then: csto-bot news resolve {announcement} CHAT"
                   " sent|resend|leave")  # fmt: skip


@news.command()
def edit(
    announcement: IdArgument, wait: WaitOption = False, knowledge: KnowledgeOption = None
) -> None:
    """Apply the file's present text: to drafts, and in place to what was delivered."""
    item = _loaded(knowledge).news.get(announcement)

    async def work(store: Store) -> None:
        before = await _known(store, announcement)
        if item is None:
            raise WrongArgumentError(
                f"{announcement}: found no file of it; expected"
                f" {folder_of(knowledge) / 'news' / announcement}.yaml"
            )
        after = await store.announcements.change(announcement, item, None, now())
        if after is None:
            raise WrongArgumentError(f"{announcement}: it was {before.state} and stays so")
        from bot.news.deliveries import Action

        if after.item == before.item:
            typer.echo(f"{announcement}: has this text already")
        elif after.revision == before.revision:
            typer.echo(f"{announcement}: has the new text")
        else:
            counts = await store.deliveries.counts(announcement, Action.EDIT)
            count = sum(counts.get(state, 0) for state in ("pending", "claimed", "sending"))
            typer.echo(f"{announcement}: is corrected in {_chats(count)}")
        if wait:
            await _watch(store, announcement)

    with_store(work, writes=True)


@news.command()
def retract(announcement: IdArgument, wait: WaitOption = False) -> None:
    """Take an announcement back: delete its posts, and drop what is still to come."""
    from bot.news.deliveries import Action

    async def work(store: Store) -> None:
        before = await _known(store, announcement)
        if await store.announcements.retract(announcement, None, now()):
            counts = await store.deliveries.counts(announcement, Action.RETRACT)
            typer.echo(f"{announcement}: is taken back from {_chats(sum(counts.values()))}")
        elif before.state == "retracted":
            typer.echo(f"{announcement}: was retracted before")
        else:
            raise WrongArgumentError(f"{announcement}: is {before.state}; expected one published")
        if wait:
            await _watch(store, announcement)

    with_store(work, writes=True)


@news.command(context_settings=NEGATIVE)
def resolve(
    announcement: IdArgument,
    chat: ChatArgument,
    how: Annotated[
        str, typer.Argument(metavar="sent|resend|leave", help="It is there, send again, or leave.")
    ],
) -> None:
    """Decide on a post of which nobody knows whether it is in a chat."""
    if how not in HOW:
        raise WrongArgumentError(f"resolve: found {how!r}; expected one of {', '.join(HOW)}")

    async def work(store: Store) -> None:
        found = await _known(store, announcement)
        known = await known_chat(store, chat)
        if not await store.deliveries.resolve(announcement, known.id, how, None, now()):
            rows = await store.deliveries.of(announcement)
            states = [str(one.state) for one in rows if one.chat_id == known.id]
            raise WrongArgumentError(
                f"{announcement} in chat {chat}: found it"
                f" {states[0] if states else 'not planned'}; expected it uncertain"
            )
        typer.echo(f"{announcement} in chat {chat}: {how}")
        if how == "sent" and found.state == "retracted":
            typer.echo("It was retracted: delete the post there by hand")

    with_store(work, writes=True)


@news.command()
def log(
    announcement: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Of one announcement alone.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show who approved, scheduled, edited, retracted and resolved what, and when."""

    async def work(store: Store) -> list[Any]:
        if announcement is not None:
            await _known(store, announcement)
        return await store.announcements.log(announcement)

    entries = with_store(work)
    if as_json:
        print_json([
            {"at": entry.at.isoformat(), "by": entry.by, "action": entry.action,
             "id": entry.id, "detail": entry.detail}
            for entry in entries
        ])  # fmt: skip
        return
    rows = [
        (entry.at.isoformat(sep=" ", timespec="seconds"),
         "operator" if entry.by is None else str(entry.by),
         entry.action, entry.id, entry.detail or "")
        for entry in entries
    ]  # fmt: skip
    terminal().print(table(("at", "who", "did", "to", "with"), rows))


# ---------------------------------------------------------------------- looking up


def _loaded(knowledge: Path | None) -> Knowledge:
    from bot.answering.loading import load

    return load(folder_of(knowledge))


async def _known(store: Store, announcement: str) -> Announcement:
    found = await store.announcements.get(announcement)
    if found is None:
        raise WrongArgumentError(
            f"found the id {announcement!r}, of which nothing is kept; expected one that"
            " csto-bot news list shows, and that was published or drafted in chat"
        )
    return found


async def _subscribed(store: Store, chat_id: int) -> int:
    chat = await known_chat(store, chat_id)
    if not chat.news:
        raise WrongArgumentError(
            f"--only: found the chat {chat_id}, which gets no news; expected one that does:"
            f" csto-bot chats subscribe {chat_id}"
        )
    return chat.id


def _time(text: str, folder: Path, languages: Iterable[str]) -> datetime:
    from zoneinfo import ZoneInfo

    from bot.knowledge.time_words import read_time_words
    from bot.news import times
    from bot.settings import read_store

    zone = ZoneInfo(read_store().timezone)
    problems: list[Problem] = []
    words = read_time_words(folder, languages, problems)
    if problems:
        raise KnowledgeError(problems, folder)
    found = times.read(text, now(), zone, words)
    if isinstance(found, times.TimeProblem):
        wrong = {
            times.TimeProblem.UNREADABLE: "what is no time",
            times.TimeProblem.NO_SUCH_TIME: "a time that does not exist",
            times.TimeProblem.PAST: "a time that has passed",
        }[found]
        raise WrongArgumentError(
            f'--at: found {wrong}: {text!r}; expected "tomorrow 9:00", "in 2 hours" or'
            f" {now().astimezone(zone).replace(microsecond=0).isoformat()}"
        )
    return found


# ------------------------------------------------------------------------ telling


def _shown(moment: datetime) -> str:
    from zoneinfo import ZoneInfo

    from bot.news import times
    from bot.settings import read_store

    return times.shown(moment, ZoneInfo(read_store().timezone), "en")


def _chats(count: int) -> str:
    return f"{count} chat{'' if count == 1 else 's'}"


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in counts.items())


def _counted(rows: list[Delivery]) -> dict[str, int]:
    from bot.news.deliveries import DeliveryState

    found = [one.state for one in rows]
    return {str(state): found.count(state) for state in DeliveryState if state in found}


def _as_json(delivery: Delivery) -> dict[str, object]:
    return {
        "chat_id": delivery.chat_id,
        "state": delivery.state,
        "message_id": delivery.message_id,
        "attempts": delivery.attempts,
        "reason": delivery.reason,
    }


def _speed(posts: list[Delivery]) -> float | None:
    """Give the posts a second from the first to the last; None where there were fewer than two."""
    times = [one.finished_at for one in posts if one.finished_at and one.message_id is not None]
    if len(times) < 2 or max(times) == min(times):
        return None
    return round((len(times) - 1) / (max(times) - min(times)).total_seconds(), 1)


async def _watch(store: Store, announcement: str) -> None:
    """Show how far an announcement has come, until nothing of it is open."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    is_terminal = sys.stdout.isatty()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    told, told_at = "", -TELL_EVERY
    with Progress(*columns, console=terminal(), disable=not is_terminal) as progress:
        bar = progress.add_task(announcement)
        while True:
            counts = await _all_counts(store, announcement)
            total = sum(counts.values())
            left = sum(counts.get(state, 0) for state in ("pending", "claimed", "sending"))
            progress.update(bar, total=total, completed=total - left, description=_told(counts))
            found = await _known(store, announcement)
            is_over = left == 0 and found.state != "approved"
            line = f"{total - left} of {total}: {_told(counts)}".rstrip(": ")
            is_time = is_over or time.monotonic() - told_at >= TELL_EVERY
            if not is_terminal and is_time and line != told:
                told, told_at = line, time.monotonic()
                typer.echo(line)
            if is_over:
                return
            await asyncio.sleep(LOOK_EVERY)


async def _all_counts(store: Store, announcement: str) -> dict[str, int]:
    from bot.news.deliveries import Action

    counts: dict[str, int] = {}
    for action in Action:
        for state, count in (await store.deliveries.counts(announcement, action)).items():
            counts[state] = counts.get(state, 0) + count
    return counts
