"""Times as editors type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Problem
from bot.knowledge.folder import shipped_folder
from bot.knowledge.model import Knowledge
from bot.knowledge.time_words import read_time_words
from bot.news.times import TimeProblem, shown
from bot.news.times import read as read_with

LANGUAGES = ("en", "ru", "be", "kk", "ky", "tg", "hy")
PROBLEMS: list[Problem] = []
WORDS = read_time_words(shipped_folder(), LANGUAGES, PROBLEMS)
MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 12, 30, tzinfo=MOSCOW)
"""A Tuesday."""


def read(text: str, now: datetime, zone: tzinfo) -> datetime | TimeProblem:
    return read_with(text, now, zone, WORDS)


def test_the_words_of_every_language_are_read() -> None:
    assert (PROBLEMS, len(WORDS)) == ([], len(LANGUAGES))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tomorrow 9:00", "2026-11-25 09:00"),
        ("Tomorrow at 9", "2026-11-25 09:00"),
        ("tomorrow", "2026-11-25 09:00"),
        ("9:00 tomorrow", "2026-11-25 09:00"),
        ("today 18:00", "2026-11-24 18:00"),
        ("today at 6 pm", "2026-11-24 18:00"),
        ("tomorrow at 7 in the evening", "2026-11-25 19:00"),
        ("6:15pm", "2026-11-24 18:15"),
        ("12 am", "2026-11-25 00:00"),
        ("noon", "2026-11-25 12:00"),
        ("18:00", "2026-11-24 18:00"),
        ("9:00", "2026-11-25 09:00"),
        ("the day after tomorrow, 10:30", "2026-11-26 10:30"),
        ("in 2 hours", "2026-11-24 14:30"),
        ("in an hour", "2026-11-24 13:30"),
        ("in half an hour", "2026-11-24 13:00"),
        ("in 1.5 hours", "2026-11-24 14:00"),
        ("in 1 hour and 30 minutes", "2026-11-24 14:00"),
        ("in 45 min", "2026-11-24 13:15"),
        ("in 2 days", "2026-11-26 12:30"),
        ("in 2 days at 10:00", "2026-11-26 10:00"),
        ("in a week", "2026-12-01 12:30"),
        ("monday 10:00", "2026-11-30 10:00"),
        ("on Friday", "2026-11-27 09:00"),
        ("Tuesday 10:00", "2026-12-01 10:00"),
        ("Tuesday 15:00", "2026-11-24 15:00"),
        ("1 December 10:00", "2026-12-01 10:00"),
        ("December 1st, 2027 at 10:00", "2027-12-01 10:00"),
        ("1 March", "2027-03-01 09:00"),
        ("29 February 8:00", "2028-02-29 08:00"),
        ("01.12.2026 10:00", "2026-12-01 10:00"),
        ("1.12 10:00", "2026-12-01 10:00"),
        ("2026-12-01T10:00", "2026-12-01 10:00"),
        ("2026-12-01 10:00", "2026-12-01 10:00"),
        ("2026-12-01T10:00Z", "2026-12-01 13:00"),
        ("2026-12-01T10:00:00+05:00", "2026-12-01 08:00"),
        ("2026-12-01", "2026-12-01 09:00"),
        ("tomorrow 9:00 UTC", "2026-11-25 12:00"),
        ("tomorrow 9:00 utc+5", "2026-11-25 07:00"),
        ("now", "2026-11-24 12:30"),
        ("завтра 9:00", "2026-11-25 09:00"),
        ("Завтра в 9", "2026-11-25 09:00"),
        ("завтра в 9 утра", "2026-11-25 09:00"),
        ("завтра в 7 вечера", "2026-11-25 19:00"),
        ("сегодня в 18:00", "2026-11-24 18:00"),
        ("послезавтра, 10:30", "2026-11-26 10:30"),
        ("через 2 часа", "2026-11-24 14:30"),
        ("через час", "2026-11-24 13:30"),
        ("через полчаса", "2026-11-24 13:00"),
        ("через 1 час 30 минут", "2026-11-24 14:00"),
        ("через 2 дня в 10:00", "2026-11-26 10:00"),
        ("через неделю", "2026-12-01 12:30"),
        ("в понедельник в 10:00", "2026-11-30 10:00"),
        ("в среду", "2026-11-25 09:00"),
        ("во вторник в 10", "2026-12-01 10:00"),
        ("1 декабря в 10:00", "2026-12-01 10:00"),
        ("1 декабря 2027 года, 10:00", "2027-12-01 10:00"),
        ("в 18 часов", "2026-11-24 18:00"),
        ("в полдень", "2026-11-25 12:00"),
        ("25 ноября, 9:30 мск", "2026-11-25 09:30"),
        ("сейчас", "2026-11-24 12:30"),
        ("заўтра 9:00", "2026-11-25 09:00"),
        ("заўтра а 9-й", "2026-11-25 09:00"),
        ("паслязаўтра ў 10:30", "2026-11-26 10:30"),
        ("сёння а 7 вечара", "2026-11-24 19:00"),
        ("праз 2 гадзіны", "2026-11-24 14:30"),
        ("праз паўгадзіны", "2026-11-24 13:00"),
        ("праз 3 дні а 10:00", "2026-11-27 10:00"),
        ("у пятніцу а 10:00", "2026-11-27 10:00"),
        ("1 снежня 2027 года, 10:00", "2027-12-01 10:00"),
        ("зараз", "2026-11-24 12:30"),
        ("ертең 9:00", "2026-11-25 09:00"),
        ("ертең сағат 10-да", "2026-11-25 10:00"),
        ("бүрсігүні 10:30-да", "2026-11-26 10:30"),
        ("бүгін кешкі 7", "2026-11-24 19:00"),
        ("ертең таңғы сағат 9-да", "2026-11-25 09:00"),
        ("2 сағаттан кейін", "2026-11-24 14:30"),
        ("жарты сағаттан кейін", "2026-11-24 13:00"),
        ("3 күннен кейін 10:00-де", "2026-11-27 10:00"),
        ("жұма күні 10:00", "2026-11-27 10:00"),
        ("келесі дүйсенбіде 10:00", "2026-11-30 10:00"),
        ("2027 жылғы 1 желтоқсанда 10:00", "2027-12-01 10:00"),
        ("қазір", "2026-11-24 12:30"),
        ("эртең 9:00", "2026-11-25 09:00"),
        ("эртең саат 10до", "2026-11-25 10:00"),
        ("эртең эртең мененки 9", "2026-11-25 09:00"),
        ("бүрсүгүнү 10:30", "2026-11-26 10:30"),
        ("бүгүн кечки саат 7де", "2026-11-24 19:00"),
        ("2 сааттан кийин", "2026-11-24 14:30"),
        ("жарым сааттан кийин", "2026-11-24 13:00"),
        ("бир жумадан кийин", "2026-12-01 12:30"),
        ("жума күнү 10:00", "2026-11-27 10:00"),
        ("2027-жылдын 1-декабрында 10:00", "2027-12-01 10:00"),
        ("азыр", "2026-11-24 12:30"),
        ("фардо 9:00", "2026-11-25 09:00"),
        ("пагоҳ соати 10", "2026-11-25 10:00"),
        ("пасфардо соати 10:30", "2026-11-26 10:30"),
        ("имрӯз соати 7-и шом", "2026-11-24 19:00"),
        ("фардо соати 9-и субҳ", "2026-11-25 09:00"),
        ("пас аз 2 соат", "2026-11-24 14:30"),
        ("баъд аз ним соат", "2026-11-24 13:00"),
        ("пас аз 3 рӯз соати 10:00", "2026-11-27 10:00"),
        ("рӯзи ҷумъа соати 10", "2026-11-27 10:00"),
        ("1-уми декабри соли 2027 соати 10:00", "2027-12-01 10:00"),
        ("ҳозир", "2026-11-24 12:30"),
        ("վաղը 9:00", "2026-11-25 09:00"),
        ("վաղը ժամը 10-ին", "2026-11-25 10:00"),
        ("վաղը չէ մյուս օրը ժամը 10:30-ին", "2026-11-26 10:30"),
        ("այսօր երեկոյան ժամը 7-ին", "2026-11-24 19:00"),
        ("վաղն առավոտյան 9", "2026-11-25 09:00"),
        ("2 ժամից", "2026-11-24 14:30"),
        ("2 ժամ հետո", "2026-11-24 14:30"),
        ("կես ժամից", "2026-11-24 13:00"),
        ("մեկ շաբաթից", "2026-12-01 12:30"),
        ("ուրբաթ օրը ժամը 10:00", "2026-11-27 10:00"),
        ("2027 թ. դեկտեմբերի 1-ին, 10:00", "2027-12-01 10:00"),
        ("հիմա", "2026-11-24 12:30"),
    ],
)  # fmt: skip
def test_a_time_is_taken_as_people_type_it(typed: str, meant: str) -> None:
    expected = datetime.fromisoformat(meant).replace(tzinfo=MOSCOW)
    assert read(typed, NOW, MOSCOW) == expected


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_examples_that_editors_are_shown_are_understood(
    code: str, knowledge: Knowledge
) -> None:
    shown_as = knowledge.languages[code].replies["desk_ask_time"]
    examples = re.split(r"[:՝] ", shown_as, maxsplit=1)[1].split(", ")[:2]
    assert len(examples) == 2
    for example in examples:
        own = [WORDS[LANGUAGES.index(code)]]
        assert isinstance(read_with(example, NOW, MOSCOW, own), datetime), example


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", TimeProblem.UNREADABLE),
        ("soon", TimeProblem.UNREADABLE),
        ("tomorrow maybe 9:00", TimeProblem.UNREADABLE),
        ("in", TimeProblem.UNREADABLE),
        ("in 2", TimeProblem.UNREADABLE),
        ("in 0 hours", TimeProblem.UNREADABLE),
        ("tomorrow 9:00 10:00", TimeProblem.UNREADABLE),
        ("{0.__class__}", TimeProblem.UNREADABLE),
        ("2026-02-30 10:00", TimeProblem.NO_SUCH_TIME),
        ("2026-02-30", TimeProblem.NO_SUCH_TIME),
        ("30 February 10:00", TimeProblem.NO_SUCH_TIME),
        ("30.02.2027 10:00", TimeProblem.NO_SUCH_TIME),
        ("tomorrow 25:00", TimeProblem.NO_SUCH_TIME),
        ("tomorrow 9:75", TimeProblem.NO_SUCH_TIME),
        ("14 pm", TimeProblem.NO_SUCH_TIME),
        ("in 99999999999 weeks", TimeProblem.NO_SUCH_TIME),
        ("today 9:00", TimeProblem.PAST),
        ("2026-11-23T10:00", TimeProblem.PAST),
        ("1 December 2020", TimeProblem.PAST),
        ("сегодня в 9 утра", TimeProblem.PAST),
    ],
)
def test_what_is_no_time_to_publish_at_is_told_apart(typed: str, problem: TimeProblem) -> None:
    assert read(typed, NOW, MOSCOW) == problem


def test_an_hour_that_summer_time_leaves_out_does_not_exist() -> None:
    assert read("2027-03-28T02:30", NOW, BERLIN) == TimeProblem.NO_SUCH_TIME


def test_hours_are_hours_and_days_are_days_over_a_change_of_clocks() -> None:
    before = datetime(2027, 3, 27, 12, 0, tzinfo=BERLIN)
    in_hours, in_days = read("in 24 hours", before, BERLIN), read("in 1 day", before, BERLIN)
    assert in_hours == datetime(2027, 3, 28, 13, 0, tzinfo=BERLIN)
    assert in_days == datetime(2027, 3, 28, 12, 0, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Wednesday, November 25, 2026, 09:00 (Europe/Moscow, UTC+03:00)"),
        ("ru", "среда, 25 ноября 2026\u202fг., 09:00 (Europe/Moscow, UTC+03:00)"),
        ("xx", "Wednesday, November 25, 2026, 09:00 (Europe/Moscow, UTC+03:00)"),
    ],
)
def test_a_time_is_shown_back_in_full(language: str, words: str) -> None:
    moment = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
    assert shown(moment, MOSCOW, language).replace("\xa0", "\u202f") == words


def test_a_language_may_write_dates_in_its_own_way(knowledge: Knowledge) -> None:
    moment = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
    written = {
        code: shown(moment, MOSCOW, code, knowledge.languages[code].dates) for code in ("tg", "hy")
    }
    place = "09:00 (Europe/Moscow, UTC+03:00)"
    assert written["tg"] == f"чоршанбе, 25 ноябри соли 2026, {place}"
    assert written["hy"] == f"2026 թ. նոյեմբերի 25, չորեքշաբթի, {place}"


def test_utc_needs_no_distance_from_itself() -> None:
    moment = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
    assert shown(moment, ZoneInfo("UTC"), "en").endswith("06:00 (UTC)")
    assert shown(moment, UTC, "en").endswith("06:00 (UTC)")


@given(st.text(max_size=120), st.sampled_from([MOSCOW, BERLIN, UTC]))
def test_any_text_is_a_time_or_a_problem(text: str, zone: ZoneInfo) -> None:
    found = read(text, NOW, zone)
    assert isinstance(found, TimeProblem) or found >= NOW - timedelta(minutes=1)


@given(st.integers(10**6, 10**8))
def test_what_is_written_as_iso_is_read_back(seconds: int) -> None:
    aware = NOW + timedelta(seconds=seconds)
    assert read(aware.isoformat(), NOW, MOSCOW) == aware
