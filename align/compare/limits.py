"""What limits a claim and was lost: conditions, doubts, parts of a whole, what only may be; and what became certain."""

from __future__ import annotations

from collections.abc import Iterator

from align.compare.claim import Mark
from align.compare.reading import Reading
from align.records import Evidence

_CONDITION = ("condition", "unless")
_UNSURE = ("unsure", "unsure_also", "possible", "intended")
_WEAK = ("possible", "possible_also", "intended", "intended_also", "should", "should_also", "unsure", "unsure_also")
_PARTIAL = (
    "usually", "most", "nearly_all", "some", "few", "not_all",
    "usually_also", "nearly_all_also", "some_also", "not_all_also",
)  # fmt: skip
_WHOLE = ("all", "nearly_all", "not_all", "none")
_SPOKEN = ("source", "source_also")
_ALONE = 2  # terms of a clause from which it is looked at without the rest of its sentence


def hedges(reading: Reading) -> Iterator[Evidence]:
    """Yield conditions, doubts and limits that were lost while the claim that they limit was kept."""
    for mark in reading.left.of(*_CONDITION):
        limited = [n for n in reading.sentence(mark.sentence) if reading.left.terms[n].clause != mark.clause]
        if reading.lost(limited or reading.clause(mark.clause), (*_CONDITION, "until")):
            yield reading.evidence("hedge", f"the condition “{mark.text}” is gone", mark)
    yield from _doubts(reading, ("unsure",), _UNSURE)
    yield from _doubts(reading, ("nearly_all", "most", "usually"), _PARTIAL)
    yield from _shares(reading)
    yield from _wholes(reading)


def _doubts(reading: Reading, kinds: tuple[str, ...], instead: tuple[str, ...]) -> Iterator[Evidence]:
    """Yield marks of some kinds that were lost, where no mark of other kinds stands instead of them."""
    for mark in reading.left.of(*kinds):
        around = reading.clause(mark.clause)
        if len(around) < _ALONE:
            around = reading.sentence(mark.sentence)
        if reading.lost(around, instead) and not _told_by_another(reading, mark, around):
            yield reading.evidence("hedge", f"“{mark.text}” is gone", mark)


def _told_by_another(reading: Reading, mark: Mark, around: list[int]) -> bool:
    """Whether the right text names a source where the left one has none: "probably" may be said as "in his view"."""
    return reading.has(_SPOKEN, reading.sentences_there(around)) and "source" not in reading.kinds(mark.sentence)


def _shares(reading: Reading) -> Iterator[Evidence]:
    """Yield shares that are gone, so that a part was made the whole; unless another quantity is there instead."""
    if any(term.quantity and b not in reading.to_left for b, term in enumerate(reading.right.terms)):
        return
    for n, term in enumerate(reading.left.terms):
        share = term.quantity is not None and term.quantity.dimension == "share"
        if share and n not in reading.to_right and reading.lost(reading.clause(term.clause), _PARTIAL):
            yield reading.evidence("hedge", f"“{term.text}” is gone", term)


def _wholes(reading: Reading) -> Iterator[Evidence]:
    """Yield "all" where the left text says some, most or few."""
    back = reading.turned
    for mark in reading.right.of("all"):
        around = back.clause(mark.clause)
        if back.lost(around, _WHOLE) and back.has(("some", "most", "few"), back.sentences_there(around)):
            yield reading.evidence("hedge", f"“{mark.text}” is added", None, mark)


def modality(reading: Reading) -> Iterator[Evidence]:
    """Yield what may, can or is planned to be and became what is or will be; and obligations that were added."""
    for mark in reading.left.of("possible", "intended", "should"):
        around = [mark.term] if mark.term is not None and mark.term in reading.to_right else reading.clause(mark.clause)
        if reading.lost(around, (*_WEAK, "certain") if mark.kind == "should" else _WEAK):
            strong = _strong(reading, reading.sentences_there(around))
            became = f"became “{strong.text}”" if strong else "is gone"
            yield reading.evidence("modality", f"“{mark.text}” {became}", mark, strong)
    for mark in reading.right.of("certain"):
        if reading.turned.lost(reading.turned.clause(mark.clause), ("certain", "should")):
            yield reading.evidence("modality", f"“{mark.text}” is added", None, mark)


def _strong(reading: Reading, sentences: set[int]) -> Mark | None:
    return next((one for one in reading.right.of("certain", "future") if one.sentence in sentences), None)
