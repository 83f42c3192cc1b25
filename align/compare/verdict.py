"""Two versions of a statement -> the evidence, and what it says together: the checks decide, not the cosine.

A distorted quotation is nearer in vectors than an honest paraphrase; so nearness only says whether two texts may be one
utterance, and numbers, negation, conditions, sources and names are looked at by themselves. Pure but for its tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from align.compare import checks, features
from align.compare.calibration import Calibration, calibration
from align.compare.claim import BOUND, Claim, claim
from align.compare.features import Meaning
from align.compare.matching import Matching, match
from align.records import Comparison, Distortion, Evidence, Relation

_SENTENCE = re.compile(r"(?<=[.!?…;·])\s+|\s[—–-]\s")
_CLAUSE = 3  # least words of a clause that an encoder is asked about
_CONTAINED = 0.999  # of a version in the same language: all its words stand in the fuller one
# what a check's finding is called as a distortion; what is not listed is shown and no alarm
_KINDS: dict[str, Distortion] = {
    "number": "number", "negation": "negation", "opposite": "negation", "polarity": "negation", "name": "name",
    "back-translation": "back-translation", "replaced": "back-translation", "attribution": "attribution",
    "bearer": "attribution", "source": "attribution", "splice": "splice", "modality": "modality", "hedge": "hedge",
    "bound": "hedge",
}  # fmt: skip
FOUND = tuple(_KINDS)  # the checks whose findings may be alarms


class Side(Struct, frozen=True, kw_only=True):
    """One text of a pair. ``translation`` is trusted English."""

    text: str
    language: str
    translation: str | None = None
    person: str | None = None


class Compared(Struct, frozen=True, kw_only=True):
    """A pair read and matched: what the figures of a verdict are taken from."""

    matching: Matching
    figures: dict[str, float]
    same: float  # probability that the two are one utterance


def clauses_of(text: str) -> list[str]:
    """Return the parts of a text that make a claim of their own: sentences and what dashes and colons set apart."""
    return [part.strip() for part in _SENTENCE.split(text[:BOUND]) if len(part.split()) >= _CLAUSE]


def likeness(a: Side, b: Side, meaning: Meaning | None = None) -> Compared:
    """Read a pair and say how likely it is one utterance; through trusted translations where they say it is likelier.

    Without vectors, words, numbers and names decide alone.
    """
    read = _compared(match(claim(a.text, a.language), claim(b.text, b.language)), meaning)
    ours, theirs = _english(a), _english(b)
    if a.language != b.language and ours and theirs:
        through = _compared(match(claim(ours, "en"), claim(theirs, "en")), None)
        if through.same > read.same:
            return Compared(matching=read.matching, figures=read.figures, same=through.same)
    return read


def _english(side: Side) -> str | None:
    return side.text if side.language == "en" else side.translation


def _compared(matching: Matching, meaning: Meaning | None) -> Compared:
    figures = features.features(matching, meaning)
    apart = matching.left.language != matching.right.language
    known = calibration()
    same = (known.same if meaning else known.same_by_words).probability(figures, apart=apart)
    if not matching.pairs and matching.left.words != matching.right.words and meaning is None:
        same = 0.0  # nothing is in common, and nobody says what it means
    if matching.left.words == matching.right.words and not apart:
        same = 1.0
    return Compared(matching=matching, figures=figures, same=same)


def compare(a: Side, b: Side, meaning: Meaning | None = None) -> Comparison:
    """Say whether ``b`` is a version of the fuller ``a``, how it is related to it, and why.

    Texts over 4,000 characters are compared by their beginning.
    """
    return judge(likeness(a, b, meaning), a, b)


def judge(read: Compared, a: Side, b: Side) -> Comparison:
    """Say of a pair that is read how its second text is related to its first."""
    left, right = read.matching.left, read.matching.right
    apart = left.language != right.language
    found = checks.differences(read.matching)
    if a.person and b.person and a.person != b.person:
        says = f"said by {a.person} there, by {b.person} here"
        found.append(Evidence(check="speaker", left=a.person, right=b.person, says=says))
    relation: Relation | None = None
    distortion: Distortion | None = None
    near = read.same >= 0.5
    if near:
        distortion = _distortion(read, found, apart=apart)
        relation = "distortion" if distortion else _relation(read, left, right, apart=apart)
    return Comparison(
        same_utterance=near,
        relation=relation,
        translated=apart,
        distortion=distortion,
        score=round(read.same, 4),
        evidence=(*_figures(read, apart=apart), *found),
    )


def _distortion(read: Compared, found: Sequence[Evidence], *, apart: bool) -> Distortion | None:
    """Return the likeliest distortion, None where nothing is likely enough to raise an alarm."""
    if any(one.check == "speaker" for one in found):
        return "attribution"
    if read.matching.left.words == read.matching.right.words and not apart:
        return None
    known = calibration()
    likely = [
        (known.alarm.probability(alarm_figures(one, found, read.figures, known, apart=apart), apart=apart), one)
        for one in found
        if one.check in _KINDS
    ]
    best = max(likely, key=lambda one: one[0], default=None)
    return kind_of(best[1]) if best and best[0] >= known.least_alarm else None


def kind_of(found: Evidence) -> Distortion:
    """Return what a check's finding is called as a distortion."""
    return _KINDS[found.check]


def alarm_figures(
    one: Evidence, found: Sequence[Evidence], figures: dict[str, float], known: Calibration, *, apart: bool
) -> dict[str, float]:
    """Return what the likelihood of an alarm is made of: which check, how well the sentences fit, how free it all is."""
    return {
        f"check {one.check}": 1.0,
        "fit": one.score or 0.0,
        "checks": min(4, len({other.check for other in found if other.check in _KINDS})) / 4,
        "free": known.free.probability(figures, apart=apart),
        "same": (known.same if "cosine" in figures else known.same_by_words).probability(figures, apart=apart),
        **{name: figures[name] for name in ("company", "order", "purity", "left_covered", "right_covered", "length")},
    }


def _relation(read: Compared, left: Claim, right: Claim, *, apart: bool) -> Relation:
    """Return the relation of an undistorted version to the fuller text."""
    if not apart and left.words == right.words:
        return "verbatim"
    known = calibration()
    if known.part.probability(read.figures, apart=apart) >= 0.5:
        return "excerpt"
    if known.free.probability(read.figures, apart=apart) >= 0.5:
        return "paraphrase"
    return "translation" if apart else "near-verbatim"


def _figures(read: Compared, *, apart: bool) -> Iterator[Evidence]:
    """Yield what speaks for one utterance: meaning, and the words, names and numbers that both have."""
    figures = read.figures
    if "cosine" in figures:
        score = min(1.0, max(0.0, figures["cosine"]))
        yield Evidence(check="similarity", says=f"cosine {figures['cosine']:.3f}", score=round(score, 4))
    kept, here = figures["left_covered"], figures["right_covered"]
    says = f"{kept:.0%} of what is said there is said here, {here:.0%} of what is said here is said there"
    yield Evidence(check="words", says=says, score=round(min(1.0, here), 4))
    if not apart:
        return
    named = [pair for pair in read.matching.pairs if pair.by in {"sound", "value", "capital"}]
    if named:
        ours = ", ".join(read.matching.left.terms[pair.left].text for pair in named[:6])
        theirs = ", ".join(read.matching.right.terms[pair.right].text for pair in named[:6])
        yield Evidence(check="anchors", left=ours, right=theirs, says="names and numbers in common")
