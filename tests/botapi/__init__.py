"""A Bot API server for tests: it plays Telegram on loopback, with users, limits and troubles.

A real bot process is pointed at it by `base_url`; the test plays everybody else:

    async with BotApi() as api:
        start_the_bot(api.token, api.base_url)
        ann = api.user("Ann")
        answer = await api.ask(ann, "who represents Kyrgyzstan?")
        query = api.press(answer, "Website")
        await api.answer(query)

        group = api.supergroup("Friends", members=[ann], forum=True)
        topic = api.topic(group, "News")
        api.say(group, "@example_bot hello", ann, topic=topic)
        assert (await api.next_message(group)).thread == topic.id

        api.faults.script([faults.flood(2), faults.reset(done=True)], method="sendMessage")
        api.say(ann, "again")
        await api.quiet()
        assert api.deliveries()[ann.id] == 2 and api.record.too_early() == []

Where to look:

    people     what people do: users, chats, messages, presses, queries, memberships
    driver     BotApi: starting, waiting for the bot, reading what happened
    faults     what can go wrong on the way, and for which calls
    pace       how often a bot may write; `BotApi(pace=Pace())` enforces it
    record     every call with its times and outcome
    load       many users at once, for benchmarks
    process    the server as a process (`python -m tests.botapi`), driven over `control`
    thread     the server in a thread, for tests that are not asynchronous
    world      the data: users, chats, messages
    methods    the table of methods; sending, editing, answering and profile carry them out
    limits     what Telegram refuses in contents; access: where; refusals: in which words
    markup     HTML, MarkdownV2, Markdown and entities
    updates    the queue behind getUpdates; webhook: behind setWebhook
    server     the main road of a call; wire: HTTP
    speed      how fast the server itself is

Refusals are worded as the Bot API server (10.0) and TDLib word them. What Telegram decides on its
servers in ways nobody outside knows is simpler here: bursts, sizes of pictures, which links exist.
"""

from tests.botapi import faults
from tests.botapi.driver import PATIENCE, TOKEN, BotApi, Late
from tests.botapi.pace import Pace, Violation
from tests.botapi.process import Process, Refusal, Remote
from tests.botapi.record import Call, Record
from tests.botapi.thread import Threaded
from tests.botapi.world import Chat, ChatKind, Message, Query, Status, Topic, User

__all__ = [
    "PATIENCE",
    "TOKEN",
    "BotApi",
    "Call",
    "Chat",
    "ChatKind",
    "Late",
    "Message",
    "Pace",
    "Process",
    "Query",
    "Record",
    "Refusal",
    "Remote",
    "Status",
    "Threaded",
    "Topic",
    "User",
    "Violation",
    "faults",
]
