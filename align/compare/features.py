"""A matching, and vectors where there are any, to the figures that a verdict is made of.

Two statements on one topic share names, numbers and words; one that says the same thing keeps together what the other
keeps together. So the figures say how much is accounted for, and whether it stands in the same order and company.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import combinations, pairwise

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from align.compare.claim import Claim, Kind, Term
from align.compare.matching import Matching, Pair

Vectors = NDArray[np.float32]

_MANY_SENSES = 0.12  # how much less a word weighs for each further concept it may stand for
_LEAST = 3  # terms of a sentence that is looked at by itself
_NEIGHBOURS = 2  # terms apart in the left text that are neighbours
_CLOSE = 3  # terms apart in the right text that still are
_ORDERED = 60  # matched terms whose order is compared, each with each
_UNMIXED = 0.8  # purity where no clause has two matched words to tell it
_LONGEST = 2.0  # length of the right text, in lengths of the left one, that counts as any longer one
_MANY = 20  # terms from which two texts are as long as any, and matches as many

# what words, names and numbers say; between 0 and 1, length between 0 and 2
WORDS = (
    "left_covered", "right_covered", "left_words", "right_words", "left_names", "right_names", "left_quantities",
    "right_quantities", "order", "company", "purity", "left_least", "right_least", "length", "size", "matched",
)  # fmt: skip
# what vectors say; cosines, between -1 and 1
MEANING = ("cosine", "centred", "right_clauses", "right_least_clause", "left_clauses")


class Meaning(Struct, frozen=True, kw_only=True):
    """What an encoder says of two texts: unit rows of the whole texts, shape (dimension,), and of their clauses, shape
    (clauses, dimension), at least one each.

    ``left_mean`` and ``right_mean`` are the encoder's mean vectors of the two languages, shape (dimension,).
    """

    left: Vectors
    right: Vectors
    left_clauses: Vectors
    right_clauses: Vectors
    left_mean: Vectors
    right_mean: Vectors


def features(matching: Matching, meaning: Meaning | None = None) -> dict[str, float]:
    """Return the figures named in WORDS, and with vectors those in MEANING too.

    Of either text the share that is matched, by weight: of all its terms (``covered``), its words, names and
    quantities, and of its worst sentence (``least``). Of the matches, whether they stand in one ``order``, whether
    neighbours stay together (``company``), whether a clause of the right text is from one sentence (``purity``).
    """
    left, right = matching.left, matching.right
    ours, theirs = matching.of_left(), matching.of_right()
    covered, other = _covered(left, ours), _covered(right, theirs)
    found = {
        "left_covered": covered,
        "right_covered": other,
        "left_words": _covered(left, ours, "word"),
        "right_words": _covered(right, theirs, "word"),
        "left_names": _covered(left, ours, "name"),
        "right_names": _covered(right, theirs, "name"),
        "left_quantities": _covered(left, ours, "number"),
        "right_quantities": _covered(right, theirs, "number"),
        "order": _order(matching.pairs[:_ORDERED]),
        "company": _company(matching.pairs),
        "purity": _purity(matching, theirs),
        "left_least": _least(left, ours, covered),
        "right_least": _least(right, theirs, other),
        "length": min(_LONGEST, len(right.terms) / max(1, len(left.terms))),
        "size": min(1.0, min(len(left.terms), len(right.terms)) / _MANY),
        "matched": min(1.0, len(matching.pairs) / _MANY),
    }
    return found | (_meaning(meaning) if meaning else {})


def covered(matching: Matching) -> tuple[float, float]:
    """Return the share of the left and of the right text's terms that is matched, by weight; 0 where nothing is."""
    if not matching.pairs:
        return 0.0, 0.0
    return _covered(matching.left, matching.of_left()), _covered(matching.right, matching.of_right())


def weight(term: Term) -> float:
    """Return how much a term tells: a word of many senses tells little, a name or quantity all."""
    return 1.0 if term.kind != "word" else 1 / (1 + _MANY_SENSES * max(0, len(term.concepts) - 1))


def _covered(claim: Claim, matched: Mapping[int, Pair], kind: Kind | None = None) -> float:
    """Return the share of a claim's terms that is matched, by weight; 1 where there are none."""
    listed = [(n, weight(term)) for n, term in enumerate(claim.terms) if kind is None or term.kind == kind]
    total = sum(heavy for _, heavy in listed)
    return sum(matched[n].score * heavy for n, heavy in listed if n in matched) / total if total else 1.0


def _order(pairs: tuple[Pair, ...]) -> float:
    """Return the share of pairs of matches that stand in one order in both texts (Kendall's concordance); 1 of none."""
    agreeing = [(one.left < other.left) == (one.right < other.right) for one, other in combinations(pairs, 2)]
    return (sum(agreeing) + 0.5) / (len(agreeing) + 0.5)


def _company(pairs: tuple[Pair, ...]) -> float:
    """Return the share of neighbours in the left text that are near each other in the right one too; a half of none."""
    near = [
        abs(other.right - one.right) <= _CLOSE for one, other in pairwise(pairs) if other.left - one.left <= _NEIGHBOURS
    ]
    return (sum(near) + 0.5) / (len(near) + 1)


def _purity(matching: Matching, theirs: Mapping[int, Pair]) -> float:
    """Return how far the clauses of the right text each take their words from one sentence of the left one."""
    clauses: dict[int, list[int]] = {}
    for n, term in enumerate(matching.right.terms):
        if n in theirs:
            clauses.setdefault(term.clause, []).append(matching.left.terms[theirs[n].left].sentence)
    mixed = [Counter(found) for found in clauses.values() if len(found) > 1]
    total = sum(found.total() for found in mixed)
    return sum(found.most_common(1)[0][1] for found in mixed) / total if total else _UNMIXED


def _least(claim: Claim, matched: Mapping[int, Pair], whole: float) -> float:
    """Return the least share of a sentence's terms that is matched."""
    by_sentence: dict[int, list[tuple[int, float]]] = {}
    for n, term in enumerate(claim.terms):
        by_sentence.setdefault(term.sentence, []).append((n, weight(term)))
    shares = [
        sum(matched[n].score * heavy for n, heavy in found if n in matched) / sum(heavy for _, heavy in found)
        for found in by_sentence.values()
        if len(found) >= _LEAST
    ]
    return min(shares, default=whole)


def _meaning(meaning: Meaning) -> dict[str, float]:
    table = meaning.right_clauses @ meaning.left_clauses.T
    one, other = meaning.left - meaning.left_mean, meaning.right - meaning.right_mean
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return {
        "cosine": float(meaning.left @ meaning.right),
        "centred": float(one @ other) / size if size > 1e-6 else 0.0,
        "right_clauses": float(table.max(axis=1).mean()),
        "right_least_clause": float(table.max(axis=1).min()),
        "left_clauses": float(table.max(axis=0).mean()),
    }
