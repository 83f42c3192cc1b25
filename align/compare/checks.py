"""A matching to the differences that matter: each check looks for one thing and says which words differ.

A check speaks only of what both texts say: a mark that was lost counts where the claim that it belonged to was kept.
The score of what it finds says how well the two sentences stand for each other that the words are in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from align.compare.limits import hedges, modality
from align.compare.matching import Matching
from align.compare.measures import bounds, numbers
from align.compare.polarity import negations
from align.compare.reading import Reading
from align.compare.sources import reasons, sources
from align.compare.wording import other_names, replaced, senses
from align.records import Evidence

CHECKS: tuple[Callable[[Reading], Iterator[Evidence]], ...] = (
    numbers, negations, other_names, replaced, senses, sources, reasons, modality, hedges, bounds,
)  # fmt: skip


def differences(matching: Matching) -> list[Evidence]:
    """Return what all checks find, in their order; what two of them say in the same words, once."""
    reading = Reading(matching)
    return list(dict.fromkeys(one for check in CHECKS for one in check(reading)))
