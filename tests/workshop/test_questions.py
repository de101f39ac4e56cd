"""Question files: what may stand in them, and how their mistakes are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answering import Outcome
from bot.errors import Problem
from bot.knowledge.model import Knowledge
from bot.workshop import questions
from bot.workshop.questions import GoldQuestion, QuestionsError

SHIPPED = Path(__file__).resolve().parents[1] / "questions" / "dev.jsonl"

FULL: dict[str, Any] = {
    "id": "q1",
    "category": "representative",
    "lang": "en",
    "question": "who represents Belarus?",
    "outcome": ["answer", "clarify"],
    "must": [["Kogut", "Viktor"], ["Belarus"]],
    "must_not": ["Rogalev"],
    "cites": ["Viktor Kogut"],
    "session": "s1",
    "reply_language": ["en", "be"],
    "note": "other keys are for people",
}


def write(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def problems(*paths: Path, texts: tuple[str, ...] = ()) -> tuple[Problem, ...]:
    with pytest.raises(QuestionsError) as raised:
        questions.read(paths, texts)
    return raised.value.problems


def test_a_question_is_read_with_all_that_is_said_of_it(tmp_path: Path) -> None:
    [file] = questions.read([write(tmp_path / "a.jsonl", FULL)])
    assert file.questions == (
        GoldQuestion(
            id="q1",
            category="representative",
            lang="en",
            text="who represents Belarus?",
            outcomes=(Outcome.ANSWER, Outcome.CLARIFY),
            must=(("Kogut", "Viktor"), ("Belarus",)),
            must_not=("Rogalev",),
            cites=("Viktor Kogut",),
            session="s1",
            reply_languages=("en", "be"),
        ),
    )


def test_yaml_and_json_lines_say_the_same(tmp_path: Path) -> None:
    lines = write(tmp_path / "a.jsonl", FULL)
    listed = tmp_path / "a.yaml"
    listed.write_text(f"# a comment\n- {json.dumps(FULL)}\n", encoding="utf-8")
    first, second = questions.read([lines, listed])
    assert first.questions == second.questions


def test_an_empty_question_is_a_question_too(tmp_path: Path) -> None:
    [file] = questions.read([write(tmp_path / "a.jsonl", FULL | {"question": ""})])
    assert file.questions[0].text == ""


def test_blank_lines_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f"\ufeff\n{json.dumps(FULL)}\n\n", encoding="utf-8")
    [file] = questions.read([path])
    assert len(file.questions) == 1


def test_the_shipped_questions_cite_the_shipped_documents(knowledge: Knowledge) -> None:
    texts = {"\n".join(document.lines) for document in knowledge.documents.values()}
    [file] = questions.read([SHIPPED], texts)
    assert len(file.questions) > 200


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"id": None}, "nothing at 'id'"),
        ({"id": " "}, "' ' at 'id'"),
        ({"category": 3}, "3 at 'category'"),
        ({"lang": None}, "nothing at 'lang'"),
        ({"question": None}, "nothing at 'question'"),
        ({"question": ["who?"]}, "['who?'] at 'question'"),
        ({"outcome": []}, "[] at 'outcome'"),
        ({"outcome": None}, "nothing at 'outcome'"),
        ({"outcome": "answer"}, "'answer' at 'outcome'"),
        ({"outcome": ["perhaps"]}, "'perhaps' at 'outcome'"),
        ({"must": ["Kogut"]}, "['Kogut'] at 'must'"),
        ({"must": [[]]}, "[[]] at 'must'"),
        ({"must_not": [""]}, "[''] at 'must_not'"),
        ({"cites": "Kogut"}, "'Kogut' at 'cites'"),
        ({"session": 1}, "1 at 'session'"),
        ({"reply_language": "en"}, "'en' at 'reply_language'"),
    ],
)
def test_a_wrong_field_is_told_with_its_line_and_what_was_found(
    tmp_path: Path, change: dict[str, Any], found: str
) -> None:
    path = write(tmp_path / "a.jsonl", FULL, FULL | {"id": "q2"} | change)
    [problem] = problems(path)
    assert (problem.path, problem.line, problem.found) == (str(path), 2, found)
    assert problem.expected


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    first = tmp_path / "first.jsonl"
    first.write_text(f'{json.dumps(FULL)}\nnot json\n[1]\n{{"id": "x"}}\n', encoding="utf-8")
    second = tmp_path / "second.yaml"
    second.write_text("- id: y\n  question: 6\n\n- just text\n", encoding="utf-8")
    missing = tmp_path / "missing.jsonl"
    told = problems(first, second, missing)
    assert {(Path(one.path).name, one.line) for one in told} == {
        ("first.jsonl", 2),
        ("first.jsonl", 3),
        ("first.jsonl", 4),
        ("second.yaml", 1),
        ("second.yaml", 4),
        ("missing.jsonl", 0),
    }
    fields = [one.found for one in told if (Path(one.path).name, one.line) == ("second.yaml", 1)]
    assert len(fields) == 4, "category, lang, question and outcome are told each"


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"- : [", b"a: 1", b"\xff", b"- {id: 2024-13-45}"]
)
@pytest.mark.parametrize("name", ["a.jsonl", "a.yaml"])
def test_a_file_that_holds_no_questions_is_a_problem(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert all(problem.path == str(path) for problem in problems(path))


def test_two_questions_of_a_file_never_share_an_id(tmp_path: Path) -> None:
    [problem] = problems(write(tmp_path / "a.jsonl", FULL, FULL))
    assert problem.line == 2
    assert "line 1" in problem.expected


def test_questions_of_two_files_may_share_an_id(tmp_path: Path) -> None:
    files = [write(tmp_path / "a.jsonl", FULL), write(tmp_path / "b.jsonl", FULL)]
    assert len(questions.read(files)) == 2


def test_what_has_to_be_quoted_has_to_stand_in_the_documents(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", FULL)
    assert questions.read([path], ["Here is  Viktor\nKogut."])
    [problem] = problems(path, texts=("Nobody is here.",))
    assert "Viktor Kogut" in problem.found


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.dictionaries(st.sampled_from(sorted(FULL)), json_values))
def test_any_object_is_a_question_or_a_problem(tmp_path: Path, record: dict[str, object]) -> None:
    path = write(tmp_path / "a.jsonl", record)
    try:
        told: tuple[Problem, ...] = ()
        questions.read([path])
    except QuestionsError as error:
        told = error.problems
    complete = {"id", "category", "lang", "question", "outcome"} <= set(record)
    assert complete or told
    assert all((problem.path, problem.line) == (str(path), 1) for problem in told)
