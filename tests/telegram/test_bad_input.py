"""Whatever Telegram or a person sends, it harms nothing but itself."""

from __future__ import annotations

from typing import Any

import pytest

from bot.telegram.app import App
from tests.botapi import BotApi

pytestmark = pytest.mark.usefixtures("bot")
QUESTION = "who represents Kyrgyzstan?"
ANN: dict[str, Any] = {"id": 5_000_000_777, "is_bot": False, "first_name": "Ann"}
CHAT: dict[str, Any] = {"id": 5_000_000_777, "type": "private", "first_name": "Ann"}
MESSAGE: dict[str, Any] = {"message_id": 1, "date": 1_700_000_000, "chat": CHAT, "from": ANN}

UNUSED: list[dict[str, Any]] = [
    {},
    {"message": MESSAGE},
    {"message": {**MESSAGE, "text": ""}},
    {"message": {"message_id": 1}},
    {"message": []},
    {"message": None},
    {"message": {**MESSAGE, "date": "yesterday"}},
    {"message": {**MESSAGE, "chat": {"id": "x", "type": "private"}}},
    {"message": {**MESSAGE, "chat": {"id": -5, "type": "commune"}, "text": "/start"}},
    {"message": {**MESSAGE, "chat": {"id": -7, "type": "group"}, "text": "hello"}},
    {"message": {**MESSAGE, "from": None, "text": QUESTION, "chat": {"id": -9, "type": "group"}}},
    {"message": {**MESSAGE, "text": QUESTION, "entities": [{"type": "mention", "offset": 900,
                                                           "length": 9}]}},
    {"message": {**MESSAGE, "text": QUESTION, "entities": [{"type": "bot_command", "offset": -4,
                                                           "length": 99}]}},
    {"message": {**MESSAGE, "entities": "none", "text": QUESTION}},
    {"message": {**MESSAGE, "dice": {"emoji": "🎲", "value": 1}}},
    {"message": {**MESSAGE, "new_chat_title": "x"}},
    {"message": {**MESSAGE, "pinned_message": {"message_id": 1, "date": 0, "chat": CHAT}}},
    {"message": {**MESSAGE, "successful_payment": {}}},
    {"message": {**MESSAGE, "unheard_of": {"a": [1, 2, {"b": None}]}}},
    {"unheard_of": {"id": 1}},
    {"edited_message": {**MESSAGE, "edit_date": 1_700_000_001}},
    {"channel_post": {**MESSAGE, "chat": {"id": -1001, "type": "channel"}, "text": QUESTION}},
    {"edited_channel_post": {"message_id": 1}},
    {"business_connection": {"id": "1", "user": ANN, "user_chat_id": 1, "date": 1,
                             "can_reply": True, "is_enabled": True}},
    {"business_message": {**MESSAGE, "text": QUESTION, "business_connection_id": "1"}},
    {"edited_business_message": {**MESSAGE, "text": QUESTION}},
    {"deleted_business_messages": {"business_connection_id": "1", "chat": CHAT,
                                   "message_ids": [1]}},
    {"message_reaction": {"chat": CHAT, "message_id": 1, "date": 1, "old_reaction": [],
                          "new_reaction": []}},
    {"message_reaction_count": {"chat": CHAT, "message_id": 1, "date": 1, "reactions": []}},
    {"inline_query": {"id": "1", "from": ANN}},
    {"inline_query": {}},
    {"chosen_inline_result": {"result_id": "1", "from": ANN, "query": ""}},
    {"callback_query": {"id": "1", "from": ANN, "chat_instance": "1"}},
    {"callback_query": {"id": "1", "from": ANN, "chat_instance": "1", "data": "1:s:en:x:y",
                        "inline_message_id": "a"}},
    {"callback_query": {"id": "1", "from": ANN, "chat_instance": "1", "game_short_name": "g"}},
    {"callback_query": {"id": "1"}},
    {"shipping_query": {}},
    {"pre_checkout_query": {"id": "1"}},
    {"purchased_paid_media": {"from": ANN, "paid_media_payload": "x"}},
    {"poll": {"id": "1"}},
    {"poll_answer": {"poll_id": "1", "option_ids": []}},
    {"my_chat_member": {"chat": CHAT}},
    {"my_chat_member": 7},
    {"chat_member": {}},
    {"chat_join_request": {}},
    {"chat_boost": {}},
    {"removed_chat_boost": {}},
    {"guest_message": {**MESSAGE, "text": QUESTION}},
    {"guest_message": 5},
    {"managed_bot": {}},
]  # fmt: skip


