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

_CLAUSAL = frozenset({"say", "think", "claim", "deny", "confirm", "warn", "quote", "report"})
_FOLDER = Path(__file__).parent / "lexica"
_COMMON_PAIRS = (("«", "»"), ("“", "”"), ("„", "“"), ('"', '"'))


class Lexicon(Struct, frozen=True, kw_only=True):
    """One language. Patterns match on text folded letter by letter (``flat``), so that offsets are kept."""

    language: str
    pairs: tuple[tuple[str, str], ...]
    stops: str  # what ends a sentence besides . ! ? …
    cue: re.Pattern[str]  # finite reporting words
    loose: re.Pattern[str]  # participles and gerunds
    bare: re.Pattern[str]  # reporting words that take a clause without a conjunction
    call: re.Pattern[str]  # "called X Y": what follows is said of X
    accuse: re.Pattern[str]
    accusation: re.Pattern[str]
    that: re.Pattern[str]
    told: re.Pattern[str]  # reporting words that name the one who is told before the clause
    openers: frozenset[str]  # words that begin a clause without a conjunction, where the language has such clauses
    closers: frozenset[str]  # words that no such clause begins with
    subject_first: bool  # the subject stands before its verb
    according: re.Pattern[str]
    as_said: re.Pattern[str]
    previous: re.Pattern[str]
    order: re.Pattern[str]  # demands and requests
    promise: re.Pattern[str]
    deny: re.Pattern[str]
    topic: re.Pattern[str]  # reporting words whose topic is what was said: "warned of ..."
    object: re.Pattern[str]  # reporting words whose object is what was said: "predicted growth"
    weak: re.Pattern[str]  # reporting words that mostly do other things: they need a conjunction or marks
    report: re.Pattern[str]  # what media do; of persons only where a role or a pronoun says that it is one
    about: re.Pattern[str]  # what introduces a topic
    documents: re.Pattern[str]  # "according to" that papers and bodies stand behind as well as persons
    alone: re.Pattern[str]  # "according to him": names its speaker itself
    joint: re.Pattern[str]  # a comma, or a conjunction that joins a clause to another
    joints: frozenset[str]
    aside: re.Pattern[str]  # a conjunction that sets the author's words against what was reported
    remarks: frozenset[str]  # words that begin a remark on quoted words
    when: re.Pattern[str]  # when and where something was said, between a cue and its clause
    finite: re.Pattern[str]  # words by which a clause is told from a noun
    adverbs: frozenset[str]  # words that stand between a subject and its cue
    own: frozenset[str]  # the first person
    own_endings: tuple[str, ...]
    relatives: frozenset[str]  # "who": stands for the subject named before it
    nouns: re.Pattern[str]  # "the warning that": nouns that a clause explains
    stance: re.Pattern[str]  # "was blunt:": what says before a colon that somebody's words follow
    nominals: re.Pattern[str]  # "readiness": what a topic is that was said and not only spoken of
    bodies: frozenset[str]  # institutions and collectives
    not_said: re.Pattern[str]  # "declined to comment": nothing was said
    courtesies: re.Pattern[str]
    media: frozenset[str]  # words for media, whose reports are provenance
    pro_drop: bool  # a sentence needs no subject
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


class _Folding(dict[int, str]):
    """A table for ``str.translate`` that is filled as letters are met: each to one small letter without accents."""

    def __missing__(self, point: int) -> str:
        letter = chr(point)
        folded = fold.fold(letter) if letter.isalpha() else letter
        self[point] = folded if len(folded) == 1 else letter.lower()[:1]
        return self[point]


_FOLDING = _Folding()


def flat(text: str) -> str:
    """Return text as patterns see it: words of one script, small letters, no accents; as long as the text."""
    return text.lower() if text.isascii() else fold.unmix(text).translate(_FOLDING)


def _pattern(entries: Iterable[str]) -> re.Pattern[str]:
    """Match any of the entries as whole words, the longest first; nothing when there are none."""
    words = sorted({flat(entry) for entry in entries if entry}, key=lambda entry: (-len(entry), entry))
    if not words:
        return re.compile(r"(?!)")
    either = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words)
    return re.compile(rf"(?<!\w)(?<!\w-)(?:{either})(?!\w)")


