"""Numbers, shares, measures and dates of a text, in digits and words, and whether two of them may be one."""

from __future__ import annotations

import math
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from align.compare.numerals import WORD, value_of
from align.compare.quantities import Bound, Quantity, agree, opposed, quantities

ROOT = Path(__file__).resolve().parents[2]
DATA = tomllib.loads((ROOT / "tests/cases/quantities.toml").read_text("utf-8"))
TABLES = tomllib.loads((ROOT / "align/lexica/numbers.toml").read_text("utf-8"))
LANGUAGES = st.sampled_from(["en", "ru", "el", "fr", "und"])
SCRAP = (
    "40 1,250 12 000 3.5 2031 % $ € May 3 third thirds million сто двести и полтора часа из мая δύο τρίτα τοις εκατό "
    "στα μιάμιση ώρα 24ωρο Τρίτη more than or no , . — ² ٣ half and a hour every second per cent"
)
SCRAPS = st.lists(st.sampled_from(SCRAP.split()), max_size=14).map(" ".join)


def at_most_one(text: str, language: str) -> Quantity | None:
    """Return the only quantity of a text."""
    found = quantities(text, language)
    assert len(found) <= 1, text
    return found[0] if found else None


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=pytest.mark.xfail(strict=True, reason=case["misses"]) if "misses" in case else ())
        for case in DATA["case"]
    ],
    ids=[f"{case['language']}: {case['text'][:50]}" for case in DATA["case"]],
)
def test_quantities_are_read(case: dict[str, Any]) -> None:
    """Exactly the quantities that the case names, as printed, with dimension, value and bound."""
    found = quantities(case["text"], case["language"])
    expected = [(printed, dimension, value, (*bound, "")[0]) for printed, dimension, value, *bound in case["reads"]]
    assert [(one.text, one.dimension, round(one.value, 3), one.bound) for one in found] == expected


@pytest.mark.parametrize("pair", DATA["pair"], ids=lambda pair: f"{pair['a'][1]} | {pair['b'][1]}")
def test_quantities_agree_over_words_and_languages(pair: dict[str, Any]) -> None:
    """Two quantities may be one when values agree, in whatever words, units and languages; whichever comes first."""
    one, other = (at_most_one(text, language) for language, text in (pair["a"], pair["b"]))
    assert one is not None
    assert other is not None
    assert agree(one, other) is agree(other, one) is pair["agree"]


@given(st.text(max_size=200) | SCRAPS, LANGUAGES)
@settings(max_examples=400, deadline=None)
@example("²", "en")
@example("9" * 400, "en")
@example("9 " + "million " * 60, "en")
@example("1 of " + "9" * 400, "en")
def test_any_text_is_read(text: str, language: str) -> None:
    """Whatever the text, its quantities stand in order inside it, apart from one another, with finite values."""
    end = 0
    for one in quantities(text, language):
        assert end <= one.start < one.end <= len(text)
        assert 0 <= one.begins <= one.start
        assert text[one.start : one.end] == one.text
        assert math.isfinite(one.value)
        assert math.isfinite(one.number)
        assert agree(one, one)
        end = one.end


@given(SCRAPS, SCRAPS)
@settings(max_examples=100, deadline=None)
def test_agreement_has_no_order(left: str, right: str) -> None:
    """Whether two quantities may be one does not depend on which is asked first."""
    for one in quantities(left, "en"):
        for other in quantities(right, "ru"):
            assert agree(one, other) == agree(other, one)


@pytest.mark.parametrize(
    ("digits", "value"),
    [("1,250", 1250), ("1.250", 1250), ("1,25", 1.25), ("12.5", 12.5), ("0.125", 0.125), ("1.250.000", 1_250_000),
     ("1,250.5", 1250.5), ("14:30", 14.3)],
)  # fmt: skip
def test_signs_in_digits(digits: str, value: float) -> None:
    """Three digits behind a sign are thousands, fewer a fraction, and what begins with 0 is always a fraction."""
    assert value_of(digits) == value


@pytest.mark.parametrize(
    ("left", "right", "opposite"),
    [("more_than", "at_most", True), ("less_than", "at_least", True), ("more_than", "at_least", False),
     ("about", "at_most", False), ("", "less_than", False)],
)  # fmt: skip
def test_limits_from_two_sides_are_opposed(left: Bound, right: Bound, opposite: bool) -> None:
    """A limit from below and one from above are opposed, nothing else is."""
    assert opposed(left, right) is opposed(right, left) is opposite


def forms() -> list[tuple[str, str]]:
    """Return every word of the tables of numbers with where it stands."""
    found = []
    for language, tables in TABLES.items():
        for name, table in tables.items():
            for key, value in table.items():
                listed = [word.rstrip("*") for entry in value for word in entry.split()] if name == "words" else (
                    (value[2] if name == "unit" else value).split())  # fmt: skip
                found += [(f"{language}.{name}.{key}", form) for form in listed]
    return found


def test_every_form_can_be_found() -> None:
    """Each form in numbers.toml is one word as texts are cut into words; else it would never match."""
    assert [entry for entry in forms() if not WORD.fullmatch(entry[1])] == []


def test_no_form_stands_twice() -> None:
    """Nothing is listed twice under one value."""
    listed = [entry for entry in forms() if not re.match(r"\w\w\.words", entry[0])]
    assert sorted({entry for entry in listed if listed.count(entry) > 1}) == []
