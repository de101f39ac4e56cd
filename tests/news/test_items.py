"""An item of news: kept as JSON, composed to a post, refused where Telegram would."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.answering import Answerer
from bot.knowledge.model import NewsItem
from bot.news.items import Flaw, from_json, problems, to_json
from bot.news.post import compose, language_of

ITEM = NewsItem(
    id="2026-05-04-session",
    title={"ru": "Заседание 👍", "en": "A session"},
    summary={
        "ru": "Пройдёт **в мае**.",
        "en": "It will be **in May**.\n\n> See [here](https://a.org)",
    },
    date=date(2026, 5, 4),
    link="https://example.org/session",
    topics=("sessions",),
    source="interview",
)


def flaws(item: NewsItem, answerer: Answerer) -> list[Flaw]:
    knowledge = answerer.knowledge
    found = problems(item, knowledge.languages, knowledge.documents, answerer.wording)
    return [problem.flaw for problem in found]


def test_an_item_is_kept_as_json() -> None:
    assert from_json(to_json(ITEM)) == ITEM
    assert list(from_json(to_json(ITEM)).title) == ["ru", "en"]


def test_a_post_has_title_text_link_and_source(answerer: Answerer) -> None:
    post = compose(ITEM, "en", answerer.wording)
    assert post.text == (
        "A session\n\nIt will be in May.\n\nSee here\n\nhttps://example.org/session\n\n"
        "— Aleksandr Pankin on the Important Role of Parliamentary Diplomacy, line 13,"
        " February 10, 2023"
    )
    shown = [(e["type"], post.text[e["offset"] :][: e["length"]]) for e in post.entities]
    assert ("bold", "A session") in shown
    assert ("blockquote", "See here") in shown
    assert post.preview is None


def test_offsets_count_as_telegram_does(answerer: Answerer) -> None:
    post = compose(ITEM, "ru", answerer.wording)
    in_may = post.entities[1]
    encoded = post.text.encode("utf-16-le")
    start, end = in_may["offset"] * 2, (in_may["offset"] + in_may["length"]) * 2
    assert encoded[start:end].decode("utf-16-le") == "в мае"


def test_a_reader_of_another_language_gets_the_first(answerer: Answerer) -> None:
    assert language_of(ITEM, "hy") == "ru"
    assert compose(ITEM, "hy", answerer.wording).language == "ru"


def test_a_correction_says_when(answerer: Answerer) -> None:
    at = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
    post = compose(ITEM, "en", answerer.wording, updated=at)
    assert post.text.endswith("February 10, 2023\nUpdated May 4, 2026, 09:30 UTC")


def test_a_document_that_is_gone_leaves_the_post_without_its_line(answerer: Answerer) -> None:
    post = compose(replace(ITEM, source="gone"), "en", answerer.wording)
    assert post.text.endswith("https://example.org/session")


def test_a_preview_is_shown_only_where_it_is_wished(answerer: Answerer) -> None:
    post = compose(replace(ITEM, preview=True), "en", answerer.wording)
    assert post.preview == "https://example.org/session"


def test_a_good_item_has_no_flaw(answerer: Answerer) -> None:
    assert flaws(ITEM, answerer) == []
    assert flaws(replace(ITEM, summary={}), answerer) == []


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ({"title": {}}, Flaw.NO_TITLE),
        ({"title": {"en": "  "}, "summary": {}}, Flaw.NO_TITLE),
        ({"title": {"xx": "A", "en": "A", "ru": "A"}}, Flaw.NO_SUCH_LANGUAGE),
        ({"title": {"en": "A"}}, Flaw.UNEQUAL),
        ({"summary": {"en": "A"}}, Flaw.UNEQUAL),
        ({"summary": {"en": "**A", "ru": "A"}}, Flaw.BROKEN_MARKUP),
        ({"summary": {"en": "A" * 10_000, "ru": "A"}}, Flaw.TOO_LONG),
        ({"summary": {"en": "👍" * 2_000, "ru": "A"}}, Flaw.TOO_LONG),
        (
            {"summary": {"en": "A" * 1_000, "ru": "A"}, "image": "telegram:x"},
            Flaw.TOO_LONG_CAPTION,
        ),
        ({"summary": {"en": "**A** " * 101, "ru": "A"}}, Flaw.TOO_MARKED),
        ({"link": "ftp://example.org"}, Flaw.BAD_LINK),
        ({"link": "https://"}, Flaw.BAD_LINK),
        ({"link": "https://exa mple.org"}, Flaw.BAD_LINK),
        ({"image": "http://example.org/a.png"}, Flaw.BAD_IMAGE),
        ({"topics": ("two words",)}, Flaw.BAD_TOPIC),
        ({"source": "nothing"}, Flaw.NO_SUCH_DOCUMENT),
    ],
)
def test_what_cannot_be_announced_is_told(
    change: dict[str, object], flaw: Flaw, answerer: Answerer
) -> None:
    item = replace(ITEM, **change)  # type: ignore[arg-type]  # each row changes what it names
    assert flaw in flaws(item, answerer)


def test_a_correction_always_has_room(answerer: Answerer) -> None:
    at = datetime(2026, 9, 30, 9, 30, tzinfo=UTC)
    for length in range(3900, 4096):
        item = replace(ITEM, title={"en": "A"}, summary={"en": "a" * length})
        if not flaws(item, answerer):
            assert compose(item, "en", answerer.wording, updated=at).fits


def test_each_flaw_can_be_said_in_each_language(answerer: Answerer) -> None:
    for code in answerer.knowledge.languages:
        replies = answerer.knowledge.languages[code].replies
        assert {f"item_{flaw}" for flaw in Flaw} <= set(replies)
