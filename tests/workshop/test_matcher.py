"""The bot's own scorer, measured on labelled sentences as public comparisons do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workshop import matcher
from bot.workshop.matcher import OUT_OF_SCOPE, Example
from bot.workshop.questions import QuestionsError

TRAIN = """\
sentence,label
what does the mattress cost,COST
how much is the large one,COST
"price, please",COST
where is my parcel,ORDER
has my order been sent,ORDER
when will the parcel arrive,ORDER
"""
TEST = f"""\
sentence,label
how much does the mattress cost?,COST
Where is my order now?,ORDER
quantum chromodynamics,{OUT_OF_SCOPE}
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    train.write_text(TRAIN, encoding="utf-8")
    test.write_text(TEST, encoding="utf-8")
    return train, test


def test_sentences_like_the_examples_get_their_labels_and_strange_ones_none(
    files: tuple[Path, Path],
) -> None:
    own, plain = matcher.measure(*matcher.read(*files))
    assert own.best.accuracy == own.best.mcc == own.best.out_of_scope_recall == 1.0
    assert [row.threshold for row in own.rows] == [tenth / 10 for tenth in range(1, 10)]
    assert plain.best.in_scope_accuracy > 0.5


def test_a_threshold_that_nothing_reaches_leaves_everything_out_of_scope() -> None:
    test = [Example("a", "A"), Example("b", OUT_OF_SCOPE)]
    swept = matcher.sweep("never sure", lambda text: ("A", 0.05), test)
    assert {row.out_of_scope_recall for row in swept.rows} == {1.0}
    assert {row.in_scope_accuracy for row in swept.rows} == {0.0}


def test_a_label_with_many_examples_does_not_drown_one_with_few() -> None:
    train = [Example(f"the price of {size} beds", "COST") for size in "abcdefghij" * 3]
    train.append(Example("the colour of beds", "LOOK"))
    own, _ = matcher.measure(train, [Example("which colour", "LOOK"), Example("price", "COST")])
    assert own.rows[0].accuracy == 1.0


@given(st.lists(st.sampled_from("abc"), min_size=1))
def test_the_correlation_of_a_labelling_with_itself_is_whole_or_none(labels: list[str]) -> None:
    expected = 1.0 if len(set(labels)) > 1 else 0.0
    assert matcher.correlation(labels, labels) == pytest.approx(expected)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_a_correlation_is_between_minus_one_and_one(pairs: list[tuple[str, str]]) -> None:
    wanted, given_ = zip(*pairs, strict=True)
    assert -1.0 - 1e-9 <= matcher.correlation(wanted, given_) <= 1.0 + 1e-9


@pytest.mark.parametrize(
    ("train", "told"),
    [
        ("sentence\nhello\n", "train.csv:1: found 1 column, none of them 'label'"),
        ("", "train.csv:1: found 0 columns"),
        ("sentence,label\n", "found no sentence"),
        ("sentence,label\nhello,A\nbye\n", "train.csv:3: found 1 cell; expected 2"),
        ("sentence,label\nhello,A\nbye,\n", "train.csv:3: found no label"),
        ("sentence,label\nhello,A\n", f"found 1 label beside {OUT_OF_SCOPE}"),
        ('sentence,label\n"hello,A\n', "found no CSV"),
        ("sentence,label\nyes,please,A\n", "train.csv:2: found 3 cells; expected 2, as in line 1"),
        (TRAIN.replace("ORDER", "PARCEL"), "test.csv:3: found the label 'ORDER', of which"),
        (TRAIN.replace("ORDER", "PARCEL"), "a label to learn from: one of COST, PARCEL; or"),
    ],
)
def test_a_file_that_cannot_be_learnt_from_is_named_with_what_to_do(
    train: str, told: str, files: tuple[Path, Path]
) -> None:
    files[0].write_text(train, encoding="utf-8")
    with pytest.raises(QuestionsError) as caught:
        matcher.read(*files)
    assert told in str(caught.value)


def test_all_problems_of_both_files_are_told_at_once(files: tuple[Path, Path]) -> None:
    files[0].write_text("text\n", encoding="utf-8")
    files[1].write_bytes(b"sentence,label\n\xff,A\n")
    with pytest.raises(QuestionsError) as caught:
        matcher.read(*files)
    assert len(caught.value.problems) == 2
    assert "test.csv:2: found bytes that are not UTF-8; expected a file saved as UTF-8" in str(
        caught.value
    )


def test_a_file_that_is_not_there_is_told(tmp_path: Path, files: tuple[Path, Path]) -> None:
    with pytest.raises(QuestionsError, match="cannot be read"):
        matcher.read(tmp_path / "nowhere.csv", files[1])
