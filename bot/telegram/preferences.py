"""What readers and chats decide: language, news, sound, topics.

A channel is set in the private chat of whoever administers it: nobody presses buttons there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from telegram import CallbackQuery, Message

from bot.store import Chat, ChatKind
from bot.telegram.buttons import Keyboard, Press, Row, Verb, button, id_of, keyboard, rows
from bot.telegram.chats import administers, may_change
from bot.telegram.desk import Asker, Desk
from bot.telegram.render import Rendered, headed, messages

AUTOMATIC = "auto"
MOST_TOPICS = 60
"""Telegram shows at most 100 buttons."""


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


async def choose_language(desk: Desk, asker: Asker, code: str | None) -> None:
    """Keep a reader's language, or None for that of the question. Raises `KeyError`."""
    if code is not None and code not in desk.mind.answerer.knowledge.languages:
        raise KeyError(code)
    await desk.store.readers.set_language(asker.user_id, code)


@dataclass(frozen=True, slots=True)
class Panel:
    """How a chat is set, with buttons that change it."""

    desk: Desk
    chat: Chat
    language: str
    here: int | None = None
    """The topic in which the panel stands."""

    @property
    def is_afar(self) -> bool:
        """Tell whether it stands in another chat than the one that it is about."""
        return self.chat.kind is ChatKind.CHANNEL

    def text(self) -> Rendered:
        """Say how the chat is set."""
        chat, names = self.chat, self.desk.mind.answerer.knowledge.languages
        chosen = names[chat.language].name if chat.language and chat.language in names else None
        automatic = "value_first_language" if self.is_afar else "value_automatic"
        lines = [
            self._say("settings_language", chosen or self._say(automatic)),
            self._say("settings_news", self._on(chat.news)),
            self._say("settings_sound", self._on(not chat.silent)),
        ]
        if chat.topics:
            lines.append(self._say("settings_topics", ", ".join(chat.topics)))
        if chat.is_forum:
            topic = "value_no_topic" if chat.thread_id is None else "value_other_topic"
            if chat.thread_id is not None and chat.thread_id == self.here:
                topic = "value_this_topic"
            lines.append(self._say("settings_topic", self._say(topic)))
        if self.is_afar and chat.paused_reason:
            lines.append(self._say("settings_paused", chat.paused_reason))
        heading = self._say("settings")
        if self.is_afar:
            heading = self._say("settings_channel", chat.title or str(chat.id))
        return messages([headed(heading, *lines)])[0]

    def keyboard(self) -> Keyboard | None:
        """Give the buttons."""
        chat = self.chat
        news = ("button_news_off", "off") if chat.news else ("button_news_on", "on")
        sound = ("button_sound_on", "on") if chat.silent else ("button_sound_off", "off")
        first = [*self._choice("button_language", "language")]
        first += self._choice(news[0], "news", news[1])
        second = self._choice(sound[0], "sound", sound[1])
        if chat.is_forum:
            is_set = chat.thread_id is not None
            topic = ("button_topic_none", "none") if is_set else ("button_topic_here", "here")
            second += self._choice(topic[0], "topic", topic[1])
        second += self._choice("button_topics", "about", "list")
        return keyboard([first, second])

    def languages(self) -> Keyboard | None:
        """Give a button for each language."""
        if not self.is_afar:
            return language_keyboard(self.desk, self.language, Verb.CHAT_LANGUAGE)
        known = self.desk.mind.answerer.knowledge.languages
        found = [b for code, one in known.items() for b in self._button(one.name, "code", code)]
        found += self._choice("value_first_language", "code", AUTOMATIC)
        return keyboard(rows(found))

    async def topics(self, known: Sequence[str]) -> Keyboard | None:
        """Give a button for each topic, those that are followed marked."""
        data = [{"topic": topic} for topic in known]
        keys = await self.desk.store.buttons.keep(data, self.desk.now())
        found: Row = []
        for topic, key in zip(known, keys, strict=True):
            mark = "✓ " if topic in self.chat.topics else ""
            found += self._button(mark + topic, "about", key)
        all_mark = "" if self.chat.topics else "✓ "
        last = self._button(all_mark + self._say("button_all_topics"), "about", "all")
        last += self._choice("button_back", "about", "back")
        return keyboard([*(found[at : at + 3] for at in range(0, len(found), 3)), last])

    def _say(self, key: str, value: str = "") -> str:
        return self.desk.say(self.language, key, value=value)

    def _on(self, is_on: bool) -> str:
        return self._say("value_on" if is_on else "value_off")

    def _choice(self, key: str, *words: str) -> Row:
        return self._button(self._say(key), *words)

    def _button(self, label: str, *words: str) -> Row:
        if self.is_afar:
            return button(label, Verb.CHANNEL, self.language, str(self.chat.id), *words)
        return button(label, Verb.SETTING, self.language, *words)


