"""Quoted words: speech by a cue behind or before them, by what they go on with, or standing alone."""

from __future__ import annotations

import re

from align.extract.attributed import Attributed
from align.extract.marks import Quote
from align.extract.reading import CAPITAL, EDGE, Piece, Span
from align.records import Form

_DASHED = re.compile(r"[,.]?\s*[—–-]\s*([^\W\d_]{4,}(?:\s+[^\W\d_]{4,})?)\s")
_SPEECH = 5  # words from which quoted words without a cue may be speech
_BRIEF = re.compile(r"[»”\"’'\u201c]?[,!?…]?[»”\"’'\u201c]?,?\s*[—–-]?\s*")  # what may stand between a short quotation and its cue


class Quotations(Attributed):
    """Decides which quoted words are speech."""

    def _direct(self, quote: Quote, paragraph: Span, earlier: int, next_quote: int, last: Piece | None) -> Piece | None:
        """Decide whether quoted words are speech: by a cue behind or before them, or as a speech that goes on.

        ``earlier`` and ``next_quote`` are where the quotation before ends and the next one begins.
        """
        start, end = paragraph
        after = self._clause_after(quote.end + 1, next_quote)
        before = self._clause_before(earlier, quote.start - 1)
        lead = self.text[earlier : quote.start - 1].rstrip()
        goes_on = last is not None and earlier > start and lead.strip(" ,.—–-").count(" ") <= 12
        return (
            self._interrupted(quote)
            or self._cue_behind(quote, after, next_quote, end)
            or self._cue_before(quote, before, lead, last if goes_on else None)
            or (self._continued(quote, last, lead, after) if last is not None and goes_on else None)
            or self._uncued(quote, start, end, lead)
        )

    def _whole(self, quote: Quote) -> bool:
        """Do quoted words look like a sentence of their own, rather than like a term?"""
        return len(self.text[quote.start : quote.end].split()) >= 4 or self.text[quote.end - 1] in ".!?…,"

    def _cue_behind(self, quote: Quote, after: Span, next_quote: int, end: int) -> Piece | None:
        """«...», said X. «...» — the word of a dash and a name, known as a cue or not."""
        span = quote.start, quote.end
        cue = next(iter(self._cues(*after)), None)
        if not self._whole(quote):
            beside = cue is not None and _BRIEF.fullmatch(self.text, quote.end, cue[0])
            comma = beside and "," in self.text[quote.end - 1 : quote.end + 3]
            if not (comma and CAPITAL.match(self.text, quote.start)):
                return None
        if cue is None:
            dash = _DASHED.match(self.text, quote.end + 1, min(end, quote.end + 90))
            named = self._phrase_behind(dash.end(1), end) if dash else None
            if dash is None or named is None:
                return None
            return self._add(span, "direct", "quoted_sentence", "dash behind", dash.span(1), named)
        if not self._opens(quote.end, cue[0]):
            return None
        form: Form = "split_quote" if self._splits(after, next_quote, end) else "quoted_sentence"
        apart = self.text[quote.end + 1 : cue[0]].strip(EDGE)
        speaker = (self._phrase_before(quote.end + 1, cue[0]) if apart else None) or self._speaker(cue, *after)
        return self._add(span, "direct", form, "cue behind", cue, speaker, 0.95)

    def _cue_before(self, quote: Quote, before: Span, lead: str, last: Piece | None) -> Piece | None:
        """X said: «...», X said, "...", and a bare name with a colon."""
        span = quote.start, quote.end
        cues = self._cues(*before) or self._loose_cues(*before)
        sentence = self._whole(quote) and (
            lead.endswith(",")
            or (bool(cues) and cues[-1][1] == quote.start - 2 and bool(CAPITAL.match(self.text, quote.start)))
        )
        if cues and (lead.endswith(":") or sentence):
            speaker = self._speaker(cues[-1], *before)
            split = last is not None and last.cue == cues[-1] and lead.endswith(",")
            form: Form = "split_quote" if split else "quoted_sentence"
            return self._add(span, "direct", form, "cue before", cues[-1], speaker, 0.9)
        if lead.endswith(":") and len(self.text[slice(*span)].split()) >= 4:
            return self._add(span, "direct", "headline", "name and colon", None, self._names(*before), 0.8)
        return None

    def _loose_cues(self, start: int, end: int) -> list[Span]:
        return [match.span() for match in self.words.loose.finditer(self.flat, start, end)]

    def _continued(self, quote: Quote, last: Piece, lead: str, after: Span) -> Piece | None:
        """«...», said X. «...»: the second part goes on with the first one's speaker."""
        between = self.text[last.end : quote.start].strip(' .,—–-»”"«“„')
        told = last.cue is not None and (not between or between in self.text[slice(*after)] or last.end < last.cue[0])
        if not told or not self._whole(quote) or len(between.split()) > 14:
            return None
        form: Form = "split_quote" if lead.endswith((",", "—", "–", "-")) else "quoted_sentence"
        return self._add((quote.start, quote.end), "direct", form, "goes on", last.cue, last.speaker, 0.85)

    def _uncued(self, quote: Quote, start: int, end: int, lead: str) -> Piece | None:
        """A sentence or a paragraph that is all quotation, of somebody that the text has named before."""
        words = self.text[quote.start : quote.end].split()
        if len(words) < _SPEECH:
            return None
        span = quote.start, quote.end
        capital = bool(CAPITAL.match(words[0].lstrip('«“"„')))
        finished = self.text[quote.end - 1] in ".!?…" or re.match(r".?[.!?…](?:\s|$)", self.text[quote.end : quote.end + 3])
        if capital and finished and (not lead or lead[-1] in '.!?…»”"'):
            return self._add(span, "direct", "quoted_sentence", "a sentence of quotation", score=0.55)
        alone = not self.text[start : quote.start - 1].strip() and not self.text[quote.end + 1 : end].strip(" .,")
        return self._add(span, "direct", "quoted_sentence", "a paragraph of quotation", score=0.6) if alone else None

    def _interrupted(self, quote: Quote) -> Piece | None:
        """«..., – she said. – ...» with the attribution inside the marks: one finding for each part."""
        for cue in self._cues(quote.start, quote.end):
            match = re.search(r"[,!?…]\s+[—–-]\s+$", self.text[max(quote.start, cue[0] - 8) : cue[0]])
            speaker = self._phrase_behind(cue[1], quote.end) if match else None
            close = re.compile(r"[^.,—–]{0,40}[.,]\s+[—–-]\s+").match(self.text, (speaker or cue)[1], quote.end)
            if match and speaker and close:
                begin = max(quote.start, cue[0] - 8) + match.start()
                cut = begin + (match.group()[0] in "!?…")
                self._add((quote.start, cut), "direct", "split_quote", "cue inside", cue, speaker, 0.9)
                return self._add((close.end(), quote.end), "direct", "split_quote", "cue inside", cue, speaker, 0.9)
        return None

    def _opens(self, end: int, cue: int) -> bool:
        """Is the cue in the words right behind the quotation, not in another sentence?"""
        between = self.text[end + 1 : cue]
        if re.match(r"\s*[.!?…]\s", between) and self.text[end - 1] not in "?!…":
            return False
        return len(between.split()) <= 8

    def _splits(self, after: Span, next_quote: int, end: int) -> bool:
        return next_quote < end and self.text[after[0] : next_quote].rstrip().endswith((",", "—", "–", "-"))

    def _clause_after(self, start: int, end: int) -> Span:
        """Return the rest of the sentence behind a quotation."""
        for sentence in self._sentences(start, end) if start < end else []:
            if self.text[slice(*sentence)].strip(' .,!?…—–-»”"'):
                return sentence
        return start, start

    def _clause_before(self, start: int, end: int) -> Span:
        """Return the beginning of the sentence before a quotation."""
        sentences = self._sentences(start, end) if start < end else []
        return sentences[-1] if sentences and self.text[slice(*sentences[-1])].strip() else (end, end)
