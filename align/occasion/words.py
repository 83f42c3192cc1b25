"""The words of lexica/occasion.toml, compiled: patterns of one language, matched on flat text (``lexicon.flat``)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from align import lexicon

_YEAR = r"(?:19|20)\d\d"


class Words(Struct, frozen=True, kw_only=True):
    """One language. Of every pattern the whole match is what was read; the named groups say what it means."""

    hours: tuple[int, int]
    capitals: bool
    dates: re.Pattern[str]
    bars: re.Pattern[str]
    earlier: re.Pattern[str]
    recalls: re.Pattern[str]
    then: re.Pattern[str]
    speaking: re.Pattern[str]
    breaks: re.Pattern[str]
    coordinate: re.Pattern[str]
    venues: re.Pattern[str]
    hosts: re.Pattern[str]
    owned: re.Pattern[str]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    past: frozenset[str]
    ago: Mapping[str, tuple[int, int]]
    counted: tuple[tuple[re.Pattern[str], int], ...]
    numerals: Mapping[str, int]
    years: Mapping[str, int]
    venue_of: Mapping[str, str]


@cache
def tables() -> dict[str, Any]:
    """Return the file as it is."""
    return tomllib.loads((lexicon.FOLDER / "occasion.toml").read_text(encoding="utf-8"))


@cache
def kin() -> dict[str, str]:
    """Return the kin of venues: two of different kin are never one occasion."""
    return dict(tables()["kin"])


@cache
def settings() -> frozenset[str]:
    """Return the venues that a title or a first paragraph may tell without a word of speaking."""
    return frozenset(tables()["settings"])


def _source(phrase: str) -> str:
    return re.escape(lexicon.flat(phrase)).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")


def _either(phrases: Iterable[str]) -> str:
    return "|".join(sorted(map(_source, phrases), key=len, reverse=True)) or r"(?!)"


def _whole(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_either(phrases)})(?!\w)")


def _numbered(lines: Iterable[str], first: int) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(lines, first):
        yield from ((lexicon.flat(form), number) for form in line.split())


def spaced(found: str) -> str:
    """Return a matched phrase with single blanks: the key of its meaning."""
    return " ".join(found.split())


def _dates(table: Mapping[str, Any], months: Iterable[str], weekdays: Iterable[str], numeral: str) -> re.Pattern[str]:
    """Match a date or what stands for one, the longest kind first, with the preposition that belongs to it."""
    lead = rf"(?:(?P<lead>{_either(table['leads'])})\s+)?"
    led = "" if table.get("bare") else r"(?(lead)|(?!))"
    join = rf"(?:(?:{_either(table.get('joins', ()))})\s+)?"
    month, weekday = _either(months), _either(weekdays)
    year = rf"(?:,?\s+{join}(?P<YEAR>{_YEAR})(?!\d)|,?\s+(?P<AGO>{_either(table['years'])})(?!\w))?"
    count = "|".join(_source(phrase).replace(r"\{\}", f"(?:{numeral})") for phrase in table["counted"])
    kinds = [
        rf"(?P<iso>{_YEAR}-\d\d-\d\d)(?!\d)",
        rf"(?P<dmy>\d{{1,2}}[./]\d{{1,2}}[./]{_YEAR})(?!\d)",
        rf"(?P<d1>\d{{1,2}})(?:st|nd|rd|th|η|ης)?\s+{join}(?P<m1>{month})(?!\w)\.?" + _named(year, 1),
        rf"(?P<m2>{month})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\w|:\d)" + _named(year, 2),
        rf"{led}(?P<day>{weekday})(?!\w)",
    ]
    dated = rf"{lead}(?<![\w.:–-])(?:{'|'.join(kinds)})"
    within = rf"(?P<within>{_either(table['within'])})\s+(?P<m3>{month})(?!\w)\.?" + _named(year, 3)
    ago = rf"(?P<ago>{_either(table['ago'])})(?!\w)"
    return re.compile(rf"(?<![\w.:])(?:(?P<count>{count})(?!\w)|{ago}|{dated}|{within})")


def _named(pattern: str, number: int) -> str:
    return pattern.replace("YEAR", f"y{number}").replace("AGO", f"a{number}")


@cache
def words(language: str) -> Words | None:
    """Return the patterns of a language, None where the file has no table for it."""
    table = tables().get(language)
    if not isinstance(table, dict) or language == "kin":
        return None
    months, weekdays = dict(_numbered(table["months"], 1)), dict(_numbered(table["weekdays"], 0))
    numerals = dict(_numbered(table["numerals"], 1))
    number = rf"\d{{1,3}}|{_either(numerals)}"
    venue_of = {lexicon.flat(phrase): key for key, phrases in table["venues"].items() for phrase in phrases}
    return Words(
        hours=(table["hours"][0], table["hours"][1]),
        capitals=bool(table.get("capitals")),
        dates=_dates(table, months, weekdays, number),
        bars=re.compile(rf"(?<!\w)(?:{_either(table['bars'])})\s+$"),
        earlier=_whole(table["earlier"]),
        recalls=_whole(table["recalls"]),
        then=_whole(table["then"]),
        speaking=_whole(table["speaking"]),
        breaks=_whole(table["breaks"]),
        coordinate=_whole(table["coordinate"]),
        venues=_whole(venue_of),
        hosts=re.compile(rf"(?:\s+(?:{_either(table['hosts'])})){{{int(table.get('hosted', False))},6}}\s+[«“„\"]?"),
        owned=re.compile(rf"(?:{_either(table['owned'])})\s"),
        months=months,
        weekdays=weekdays,
        past=frozenset(map(lexicon.flat, table["past"])),
        ago={lexicon.flat(phrase): (least, most) for phrase, (least, most) in table["ago"].items()},
        counted=tuple(
            (re.compile(_source(phrase).replace(r"\{\}", rf"(?P<n>{number})")), days)
            for phrase, days in table["counted"].items()
        ),
        numerals=numerals,
        years={lexicon.flat(phrase): years for phrase, years in table["years"].items()},
        venue_of=venue_of,
    )
