"""A document to its title and sentences, with exact offsets: ``document.text[s.start:s.end] == s.text``.

Segments do not overlap, only whitespace stands between them, and none crosses a paragraph. sentencex finds the
boundaries; what it cuts too early is joined again: abbreviations and initials, a full stop inside quotation marks
whose sentence goes on (``«Мы готовы. Ждём», — сказал он``), a line that goes on in lower case. A quotation of several
sentences stays whole up to ``WHOLE`` code points. Abbreviations stand in ``segment.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from ingest import ids, language
from ingest.fold import script, unmix
from ingest.records import Segment

if TYPE_CHECKING:
    from ingest.records import Document

WHOLE = 320  # code points up to which a quotation of several sentences is one segment
_LONGEST = 20_000  # code points given to the splitter at once: longer paragraphs are cut at whitespace
_CLEARLY = 0.9  # the score from which a segment may be in another language than its document
_ENOUGH = 30  # letters a segment needs for that, within one script

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*|\n(?=[^\S\n]*(?:[•▪◾■●‣*·–—-]|\d{1,2}[.)])\s)|(?<=[.!?…:;»”])[^\S\n]*\n")
_OPENING = "«“„‟‹"
_CLOSING = "»”›"
_ENDS = re.compile(r"""[.!?…;·。]["'»”’)\]]*$""")
_CONTINUES = re.compile(r"""["'»”’)\]\s]*(?:[,:;»”)\]]|[–—-]+\s*[^\W\d_])""")
_MAYBE = re.compile(r"""(?:\b[^\W\d_]{1,5}\.|\.\.\.|…)["»”’)]*(?=\s+["«“„(–—-]*\s*[^\W\d_a-zа-яα-ω])""")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_LAST_WORDS = re.compile(r"(?:(\S+)\s+)?(\S+)$")
_INITIAL = re.compile(r"(?:^|[\s«“„\"'(.\-])[^\W\d_]\.$")
_SPEAKER_LABEL = re.compile(r"^\s*[–—-]\s*[^\W\d_]")


class _Abbreviations(Struct, frozen=True):
    before_name: frozenset[str]
    either: frozenset[str]
    years: frozenset[str]
    goes_on: frozenset[str] = frozenset()


def segments(document: Document) -> list[Segment]:
    """Return the title, whole, and the sentences of a document in order. ``document.language`` must be set for its
    rules to be used."""
    own = document.language or language.UND
    found = []
    if document.title:
        found.append(
            Segment(
                id=ids.content_id("segment", document.id, "title", document.title),
                run=document.run,
                document=document.id,
                part="title",
                start=0,
                end=len(document.title),
                text=document.title,
                language=_language_of(document.title, own),
            )
        )
    for start, end in spans(document.text, own):
        text = document.text[start:end]
        found.append(
            Segment(
                id=ids.content_id("segment", document.id, start, end, text),
                run=document.run,
                document=document.id,
                start=start,
                end=end,
                text=text,
                language=_language_of(text, own),
            )
        )
    return found


