"""The frozen values: quotes are verbatim, names have forms, facts are found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import KnowledgeError, Problem
from bot.knowledge.folder import load
from bot.knowledge.model import Document, Fact, Name, QuoteError
from tests.knowledge.conftest import Folder

LINES = ("before", "one fish, two fish", "", "red fish", "after")


@pytest.fixture
def document() -> Document:
    return Document("fish", "fish.txt", LINES, 2, 4, "Fish", None, None)


def test_a_quote_knows_its_words_and_its_line(document: Document) -> None:
    quote = document.quote("two fish")
    assert (quote.document, quote.text, quote.first_line, quote.last_line) == (
        "fish",
        "two fish",
        2,
        2,
    )


def test_the_place_tells_which_line_is_meant(document: Document) -> None:
    assert document.quote("fish").first_line == 2
    assert document.quote("fish", 2).first_line == 4
    with pytest.raises(QuoteError):
        document.quote("fish", 3)


@pytest.mark.parametrize("words", ["", "before", "after", "Red fish", "two  fish", "fish\n"])
def test_words_that_do_not_stand_in_the_part_are_no_quote(document: Document, words: str) -> None:
    with pytest.raises(QuoteError):
        document.quote(words)


@given(
    st.lists(st.text(alphabet="ab ", max_size=5), min_size=1), st.text(alphabet="ab ", max_size=3)
)
def test_every_quote_is_verbatim(lines: list[str], words: str) -> None:
    document = Document("any", "any.txt", tuple(lines), 1, len(lines), "Any", None, None)
    try:
        quote = document.quote(words)
    except QuoteError:
        assert not words or all(words not in line for line in lines)
    else:
        assert quote.text == words
        assert words in lines[quote.first_line - 1]


def test_the_head_of_a_document_is_its_first_line(document: Document) -> None:
    assert document.head.text == "one fish, two fish"


def test_a_name_has_forms_and_falls_back_to_the_plain_one() -> None:
    name = Name("Минск", {"in": "в Минске"})
    assert f"{name} {name:in} {name:of}" == "Минск в Минске Минск"


def test_a_fact_is_the_same_wherever_it_is_written() -> None:
    first = Fact("BY", "representative", None, None, place="facts/a.yaml#facts#0")
    assert first == Fact("BY", "representative", None, None)
    assert not first.given


def test_facts_are_found_by_relation_and_subject(folder: Folder) -> None:
    knowledge = load(folder.path)
    (fact,) = knowledge.find("representative", "KG")
    assert fact.value == "alishev"
    assert set(knowledge.find("representative")) > {fact}
    assert knowledge.find("unheard_of") == ()


def test_passages_are_found_by_id(folder: Folder) -> None:
    knowledge = load(folder.path)
    assert "trust" in knowledge.passage("trust").quote.text
    with pytest.raises(KeyError):
        knowledge.passage("unheard_of")


def test_problems_are_written_in_order_and_once() -> None:
    later = Problem("b.yaml", 7, "this", "that")
    first = Problem("a.yaml", 0, "these", "those")
    assert str(KnowledgeError([later, first, later])) == (
        "a.yaml: found these; expected those\nb.yaml:7: found this; expected that"
    )