async def known_topics(desk: Desk) -> list[str]:
    """Give every topic that an announcement has."""
    items = [one.item for one in await desk.store.announcements.all()]
    items += desk.mind.answerer.knowledge.news.values()
    return sorted({topic for item in items for topic in item.topics})[:MOST_TOPICS]


async def pressed(desk: Desk, query: CallbackQuery, asker: Asker, press: Press) -> None:
    """Change what a button says. Raises `LookupError` where it means nothing any more."""
    language = asker.chosen or press.language
    message = query.message
    if not isinstance(message, Message):
        raise KeyError(press.verb)
    if press.verb is Verb.LANGUAGE:
        code = None if press.words[0] == AUTOMATIC else press.words[0]
        await choose_language(desk, asker, code)
        language = code or language
        await desk.voice.acknowledge(query, desk.say(language, "settings_saved"))
        text = Rendered(language_text(desk, code, language))
        await desk.voice.edit(asker.place, [message.message_id], [text])
        return
    chat, words = asker.chat, press.words
    if press.verb is Verb.CHANNEL:
        found = await desk.store.chats.get(id_of(words[0]))
        if found is None or found.kind is not ChatKind.CHANNEL:
            raise KeyError(words[0])
        chat, words = found, words[1:]
        is_allowed = await administers(desk, chat.id, query.from_user.id)
    else:
        is_allowed = await may_change(desk, asker, query.from_user.id)
    if not is_allowed:
        await desk.voice.acknowledge(query, desk.say(language, "administrators_only"))
        return
    if press.verb is Verb.CHAT_LANGUAGE:
        words = ("code", *words)
    if words[0] == "code" and press.verb is not Verb.CHANNEL and words[1] != AUTOMATIC:
        language = words[1]
    panel = Panel(desk, chat, language, asker.place.thread_id)
    await _change(panel, query, asker, message.message_id, words)


async def _change(
    panel: Panel, query: CallbackQuery, asker: Asker, message_id: int, words: Sequence[str]
) -> None:
    """Change a chat, and show its panel anew. Raises `LookupError` for what cannot be changed."""
    desk, language = panel.desk, panel.language
    what, *how = words

    async def show(text: Rendered, markup: Keyboard | None) -> None:
        await desk.voice.edit(asker.place, [message_id], [text], markup)

    if what == "language":
        await desk.voice.acknowledge(query)
        key = "language_question_channel" if panel.is_afar else "language_question_chat"
        await show(Rendered(desk.say(language, key)), panel.languages())
        return
    known = await known_topics(desk) if what == "about" else []
    if what == "about" and not known and how[0] == "list":
        await desk.voice.acknowledge(query, desk.say(language, "topics_none"))
        return
    chat = await _set(panel, what, how[0])
    if chat is None:
        raise KeyError(panel.chat.id)
    panel = replace(panel, chat=chat)
    is_saved = not (what == "about" and how[0] in ("list", "back"))
    await desk.voice.acknowledge(query, desk.say(language, "settings_saved") if is_saved else "")
    if what == "about" and how[0] != "back":
        words_ = desk.say(language, "topics_question")
        await show(Rendered(words_), await panel.topics(known))
        return
    await show(panel.text(), panel.keyboard())


async def _set(panel: Panel, what: str, how: str) -> Chat | None:
    desk, chat = panel.desk, panel.chat
    chats = desk.store.chats
    match what, how:
        case "news", "on" | "off":
            return await chats.set_news(chat.id, on=how == "on")
        case "sound", "on" | "off":
            return await chats.set_silent(chat.id, on=how == "off")
        case "topic", "here" | "none":
            thread = panel.here if how == "here" else None
            return await chats.set_thread(chat.id, thread)
        case "code", code:
            if code != AUTOMATIC and code not in desk.mind.answerer.knowledge.languages:
                raise KeyError(code)
            return await chats.set_language(chat.id, None if code == AUTOMATIC else code)
        case "about", "list" | "back":
            return chat
        case "about", "all":
            return await chats.set_topics(chat.id, ())
        case "about", key:
            kept = await desk.store.buttons.get(key, desk.now())
            topic = str((kept or {})["topic"])
            followed = [one for one in chat.topics if one != topic]
            if len(followed) == len(chat.topics):
                followed.append(topic)
            return await chats.set_topics(chat.id, followed)
        case _:
            raise KeyError(what)
