"""A knowledge that has grown is a right one, and is answered from as rightly as a small one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.answering import Answerer, Conversation, Outcome, Question, Reply
from bot.answering.scorer import MOST_FITTED
from bot.knowledge.folder import shipped_folder
from bot.knowledge.model import Knowledge
from bot.workshop.checks import check_folder
from bot.workshop.growth import ASKED_ABOUT_PASSAGES, Size, make

NOW = datetime(2024, 1, 1, tzinfo=UTC)
SIZE = Size(passages=1_500, facts=80, entities=90)


@pytest.fixture(scope="module")
def grown(
    tmp_path_factory: pytest.TempPathFactory, knowledge: Knowledge
) -> tuple[Answerer, tuple[str, ...]]:
    folder = tmp_path_factory.mktemp("grown") / "knowledge"
    questions = make(folder, shipped_folder(), knowledge, SIZE)
    found = check_folder(folder)
    assert found.problems == ()
    return Answerer(found.knowledge), questions


def ask(answerer: Answerer, text: str) -> Reply:
    return answerer.answer(Question(text), Conversation(), NOW)[0]


def test_it_is_as_large_as_was_wanted(
    grown: tuple[Answerer, tuple[str, ...]], knowledge: Knowledge
) -> None:
    made = grown[0].knowledge
    passages = sum(len(document.passages) for document in made.documents.values())
    shipped = sum(len(document.passages) for document in knowledge.documents.values())
    assert passages - shipped == SIZE.passages
    assert len(made.entities) - len(knowledge.entities) == SIZE.entities
    assert len(made.facts) - len(knowledge.facts) >= SIZE.facts


def test_the_same_size_is_the_same_knowledge(
    grown: tuple[Answerer, tuple[str, ...]], knowledge: Knowledge, tmp_path: Path
) -> None:
    again = make(tmp_path / "again", shipped_folder(), knowledge, SIZE)
    assert again == grown[1]


def test_its_facts_are_answered(grown: tuple[Answerer, tuple[str, ...]]) -> None:
    answerer, questions = grown
    about_facts = questions[ASKED_ABOUT_PASSAGES:]
    assert about_facts
    for text in about_facts:
        assert ask(answerer, text).outcome is Outcome.ANSWER, text


def test_a_passage_is_found_among_more_than_one_layer_can_hold(
    grown: tuple[Answerer, tuple[str, ...]],
) -> None:
    answerer, questions = grown
    assert SIZE.passages > MOST_FITTED / 3, "with its questions, more examples than one layer has"
    found = 0
    for text in questions[:ASKED_ABOUT_PASSAGES]:
        reply = ask(answerer, text)
        asked = text.removeprefix("what is said about ").removesuffix("?").split()
        quoted = " ".join(source.quote for source in reply.sources).casefold().split()
        found += reply.outcome is Outcome.ANSWER and asked[-1] in " ".join(quoted)
    assert found >= 0.9 * ASKED_ABOUT_PASSAGES


def test_what_ships_is_still_answered_from_it(grown: tuple[Answerer, tuple[str, ...]]) -> None:
    reply = ask(grown[0], "What does Pankin say about trust between countries?")
    assert "build trust between countries" in reply.answer
    assert ask(grown[0], "who represents Kyrgyzstan?").answer.startswith("Shabdanbek Alishev")