def _sentences(entries: Iterable[str]) -> re.Pattern[str]:
    """Match any of some short sentences, with whatever mark they end in."""
    either = "|".join(re.escape(flat(entry).strip(" .!;")) for entry in sorted(entries, key=len, reverse=True))
    return re.compile(rf"\s*(?:{either})\s*[.!…;]*\s*" if either else r"(?!)")


def _his(clauses: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield the phrases of a list; "{}" in one stands for each possessive of the language."""
    for phrase in clauses.get(name, ()):
        yield from (phrase.replace("{}", own) for own in clauses.get("possessives", ()) if "{}" in phrase)
        if "{}" not in phrase:
            yield phrase


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


def _marked(verbs: Iterable[Mapping[str, Any]], mark: str) -> Iterator[str]:
    """Yield all forms of the reporting words that bear a mark."""
    return (form for verb in verbs if verb.get(mark) for form in (*verb.get("forms", ()), *verb.get("nonfinite", ())))


def _joint(joints: Iterable[str]) -> re.Pattern[str]:
    """Match a comma, or one of the conjunctions with or without a comma before it."""
    words = "|".join(re.escape(flat(word)).replace(r"\ ", r"\s+") for word in sorted(joints, key=len, reverse=True))
    return re.compile(rf"[,;]?\s+(?P<word>{words or '(?!)'})(?=\s)|,\s")


def _finite_words(clauses: Mapping[str, Any]) -> re.Pattern[str]:
    """Match a finite verb, by the words and the endings that a lexicon lists; anything where it lists none."""
    words, endings = clauses.get("finite", ()), clauses.get("finite_endings", ())
    if not words and not endings:
        return re.compile("")
    ending = "|".join(re.escape(flat(end)) for end in endings)
    return re.compile(_pattern(words).pattern + (rf"|\w(?:{ending})(?!\w)" if endings else ""))


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
        stops=data.get("marks", {}).get("stops", ""),
        cue=_pattern(_finite(verbs, clauses.get("perfect", ()))),
        bare=_pattern(_forms(verbs, *_CLAUSAL)),
        loose=_pattern(form for verb in verbs for form in verb.get("nonfinite", ())),
        call=_pattern(_forms(verbs, "call")),
        accuse=_pattern(_forms(verbs, "accuse")),
        accusation=_pattern(clauses.get("accusation", ())),
        that=_pattern(clauses.get("that", ())),
        told=_pattern(_forms(verbs, "told")),
        openers=_words(clauses, "openers"),
        closers=_words(clauses, "closers"),
        subject_first=bool(clauses.get("subject_first")),
        according=_pattern(
            form for name in ("according_to", "according_to_papers", "according_to_him") for form in _his(clauses, name)
        ),
        as_said=_pattern(clauses.get("as_said", ())),
        previous=_pattern(clauses.get("previous", ())),
        order=_pattern(_forms(verbs, "order")),
        promise=_pattern(_forms(verbs, "promise")),
        deny=_pattern(_forms(verbs, "deny")),
        topic=_pattern(_marked(verbs, "topic")),
        object=_pattern(_marked(verbs, "object")),
        weak=_pattern(_marked(verbs, "weak")),
        report=_pattern(_forms(verbs, "report")),
        about=_pattern(clauses.get("about", ())),
        documents=_pattern(clauses.get("according_to_papers", ())),
        alone=_pattern(_his(clauses, "according_to_him")),
        joint=_joint(clauses.get("joints", ())),
        joints=_words(clauses, "joints"),
        aside=re.compile(r",\s+" + _pattern(clauses.get("aside", ())).pattern),
        remarks=_words(clauses, "remarks"),
        when=re.compile(rf"(?:[,\s]\s*{_pattern(clauses.get('when', ())).pattern}(?:\s+\d+)?,?)+"),
        finite=_finite_words(clauses),
        adverbs=_words(clauses, "adverbs"),
        own=_words(speakers, "own"),
        own_endings=tuple(flat(ending) for ending in speakers.get("own_endings", ())),
        relatives=_words(speakers, "relatives"),
        nouns=_pattern(clauses.get("nouns", ())),
        stance=_pattern(clauses.get("stance", ())),
        nominals=_pattern(clauses.get("nominals", ())),
        bodies=_words(speakers, "bodies"),
        not_said=_pattern(other.get("not_said", ())),
        courtesies=_sentences(transcript.get("courtesies", ())),
        media=_words(other, "media"),
        pro_drop=bool(clauses.get("pro_drop")),
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
