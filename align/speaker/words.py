"""Words of a page and what the lexicon knows of them: offices, countries, institutions, small words, endings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from align import names
from ingest.fold import fold, unmix

_WORD = re.compile(r"\b(?i:ex|экс)(?=[-‐‑])|(?:[A-Z]\.){2,}(?![^\W\d_])|[^\W\d_]+(?:[’'\-‐‑][^\W\d_]+)*")
_LETTERS = re.compile(r"[^\W\d_]+")
_LONE = re.compile(r"\b[OH](?= [Ͱ-Ͽἀ-῿])")  # a Latin letter for the Greek article
_ARTICLES = {"O": "Ο", "H": "Η"}
_ENDS = re.compile(r"[.!?…;\n]")


@dataclass(slots=True)
class Word:
    """A word of the page: offsets into ``Page.text``, its folded form, and what stands between it and the last one."""

    start: int
    end: int
    text: str
    folded: str
    gap: str
    sentence: int = 0

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[0].isupper()

    @property
    def close(self) -> bool:
        """Whether nothing but space stands between it and the word before."""
        return "\n" not in self.gap and not self.gap.strip()

    @property
    def beside(self) -> bool:
        """Whether nothing but space, or the full stop of an abbreviation, stands between it and the word before."""
        return "\n" not in self.gap and self.gap.strip() in ("", ".")


class Phrases:
    """Phrases of several words found by the stems of their words; up to ``gap`` other words may stand in between."""

    def __init__(self, entries: Sequence[tuple[str, Any]], language: str, gap: int) -> None:
        table = names.lexicon()["stems"].get(language, {})
        self.vowels: str = table.get("vowels", "")
        self.endings = frozenset(table.get("endings", [""]))
        self.gap = gap
        index: dict[str, list[tuple[list[str], Any]]] = {}
        for phrase, value in entries:
            stems = [self._stem(fold(word)) for word in phrase.split()]
            index.setdefault(stems[0], []).append((stems, value))
        # every form of a phrase's first word, the longest stem and the longest phrase first
        self.forms: dict[str, list[tuple[int, list[str], Any]]] = {}
        for stem in sorted(index, key=len, reverse=True):
            options = sorted(index[stem], key=lambda option: -len(option[0]))
            for ending in self.endings:
                self.forms.setdefault(stem + ending, []).extend((len(ending), *option) for option in options)

    def _stem(self, word: str) -> str:
        ends = [n for n in (2, 1) if len(word) - n > 2 and word[-n] in self.vowels and word[-n:] in self.endings]
        # four letters tell a word better than three: "судь", not "суд"
        cut = next((n for n in ends if len(word) - n > 3), next(iter(ends), 0))
        return word[: len(word) - cut]

    def fits(self, folded: str, stem: str) -> bool:
        """Tell whether a folded word is a form of the stem."""
        return folded.startswith(stem) and folded[len(stem) :] in self.endings

    def at(self, words: Sequence[Word], i: int) -> tuple[int, Any, list[int]] | None:
        """Return the longest phrase that begins at word i: the word after it, its value, the words in between."""
        for cut, stems, value in self.forms.get(bare(words[i].folded), ()):
            found, first = self._rest(words, i, stems), stems[0]
            told = len(first) > 3 or len(stems) > 1 or (len(first) == 3 and cut > 1 and words[i].capital)
            if found is not None and (told or self._exact(words[i], first)):
                return found[0], value, found[1]
        return None

    @staticmethod
    def _exact(word: Word, stem: str) -> bool:
        return bare(word.folded) == stem and (len(stem) == 3 or word.text.isupper() or "." in word.text)

    def _rest(self, words: Sequence[Word], i: int, stems: list[str]) -> tuple[int, list[int]] | None:
        at, between = i + 1, []
        for stem in stems[1:]:
            skipped = 0
            while at < len(words) and words[at].close and not self.fits(bare(words[at].folded), stem):
                between.append(at)
                at, skipped = at + 1, skipped + 1
                if skipped > self.gap:
                    return None
            if at >= len(words) or not words[at].close:
                return None
            at += 1
        return at, between


def bare(folded: str) -> str:
    """Return a folded word without the English possessive ending."""
    return folded[:-2] if folded.endswith(("'s", "’s")) else folded


@cache
def roles(language: str) -> Phrases:
    """Return the phrases of a language for offices."""
    entries = [(p, (role, p)) for role in names.lexicon()["role"] for p in role.get(language, ())]
    return Phrases(entries, language, gap=1)


@cache
def countries(language: str) -> Phrases:
    """Return the phrases of a language for countries, their adjectives and capitals."""
    entries = [(p, country) for country in names.lexicon()["country"] for p in country.get(language, ())]
    return Phrases(entries, language, gap=0)


@cache
def institutions(language: str) -> Phrases:
    """Return the phrases of a language for institutions."""
    entries = [(p, body) for body in names.lexicon()["institution"] for p in body.get(language, ())]
    return Phrases(entries, language, gap=1)


@cache
def role_named(role: str) -> dict[str, Any]:
    """Return the lexicon's entry of a role id."""
    return next((entry for entry in names.lexicon()["role"] if entry["id"] == role), {})


