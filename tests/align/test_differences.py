"""What became of a claim: each check finds what it looks for, says with which words, and lets honest versions be."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from align.compare import checks
from align.compare.claim import claim
from align.compare.matching import match
from align.compare.verdict import may_be_alarms
from align.records import Evidence

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/differences.toml").read_text("utf-8"))["case"]
PAIRS = Path(__file__).parents[1] / "cases/pairs"


def differences(a: tuple[str, str], b: tuple[str, str]) -> list[Evidence]:
    """Return what all checks find between two texts, each given as (language, text)."""
    return checks.differences(match(claim(a[1], a[0]), claim(b[1], b[0])))


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=pytest.mark.xfail(strict=True, reason=case["misses"]) if "misses" in case else ())
        for case in CASES
    ],
    ids=[f"{case['check']} {'found' if 'found' in case else 'honest'}: {case['b'][1][:40]}" for case in CASES],
)
def test_differences_are_found(case: dict[str, Any]) -> None:
    """The check names the words that differ; between honest look-alikes there is nothing to alarm anybody."""
    found = differences(case["a"], case["b"])
    if "found" in case:
        assert (case["check"], *case["found"]) in {(one.check, one.left, one.right) for one in found}
    else:
        assert may_be_alarms(found) == []
