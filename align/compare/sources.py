"""Who stands for a claim, and what joins claims: sources that were lost or changed, reasons that were made."""

from __future__ import annotations

from collections.abc import Iterator

from align.compare.claim import Mark, Term
from align.compare.reading import KEPT, Reading, evidence
from align.records import Evidence

_BEARERS = 4  # terms on either side of a word of saying that may bear it
_OWN = ("own", "own_also")
_SPOKEN = ("source", "source_also", "denied")


def sources(reading: Reading) -> Iterator[Evidence]:
    """Yield sources that were lost while their claim was kept, and claims that changed sides.

    A source is a word of saying or thinking and its bearer: the term that stands nearest to it in its clause.
    """
    for mark in reading.left.of("source"):
        around = [n for n in reading.sentence(mark.sentence) if not _inside(reading.left.terms[n], mark)]
        if reading.kept(around) < KEPT:
            continue
        units = reading.there(around, "sentence")
        spoken = [one for one in reading.right.of(*_SPOKEN) if one.sentence in units]
        own = _own(reading, mark, units)
        if own:
            yield evidence(reading, "attribution", f"“{mark.text}” became “{own.text}”", mark, own)
        elif not spoken:
            yield evidence(reading, "source", f"“{mark.text}” is gone", mark)
        else:
            yield from _other_bearer(reading, mark, spoken)


def _own(reading: Reading, mark: Mark, units: set[int]) -> Mark | None:
    """Return the words by which the right text takes a claim for its speaker's own that the left one puts to others."""
    if any(one.kind in _OWN and one.sentence == mark.sentence for one in reading.left.marks):
        return None
    return next((one for one in reading.right.of("own") if one.sentence in units), None)


def _other_bearer(reading: Reading, mark: Mark, spoken: list[Mark]) -> Iterator[Evidence]:
    """Yield a claim that another one bears: the bearer is in the text, but beside no word of saying there."""
    ours = _bearers(reading, mark)
    theirs = {n for one in spoken for n in _bearers(reading.turned(), one)}
    if not ours or not theirs or any(reading.to_right[n].right in theirs for n in ours if n in reading.to_right):
        return
    left = reading.left.terms[min(ours, key=lambda n: _gap(reading.left.terms[n], mark))]
    new = [n for n in theirs if n not in reading.to_left or reading.to_left[n].left not in ours]
    moved = any(n in reading.to_right for n in ours) or any(n in reading.to_left for n in theirs)
    if new and moved:
        right = reading.right.terms[min(new)]
        yield evidence(reading, "bearer", f"“{mark.text}” is said of “{left.text}” there, of “{right.text}” here", left, right)


def _bearers(reading: Reading, mark: Mark) -> list[int]:
    """Return the terms that may bear a word of saying: the nearest before and behind it in its clause."""
    near = [n for n in reading.clause(mark.clause) if not _inside(reading.left.terms[n], mark)]
    before = [n for n in near if reading.left.terms[n].end <= mark.start][-_BEARERS:]
    behind = [n for n in near if reading.left.terms[n].start >= mark.end][:_BEARERS]
    return [*before, *behind]


def _gap(term: Term, mark: Mark) -> int:
    return max(term.start - mark.end, mark.start - term.end)


def _inside(term: Term, mark: Mark) -> bool:
    return term.start < mark.end and mark.start < term.end


def reasons(reading: Reading) -> Iterator[Evidence]:
    """Yield reasons and conditions that only the right text gives, between claims that the left one does not join."""
    back = reading.turned()
    for mark in reading.right.of("cause", "condition", "unless"):
        inside = back.clause(mark.clause)
        beside = [n for n in back.sentence(mark.sentence) if n not in inside]
        if mark.kind == "cause" and not back.there(beside, "clause"):
            beside = back.sentence(mark.sentence - 1)  # "That is why ..." looks back to the sentence before
        if back.kept(inside) >= KEPT and back.there(beside, "clause") and not _joined(back, mark, inside, beside):
            yield evidence(reading, "splice", f"“{mark.text}” joins what is not joined there", None, mark)


def _joined(back: Reading, mark: Mark, inside: list[int], beside: list[int]) -> bool:
    """Whether the full text too gives a reason or condition where these terms are, or has them in one clause."""
    here, there = back.there(inside, "sentence"), back.there(beside, "sentence")
    if mark.kind == "cause":
        one_clause = back.there(inside, "clause") == back.there(beside, "clause")
        return one_clause or back.has(("cause", "cause_also"), here | there, "sentence")
    given = ("condition", "condition_also", "unless", "cause")
    return bool(here & there) or back.has(given, here | there, "sentence")
