"""A document's text as the rules see it: marks, sentences, cues, and what has been found so far."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from msgspec import Struct

from align import lexicon
from align.lexicon import Lexicon
from align.records import Form, Kind

Span = tuple[int, int]
_SENTENCE_END = re.compile(r"[.!?…]+[»”\"’)]*(?=\s+[^\sa-zа-яёα-ωάέήίόύώ]|\s*$)")
_INITIAL = re.compile(r"(?:^|[\s(«“\"])[^\W\d_]{1,3}\.$")  # an initial or an abbreviation: В., Dr., κ., им.
CAPITAL = re.compile(r"[^\W\d_a-zа-яёіїєґα-ωάέήίόύώϊϋΐΰ]")
TOKEN = re.compile(r"(?:[^\W\d_]\.)+[^\W_]+|[^\W_]+(?:['’-][^\W_]+)*\.?")
_URL = re.compile(r"\(?https?://[^\s()]+\)?")
EDGE = " \t\u00a0,;:.—–-"
REOPENING = frozenset('«»“”„"')


class Quote(Struct, frozen=True):
    """Quoted words inside their marks, and how deep they stand; ``closed`` is false when the paragraph ended first."""

    start: int
    end: int
    depth: int
    closed: bool


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


class Reading:
    """One document: its marks and cues, and the findings made of them. All spans are offsets into its text."""

    def __init__(self, text: str, words: Lexicon) -> None:
        self.text, self.words = text, words
        self.plain = _URL.sub(lambda match: " " * len(match.group()), text)  # an address holds no words and no marks
        self.flat = lexicon.flat(self.plain)
        self.cues = [match.span() for match in words.cue.finditer(self.flat)]
        self.cue_starts = [start for start, _ in self.cues]
        self.made: list[Piece] = []
        self.sentence: Span | None = None  # the last one read

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

    def _quotes(self, start: int, end: int) -> list[Quote]:
        """Return quoted spans of a paragraph. Straight marks open and close by turns; others nest."""
        closers = {left: right for left, right in self.words.pairs if left != right}
        same = {left for left, right in self.words.pairs if left == right}
        closing = set(closers.values()) - set(closers)
        stack: list[tuple[str, int]] = []
        found: list[Quote] = []
        for at in range(start, end):
            letter = self.plain[at]
            if stack and letter in REOPENING and self.text[at - 1 : at] == "\n":
                continue  # opened again at the beginning of a paragraph
            if stack and (letter == stack[-1][0]):
                found.append(Quote(stack[-1][1], at, len(stack) - 1, closed=True))
                stack.pop()
            elif letter in closers and len(stack) < 4:
                stack.append((closers[letter], at + 1))
            elif letter in same and len(stack) < 4:
                stack.append((letter, at + 1))
            elif letter in closing and any(letter == want for want, _ in stack):
                while stack and stack[-1][0] != letter:
                    stack.pop()
                found.append(Quote(stack[-1][1], at, len(stack) - 1, closed=True))
                stack.pop()
        if stack:
            found.append(Quote(stack[0][1], end, 0, closed=False))
        return sorted(found, key=lambda quote: (quote.start, -quote.end))

    def _sentences(self, start: int, end: int) -> list[Span]:
        found, begin = [], start
        for match in _SENTENCE_END.finditer(self.text, start, end):
            if match.group() == "." and _INITIAL.search(self.text[max(start, match.start() - 6) : match.end()]):
                continue
            found.append((begin, match.end()))
            begin = match.end()
        if self.text[begin:end].strip():
            found.append((begin, end))
        return found or [(start, end)]

    def _cues(self, start: int, end: int) -> list[Span]:
        low, high = bisect_left(self.cue_starts, start), bisect_left(self.cue_starts, end)
        return [cue for cue in self.cues[low:high] if cue[1] <= end]

    def _kind(self, content: Span) -> Kind:
        return "mixed" if any(quote.depth == 0 for quote in self._quotes(*content)) else "indirect"

    def _mostly(self, content: Span, taken: Sequence[Span]) -> bool:
        """Is a clause mostly words of quotations that are mentions already?"""
        inside = sum(max(0, min(b, content[1]) - max(a, content[0])) for a, b in taken)
        return inside > 0.4 * (content[1] - content[0])
