"""A page with what is reported blotted out: its sentences, and what in a sentence belongs to the clause that reports.

A date or a venue belongs to a cue when no other clause begins between them; in its own piece between commas a date
needs a word of speaking, or opens the piece ("On Monday, ..."). Nothing is read inside of what is reported, nor right
behind it where no mark closes it: there the reported clause may go on.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from align import lexicon
from align.occasion import times
from align.occasion.times import Calendar, When
from align.occasion.words import Words, settings, spaced, words
from align.records import Mention
from ingest.records import Document
from ingest.segment import abbreviated

Span = tuple[int, int]

_SAID = "\x01"  # stands for every character of what is reported
_STOP = re.compile(r"(?<![.!?…])[.!?…]+[»”\"'’)\]]*\s+(?=[\[(«“„\"'‘–—•-]*\s*[\w\x01])")
_MARKS = " \t[(«“„\"'‘–—•-"
_APART = re.compile(r"[;:()]")
_PIECE = re.compile(r"[,–—\x01]")
_CLOSED = re.compile(r"\x01[.!?…]*\s?[»”\"'’,;—–-]")
_COLON = re.compile(r":\s*[«“„\"'‘–—-]*\s*$")
_NEAR = 600  # characters of a sentence on either side of what it reports, and of one that leads in, that are read
_REACH = 12  # words between a cue and what belongs to it
_BESIDE = 4  # words between a venue and its date
_LABEL = 4  # words before a date in the label of a quotation: "The same minister in April, on the harbour: ..."
_SIGNED = 8  # words of the line that dates a post


class Cue(NamedTuple):
    """What one sentence says of an occasion: where it stands, and the date as an interval."""

    when: When | None = None
    earlier: Span | None = None
    then: Span | None = None
    venue: Span | None = None


class Clauses:
    """The text of a page, with its title in front, as cues of occasions are looked for; offsets are of ``text``."""

    def __init__(self, mentions: Sequence[Mention], document: Document, table: Words) -> None:
        title = f"{document.title}\n\n" if document.title and not document.text.startswith(document.title) else ""
        language = (document.language or "und").split("-")[0]
        self.shift = len(title)
        self.words, self.calendar = table, Calendar(document, table.hours)
        self.spans = {mention.id: (mention.start + self.shift, mention.end + self.shift) for mention in mentions}
        self.text = _blotted(title + document.text, self.spans.values())
        self.flat = lexicon.flat(self.text)
        self.sentences = list(_sentences(self.text, language))
        self._starts = [start for start, _ in self.sentences]
        self.whens = list(times.read(self.text, self.flat, table, self.calendar))
        self._dated = [when.start for when in self.whens]
        self.found = lexicon.load(language).find(self.flat)
        self._speaking = [match.span() for match in table.speaking.finditer(self.flat)]
        self._venues = [match.span() for match in table.venues.finditer(self.flat)]

    def of(self, span: Span) -> Span:
        """Return the sentence, or the run of them, that a span stands in."""
        first = max(bisect_right(self._starts, span[0]) - 1, 0)
        last = max(bisect_left(self._starts, span[1]) - 1, first)
        return (self.sentences[first][0], self.sentences[last][1]) if self.sentences else span

    def before(self, sentence: Span) -> Span | None:
        """Return the sentence before one, if it reports nothing, in its paragraph or before it with a colon."""
        number = bisect_left(self._starts, sentence[0]) - 1
        found = self.sentences[number] if number >= 0 else None
        if found is None or self.reports(found):
            return None
        leads_in = "\n" not in self.text[found[1] : sentence[0]] or self.text[slice(*found)].rstrip().endswith(":")
        return found if leads_in else None

    def behind(self, sentence: Span) -> Span | None:
        """Return the sentence behind one, if it says who has said so, and reports nothing itself."""
        number = bisect_left(self._starts, sentence[1])
        found = self.sentences[number] if number < len(self.sentences) else None
        return found if found and self.found.at("previous", found[0]) and not self.reports(found) else None

    def reports(self, sentence: Span) -> bool:
        """Does a sentence hold something that is reported as said?"""
        return _SAID in self.text[slice(*sentence)]

    def venue(self, span: Span) -> str:
        """Return the key of a venue that stands there."""
        return self.words.venue_of[spaced(self.flat[slice(*span)])]

    def last_date(self, at: int) -> When | None:
        """Return the last date before a place, whatever it says."""
        number = bisect_left(self._dated, at)
        return self.whens[number - 1] if number else None

    def dated(self, span: Span) -> bool:
        """Does a span meet a date?"""
        date = self.last_date(span[1])
        return date is not None and date.end > span[0]

    def reporting(self, mention: Mention) -> Cue:
        """Return what the sentence of a mention says of its occasion."""
        start, end = self.spans[mention.id]
        signed = self._signed(end)
        if signed:
            return Cue(when=signed)
        whole = self.of((start, end))
        sentence = (max(whole[0], start - _NEAR), min(whole[1], end + _NEAR))
        anchors = self._anchors(mention, sentence)
        colon = _COLON.search(self.text, sentence[0], start)
        label = (colon.start(), colon.start() + 1) if colon else None
        return self._cue(sentence, [*anchors, *([label] if label else [])], label)

    def _anchors(self, mention: Mention, sentence: Span) -> list[Span]:
        """Return the mention's own cue, the nearest such words; or all words of speaking in its sentence."""
        start, end = self.spans[mention.id]
        if mention.cue:
            own = re.finditer(rf"(?<!\w){re.escape(lexicon.flat(mention.cue))}(?!\w)", self.flat[slice(*sentence)])
            found = [(sentence[0] + match.start(), sentence[0] + match.end()) for match in own]
            if found:
                return [min(found, key=lambda cue: min(abs(cue[0] - end), abs(start - cue[1])))]
        return self.spoken(sentence)

    def spoken(self, sentence: Span) -> list[Span]:
        """Return the words of speaking in a sentence, reporting ones and those of who appears in public."""
        return [
            *self.found.all("cue", *sentence), *self.found.all("loose", *sentence), *_within(self._speaking, sentence)
        ]  # fmt: skip

    def leading(self, sentence: Span) -> Cue:
        """Return what a sentence that reports nothing says of the occasion of what follows it."""
        sentence = (sentence[0], min(sentence[1], sentence[0] + _NEAR))
        spoken = self.spoken(sentence)
        set_up = [venue for venue in _within(self._venues, sentence) if self.venue(venue) in settings()]
        return self._cue(sentence, [*spoken, *set_up])

    def _cue(self, sentence: Span, anchors: Sequence[Span], label: Span | None = None) -> Cue:
        joined = [venue for venue in _within(self._venues, sentence) if self._belongs(venue, anchors)]
        venue = min(joined, key=lambda one: _gap(one, anchors), default=None)
        inside = slice(bisect_left(self._dated, sentence[0]), bisect_left(self._dated, sentence[1]))
        whens = self.whens[inside]
        dates = [one for one in whens if self._dates(one, sentence, anchors, venue, label)]
        earlier = [
            match.span()
            for match in self.words.earlier.finditer(self.flat, *sentence)
            if not any(one.start < match.end() and match.start() < one.end for one in whens)
        ]
        recalled = self.words.recalls.search(self.flat, *sentence)
        thens = (match.span() for match in self.words.then.finditer(self.flat, *sentence))
        return Cue(
            when=min(dates, key=lambda one: _gap((one.start, one.end), anchors), default=None),
            earlier=recalled.span()
            if recalled
            else next((one for one in earlier if self._belongs(one, anchors)), None),
            then=next((one for one in thens if self._belongs(one, anchors)), None),
            venue=venue,
        )

    def _belongs(self, span: Span, anchors: Iterable[Span], reach: int = _REACH) -> bool:
        return any(self._joined(span, anchor, reach) for anchor in anchors)

    def _joined(self, span: Span, anchor: Span, reach: int) -> bool:
        """Does no other clause begin between a span and a cue, and is the cue near?"""
        between = self.flat[min(span[1], anchor[1]) : max(span[0], anchor[0])]
        if len(between.split()) > reach or _APART.search(between) or self.words.breaks.search(between):
            return False
        return anchor[0] > span[0] or _SAID not in between or _CLOSED.search(between) is not None

    def _dates(
        self, when: When, sentence: Span, anchors: Sequence[Span], venue: Span | None, label: Span | None
    ) -> bool:
        """Does a date say when the reporting clause of a sentence happened?"""
        span = when.start, when.end
        before = self.text[sentence[0] : when.start]
        if before.rstrip().endswith(_SAID) or self._dateline(when.start):
            return False
        if venue and self._joined(span, venue, _BESIDE):
            return True
        if self.words.owned.match(self.flat, when.start):
            return False
        if not before.strip(_MARKS) and self.text[when.end : when.end + 1] == "," and self._reaches(span, anchors):
            return True
        return self._belongs(span, anchors) and self._in_piece(span, sentence, anchors, label)

    def _in_piece(self, span: Span, sentence: Span, anchors: Sequence[Span], label: Span | None) -> bool:
        """Does a date open its piece between commas, or stand in it with a word of speaking or in a label?"""
        commas = [match.end() for match in _PIECE.finditer(self.text, sentence[0], span[0])]
        begin = commas[-1] if commas else sentence[0]
        if not self.text[begin : span[0]].strip(_MARKS):
            return True
        close = _PIECE.search(self.text, span[1], sentence[1])
        piece = (begin, close.start() if close else sentence[1])
        if any(piece[0] <= one[0] and one[1] <= piece[1] for one in (*anchors, *self.spoken(piece))):
            return True
        labelled = label is not None and self._joined(span, label, _REACH) and not self.spoken((sentence[0], label[0]))
        return labelled and len(self.text[begin : span[0]].split()) <= _LABEL

    def _reaches(self, opening: Span, anchors: Iterable[Span]) -> bool:
        """Does a date that opens its sentence reach a cue, over subordinate clauses: "On 5 March, when ..."?"""
        ahead = [self.flat[opening[1] : anchor[0]] for anchor in anchors if anchor[0] >= opening[1]]
        return any(not _APART.search(between) and not self.words.coordinate.search(between) for between in ahead)

    def _dateline(self, at: int) -> bool:
        """Does a line begin with capitals alone up to here: the place and day of the report, not of the words?"""
        head = self.text[self.text.rfind("\n", 0, at) + 1 : at]
        return head.isupper()

    def _signed(self, end: int) -> When | None:
        """Return the date of the line or sentence that dates a post right behind it: "10:41 AM · May 20, 2026"."""
        tail = re.compile(r"[»”\"'’.!?…]*\s*(?P<line>[^\n]+)").match(self.text, end)
        if tail is None or len(tail["line"].split()) > _SIGNED or not re.search(r"(?:19|20)\d\d\W*$", tail["line"]):
            return None
        start = tail.start("line")
        for table in (self.words, words(lexicon.EMBEDDED)):
            line, flat = self.text[start : tail.end()], self.flat[start : tail.end()]
            for when in times.read(line, flat, table, self.calendar) if table else ():
                return When(start + when.start, start + when.end, when.interval)
        return None


