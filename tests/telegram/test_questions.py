"""Asking: in private, in groups and topics, by captions and edits."""

from __future__ import annotations

import pytest

from tests.botapi import BotApi

pytestmark = pytest.mark.usefixtures("bot")
ALISHEV = "Shabdanbek Alishev"
KOGUT = "Viktor Kogut"


async def test_a_private_question_is_answered_with_its_source(api: BotApi) -> None:
    answer = await api.ask(api.user(), "who represents Kyrgyzstan?")
    assert answer.text.startswith(ALISHEV)
    kinds = [entity["type"] for entity in answer.json["entities"]]
    assert kinds == ["bold", "expandable_blockquote"]
    assert answer.text.splitlines()[-1] == (
        "— Delegations to the CSTO Parliamentary Assembly, line 8, undated"
    )
    assert answer.json["link_preview_options"] == {"is_disabled": True}
    assert "reply_to_message" not in answer.json


async def test_a_follow_up_keeps_the_question_and_changes_the_country(api: BotApi) -> None:
    ann = api.user()
    await api.ask(ann, "who represents Kyrgyzstan?")
    assert KOGUT in (await api.ask(ann, "and Belarus?")).text


async def test_two_people_in_a_group_do_not_share_a_follow_up(api: BotApi) -> None:
    ann, ben = api.user("Ann"), api.user("Ben")
    group = api.supergroup(members=[ann, ben])
    await api.ask(group, "@example_bot who represents Kyrgyzstan?", ann)
    answer = await api.ask(group, "@example_bot and Belarus?", ben)
    assert KOGUT not in answer.text.split("\n")[0]


async def test_a_caption_is_a_question(api: BotApi) -> None:
    ann = api.user()
    api.send_photo(ann, "who represents Kyrgyzstan?")
    assert ALISHEV in (await api.next_message(ann)).text
    api.send_document(ann, "and Belarus?")
    assert KOGUT in (await api.next_message(ann)).text


async def test_what_has_no_text_gets_one_line(api: BotApi) -> None:
    ann = api.user()
    api.send_photo(ann)
    assert "text only" in (await api.next_message(ann)).text


async def test_an_album_gets_one_line_in_all(api: BotApi) -> None:
    ann = api.user()
    for _ in range(4):
        api.send_photo(ann, media_group_id="7")
    await api.quiet()
    assert len(api.bot_messages(ann)) == 1


async def test_an_edited_question_has_its_answer_edited(api: BotApi) -> None:
    ann = api.user()
    first = await api.ask(ann, "who represents Kyrgyzstan?")
    api.edit(api.messages(ann)[0], "who represents Belarus?")
    edited = await api.next_edit(first)
    assert KOGUT in edited.text
    await api.quiet()
    assert len(api.bot_messages(ann)) == 1


async def test_an_edit_that_changes_nothing_is_no_failure(api: BotApi) -> None:
    ann = api.user()
    await api.ask(ann, "who represents Kyrgyzstan?")
    api.edit(api.messages(ann)[0], "Who represents Kyrgyzstan ?")
    await api.quiet()
    assert len(api.bot_messages(ann)) == 1
    assert "went wrong" not in api.last(ann).text


async def test_a_shorter_answer_after_an_edit_removes_what_was_too_many(api: BotApi) -> None:
    ann = api.user()
    await api.ask(ann, "/delegations")
    api.edit(api.messages(ann)[0], "/about")
    await api.quiet()
    assert len(api.bot_messages(ann)) == 1
    assert "Version" in api.last(ann).text


