"""Buttons: they work after a restart, are always acknowledged, and say when they mean nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store import Vote
from bot.telegram.app import App
from bot.telegram.buttons import Press, Verb, data_of, press_of
from bot.workshop.receipts import verify
from tests.botapi import BotApi
from tests.telegram.conftest import Running

FOREIGN = [
    "", "x", "1", "1:", "1:s", "1:s:en", "1:s:en:nothing:KG", "1:s:en:representative:ZZ",
    "1:s:xx:representative:KG", "0:s:en:representative:KG", "1:e:en:9", "1:e:en:x", "1:v:en:up",
    "1:v:en:sideways:a:b", "1:r:en:bad:a:b", "1:l:en:xx", "1:o:en:news:perhaps", "1:o:en:news",
    "1:n:en", "1:n:en:approve", "1:n:en:approve:AAAAAAAAAAAA:0", "1:n:en:nothing:AAAAAAAAAAAA",
    "1:u:en:sent:AAAAAAAAAAAA:5", "1:u:en:sent", "1:k:en:99999999999999999999:news:off",
    "1:k:en:-5:news:off", "1:o:en:about:AAAAAAAAAAAA", "1:o:en:code:xx",
    "1:s:en:passage:../../etc", "1:s:en:interview_about:KG:more", "{0.__class__}", "%s%s%n",
    "'; drop table chats; --", "🇰🇬" * 8,
]  # fmt: skip


@pytest.mark.usefixtures("bot")
class TestPresses:
    async def test_a_press_adds_to_the_conversation(self, api: BotApi) -> None:
        ann = api.user()
        answer = await api.ask(ann, "who represents Kyrgyzstan?")
        await api.answer(api.press(answer, "Members"))
        assert "6 members" in (await api.next_message(ann)).text
        assert "11 members" in (await api.ask(ann, "and Belarus?")).text

    @pytest.mark.parametrize("data", FOREIGN)
    async def test_a_meaningless_press_is_told_so(self, api: BotApi, data: str) -> None:
        ann = api.user()
        answer = await api.ask(ann, "who represents Kyrgyzstan?")
        query = api.press(answer, data=data)
        assert "no longer means" in (await api.answer(query))["text"]
        await api.quiet()
        assert len(api.bot_messages(ann)) == 1

    async def test_the_receipt_of_a_reply_can_be_read_and_is_verified(
        self, api: BotApi, bot: App
    ) -> None:
        ann = api.user()
        asked = "who represents Kyrgyzstan?"
        answer = await api.ask(ann, asked)
        shown = await api.answer(api.press(answer, "🧾"))
        assert shown["show_alert"] is True
        receipt = shown["text"].removeprefix("Receipt: ").split(". ")[0]
        assert verify(
            receipt, asked, (), bot.desk.mind.answerer, datetime(2030, 1, 1, tzinfo=UTC)
        ).holds
        await api.quiet()
        assert len(api.bot_messages(ann)) == 1

    async def test_a_button_under_a_message_too_old_to_be_shown_works(self, api: BotApi) -> None:
        ann = api.user()
        answer = await api.ask(ann, "who represents Kyrgyzstan?")
        await api.answer(api.press(answer, "Members", inaccessible=True))
        assert "6 members" in (await api.next_message(ann)).text

    async def test_a_press_that_is_too_old_is_let_go(self, api: BotApi) -> None:
        ann = api.user()
        answer = await api.ask(ann, "who represents Kyrgyzstan?")
        api.expire(api.press(answer, "Members"))
        assert "6 members" in (await api.next_message(ann)).text

    async def test_a_thumb_is_counted_and_asks_what_was_wrong(self, api: BotApi, bot: App) -> None:
        ann = api.user()
        answer = await api.ask(ann, "who represents Kyrgyzstan?")
        assert (await api.answer(api.press(answer, "👎")))["text"] == "What was wrong?"
        shown = await api.next_edit(answer)
        await api.answer(api.press(shown, "Incomplete"))
        await api.quiet()
        counts = await bot.desk.store.feedback.since(bot.desk.now().date())
        assert [(one.vote, one.reason, one.intent, one.count) for one in counts] == [
            (Vote.DOWN, "incomplete", "representative", 1)
        ]
        assert "👎" not in [b.text for b in api.message(answer).buttons]

    async def test_an_example_is_answered(self, api: BotApi) -> None:
        ann = api.user()
        answer = await api.ask(ann, "/start")
        await api.answer(api.press(answer, 0))
        assert "Alishev" in (await api.next_message(ann)).text


async def test_buttons_work_after_a_restart(api: BotApi, running: Running) -> None:
    ann = api.user()
    async with running():
        answer = await api.ask(ann, "who represents Kyrgyzstan?")
    async with running():
        await api.answer(api.press(answer, "Members"))
        assert "6 members" in (await api.next_message(ann)).text


@given(st.text(max_size=64))
def test_any_callback_data_is_read_or_refused(data: str) -> None:
    press = press_of(data)
    assert press is None or data_of(press) == data


@given(
    st.sampled_from(list(Verb)),
    st.lists(st.text("abcXYZ019_.-", max_size=10), max_size=4),
)
def test_what_is_written_can_be_read(verb: Verb, words: list[str]) -> None:
    press = Press(verb, "en", tuple(words))
    data = data_of(press)
    assert data is not None and press_of(data) == press and len(data.encode()) <= 64
