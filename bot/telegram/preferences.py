"""What readers and chats decide: language, news, sound, topic."""

from __future__ import annotations

from dataclasses import replace

from telegram import CallbackQuery, Message

from bot.telegram.buttons import Keyboard, Press, Row, Verb, button, keyboard, rows
from bot.telegram.chats import may_change
from bot.telegram.desk import Asker, Desk
from bot.telegram.render import Rendered, headed, messages

AUTOMATIC = "auto"


def language_keyboard(desk: Desk, language: str, verb: Verb) -> Keyboard | None:
    """Give a button for each language, and one for that of the question."""
    found = [
        one
        for code, known in desk.mind.answerer.knowledge.languages.items()
        for one in button(known.name, verb, language, code)
    ]
    found += button(desk.say(language, "button_automatic"), verb, language, AUTOMATIC)
    return keyboard(rows(found))


def language_text(desk: Desk, chosen: str | None, language: str) -> str:
    """Say what was chosen."""
    if chosen is None:
        return desk.say(language, "language_automatic")
    name = desk.mind.answerer.knowledge.languages[chosen].name
    return desk.say(chosen, "language_chosen", language=name)


async def choose_language(desk: Desk, asker: Asker, code: str | None, *, for_chat: bool) -> Asker:
    """Keep a language, or None for that of the question; give the asker as he or she is now."""
    if code is not None and code not in desk.mind.answerer.knowledge.languages:
        raise KeyError(code)
    if for_chat:
        await desk.store.chats.set_language(asker.chat.id, code)
        return replace(asker, chat=replace(asker.chat, language=code))
    await desk.store.readers.set_language(asker.user_id, code)
    return replace(asker, chosen=code or asker.chat.language)


def settings_text(desk: Desk, asker: Asker, language: str) -> Rendered:
    """Say how the chat is set."""
    chat = asker.chat
    names = desk.mind.answerer.knowledge.languages
    say = desk.say

    def on(value: bool) -> str:
        return say(language, "value_on" if value else "value_off")

    chosen = names[chat.language].name if chat.language and chat.language in names else None
    lines = [
        say(language, "settings_language", value=chosen or say(language, "value_automatic")),
        say(language, "settings_news", value=on(chat.news)),
        say(language, "settings_sound", value=on(not chat.silent)),
    ]
    if chat.is_forum:
        here = asker.place.thread_id
        topic = "value_no_topic" if chat.thread_id is None else "value_other_topic"
        if chat.thread_id is not None and chat.thread_id == here:
            topic = "value_this_topic"
        lines.append(say(language, "settings_topic", value=say(language, topic)))
    return messages([headed(say(language, "settings"), *lines)])[0]


def settings_keyboard(desk: Desk, asker: Asker, language: str) -> Keyboard | None:
    """Give the buttons that change what is set."""
    chat = asker.chat

    def choice(key: str, *words: str) -> Row:
        return button(desk.say(language, key), Verb.SETTING, language, *words)

    news = ("button_news_off", "off") if chat.news else ("button_news_on", "on")
    sound = ("button_sound_on", "on") if chat.silent else ("button_sound_off", "off")
    first = [*choice("button_language", "language"), *choice(news[0], "news", news[1])]
    second = choice(sound[0], "sound", sound[1])
    if chat.is_forum:
        topic = ("button_topic_none", "none") if chat.thread_id else ("button_topic_here", "here")
        second += choice(topic[0], "topic", topic[1])
    return keyboard([first, second])


async def pressed(desk: Desk, query: CallbackQuery, asker: Asker, press: Press) -> None:
    """Change what a button says. Raises `LookupError` where it means nothing any more."""
    language = asker.chosen or press.language
    message = query.message
    if not isinstance(message, Message):
        raise KeyError(press.verb)
    is_own = press.verb is Verb.LANGUAGE
    if not is_own and not await may_change(desk, asker, query.from_user.id):
        await desk.voice.acknowledge(query, desk.say(language, "administrators_only"))
        return
    if press.verb is Verb.SETTING:
        what, *how = press.words
        if what == "language":
            await desk.voice.acknowledge(query)
            text = Rendered(desk.say(language, "language_question_chat"))
            markup = language_keyboard(desk, language, Verb.CHAT_LANGUAGE)
            await desk.voice.edit(asker.place, [message.message_id], [text], markup)
            return
        asker = await _set(desk, asker, what, how[0])
    else:
        code = None if press.words[0] == AUTOMATIC else press.words[0]
        asker = await choose_language(desk, asker, code, for_chat=not is_own)
        language = code or language
    await desk.voice.acknowledge(query, desk.say(language, "settings_saved"))
    if is_own:
        text = Rendered(language_text(desk, code, language))
        await desk.voice.edit(asker.place, [message.message_id], [text])
        return
    await desk.voice.edit(
        asker.place,
        [message.message_id],
        [settings_text(desk, asker, language)],
        settings_keyboard(desk, asker, language),
    )


async def _set(desk: Desk, asker: Asker, what: str, how: str) -> Asker:
    chats, chat_id = desk.store.chats, asker.chat.id
    match what, how:
        case "news", "on" | "off":
            chat = await chats.set_news(chat_id, on=how == "on")
        case "sound", "on" | "off":
            chat = await chats.set_silent(chat_id, on=how == "off")
        case "topic", "here" | "none":
            thread = asker.place.thread_id if how == "here" else None
            chat = await chats.set_thread(chat_id, thread)
        case _:
            raise KeyError(what)
    return replace(asker, chat=chat or asker.chat)