@pytest.mark.parametrize("update", UNUSED, ids=lambda u: str(u)[:60])
async def test_an_update_of_any_shape_harms_only_itself(
    api: BotApi, update: dict[str, Any]
) -> None:
    ann = api.user()
    api.inject(update)
    assert "Alishev" in (await api.ask(ann, QUESTION)).text


async def test_a_batch_with_a_bad_update_is_not_fetched_for_ever(api: BotApi) -> None:
    ann = api.user()
    for update in UNUSED:
        api.inject(update)
    assert "Alishev" in (await api.ask(ann, QUESTION)).text
    await api.quiet()
    assert api.unconfirmed == 0


async def test_the_asker_is_told_once_with_a_number(
    api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    ann = api.user(started=True)
    chat = {"id": ann.id, "type": "private"}
    sender = {"id": ann.id, "is_bot": False, "first_name": "Ann"}
    api.inject({"message": {"message_id": 1, "date": "never", "chat": chat, "from": sender,
                            "text": QUESTION}})  # fmt: skip
    told = (await api.next_message(ann)).text
    await api.quiet()
    assert len(api.bot_messages(ann)) == 1
    number = told.rstrip(".").rpartition(" ")[2]
    assert any(number in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(
    "text",
    [
        "🙂" * 2048, "🇰🇬" * 1000, "x" * 4096, "<b>bold</b> who represents <i>Kyrgyzstan</i>?",
        "*who* _represents_ [Kyrgyzstan](http://evil.example)?", "\u202ewho represents Kyrgyzstan",
        "{0.__class__.__mro__} %s %(token)s ${HOME}", "'; DROP TABLE chats; -- who represents",
        "../../../etc/passwd", "\x00\x01\x02 who represents Kyrgyzstan?", "\ud83d", "𝓴𝔂𝓻𝓰𝔂𝔃",
        "who represents " + "\u0301" * 500, "/ask " + "a" * 4000, "/delegation ../../KG",
        "/compare {country} %s", "/start " + "A" * 64, "/language ../ru", "/ask@example_bot",
    ],
    ids=lambda text: ascii(text[:24]),
)  # fmt: skip
async def test_any_text_gets_an_answer_that_telegram_takes(api: BotApi, text: str) -> None:
    ann = api.user()
    answer = await api.ask(ann, text)
    assert "went wrong" not in answer.text
    assert not [call for call in api.calls("sendMessage", ann) if call.status != 200]


async def test_names_are_data(api: BotApi, bot: App) -> None:
    ann = api.user("<b>{0}</b>\u202e%s", last_name="'; drop table chats; --")
    group = api.supergroup("<i>{token}</i> \u202e", members=[ann])
    assert "Alishev" in (await api.ask(group, f"@example_bot {QUESTION}", ann)).text
    chat = await bot.desk.store.chats.get(group.id)
    assert chat is not None and chat.title is not None and "{token}" in chat.title


async def test_a_user_id_above_32_bits_is_kept_whole(api: BotApi, bot: App) -> None:
    ann = api.user(id=2**40 + 1)
    await api.ask(ann, "/language ru")
    reader = await bot.desk.store.readers.get(2**40 + 1)
    assert reader is not None and reader.language == "ru"


async def test_a_group_without_a_title_is_answered(api: BotApi) -> None:
    ann = api.user()
    group = api.group("", members=[ann])
    assert "Alishev" in (await api.ask(group, f"@example_bot {QUESTION}", ann)).text


async def test_a_channel_that_writes_in_a_group_is_answered(api: BotApi) -> None:
    channel = api.channel()
    group = api.supergroup()
    api.say(group, f"@example_bot {QUESTION}", as_chat=channel)
    assert "Alishev" in (await api.next_message(group)).text


async def test_a_forwarded_command_is_a_command(api: BotApi) -> None:
    ann = api.user()
    origin = {"type": "hidden_user", "sender_user_name": "x", "date": 1}
    assert "Kogut" in (await api.ask(ann, "/belarus", forward_of=origin)).text


async def test_a_command_for_another_bot_is_left_to_it(api: BotApi) -> None:
    ann = api.user()
    api.say(ann, "/ask@otherbot who represents Kyrgyzstan?")
    await api.quiet()
    assert not api.bot_messages(ann)
