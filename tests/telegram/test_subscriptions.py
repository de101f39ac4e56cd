"""News into channels, groups and private chats: begun, paused, chosen by topic and language."""

from __future__ import annotations

import pytest

from bot.knowledge.model import NewsItem
from bot.store import Chat
from bot.telegram.app import App
from tests.botapi import BotApi, Status

pytestmark = pytest.mark.usefixtures("bot")


async def chat(bot: App, chat_id: int) -> Chat:
    found = await bot.desk.store.chats.get(chat_id)
    assert found is not None
    return found


async def topics(bot: App, *names: str) -> None:
    """Let there be announcements about something."""
    now = bot.desk.now()
    item = NewsItem("2026-05-04-x", {"en": "Title"}, {}, now.date(), topics=names)
    await bot.desk.store.announcements.draft(item, "file", None, now)


class TestChannels:
    async def test_a_channel_gets_news_as_soon_as_the_bot_may_post_and_the_adder_is_told(
        self, api: BotApi, bot: App
    ) -> None:
        ann = api.user(started=True)
        channel = api.channel("Daily", creator=ann, bot=Status.LEFT)
        api.add_bot(channel, ann)
        told, panel = await api.next_messages(ann, 2)
        assert "“Daily” gets announcements" in told.text
        assert panel.text.startswith("Settings of the channel “Daily”")
        assert (await chat(bot, channel.id)).news
        assert not api.bot_messages(channel)

    async def test_the_adder_pauses_it_and_chooses_language_and_silence(
        self, api: BotApi, bot: App
    ) -> None:
        ann = api.user(started=True)
        channel = api.channel("Daily", creator=ann, bot=Status.LEFT)
        api.add_bot(channel, ann)
        _, panel = await api.next_messages(ann, 2)
        await api.answer(api.press(panel, "Without sound"))
        assert "Sound: off" in (await api.next_edit(panel)).text
        await api.answer(api.press(panel, "Language"))
        await api.next_edit(panel)
        await api.answer(api.press(panel, "Русский"))
        assert "Language: Русский" in (await api.next_edit(panel)).text
        await api.answer(api.press(panel, "Announcements off"))
        assert "Announcements: off" in (await api.next_edit(panel)).text
        found = await chat(bot, channel.id)
        assert (found.news, found.silent, found.language) == (False, True, "ru")
        await api.answer(api.press(panel, "Announcements on"))
        await api.quiet()
        assert (await chat(bot, channel.id)).news

    async def test_who_no_longer_administers_a_channel_changes_nothing(
        self, api: BotApi, bot: App
    ) -> None:
        ann = api.user(started=True)
        channel = api.channel("Daily", bot=Status.LEFT)
        api.promote(channel, ann)
        api.add_bot(channel, ann)
        _, panel = await api.next_messages(ann, 2)
        api.demote(channel, ann)
        said = await api.answer(api.press(panel, "Announcements off"))
        assert "Only administrators" in said["text"]
        assert (await chat(bot, channel.id)).news

    async def test_without_the_right_to_post_it_waits_for_the_right(
        self, api: BotApi, bot: App
    ) -> None:
        ann = api.user(started=True)
        channel = api.channel("Daily", creator=ann, bot=Status.LEFT)
        api.add_bot(channel, ann, rights=["can_manage_chat"])
        await api.quiet()
        found = await chat(bot, channel.id)
        assert (found.news, found.paused_reason) == (False, "no right to post")
        assert not api.bot_messages(ann)
        api.add_bot(channel, ann)
        await api.next_messages(ann, 2)
        found = await chat(bot, channel.id)
        assert (found.news, found.paused_reason) == (True, None)

    async def test_a_channel_that_throws_the_bot_out_is_paused_and_resumed(
        self, api: BotApi, bot: App
    ) -> None:
        channel = api.channel("Daily", bot=Status.LEFT)
        api.add_bot(channel)
        await api.quiet()
        api.remove_bot(channel)
        await api.quiet()
        found = await chat(bot, channel.id)
        assert (found.news, found.paused_reason) == (True, "left")
        api.add_bot(channel)
        await api.quiet()
        assert (await chat(bot, channel.id)).paused_reason is None

    @pytest.mark.parametrize(
        "data", ["1:k:en:5:news:off", "1:k:en:x:news:off", "1:k:en", "1:k:en:1"]
    )
    async def test_a_button_for_a_channel_that_is_none_says_so(
        self, api: BotApi, data: str
    ) -> None:
        ann = api.user()
        answer = await api.ask(ann, "hello")
        assert "no longer means" in (await api.answer(api.press(answer, data=data)))["text"]


class TestTopics:
    async def test_a_chat_follows_some_topics_alone(self, api: BotApi, bot: App) -> None:
        await topics(bot, "Observers", "выборы")
        ann = api.user()
        told = await api.ask(ann, "/subscribe silent #Observers выборы")
        assert "without a sound" in told.text and "Observers, выборы" in told.text
        found = await chat(bot, ann.id)
        assert (found.news, found.silent, found.topics) == (True, True, ("Observers", "выборы"))
        await api.ask(ann, "/subscribe")
        assert (await chat(bot, ann.id)).topics == ()

    async def test_a_topic_that_is_none_is_told_with_those_that_are(
        self, api: BotApi, bot: App
    ) -> None:
        await topics(bot, "observers")
        ann = api.user()
        told = await api.ask(ann, "/subscribe sport")
        assert "no such topic: sport" in told.text and "observers" in told.text
        assert not (await chat(bot, ann.id)).news

    async def test_topics_are_chosen_by_buttons_too(self, api: BotApi, bot: App) -> None:
        await topics(bot, "observers", "выборы")
        ann = api.user()
        panel = await api.ask(ann, "/settings")
        await api.answer(api.press(panel, "Topics of interest"))
        await api.next_edit(panel)
        await api.answer(api.press(panel, "выборы"))
        shown = await api.next_edit(panel)
        assert "✓ выборы" in [one.text for one in shown.buttons]
        await api.answer(api.press(panel, "Back"))
        assert "Only about: выборы" in (await api.next_edit(panel)).text
        assert (await chat(bot, ann.id)).topics == ("выборы",)

    async def test_members_of_a_group_choose_nothing_and_anonymous_administrators_do(
        self, api: BotApi, bot: App
    ) -> None:
        await topics(bot, "observers")
        ann = api.user()
        group = api.supergroup(members=[ann])
        told = await api.ask(group, "/subscribe@example_bot observers", ann)
        assert "Only administrators" in told.text
        told = await api.ask(group, "/subscribe@example_bot observers", anonymous=True)
        assert "observers" in told.text
        assert (await chat(bot, group.id)).topics == ("observers",)
