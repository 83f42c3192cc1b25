"""A text to the quantities that it names: numbers in digits and words, shares, units of measure, dates.

Values are brought to the smallest unit of their dimension, so that 90 minutes, "an hour and a half" and «полтора часа»
are one value.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from align.compare import dates, numerals
from align.compare.numerals import Number, Words

Bound = Literal["", "more_than", "less_than", "at_least", "at_most", "about"]
_BOUNDS: tuple[Bound, ...] = ("at_least", "at_most", "more_than", "less_than", "about")

_ROUND = 0.05  # how far a value may lie from one that is given as about, nearly, over
_MONTH = 2_629_800.0  # seconds: a twelfth of a year of 365.25 days
_YEAR = 12 * _MONTH
_MONTHLY = 25 * 86400  # seconds from which two times are compared as months and days are
_CALENDAR = 0.02  # how far a month may lie from thirty days
# seconds of the times that hold no number in themselves, from second and minute to year, decade and century
_SINGLE = frozenset({1.0, 60.0, 3600.0, 86400.0, 604800.0, _MONTH, _YEAR, 10 * _YEAR, 100 * _YEAR})
_SIGNS = frozenset("$€£₽")  # of currencies, before their number


class Quantity(Struct, frozen=True, kw_only=True):
    """A number as printed at ``text[start:end]``: its value in the smallest unit of its ``dimension``.

    ``number`` is the value as printed, without its unit, ``parts`` are the two numbers of a share ("two of the five").
    ``dimension`` is "count" for a bare number; "day", "month_of", "weekday" and "year" are parts of dates. ``bound``
    says whether it is given as a limit or about; with the words before that say so it begins at ``begins``.
    """

    value: float
    dimension: str
    number: float
    parts: tuple[float, ...]
    bound: Bound
    begins: int
    start: int
    end: int
    text: str


class _Found(Struct, frozen=True, kw_only=True):
    """A quantity of words ``first`` to ``last`` (inclusive), before anybody asks for its bounds."""

    value: float
    dimension: str
    first: int
    last: int
    number: float | None = None  # where it is not the value
    parts: tuple[float, ...] = ()
    dated: bool = False  # part of a date, which has no bounds


_Read = tuple[_Found, int]  # a quantity, and the word from which reading goes on


def quantities(text: str, language: str) -> list[Quantity]:
    """Return the quantities of a text in order of place. A bare "one" is none: it is an article in most languages."""
    words = Words(text, language)
    return [_made(words, one) for one in _found(words) if math.isfinite(one.value)]


def _made(words: Words, one: _Found) -> Quantity:
    bound, begins = _bound(words, one)
    start, end = words.spans[one.first][0], words.spans[one.last][1]
    return Quantity(
        value=one.value, dimension=one.dimension, number=one.value if one.number is None else one.number,
        parts=one.parts, bound=bound, begins=words.spans[begins][0], start=start, end=end, text=words.text[start:end],
    )  # fmt: skip


def _bound(words: Words, one: _Found) -> tuple[Bound, int]:
    """Return what the words about a number say of it, and the first word that does; nothing of a part of a date."""
    first, last = one.first, one.last
    if one.dated:
        return "", first
    lengths = {name: _before(words, first, name) for name in _BOUNDS}
    name = max(_BOUNDS, key=lambda bound: lengths[bound])
    lasting = one.dimension == "time" and words.phrase_before(first, "during")
    if lengths[name] and not lasting:
        return name, first - lengths[name]
    for behind in (last + 1, last + 2):
        if words.phrase(behind, "or_more"):
            return "at_least", first
        if words.phrase(behind, "or_less"):
            return "at_most", first
    return "", first


def _before(words: Words, first: int, name: Bound) -> int:
    """Return how many words before a number bound it; the sign of a currency or one word may stand between."""
    near, further = words.phrase_before(first, name), words.phrase_before(first - 1, name)
    return max(near, further + 1 if further else 0)


def _found(words: Words) -> Iterator[_Found]:
    at = 0
    while at < len(words):
        dated = _dated(words, at)
        if dated:
            parts, at = dated
            yield from parts
            continue
        read = _counted(words, at) or _by_unit(words, at)
        if read:
            one, at = read
            yield one
        else:
            at += 1


def _dated(words: Words, at: int) -> tuple[list[_Found], int] | None:
    weekday = dates.weekday(words, at)
    found = dates.date(words, at) or (([weekday], at + 1) if weekday else None)
    if found is None:
        return None
    parts = [
        _Found(value=part.value, dimension=part.dimension, first=part.at, last=part.at, dated=True) for part in found[0]
    ]
    return parts, found[1]


# -- numbers: a share, an amount of money, a measure, or a mere number


def _counted(words: Words, at: int) -> _Read | None:
    """Read a quantity that begins with a number."""
    every = words.phrase(at, "every_second")
    if every:
        return _Found(value=0.5, dimension="share", first=at, last=at + every - 1), at + every
    number = numerals.number(words, at)
    if number is None:
        return None
    share = _share(words, number, at)
    if share:
        return share
    half = words.phrase(number.after, "and_a_half")
    if half:
        number = Number(number.value + 0.5, number.after + half, sure=True)
    return (
        _money(words, number, at)
        or _percent(words, number, at)
        or _measure(words, number, at)
        or _bare(words, number, at)
    )


def _share(words: Words, number: Number, at: int) -> _Read | None:
    """Read "two thirds" and "two of the three"."""
    after = number.after
    fraction = words.tables.fraction.get(words.at(after))
    if fraction and number.value < fraction:
        return _Found(value=number.value / fraction, dimension="share", first=at, last=after), after + 1
    joined = words.phrase(after, "out_of")
    whole = numerals.number(words, after + joined) if joined else None
    if whole is None or number.value >= whole.value or not math.isfinite(whole.value):
        return None
    parts, last = (number.value, whole.value), whole.after - 1
    return _Found(value=parts[0] / parts[1], dimension="share", first=at, last=last, parts=parts), whole.after


def _money(words: Words, number: Number, at: int) -> _Read | None:
    """Read a number behind the sign of its currency."""
    unit = words.tables.unit.get(words.at(at - 1)) if words.at(at - 1) in _SIGNS else None
    return (
        (_Found(value=number.value, dimension=unit[0], first=at, last=number.after - 1), number.after) if unit else None
    )


def _percent(words: Words, number: Number, at: int) -> _Read | None:
    """Read a number before the words for "of a hundred"; one word for it, and the sign, are units."""
    length = words.phrase(number.after, "percent_phrase")
    if not length:
        return None
    after = number.after + length
    return _Found(value=number.value / 100, dimension="share", first=at, last=after - 1, number=number.value), after


def _measure(words: Words, number: Number, at: int) -> _Read | None:
    """Read a number before its unit: 5 km, «2 часа с половиной», and «2026 год», which is no time of 2026 years."""
    unit = words.tables.unit.get(words.at(number.after))
    if unit is None:
        return None
    if unit == ("time", _YEAR) and _may_be_year(number.value):
        return _Found(value=number.value, dimension="year", first=at, last=number.after - 1), number.after + 1
    dimension, factor = unit
    half = words.phrase(number.after + 1, "and_a_half")
    value, last = number.value + (0.5 if half else 0), number.after + half
    return _Found(value=value * factor, dimension=dimension, first=at, last=last, number=value), last + 1


def _bare(words: Words, number: Number, at: int) -> _Read | None:
    """Read a number without a unit; four digits may be a year."""
    value, last = number.value, number.after - 1
    if number.value == 1 and not number.sure:
        return None
    if _may_be_year(value) and last == at and words.at(at).isdecimal():
        dimension = "year"
    else:
        dimension = "share" if words.at(at) in words.tables.mixed and value < 1 else "count"
    return _Found(value=value, dimension=dimension, first=at, last=last), number.after


def _may_be_year(value: float) -> bool:
    return value.is_integer() and 1500 <= value <= 2099


def _by_unit(words: Words, at: int) -> _Read | None:
    """Read a word that holds its number itself: "a third", "an hour and a half", «τριήμερο» (three days)."""
    word = words.at(at)
    fraction = words.tables.fraction.get(word)
    if fraction and word not in words.tables.ordinal:
        return _Found(value=1 / fraction, dimension="share", first=at, last=at), at + 1
    unit = words.tables.unit.get(word)
    if unit is None:
        return None
    dimension, factor = unit
    half = words.phrase(at + 1, "and_a_half")
    if half:
        return _Found(value=1.5 * factor, dimension=dimension, first=at, last=at + half, number=1.5), at + 1 + half
    if dimension == "time" and factor not in _SINGLE:
        return _Found(value=factor, dimension=dimension, first=at, last=at), at + 1
    return None


# -- two quantities


def agree(left: Quantity, right: Quantity) -> bool:
    """Whether two quantities may be one: the same value, or nearly where one is given as about or as a limit.

    A unit that one side leaves out is no difference.
    """
    if opposed(left.bound, right.bound):
        return False
    ours, theirs = left.value, right.value
    if left.dimension != right.dimension:
        if not _unit_left_out(left, right):
            return False
        ours, theirs = left.number, right.number
        if theirs in left.parts or ours in right.parts:
            return True
    months = left.dimension == right.dimension == "time" and max(ours, theirs) > _MONTHLY
    if math.isclose(ours, theirs, rel_tol=_CALENDAR if months else 1e-6):
        return True
    rounded = {left.bound, right.bound} != {""} and left.dimension not in dates.DATES
    return rounded and math.isclose(ours, theirs, rel_tol=_ROUND)


def _unit_left_out(left: Quantity, right: Quantity) -> bool:
    """Whether one of two quantities is a bare number and the other none of the parts of a date but a year."""
    both = {left.dimension, right.dimension}
    return "count" in both and not both & (dates.DATES - {"year"})


def opposed(left: Bound, right: Bound) -> bool:
    """Whether one is a limit from below and the other one from above."""
    below, above = {"more_than", "at_least"}, {"less_than", "at_most"}
    return (left in below and right in above) or (left in above and right in below)
