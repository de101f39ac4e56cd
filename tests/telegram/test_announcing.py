"""Announcements into chats, by a bot that runs against the server on loopback."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.knowledge.model import NewsItem
from bot.news.deliveries import Action, DeliveryState
from bot.store import Store
from bot.telegram.app import App
from bot.telegram.news import PICTURE_STAYS
from tests.botapi import BotApi, faults
from tests.conftest import subscribe, until
from tests.telegram.conftest import Starting

ITEM = NewsItem(
    "2026-05-04-session",
    {"en": "A session", "ru": "Заседание"},
    {"en": "It met **today**.", "ru": "Прошло **сегодня**."},
    date(2026, 5, 4),
)


def now() -> datetime:
    return datetime.now(UTC)


async def settled(store: Store, **counts: int) -> None:
    async def check() -> bool:
        return await store.deliveries.counts(ITEM.id) == counts

    try:
        await until(check)
    except AssertionError:
        raise AssertionError(await store.deliveries.counts(ITEM.id)) from None


async def publish(app: App, item: NewsItem = ITEM) -> None:
    store = app.desk.store
    assert await store.announcements.draft(item, "file", None, now())
    assert (await store.announcements.approve(item.id, None, now())).is_new


def texts(api: BotApi, chat_id: int) -> list[str]:
    return [message.text for message in api.bot_messages(chat_id)]


async def shows(api: BotApi, chat_id: int, words: str) -> bool:
    shown = api.last(chat_id).json
    return str(shown.get("text") or shown.get("caption")).startswith(words)


async def test_each_chat_gets_it_once_in_its_language(api: BotApi, bot: App) -> None:
    people = [api.user(started=True) for _ in range(3)]
    group = api.group(creator=people[0])
    await subscribe(bot.desk.store, *(person.id for person in people), group.id)
    await bot.desk.store.chats.set_language(group.id, "ru")
    await bot.desk.store.readers.set_language(people[1].id, "ru")
    await publish(bot)
    await settled(bot.desk.store, sent=4)
    assert texts(api, people[0].id) == ["A session\n\nIt met today."]
    assert texts(api, people[1].id) == texts(api, group.id) == ["Заседание\n\nПрошло сегодня."]


async def test_an_answer_that_is_lost_makes_it_uncertain_and_not_two(
    api: BotApi, bot: App
) -> None:
    people = [api.user(started=True) for _ in range(6)]
    lost = [faults.reset(done=True), faults.server_error(502, done=True), faults.malformed()]
    api.faults.script([*lost, faults.flood(1)], method="sendMessage")
    await subscribe(bot.desk.store, *(person.id for person in people))
    await publish(bot)
    await settled(bot.desk.store, sent=3, uncertain=3)
    assert [len(api.bot_messages(person)) for person in people] == [1] * 6
    assert not api.record.too_early()


@pytest.mark.parametrize(
    "refused",
    [
        faults.answered(429, b'{"ok":false,"error_code":429}'),
        faults.answered(429, b'{"ok":false,"error_code":429,"parameters":{"retry_after":"1"}}'),
        faults.answered(200, b'{"ok":false,"error_code":429,"parameters":{"retry_after":1}}'),
        faults.html(429),
        faults.html(404),
    ],
    ids=lambda fault: fault.name,
)
async def test_a_pause_in_whatever_words_means_that_nothing_was_sent(
    api: BotApi, bot: App, refused: faults.Fault
) -> None:
    ann = api.user(started=True)
    api.faults.script([refused], method="sendMessage")
    await subscribe(bot.desk.store, ann.id)
    await publish(bot)
    await settled(bot.desk.store, sent=1)
    assert texts(api, ann.id) == ["A session\n\nIt met today."]


@pytest.mark.parametrize(
    "refused",
    [
        faults.answered(200, b'{"ok":false,"error_code":400,"description":"Bad Request"}'),
        faults.html(405),
        faults.html(413),
        faults.answered(422, b"{}"),
    ],
    ids=lambda fault: fault.name,
)
async def test_what_was_refused_in_whatever_words_has_failed(
    api: BotApi, bot: App, refused: faults.Fault
) -> None:
    ann = api.user(started=True)
    api.faults.script([refused], method="sendMessage")
    await subscribe(bot.desk.store, ann.id)
    await publish(bot)
    await settled(bot.desk.store, failed=1)


@pytest.mark.parametrize(
    "words",
    [
        "Bad Request: group chat was upgraded to a supergroup chat",
        "Bad Request: have no write access to the chat",
        "Bad Request: CHANNEL_PRIVATE",
        "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN",
    ],
)
async def test_a_chat_that_is_shut_in_whatever_words_gets_it_on_returning(
    api: BotApi, bot: App, words: str
) -> None:
    ann = api.user(started=True)
    api.faults.script([faults.error(400, words)], method="sendMessage")
    await subscribe(bot.desk.store, ann.id)
    await publish(bot)
    await settled(bot.desk.store, paused=1)
    api.block(ann)
    api.unblock(ann)
    await settled(bot.desk.store, sent=1)


async def test_who_cannot_be_written_to_gets_it_on_returning(api: BotApi, bot: App) -> None:
    ann, ben = api.user(started=True), api.user(started=True)
    api.block(ann)
    await subscribe(bot.desk.store, ann.id, ben.id)
    await publish(bot)
    await settled(bot.desk.store, sent=1, paused=1)
    api.unblock(ann)
    await settled(bot.desk.store, sent=2)
    assert texts(api, ann.id) == ["A session\n\nIt met today."]


async def test_a_group_that_became_a_supergroup_meanwhile_gets_it_once(
    api: BotApi, bot: App
) -> None:
    group = api.group(creator=api.user())
    await subscribe(bot.desk.store, group.id)
    api.faults.script([faults.flood(1)], method="sendMessage")
    await publish(bot)
    await until(lambda: _was_called(api, "sendMessage"))
    supergroup = api.migrate(group)
    await settled(bot.desk.store, sent=1)
    assert [each.chat_id for each in await bot.desk.store.deliveries.of(ITEM.id)] == [
        supergroup.id
    ]
    assert len(api.bot_messages(supergroup)) == 1


async def _was_called(api: BotApi, method: str) -> bool:
    return bool(api.record.of(method))


async def test_a_chat_chooses_silence_and_a_topic(api: BotApi, bot: App) -> None:
    ann = api.user(started=True)
    await subscribe(bot.desk.store, ann.id)
    await bot.desk.store.chats.set_silent(ann.id, on=True)
    await publish(bot)
    await settled(bot.desk.store, sent=1)
    (call,) = api.record.of("sendMessage", ann.id)
    assert call.parameters["disable_notification"] is True


async def test_a_forum_gets_it_in_the_topic_that_it_was_subscribed_in(
    api: BotApi, bot: App
) -> None:
    ann = api.user()
    forum = api.supergroup(creator=ann, forum=True)
    topic = api.topic(forum)
    api.say(forum, "/subscribe", ann, topic=topic)
    await api.next_message(forum)
    await publish(bot)
    await settled(bot.desk.store, sent=1)
    post = api.last(forum).json
    assert post["message_thread_id"] == topic.id and post["text"].startswith("A session")
    # The General topic is none to send to.
    api.say(forum, "/subscribe", ann)
    await api.next_message(forum)
    other = replace(ITEM, id="2026-05-05-other")
    await publish(bot, other)
    await until(lambda: _sent(bot, other.id))
    assert "message_thread_id" not in api.last(forum).json


async def _sent(bot: App, announcement_id: str) -> bool:
    return await bot.desk.store.deliveries.counts(announcement_id) == {"sent": 1}


async def test_a_correction_is_made_in_place_and_marked(api: BotApi, bot: App) -> None:
    ann = api.user(started=True)
    await subscribe(bot.desk.store, ann.id)
    await publish(bot)
    await settled(bot.desk.store, sent=1)
    store = bot.desk.store
    newer = replace(ITEM, title={"en": "The session", "ru": "Заседание"})
    await store.announcements.change(ITEM.id, newer, None, now())

    async def corrected() -> bool:
        return await store.deliveries.counts(ITEM.id, Action.EDIT) == {"sent": 1}

    await until(corrected)
    (message,) = api.bot_messages(ann)
    assert message.text.startswith("The session\n\nIt met today.\n\nUpdated ")
    assert await store.deliveries.counts(ITEM.id) == {"sent": 1}


async def test_a_retraction_deletes_what_telegram_deletes_and_edits_the_rest(
    api: BotApi, bot: App
) -> None:
    ann, ben = api.user(started=True), api.user(started=True)
    await subscribe(bot.desk.store, ann.id, ben.id)
    await publish(bot)
    await settled(bot.desk.store, sent=2)
    refusal = "Bad Request: message can't be deleted for everyone"
    api.faults.add(faults.error(400, refusal), method="deleteMessage", chat=ben.id)
    await bot.desk.store.announcements.retract(ITEM.id, None, now())
    await settled(bot.desk.store, retracted=2)
    assert texts(api, ann.id) == []
    assert texts(api, ben.id) == ["This announcement has been withdrawn."]


async def test_what_is_not_deleted_in_whatever_words_says_that_it_is_withdrawn(
    api: BotApi, bot: App
) -> None:
    ann = api.user(started=True)
    await subscribe(bot.desk.store, ann.id)
    await publish(bot)
    await settled(bot.desk.store, sent=1)
    api.faults.add(faults.error(400, "Bad Request: message is too old"), method="deleteMessage")
    assert await bot.desk.store.announcements.retract(ITEM.id, None, now())
    await settled(bot.desk.store, retracted=1)
    assert "withdrawn" in api.last(ann).text


async def test_an_outage_delays_everything_and_makes_nothing_uncertain(
    api: BotApi, bot: App
) -> None:
    people = [api.user(started=True) for _ in range(20)]
    await subscribe(bot.desk.store, *(person.id for person in people))
    async with api.outage():
        await publish(bot)
        await until(lambda: _was_tried(bot.desk.store))
    await settled(bot.desk.store, sent=20)
    assert [len(api.bot_messages(person)) for person in people] == [1] * 20


async def _was_tried(store: Store) -> bool:
    return any(post.attempts for post in await store.deliveries.of(ITEM.id))


PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 100


async def test_a_picture_of_a_file_is_uploaded_once(api: BotApi, bot: App, tmp_path: Path) -> None:
    people = [api.user(started=True) for _ in range(3)]
    await subscribe(bot.desk.store, *(person.id for person in people))
    (tmp_path / "picture.png").write_bytes(PICTURE)
    item = replace(ITEM, image=str(tmp_path / "picture.png"))
    await publish(bot, item)
    await settled(bot.desk.store, sent=3)
    calls = api.record.of("sendPhoto")
    assert len(calls) == 3 and all(api.bot_messages(person) for person in people)
    await bot.desk.store.announcements.change(
        ITEM.id, replace(item, title={"en": "The session"}, summary={"en": "Met."}), None, now()
    )

    async def corrected() -> bool:
        return await bot.desk.store.deliveries.counts(ITEM.id, Action.EDIT) == {"sent": 3}

    await until(corrected)
    assert api.last(people[0]).json["caption"].startswith("The session")


async def test_a_picture_that_is_gone_fails_and_says_so(
    api: BotApi, bot: App, tmp_path: Path
) -> None:
    ann = api.user(started=True)
    await subscribe(bot.desk.store, ann.id)
    await publish(bot, replace(ITEM, image=str(tmp_path / "none.png")))
    await settled(bot.desk.store, failed=1)
    (row,) = await bot.desk.store.deliveries.of(ITEM.id)
    assert row.reason is not None and "picture" in row.reason


async def test_a_picture_that_its_address_no_longer_gives_is_left_out(
    api: BotApi, bot: App
) -> None:
    ann, address = api.user(started=True), "https://example.org/a.png"
    await subscribe(bot.desk.store, ann.id)
    api.world.broken_urls.add(address)
    item = replace(ITEM, image=address)
    await publish(bot, item)
    await settled(bot.desk.store, sent=1)
    (row,) = await bot.desk.store.deliveries.of(ITEM.id)
    assert row.reason is not None and "without its picture" in row.reason
    assert texts(api, ann.id) == ["A session\n\nIt met today."]

    async def correct(title: str) -> None:
        changed = replace(item, title={"en": title, "ru": title})
        await bot.desk.store.announcements.change(ITEM.id, changed, None, now())
        await until(partial(shows, api, ann.id, title))

    await correct("The session")
    assert api.last(ann).text.startswith("The session")
    api.world.broken_urls.clear()
    await correct("That session")
    assert api.last(ann).json["caption"].startswith("That session")
    assert len(api.bot_messages(ann)) == 1


async def test_a_picture_comes_and_goes_by_correction(api: BotApi, bot: App) -> None:
    ann, address = api.user(started=True), "https://example.org/a.png"
    await subscribe(bot.desk.store, ann.id)
    await publish(bot)
    await settled(bot.desk.store, sent=1)
    for number, image in enumerate((address, None, address), start=1):
        title = f"Session {number}"
        changed = replace(ITEM, title={"en": title, "ru": title}, image=image)
        await bot.desk.store.announcements.change(ITEM.id, changed, None, now())

        await until(partial(shows, api, ann.id, title))
        await until(partial(is_corrected, bot))
        (row,) = await bot.desk.store.deliveries.of(ITEM.id, Action.EDIT)
        # A post keeps its picture for good; whoever took it out is told so.
        assert row.reason == (None if image else PICTURE_STAYS)
    assert len(api.bot_messages(ann)) == 1


async def is_corrected(bot: App) -> bool:
    return await bot.desk.store.deliveries.counts(ITEM.id, Action.EDIT) == {"sent": 1}


async def test_a_picture_whose_upload_has_no_name_is_uploaded_again(
    api: BotApi, bot: App, tmp_path: Path
) -> None:
    people = [api.user(started=True) for _ in range(2)]
    await subscribe(bot.desk.store, *(person.id for person in people))
    (tmp_path / "picture.png").write_bytes(PICTURE)
    nameless = b'{"ok":true,"result":{"message_id":77,"photo":[{"width":9}]}}'
    api.faults.script([faults.malformed(nameless)], method="sendPhoto")
    await publish(bot, replace(ITEM, image=str(tmp_path / "picture.png")))
    await settled(bot.desk.store, sent=2)
    assert [call.parameters["photo"] for call in api.record.of("sendPhoto")] == [
        "attach://file"
    ] * 2


async def test_a_time_to_come_is_waited_for(api: BotApi, bot: App) -> None:
    ann = api.user(started=True)
    await subscribe(bot.desk.store, ann.id)
    store = bot.desk.store
    await store.announcements.draft(ITEM, "file", None, now())
    at = now() + timedelta(seconds=1)
    await store.announcements.approve(ITEM.id, None, now(), at=at)
    await settled(store, sent=1)
    (post,) = await store.deliveries.of(ITEM.id)
    assert post.finished_at is not None and post.finished_at >= at


async def test_kill_9_loses_nothing_and_sends_nothing_twice(
    api: BotApi, start: Starting, url: str
) -> None:
    """The real thing: a process that is killed three times in the middle of a broadcast."""
    people = [api.user(started=True) for _ in range(90)]
    async with await Store.open(url) as store:
        await subscribe(store, *(person.id for person in people))
        await store.announcements.draft(ITEM, "file", None, now())
        await store.announcements.approve(ITEM.id, None, now())
        process = await start(PACING="true", DATABASE_URL=url)
        for enough in (10, 30, 50):
            await until(lambda n=enough: _has_sent(api, n))  # type: ignore[misc]
            await process.end(signal.SIGKILL)
            await process.start()

        async def is_over() -> bool:
            counts = await store.deliveries.counts(ITEM.id)
            return set(counts) <= {"sent", "uncertain"}

        await until(is_over)
        posts = {post.chat_id: post for post in await store.deliveries.of(ITEM.id)}
    for person in people:
        messages, post = api.bot_messages(person), posts[person.id]
        assert len(messages) <= 1
        if post.state is DeliveryState.SENT:
            assert [message.message_id for message in messages] == [post.message_id]


async def _has_sent(api: BotApi, count: int) -> bool:
    return len(api.record.of("sendMessage")) >= count


async def test_kill_9_in_the_middle_of_a_correction_and_of_a_retraction(
    api: BotApi, start: Starting, url: str
) -> None:
    people = [api.user(started=True) for _ in range(40)]
    async with await Store.open(url) as store:
        await subscribe(store, *(person.id for person in people))
        assert await store.announcements.draft(ITEM, "file", None, now())
        await store.announcements.approve(ITEM.id, None, now())
        process = await start()
        await settled(store, sent=40)

        async def killed_in(action: Action, method: str) -> None:
            # Ten are answered; the next ones are on their way, carried out or not, when it dies.
            held = api.faults.add(
                faults.silence(done=True), faults.silence(done=False), method=method, skip=10
            )

            async def some() -> bool:
                return (await store.deliveries.counts(ITEM.id, action)).get("sent") == 10

            await until(some)
            await until(lambda: held.hits >= 2)
            await process.end(signal.SIGKILL)
            held.end()
            await process.start()

            async def done() -> bool:
                return await store.deliveries.counts(ITEM.id, action) == {"sent": 40}

            await until(done)

        changed = replace(ITEM, title={"en": "The session", "ru": "Сессия"})
        assert await store.announcements.change(ITEM.id, changed, None, now())
        await killed_in(Action.EDIT, "editMessageText")
        for person in people:
            (post,) = api.bot_messages(person)
            assert post.text.startswith("The session")
        assert await store.announcements.retract(ITEM.id, None, now())
        await killed_in(Action.RETRACT, "deleteMessage")
        assert not any(api.bot_messages(person) for person in people)
        await settled(store, retracted=40)


async def test_two_bots_share_a_broadcast_and_no_chat_gets_it_twice(
    api: BotApi, start: Starting, url: str
) -> None:
    """One dies in the middle; on SQLite the two share the file."""
    people = [api.user(started=True) for _ in range(60)]
    async with await Store.open(url) as store:
        await subscribe(store, *(person.id for person in people))
        first = await start()
        second = await start()
        api.delay = 0.1
        assert await store.announcements.draft(ITEM, "file", None, now())
        approvals = await asyncio.gather(
            *(store.announcements.approve(ITEM.id, by, now()) for by in (None, 5, 6))
        )
        assert sum(approval.is_new for approval in approvals) == 1

        async def some() -> bool:
            return (await store.deliveries.counts(ITEM.id)).get("sent", 0) >= 10

        await until(some)
        await first.end(signal.SIGKILL)
        api.delay = 0
        await first.start()

        async def over() -> bool:
            counts = await store.deliveries.counts(ITEM.id)
            return not {"pending", "claimed", "sending"} & counts.keys()

        await until(over)
        assert await second.end() == 0
        counts = await store.deliveries.counts(ITEM.id)
        posts = {person.id: len(api.bot_messages(person)) for person in people}
        assert max(posts.values()) == 1
        for row in await store.deliveries.of(ITEM.id):
            assert row.state in (DeliveryState.SENT, DeliveryState.UNCERTAIN)
            assert posts[row.chat_id] == 1 or row.state is DeliveryState.UNCERTAIN
        assert counts["sent"] >= 10


async def test_sigterm_leaves_nothing_uncertain(api: BotApi, start: Starting, url: str) -> None:
    people = [api.user(started=True) for _ in range(60)]
    api.delay = 0.1
    async with await Store.open(url) as store:
        await subscribe(store, *(person.id for person in people))
        await store.announcements.draft(ITEM, "file", None, now())
        await store.announcements.approve(ITEM.id, None, now())
        process = await start(PACING="true", DATABASE_URL=url)
        await until(lambda: _has_sent(api, 15))
        assert await process.end() == 0
        assert set(await store.deliveries.counts(ITEM.id)) == {"sent", "pending"}
