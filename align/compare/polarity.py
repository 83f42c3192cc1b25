"""Claims that became their opposites: by a negation that was lost or added, by an opposite word, none for not all."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from align.compare.claim import Mark
from align.compare.reading import NEGATIVE, Reading, evidence, is_negative
from align.records import Evidence

# what is a negation in some languages and none in others
_DOUBTFUL = frozenset({"only", "only_also", "unless", "until"})
_OF_SOME = frozenset({"not_all", "not_all_also", "some", "few", "most", "unless"})


def negations(reading: Reading) -> Iterator[Evidence]:
    """Yield negations that were lost or added, opposites put in place, and "not all" made none or all."""
    yield from _opposites(reading)
    yield from _lost(reading, "is gone")
    for one in _lost(reading.turned(), "is added"):
        yield msgspec.structs.replace(
            one, left=one.right, right=one.left, left_at=one.right_at, right_at=one.left_at
        )
    yield from _numbers_of_negations(reading)


def _opposites(reading: Reading) -> Iterator[Evidence]:
    for pair in reading.pairs:
        left, right = reading.left.terms[pair.left], reading.right.terms[pair.right]
        if pair.opposite and is_negative(reading.left, left) == is_negative(reading.right, right):
            yield evidence(reading, "opposite", f"“{left.text}” became its opposite “{right.text}”", left, right)


def _lost(reading: Reading, says: str) -> Iterator[Evidence]:
    """Yield negations of the left text whose words the right one has without any.

    Over languages a negation moves between clauses, so a lost one must be missing from the whole sentence too: it has
    fewer negative clauses.
    """
    ours, theirs = reading.negatives()
    for mark in reading.left.of("negation", "none", "not_all"):
        pair = reading.to_right.get(mark.term) if mark.term is not None else None
        if pair is None or pair.opposite:
            continue
        term = reading.right.terms[pair.right]
        inside = [one for one in reading.right.marks if one.sentence == term.sentence]
        kinds = {one.kind for one in inside}
        if mark.kind == "not_all":
            yield from _not_all(reading, mark, inside)
        elif (
            not (kinds | reading.kinds(mark)) & _DOUBTFUL
            and not _said_otherwise(reading, mark, inside)
            and not any(one.kind in NEGATIVE and one.clause == term.clause for one in inside)
            and not any(p.opposite for p in reading.pairs if reading.left.terms[p.left].clause == mark.clause)
            and theirs.get(term.sentence, 0) < ours.get(mark.sentence, 0)
        ):
            yield evidence(reading, "negation", f"“{mark.text}” {says}", mark, None)
            return


def _said_otherwise(reading: Reading, mark: Mark, inside: list[Mark]) -> bool:
    """Whether the right text has a word that is negative in itself ("fails", "without") where the left one has none."""
    ours = sum(one.kind == "negation_also" and one.sentence == mark.sentence for one in reading.left.marks)
    return sum(one.kind == "negation_also" for one in inside) > ours


def _not_all(reading: Reading, mark: Mark, inside: list[Mark]) -> Iterator[Evidence]:
    other = next((one for one in inside if one.kind in {"none", "negation", "all"}), None)
    if other and not {one.kind for one in inside} & _OF_SOME:
        yield evidence(reading, "negation", f"“{mark.text}” became “{other.text}”", mark, other)


def _numbers_of_negations(reading: Reading) -> Iterator[Evidence]:
    """Yield sentences that stand for each other and of which one has more negations, whatever they belong to."""
    ours, theirs = reading.negatives()
    kinds = {mark.kind for mark in (*reading.left.marks, *reading.right.marks)}
    otherwise = [sum(mark.kind == "negation_also" for mark in marks) for marks in (reading.left.marks, reading.right.marks)]
    if kinds & _DOUBTFUL or otherwise[0] != otherwise[1] or sum(ours.values()) == sum(theirs.values()):
        return
    full = reading.kept(range(len(reading.left.terms)))
    if full < 1 and len(reading.right.terms) < _WHOLE * len(reading.left.terms):
        return
    mark = next(one for one in (*reading.left.marks, *reading.right.marks) if one.kind in NEGATIVE)
    left, right = (mark, None) if mark in reading.left.marks else (None, mark)
    says = f"negative clauses: {sum(ours.values())} and {sum(theirs.values())}"
    yield evidence(reading, "polarity", says, left, right)


_WHOLE = 0.8  # share of the terms that a version has which leaves out nothing
