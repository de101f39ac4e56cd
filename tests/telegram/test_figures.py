"""What editors are shown: figures by day and week, questions that found no answer, their menu."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.knowledge.model import NewsItem
from bot.news.deliveries import Change, DeliveryState
from bot.store import ChatKind, Vote
from bot.telegram.app import App
from bot.telegram.figures import rows
from tests.botapi import BotApi
from tests.telegram.conftest import Running

EDITOR = 4_000_000_001
EDITING = ("/stats", "/unanswered")


def line(text: str, label: str) -> list[str]:
    """Give the figures beside a label of a table."""
    found = next(one for one in text.split("\n") if one.startswith(label))
    return found.removeprefix(label).split()


async def test_figures_are_shown_by_outcome_subject_vote_and_week(
    api: BotApi, running: Running
) -> None:
    editor, ann = api.user("Ed", id=EDITOR), api.user()
    async with running(editors=frozenset({EDITOR})) as app:
        store, now = app.desk.store, app.desk.now()
        await api.ask(ann, "who represents Kyrgyzstan?")
        await api.ask(ann, "and Belarus?")
        await api.ask(ann, "who represents Tajikistan?")
        last_week = now - timedelta(days=8)
        await store.answers.add("answer", "representative", last_week)
        await store.feedback.add(Vote.UP, intent="website", outcome="answer", now=now)
        await store.feedback.add(
            Vote.DOWN, intent="website", outcome="answer", now=now, reason="wrong"
        )
        await delivered(app)
        text = (await api.ask(editor, "/stats")).text
    assert line(text, "answered") == ["2", "2", "1"]
    assert line(text, "not in the documents") == ["1", "1", "0"]
    assert line(text, "representative") == ["3", "3", "1"]
    assert line(text, "👍") == ["1", "1", "0"]
    assert line(text, "👎") == ["1", "1", "0"]
    assert line(text, "Wrong") == ["1", "1", "0"]
    assert line(text, "sent") == ["1", "1", "0"]


async def delivered(app: App) -> None:
    store, now = app.desk.store, app.desk.now()
    await store.chats.remember(-5, ChatKind.GROUP, title="Us")
    await store.chats.set_news(-5, on=True)
    item = NewsItem("2026-05-04-x", {"en": "Title"}, {"en": "Text"}, now.date())
    await store.announcements.draft(item, "file", None, now)
    await store.announcements.approve(item.id, None, now)
    (delivery,) = await store.deliveries.claim(1, 10, now)
    task = await store.deliveries.begin(delivery, 1, now)
    assert task is not None
    await store.deliveries.record(task.delivery, Change(DeliveryState.SENT, message_id=7), now)


async def test_nothing_counted_is_said_so(api: BotApi, running: Running) -> None:
    editor = api.user("Ed", id=EDITOR)
    async with running(editors=frozenset({EDITOR})):
        assert "Nothing has been counted yet" in (await api.ask(editor, "/stats")).text


def test_a_day_counts_in_one_week_alone() -> None:
    from datetime import date

    today = date(2026, 5, 20)
    counted = [("x", today - timedelta(days=ago), 1) for ago in range(20)]
    assert rows(counted, today, None) == [("x", "1", "7", "7")]


async def test_questions_without_an_answer_are_put_together_with_what_to_add(
    api: BotApi, running: Running
) -> None:
    editor, ann = api.user("Ed", id=EDITOR), api.user()
    asked = [
        "who represents Tajikistan?", "кто представляет Таджикистан?",
        "what did Pankin say about vaccines?", "what did Pankin say about the vaccines?",
        "what is the budget of the assembly?", "who represents Tajikistan?",
    ]  # fmt: skip
    async with running(editors=frozenset({EDITOR}), keep_unanswered=True):
        for question in asked:
            await api.ask(ann, question)
        text = (await api.ask(editor, "/unanswered")).text
    first, second, third = text.split("\n\n")[1:]
    assert first.startswith("1. who represents Tajikistan? – 3×")
    assert "Also: кто представляет Таджикистан?" in first
    assert "subject TJ, the relation representative" in first
    assert "– 2×" in second and "languages/en/topics.yaml" in second
    assert "budget" in third and "knowledge/documents/" in third


async def test_unanswered_says_where_nothing_is_kept_or_nothing_was_asked(
    api: BotApi, running: Running
) -> None:
    editor = api.user("Ed", id=EDITOR)
    async with running(editors=frozenset({EDITOR})):
        assert "KEEP_UNANSWERED=true" in (await api.ask(editor, "/unanswered")).text
    async with running(editors=frozenset({EDITOR}), keep_unanswered=True):
        assert "no questions without" in (await api.ask(editor, "/unanswered")).text


@pytest.mark.parametrize("command", EDITING)
async def test_to_everybody_else_editors_commands_are_not_there(
    api: BotApi, running: Running, command: str
) -> None:
    editor, ann = api.user("Ed", id=EDITOR), api.user()
    group = api.supergroup(members=[editor, ann])
    async with running(editors=frozenset({EDITOR})):
        assert "do not know this command" in (await api.ask(ann, command)).text
        answer = await api.ask(group, f"{command}@example_bot", editor)
        assert "do not know this command" in answer.text


async def test_an_editor_who_starts_the_bot_gets_a_menu_of_his_own(
    api: BotApi, running: Running
) -> None:
    editor, ann = api.user("Ed", id=EDITOR), api.user()
    scope = {"type": "chat", "chat_id": EDITOR}

    def shown(language: str) -> set[str]:
        return {"/" + one["command"] for one in api.commands(scope, language)}

    async with running(editors=frozenset({EDITOR})):
        await api.ask(editor, "/stats")
        await api.quiet()
        assert not shown("")
        api.start_chat(ann)
        api.start_chat(editor)
        await api.until(lambda: set(EDITING) <= shown("ru"), what="the menu in Russian")
        assert {"/ask", "/start", *EDITING} <= shown("")
        assert not api.commands({"type": "chat", "chat_id": ann.id})
        assert not set(EDITING) & {
            "/" + one["command"] for one in api.commands({"type": "all_private_chats"})
        }
    async with running():
        await api.until(lambda: not shown("") and not shown("ru"), what="the menu's end")
