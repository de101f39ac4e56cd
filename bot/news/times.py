"""A time as people type it, in English or Russian, and as it is shown back in full.

"tomorrow 9:00", "in 2 hours", "в понедельник в 10", "24 ноября, 9:30 мск", ISO 8601. What is left
unsaid is filled in towards the future: a time of day without a day is its next one, a day without
a time is its morning. Whoever asks shows the result in full before it counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MORNING = time(9)
"""What a day without a time stands for."""
LONGEST = 100
"""Characters that are read; no time takes more."""


class TimeProblem(StrEnum):
    """Why something is no time to publish at."""

    UNREADABLE = "unreadable"
    NO_SUCH_TIME = "no such time"
    """The 30th of February, 25:00, or an hour that summer time leaves out."""
    PAST = "past"


def read(text: str, now: datetime, zone: tzinfo) -> datetime | TimeProblem:
    """Read a time.

    Args:
        text: what somebody typed.
        now: the present, aware.
        zone: where a time without one is meant.

    Returns:
        An aware time in `zone` that is not before `now`, or what is wrong.
    """
    said = " ".join(text[:LONGEST].strip().rstrip(".!").split())
    try:
        found = _iso(said, zone) or _Typed(said.lower().replace("ё", "е"), now, zone).moment()
        found = found.astimezone(zone)
    except _NotReadError:
        return TimeProblem.UNREADABLE
    except (ValueError, OverflowError):
        return TimeProblem.NO_SUCH_TIME
    return TimeProblem.PAST if found < now - timedelta(minutes=1) else found


def shown(moment: datetime, zone: tzinfo, language: str) -> str:
    """Write a time in full: weekday, day, time of day, and the zone with its distance from UTC.

    A language that CLDR does not know gets English.
    """
    from babel import Locale, UnknownLocaleError
    from babel.dates import format_date

    try:
        locale = Locale.parse(language)
    except (ValueError, UnknownLocaleError):
        locale = Locale("en")
    local = moment.astimezone(zone)
    offset = f"{local:%z}"[:3] + ":" + f"{local:%z}"[3:5]
    name = str(zone)
    place = "UTC" if offset == "+00:00" and name in {"UTC", "Etc/UTC"} else f"{name}, UTC{offset}"
    day = format_date(local.date(), "full", locale)
    return f"{day}, {local:%H:%M} ({place})"


class _NotReadError(Exception):
    """It is no time at all."""


def _iso(said: str, zone: tzinfo) -> datetime | None:
    """Read ISO 8601. Raises `ValueError` where it looks like it and names no time."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?", said, re.IGNORECASE):
        return None
    if len(said) == len("2026-05-04"):
        return _real(date.fromisoformat(said), MORNING, zone)
    given = datetime.fromisoformat(said.replace("t", "T").replace("z", "Z"))
    return given if given.tzinfo else _real(given.date(), given.time(), zone)


