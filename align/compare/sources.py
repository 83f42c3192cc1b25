"""Who stands for a claim, and what joins claims: sources that were lost or changed, reasons that were made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from align.compare.claim import Mark, Term
from align.compare.reading import KEPT, Reading
from align.records import Evidence

_BEARERS = 4  # terms on either side of a word of saying that may bear it
_OWN = frozenset({"own", "own_also"})
_SPOKEN = ("source", "source_also", "denied")
_CAUSE = ("cause", "cause_also")
_GIVEN = ("condition", "condition_also", "unless", "cause")


def sources(reading: Reading) -> Iterator[Evidence]:
    """Yield sources that were lost while their claim was kept, and claims that changed sides.

    A source is a word of saying or thinking and its bearer, one of the terms that stand next to it in its clause.
    """
    for mark in reading.left.of("source"):
        around = [n for n in reading.sentence(mark.sentence) if not _inside(reading.left.terms[n], mark)]
        if reading.kept(around) < KEPT:
            continue
        there = reading.sentences_there(around)
        spoken = [one for one in reading.right.of(*_SPOKEN) if one.sentence in there]
        own = _own(reading, mark, there)
        if own:
            yield reading.evidence("attribution", f"“{mark.text}” became “{own.text}”", mark, own)
        elif not spoken:
            yield reading.evidence("source", f"“{mark.text}” is gone", mark)
        else:
            yield from _other_bearer(reading, mark, spoken)


def _own(reading: Reading, mark: Mark, there: set[int]) -> Mark | None:
    """Return the words by which the right text takes a claim for its speaker's own that the left one puts to others."""
    if reading.kinds(mark.sentence) & _OWN:
        return None
    return next((one for one in reading.right.of("own") if one.sentence in there), None)


def _other_bearer(reading: Reading, mark: Mark, spoken: Sequence[Mark]) -> Iterator[Evidence]:
    """Yield a claim that another one bears: the bearer is in the text, but beside no word of saying there."""
    ours = _bearers(reading, mark)
    theirs = {n for one in spoken for n in _bearers(reading.turned, one)}
    matched = [reading.to_right[n].right for n in ours if n in reading.to_right]
    if not ours or not theirs or not theirs.isdisjoint(matched):
        return
    new = [n for n in theirs if n not in reading.to_left or reading.to_left[n].left not in ours]
    moved = bool(matched) or any(n in reading.to_left for n in theirs)
    if new and moved:
        left = min((reading.left.terms[n] for n in ours), key=lambda term: _gap(term, mark))
        right = reading.right.terms[min(new)]
        says = f"“{mark.text}” is said of “{left.text}” there, of “{right.text}” here"
        yield reading.evidence("bearer", says, left, right)


def _bearers(reading: Reading, mark: Mark) -> list[int]:
    """Return the names that may bear a word of saying: the nearest before and behind it in its clause."""
    terms = reading.left.terms
    near = [n for n in reading.clause(mark.clause) if terms[n].kind == "name"]
    before = [n for n in near if terms[n].end <= mark.start][-_BEARERS:]
    behind = [n for n in near if terms[n].start >= mark.end][:_BEARERS]
    return [*before, *behind]


def _gap(term: Term, mark: Mark) -> int:
    return max(term.start - mark.end, mark.start - term.end)


def _inside(term: Term, mark: Mark) -> bool:
    return term.start < mark.end and mark.start < term.end


def reasons(reading: Reading) -> Iterator[Evidence]:
    """Yield reasons and conditions that only the right text gives, between claims that the left one does not join."""
    back = reading.turned
    for mark in reading.right.of("cause", "condition", "unless"):
        inside = back.clause(mark.clause)
        beside = [n for n in back.sentence(mark.sentence) if n not in inside]
        if mark.kind == "cause" and not back.clauses_there(beside):
            beside = back.sentence(mark.sentence - 1)  # "That is why ..." looks back to the sentence before
        if back.kept(inside) >= KEPT and back.clauses_there(beside) and not _joined(back, mark, inside, beside):
            yield reading.evidence("splice", f"“{mark.text}” joins what is not joined there", None, mark)


def _joined(back: Reading, mark: Mark, inside: Sequence[int], beside: Sequence[int]) -> bool:
    """Whether the full text too gives a reason or condition where these terms are, or has them in one clause.

    For a condition, one sentence is enough.
    """
    here, there = back.sentences_there(inside), back.sentences_there(beside)
    if mark.kind == "cause":
        return back.clauses_there(inside) == back.clauses_there(beside) or back.has(_CAUSE, here | there)
    return bool(here & there) or back.has(_GIVEN, here | there)
