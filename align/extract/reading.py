"""A document's text as the rules see it: marks, sentences, cues, and what has been found so far."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache

from msgspec import Struct

from align import lexicon
from align.extract.marks import Quote
from align.lexicon import Lexicon
from align.records import Form, Kind
from ingest import segment

Span = tuple[int, int]
_CLOSERS = "»”\"’'\u201c)\\]"
_GLUED = re.compile(r"(?<=[^\W\d_]{3})[.!?…]+[»”]?(?=[^\W\d_a-zа-яёіїєґα-ω][a-zа-яёіїєґα-ωάέήίόύώ]+[ ,])")
CAPITAL = re.compile(r"[^\W\d_a-zа-яёіїєґα-ωάέήίόύώϊϋΐΰ]")
TOKEN = re.compile(r"(?:[^\W\d_]\.)+[^\W_]+|[^\W_]+(?:['’-][^\W_]+)*\.?")
_URL = re.compile(r"\(?https?://[^\s()]+\)?|(?<!\w)www\.[^\s()]+")
EDGE = " \t\n\u00a0,;:.—–-"
REOPENING = frozenset('«»“”„"')


@cache
def _sentence_end(stops: str) -> re.Pattern[str]:
    """Match stops and what closes behind them, before a blank and no small letter; a stop behind marks; a new line."""
    stop = f"[.!?…{re.escape(stops)}]"
    return re.compile(rf"{stop}+(?:[{_CLOSERS}]+{stop}?)?(?=\s+[^\sa-zа-яёіїєґα-ωάέήίόύώ]|\s*$|\s*\n)|[»”]\.(?=\s)|\n")


class Piece(Struct):
    """A finding under way."""

    start: int
    end: int
    kind: Kind
    form: Form
    rule: str
    cue: Span | None = None
    speaker: Span | None = None
    score: float = 0.8
    language: str | None = None  # where it is not the document's

    def moved(self, by: int) -> None:
        """Add to all offsets."""
        self.start, self.end = self.start + by, self.end + by
        self.cue = self.cue and (self.cue[0] + by, self.cue[1] + by)
        self.speaker = self.speaker and (self.speaker[0] + by, self.speaker[1] + by)


class Reading:
    """One document: its marks and cues, and the findings made of them. All spans are offsets into its text."""

    def __init__(self, text: str, words: Lexicon) -> None:
        self.text, self.words, self.sets = text, words, words.words
        # an address holds no words and no marks; two apostrophes are one mark
        plain = _URL.sub(lambda match: " " * len(match.group()), text)
        self.plain = re.sub(r"(?<!\w)''(?=\S)", ' "', re.sub(r"(?<=\S)''", '" ', plain)) if "''" in plain else plain
        self.flat = lexicon.flat(self.plain)
        self.found = words.find(self.flat)
        self.ends = self._sentence_ends()
        self.quotes: list[Quote] = []
        self.quote_starts: list[int] = []
        self.made: list[Piece] = []
        self.spent: set[Span] = set()  # cues of quotations
        self.sentence: Span | None = None  # the last one read

    def _sentence_ends(self) -> list[int]:
        """Return where the sentences of the text end: behind a full stop that no abbreviation has."""
        found = {match.end() for match in _GLUED.finditer(self.plain)}
        for match in _sentence_end(self.words.stops).finditer(self.plain):
            if match.group()[0] == ".":
                left = self.plain[max(0, match.start() - 40) : match.start() + 1].rsplit("\n", 1)[-1]
                following = self.plain[match.end() : match.end() + 30].lstrip(" \u00a0\"«“„'‘(")
                if segment.abbreviated(left, following, self.words.language):
                    continue
            found.add(match.end())
        return sorted(found)

    def _quotes(self, start: int, end: int) -> list[Quote]:
        """Return the quotations that stand whole inside a span; ``depth`` counts from the outermost of them."""
        low, high = bisect_left(self.quote_starts, start), bisect_left(self.quote_starts, end)
        inside = [quote for quote in self.quotes[low:high] if quote.end <= end]
        least = min((quote.depth for quote in inside), default=0)
        if not least:
            return inside
        return [Quote(one.start, one.end, one.depth - least, one.closed) for one in inside]

    def _length(self, start: int, end: int) -> int:
        """Return how many words a span has."""
        return len(self.text[start:end].split())

    def _indent(self, start: int, end: int) -> int:
        return len(self.text[start:end]) - len(self.text[start:end].lstrip())

    def _add(
        self,
        span: Span,
        kind: Kind,
        form: Form,
        rule: str,
        cue: Span | None = None,
        speaker: Span | None = None,
        score: float = 0.8,
    ) -> Piece:
        piece = Piece(*self._trim(*span), kind, form, rule, cue, speaker, score)
        self.made.append(piece)
        return piece

    def _trim(self, start: int, end: int) -> Span:
        """Take blanks and closing punctuation off the ends of a span; "!", "?" and "…" stay."""
        while start < end and self.text[start] in EDGE:
            start += 1
        while end > start and self.text[end - 1] in EDGE:
            if self.text[end - 3 : end] == "...":
                break
            end -= 1
        return start, end

    def _sentences(self, start: int, end: int) -> list[Span]:
        """Cut a span where sentences end; what is blank is no sentence of its own."""
        found, begin = [], start
        for cut in self.ends[bisect_right(self.ends, start) : bisect_left(self.ends, end)]:
            if self.text[begin:cut].strip():
                found.append((begin, cut))
                begin = cut
        if self.text[begin:end].strip():
            found.append((begin, end))
        return found or [(start, end)]

    def _cues(self, start: int, end: int) -> list[Span]:
        return self.found.all("cue", start, end)

    def _is(self, kind: str, cue: Span) -> bool:
        """Is a cue of a kind: a class of verbs, "weak", "bare", ...? A shorter phrase at its place does not count."""
        return self.found.at(kind, cue[0]) == cue

    def _kind(self, content: Span) -> Kind:
        """Return "mixed" for a clause with quoted words in it that are not a name."""
        return "mixed" if any(self._worded(quote) for quote in self._quotes(*content)) else "indirect"

    def _worded(self, quote: Quote) -> bool:
        """Are marks around somebody's words, and not around a name: behind "the film", «так называемая», "Star Bay"?"""
        before = self.flat[max(0, quote.start - 40) : quote.start - 1].split()
        if before and before[-1] in self.sets["named"]:
            return False
        words = self.text[quote.start : quote.end].split()
        return len(words) > 3 or not all(CAPITAL.match(word) or word.isdigit() for word in words)

    def _mostly(self, content: Span, taken: Sequence[Span]) -> bool:
        """Is a clause mostly words of quotations that are mentions already?"""
        inside = sum(max(0, min(b, content[1]) - max(a, content[0])) for a, b in taken)
        return inside > 0.4 * (content[1] - content[0])
