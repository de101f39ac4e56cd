"""The test server itself: it answers as Telegram does, and a real bot works against it."""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import httpx
import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaPhoto,
    InputTextMessageContent,
    Message,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from tests.botapi import BotApi, Late, Pace, Process, Refusal, Status, Threaded, faults
from tests.botapi.markup import formatted
from tests.botapi.people import JPEG
from tests.botapi.refusals import Refused

logging.getLogger("httpx").setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
def pauses_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the library's pauses in the form that it will have; the other one warns."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


def played(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run a coroutine test in a loop of its own, whatever plugins there are."""

    @functools.wraps(test)
    def run(**fixtures: Any) -> None:
        asyncio.run(asyncio.wait_for(test(**fixtures), 30))

    return run


async def call(api: BotApi, method: str, **parameters: Any) -> dict[str, Any]:
    """Call a method with a JSON body on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    try:
        body = json.dumps(parameters).encode()
        writer.write(
            f"POST /bot{api.token}/{method} HTTP/1.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        answer = json.loads((await reader.read()).partition(b"\r\n\r\n")[2])
        assert isinstance(answer, dict)
        return answer
    finally:
        writer.close()
        await writer.wait_closed()


async def result(api: BotApi, method: str, **parameters: Any) -> Any:
    """Call a method that has to succeed."""
    answer = await call(api, method, **parameters)
    assert answer["ok"], answer
    return answer["result"]


async def refusal(api: BotApi, method: str, **parameters: Any) -> str:
    """Call a method that has to be refused; give the description."""
    answer = await call(api, method, **parameters)
    assert not answer["ok"], answer
    return str(answer["description"])


Context = ContextTypes.DEFAULT_TYPE


async def echo(update: Update, context: Context) -> None:
    """Repeat what was said, and keep repeating it after an edit."""
    message = update.effective_message
    assert message is not None
    memory = context.chat_data
    assert memory is not None
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Louder", callback_data="loud")]])
    if update.edited_message is not None:
        text = f"edited: {message.text}"
        await context.bot.edit_message_text(text, message.chat_id, memory["last"])
        return
    try:
        sent = await message.reply_text(message.text or "", reply_markup=keyboard)
    except RetryAfter as error:
        pause = error.retry_after
        await asyncio.sleep(pause if isinstance(pause, int) else pause.total_seconds())
        sent = await message.reply_text(message.text or "", reply_markup=keyboard)
    memory["last"] = sent.message_id


async def loud(update: Update, context: Context) -> None:
    """Shout when the button is pressed."""
    query = update.callback_query
    assert query is not None
    assert isinstance(query.message, Message)
    await query.answer("As you like", show_alert=True)
    await query.edit_message_text(f"{(query.message.text or '').upper()}!")


async def suggest(update: Update, context: Context) -> None:
    """Offer the query as an article."""
    query = update.inline_query
    assert query is not None
    content = InputTextMessageContent(f"<b>{query.query}</b>", parse_mode="HTML")
    await query.answer([InlineQueryResultArticle("1", query.query or "empty", content)])


@asynccontextmanager
async def echo_bot(
    api: BotApi, errors: list[Exception | None] | None = None
) -> AsyncIterator[None]:
    """Run a python-telegram-bot application that polls the server."""
    builder = Application.builder().token(api.token).base_url(api.base_url)
    app = builder.base_file_url(api.base_file_url).build()
    app.add_handler(CallbackQueryHandler(loud))
    app.add_handler(InlineQueryHandler(suggest))
    app.add_handler(MessageHandler(filters.TEXT & ~filters.StatusUpdate.ALL, echo))
    kept = [] if errors is None else errors

    async def remember(update: object, context: Context) -> None:
        kept.append(context.error)

    app.add_error_handler(remember)
    async with app:
        assert app.updater is not None
        await app.updater.start_polling(poll_interval=0)
        await app.start()
        yield
        await app.updater.stop()
        await app.stop()


def bot(api: BotApi, token: str | None = None) -> Bot:
    """Build the library's bot for single calls."""
    return Bot(token or api.token, base_url=api.base_url, base_file_url=api.base_file_url)


# A real bot of python-telegram-bot, by polling.


@played
async def test_a_polling_bot_answers_edits_and_is_pressed() -> None:
    """One conversation as a reader has it: ask, edit the question, press a button."""
    async with BotApi() as api, echo_bot(api):
        ann = api.user("Ann", id=2**33 + 5)
        question = api.say(ann, "hello 😀")
        answer = await api.next_message(ann)
        assert answer.text == "hello 😀" and answer.chat_id == ann.id

        api.edit(question, "good evening")
        edited = await api.next_edit(answer)
        assert edited.text == "edited: good evening"
        assert [shown["text"] for shown in edited.before] == ["hello 😀"]

        second = await api.ask(ann, "bye")
        query = api.press(second, "Louder")
        assert await api.answer(query) == {"text": "As you like", "show_alert": True, "url": ""}
        assert (await api.next_edit(second)).text == "BYE!"
        assert api.texts(ann) == ["edited: good evening", "BYE!"]
        assert api.deliveries() == {ann.id: 2}


@played
async def test_a_polling_bot_answers_inline_queries() -> None:
    """Typing gets results; a chosen one is posted with its text parsed."""
    async with BotApi() as api, echo_bot(api):
        ann = api.user()
        query = api.inline(ann, "kyrgyz")
        answer = await api.answer(query)
        assert [shown["title"] for shown in answer["results"]] == ["kyrgyz"]
        posted = api.choose(query)
        assert posted.text == "kyrgyz" and posted.parts("bold") == ["kyrgyz"]


@played
async def test_a_bot_meets_a_429_and_obeys_it() -> None:
    """The pause of a 429 can be checked in the record."""
    async with BotApi() as api, echo_bot(api):
        ann = api.user()
        api.faults.script([faults.flood(1)], method="sendMessage")
        assert (await api.ask(ann, "slowly")).text == "slowly"
        first, second = api.calls("sendMessage")
        assert (first.status, first.retry_after, second.status) == (429, 1, 200)
        assert second.started - first.finished >= 0.95
        assert api.record.too_early() == []


@played
async def test_a_reset_after_processing_has_delivered() -> None:
    """The bot sees an error and the reader sees the message."""
    errors: list[Exception | None] = []
    async with BotApi() as api, echo_bot(api, errors):
        ann = api.user()
        api.faults.script([faults.reset(done=True)], method="sendMessage")
        api.say(ann, "into the dark")
        assert (await api.next_message(ann)).text == "into the dark"
        await api.until(lambda: errors, what="the bot's error")
        assert isinstance(errors[0], NetworkError)
        assert isinstance(errors[0].__cause__, httpx.ReadError)
        (lost,) = api.calls("sendMessage")
        assert lost.is_done and lost.is_uncertain and lost.status == 0


@played
async def test_a_polling_bot_comes_back_after_an_outage() -> None:
    """Nothing is lost while the server is away."""
    async with BotApi() as api, echo_bot(api):
        ann = api.user()
        await api.ask(ann, "before")
        async with api.outage():
            api.say(ann, "during")
            await asyncio.sleep(0.2)
        assert (await api.next_message(ann, timeout=15)).text == "during"


@played
async def test_python_telegram_bot_takes_every_kind_of_update() -> None:
    """What the driver makes is what the library understands."""
    seen: list[Update] = []

    async def keep(update: Update, context: Context) -> None:
        seen.append(update)

    async with BotApi(privacy=False) as api:
        app = Application.builder().token(api.token).base_url(api.base_url).build()
        app.add_handler(TypeHandler(Update, keep))
        async with app:
            assert app.updater is not None
            await app.updater.start_polling(allowed_updates=Update.ALL_TYPES, poll_interval=0)
            await app.start()
            await api.polled()
            ann, ben = api.user("Ann"), api.user("<b>Ben</b> \u202e", last_name="&")
            room = api.supergroup("Room", members=[ann], forum=True)
            news = api.channel("News", linked=room)
            small = api.group("", members=[ann])
            topic = api.topic(room, "Talk")
            api.say(room, "hello", ann, topic=topic)
            api.say(room, "who am I", anonymous=True)
            api.say(room, "a channel", as_chat=news)
            post = api.say(news, "news", signature="Editor")
            api.edit(post, "newer news")
            api.send_photo(ann, "look")
            api.send_document(ann, "read")
            api.send(ann, {"dice": {"emoji": "🎲", "value": 6}})
            api.join(room, ben)
            api.leave(room, ben)
            api.promote(small, ann)
            api.migrate(small, with_member_updates=True)
            api.block(ann)
            api.unblock(ann)
            api.kick_bot(news)
            api.inline(ann, "query")
            api.ask_as_guest(ann, "@example_bot who?")
            api.rename(room, "Hall")
            api.close_topic(room, topic)
            api.inject({"some_future_thing": {"id": 1}})
            await api.polled()
            assert len(seen) > 20
            guest = [update for update in seen if update.guest_message is not None]
            assert guest[0].effective_user is not None
            automatic = [u for u in seen if u.message and u.message.is_automatic_forward]
            assert len(automatic) == 1
            await app.updater.stop()
            await app.stop()


# What Telegram refuses, in its words.

KEYBOARD = {"inline_keyboard": [[{"text": "x", "callback_data": "я" * 33}]]}
REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"text": ""}, "message text is empty"),
    ({"text": " \n "}, "text must be non-empty"),
    ({"text": "😀" * 2049}, "message is too long"),
    ({"text": "x", "chat_id": 77}, "chat not found"),
    ({"text": "x", "chat_id": "@nobody"}, "chat not found"),
    ({"text": "x", "chat_id": ""}, "chat_id is empty"),
    ({"text": "x", "reply_markup": KEYBOARD}, "BUTTON_DATA_INVALID"),
    (
        {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x"}]]}},
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    (
        {"text": "x", "reply_markup": "{"},
        "can't parse reply keyboard markup JSON object",
    ),
    (
        {"text": "<b>x", "parse_mode": "HTML"},
        "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
    ),
    (
        {"text": "é<x>", "parse_mode": "HTML"},
        'can\'t parse entities: Unsupported start tag "x" at byte offset 2',
    ),
    (
        {"text": "1 - 2", "parse_mode": "MarkdownV2"},
        "can't parse entities: Character '-' is reserved and must be escaped "
        "with the preceding '\\'",
    ),
    (
        {"text": "*x", "parse_mode": "MarkdownV2"},
        "can't parse entities: Can't find end of Bold entity at byte offset 0",
    ),
    (
        {"text": "_x", "parse_mode": "Markdown"},
        "can't parse entities: Can't find end of the entity starting at byte offset 0",
    ),
    ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
    (
        {"text": "x", "entities": [{"type": "bold", "offset": 0}]},
        "can't parse MessageEntity: Can't find field \"length\"",
    ),
    (
        {"text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
        "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2",
    ),
    (
        {"text": "😀", "entities": [{"type": "bold", "offset": 0, "length": 1}]},
        "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 4",
    ),
    ({"text": "x", "message_thread_id": 5}, "message thread not found"),
    ({"text": "x", "reply_parameters": {"message_id": 9}}, "message to be replied not found"),
]


@pytest.mark.parametrize(("parameters", "description"), REFUSALS)
def test_send_message_refuses_what_telegram_refuses(
    parameters: dict[str, Any], description: str
) -> None:
    """Descriptions are Telegram's own."""

    async def play() -> None:
        async with BotApi() as api:
            ann = api.user(started=True)
            found = await refusal(api, "sendMessage", **{"chat_id": ann.id, **parameters})
            assert found == f"Bad Request: {description}"

    asyncio.run(play())


@played
async def test_limits_are_reached_but_not_passed() -> None:
    """The longest of everything is taken."""
    async with BotApi() as api:
        ann = api.user(started=True)
        keyboard = {"inline_keyboard": [[{"text": "x", "callback_data": "я" * 32}]]}
        sent = await result(
            api, "sendMessage", chat_id=ann.id, text="😀" * 2048, reply_markup=keyboard
        )
        assert len(sent["text"]) == 2048
        many = [{"type": "bold", "offset": n, "length": 1} for n in range(0, 300, 2)]
        sent = await result(api, "sendMessage", chat_id=ann.id, text="x" * 400, entities=many)
        assert len(sent["entities"]) == 100
        photo = {"chat_id": ann.id, "photo": "https://example.org/a.jpg"}
        assert await result(api, "sendPhoto", **photo, caption="x" * 1024)
        assert (
            await refusal(api, "sendPhoto", **photo, caption="x" * 1025)
            == "Bad Request: message caption is too long"
        )
        assert (
            await refusal(api, "sendPhoto", chat_id=ann.id, photo="nonsense")
            == "Bad Request: wrong file identifier/HTTP URL specified"
        )


@played
async def test_edits_are_refused_when_nothing_changes() -> None:
    """Unmodified, missing and foreign messages, texts of pictures."""
    async with BotApi() as api:
        ann = api.user(started=True)
        mine = await result(api, "sendMessage", chat_id=ann.id, text="<b>x</b>", parse_mode="html")
        where = {"chat_id": ann.id, "message_id": mine["message_id"]}
        entities = [{"type": "bold", "offset": 0, "length": 1}]
        same = await refusal(api, "editMessageText", **where, text="x", entities=entities)
        assert same.startswith("Bad Request: message is not modified: specified new message")
        assert await result(api, "editMessageText", **where, text="x")
        assert "MESSAGE_TOO_LONG" in await refusal(
            api, "editMessageText", **where, text="x" * 4097
        )
        gone = {"chat_id": ann.id, "message_id": 999}
        assert "message to edit not found" in await refusal(
            api, "editMessageText", **gone, text="y"
        )
        foreign = {"chat_id": ann.id, "message_id": api.say(ann, "mine").message_id}
        assert "message can't be edited" in await refusal(
            api, "editMessageText", **foreign, text="y"
        )
        assert "there is no caption in the message to edit" in await refusal(
            api, "editMessageCaption", **where, caption="y"
        )
        assert await result(api, "deleteMessage", **where) is True
        assert "message to delete not found" in await refusal(api, "deleteMessage", **where)
        second = await result(api, "sendMessage", chat_id=ann.id, text="old")
        api.advance(49 * 3600)
        assert "message can't be deleted for everyone" in await refusal(
            api, "deleteMessage", chat_id=ann.id, message_id=second["message_id"]
        )


@played
async def test_queries_are_answered_in_time_and_shape() -> None:
    """Callback answers, inline results and their limits, queries that became too old."""
    async with BotApi() as api:
        ann = api.user(started=True)
        keyboard = {"inline_keyboard": [[{"text": "x", "callback_data": "d"}]]}
        await result(api, "sendMessage", chat_id=ann.id, text="x", reply_markup=keyboard)
        query = api.press(api.last(ann), "x")
        where = {"callback_query_id": query.id}
        assert "MESSAGE_TOO_LONG" in await refusal(
            api, "answerCallbackQuery", **where, text="x" * 201
        )
        assert await result(api, "answerCallbackQuery", **where, text="x" * 200)
        api.advance(20)
        too_old = "query is too old and response timeout expired or query ID is invalid"
        assert too_old in await refusal(api, "answerCallbackQuery", **where)

        typed = api.inline(ann, "q")

        def article(name: str, text: str = "x") -> dict[str, Any]:
            content = {"message_text": text}
            return {"type": "article", "id": name, "title": "t", "input_message_content": content}

        async def refused(results: list[dict[str, Any]]) -> str:
            return await refusal(
                api, "answerInlineQuery", inline_query_id=typed.id, results=results
            )

        assert "RESULT_ID_DUPLICATE" in await refused([article("1"), article("1")])
        assert "RESULT_ID_INVALID" in await refused([article("я" * 33)])
        assert "too many inline query results" in await refused(
            [article(str(number)) for number in range(51)]
        )
        assert "MESSAGE_TOO_LONG" in await refused([article("1", "x" * 4097)])
        assert await result(
            api, "answerInlineQuery", inline_query_id=typed.id, results=[article("я" * 32)]
        )


@played
async def test_a_guest_answers_once() -> None:
    """Guest mode gives one message, which is shown in the chat."""
    async with BotApi() as api:
        ann = api.user()
        room = api.supergroup("Elsewhere", members=[ann], bot=Status.LEFT)
        query = api.ask_as_guest(ann, "@example_bot who?", room)
        (update,) = (await result(api, "getUpdates"))[:1]
        assert update["guest_message"]["guest_query_id"] == query.id
        content = {"message_text": "me"}
        article = {"type": "article", "id": "1", "title": "t", "input_message_content": content}
        sent = await result(api, "answerGuestQuery", guest_query_id=query.id, result=article)
        assert sent == {"inline_message_id": f"guest-{query.id}"}
        assert api.texts(room) == ["me"]
        assert "query is too old" in await refusal(
            api, "answerGuestQuery", guest_query_id=query.id, result=article
        )
        assert await result(api, "editMessageText", **sent, text="me again") is True
        assert api.texts(room) == ["me again"]


@played
async def test_commands_are_kept_by_scope_and_language() -> None:
    """What is registered is what is shown; names and lengths are checked."""
    async with BotApi() as api:
        start = [{"command": "start", "description": "begins"}]
        scope = {"type": "all_private_chats"}
        await result(api, "setMyCommands", commands=start, scope=scope, language_code="ru")
        assert api.commands(scope, "ru") == start and api.commands() == []
        assert await result(api, "getMyCommands", scope=scope, language_code="ru") == start
        for command, words in (
            ({"command": "Start", "description": "x"}, "BOT_COMMAND_INVALID"),
            ({"command": "start", "description": ""}, "command description must be non-empty"),
            ({"command": "x" * 33, "description": "x"}, "command length must not exceed 32"),
            ({"command": "x"}, "can't parse BotCommand: Can't find field \"description\""),
        ):
            assert words in await refusal(api, "setMyCommands", commands=[command])
        await result(api, "setMyShortDescription", short_description="short", language_code="ru")
        shown = await result(api, "getMyShortDescription", language_code="ru")
        assert shown == {"short_description": "short"}
        assert await result(api, "getMyShortDescription") == {"short_description": ""}


def test_markup_becomes_entities() -> None:
    """Offsets are in UTF-16 units; commands, mentions and links are found."""
    html = formatted(
        '😀<b>b<i>i</i></b> <a href="example.org">l</a>\n'
        "<blockquote expandable>q &lt;</blockquote>",
        "HTML",
    )
    assert html.text == "😀bi l\nq <"
    assert [(e["type"], e["offset"], e["length"]) for e in html.entities] == [
        ("bold", 2, 2),
        ("italic", 3, 1),
        ("text_link", 5, 1),
        ("expandable_blockquote", 7, 3),
    ]
    mark = formatted("*b* _i_ __u__ ~s~ ||p|| `c` [l](http://a.b)\n>q\n>r||\nend", "MarkdownV2")
    assert mark.text == "b i u s p c l\nq\nr\nend"
    assert [e["type"] for e in mark.entities] == [
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "code",
        "text_link",
        "expandable_blockquote",
    ]
    pre = formatted('<pre><code class="language-py">x</code></pre>', "HTML")
    assert pre.entities == [{"offset": 0, "length": 1, "type": "pre", "language": "py"}]
    found = formatted("/ask@bot @user #tag https://a.b/c. mail@a.bc x/y")
    assert [e["type"] for e in found.entities] == [
        "bot_command",
        "mention",
        "hashtag",
        "url",
        "email",
    ]
    with pytest.raises(Refused, match="Unmatched end tag at byte offset 5"):
        formatted("<b>é</i>", "HTML")


# Chats: who sees and may do what.


@played
async def test_privacy_mode_hides_what_is_not_for_the_bot() -> None:
    """Commands, mentions and replies come through; the rest only to administrators."""
    async with BotApi() as api:
        ann = api.user()
        room = api.supergroup("Room", members=[ann])
        sent = await result(api, "sendMessage", chat_id=room.id, text="I am here")
        mine = api.message(sent)
        hidden = ["hello", "/ask@otherbot x", "@example_bot2 x", "mail me"]
        shown = ["/ask x", "/ask@example_bot x", "say, @Example_Bot", "reply"]
        for text in hidden:
            api.say(room, text, ann)
        for text in shown[:3]:
            api.say(room, text, ann)
        api.say(room, "reply", ann, reply_to=mine)
        updates = await result(api, "getUpdates")
        assert [update["message"]["text"] for update in updates] == shown
        reply = updates[-1]["message"]
        assert reply["message_thread_id"] == mine.message_id and "is_topic_message" not in reply

        api.world.bot.privacy = False
        api.say(room, "now", ann)
        updates = await result(api, "getUpdates", offset=updates[-1]["update_id"] + 1)
        assert [update["message"]["text"] for update in updates] == ["now"]
        assert (await result(api, "getMe"))["can_read_all_group_messages"] is True


@played
async def test_topics_open_close_and_vanish() -> None:
    """General has no id to send to; closed ones need rights; deleted ones are not found."""
    async with BotApi() as api:
        ann = api.user()
        forum = api.supergroup("Forum", members=[ann], forum=True)
        topic = api.topic(forum, "News")
        asked = api.say(forum, "/ask", ann, topic=topic)
        assert asked.json["is_topic_message"] and asked.thread == topic.id == asked.reply_to
        send = functools.partial(call, api, "sendMessage", chat_id=forum.id, text="x")

        sent = (await send(message_thread_id=topic.id))["result"]
        assert sent["message_thread_id"] == topic.id
        reply = (await send(reply_parameters={"message_id": asked.message_id}))["result"]
        assert reply["message_thread_id"] == topic.id
        assert "message_thread_id" not in (await send())["result"]
        assert (await send(message_thread_id=1))["description"].endswith("thread not found")

        api.close_topic(forum, topic)
        assert (await send(message_thread_id=topic.id))["description"].endswith("TOPIC_CLOSED")
        api.add_bot(forum, administrator=True)
        assert (await send(message_thread_id=topic.id))["ok"]
        api.delete_topic(forum, topic)
        assert (await send(message_thread_id=topic.id))["description"].endswith("not found")


@played
async def test_replies_and_quotes_have_to_match() -> None:
    """A quote is an exact part; a missing message can be allowed."""
    async with BotApi() as api:
        ann = api.user()
        asked = api.say(ann, "one 😀 two")
        to = {"message_id": asked.message_id}
        send = functools.partial(call, api, "sendMessage", chat_id=ann.id, text="x")
        assert (await send(reply_parameters={**to, "quote": "two"}))["result"]["quote"] == {
            "text": "two",
            "position": 7,
            "is_manual": True,
        }
        wrong = await send(reply_parameters={**to, "quote": "three"})
        assert wrong["description"] == "Bad Request: QUOTE_TEXT_INVALID"
        gone = {"message_id": 99, "allow_sending_without_reply": True}
        assert "reply_to_message" not in (await send(reply_parameters=gone))["result"]


@played
async def test_channels_and_groups_know_the_bots_rights() -> None:
    """Posting needs the right; restricted, removed and kicked bots are told why."""
    async with BotApi() as api:
        news = api.channel("News", rights=["can_manage_chat"])
        words = await refusal(api, "sendMessage", chat_id=news.id, text="x")
        assert words == "Bad Request: need administrator rights in the channel chat"
        api.add_bot(news, rights=["can_post_messages"])
        post = await result(api, "sendMessage", chat_id=news.id, text="x")
        assert post["sender_chat"]["id"] == news.id and "from" not in post

        room = api.supergroup("Room")
        send = functools.partial(refusal, api, "sendMessage", chat_id=room.id, text="x")
        api.restrict_bot(room)
        assert await send() == "Bad Request: not enough rights to send text messages to the chat"
        api.remove_bot(room)
        assert await send() == "Forbidden: bot is not a member of the supergroup chat"
        api.kick_bot(room)
        assert await send() == "Forbidden: bot was kicked from the supergroup chat"
        changes = [
            update["my_chat_member"]["new_chat_member"]["status"]
            for update in await result(api, "getUpdates")
            if "my_chat_member" in update
        ]
        assert changes == ["administrator", "restricted", "left", "kicked"]


@played
async def test_the_library_raises_what_it_raises_for_telegram() -> None:
    """Blocked users, migrated groups, wrong tokens, unknown methods."""
    async with BotApi() as api, bot(api) as library:
        ann = api.user(started=True)
        api.block(ann)
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await library.send_message(ann.id, "x")
        with pytest.raises(BadRequest, match="Chat not found"):
            await library.send_message(api.user("Stranger").id, "x")
        friend = api.user("Friend")
        group = api.group("Small", members=[friend])
        with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
            await library.send_message(friend.id, "x")
        large = api.migrate(group)
        with pytest.raises(ChatMigrated) as migrated:
            await library.send_message(group.id, "x")
        assert migrated.value.new_chat_id == large.id
        assert (await library.send_message(large.id, "x")).chat_id == large.id
        stranger = bot(api, "1:wrong")
        with pytest.raises(InvalidToken):
            await stranger.initialize()
        await stranger.request.shutdown()
        with pytest.raises(EndPointNotFound):
            await library.do_api_request("sendTelepathy")


@played
async def test_members_and_administrators_are_shown() -> None:
    """Live answers to who administers a chat, anonymous ones included."""
    async with BotApi() as api, bot(api) as library:
        ann, ben = api.user("Ann"), api.user("Ben")
        room = api.supergroup("Room", creator=ann, members=[ben])
        api.promote(room, ben, anonymous=True)
        shown = await library.get_chat_administrators(room.id)
        assert {(member.user.id, member.status) for member in shown} == {
            (ann.id, "creator"),
            (ben.id, "administrator"),
        }
        assert (await library.get_chat_member(room.id, ben.id)).to_dict()["is_anonymous"]
        assert (await library.get_chat_member(room.id, library.id)).status == "member"
        assert (await library.get_chat(room.id)).title == "Room"
        api.demote(room, ben)
        assert (await library.get_chat_member(room.id, ben.id)).status == "member"
        assert await library.leave_chat(room.id)
        with pytest.raises(Forbidden):
            await library.send_message(room.id, "x")


@played
async def test_pictures_come_by_upload_url_and_id() -> None:
    """Multipart bodies are read; captions and media can be edited; files can be fetched."""
    async with BotApi() as api, bot(api) as library:
        ann = api.user(started=True)
        sent = await library.send_photo(ann.id, JPEG, caption="<i>c</i>", parse_mode="HTML")
        assert sent.caption == "c" and sent.photo[-1].file_size == len(JPEG)
        file = await library.get_file(sent.photo[-1].file_id)
        assert bytes(await file.download_as_bytearray()) == JPEG
        again = await library.send_photo(ann.id, sent.photo[0].file_id)
        edited = await again.edit_caption("new")
        assert getattr(edited, "caption", None) == "new"
        media = InputMediaPhoto(JPEG, caption="other")
        assert getattr(await again.edit_media(media), "caption", None) == "other"
        await library.send_photo(ann.id, "https://example.org/a.jpg")
        with pytest.raises(BadRequest, match="Image_process_failed"):
            await library.send_photo(ann.id, b"no picture")
        replied = await library.send_document(
            ann.id, b"%PDF-", filename="a.pdf", reply_parameters=ReplyParameters(sent.message_id)
        )
        assert replied.reply_to_message is not None
        copied = await library.copy_message(ann.id, ann.id, sent.message_id)
        assert api.message(copied.message_id, ann).text == "c"
        forwarded = await library.forward_message(ann.id, ann.id, sent.message_id)
        assert forwarded.forward_origin is not None
        assert await library.set_message_reaction(ann.id, sent.message_id, "👍")
        assert await library.delete_messages(ann.id, [sent.message_id, 999])


# Getting updates.


@played
async def test_updates_are_confirmed_by_the_offset() -> None:
    """Limit, offset, negative offset, allowed kinds, duplicates."""
    async with BotApi() as api:
        ann = api.user()
        for text in ("1", "2", "3"):
            api.say(ann, text)
        first = await result(api, "getUpdates", limit=2)
        assert [update["message"]["text"] for update in first] == ["1", "2"]
        assert await result(api, "getUpdates", limit=2) == first
        rest = await result(api, "getUpdates", offset=first[-1]["update_id"] + 1)
        assert [update["message"]["text"] for update in rest] == ["3"]
        assert await result(api, "getUpdates", offset=rest[-1]["update_id"] + 1) == []
        api.replay(first[0]["update_id"])
        assert await result(api, "getUpdates", offset=rest[-1]["update_id"] + 1) == first[:1]
        await result(api, "getUpdates", allowed_updates=["callback_query"])
        api.say(ann, "unwanted")
        assert api.unconfirmed == 0


@played
async def test_two_pollers_and_a_webhook_conflict() -> None:
    """The older of two polls ends with 409; with a webhook every poll does."""
    async with BotApi() as api:
        older = asyncio.create_task(call(api, "getUpdates", timeout=10))
        await api.until(lambda: api.server.is_polled)
        newer = asyncio.create_task(call(api, "getUpdates", timeout=10))
        answer = await older
        assert answer["error_code"] == 409 and "other getUpdates request" in answer["description"]
        api.server.conflict_seconds = 0.2
        newest = asyncio.create_task(call(api, "getUpdates", timeout=10))
        began = time.monotonic()
        assert (await newer)["error_code"] == 409
        assert time.monotonic() - began >= 0.2
        api.say(api.user(), "x")
        assert len((await newest)["result"]) == 1
        await asyncio.sleep(0.2)
        await result(api, "setWebhook", url="http://127.0.0.1:9/")
        assert "webhook is active" in await refusal(api, "getUpdates")
        await result(api, "deleteWebhook", drop_pending_updates=True)
        assert await result(api, "getUpdates") == []


@played
async def test_a_webhook_gets_updates_until_it_accepts_them() -> None:
    """The secret is sent, a chat's order is kept, and 500 means again."""
    async with BotApi() as api:
        api.server.webhook_retry = 0.05
        got: list[tuple[str, str]] = []
        answers = [500, 200, 200, 200]

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode().lower():
                length = int(head.split("content-length: ")[1].split("\r\n")[0])
                update = json.loads(await reader.readexactly(length))
                secret = head.split("x-telegram-bot-api-secret-token: ")[1].split("\r\n")[0]
                got.append((update["message"]["text"], secret))
                status = answers.pop(0)
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())

        def ignoring(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.get_running_loop().create_task(take(reader, writer))
            tasks.append(task)
            writers.append(writer)

        tasks: list[asyncio.Task[None]] = []
        writers: list[asyncio.StreamWriter] = []
        hook = await asyncio.start_server(ignoring, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{hook.sockets[0].getsockname()[1]}/hook"
        assert "unallowed characters" in await refusal(
            api, "setWebhook", url=url, secret_token="a b"
        )
        assert "retry after 1" in await refusal(api, "setWebhook", url=url)
        api.server.webhook_pause = 0.0
        await asyncio.sleep(1)
        await result(api, "setWebhook", url=url, secret_token="s3cret")
        ann = api.user()
        for text in ("1", "2", "3"):
            api.say(ann, text)
        await api.until(lambda: len(got) == 4 and not api.unconfirmed)
        assert got == [("1", "s3cret"), ("1", "s3cret"), ("2", "s3cret"), ("3", "s3cret")]
        info = await result(api, "getWebhookInfo")
        assert info["url"] == url and info["last_error_message"].endswith("500")
        await result(api, "deleteWebhook")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.close()
        hook.close()


@played
async def test_a_webhook_gets_more_chats_than_it_has_connections() -> None:
    """When all connections finish at once, the rest is delivered nevertheless."""
    streams: list[asyncio.StreamWriter] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        streams.append(writer)
        while not reader.at_eof():
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            except asyncio.IncompleteReadError:
                break
            await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with BotApi() as api:
        hook = await asyncio.start_server(take, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{hook.sockets[0].getsockname()[1]}/"
        await result(api, "setWebhook", url=url, max_connections=3)
        people = [api.user() for _ in range(30)]
        for _ in range(5):
            for user in people:
                api.say(user, "x")
            await api.polled(timeout=5)
        assert len(api.webhook_attempts()) == 150
        assert len(streams) <= 4
    hook.close()
    await asyncio.sleep(0.1)


# Troubles.


@played
async def test_every_fault_reaches_the_library_as_it_would_from_telegram() -> None:
    """What is sent and what is not can be told from the record, as the caller never can."""
    plan: list[tuple[faults.Fault, type[Exception], type[Exception] | None, bool]] = [
        (faults.server_error(502), NetworkError, None, False),
        (faults.server_error(500, done=True), NetworkError, None, True),
        (faults.html(), NetworkError, None, False),
        (faults.malformed(), Exception, None, True),
        (faults.reset(), NetworkError, httpx.ReadError, False),
        (faults.reset(done=True), NetworkError, httpx.ReadError, True),
        (faults.cut(), NetworkError, httpx.RemoteProtocolError, True),
        (faults.silence(), TimedOut, httpx.ReadTimeout, True),
        (faults.wedge(), TimedOut, httpx.ReadTimeout, False),
        (faults.delay(0.8), TimedOut, httpx.ReadTimeout, True),
        (faults.flood(3), RetryAfter, None, False),
        (faults.error(403, "Forbidden: CHAT_WRITE_FORBIDDEN"), Forbidden, None, False),
    ]
    async with BotApi() as api, bot(api) as library:
        for number, (fault, error, cause, is_done) in enumerate(plan):
            ann = api.user(started=True)
            api.faults.add(fault, method="sendMessage", chat=ann.id, times=1)
            with pytest.raises(error) as caught:
                await library.send_message(ann.id, f"{number}", read_timeout=0.3)
            if cause is not None:
                assert isinstance(caught.value.__cause__, cause), fault.name
            assert len(api.bot_messages(ann)) == is_done, fault.name
            assert api.calls("sendMessage", ann)[-1].is_done is is_done
            assert (await library.send_message(ann.id, "then")).text == "then"


@played
async def test_a_wedged_poll_hangs_and_the_next_one_works() -> None:
    """Updates wait for a poll that is looked at."""
    async with BotApi() as api:
        api.faults.script([faults.wedge(), faults.drip()], method="getUpdates")
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(call(api, "getUpdates", timeout=1), 0.3)
        api.say(api.user(), "x")
        assert len(await result(api, "getUpdates", timeout=1)) == 1


@played
async def test_chance_can_be_repeated() -> None:
    """The same seed plays the same faults."""

    async def play(seed: int) -> list[int]:
        async with BotApi(seed=seed) as api:
            api.faults.add(faults.server_error(), faults.flood(1), probability=0.3)
            return [(await call(api, "getMe")).get("error_code", 0) for _ in range(30)]

    once = await play(5)
    assert once == await play(5) != await play(6)
    assert {0, 500, 429} == set(once)


@played
async def test_telegrams_limits_are_enforced_and_recorded() -> None:
    """One a second in a chat after a burst, 20 a minute in a group, 30 a second in all."""
    async with BotApi(pace=Pace()) as api:
        assert api.pace is not None
        ann = api.user(started=True)
        answers = [await call(api, "sendMessage", chat_id=ann.id, text="x") for _ in range(4)]
        assert [answer["ok"] for answer in answers] == [True, True, True, False]
        assert answers[3]["parameters"] == {"retry_after": 1}
        assert answers[3]["description"] == "Too Many Requests: retry after 1"
        api.pace = Pace(chat_burst=100)
        room = api.supergroup("Room")
        codes = [
            (await call(api, "sendMessage", chat_id=room.id, text="x")).get("error_code")
            for _ in range(21)
        ]
        assert codes == [None] * 20 + [429]
        assert [violation.limit for violation in api.pace.violations] == ["group"]
        api.pace = Pace()
        people = [api.user(started=True) for _ in range(40)]
        many = [call(api, "sendMessage", chat_id=user.id, text="x") for user in people]
        refused = [answer for answer in await asyncio.gather(*many) if not answer["ok"]]
        assert len(refused) == 7 and api.pace.violations[0].limit == "overall"
        assert api.record.peak(1.0) >= 33


@played
async def test_the_network_takes_its_time() -> None:
    """A delay is there for each call, and calls do not wait for each other."""
    async with BotApi(delay=0.1) as api:
        began = time.monotonic()
        await asyncio.gather(*(call(api, "getMe") for _ in range(10)))
        assert time.monotonic() - began >= 0.1
        calls = sorted(api.calls("getMe"), key=lambda call: call.started)
        assert any(later.started < call.finished for call, later in pairwise(calls))


@played
async def test_waiting_in_vain_tells_what_happened_instead() -> None:
    """A test that fails says which calls there were."""
    async with BotApi() as api:
        ann = api.user(started=True)
        await call(api, "sendMessage", chat_id=ann.id, text="")
        with pytest.raises(Late, match=r"(?s)message in chat .*message text is empty"):
            await api.next_message(ann, timeout=0.1)


@played
async def test_bodies_come_as_forms_json_and_chunks() -> None:
    """All encodings mean the same; several requests share a connection."""
    async with BotApi() as api:
        ann = api.user(started=True)
        text = "Қырғыз & + % \\ 😀"
        async with httpx.AsyncClient(base_url=f"{api.base_url}{api.token}/") as client:
            fields = {"chat_id": str(ann.id), "text": text}

            async def chunks() -> AsyncIterator[bytes]:
                for piece in json.dumps(fields):
                    yield piece.encode()

            await client.post("sendMessage", data=fields)
            await client.post("SENDMESSAGE", json=fields)
            await client.get("sendmessage", params=fields)
            await client.post("sendMessage", data=fields, files={"f": ("n", b"\r\n--x")})
            await client.post(
                "sendMessage", content=chunks(), headers={"Content-Type": "application/json"}
            )
        assert api.texts(ann) == [text] * 5


# Other places to run.


def test_it_runs_in_a_thread() -> None:
    """Tests that are not asynchronous call the driver across threads."""
    with Threaded() as api:
        ann = api.user("Ann", started=True)
        answer = httpx.post(
            f"{api.base_url}{api.token}/sendMessage", data={"chat_id": ann.id, "text": "x"}
        )
        assert answer.json()["ok"]
        assert api.next_message(ann).text == "x"
        assert api.do(lambda driver: driver.texts(ann)) == ["x"]


def test_it_runs_as_a_process() -> None:
    """Another process drives it over its control endpoint."""
    with Process("--username", "other_bot") as remote:
        ann = remote.call("user", first_name="Ann", started=True)
        url = f"{remote.base_url}{remote.token}/"
        assert httpx.post(url + "getMe").json()["result"]["username"] == "other_bot"
        remote.call("script", faults=[{"kind": "flood", "options": {"retry_after": 7}}])
        send = {"chat_id": ann["id"], "text": "x"}
        assert httpx.post(url + "sendMessage", json=send).json()["error_code"] == 429
        assert httpx.post(url + "sendMessage", json=send).json()["ok"]
        message = remote.call("next_message", chat=ann["id"])
        assert message["text"] == "x"
        assert [one["status"] for one in remote.call("calls", method="sendMessage")] == [429, 200]
        assert len(remote.call("too_early")) == 1
        with pytest.raises(Refusal, match="no button"):
            remote.call("press", message=message["json"], button="x")


@played
async def test_a_load_is_measured() -> None:
    """Every question of every user is answered and timed."""
    from tests.botapi import load

    async with BotApi() as api, echo_bot(api):
        came = await load.ask(api, ["n {n}"], users=5, questions=30, keep_texts=True)
        assert came.answered == 30 and 0 < came.p50 <= came.p99 <= came.longest
        said = [text for texts in came.texts.values() for text in texts]
        assert sorted(said) == sorted(f"n {n}" for n in range(30))
        even = await load.ask(api, ["x"], users=5, questions=20, rate=100)
        assert even.answered == 20 and even.seconds > 0.15
