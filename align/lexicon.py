"""``lexica/<language>.toml`` -> what a language reports speech with. The files describe tables, sources and gaps.

A language without a file has quotation marks and nothing else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from ingest import fold

_CLAUSAL = frozenset({"say", "think", "claim", "deny", "confirm", "warn", "quote"})
_FOLDER = Path(__file__).parent / "lexica"
_COMMON_PAIRS = (("«", "»"), ("“", "”"), ("„", "“"), ('"', '"'))


class Lexicon(Struct, frozen=True, kw_only=True):
    """One language. Patterns match on text folded letter by letter (``flat``), so that offsets are kept."""

    language: str
    pairs: tuple[tuple[str, str], ...]
    cue: re.Pattern[str]  # finite reporting words
    loose: re.Pattern[str]  # participles and gerunds
    bare: re.Pattern[str]  # reporting words that take a clause without a conjunction
    call: re.Pattern[str]  # "called X Y": what follows is said of X
    accuse: re.Pattern[str]
    accusation: re.Pattern[str]
    that: re.Pattern[str]
    told: re.Pattern[str]  # reporting words that name the one who is told before the clause
    openers: frozenset[str]  # words that begin a clause without a conjunction, where the language has such clauses
    subject_first: bool  # the subject stands before its verb
    according: re.Pattern[str]
    as_said: re.Pattern[str]
    previous: re.Pattern[str]
    order: re.Pattern[str]  # demands and requests
    request: re.Pattern[str]  # what stands at the beginning of what is demanded
    post: re.Pattern[str]
    speaker: frozenset[str]  # pronouns, roles, honorifics, anonymous sources, articles: words of a speaker phrase
    pronouns: frozenset[str]
    first_person: frozenset[str]
    impersonal: re.Pattern[str]
    articles: frozenset[str]
    nominative: frozenset[str]  # articles of subjects only
    not_names: frozenset[str]  # words that begin a sentence with a capital and name nobody
    prepositions: frozenset[str]
    objects: frozenset[str]  # articles that show an object or possessor
    questions: frozenset[str]
    answers: frozenset[str]
    interviewer: frozenset[str]
    named: frozenset[str]
    labels: frozenset[str]  # what stands before a colon and is nobody: a photo credit, a source line
    read_also: re.Pattern[str]


def flat(text: str) -> str:
    """Return text as patterns see it: words of one script, small letters, no accents; as long as the text."""
    unmixed = fold.unmix(text)
    folded = (fold.fold(letter) if letter.isalpha() else letter for letter in unmixed)
    return "".join(one if len(one) == 1 else letter.lower()[:1] for one, letter in zip(folded, unmixed, strict=True))


def _pattern(entries: Iterable[str]) -> re.Pattern[str]:
    """Match any of the entries as whole words, the longest first; nothing when there are none."""
    words = sorted({flat(entry) for entry in entries if entry}, key=lambda entry: (-len(entry), entry))
    if not words:
        return re.compile(r"(?!)")
    either = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words)
    return re.compile(rf"(?<!\w)(?<!\w-)(?:{either})(?!\w)")


def _words(table: Mapping[str, Any], *names: str) -> frozenset[str]:
    return frozenset(flat(word) for name in names for word in table.get(name, ()))


def _forms(verbs: Iterable[Mapping[str, Any]], *classes: str) -> Iterable[str]:
    """Yield all forms of the reporting words of some classes."""
    return (
        form
        for verb in verbs
        if verb.get("class") in classes
        for form in (*verb.get("forms", ()), *verb.get("nonfinite", ()))
    )


def _finite(verbs: Iterable[Mapping[str, Any]], perfect: Iterable[str]) -> Iterator[str]:
    """Yield the finite forms of all reporting words, perfects of an auxiliary and an infinitive among them."""
    auxiliaries = list(perfect)
    for verb in verbs:
        yield from verb.get("forms", ())
        yield from (f"{auxiliary} {form}" for auxiliary in auxiliaries for form in verb.get("infinitive", ()))


def _request(clauses: Mapping[str, Any]) -> re.Pattern[str]:
    """Match the beginning of what is demanded: a conjunction, or an infinitive by its ending; a negation before it."""
    endings = "|".join(map(flat, clauses.get("request_endings", ())))
    word = rf"(?<!\w)\w{{2,}}(?:{endings})(?!\w)" if endings else _pattern(clauses.get("request", ())).pattern
    negations = "|".join(map(flat, clauses.get("request_negation", ())))
    return re.compile(rf"(?:(?<!\w)(?:{negations})\s+)?{word}" if negations else word)


@cache
def load(language: str | None) -> Lexicon:
    """Return the lexicon of a language; marks only where there is no file for it."""
    path = _FOLDER / f"{language}.toml"
    known = language is not None and re.fullmatch(r"[a-z]{2,3}", language) is not None and path.is_file()
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8")) if known else {}
    verbs, clauses, speakers = data.get("verb", []), data.get("clauses", {}), data.get("speakers", {})
    transcript, other = data.get("transcript", {}), data.get("not_speech", {})
    pairs = data.get("marks", {}).get("pairs", _COMMON_PAIRS)
    return Lexicon(
        language=language or "und",
        pairs=tuple((pair[0], pair[1]) for pair in pairs),
        cue=_pattern(_finite(verbs, clauses.get("perfect", ()))),
        bare=_pattern(_forms(verbs, *_CLAUSAL)),
        loose=_pattern(form for verb in verbs for form in verb.get("nonfinite", ())),
        call=_pattern(_forms(verbs, "call")),
        accuse=_pattern(_forms(verbs, "accuse")),
        accusation=_pattern(clauses.get("accusation", ())),
        that=_pattern(clauses.get("that", ())),
        told=_pattern(_forms(verbs, "told")),
        openers=_words(clauses, "openers"),
        subject_first=bool(clauses.get("subject_first")),
        according=_pattern(clauses.get("according_to", ())),
        as_said=_pattern(clauses.get("as_said", ())),
        previous=_pattern(clauses.get("previous", ())),
        order=_pattern(_forms(verbs, "order")),
        request=_request(clauses),
        post=_pattern(clauses.get("post", ())),
        speaker=_words(speakers, "pronouns", "honorifics", "roles", "anonymous", "articles", "particles"),
        pronouns=_words(speakers, "pronouns"),
        first_person=_words(speakers, "first_person"),
        impersonal=_pattern(speakers.get("impersonal", ())),
        articles=_words(speakers, "articles"),
        nominative=_words(speakers, "nominative"),
        not_names=_words(speakers, "not_names"),
        prepositions=_words(speakers, "prepositions"),
        objects=_words(speakers, "objects"),
        questions=_words(transcript, "questions"),
        answers=_words(transcript, "answers"),
        interviewer=_words(transcript, "interviewer"),
        named=_words(other, "named"),
        labels=_words(other, "labels"),
        read_also=_pattern(other.get("read_also", ())),
    )
