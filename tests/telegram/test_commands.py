"""What each command says, and what deep links open."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.answering import Answerer
from bot.telegram.app import App
from tests.botapi import BotApi
from tests.telegram.conftest import Running

pytestmark = pytest.mark.usefixtures("bot")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("/start", "Hello!"),
        ("/help", "Commands in this chat"),
        ("/ask who represents Kyrgyzstan?", "Shabdanbek Alishev"),
        ("/ask", "What is your question?"),
        ("/delegations", "67 members"),
        ("/delegation Кыргызстан", "6"),
        ("/delegation KG", "Alishev"),
        ("/delegation", "Which delegation"),
        ("/delegation Armenia", "no delegation"),
        ("/belarus", "Viktor Kogut"),
        ("/kazakhstan", "16 members"),
        ("/kyrgyzstan", "6 members"),
        ("/russia", "22 members"),
        ("/tajikistan", "12 members"),
        ("/representatives", "do not name a plenipotentiary representative of Tajikistan"),
        ("/compare Belarus Russia", "Russia"),
        ("/compare", "Tajikistan"),
        ("/compare Belarus", "two or more"),
        ("/interview", "February 10, 2023"),
        ("/sources", "undated"),
        ("/news", "The latest announcement, February 10, 2023"),
        ("/subscribe", "will come into this chat"),
        ("/unsubscribe", "does not get announcements"),
        ("/settings", "Settings of this chat"),
        ("/language", "Which language"),
        ("/language ru", "Русский"),
        ("/privacy", "What is kept"),
        ("/forget", "Deleted"),
        ("/cancel", "nothing to leave"),
        ("/about", "Version"),
        ("/unheard_of", "do not know this command"),
        ("/start@example_bot", "Hello!"),
        ("/start delegation-kg", "Alishev"),
        ("/start interview", "February 10, 2023"),
        ("/start ask", "What is your question?"),
        ("/start ../../etc/passwd", "Hello!"),
        ("/start delegation-", "Hello!"),
        ("/start delegation-xx", "Hello!"),
        ("/start delegation-../KG", "Hello!"),
    ],
)
async def test_a_command_does_what_it_says(api: BotApi, command: str, said: str) -> None:
    assert said in (await api.ask(api.user(), command)).text


async def test_a_comparison_is_a_table(api: BotApi) -> None:
    answer = await api.ask(api.user(), "/compare Belarus Russia Armenia")
    lines = answer.text.splitlines()
    assert [line.split() for line in lines[1:3]] == [
        ["Belarus", "11", "7", "+", "4"],
        ["Russia", "22", "10", "+", "12"],
    ]
    assert answer.json["entities"][0]["type"] == "pre"
    assert "no delegation of Armenia" in answer.text


class TestAbout:
    @pytest.fixture
    def two_languages(self, two_languages: Answerer) -> Answerer:
        """The knowledge, of which no native speaker has read the Russian texts."""
        knowledge = two_languages.knowledge
        russian = replace(knowledge.languages["ru"], reviewed=False)
        languages = {**knowledge.languages, "ru": russian}
        return Answerer(replace(knowledge, languages=languages))

    async def test_it_tells_whose_texts_a_native_speaker_has_read(self, api: BotApi) -> None:
        told = (await api.ask(api.user(), "/about")).text.splitlines()
        assert told[1:] == [
            "Read by a native speaker: English.",
            "Not yet read by a native speaker: Русский.",
        ]


async def test_about_is_silent_on_languages_that_there_are_none_of(api: BotApi) -> None:
    told = (await api.ask(api.user(), "/about")).text
    assert "Read by a native speaker: English and Русский." in told
    assert "Not yet" not in told


async def test_the_overview_names_what_is_left_out(api: BotApi) -> None:
    ann = api.user()
    api.say(ann, "/delegations")
    await api.quiet()
    text = "\n".join(api.texts(ann))
    assert "no delegation of Armenia" in text
    assert "plenipotentiary representative of Tajikistan" in text


async def test_the_interviews_questions_are_answered_in_full(api: BotApi) -> None:
    ann = api.user()
    answer = await api.ask(ann, "/interview")
    await api.answer(api.press(answer, "2"))
    full = await api.next_message(ann)
    assert "To some extent, it is." in full.text
    assert "build trust between countries" in full.text


async def test_a_command_may_be_edited(api: BotApi) -> None:
    ann = api.user()
    first = await api.ask(ann, "/belarus")
    api.edit(api.messages(ann)[0], "/russia")
    assert "22 members" in (await api.next_edit(first)).text


@pytest.mark.parametrize("command", ["/language", "/settings", "/ask", "/help", "/start"])
async def test_a_question_that_is_edited_into_a_command_has_its_answer_edited(
    api: BotApi, command: str
) -> None:
    ann = api.user()
    answer = await api.ask(ann, "who represents Kyrgyzstan?")
    api.edit(api.messages(ann)[0], command)
    assert "Alishev" not in (await api.next_edit(answer)).text
    await api.quiet()
    assert len(api.bot_messages(ann)) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/ask\nwho represents Kyrgyzstan?", "Alishev"),
        ("/delegation\nKyrgyzstan", "Kyrgyzstan's delegation"),
        ("/belarus\nplease", "Belarus's delegation"),
        ("/compare\nBelarus\nKyrgyzstan", "Delegation"),
    ],
)
async def test_what_stands_below_a_command_belongs_to_it(
    api: BotApi, text: str, said: str
) -> None:
    assert said in (await api.ask(api.user(), text)).text


async def test_cancel_ends_the_conversation(api: BotApi) -> None:
    ann = api.user()
    await api.ask(ann, "who represents Kyrgyzstan?")
    assert "Left." in (await api.ask(ann, "/cancel")).text
    assert "Alishev" not in (await api.ask(ann, "and the website?")).text.split("\n")[0]


async def test_forget_deletes_what_is_kept(api: BotApi, bot: App) -> None:
    ann = api.user()
    await api.ask(ann, "/language ru")
    await api.ask(ann, "/forget")
    await api.quiet()
    reader = await bot.desk.store.readers.get(ann.id)
    assert reader is None or reader.language is None
    assert await bot.desk.store.forget(ann.id) <= 1  # the chat that was met again


async def test_what_was_forgotten_is_not_answered_again_when_it_is_edited(api: BotApi) -> None:
    ann = api.user()
    group = api.supergroup("Us", members=[ann])
    question = api.say(ann, "who represents Kyrgyzstan?")
    await api.next_message(ann)
    in_group = api.say(group, "/ask who represents Kyrgyzstan?", by=ann)
    await api.next_message(group)
    command = api.say(ann, "/delegation KG")
    await api.next_message(ann)
    await api.ask(ann, "/forget")
    answers = len(api.bot_messages(ann)), len(api.bot_messages(group))
    api.edit(question, "who represents Belarus?")
    api.edit(in_group, "/ask who represents Belarus?")
    api.edit(command, "/delegation BY")
    await api.quiet()
    assert (len(api.bot_messages(ann)), len(api.bot_messages(group))) == answers
    # What is asked from now on is answered and edited as ever.
    await asyncio.sleep(1.1)  # Telegram's dates are whole seconds
    later = api.say(ann, "who represents Kyrgyzstan?")
    answer = await api.next_message(ann)
    api.edit(later, "who represents Belarus?")
    assert "Kogut" in (await api.next_edit(answer)).text


async def test_a_chosen_language_holds_for_all_replies(api: BotApi) -> None:
    ann = api.user(language_code="en")
    answer = await api.ask(ann, "/language")
    query = api.press(answer, "Русский")
    await api.answer(query)
    await api.next_edit(answer)
    assert "Полномочный" in (await api.ask(ann, "who represents Kyrgyzstan?")).text


async def test_commands_and_descriptions_are_registered_once(
    api: BotApi, bot: App, running: Running
) -> None:
    await api.quiet()
    private = api.commands({"type": "all_private_chats"})
    names = [command["command"] for command in private]
    assert names[:3] == ["start", "help", "ask"]
    assert "kazakhstan" in names and "armenia" not in names
    assert "settings" not in [c["command"] for c in api.commands({"type": "all_group_chats"})]
    administrators = api.commands({"type": "all_chat_administrators"}, "ru")
    assert "settings" in [command["command"] for command in administrators]
    before = api.record.counts["setMyCommands"]
    from bot.telegram import menus

    await menus.register(bot.bot, bot.desk.mind.answerer, bot.desk.store)
    assert api.record.counts["setMyCommands"] == before


async def test_a_failing_registration_delays_nothing(api: BotApi) -> None:
    answer = await api.ask(api.user(), "who represents Kyrgyzstan?")
    assert "Alishev" in answer.text


class TestSettings:
    async def test_members_of_a_group_may_not_change_it(self, api: BotApi) -> None:
        ann = api.user()
        group = api.supergroup(members=[ann])
        assert "Only administrators" in (await api.ask(group, "/subscribe", ann)).text
        shown = await api.ask(group, "/settings", ann)
        query = api.press(shown, "Announcements on", ann)
        assert "Only administrators" in (await api.answer(query))["text"]

    async def test_administrators_may(self, api: BotApi, bot: App) -> None:
        ann = api.user()
        group = api.supergroup(creator=ann)
        shown = await api.ask(group, "/settings", ann)
        await api.answer(api.press(shown, "Announcements on", ann))
        assert "Announcements: on" in (await api.next_edit(shown)).text
        chat = await bot.desk.store.chats.get(group.id)
        assert chat is not None and chat.news

    async def test_an_anonymous_administrator_may(self, api: BotApi) -> None:
        group = api.supergroup()
        api.say(group, "/subscribe@example_bot silent", anonymous=True)
        assert "without a sound" in (await api.next_message(group)).text

    async def test_news_go_to_the_topic_where_they_were_asked_for(
        self, api: BotApi, bot: App
    ) -> None:
        ann = api.user()
        group = api.supergroup(creator=ann, forum=True)
        topic = api.topic(group)
        assert "topic" in (await api.ask(group, "/subscribe", ann, topic=topic)).text
        chat = await bot.desk.store.chats.get(group.id)
        assert chat is not None and chat.thread_id == topic.id
