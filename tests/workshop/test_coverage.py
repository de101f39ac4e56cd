"""Which sentences and facts no question reaches, and how that is shown."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bot.answering import Answerer, Conversation, Question
from bot.workshop import questions
from bot.workshop.coverage import Coverage, coverage, page, summary

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def covered(tmp_path: Path, answerer: Answerer, *texts: str) -> Coverage:
    path = tmp_path / "questions.jsonl"
    lines: list[dict[str, Any]] = [
        {"id": str(number), "category": "c", "lang": "en", "question": text, "outcome": ["answer"]}
        for number, text in enumerate(texts)
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return coverage(questions.read([path]), answerer, NOW)


def facts(found: Coverage) -> set[str]:
    return {told.name for told in found.facts if told.reached}


def test_a_sentence_is_reached_by_the_questions_whose_replies_quote_it(
    tmp_path: Path, answerer: Answerer
) -> None:
    found = covered(
        tmp_path, answerer, "who represents Kyrgyzstan?", "what does Pankin say about trust?"
    )
    reached = [one.text for one in found.sentences if one.reached]
    assert any("Shabdanbek Alishev" in text for text in reached)
    assert any("build trust between countries" in text for text in reached)
    assert len(reached) == 2
    assert summary(found).startswith("2 questions reach 2 of ")


def test_a_line_is_not_credited_with_the_quote_of_another_that_says_the_same(
    tmp_path: Path, answerer: Answerer
) -> None:
    asked = "What was the occasion of the interview?"
    found = covered(tmp_path, answerer, asked)
    reply, _ = answerer.answer(Question(asked), Conversation(), NOW)
    lines = {line for one in reply.sources for line in range(one.first_line, one.last_line + 1)}
    texts = Counter(one.text for one in found.sentences)
    assert any(texts[one.text] > 1 for one in found.sentences if one.reached)
    assert {one.line for one in found.sentences if one.reached} == lines


def test_facts_that_are_not_reached_come_first_on_the_page_with_their_lines(
    tmp_path: Path, answerer: Answerer
) -> None:
    shown = page(covered(tmp_path, answerer, "who represents Kyrgyzstan?"), answerer.knowledge)
    rows = shown.partition("<h2>Facts</h2>")[2].split("<tr>")[2:]
    reached = ['class="no"' not in row for row in rows]
    assert reached == sorted(reached)
    assert any(reached)
    assert "<td>2</td>" in next(row for row in rows if "BY representative" in row)


def test_sentences_are_whole_and_stand_in_their_line(tmp_path: Path, answerer: Answerer) -> None:
    found = covered(tmp_path, answerer, "hello")
    for one in found.sentences:
        document = answerer.knowledge.documents[one.document]
        assert one.text in document.lines[one.line - 1]
    assert any(one.text == "February 10 is Diplomats’ Day in Russia." for one in found.sentences)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("who represents Kyrgyzstan?", "KG representative: alishev"),
        ("how many deputies from the Mazhilis?", "KZ members of KZ.mazhilis: 8"),
        ("website of the Kyrgyz parliament", "KG website of KG.council: http://www.kenesh.kg/"),
        ("when was the interview?", "interview date: 2023-02-10"),
        ("who represents Tajikistan?", "TJ representative: not given"),
    ],
)
def test_a_fact_is_reached_by_the_question_that_it_answers(
    tmp_path: Path, answerer: Answerer, text: str, name: str
) -> None:
    assert name in facts(covered(tmp_path, answerer, text))
    assert name not in facts(covered(tmp_path, answerer, "who represents Belarus?"))


def test_what_is_not_reached_is_given_as_data(tmp_path: Path, answerer: Answerer) -> None:
    data = covered(tmp_path, answerer, "who represents Kyrgyzstan?").as_json()
    assert data["asked"] == 1
    assert len(data["sentences_not_reached"]) == data["sentences"] - 1
    assert {"place", "fact"} == set(data["facts_not_reached"][0])


class Spans(HTMLParser):
    """Gathers the texts of a page by the class of what they stand in."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(dict(attrs).get("class") or "")

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))


def test_the_page_marks_each_sentence_over_the_whole_text(
    tmp_path: Path, answerer: Answerer
) -> None:
    found = covered(tmp_path, answerer, "who represents Kyrgyzstan?")
    spans = Spans()
    spans.feed(page(found, answerer.knowledge))
    assert not spans.open, "every tag is closed"
    marked = {text: shade for shade, text in spans.texts if shade in {"no", "few", "many"}}
    for one in found.sentences:
        assert marked[one.text] == ("few" if one.reached else "no")


def test_words_of_a_document_are_no_markup_on_the_page(tmp_path: Path, answerer: Answerer) -> None:
    assert "Organization’s" in page(covered(tmp_path, answerer, "hello"), answerer.knowledge)
    assert "Diplomats' Day" not in page(covered(tmp_path, answerer, "hello"), answerer.knowledge)
