"""Words of a text to numbers: what the tables of a language say of a word, and the number that begins at one.

The words are data (lexica/numbers.toml).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from ingest import fold

WORD = re.compile(r"\d+(?:[.,:]\d+)*|%|[$€£₽]|[^\W\d_]+(?:['’][^\W\d_]+)*")
_BLANKS = frozenset({" ", "\u00a0", "\u202f", "\u2009"})  # between groups of three digits
_THOUSANDS = re.compile(r"(?<!^0)[.,](?=\d{3}(?:\D|$))")


class Tables(Struct, frozen=True, kw_only=True):
    """The words of one language, by folded form. ``unit`` has the dimension and the factor to its smallest unit."""

    cardinal: Mapping[str, float]
    ordinal: Mapping[str, float]
    scale: Mapping[str, float]
    fraction: Mapping[str, float]
    mixed: Mapping[str, float]
    unit: Mapping[str, tuple[str, float]]
    month: Mapping[str, float]
    weekday: Mapping[str, float]
    phrases: Mapping[str, Sequence[Sequence[str]]]  # by what they are for, as words, the longest first


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parents[1] / "lexica" / "numbers.toml").read_text(encoding="utf-8"))


@cache
def tables(language: str) -> Tables:
    """Return the tables of a language, empty ones for a language without any."""
    data = _data().get(language, {})

    def forms(name: str) -> dict[str, float]:
        return {
            fold.fold(form): float(value) for value, listed in data.get(name, {}).items() for form in listed.split()
        }

    return Tables(
        cardinal=forms("cardinal"), ordinal=forms("ordinal"), scale=forms("scale"), fraction=forms("fraction"),
        mixed=forms("mixed"), month=forms("month"), weekday=forms("weekday"),
        unit={
            fold.fold(form): (dimension, float(factor))
            for dimension, factor, listed in data.get("unit", {}).values()
            for form in listed.split()
        },
        phrases={
            name: sorted((fold.fold(entry).split() for entry in entries), key=len, reverse=True)
            for name, entries in data.get("words", {}).items()
        },
    )  # fmt: skip


class Words:
    """The words, digits and signs of a text: folded, with their places, and the tables of its language."""

    def __init__(self, text: str, language: str) -> None:
        self.text, self.tables = text, tables(language)
        found = list(WORD.finditer(text))
        self.spans = [match.span() for match in found]
        self.folded = [fold.fold(match.group()) for match in found]

    def __len__(self) -> int:
        return len(self.folded)

    def at(self, place: int) -> str:
        """Return a word by its number, nothing before the first and behind the last one."""
        return self.folded[place] if 0 <= place < len(self.folded) else ""

    def small(self, place: int) -> bool:
        """Whether a word begins with a small letter."""
        return self.text[self.spans[place][0]].islower()

    def phrase(self, place: int, name: str) -> int:
        """Return how many words a phrase of this kind has that begins at a word; 0 where there is none."""
        return next((len(entry) for entry in self._phrases(name) if self._stands(entry, place)), 0)

    def phrase_before(self, place: int, name: str) -> int:
        """Return how many words a phrase of this kind has that ends just before a word; 0 where there is none."""
        return next((len(entry) for entry in self._phrases(name) if self._stands(entry, place - len(entry))), 0)

    def _phrases(self, name: str) -> Sequence[Sequence[str]]:
        return self.tables.phrases.get(name, ())

    def _stands(self, entry: Sequence[str], place: int) -> bool:
        return all(self._is(place + number, word) for number, word in enumerate(entry))

    def _is(self, place: int, entry: str) -> bool:
        word = self.at(place)
        return word.startswith(entry[:-1]) if entry.endswith("*") else word == entry


class Number(Struct, frozen=True):
    """A number, the word behind it, and whether it is surely one: a bare "one" is an article in most languages."""

    value: float
    after: int
    sure: bool


def counts(words: Words, at: int) -> bool:
    """Whether a word is a number or the beginning of one."""
    word, known = words.at(at), words.tables
    return word[:1].isdecimal() or word in known.cardinal or word in known.scale or word in known.mixed


def number(words: Words, at: int) -> Number | None:
    """Read the number that begins at a word, in digits or in words; None where none does."""
    word = words.at(at)
    if word[:1].isdecimal():
        return Number(*_scaled(words, *_digits(words, at)), sure=True)
    if word in words.tables.mixed:
        return Number(*_scaled(words, words.tables.mixed[word], at + 1), sure=True)
    return _in_words(words, at)


def _digits(words: Words, at: int) -> tuple[float, int]:
    """Read digits and say which word is behind them; groups of three that blanks set apart belong together."""
    digits, after = words.at(at), at + 1
    while re.fullmatch(r"\d{1,3}", words.at(at)) and re.fullmatch(r"\d{3}", words.at(after)):
        if words.text[words.spans[after - 1][1] : words.spans[after][0]] not in _BLANKS:
            break
        digits += words.at(after)
        after += 1
    return value_of(digits), after


def value_of(digits: str) -> float:
    """Return the value of digits with signs: three digits behind a sign are thousands, fewer a decimal fraction."""
    plain = _THOUSANDS.sub("", digits).replace(",", ".").replace(":", ".")
    whole, _, rest = plain.partition(".")
    return float(f"{whole}.{rest.replace('.', '')}" if rest else whole)


def _scaled(words: Words, value: float, after: int) -> tuple[float, int]:
    """Multiply by what stands behind: 3 million."""
    while words.at(after) in words.tables.scale:
        value *= words.tables.scale[words.at(after)]
        after += 1
    return value, after


def _in_words(words: Words, at: int) -> Number | None:
    """Read a number in words: ``part`` is what was said since the last thousand or million, ``total`` all before."""
    total, part, after, scaled = 0.0, None, at, False
    while after < len(words):
        goes_on, scale = _going_on(words, after, part), words.tables.scale.get(words.at(after))
        if goes_on is not None:
            part = (part or 0.0) + goes_on
        elif scale == 100 and part is not None and part < 100:
            part, scaled = part * 100, True
        elif scale is not None and (part is not None or after == at):
            total, part, scaled = total + (part or 1) * scale, None, True
        elif not _joins(words, after, part, total):
            break
        after += 1
    if after == at:
        return None
    value = total + (part or 0)
    return Number(value, after, sure=scaled or value != 1)


def _going_on(words: Words, at: int, part: float | None) -> float | None:
    """Return what a word adds to a number, None where it is no number or begins another; an ordinal only ends one."""
    word, known = words.at(at), words.tables
    value = known.cardinal.get(word)
    if value is None and part is not None:
        value = known.ordinal.get(word)
    return value if value is not None and (part is None or _adds(part, value)) else None


def _adds(part: float, value: float) -> bool:
    """Whether a number word goes on with those before it: hundreds with tens, tens with units."""
    if part % 100 == 0 and value < 100:
        return True
    return part % 10 == 0 and part % 100 >= 20 and value < 10


def _joins(words: Words, at: int, part: float | None, total: float) -> bool:
    """Whether "and" stands inside a number: "two hundred and five"."""
    before = part or total
    if not words.phrase(at, "join") or before < 100 or before % 100:
        return False
    value = words.tables.cardinal.get(words.at(at + 1), 0)
    return value > 0 and (part is None or _adds(part, value))
