"""Quantities that became others, and limits of quantities that were lost."""

from __future__ import annotations

from collections.abc import Iterator

from align.compare.claim import Term
from align.compare.quantities import Quantity
from align.compare.reading import Reading, is_negative
from align.records import Evidence

_FAR = 3.0  # places between a term and where its counterpart should stand
_ONLY_DATES = frozenset({"day", "month_of", "weekday"})  # dimensions that become no other one; a year may be a number


def numbers(reading: Reading) -> Iterator[Evidence]:
    """Yield each quantity that became another one: both are left over, of one kind, beside matched words."""
    theirs = [n for n, term in enumerate(reading.right.terms) if term.quantity and n not in reading.to_left]
    for a, left in enumerate(reading.left.terms):
        if left.quantity is None or a in reading.to_right:
            continue
        b = _instead(reading, a, theirs)
        if b is None:
            continue
        theirs.remove(b)
        right = reading.right.terms[b]
        if not _turned_limit(reading, left, right):
            yield reading.evidence("number", f"“{_bounded(left)}” became “{_bounded(right)}”", left, right)


def bounds(reading: Reading) -> Iterator[Evidence]:
    """Yield limits of quantities (at least, about) that were lost."""
    for pair in reading.pairs:
        left, right = reading.left.terms[pair.left], reading.right.terms[pair.right]
        if left.quantity and right.quantity and left.quantity.bound and not right.quantity.bound:
            yield reading.evidence("bound", f"“{_bounded(left)}” became “{_bounded(right)}”", left, right)


def _instead(reading: Reading, a: int, theirs: list[int]) -> int | None:
    """Return which of some quantities of the right text stands where one of the left should."""
    ours = reading.left.terms[a].quantity
    same = [b for b in theirs if _comparable(ours, reading.right.terms[b].quantity)]
    nearest = min(same, key=lambda b: (reading.distance(a, b), b), default=None)
    return nearest if nearest is not None and reading.distance(a, nearest) <= _FAR else None


def _comparable(left: Quantity | None, right: Quantity | None) -> bool:
    if left is None or right is None:
        return False
    return left.dimension == right.dimension or not {left.dimension, right.dimension} & _ONLY_DATES


def _turned_limit(reading: Reading, left: Term, right: Term) -> bool:
    """Whether one value has opposite limits beside a negation: "not over 40" is "at most 40"."""
    if not left.quantity or not right.quantity or left.quantity.value != right.quantity.value:
        return False
    return is_negative(reading.left, left) or is_negative(reading.right, right)


def _bounded(term: Term) -> str:
    bound = term.quantity.bound.replace("_", " ") if term.quantity else ""
    return f"{bound} {term.text}".strip()
