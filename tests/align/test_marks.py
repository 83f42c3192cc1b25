"""Quotation marks are paired as they are printed: nested, glued, of two kinds, never closed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import lexicon
from align.extract import marks

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/marks.toml").read_text("utf-8"))["case"]
PAIRS = lexicon.load("en").pairs
LETTERS = st.text(alphabet="«»“”„\"‘’' ab,.\n—", max_size=80)


def read(text: str) -> list[list[object]]:
    """Return depth and words of each quotation."""
    found = marks.quotes(text, 0, len(text), PAIRS)
    return [[one.depth, text[one.start : one.end] + ("" if one.closed else "*")] for one in found]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["claim"].replace(" ", "-")[:60])
def test_marks_are_paired(case):
    """Depth and words are as the case says."""
    assert read(case["text"]) == case["expect"]


@given(LETTERS)
@settings(max_examples=300, deadline=None)
def test_quotations_nest_whatever_the_marks(text):
    """Every quotation lies in the text, two either nest or are apart, and the deeper one is inside."""
    found = marks.quotes(text, 0, len(text), PAIRS)
    for number, one in enumerate(found):
        assert 0 < one.start < one.end <= len(text)
        for other in found[number + 1 :]:
            apart = other.start >= one.end or other.end <= one.start
            inside = one.start <= other.start and other.end <= one.end
            assert apart or inside
            if not apart:
                assert other.depth > one.depth
