"""A message to its answer: the main road of the bot in Telegram."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from telegram import Message, MessageEntity, Update

from bot.answering import Conversation, Outcome, Reply, Step
from bot.answering.finding import Words
from bot.telegram.buttons import Keyboard, under_reply
from bot.telegram.desk import Asker, Desk, Verdict, asker_of
from bot.telegram.render import Block, Rendered, messages, reply_blocks, runs

log = logging.getLogger(__name__)


async def asked(desk: Desk, update: Update) -> None:
    """Answer a text in a private chat, or the caption of a picture or file."""
    message = update.effective_message
    if message is None or is_own(desk, message):
        return
    await answer(desk, message, message.text or message.caption or "", is_edit=is_edit(update))


async def mentioned(desk: Desk, update: Update) -> None:
    """Answer in a group, where the bot is mentioned or one of its messages is replied to."""
    message = update.effective_message
    if message is None or is_own(desk, message) or is_automatic(message):
        return
    text = addressed(message, desk.bot.username, desk.bot.id)
    if text is None:
        return
    if not text:
        asker = await asker_of(desk, message)
        words = desk.say(asker.language(desk), "ask_prompt")
        await desk.voice.say(asker.place, [Rendered(words)])
        return
    await answer(desk, message, text, is_edit=is_edit(update))


async def wordless(desk: Desk, update: Update) -> None:
    """Say that text is read, where a message in a private chat has none; once an album."""
    message = update.message
    if message is None or is_own(desk, message):
        return
    if message.media_group_id:
        if message.media_group_id in desk.album:
            return
        desk.album.append(message.media_group_id)
    asker = await asker_of(desk, message)
    if await is_admitted(desk, asker):
        await desk.voice.say(asker.place, [Rendered(desk.say(asker.language(desk), "text_only"))])


def is_edit(update: Update) -> bool:
    """Tell whether a message was written before and has been changed."""
    return update.edited_message is not None


def is_own(desk: Desk, message: Message) -> bool:
    """Tell whether a message is one of the bot's own, sent by way of inline mode."""
    return message.via_bot is not None and message.via_bot.id == desk.bot.id


def is_automatic(message: Message) -> bool:
    """Tell whether nobody wrote a message here: a channel's post, or another bot's.

    Two bots must not talk to each other. An anonymous administrator looks like a bot, but writes
    in the name of a chat.
    """
    sender = message.from_user
    is_bots = sender is not None and sender.is_bot and message.sender_chat is None
    return bool(message.is_automatic_forward) or is_bots


def addressed(message: Message, username: str, bot_id: int) -> str | None:
    """Give what a group's message says to the bot, without the mention; None: it is not meant."""
    text = message.text or message.caption or ""
    is_meant = False
    found = message.parse_entities([MessageEntity.MENTION, MessageEntity.TEXT_MENTION])
    found |= message.parse_caption_entities([MessageEntity.MENTION, MessageEntity.TEXT_MENTION])
    for entity, words in found.items():
        by_name = words.lower() == f"@{username.lower()}"
        if by_name or (entity.user is not None and entity.user.id == bot_id):
            is_meant = True
            text = text.replace(words, " ", 1)
    replied = message.reply_to_message
    if replied is not None and replied.from_user is not None and replied.from_user.id == bot_id:
        is_service = replied.forum_topic_created is not None
        is_meant = is_meant or not is_service
    return text.strip() if is_meant else None


async def is_admitted(desk: Desk, asker: Asker) -> bool:
    """Tell whether the asker has not asked too much; say so once where he or she has."""
    verdict = await desk.calm.verdict(asker.user_id)
    if verdict is Verdict.TOO_MANY:
        most = desk.options.questions_per_minute
        words = desk.say(asker.language(desk), "too_many_questions", number=most)
        await desk.voice.say(asker.place, [Rendered(words)])
    return verdict is Verdict.WELCOME


async def answer(
    desk: Desk,
    message: Message,
    text: str,
    *,
    is_edit: bool = False,
    asker: Asker | None = None,
) -> None:
    """Answer a question that somebody wrote, or answer it anew where it was edited.

    An `asker` who is given has been admitted already.
    """
    if asker is None:
        asker = await asker_of(desk, message)
        if is_edit and desk.is_forgotten(message, asker.user_id):
            return
        if not await is_admitted(desk, asker):
            return
    began = time.perf_counter()
    reply, conversation = desk.mind.answerer.answer(
        asker.question(text), asker.conversation, desk.now()
    )
    spent = time.perf_counter() - began
    await deliver(desk, asker, reply, conversation, message.message_id, is_edit=is_edit)
    if reply.outcome is Outcome.NOT_IN_DOCUMENTS and desk.options.keep_unanswered:
        desk.keep(desk.store.unanswered.add(text, reply.language, desk.now()))
    _note(desk, reply, "answered a question", milliseconds=round(1000 * spent, 2))


