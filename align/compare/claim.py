"""A text to what it claims: its telling words, names and quantities, and the marks that turn, weaken or attribute it.

Everything keeps its place in the text, so that evidence can point at it. The words are data (lexica/claims.toml,
concepts/, numbers.toml).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from align.compare import concepts, quantities
from align.compare.quantities import WORD, Quantity
from ingest import fold

BOUND = 4000  # characters that are read of a text
_STOPS = re.compile(r"[.!?…;·](?=\s|$|[»”\"’)])|\n")
_PAUSES = re.compile(r"[,:()«»“”]|\s[—–-]\s")
_ENTRY = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*\*?")

Kind = Literal["word", "name", "number"]
# marks whose words claim nothing else
_GRAMMAR = frozenset({
    "negation", "none", "not_all", "all", "nearly_all", "most", "some", "few", "condition", "unless", "without", "unsure", "usually", "so_far",
    "possible", "certain", "future", "only", "until", "cause", "contrast", "own",
})  # fmt: skip
# what a mark says as a word, whatever the word: "says" and «по словам» stand for each other
_SAID = {"source": -1, "denied": -2, "intended": -3, "should": -4}
_EXCUSES = "_also"  # ending of the kinds that only excuse
_OPENS = frozenset({"condition", "unless", "cause", "contrast"})  # what begins a clause, with or without a comma
_LIGHT_LETTERS = 2  # letters of the longest word that is always light


class Term(Struct, frozen=True, kw_only=True):
    """A telling word, name or quantity at ``text[start:end]`` and what it may be matched by."""

    text: str
    start: int
    end: int
    kind: Kind
    stems: frozenset[str] = frozenset()
    concepts: frozenset[int] = frozenset()
    quantity: Quantity | None = None
    clause: int = 0
    sentence: int = 0


class Mark(Struct, frozen=True, kw_only=True):
    """Words that change a claim, by kind; ``term`` is the number of the term that they stand before."""

    kind: str
    text: str
    start: int
    end: int
    clause: int
    sentence: int
    term: int | None = None


class Claim(Struct, frozen=True, kw_only=True):
    """What a text claims. ``words`` are all its words, folded, in order."""

    text: str
    language: str
    words: tuple[str, ...]
    terms: tuple[Term, ...]
    marks: tuple[Mark, ...]
    clauses: int
    sentences: int

    def of(self, *kinds: str) -> list[Mark]:
        """Return the marks of some kinds, in order of place."""
        return [mark for mark in self.marks if mark.kind in kinds]


class _Marks(Struct, frozen=True):
    """The phrases of one language: by first word whole, by first letters where an ending is open."""

    light: frozenset[str]
    phrases: dict[str, list[tuple[tuple[str, ...], str]]]
    open: dict[str, list[tuple[tuple[str, ...], str]]]  # by the first two letters


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parents[1] / "lexica" / "claims.toml").read_text(encoding="utf-8"))


@cache
def _marks(language: str) -> _Marks:
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    unfinished: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for kind, entries in _data().get(language, {}).items():
        if kind in {"light", "negative_concord"}:
            continue
        for entry in entries:
            words = tuple(map(_folded, _ENTRY.findall(entry)))
            if words[0].endswith("*"):
                unfinished.setdefault(words[0][:2], []).append((words, kind))
            else:
                phrases.setdefault(words[0], []).append((words, kind))
    light = frozenset(map(_folded, _data().get(language, {}).get("light", ())))
    return _Marks(light, phrases, unfinished)


def _folded(word: str) -> str:
    return fold.fold(word).replace("’", "'")


@lru_cache(maxsize=20_000)
def claim(text: str, language: str) -> Claim:
    """Read a text, the first 4,000 characters of it."""
    return _Reader(text[:BOUND], language).claim()


class _Reader:
    """One text under way."""

    def __init__(self, text: str, language: str) -> None:
        self.text, self.language = text, language
        spans = [match for match in WORD.finditer(text) if match.group() not in {"%"}]
        self.spans = [match.span() for match in spans]
        self.printed = [match.group() for match in spans]
        self.words = [_folded(word) for word in self.printed]
        self.tables = _marks(language)

    def claim(self) -> Claim:
        self.counted = quantities.quantities(self.text, self.language)
        # "no more than 40" is a limit and no negation
        limits = [range(one.begins, one.start) for one in self.counted]
        found = [one for one in self._phrases() if not any(self.spans[one[1]][0] in limit for limit in limits)]
        clauses, sentences = self._cut(found)
        self.said: dict[int, set[int]] = {}
        for kind, first, last in found:
            for n in range(first, last + 1) if kind in _SAID else ():
                self.said.setdefault(n, set()).add(_SAID[kind])
        taken = {n for kind, first, last in found if kind in _GRAMMAR for n in range(first, last + 1)}
        terms = list(self._terms(taken, clauses, sentences))
        marks = [
            Mark(
                kind=kind, text=self.text[self.spans[first][0] : self.spans[last][1]],
                start=self.spans[first][0], end=self.spans[last][1],
                clause=clauses[first], sentence=sentences[first], term=self._governed(last, clauses, terms),
            )
            for kind, first, last in found
        ]  # fmt: skip
        return Claim(
            text=self.text, language=self.language, words=tuple(self.words), terms=tuple(terms),
            marks=tuple(_not_all(marks)), clauses=max(clauses, default=-1) + 1, sentences=max(sentences, default=-1) + 1,
        )  # fmt: skip

    # -- marks

    def _phrases(self) -> list[tuple[str, int, int]]:
        """Return (kind, first word, last word) of all marks; one inside a longer one is left out.

        What only excuses is found apart: it hides nothing and is hidden by nothing.
        """
        found: list[tuple[str, int, int]] = []
        for at, word in enumerate(self.words):
            for words, kind in (*self.tables.phrases.get(word, ()), *self.tables.open.get(word[:2], ())):
                if len(words) <= len(self.words) - at and all(map(_fits, words, self.words[at : at + len(words)])):
                    found.append((kind, at, at + len(words) - 1))
            if word.endswith("n't"):
                found.append(("negation", at, at))
        found.sort(key=lambda one: (one[1], -one[2]))
        kept: dict[tuple[str, int, int], None] = {}
        start = end = -1
        for kind, first, last in found:
            if kind.endswith(_EXCUSES):
                kept[kind, first, last] = None
            elif last > end or (first, last) == (start, end):
                kept[kind, first, last] = None
                start, end = first, max(end, last)
        return list(kept)

    def _cut(self, found: Sequence[tuple[str, int, int]]) -> tuple[list[int], list[int]]:
        """Return for each word the number of its clause and of its sentence."""
        opens = {first for kind, first, _ in found if kind in _OPENS}
        clauses, sentences = [], []
        clause = sentence = 0
        for at, (start, _) in enumerate(self.spans):
            gap = self.text[self.spans[at - 1][1] : start] if at else ""
            if _STOPS.search(gap + " "):
                sentence, clause = sentence + 1, clause + 1
            elif at and (_PAUSES.search(gap) or at in opens):
                clause += 1
            clauses.append(clause)
            sentences.append(sentence)
        return clauses, sentences

    def _governed(self, last: int, clauses: Sequence[int], terms: Sequence[Term]) -> int | None:
        """Return the first term behind a mark in its clause, else the last one before it there."""
        end, clause = self.spans[last][1], clauses[last]
        behind = next((n for n, term in enumerate(terms) if term.start >= end and term.clause == clause), None)
        if behind is not None:
            return behind
        return next(
            (n for n, term in reversed(list(enumerate(terms))) if term.end <= end and term.clause == clause), None
        )

    # -- terms

    def _terms(self, taken: set[int], clauses: Sequence[int], sentences: Sequence[int]) -> Iterator[Term]:
        stems = [
            concepts.stems(word, self.language) if word[0].isalpha() else frozenset({word}) for word in self.printed
        ]
        meaning: dict[int, set[int]] = {}
        covered: dict[int, int] = {}  # first word of a phrase -> its last
        for n, said in self.said.items():
            meaning.setdefault(n, set()).update(said)
        for one in concepts.lexicon().find(stems, self.language):
            meaning.setdefault(one.first, set()).update(one.concepts)
            if one.last > one.first:
                covered[one.first] = max(one.last, covered.get(one.first, 0))
        numbers = {n: one for one in self.counted for n in self._within(one)}
        at = 0
        while at < len(self.words):
            number = numbers.get(at)
            if number is not None:
                last = max(self._within(number))
                yield self._term(at, last, "number", clauses, sentences, quantity=number)
                at = last + 1
                continue
            # a phrase is one term; so is each word that is neither light nor a mark
            last = covered.get(at, at)
            if last > at and not any(n in numbers or n in taken for n in range(at, last + 1)):
                held = frozenset(meaning[at])
                yield self._term(at, last, "word", clauses, sentences, stems=stems[at], concepts=held)
                at = last + 1
                continue
            if at not in taken and not self._light(at):
                kind: Kind = "name" if self._named(at, sentences) else "word"
                held = frozenset(meaning.get(at, ()))
                yield self._term(at, at, kind, clauses, sentences, stems=stems[at], concepts=held)
            at += 1

    def _within(self, one: Quantity) -> list[int]:
        return [n for n, (start, end) in enumerate(self.spans) if start >= one.start and end <= one.end]

    def _light(self, at: int) -> bool:
        word = self.words[at]
        if word in self.tables.light:
            return True
        return len(word) <= _LIGHT_LETTERS and not self.printed[at].isupper()

    def _named(self, at: int, sentences: Sequence[int]) -> bool:
        """Whether a word has a capital that the beginning of a sentence or quotation does not explain."""
        if not self.printed[at][0].isupper():
            return False
        first = at == 0 or sentences[at - 1] != sentences[at]
        return not first

    def _term(
        self, first: int, last: int, kind: Kind, clauses: Sequence[int], sentences: Sequence[int], *,
        stems: frozenset[str] = frozenset(), concepts: frozenset[int] = frozenset(), quantity: Quantity | None = None,
    ) -> Term:  # fmt: skip
        start, end = self.spans[first][0], self.spans[last][1]
        return Term(
            text=self.text[start:end], start=start, end=end, kind=kind, stems=stems, concepts=concepts,
            quantity=quantity, clause=clauses[first], sentence=sentences[first],
        )  # fmt: skip


def _fits(entry: str, word: str) -> bool:
    return word.startswith(entry[:-1]) if entry.endswith("*") else word == entry


def _not_all(marks: Sequence[Mark]) -> Iterator[Mark]:
    """Turn a negation with "all" behind it in one clause into "not all"."""
    dropped: set[int] = set()
    made: dict[int, Mark] = {}
    for number, mark in enumerate(marks):
        if mark.kind != "negation":
            continue
        whole = next(
            (n for n, other in enumerate(marks)
             if other.kind == "all" and other.clause == mark.clause and other.start > mark.end),
            None,
        )  # fmt: skip
        if whole is not None:
            dropped |= {number, whole}
            made[number] = Mark(
                kind="not_all", text=mark.text + " … " + marks[whole].text, start=mark.start, end=marks[whole].end,
                clause=mark.clause, sentence=mark.sentence, term=marks[whole].term,
            )  # fmt: skip
    for number, mark in enumerate(marks):
        if number in made:
            yield made[number]
        if number not in dropped:
            yield mark
