"""A time as people type it, and as it is shown back in full.

"tomorrow 9:00", "in 2 hours", "в понедельник в 10", "24 ноября, 9:30 мск", ISO 8601; the words are
data of each language. What is left unsaid is filled in towards the future: a time of day without a
day is its next one, a day without a time is its morning. Whoever asks shows the result in full
before it counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.knowledge.model import Dates
from bot.knowledge.shapes import TimesShape, UnitWords

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


def read(
    text: str, now: datetime, zone: tzinfo, words: Iterable[TimesShape]
) -> datetime | TimeProblem:
    """Read a time.

    Args:
        text: what somebody typed.
        now: the present, aware.
        zone: where a time without one is meant.
        words: of each language that it may be in; the first in which it can be read counts.

    Returns:
        An aware time in `zone` that is not before `now`, or what is wrong.
    """
    said = " ".join(text[:LONGEST].strip().rstrip(".!։").split())
    problem = TimeProblem.UNREADABLE
    for read_by in (_iso, *(_reader(one, now) for one in words)):
        try:
            found = read_by(said, zone)
            if found is not None:
                found = found.astimezone(zone)
                is_past = found < now - timedelta(minutes=1)
                return TimeProblem.PAST if is_past else found
        except _NotReadError:
            continue
        except (ValueError, OverflowError):
            problem = TimeProblem.NO_SUCH_TIME
    return problem


def _reader(words: TimesShape, now: datetime) -> Callable[[str, tzinfo], datetime]:
    return lambda said, zone: _Typed(_plain(said), now, zone, words).moment()


def shown(moment: datetime, zone: tzinfo, language: str, dates: Dates | None = None) -> str:
    """Write a time in full: weekday, day, time of day, and the zone with its distance from UTC.

    Dates are written as `dates` says, else as CLDR does; a language that it does not know gets
    English.
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
    day = local.date()
    written = dates.write(dates.full, day) if dates else format_date(day, "full", locale)
    return f"{written}, {local:%H:%M} ({place})"


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


Words = tuple[str, ...]
_MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}
_UTC = ("utc", "gmt", "z")
_ISO_DAY = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b")
_DATE = re.compile(r"\b(?P<day>\d{1,2})\.(?P<month>\d{1,2})(?:\.(?P<year>\d{4}))?(?!\d|:)\.?")


def _plain(words: str) -> str:
    return words.lower().replace("ё", "е")


def _any(words: Iterable[str]) -> str:
    """Give what matches any of some words, the longest first; a `*` is any ending."""
    longest_first = sorted(map(_plain, words), key=len, reverse=True)
    found = (
        re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in longest_first
    )
    return f"(?:{'|'.join(found) or '(?!)'})"


def _units(words: UnitWords) -> dict[int, Words]:
    """Give the words for lengths of time by minutes."""
    return {minutes: getattr(words, name) for name, minutes in _MINUTES.items()}


