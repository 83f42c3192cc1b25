"""Words of a text to concepts, which are the same over languages (lexica/concepts/*.toml).

A concept is a row of words and phrases that translators use for one another. A word is looked up by the stems of its
lemmas, so that any form of it is found; a word has as many concepts as it has senses. Homonyms are told in their own
file: two senses of one word are what a back-translation mistakes for each other.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import simplemma
from msgspec import Struct

from ingest import fold

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

_FOLDER = Path(__file__).parents[1] / "lexica" / "concepts"
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_STEMMERS = {"en": "english", "ru": "russian", "el": "greek"}
_READINGS = 4  # of a Russian form that are looked at, the likeliest first
_LIKELY = 0.1  # of the first reading's likelihood that another one must have


@cache
def stemmer(language: str) -> Callable[[str], str]:
    """Return what takes the ending off a lower-case word (Snowball); a language it does not know keeps its endings."""
    import snowballstemmer

    if language not in _STEMMERS:
        return str
    stem: Callable[[str], str] = snowballstemmer.stemmer(_STEMMERS[language]).stemWord
    return stem


@cache
def _analyser() -> MorphAnalyzer:
    import pymorphy3

    return pymorphy3.MorphAnalyzer()


@lru_cache(maxsize=200_000)
def stems(word: str, language: str) -> frozenset[str]:
    """Return what a word is looked up and compared by: the stems of itself and of its lemmas, folded.

    A word of a language without a stemmer is its own stem.
    """
    small = word.lower()
    found = {small}
    if language == "ru":
        readings = _analyser().parse(small)[:_READINGS]
        found |= {one.normal_form for one in readings if one.score >= _LIKELY * readings[0].score}
    elif language in _STEMMERS:
        found.add(str(simplemma.lemmatize(small, lang=language)).lower())
    return frozenset(_stem(form, language) for form in found)


def _stem(word: str, language: str) -> str:
    return fold.fold(stemmer(language)(word.lower()))


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
        self.opposites: Mapping[int, frozenset[int]] = {}
        self.senses: dict[int, frozenset[int]] = {}  # sense of a homonym -> its other senses
        self.proper: set[int] = set()  # concepts that are names: of places, people of a country, organisations
        self.countries: dict[int, frozenset[int]] = {}  # capital -> its country
        self.capitals: dict[int, frozenset[int]] = {}  # country -> its capital
        self._heads: dict[str, set[int]] = {}  # first word of a row -> the concept
        self._number = 0

    def add(self, columns: Sequence[str], languages: Sequence[str]) -> int:
        """Add a concept by its words in each language, a column a language; return its number."""
        self._number += 1
        for language, column in zip(languages, columns, strict=True):
            for entry in column.split(","):
                self._enter([_stem(word, language) for word in _WORD.findall(entry)], language)
        self._heads.setdefault(columns[0].split(",")[0].strip(), set()).add(self._number)
        return self._number

    def _enter(self, words: Sequence[str], language: str) -> None:
        first, *rest = words or [""]
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
    """Read all files of lexica/concepts; a row may be opposed to one that comes later."""
    made = Lexicon()
    opposed: list[tuple[int, str]] = []
    for path in sorted(_FOLDER.glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        languages: list[str] = data["languages"]
        for line in _lines(data.get("rows", "")):
            columns, heads = _columns(line)
            number = made.add(columns, languages)
            if data.get("names"):
                made.proper.add(number)
            opposed += [(number, head) for head in heads]
        for line in _lines(data.get("homonyms", "")):
            senses = line.partition(":")[2].split("//")
            numbers = frozenset(made.add(_columns(sense)[0], languages) for sense in senses)
            made.senses |= {number: numbers - {number} for number in numbers}
        for line in _lines(data.get("capitals", "")):
            city, _, country = line.partition("=")
            ours, theirs = made.named(city.strip()), made.named(country.strip())
            made.countries |= dict.fromkeys(ours, theirs)
            made.capitals |= dict.fromkeys(theirs, ours)
    made.opposites = _both_ways((number, other) for number, head in opposed for other in made.named(head))
    return made


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _columns(line: str) -> tuple[list[str], list[str]]:
    """Return the columns of a row, one a language, and the first words of the rows that are its opposites."""
    columns = [column.strip() for column in line.split("|")]
    opposed = [column for column in columns if column.startswith("!")]
    heads = [head.strip() for column in opposed for head in column.lstrip("! ").split(",")]
    return [column for column in columns if column not in opposed], heads


def _head(column: str) -> str:
    return column.split(",", maxsplit=1)[0].strip()


def _both_ways(pairs: Iterator[tuple[int, int]]) -> Mapping[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for one, other in pairs:
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {number: frozenset(others) for number, others in found.items()}
