"""How a reply is judged by what a question file says is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering import Answerer, Outcome, Reply, Source
from bot.knowledge.model import Document
from bot.workshop.questions import GoldQuestion, QuestionFile
from bot.workshop.score import (
    MEANINGS,
    SCRIPTS,
    Check,
    Judgement,
    Row,
    Score,
    Verdict,
    judge,
    languages_of,
    says,
    score,
)

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
LINES = (
    "The House of Examples sends 16 members.",
    "Its  representative is\tAnna Example.",
    "Everything else that is written here fills the page, so that a quote is a small part of it.",
    "This line goes on in the same way and says as little, for the same good reason as before.",
)
DOCUMENTS: Mapping[str, Document] = {
    "page": Document("page", "page.txt", LINES, 1, 2, "A page", None, None),
    "rest": Document("rest", "page.txt", LINES, 3, 4, "The rest", None, None),
}
QUESTION = GoldQuestion(
    id="q1",
    category="representative",
    lang="en",
    text="Who is the representative there?",
    outcomes=(Outcome.ANSWER,),
    must=(("Example", "Beispiel"),),
    must_not=("Nobody",),
    cites=("representative is Anna Example",),
)
SOURCE = Source("page", "A page", None, 2, 2, LINES[1])
REPLY = Reply(
    question=QUESTION.text,
    outcome=Outcome.ANSWER,
    intent="representative",
    language="en",
    answer="Anna Example represents it.",
    text="Anna Example represents it.\n\nA page, line 2",
    sources=(SOURCE,),
)


def judged(question: GoldQuestion, reply: Reply | Exception | None) -> Judgement:
    return judge(question, reply, DOCUMENTS)


def broken(question: GoldQuestion, reply: Reply) -> set[Check]:
    return {fault.check for fault in judged(question, reply).faults}


def test_a_right_reply_is_correct() -> None:
    assert judged(QUESTION, REPLY).verdict is Verdict.CORRECT


def test_no_reply_and_a_broken_one_are_missing() -> None:
    for reply in (None, KeyError("which")):
        found = judged(QUESTION, reply)
        assert found.verdict is Verdict.MISSING
        assert [fault.check for fault in found.faults] == [Check.REPLY]


def test_an_answer_that_lacks_what_it_must_say_is_a_wrong_fact() -> None:
    reply = replace(REPLY, answer="Somebody does.")
    assert broken(QUESTION, reply) == {Check.MUST}
    assert judged(QUESTION, reply).verdict is Verdict.WRONG_FACT


def test_each_group_needs_one_of_its_alternatives() -> None:
    question = replace(QUESTION, must=(("Beispiel", "EXAMPLE"), ("anna",)))
    assert not broken(question, REPLY)
    assert broken(replace(QUESTION, must=(("Example",), ("Beispiel",))), REPLY) == {Check.MUST}


def test_an_answer_that_says_what_it_must_not_is_a_wrong_fact() -> None:
    reply = replace(REPLY, answer="Anna Example or nobody.")
    assert broken(QUESTION, reply) == {Check.MUST_NOT}
    assert judged(QUESTION, reply).verdict is Verdict.WRONG_FACT


def test_an_answer_where_there_is_none_is_a_wrong_fact() -> None:
    question = replace(QUESTION, outcomes=(Outcome.NOT_IN_DOCUMENTS,))
    assert judged(question, REPLY).verdict is Verdict.WRONG_FACT


def test_no_answer_where_there_is_one_is_declined() -> None:
    reply = replace(REPLY, outcome=Outcome.NOT_IN_DOCUMENTS)
    assert judged(QUESTION, reply).verdict is Verdict.DECLINED


def test_a_question_back_where_it_is_allowed_is_not_declined() -> None:
    question = replace(QUESTION, outcomes=(Outcome.ANSWER, Outcome.CLARIFY), must=(("which",),))
    reply = replace(REPLY, outcome=Outcome.CLARIFY, answer="", text="Of whom?")
    assert judged(question, reply).verdict is Verdict.OTHER


def test_what_another_outcome_must_say_may_stand_anywhere_in_its_text() -> None:
    question = replace(QUESTION, outcomes=(Outcome.NOT_IN_DOCUMENTS,), must=(("line 2",),))
    reply = replace(REPLY, outcome=Outcome.NOT_IN_DOCUMENTS)
    assert judged(question, reply).verdict is Verdict.CORRECT
    answered = replace(question, outcomes=(Outcome.ANSWER,))
    assert broken(answered, REPLY) == {Check.MUST}


def test_what_has_to_be_cited_has_to_stand_in_one_quote() -> None:
    reply = replace(REPLY, sources=(Source("page", "A page", None, 1, 1, LINES[0]),))
    assert broken(QUESTION, reply) == {Check.CITES}
    assert judged(QUESTION, reply).verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize("quote", ["", " ", "Its representative is Anne Example.", "ITS"])
def test_a_quote_that_is_not_verbatim_supports_nothing(quote: str) -> None:
    reply = replace(REPLY, sources=(SOURCE, replace(SOURCE, quote=quote)))
    assert broken(QUESTION, reply) == {Check.QUOTE}
    assert judged(QUESTION, reply).verdict is Verdict.UNSUPPORTED


def test_a_quote_of_an_unknown_document_is_not_verbatim() -> None:
    reply = replace(REPLY, sources=(SOURCE, replace(SOURCE, document="elsewhere")))
    assert broken(QUESTION, reply) == {Check.QUOTE}


@pytest.mark.parametrize(("first", "last"), [(1, 1), (0, 2), (2, 5), (2, 1), (3, 4)])
def test_a_quote_has_to_stand_in_the_lines_that_are_named(first: int, last: int) -> None:
    source = replace(SOURCE, first_line=first, last_line=last)
    assert broken(QUESTION, replace(REPLY, sources=(source,))) == {Check.LINES}


def test_a_quote_may_stand_within_several_lines() -> None:
    source = Source(
        "page", "A page", None, 1, 2, "16 members. Its representative is Anna Example."
    )
    assert not broken(QUESTION, replace(REPLY, sources=(source,)))


def test_quoting_most_of_a_document_is_no_answer() -> None:
    sources = tuple(
        Source("rest" if number > 2 else "page", "", None, number, number, line)
        for number, line in enumerate(LINES, start=1)
    )
    assert broken(QUESTION, replace(REPLY, sources=sources)) == {Check.LENGTH}


def test_a_quote_that_is_shown_twice_counts_once() -> None:
    assert not broken(QUESTION, replace(REPLY, sources=(SOURCE,) * 20))


def test_an_answer_is_no_essay() -> None:
    whole = REPLY.answer + " Indeed." * 184
    assert len(whole) == 1499
    assert not broken(QUESTION, replace(REPLY, answer=whole))
    assert broken(QUESTION, replace(REPLY, answer=whole + " !")) == {Check.LENGTH}


@pytest.mark.parametrize(
    ("language", "answer"),
    [
        ("en", "Anna Example represents it."),
        ("ru", "Его представляет Anna Example."),
        ("be", "Яго прадстаўляе Anna Example."),
        ("kk", "Оның өкілі Anna Example."),
        ("ky", "Анын өкүлү Anna Example."),
        ("tg", "Намояндаи он Anna Example аст."),
        ("hy", "Նրա ներկայացուցիչն է Anna Example։"),
    ],
)
def test_a_reply_is_in_the_language_of_the_question_and_in_its_script(
    language: str, answer: str
) -> None:
    question = replace(QUESTION, lang=language, must=())
    reply = replace(REPLY, language=language, answer=answer)
    assert not broken(question, reply)
    other = "Նա ներկայացնում է" if SCRIPTS[language] != "ARMENIAN" else "Он представляет"
    assert broken(question, replace(reply, answer=other)) == {Check.LANGUAGE}
    elsewhere = "ru" if language == "en" else "en"
    assert broken(question, replace(reply, language=elsewhere)) == {Check.LANGUAGE}


def test_quotes_and_addresses_have_no_language() -> None:
    question = replace(QUESTION, lang="ru")
    answer = f"Да: {LINES[1]} https://example.org/a-very-long-address-in-latin-letters"
    assert not broken(question, replace(REPLY, language="ru", answer=answer))


def test_a_name_or_a_code_has_no_language() -> None:
    for text in ("🇰🇬", "krotov", "krotov??", "Viktor Kogut"):
        assert languages_of(replace(QUESTION, text=text)) == ()
    assert languages_of(QUESTION) == ("en",)
    assert languages_of(replace(QUESTION, reply_languages=("en", "ky"))) == ("en", "ky")


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("16 members", "6", False),
        ("6 members", "6", True),
        ("(6)", "6", True),
        ("a6b", "6", True),
        ("No.6, not 16", "6", True),
        ("Viktor\n  Kogut", "viktor kogut", True),
        ("СОВЕТ", "совет", True),
        ("Kogutov", "Kogut", True),
        ("12 members", "12 m", True),
        ("112 members", "12 m", True),
    ],
)
def test_words_are_found_in_either_case_and_numbers_only_whole(
    text: str, words: str, said: bool
) -> None:
    assert says(text, words) is said


@given(st.integers(0, 999), st.lists(st.integers(0, 999), max_size=5))
def test_a_number_is_said_exactly_where_it_stands(number: int, others: list[int]) -> None:
    text = " and ".join(map(str, others))
    assert says(text, str(number)) is (number in others)


def test_a_share_is_100_only_where_all_are_right() -> None:
    assert Row("all", 5, 5).percent == 100.0
    assert Row("nearly", 5000, 4999).percent == 99.9
    assert Row("none", 0, 0).percent == 0.0


def test_every_verdict_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Verdict)


def test_tables_count_by_category_and_by_language() -> None:
    russian = replace(QUESTION, id="q2", lang="ru")
    other = replace(QUESTION, id="q3", category="website")
    result = Score(tuple(judged(question, REPLY) for question in (QUESTION, russian, other)))
    assert result.total == Row("total", 3, 2)
    assert result.by_category() == (Row("representative", 2, 1), Row("website", 1, 1))
    assert result.by_language() == (Row("en", 2, 2), Row("ru", 1, 0))
    [failure] = result.as_json()["failures"]
    assert (failure["id"], failure["verdict"]) == ("q2", "unsupported")
    assert result.as_json()["verdicts"]["unsupported"] == 1


def test_questions_of_a_session_are_one_conversation_and_others_are_not(
    answerer: Answerer,
) -> None:
    first = replace(QUESTION, text="Who represents Kyrgyzstan?", session="s", must=())
    follow = replace(QUESTION, text="What is their website?", session="s", must=(("kenesh",),))
    alone = replace(follow, session=None)
    file = QuestionFile(Path("a.jsonl"), (first, follow, alone))
    _, remembered, forgotten = score([file], answerer, NOW).judgements
    assert Check.MUST not in {fault.check for fault in remembered.faults}
    assert Check.MUST in {fault.check for fault in forgotten.faults}


def test_another_file_is_another_conversation(answerer: Answerer) -> None:
    first = replace(QUESTION, text="Who represents Kyrgyzstan?", session="s", must=())
    follow = replace(QUESTION, text="What is their website?", session="s", must=(("kenesh",),))
    files = [QuestionFile(Path(name), (gold,)) for name, gold in (("a", first), ("b", follow))]
    _, elsewhere = score(files, answerer, NOW).judgements
    assert Check.MUST in {fault.check for fault in elsewhere.faults}
