"""Dates in running text -> intervals, reckoned from the page's own day. Words of dates are lexica/occasion.toml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from align.occasion.words import Words, spaced
from align.records import Interval
from ingest.records import Document

# Days before its publication within which a page's words were said when it says nothing else. Daily news is a day or
# two old; a week takes in weeklies, round-ups and translations that come late, and still tells one week's news from
# another's. On labelled pages (2026-11-25) any number from 2 to 10 holds all true dates and tells as much apart.
FRESH = 7
_AHEAD = 300  # days: a day without a year that is longer ago is meant to come
_DAY = timedelta(days=1)


class When(NamedTuple):
    """A date as read: ``text[start:end]``, and the interval that it names."""

    start: int
    end: int
    interval: Interval


class Calendar:
    """A page's own day and hour, from which relative words are reckoned.

    ``end`` is when the page was there with these words: not after that were they said. A page that claims no date was
    there when it was first seen; what is reckoned from that has no beginning, for it may be older by any time. An
    hour of midnight stands for a day without an hour.
    """

    def __init__(self, document: Document, hours: tuple[int, int]) -> None:
        self.claimed = document.published is not None
        self.west, self.east = (timedelta(hours=offset) for offset in hours)
        seen = document.published or document.first_seen
        self.end: datetime | None = None
        if seen is None:
            return
        seen = seen.astimezone(UTC)
        self.first, self.last = (seen + self.west).date(), (seen + self.east).date()
        local = (seen + timedelta(hours=offset) for offset in range(min(hours[0], 0), max(hours[1], 0) + 1))
        undated = self.claimed and any(at.timetz().replace(tzinfo=None) == time() for at in local)
        self.end = max(seen + _DAY if undated else seen, document.modified or seen)

    @property
    def presumed(self) -> Interval | None:
        """When words were said that a page reports as news."""
        if self.end is None or not self.claimed:
            return self.open
        first = datetime.combine(self.first - FRESH * _DAY, time(), UTC)
        return Interval(start=first - self.east, end=self.end)

    @property
    def open(self) -> Interval | None:
        """Any time before the page."""
        return None if self.end is None else Interval(end=self.end)

    def is_older(self, interval: Interval) -> bool:
        """Does an interval begin before what is news on the page?"""
        fresh = self.presumed.start if self.presumed else None
        return fresh is not None and interval.start is not None and interval.start < fresh

    def _interval(self, first: date | None, last: date) -> Interval | None:
        """Make an interval of days, wherever the page may be; None if it begins after the page."""
        start = datetime.combine(first, time(), UTC) - self.east if first else None
        end = datetime.combine(last, time(), UTC) + _DAY - self.west
        if self.end is not None:
            if start is not None and start > self.end:
                return None
            end = min(end, self.end)
        return Interval(start=start, end=end)

    def reckoned(self, first: date, last: date) -> Interval | None:
        """Make an interval of days that are reckoned from the page's day."""
        return self._interval(first if self.claimed else None, last)

    def exact(self, year: int, month: int, day: int) -> Interval | None:
        """Make an interval of one day of the calendar, None if there is none such."""
        try:
            named = date(year, month, day)
        except ValueError:
            return None
        return self._interval(named, named)

    def without_year(self, month: int, day: int | None, *, past: bool) -> Interval | None:
        """Return the last such day or month before the page; None if that is so long ago that the next may be meant,
        unless the page calls it ``past``."""
        if self.end is None:
            return None
        try:
            years = [date(self.last.year - back, month, day or 1) for back in (0, 1)]
        except ValueError:
            return None
        first = next((found for found in years if found <= self.last), None)
        if first is None or ((self.last - first).days > _AHEAD and not past):
            return None
        return self.reckoned(first, first if day else _month_end(first))

    def whole_month(self, year: int, month: int) -> Interval | None:
        """Make an interval of a month."""
        first = date(year, month, 1)
        return self._interval(first, _month_end(first))

    def weekday(self, number: int, *, past: bool) -> Interval | None:
        """Return the last such day of the week, the page's own included; ``past`` leaves open which of two.

        Where it is that day in the east and not yet in the west, it may be today or a week ago.
        """
        if self.end is None:
            return None
        found = self.last - (self.last.weekday() - number) % 7 * _DAY
        return self.reckoned(found - 7 * _DAY if past or found > self.first else found, found)

    def ago(self, least: int, most: int) -> Interval | None:
        """Return the days that are so many before the page's own."""
        return None if self.end is None else self.reckoned(self.first - most * _DAY, self.last - least * _DAY)


def _month_end(first: date) -> date:
    return (first.replace(day=28) + 4 * _DAY).replace(day=1) - _DAY


def read(text: str, flat: str, words: Words, calendar: Calendar) -> Iterator[When]:
    """Yield the dates of a text that may be when something was said: none that is to come, and none that a word before
    it makes a beginning, an end or a name (since, until, "the 5 March agreement")."""
    for found in words.dates.finditer(flat):
        if words.bars.search(flat, max(0, found.start() - 24), found.start()) or not _is_named(text, found, words):
            continue
        interval = _meaning(found, words, calendar)
        if interval is not None:
            yield When(found.start(), found.end(), interval)


def _is_named(text: str, found: re.Match[str], words: Words) -> bool:
    """Is a month or weekday printed as the language prints it ("March" and not "march"), and not as an owner's name?"""
    if re.match(r"['’]s\b", text[found.end() : found.end() + 3]):
        return False
    named = next((kind for kind in ("m1", "m2", "m3", "day") if found[kind]), None)
    return named is None or not words.capitals or text[found.start(named)].isupper()


def _meaning(found: re.Match[str], words: Words, calendar: Calendar) -> Interval | None:
    if found["iso"] or found["dmy"]:
        parts = [int(part) for part in re.split(r"[-./]", found["iso"] or found["dmy"])]
        return calendar.exact(*(parts if found["iso"] else reversed(parts)))
    if found["ago"]:
        return calendar.ago(*words.ago[spaced(found["ago"])])
    if found["count"]:
        return _counted(found["count"], words, calendar)
    past = spaced(found["lead"] or found["within"] or "") in words.past
    if found["day"]:
        return calendar.weekday(words.weekdays[found["day"]], past=past)
    kind = next(number for number in "123" if found[f"m{number}"])
    day_of = int(found[f"d{kind}"]) if kind != "3" else None
    month = words.months[found[f"m{kind}"]]
    year = _year(found, kind, words, calendar)
    if year is None:
        return calendar.without_year(month, day_of, past=past)
    return calendar.whole_month(year, month) if day_of is None else calendar.exact(year, month, day_of)


def _year(found: re.Match[str], kind: str, words: Words, calendar: Calendar) -> int | None:
    if found[f"y{kind}"]:
        return int(found[f"y{kind}"])
    if found[f"a{kind}"] and calendar.claimed:
        return calendar.last.year - words.years[spaced(found[f"a{kind}"])]
    return None


def _counted(phrase: str, words: Words, calendar: Calendar) -> Interval | None:
    """Return "three weeks ago", with half a unit's room on either side and a day at least."""
    for pattern, unit in words.counted:
        counted = pattern.fullmatch(phrase)
        if counted:
            number = words.numerals.get(counted["n"]) or int(counted["n"])
            room = max(1, unit // 2)
            return calendar.ago(max(0, number * unit - room), number * unit + room)
    return None
