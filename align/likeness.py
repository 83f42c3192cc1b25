"""A pair of mentions to how likely they report one utterance (log odds), by meaning and by words.

Short and bare as mentions are, what the person said besides decides much: the cosine is the one without the mean of
those days (``neighbours``). The words count through what they mean in any language (``compare.matching``).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from align.compare.calibration import calibration
from align.compare.claim import claim
from align.compare.features import covered
from align.compare.matching import against, keys, match
from align.records import Mention
from align.repeat import fullness

Text = tuple[str, str]  # and its language
EDGE = -1.0  # log odds from which a pair is remembered; below it stands for FLOOR
FLOOR = -2.5
SURE = 6.0  # log odds of what a page repeats, and of a person's verdict
_TELLING = 3  # matched terms from which the covered share counts in full


class Member(Struct, frozen=True, kw_only=True):
    """A mention on its way into an utterance: its language as resolved, and trusted English where there is any."""

    mention: Mention
    language: str
    english: str | None = None


class Likeness(Struct, frozen=True, kw_only=True):
    """How alike two mentions are. ``left`` is the fuller one; the shares say how much of each the other has."""

    left: str
    right: str
    cosine: float
    left_covered: float
    right_covered: float
    matched: int
    one_page: bool
    certain: float | None = None  # log odds that stand without figures

    @property
    def odds(self) -> float:
        """Return the log odds that the two report one utterance, to four digits."""
        if self.certain is not None:
            return self.certain
        model = calibration().mentions
        odds = model.bias[0] + sum(model.weights[name][0] * figure for name, figure in self.figures().items())
        return round(max(-SURE, min(SURE, odds)), 4)

    def figures(self) -> dict[str, float]:
        """Return what the log odds are made of; few matched terms say little."""
        sure = min(1.0, self.matched / _TELLING)
        return {
            "cosine": self.cosine,
            "left_covered": self.left_covered * sure,
            "right_covered": self.right_covered * sure,
            "both": self.cosine * self.right_covered * sure,
            "one_page": float(self.one_page),
        }


def likeness(one: Member, other: Member, cosine: float) -> Likeness | None:
    """Compare the words of two mentions; None for a pair below EDGE. The order of the two does not matter.

    Most pairs have next to no word in common, and that is seen at a glance.
    """
    left, right = _ordered(one, other)
    meeting = max(_meeting(*texts) for texts in _texts(left, right))
    most = _likeness(left, right, cosine, (1.0, 1.0, meeting))
    found = weighed(one, other, cosine) if most.odds >= EDGE else most
    return found if found.odds >= EDGE else None


def weighed(one: Member, other: Member, cosine: float) -> Likeness:
    """Compare the words of two mentions, through English where that says more."""
    left, right = _ordered(one, other)
    shares = [_shares(*texts) for texts in _texts(left, right)]
    return _likeness(left, right, cosine, max(shares, key=lambda share: share[0] + share[1]))


def _ordered(one: Member, other: Member) -> tuple[Member, Member]:
    """Return the fuller one first."""
    return (one, other) if _order(one) >= _order(other) else (other, one)


def _texts(left: Member, right: Member) -> Iterator[tuple[Text, Text]]:
    yield (left.mention.text, left.language), (right.mention.text, right.language)
    if left.language != right.language and left.english and right.english:
        yield (left.english, "en"), (right.english, "en")


def _likeness(left: Member, right: Member, cosine: float, shares: tuple[float, float, int]) -> Likeness:
    return Likeness(
        left=left.mention.id, right=right.mention.id, cosine=cosine, left_covered=round(shares[0], 4),
        right_covered=round(shares[1], 4), matched=shares[2],
        one_page=left.mention.document == right.mention.document,
    )  # fmt: skip


def _order(member: Member) -> tuple[tuple[bool, int], str]:
    return fullness(member.mention), member.mention.id


def _shares(left: Text, right: Text) -> tuple[float, float, int]:
    """Return the shares of two texts that are said in both, and the number of matched terms."""
    matching = match(claim(*left), claim(*right))
    return (*covered(matching), len(matching.pairs))


def _meeting(left: Text, right: Text) -> int:
    """Return how many terms of the left text may have a match in the right one, at most."""
    there = _keys(*right)[1]
    return sum(not term.isdisjoint(there) for term in _keys(*left)[0])


@lru_cache(maxsize=20_000)
def _keys(text: str, language: str) -> tuple[tuple[frozenset[object], ...], frozenset[object]]:
    """Return the keys of each term of a text, and all that a term of another text may be matched by."""
    terms = claim(text, language).terms
    own = tuple(keys(term, language) for term in terms)
    return own, frozenset().union(*own, *(against(term) for term in terms))
