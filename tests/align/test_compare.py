"""Two versions of a statement: one utterance or two, how related, how distorted, and with which words as evidence."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import compare, encode
from align.compare import Side

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/compare.toml").read_text("utf-8"))["case"]
TEXTS = st.text(st.sampled_from("не если may 40 сорок Δεν “”«».,\n Кипр"), max_size=80)


@pytest.fixture(scope="module")
def encoder() -> encode.Encoder:
    """The encoder that the tool uses."""
    return encode.default_encoder()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["claim"].replace(" ", "-")[:60])
def test_versions_are_compared(case, encoder):
    """Relation and distortion are as the case says, and evidence names words of the texts themselves."""
    (left, a), (right, b) = case["a"], case["b"]
    vectors = encoder.encode([a, b])
    result = compare.compare(Side(text=a, language=left), Side(text=b, language=right), float(vectors[0] @ vectors[1]))
    expect = {"distortion": None, **case["expect"]}
    assert {key: getattr(result, key) for key in expect} == expect
    assert result.evidence
    for one in result.evidence:
        assert one.says


@given(TEXTS, TEXTS)
@settings(max_examples=100, deadline=None)
def test_any_two_texts_can_be_compared(a, b):
    """Whatever the texts, there is a verdict with a score between 0 and 1, the same every time."""
    sides = Side(text=a, language="ru"), Side(text=b, language="ru")
    result = compare.compare(*sides, None)
    assert result == compare.compare(*sides, None)
    assert 0 <= result.score <= 1
    assert (result.relation is None) == (not result.same_utterance)


@given(TEXTS.filter(str.split))
@settings(max_examples=60, deadline=None)
def test_a_text_is_never_a_distortion_of_itself(text):
    """Compared with itself a text is verbatim."""
    side = Side(text=text, language="ru")
    assert compare.compare(side, side, None).relation == "verbatim"