def _real(day: date, at: time, zone: tzinfo) -> datetime:
    """Join a day and a time. Raises `ValueError` where clocks leave that hour out."""
    local = datetime.combine(day, at, zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(f"{local} does not exist")
    return local


def _words(table: dict[int, str]) -> dict[str, int]:
    return {word: number for number, words in table.items() for word in words.split()}


_DAYS = _words({0: "today сегодня", 1: "tomorrow завтра", 2: "overmorrow послезавтра"})
_WEEKDAYS = _words({
    0: "monday mon понедельник пн", 1: "tuesday tue вторник вт", 2: "wednesday wed среду среда ср",
    3: "thursday thu четверг чт", 4: "friday fri пятницу пятница пт",
    5: "saturday sat субботу суббота сб", 6: "sunday sun воскресенье вс",
})  # fmt: skip
_MONTHS = _words({
    1: "january jan января янв", 2: "february feb февраля фев", 3: "march mar марта мар",
    4: "april apr апреля апр", 5: "may мая", 6: "june jun июня июн", 7: "july jul июля июл",
    8: "august aug августа авг", 9: "september sep sept сентября сен сент",
    10: "october oct октября окт", 11: "november nov ноября ноя", 12: "december dec декабря дек",
})  # fmt: skip
_UNITS = _words({
    1: "minute minutes min mins m минуту минуты минут мин",
    60: "hour hours h hr hrs час часа часов ч",
    1440: "day days d день дня дней",
    10080: "week weeks w неделю недели недель",
})  # fmt: skip
_ZONES = {"utc": "UTC", "gmt": "UTC", "z": "UTC", "msk": "Europe/Moscow", "мск": "Europe/Moscow"}
_NAMED_TIMES = {"noon": 12, "полдень": 12, "midnight": 0, "полночь": 0}
_AFTERNOON = frozenset({"pm", "дня", "вечера"})
_HALVES = _AFTERNOON | {"am", "утра", "ночи"}


def _any(words: dict[str, int] | dict[str, str] | frozenset[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_NOW = re.compile(r"now|at once|right now|сейчас|сразу")
_IN = re.compile(r"^(?:in|after|через)\s+")
_PIECE = re.compile(
    rf"(?:(?P<number>\d+(?:[.,]5)?)|(?P<one>an?|one|один|одну)|(?P<half>half an?))?\s*"
    rf"\b(?P<unit>{_any(_UNITS)})\b(?:\s+(?:and|и)\b)?"
)
_HALF_HOUR = re.compile(r"\bполчаса\b")
_DAY = re.compile(rf"\b(?P<day>{_any(_DAYS)}|day after tomorrow)\b")
_WEEKDAY = re.compile(
    rf"\b(?:on |в |во )?(?:this |next |в? ?следующ\w+ |эт\w+ )?(?P<weekday>{_any(_WEEKDAYS)})\b"
)
_DATE = re.compile(r"\b(?P<day>\d{1,2})\.(?P<month>\d{1,2})(?:\.(?P<year>\d{4}))?(?!\d|:)\.?")
_NAMED = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|-?го)?\s+(?:of\s+)?(?P<month>{_any(_MONTHS)})\b\.?"
    r"(?:\s*,?\s*(?P<year>\d{4})(?:\s+(?:года|г))?\b\.?)?"
)
_NAMED_AMERICAN = re.compile(
    rf"\b(?P<month>{_any(_MONTHS)})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)"
    r"(?:\s*,?\s*(?P<year>\d{4})\b)?"
)
_FULL_DATE = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b")
_ZONE = re.compile(
    rf"\b(?P<zone>{_any(_ZONES)})\b"
    r"(?:(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?)?"
)
_CLOCK = re.compile(
    rf"\b(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?::00)?\s*(?P<half>{_any(_HALVES)})?(?!\w)"
)
_HOUR = re.compile(
    rf"(?:\b(?P<at>at|в|к)\s+)?\b(?P<hour>\d{{1,2}})\s*"
    rf"(?P<half>{_any(_HALVES)}|o'clock|час(?:а|ов)?(?:\s+(?:{_any(_HALVES)}))?)?(?!\w)"
)
_NAMED_TIME = re.compile(rf"\b(?:at |в )?(?P<name>{_any(frozenset(_NAMED_TIMES))})\b")
_FILLER = re.compile(r"\b(?:at|on|by|в|во|к|the|of|time|по|времени)\b|[,;]")


class _Typed:
    """A text of which pieces are taken as they are understood; at the end nothing may be left."""

    def __init__(self, said: str, now: datetime, zone: tzinfo) -> None:
        self._left = said
        self._zone = zone
        self._zone = self._place()
        self._now = now.astimezone(self._zone)

    def moment(self) -> datetime:
        """Give the time. Raises `_NotReadError`, or `ValueError` where there is no such time."""
        if _NOW.fullmatch(self._left):
            return self._now
        if _IN.match(self._left):
            return self._later()
        day, next_day = self._day()
        at = self._time()
        if _FILLER.sub(" ", self._left).strip() or (day is None and at is None):
            raise _NotReadError
        if day is None:
            day, next_day = self._now.date(), lambda day: day + timedelta(days=1)
        found = _real(day, at or MORNING, self._zone)
        if found < self._now and next_day is not None:
            found = _real(next_day(day), at or MORNING, self._zone)
        return found

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.search(self._left)
        if found is not None:
            self._left = f"{self._left[: found.start()]} {self._left[found.end() :]}".strip()
        return found

    def _place(self) -> tzinfo:
        found = self._take(_ZONE)
        if found is None:
            return self._zone
        if found["sign"]:
            hours, minutes = int(found["hours"]), int(found["minutes"] or 0)
            distance = timedelta(hours=hours, minutes=minutes)
            return timezone(distance if found["sign"] == "+" else -distance)
        try:
            return ZoneInfo(_ZONES[found["zone"]])
        except ZoneInfoNotFoundError:
            raise _NotReadError from None

    def _later(self) -> datetime:
        """Read "in 1 hour and 30 minutes", "через 2 дня в 10:00"."""
        self._left = _IN.sub("", self._left, count=1)
        minutes, days = 0.0, 0
        if self._take(_HALF_HOUR):
            minutes = 30.0
        while found := self._take(_PIECE):
            number = 0.5 if found["half"] else float((found["number"] or "1").replace(",", "."))
            unit = _UNITS[found["unit"]]
            if unit >= _UNITS["day"] and number.is_integer():
                days += int(number) * unit // _UNITS["day"]
            else:
                minutes += number * unit
        if not minutes and not days:
            raise _NotReadError
        at = self._time() if days and not minutes else None
        if _FILLER.sub(" ", self._left).strip():
            raise _NotReadError
        if at is not None:
            return _real(self._now.date() + timedelta(days=days), at, self._zone)
        # Days are days of the calendar: the same time of day, whatever clocks do meanwhile.
        local = self._now + timedelta(days=days)
        return (local.astimezone(UTC) + timedelta(minutes=minutes)).replace(microsecond=0)

    def _day(self) -> tuple[date | None, Callable[[date], date] | None]:
        """Give the day, and what makes the next such day of it where it was not fixed."""
        today = self._now.date()
        if found := self._take(_DAY):
            return today + timedelta(days=_DAYS.get(found["day"], 2)), None
        if found := self._take(_FULL_DATE):
            return date(int(found["year"]), int(found["month"]), int(found["day"])), None
        for pattern in (_NAMED, _NAMED_AMERICAN, _DATE):
            if found := self._take(pattern):
                month = found["month"]
                number = int(month) if month.isdigit() else _MONTHS[month]
                return self._in_a_year(int(found["day"]), number, found["year"])
        if found := self._take(_WEEKDAY):
            ahead = (_WEEKDAYS[found["weekday"]] - today.weekday()) % 7
            return today + timedelta(days=ahead), lambda day: day + timedelta(days=7)
        return None, None

    def _in_a_year(
        self, day: int, month: int, year: str | None
    ) -> tuple[date, Callable[[date], date] | None]:
        if year:
            return date(int(year), month, day), None
        this_year = self._now.year
        for candidate in range(this_year, this_year + 5):  # the 29th of February may be far
            try:
                found = date(candidate, month, day)
            except ValueError:
                continue
            if found >= self._now.date():
                return found, lambda day: day.replace(year=day.year + 1)
        raise ValueError(f"{day}.{month}.")

    def _time(self) -> time | None:
        if found := self._take(_NAMED_TIME):
            return time(_NAMED_TIMES[found["name"]])
        if found := self._take(_CLOCK):
            return time(_hour(int(found["hour"]), found["half"] or ""), int(found["minute"]))
        if found := self._take(_HOUR):
            return time(_hour(int(found["hour"]), found["half"] or ""))
        return None


def _hour(hour: int, half: str) -> int:
    """Give the hour of 24. Raises `ValueError` for "14 pm" and the like."""
    half = half.rpartition(" ")[2]
    if half not in _HALVES:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(f"{hour} {half}")
    return hour % 12 + (12 if half in _AFTERNOON else 0)
