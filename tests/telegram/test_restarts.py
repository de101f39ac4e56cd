"""What is kept over restarts: one store, one bot after another."""

from __future__ import annotations

from tests.botapi import BotApi
from tests.telegram.conftest import Running

QUESTION = "who represents Kyrgyzstan?"


async def test_a_conversation_survives_a_restart(api: BotApi, running: Running) -> None:
    ann = api.user()
    async with running():
        await api.ask(ann, QUESTION)
    async with running():
        assert "Kogut" in (await api.ask(ann, "and Belarus?")).text


async def test_an_edit_after_a_restart_edits_the_answer(api: BotApi, running: Running) -> None:
    ann = api.user()
    async with running():
        first = await api.ask(ann, QUESTION)
    async with running():
        api.edit(api.messages(ann)[0], "who represents Belarus?")
        assert "Kogut" in (await api.next_edit(first)).text


async def test_commands_are_not_registered_again(api: BotApi, running: Running) -> None:
    for _ in range(2):
        async with running():
            await api.quiet()
    assert api.record.counts["setMyCommands"] == 9
    assert api.record.counts["setMyDescription"] == 3


async def test_where_else_to_ask_is_said_where_the_documents_are_silent(
    api: BotApi, running: Running
) -> None:
    async with running(contact="https://example.org/contact"):
        answer = await api.ask(api.user(), "who represents Tajikistan?")
        assert answer.text.endswith("You might ask here: https://example.org/contact")


async def test_what_was_not_answered_is_kept_only_where_wanted(
    api: BotApi, running: Running
) -> None:
    async with running(keep_unanswered=True) as app:
        await api.ask(api.user(), "who represents Tajikistan?")
        await api.quiet()
        kept = await app.desk.store.unanswered.since(app.desk.now().date())
        assert [one.question for one in kept] == ["who represents Tajikistan?"]
    async with running() as app:
        await api.ask(api.user(), "who represents Armenia?")
        await api.quiet()
        assert not await app.desk.store.unanswered.since(app.desk.now().date())


async def test_more_than_the_limit_gets_one_notice_and_then_silence(
    api: BotApi, running: Running
) -> None:
    ann, ben = api.user("Ann"), api.user("Ben")
    async with running(questions_per_minute=5):
        for _ in range(30):
            api.say(ann, QUESTION)
        assert "Alishev" in (await api.ask(ben, QUESTION)).text
        await api.quiet()
    texts = api.texts(ann)
    assert len(texts) == 6
    assert "more than 5 questions" in texts[-1]


async def test_thirty_questions_in_a_second_are_answered_in_order(
    api: BotApi, running: Running
) -> None:
    ann = api.user()
    countries = ["Belarus", "Kazakhstan", "Kyrgyzstan", "Russia", "Tajikistan"] * 6
    async with running(questions_per_minute=0):
        for country in countries:
            api.say(ann, f"how many members does {country} have?")
        await api.next_messages(ann, 30)
    assert [text.split("'")[0] for text in api.texts(ann)] == countries
