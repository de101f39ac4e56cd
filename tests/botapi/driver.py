"""The driver: one object with which a test plays Telegram, its users and its troubles.

Acts (see `people`) happen at once; what waits for the bot is a coroutine and takes a timeout.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

from tests.botapi.faults import Faults
from tests.botapi.pace import Pace
from tests.botapi.people import People
from tests.botapi.profile import scope_key
from tests.botapi.record import Call, Record
from tests.botapi.server import Server
from tests.botapi.updates import Updates
from tests.botapi.webhook import Attempt
from tests.botapi.world import BotProfile, Chat, Json, Message, Query, User, World

TOKEN = "123456789:AAFakeTokenForTestsOnlyAAAAAAAAAAAAA"
Found = TypeVar("Found")
PATIENCE = 60.0
"""Seconds until what a test waits for counts as lost: more than a busy machine ever needs, so that
only a bot that would never do it fails."""
LOOK_EVERY = 0.05
"""Seconds between looks whether the bot is quiet."""


class Late(AssertionError):
    """What a test waited for did not happen in time."""


class BotApi(People):
    """A Bot API server and the people who use the bot."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "example_bot",
        name: str = "Example",
        privacy: bool = True,
        inline: bool = True,
        guest: bool = True,
        seed: int = 0,
        delay: float = 0.0,
        pace: Pace | None = None,
        kept_calls: int | None = None,
    ) -> None:
        """Prepare a server; `start` or `async with` makes it listen.

        Args:
            token: what the bot has to use.
            username: the bot's, without @.
            name: the bot's.
            privacy: whether privacy mode is on.
            inline: whether inline mode is on.
            guest: whether guest mode is on.
            seed: of all chance, the faults' too.
            delay: seconds that each call spends on the network.
            pace: Telegram's limits to enforce; none when missing.
            kept_calls: how many calls the record keeps; all when missing.
        """
        me = User(int(token.partition(":")[0]), name, username=username, is_bot=True)
        updates = Updates()
        bot = BotProfile(me, token, privacy, inline, guest=guest)
        world = World(bot, updates, random.Random(seed))
        world.now = updates.now = self._now
        world.add_user(me)
        super().__init__(world)
        self.faults = Faults(random.Random(seed))
        self.server = Server(world, self.faults, record=Record(kept_calls), pace=pace, delay=delay)
        self._ahead = 0.0
        self._read: dict[int, int] = {}
        self._edits: list[Message] = []
        self._edits_read: dict[tuple[int, int], int] = {}
        self._waiters: set[asyncio.Future[None]] = set()
        world.watchers.append(self._notice)

    # Life.

    async def start(self, port: int = 0) -> Self:
        """Listen on loopback; a port of 0 takes a free one."""
        await self.server.start(port)
        return self

    async def stop(self) -> None:
        """Hang up and listen no more."""
        await self.server.stop()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    @property
    def token(self) -> str:
        """Give the bot's token."""
        return self.world.bot.token

    @property
    def port(self) -> int:
        """Give the port."""
        return self.server.port

    @property
    def url(self) -> str:
        """Give the server's address, as `TELEGRAM_API_URL` takes it."""
        return f"http://{self.server.host}:{self.server.port}"

    @property
    def base_url(self) -> str:
        """Give what python-telegram-bot's `base_url` takes."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        """Give what python-telegram-bot's `base_file_url` takes."""
        return f"{self.url}/file/bot"

    # The clock and the network.

    def _now(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the world's clock: dates, the age of messages, queries and updates."""
        self._ahead += seconds

    @property
    def delay(self) -> float:
        """Give the seconds that each call spends on the network."""
        return self.server.delay

    @delay.setter
    def delay(self, seconds: float) -> None:
        self.server.delay = seconds

    @property
    def pace(self) -> Pace | None:
        """Give Telegram's limits and their violations, or None where nothing is limited."""
        return self.server.pace

    @pace.setter
    def pace(self, pace: Pace | None) -> None:
        self.server.pace = pace

    async def go_down(self) -> None:
        """Begin a total outage: open connections are reset, new ones refused."""
        await self.server.hang_up()

    async def come_up(self) -> None:
        """End a total outage, on the same port."""
        await self.server.start(self.server.port)

    @asynccontextmanager
    async def outage(self) -> AsyncIterator[None]:
        """Be down for the length of a `with` block."""
        await self.go_down()
        try:
            yield
        finally:
            await self.come_up()

    # Reading what happened.

    @property
    def record(self) -> Record:
        """Give the record of all calls."""
        return self.server.record

    def calls(
        self, method: str | None = None, chat: Chat | User | int | None = None
    ) -> list[Call]:
        """Give the calls of a method, to a chat, or both; getUpdates only when asked for."""
        return self.record.of(method, None if chat is None else self.chat(chat).id)

    def messages(self, chat: Chat | User | int) -> list[Message]:
        """Give a chat's messages as they now look, service messages too, oldest first."""
        return list(self.chat(chat).messages.values())

    def bot_messages(self, chat: Chat | User | int) -> list[Message]:
        """Give the bot's messages in a chat as they now look."""
        return [message for message in self.messages(chat) if message.is_from_bot]

    def last(self, chat: Chat | User | int) -> Message:
        """Give the bot's latest message in a chat."""
        return self.bot_messages(chat)[-1]

    def texts(self, chat: Chat | User | int) -> list[str]:
        """Give the texts of the bot's messages in a chat."""
        return [message.text for message in self.bot_messages(chat)]

    def deliveries(self) -> dict[int, int]:
        """Count the messages that the bot put into each chat, deleted ones too."""
        return {
            chat.id: len(chat.delivered) for chat in self.world.chats.values() if chat.delivered
        }

    def commands(self, scope: Json | None = None, language: str = "") -> list[Json]:
        """Give the commands that are registered for a scope and language."""
        return self.world.bot.commands.get((scope_key(scope), language), [])

    def webhook_attempts(self) -> list[Attempt]:
        """Give every try to deliver an update to the webhook that is set."""
        return self.server.webhook.attempts if self.server.webhook else []

    @property
    def unconfirmed(self) -> int:
        """Count the updates that the bot has not confirmed."""
        return len(self.world.updates.pending)

    # Waiting for the bot.

    def _notice(self, event: str, value: Any) -> None:
        if event == "edited":
            self._edits.append(value)
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(
        self,
        look: Callable[[], Found | None],
        timeout: float = PATIENCE,
        what: str = "what was waited for",
    ) -> Found:
        """Wait until something can be seen.

        Args:
            look: gives what is waited for, or something false; asked after each call of the bot.
            timeout: seconds.
            what: for the error.

        Raises:
            Late: when time is up.
        """
        end = time.monotonic() + timeout
        while not (found := look()):
            left = end - time.monotonic()
            if left <= 0:
                raise Late(f"{what} did not come within {timeout} s{self._story()}")
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.add(waiter)
            # A condition may also depend on time alone.
            await asyncio.wait([waiter], timeout=min(left, 0.25))
            self._waiters.discard(waiter)
        return found

    def _story(self) -> str:
        latest = list(self.record.calls)[-8:]
        lines = [
            f"\n  {call.method} {call.chat_id or ''} {call.status} {call.description} {call.fault}"
            for call in latest
        ]
        return "; the latest calls:" + "".join(lines) if lines else "; the bot made no call"

    async def next_message(self, chat: Chat | User | int, timeout: float = PATIENCE) -> Message:
        """Wait for the bot's next message in a chat, as it then looks; each is given once."""
        chat = self.chat(chat)
        position = self._read.get(chat.id, 0)

        def look() -> int | None:
            return len(chat.delivered) - position

        await self.until(look, timeout, f"a message in chat {chat.id}")
        self._read[chat.id] = position + 1
        number = chat.delivered[position]
        return chat.messages.get(number) or chat.deleted[number]

    async def next_messages(
        self, chat: Chat | User | int, count: int, timeout: float = PATIENCE
    ) -> list[Message]:
        """Wait for several messages."""
        return [await self.next_message(chat, timeout) for _ in range(count)]

    async def ask(
        self,
        chat: Chat | User | int,
        text: str,
        by: User | int | None = None,
        *,
        timeout: float = PATIENCE,
        **how: Any,
    ) -> Message:
        """Write a text and wait for the bot's next message; what came before is passed over."""
        self.pass_over(chat)
        self.say(chat, text, by, **how)
        return await self.next_message(chat, timeout)

    def pass_over(self, chat: Chat | User | int) -> None:
        """Take all messages of the bot in a chat as read."""
        chat = self.chat(chat)
        self._read[chat.id] = len(chat.delivered)

    async def next_edit(self, message: Message | Json, timeout: float = PATIENCE) -> Message:
        """Wait for the bot's next edit of a message; each edit is given once."""
        message = self.message(message)
        key = (message.chat_id, message.message_id)
        seen = self._edits_read.get(key, 0)

        def look() -> Message | None:
            edits = [e for e in self._edits if (e.chat_id, e.message_id) == key]
            return edits[seen] if len(edits) > seen else None

        edited = await self.until(look, timeout, f"an edit of message {message.message_id}")
        self._edits_read[key] = seen + 1
        return edited

    async def answer(self, query: Query, timeout: float = PATIENCE) -> Json:
        """Wait for the answer to a press, an inline query or a guest message."""

        def look() -> Json | None:
            return query.answers[0] if query.answers else None

        return await self.until(look, timeout, f"an answer to query {query.id}")

    async def next_call(
        self,
        method: str,
        chat: Chat | User | int | None = None,
        *,
        after: int = 0,
        timeout: float = PATIENCE,
    ) -> Call:
        """Wait for a call of a method.

        Args:
            method: which.
            chat: to which chat.
            after: only calls with a greater `number`; see `record.total`.
            timeout: seconds.
        """

        def look() -> Call | None:
            return next((c for c in self.calls(method, chat) if c.number > after), None)

        return await self.until(look, timeout, f"a call of {method}")

    async def polled(self, timeout: float = PATIENCE) -> None:
        """Wait until the bot waits for updates, by poll or webhook, and has none left to fetch."""

        def look() -> bool:
            server = self.server
            is_listening = server.is_polled or server.webhook is not None
            return is_listening and not self.world.updates.pending

        await self.until(look, timeout, "a poll")

    async def quiet(self, seconds: float = 0.3, timeout: float = PATIENCE) -> None:
        """Wait until all updates are confirmed and the bot has called nothing for a while.

        The while is counted in looks rather than by the clock: a machine that was busy with
        something else, so that nobody here got on, has not been quiet.

        Args:
            seconds: how long nothing but getUpdates was called.
            timeout: seconds.
        """

        def called() -> int:
            return self.record.total - self.record.counts.get("getUpdates", 0)

        end = time.monotonic() + timeout
        looks, calm, before = round(seconds / LOOK_EVERY), 0, called()
        while calm < looks:
            if time.monotonic() > end:
                raise Late(f"the bot was not quiet within {timeout} s{self._story()}")
            await asyncio.sleep(LOOK_EVERY)
            is_calm = not self.world.updates.pending and called() == before
            calm, before = calm + 1 if is_calm else 0, called()