async def answer_step(
    desk: Desk,
    asker: Asker,
    step: Step,
    language: str,
    message_id: int | None = None,
    *,
    is_edit: bool = False,
) -> None:
    """Answer a button, a command or a link. Raises `KeyError` where it has become meaningless."""
    reply, conversation = desk.mind.answerer.answer_step(
        step, language, asker.conversation, desk.now()
    )
    await deliver(desk, asker, reply, conversation, message_id, is_edit=is_edit)
    _note(desk, reply, "answered a step")


def _note(desk: Desk, reply: Reply, what: str, **more: object) -> None:
    """Count an answer and log it, without what was asked."""
    desk.counts.answers[reply.outcome, reply.intent or ""] += 1
    fields = {
        "outcome": str(reply.outcome),
        "intent": reply.intent,
        "language": reply.language,
        "confidence": round(reply.confidence, 1),
        "knowledge": desk.mind.version,
    }
    log.info(what, extra=fields | more)


async def deliver(
    desk: Desk,
    asker: Asker,
    reply: Reply,
    conversation: Conversation,
    message_id: int | None,
    *,
    is_edit: bool = False,
) -> None:
    """Send a reply, or put it in the place of the one before; remember the conversation."""
    parts = messages(blocks_of(desk, reply))
    if not is_edit:
        desk.keep(desk.store.answers.add(reply.outcome, reply.intent, desk.now()))
    await send(desk, asker, parts, keyboard_of(desk, reply), message_id, is_edit=is_edit)
    desk.keep(desk.store.conversations.put(asker.key, conversation.as_json(), desk.now()))


async def send(
    desk: Desk,
    asker: Asker,
    parts: Sequence[Rendered],
    keyboard: Keyboard | None,
    message_id: int | None,
    *,
    is_edit: bool = False,
) -> None:
    """Send messages as the answer to one, or in the place of those that were."""
    store, chat_id = desk.store, asker.place.chat_id
    before: Sequence[int] = ()
    if is_edit and message_id is not None:
        before = await store.replies.get(chat_id, message_id, desk.now())
    if before:
        ids = await desk.voice.edit(asker.place, before, parts, keyboard)
    else:
        ids = await desk.voice.say(asker.place, parts, keyboard)
    if message_id is not None and ids:
        desk.keep(store.replies.put(chat_id, message_id, ids, desk.now(), user_id=asker.user_id))


def blocks_of(desk: Desk, reply: Reply) -> list[Block]:
    """Give a reply as blocks, with its source lines and where else one might ask."""
    ending = []
    if reply.outcome is Outcome.NOT_IN_DOCUMENTS and desk.options.contact:
        ending.append(desk.say(reply.language, "where_to_ask", contact=desk.options.contact))
    return reply_blocks(reply, source_lines(desk, reply), ending)


def source_lines(desk: Desk, reply: Reply) -> list[str]:
    """Say where the quotes of a reply stand: one line for those of one document in a row."""
    found = []
    wording = desk.wording(reply.language)
    for run in runs(reply.sources):
        numbers = sorted({n for s in run for n in range(s.first_line, s.last_line + 1)})
        if len(numbers) == 1:
            found.append(wording.source_line(run[0]))
            continue
        key = "source_lines" if run[0].date else "source_lines_undated"
        values = {"title": Words(run[0].title), "lines": Words(spans(numbers))}
        dated = {"date": run[0].date} if run[0].date else {}
        found.append(desk.say(reply.language, key, **values, **dated))
    return found


def spans(numbers: Sequence[int]) -> str:
    """Write numbers shortly: `1, 3-5`."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


def keyboard_of(desk: Desk, reply: Reply) -> Keyboard | None:
    """Give what stands under a reply."""
    wording = desk.wording(reply.language)
    return under_reply(
        reply, lambda key: wording.language.replies[key], in_full=_in_full(desk, reply)
    )


def _in_full(desk: Desk, reply: Reply) -> str | None:
    """Give the document's question of which a reply shows a part of the answer."""
    if reply.intent != "passage":
        return None
    shown = {source.quote for source in reply.sources}
    for document in desk.mind.answerer.knowledge.documents.values():
        for passage in document.passages:
            if passage.quote.text in shown and passage.asked:
                whole = {p.quote.text for p in document.passages if p.asked == passage.asked}
                return passage.asked if whole - shown else None
    return None
