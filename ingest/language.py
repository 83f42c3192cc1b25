"""Text to language, with evidence. A thin margin or a disagreement is ``und``, never a confident guess.

Five witnesses, in order: the script (words that mix scripts count in the script of their unambiguous letters), the
alphabets of the languages of that script, lingua limited to the languages that are left, the function words, and
langdetect, seeded, as a second opinion. Romanised Greek and Russian are recognised by their function words. What is
known of each language stands in ``language.toml``.

lingua runs in its low-accuracy mode: 0.2 s and 36 MB to load against 3.2 s and 405 MB, and what it loses on short
texts the alphabets and the second opinion make up for.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import metadata, resources
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, structs

from ingest.fold import script, unmix

if TYPE_CHECKING:
    from lingua import LanguageDetector

    from ingest.records import Document

UND = "und"
SAMPLE = 3_000  # code points that a detector is shown: more changes no answer
_GATE = 0.6  # the share of letters a script needs to be the script of the text
_NAME_WEIGHT = 0.25  # what a letter of a Latin name counts in a text of two scripts
_MIN_LETTERS = 8  # below this nothing but a script with one language is decided
_MARGIN = 0.35  # lingua's lead over its second choice
_MARGIN_ALONE = 0.6  # the same for a language that langdetect does not know
_SURE = 0.98  # lingua's own score from which the second opinion is only recorded, in texts of at least _LONG letters
_LONG = 25
_LEAD = 2  # function words by which a language must lead for a doubt of the detectors to be overruled
_FOREIGN_WORDS = 0.12  # the share of words outside its alphabet that excludes a language
_ROMANISED = 0.3  # how much of a text must look romanised

_NOISE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[@#]\w+")
_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*")


class Evidence(NamedTuple):
    """What one witness said: engine and version, its language, its score (0 to 1)."""

    engine: str
    language: str
    score: float


class Detection(Struct, frozen=True, kw_only=True):
    """The language of a text (BCP 47, ``und`` when undetermined), how sure, and what each witness said."""

    language: str
    score: float
    evidence: tuple[Evidence, ...] = ()


class _Facts(Struct, frozen=True):
    script: str
    langdetect: str = ""
    alphabet: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()
    report: bool = True


class _Romanised(Struct, frozen=True):
    common: frozenset[str]
    endings: tuple[str, ...]


@cache
def _known() -> tuple[dict[str, _Facts], dict[str, _Romanised]]:
    table = tomllib.loads(resources.files("ingest").joinpath("language.toml").read_text("utf-8"))
    languages = {
        tag: _Facts(
            script=facts["script"],
            langdetect=facts.get("langdetect", ""),
            alphabet=frozenset(facts.get("alphabet", "")),
            common=frozenset(facts.get("common", "").split()),
            report=facts.get("report", True),
        )
        for tag, facts in table["languages"].items()
    }
    romanised = {
        tag: _Romanised(common=frozenset(facts["common"].split()), endings=tuple(facts["endings"]))
        for tag, facts in table["romanised"].items()
    }
    return languages, romanised


DEFAULT: tuple[str, ...] = tuple(tag for tag, facts in _known()[0].items() if facts.report)


def script_of(language: str) -> str | None:
    """Return the script a language is written in; None for one that is not known here. Romanised ones are latin."""
    facts, romanised = _known()
    if language in facts:
        return facts[language].script
    return "latin" if language in romanised else None


def detect(text: str, languages: Sequence[str] = DEFAULT) -> Detection:
    """Return the language of a text, one of ``languages``, a romanised one (``el-Latn``, ``ru-Latn``) or ``und``.

    Languages that are known but not asked for still compete, so that they are not mistaken for those that are.
    """
    words = _WORD.findall(_NOISE.sub(" ", unmix(text[:SAMPLE])))
    counts = _letters(words)
    letters = counts.total()
    if not letters:
        return Detection(language=UND, score=0.0)
    name, most = counts.most_common(1)[0]
    share = most / letters
    gate = Evidence("script", name, round(share, 4))
    if share < _GATE:
        return Detection(language=UND, score=round(share, 4), evidence=(gate,))
    own = [word for word in words if script(word[0]) == name]
    found = _within(name, own, (gate,))
    if found.language in languages or found.language in _known()[1]:
        return found
    return Detection(language=UND, score=found.score, evidence=found.evidence)


def _letters(words: Iterable[str]) -> Counter[str]:
    """Count the letters of each script. Beside another script, names in Latin letters (capitalised, so most of them
    brands and persons) say little of the language of a text, and count little."""
    own: Counter[str] = Counter()
    names = 0
    for word in words:
        capitalised = word[0].isupper() and script(word[0]) == "latin"
        for letter_script in map(script, word):
            if letter_script:
                own[letter_script] += 1
                names += capitalised
    if len(own) > 1:
        own["latin"] -= round(names * (1 - _NAME_WEIGHT))
    return own


def _within(name: str, words: Sequence[str], evidence: tuple[Evidence, ...]) -> Detection:
    """Decide between the languages of one script."""
    facts, _ = _known()
    same = [tag for tag in facts if facts[tag].script == name]
    left = [tag for tag in same if _spelt(words, facts[tag].alphabet)]
    gate = evidence[0]
    if len(same) == 1 and len(words) > 0:
        return Detection(language=same[0], score=gate.score, evidence=evidence)
    if len(left) == 1:
        evidence += (Evidence("alphabet", left[0], 1.0),)
    if not left or sum(map(len, words)) < _MIN_LETTERS:
        return Detection(language=UND, score=0.0, evidence=evidence)
    if name == "latin":
        romanised = _romanised(words)
        if romanised is not None:
            return Detection(language=romanised.language, score=romanised.score, evidence=(*evidence, romanised))
    return _by_engines(" ".join(words), same, left, evidence)


def _spelt(words: Iterable[str], alphabet: frozenset[str]) -> bool:
    """Whether the words can be written in an alphabet; a few foreign names may not fit."""
    if not alphabet:
        return True
    words = list(words)
    foreign = sum(any(letter not in alphabet for letter in word.lower() if letter.isalpha()) for word in words)
    return foreign <= _FOREIGN_WORDS * len(words)


def _romanised(words: Sequence[str]) -> Evidence | None:
    """Return which language is written here in Latin letters instead of its own, when one clearly is.

    A function word counts one; a longer word with a typical ending, a half. The text must use more of them than of
    the function words of any language that is at home in Latin script; those that are in none of these count twice.
    """
    facts, romanised = _known()
    lowered = [word.lower() for word in words]
    if len(lowered) < 3:
        return None
    at_home = frozenset().union(*(known.common for known in facts.values()))
    home = max(sum(word in known.common for word in lowered) for known in facts.values() if known.common)
    scored = []
    for tag, known in romanised.items():
        common = sum(word in known.common for word in lowered)
        ending = sum(len(word) > 4 and word.endswith(known.endings) for word in lowered if word not in known.common)
        scored.append((common + ending / 2, common, tag))
    points, common, tag = max(scored)
    strange = sum(word in romanised[tag].common and word not in at_home for word in lowered)
    score = points / len(lowered)
    second = sorted(scored)[-2][0] if len(scored) > 1 else 0.0
    if common >= 2 and common + strange > 1.5 * home and score >= _ROMANISED and points > 1.3 * second:
        return Evidence("romanised", tag, round(min(1.0, score), 4))
    return None


def _by_engines(text: str, same: Sequence[str], left: Sequence[str], evidence: tuple[Evidence, ...]) -> Detection:
    first = _lingua_says(text, tuple(left)) if len(left) > 1 else [(left[0], 1.0)]
    if len(left) > 1:
        evidence += (Evidence(_version("lingua-language-detector", "lingua"), first[0][0], round(first[0][1], 4)),)
    tag, score = first[0]
    lead, leader = _lead(text, tag, left)
    margin = score - (first[1][1] if len(first) > 1 else 0.0)
    second = _langdetect_says(text, same)
    if second is not None:
        evidence += (Evidence(_version("langdetect", "langdetect"), second[0], round(second[1], 4)),)
    if lead:
        evidence += (Evidence("function-words", leader, round(min(1.0, abs(lead) / 10), 4)),)
    doubted = second is not None and second[0] != tag and bool(_known()[0][tag].langdetect)
    overruled = doubted and second is not None and second[0] in left
    sure = score >= _SURE and sum(map(str.isalpha, text)) >= _LONG
    alone = len(left) > 1 and not _known()[0][tag].langdetect  # no second opinion is to be had
    doubtful = margin < (_MARGIN_ALONE if alone else _MARGIN) or overruled or (doubted and not sure)
    outvoted = lead <= -_LEAD or (lead < 0 and not sure)
    if outvoted or (doubtful and lead < _LEAD):
        return Detection(language=UND, score=round(max(0.0, score), 4), evidence=evidence)
    return Detection(language=tag, score=round(min(1.0, score), 4), evidence=evidence)


def _lead(text: str, tag: str, left: Sequence[str]) -> tuple[int, str]:
    """Return by how many function words a language leads over the next one of those that are left, and who leads."""
    facts, _ = _known()
    words = text.lower().split()
    found = {other: sum(word in facts[other].common for word in words) for other in left if facts[other].common}
    if tag not in found:
        return 0, tag
    own = found.pop(tag)
    rival = max(found, key=lambda other: found[other], default=tag)
    lead = own - found.get(rival, 0)
    return lead, tag if lead >= 0 else rival


@cache
def _lingua(languages: tuple[str, ...]) -> LanguageDetector:
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, tag.upper()) for tag in languages]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_low_accuracy_mode().build()


def _lingua_says(text: str, languages: tuple[str, ...]) -> list[tuple[str, float]]:
    values = _lingua(languages).compute_language_confidence_values(text)
    return [(value.language.iso_code_639_1.name.lower(), value.value) for value in values]


def _langdetect_says(text: str, languages: Sequence[str]) -> tuple[str, float] | None:
    """Return langdetect's best language among those it knows; None when it cannot say."""
    from langdetect import DetectorFactory, detector_factory
    from langdetect.lang_detect_exception import LangDetectException

    facts, _ = _known()
    codes = {facts[tag].langdetect: tag for tag in languages if facts[tag].langdetect}
    if len(codes) < 2:
        return None
    DetectorFactory.seed = 0
    detector_factory.init_factory()
    detector = detector_factory._factory.create()
    detector.set_prior_map(dict.fromkeys(codes, 1.0))
    detector.append(text)
    try:
        best = detector.get_probabilities()[:1]
    except LangDetectException:
        return None
    return (codes[best[0].lang], best[0].prob) if best and best[0].lang in codes else None


