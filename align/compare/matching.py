"""Two claims to a matching: which term of one stands for which of the other, and how much of each is accounted for.

Words of one language match by stem, words of any languages by concept, names by sound, quantities by value. Each term
is matched once, the surest matches first, and of equals those that stand in like places beside matched neighbours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from align import names
from align.compare import concepts, quantities
from align.compare.claim import Claim, Term

_SOUNDS = 0.84  # from here two names in two scripts, or an unknown word, are one; as in names.SAME
_SENSES = 0.3  # share of the senses of a word in which it must be the opposite of another
_LETTERS = 4  # least letters of a word that is compared by sound
_FUZZY = 80  # most terms of a side that are compared by sound, each with each


By = Literal["stem", "concept", "value", "sound", "capital", "opposite"]
# how sure a match is; one by sound is as sure as the names are alike
_SURE: dict[By, float] = {"stem": 1.0, "value": 1.0, "concept": 0.95, "opposite": 0.8, "capital": 0.7}


class Pair(Struct, frozen=True):
    """Terms ``left`` and ``right``, by number, how sure it is that they stand for each other (0 to 1), and by what.

    ``by`` capital: one is a city, the other its country. ``by`` opposite: they are opposites of each other.
    """

    left: int
    right: int
    score: float
    by: By

    @property
    def opposite(self) -> bool:
        """Whether they are matched as opposites."""
        return self.by == "opposite"


class Matching(Struct, frozen=True, kw_only=True):
    """The matched terms of two claims, in order of the left one."""

    left: Claim
    right: Claim
    pairs: tuple[Pair, ...]

    def of_left(self) -> dict[int, Pair]:
        """Return the pairs by their left term."""
        return {pair.left: pair for pair in self.pairs}

    def of_right(self) -> dict[int, Pair]:
        """Return the pairs by their right term."""
        return {pair.right: pair for pair in self.pairs}


def match(left: Claim, right: Claim) -> Matching:
    """Match the terms of two claims one to one."""
    found = sorted(_candidates(left, right), key=lambda one: (-one[0], one[1], one[2]))
    chosen: dict[int, Pair] = {}
    taken: set[int] = set()
    # twice: matches that are beyond doubt first, then the others by how near they stand to those
    counts = (defaultdict[int, int](int), defaultdict[int, int](int))
    for _, a, b, _ in found:
        counts[0][a] += 1
        counts[1][b] += 1
    for score, a, b, by in found:
        if counts[0][a] == 1 == counts[1][b] and score >= 0.9:
            chosen[a] = Pair(a, b, score, by)
            taken.add(b)
    rest = [one for one in found if one[1] not in chosen and one[2] not in taken]
    rest.sort(key=lambda one: (-round(one[0], 1), _apart(one[1], one[2], chosen, left, right), one[1], one[2]))
    for score, a, b, by in rest:
        if a not in chosen and b not in taken:
            chosen[a] = Pair(a, b, score, by)
            taken.add(b)
    return Matching(left=left, right=right, pairs=tuple(chosen[a] for a in sorted(chosen)))


def keys(term: Term, language: str) -> frozenset[object]:
    """Return what a term shares with every term that it may be matched with, but for opposites and capitals."""
    if term.quantity is not None:
        return _QUANTITY
    sounds = names.keys(term.text) if _heard(term) else ()
    return frozenset((*term.concepts, *((language, stem) for stem in term.stems), *(("sound", key) for key in sounds)))


def against(term: Term) -> frozenset[object]:
    """Return the keys of a term's opposites, its capital, its country."""
    known = concepts.lexicon()
    return _others(term, known.opposites) | _others(term, known.countries) | _others(term, known.capitals)


_QUANTITY = frozenset({"quantity"})


def _apart(a: int, b: int, chosen: dict[int, Pair], left: Claim, right: Claim) -> float:
    """Return how unlike the places of two terms are: beside the nearest matched neighbours, else in the whole text."""
    near = [
        (abs(a - other), pair) for other, pair in chosen.items() if left.terms[other].sentence == left.terms[a].sentence
    ]
    if near:
        near.sort(key=lambda one: (one[0], one[1].left))
        return min(
            abs((a - pair.left) - (b - pair.right)) + (right.terms[pair.right].sentence != right.terms[b].sentence) * 5
            for _, pair in near[:2]
        )
    return abs(a / len(left.terms) - b / len(right.terms)) * 10


def _candidates(left: Claim, right: Claim) -> Iterator[tuple[float, int, int, By]]:
    """Yield (score, left term, right term, by what) for all that may be matched."""
    by_stem: dict[str, set[int]] = defaultdict(set)
    by_concept: dict[int, set[int]] = defaultdict(set)
    same = left.language == right.language
    for b, term in enumerate(right.terms):
        for stem in term.stems if same else ():
            by_stem[stem].add(b)
        for concept in term.concepts:
            by_concept[concept].add(b)
    known = concepts.lexicon()
    seen: set[tuple[int, int]] = set()
    for a, term in enumerate(left.terms):
        if term.quantity is not None:
            for b, other in enumerate(right.terms):
                if other.quantity is not None and quantities.agree(term.quantity, other.quantity):
                    yield _SURE["value"], a, b, "value"
            continue
        ways: tuple[tuple[By, set[int]], ...] = (
            ("stem", {b for stem in term.stems for b in by_stem.get(stem, ())}),
            ("concept", _having(term.concepts, by_concept)),
            ("opposite", _opposed(term, right, by_concept, known.opposites)),
            ("capital", _having(_others(term, known.countries) | _others(term, known.capitals), by_concept)),
        )
        for by, others in ways:
            for b in sorted(others):
                if (a, b) not in seen:
                    seen.add((a, b))
                    yield _SURE[by], a, b, by
    yield from _by_sound(left, right, seen)


def _opposed(term: Term, right: Claim, by_concept: dict[int, set[int]], table: dict[int, frozenset[int]]) -> set[int]:
    """Return the terms that are opposite to one in a good part of its senses."""
    against = [table[concept] for concept in term.concepts if concept in table]
    found = set()
    for b in _having(frozenset().union(*against), by_concept):
        other = right.terms[b].concepts
        senses = sum(not others.isdisjoint(other) for others in against)
        if senses >= _SENSES * min(len(term.concepts), len(other)):
            found.add(b)
    return found


def _others(term: Term, table: dict[int, frozenset[int]]) -> frozenset[int]:
    return frozenset(other for concept in term.concepts for other in table.get(concept, ()))


def _having(wanted: frozenset[int], by_concept: dict[int, set[int]]) -> set[int]:
    return {b for concept in wanted for b in by_concept.get(concept, ())}


def _by_sound(left: Claim, right: Claim, seen: set[tuple[int, int]]) -> Iterator[tuple[float, int, int, By]]:
    ours = [n for n, term in enumerate(left.terms) if _heard(term)][:_FUZZY]
    theirs = [n for n, term in enumerate(right.terms) if _heard(term)][:_FUZZY]
    for a in ours:
        for b in theirs:
            one, other = left.terms[a], right.terms[b]
            if (a, b) in seen or (one.concepts and other.concepts and "name" not in {one.kind, other.kind}):
                continue
            score = names.word_score(one.text, other.text)
            if score >= _SOUNDS:
                yield 0.9 * score, a, b, "sound"


def _heard(term: Term) -> bool:
    return (
        term.quantity is None
        and len(term.text) >= _LETTERS
        and (term.kind == "name" or not term.concepts)
        and " " not in term.text
    )
