"""Two versions of a statement -> the evidence, and what it says together: the checks decide, not the cosine.

A distorted quotation is nearer in vectors than an honest paraphrase; so nearness only says whether two texts may be one
utterance, and numbers, negation, conditions, sources and names are looked at by themselves. Pure but for its tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from align.compare import checks, features
from align.compare.calibration import Calibration, calibration
from align.compare.claim import BOUND, claim
from align.compare.features import Meaning
from align.compare.matching import Matching, match
from align.compare.reading import Reading
from align.records import Comparison, Distortion, Evidence, Relation

_SENTENCE = re.compile(r"(?<=[.!?…;·])\s+|\s[—–-]\s")
_CLAUSE = 3  # least words of a clause that an encoder is asked about
_NAMED = 6  # names and numbers in common that are listed
_CHECKS = 4  # checks that found something, from which it makes no difference how many more do
# what a check's finding is called as a distortion; what is not listed is shown and no alarm
_KINDS: Mapping[str, Distortion] = {
    "number": "number", "negation": "negation", "opposite": "negation", "polarity": "negation", "name": "name",
    "back-translation": "back-translation", "replaced": "back-translation", "attribution": "attribution",
    "bearer": "attribution", "source": "attribution", "splice": "splice", "modality": "modality", "hedge": "hedge",
}  # fmt: skip
_LEARNT = 75  # words of the longest texts that alarms were learnt on; what differs in longer ones is shown
# figures that an alarm looks at too
_BESIDE = ("company", "order", "purity", "left_covered", "right_covered", "length")


class Side(Struct, frozen=True, kw_only=True):
    """One text of a pair. ``translation`` is trusted English, ``person`` who is said to have said it."""

    text: str
    language: str
    translation: str | None = None
    person: str | None = None


class _Read(Struct, frozen=True, kw_only=True):
    """A pair read and matched: what the figures of a verdict are taken from."""

    matching: Matching
    figures: dict[str, float]
    same: float  # probability that the two are one utterance

    @property
    def apart(self) -> bool:
        """Whether the texts are in two languages."""
        return self.matching.left.language != self.matching.right.language

    @property
    def verbatim(self) -> bool:
        """Whether the texts are the same words in one language."""
        return not self.apart and self.matching.left.words == self.matching.right.words

    @property
    def printed_in(self) -> bool:
        """Whether the second text stands in the first in one piece, word for word, and leaves out more than a word."""
        ours, theirs = self.matching.left.words, self.matching.right.words
        return not self.apart and 0 < len(theirs) < len(ours) - 1 and f" {' '.join(theirs)} " in f" {' '.join(ours)} "


def clauses_of(text: str) -> list[str]:
    """Return the parts of a text that make a claim of their own: sentences and what dashes and colons set apart."""
    return [part.strip() for part in _SENTENCE.split(text[:BOUND]) if len(part.split()) >= _CLAUSE]


def compare(a: Side, b: Side, meaning: Meaning | None = None) -> Comparison:
    """Say whether ``b`` is a version of the fuller ``a``, how it is related to it, and why.

    Without vectors, words, numbers and names decide alone. Texts over 4,000 characters are compared by their beginning.
    """
    read = _read(a, b, meaning)
    found = checks.differences(read.matching)
    if a.person and b.person and a.person != b.person:
        says = f"said by {a.person} there, by {b.person} here"
        found.append(Evidence(check="speaker", left=a.person, right=b.person, says=says))
    same = read.same >= 0.5
    distortion = _distortion(read, found) if same else None
    return Comparison(
        same_utterance=same,
        relation=("distortion" if distortion else _relation(read)) if same else None,
        translated=read.apart,
        distortion=distortion,
        score=round(read.same, 4),
        evidence=(*_in_common(read), *found),
    )


def _read(a: Side, b: Side, meaning: Meaning | None) -> _Read:
    """Read a pair, and through trusted translations where they say that it is likelier one utterance."""
    read = _matched(match(claim(a.text, a.language), claim(b.text, b.language)), meaning)
    ours, theirs = _english(a), _english(b)
    if not read.apart or not ours or not theirs:
        return read
    through = _matched(match(claim(ours, "en"), claim(theirs, "en")), None)
    return _Read(matching=read.matching, figures=read.figures, same=max(read.same, through.same))


def _english(side: Side) -> str | None:
    return side.text if side.language == "en" else side.translation


def _matched(matching: Matching, meaning: Meaning | None) -> _Read:
    figures = features.features(matching, meaning)
    read = _Read(matching=matching, figures=figures, same=0.0)
    if read.verbatim:
        same = 1.0
    elif not matching.pairs and matching.left.words != matching.right.words and meaning is None:
        same = 0.0  # nothing is in common, and nobody says what it means
    else:
        same = _same(figures, calibration(), apart=read.apart)
    return _Read(matching=matching, figures=figures, same=same)


def _same(figures: Mapping[str, float], known: Calibration, *, apart: bool) -> float:
    return (known.same if "cosine" in figures else known.same_by_words).probability(figures, apart=apart)


def _distortion(read: _Read, found: Sequence[Evidence]) -> Distortion | None:
    """Return the likeliest distortion, None where nothing is likely enough to raise an alarm."""
    if any(one.check == "speaker" for one in found):
        return "attribution"
    long = max(len(read.matching.left.words), len(read.matching.right.words)) > _LEARNT
    return None if read.verbatim or long else alarm(found, read.figures, calibration(), apart=read.apart)


def alarm(
    found: Sequence[Evidence], figures: Mapping[str, float], known: Calibration, *, apart: bool
) -> Distortion | None:
    """Return what the finding that is likeliest a distortion is called, None where none is likely enough."""
    best, kind = 0.0, None
    for one in may_be_alarms(found):
        likely = known.alarm.probability(alarm_figures(one, found, figures, known, apart=apart), apart=apart)
        if likely > best and likely >= known.least_alarm:
            best, kind = likely, _KINDS[one.check]
    return kind


def may_be_alarms(found: Sequence[Evidence]) -> list[Evidence]:
    """Return the findings that may be called distortions; the others are only shown."""
    return [one for one in found if one.check in _KINDS]


def alarm_figures(
    one: Evidence, found: Sequence[Evidence], figures: Mapping[str, float], known: Calibration, *, apart: bool
) -> dict[str, float]:
    """Return what the likelihood of an alarm is made of: the check, how well the sentences fit, how free it all is."""
    return {
        f"check {one.check}": 1.0,
        "fit": one.score or 0.0,
        "checks": min(_CHECKS, len({other.check for other in may_be_alarms(found)})) / _CHECKS,
        "free": known.free.probability(figures, apart=apart),
        "same": _same(figures, known, apart=apart),
        **{name: figures[name] for name in _BESIDE},
    }


def _relation(read: _Read) -> Relation:
    """Return the relation of an undistorted version to the fuller text."""
    if read.verbatim:
        return "verbatim"
    known = calibration()
    if read.printed_in or known.part.probability(read.figures, apart=read.apart) >= 0.5:
        return "excerpt"
    if known.free.probability(read.figures, apart=read.apart) >= 0.5:
        return "paraphrase"
    return "translation" if read.apart else "near-verbatim"


def _in_common(read: _Read) -> Iterator[Evidence]:
    """Yield what speaks for one utterance: meaning, and the words, names and numbers that both have."""
    figures = read.figures
    if "cosine" in figures:
        score = min(1.0, max(0.0, figures["cosine"]))
        yield Evidence(check="similarity", says=f"cosine {figures['cosine']:.3f}", score=round(score, 4))
    kept, here = figures["left_covered"], figures["right_covered"]
    says = f"{kept:.0%} of what is said there is said here, {here:.0%} of what is said here is said there"
    yield Evidence(check="words", says=says, score=round(min(1.0, here), 4))
    named = [pair for pair in read.matching.pairs if pair.by in {"sound", "value", "capital"}]
    reading = Reading(read.matching)
    for pair in named[:_NAMED] if read.apart else ():
        left, right = read.matching.left.terms[pair.left], read.matching.right.terms[pair.right]
        yield reading.evidence("anchors", "a name or number in common", left, right)
