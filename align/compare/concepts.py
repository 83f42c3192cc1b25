"""Words of a text to concepts, which are the same over languages (lexica/concepts/*.toml).

A concept is a row of words and phrases that translators use for one another. A word is looked up by the stems of its
lemmas, so that any form of it is found; a word has as many concepts as it has senses. Homonyms are told in their own
file: two senses of one word are what a back-translation mistakes for each other.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import simplemma
from msgspec import Struct

from ingest import fold

_FOLDER = Path(__file__).parents[1] / "lexica" / "concepts"
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_STEMMERS = {"en": "english", "ru": "russian", "el": "greek"}


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    import snowballstemmer

    if language not in _STEMMERS:
        return lambda word: word
    stem: Callable[[str], str] = snowballstemmer.stemmer(_STEMMERS[language]).stemWord
    return stem


@cache
def _analyser() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer()


@lru_cache(maxsize=200_000)
def stems(word: str, language: str) -> frozenset[str]:
    """Return what a word is looked up and compared by: the stems of itself and of its lemmas, folded."""
    small = word.lower()
    found = {small}
    if language == "ru":
        # the readings that are not far less likely than the first
        parses = _analyser().parse(small)
        found |= {one.normal_form for one in parses[:4] if one.score >= 0.1 * parses[0].score}
    elif language in _STEMMERS:
        found.add(str(simplemma.lemmatize(small, lang=language)).lower())
    stem = _stemmer(language)
    return frozenset(fold.fold(stem(form)) for form in found)


class Found(Struct, frozen=True):
    """Words ``first`` to ``last`` of a text (inclusive), and the concepts that they may stand for."""

    first: int
    last: int
    concepts: frozenset[int]


class Lexicon:
    """Concepts by number: their words by language, their opposites, and which are senses of one word."""

    def __init__(self) -> None:
        self.words: dict[str, dict[str, set[int]]] = {}  # language -> stem -> concepts
        self.phrases: dict[str, dict[str, list[tuple[tuple[str, ...], int]]]] = {}  # language -> first stem -> the rest
        self.opposites: dict[int, frozenset[int]] = {}
        self.senses: dict[int, frozenset[int]] = {}  # sense of a homonym -> its other senses
        self.countries: dict[int, frozenset[int]] = {}  # capital -> its country
        self.capitals: dict[int, frozenset[int]] = {}  # country -> its capital
        self.rows: dict[int, tuple[str, ...]] = {}  # sense of a homonym -> its columns
        self._heads: dict[str, set[int]] = {}
        self._number = 0

    def add(self, columns: Sequence[str], languages: Sequence[str]) -> int:
        """Add a concept by its words in each language; return its number."""
        self._number += 1
        for language, column in zip(languages, columns, strict=False):
            for entry in column.split(","):
                self._enter(_WORD.findall(entry), language)
        self._heads.setdefault(columns[0].split(",")[0].strip(), set()).add(self._number)
        return self._number

    def _enter(self, words: Sequence[str], language: str) -> None:
        stem = _stemmer(language)
        first, *rest = [fold.fold(stem(word.lower())) for word in words] or [""]
        if rest:
            held = self.phrases.setdefault(language, {}).setdefault(first, [])
            held.append((tuple(rest), self._number))
        elif first:
            self.words.setdefault(language, {}).setdefault(first, set()).add(self._number)

    def named(self, head: str) -> frozenset[int]:
        """Return the concepts whose row begins with a word."""
        return frozenset(self._heads.get(head, ()))

    def find(self, words: Sequence[frozenset[str]], language: str) -> Iterator[Found]:
        """Yield the concepts of a text, given the stems of its words: phrases over all their words, words alone."""
        single, phrases = self.words.get(language, {}), self.phrases.get(language, {})
        for at, ways in enumerate(words):
            concepts = frozenset().union(*(single.get(way, ()) for way in ways))
            if concepts:
                yield Found(at, at, concepts)
            for way in ways:
                for rest, concept in phrases.get(way, ()):
                    last = at + len(rest)
                    if last < len(words) and all(stem in words[at + 1 + number] for number, stem in enumerate(rest)):
                        yield Found(at, last, frozenset({concept}))


@cache
def lexicon() -> Lexicon:
    """Read all files of lexica/concepts."""
    made = Lexicon()
    opposed: list[tuple[int, str]] = []
    for path in sorted(_FOLDER.glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        languages = data["languages"]
        for line in _lines(data.get("rows", "")):
            columns = [column.strip() for column in line.split("|")]
            number = made.add(columns, languages)
            for column in columns[len(languages) :]:
                opposed += [(number, head.strip()) for head in column.lstrip("! ").split(",")]
        for line in _lines(data.get("homonyms", "")):
            _, _, senses = line.partition(":")
            numbers = [
                made.add([column.strip() for column in sense.split("|")], languages) for sense in senses.split("//")
            ]
            for number, sense in zip(numbers, senses.split("//"), strict=True):
                made.senses[number] = frozenset(numbers) - {number}
                made.rows[number] = tuple(column.strip() for column in sense.split("|"))
        for line in _lines(data.get("capitals", "")):
            city, _, country = (part.strip() for part in line.partition("="))
            ours, theirs = made.named(city.split("|")[0].split(",")[0].strip()), made.named(country)
            made.countries |= dict.fromkeys(ours, theirs)
            made.capitals |= dict.fromkeys(theirs, ours)
    both: dict[int, set[int]] = {}
    for number, head in opposed:
        for other in made.named(head):
            both.setdefault(number, set()).add(other)
            both.setdefault(other, set()).add(number)
    made.opposites = {number: frozenset(others) for number, others in both.items()}
    return made


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
