"""Answers as one types, and as a guest."""

from __future__ import annotations

import pytest

from tests.botapi import BotApi

pytestmark = pytest.mark.usefixtures("bot")


async def test_the_answer_comes_first_then_the_card(api: BotApi) -> None:
    query = api.inline(api.user(), "who represents kyrgyzstan")
    results = (await api.answer(query))["results"]
    assert results[0]["title"].startswith("Shabdanbek Alishev")
    assert any(result["title"] == "Kyrgyzstan" for result in results)
    posted = api.choose(query, 0)
    assert "line 8, undated" in posted.text


async def test_an_empty_query_shows_the_delegations(api: BotApi) -> None:
    answer = await api.answer(api.inline(api.user(), ""))
    titles = [result["title"] for result in answer["results"]]
    assert titles == ["Belarus", "Kazakhstan", "Kyrgyzstan", "Russia", "Tajikistan"]


async def test_an_unanswerable_query_leads_into_the_private_chat(api: BotApi) -> None:
    answer = await api.answer(api.inline(api.user(), "will it rain tomorrow"))
    assert answer["results"]
    assert answer["button"]["start_parameter"] == "ask"


@pytest.mark.parametrize(
    "text",
    ["parliamentary diplomacy trust", "🙂" * 256, "<b>Kyrgyz", "kyr", "\u202erussia", "/start"],
)
async def test_any_query_gets_a_valid_answer(api: BotApi, text: str) -> None:
    answer = await api.answer(api.inline(api.user(), text))
    assert 1 <= len(answer["results"]) <= 10


async def test_a_guest_is_answered_in_one_message(api: BotApi) -> None:
    query = api.ask_as_guest(api.user(), "@example_bot who represents Kyrgyzstan?")
    await api.answer(query)
    assert "Alishev" in str(query.answers[0])
