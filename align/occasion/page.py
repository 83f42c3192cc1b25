"""One page: when and where each of its mentions was spoken.

What a page says of one mention holds with less certainty for what follows it: it was said then or later. A page that
says nothing reports fresh words; but behind words that it calls older ones, others may be as old.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from msgspec.structs import replace

from align import names
from align.cite.places import places
from align.occasion.clauses import Clauses, Cue, Span
from align.occasion.words import Words
from align.records import Interval, Mention, Occasion
from ingest.records import Document

_LEAD = 2  # paragraphs at the head of a page that tell its occasion
_PLACE = 120  # characters behind a venue in which the name of its host stands


class _Told(NamedTuple):
    """A mention whose occasion is known by now; ``own`` where the page dates it and not only what stands before it."""

    mention: Mention
    line: int
    occasion: Occasion
    own: bool


class Page:
    """A document whose mentions are given their occasions, in order of place."""

    def __init__(self, mentions: Sequence[Mention], document: Document, table: Words) -> None:
        self.mentions = sorted(mentions, key=lambda mention: (mention.start, -mention.end, mention.id))
        self.clauses = Clauses(self.mentions, document, table)
        self.calendar = self.clauses.calendar
        self._breaks = [at for at, letter in enumerate(self.clauses.text) if letter == "\n"]
        printed = {f"{mention.speaker} {mention.person or ''}" for mention in self.mentions}
        self._people = frozenset(stem for name in printed for word in names.words(name) for stem in names.stems(word))

    def occasions(self) -> Iterator[tuple[str, Occasion]]:
        """Yield the occasion of each mention by its id."""
        lead, told = self._lead(), list[_Told]()
        earliest = self.calendar.presumed  # when what the page does not date was said
        outer: Mention | None = None
        for mention in self.mentions:
            if outer and _is_inside(mention, outer):  # said before the words that it is quoted in
                yield mention.id, Occasion(said_at=self.calendar.open)
                continue
            outer = mention
            occasion, own = self._own(mention, told), True
            line = bisect_left(self._breaks, self.clauses.spans[mention.id][0])
            if occasion.said_at is None:
                own, occasion = False, self._followed(_Told(mention, line, occasion, False), lead, told, earliest)
            elif occasion.again:
                earliest = self._widened(earliest, occasion.said_at)
            told.append(_Told(mention, line, occasion, own))
            yield mention.id, occasion

    def _own(self, mention: Mention, told: Sequence[_Told]) -> Occasion:
        """Return what the sentence of a mention and its neighbours say of it; no interval where they say nothing."""
        sentence = self.clauses.of(self.clauses.spans[mention.id])
        beside = (self.clauses.behind(sentence), self.clauses.before(sentence))
        read = [self.clauses.reporting(mention), *(self.clauses.leading(one) for one in beside if one)]
        timed = next((cue for cue in read if cue.when or cue.earlier or cue.then), Cue())
        placed = next((cue.venue for cue in read if cue.venue), None)
        interval = timed.when.interval if timed.when else None
        if interval is None and timed.then:
            interval = self._then(sentence, told)
        elif interval is None and timed.earlier:
            interval = self.calendar.open
        return self._occasion(timed, interval, placed)

    def _then(self, sentence: Span, told: Sequence[_Told]) -> Interval | None:
        """Return when "then" was: at the last date before it, which is one of the page's or of a mention."""
        date = self.clauses.last_date(sentence[0])
        held = next((one.occasion.said_at for one in reversed(told) if one.own), None)
        return date.interval if date else held or self.calendar.open

    def _occasion(self, cue: Cue, interval: Interval | None, venue: Span | None) -> Occasion:
        again = cue.earlier is not None or (interval is not None and self.calendar.is_older(interval))
        where, place = self._place(venue)
        when = (cue.when.start, cue.when.end) if cue.when else None
        return Occasion(
            said_at=interval,
            venue=self.clauses.venue(venue) if venue else "",
            place=place,
            cues=self._shifted(span for span in (when, cue.earlier, cue.then, venue, where) if span),
            again=again,
        )

    def _shifted(self, spans: Iterable[Span]) -> tuple[Span, ...]:
        """Return spans in the document's text; what stands in its title has no place there."""
        shift = self.clauses.shift
        return tuple(sorted({(start - shift, end - shift) for start, end in spans if start >= shift}))

    def _place(self, venue: Span | None) -> tuple[Span | None, str]:
        """Return the name that stands behind a venue, of its host or place: no date, and nobody's who speaks."""
        if venue is None or self.clauses.venue(venue) == "talks":  # behind these stands with whom
            return None, ""
        ahead = slice(venue[1], min(venue[1] + _PLACE, self.clauses.of(venue)[1]))
        place = next(iter(places(self.clauses.text[ahead], frozenset())), None)
        if place is None:
            return None, ""
        span = (place.inner[0] + venue[1], place.inner[1] + venue[1])
        named = self.clauses.text[slice(*span)]
        between = self.clauses.flat[venue[1] : span[0]]
        heard = {stem for word in names.words(named) for stem in names.stems(word)}
        if not self.clauses.words.hosts.fullmatch(between) or self.clauses.dated(span) or heard & self._people:
            return None, ""
        return span, named

    def _lead(self) -> Occasion:
        """Return what the title and the head of the page say of the occasion of all of it."""
        lines = [at for at in self._breaks if at > self.clauses.shift and self.clauses.text[at - 1] != "\n"]
        end = lines[_LEAD - 1] if len(lines) >= _LEAD else len(self.clauses.text)
        found = Occasion(said_at=None)
        for sentence in self.clauses.sentences:
            if sentence[1] > end:
                break
            if self.clauses.reports(sentence):
                continue
            cue = self.clauses.leading(sentence)
            read = self._occasion(Cue(when=cue.when), cue.when.interval if cue.when else None, cue.venue)
            if read.again:  # the page begins with something older
                read = Occasion(said_at=self.calendar.open)
            found = Occasion(
                said_at=found.said_at or read.said_at,
                venue=found.venue or read.venue,
                place=found.place or read.place,
                cues=found.cues + read.cues,
            )
        return found

    def _followed(self, undated: _Told, lead: Occasion, told: Sequence[_Told], earliest: Interval | None) -> Occasion:
        """Return the occasion of a mention that the page gives no date of its own, from what stands before it: its
        paragraph and the same person, the head of the page, or the page's words alone."""
        beside = takewhile(lambda one: one.line == undated.line, reversed(told))
        source = next((one.occasion for one in beside if one.own and _is_one(one, undated)), lead)
        interval = self._since(source.said_at) if source.said_at else earliest
        if not source.said_at and not source.venue:
            source = next(
                (one.occasion for one in reversed(told) if one.occasion.venue and _is_one(one, undated)), lead
            )
        if undated.occasion.venue or source.again:
            return replace(undated.occasion, said_at=interval)
        return replace(source, said_at=interval)

    def _since(self, interval: Interval) -> Interval:
        """From the beginning of an interval to the page: what goes on after it was said then or later."""
        return Interval(start=interval.start, end=self.calendar.end)

    def _widened(self, interval: Interval | None, older: Interval) -> Interval | None:
        """Let an interval begin with an older one."""
        if interval is None or interval.start is None or older.start is None:
            return self.calendar.open
        return replace(interval, start=min(interval.start, older.start))


def _is_one(left: _Told, right: _Told) -> bool:
    """May two mentions be one person's?"""
    return not left.mention.person or not right.mention.person or left.mention.person == right.mention.person


def _is_inside(mention: Mention, outer: Mention) -> bool:
    """Is a mention quoted in the words of somebody else?"""
    apart = mention.person is not None and outer.person is not None and mention.person != outer.person
    return mention.end <= outer.end and (mention.form == "nested" or apart)
