"""Quotation marks of a paragraph, paired: which open, which close, which are apostrophes. Pure, one pass.

Marks are read as they are printed: nested, of two kinds that do not fit, glued to the wrong side, or never closed.
A straight mark opens behind a blank and closes before one; where both or neither would do, it does what is due.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

_DEEPEST = 4  # quotations inside each other; more is no text
_OPENS_PARAGRAPH = frozenset('«»“”„"')
_SINGLE = frozenset("‘’'")  # marks that are apostrophes as well
_LONGEST_SINGLE = 600  # characters between single marks


class Quote(Struct, frozen=True):
    """Quoted words inside their marks, and how deep they stand; ``closed`` is false when the paragraph ended first."""

    start: int
    end: int
    depth: int
    closed: bool


def quotes(text: str, start: int, end: int, pairs: Sequence[tuple[str, str]]) -> list[Quote]:
    """Return the quotations of a paragraph in order of place, the outer before the inner.

    A mark that opens a line while its quotation is open is a repetition (a speech over paragraphs). A quotation that
    does not close ends with the paragraph; single marks that do not close are apostrophes.
    """
    reader = _Marks(text, start, end, pairs)
    for match in reader.pattern.finditer(text, start, end):
        reader.mark(match.start(), match.group())
    return reader.finished()


class _Marks:
    def __init__(self, text: str, start: int, end: int, pairs: Sequence[tuple[str, str]]) -> None:
        self.text, self.start, self.end = text, start, end
        self.closers = {left: right for left, right in pairs if left != right}
        self.straight = {left for left, right in pairs if left == right}
        self.closing = set(self.closers.values()) - set(self.closers)
        every = sorted({mark for pair in pairs for mark in pair})
        self.pattern = re.compile("[" + "".join(map(re.escape, every)) + "]") if every else re.compile("(?!)")
        self.stack: list[tuple[str, int]] = []  # the mark that closes, where the words begin
        self.found: list[Quote] = []

    def mark(self, at: int, letter: str) -> None:
        """Take in one mark."""
        if letter in _SINGLE:
            self._single(at, letter)
        elif self.stack and letter in _OPENS_PARAGRAPH and self.text[at - 1 : at] == "\n":
            return
        elif letter in self.straight:
            self._straight(at, letter)
        elif any(letter == wanted for wanted, _ in self.stack) and not (letter in self.closers and self._opens(at)):
            self._close(letter, at)
        elif letter in self.closers:
            self._open(self.closers[letter], at)
        elif letter in self.closing and self.stack and self._closes(at):
            self._close(self.stack[-1][0], at)  # "„...”", «...": closed with another kind of mark

    def _straight(self, at: int, letter: str) -> None:
        waiting = any(letter == wanted for wanted, _ in self.stack)
        opens, closes = self._opens(at), self._closes(at)
        if waiting and (not opens or closes):
            self._close(letter, at)
        elif opens or not closes:
            self._open(letter, at)
        elif self.stack and self.stack[-1][0] not in _SINGLE:
            self._close(self.stack[-1][0], at)
        else:
            self._open(letter, at)

    def _single(self, at: int, letter: str) -> None:
        opens = letter in self.closers or (letter in self.straight)
        waiting = self.stack and self.stack[-1][0] in _SINGLE
        after = self.text[at + 1 : at + 2]
        if waiting and letter != "‘" and not after.isalnum() and not self.text[at - 1].isspace():
            plural = self.text[at - 1] in "sS" and re.match(r" [a-z]", self.text[at + 1 : at + 3])
            later = re.search(r"[.,!?…][’']", self.text[at + 1 : min(self.end, at + _LONGEST_SINGLE)])
            if not (plural and later and not re.search(r"(?<!\w)[‘']\w", self.text[at + 1 : at + 1 + later.start()])):
                self._close(self.stack[-1][0], at)
        elif opens and not waiting and self._opens(at):
            self._open(self.closers.get(letter, letter), at)

    def _opens(self, at: int) -> bool:
        """Could a mark open: blank, bracket or dash before it, words behind it?"""
        before, after = self.text[at - 1 : at] if at > self.start else "", self.text[at + 1 : at + 2]
        return (not before or before.isspace() or before in "([—–-«“„\"'‘/:") and bool(after) and not after.isspace()

    def _closes(self, at: int) -> bool:
        """Could a mark close: words before it, no letter behind it?"""
        before, after = self.text[at - 1 : at] if at > self.start else "", self.text[at + 1 : at + 2]
        return bool(before) and not before.isspace() and before not in "([" and not (after.isalnum())

    def _open(self, closer: str, at: int) -> None:
        if len(self.stack) < _DEEPEST:
            self.stack.append((closer, at + 1))

    def _close(self, closer: str, at: int) -> None:
        while self.stack and self.stack[-1][0] != closer:
            self.stack.pop()
        if self.stack:
            self.found.append(Quote(self.stack[-1][1], at, len(self.stack) - 1, closed=True))
            self.stack.pop()

    def finished(self) -> list[Quote]:
        """Return the quotations, the outermost open one up to the end of the paragraph among them."""
        left = [(closer, begin) for closer, begin in self.stack if closer not in _SINGLE]
        if left:
            self.found.append(Quote(left[0][1], self.end, 0, closed=False))
        return sorted((q for q in self.found if q.end > q.start), key=lambda quote: (quote.start, -quote.end))
