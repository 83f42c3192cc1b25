"""The names of media to outlets: declared ones by sound in any script, known agencies by their spellings. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple

from align import names
from ingest.fold import fold, unmix
from ingest.records import Outlet

_MOST = 8  # words of an outlet's name


class Found(NamedTuple):
    """The outlet that a printed name means; ``whole`` unless only its rarest word was printed."""

    outlet: str
    whole: bool


@cache
def lexicon() -> dict[str, Any]:
    """Return the tables of lexica/cite.toml."""
    return tomllib.loads(resources.files("align").joinpath("lexica/cite.toml").read_text("utf-8"))


class Names:
    """Names of outlets, found by their sounds in any script."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        """Take pairs of a name and the outlet that it means."""
        self._by_key: dict[str, list[tuple[list[str], str, bool]]] = {}
        self._short: dict[str, list[tuple[str, str]]] = {}
        for name, outlet in named:
            words = _parts(name)
            core = _core(words)
            self._add(words, outlet, True)
            if core != words:
                self._add(core, outlet, False)
            if len(words) > 2:
                self._add(["".join(word[0].upper() for word in words)], outlet, False)
            for word in {core[0], words[-1]} if len(words) > 1 else ():
                for key in names.keys(word):
                    self._short.setdefault(key, []).append((word, outlet))

    def _add(self, words: list[str], outlet: str, whole: bool) -> None:
        for key in names.keys(words[0]) if words else ():
            self._by_key.setdefault(key, []).append((words, outlet, whole))

    def find(self, name: str, *, short: bool = False) -> Found | None:
        """Return the outlet that a printed name means; a ``short`` one may be a word that one outlet alone has."""
        words = _parts(name)
        if not self._by_key or not words or len(words) > _MOST:
            return None
        best: tuple[float, bool, str] | None = None
        for ours in (words,) if (core := _core(words)) == words else (words, core):
            for key in names.keys(ours[0]):
                for theirs, outlet, whole in self._by_key.get(key, ())[:32]:
                    score = _fit(ours, theirs), whole or len(words) > len(core), outlet
                    if score[0] >= names.SAME and (best is None or score[:2] > best[:2]):
                        best = score
        if best is None and short and len(words) == 1:
            return self._find_short(words[0])
        return Found(best[2], best[1]) if best else None

    def _find_short(self, word: str) -> Found | None:
        meant = {
            outlet
            for key in names.keys(word)
            for theirs, outlet in self._short.get(key, ())[:32]
            if _fit([word], [theirs]) >= names.SAME
        }
        return Found(meant.pop(), False) if len(meant) == 1 else None


class _Agencies:
    """Agencies and broadcasters that everybody knows, by their spellings; their id is the first of them."""

    def __init__(self) -> None:
        self._by_stem: dict[str, list[tuple[list[str], str]]] = {}
        for line in lexicon()["known"]:
            spellings = [part.strip() for part in line.split("|")]
            for words in map(_parts, spellings):
                for stem in names.stems(words[0]):
                    self._by_stem.setdefault(stem, []).append((words, spellings[0]))

    def find(self, words: list[str]) -> Found | None:
        for stem in names.stems(words[0]) if words else ():
            for theirs, outlet in self._by_stem.get(stem, ()):
                if len(theirs) == len(words) and all(_same_word(a, b) for a, b in zip(words, theirs, strict=True)):
                    return Found(outlet, True)
        return None


class Outlets:
    """Declared outlets and known agencies; an agency that is declared goes by its declaration."""

    def __init__(self, outlets: Sequence[Outlet]) -> None:
        self._domains = {domain.removeprefix("www."): o.id for o in outlets for domain in o.domains}
        self._declared = Names((name, outlet.id) for outlet in outlets for name in (outlet.name, *outlet.names))
        self._as_declared: dict[str, str] = {}
        for line in lexicon()["known"]:
            spellings = [part.strip() for part in line.split("|")]
            found = map(self._declared.find, spellings)
            if own := next((f.outlet for f in found if f and f.whole), None):
                self._as_declared[spellings[0]] = own

    def of_domain(self, host: str) -> str | None:
        """Return the declared outlet that a host belongs to."""
        host = host.lower().rstrip(".")
        labels = host.split(".")
        parents = (".".join(labels[i:]) for i in range(max(len(labels) - 1, 0)))
        return next((self._domains[parent] for parent in parents if parent in self._domains), None)

    def find(self, name: str, *, short: bool = False) -> Found | None:
        """Return the outlet that a printed name or domain means; a ``short`` one may be one of its words."""
        if "." in name and (own := self.of_domain(name.strip("/ "))):
            return Found(own, True)
        if found := self._declared.find(name, short=short):
            return found
        known = _agencies().find(_parts(name))
        return known and Found(self._as_declared.get(known.outlet, known.outlet), True)


@cache
def _agencies() -> _Agencies:
    return _Agencies()


@lru_cache(maxsize=64)
def of(outlets: tuple[Outlet, ...]) -> Outlets:
    """Return the outlets, ready to be found by name."""
    return Outlets(outlets)


def _parts(name: str) -> list[str]:
    words: list[str] = re.findall(r"[^\W_]+", unmix(name))
    return [word for word in words if fold(word) not in _articles()] or words


@cache
def _articles() -> frozenset[str]:
    return frozenset(map(fold, lexicon()["articles"]))


def _core(words: list[str]) -> list[str]:
    """Leave out the words that many outlets share, unless there are no others."""
    return [word for word in words if fold(word) not in _generic()] or words


@cache
def _generic() -> frozenset[str]:
    marks = [m for table in lexicon().values() if isinstance(table, dict) for m in (*table["marks"], *table["heads"])]
    return frozenset(map(fold, (*names.lexicon()["organisations"]["words"], *marks)))


def _fit(ours: list[str], theirs: list[str]) -> float:
    if len(ours) != len(theirs):
        return 0.0
    if any(len(w) <= 3 for w in (*ours, *theirs)) and names.alphabet(ours[0]) == names.alphabet(theirs[0]):
        return float([fold(w) for w in ours] == [fold(w) for w in theirs])
    return min(names.word_score(a, b) for a, b in zip(ours, theirs, strict=True))


def _same_word(printed: str, known: str) -> bool:
    """Compare with a known agency's word: short ones letter for letter, longer ones in any case ending."""
    if len(known) <= 4:
        cased = (printed.isupper() or printed.istitle()) and len(known) > 2
        return printed == known or (cased and fold(printed) == fold(known))
    return bool(set(names.stems(printed)) & set(names.stems(known)))
