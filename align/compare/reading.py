"""A matching as the checks read it: what was kept of a clause, where its counterpart is, what marks stand there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from functools import cached_property

from align.compare.claim import Claim, Mark, Term
from align.compare.matching import Matching
from align.records import Evidence

KEPT = 0.5  # share of a clause's or sentence's terms that the other text must have for the claim to count as kept
NEGATIVE = frozenset({"negation", "none", "not_all", "unless", "without", "denied"})
_NEIGHBOURS = 3  # matched terms by which it is judged where the counterpart of another should stand
_OTHER_SIDE = 0.5  # places that it counts to stand before a neighbour instead of behind it


class Reading:
    """A matching with what the checks ask of it again and again. Terms, clauses and sentences are told by number."""

    def __init__(self, matching: Matching) -> None:
        self.matching = matching
        self.left, self.right, self.pairs = matching.left, matching.right, matching.pairs
        self.to_right, self.to_left = matching.of_left(), matching.of_right()

    @cached_property
    def turned(self) -> Reading:
        """The same seen from the other side."""
        return Reading(self.matching.turned())

    @property
    def one_language(self) -> bool:
        """Whether both texts are in one language."""
        return self.left.language == self.right.language

    # -- what stands where in the left text, and what the right one has of it

    def clause(self, number: int) -> list[int]:
        """Return the terms of a clause of the left text."""
        return [n for n, term in enumerate(self.left.terms) if term.clause == number]

    def sentence(self, number: int) -> list[int]:
        """Return the terms of a sentence of the left text."""
        return [n for n, term in enumerate(self.left.terms) if term.sentence == number]

    def kept(self, terms: Collection[int]) -> float:
        """Return the share of some terms of the left text that the right one has; 0 of none."""
        return sum(n in self.to_right for n in terms) / len(terms) if terms else 0.0

    def clauses_there(self, terms: Iterable[int]) -> set[int]:
        """Return the clauses of the right text that hold the matches of some terms of the left one."""
        return {self.right.terms[self.to_right[n].right].clause for n in terms if n in self.to_right}

    def sentences_there(self, terms: Iterable[int]) -> set[int]:
        """Return the sentences of the right text that hold the matches of some terms of the left one."""
        return {self.right.terms[self.to_right[n].right].sentence for n in terms if n in self.to_right}

    # -- marks

    def kinds(self, sentence: int) -> set[str]:
        """Return the kinds of the marks in a sentence of the left text."""
        return {mark.kind for mark in self.left.marks if mark.sentence == sentence}

    def has(self, kinds: Collection[str], sentences: Collection[int]) -> bool:
        """Whether the right text has a mark of some kind in some sentences."""
        return any(mark.kind in kinds and mark.sentence in sentences for mark in self.right.marks)

    def lost(self, terms: Collection[int], kinds: Collection[str]) -> bool:
        """Whether the right text keeps what some terms claim and has no mark of some kinds in those sentences."""
        return self.kept(terms) >= KEPT and not self.has(kinds, self.sentences_there(terms))

    # -- places

    def distance(self, a: int, b: int) -> float:
        """Return how far term b stands from where the neighbours of term a are, in terms: 0 is beside the same words.

        Over languages a word may move to the other side of its neighbour.
        """
        near = sorted((abs(a - pair.left), pair.left, pair.right) for pair in self.pairs)[:_NEIGHBOURS]
        if not near:
            return abs(a - b)
        return min(
            abs((a - x) - (b - y)) if (a - x) * (b - y) > 0 else abs(abs(a - x) - abs(b - y)) + _OTHER_SIDE
            for _, x, y in near
        )

    def fit(self, left: Term | Mark | None, right: Term | Mark | None) -> float:
        """Return how well the sentences stand for each other that two places are in; one place finds the other's.

        It is the lesser of the shares that each has of the other's terms.
        """
        ours = left.sentence if left else None
        theirs = right.sentence if right else self._counterpart(ours)
        if ours is None:
            ours = self.turned._counterpart(theirs)
        if ours is None or theirs is None:
            return 0.0
        return min(self.kept(self.sentence(ours)), self.turned.kept(self.turned.sentence(theirs)))

    def _counterpart(self, sentence: int | None) -> int | None:
        """Return the sentence of the right text that holds most matches of one of the left, the first of equals."""
        there = Counter(
            self.right.terms[pair.right].sentence
            for pair in self.pairs
            if self.left.terms[pair.left].sentence == sentence
        )
        return max(there, key=lambda number: (there[number], -number), default=None)

    def evidence(
        self, check: str, says: str, left: Term | Mark | None = None, right: Term | Mark | None = None
    ) -> Evidence:
        """Return what a check says of words on either side or on both."""
        return Evidence(
            check=check, says=says, score=round(self.fit(left, right), 4),
            left=left.text if left else "", left_at=(left.start, left.end) if left else None,
            right=right.text if right else "", right_at=(right.start, right.end) if right else None,
        )  # fmt: skip


def is_negative(claim: Claim, term: Term) -> bool:
    """Whether a term stands in a negative clause."""
    return any(mark.kind in NEGATIVE and mark.clause == term.clause for mark in claim.marks)


def negative_clauses(claim: Claim) -> Counter[int]:
    """Return how many clauses of each sentence are negative."""
    return Counter(sentence for sentence, _ in {(m.sentence, m.clause) for m in claim.marks if m.kind in NEGATIVE})
