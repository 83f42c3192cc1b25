"""Quantities that became others."""

from __future__ import annotations

from collections.abc import Iterator

from align.compare.claim import Term
from align.compare.reading import Reading, distance, evidence, is_negative
from align.records import Evidence


def numbers(reading: Reading) -> Iterator[Evidence]:
    """Yield each quantity that became another one: both are left over, of one kind, beside matched words."""
    ours = [n for n, term in enumerate(reading.left.terms) if term.quantity and n not in reading.to_right]
    theirs = [n for n, term in enumerate(reading.right.terms) if term.quantity and n not in reading.to_left]
    used: set[int] = set()
    for a in ours:
        left = reading.left.terms[a]
        same = [b for b in theirs if b not in used and _comparable(left, reading.right.terms[b])]
        if not same:
            continue
        b = min(same, key=lambda n: (distance(reading, a, n), n))
        if distance(reading, a, b) > _FAR:
            continue
        used.add(b)
        right = reading.right.terms[b]
        if _turned_limit(reading, left, right):
            continue
        yield evidence(reading, "number", f"“{_bounded(left)}” became “{_bounded(right)}”", left, right)


_FAR = 3.0  # places between a term and where its counterpart should stand


def _turned_limit(reading: Reading, left: Term, right: Term) -> bool:
    """Whether one value has opposite limits beside a negation: "not over 40" is "at most 40"."""
    if not left.quantity or not right.quantity or left.quantity.value != right.quantity.value:
        return False
    return is_negative(reading.left, left) or is_negative(reading.right, right)


def _bounded(term: Term) -> str:
    bound = term.quantity.bound.replace("_", " ") if term.quantity else ""
    return f"{bound} {term.text}".strip()


def _comparable(left: Term, right: Term) -> bool:
    if not left.quantity or not right.quantity:
        return False
    one, other = left.quantity, right.quantity
    dates = {"day", "month_of", "weekday"}
    if one.dimension == other.dimension:
        return True
    return not {one.dimension, other.dimension} & dates


def bounds(reading: Reading) -> Iterator[Evidence]:
    """Yield limits of quantities (at least, about) that were lost."""
    for pair in reading.pairs:
        left, right = reading.left.terms[pair.left], reading.right.terms[pair.right]
        if left.quantity and right.quantity and left.quantity.bound and not right.quantity.bound:
            yield evidence(reading, "bound", f"“{_bounded(left)}” became “{_bounded(right)}”", left, right)
