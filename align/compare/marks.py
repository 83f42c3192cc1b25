"""Words of a text to the marks among them: what turns, weakens or attributes a claim (lexica/claims.toml)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from ingest import fold

# kinds whose words claim nothing else
GRAMMAR = frozenset({
    "negation", "none", "not_all", "all", "nearly_all", "most", "some", "few", "condition", "unless", "without",
    "unsure", "usually", "so_far", "possible", "certain", "future", "only", "until", "cause", "contrast", "own",
})  # fmt: skip
# what a mark says as a word, whatever the word, beside the concepts: "says" and «по словам» stand for each other
SAID = {"source": -1, "denied": -2, "intended": -3, "should": -4}
OPENS = frozenset({"condition", "unless", "cause", "contrast"})  # what begins a clause, with or without a comma
_EXCUSES = "_also"  # ending of the kinds that only excuse
_LETTERS = 2  # of a word that ends openly, by which it is looked up
_ENTRY = re.compile(r"\*?[^\W\d_]+(?:['’][^\W\d_]+)*\*?")


class Found(Struct, frozen=True):
    """A mark of words ``first`` to ``last`` of a text (inclusive)."""

    kind: str
    first: int
    last: int


_Phrase = tuple[tuple[str, ...], str]  # its words and its kind


class _Tables(Struct, frozen=True, kw_only=True):
    """The words of one language: phrases by their first word, or by its first letters where its ending is open."""

    light: frozenset[str]
    whole: Mapping[str, Sequence[_Phrase]]
    open: Mapping[str, Sequence[_Phrase]]
    endings: Sequence[tuple[str, str]]  # of words, and their kind


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parents[1] / "lexica" / "claims.toml").read_text(encoding="utf-8"))


@cache
def _tables(language: str) -> _Tables:
    whole: dict[str, list[_Phrase]] = {}
    unfinished: dict[str, list[_Phrase]] = {}
    endings: list[tuple[str, str]] = []
    lists = dict(_data().get(language, {}))
    light = frozenset(map(folded, lists.pop("light", ())))
    for kind, entries in lists.items():
        for entry in entries:
            words = tuple(map(folded, _ENTRY.findall(entry)))
            if words[0].startswith("*"):
                endings.append((words[0][1:], kind))
            elif words[0].endswith("*"):
                unfinished.setdefault(words[0][:_LETTERS], []).append((words, kind))
            else:
                whole.setdefault(words[0], []).append((words, kind))
    return _Tables(light=light, whole=whole, open=unfinished, endings=endings)


def folded(word: str) -> str:
    """Return the form in which words of claims are compared: apostrophes are one sign."""
    return fold.fold(word).replace("’", "'")


def light(word: str, language: str) -> bool:
    """Whether a folded word is without a claim of its own."""
    return word in _tables(language).light


def find(words: Sequence[str], language: str) -> list[Found]:
    """Return the marks of a text, given its folded words, in order of place; one inside a longer one is left out.

    What only excuses is found apart: it hides nothing and is hidden by nothing.
    """
    found = sorted(_all(words, _tables(language)), key=lambda one: (one.first, -one.last))
    kept: dict[Found, None] = {}
    start = end = -1  # of the longest one so far
    for one in found:
        if one.kind.endswith(_EXCUSES):
            kept[one] = None
        elif one.last > end or (one.first, one.last) == (start, end):
            kept[one] = None
            start, end = one.first, max(end, one.last)
    return list(kept)


def _all(words: Sequence[str], tables: _Tables) -> list[Found]:
    found = []
    for at, word in enumerate(words):
        for phrase, kind in (*tables.whole.get(word, ()), *tables.open.get(word[:_LETTERS], ())):
            here = words[at : at + len(phrase)]
            if len(here) == len(phrase) and all(map(_fits, phrase, here)):
                found.append(Found(kind, at, at + len(phrase) - 1))
        found += [Found(kind, at, at) for ending, kind in tables.endings if word.endswith(ending)]
    return found


def _fits(entry: str, word: str) -> bool:
    return word.startswith(entry[:-1]) if entry.endswith("*") else word == entry
