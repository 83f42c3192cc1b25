"""Quoted words: speech by a cue behind or before them, by what they go on with, or standing alone."""

from __future__ import annotations

import re

from align.extract.attributed import Attributed
from align.extract.marks import Quote
from align.extract.reading import CAPITAL, EDGE, Piece, Span
from align.records import Form

_DASHED = re.compile(r"[,.]?\s*[—–-]\s*([^\W\d_]{4,}(?:\s+[^\W\d_]{4,})?)\s")
# what stands between words and their attribution where no mark closes them: a dash, behind a comma or not, or a comma
_LEAD_OUT = re.compile(r"(?P<mark>[,.!?…»”\"]*)\s*(?P<dash>[—–-])\s+|(?P<comma>,)\s+")
_DASHES = re.compile(r"\s[—–-]\s")
_SIGNATURE = re.compile(r"[^\w\n]*\n\s*[—–-]+\s*(?P<name>[^\n@:]{3,60}?)[ \t]*(?:\n|$)")  # "— Ivo Kern" below words
_RESUMED = re.compile(r"[^.,\n—–]{0,80}[.,]?\s+[—–-]\s")
_LONG = 12  # words from which quoted words inside a clause are more than a part of it
_SPEECH = 5  # words from which quoted words without a cue may be speech
# what may stand between a short quotation and its cue
_BRIEF = re.compile(r"[»”\"’'\u201c]?[,!?…]?[»”\"’'\u201c]?,?\s*[—–-]?\s*")
_FINISHED = re.compile(r".?[.!?…](?:\s|$)")


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
            or self._cue_behind(quote, after, next_quote, end, lead)
            or self._cue_before(quote, before, lead, last if goes_on else None)
            or (self._continued(quote, last, lead, after) if last is not None and goes_on else None)
            or self._uncued(quote, start, end, lead)
        )

    def _attributed_at(self, start: int, end: int, *, resumed: bool = False) -> tuple[int, Span, int] | None:
        """Return where words end that no mark closes, by the attribution behind them; its cue; and where it ends.

        ``resumed`` allows words that go on behind the attribution with another dash.
        """
        for lead in _LEAD_OUT.finditer(self.plain, start + 10, end):
            cue = self._cue_at(lead, end)
            if cue is None:
                continue
            speaker = self._phrase_behind(cue[1], end)
            behind = (speaker or cue)[1]
            if not resumed and _RESUMED.match(self.plain, behind, end):
                continue
            if lead["comma"] and not re.compile(r"\s*(?:[.!…]|$)").match(self.plain, behind, end):
                continue
            kept = lead["mark"][:1] in ("!", "?", "…") if lead["mark"] else False
            return lead.start() + kept, cue, behind
        return None

    def _cue_at(self, lead: re.Match[str], end: int) -> Span | None:
        """Return the cue that begins behind a dash or comma, behind its subject where the language puts that first;
        behind a comma and a dash any word before a speaker."""
        known = self.found.at("cue", lead.end())
        if known is not None:
            return known
        if self.words.subject_first:
            cue = next(iter(self._cues(lead.end(), min(end, lead.end() + 60))), None)
            subject = self._phrase_before(lead.end(), cue[0]) if cue else None
            if cue is None or subject is None or subject[0] - lead.end() > 4:
                return None
            return None if re.search("[,—–-]", self.text[subject[1] : cue[0]]) else cue
        if not (lead["dash"] and lead["mark"]):
            return None
        word = re.compile(r"[^\W\d_]+(?:\s+[^\W\d_]{2,}){0,3}?(?=\s)").match(self.plain, lead.end(), end)
        if word is None or CAPITAL.match(word.group()) or self._low_at(lead.end() - 1) in self.sets["joints"]:
            return None
        named = self._phrase_behind(word.end(), min(end, word.end() + 60))
        return word.span() if named else None

    def _nested(self, start: int, end: int) -> None:
        """Find what is quoted inside somebody's words, with a cue and a speaker of its own: «Он сказал мне: «...»»."""
        for quote in self._quotes(start, end):
            lead = self.text[start : quote.start - 1].rstrip()
            before = self._clause_before(start, quote.start - 1)
            cues = self._cues(*before)
            beside = bool(cues) and cues[-1][1] == start + len(lead)
            if (quote.start, quote.end) == (start, end) or not (beside or lead.endswith((":", ","))):
                continue
            speaker = (self._speaker(cues[-1], *before) or self._opening_subject(*before)) if cues else None
            if speaker and self.flat[slice(*speaker)] not in self.sets["first_person"]:
                span = quote.start, quote.end
                self._add(span, "direct", "nested", "cue before, inside a quotation", cues[-1], speaker, 0.8)

    def _whole(self, quote: Quote) -> bool:
        """Do quoted words look like a sentence of their own, rather than like a term?"""
        return len(self.text[quote.start : quote.end].split()) >= 4 or self.text[quote.end - 1] in ".!?…,"

    def _brief(self, quote: Quote, cue: Span | None) -> bool:
        """Are a few words speech, by the comma and the cue right behind them: «Нет», — ответил он?"""
        if cue is None or not _BRIEF.fullmatch(self.text, quote.end, cue[0]):
            return False
        return "," in self.text[quote.end - 1 : quote.end + 3] and bool(CAPITAL.match(self.text, quote.start))

    def _cue_of_next(self, quote: Quote, cue: Span) -> bool:
        """Does a cue behind a quotation belong to what follows it: "«...», ενώ σημείωσε ότι ..."?"""
        joined = re.match(r"\W{1,4}(\w+)", self.flat[quote.end : cue[0]])
        that = self.found.next("that", cue[1], cue[1] + 8)
        return joined is not None and joined.group(1) in self.sets["joints"] and that is not None

    def _set_off(self, quote: Quote, cue: Span) -> bool:
        """Does a comma, a dash or an end of a sentence stand between a quotation and its cue, or nothing at all?"""
        between = self.text[quote.end + 1 : cue[0]]
        if self.text[quote.end - 1] in ",.!?…" or not between.strip() or re.match(r"[\s.!?…»”\"’]{0,3}[,—–-]", between):
            return True
        return self.words.subject_first and "," not in between and len(between.split()) <= 3

    def _cue_behind(self, quote: Quote, after: Span, next_quote: int, end: int, lead: str) -> Piece | None:
        """«...», said X. «...» — the word of a dash and a name, known as a cue or not."""
        span = quote.start, quote.end
        cue = next(iter(self._cues(*after)), None)
        if lead[-1:].isalpha() and self._length(*span) < _LONG:
            return None  # words of a clause, not a sentence of their own
        if not self._whole(quote) and not self._brief(quote, cue):
            return None
        if cue is None:
            dash = _DASHED.match(self.text, quote.end + 1, min(end, quote.end + 90))
            named = self._phrase_behind(dash.end(1), end) if dash else None
            if dash is None or named is None:
                return None
            return self._add(span, "direct", "quoted_sentence", "dash behind", dash.span(1), named)
        if not self._opens(quote.end, cue[0]) or not self._set_off(quote, cue) or self._cue_of_next(quote, cue):
            return None
        form: Form = "split_quote" if self._splits(after, next_quote, end) else "quoted_sentence"
        apart = self.text[quote.end + 1 : cue[0]].strip(EDGE)
        speaker = self._phrase_before(quote.end + 1, cue[0]) if apart and not self._of_another(cue) else None
        speaker = speaker or self._speaker(cue, *after)
        return self._add(span, "direct", form, "cue behind", cue, speaker, 0.95)

    def _cue_before(self, quote: Quote, before: Span, lead: str, last: Piece | None) -> Piece | None:
        """X said: «...», X said, "...", and a bare name with a colon."""
        span = quote.start, quote.end
        cues = self._cues(*before) or self.found.all("loose", *before)
        beside = bool(cues) and cues[-1][1] == quote.start - 2
        begun = beside and (not self.words.subject_first or bool(CAPITAL.match(self.text, quote.start)))
        if cues and (lead.endswith(":") or (self._whole(quote) and (begun or lead.endswith(",")))):
            speaker = self._speaker(cues[-1], *before)
            split = last is not None and last.cue == cues[-1] and lead.endswith(",")
            form: Form = "split_quote" if split else "quoted_sentence"
            return self._add(span, "direct", form, "cue before", cues[-1], speaker, 0.9)
        label = self.flat[slice(*before)].strip(" :\n")
        if label in self.sets["labels"] or self.found.at("read_also", before[0] + self._indent(*before)):
            return None
        if lead.endswith(":") and len(self.text[slice(*span)].split()) >= 4:
            return self._add(span, "direct", "headline", "name and colon", None, self._names(*before), 0.8)
        return None

    def _continued(self, quote: Quote, last: Piece, lead: str, after: Span) -> Piece | None:
        """«...», said X. «...»: the second part goes on with the first one's speaker."""
        between = self.text[last.end : quote.start].strip(' .,—–-»”"«“„')
        told = last.cue is not None and (not between or between in self.text[slice(*after)] or last.end < last.cue[0])
        if not told or not self._whole(quote) or len(between.split()) > 14 or lead[-1:].isalpha():
            return None
        form: Form = "split_quote" if lead.endswith((",", "—", "–", "-")) else "quoted_sentence"
        return self._add((quote.start, quote.end), "direct", form, "goes on", last.cue, last.speaker, 0.85)

    def _uncued(self, quote: Quote, start: int, end: int, lead: str) -> Piece | None:
        """A sentence or a paragraph that is all quotation, of somebody that the text has named before."""
        words = self.text[quote.start : quote.end].split()
        titled = not lead and len(words) > 2 and re.match(r".?(?::|\.\s)", self.text[quote.end : quote.end + 3])
        own = titled and self._own_words((quote.start, quote.end))
        if len(words) < _SPEECH and not own:
            return None
        span = quote.start, quote.end
        signed = _SIGNATURE.match(self.text, quote.end) if not lead else None
        if signed and (named := self._names(*signed.span("name"))):
            return self._add(span, "direct", "quoted_sentence", "words above a signature", None, named, 0.8)
        capital = bool(CAPITAL.match(words[0].lstrip('«“"„')))
        finished = self.text[quote.end - 1] in ".!?…" or _FINISHED.match(self.text, quote.end, quote.end + 3)
        if capital and finished and (not lead or lead[-1] in '.!?…»”"'):
            return self._add(span, "direct", "quoted_sentence", "a sentence of quotation", score=0.55)
        if capital and not lead and re.match(r".?:\s", self.text[quote.end : quote.end + 3]):
            named = self._phrase_behind(quote.end + 2, end)
            return self._add(span, "direct", "headline", "words and colon", None, named, 0.6)
        if capital and (not lead or lead[-1] in '.!?…»”"'):
            behind = self.text[quote.end - 1] + self.text[quote.end + 1 : quote.end + 4]
            named = self._phrase_behind(quote.end + 1, min(end, quote.end + 60))
            if re.match(r".?\s*[—–-]\s", behind) or "," in behind[:3]:
                return self._add(span, "direct", "quoted_sentence", "a sentence before a dash", None, named, 0.6)
        alone = not self.text[start : quote.start - 1].strip() and not self.text[quote.end + 1 : end].strip(" .,")
        return self._add(span, "direct", "quoted_sentence", "a paragraph of quotation", score=0.6) if alone else None

    def _interrupted(self, quote: Quote) -> Piece | None:
        """«..., – she said. – ...» with the attribution inside the marks: one finding for each part."""
        if not _DASHES.search(self.text, quote.start, quote.end):
            return None
        found = self._attributed_at(quote.start, quote.end, resumed=True)
        if found is None:
            return None
        words_end, cue, behind = found
        close = re.compile(r"[^.,—–]{0,60}[.,]?\s+[—–-]\s+").match(self.text, behind, quote.end)
        if close is None:
            return None
        speaker = self._phrase_behind(cue[1], quote.end)
        self._add((quote.start, words_end), "direct", "split_quote", "cue inside", cue, speaker, 0.9)
        return self._add((close.end(), quote.end), "direct", "split_quote", "cue inside", cue, speaker, 0.9)

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
