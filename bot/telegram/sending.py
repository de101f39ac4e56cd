"""Messages out, and what Telegram's refusals mean.

A decision table first (`meaning`), then the hand that obeys it. A message that never left is sent
when Telegram can be reached again; one that may have arrived is not sent twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from telegram import CallbackQuery
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)

from bot.settings import Uncertain
from bot.store import Store
from bot.telegram.client import NotSentError
from bot.telegram.line import Json, Line
from bot.telegram.redaction import redacted
from bot.telegram.render import Rendered

log = logging.getLogger(__name__)

LONGEST_PAUSE = 60.0
REPEATS = 5
"""How often what may be repeated is, while Telegram has trouble."""
GENERAL_TOPIC = 1
LONGEST_NOTICE = 200
NO_PREVIEW: Json = {"is_disabled": True}
Result = TypeVar("Result")


class Trouble(StrEnum):
    """What a refusal or failure means for what was to be done."""

    DONE = "done"
    """It is as it should be already."""
    GONE = "gone"
    """The message to be changed is no longer there, or too old."""
    MOVED = "moved"
    """The group has become a supergroup."""
    SHUT = "shut"
    """The chat cannot be written to until somebody lets the bot in again."""
    NOT_SENT = "not sent"
    UNSURE = "unsure"
    """It may have been done."""
    REFUSED = "refused"
    """It would be refused again."""


_DONE = ("message is not modified",)
_GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message identifier is not specified",
)
_SHUT = (
    "not enough rights",
    "have no rights to send",
    "need administrator rights",
    "chat_write_forbidden",
    "topic_closed",
    "topic_deleted",
    "message thread not found",
    "chat not found",
    "user_is_blocked",
    "peer_id_invalid",
    "chat_restricted",
    "group chat was deactivated",
    "upgraded to a supergroup",
    "no write access",
    "chat_send_",
    "chat_guest_send_forbidden",
    "chat_admin_required",
    "channel_private",
    "user_banned_in_channel",
    "topic_id_invalid",
    "bot was kicked",
    "bot was blocked",
    "bot is not a member",
    "user is deactivated",
)


def meaning(error: TelegramError) -> Trouble:
    """Tell what an error means. The library's `BadRequest` is a `NetworkError`: order counts."""
    if isinstance(error, ChatMigrated):
        return Trouble.MOVED
    if isinstance(error, Forbidden):
        return Trouble.SHUT
    if isinstance(error, BadRequest):
        text = error.message.lower()
        for words, trouble in (
            (_DONE, Trouble.DONE),
            (_GONE, Trouble.GONE),
            (_SHUT, Trouble.SHUT),
        ):
            if any(word in text for word in words):
                return trouble
        return Trouble.REFUSED
    if isinstance(error, NotSentError):
        return Trouble.NOT_SENT
    if isinstance(error, InvalidToken):
        return Trouble.REFUSED
    return Trouble.UNSURE if isinstance(error, NetworkError) else Trouble.REFUSED


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes."""

    chat_id: int
    thread_id: int | None = None
    reply_to: int | None = None
    is_private: bool = True


class Voice:
    """Says things in chats."""

    def __init__(
        self,
        line: Line,
        store: Store,
        now: Callable[[], datetime],
        *,
        uncertain: Uncertain = Uncertain.ASK,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare a voice.

        Args:
            line: to speak over.
            store: where chats are paused and renamed.
            now: gives the time.
            uncertain: what to do where a message may have arrived.
            rest: waits some seconds.
        """
        self._line = line
        self._store = store
        self._now = now
        self._uncertain = uncertain
        self._rest = rest
        self._paused: set[int] = set()

    async def say(
        self, place: Place, parts: Sequence[Rendered], keyboard: Json | None = None
    ) -> list[int]:
        """Send the parts of an answer, the keyboard under the last; give their message ids.

        Ends early where the chat cannot be written to; it is paused then.
        """
        ids = []
        chat_id = place.chat_id
        for number, part in enumerate(parts):
            reply_to = place.reply_to if number == 0 else None
            chat_id, sent = await self._send(
                place, chat_id, part, reply_to, keyboard if number == len(parts) - 1 else None
            )
            if sent is None:
                break
            ids.append(sent)
        return ids

    async def _send(
        self,
        place: Place,
        chat_id: int,
        part: Rendered,
        reply_to: int | None,
        keyboard: Json | None,
    ) -> tuple[int, int | None]:
        values: Json = {
            "text": part.text,
            "entities": part.entities or None,
            "message_thread_id": place.thread_id if place.thread_id != GENERAL_TOPIC else None,
            "reply_markup": keyboard,
            "link_preview_options": NO_PREVIEW,
        }
        if reply_to is not None:
            values["reply_parameters"] = {
                "message_id": reply_to,
                "allow_sending_without_reply": True,
            }

        async def call(chat: int) -> int:
            return await self._line.message_id("sendMessage", {"chat_id": chat, **values})

        twice = self._uncertain is Uncertain.RESEND and place.is_private
        return await self._try(call, chat_id, repeats=1 if twice else 0)

    async def edit(
        self,
        place: Place,
        ids: Sequence[int],
        parts: Sequence[Rendered],
        keyboard: Json | None = None,
    ) -> list[int]:
        """Let messages say something else: fewer are deleted, more are added; give their ids."""
        kept: list[int] = []
        for number, (message_id, part) in enumerate(zip(ids, parts, strict=False)):
            markup = keyboard if number == len(parts) - 1 else None

            async def call(
                chat: int,
                message_id: int = message_id,
                part: Rendered = part,
                markup: Json | None = markup,
            ) -> int:
                values = {
                    "chat_id": chat,
                    "message_id": message_id,
                    "text": part.text,
                    "entities": part.entities or None,
                    "reply_markup": markup,
                    "link_preview_options": NO_PREVIEW,
                }
                await self._line.call("editMessageText", values)
                return message_id

            _, done = await self._try(call, place.chat_id, repeats=REPEATS, otherwise=message_id)
            if done is None:
                break
            kept.append(done)
        for message_id in ids[len(parts) :]:
            values = {"chat_id": place.chat_id, "message_id": message_id}
            await self.quietly(self._line.call("deleteMessage", values))
        if len(kept) == len(ids) < len(parts):
            kept += await self.say(place, parts[len(ids) :], keyboard)
        return kept

    async def change_keyboard(self, chat_id: int, message_id: int, keyboard: Json | None) -> None:
        """Let other buttons stand under a message."""

        async def call(chat: int) -> int:
            values = {"chat_id": chat, "message_id": message_id, "reply_markup": keyboard}
            await self._line.call("editMessageReplyMarkup", values)
            return message_id

        await self._try(call, chat_id, repeats=REPEATS)

    async def acknowledge(
        self, query: CallbackQuery, text: str = "", *, alert: bool = False
    ) -> None:
        """Tell the reader's program that a press has arrived; a query too old is let go.

        An `alert` stays until the reader closes it.
        """
        values = {
            "callback_query_id": query.id,
            "text": text[:LONGEST_NOTICE] or None,
            "show_alert": alert or None,
        }
        await self.quietly(self._line.call("answerCallbackQuery", values))

    async def quietly(self, call: Awaitable[Result]) -> Result | None:
        """Do what does not matter much; give None where Telegram did not."""
        try:
            return await call
        except TelegramError as error:
            log.info("not done: %s", redacted(str(error)))
            return None

    async def _try(
        self,
        call: Callable[[int], Awaitable[int]],
        chat_id: int,
        *,
        repeats: int,
        otherwise: int | None = None,
    ) -> tuple[int, int | None]:
        """Do something in a chat until it is done or cannot be.

        Args:
            call: does it in the chat of an id, and gives a message's id.
            chat_id: which chat.
            repeats: how often it is done again when it may have been done.
            otherwise: what to give where nothing had to be done.

        Returns:
            The chat's id now, and what the call gave, or None where it could not be done.
        """
        pause = 1.0
        while True:
            try:
                result = await call(chat_id)
            except TelegramError as error:
                match meaning(error):
                    case Trouble.DONE:
                        return chat_id, otherwise
                    case Trouble.MOVED if isinstance(error, ChatMigrated):
                        await self._store.chats.migrate(chat_id, error.new_chat_id, self._now())
                        chat_id = error.new_chat_id
                        continue
                    case Trouble.SHUT:
                        await self.pause(chat_id, error.message)
                        return chat_id, None
                    case Trouble.NOT_SENT:
                        log.warning("Telegram cannot be reached: %s", redacted(str(error)))
                    case Trouble.UNSURE if repeats > 0:
                        repeats -= 1
                    case trouble:
                        log.warning("%s in chat %s: %s", trouble, chat_id, redacted(str(error)))
                        return chat_id, None
                await self._rest(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                if chat_id in self._paused:
                    await self.resume(chat_id)
                return chat_id, result

    async def pause(self, chat_id: int, reason: str) -> None:
        """Note that a chat cannot be written to."""
        log.info("chat %s cannot be written to: %s", chat_id, redacted(reason))
        self._paused.add(chat_id)
        await self._store.chats.pause(chat_id, redacted(reason), self._now())

    async def resume(self, chat_id: int) -> None:
        """Note that a chat can be written to again."""
        self._paused.discard(chat_id)
        if await self._store.chats.resume(chat_id):
            log.info("chat %s can be written to again", chat_id)
