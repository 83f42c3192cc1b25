"""Words of a text to parts of dates: days of a month, months, weekdays, years."""

from __future__ import annotations

import re

from msgspec import Struct

from align.compare.numerals import Words, counts

DATES = frozenset({"day", "month_of", "weekday", "year"})  # the dimensions of the parts
_DAYS = 31  # of the longest month
_SHORT = 3  # letters of the longest word that may stand between a day and its month: "of the", «της»
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")


class Part(Struct, frozen=True):
    """A word that is part of a date: a day (1 to 31), "month_of" (1 to 12), "weekday" (1 is Monday) or year."""

    value: float
    dimension: str
    at: int


class _Days(Struct, frozen=True):
    """Days of one month, and the word behind them."""

    parts: tuple[Part, ...]
    after: int


def date(words: Words, at: int) -> tuple[list[Part], int] | None:
    """Read the date or month that begins at a word: its parts in order of place, and the word behind it.

    "3 May", "3 to 10 May", "May 3", "the third and the tenth of May", a month alone; with a year behind it.
    """
    found = _day_and_month(words, at) or _month_and_day(words, at)
    if found is None:
        return None
    year = year_at(words, found.after)
    if year is None:
        return sorted(found.parts, key=lambda part: part.at), found.after
    return sorted((*found.parts, Part(year, "year", found.after)), key=lambda part: part.at), found.after + 1


def weekday(words: Words, at: int) -> Part | None:
    """Read a weekday. Some are the same words as ordinals (Greek «τρίτη»): those have a capital."""
    number = words.tables.weekday.get(words.at(at))
    if number is None or (words.at(at) in words.tables.ordinal and words.small(at)):
        return None
    return Part(number, "weekday", at)


def year_at(words: Words, at: int) -> float | None:
    """Return the year, 1500 to 2099, that a word is in digits."""
    return float(words.at(at)) if _YEAR.fullmatch(words.at(at)) else None


def _day_and_month(words: Words, at: int) -> _Days | None:
    days = _days(words, at)
    if not days.parts:
        return None
    near = range(days.after, days.after + 3)
    month_at = next((n for n in near if _month(words, n) is not None), None)
    if month_at is None or any(counts(words, n) or not _short(words, n) for n in range(days.after, month_at)):
        return None
    return _Days((*days.parts, _month_part(words, month_at)), month_at + 1)


def _month_and_day(words: Words, at: int) -> _Days | None:
    if _month(words, at) is None:
        return None
    days = _days(words, at + 1)
    # in "May 3 ships", "May 3 June" the number belongs to what follows
    counted = counts(words, days.after) and year_at(words, days.after) is None
    if counted or _month(words, days.after) is not None:
        days = _Days((), at + 1)
    return _Days((_month_part(words, at), *days.parts), days.after)


def _month(words: Words, at: int) -> float | None:
    """Return the number of a month; what is another word too ("may") is a month in capitals only."""
    number = words.tables.month.get(words.at(at))
    if number is not None and words.phrase(at, "capital_months") and words.small(at):
        return None
    return number


def _month_part(words: Words, at: int) -> Part:
    return Part(words.tables.month[words.at(at)], "month_of", at)


def _days(words: Words, at: int) -> _Days:
    """Return the days of a month that begin at a word: "3", and beside a month "3 to 10", "the 3rd and the 10th"."""
    first = _day(words, at)
    if first is None:
        return _Days((), at)
    for second_at in range(at + 1, at + 4):
        second = _day(words, second_at)
        if second is None:
            continue
        inside = range(at + 1, second_at)
        beside = (at - 1, *range(second_at + 1, second_at + 4))
        if all(_short(words, n) and _day(words, n) is None for n in inside) and any(
            _month(words, n) is not None for n in beside
        ):
            return _Days((Part(first, "day", at), Part(second, "day", second_at)), second_at + 1)
    return _Days((Part(first, "day", at),), at + 1)


def _day(words: Words, at: int) -> float | None:
    word = words.at(at)
    day = float(word) if word.isdecimal() and len(word) <= 2 else words.tables.ordinal.get(word)
    return day if day is not None and 1 <= day <= _DAYS else None


def _short(words: Words, at: int) -> bool:
    return len(words.at(at)) <= _SHORT