class _Typed:
    """A text of which pieces are taken as they are understood; at the end nothing may be left."""

    def __init__(self, said: str, now: datetime, zone: tzinfo, words: TimesShape) -> None:
        self._left = said
        self._words = words
        self._besides = _any(words.besides)
        self._attached = f"(?:-?{_any(words.attached)})?"
        self._zone = zone
        self._zone = self._place()
        self._now = now.astimezone(self._zone)

    def moment(self) -> datetime:
        """Give the time. Raises `_NotReadError`, or `ValueError` where there is no such time."""
        if re.fullmatch(_any(self._words.now), self._left):
            return self._now
        if self._says_later():
            return self._later()
        day, next_day = self._day()
        at = self._time()
        self._end()
        if day is None and at is None:
            raise _NotReadError
        if day is None:
            day, next_day = self._now.date(), lambda day: day + timedelta(days=1)
        found = _real(day, at or MORNING, self._zone)
        if found < self._now and next_day is not None:
            found = _real(next_day(day), at or MORNING, self._zone)
        return found

    def _end(self) -> None:
        """Raise `_NotReadError` where something is left that was not understood."""
        if re.sub(rf"\b{self._besides}\b|[,;։.]", " ", self._left).strip():
            raise _NotReadError

    def _has(self, words: Iterable[str]) -> bool:
        return re.search(rf"\b{_any(words)}\b", self._left) is not None

    def _take(self, pattern: str | re.Pattern[str]) -> re.Match[str] | None:
        found = re.search(pattern, self._left)
        if found is not None:
            self._left = f"{self._left[: found.start()]} {self._left[found.end() :]}".strip()
        return found

    def _take_one(self, table: Mapping[int, Words]) -> int | None:
        """Take the longest words of a table; give what they stand for."""
        found = self._take(rf"\b{_any(word for words in table.values() for word in words)}\b")
        return None if found is None else _meant(table, found[0])

    def _place(self) -> tzinfo:
        for name, words in self._words.zones.items():
            if self._take(rf"\b{_any(words)}\b"):
                try:
                    return ZoneInfo(name)
                except ZoneInfoNotFoundError:
                    raise _NotReadError from None
        found = self._take(
            rf"\b{_any(_UTC)}\b(?:(?P<sign>[+-])(?P<hours>\d{{1,2}})(?::?(?P<minutes>\d{{2}}))?)?"
        )
        if found is None:
            return self._zone
        distance = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
        return timezone(-distance if found["sign"] == "-" else distance)

    # --------------------------------------------------------- a length of time

    def _says_later(self) -> bool:
        """Tell whether a length of time from now is meant, and not "the day after tomorrow"."""
        words = self._words
        if any(self._has(names) for names in words.days.values()):
            return False
        return self._has(words.later) or any(
            self._has(forms) for forms in _units(words.from_now).values()
        )

    def _later(self) -> datetime:
        """Read "in 1 hour and 30 minutes", "через 2 дня в 10:00"."""
        words = self._words
        self._take(rf"\b{_any(words.later)}\b")
        minutes, days = 30.0 if self._take(rf"\b{_any(words.half_hour)}\b") else 0.0, 0
        alone = _units(words.from_now)
        units = {size: forms + alone[size] for size, forms in _units(words.units).items()}
        every = _any(form for forms in units.values() for form in forms)
        piece = (
            rf"(?:\b(?:(?P<number>\d+(?:[.,]5)?)|(?P<half>{_any(words.half)})|{_any(words.one)}))?"
            rf"\s*(?<![^\W\d])(?P<unit>{every})\b"
        )
        while found := self._take(piece):
            number = 0.5 if found["half"] else float((found["number"] or "1").replace(",", "."))
            size = _meant(units, found["unit"])
            if size >= _MINUTES["day"] and number.is_integer():
                days += int(number) * size // _MINUTES["day"]
            else:
                minutes += number * size
        if not minutes and not days:
            raise _NotReadError
        at = self._time() if days and not minutes else None
        self._end()
        if at is not None:
            return _real(self._now.date() + timedelta(days=days), at, self._zone)
        # Days are days of the calendar: the same time of day, whatever clocks do meanwhile.
        local = self._now + timedelta(days=days)
        return (local.astimezone(UTC) + timedelta(minutes=minutes)).replace(microsecond=0)

    # ------------------------------------------------------------------- a day

    def _day(self) -> tuple[date | None, Callable[[date], date] | None]:
        """Give the day, and what makes the next such day of it where it was not fixed."""
        today = self._now.date()
        ahead = self._take_one(self._words.days)
        if ahead is not None:
            return today + timedelta(days=ahead), None
        if found := self._take(_ISO_DAY):
            return date(int(found["year"]), int(found["month"]), int(found["day"])), None
        for pattern in (*self._named_days(), _DATE):
            if found := self._take(pattern):
                named, month = found.groupdict(), found["month"]
                number = int(month) if month.isdigit() else _meant(self._words.months, month)
                year = named["year"] or named.get("first")
                return self._in_a_year(int(found["day"]), number, year)
        weekday = self._take_one(self._words.weekdays)
        if weekday is not None:
            ahead = (weekday - today.isoweekday()) % 7
            return today + timedelta(days=ahead), lambda day: day + timedelta(days=7)
        return None, None

    def _named_days(self) -> tuple[str, str]:
        """Give what matches "1st of December 2027", and "2027 թ. դեկտեմբերի 1"."""
        months = _any(word for words in self._words.months.values() for word in words)
        first = rf"(?:\b(?P<first>\d{{4}})[\s-]+{self._besides}\b\.?\s+)?"
        day = rf"\b(?P<day>\d{{1,2}}){self._attached}(?![\w:])"
        month = rf"\b(?P<month>{months})\b\.?"
        year = rf"(?:\s*,?\s*(?:{self._besides}\s+)?(?P<year>\d{{4}})(?![\d:]))?"
        return (
            rf"{first}{day}[\s-]+(?:{self._besides}\s+)?{month}{year}",
            rf"{first}{month}\s+{day}{year}",
        )

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
        words = self._words
        halves = {0: words.morning, 12: words.evening}
        for hour, names in ((12, words.noon), (0, words.midnight)):
            if self._take(rf"\b{_any(names)}\b"):
                return time(hour)
        half = _any(word for names in halves.values() for word in names)
        found = self._take(
            rf"\b(?P<hour>\d{{1,2}})(?::(?P<minute>\d{{2}})(?::00)?)?{self._attached}"
            rf"(?=\s*{half}(?!\w)|(?![\w:]))"
        )
        if found is None:
            return None
        hour, minute = int(found["hour"]), int(found["minute"] or 0)
        later = self._take_one(halves)
        if later is None:
            return time(hour, minute)
        if not 1 <= hour <= 12:
            raise ValueError(f"{hour} of 12 hours")
        return time(hour % 12 + later, minute)


def _meant(table: Mapping[int, Words], words: str) -> int:
    """Give what words of a table stand for."""
    return next(number for number, names in table.items() if re.fullmatch(_any(names), words))
