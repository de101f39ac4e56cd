"""Chats: the bot comes and goes, groups become supergroups, administrators decide."""

from __future__ import annotations

import asyncio
import logging
import time

from telegram import (
    Chat,
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberRestricted,
    ChatMemberUpdated,
    Update,
)
from telegram.constants import ChatMemberStatus
from telegram.error import TelegramError

from bot.answering import Conversation, Question
from bot.store import ChatKind
from bot.telegram.desk import Asker, Desk
from bot.telegram.render import Rendered
from bot.telegram.sending import Place

log = logging.getLogger(__name__)

BELIEVED_SECONDS = 60.0
MOST_BELIEVED = 10_000
GROUP_ANONYMOUS_BOT = 1087968824
"""Who Telegram shows as the sender for an administrator that stays anonymous."""
RULING = frozenset({ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER})
NO_RIGHT = "no right to post"
"""The reason where the bot administers a channel and may not post there."""
GROUPS = frozenset({Chat.GROUP, Chat.SUPERGROUP})


async def may_change(desk: Desk, asker: Asker, user_id: int) -> bool:
    """Tell whether somebody may change a chat: in private everyone, in groups administrators.

    Telegram is asked, and believed for a minute. Who writes in the group's own name administers
    it: nobody else can.
    """
    chat_id = asker.chat.id
    if asker.place.is_private or user_id == chat_id:
        return True
    return await administers(desk, chat_id, user_id)


async def administers(desk: Desk, chat_id: int, user_id: int) -> bool:
    """Ask Telegram who administers a chat; the answer is believed for a minute."""
    key, now = (chat_id, user_id), time.monotonic()
    until, is_ruling = desk.administrators.get(key, (0.0, False))
    if now < until:
        return is_ruling
    try:
        place = {"chat_id": chat_id, "user_id": user_id}
        member = await desk.line.call("getChatMember", place)
    except TelegramError as error:
        log.info("nobody could be asked who administers chat %s: %s", chat_id, error)
        return False
    if len(desk.administrators) >= MOST_BELIEVED:
        desk.administrators.clear()
    is_ruling = isinstance(member, dict) and member.get("status") in RULING
    desk.administrators[key] = (now + BELIEVED_SECONDS, is_ruling)
    return is_ruling


def is_here(member: ChatMember, kind: str = "") -> bool:
    """Tell whether the bot, being this, can write; in a channel that takes a right of its own."""
    if kind == Chat.CHANNEL:
        return isinstance(member, ChatMemberAdministrator) and bool(member.can_post_messages)
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and bool(member.can_send_messages)
    return member.status in {*RULING, ChatMemberStatus.MEMBER}


async def changed(desk: Desk, update: Update) -> None:
    """Note that the bot was let in, thrown out, blocked or unblocked."""
    change = update.my_chat_member
    if change is None:
        return
    chat = change.chat
    await desk.store.chats.remember(
        chat.id,
        ChatKind(chat.type),
        title=chat.title,
        username=chat.username,
        is_forum=bool(chat.is_forum),
    )
    new, old = change.new_chat_member, change.old_chat_member
    if not is_here(new, chat.type):
        is_mute = new.status == ChatMemberStatus.ADMINISTRATOR
        await desk.voice.pause(chat.id, NO_RIGHT if is_mute else new.status)
        return
    await desk.voice.resume(chat.id)
    if is_here(old, chat.type):
        return
    if chat.type in GROUPS:
        await _greet(desk, chat.id, change.from_user.language_code)
    elif chat.type == Chat.CHANNEL:
        await _begin_channel(desk, change)


async def _begin_channel(desk: Desk, change: ChatMemberUpdated) -> None:
    """Bring news into a channel, and tell whoever let the bot post there how to change that."""
    from bot.telegram.preferences import Panel

    chat = await desk.store.chats.set_news(change.chat.id, on=True)
    adder = change.from_user
    if chat is None or adder.is_bot:
        return
    reader = await desk.store.readers.get(adder.id)
    question = Question("", reader.language if reader else None, adder.language_code)
    language = desk.mind.answerer.language_for(question, Conversation())
    panel = Panel(desk, chat, language)
    words = desk.say(language, "channel_begun", channel=chat.title or str(chat.id))
    text = panel.text()
    await desk.voice.say(Place(adder.id), [Rendered(words), text], panel.keyboard())


async def _greet(desk: Desk, chat_id: int, code: str | None) -> None:
    known = await desk.store.chats.get(chat_id)
    question = Question("", known.language if known else None, code)
    language = desk.mind.answerer.language_for(question, Conversation())
    reads_all = bool(desk.bot.bot.can_read_all_group_messages)
    key = "welcome_group_all" if reads_all else "welcome_group"
    words = desk.say(language, key, bot=f"@{desk.bot.username}")
    await desk.voice.say(Place(chat_id, is_private=False), [Rendered(words)])


async def migrated(desk: Desk, update: Update) -> None:
    """Give a group's settings to the supergroup that it became. Both chats tell, in any order."""
    message = update.message
    if message is None:
        return
    old, new = message.chat.id, message.migrate_to_chat_id
    if new is None and message.migrate_from_chat_id is not None:
        old, new = message.migrate_from_chat_id, message.chat.id
    if new is not None:
        await desk.store.chats.migrate(old, new, desk.now())


async def reopened(desk: Desk, update: Update) -> None:
    """Note that a topic can be written to again."""
    if update.message is not None:
        await desk.voice.resume(update.message.chat.id)


async def tell_editors(desk: Desk, key: str, **values: str) -> None:
    """Tell the editors who have started the bot something about its running."""
    for user_id in sorted(desk.options.editors):
        reader = await desk.store.readers.get(user_id)
        if reader is None or reader.started_at is None:
            continue
        question = Question("", reader.language, None)
        language = desk.mind.answerer.language_for(question, Conversation())
        words = desk.say(language, key, **values)
        await asyncio.shield(desk.voice.say(Place(user_id), [Rendered(words[:4000])]))
