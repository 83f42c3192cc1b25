"""Vectors to candidate pairs: which mentions may report one utterance, before anybody compares their words.

Blocked by person and time: two people's words, or words spoken weeks apart, are not compared. Inside a block the part
of a vector that a person's statements of those days share in a language (language, topic, manner) is taken away first;
what is left tells one statement from another, over languages. Whatever is decided about a mention depends on nothing
that lies further away than twice the window, so that new mentions change only their neighbourhood.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from align.records import Occasion

Vectors = NDArray[np.float32]

WINDOW = timedelta(days=14)  # spoken further apart, the same words are another occasion
ALIKE = 0.1  # least centred cosine of a candidate pair: a lower one joined no pair of 912 labelled ones
_PRIOR = 20  # how many mentions the shipped mean of a language weighs against a person's own
_ROWS = 512  # rows that are multiplied at once


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What blocking knows of a mention: whose, in which language, spoken (or printed) when; None fits any time.

    ``speech``: it is a whole answer or speech, which holds several statements.
    """

    person: str | None
    language: str
    printed: datetime | None
    occasion: Occasion | None = None
    speech: bool = False


@cache
def _background() -> tuple[str, dict[str, Vectors]]:
    """Return the encoder's name and its mean vectors by language, as shipped (tests/bench/background.py makes them)."""
    with np.load(Path(__file__).parent / "background.npz") as kept:
        means = {name: kept[name].astype(np.float32) for name in kept.files if name != "encoder"}
        return str(kept["encoder"]), means


def mean_of(language: str, encoder: str, dimension: int) -> Vectors:
    """Return the encoder's mean vector of a language; zeros where none is shipped."""
    shipped, means = _background()
    zeros: Vectors = np.zeros(dimension, dtype=np.float32)
    return means.get(language, zeros) if encoder == shipped else zeros


def fits(left: Place, right: Place) -> bool:
    """Whether two mentions may be of one occasion as far as time goes."""
    one, other = left.printed, right.printed
    return one is None or other is None or abs(one - other) <= WINDOW


def plain(vectors: Vectors, places: Sequence[Place], encoder: str) -> Vectors:
    """Return unit rows without the shipped mean of their language alone: what depends on nobody else."""
    means = [mean_of(place.language, encoder, vectors.shape[1]) for place in places]
    return _unit(vectors - np.stack(means)) if means else vectors


def centred(vectors: Vectors, places: Sequence[Place], encoder: str) -> Vectors:
    """Return unit rows without the mean of what their person said in their language in the days around them.

    ``vectors`` has shape (len(places), dimension), unit rows as the encoder gave them, in an order that depends on the
    mentions alone. The mean is drawn towards the shipped mean of the language. Sums are taken day by day: a row comes
    out the same to the last bit whoever else is in the batch, if only all of its window is.
    """
    rows = np.zeros(vectors.shape, dtype=np.float32)
    blocks: dict[tuple[str | None, str], dict[int, list[int]]] = {}
    for index, place in enumerate(places):
        days = blocks.setdefault((place.person, place.language), {})
        days.setdefault(_day(place), []).append(index)
    for (_, language), days in blocks.items():
        prior = mean_of(language, encoder, vectors.shape[1]).astype(np.float64)
        sums = {day: vectors[found].sum(axis=0, dtype=np.float64) for day, found in days.items()}
        for day, found in days.items():
            around = [other for other in sorted(days) if other > _UNDATED and abs(other - day) <= WINDOW.days]
            total = np.sum([sums[other] for other in around], axis=0) if around and day > _UNDATED else 0.0
            number = sum(len(days[other]) for other in around) if day > _UNDATED else 0
            rows[found] = vectors[found] - (total + _PRIOR * prior) / (number + _PRIOR)
    return _unit(rows)


def _unit(rows: Vectors) -> Vectors:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Vectors = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 1e-6)
    return unit


_UNDATED = -1


def _day(place: Place) -> int:
    return place.printed.toordinal() if place.printed else _UNDATED


def candidates(
    rows: Vectors, places: Sequence[Place], anew: Collection[int], *, least: float = ALIKE, across: bool = False
) -> Iterator[tuple[int, int, float]]:
    """Yield (i, j, cosine) with i < j for pairs that fit in time and are alike, one of them in ``anew``.

    The two are one person's (or nobody's), with ``across`` two people's (or somebody's and nobody's). The cosine of a
    pair is the same to the last bit whatever else is in the batch.
    """
    known = set(anew)
    order = sorted(range(len(places)), key=lambda index: (_day(places[index]), index))
    days = np.array([_day(places[index]) for index in order])
    wanted = [at for at, index in enumerate(order) if index in known]
    for start in range(0, len(wanted), _ROWS):
        chunk = wanted[start : start + _ROWS]
        dated = [days[at] for at in chunk if days[at] > _UNDATED]
        first, last = 0, len(order)
        if len(dated) == len(chunk):
            undated = int(np.searchsorted(days, _UNDATED, side="right"))
            low = int(np.searchsorted(days, min(dated) - WINDOW.days - 1))
            first, last = max(undated, low), int(np.searchsorted(days, max(dated) + WINDOW.days + 1, side="right"))
            span = [*range(undated), *range(first, last)]
        else:
            span = list(range(first, last))
        left = np.array([order[at] for at in chunk])
        right = np.array([order[at] for at in span])
        near, far = np.nonzero(rows[left] @ rows[right].T >= least - 0.01)
        ones, others = left[near], right[far]
        once = [
            n
            for n, (i, j) in enumerate(zip(ones.tolist(), others.tolist(), strict=True))
            if i != j
            and not (j in known and j < i)
            and (places[i].person != places[j].person) == across
            and fits(places[i], places[j])
        ]
        ones, others = ones[once], others[once]
        exact = np.einsum("ij,ij->i", rows[ones], rows[others], dtype=np.float64)
        for i, j, cosine in zip(ones.tolist(), others.tolist(), exact.tolist(), strict=True):
            if round(cosine, 4) >= least:
                yield min(i, j), max(i, j), round(cosine, 4)