def spans(text: str, of: str) -> list[tuple[int, int]]:
    """Return the sentences of a text in language ``of`` as (start, end), in code points."""
    rules = _abbreviations(of.partition("-")[0])
    found: list[tuple[int, int]] = []
    for start, end in _paragraphs(text):
        cuts = [start, *_joined(text, start, end, _boundaries(text, start, end, of), rules), end]
        for left, right in pairwise(cuts):
            trimmed = _trim(text, left, right)
            if trimmed is not None:
                found.append(trimmed)
    return found


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield paragraphs, list entries and over-long runs cut at whitespace."""
    start = 0
    for match in [*_PARAGRAPH.finditer(text), None]:
        end = match.start() if match else len(text)
        while end - start > _LONGEST:
            cut = max(
                text.rfind(" ", start + _LONGEST // 2, start + _LONGEST), text.rfind("\n", start, start + _LONGEST)
            )
            cut = cut if cut > start else start + _LONGEST
            yield start, cut
            start = cut
        yield start, end
        start = match.end() if match else end


def _boundaries(text: str, start: int, end: int, of: str) -> list[int]:
    """Return where sentencex would cut, as offsets into ``text``, without the ends of the paragraph.

    It is shown the text without quotation marks and line breaks: it would keep a whole quotation together, however
    long, and end a sentence with the line.
    """
    import sentencex

    shown = _LONE.sub("\ufffd", text[start:end]).translate(_PLAIN)
    cuts = []
    at = start
    for piece in sentencex.segment(of.partition("-")[0] if of != language.UND else "en", shown):
        at += len(piece)
        cuts.append(at)
    if at != end:  # it left something out: no boundary of this paragraph can be placed
        return []
    cuts[-1:] = [match.end() for match in _MAYBE.finditer(text, start, end)]
    return sorted({_after_marks(text, cut, end) for cut in cuts})


_LONE = re.compile("[\ud800-\udfff]")  # lone surrogates, which no encoding can hold
_PLAIN = {ord(mark): " " for mark in '«»“”„‟‹›"\n\t\xa0\u202f'}


def _after_marks(text: str, cut: int, end: int) -> int:
    """Move a boundary behind the closing marks that belong to the sentence before it."""
    back = cut
    while back > 0 and (text[back - 1].isspace() or text[back - 1] in _OPENING or _opens(text, back - 1)):
        back -= 1
    while back < end and text[back] in '»”›")]':
        if text[back] == '"' and back + 1 < end and not (text[back + 1].isspace() or text[back + 1] in ",.;:!?»”)"):
            break
        back += 1
    return back


def _opens(text: str, at: int) -> bool:
    """Whether a straight mark opens a quotation: it follows a space."""
    return text[at] == '"' and (at == 0 or text[at - 1].isspace())


def _joined(text: str, start: int, end: int, cuts: list[int], rules: _Abbreviations) -> list[int]:
    """Keep the boundaries at which a sentence really ends."""
    kept: list[int] = []
    depths = _Quotation(text, start, end)
    last = start
    for number, cut in enumerate(cuts):
        if cut <= last or not _ends_here(text, start, cut, end, rules):
            continue
        closing = depths.closing(cut)
        if closing is not None:
            after = next((later for later in cuts[number + 1 :] if later >= closing), end)
            if after - depths.opening(cut) <= WHOLE:
                continue
        kept.append(cut)
        last = cut
    return kept


def _ends_here(text: str, start: int, cut: int, end: int, rules: _Abbreviations) -> bool:
    left, right = text[max(start, cut - 60) : cut].rstrip(), text[cut : cut + 60]
    if not left.strip() or cut >= end:
        return False
    following = right.lstrip().lstrip(_OPENING + "\"'(")
    if not _ENDS.search(left) and "\n" not in text[cut - 1 : cut + 1]:
        return False
    if following[:1].islower() or (_CONTINUES.match(right) and not _starts_turn(left, right)):
        return False
    if _INITIAL.search(left) and left[-2].isupper():
        return False
    return not _abbreviated(left, following, rules)


def abbreviated(left: str, following: str, of: str) -> bool:
    """Return whether a text that ends in a full stop ends in an abbreviation or initial of a language ``of``, after
    which its sentence goes on; ``following`` is what comes next, without marks and blanks before it."""
    initial = _INITIAL.search(left) and left[-2].isupper()
    return bool(initial) or _abbreviated(left, following, _abbreviations(of))


def _starts_turn(left: str, right: str) -> bool:
    """Whether a dash opens a new turn of a dialogue: it does before a capital, after a finished sentence."""
    label = _SPEAKER_LABEL.match(right)
    return bool(label and label.group()[-1].isupper() and left[-1] not in _CLOSING + '"')


def _abbreviated(left: str, following: str, rules: _Abbreviations) -> bool:
    match = _LAST_WORDS.search(left)
    if match is None:
        return False
    before = (match[1] or "").lower().strip(_OPENING + "(\"'")
    word = match[2].lower().strip(_OPENING + "(\"'")
    pair = f"{before} {word}"
    small = following[:1].islower() or following[:1].isdigit()
    if word in rules.years:
        return small or not before[-1:].isdigit()
    if pair in rules.either or word in rules.either:
        after = _FIRST_WORD.match(following)
        return small or (after is not None and after.group().lower() in rules.goes_on)
    return pair in rules.before_name or word in rules.before_name


class _Quotation:
    """The quotations of one paragraph: where the one that holds an offset opens and closes. Straight marks pair up."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._spans: list[tuple[int, int]] = []
        opened: list[int] = []
        straight: int | None = None
        for at in range(start, end):
            mark = text[at]
            if mark in _OPENING and not (mark == "“" and opened and text[opened[-1]] == "„"):
                opened.append(at)
            elif (mark in _CLOSING or mark == "“") and opened:
                first = opened.pop()
                if not opened:
                    self._spans.append((first, at + 1))
            elif mark == '"' and not opened:
                if straight is None:
                    straight = at
                else:
                    self._spans.append((straight, at + 1))
                    straight = None
        self._next = 0

    def _holding(self, at: int) -> tuple[int, int] | None:
        while self._next < len(self._spans) and self._spans[self._next][1] <= at:
            self._next += 1
        if self._next < len(self._spans) and self._spans[self._next][0] < at:
            return self._spans[self._next]
        return None

    def closing(self, at: int) -> int | None:
        """Return where the quotation that holds ``at`` ends; None when no closed quotation holds it."""
        held = self._holding(at)
        return held[1] if held else None

    def opening(self, at: int) -> int:
        """Return where the quotation that holds ``at`` begins."""
        held = self._holding(at)
        return held[0] if held else at


def _language_of(text: str, own: str) -> str:
    """Return the language of a segment: its document's, unless its script or the detector clearly says otherwise."""
    scripts = [name for name in map(script, unmix(text)) if name]
    if not scripts:
        return own
    found = language.detect(text)
    if found.language in {own, language.UND}:
        return own if found.language == own or _at_home(scripts, own) else language.UND
    if not _at_home(scripts, own):
        return found.language
    enough = len(scripts) >= _ENOUGH
    return found.language if found.score >= _CLEARLY and enough else own


def _at_home(scripts: list[str], own: str) -> bool:
    """Whether at least two in five letters are in the script of the document's language."""
    name = language.script_of(own)
    return name is None or scripts.count(name) >= 0.4 * len(scripts)


@cache
def _abbreviations(of: str) -> _Abbreviations:
    table = tomllib.loads(resources.files("ingest").joinpath("segment.toml").read_text("utf-8"))
    known = table.get(of, table["other"])
    return _Abbreviations(**{name: frozenset(_entries(words)) for name, words in known.items()})


def _entries(words: str) -> Iterator[str]:
    """Split a list of abbreviations; two short ones in a row ("т. д.") are also an entry together."""
    parts = words.split()
    yield from parts
    for left, right in pairwise(parts):
        if len(left) <= 3 and len(right) <= 3:
            yield f"{left} {right}"
