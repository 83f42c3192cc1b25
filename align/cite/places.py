"""Where a text may name a medium, or a person: runs of capitals, short quotations, domains; datelines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from align import names
from align.cite.cues import WORD

DOMAIN = re.compile(r"(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,18}", re.I)
_OWNER = re.compile(r"['’]s$")
_QUOTED = re.compile(r"[«“„\"‘]([^«»“”„\"\n]{2,60})[»”\"“’]")
_CLOSES = ".,!?…:;"


class Place(NamedTuple):
    """Where a name may stand: offsets with and without its quotation marks, and its words (without, where quoted)."""

    start: int
    end: int
    inner: tuple[int, int]
    words: tuple[tuple[int, int], ...]

    @property
    def quoted(self) -> bool:
        """Does the name stand in quotation marks of its own?"""
        return self.inner[0] > self.start


def places(text: str, cut: frozenset[int]) -> list[Place]:
    """Return where names may stand: short quotations that begin with a capital, runs of capitals, domains.

    A run does not go on behind a first word that ends at one of ``cut``: there a cue has a capital.
    """
    found: list[Place] = []
    done = at = 0
    while quoted := _QUOTED.search(text, at):
        inside = quoted.group(1)
        at = quoted.start() + 1  # what closes one quotation may be taken for the opening of the next
        named = (inside[0].isupper() or DOMAIN.fullmatch(inside)) and inside[-1] not in _CLOSES
        if named and len(inside.split()) <= 5:
            spans = tuple((quoted.start(1) + m.start(), quoted.start(1) + m.end()) for m in WORD.finditer(inside))
            found += [*_runs(text, done, quoted.start(), cut), Place(*quoted.span(), quoted.span(1), spans)]
            done = at = quoted.end()
    return found + list(_runs(text, done, len(text), cut))


def _runs(text: str, start: int, end: int, cut: frozenset[int]) -> Iterator[Place]:
    run: list[tuple[int, int]] = []
    for word in WORD.finditer(text, start, end):
        printed = word.group()
        a, b = word.span()
        owner, domain = bool(_OWNER.search(printed)), bool(DOMAIN.fullmatch(printed))
        named = printed[0].isupper() or domain or (bool(run) and printed.isdigit())
        apart = run and (text[run[-1][1] : a] not in (" ", "\u00a0") or domain or len(run) > 6)
        if run and (not named or apart or (len(run) == 1 and run[0][1] in cut)):
            yield Place(run[0][0], run[-1][1], (run[0][0], run[-1][1]), tuple(run))
            run = []
        if named:
            run.append((a, b - 2 if owner else b))
    if run:
        yield Place(run[0][0], run[-1][1], (run[0][0], run[-1][1]), tuple(run))


_FULL_NAME = re.compile(r"(?<!\w)([^\W\d_]{2,})[ \u00a0]([^\W\d_]{2,}(?:[-‐‑][^\W\d_]+)?)(?!\w)")


def people(text: str) -> frozenset[str]:
    """Return the stems of surnames that the text prints with a given name."""
    return frozenset(
        stem
        for given, surname in _FULL_NAME.findall(text)
        if given[0].isupper() and surname[0].isupper() and names.is_given(given)
        for stem in names.stems(surname)
    )


_CITY = re.compile(r"(?:[^\W\d_]+[ \u00a0-]?){1,3}")


def is_dateline(head: str) -> bool:
    """Tell whether the start of a paragraph may be a dateline: a place, in capitals or with a date behind it."""
    city = _CITY.match(head)
    return city is not None and head[0].isupper() and (city.group().strip().isupper() or bool(re.search(r"\d", head)))
