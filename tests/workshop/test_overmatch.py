"""What `csto-bot check` tells of a planted fault of each kind."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.errors import Problem
from bot.knowledge.folder import load
from bot.workshop.checks import check_folder, check_questions, read_questions
from bot.workshop.overmatch import MARGIN
from bot.workshop.parity import completeness
from bot.workshop.questions import QuestionsError
from tests.knowledge.conftest import Folder, folder

__all__ = ["folder"]

NOW = datetime(2024, 1, 1, tzinfo=UTC)
WHO = {
    "id": "who",
    "category": "representative",
    "lang": "en",
    "question": "Who represents Kyrgyzstan?",
    "outcome": ["answer"],
    "must": [["Shabdanbek Alishev"]],
    "cites": ["Shabdanbek Alishev"],
}


def questions(folder: Folder, *records: dict[str, Any]) -> Path:
    path = folder.path.parent / "questions.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def overmatched(folder: Folder, *records: dict[str, Any]) -> list[Problem]:
    """Give what is told of some question tests."""
    knowledge = load(folder.path)
    files = read_questions(knowledge, [questions(folder, *records)])
    return list(check_questions(knowledge, files, NOW))


def problems(folder: Folder) -> tuple[Problem, ...]:
    return check_folder(folder.path).problems


def test_questions_that_are_taken_by_the_right_intent_are_no_problem(folder: Folder) -> None:
    assert not overmatched(folder, WHO)


def test_a_rule_that_takes_another_intents_question_is_named_with_both(folder: Folder) -> None:
    folder.change(
        "intents.yaml",
        "  average:\n    look_up: average\n    rules:\n",
        "  average:\n    look_up: average\n    rules:\n"
        '      - {needs: "representative, country, who"}\n',
    )
    [told] = overmatched(folder, WHO)
    assert told.line == 1
    assert "taken by average" in told.found
    assert "'Who represents Kyrgyzstan?'" in told.found
    assert "representative" in told.expected
    assert "answers it rightly" in told.expected


def test_a_rule_that_nearly_takes_a_question_is_named_with_the_distance(folder: Folder) -> None:
    right = {**WHO, "id": "how", "question": "How many deputies does Kyrgyzstan send?"}
    right |= {"must": [["6"]], "cites": ["consists of 6 deputies"]}
    assert not overmatched(folder, right)
    folder.change(
        "intents.yaml",
        "  average:\n    look_up: average\n",
        "  nearly:\n    look_up: websites\n    wants: country\n    rules:\n"
        '      - {needs: "count, members|country"}\n'
        "  average:\n    look_up: average\n",
    )
    [told] = overmatched(folder, right)
    assert "taken by composition only 0.000 points before nearly" in told.found
    assert told.expected == f"at least {MARGIN}: nearly would answer wrongly"


def test_words_that_another_intent_swallows_are_told_with_it(folder: Folder) -> None:
    """No rule of the rightful intent holds any more, so nothing is left to compare with."""
    folder.change(
        "languages/en/questions.yaml", '\n  off_topic: "', '\n  off_topic: "who represents, '
    )
    [told] = overmatched(folder, WHO)
    assert "'Who represents Kyrgyzstan?', taken by off_topic: out_of_scope, wanted answer" in (
        told.found
    )
    assert told.expected == "the reply that the question test describes"


def test_a_question_in_a_language_that_there_is_not_is_told(folder: Folder) -> None:
    told = overmatched(folder, {**WHO, "lang": "xx", "reply_language": ["en"]})
    assert [(one.line, one.found) for one in told] == [(1, "the language 'xx' of who")]
    assert told[0].expected == "a language of the knowledge: one of en, ru"


def test_an_id_that_stands_in_two_files_is_told_with_both(folder: Folder) -> None:
    first = questions(folder, WHO)
    second = first.with_name("more.jsonl")
    shutil.copy(first, second)
    knowledge = load(folder.path)
    files = read_questions(knowledge, [first, second])
    [told] = check_questions(knowledge, files, NOW)
    assert (told.path, told.line, told.found) == (str(second), 1, "the id 'who'")
    assert told.expected == f"an id of its own: {first}:1 has the same"


def test_a_rule_that_never_holds_is_dead(folder: Folder) -> None:
    for code in ("en", "ru"):
        folder.change(f"languages/{code}/questions.yaml", "\ncues:\n", '\ncues:\n  silence: ""\n')
    line = folder.change(
        "intents.yaml",
        "      - {needs: average}\n",
        '      - {needs: average}\n      - {needs: "silence, country"}\n',
    )
    [told] = problems(folder)
    assert (told.path, told.line) == (str(folder.path / "intents.yaml"), line + 1)
    assert "dead rule: no language has words for silence" in told.found


@pytest.mark.parametrize("added", ["average", 'average, unless: "country"'])
def test_a_rule_that_another_one_covers_is_dead(folder: Folder, added: str) -> None:
    rule = "      - {needs: average}\n"
    folder.change("intents.yaml", rule, f"{rule}      - {{needs: {added}}}\n")
    [told] = problems(folder)
    assert "dead rule: wherever it holds, rule 1 of average does" in told.found


def test_a_copy_of_an_intent_never_wins_and_is_dead(folder: Folder) -> None:
    text = (folder.path / "intents.yaml").read_text(encoding="utf-8")
    start = text.index("  average:\n")
    whole = text[start : text.index("  difference:\n")]
    line = folder.add("intents.yaml", whole.replace("  average:", "  mean:", 1))
    [told] = problems(folder)
    assert told.line > line
    assert "dead rule: wherever it holds, rule 1 of average does" in told.found


def test_a_rule_that_allows_less_than_one_of_another_intent_is_dead(folder: Folder) -> None:
    folder.add("intents.yaml", "  mean: {look_up: average, rules: [{needs: average}]}\n")
    assert any("rule 1 of average does" in told.found for told in problems(folder))


def test_a_rule_that_asks_for_more_than_another_is_not_dead(folder: Folder) -> None:
    rule = "      - {needs: average}\n"
    folder.change("intents.yaml", rule, rule + '      - {needs: "average, count"}\n')
    assert not problems(folder)


def test_a_name_that_is_read_as_another_thing_is_ambiguous(folder: Folder) -> None:
    """Letters that are levelled make two names one: no list of names shows it."""
    path = folder.path / "languages/ru/names.yaml"
    text = path.read_text(encoding="utf-8")
    place = text.index('aliases: "', text.index("krotov: {")) + len('aliases: "')
    path.write_text(text[:place] + "алишёв*, " + text[place:], encoding="utf-8")
    told = problems(folder)
    line = text[:place].count("\n") + 1
    assert any(
        one.line == line and "ambiguous name 'алишёв*'" in one.found and "alishev" in one.found
        for one in told
    )


def test_a_name_of_two_things_is_told_once_for_each(folder: Folder) -> None:
    for code, old in (("en", 'aliases: "senate*'), ("ru", 'aliases: "госдум*')):
        new = old.replace('"', '"upper place, ')
        folder.change(f"languages/{code}/names.yaml", old, new)
    told = problems(folder)
    assert len(told) == 2
    assert all("'upper place', which is also a name of" in one.found for one in told)


def test_a_name_that_is_never_read_as_it_was_meant_is_told(folder: Folder) -> None:
    folder.change(
        "languages/en/names.yaml", 'aliases: "nat assembly"', 'aliases: "nat assembly, kenesh.kg"'
    )
    [told] = problems(folder)
    assert "'kenesh.kg', which is never read as BY.parliament but as url" in told.found


def test_a_language_without_words_for_an_intent_is_told_and_not_complete(folder: Folder) -> None:
    path = folder.path / "languages/ru/questions.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = ['  average: ""\n' if line.startswith("  average:") else line for line in lines]
    assert kept != lines
    path.write_text("".join(kept), encoding="utf-8")
    [told] = problems(folder)
    assert told.path == str(folder.path / "languages/ru/questions.yaml")
    assert "no words for any rule of the intent 'average'" in told.found
    figures = {one.language: one.percent for one in completeness(load(folder.path))}
    assert figures["en"] == 100
    assert figures["ru"] < 100


def test_an_outcome_that_no_question_test_has_is_told(folder: Folder) -> None:
    knowledge = load(folder.path)
    files = read_questions(knowledge, [questions(folder, WHO)])
    told = "\n".join(map(str, check_questions(knowledge, files, NOW, Path("tests/questions"))))
    assert "no question test in 'en' with the outcome 'clarify'" in told
    assert "no question test in 'ru' with the outcome 'answer'" in told
    assert not overmatched(folder, WHO), "a part of the tests need not have all"


def test_a_gold_quote_that_is_not_in_the_documents_is_told_with_its_line(folder: Folder) -> None:
    wrong = {**WHO, "id": "other", "cites": ["Words of another document"]}
    with pytest.raises(QuestionsError) as error:
        overmatched(folder, WHO, wrong)
    [told] = error.value.problems
    assert told.line == 2
    assert "'Words of another document' at 'cites'" in told.found
    assert told.expected == "words of the documents"
