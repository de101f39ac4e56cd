"""Editors watch announcements go out: one message each, edited as the numbers change.

Where it is not known whether a post arrived, every editor is told, with buttons to decide. Both
kinds of messages are kept in the store, so a restart goes on with the same ones.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from telegram import CallbackQuery

from bot.answering import Conversation, Question
from bot.errors import StoreError
from bot.news.deliveries import Action, Delivery, DeliveryState, ItemState
from bot.store import Announcement, Watch, WatchKind
from bot.telegram.buttons import Keyboard, Press, Verb, button, id_of, keyboard
from bot.telegram.desk import Asker, Desk
from bot.telegram.newsroom import ENDED, Room, is_open
from bot.telegram.render import Rendered, headed, messages
from bot.telegram.sending import LONGEST_PAUSE, Place

log = logging.getLogger(__name__)

MOST_ASKED = 5
"""Uncertain posts that are shown at a time."""
HOW = {"sent": "button_is_there", "resend": "button_send_again", "leave": "button_leave_it"}

Key = tuple[str, int, WatchKind]
Shown = tuple[Rendered, Keyboard | None]


@dataclass(slots=True)
class _Pace:
    """How many posts had gone out, and when that was."""

    at: float
    sent: int


class Watching:
    """Keeps the messages of editors up to date; one process at a time does."""

    def __init__(self, desk: Desk, every: float, since: datetime) -> None:
        """Prepare.

        Args:
            desk: what handlers share.
            every: seconds between two edits of a message, at least.
            since: editors have not been told of drafts that feeds brought after this.
        """
        self._desk = desk
        self._every = every
        self._shown: dict[Key, tuple[int, Shown | None]] = {}
        self._paces: dict[str, _Pace] = {}
        self._tried: dict[Key, float] = {}
        """When an editor was told last, of what nobody knows whether it arrived."""
        self._told_until = since
        """When the latest draft of a feed was made that editors were told of."""

    def others_told(self, until: datetime) -> None:
        """Note that until now another process may have told editors of what feeds brought."""
        self._told_until = max(self._told_until, until)

    async def run(self) -> None:
        """Look again and again."""
        while True:
            try:
                await self.look()
            except StoreError:
                log.exception("announcements could not be watched")
            await asyncio.sleep(self._every)

    async def look(self) -> None:
        """Bring all messages up to date, once."""
        store = self._desk.store
        if self._desk.options.editors:
            await self._tell_brought(await store.announcements.brought(self._told_until))
        watches = await store.watches.all()
        uncertain = await store.deliveries.uncertain() if self._desk.options.editors else []
        asked: dict[str, list[Delivery]] = {}
        for one in uncertain:
            asked.setdefault(one.announcement_id, []).append(one)
        watched = {(w.announcement, w.user_id, w.kind) for w in watches}
        for announcement_id, posts in asked.items():
            for user_id in sorted(self._desk.options.editors):
                if (announcement_id, user_id, WatchKind.UNCERTAIN) not in watched:
                    await self._begin(announcement_id, user_id, posts)
        speeds = {one: await self._speed(one) for one in {w.announcement for w in watches}}
        for watch in watches:
            if watch.kind is WatchKind.UNCERTAIN:
                await self._ask(watch, asked.get(watch.announcement, []))
            else:
                await self._follow(watch, speeds[watch.announcement])

    async def _begin(self, announcement_id: str, user_id: int, asked: list[Delivery]) -> None:
        """Tell an editor who has started the bot of posts that nobody knows about."""
        store = self._desk.store
        language = await self._started(user_id)
        found = await store.announcements.get(announcement_id)
        if language is None or found is None:
            return
        key = announcement_id, user_id, WatchKind.UNCERTAIN
        if time.monotonic() - self._tried.get(key, -LONGEST_PAUSE) < LONGEST_PAUSE:
            return
        self._tried[key] = time.monotonic()
        shown = await asking(Room(self._desk, language), found, asked)
        ids = await self._desk.voice.say(Place(user_id), [shown[0]], shown[1])
        if ids:
            watch = Watch(announcement_id, user_id, WatchKind.UNCERTAIN, ids[-1], language)
            await store.watches.put(watch, self._desk.now())
            self._shown[key] = ids[-1], shown
            del self._tried[key]

    async def _tell_brought(self, drafts: list[Announcement]) -> None:
        """Tell editors that feeds have brought something to decide on: one message for all."""
        if not drafts:
            return
        self._told_until = drafts[-1].created_at
        for user_id in sorted(self._desk.options.editors):
            language = await self._started(user_id)
            if language is None:
                continue
            room = Room(self._desk, language)
            titles = "; ".join(room.title(one.item) for one in drafts[:MOST_ASKED])
            more = " …" if len(drafts) > MOST_ASKED else ""
            words = room.say("feeds_waiting", number=len(drafts), titles=titles + more)
            await self._desk.voice.say(Place(user_id), [Rendered(words)])

    async def _started(self, user_id: int) -> str | None:
        """Give the language of an editor; None for one who has not started the bot."""
        reader = await self._desk.store.readers.get(user_id)
        if reader is None or reader.started_at is None:
            return None
        question = Question("", reader.language, None)
        return self._desk.mind.answerer.language_for(question, Conversation())

    async def _ask(self, watch: Watch, asked: list[Delivery]) -> None:
        found = await self._desk.store.announcements.get(watch.announcement)
        if found is None:
            await self._drop(watch)
            return
        room = Room(self._desk, self._language(watch))
        is_shown = await self._edit(watch, await asking(room, found, asked))
        if is_shown and not asked:
            await self._drop(watch)

    async def _follow(self, watch: Watch, speed: float) -> None:
        store = self._desk.store
        found = await store.announcements.get(watch.announcement)
        if found is None:
            await self._drop(watch)
            return
        # Asked before the text is made: what has ended by now, the text says has ended.
        counts = [await store.deliveries.counts(found.id, action) for action in Action]
        is_over = found.state in (ItemState.DONE, *ENDED) and not any(map(is_open, counts))
        room = Room(self._desk, self._language(watch))
        text = (
            await room.card(found)
            if found.state is ItemState.APPROVED
            else await room.progress(found, speed)
        )
        is_shown = await self._edit(watch, (text, await room.controls(found)))
        if is_shown and is_over:
            await self._drop(watch)

    async def _edit(self, watch: Watch, shown: Shown) -> bool:
        """Edit a message where it does not say that already; tell whether it does now.

        A message that a handler has just written is left for one round: two edits of it are never
        closer than that.
        """
        key = (watch.announcement, watch.user_id, watch.kind)
        before = self._shown.get(key)
        if before == (watch.message_id, shown):
            return True
        is_new = before is None or before[0] != watch.message_id
        self._shown[key] = watch.message_id, None if is_new else shown
        if is_new:
            return False
        await self._desk.voice.edit(Place(watch.user_id), [watch.message_id], [shown[0]], shown[1])
        return True

    async def _drop(self, watch: Watch) -> None:
        await self._desk.store.watches.drop(watch)
        self._shown.pop((watch.announcement, watch.user_id, watch.kind), None)
        if watch.kind is WatchKind.STATUS:
            self._paces.pop(watch.announcement, None)

    async def _speed(self, announcement_id: str) -> float:
        """Give the posts a second since the last look; 0 where there was none."""
        counts = await self._desk.store.deliveries.counts(announcement_id)
        sent, now = counts.get(DeliveryState.SENT, 0), time.monotonic()
        before = self._paces.get(announcement_id)
        self._paces[announcement_id] = _Pace(now, sent)
        if before is None or now <= before.at:
            return 0.0
        return max(sent - before.sent, 0) / (now - before.at)

    def _language(self, watch: Watch) -> str:
        known = self._desk.mind.answerer.knowledge.languages
        return watch.language if watch.language in known else min(known)


async def asking(room: Room, found: Announcement, asked: Sequence[Delivery]) -> Shown:
    """Ask an editor to decide on posts of which nobody knows whether they arrived."""
    if not asked:
        text = headed(room.title(found.item), room.say("uncertain_none"))
        return messages([text])[0], None
    key = await room.key(found.id)
    lines, rows = [room.say("uncertain_question", number=len(asked))], []
    for number, one in enumerate(asked[:MOST_ASKED], start=1):
        chat = await room.chat_title(one.chat_id)
        lines.append(room.say("uncertain_line", number=number, chat=chat))
        rows.append(
            [
                one_button
                for how, label in HOW.items()
                for one_button in button(
                    f"{number}. {room.say(label)}",
                    Verb.UNCERTAIN, room.language, how, key, str(one.chat_id),
                )
            ]
        )  # fmt: skip
    return messages([headed(room.title(found.item), *lines)])[0], keyboard(rows)


async def decided(desk: Desk, query: CallbackQuery, asker: Asker, press: Press) -> None:
    """Decide on an uncertain post. Raises `LookupError` or `ValueError` where it means nothing."""
    if not asker.place.is_private or query.from_user.id not in desk.options.editors:
        raise KeyError(press.verb)
    how, key, chat = press.words
    chat_id = id_of(chat)
    kept = await desk.store.buttons.get(key, desk.now())
    announcement_id, room = str((kept or {})["news"]), Room(desk, press.language)
    found = await desk.store.announcements.get(announcement_id)
    if found is None or how not in HOW:
        raise KeyError(how)
    deliveries = desk.store.deliveries
    asked = await _asked(desk, announcement_id)
    is_new = any(one.chat_id == chat_id for one in asked) and await deliveries.resolve(
        announcement_id, chat_id, how, asker.user_id, desk.now()
    )
    # Nobody knows which message it is, so the bot cannot take it back.
    is_by_hand = is_new and how == "sent" and found.state is ItemState.RETRACTED
    done = "uncertain_by_hand" if is_by_hand else "uncertain_decided"
    said = room.say(done if is_new else "uncertain_decided_before")
    await desk.voice.acknowledge(query, said, alert=is_by_hand)
    asked = await _asked(desk, announcement_id)
    if query.message is not None:
        text, markup = await asking(room, found, asked)
        await desk.voice.edit(asker.place, [query.message.message_id], [text], markup)


async def _asked(desk: Desk, announcement_id: str) -> list[Delivery]:
    """Give the posts of an announcement that somebody has to decide on."""
    uncertain = await desk.store.deliveries.uncertain()
    return [one for one in uncertain if one.announcement_id == announcement_id]