def _blotted(text: str, spans: Iterable[Span]) -> str:
    letters = list(text)
    for start, end in spans:
        letters[start:end] = _SAID * (end - start)
    return "".join(letters)


def _within(spans: Sequence[Span], sentence: Span) -> Sequence[Span]:
    """Return those of some spans, in order and apart, that lie in a sentence."""
    inside = spans[bisect_left(spans, (sentence[0], 0)) : bisect_left(spans, (sentence[1], 0))]
    return [span for span in inside if span[1] <= sentence[1]]


def _gap(span: Span, anchors: Iterable[Span]) -> tuple[int, int]:
    """Return how far a span is from the nearest of the cues; of two as far, the first."""
    return min(max(span[0] - anchor[1], anchor[0] - span[1], 0) for anchor in anchors), span[0]


def _sentences(text: str, language: str) -> Iterator[Span]:
    """Yield the sentences of each line. What is reported is one word of its sentence, whatever stops it has."""
    for line in re.finditer(r"[^\n]+", text):
        start = line.start()
        for stop in _STOP.finditer(text, line.start(), line.end()):
            following = text[stop.end() : line.end()].lstrip(_MARKS)
            head = text[start : stop.start() + 1]
            if head.endswith(".") and abbreviated(head, following, language):
                continue
            if following[:1].islower():
                continue
            yield start, stop.end()
            start = stop.end()
        if text[start : line.end()].strip():
            yield start, line.end()
