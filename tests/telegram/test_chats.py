"""The bot comes and goes; groups become supergroups."""

from __future__ import annotations

import pytest

from bot.telegram.app import App
from tests.botapi import BotApi, Status

pytestmark = pytest.mark.usefixtures("bot")
QUESTION = "@example_bot who represents Kyrgyzstan?"


async def reason(bot: App, chat_id: int) -> str | None:
    chat = await bot.desk.store.chats.get(chat_id)
    assert chat is not None
    return chat.paused_reason


async def test_it_greets_a_group_that_lets_it_in(api: BotApi, bot: App) -> None:
    group = api.supergroup(bot=Status.LEFT)
    api.add_bot(group)
    assert "@example_bot" in (await api.next_message(group)).text
    assert await reason(bot, group.id) is None


async def test_a_kick_pauses_the_chat_and_a_return_resumes_it(api: BotApi, bot: App) -> None:
    ann = api.user()
    group = api.supergroup(members=[ann])
    await api.ask(group, QUESTION, ann)
    api.kick_bot(group)
    await api.quiet()
    assert await reason(bot, group.id) == "kicked"
    api.add_bot(group)
    await api.quiet()
    assert await reason(bot, group.id) is None


async def test_a_block_pauses_the_chat(api: BotApi, bot: App) -> None:
    ann = api.user()
    await api.ask(ann, "hello")
    api.block(ann)
    await api.quiet()
    assert await reason(bot, ann.id) == "kicked"
    api.unblock(ann)
    await api.quiet()
    assert await reason(bot, ann.id) is None


async def test_no_right_to_write_pauses_until_it_works_again(api: BotApi, bot: App) -> None:
    ann = api.user()
    group = api.supergroup(members=[ann])
    api.permit(group, ())
    api.say(group, QUESTION, ann)
    await api.quiet()
    assert "not enough rights" in str(await reason(bot, group.id)).lower()
    api.permit(group)
    assert "Alishev" in (await api.ask(group, QUESTION, ann)).text
    await api.quiet()
    assert await reason(bot, group.id) is None


async def test_a_closed_topic_pauses_until_it_is_reopened(api: BotApi, bot: App) -> None:
    ann = api.user()
    group = api.supergroup(members=[ann], forum=True)
    topic = api.topic(group)
    question = api.say(group, "hello", ann, topic=topic)
    api.close_topic(group, topic)
    api.say(group, QUESTION, ann, topic=topic, reply_to=question)
    await api.quiet()
    assert "TOPIC_CLOSED" in str(await reason(bot, group.id)).upper()
    api.reopen_topic(group, topic)
    await api.quiet()
    assert await reason(bot, group.id) is None


@pytest.mark.parametrize("with_member_updates", [False, True])
async def test_a_supergroup_keeps_what_the_group_had(
    api: BotApi, bot: App, with_member_updates: bool
) -> None:
    ann = api.user()
    group = api.group(creator=ann)
    await api.ask(group, "/subscribe@example_bot", ann)
    await api.ask(group, "@example_bot who represents Kyrgyzstan?", ann)
    new = api.migrate(group, with_member_updates=with_member_updates)
    await api.quiet()
    chat = await bot.desk.store.chats.get(new.id)
    assert chat is not None and chat.news
    api.pass_over(new)
    assert "Kogut" in (await api.ask(new, "@example_bot and Belarus?", ann)).text


async def test_an_answer_on_its_way_follows_a_migration(api: BotApi, bot: App) -> None:
    ann = api.user()
    group = api.group(creator=ann)
    await api.ask(group, QUESTION, ann)
    with_new = api.migrate(group)
    api.inject({"message": {
        "message_id": 900, "date": 1, "text": QUESTION,
        "chat": {"id": group.id, "type": "group", "title": "Group"},
        "from": {"id": ann.id, "is_bot": False, "first_name": "Ann"},
        "entities": [{"type": "mention", "offset": 0, "length": 12}],
    }})  # fmt: skip
    assert "Alishev" in (await api.next_message(with_new)).text
