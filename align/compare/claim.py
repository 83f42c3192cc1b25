"""A text to what it claims: its telling words, names and quantities, and the marks that turn, weaken or attribute it.

Everything keeps its place in the text, so that evidence can point at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from align.compare import concepts, marks
from align.compare.numerals import WORD
from align.compare.quantities import Quantity, quantities

BOUND = 4000  # characters that are read of a text
_STOPS = re.compile(r"[.!?…;·](?=\s|$|[»”\"’)])|\n")
_PAUSES = re.compile(r"[,:()«»“”]|\s[—–-]\s")
_LIGHT_LETTERS = 2  # letters of the longest word that is always light

Kind = Literal["word", "name", "number"]


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
    """Words at ``text[start:end]`` that change a claim, by kind; ``term`` is the number of the term they belong to."""

    kind: str
    text: str
    start: int
    end: int
    clause: int
    sentence: int
    term: int | None = None


class Claim(Struct, frozen=True, kw_only=True):
    """What a text claims. ``words`` are all its words, folded, in order; clauses are numbered through the text."""

    text: str
    language: str
    words: tuple[str, ...]
    terms: tuple[Term, ...]
    marks: tuple[Mark, ...]

    def of(self, *kinds: str) -> list[Mark]:
        """Return the marks of some kinds, in order of place."""
        return [mark for mark in self.marks if mark.kind in kinds]


@lru_cache(maxsize=20_000)
def claim(text: str, language: str) -> Claim:
    """Read a text, the first 4,000 characters of it."""
    read = _Reader(text[:BOUND], language)
    terms = tuple(read.terms())
    return Claim(
        text=read.text, language=language, words=tuple(read.words), terms=terms, marks=tuple(read.marks_before(terms))
    )


class _Reader:
    """One text and what was found in it, by number of word."""

    def __init__(self, text: str, language: str) -> None:
        self.text, self.language = text, language
        found = [match for match in WORD.finditer(text) if match.group() != "%"]  # the sign belongs to its number
        self.spans = [match.span() for match in found]
        self.printed = [match.group() for match in found]
        self.words = [marks.folded(word) for word in self.printed]
        counted = quantities(text, language)
        self.numbers: dict[int, tuple[Quantity, int]] = {}  # and the last word of the quantity
        for one in counted:
            within = [n for n, (start, end) in enumerate(self.spans) if start >= one.start and end <= one.end]
            self.numbers |= dict.fromkeys(within, (one, within[-1]))
        # "no more than 40" is a limit and no negation
        limits = [range(one.begins, one.end) for one in counted]
        self.marks = [
            mark
            for mark in marks.find(self.words, language)
            if not any(self.spans[mark.first][0] in limit for limit in limits)
        ]
        self.clauses, self.sentences = self._cut()

    def _cut(self) -> tuple[list[int], list[int]]:
        """Return for each word the number of its clause and of its sentence."""
        opens = {one.first for one in self.marks if one.kind in marks.OPENS}
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

    # -- terms

    def terms(self) -> Iterator[Term]:
        """Yield the quantities and phrases of the text, and the words that are neither light nor mere marks."""
        stems = [
            concepts.stems(word, self.language) if word[0].isalpha() else frozenset({word}) for word in self.printed
        ]
        meaning, phrases = self._meaning(stems)
        taken = {n for one in self.marks if one.kind in marks.GRAMMAR for n in range(one.first, one.last + 1)}
        at = 0
        while at < len(self.words):
            last = phrases.get(at, at)
            if at in self.numbers:
                quantity, last = self.numbers[at]
                yield self._term(at, last, "number", quantity=quantity)
            elif last > at and not any(n in self.numbers or n in taken for n in range(at, last + 1)):
                yield self._term(at, last, "word", stems[at], frozenset(meaning[at]))
            else:
                last = at
                if at not in taken and not self._light(at):
                    kind: Kind = "name" if self._named(at) else "word"
                    yield self._term(at, at, kind, stems[at], frozenset(meaning.get(at, ())))
            at = last + 1

    def _meaning(self, stems: Sequence[frozenset[str]]) -> tuple[dict[int, set[int]], dict[int, int]]:
        """Return what words may stand for, and where phrases end, both by first word."""
        meaning: dict[int, set[int]] = {}
        phrases: dict[int, int] = {}
        for one in self.marks:
            for n in range(one.first, one.last + 1) if one.kind in marks.SAID else ():
                meaning.setdefault(n, set()).add(marks.SAID[one.kind])
        for found in concepts.lexicon().find(stems, self.language):
            meaning.setdefault(found.first, set()).update(found.concepts)
            if found.last > found.first:
                phrases[found.first] = max(found.last, phrases.get(found.first, 0))
        return meaning, phrases

    def _light(self, at: int) -> bool:
        short = len(self.words[at]) <= _LIGHT_LETTERS and not self.printed[at].isupper()
        return short or marks.light(self.words[at], self.language)

    def _named(self, at: int) -> bool:
        """Whether a word has a capital that the beginning of a sentence or quotation does not explain."""
        begins = at == 0 or self.sentences[at - 1] != self.sentences[at]
        return self.printed[at][0].isupper() and not begins

    def _term(
        self, first: int, last: int, kind: Kind,
        stems: frozenset[str] = frozenset(), held: frozenset[int] = frozenset(), quantity: Quantity | None = None,
    ) -> Term:  # fmt: skip
        start, end = self.spans[first][0], self.spans[last][1]
        return Term(
            text=self.text[start:end], start=start, end=end, kind=kind, stems=stems, concepts=held,
            quantity=quantity, clause=self.clauses[first], sentence=self.sentences[first],
        )  # fmt: skip

    # -- marks

    def marks_before(self, terms: Sequence[Term]) -> Iterator[Mark]:
        """Yield the marks with the terms that they belong to; a negation with "all" behind it is "not all"."""
        found = [self._mark(one, terms) for one in self.marks]
        whole = {n: self._all_behind(mark, found) for n, mark in enumerate(found) if mark.kind == "negation"}
        taken = set(whole.values())
        for number, mark in enumerate(found):
            behind = whole.get(number)
            if behind is not None:
                other = found[behind]
                yield Mark(
                    kind="not_all", text=self.text[mark.start : other.end], start=mark.start, end=other.end,
                    clause=mark.clause, sentence=mark.sentence, term=other.term,
                )  # fmt: skip
            elif number not in taken:
                yield mark

    def _mark(self, one: marks.Found, terms: Sequence[Term]) -> Mark:
        start, end, clause = self.spans[one.first][0], self.spans[one.last][1], self.clauses[one.first]
        return Mark(
            kind=one.kind, text=self.text[start:end], start=start, end=end,
            clause=clause, sentence=self.sentences[one.first], term=_governed(end, self.clauses[one.last], terms),
        )  # fmt: skip

    @staticmethod
    def _all_behind(negation: Mark, found: Sequence[Mark]) -> int | None:
        return next(
            (
                number
                for number, mark in enumerate(found)
                if mark.kind == "all" and mark.clause == negation.clause and mark.start > negation.end
            ),
            None,
        )


def _governed(end: int, clause: int, terms: Sequence[Term]) -> int | None:
    """Return the first term of a clause behind a place in the text, else the last one before it there."""
    inside = [n for n, term in enumerate(terms) if term.clause == clause]
    behind = next((n for n in inside if terms[n].start >= end), None)
    if behind is not None:
        return behind
    return next((n for n in reversed(inside) if terms[n].end <= end), None)
