"""A receipt proves a reply: the same question after the same ones finds it again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering import Answerer, Conversation, Question, Step
from bot.answering.receipts import Receipt
from bot.workshop.receipts import ReceiptError, verify

NOW = datetime(2024, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=400)
WHO = "Who represents Kyrgyzstan?"


def receipt(
    answerer: Answerer, *texts: str, lang: str | None = None, user: str | None = None
) -> str:
    """Give the receipt of the reply to the last of some questions of one conversation."""
    conversation = Conversation()
    for text in texts:
        reply, conversation = answerer.answer(Question(text, lang, user), conversation, NOW)
    return reply.receipt


def test_the_same_question_finds_the_reply_again_at_any_time(answerer: Answerer) -> None:
    found = verify(receipt(answerer, WHO), WHO, (), answerer, LATER)
    assert found.holds
    assert "Shabdanbek Alishev" in found.reply.answer


def test_a_follow_up_takes_the_questions_before_it(answerer: Answerer) -> None:
    given = receipt(answerer, WHO, "and Belarus?")
    assert verify(given, "and Belarus?", [WHO], answerer, LATER).holds
    assert not verify(given, "and Belarus?", (), answerer, LATER).holds


@pytest.mark.parametrize(("lang", "user"), [("hy", None), (None, "hy")])
def test_a_chosen_language_need_not_be_told(
    answerer: Answerer, lang: str | None, user: str | None
) -> None:
    assert verify(
        receipt(answerer, "krotov", lang=lang, user=user), "krotov", (), answerer, NOW
    ).holds


@pytest.mark.parametrize("user", ["ru", "kk", "hy"])
@pytest.mark.parametrize("lang", [None, "en"])
def test_the_language_of_the_askers_program_may_be_any(
    answerer: Answerer, lang: str | None, user: str
) -> None:
    """A word that several languages have is read as that of the program."""
    asked = ["сенат", "krotov", "and Belarus?"]
    given = receipt(answerer, *asked, lang=lang, user=user)
    assert verify(given, asked[-1], asked[:-1], answerer, LATER).holds


def test_a_button_has_a_receipt_as_well(answerer: Answerer) -> None:
    reply, _ = answerer.answer_step(Step("composition", "KG"), "ru", Conversation(), NOW)
    assert verify(reply.receipt, "/composition KG", (), answerer, LATER).holds
    assert not verify(reply.receipt, "/composition BY", (), answerer, LATER).holds


def test_another_question_has_another_receipt(answerer: Answerer) -> None:
    given = receipt(answerer, WHO)
    assert receipt(answerer, "Who represents Belarus?") != given
    assert receipt(answerer, f"{WHO} ") != given, "letter for letter"
    assert not verify(given, "Who represents Belarus?", (), answerer, NOW).holds


def test_a_receipt_of_another_version_says_what_to_do(answerer: Answerer) -> None:
    other = "00000000" + receipt(answerer, WHO)[8:]
    with pytest.raises(ReceiptError) as error:
        verify(other, WHO, (), answerer, NOW)
    assert "from version 00000000 of the knowledge" in str(error.value)
    assert answerer.knowledge.version[:8] in str(error.value)
    assert "--knowledge" in str(error.value)


@pytest.mark.parametrize("text", ["", "x", "receipt", "12345678-en-", "12345678-EN-0123456789zz"])
def test_what_is_no_receipt_is_told_so(answerer: Answerer, text: str) -> None:
    with pytest.raises(ReceiptError, match="no receipt"):
        verify(text, WHO, (), answerer, NOW)


def test_a_button_that_is_not_there_is_told(answerer: Answerer) -> None:
    with pytest.raises(ReceiptError, match="'XX'"):
        verify(receipt(answerer, WHO), "/representative XX", (), answerer, NOW)


@given(st.text())
def test_any_text_is_a_receipt_or_none(text: str) -> None:
    found = Receipt.parse(text)
    assert found is None or str(found) == text.strip().casefold()
