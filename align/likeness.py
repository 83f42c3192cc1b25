"""A pair of mentions to how likely they report one utterance (log odds), by meaning and by words.

Short and bare as mentions are, what the person said besides decides much: the cosine is the one without the mean of
those days (``neighbours``). The words count through what they mean in any language (``compare.matching``).
"""

from __future__ import annotations

from msgspec import Struct

from align.compare.calibration import calibration
from align.compare.claim import claim
from align.compare.features import covered
from align.compare.matching import match
from align.records import Mention
from align.repeat import fullness

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


def likeness(one: Member, other: Member, cosine: float) -> Likeness:
    """Compare the words of two mentions, through English where that says more; the order of the two does not matter."""
    full, short = sorted((one, other), key=lambda member: (fullness(member.mention), member.mention.id), reverse=True)
    shares = [_shares(full.mention.text, full.language, short.mention.text, short.language)]
    if full.language != short.language and full.english and short.english:
        shares.append(_shares(full.english, "en", short.english, "en"))
    ours, theirs, matched = max(shares, key=lambda found: found[0] + found[1])
    return Likeness(
        left=full.mention.id, right=short.mention.id, cosine=cosine, left_covered=round(ours, 4),
        right_covered=round(theirs, 4), matched=matched, one_page=full.mention.document == short.mention.document,
    )  # fmt: skip


def _shares(left: str, left_language: str, right: str, right_language: str) -> tuple[float, float, int]:
    matching = match(claim(left, left_language), claim(right, right_language))
    ours, theirs = covered(matching)
    return ours, theirs, len(matching.pairs)