class TestGroups:
    async def test_it_is_silent_unless_it_is_meant(self, api: BotApi) -> None:
        ann = api.user()
        api.world.bot.privacy = False
        group = api.supergroup(members=[ann])
        api.say(group, "who represents Kyrgyzstan?", ann)
        api.say(group, "@another_bot who represents Kyrgyzstan?", ann)
        api.say(group, "/ask@another_bot who represents Kyrgyzstan?", ann)
        api.say(group, "/unheard_of", ann)
        api.send_photo(group, "who represents Kyrgyzstan?", ann)
        await api.quiet()
        assert not api.bot_messages(group)

    async def test_a_mention_is_answered_as_a_reply(self, api: BotApi) -> None:
        ann = api.user()
        group = api.group(members=[ann])
        question = api.say(group, "@Example_Bot who represents Kyrgyzstan?", ann)
        answer = await api.next_message(group)
        assert ALISHEV in answer.text
        assert answer.json["reply_to_message"]["message_id"] == question.message_id

    async def test_a_mention_in_a_caption_is_answered(self, api: BotApi) -> None:
        ann = api.user()
        group = api.group(members=[ann])
        api.send_photo(group, "@example_bot who represents Kyrgyzstan?", ann)
        assert ALISHEV in (await api.next_message(group)).text

    async def test_a_reply_to_the_bot_is_answered(self, api: BotApi) -> None:
        ann = api.user()
        group = api.supergroup(members=[ann])
        answer = await api.ask(group, "@example_bot who represents Kyrgyzstan?", ann)
        again = await api.ask(group, "and Belarus?", ann, reply_to=answer)
        assert KOGUT in again.text

    async def test_the_answer_goes_to_the_same_topic(self, api: BotApi) -> None:
        ann = api.user()
        group = api.supergroup(members=[ann], forum=True)
        topic = api.topic(group, "News")
        answer = await api.ask(group, "@example_bot who represents Kyrgyzstan?", ann, topic=topic)
        assert answer.thread == topic.id
        general = await api.ask(group, "@example_bot who represents Kyrgyzstan?", ann)
        assert general.thread is None

    async def test_a_reply_outside_topics_does_not_look_like_one(self, api: BotApi) -> None:
        """Its thread id is that of a message, and no topic's."""
        ann = api.user()
        group = api.supergroup(members=[ann])
        first = api.say(group, "hello", ann)
        answer = await api.ask(
            group, "@example_bot who represents Kyrgyzstan?", ann, reply_to=first
        )
        assert ALISHEV in answer.text
        assert "message_thread_id" not in api.calls("sendMessage", group)[-1].parameters

    async def test_automatic_forwards_are_never_answered(self, api: BotApi) -> None:
        group = api.supergroup()
        channel = api.channel(linked=group)
        for text in ("@example_bot who represents Kyrgyzstan?", "/help", "/belarus"):
            api.say(channel, text)
        await api.quiet()
        assert not api.bot_messages(group)
        assert not api.bot_messages(channel)

    async def test_an_anonymous_administrator_is_answered(self, api: BotApi) -> None:
        group = api.supergroup()
        api.say(group, "@example_bot who represents Kyrgyzstan?", anonymous=True)
        assert ALISHEV in (await api.next_message(group)).text

    async def test_another_bot_is_not(self, api: BotApi) -> None:
        other = api.user("Other", is_bot=True)
        group = api.supergroup(members=[other])
        for text in ("@example_bot who represents Kyrgyzstan?", "/help", "/belarus"):
            api.say(group, text, other)
        await api.quiet()
        assert not api.bot_messages(group)


async def test_a_channel_is_never_answered(api: BotApi) -> None:
    channel = api.channel()
    api.say(channel, "@example_bot who represents Kyrgyzstan?")
    api.say(channel, "/help")
    await api.quiet()
    assert not api.bot_messages(channel)


async def test_a_question_to_clarify_offers_its_choices(api: BotApi) -> None:
    ann = api.user()
    answer = await api.ask(ann, "representative")
    query = api.press(answer, "Belarus")
    await api.answer(query)
    assert KOGUT in (await api.next_message(ann)).text


async def test_the_language_is_that_of_the_question(api: BotApi) -> None:
    ann = api.user(language_code="en")
    assert "Полномочный представитель" in (await api.ask(ann, "кто представляет Россию?")).text


async def test_buttons_are_in_two_rows_at_most(api: BotApi) -> None:
    for text in ("who represents Kyrgyzstan?", "hello", "representative", "weather?", "/start"):
        answer = await api.ask(api.user(), text)
        assert 1 <= len(answer.json["reply_markup"]["inline_keyboard"]) <= 2


async def test_a_long_answer_is_split_between_its_parts(api: BotApi) -> None:
    ann = api.user()
    api.say(ann, "/delegations")
    await api.quiet()
    for message in api.bot_messages(ann):
        assert len(message.text.encode("utf-16-le")) // 2 <= 4096
