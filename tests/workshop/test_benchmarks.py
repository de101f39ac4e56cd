"""What the benchmarks measure and how they say it; how fast a machine is, is no test."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering import Answerer
from bot.errors import BotError
from bot.knowledge.folder import shipped_folder
from bot.knowledge.model import Knowledge
from bot.workshop import benchmarks
from bot.workshop.benchmarks import Asked, Figure
from bot.workshop.growth import Size

ASKED = (
    Asked("Who represents Belarus?", "en", "s"),
    Asked("And Kyrgyzstan?", "en", "s"),
    Asked("hello"),
)


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_all_values_but_one_in_a_hundred_keep_below_the_99th_percentile(
    values: list[float],
) -> None:
    reached = benchmarks.percentile(values, 99)
    assert reached in values
    assert sum(value <= reached for value in values) >= 0.99 * len(values)


def test_a_percentile_is_one_of_the_values() -> None:
    assert benchmarks.percentile(range(1, 101), 99) == 99
    assert benchmarks.percentile(range(1, 101), 50) == 50
    assert benchmarks.percentile([7.0], 99) == 7.0


def test_every_answer_of_every_pass_is_timed(answerer: Answerer) -> None:
    first, warm = benchmarks.time_answers(answerer, ASKED, passes=4)
    assert len(first) == 3
    assert len(warm) == 12
    assert min(*first, *warm) > 0


def test_a_figure_holds_up_to_its_limit() -> None:
    at_limit = Figure("a", "a thing", 2.0, "ms", 2.0, "measured")
    assert at_limit.holds
    assert not Figure("a", "a thing", 2.1, "ms", 2.0, "measured").holds
    assert Figure("b", "imports", "nothing", "", "nothing", "looked").holds
    assert not Figure("b", "imports", "telegram", "", "nothing", "looked").holds


def test_the_knowledge_itself_gives_questions_in_each_language(knowledge: Knowledge) -> None:
    examples = benchmarks.examples(knowledge)
    assert {asked.language for asked in examples} == set(knowledge.languages)
    assert all(asked.text.strip() for asked in examples)


def test_everything_is_measured_and_says_how(knowledge: Knowledge) -> None:
    figures = benchmarks.measure(
        shipped_folder(), knowledge, ASKED, "three questions", starts=1, size=Size(120, 60, 60)
    )
    assert [figure.key for figure in figures] == [
        "answer_median",
        "answer_p99",
        "answer_slowest",
        "loading",
        "memory",
        "ask_cold",
        "kept_out",
        "grown_loading",
        "grown_answer_p99",
    ]
    assert all(figure.how and figure.what for figure in figures)
    by_key = {figure.key: figure for figure in figures}
    assert "three questions" in by_key["answer_median"].how
    assert by_key["kept_out"].value == "nothing", "a question needs neither Telegram nor SQL"
    assert isinstance(by_key["memory"].value, float)
    assert by_key["memory"].value > 1
    assert benchmarks.as_json(figures)["loading"]["unit"] == "ms"


def test_a_process_that_fails_is_told_not_measured(tmp_path: Path, knowledge: Knowledge) -> None:
    with pytest.raises(BotError, match="status"):
        benchmarks.measure(tmp_path / "nowhere", knowledge, ASKED, "three", starts=1)
