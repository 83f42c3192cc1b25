"""A text to the quantities that it names: numbers in digits and words, shares, units of measure, dates.

Values are brought to the smallest unit of their dimension, so that 90 minutes, "an hour and a half" and «полтора часа»
are one value. The words are data (lexica/numbers.toml).
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from ingest import fold

Bound = Literal["", "more_than", "less_than", "at_least", "at_most", "about"]
BOUNDS: tuple[Bound, ...] = ("at_least", "at_most", "more_than", "less_than", "about")

WORD = re.compile(r"\d+(?:[.,:]\d+)*|%|[$€£₽]|[^\W\d_]+(?:['’][^\W\d_]+)*")
_ROUND = 0.05  # how far a value may lie from one that is given as about, nearly, over
_DATES = frozenset({"day", "month_of", "weekday", "year"})
_OF_MONTH = 31
_MONTH = 2_629_800.0  # seconds: a twelfth of a year of 365.25 days
_YEAR = 12 * _MONTH
_SINGLE = frozenset(
    {1.0, 60.0, 3600.0, 86400.0, 604800.0, _MONTH, _YEAR, 10 * _YEAR, 100 * _YEAR}
)  # units that hold no number
_CALENDAR = 0.02  # how far a month may lie from thirty days


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


class _Tables(Struct, frozen=True, kw_only=True):
    """The words of one language, by form."""

    cardinal: Mapping[str, float]
    ordinal: Mapping[str, float]
    scale: Mapping[str, float]
    fraction: Mapping[str, float]
    mixed: Mapping[str, float]
    unit: Mapping[str, tuple[str, float]]
    month: Mapping[str, int]
    weekday: Mapping[str, int]
    words: Mapping[str, tuple[tuple[str, ...], ...]]  # phrases by what they are for, as words, the longest first


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parents[1] / "lexica" / "numbers.toml").read_text(encoding="utf-8"))


def _forms(table: Mapping[str, str], kind: type[float] | type[int]) -> dict[str, Any]:
    return {fold.fold(form): kind(value) for value, forms in table.items() for form in forms.split()}


@cache
def _tables(language: str) -> _Tables:
    data = _data().get(language, {})
    units = {
        fold.fold(form): (dimension, float(factor))
        for dimension, factor, forms in data.get("unit", {}).values()
        for form in forms.split()
    }
    phrases = {
        name: tuple(sorted((tuple(fold.fold(entry).split()) for entry in entries), key=len, reverse=True))
        for name, entries in data.get("words", {}).items()
    }
    return _Tables(
        cardinal=_forms(data.get("cardinal", {}), float),
        ordinal=_forms(data.get("ordinal", {}), float),
        scale=_forms(data.get("scale", {}), float),
        fraction=_forms(data.get("fraction", {}), float),
        mixed=_forms(data.get("mixed", {}), float),
        unit=units,
        month=_forms(data.get("month", {}), int),
        weekday=_forms(data.get("weekday", {}), int),
        words=phrases,
    )


class _Word(Struct, frozen=True):
    folded: str
    start: int
    end: int


def quantities(text: str, language: str) -> list[Quantity]:
    """Return the quantities of a text in order of place. A bare "one" is none: it is an article in most languages."""
    words = [_Word(fold.fold(match.group()), *match.span()) for match in WORD.finditer(text)]
    return list(_Reader(words, text, _tables(language)).read())


class _Reader:
    """Goes through the words of a text once."""

    def __init__(self, words: Sequence[_Word], text: str, tables: _Tables) -> None:
        self.words, self.text, self.tables = words, text, tables

    def read(self) -> Iterator[Quantity]:
        at = 0
        while at < len(self.words):
            found = self._date(at) or self._weekday(at) or self._number(at)
            if found is None:
                at += 1
                continue
            made, at = found
            yield from made

    # -- words and phrases

    def _is(self, at: int, entry: str) -> bool:
        if not 0 <= at < len(self.words):
            return False
        word = self.words[at].folded
        return word.startswith(entry[:-1]) if entry.endswith("*") else word == entry

    def _phrase(self, at: int, name: str) -> int:
        """Return how many words of a phrase of this kind begin at a word; 0 for none."""
        for entry in self.tables.words.get(name, ()):
            if all(self._is(at + number, word) for number, word in enumerate(entry)):
                return len(entry)
        return 0

    def _ends(self, at: int, name: str) -> int:
        """Return how many words of a phrase of this kind end just before a word."""
        for entry in self.tables.words.get(name, ()):
            start = at - len(entry)
            if start >= 0 and all(self._is(start + number, word) for number, word in enumerate(entry)):
                return len(entry)
        return 0

    def _bound(self, first: int, last: int) -> tuple[Bound, int]:
        """Return what the words about a number say of it, and the first word that does; its sign may stand between."""
        before = {
            name: max(self._ends(first, name), self._ends(first - 1, name) + 1 if self._ends(first - 1, name) else 0)
            for name in BOUNDS
        }
        name = max(before, key=lambda bound: before[bound])
        if before[name] > 0:
            return name, first - before[name]
        for behind in (last + 1, last + 2):
            if self._phrase(behind, "or_more"):
                return "at_least", first
            if self._phrase(behind, "or_less"):
                return "at_most", first
        return "", first

    def _make(
        self, value: float, dimension: str, first: int, last: int, *,
        number: float | None = None, parts: tuple[float, ...] = (), dated: bool = False,
    ) -> Quantity:  # fmt: skip
        bound, begins = ("", first) if dated else self._bound(first, last)
        start, end = self.words[first].start, self.words[last].end
        return Quantity(
            value=value, dimension=dimension, number=value if number is None else number, parts=parts, bound=bound,
            begins=self.words[begins].start, start=start, end=end, text=self.text[start:end],
        )  # fmt: skip

    # -- dates

    def _month(self, at: int) -> int | None:
        if not 0 <= at < len(self.words):
            return None
        word = self.words[at]
        number = self.tables.month.get(word.folded)
        # "may" and "march" are months in capitals only
        if number and self.text[word.start].islower() and word.folded in {"may", "march"}:
            return None
        return number

    def _day(self, at: int) -> int | None:
        if not 0 <= at < len(self.words):
            return None
        word = self.words[at].folded
        day = int(word) if word.isdigit() and len(word) <= 2 else self.tables.ordinal.get(re.sub(r"[-ηης]+$", "", word))
        day = day or self.tables.ordinal.get(word)
        return int(day) if day and 1 <= day <= _OF_MONTH else None

    def _date(self, at: int) -> tuple[list[Quantity], int] | None:
        """Read "3 May", "3 to 10 May", "May 3", "the third and the tenth of May", a month alone; a year behind it."""
        days, next_word = self._days(at)
        month_at = next((n for n in range(next_word, next_word + 3) if self._month(n)), None) if days else None
        if days and month_at is not None and not self._between(next_word, month_at):
            month_at = None
        if month_at is None:
            month = self._month(at)
            if month is None:
                return None
            days, month_at, next_word = [], at, at + 1
            after, later = self._days(at + 1)
            counted = self._is_number(later) and self._year(later) is None
            if after and not counted and self._month(later) is None:
                days, next_word = after, later
        else:
            next_word = month_at + 1
        made = [self._make(day, "day", place, place, dated=True) for day, place in days]
        made.append(self._make(float(self._month(month_at) or 0), "month_of", month_at, month_at, dated=True))
        year = self._year(next_word)
        if year:
            made.append(self._make(year, "year", next_word, next_word, dated=True))
            next_word += 1
        return sorted(made, key=lambda one: one.start), next_word

    def _between(self, start: int, end: int) -> bool:
        """Whether only short words ("of", "the", "της") stand between a day and its month."""
        return all(len(self.words[n].folded) <= 3 and not self._is_number(n) for n in range(start, end))

    def _days(self, at: int) -> tuple[list[tuple[int, int]], int]:
        """Return days of a month that begin here, "3", "3 to 10", "3-10", with their places; and the next word."""
        first = self._day(at)
        if first is None:
            return [], at
        for second_at in (at + 1, at + 2, at + 3):
            second = self._day(second_at)
            if second is None:
                continue
            between = all(len(self.words[n].folded) <= 3 and self._day(n) is None for n in range(at + 1, second_at))
            if between:
                near = any(self._month(n) for n in range(second_at + 1, second_at + 4)) or self._month(at - 1)
                if near:
                    return [(first, at), (second, second_at)], second_at + 1
        return [(first, at)], at + 1

    def _year(self, at: int) -> float | None:
        if at < len(self.words):
            word = self.words[at].folded
            if re.fullmatch(r"(?:1[5-9]|20)\d\d", word):
                return float(word)
        return None

    def _weekday(self, at: int) -> tuple[list[Quantity], int] | None:
        word = self.words[at]
        number = self.tables.weekday.get(word.folded)
        if number is None:
            return None
        # ordinals and weekdays are the same words in Greek: weekdays have a capital
        if word.folded in self.tables.ordinal and self.text[word.start].islower():
            return None
        return [self._make(float(number), "weekday", at, at, dated=True)], at + 1

    # -- numbers

    def _is_number(self, at: int) -> bool:
        if not 0 <= at < len(self.words):
            return False
        word, tables = self.words[at].folded, self.tables
        return word[:1].isdigit() or word in tables.cardinal or word in tables.scale or word in tables.mixed

    def _number(self, at: int) -> tuple[list[Quantity], int] | None:
        every = self._phrase(at, "every_second")
        if every:
            return [self._make(0.5, "share", at, at + every - 1)], at + every
        read = self._value(at)
        if read is None:
            return self._bare_unit(at)
        value, after, certain = read
        fraction = self.tables.fraction.get(self.words[after].folded) if after < len(self.words) else None
        if fraction and value < fraction:
            return [self._make(value / fraction, "share", at, after)], after + 1
        whole = self._out_of(after)
        if whole and value < whole[0]:
            return [self._make(value / whole[0], "share", at, whole[1] - 1, parts=(value, whole[0]))], whole[1]
        half = self._phrase(after, "and_a_half")
        if half:
            value, after = value + 0.5, after + half
        return self._with_unit(value, at, after, certain=certain or bool(half))

    def _with_unit(self, value: float, at: int, after: int, *, certain: bool) -> tuple[list[Quantity], int] | None:
        sign = self.words[at - 1].folded if at else ""
        if sign in "$€£₽" and sign in self.tables.unit:
            return [self._make(value, self.tables.unit[sign][0], at, after - 1)], after
        percent = self._phrase(after, "percent_phrase")
        if percent:
            return [self._make(value / 100, "share", at, after + percent - 1, number=value)], after + percent
        unit = self.tables.unit.get(self.words[after].folded) if after < len(self.words) else None
        if unit:
            if unit == ("time", _YEAR) and value.is_integer() and 1500 <= value <= 2099:
                return [self._make(value, "year", at, after - 1)], after + 1
            half = self._phrase(after + 1, "and_a_half")
            end = after + 1 + half
            whole = value + (0.5 if half else 0)
            return [self._make(whole * unit[1], unit[0], at, end - 1, number=whole)], end
        year = value.is_integer() and 1500 <= value <= 2099 and after == at + 1 and self.words[at].folded.isdigit()
        if year:
            return [self._make(value, "year", at, after - 1)], after
        if value == 1 and not certain:
            return None
        dimension = "share" if self.words[at].folded in self.tables.mixed and value < 1 else "count"
        return [self._make(value, dimension, at, after - 1)], after

    def _bare_unit(self, at: int) -> tuple[list[Quantity], int] | None:
        """Read a unit without a number that holds one itself («трое суток» is two words, "τριήμερο" one)."""
        word = self.words[at].folded
        fraction = self.tables.fraction.get(word)
        if fraction and word not in self.tables.ordinal:
            return [self._make(1 / fraction, "share", at, at)], at + 1
        unit = self.tables.unit.get(word)
        half = self._phrase(at + 1, "and_a_half") if unit else 0
        if unit and half:
            return [self._make(1.5 * unit[1], unit[0], at, at + half, number=1.5)], at + 1 + half
        if unit and unit[0] == "time" and unit[1] not in _SINGLE:
            return [self._make(unit[1], unit[0], at, at)], at + 1
        return None

    def _out_of(self, after: int) -> tuple[float, int] | None:
        length = self._phrase(after, "out_of")
        if not length:
            return None
        read = self._value(after + length)
        return (read[0], read[1]) if read else None

    def _value(self, at: int) -> tuple[float, int, bool] | None:
        """Read a number that begins at a word: its value, the next word, and whether it is surely a number."""
        if not 0 <= at < len(self.words):
            return None
        word, tables = self.words[at].folded, self.tables
        if word[0].isdigit():
            value, after = self._digits(at)
            return (*self._scaled(value, after), True)
        if word in tables.mixed:
            value, after = self._scaled(tables.mixed[word], at + 1)
            return value, after, True
        total, part, after, certain = 0.0, None, at, False
        while after < len(self.words):
            word = self.words[after].folded
            number = tables.cardinal.get(word)
            if number is None and part is not None:
                number = tables.ordinal.get(word)
            if number is not None and (part is None or self._adds(part, number)):
                part = (part or 0) + number
            elif word in tables.scale and (part is not None or total or after == at):
                scale = tables.scale[word]
                if part is None and total:
                    break
                if scale == 100 and part is not None and part < 100:
                    part *= 100
                else:
                    total, part = total + (part or 1) * scale, None
                certain = True
            elif self._joins(after, part, total):
                after += 1
                continue
            else:
                break
            after += 1
        if after == at:
            return None
        return total + (part or 0), after, certain or (part or 0) != 1 or bool(total)

    @staticmethod
    def _adds(part: float, number: float) -> bool:
        """Whether a number word goes on with the one before: hundreds and tens, tens and units."""
        if part % 100 == 0 and number < 100:
            return True
        return part % 10 == 0 and part % 100 >= 20 and number < 10

    def _joins(self, at: int, part: float | None, total: float) -> bool:
        """Whether "and" stands inside a number: "two hundred and five"."""
        if not self._phrase(at, "join") or at + 1 >= len(self.words) or (part or total) % 100:
            return False
        return bool((part or total) >= 100 and self.tables.cardinal.get(self.words[at + 1].folded, 0) > 0)

    def _digits(self, at: int) -> tuple[float, int]:
        """Read digits; groups of three that blanks set apart belong together."""
        text, after = self.words[at].folded, at + 1
        while (
            re.fullmatch(r"\d{1,3}", self.words[at].folded)
            and after < len(self.words)
            and re.fullmatch(r"\d{3}", self.words[after].folded)
            and self.text[self.words[after - 1].end : self.words[after].start] in {" ", "\u00a0", "\u202f", "\u2009"}
        ):
            text += self.words[after].folded
            after += 1
        return value_of(text), after

    def _scaled(self, value: float, after: int) -> tuple[float, int]:
        while after < len(self.words) and self.words[after].folded in self.tables.scale:
            value *= self.tables.scale[self.words[after].folded]
            after += 1
        return value, after


def value_of(digits: str) -> float:
    """Return the value of digits with signs: three digits behind a sign are thousands, fewer a decimal fraction."""
    plain = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", digits)
    plain = plain.replace(",", ".").replace(":", ".")
    whole, _, rest = plain.partition(".")
    return float(f"{whole}.{rest.replace('.', '')}" if rest else whole)


def agree(left: Quantity, right: Quantity) -> bool:
    """Whether two quantities may be one: the same value, or nearly where one is given as about or as a limit.

    A unit that one side leaves out is no difference.
    """
    if opposed(left.bound, right.bound):
        return False
    ours, theirs = left.value, right.value
    if left.dimension != right.dimension:
        if "count" not in {left.dimension, right.dimension} or {left.dimension, right.dimension} & (_DATES - {"year"}):
            return False
        ours, theirs = left.number, right.number
        if theirs in left.parts or ours in right.parts:
            return True
    months = left.dimension == right.dimension == "time" and max(ours, theirs) > 25 * 86400
    if math.isclose(ours, theirs, rel_tol=_CALENDAR if months else 1e-6):
        return True
    rounded = {left.bound, right.bound} != {""} and left.dimension not in _DATES
    return rounded and math.isclose(ours, theirs, rel_tol=_ROUND)


def opposed(left: Bound, right: Bound) -> bool:
    """Whether one is a limit from below and the other one from above."""
    below, above = {"more_than", "at_least"}, {"less_than", "at_most"}
    return (left in below and right in above) or (left in above and right in below)
