"""Pairs to groups: agglomeration that no single pair can carry.

Two groups become one where, on average over all pairs of theirs and over the best pair of each member of the smaller,
they report one utterance more likely than not (a mixture of average linkage, Sokal and Michener 1958, with best
matches); a pair that must not be one keeps whole groups apart. The result depends on the set of mentions and pairs
alone, not on their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from align.likeness import FLOOR, SURE

TOGETHER = -1.0  # least mixture of log odds; chosen by B-cubed F1 on labelled mentions, 2026-11-25
CERTAIN = 1e3  # log odds of a person's verdict: two groups with such a pair are one before anything is weighed
_NEVER = -1e6
_MOST = (
    2000  # mentions that are weighed together, for time grows with their cube; more are first cut where it is weakest
)
_STEP = 0.5  # by how much the log odds rise that hold such a part together

Apart = Callable[[str, str], bool]
Table = NDArray[np.float64]


def groups(ids: Sequence[str], odds: Mapping[tuple[str, str], float], apart: Apart) -> list[list[str]]:
    """Return a partition of ``ids``, each group sorted, in order of their first.

    ``odds`` holds what is known of pairs, by (smaller, larger) id; other pairs stand for ``likeness.FLOOR``. ``apart``
    says of a pair that it cannot be one utterance.
    """
    parts = _parts(sorted(ids), odds)
    return sorted(sorted(group) for part in parts for group in _agglomerate(part, odds, apart))


def joined(
    made: Sequence[list[str]], odds: Mapping[tuple[str, str], float], apart: Apart, late: Sequence[list[str]] = ()
) -> list[list[str]]:
    """Put groups of another kind where they belong, each whole and into one other group at most.

    ``late`` groups go into ``made`` ones; without them smaller made groups go into larger ones. A group goes where the
    best pairs of its members are likeliest on average, and more likely than not; one that took in another goes nowhere.
    """
    own = sorted(made, key=lambda group: (-len(group), group))
    taken: dict[int, list[list[str]]] = {}
    gone: set[int] = set()
    of = {name: number for number, group in enumerate(own) for name in group}
    beside: dict[str, list[tuple[str, float]]] = {}
    for (left, right), figure in odds.items():
        beside.setdefault(left, []).append((right, figure))
        beside.setdefault(right, []).append((left, figure))
    waiting: list[tuple[int | None, list[str]]] = [(None, group) for group in late] or [
        (n, own[n]) for n in reversed(range(len(own)))
    ]
    for number, group in waiting:
        if number is not None and number in taken:
            continue
        goal = _goal(group, number, of, beside)
        if goal is None or goal in gone or any(apart(a, b) for a in group for b in own[goal]):
            continue
        taken.setdefault(goal, []).append(group)
        if number is not None:
            gone.add(number)
    left_over = [group for group in late if not any(group in found for found in taken.values())]
    kept = [
        sorted([*group, *(name for other in taken.get(n, ()) for name in other)])
        for n, group in enumerate(own)
        if n not in gone
    ]
    return sorted([*kept, *left_over])


def _goal(
    group: Sequence[str], number: int | None, of: Mapping[str, int], beside: Mapping[str, list[tuple[str, float]]]
) -> int | None:
    """Return the group that the members of another one are likest to on average, none below even odds."""
    best: dict[int, dict[str, float]] = {}
    for name in group:
        for other, figure in beside.get(name, ()):
            goal = of.get(other)
            if goal is not None and goal != number:
                held = best.setdefault(goal, {})
                held[name] = max(figure, held.get(name, figure))
    scores = {goal: sum(found.values()) + FLOOR * (len(group) - len(found)) for goal, found in best.items()}
    goal = min(scores, key=lambda one: (-scores[one], one), default=None)
    return goal if goal is not None and scores[goal] >= 0 else None


def components(ids: Sequence[str], odds: Mapping[tuple[str, str], float]) -> list[list[str]]:
    """Return the parts of ``ids`` that no known pair joins."""
    parent = {name: name for name in ids}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for left, right in odds:
        if left in parent and right in parent:
            parent[root(right)] = root(left)
    parts: dict[str, list[str]] = {}
    for name in ids:
        parts.setdefault(root(name), []).append(name)
    return list(parts.values())


def _parts(ids: Sequence[str], odds: Mapping[tuple[str, str], float], least: float = FLOOR) -> Iterator[list[str]]:
    """Yield the parts of ``ids`` that no pair joins; of one that is too large, those that no likelier pair joins."""
    for part in components(ids, odds):
        if len(part) <= _MOST or least >= SURE:
            yield part
        else:
            inside = set(part)
            likelier = {pair: known for pair, known in odds.items() if known > least and inside.issuperset(pair)}
            yield from _parts(part, likelier, least + _STEP)


def _agglomerate(ids: Sequence[str], odds: Mapping[tuple[str, str], float], apart: Apart) -> list[list[str]]:
    """Join what a person called one, then the likeliest two groups until none is likely enough."""
    if len(ids) == 1:
        return [list(ids)]
    pairs = np.full((len(ids), len(ids)), FLOOR)
    certain = []
    for a, left in enumerate(ids):
        for b in range(a):
            known = odds.get((min(left, ids[b]), max(left, ids[b])), FLOOR)
            pairs[a, b] = pairs[b, a] = _NEVER if apart(left, ids[b]) else known
            certain += [(b, a)] if known >= CERTAIN else []
    made = _Groups(pairs)
    for a, b in certain:
        made.join(int(made.label[a]), int(made.label[b]))
    while (best := made.best()) is not None:
        made.join(*best)
    return [[ids[int(n)] for n in np.flatnonzero(made.label == group)] for group in sorted(set(made.label.tolist()))]


class _Groups:
    """Groups under way, each named after its first member, and the scores of all pairs of them.

    ``nearest`` holds for each mention and group the log odds of its best pair there, ``mutual`` their sum over a
    group's members, ``total`` the sum over all pairs of two groups.
    """

    def __init__(self, pairs: Table) -> None:
        self.label = np.arange(len(pairs))
        self.count = np.ones(len(pairs))
        self.total, self.mutual, self.nearest = pairs.copy(), pairs.copy(), pairs.copy()
        self.scores: Table = np.stack([self._scores(a) for a in range(len(pairs))])

    def best(self) -> tuple[int, int] | None:
        """Return the two groups that are likeliest one utterance; None when none is likely enough."""
        a, b = divmod(int(self.scores.argmax()), len(self.count))
        return (min(a, b), max(a, b)) if self.scores[a, b] >= TOGETHER else None

    def join(self, a: int, b: int) -> None:
        """Put group ``b`` into group ``a``, unless they are one already or must be kept apart."""
        a, b = min(a, b), max(a, b)
        if a == b or self.total[a, b] <= _NEVER / 2:
            return
        self.label[self.label == b] = a
        self.total[a] += self.total[b]
        self.total[:, a] += self.total[:, b]
        self.count[a] += self.count[b]
        self.count[b] = 0
        self.nearest[:, a] = np.maximum(self.nearest[:, a], self.nearest[:, b])
        self.mutual[a] += self.mutual[b]
        self.mutual[:, a] = np.bincount(self.label, weights=self.nearest[:, a], minlength=len(self.count))
        self.scores[b] = self.scores[:, b] = -np.inf
        self.scores[a] = self.scores[:, a] = self._scores(a)

    def _scores(self, a: int) -> Table:
        """Return the scores of a group with every other one; of two groups the best matches of the smaller count."""
        live = self.count > 0
        live[a] = False
        number = np.where(live, self.count, 1.0)
        average = self.total[a] / (self.count[a] * number)
        smaller = self.count[a] <= number
        matches = np.where(smaller, self.mutual[a] / self.count[a], self.mutual[:, a] / number)
        mixture: Table = np.where(live & (self.total[a] > _NEVER / 2), (average + matches) / 2, -np.inf)
        return mixture
