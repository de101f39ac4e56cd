"""A server that leaves out what Telegram always gives: the bot understands all the same."""

from __future__ import annotations

import pytest

from bot.telegram.app import App
from bot.telegram.completing import completed
from tests.botapi import BotApi

QUESTION = "who represents Kyrgyzstan?"
SPARED = frozenset(
    {
        "date", "type", "is_bot", "first_name", "chat_instance", "offset", "entities",
        "caption_entities", "can_be_edited", "can_manage_chat", "can_delete_messages",
        "is_anonymous", "until_date",
    }
)  # fmt: skip


@pytest.fixture
def sparing(api: BotApi, bot: App) -> BotApi:
    """A server whose updates lack whatever can be done without."""
    del bot
    api.world.updates.left_out = SPARED
    return api


async def test_questions_and_commands_are_understood(sparing: BotApi) -> None:
    ann = sparing.user()
    assert "Alishev" in (await sparing.ask(ann, QUESTION)).text
    assert "Alishev" in (await sparing.ask(ann, "/delegation Kyrgyzstan")).text


async def test_in_a_group_mentions_replies_and_commands_are_answered_and_nothing_else(
    sparing: BotApi,
) -> None:
    ann = sparing.user()
    group = sparing.supergroup(members=[ann])
    sparing.say(group, QUESTION, ann)
    sparing.say(group, f"@another_bot {QUESTION}", ann)
    answer = await sparing.ask(group, f"🙂 @example_bot {QUESTION}", ann)
    assert "Alishev" in answer.text
    more = await sparing.ask(group, "and Belarus?", ann, reply_to=answer)
    assert "Kogut" in more.text
    assert "Kogut" in (await sparing.ask(group, "/belarus", ann)).text
    assert len(sparing.bot_messages(group)) == 3


async def test_a_press_and_what_is_typed_are_answered(sparing: BotApi) -> None:
    ann = sparing.user()
    answer = await sparing.ask(ann, QUESTION)
    await sparing.answer(sparing.press(answer, "Members"))
    assert (await sparing.next_message(ann)).text
    query = sparing.inline(ann, QUESTION)
    assert await sparing.answer(query)


async def test_an_edited_question_has_its_answer_edited(sparing: BotApi) -> None:
    ann = sparing.user()
    answer = await sparing.ask(ann, QUESTION)
    sparing.edit(sparing.messages(ann)[0], "who represents Belarus?")
    assert "Kogut" in (await sparing.next_edit(answer)).text


def test_what_is_there_is_left_as_it_is() -> None:
    message = {
        "message_id": 1,
        "date": 5,
        "chat": {"id": 7, "type": "private"},
        "from": {"id": 7, "is_bot": False, "first_name": "Ann"},
        "text": "/start now",
        "entities": [{"type": "code", "offset": 0, "length": 6}],
    }
    update = {"update_id": 1, "message": message}
    assert completed(update, 9) == update


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("/start", [("bot_command", 0, 6)]),
        ("/ask@example_bot who", [("bot_command", 0, 16)]),
        ("/usr/bin", []),
        ("see /start", []),
        ("🙂 @example_bot hi", [("mention", 3, 12)]),
        ("ann@example.org", []),
        ("hello", []),
    ],
)
def test_commands_and_mentions_are_found(text: str, entities: list[tuple[str, int, int]]) -> None:
    found = completed({"message": {"text": text}}, 9)["message"]["entities"]
    assert [(each["type"], each["offset"], each["length"]) for each in found] == entities


@pytest.mark.parametrize(
    ("number", "kind"), [(5, "private"), (-5, "group"), (-1001234567890, "supergroup"),
                         (-100, "group")],
)  # fmt: skip
def test_a_chat_is_known_by_its_id(number: int, kind: str) -> None:
    assert completed({"message": {"chat": {"id": number}}}, 9)["message"]["chat"]["type"] == kind
