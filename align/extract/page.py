"""A document from top to bottom: what its layout says, and paragraphs of prose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from align import lexicon, names
from align.extract import marks
from align.extract.blocks import Blocks
from align.extract.marks import Quote
from align.extract.reading import REOPENING, Piece, Span
from align.lexicon import Lexicon

# longer paragraphs than any that is written are read in parts, so that the cost of one is bounded
_PARAGRAPH = re.compile(r"[^\n]{1,20000}(?=\s|$)|[^\n]{1,20000}")
_DATELINE = re.compile(r"\s*[^\W\d_a-zа-яёα-ω][^.!?«“\":\n]{1,50}\([^()\n]{2,30}\)\s+[—–-]+\s+")
_MARK = re.compile('[«»“”„"]')
_LATIN = re.compile(r"[A-Za-z ]")
_MAX_SPEECH = 8000  # characters of one quotation over several paragraphs
_MOST_CUTS = 8  # quotations of a paragraph that are left open and ended by their attribution


class Page(Blocks):
    """Reads a document paragraph by paragraph."""

    def __init__(self, text: str, words: Lexicon, title: str | None = None) -> None:
        super().__init__(text, words)
        self.title = lexicon.flat(title or "")
        self.script = names.script_of(words.language) or "latin"
        self.paragraphs = list(self._joined_paragraphs())

    def pieces(self) -> list[Piece]:
        """Return everything found, without repetition."""
        readers = self._read_also, self._credit, self._post, self._turn, self._dialogue, self._pull_quote, self._tail
        number = 0
        while number < len(self.paragraphs):
            taken = next((count for read in readers if (count := read(number))), 0) or self._foreign(number)
            if not taken:
                self._paragraph(*self.paragraphs[number])
                taken = 1 + self._list(number)
            else:
                self.sentence = None
            number += taken
        return self._distinct()

    def _foreign(self, number: int) -> int:
        """Read a paragraph in English, such as an embedded post, on a page in another script."""
        start, end = self.paragraphs[number]
        if self.script == "latin" or len(_LATIN.findall(self.plain, start, end)) < 0.7 * (end - start):
            return 0
        inner = Page(self.text[start:end], lexicon.load("en"))
        for piece in inner.pieces():
            piece.moved(start)
            piece.language = "en"
            self.made.append(piece)
        return 1

    def _joined_paragraphs(self) -> Iterator[Span]:
        """Yield the lines of the text; those through which one quotation goes on as one, whether or not each line
        opens it again."""
        waiting: Span | None = None
        found: list[Quote] = []
        for paragraph in _PARAGRAPH.finditer(self.text):
            start, end = paragraph.span()
            again = start + self._indent(start, end)
            if waiting and self._speech_goes_on(again, end) and end - waiting[0] < _MAX_SPEECH:
                waiting = waiting[0], end
            else:
                if waiting:
                    yield self._marked(waiting, found)
                waiting = start, end
            found = marks.quotes(self.plain, *waiting, self.words.pairs)
            if not any(not quote.closed and self._leads(quote, waiting[0]) for quote in found):
                yield self._marked(waiting, found)
                waiting = None
        if waiting:
            yield self._marked(waiting, found)

    def _speech_goes_on(self, start: int, end: int) -> bool:
        """Is a line part of a speech that is still open: opened again, or closed before anything is opened?"""
        if self.text[start : start + 1] in REOPENING:
            return True
        depth = 0
        for mark in _MARK.finditer(self.plain, start, end):
            opens = mark.group() in "«„“" or (mark.group() == '"' and self.text[mark.start() - 1].isspace())
            depth += 1 if opens else -1
            if depth < 0:
                return True
        return False

    def _leads(self, quote: Quote, start: int) -> bool:
        """Does a quotation begin its paragraph, or stand behind a colon or a full stop, as a speech does?"""
        before = self.text[start : quote.start - 1].rstrip()
        return not before or before[-1] in ":.!?…,—–"

    def _marked(self, paragraph: Span, found: Sequence[Quote]) -> Span:
        """Note the quotations of a paragraph, for ``_quotes`` to find; return the paragraph.

        One that does not close ends where an attribution begins behind its words, not with the paragraph.
        """
        settled: list[Quote] = []
        for _ in range(_MOST_CUTS):
            left_open = next((quote for quote in found if not quote.closed), None)
            cut = self._attributed_at(left_open.start, left_open.end) if left_open else None
            if left_open is None or cut is None:
                break
            settled += [quote for quote in found if quote.end <= cut[0]]
            settled.append(Quote(left_open.start, cut[0], 0, closed=False))
            found = marks.quotes(self.plain, cut[0], paragraph[1], self.words.pairs)
        settled += found
        settled.sort(key=lambda quote: (quote.start, -quote.end))
        self.quotes += settled
        self.quote_starts += [quote.start for quote in settled]
        return paragraph

    def _distinct(self) -> list[Piece]:
        """Leave out what repeats another finding's words with less certainty."""
        kept: dict[Span, Piece] = {}
        for piece in self.made:
            key = piece.start, piece.end
            if piece.end > piece.start and (key not in kept or kept[key].score < piece.score):
                kept[key] = piece
        return list(kept.values())

    # ------------------------------------------------------------------ prose
    def _paragraph(self, start: int, end: int) -> None:
        dateline = _DATELINE.match(self.text, start, end)
        start = dateline.end() if dateline else start
        label = self._nobodys_label(start, end)
        start = label if label is not None else start
        quotes = [quote for quote in self._quotes(start, end) if quote.depth == 0]
        taken: list[Span] = []
        last: Piece | None = None
        for number, quote in enumerate(quotes):
            earlier = quotes[number - 1].end + 1 if number else start
            later = quotes[number + 1].start - 1 if number + 1 < len(quotes) else end
            piece = self._direct(quote, (start, end), earlier, later, last)
            if piece is not None:
                if piece.cue is not None:
                    self.spent.add(piece.cue)
                taken.append((quote.start - 1, quote.end + 1))
                last = piece
                self._nested(quote.start, quote.end)
        sentences = self._masked_sentences(start, end, taken)
        before, self.sentence = self.sentence, (sentences[-1] if sentences else None)
        for previous, sentence in self._pairs(before, sentences):
            if previous is not None and self._said_before(previous, sentence):
                continue
            self._reported(sentence, taken)
        self._backwards(sentences)

    def _backwards(self, sentences: Sequence[Span]) -> None:
        """Take the sentences of a paragraph before unmarked words and their cue in, where they are in the first person
        too and nothing else is said of them: "We have boats. They will come, — said X."."""
        if len(sentences) < 2:
            return
        begin = sentences[0][0] + self._indent(*sentences[0])
        for piece in self.made[-3:]:
            number = next((n for n, one in enumerate(sentences) if one[0] <= piece.start < one[1]), 0)
            if piece.form != "unquoted_direct" or not number or piece.cue is None or piece.cue[0] < piece.start:
                continue
            alone = not any(other is not piece and begin <= other.start < piece.start for other in self.made[-6:])
            if alone and not self._cues(begin, piece.start) and self._own_words((begin, piece.end)):
                piece.start = begin

    def _pairs(self, earlier: Span | None, sentences: Sequence[Span]) -> Iterator[tuple[Span | None, Span]]:
        return zip([earlier, *sentences[:-1]] if sentences else [], sentences, strict=True)

    def _masked_sentences(self, start: int, end: int, taken: Sequence[Span]) -> list[Span]:
        """Cut sentences, not inside quotations that are taken."""
        joined: list[Span] = []
        at = 0
        for sentence in self._sentences(start, end):
            while at < len(taken) and taken[at][1] <= sentence[0]:
                at += 1
            cut = at < len(taken) and taken[at][0] < sentence[0]
            if joined and cut:
                joined[-1] = (joined[-1][0], sentence[1])
            else:
                joined.append(sentence)
        return joined
