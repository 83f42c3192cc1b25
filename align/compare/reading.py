"""A matching as the checks read it: what was kept of a clause, where its counterpart is, what marks stand there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from align.compare.claim import Claim, Mark, Term
from align.compare.matching import Matching, Pair
from align.records import Evidence

KEPT = 0.5  # share of a clause's or sentence's terms that the other text must have for the claim to count as kept
NEGATIVE = ("negation", "none", "not_all", "unless", "without", "denied")


class Reading:
    """A matching with what the checks ask of it again and again."""

    def __init__(self, matching: Matching) -> None:
        self.left, self.right = matching.left, matching.right
        self.pairs = matching.pairs
        self.to_right, self.to_left = matching.of_left(), matching.of_right()

    def turned(self) -> Reading:
        """Return the same seen from the other side."""
        back = tuple(Pair(one.right, one.left, one.score, one.by) for one in self.pairs)
        return Reading(Matching(left=self.right, right=self.left, pairs=tuple(sorted(back, key=lambda one: one.left))))

    def kept(self, terms: Iterable[int]) -> float:
        """Return the share of some terms of the left text that the right one has."""
        listed = list(terms)
        return sum(n in self.to_right for n in listed) / len(listed) if listed else 0.0

    def clause(self, number: int) -> list[int]:
        """Return the terms of a clause of the left text."""
        return [n for n, term in enumerate(self.left.terms) if term.clause == number]

    def sentence(self, number: int) -> list[int]:
        """Return the terms of a sentence of the left text."""
        return [n for n, term in enumerate(self.left.terms) if term.sentence == number]

    def there(self, terms: Iterable[int], unit: str) -> set[int]:
        """Return the clauses or sentences of the right text that hold the matches of some terms of the left one."""
        return {getattr(self.right.terms[self.to_right[n].right], unit) for n in terms if n in self.to_right}

    def fit(self, ours: set[int], theirs: set[int]) -> float:
        """Return how well some sentences of the two texts stand for each other: the lesser of what each has of the other."""
        left = [n for n, term in enumerate(self.left.terms) if term.sentence in ours]
        right = [n for n, term in enumerate(self.right.terms) if term.sentence in theirs]
        if not left or not right:
            return 0.0
        return min(self.kept(left), sum(n in self.to_left for n in right) / len(right))

    def around(self, left: Term | Mark | None, right: Term | Mark | None) -> float:
        """Return how well the sentences stand for each other that two places are in; one place finds the other's."""
        ours, theirs = {left.sentence} if left else set(), {right.sentence} if right else set()
        if not theirs:
            theirs = self._most(
                self.there((n for n, t in enumerate(self.left.terms) if t.sentence in ours), "sentence"), ours
            )
        if not ours:
            back = self.turned()
            ours = back._most(
                back.there((n for n, t in enumerate(self.right.terms) if t.sentence in theirs), "sentence"), theirs
            )
        return self.fit(ours, theirs)

    def _most(self, found: set[int], ours: set[int]) -> set[int]:
        """Return of some sentences of the right text the one that holds most matches of those of the left."""
        count = dict.fromkeys(found, 0)
        for pair in self.pairs:
            sentence = self.right.terms[pair.right].sentence
            if self.left.terms[pair.left].sentence in ours and sentence in count:
                count[sentence] += 1
        return {max(count, key=lambda sentence: (count[sentence], -sentence))} if count else set()

    def negatives(self) -> tuple[dict[int, int], dict[int, int]]:
        """Return how many clauses of each sentence are negative, left and right."""
        return negative_clauses(self.left), negative_clauses(self.right)

    def kinds(self, mark: Mark) -> set[str]:
        """Return the kinds of the marks in the same sentence of the left text."""
        return {one.kind for one in self.left.marks if one.sentence == mark.sentence}

    def beside(self, mark: Mark, *kinds: str) -> bool:
        """Whether the left text has a mark of some kind in the same sentence as one of its marks."""
        return any(one.kind in kinds and one.sentence == mark.sentence for one in self.left.marks)

    def has(self, kinds: Sequence[str], units: set[int], unit: str) -> bool:
        """Whether the right text has a mark of some kind in some clauses or sentences."""
        return any(mark.kind in kinds and getattr(mark, unit) in units for mark in self.right.marks)


def negative_clauses(claim: Claim) -> dict[int, int]:
    found = {(mark.sentence, mark.clause) for mark in claim.marks if mark.kind in NEGATIVE}
    return {sentence: sum(one == sentence for one, _ in found) for sentence, _ in found}


def evidence(
    reading: Reading, check: str, says: str, left: Term | Mark | None = None, right: Term | Mark | None = None
) -> Evidence:
    return Evidence(
        check=check, says=says, score=round(reading.around(left, right), 4), left=left.text if left else "", right=right.text if right else "",
        left_at=(left.start, left.end) if left else None, right_at=(right.start, right.end) if right else None,
    )  # fmt: skip


def is_negative(claim: Claim, term: Term) -> bool:
    return any(mark.kind in NEGATIVE and mark.clause == term.clause for mark in claim.marks)


def distance(reading: Reading, a: int, b: int) -> float:
    """Return how far term b stands from where the neighbours of term a are: 0 is beside the same words."""
    near = sorted((abs(a - pair.left), pair.left, pair.right) for pair in reading.pairs)[:3]
    if not near:
        return abs(a - b)
    return min(
        abs((a - x) - (b - y)) if (a - x) * (b - y) > 0 else abs(abs(a - x) - abs(b - y)) + 0.5 for _, x, y in near
    )
