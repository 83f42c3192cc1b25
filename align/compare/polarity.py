"""Claims that became their opposites: by a negation that was lost or added, by an opposite word, none for not all."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from align.compare.claim import Claim, Mark
from align.compare.reading import NEGATIVE, Reading, is_negative, negative_clauses
from align.records import Evidence

# what is a negation in some languages and none in others
_DOUBTFUL = frozenset({"only", "only_also", "unless", "until"})
_OF_SOME = frozenset({"not_all", "not_all_also", "some", "few", "most", "unless"})
_IN_ITSELF = "negation_also"  # words that are negative without a negation: "fails", "lack"
_WHOLE = 0.8  # length, of the fuller text's, of a version that leaves out nothing


def negations(reading: Reading) -> Iterator[Evidence]:
    """Yield negations that were lost or added, opposites put in place, and "not all" made none or all."""
    yield from _opposites(reading)
    yield from _lost(reading, "is gone")
    for one in _lost(reading.turned, "is added"):
        yield msgspec.structs.replace(one, left=one.right, right=one.left, left_at=one.right_at, right_at=one.left_at)
    yield from _numbers_of_negations(reading)


def _opposites(reading: Reading) -> Iterator[Evidence]:
    for pair in reading.pairs:
        left, right = reading.left.terms[pair.left], reading.right.terms[pair.right]
        if pair.opposite and is_negative(reading.left, left) == is_negative(reading.right, right):
            yield reading.evidence("opposite", f"“{left.text}” became its opposite “{right.text}”", left, right)


def _lost(reading: Reading, says: str) -> Iterator[Evidence]:
    """Yield what "not all" became, and the first negation of the left text whose words the right has without any."""
    for mark in reading.left.of("negation", "none", "not_all"):
        pair = reading.to_right.get(mark.term) if mark.term is not None else None
        if pair is None or pair.opposite:
            continue
        if mark.kind == "not_all":
            yield from _not_all(reading, mark, reading.right.terms[pair.right].sentence)
        elif _is_lost(reading, mark, pair.right):
            yield reading.evidence("negation", f"“{mark.text}” {says}", mark, None)
            return


def _is_lost(reading: Reading, mark: Mark, there: int) -> bool:
    """Whether a negation of the left text is missing where term ``there`` of the right one has what it negates.

    Over languages a negation moves between clauses, so it must be missing from the whole sentence too: that has fewer
    negative clauses, and no other word that is negative in itself.
    """
    term = reading.right.terms[there]
    kinds = reading.kinds(mark.sentence) | reading.turned.kinds(term.sentence)
    opposed = any(pair.opposite and reading.left.terms[pair.left].clause == mark.clause for pair in reading.pairs)
    if kinds & _DOUBTFUL or opposed or is_negative(reading.right, term):
        return False
    if _in_themselves(reading.right, term.sentence) > _in_themselves(reading.left, mark.sentence):
        return False
    return negative_clauses(reading.right)[term.sentence] < negative_clauses(reading.left)[mark.sentence]


def _in_themselves(claim: Claim, sentence: int | None = None) -> int:
    """Return how many words are negative in themselves, in a sentence or in all."""
    return sum(mark.kind == _IN_ITSELF and sentence in {None, mark.sentence} for mark in claim.marks)


def _not_all(reading: Reading, mark: Mark, sentence: int) -> Iterator[Evidence]:
    """Yield "not all" that became none or all in a sentence of the right text."""
    inside = [one for one in reading.right.marks if one.sentence == sentence]
    other = next((one for one in inside if one.kind in {"none", "negation", "all"}), None)
    if other and not {one.kind for one in inside} & _OF_SOME:
        yield reading.evidence("negation", f"“{mark.text}” became “{other.text}”", mark, other)


def _numbers_of_negations(reading: Reading) -> Iterator[Evidence]:
    """Yield a negation where one of two texts has more of them, whatever they negate, and nothing was left out."""
    ours, theirs = negative_clauses(reading.left).total(), negative_clauses(reading.right).total()
    kinds = {mark.kind for mark in (*reading.left.marks, *reading.right.marks)}
    if ours == theirs or kinds & _DOUBTFUL:
        return
    if _in_themselves(reading.left) != _in_themselves(reading.right):
        return
    everything = reading.kept(range(len(reading.left.terms))) == 1
    if not everything and len(reading.right.terms) < _WHOLE * len(reading.left.terms):
        return
    says = f"negative clauses: {ours} and {theirs}"
    left = next((mark for mark in reading.left.marks if mark.kind in NEGATIVE), None)
    right = next((mark for mark in reading.right.marks if mark.kind in NEGATIVE), None)
    yield reading.evidence("polarity", says, left, None if left else right)
