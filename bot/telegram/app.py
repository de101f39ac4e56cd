"""Wires the bot together and runs it: `handlers` is the whole map of what it reacts to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from telegram import Update
from telegram.error import InvalidToken, RetryAfter, TelegramError
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackContext,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ExtBot,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot.answering import Conversation, Question
from bot.errors import KnowledgeError, Problem, StoreError
from bot.knowledge.feed_file import Feed
from bot.news.deliveries import ItemState
from bot.news.publisher import Publisher
from bot.settings import SettingsError, Uncertain
from bot.store import Lock, Store, ended, under, while_held
from bot.telegram import (
    chats,
    commands,
    editing,
    figures,
    inline,
    menus,
    presses,
    questions,
    thrift,
)
from bot.telegram.client import Client
from bot.telegram.commands import handler as doing
from bot.telegram.completing import completed
from bot.telegram.desk import KEPT_FOR_LAST, Calm, Desk, finish
from bot.telegram.editors import for_editors
from bot.telegram.hook import Hook
from bot.telegram.intake import LONGEST_PAUSE, Intake, Lanes, Poller
from bot.telegram.line import Line
from bot.telegram.mind import Mind
from bot.telegram.news import Carrier
from bot.telegram.options import Options
from bot.telegram.pace import Pace, seconds_of
from bot.telegram.redaction import guard_logs, redacted
from bot.telegram.render import Rendered
from bot.telegram.sending import Place, Voice
from bot.telegram.watching import Watching
from bot.web.counts import Counts

log = logging.getLogger(__name__)

GRACE_SECONDS = 6.0
"""Of the ten that a process has after SIGTERM, for what is in hand."""
AWAY_GRACE_SECONDS = 2.0
"""The same, while the store is away."""
LAST_SECONDS = 1.0
"""For the last word to the store, which may not answer."""
EXPIRE_EVERY = 60.0
ANNOUNCED_EVERY = 5.0
POSTED = (ItemState.QUEUED, ItemState.DONE)
"""Announcements that are out, so that readers may ask about them."""
LOCK_EVERY = 1.0
ADOPT_EVERY = 1.0
LOCK = "polling"
WATCHING = "watching"
UNKNOWN_TOKEN = Problem(
    "TELEGRAM_BOT_TOKEN",
    0,
    "a token that Telegram does not know",
    "the one that @BotFather shows under /mybots",
)

Handle = Callable[[Desk, Update], Awaitable[None]]
Callback = Callable[[Update, Any], Coroutine[Any, Any, None]]
Work = Callable[[], Coroutine[Any, Any, None]]


class GuestHandler(BaseHandler[Update, Any, None]):
    """Takes messages from chats that the bot is no member of."""

    def check_update(self, update: object) -> bool:
        """Tell whether this is one."""
        return isinstance(update, Update) and update.guest_message is not None


def handlers(on: Callable[[Handle], Callback]) -> list[BaseHandler[Any, Any, Any]]:
    """Give everything that the bot reacts to; the first that fits an update gets it."""
    said = filters.UpdateType.MESSAGES & (filters.TEXT | filters.CAPTION)
    private, groups = filters.ChatType.PRIVATE, filters.ChatType.GROUPS
    status = filters.StatusUpdate
    actions = {
        "start": commands.start,
        "help": commands.help_,
        "ask": commands.ask,
        "delegations": commands.delegations,
        "delegation": commands.delegation,
        "representatives": commands.representatives,
        "compare": commands.compare,
        "interview": commands.interview,
        "sources": commands.sources,
        "news": commands.news,
        "subscribe": commands.subscribe,
        "unsubscribe": commands.unsubscribe,
        "settings": commands.settings,
        "language": commands.language,
        "privacy": commands.privacy,
        "forget": commands.forget,
        "cancel": commands.cancel,
        "about": commands.about,
    }
    editors_actions = {
        "announce": editing.announce,
        "queue": editing.queue,
        "stats": figures.stats,
        "unanswered": figures.unanswered,
    }
    in_chats = filters.UpdateType.MESSAGES & (private | groups)
    return [
        GuestHandler(on(inline.visited)),
        CallbackQueryHandler(on(presses.pressed)),
        InlineQueryHandler(on(inline.typed)),
        ChatMemberHandler(on(chats.changed), ChatMemberHandler.MY_CHAT_MEMBER),
        MessageHandler(status.MIGRATE, on(chats.migrated)),
        MessageHandler(
            status.FORUM_TOPIC_REOPENED | status.GENERAL_FORUM_TOPIC_UNHIDDEN, on(chats.reopened)
        ),
        *(CommandHandler(name, on(doing(do)), in_chats) for name, do in actions.items()),
        *(
            CommandHandler(name, on(for_editors(do)), in_chats)
            for name, do in editors_actions.items()
        ),
        MessageHandler(in_chats & filters.COMMAND, on(commands.unknown)),
        MessageHandler(
            private & filters.CaptionRegex(r"^/announce\b"), on(for_editors(editing.announce))
        ),
        MessageHandler(private & said, on(editing.in_dialogue(questions.asked))),
        MessageHandler(
            private & filters.UpdateType.MESSAGE & ~status.ALL,
            on(editing.in_dialogue(questions.wordless)),
        ),
        MessageHandler(groups & said, on(questions.mentioned)),
    ]


class App:
    """The bot, wired together; `run` lets it live until it is told to stop."""

    def __init__(
        self,
        options: Options,
        store: Store,
        mind: Mind,
        feeds: Sequence[Feed] = (),
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Wire the bot.

        Args:
            options: what the operator has decided.
            store: an open one.
            mind: the knowledge.
            feeds: of news, to be read.
            now: gives the time.
            rest: waits some seconds, between tries to reach Telegram.
        """
        base = options.api_url.rstrip("/")
        self._options = options
        self._feeds = feeds
        self._store = store
        self._rest = rest
        self._counts = counts = Counts()
        client, pace = (
            Client(),
            Pace(
                is_kept=options.is_paced,
                floods=counts.floods,
                shared=store.budgets if store.workers.are_many else None,
            ),
        )
        self._polls = Client(connections=2, seconds=3.0 * options.poll_seconds)
        self.bot: ExtBot[Any] = ExtBot(
            options.token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=client,
            get_updates_request=self._polls,
            rate_limiter=pace,
        )
        line = Line(client, f"{base}/bot{options.token}", pace)
        voice = Voice(line, store, now, uncertain=options.uncertain, rest=rest)
        self._carrier = Carrier(line, pace, store, voice, mind, now, options.zone)
        self._publisher: Publisher | None = None
        calm = Calm(options.questions_per_minute, store.budgets)
        self.desk = Desk(
            self.bot, line, store, mind, voice, options, calm, now, self._carrier, counts
        )
        self._application: Application[Any, Any, Any, Any, Any, Any] = (
            Application.builder().bot(self.bot).updater(None).build()
        )
        self._application.add_handlers(handlers(self._on))
        self._application.add_error_handler(self._on_error)
        self._lanes = Lanes(self._handle, options.at_once, counts.answering)
        self._intake = Intake(store, self._lanes, counts, now)
        self._is_ready = asyncio.Event()
        self._poller = Poller(
            self._polls,
            f"{base}/bot{options.token}/getUpdates",
            self._intake,
            counts,
            window=options.poll_seconds,
            rest=rest,
            remove_webhook=self._remove_webhook,
        )
        self._hook = (
            Hook(line, store, options.webhook, rest) if options.webhook is not None else None
        )

    def _on(self, handle: Handle) -> Callback:
        async def callback(update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
            await handle(self.desk, update)

        return callback

    # ------------------------------------------------------------------ life

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop, then finish what is in hand."""
        work = asyncio.create_task(self._work())
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await ended(work, stopped)
            failure = None if work.cancelled() else work.exception()
            # What is in hand waits for the store, too: not for long where that is away.
            grace = GRACE_SECONDS if self._store.trouble is None else AWAY_GRACE_SECONDS
            await asyncio.gather(self._finish_updates(grace), self._finish_publishing(grace))
            await self._close()
        if isinstance(failure, Exception):
            raise failure

    async def _finish_updates(self, seconds: float) -> None:
        left = await self._lanes.finish(seconds)
        if left:
            log.warning("%d updates are left for the next start", left)
        try:
            async with asyncio.timeout(LAST_SECONDS):
                await self._store.inbox.leave()
        except (StoreError, TimeoutError):
            log.warning("the store is away: what is left is done when this process is missed")

    def _helpers(self) -> dict[str, Work]:
        return {
            "forgetting what is old": self._expire,
            "greeting editors": self._greet_editors,
            "watching announcements": self._watch,
            "reading feeds": self._read_feeds,
            "knowing what was announced": self._know_announced,
            "watching the knowledge": lambda: self.desk.mind.watch(self._replaced, self._refused),
        }

    @contextlib.asynccontextmanager
    async def _beside(self, helpers: Mapping[str, Work]) -> AsyncIterator[None]:
        """Do things beside a block, for as long as it lasts."""
        tasks = [asyncio.create_task(self._keep_up(what, do)) for what, do in helpers.items()]
        try:
            yield
        finally:
            await ended(*tasks)

    async def _keep_up(self, what: str, do: Work) -> None:
        """Do something; where it fails, say so in the log and in /healthz, and try again."""
        failures = self._counts.failures
        pause = 1.0
        while True:
            began = time.monotonic()
            try:
                await do()
            except Exception as error:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    return  # it failed as it was stopped, and is not to be begun again
                if time.monotonic() - began > LONGEST_PAUSE:
                    pause = 1.0
                failures[what] = redacted(f"{type(error).__name__}: {error}")
                log.exception("%s fails; it is tried again in %g s", what, pause)
            else:
                return
            await self._rest(pause)
            del failures[what]
            pause = min(2 * pause, LONGEST_PAUSE)

    @property
    def _is_one_of_many(self) -> bool:
        """Tell whether other processes get updates beside this one."""
        return self._hook is not None and self._store.workers.are_many

    async def _know_announced(self) -> None:
        """Let what was announced be asked about, again and again."""
        while True:
            try:
                kept = await self._store.announcements.all()
            except StoreError:
                log.exception("announcements could not be read")
            else:
                self.desk.mind.announce(
                    [one.item for one in kept if one.state in POSTED],
                    [one.id for one in kept if one.state is ItemState.RETRACTED],
                )
            await asyncio.sleep(ANNOUNCED_EVERY)

    async def _read_feeds(self) -> None:
        """Read the operator's feeds, if there are any; what that takes is imported only then."""
        if not self._feeds:
            return
        from bot.telegram.feeds import FeedReader
        from bot.web.fetch import Fetcher

        async def tell(feed: Feed, number: int) -> None:
            await chats.tell_editors(self.desk, "feed_waiting", name=feed.name, number=str(number))

        async with Fetcher() as fetcher:
            await FeedReader(
                self._feeds, self._store, self.desk.mind, fetcher, self.desk.now, tell
            ).run()

    async def _work(self) -> None:
        """Do what was left in the inbox, then what Telegram brings or a poll fetches."""
        store = self._store
        async with contextlib.AsyncExitStack() as stack:
            lock, is_listening = None, False
            if not self._is_one_of_many:
                lock = await store.lock(LOCK)
            # Whoever had the lock before may live, having lost it with the connection to a server.
            is_alone = lock is not None
            if lock is None and not self._is_one_of_many:
                is_listening = await self._listen_if_possible(stack)
                lock = await self._stand_by()
            await store.workers.join()
            if not is_listening:
                await stack.enter_async_context(self._listening())
            await stack.enter_async_context(self._beside(self._helpers()))
            may_take_all = lock is not None and (is_alone or not store.workers.are_many)
            left = await (store.inbox.pending() if may_take_all else store.inbox.adopt())
            await self._introduce()
            if left:
                log.info("%d updates were left by the last run", len(left))
            self._lanes.put(left)
            self._is_ready.set()
            async with self._beside(self._once_known()):
                how = "by webhook" if self._hook else "polling"
                version = self.desk.mind.version
                log.info("%s as @%s, knowledge %s", how, self.bot.username, version)
                if self._hook is not None:
                    await self._hook.keep()
                elif lock is not None:
                    await self._poll(lock)

    def _once_known(self) -> dict[str, Work]:
        """Give what is done beside getting updates, once it is known who the bot is."""
        beside: dict[str, Work] = {
            "registering commands": self._register,
            "publishing": self._publish,
        }
        if self._store.workers.are_many:
            beside["taking over from the dead"] = self._adopt
        return beside

    async def _poll(self, lock: Lock) -> None:
        """Poll for as long as no other process may; a lock that was lost is taken again."""
        while not await under(lock, self._poller.run):
            lock = await self._stand_by()

    async def _adopt(self) -> None:
        """Work on what other processes left that are dead."""
        while True:
            await asyncio.sleep(ADOPT_EVERY)
            try:
                left = await self._store.inbox.adopt()
            except StoreError:
                log.exception("what other processes left cannot be looked for")
                continue
            if left:
                log.warning("%d updates were left by another process", len(left))
                self._lanes.put(left)

    @contextlib.asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        """Listen where the operator wants it; what that takes is imported only then."""
        options, mind = self._options, self.desk.mind
        if not (options.http_listen or options.metrics_listen):
            yield
            return
        from bot.telegram.listening import listening

        async with listening(
            options, self._store, self._counts, lambda: mind.version, self.desk.now, self._brought
        ):
            yield

    async def _brought(self, updates: list[Any]) -> None:
        """Take what the webhook brought, as soon as what was left before is in its lanes."""
        if self._counts.stands_by:
            raise StoreError("another process is at work")
        await self._is_ready.wait()
        await self._intake.take_brought(updates)

    async def _publish(self) -> None:
        """Deliver announcements, for as long as others take this process for alive."""
        if self._publisher is None:
            self._publisher = Publisher(
                self._store.deliveries,
                self._carrier,
                self.desk.now,
                worker=await self._store.workers.join(),
                may_resend=self._options.uncertain is Uncertain.RESEND,
                went_round=self._counts.publishing.beat,
            )
        await self._store.workers.while_at_work(self._publisher.run)

    async def _finish_publishing(self, seconds: float) -> None:
        if self._publisher is not None:
            await self._publisher.finish(seconds)

    async def _introduce(self) -> None:
        """Find out who the bot is; waits for as long as Telegram cannot be reached.

        Raises `SettingsError` where Telegram does not know the token.
        """
        pause = 1.0
        while True:
            try:
                await self.bot.initialize()
                await self._application.initialize()
            except InvalidToken:
                raise SettingsError([UNKNOWN_TOKEN]) from None
            except RetryAfter as error:
                await self._rest(seconds_of(error))
            except (TelegramError, TypeError) as error:  # the latter for an answer that is no bot
                log.warning("Telegram cannot be reached: %s", redacted(str(error)))
                await self._rest(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                break
        if self._hook is None:
            await self._remove_webhook()

    async def _remove_webhook(self) -> None:
        """Let polling be possible; where that fails, a poll tells whether it matters."""
        try:
            await self.bot.delete_webhook()
        except TelegramError as error:
            log.warning("the webhook could not be removed: %s", redacted(str(error)))

    async def _register(self) -> None:
        try:
            await menus.register(
                self.bot, self.desk.mind.answerer, self._store, self._options.editors
            )
        except (TelegramError, StoreError):
            log.exception("the commands could not be registered")

    async def _watch(self) -> None:
        """Let editors watch announcements go out."""
        watching = Watching(self.desk, self._options.watch_seconds, self.desk.now())
        await self._is_ready.wait()
        await while_held(
            lambda: self._store.lock(WATCHING),
            watching.run,
            lambda: watching.others_told(self.desk.now()),
        )

    async def _greet_editors(self) -> None:
        """Register the commands of an editor who has just started the bot."""
        while True:
            await self.desk.editor_started.wait()
            self.desk.editor_started.clear()
            await self._register()

    async def _listen_if_possible(self, stack: contextlib.AsyncExitStack) -> bool:
        """Let it be seen that this process waits, unless the one at work listens there."""
        try:
            await stack.enter_async_context(self._listening())
        except SettingsError as error:
            log.info("nothing is listened on while another process is at work: %s", error)
            return False
        return True

    async def _stand_by(self) -> Lock:
        """Wait until no other process gets updates."""
        self._counts.stands_by = True
        try:
            return await self._free_lock()
        finally:
            self._counts.stands_by = False
            for pulse in (self._counts.taking, self._counts.publishing):
                pulse.begin()

    async def _free_lock(self) -> Lock:
        is_told = False
        while (lock := await self._store.lock(LOCK)) is None:
            if not is_told and self._store.trouble is None:
                is_told = True
                log.warning("another process polls for this bot; waiting for it to end")
            await asyncio.sleep(LOCK_EVERY)
        return lock

    async def _close(self) -> None:
        with contextlib.suppress(TelegramError, RuntimeError):
            await self._application.shutdown()
        with contextlib.suppress(TelegramError, RuntimeError):
            await self.bot.shutdown()

    async def _expire(self) -> None:
        """Delete what is older than promised, again and again."""
        while True:
            try:
                await self._store.expire(self.desk.now())
            except StoreError:
                log.exception("old rows could not be deleted")
            await asyncio.sleep(EXPIRE_EVERY)

    async def _replaced(self) -> None:
        version = self.desk.mind.version
        await chats.tell_editors(self.desk, "knowledge_replaced", knowledge=version)
        await self._register()

    async def _refused(self, error: KnowledgeError) -> None:
        problems = "\n".join(map(str, error.problems))  # editors know the folder by its files
        await chats.tell_editors(self.desk, "knowledge_refused", problems=problems)

    # --------------------------------------------------------------- updates

    async def _handle(self, raw: Mapping[str, Any]) -> None:
        """Work on one update; whatever happens, only this one suffers."""
        kept: list[Coroutine[Any, Any, Any]] = []
        KEPT_FOR_LAST.set(kept)
        try:
            with contextlib.suppress(StoreError):
                await self._store.inbox.turn(raw["update_id"])
            await self._process(raw)
        except asyncio.CancelledError:
            for step in kept:
                step.close()
            raise
        try:
            await finish(kept, self._store.inbox.done(raw["update_id"]))
        except StoreError:
            log.exception("update %s could not be put away", raw["update_id"])

    async def _process(self, raw: Mapping[str, Any]) -> None:
        try:
            now = int(self.desk.now().timestamp())
            update = Update.de_json(completed(raw, now), self.bot)
        except Exception as error:  # noqa: BLE001 - whatever Telegram sends, the bot goes on
            await self._failed(raw, error)
            return
        await self._application.process_update(update)

    async def _on_error(
        self, update: object, context: CallbackContext[Any, Any, Any, Any]
    ) -> None:
        raw = update.to_dict() if isinstance(update, Update) else {}
        await self._failed(raw, context.error or RuntimeError("unknown"))

    async def _failed(self, raw: Mapping[str, Any], error: BaseException) -> None:
        """Log an error under a number, and tell it to whoever asked, if anybody can be found."""
        number = secrets.token_hex(4)
        self._counts.errors += 1
        log.error("error %s in update %s", number, raw.get("update_id"), exc_info=error)
        try:
            place, code = _asker_in(raw, self.bot.username)
            if place is not None:
                answerer = self.desk.mind.answerer
                language = answerer.language_for(Question("", None, code), Conversation())
                words = self.desk.say(language, "failed", number=number)
                await self.desk.voice.say(place, [Rendered(words)])
        except Exception:
            log.exception("nobody could be told of error %s", number)


def _asker_in(raw: Mapping[str, Any], username: str) -> tuple[Place | None, str | None]:
    """Find in an update of any shape who is to be told that it failed.

    In groups that is nobody, unless the bot was clearly meant.
    """
    query = raw.get("callback_query")
    message = query.get("message") if isinstance(query, dict) else raw.get("message")
    if not isinstance(message, dict):
        return None, None
    chat, sender = message.get("chat"), message.get("from")
    if not isinstance(chat, dict) or type(chat.get("id")) is not int:
        return None, None
    code = sender.get("language_code") if isinstance(sender, dict) else None
    is_private = chat.get("type") == "private" or ("type" not in chat and chat["id"] > 0)
    text = str(message.get("text") or message.get("caption") or "")
    is_meant = is_private or query is not None or f"@{username}".lower() in text.lower()
    thread = message.get("message_thread_id") if message.get("is_topic_message") else None
    place = Place(chat["id"], thread if isinstance(thread, int) else None, None, is_private)
    return (place if is_meant else None), code if isinstance(code, str) else None


# -------------------------------------------------------------------- process


async def serve(options: Options) -> None:
    """Run the bot until SIGTERM or SIGINT.

    Raises `KnowledgeError`, `StoreError` or `SettingsError` where it cannot start.
    """
    guard_logs()
    loop = asyncio.get_running_loop()
    if hasattr(signal, "SIGHUP"):  # no reason to die: the knowledge is being read anyway
        loop.add_signal_handler(signal.SIGHUP, lambda: None)
    store, mind = await asyncio.gather(
        Store.open(options.database_url, keep_unanswered=options.keep_unanswered),
        Mind.awake(options.knowledge),
    )
    async with store:
        app = App(options, store, mind, feeds_in(options, mind))
        thrift.begun()
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        if hasattr(signal, "SIGHUP"):
            loop.add_signal_handler(signal.SIGHUP, mind.want_reload)
        await app.run(stop)


def feeds_in(options: Options, mind: Mind) -> list[Feed]:
    """Read which feeds the operator has named. Raises `KnowledgeError` where the file is wrong."""
    if options.feeds is None:
        return []
    from bot.knowledge.feed_file import read_feeds

    return read_feeds(options.feeds, mind.answerer.knowledge.languages)


def run(options: Options) -> None:
    """Run the bot in this process."""
    with asyncio.Runner(loop_factory=_loop_factory(options)) as runner:
        runner.run(serve(options))


def _loop_factory(options: Options) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Give what makes the event loop: by webhook a fast one, while polling a small one."""
    if options.webhook is None:
        return None
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return None
    return uvloop.new_event_loop
