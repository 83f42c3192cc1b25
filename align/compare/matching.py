"""Two claims to a matching: which term of one stands for which of the other.

Words of one language match by stem, words of any languages by concept, names by sound, quantities by value. Each term
is matched once, the surest matches first, and of equals those that stand in like places beside matched neighbours.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec import Struct

from align import names
from align.compare import concepts, quantities
from align.compare.claim import Claim, Term

_SOUNDS = 0.84  # from here two names in two scripts, or an unknown word, are one; as in names.SAME
_HEARD = 0.9  # how sure a match by sound is at most
_CERTAIN = 0.9  # from here a match is beyond doubt where neither term has another
_SENSES = 0.3  # share of the senses of a word in which it must be the opposite of another
_LETTERS = 4  # least letters of a word that is compared by sound
_FUZZY = 80  # most terms of a side that are compared by sound, each with each
_NEIGHBOURS = 2  # matched terms beside which another one is looked for
_OTHER_SENTENCE = 5  # terms that a place in another sentence than the neighbour's counts as
_ANYWHERE = 10  # what the whole length of a text counts as where no neighbour is matched

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

    def turned(self) -> Matching:
        """Return the same seen from the other side."""
        back = (Pair(pair.right, pair.left, pair.score, pair.by) for pair in self.pairs)
        return Matching(left=self.right, right=self.left, pairs=tuple(sorted(back, key=lambda pair: pair.left)))


def match(left: Claim, right: Claim) -> Matching:
    """Match the terms of two claims one to one."""
    found = sorted(_candidates(left, right), key=lambda pair: (-pair.score, pair.left, pair.right))
    # what is beyond doubt first, then the others by how near they stand to those
    ours, theirs = Counter(pair.left for pair in found), Counter(pair.right for pair in found)
    sure = (pair for pair in found if ours[pair.left] == 1 == theirs[pair.right] and pair.score >= _CERTAIN)
    chosen = {pair.left: pair for pair in sure}
    taken = {pair.right for pair in chosen.values()}
    rest = [pair for pair in found if pair.left not in chosen and pair.right not in taken]
    places = {(pair.left, pair.right): _apart(pair, chosen, left, right) for pair in rest}
    rest.sort(key=lambda pair: (-round(pair.score, 1), places[pair.left, pair.right], pair.left, pair.right))
    for pair in rest:
        if pair.left not in chosen and pair.right not in taken:
            chosen[pair.left] = pair
            taken.add(pair.right)
    return Matching(left=left, right=right, pairs=tuple(chosen[a] for a in sorted(chosen)))


def keys(term: Term, language: str) -> frozenset[object]:
    """Return what a term shares with every term that it may be matched with, but for opposites and capitals."""
    if term.quantity is not None:
        return _QUANTITY
    sounds = names.keys(term.text) if _heard(term) else ()
    return frozenset((*term.concepts, *((language, stem) for stem in term.stems), *(("sound", key) for key in sounds)))


def against(term: Term) -> frozenset[object]:
    """Return the keys of a term's opposites, its capital, its country."""
    opposites = concepts.lexicon().opposites
    return _capitals(term).union(*(opposites.get(concept, ()) for concept in term.concepts))


_QUANTITY = frozenset({"quantity"})


def _apart(pair: Pair, chosen: Mapping[int, Pair], left: Claim, right: Claim) -> float:
    """Return how unlike the places of two terms are, in terms: beside the nearest matched neighbours of the sentence,
    else in the whole text."""
    sentence, place = left.terms[pair.left].sentence, right.terms[pair.right].sentence
    near = [other for other in chosen.values() if left.terms[other.left].sentence == sentence]
    if not near:
        return abs(pair.left / len(left.terms) - pair.right / len(right.terms)) * _ANYWHERE
    near.sort(key=lambda other: (abs(pair.left - other.left), other.left))
    return min(
        abs((pair.left - other.left) - (pair.right - other.right))
        + (_OTHER_SENTENCE if right.terms[other.right].sentence != place else 0)
        for other in near[:_NEIGHBOURS]
    )


def _candidates(left: Claim, right: Claim) -> Iterator[Pair]:
    """Yield all pairs that may be matched, each once, by what is surest."""
    by_stem: dict[str, set[int]] = defaultdict(set)
    by_concept: dict[int, set[int]] = defaultdict(set)
    same = left.language == right.language
    for b, term in enumerate(right.terms):
        for stem in term.stems if same else ():
            by_stem[stem].add(b)
        for concept in term.concepts:
            by_concept[concept].add(b)
    seen: set[tuple[int, int]] = set()
    for a, term in enumerate(left.terms):
        if term.quantity is not None:
            yield from _by_value(a, left, right)
            continue
        ways: tuple[tuple[By, set[int]], ...] = (
            ("stem", {b for stem in term.stems for b in by_stem.get(stem, ())}),
            ("concept", {b for concept in term.concepts for b in by_concept.get(concept, ())}),
            ("opposite", _opposed(term, right, by_concept)),
            ("capital", {b for concept in _capitals(term) for b in by_concept.get(concept, ())}),
        )
        for by, others in ways:
            for b in sorted(others):
                if (a, b) not in seen:
                    seen.add((a, b))
                    yield Pair(a, b, _SURE[by], by)
    yield from _by_sound(left, right, seen)


def _by_value(a: int, left: Claim, right: Claim) -> Iterator[Pair]:
    ours = left.terms[a].quantity
    for b, term in enumerate(right.terms):
        if ours is not None and term.quantity is not None and quantities.agree(ours, term.quantity):
            yield Pair(a, b, _SURE["value"], "value")


def _opposed(term: Term, right: Claim, by_concept: Mapping[int, set[int]]) -> set[int]:
    """Return the terms that are opposite to one in a good part of the senses of either."""
    opposites = concepts.lexicon().opposites
    against = {concept for own in term.concepts for concept in opposites.get(own, ())}
    found = set()
    for b in {b for concept in against for b in by_concept.get(concept, ())}:
        other = right.terms[b]
        senses = max(_senses_against(term, other), _senses_against(other, term))
        if senses >= _SENSES * min(len(term.concepts), len(other.concepts)):
            found.add(b)
    return found


def _senses_against(term: Term, other: Term) -> int:
    """Return how many senses of a term are opposite to some sense of another one."""
    opposites = concepts.lexicon().opposites
    return sum(not other.concepts.isdisjoint(opposites.get(concept, ())) for concept in term.concepts)


def _capitals(term: Term) -> frozenset[int]:
    """Return the countries of a capital, the capital of a country."""
    known = concepts.lexicon()
    return frozenset(
        other for table in (known.countries, known.capitals) for one in term.concepts for other in table.get(one, ())
    )


def _by_sound(left: Claim, right: Claim, seen: set[tuple[int, int]]) -> Iterator[Pair]:
    ours = [n for n, term in enumerate(left.terms) if _heard(term)][:_FUZZY]
    theirs = [n for n, term in enumerate(right.terms) if _heard(term)][:_FUZZY]
    for a in ours:
        for b in theirs:
            one, other = left.terms[a], right.terms[b]
            if (a, b) in seen or (one.concepts and other.concepts and "name" not in {one.kind, other.kind}):
                continue
            score = names.word_score(one.text, other.text)
            if score >= _SOUNDS:
                yield Pair(a, b, _HEARD * score, "sound")


def _heard(term: Term) -> bool:
    """Whether a term is compared by sound: a name, or a single word that no concept is known of."""
    return (
        term.quantity is None
        and len(term.text) >= _LETTERS
        and (term.kind == "name" or not term.concepts)
        and " " not in term.text
    )
