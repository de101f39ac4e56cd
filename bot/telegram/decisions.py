"""What editors' buttons do: approve, schedule, change, retract, and decide on uncertain posts.

Each decision is one step of the store, which does nothing where it was made before: by another
press, by another editor, or before a crash. What is shown afterwards is what the store then says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from telegram import CallbackQuery

from bot.news.deliveries import ItemState
from bot.news.items import from_json
from bot.store import Announcement, Watch, WatchKind
from bot.telegram.buttons import Keyboard, Press, id_of
from bot.telegram.desk import Asker, Desk
from bot.telegram.drafts import digest, without_text
from bot.telegram.editing import Desktop, change
from bot.telegram.newsroom import ENDED, NOW, WAITING, Room
from bot.telegram.render import Rendered

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
"""In which buttons carry times."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press of an editor on a button of an announcement."""

    at: Desktop
    query: CallbackQuery
    found: Announcement
    key: str
    words: tuple[str, ...]
    """What the button says beside the action and the announcement."""

    @property
    def desk(self) -> Desk:
        """Give what handlers share."""
        return self.at.desk

    @property
    def room(self) -> Room:
        """Give what shows announcements."""
        return self.at.room

    @property
    def by(self) -> int:
        """Give the editor."""
        return self.at.asker.user_id

    async def acknowledge(self, key: str | None = None, **values: str) -> None:
        """Tell the editor's program that the press has arrived, with a word about it."""
        text = self.room.say(key, **values) if key else ""
        await self.desk.voice.acknowledge(self.query, text)

    async def show(self, text: Rendered, markup: Keyboard | None = None) -> int | None:
        """Put a text in the place of the buttons' message; beneath it, where that is gone."""
        message, place = self.query.message, self.at.asker.place
        ids: list[int] = []
        if message is not None:
            ids = await self.desk.voice.edit(place, [message.message_id], [text], markup)
        if not ids:
            ids = await self.desk.voice.say(replace(place, reply_to=None), [text], markup)
        return ids[-1] if ids else None

    async def refresh(self) -> None:
        """Show how the announcement stands now, and go on showing it while it goes out."""
        found = await self.desk.store.announcements.get(self.found.id)
        if found is None:
            return
        shown = await self.show(await self.room.card(found), await self.room.controls(found))
        if shown is not None and found.state is not ItemState.DRAFT:
            watch = Watch(found.id, self.by, WatchKind.STATUS, shown, self.at.language)
            await self.desk.store.watches.put(watch, self.desk.now())


Action = Callable[[Pressed], Awaitable[None]]


async def pressed(desk: Desk, query: CallbackQuery, asker: Asker, press: Press) -> None:
    """Do what a button says. Raises `LookupError` or `ValueError` where it means nothing."""
    if not asker.place.is_private or query.from_user.id not in desk.options.editors:
        raise KeyError(press.verb)
    action, key, *words = press.words
    kept = await desk.store.buttons.get(key, desk.now())
    at = Desktop(desk, asker, press.language)
    found = await _found(at, str((kept or {})["news"]))
    await ACTIONS[action](Pressed(at, query, found, key, tuple(words)))


async def _found(at: Desktop, announcement_id: str) -> Announcement:
    """Find an announcement; one that only stands in a file becomes a draft. Raises `KeyError`."""
    announcements, now = at.desk.store.announcements, at.desk.now()
    found = await announcements.get(announcement_id)
    if found is None:
        item = at.desk.mind.answerer.knowledge.news[announcement_id]
        await announcements.draft(item, "file", at.asker.user_id, now)
        found = await announcements.get(announcement_id)
    if found is None:
        raise KeyError(announcement_id)
    return found


# ---------------------------------------------------------------------- to look


async def _show(press: Pressed) -> None:
    await press.acknowledge()
    ids = await press.room.present(replace(press.at.asker.place, reply_to=None), press.found)
    if ids and press.found.state not in (ItemState.DRAFT, ItemState.DISCARDED):
        watch = Watch(press.found.id, press.by, WatchKind.STATUS, ids[-1], press.at.language)
        await press.desk.store.watches.put(watch, press.desk.now())


async def _test(press: Pressed) -> None:
    """Send the post to the editor, as a chat in each language gets it."""
    await press.acknowledge("desk_test")
    await press.room.preview(press.at.asker.place, press.found.item)


async def _back(press: Pressed) -> None:
    await press.acknowledge()
    await press.at.leave()
    await press.refresh()


async def _log(press: Pressed) -> None:
    await press.acknowledge()
    entries = await press.desk.store.announcements.log(press.found.id)
    text = await press.room.log(entries, press.by)
    await press.desk.voice.say(press.at.asker.place, [text])


# ------------------------------------------------------------------- to publish


async def _approve(press: Pressed) -> None:
    """Publish a draft now, or at a time. Another editor's decision stands, whatever it was."""
    at = _moment(press)
    if not await _may_publish(press, at):
        return
    approval = await press.desk.store.announcements.approve(
        press.found.id, press.by, press.desk.now(), at=at, item=press.found.item
    )
    await press.acknowledge("desk_approved" if approval.is_new else "desk_approved_before")
    await press.refresh()


async def _move(press: Pressed) -> None:
    """Give another time to what waits for its own."""
    at = _moment(press)
    if not await _may_publish(press, at):
        return
    now = press.desk.now()
    is_new = await press.desk.store.announcements.reschedule(
        press.found.id, press.by, now, at or now
    )
    await press.acknowledge("desk_approved" if is_new else "desk_approved_before")
    await press.refresh()


