"""Editors write and find announcements: /announce, /queue, and what follows in the dialogue.

What the bot has asked for is kept in the store, so the answer is understood after a restart too.
An announcement that is approved already is changed only after its new look was shown and approved.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from telegram import Message, Update

from bot.answering import Conversation, Question
from bot.errors import Problem
from bot.knowledge.model import NewsItem
from bot.knowledge.time_words import read_time_words
from bot.news.deliveries import ItemState
from bot.news.items import from_json, to_json
from bot.news.markup import read as read_markup
from bot.news.times import TimeProblem
from bot.news.times import read as read_time
from bot.store import Announcement
from bot.telegram.buttons import Row, Verb, button, keyboard
from bot.telegram.commands import Call
from bot.telegram.desk import Asker, Desk, asker_of
from bot.telegram.drafts import Written, digest, new_item, with_text, written
from bot.telegram.editors import is_editor
from bot.telegram.newsroom import IN_A_ROW, WAITING, Room
from bot.telegram.questions import is_edit
from bot.telegram.render import Rendered, headed, messages

log = logging.getLogger(__name__)

MOST_QUEUED = 20
RECENT = timedelta(days=7)
"""How long what is done stands in the queue, to be corrected or retracted."""

COMMAND = re.compile(r"/\S+\s*")
ALONE = re.compile(r"([A-Za-z]{2,3})[ \t]*(?:\n|$)")
"""The code of a language, which nothing follows on its line: a title may begin with "Be"."""

Handle = Callable[[Desk, Update], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Desktop:
    """An editor at work: where, in which language."""

    desk: Desk
    asker: Asker
    language: str

    @property
    def room(self) -> Room:
        """Give what shows announcements to this editor."""
        return Room(self.desk, self.language)

    async def ask(self, key: str, state: dict[str, Any], **values: str) -> None:
        """Ask for something, and remember what."""
        await self.desk.store.dialogues.put(self.asker.user_id, state, self.desk.now())
        words = self.room.say(key, **values)
        await self.desk.voice.say(self.asker.place, [Rendered(words)])

    async def tell(self, key: str, **values: str) -> None:
        """Say something."""
        words = self.room.say(key, **values)
        await self.desk.voice.say(self.asker.place, [Rendered(words)])

    async def leave(self) -> None:
        """End the dialogue."""
        await self.desk.store.dialogues.drop(self.asker.user_id)


# -------------------------------------------------------------------- commands


async def announce(call: Call) -> None:
    """Make a draft of what follows, or of the message that is replied to, or ask for one."""
    at = Desktop(call.desk, call.asker, own_language(call))
    text = call.message.text or call.message.caption or ""
    replied = call.message.reply_to_message
    command = COMMAND.match(text)
    code, skipped = None, command.end() if command else 0
    alone = ALONE.match(text, skipped)
    if alone and alone[1].lower() in call.desk.mind.answerer.knowledge.languages:
        code, skipped = alone[1].lower(), alone.end()
    if text[skipped:].strip():
        await _draft(at, call.message, written(call.message, skipped), code)
    elif replied is not None and (replied.text or replied.caption or replied.photo):
        await _draft(at, replied, written(replied), code)
    else:
        await at.ask("desk_ask_text", {"wants": "announcement", "language": code})


async def queue(call: Call) -> None:
    """Show what is drafted, scheduled, going out or lately done, each with a button."""
    at = Desktop(call.desk, call.asker, own_language(call))
    room, store, now = at.room, call.desk.store, call.desk.now()
    everything = await store.announcements.all()
    found = [one for one in everything if _is_current(one, now)][:MOST_QUEUED]
    known = {one.id for one in everything}
    files = [
        item for item in call.desk.mind.answerer.knowledge.news.values() if item.id not in known
    ]
    lines, buttons = [], Row()
    for number, one in enumerate(found, start=1):
        state = room.say(f"item_state_{one.state}")
        lines.append(
            room.say("queue_line", number=number, title=room.title(one.item), state=state)
        )
        buttons += button(str(number), Verb.NEWS, at.language, "show", await room.key(one.id))
    for number, item in enumerate(files[: MOST_QUEUED - len(found)], start=len(found) + 1):
        state = room.say("item_state_file")
        lines.append(room.say("queue_line", number=number, title=room.title(item), state=state))
        buttons += button(str(number), Verb.NEWS, at.language, "show", await room.key(item.id))
    if not lines:
        await at.tell("queue_empty")
        return
    rows = [buttons[start : start + IN_A_ROW] for start in range(0, len(buttons), IN_A_ROW)]
    text = messages([headed(room.say("queue_heading"), *lines)])
    await call.desk.voice.say(call.asker.place, text, keyboard(rows))


def _is_current(found: Announcement, now: datetime) -> bool:
    if found.state in (*WAITING, ItemState.QUEUED):
        return True
    began = found.publish_at or found.created_at
    return found.state is ItemState.DONE and now - began < RECENT


def own_language(call: Call) -> str:
    """Give the editor's own language: what is announced may be in any."""
    return call.asker.language(call.desk)