@cache
def gendered(role: str, language: str) -> tuple[tuple[str, str], ...]:
    """Return the beginnings of a role's forms that tell the gender, with it; a woman's form is the longer one."""
    entry = role_named(role)
    return tuple((sex, fold(word)[:-1]) for sex in ("f", "m") for word in entry.get(sex, {}).get(language, ()))


@cache
def openings(role: str) -> frozenset[str]:
    """Return the first words of a role's phrases in all languages, folded, as the lexicon spells them."""
    phrases = (p for forms in role_named(role).values() if isinstance(forms, list) for p in forms)
    return frozenset(fold(phrase).split()[0] for phrase in phrases)


@cache
def small(language: str, kind: str) -> frozenset[str]:
    """Return a list of small words of a language, folded."""
    return frozenset(fold(word) for word in names.lexicon()["words"].get(language, {}).get(kind, ()))


@cache
def organisation_words() -> frozenset[str]:
    """Return the words that make a run of capitals a thing, folded."""
    words = (word for listed in names.lexicon()["organisations"].values() for word in listed)
    return frozenset(stem for word in words for stem in (fold(word), *names.stems(word)[:2]))


@cache
def ending(kind: str, language: str) -> re.Pattern[str] | None:
    """Return the pattern of a kind of endings of a language (national, oblique, genitive), or None."""
    endings = names.lexicon()["stems"].get(language, {}).get(kind)
    return re.compile(f"{endings}$") if endings else None


def ends(kind: str, folded: str, language: str = "") -> bool:
    """Tell whether a folded word ends so, by the endings of a language, or of all that share the word's script."""
    pattern = ending(kind, language or names.HOME[names.alphabet(folded)])
    return bool(pattern and pattern.search(folded))


@lru_cache(maxsize=100_000)
def place_key(folded: str) -> str:
    """Return the sounds of what a place word is derived from: Ardania, Ardanian, арданский, αρδανικής -> one key."""
    pattern = ending("national", names.HOME[names.alphabet(folded)])
    stem = pattern.sub("", bare(folded), count=1) if pattern and len(folded) > 5 else folded
    return "~" + min(names.keys(stem if len(stem) > 2 else folded), key=len, default="")


def same_place(left: str, right: str) -> bool:
    """Tell whether two place keys may be one place; listed countries ("=ru") only when equal."""
    if left[:1] != right[:1] or left == right:
        return left == right
    if left.startswith("="):
        return False
    short, long = sorted((left, right), key=len)
    return len(short) > 2 and long.startswith(short) and len(long) - len(short) <= 1


@lru_cache(maxsize=200_000)
def _folded(word: str) -> str:
    return fold(word)


@lru_cache(maxsize=20_000)
def folded_words(phrase: str) -> tuple[str, ...]:
    """Return the words of a phrase, folded."""
    return tuple(fold(phrase).split())


@lru_cache(maxsize=200_000)
def _one_script(word: str) -> str:
    return unmix(word)


def _unmixed(match: re.Match[str]) -> str:
    return _one_script(match.group())


def split(text: str) -> Iterator[Word]:
    """Yield the words of a text, sentences counted."""
    last, sentence = 0, 0
    for match in _WORD.finditer(text):
        gap = text[last : match.start()]
        printed = match.group()
        if gap[-1:].isdigit():
            gap = gap.rstrip("0123456789")  # «3ου», "3rd": the figure is of the word
        if gap and _ENDS.search(gap) and ("\n" in gap or printed[0].isupper()):
            sentence += 1
        yield Word(match.start(), match.end(), printed, _folded(printed), gap, sentence)
        last = match.end()


def one_script(text: str) -> str:
    """Return a text with homoglyphs undone, word by word and as long as it was."""
    return _LONE.sub(lambda lone: _ARTICLES[lone.group()], _LETTERS.sub(_unmixed, text))
