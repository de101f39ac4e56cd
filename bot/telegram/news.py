"""Announcements into chats: one request, and what came of it as a value."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

from telegram.error import BadRequest, ChatMigrated, InvalidToken, RetryAfter, TelegramError

from bot.answering.finding import say
from bot.news.deliveries import (
    Action,
    Delivery,
    Moved,
    NotSent,
    Refused,
    Result,
    Sent,
    Shut,
    Task,
    Unsure,
    Wait,
)
from bot.news.post import Post, compose, language_of
from bot.store import Store
from bot.telegram.line import Json, Line
from bot.telegram.mind import Mind
from bot.telegram.pace import BOOKED, Pace, seconds_of
from bot.telegram.redaction import redacted
from bot.telegram.refusals import whole
from bot.telegram.sending import GENERAL_TOPIC, NO_PREVIEW, Trouble, Voice, meaning

log = logging.getLogger(__name__)

FILE_ID = "telegram:"
"""What stands before the id of a picture that Telegram has already."""
MOST_UPLOADED = 100
_ENDPOINT = {
    Action.POST: "sendMessage",
    Action.EDIT: "editMessageText",
    Action.RETRACT: "deleteMessage",
}
PICTURE_STAYS = "with its picture: Telegram takes none out of a post"
_GONE = ("message to delete not found", "message_id_invalid")
_NO_PICTURE = (
    "failed to get http url content",
    "wrong file identifier",
    "wrong remote file identifier",
    "wrong type of the web page content",
    "webpage_curl_failed",
    "webpage_media_empty",
    "photo_invalid_dimensions",
    "image_process_failed",
)
"""How Telegram says that it could not make a picture of what an address gave."""


class Carrier:
    """Carries announcements to chats, at the pace that Telegram permits."""

    def __init__(
        self,
        line: Line,
        pace: Pace,
        store: Store,
        voice: Voice,
        mind: Mind,
        now: Callable[[], datetime],
        zone: tzinfo,
    ) -> None:
        """Prepare a carrier.

        Args:
            line: to send over.
            pace: says when.
            store: where groups are renamed.
            voice: notes which chats cannot be written to.
            mind: the wording of what an item does not say.
            now: gives the time.
            zone: of the times that are shown.
        """
        self._line = line
        self._pace = pace
        self._store = store
        self._voice = voice
        self._mind = mind
        self._now = now
        self._zone = zone
        self._uploaded: dict[tuple[str, int], str] = {}
        """What Telegram calls a file that it has got, by its path and time."""

    def busy(self, delivery: Delivery) -> float:
        """Give the seconds until its chat may be written to; 0: now."""
        return self._pace.busy(delivery.chat_id, _ENDPOINT[delivery.action])

    async def turn(self, delivery: Delivery) -> None:
        """Wait for room among all chats, and take it."""
        await self._pace.turn(delivery.chat_id, _ENDPOINT[delivery.action])

    async def send(self, task: Task) -> Result:
        """Make one request and say what came of it."""
        chat_id = task.delivery.chat_id
        if task.delivery.action is not Action.POST and task.posted_in != chat_id:
            return Refused("posted before the group became a supergroup")
        try:
            match task.delivery.action:
                case Action.POST:
                    return await self._post(task)
                case Action.EDIT:
                    return await self._edit(task, self._composed(task))
                case Action.RETRACT:
                    return await self._retract(task)
        except OSError as error:
            return Refused(f"the picture cannot be read: {error.strerror}")
        except TelegramError as error:
            return await self._meant(task, error)

    def _composed(self, task: Task) -> Post:
        item, updated = task.item, task.revised_at
        return compose(
            item,
            task.language or "",
            self._mind.answerer.wording,
            updated=updated and updated.astimezone(self._zone),
        )

    async def _post(self, task: Task) -> Result:
        post = self._composed(task)
        values: Json = {
            "chat_id": task.delivery.chat_id,
            "message_thread_id": task.thread_id if task.thread_id != GENERAL_TOPIC else None,
            "disable_notification": task.is_silent or None,
        }
        why = None
        try:
            found = await self._put(post, values, how=BOOKED)
        except BadRequest as error:
            why = _without_picture(post, error)
            if why is None:
                raise
            # It was refused, so nothing is there: better the words alone than nothing.
            post = self._composed(_bare(task))
            await self.turn(task.delivery)
            found = await self._put(post, values, how=BOOKED)
        number = whole(found.get("message_id")) if isinstance(found, dict) else None
        if number is None:
            return Unsure("an answer without a message id")
        return Sent(number, has_image=post.image is not None, reason=why)

    async def _put(self, post: Post, place: Json, *, how: str | None = None) -> object:
        """Put a post into a chat; give what Telegram says of it."""
        values = {**place, **_content(post)}
        if post.image is None:
            return await self._line.call("sendMessage", values, how=how)
        values["photo"], file = self._photo(post.image)
        found: object = await self._line.call("sendPhoto", values, file=file, how=how)
        self._remember(post.image, found)
        return found

    async def show(self, chat_id: int, post: Post) -> str | None:
        """Show an editor a post as it will look; give why, where that cannot be."""
        try:
            await self._put(post, {"chat_id": chat_id})
        except OSError as error:
            return f"the picture cannot be read: {error.strerror}"
        except TelegramError as error:
            return redacted(error.message)
        return None

    async def _edit(self, task: Task, post: Post) -> Result:
        place = {"chat_id": task.delivery.chat_id, "message_id": task.message_id}
        why, image = None, post.image
        if image is not None:
            photo, file = self._photo(image)
            media = {"type": "photo", "media": photo, **_content(post)}
            values = {**place, "media": media}
            try:
                found = await self._line.call("editMessageMedia", values, file=file, how=BOOKED)
            except BadRequest as error:
                why = _without_picture(post, error)
                if why is None:
                    raise
                post = self._composed(_bare(task))
                await self.turn(task.delivery)
            else:
                self._remember(image, found)
                return Sent(has_image=True)
        method = "editMessageCaption" if task.has_image else "editMessageText"
        content = _content(post, is_caption=task.has_image)
        await self._line.call(method, {**place, **content}, how=BOOKED)
        return Sent(
            has_image=task.has_image, reason=why or (PICTURE_STAYS if task.has_image else None)
        )

    async def _retract(self, task: Task) -> Result:
        """Delete a post; one that Telegram keeps is edited to say that it is withdrawn."""
        place = {"chat_id": task.delivery.chat_id, "message_id": task.message_id}
        try:
            await self._line.call("deleteMessage", place, how=BOOKED)
        except BadRequest as error:
            words = error.message.lower()
            if any(gone in words for gone in _GONE):
                return Sent(reason="deleted before")
            if meaning(error) is Trouble.SHUT:
                raise
            await self._edit(task, Post(self._withdrawn(task), (), None, None, ""))
            return Sent(reason="edited: Telegram does not delete it")
        return Sent()

    def _withdrawn(self, task: Task) -> str:
        """Say that an announcement no longer stands, in the language that it was posted in."""
        language = language_of(task.item, task.language or "")
        known = self._mind.answerer.knowledge.languages
        wording = self._mind.answerer.wording(language if language in known else next(iter(known)))
        return wording.say(say("news_withdrawn"))

    def _photo(self, image: str) -> tuple[str, Path | None]:
        """Give what Telegram is to show, and the file to be sent along, if any."""
        if image.startswith(FILE_ID):
            return image.removeprefix(FILE_ID), None
        if image.startswith(("https://", "http://")):
            return image, None
        known = self._uploaded.get(_file(image))
        return (known, None) if known else ("attach://file", Path(image))

    def _remember(self, image: str, message: object) -> None:
        """Note what Telegram calls a file, so that it is sent once and not to each chat."""
        if image.startswith((FILE_ID, "https://", "http://")) or not isinstance(message, dict):
            return
        sizes = message.get("photo")
        largest = sizes[-1] if isinstance(sizes, list) and sizes else None
        name = largest.get("file_id") if isinstance(largest, dict) else None
        if name and isinstance(name, str):
            if len(self._uploaded) >= MOST_UPLOADED:
                self._uploaded.clear()
            self._uploaded[_file(image)] = name

    async def _meant(self, task: Task, error: TelegramError) -> Result:
        """Turn an error of the library into what it means for the delivery."""
        chat_id = task.delivery.chat_id
        if isinstance(error, RetryAfter):
            return Wait(seconds_of(error))
        if isinstance(error, ChatMigrated):
            await self._store.chats.migrate(chat_id, error.new_chat_id, self._now())
            return Moved(error.new_chat_id)
        reason = redacted(error.message)
        if isinstance(error, InvalidToken):  # nothing was done, and with a right token it may be
            return NotSent(reason)
        trouble = meaning(error)
        if trouble is Trouble.SHUT:
            await self._voice.pause(chat_id, reason)
        match trouble:
            case Trouble.DONE:
                return Sent(has_image=task.has_image or task.item.image is not None)
            case Trouble.SHUT:
                return Shut(reason)
            case Trouble.NOT_SENT:
                return NotSent(reason)
            case Trouble.UNSURE:
                return Unsure(reason)
            case _:
                return Refused(reason)


def _without_picture(post: Post, error: BadRequest) -> str | None:
    """Say why a post has to do without its picture; None where that is not what is wrong.

    A file of the knowledge is somebody's to mend; what an address gives is not.
    """
    words = error.message.lower()
    if not (post.image or "").startswith("https://"):
        return None
    if not any(one in words for one in _NO_PICTURE):
        return None
    return f"without its picture: {redacted(error.message)}"


def _bare(task: Task) -> Task:
    return replace(task, item=replace(task.item, image=None))


def _content(post: Post, *, is_caption: bool = False) -> Json:
    entities = list(post.entities) or None
    if post.image is not None or is_caption:
        return {"caption": post.text, "caption_entities": entities}
    preview: Json = {"url": post.preview} if post.preview else NO_PREVIEW
    return {"text": post.text, "entities": entities, "link_preview_options": preview}


def _file(image: str) -> tuple[str, int]:
    return image, Path(image).stat().st_mtime_ns