# -------------------------------------------------------------------- dialogue


def in_dialogue(otherwise: Handle) -> Handle:
    """Take a message as the answer to what the bot has asked an editor for, if it has."""

    async def handle(desk: Desk, update: Update) -> None:
        message = update.effective_message
        if message is not None and is_edit(update) and is_editor(desk, message):
            asker = await asker_of(desk, message)
            at = Desktop(desk, asker, asker.language(desk))
            if await _made_of(at, message) is not None:
                await _draft(at, message, written(message), None)
                return
        elif message is not None and is_editor(desk, message):
            state = await desk.store.dialogues.get(message.chat.id, desk.now())
            answer = ANSWERS.get(str((state or {}).get("wants")))
            if state is not None and answer is not None:
                if message.media_group_id:
                    if message.media_group_id in desk.album:
                        return  # one picture of an album is taken, its first
                    desk.album.append(message.media_group_id)
                asker = await asker_of(desk, message)
                at = Desktop(desk, asker, asker.language(desk))
                await answer(at, message, state)
                return
        await otherwise(desk, update)

    return handle


async def _announcement(at: Desktop, message: Message, state: dict[str, Any]) -> None:
    await _draft(at, message, written(message), state.get("language"))


async def _draft(at: Desktop, message: Message, found: Written, code: str | None) -> None:
    """Make a draft of what was written, and show it."""
    desk = at.desk
    if not found.title:
        key = "desk_ask_caption" if found.image else "desk_ask_text"
        await at.ask(key, {"wants": "announcement", "language": code})
        return
    language = code or _language_of(at, found)
    day = desk.now().astimezone(desk.options.zone).date()
    item = new_item(found, language, day, message.message_id)
    before = await _made_of(at, message)
    if before is not None:
        # The message was edited, or worked on before a crash.
        if before.state is ItemState.DRAFT:
            await change(at, before, replace(item, id=before.id, date=before.item.date))
        else:
            await at.tell("desk_gone")
        return
    flaws = at.room.flaws(item)
    if flaws:
        state = {"wants": "announcement", "language": code}
        await desk.store.dialogues.put(at.asker.user_id, state, desk.now())
        await at.room.refuse(at.asker.place, flaws)
        return
    await desk.store.announcements.draft(item, "editor", at.asker.user_id, desk.now())
    await at.leave()
    kept = await desk.store.announcements.get(item.id)
    if kept is not None:
        await at.room.present(at.asker.place, kept)


async def _made_of(at: Desktop, message: Message) -> Announcement | None:
    """Find what this editor's message was made into."""
    ending = f"-{message.message_id}"
    for one in await at.desk.store.announcements.all():
        if one.created_by == at.asker.user_id and one.id.endswith(ending):
            return one
    return None


def _language_of(at: Desktop, found: Written) -> str:
    """Tell which language something is written in; the editor's own, where its words do not."""
    text = f"{found.title}\n{read_markup(found.summary).text}"
    question = Question(text, None, at.language)
    return at.desk.mind.answerer.language_for(question, Conversation())


