"""The words of lexica/cite.toml, compiled: which cues, and what the words beside a name say of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from align import names
from align.cite.outlets import lexicon

BARE, CODE, QUOTE, WHOLE = 1, 2, 3, 4  # what a name weighs; lexica/cite.toml explains the kinds of cues
NEEDS = {"certain": BARE, "prints": CODE, "takes": QUOTE, "asks": WHOLE, "places": WHOLE}
WORD = re.compile(r"[^\W_]+(?:[-.&'’][^\W_]+)*")


@lru_cache(maxsize=4096)
def _flat_letter(letter: str) -> str:
    if letter in "йЙ":
        return "й"
    plain = unicodedata.normalize("NFD", letter)[0].lower()[:1] or letter
    return "σ" if plain == "ς" else plain


def flat(text: str) -> str:
    """Lower case without accents, one character for one."""
    return "".join(map(_flat_letter, text))


def _either(phrases: Iterable[str]) -> str:
    escaped = [re.escape(flat(p)).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for p in phrases]
    return "|".join(sorted(escaped, key=len, reverse=True)) or r"(?!)"


class Cues(NamedTuple):
    """The compiled table of one language. Cues go with their kinds; the rest are patterns of whole words."""

    before: tuple[tuple[str, re.Pattern[str]], ...]
    after: tuple[tuple[str, re.Pattern[str]], ...]
    media: re.Pattern[str]
    fillers: re.Pattern[str]
    breaks: re.Pattern[str]
    joins: re.Pattern[str]
    behind: re.Pattern[str] | None
    subject: re.Pattern[str]
    loose: bool


@cache
def cues(language: str) -> Cues | None:
    """Return the table of a language, None where there is none."""
    table = lexicon().get(language)
    if not isinstance(table, dict):
        return None

    def sided(side: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
        edge = r"(?:(?<!\w)|(?=\W))"
        return tuple((kind, re.compile(rf"{edge}(?:{_either(told)})(?!\w)")) for kind, told in table[side].items())

    def words(kind: str) -> re.Pattern[str]:
        return re.compile(rf"(?:{_either(table.get(kind, ()))})$")

    return Cues(
        before=sided("before"),
        after=sided("after"),
        media=words("media"),
        fillers=words("fillers"),
        breaks=words("breaks"),
        joins=words("joins"),
        behind=words("behind") if "behind" in table else None,
        subject=words("subject"),
        loose=bool(table.get("loose")),
    )


@cache
def everywhere(kind: str) -> re.Pattern[str]:
    """The words of a kind in all languages: names travel."""
    tables = (table for table in lexicon().values() if isinstance(table, dict))
    listed = [word for table in tables for word in table.get(kind, ())]
    if kind == "never":
        listed += [
            form
            for one in (*names.lexicon()["country"], *names.lexicon()["institution"])
            for forms in one.values()
            if isinstance(forms, list)
            for form in forms
            if " " not in form
        ]
    return re.compile(rf"(?:{_either(listed)})$")


@cache
def platforms() -> re.Pattern[str]:
    """The words of names that carry everybody's words."""
    return re.compile(rf"(?:{_either(lexicon()['platforms'])})$")


def found(cues: Iterable[tuple[str, re.Pattern[str]]], text: str) -> list[tuple[str, int, int]]:
    """Return where cues stand in a flat text, each with its kind."""
    return [(kind, *cue.span()) for kind, pattern in cues for cue in pattern.finditer(text)]


@cache
def _barred_hosts() -> frozenset[str]:
    return frozenset(lexicon()["hosts"])


def is_barred(host: str) -> bool:
    """Tell whether a site is a platform's, an encyclopedia's or an institution's: a link there cites no outlet."""
    labels = [label for label in host.split(".") if label not in ("www", "com", "co", "org")]
    own = labels[-2] if len(labels) > 1 else host
    words = [flat(label) for label in labels]
    return (
        bool(platforms().match(flat(own)) or everywhere("never").match(flat(own)))
        or not _barred_hosts().isdisjoint(words)
        or host in _barred_hosts()
    )
