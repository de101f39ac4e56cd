"""The editor's desk: written, looked at, approved, scheduled, changed and discarded in chat."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from bot.knowledge.model import NewsItem
from bot.news.deliveries import ItemState
from bot.store import Announcement, ChatKind
from bot.telegram.app import App
from tests.botapi import BotApi, Chat, Message, User, faults
from tests.telegram.conftest import Running, Starting

ANN, BEN = 4_000_000_001, 4_000_000_002
EDITORS = frozenset({ANN, BEN})
TEXT = "Session opens\nThe **session** opens on Monday.\nhttps://example.org/session"


def desk(**given: Any) -> dict[str, Any]:
    return {"editors": EDITORS, "watch_seconds": 0.05} | given


async def all_of(app: App) -> list[Announcement]:
    return await app.desk.store.announcements.all()


async def only(app: App) -> Announcement:
    (found,) = await all_of(app)
    return found


async def draft(api: BotApi, editor: User, text: str = TEXT) -> Message:
    """Write an announcement; give the message with the buttons, below the post."""
    api.pass_over(editor)
    api.say(editor, f"/announce {text}")
    await api.next_message(editor)
    return await api.next_message(editor)


@pytest.fixture
def ann(api: BotApi) -> User:
    return api.user("Ann", id=ANN, started=True)


@pytest.fixture
def ben(api: BotApi) -> User:
    return api.user("Ben", id=BEN, started=True)


async def subscribed(app: App, *ids: int) -> None:
    for chat_id in ids:
        await app.desk.store.chats.remember(chat_id, ChatKind.GROUP, title="Us")
        await app.desk.store.chats.set_news(chat_id, on=True)


class TestWriting:
    async def test_the_exact_post_is_shown_with_what_can_be_done(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        async with running(**desk()) as app:
            await subscribed(app, -5, -6)
            api.say(ann, f"/announce {TEXT}")
            post, card = await api.next_messages(ann, 2)
            assert post.text == (
                "Session opens\n\nThe session opens on Monday.\n\nhttps://example.org/session"
            )
            assert {"type": "bold", "offset": 0, "length": 13} in post.json["entities"]
            assert {"type": "bold", "offset": 19, "length": 7} in post.json["entities"]
            assert card.text.startswith("Session opens\nDraft")
            assert "Chats that would get it now: 2" in card.text
            assert [one.text for one in card.buttons] == [
                "Publish now", "At a time …", "Test to me", "Change", "Discard",
            ]  # fmt: skip
            found = await only(app)
            assert (found.state, found.created_by) == (ItemState.DRAFT, ANN)
            assert found.item.link == "https://example.org/session"

    async def test_it_is_asked_for_and_understood_after_a_restart(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        async with running(**desk()):
            assert "title in the first line" in (await api.ask(ann, "/announce")).text
        async with running(**desk()) as app:
            assert (await api.ask(ann, "Заседание\nОткрывается завтра.\n#выборы")).text == (
                "Заседание\n\nОткрывается завтра."
            )
            await api.quiet()
            found = await only(app)
            assert (dict(found.item.title), found.item.topics) == (
                {"ru": "Заседание"},
                ("выборы",),
            )
            assert "Alishev" in (await api.ask(ann, "who represents Kyrgyzstan?")).text

    async def test_a_reply_takes_the_message_with_its_picture_and_its_formatting(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        async with running(**desk()) as app:
            photo = api.send_photo(ann, "Open day\nCome and see.")
            api.message(photo).json["caption_entities"] = [
                {"type": "italic", "offset": 9, "length": 4}
            ]
            await api.next_message(ann)  # what its caption was answered with
            api.say(ann, "/announce", reply_to=photo)
            post = await api.next_message(ann)
            assert post.json["caption"] == "Open day\n\nCome and see."
            assert {"type": "italic", "offset": 10, "length": 4} in post.json["caption_entities"]
            assert post.json["photo"]
            found = await only(app)
            assert str(found.item.image).startswith("telegram:")
            assert found.item.summary["en"] == "__Come__ and see."

    async def test_a_picture_with_the_command_as_its_caption_is_taken(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        async with running(**desk()) as app:
            api.send_photo(ann, "/announce Open day\nCome and see.")
            assert (await api.next_message(ann)).json["caption"] == "Open day\n\nCome and see."
            await api.quiet()
            assert (await only(app)).item.image

    async def test_a_language_may_be_named(self, api: BotApi, running: Running, ann: User) -> None:
        async with running(**desk()) as app:
            await api.ask(ann, "/announce ru\nCSTO PA")
            await api.quiet()
            assert dict((await only(app)).item.title) == {"ru": "CSTO PA"}

    async def test_what_cannot_be_announced_is_told_and_asked_for_again(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        async with running(**desk()) as app:
            told = await api.ask(ann, "/announce Title\n" + "x" * 5000)
            assert "too long" in told.text and "Please send it again" in told.text
            told = await api.ask(ann, "Title\nSee [here](ftp://example.org)")
            assert "cannot be read" in told.text
            assert not await all_of(app)
            assert "Left." in (await api.ask(ann, "/cancel")).text
            assert "Alishev" in (await api.ask(ann, "who represents Kyrgyzstan?")).text

    async def test_the_same_message_worked_on_again_is_one_draft(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        async with running(**desk()) as app:
            await draft(api, ann)
            item = (await only(app)).item
            again = await app.desk.store.announcements.draft(item, "editor", ANN, app.desk.now())
            assert not again


class TestApproving:
    async def test_a_press_publishes_and_shows_how_far_it_is(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        group = api.supergroup("Us", members=[ann])
        async with running(**desk()) as app:
            await subscribed(app, group.id)
            card = await draft(api, ann)
            assert (await api.answer(api.press(card, "Publish now")))["text"] == "Approved."
            await api.until(
                lambda: api.message(card).text.startswith("Session opens\nDone"), 10, "the end"
            )
            assert "Sent: 1 of 1" in api.message(card).text
            assert api.texts(group)[0].startswith("Session opens")
            await api.quiet()
            assert not await app.desk.store.watches.all()

    async def test_two_presses_two_editors_and_a_restart_are_one_approval(
        self, api: BotApi, running: Running, ann: User, ben: User
    ) -> None:
        group = api.supergroup("Us", members=[ann])
        async with running(**desk()) as app:
            await subscribed(app, group.id)
            card = await draft(api, ann)
            listed = await api.ask(ben, "/queue")
            await api.answer(api.press(listed, "1"))
            _, other = await api.next_messages(ben, 2)
            presses = [
                api.press(card, "Publish now"),
                api.press(other, "Publish now"),
                api.press(card, "Publish now"),
            ]
            said = sorted([(await api.answer(press))["text"] for press in presses])
            assert said[0] == "Approved."
            assert said[1:] == 2 * ["It was approved before; nothing goes out twice."]
            await api.quiet(0.5)
        async with running(**desk()) as app:
            api.press(card, data=presses[0].json["data"])
            await api.quiet(0.5)
            assert len(api.bot_messages(group)) == 1
            log = await app.desk.store.announcements.log()
            assert [one.action for one in log] == ["draft", "approve"]

    async def test_a_draft_changed_since_it_was_looked_at_is_not_approved(
        self, api: BotApi, running: Running, ann: User, ben: User
    ) -> None:
        async with running(**desk()) as app:
            card = await draft(api, ann)
            listed = await api.ask(ben, "/queue")
            await api.answer(api.press(listed, "1"))
            _, other = await api.next_messages(ben, 2)
            await api.answer(api.press(other, "Change"))
            shown = await api.next_edit(other)
            await api.answer(api.press(shown, "✎ English"))
            await api.next_message(ben)
            api.say(ben, "Session closes\nOn Friday.")
            await api.next_messages(ben, 2)
            api.pass_over(ann)
            said = await api.answer(api.press(card, "Publish now"))
            assert "changed since" in said["text"]
            assert (await api.next_message(ann)).text.startswith("Session closes")
            assert (await only(app)).state is ItemState.DRAFT

    async def test_a_test_goes_to_the_editor_alone(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        group = api.supergroup("Us", members=[ann])
        async with running(**desk()) as app:
            await subscribed(app, group.id)
            card = await draft(api, ann)
            await api.answer(api.press(card, "Test to me"))
            assert (await api.next_message(ann)).text.startswith("Session opens")
            await api.quiet()
            assert not api.texts(group) and (await only(app)).state is ItemState.DRAFT

    async def test_a_discarded_draft_cannot_be_published(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        async with running(**desk()) as app:
            card = await draft(api, ann)
            data = api.message(card).buttons[0].data
            await api.answer(api.press(card, "Discard"))
            sure = await api.next_edit(card)
            assert "will not be published" in sure.text
            assert (await api.answer(api.press(sure, "Discard")))["text"] == "Discarded."
            assert (await api.answer(api.press(card, data=data)))["text"] == (
                "That is no longer possible."
            )
            await api.quiet()
            assert (await only(app)).state is ItemState.DISCARDED


class TestScheduling:
    async def test_a_time_is_shown_back_in_full_before_it_counts(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        from zoneinfo import ZoneInfo

        async with running(**desk(zone=ZoneInfo("Europe/Moscow"))) as app:
            card = await draft(api, ann)
            await api.answer(api.press(card, "At a time"))
            assert "Europe/Moscow" in (await api.next_message(ann)).text
            for typed, told in (
                ("soon", "do not understand"),
                ("2020-01-01 10:00", "has passed"),
                ("2027-02-30 10:00", "no such day"),
            ):
                assert told in (await api.ask(ann, typed)).text
            asked = await api.ask(ann, "завтра в 9:00")
            assert ", 09:00 (Europe/Moscow, UTC+03:00)" in asked.text
            assert (await only(app)).state is ItemState.DRAFT
            await api.answer(api.press(asked, "Publish then"))
            shown = await api.next_edit(asked)
            assert "Scheduled" in shown.text and "09:00 (Europe/Moscow" in shown.text
            found = await only(app)
            assert found.state is ItemState.APPROVED
            assert found.publish_at is not None
            assert found.publish_at.astimezone(ZoneInfo("Europe/Moscow")).hour == 9
            await api.answer(api.press(shown, "Publish now"))
            await api.until(
                lambda: "Done" in api.message(asked).text or "Going" in api.message(asked).text,
                10,
            )
            log = await app.desk.store.announcements.log()
            assert [one.action for one in log] == ["draft", "approve", "schedule"]

    async def test_what_one_editor_has_scheduled_another_does_not_publish_by_an_old_button(
        self, api: BotApi, running: Running, ann: User, ben: User
    ) -> None:
        async with running(**desk()) as app:
            card = await draft(api, ann)
            listed = await api.ask(ben, "/queue")
            await api.answer(api.press(listed, "1"))
            _, other = await api.next_messages(ben, 2)
            await api.answer(api.press(card, "At a time"))
            await api.next_message(ann)
            asked = await api.ask(ann, "in 2 days")
            await api.answer(api.press(asked, "Publish then"))
            said = await api.answer(api.press(other, "Publish now"))
            assert "approved before" in said["text"]
            assert "It goes out on" in (await api.next_edit(other)).text
            found = await only(app)
            assert found.state is ItemState.APPROVED
            # Where it is shown as scheduled, it can be moved and withdrawn.
            await api.answer(api.press(other, "Discard"))
            await api.until(lambda: "will not be" in api.message(other).text)
            await api.answer(api.press(other, "Discard"))
            assert (await only(app)).state is ItemState.DISCARDED


class TestChanging:
    async def test_an_announcement_gets_another_language_and_loses_it_again(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        async with running(**desk()) as app:
            card = await draft(api, ann)
            await api.answer(api.press(card, "Change"))
            await api.until(lambda: "Русский" in str(api.message(card).json))
            await api.answer(api.press(card, "+ Русский"))
            assert "Русский" in (await api.next_message(ann)).text
            api.say(ann, "Заседание открывается\nВ понедельник.")
            english, russian, card = await api.next_messages(ann, 3)
            assert english.text.startswith("Session opens")
            assert russian.text.startswith("Заседание открывается")
            assert "Languages: English, Русский" in card.text
            await api.answer(api.press(card, "Change"))
            await api.until(lambda: "Without English" in str(api.message(card).json))
            await api.answer(api.press(card, "Without English"))
            assert (await api.next_message(ann)).text.startswith("Заседание открывается")
            await api.next_message(ann)
            assert list((await only(app)).item.title) == ["ru"]

    async def test_a_picture_is_added_alone_and_taken_away(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        async with running(**desk()) as app:
            card = await draft(api, ann)
            await api.answer(api.press(card, "Change"))
            await api.until(lambda: "✎" in str(api.message(card).json))
            await api.answer(api.press(card, "✎ English"))
            await api.next_message(ann)
            api.send_photo(ann)
            post, card = await api.next_messages(ann, 2)
            assert post.json["caption"].startswith("Session opens")
            await api.answer(api.press(card, "Change"))
            await api.until(lambda: "Without the picture" in str(api.message(card).json))
            await api.answer(api.press(card, "Without the picture"))
            assert (await api.next_message(ann)).text.startswith("Session opens")
            assert (await only(app)).item.image is None

    async def test_a_correction_of_what_another_has_corrected_is_looked_at_again(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        async with running(**desk()) as app:
            card = await draft(api, ann)
            await api.answer(api.press(card, "At a time"))
            await api.next_message(ann)
            asked = await api.ask(ann, "in 2 days")
            await api.answer(api.press(asked, "Publish then"))
            await api.until(lambda: "Scheduled" in api.message(asked).text)
            await api.answer(api.press(asked, "Change"))
            await api.until(lambda: "✎" in str(api.message(asked).json))
            await api.answer(api.press(asked, "✎ English"))
            await api.next_message(ann)
            api.say(ann, "Mine\nOn Monday.")
            _, question = await api.next_messages(ann, 2)
            found = await only(app)
            other = replace(found.item, title={"en": "Another's"})
            await app.desk.store.announcements.change(found.id, other, BEN, app.desk.now())
            said = await api.answer(api.press(question, "Apply"))
            assert "changed since" in said["text"]
            assert (await only(app)).item.title["en"] == "Another's"


class TestCorrecting:
    async def published(self, api: BotApi, app: App, editor: User, group: Any) -> Message:
        await subscribed(app, group.id)
        card = await draft(api, editor)
        await api.answer(api.press(card, "Publish now"))
        await api.until(lambda: "Done" in api.message(card).text, what="the end")
        return api.message(card)

    async def test_a_correction_is_looked_at_first_and_then_changes_every_post(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        group = api.supergroup("Us", members=[ann])
        async with running(**desk()) as app:
            card = await self.published(api, app, ann, group)
            await api.answer(api.press(card, "Correct"))
            await api.until(lambda: "✎" in str(api.message(card).json))
            await api.answer(api.press(card, "✎ English"))
            await api.next_message(ann)
            api.say(ann, "Session opens late\nOn Tuesday.")
            post, question = await api.next_messages(ann, 2)
            assert "Session opens late" in post.text
            assert api.texts(group)[0].startswith("Session opens\n")
            await api.answer(api.press(question, "Apply"))
            await api.until(
                lambda: api.texts(group)[0].startswith("Session opens late"), 10, "the correction"
            )
            assert "pdated" in api.texts(group)[0]
            await api.until(lambda: "Correction – sent: 1" in api.message(question).text)
            # The press again, as after a crash, changes nothing more.
            await api.quiet()
            assert (await only(app)).revision == 2

    async def test_a_retraction_is_asked_twice_and_deletes_every_post(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        group = api.supergroup("Us", members=[ann])
        async with running(**desk()) as app:
            card = await self.published(api, app, ann, group)
            await api.answer(api.press(card, "Retract"))
            await api.until(lambda: "are deleted where" in api.message(card).text)
            assert api.texts(group)
            assert (await api.answer(api.press(card, "Retract")))["text"] == "Retracted."
            await api.until(lambda: not api.texts(group), what="the deletion")
            await api.until(lambda: "Retraction – sent: 1" in api.message(card).text)
            await api.answer(api.press(card, "Who did what"))
            log = (await api.next_message(ann)).text
            assert "you: approved" in log and "you: retracted" in log


@pytest.mark.parametrize("command", ["/announce x", "/queue", "/announce"])
async def test_to_others_the_desk_is_not_there(
    api: BotApi, running: Running, ann: User, command: str
) -> None:
    eve = api.user("Eve")
    async with running(**desk()) as app:
        assert "do not know this command" in (await api.ask(eve, command)).text
        card = await draft(api, ann)
        for button in api.message(card).buttons:
            said = await api.answer(api.press(card, data=button.data, by=eve))
            assert "no longer means" in said["text"]
        note = await api.ask(eve, "hello")
        said = await api.answer(api.press(note, data=api.message(card).buttons[0].data))
        assert "no longer means" in said["text"]
        await asyncio.sleep(0)
        assert (await only(app)).state is ItemState.DRAFT


async def test_the_status_is_edited_as_the_numbers_change_but_not_too_often(
    api: BotApi, running: Running, ann: User
) -> None:
    every = 0.4
    groups = [api.supergroup(f"Group {number}", members=[ann]) for number in range(60)]
    async with running(**desk(watch_seconds=every)) as app:
        await subscribed(app, *(group.id for group in groups))
        card = await draft(api, ann)
        api.faults.add(faults.delay(1.0), method="sendMessage", probability=0.5)
        await api.answer(api.press(card, "Publish now"))
        await api.until(lambda: "Sent: 60 of 60" in api.message(card).text, what="the end")
        await api.until(lambda: "Done" in api.message(card).text, what="the end")
    edits = [call.started for call in api.calls("editMessageText", ann)]
    assert len(edits) >= 3
    assert all(later - earlier > every / 2 for earlier, later in pairwise(edits))


async def test_a_kill_while_approving_is_one_approval(
    api: BotApi, start: Starting, ann: User
) -> None:
    groups = [api.supergroup(f"Group {number}", members=[ann]) for number in range(3)]
    process = await start(EDITOR_IDS=f"{ANN},{BEN}")
    for group in groups:
        await api.ask(group, "/subscribe@example_bot", anonymous=True)
    card = await draft(api, ann)
    for _ in range(3):
        # The approval is in the store, and the bot dies before the press is put away.
        hang = api.faults.add(faults.silence(), method="answerCallbackQuery")
        before = api.record.total
        api.press(card, "Publish now")
        await api.next_call("answerCallbackQuery", after=before)
        await process.end(signal.SIGKILL)
        hang.end()
        await process.start()
    await api.until(lambda: "Done" in api.message(card).text, what="the end")
    await api.quiet()
    for group in groups:
        posts = [text for text in api.texts(group) if text.startswith("Session opens")]
        assert len(posts) <= 1
    counted = api.message(card).text
    assert "Sent: 3 of 3" in counted or "uncertain" in counted


async def test_editors_are_told_once_of_what_feeds_bring(
    api: BotApi, running: Running, ann: User
) -> None:
    async with running(**desk()) as app:
        store, now = app.desk.store, app.desk.now
        await store.readers.started(ANN, now())
        for number in (1, 2):
            item = NewsItem(f"2026-05-04-{number}", {"en": f"News {number}"}, {}, now().date())
            assert await store.announcements.draft(item, "Assembly", None, now())
        told = await api.next_message(ann)
        while "News 2" not in told.text:  # the two may be told of one by one
            told = await api.next_message(ann)
        await api.quiet()
        assert sum("News 1" in text for text in api.texts(ann)) == 1
        listed = await api.ask(ann, "/queue")
        assert "News 1 – Draft" in listed.text


FORGED = [
    "", "approve", "approve:{key}", "approve:{key}:0123456789", "move:{key}:0123456789:now",
    "at:{key}:{seen}:x", "at:{key}:{seen}:999999999999999999999999", "text:{key}:xx", "text:{key}",
    "at:{key}:{seen}:4503599627370495", "move:{key}", "move:{key}:{seen}:x",
    "drop:{key}:en", "drop:{key}:xx", "apply:{key}:{seen}",
    "nothing:{key}", "approve:AAAAAAAAAAAA:{seen}", "preview:{key}",
]  # fmt: skip


@pytest.mark.parametrize("words", FORGED)
async def test_a_meaningless_press_of_an_editor_is_told_so_and_changes_nothing(
    api: BotApi, running: Running, ann: User, words: str
) -> None:
    async with running(**desk()) as app:
        card = await draft(api, ann)
        _, _, _, _, key, seen = str(api.message(card).buttons[0].data).split(":")
        before = await only(app)
        data = "1:n:en:" + words.format(key=key, seen=seen)
        said = await api.answer(api.press(card, data=data))
        assert "no longer means" in said["text"] or "changed since" in said["text"]
        assert await only(app) == before


async def test_an_edited_message_changes_its_draft(
    api: BotApi, running: Running, ann: User
) -> None:
    async with running(**desk()) as app:
        await api.ask(ann, "/announce")
        written = api.say(ann, "Session opens\nOn Monday.")
        await api.next_messages(ann, 2)
        api.edit(written, "Session closes\nOn Friday.")
        assert (await api.next_messages(ann, 2))[0].text == "Session closes\n\nOn Friday."
        assert dict((await only(app)).item.title) == {"en": "Session closes"}


class TestUncertain:
    async def published(self, api: BotApi, app: App, editor: User, *groups: Chat) -> None:
        """Publish such that the posts arrive and nobody is told that they did."""
        await subscribed(app, *(group.id for group in groups))
        card = await draft(api, editor)
        for group in groups:
            api.faults.add(faults.cut(), method="sendMessage", chat=group.id, times=1)
        await api.answer(api.press(card, "Publish now"))

    async def asked(self, api: BotApi, editor: User) -> Message:
        """Give what an editor is asked."""
        return await api.until(
            lambda: next((m for m in api.bot_messages(editor) if "not known" in m.text), None),
            10,
            "a question",
        )

    @pytest.mark.parametrize(
        ("label", "counts", "copies"),
        [
            ("It is there", {"sent": 1}, 1),
            ("Send again", {"sent": 1}, 2),
            ("Leave", {"uncertain": 1}, 1),
        ],
    )
    async def test_every_editor_is_asked_and_one_decides(
        self,
        api: BotApi,
        running: Running,
        ann: User,
        ben: User,
        label: str,
        counts: dict[str, int],
        copies: int,
    ) -> None:
        group = api.supergroup("Us", members=[ann])
        async with running(**desk()) as app:
            await app.desk.store.readers.started(ANN, app.desk.now())
            await app.desk.store.readers.started(BEN, app.desk.now())
            await self.published(api, app, ann, group)
            question, other = await self.asked(api, ann), await self.asked(api, ben)
            assert "1. Us" in question.text
            data = next(one.data for one in other.buttons if label in one.text)
            assert (await api.answer(api.press(question, f"1. {label}")))["text"] == "Noted."
            await api.until(lambda: "All is decided" in api.message(other).text, what="the end")
            said = await api.answer(api.press(other, data=data))
            assert said["text"] == "That was decided before."
            await api.until(lambda: len(api.bot_messages(group)) == copies, what="the copies")
            await api.quiet()
            assert await app.desk.store.deliveries.counts((await only(app)).id) == counts
            log = await app.desk.store.announcements.log()
            assert sum("resolve" in one.action for one in log) == 1

    async def test_a_question_whose_answer_is_lost_is_not_asked_again_and_again(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        group = api.supergroup("Us", members=[ann])
        async with running(**desk()) as app:
            await self.published(api, app, ann, group)
            api.faults.add(
                faults.server_error(502, done=True),
                method="sendMessage",
                when=lambda given: "not known" in str(given["text"]),
            )
            await app.desk.store.readers.started(ANN, app.desk.now())
            await self.asked(api, ann)
            await asyncio.sleep(0.5)  # ten looks
            assert sum("not known" in m.text for m in api.bot_messages(ann)) == 1

    async def test_of_a_retracted_one_that_is_there_the_editor_is_told_to_delete_it(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        group = api.supergroup("Us", members=[ann])
        async with running(**desk()) as app:
            await app.desk.store.readers.started(ANN, app.desk.now())
            await self.published(api, app, ann, group)
            question = await self.asked(api, ann)
            found = await only(app)
            assert await app.desk.store.announcements.retract(found.id, ANN, app.desk.now())
            said = await api.answer(api.press(question, "1. It is there"))
            assert "delete the post there by hand" in said["text"]
            assert said["show_alert"]

    async def test_the_same_question_goes_on_after_a_restart(
        self, api: BotApi, running: Running, ann: User
    ) -> None:
        groups = [api.supergroup(f"Group {number}", members=[ann]) for number in range(7)]
        async with running(**desk()) as app:
            await app.desk.store.readers.started(ANN, app.desk.now())
            await self.published(api, app, ann, *groups)
            question = await self.asked(api, ann)
            await api.until(lambda: "chats: 7" in api.message(question).text, what="all seven")
        async with running(**desk()) as app:
            for left in range(6, -1, -1):
                button = api.message(question).buttons[0].text
                await api.answer(api.press(question, button))
                words = f"chats: {left}" if left else "All is decided"
                await api.until(
                    lambda words=words: words in api.message(question).text,  # type: ignore[misc]
                    10,
                )
            counts = await app.desk.store.deliveries.counts((await only(app)).id)
            assert counts == {"sent": 7}
        assert sum("not known" in text or "decided" in text for text in api.texts(ann)) == 1