async def _text(at: Desktop, message: Message, state: dict[str, Any]) -> None:
    """Take the text of an announcement in a language, or a picture for it."""
    kept = await at.desk.store.announcements.get(state["id"])
    if kept is None:
        await at.leave()
        await at.tell("desk_gone")
        return
    found = written(message)
    if not found.title and not found.image:
        await at.tell("desk_text_only")
        return
    base = from_json(state["item"]) if "item" in state else kept.item
    await change(at, kept, with_text(base, found, state["language"]), again=state)


async def change(
    at: Desktop, kept: Announcement, item: NewsItem, again: dict[str, Any] | None = None
) -> None:
    """Change an announcement: a draft at once, another after its new look was approved.

    Args:
        at: the editor.
        kept: as it is.
        item: as it is to be.
        again: what to ask for once more, where it cannot be so.
    """
    desk = at.desk
    flaws = at.room.flaws(item)
    if flaws:
        if again is not None:
            await desk.store.dialogues.put(at.asker.user_id, again, desk.now())
        await at.room.refuse(at.asker.place, flaws)
        return
    if kept.state is ItemState.DRAFT:
        changed = await desk.store.announcements.change(
            kept.id, item, at.asker.user_id, desk.now()
        )
        await at.leave()
        if changed is None:
            await at.tell("desk_gone")
        else:
            await at.room.present(at.asker.place, changed)
        return
    state = {
        "wants": "apply",
        "id": kept.id,
        "item": to_json(item),
        "instead_of": digest(kept.item),
    }
    await desk.store.dialogues.put(at.asker.user_id, state, desk.now())
    is_out = kept.state is not ItemState.APPROVED
    await at.room.preview(at.asker.place, item, updated=desk.now() if is_out else None)
    key = await at.room.key(kept.id)
    row = [
        *at.room.choice("button_apply", "apply", key, digest(item)),
        *at.room.choice("button_leave", "leave", key),
    ]
    words = at.room.say("desk_apply_posted" if is_out else "desk_apply_scheduled")
    await desk.voice.say(at.asker.place, [Rendered(words)], keyboard([row]))


async def _time(at: Desktop, message: Message, state: dict[str, Any]) -> None:
    """Take the time for an announcement, and show it back in full before it counts."""
    desk, room = at.desk, at.room
    kept = await desk.store.announcements.get(state["id"])
    if kept is None or kept.state not in WAITING:
        await at.leave()
        await at.tell("desk_gone")
        return
    zone = desk.options.zone
    # The editor's own language first: words of two languages may look alike.
    languages = sorted(
        desk.mind.answerer.knowledge.languages, key=lambda code: code != at.language
    )
    flaws: list[Problem] = []
    known = await asyncio.to_thread(read_time_words, desk.mind.folder, languages, flaws)
    for flaw in flaws:
        log.warning("%s", flaw)
    found = read_time(message.text or message.caption or "", desk.now(), zone, known)
    if isinstance(found, TimeProblem):
        words = room.say(f"time_{found.name.lower()}", now=room.time(desk.now()))
        again = room.say("desk_try_again")
        await desk.voice.say(at.asker.place, [Rendered(f"{words}\n{again}")])
        return
    key, seen = await room.key(kept.id), digest(kept.item)
    action = "at" if kept.state is ItemState.DRAFT else "move"
    minutes = str(int(found.timestamp()) // 60)
    rows = [
        room.choice("button_confirm_time", action, key, seen, minutes),
        [*room.choice("button_other_time", "when", key), *room.choice("button_back", "back", key)],
    ]
    words = room.say("desk_confirm_time", title=room.title(kept.item), time=room.time(found))
    await desk.voice.say(at.asker.place, [Rendered(words)], keyboard(rows))


ANSWERS: dict[str, Callable[[Desktop, Message, dict[str, Any]], Awaitable[None]]] = {
    "announcement": _announcement,
    "text": _text,
    "time": _time,
}
"""Who takes what was asked for. Nothing is typed where a press is wanted: `apply`."""
