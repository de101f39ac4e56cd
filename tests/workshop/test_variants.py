"""A right answer holds however a question is written; questions worded alike are told apart."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.answering import Answerer, Outcome
from bot.answering.loading import load
from bot.errors import KnowledgeError
from bot.knowledge.folder import shipped_folder
from bot.workshop import questions, steadiness, twins, writing
from bot.workshop.questions import GoldQuestion, QuestionFile
from bot.workshop.variants import Variants
from bot.workshop.writing import Ways
from tests.knowledge.conftest import Folder, folder

__all__ = ["folder"]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLE = 20
"""One variant of so many is tried here; `csto-bot variants` tries all."""


@pytest.fixture(scope="module")
def ways(answerer: Answerer) -> Ways:
    return writing.read(shipped_folder(), answerer.knowledge)


def variants_of(text: str, code: str, answerer: Answerer, ways: Ways) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    maker = Variants(answerer, code, ways.writing[code], ways.fixed_order)
    for variant in maker.of(text, "seed"):
        made.setdefault(variant.kind, []).append(variant.text)
    return made


def test_a_sample_of_the_variants_keeps_the_answers(answerer: Answerer, ways: Ways) -> None:
    files = questions.read(questions.shipped())
    found = steadiness.measure(files, (), answerer, ways, NOW, SAMPLE)
    assert found.kept.asked > 1_000
    assert found.kept.percent >= steadiness.KEPT


def test_all_twins_are_told_apart(answerer: Answerer, ways: Ways) -> None:
    found = steadiness.measure((), twins.pairs(ways, answerer.knowledge), answerer, ways, NOW)
    assert found.apart.asked >= 500
    assert not found.broken


def test_a_question_is_written_in_every_way(answerer: Answerer, ways: Ways) -> None:
    made = variants_of("Кто представляет Киргизию?", "ru", answerer, ways)
    assert "Kto predstavlyaet Kirgiziyu?" in made["transliteration"]
    assert "Rnj ghtlcnfdkztn Rbhubpb.&" in made["layout"]
    assert "кто представляет киргизию" in made["speech"]
    assert "КТО ПРЕДСТАВЛЯЕТ КИРГИЗИЮ?" in made["case"]
    assert "Киргизию Кто представляет?" in made["order"]
    assert len(made["typo"]) > 1
    assert {"polite before", "polite after", "polite around", "punctuation"} <= made.keys()


def test_another_layout_has_capitals_and_marks_elsewhere(answerer: Answerer, ways: Ways) -> None:
    made = variants_of("Беларусь, Казахстан: сколько депутатов?", "ru", answerer, ways)
    assert made["layout"] == ["<tkfhecm? Rfpf[cnfy: crjkmrj ltgenfnjd&"]


def test_a_misspelling_is_no_other_word_in_any_spelling(answerer: Answerer, ways: Ways) -> None:
    """Mistyped, the name of Russia may be the Tajik word for a chairman, levelled."""
    for seed in range(40):
        maker = Variants(answerer, "be", ways.writing["be"], ways.fixed_order)
        assert "а Раісі?" not in {variant.text for variant in maker.of("а Расіі?", str(seed))}


def test_the_same_question_gives_the_same_variants(answerer: Answerer, ways: Ways) -> None:
    text = "Who represents Kyrgyzstan?"
    assert variants_of(text, "en", answerer, ways) == variants_of(text, "en", answerer, ways)


def test_a_code_that_counts_in_capitals_only_keeps_them(answerer: Answerer, ways: Ways) -> None:
    made = variants_of("how many members from BY", "en", answerer, ways)
    assert "speech" not in made
    assert "how many members from by" not in made["case"]


def test_what_another_order_changes_is_not_moved(answerer: Answerer, ways: Ways) -> None:
    assert "order" not in variants_of("Everyone except Russia?", "en", answerer, ways)


def test_an_answer_that_a_variant_loses_is_told(answerer: Answerer, ways: Ways) -> None:
    right = GoldQuestion("q", "representative", "en", "Who represents Belarus?",
                         (Outcome.ANSWER,), (("Kogut",),))  # fmt: skip
    file = QuestionFile(Path("q.jsonl"), (right,))
    shape = ways.writing["en"].model_copy(update={"after": ("and who does not?",)})
    lossy = Ways({"en": shape}, ways.twins, ways.fixed_order)
    found = steadiness.measure([file], (), answerer, lossy, NOW)
    assert not all(one.is_kept for one in found.variants if one.kind == "polite after")
    assert all(one.is_kept for one in found.variants if one.kind == "case")
    assert found.as_json()["variants"]["failures"]


def test_a_wrong_question_has_no_variants(answerer: Answerer, ways: Ways) -> None:
    wrong = GoldQuestion("q", "representative", "en", "Who represents Belarus?",
                         (Outcome.ANSWER,), (("Krotov",),))  # fmt: skip
    found = steadiness.measure([QuestionFile(Path("q"), (wrong,))], (), answerer, ways, NOW)
    assert not found.variants


def problems_of(broken: Folder) -> str:
    knowledge = load(broken.path)
    with pytest.raises(KnowledgeError) as caught:
        writing.read(broken.path, knowledge)
    return str(caught.value)


def test_a_language_without_ways_of_writing_is_told(folder: Folder) -> None:
    (folder.path / "languages/ru/writing.yaml").unlink()
    assert "languages/ru/writing.yaml: found no such file" in problems_of(folder)


def test_twins_that_a_language_lacks_or_only_it_has_are_told(folder: Folder) -> None:
    folder.change("languages/ru/writing.yaml", "  denied: {", "  denyed: {")
    told = problems_of(folder)
    assert "found no twins 'denied'" in told
    assert "found twins 'denyed'" in told