@cache
def _version(distribution: str, name: str) -> str:
    return f"{name} {metadata.version(distribution)}"


def detect_document(document: Document, languages: Sequence[str] = DEFAULT) -> Document:
    """Return the document with ``language`` and ``language_score``."""
    return with_language(document, detection_of(document, languages))


def with_some_language(document: Document) -> Document:
    """Return the document as it is when it says its language, else with the one that is detected."""
    return document if document.language else detect_document(document)


def with_language(document: Document, found: Detection) -> Document:
    """Return the document in the language that was found."""
    return structs.replace(document, language=found.language, language_score=found.score)


def detection_of(document: Document, languages: Sequence[str] = DEFAULT) -> Detection:
    """Return the language of a document with its evidence.

    Where the text as a whole is undetermined (a page that embeds another language), its paragraphs vote by length.
    """
    whole = detect(document.text, languages)
    if whole.language != UND:
        return whole
    votes: Counter[str] = Counter()
    for paragraph in re.split(r"\n\s*\n", document.text[: 4 * SAMPLE]):
        votes[detect(paragraph, languages).language] += len(paragraph)
    known = [(language, weight) for language, weight in votes.most_common() if language != UND]
    if not known:
        return whole if document.title is None else detect(f"{document.title}\n{document.text}", languages)
    share = known[0][1] / sum(votes.values())
    if share < _GATE:
        return whole
    evidence = (*whole.evidence, Evidence("paragraphs", known[0][0], round(share, 4)))
    return Detection(language=known[0][0], score=round(share, 4), evidence=evidence)