def _moment(press: Pressed) -> datetime | None:
    """Read the time that a button carries; None: now. Raises `ValueError` for what is none."""
    minutes = press.words[1] if len(press.words) > 1 else NOW
    return None if minutes == NOW else EPOCH + id_of(minutes) * MINUTE


async def _may_publish(press: Pressed, at: datetime | None) -> bool:
    """Tell whether it can be published as it was shown; say why not, where it cannot."""
    if digest(press.found.item) != press.words[0]:
        await press.acknowledge("desk_changed_since")
        await press.room.present(press.at.asker.place, press.found)
        return False
    if at is not None and at <= press.desk.now():
        await press.acknowledge("desk_time_passed")
        return False
    await press.at.leave()
    if press.found.state in ENDED:
        await press.acknowledge("desk_too_late")
        await press.refresh()
        return False
    flaws = press.room.flaws(press.found.item)
    if flaws and press.found.state in WAITING:
        # A file or a feed may have brought what an editor could not have written.
        await press.acknowledge()
        await press.room.refuse(press.at.asker.place, flaws)
        return False
    return True


async def _when(press: Pressed) -> None:
    if press.found.state not in WAITING:
        await press.acknowledge("desk_approved_before")
        await press.refresh()
        return
    await press.acknowledge()
    zone = str(press.desk.options.zone)
    await press.at.ask("desk_ask_time", {"wants": "time", "id": press.found.id}, zone=zone)


async def _discard(press: Pressed) -> None:
    await press.acknowledge()
    text = Rendered(press.room.say("desk_sure_discard", title=press.room.title(press.found.item)))
    await press.show(text, await press.room.sure(press.found, "button_discard", "discard-yes"))


async def _discard_now(press: Pressed) -> None:
    done = await press.desk.store.announcements.discard(press.found.id, press.by, press.desk.now())
    await press.acknowledge("desk_discarded" if done else "desk_too_late")
    await press.refresh()


async def _retract(press: Pressed) -> None:
    await press.acknowledge()
    text = Rendered(press.room.say("desk_sure_retract", title=press.room.title(press.found.item)))
    await press.show(text, await press.room.sure(press.found, "button_retract", "retract-yes"))


async def _retract_now(press: Pressed) -> None:
    done = await press.desk.store.announcements.retract(press.found.id, press.by, press.desk.now())
    await press.acknowledge("desk_retracted" if done else "desk_too_late")
    await press.refresh()


# -------------------------------------------------------------------- to change


async def _edit(press: Pressed) -> None:
    if press.found.state in ENDED:
        await press.acknowledge("desk_too_late")
        await press.refresh()
        return
    await press.acknowledge()
    text = Rendered(press.room.say("desk_edit", title=press.room.title(press.found.item)))
    await press.show(text, await press.room.editing(press.found))


async def _text(press: Pressed) -> None:
    language = press.words[0]
    name = press.desk.mind.answerer.knowledge.languages[language].name
    await press.acknowledge()
    state = {"wants": "text", "id": press.found.id, "language": language}
    await press.at.ask("desk_ask_new_text", state, language=name)


async def _drop(press: Pressed) -> None:
    item = without_text(press.found.item, press.words[0])
    await press.acknowledge()
    await change(press.at, press.found, item)


async def _bare(press: Pressed) -> None:
    await press.acknowledge()
    await change(press.at, press.found, replace(press.found.item, image=None))


async def _unlink(press: Pressed) -> None:
    await press.acknowledge()
    await change(press.at, press.found, replace(press.found.item, link=None, preview=False))


async def _untag(press: Pressed) -> None:
    await press.acknowledge()
    await change(press.at, press.found, replace(press.found.item, topics=()))


async def _preview(press: Pressed) -> None:
    is_on = {"on": True, "off": False}[press.words[0]]
    await press.acknowledge()
    await change(press.at, press.found, replace(press.found.item, preview=is_on))


async def _apply(press: Pressed) -> None:
    """Let what was shown take the place of what was approved before."""
    state = await press.desk.store.dialogues.get(press.by, press.desk.now()) or {}
    item = from_json(state["item"])
    if state.get("id") != press.found.id or digest(item) != press.words[0]:
        raise KeyError("apply")
    if press.found.item != item and digest(press.found.item) != state.get("instead_of"):
        await press.at.leave()
        await press.acknowledge("desk_changed_since")
        await press.room.present(press.at.asker.place, press.found)
        return
    announcements, now = press.desk.store.announcements, press.desk.now()
    changed = await announcements.change(press.found.id, item, press.by, now)
    # The dialogue is left last: after a crash the press finds it again, and changes nothing more.
    await press.at.leave()
    await press.acknowledge("desk_too_late" if changed is None else "desk_applied")
    await press.refresh()


async def _leave(press: Pressed) -> None:
    await press.at.leave()
    await press.acknowledge("desk_left")
    await press.refresh()


ACTIONS: dict[str, Action] = {
    "show": _show,
    "test": _test,
    "back": _back,
    "log": _log,
    "approve": _approve,
    "at": _approve,
    "move": _move,
    "when": _when,
    "discard": _discard,
    "discard-yes": _discard_now,
    "retract": _retract,
    "retract-yes": _retract_now,
    "edit": _edit,
    "text": _text,
    "drop": _drop,
    "bare": _bare,
    "unlink": _unlink,
    "untag": _untag,
    "preview": _preview,
    "apply": _apply,
    "leave": _leave,
}
