"""Text and entities: whatever the text is, Telegram takes it and the quotes stay whole."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from telegram import MessageEntity

from bot.news.text import clean, units
from bot.telegram.render import (
    LONGEST,
    MOST_ENTITIES,
    Block,
    Rendered,
    emphasised,
    headed,
    messages,
    quoted,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60).filter(
    lambda text: text.strip() == text
)
QUOTES = TEXTS.map(quoted)
BLOCKS = st.lists(
    st.one_of(QUOTES, TEXTS.map(Block), st.builds(headed, TEXTS, TEXTS)), max_size=25
)


def cut_out(text: str, entity: dict[str, Any]) -> str:
    """Give what Telegram would mark, counting as it does."""
    coded = text.encode("utf-16-le")
    start = 2 * entity["offset"]
    return coded[start : start + 2 * entity["length"]].decode("utf-16-le")


def shown(found: list[Rendered]) -> list[str]:
    return [
        cut_out(one.text, entity)
        for one in found
        for entity in one.entities
        if entity["type"] == MessageEntity.EXPANDABLE_BLOCKQUOTE
    ]


@given(BLOCKS, st.integers(130, 400))
def test_quotes_stay_whole_and_in_order(blocks: list[Block], longest: int) -> None:
    found = messages(blocks, longest)
    assert shown(found) == [
        block.text
        for block in blocks
        if block.spans and block.spans[0].kind == MessageEntity.EXPANDABLE_BLOCKQUOTE
    ]
    assert all(0 < units(one.text) <= longest for one in found)
    assert all(len(one.entities) <= MOST_ENTITIES for one in found)


@given(BLOCKS, st.integers(20, 200))
def test_no_word_is_lost_or_repeated(blocks: list[Block], longest: int) -> None:
    found = messages(blocks, longest)
    before = "".join("".join(block.text.split()) for block in blocks)
    assert "".join("".join(one.text.split()) for one in found) == before


@given(st.text(max_size=300), st.integers(2, 50))
def test_no_character_is_cut_in_two(text: str, longest: int) -> None:
    for one in messages([Block(clean(text))], longest):
        one.text.encode("utf-8")
        assert units(one.text) <= longest


def test_a_quote_too_long_for_a_message_is_cut_between_words() -> None:
    words = " ".join(f"word{number}" for number in range(2000))
    found = messages([quoted(words)])
    assert len(found) > 1
    assert " ".join(shown(found)) == words
    assert all(units(one.text) <= LONGEST for one in found)


def test_more_entities_than_a_message_may_have_are_spread() -> None:
    found = messages([quoted(f"line {number}", "\n") for number in range(250)])
    assert [len(one.entities) for one in found] == [100, 100, 50]


@given(TEXTS, st.lists(TEXTS, max_size=5))
def test_emphasis_marks_whole_words_once(text: str, words: list[str]) -> None:
    spans = emphasised(text, words).spans
    assert all(text[span.start : span.end] in words for span in spans)
    assert all(one.end <= two.start for one, two in pairwise(spans))


@given(st.text())
def test_what_a_person_wrote_cannot_turn_the_text(text: str) -> None:
    kept = clean(text)
    assert not {"\u202e", "\u2066", "\u200f", "\x00", "\r"} & set(kept)
    kept.encode()


def test_emoji_and_accents_are_kept() -> None:
    assert clean(" 👩‍👩‍👧 é и́ 🇰🇬 ") == "👩‍👩‍👧 é и́ 🇰🇬"
