"""What limits a claim and was lost: conditions, doubts, parts of a whole, what only may be; and what was made certain."""

from __future__ import annotations

from collections.abc import Iterator

from align.compare.reading import KEPT, Reading, evidence
from align.records import Evidence

_CONDITION = ("condition", "condition_also", "unless", "without")
_UNSURE = ("unsure", "unsure_also", "possible", "intended")
_WEAK = ("possible", "possible_also", "intended", "intended_also", "should", "should_also", "unsure", "unsure_also")
_PARTIAL = (
    "usually", "most", "nearly_all", "some", "few", "not_all",
    "usually_also", "nearly_all_also", "some_also", "not_all_also",
)  # fmt: skip


def hedges(reading: Reading) -> Iterator[Evidence]:
    """Yield conditions, doubts and limits that were lost while the claim that they limit was kept."""
    for mark in reading.left.of("condition", "unless"):
        main = [n for n in reading.sentence(mark.sentence) if reading.left.terms[n].clause != mark.clause]
        main = main or reading.clause(mark.clause)
        if reading.kept(main) >= KEPT and not reading.has(
            ("condition", "unless"), reading.there(main, "sentence"), "sentence"
        ):
            yield evidence(reading, "hedge", f"the condition “{mark.text}” is gone", mark)
    for kinds, instead in (
        (("unsure",), _UNSURE),
        (("nearly_all", "most", "usually"), _PARTIAL),
    ):
        for mark in reading.left.of(*kinds):
            around = reading.clause(mark.clause)
            if len(around) < 2:
                around = reading.sentence(mark.sentence)
            units = reading.there(around, "sentence")
            if reading.kept(around) >= KEPT and not reading.has(instead, units, "sentence"):
                says = reading.has(("source", "source_also"), units, "sentence") and not reading.beside(mark, "source")
                if not says:  # "probably" may be said as "in his view"
                    yield evidence(reading, "hedge", f"“{mark.text}” is gone", mark)
    yield from _whole(reading)


def _whole(reading: Reading) -> Iterator[Evidence]:
    """Yield a part that was made the whole: a share that is gone, "all" where there was none."""
    for n, term in enumerate(reading.left.terms):
        if term.quantity and term.quantity.dimension == "share" and n not in reading.to_right:
            around = reading.clause(term.clause)
            units = reading.there(around, "sentence")
            counted = any(other.quantity and b not in reading.to_left for b, other in enumerate(reading.right.terms))
            if reading.kept(around) >= KEPT and not counted and not reading.has(_PARTIAL, units, "sentence"):
                yield evidence(reading, "hedge", f"“{term.text}” is gone", term)
    back = reading.turned()
    for mark in reading.right.of("all"):
        around = back.clause(mark.clause)
        units = back.there(around, "sentence")
        whole = ("all", "nearly_all", "not_all", "none")
        if (
            back.kept(around) >= KEPT
            and not back.has(whole, units, "sentence")
            and back.has(("some", "most", "few"), units, "sentence")
        ):
            yield evidence(reading, "hedge", f"“{mark.text}” is added", None, mark)


def modality(reading: Reading) -> Iterator[Evidence]:
    """Yield what may, can or is planned to be and became what is or will be; and obligations that were added."""
    for mark in reading.left.of("possible", "intended", "should"):
        around = [mark.term] if mark.term is not None and mark.term in reading.to_right else reading.clause(mark.clause)
        if reading.kept(around) < KEPT:
            continue
        units = reading.there(around, "sentence")
        if not reading.has((*_WEAK, *(("certain",) if mark.kind == "should" else ())), units, "sentence"):
            strong = next(
                (one for one in reading.right.marks if one.kind in {"certain", "future"} and one.sentence in units),
                None,
            )
            yield evidence(
                reading,
                "modality",
                f"“{mark.text}” " + (f"became “{strong.text}”" if strong else "is gone"),
                mark,
                strong,
            )
    back = reading.turned()
    for mark in reading.right.of("certain"):
        around = back.clause(mark.clause)
        if back.kept(around) >= KEPT and not back.has(
            ("certain", "should"), back.there(around, "sentence"), "sentence"
        ):
            yield evidence(reading, "modality", f"“{mark.text}” is added", None, mark)
