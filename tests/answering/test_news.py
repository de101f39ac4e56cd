"""Announcements are asked about like documents, and cited."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.answering import Answerer, Conversation, Outcome, Question, Reply, Step
from bot.knowledge.model import NewsItem

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SESSION = NewsItem(
    id="2026-05-04-session",
    title={"en": "Session in Dushanbe", "ru": "Заседание в Душанбе"},
    summary={
        "en": "The **Tajik** delegation receives its guests.\n\n> See [the hall](https://a.org).",
        "ru": "**Таджикская** делегация принимает гостей.",
    },
    date=date(2026, 5, 4),
    topics=("sessions",),
)


@pytest.fixture(scope="module")
def several(answerer: Answerer) -> Answerer:
    """Give an answerer with a second announcement."""
    news = {SESSION.id: SESSION, **answerer.knowledge.news}
    return Answerer(replace(answerer.knowledge, news=news))


def ask(answerer: Answerer, text: str) -> Reply:
    return answerer.answer(Question(text), Conversation(), NOW)[0]


def test_what_is_new_gives_the_latest_first(several: Answerer) -> None:
    reply = ask(several, "What's new?")
    assert (reply.outcome, reply.intent) == (Outcome.ANSWER, "news")
    assert reply.answer.split("\n")[1:] == [
        "May 4, 2026: Session in Dushanbe",
        "February 10, 2023: Aleksandr Pankin on the Important Role of Parliamentary Diplomacy",
    ]
    assert [source.document for source in reply.sources] == [
        "2026-05-04-session",
        "2023-02-10-interview",
    ]


def test_an_announcement_is_quoted_without_its_marks(several: Answerer) -> None:
    reply = ask(several, "news about guests")
    quoted = [(source.first_line, source.quote) for source in reply.sources]
    assert quoted == [
        (1, "Session in Dushanbe"),
        (2, "The Tajik delegation receives its guests."),
    ]
    assert reply.sources[0].date == date(2026, 5, 4)


def test_an_announcement_of_a_document_is_quoted_from_it(several: Answerer) -> None:
    reply = ask(several, "news about Pankin")
    assert [source.first_line for source in reply.sources] == [13, 16]


@pytest.mark.parametrize(
    "text", ["news about Tajikistan", "Тоҷикистон: навигарӣ ҳаст?", "новости о Таджикистане"]
)
def test_what_is_named_is_found_in_any_language(text: str, several: Answerer) -> None:
    reply = ask(several, text)
    assert {source.document for source in reply.sources} == {"2026-05-04-session"}


def test_a_reader_gets_the_text_in_his_own_language(several: Answerer) -> None:
    reply = ask(several, "новости о Таджикистане")
    assert "Заседание в Душанбе" in reply.answer
    assert reply.sources[1].quote == "Таджикская делегация принимает гостей."


@pytest.mark.parametrize(("year", "shown"), [("2023", "Pankin"), ("2026", "Dushanbe")])
def test_announcements_of_a_year(year: str, shown: str, several: Answerer) -> None:
    reply = ask(several, f"news of {year}")
    assert shown in reply.answer
    assert len({source.document for source in reply.sources}) == 1


def test_what_no_announcement_speaks_of_is_said_with_the_latest(several: Answerer) -> None:
    reply = ask(several, "news about Armenia")
    assert reply.outcome is Outcome.NOT_IN_DOCUMENTS
    assert "Armenia" in reply.answer
    assert "Session in Dushanbe" in reply.text
    assert not reply.sources


def test_sentences_of_the_interview_keep_their_speaker(several: Answerer) -> None:
    reply = ask(several, "news about observers")
    assert "Aleksandr Pankin, Russian deputy Foreign Minister" in reply.answer


def test_news_and_another_question_are_both_answered(several: Answerer) -> None:
    reply = ask(several, "What's new, and who represents Belarus?")
    assert "Session in Dushanbe" in reply.answer
    assert "Kogut" in reply.answer


def test_a_command_gives_the_latest_and_can_be_followed(several: Answerer) -> None:
    reply, conversation = several.answer_step(Step("news"), "en", Conversation(), NOW)
    assert "Session in Dushanbe" in reply.answer
    reply, _ = several.answer(Question("and about Tajikistan?"), conversation, NOW)
    assert reply.intent == "news"
    assert "Session in Dushanbe" in reply.answer


def test_without_announcements_there_are_none(answerer: Answerer) -> None:
    bare = Answerer(replace(answerer.knowledge, news={}))
    reply = ask(bare, "any announcements?")
    assert (reply.outcome, reply.sources) == (Outcome.NOT_IN_DOCUMENTS, ())
