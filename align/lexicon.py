"""``lexica/<language>.toml`` -> what a language reports speech with. The files describe tables, sources and gaps.

A lexicon is a list of phrases, each of one or several *kinds* ("cue", "that", "according", ...), and sets of single
words. All phrases of all kinds are found in one pass over the words of a text (``Lexicon.find``), so that the cost
does not grow with the size of the lexicon. A language without a file has quotation marks and nothing else.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from ingest import fold

_FOLDER = Path(__file__).parent / "lexica"
_COMMON_PAIRS = (("«", "»"), ("“", "”"), ("„", "“"), ('"', '"'))
# classes of verbs whose complement may be a clause without a conjunction, where the language has such clauses
_CLAUSAL = frozenset({"say", "think", "claim", "deny", "confirm", "warn", "promise", "quote", "report"})
_WORD = re.compile(r"[^\W_]+(?:['’\-‑][^\W_]+)*")
_OF_SPEAKERS = ("pronouns", "honorifics", "roles", "anonymous", "articles", "particles")  # words of a speaker phrase
_NEVER = re.compile(r"(?!)")

Span = tuple[int, int]


class Node(Struct):
    """A word of phrases: the kinds of the phrase that ends here, and the words that longer ones go on with."""

    kinds: frozenset[str] = frozenset()
    longer: dict[str, Node] = field(default_factory=dict)


class Lexicon(Struct, frozen=True, kw_only=True):
    """One language. Everything is matched on text folded letter by letter (``flat``), so that offsets are kept."""

    language: str
    pairs: tuple[tuple[str, str], ...]
    stops: str  # what ends a sentence besides . ! ? …
    phrases: Mapping[str, Node]  # by their first word
    phrase_gap: int  # words between the parts of a speaker phrase that are neither names nor offices
    subject_first: bool  # the subject stands before its verb
    pro_drop: bool  # a sentence needs no subject
    request: re.Pattern[str]  # what stands at the beginning of what is demanded
    joint: re.Pattern[str]  # a comma, or a conjunction that joins a clause to another
    finite_endings: tuple[str, ...]
    participle_endings: tuple[str, ...]  # of participles that describe a person behind a comma
    own_endings: tuple[str, ...]  # of verbs in the first person
    courtesies: re.Pattern[str]
    words: Mapping[str, frozenset[str]]  # sets of single words by name; the files say what each is for

    def find(self, folded: str) -> Found:
        """Find all phrases in a folded text."""
        spans = [match.span() for match in _WORD.finditer(folded)]
        words = [folded[start:end] for start, end in spans]
        found: dict[str, list[Span]] = {}
        for number, word in enumerate(words):
            node = self.phrases.get(word)
            if node is None:
                continue
            start, end = spans[number]
            ends: list[tuple[int, frozenset[str]]] = []
            at = number
            while node is not None:
                if node.kinds:
                    ends.append((end, node.kinds))
                at += 1
                if not node.longer or at == len(words) or not folded[end : spans[at][0]].isspace():
                    break
                node, end = node.longer.get(words[at]), spans[at][1]
            for end, kinds in reversed(ends):  # the longest first
                for kind in kinds:
                    held = found.setdefault(kind, [])
                    if not held or held[-1][1] <= start:
                        held.append((start, end))
        return Found(found)


class Found:
    """Where the phrases of a text stand, by kind; spans of one kind do not overlap, the longest is taken."""

    def __init__(self, spans: Mapping[str, list[Span]]) -> None:
        self._spans = spans
        self._starts = {kind: [start for start, _ in held] for kind, held in spans.items()}
        self._at = {kind: dict(held) for kind, held in spans.items()}

    def at(self, kind: str, start: int) -> Span | None:
        """Return the phrase of a kind that begins right here."""
        end = self._at.get(kind, {}).get(start)
        return None if end is None else (start, end)

    def next(self, kind: str, start: int, end: int) -> Span | None:
        """Return the first phrase of a kind that lies in a span."""
        starts = self._starts.get(kind, ())
        number = bisect_left(starts, start)
        if number < len(starts):
            span = self._spans[kind][number]
            return span if span[1] <= end else None
        return None

    def all(self, kind: str, start: int, end: int) -> list[Span]:
        """Return the phrases of a kind that lie in a span."""
        starts = self._starts.get(kind, ())
        inside = self._spans[kind][bisect_left(starts, start) : bisect_left(starts, end)] if starts else []
        return [span for span in inside if span[1] <= end]


class _Folding(dict[int, str]):
    """A table for ``str.translate`` that is filled as letters are met: each to one small letter without accents."""

    def __missing__(self, point: int) -> str:
        letter = chr(point)
        folded = fold.fold(letter) if letter.isalpha() else letter
        self[point] = folded if len(folded) == 1 else letter.lower()[:1]
        return self[point]


_FOLDING = _Folding()


def flat(text: str) -> str:
    """Return text as phrases see it: words of one script, small letters, no accents; as long as the text."""
    return text.lower() if text.isascii() else fold.unmix(text).translate(_FOLDING)


class _Sets(dict[str, frozenset[str]]):
    """Sets of words by name; one that a lexicon does not have is empty."""

    def __missing__(self, name: str) -> frozenset[str]:
        return frozenset()


class _Phrases:
    """Phrases under way: which kinds each has."""

    def __init__(self) -> None:
        self.kinds: dict[tuple[str, ...], set[str]] = {}

    def add(self, entries: Iterable[str], *kinds: str) -> None:
        for entry in entries:
            words = tuple(_WORD.findall(flat(entry)))
            if words:
                self.kinds.setdefault(words, set()).update(kinds)

    def index(self) -> dict[str, Node]:
        root = Node()
        for words, kinds in self.kinds.items():
            node = root
            for word in words:
                node = node.longer.setdefault(word, Node())
            node.kinds = frozenset(kinds)
        return root.longer


def _add_verbs(phrases: _Phrases, data: Mapping[str, Any], clauses: Mapping[str, Any]) -> None:
    """Add reporting words: a line of forms for each lemma, "finite, ... / participles, ... / infinitives, ..."."""
    marks = data.get("verb_marks", {})
    marked: dict[str, set[str]] = {}
    for mark, lemmas in marks.items():
        for lemma in lemmas:
            marked.setdefault(lemma, set()).add(mark)
    for name, verbs in data.get("verbs", {}).items():
        for lemma, line in verbs.items():
            parts = [[form.strip() for form in part.split(",")] for part in (*line.split("/"), "", "")]
            finite, loose = parts[0], [form for form in parts[1] if form]
            infinitives = [lemma] if clauses.get("lemma_is_infinitive") else [form for form in parts[2] if form]
            kinds = {name, *marked.get(lemma, ()), *(("bare",) if name in _CLAUSAL else ())}
            phrases.add(finite, "cue", *kinds)
            phrases.add(_joined(clauses.get("perfect", ()), infinitives), "cue", "modal", *kinds)
            phrases.add(_joined(clauses.get("progressive", ()), loose), "cue", *kinds)
            phrases.add(loose, "loose", *kinds)


def _joined(auxiliaries: Iterable[str], forms: Iterable[str]) -> Iterator[str]:
    return (f"{auxiliary} {form}" for auxiliary in auxiliaries for form in forms)


def _his(clauses: Mapping[str, Any], entries: Iterable[str]) -> Iterator[str]:
    """Yield phrases; "{}" in one stands for each possessive of the language."""
    for phrase in entries:
        yield from (phrase.replace("{}", own) for own in clauses.get("possessives", ()) if "{}" in phrase)
        if "{}" not in phrase:
            yield phrase


class _Inflection:
    """Case forms of nouns by their endings: what is generated too much does no harm. A trailing "*" asks for them."""

    def __init__(self, table: Mapping[str, Iterable[str]], *, shows_case: bool) -> None:
        self.shows_case = shows_case
        rules = ((flat(ending), [flat(other) for other in others]) for ending, others in table.items())
        self.rules = sorted(rules, key=lambda rule: -len(rule[0]))

    def forms(self, entries: Iterable[str]) -> Iterator[str]:
        """Yield the entries, those with a "*" in all their forms; of several words the first is inflected."""
        for entry in entries:
            if not entry.endswith("*"):
                yield entry
                continue
            first, _, rest = flat(entry[:-1]).partition(" ")
            ending, others = next((rule for rule in self.rules if first.endswith(rule[0])), ("", [""]))
            stem = first[: len(first) - len(ending)]
            yield from ((stem + other + " " + rest).strip() for other in (ending, *others))

    def lemmas(self, entries: Iterable[str]) -> Iterator[str]:
        """Yield the entries as they are listed; all forms where the language has articles, which show the case."""
        return (entry.rstrip("*") for entry in entries) if self.shows_case else self.forms(entries)


def _request(clauses: Mapping[str, Any]) -> re.Pattern[str]:
    """Match the beginning of what is demanded: a conjunction, or an infinitive by its ending; a negation before it."""
    endings = "|".join(map(flat, clauses.get("request_endings", ())))
    either = "|".join(map(re.escape, map(flat, clauses.get("request", ()))))
    if not endings and not either:
        return _NEVER
    word = rf"(?<!\w)\w{{2,}}(?:{endings})(?!\w)" if endings else rf"(?<!\w)(?:{either})(?!\w)"
    negations = "|".join(map(flat, clauses.get("request_negation", ())))
    return re.compile(rf"(?:(?<!\w)(?:{negations})\s+)?{word}" if negations else word)


def _joint(joints: Iterable[str]) -> re.Pattern[str]:
    """Match a comma, or one of the conjunctions with or without a comma before it."""
    words = "|".join(re.escape(flat(word)).replace(r"\ ", r"\s+") for word in sorted(joints, key=len, reverse=True))
    return re.compile(rf"[,;]?\s+(?P<word>{words or '(?!)'})(?=\s)|,\s*")


def _sentences(entries: Iterable[str]) -> re.Pattern[str]:
    """Match any of some short sentences, with whatever mark they end in."""
    either = "|".join(re.escape(flat(entry).strip(" .!;")) for entry in sorted(entries, key=len, reverse=True))
    return re.compile(rf"\s*(?:{either})\s*[.!…;]*\s*") if either else _NEVER


@cache
def load(language: str | None) -> Lexicon:
    """Return the lexicon of a language; marks only where there is no file for it."""
    path = _FOLDER / f"{language}.toml"
    known = language is not None and re.fullmatch(r"[a-z]{2,3}", language) is not None and path.is_file()
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8")) if known else {}
    clauses, marks = data.get("clauses", {}), data.get("marks", {})
    inflection = _Inflection(data.get("inflection", {}), shows_case=not data.get("words", {}).get("nominative"))
    phrases = _Phrases()
    _add_verbs(phrases, data, clauses)
    for kind, entries in data.get("phrases", {}).items():
        phrases.add(inflection.forms(_his(clauses, entries)), kind)
    for kind in ("according_to", "according_to_papers", "according_to_him"):
        phrases.add(_his(clauses, data.get("phrases", {}).get(kind, ())), "according")
    words = _Sets({name: frozenset(map(flat, inflection.forms(of))) for name, of in data.get("words", {}).items()})
    words["speaker"] = frozenset().union(*(words[name] for name in _OF_SPEAKERS))
    # forms of offices that no subject has
    words["oblique"] = words["roles"] - frozenset(map(flat, inflection.lemmas(data.get("words", {}).get("roles", ()))))
    words["office"] = words["speaker"] - words["articles"]  # what shows that a phrase is somebody
    return Lexicon(
        language=language or "und",
        pairs=tuple((pair[0], pair[1]) for pair in marks.get("pairs", _COMMON_PAIRS)),
        stops=marks.get("stops", ""),
        phrases=phrases.index(),
        phrase_gap=clauses.get("phrase_gap", 2),
        subject_first=bool(clauses.get("subject_first")),
        pro_drop=bool(clauses.get("pro_drop")),
        request=_request(clauses),
        joint=_joint(data.get("words", {}).get("joints", ())),
        finite_endings=tuple(map(flat, clauses.get("finite_endings", ()))),
        participle_endings=tuple(map(flat, clauses.get("participle_endings", ()))),
        own_endings=tuple(map(flat, clauses.get("own_endings", ()))),
        courtesies=_sentences(clauses.get("courtesies", ())),
        words=words,
    )
