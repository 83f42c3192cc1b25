"""What sites call their parts (``boilerplate/*.toml``), and lines in the form in which they are compared with it.

Labels are data: one file a language, and ``any.toml`` for what no language owns. Everything is compared in matching
form, so that "Ρoή" with a Latin o counts as Greek; the text keeps its letters.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path

from msgspec import Struct, convert

from ingest.fold import fold

_DATA = Path(__file__).with_name("boilerplate")


class Labels(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The labels of one language; every field is described in ``boilerplate/any.toml``."""

    lines: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    related_openings: tuple[str, ...] = ()
    openings: tuple[str, ...] = ()
    follow: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    dated: tuple[str, ...] = ()
    anywhere: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class Page(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words of class and id attributes that content management systems use."""

    remove: tuple[str, ...] = ()
    layout: tuple[str, ...] = ()
    remove_names: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()
    picture: tuple[str, ...] = ()
    quote: tuple[str, ...] = ()
    date: tuple[str, ...] = ()


class DateWords(Struct, frozen=True, kw_only=True):
    """Month names (their beginnings) -> 1 to 12, relative words -> days before today; in matching form."""

    months: dict[str, int]
    relative: dict[str, int]


class Line(Struct, frozen=True):
    """A line without its blanks: ``text[start:end]``; ``end_of_line`` is after its line feed."""

    start: int
    end: int
    begin: int
    end_of_line: int
    text: str

    @property
    def key(self) -> str:
        """The line in matching form."""
        return matching(self.text)


@lru_cache(maxsize=32_768)
def _matching(line: str) -> str:
    return " ".join(fold(line).split())


def matching(line: str) -> str:
    """Return the matching form of a line's first 300 code points, blanks made single."""
    return _matching(line[:300])


@cache
def _file(name: str) -> dict[str, object]:
    path = _DATA / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


@cache
def page_words() -> Page:
    """Return the class and id words of ``any.toml``."""
    return convert(_file("any").get("page", {}), Page)


@cache
def date_words() -> DateWords:
    """Return the months and relative words of all languages."""
    tables = [
        convert(_file(path.stem).get("dates", {}), dict[str, dict[str, int]]) for path in sorted(_DATA.glob("*.toml"))
    ]
    return DateWords(
        months={matching(word): month for table in tables for word, month in table.get("months", {}).items()},
        relative={matching(word): days for table in tables for word, days in table.get("relative", {}).items()},
    )


@cache
def labels(language: str | None) -> Labels:
    """Return the labels of a language in matching form, with English and what is of any; of all when None."""
    known = sorted(path.stem for path in _DATA.glob("*.toml"))
    primary = (language or "").split("-")[0]
    names = [name for name in known if name in {"any", "en", primary}] if primary in known else known
    files = [convert(_file(name).get("labels", {}), Labels) for name in names]
    merged = {
        field: tuple(dict.fromkeys(matching(label) for one in files for label in getattr(one, field)))
        for field in Labels.__struct_fields__
    }
    return convert(merged, Labels)


@cache
def sets(language: str | None) -> dict[str, frozenset[str]]:
    """Return the lists of ``labels`` as sets, by the name of the list."""
    known = labels(language)
    return {field: frozenset(getattr(known, field)) for field in Labels.__struct_fields__}


@cache
def opening(language: str | None, *fields: str) -> re.Pattern[str]:
    """A pattern that matches where a line opens with one of the labels, up to the end of a word."""
    known = {label for field in fields for label in getattr(labels(language), field)}
    longest = sorted(known, key=lambda label: (-len(label), label))
    return re.compile(rf"(?:{'|'.join(map(re.escape, longest))})(?!\w)" if longest else r"(?!)")


def opens(text: str, language: str | None, *fields: str) -> int:
    """Return how many code points of the matching form of ``text`` a label of these fields opens it with; 0 if none."""
    found = opening(language, *fields).match(matching(text).lstrip("#•*[(→►▶>-– "))
    return found.end() if found else 0


@lru_cache(maxsize=4)  # the strippers read the same text one after the other
def lines_of(text: str) -> tuple[Line, ...]:
    """Return the lines that are not blank."""
    lines = []
    begin = 0
    for whole in text.split("\n"):
        end_of_line = min(begin + len(whole) + 1, len(text))
        bare = whole.strip()
        if bare:
            start = begin + whole.index(bare[0])
            lines.append(Line(start, start + len(bare), begin, end_of_line, bare))
        begin = end_of_line
    return tuple(lines)


_UNSPACED = re.compile("[\u0e00-\u0e7f\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def weight(text: str) -> int:
    """Length in code points; one of a script without spaces between words counts for three."""
    return len(text) if text.isascii() else len(text) + 2 * len(_UNSPACED.findall(text))


def sentence(line: str) -> bool:
    """Is this line a sentence or a paragraph, and not a label or a headline?"""
    return len(line) > 240 or (len(line) > 25 and bool(re.search(r"[.!?…;:]['\"»”’)\]]*$", line)) and " " in line)
