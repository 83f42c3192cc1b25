"""One document, read for cues: what stands beside them is weighed, and so are the links."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import urlsplit

from align import names
from align.cite import outlets
from align.cite.cues import BARE, CODE, NEEDS, QUOTE, WHOLE, WORD, Cues, everywhere, flat, found, is_barred, platforms
from align.cite.places import DOMAIN, Place, is_dateline, people, places
from ingest.fold import fold, unmix
from ingest.records import Document
from ingest.urls import site_of

_GAP = 60  # characters between a cue and the outlet
_ASIDE = 100  # characters of a clause between an outlet and its verb
_LINKED = 8  # words of a link that may say whence the words are
_ARTICLE = 4  # characters of a path: what is shorter is a front page or a section's
_ROW = 8  # further names in a row
_WORDS = 6  # words in between that say nothing of the outlet
_LAST = re.compile(r"([^\W_]+(?:-[^\W_]+)*)[ \u00a0]+$")


class _Name(NamedTuple):
    """What a place holds: offsets, weight, the outlet, and whether the page calls it a medium right there."""

    start: int
    end: int
    weight: int
    outlet: str
    called: bool
    printed: str = ""


class _Leads(NamedTuple):
    """A link: offsets of its words, the outlet it leads to (the site's host, where none is declared)."""

    start: int
    end: int
    outlet: str
    declared: bool


def _meets(lead: _Leads, start: int, end: int) -> bool:
    return lead.start < end and start < lead.end


def _leads(document: Document, known: outlets.Outlets) -> Iterator[_Leads]:
    """Yield the links that may cite: to declared outlets, and to articles of sites that nothing bars."""
    for anchor in document.anchors:
        parts = urlsplit(anchor.url)
        host = parts.hostname or ""
        declared = known.of_domain(host)
        if declared or (len(parts.path.strip("/")) >= _ARTICLE and not is_barred(host)):
            yield _Leads(anchor.start, anchor.end, declared or site_of(host), bool(declared))


class Page:
    """One document, read for cues."""

    def __init__(self, document: Document, cues: Cues, known: outlets.Outlets) -> None:
        self.document, self.cues, self.known = document, cues, known
        self.language = (document.language or "und").split("-")[0]
        self.text = unmix(document.text)
        self.flat = flat(self.text)
        self.before = found(cues.before, self.flat)
        self.after = found(cues.after, self.flat)
        self.places = places(self.text, frozenset(end for _, _, end in self.before))
        self.starts = [place.start for place in self.places]
        self.ends = [place.end for place in self.places]
        self.people = people(self.text)
        self.learnt = outlets.Names(())
        self.sure: set[str] = set()
        self.leads = list(_leads(document, known))
        self._weighed: dict[int, _Name] = {}
        self._own_names(document)

    def _own_names(self, document: Document) -> None:
        outlet = document.outlet or ""
        host = re.sub(r"^[a-z]+://|[/:].*$", "", (document.url or "").lower())
        ids = {outlet, self.known.of_domain(host) or "", self.known.of_domain(outlet) or ""}
        if (found := self.known.find(outlet)) and found.whole:
            ids.add(found.outlet)
        self.own = {fold(name) for name in ids if name}
        self.own_names = outlets.Names([(outlet, outlet)] if outlet else [])
        self.hosts = {part for name in (host, outlet.lower()) if "." in name for part in (name, *name.split("."))}
        self.hosts = {re.sub(r"\W", "", host) for host in self.hosts - {"www", "com", "org", "net"}}
        self.placed = bool(outlet or host)

    # ------------------------------------------------------------------------------------------------- what is cited

    def cited(self) -> Iterator[tuple[int, int, str]]:
        """Yield the span of each cue with its outlet's name, and the outlet."""
        self._weighed.clear()
        for kind, start, end in self.before:
            for name in self._behind(end, kind):
                yield start, name.end, name.outlet
        for kind, start, end in self.after:
            for name in self._ahead(start, kind):
                yield name.start, end, name.outlet
        yield from self._datelines()
        yield from self._headings()

    def learn(self) -> bool:
        """Keep the names that were weighed in full, for a second reading; tell whether there is anything to gain."""
        sure = [name for name in self._weighed.values() if name.weight == WHOLE]
        learnt = {name.printed: name.outlet for name in sure if name.printed}
        self.learnt, self.sure = outlets.Names(learnt.items()), {name.outlet for name in sure}
        return bool(sure)

    def _behind(self, at: int, kind: str) -> Iterator[_Name]:
        """Yield the outlets that a cue ending at ``at`` is followed by."""
        first = bisect_left(self.starts, at)
        for number in range(first, min(first + 3, len(self.places))):
            place = self.places[number]
            near = self._gap(at, place.start)
            if near is None:
                return
            name = self.name(number)
            behind = self.text[name.end : name.end + 1]
            alone = name.weight > BARE or self.text[at - 1] != ":" or behind in ("", "\n", ".", ",")
            enough = name.weight >= (NEEDS[kind] if near else WHOLE) and alone
            if enough and (kind != "places" or (near and name.called)):
                yield name
                yield from self._joined(number, NEEDS[kind], 1)
                return
            if not self._described(place.end) and not self._is_person(self.text[slice(*place.inner)]):
                return

    def _ahead(self, at: int, kind: str) -> Iterator[_Name]:
        """Yield the outlets that a cue starting at ``at`` has for its subject."""
        last = bisect_right(self.ends, at) - 1
        for number in range(last, max(last - 3, -1), -1):
            near = self._verb_gap(self.ends[number], at)
            if near is None:
                continue
            name = self.name(number)
            if name.weight >= (NEEDS[kind] if near else WHOLE):
                yield name
                yield from self._joined(number, WHOLE, -1)
                return

    def _joined(self, number: int, need: int, step: int) -> Iterator[_Name]:
        """Yield further names in a row with this one: "Reuters and AFP"."""
        for _ in range(_ROW):
            if not 0 <= number + step < len(self.places):
                return
            one, two = sorted((number, number + step))
            if self.ends[one] > self.starts[two] or self.starts[two] - self.ends[one] > _GAP:
                return
            between = self.flat[self.ends[one] : self.starts[two]]
            words = WORD.findall(between)
            joint = [word for word in words if self.cues.joins.match(word)]
            rest = [w for w in words if w not in joint and not self.cues.fillers.match(w)]
            marks = set(re.sub(r"[\w\s]", "", between))
            if rest or not (marks <= {",", "/"}) or not (joint or marks):
                return
            name = self.name(number + step)
            if name.weight < (max(need, CODE) if joint else WHOLE):
                return
            yield name
            number += step

    def _gap(self, start: int, end: int) -> bool | None:
        """Tell whether all words there describe a medium, or others stand there (False); None: another clause."""
        gap = self.flat[start:end]
        if len(gap) > _GAP or re.search(r"[\n.!?…;:,()«»“”\"]|\s[-–—]\s", gap):
            return None
        words = WORD.findall(gap)
        if all(self.cues.fillers.match(word) or self.cues.media.match(word) for word in words):
            return True
        far = len(words) > _WORDS or any(self.cues.breaks.match(word) for word in words)
        return None if far else False

    def _verb_gap(self, start: int, end: int) -> bool | None:
        """As ``_gap``, between a name and its verb: an aside between commas may stand there."""
        gap = self.flat[start:end]
        if re.fullmatch(rf"\s*,[^.!?…;:«»“”\"\n]{{2,{_ASIDE}}},\s*", gap):
            return False
        owned = re.fullmatch(r"['’]s((?:\s+[\w-]+){0,4})\s*", gap)
        return not owned.group(1) if owned else self._gap(start, end)

    def _described(self, at: int) -> bool:
        """Tell whether a name in capitals only describes the outlet: a word for one, or quotation marks, follow."""
        if self.text[at : at + 2] in (" «", " “", ' "'):
            return True
        word = WORD.match(self.flat, at + 1)
        return word is not None and bool(self.cues.media.match(word.group()) or self.cues.fillers.match(word.group()))

    # ----------------------------------------------------------------------------------------------------- datelines

    def _datelines(self) -> Iterator[tuple[int, int, str]]:
        """Yield agencies in brackets or a dateline: "TARNOVA, Nov 9 (Reuters) -", "/TASS/", "9 ноя — РИА Новости"."""
        for number, place in enumerate(self.places if self.placed else ()):
            near = max(0, place.start - _GAP)
            head = self.text[near : place.start].rsplit("\n", 1)[-1]
            begin = place.start - len(head)
            opens = head.rstrip(" \u00a0")[-1:]
            dated = (begin == 0 or self.text[begin - 1] == "\n") and is_dateline(head)
            if not opens or (opens not in "(/[" and not (dated and opens in "—–-.")):
                continue
            row = [self.name(number), *self._joined(number, WHOLE, 1)]
            rest = self.text[row[-1].end : row[-1].end + 4].lstrip(" \u00a0")
            if opens in "(/[":
                closed = rest[:1] == {"(": ")", "/": "/", "[": "]"}[opens]
                need = BARE if dated and rest[1:].lstrip(" \u00a0")[:1] in tuple("-–—.") else WHOLE
            else:
                closed, need = rest[:1] in tuple("-–—."), CODE
            for name in row if closed else ():
                if name.weight >= need:
                    yield (begin if dated else name.start), name.end, name.outlet

    def _headings(self) -> Iterator[tuple[int, int, str]]:
        """Yield media whose name and a colon open a paragraph ("Reuters: all is well"), or end it ("... — TASS")."""
        for number, place in enumerate(self.places):
            begins = place.start == 0 or self.text[place.start - 1] == "\n"
            signs = re.search(r"[\s,.][–—] ?$", self.text[max(0, place.start - 3) : place.start])
            if not (begins or signs) or self.name(number).weight < WHOLE:
                continue
            row = [self.name(number), *self._joined(number, WHOLE, 1)]
            rest = self.text[row[-1].end : row[-1].end + 3].partition("\n")[0].strip(" \u00a0")
            if (begins and rest.startswith(":")) or (signs and rest in ("", ".")):
                yield from ((place.start, name.end, name.outlet) for name in row)

    # --------------------------------------------------------------------------------------------------------- links

    def linked(self, cited: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
        """Yield links whose words name the medium they lead to, or stand where one says whence the words are.

        Such words are "reported", "the interview" in the link, or a cue right before it. ``cited`` is what the words
        alone have said: a link in it adds nothing.
        """
        spans = sorted((start, end) for start, end, _ in cited)
        cues = sorted((start, end) for kind, start, end in (*self.before, *self.after) if kind != "places")
        told = sorted(end for kind, _, end in self.before if kind in ("certain", "prints", "takes"))
        for lead in self.leads:
            words = len(self.text[lead.start : lead.end].split())
            if fold(lead.outlet) in self.own or words > _LINKED or any(_meets(lead, *span) for span in spans):
                continue
            inside = bisect_left(cues, (lead.start, lead.start))
            says = inside < len(cues) and cues[inside][1] <= lead.end
            last = bisect_right(told, lead.start) - 1
            behind = last >= 0 and bool(self._gap(told[last], lead.start))
            if says or behind or any(name.weight == WHOLE and name.outlet == lead.outlet for name in self._in(lead)):
                yield lead.start, lead.end, lead.outlet

    def _in(self, lead: _Leads) -> Iterator[_Name]:
        number = bisect_left(self.starts, lead.start)
        while number < len(self.places) and self.ends[number] <= lead.end:
            yield self.name(number)
            number += 1

    # --------------------------------------------------------------------------------------------------------- names

    def name(self, number: int) -> _Name:
        """Return what stands at a place, weighed."""
        if number not in self._weighed:
            self._weighed[number] = self._weigh(self.places[number], number)
        return self._weighed[number]

    def _weigh(self, place: Place, number: int) -> _Name:
        start, end, found = self._known(place, number)
        printed = self.text[slice(*place.inner)] if place.quoted else self.text[start:end]
        called = self._called(place, start)
        words = [flat(word) for word in WORD.findall(printed)]
        marked = len(words) > 1 and bool(everywhere("marks").match(words[-1]) or everywhere("heads").match(words[0]))
        weight, learnt = self._weight(printed, words, place.quoted, found, called, marked)
        kind = not place.quoted and not found and all(self.cues.media.match(word) for word in words)  # ИА «Горизонт»
        if kind or any(platforms().match(part) for word in words for part in word.split(".")):
            weight = 0
        latin = names.latin(printed, self.language)
        outlet = found.outlet if found else latin.upper() if printed.isupper() else latin
        if fold(outlet) in self.own or self._is_own(printed):
            weight = 0
        return _Name(start, end, weight, outlet, called or marked, printed if learnt else "")

    def _weight(
        self, printed: str, words: list[str], quoted: bool, found: outlets.Found | None, called: bool, marked: bool
    ) -> tuple[int, bool]:
        """Return what a name weighs, and whether the page has shown by it what it may only hint at elsewhere."""
        if found and (found.whole or called):
            return WHOLE, not found.whole
        if DOMAIN.fullmatch(printed):
            return WHOLE, False
        code = len(words) == 1 and 2 <= len(printed) <= 6 and printed.isalpha() and printed.isupper()
        foreign = names.alphabet(printed) == "latin" and names.HOME["latin"] != self.language
        barred = any(everywhere("never").match(word) for word in words)
        if (barred and (code or quoted or not marked)) or (not (marked or quoted) and self._is_person(printed)):
            return 0, False
        shown = quoted or code or foreign
        if marked or (called and (shown or not self.cues.loose)):
            return WHOLE, True
        if found or quoted:
            return QUOTE, False
        return (CODE if shown or called else BARE), False

    def _known(self, place: Place, number: int) -> tuple[int, int, outlets.Found | None]:
        """Return the outlet that a place names, and where: the place may hold more words than its name has."""
        if place.quoted:
            start, end = place.inner
            return place.start, place.end, self._find(self.text[start:end], short=True) or self._led(start, end)
        start, end = place.inner
        known = len(place.words) == 1 and self.flat[max(0, start - 4) : start] == "the "  # "the Courier"
        whole = self._find(self.text[start:end], short=known) or self._led(start, end)
        for longer in self._longer(number):
            if (found := self._find(self.text[start:longer])) and found.whole and not (whole and whole.whole):
                return start, longer, found
        if whole and whole.whole:
            return start, end, whole
        if noun := _LAST.search(self.flat, max(0, start - 40), start):  # a ministry that is declared: "το υπουργείο X"
            for longer in (end, *self._longer(number)):
                if (found := self._find(self.text[noun.start() : longer])) and found.whole:
                    return noun.start(), longer, found
        spans = place.words
        for size in range(len(spans) - 1, 0, -1):
            for first in range(len(spans) - size + 1):
                a, b = spans[first][0], spans[first + size - 1][1]
                rest = self.flat[slice(*spans[first + size])] if first + size < len(spans) else ""
                if rest and self.cues.behind is not None and not self.cues.behind.match(rest):
                    continue
                if (found := self._find(self.text[a:b])) and found.whole:
                    return a, b, found
        return start, end, whole

    def _longer(self, number: int) -> Iterator[int]:
        """Yield ends of what may still belong to the name: РИА «Новости», Φωνή της Πέτρας."""
        for one, two in pairwise(self.places[number : number + 3]):
            between = self.text[one.end : two.start]
            if not re.fullmatch(r"[ \u00a0](?:\w{1,4}[ \u00a0])?", between):
                return
            yield two.end

    def _find(self, printed: str, *, short: bool = False) -> outlets.Found | None:
        found = self.known.find(printed, short=short)
        if found and (found.whole or found.outlet in self.sure):
            return outlets.Found(found.outlet, True)
        learnt = self.learnt.find(printed, short=short)
        return outlets.Found(learnt.outlet, True) if learnt else found

    def _led(self, start: int, end: int) -> outlets.Found | None:
        """Return the declared outlet that a name is a link to: its words are a name for it, unless a person's."""
        lead = next((lead for lead in self.leads if lead.declared and _meets(lead, start, end)), None)
        if lead is None or self._is_person(self.text[start:end]):
            return None
        rest = WORD.findall(self.flat[lead.start : start] + " " + self.flat[end : lead.end])
        return outlets.Found(lead.outlet, True) if all(map(self.cues.fillers.match, rest)) else None

    def _called(self, place: Place, start: int) -> bool:
        """Tell whether a word for a medium stands right before a name, or right behind it."""
        at, words = start, 0
        while words < 4 and (before := _LAST.search(self.flat[max(0, at - 40) : at])):
            if self.cues.media.match(before.group(1)):
                return True
            subject = self.cues.subject.match(before.group(1)) and not place.quoted
            if subject or not self.cues.fillers.match(before.group(1)):
                break
            at, words = at - len(before.group()), words + 1
        after = WORD.match(self.flat, place.end + 1)
        if after is None or self.text[after.end() + 1 : after.end() + 2].isupper():  # "Thalassian newspaper Northwire"
            return False
        some = re.search(r"(?<!\w)(a|an)\s+$", self.flat[max(0, start - 4) : start])  # "a Tarnova newspaper": which?
        return bool(self.cues.behind and not some and self.cues.media.match(after.group()))

    def _is_own(self, printed: str) -> bool:
        found = self.own_names.find(printed, short=len(printed.split()) == 1)
        joined = "".join(re.findall(r"\w+", fold(printed).removeprefix("www.")))
        return bool(found or joined in self.hosts or joined.removeprefix("the") in self.hosts)

    def _is_person(self, printed: str) -> bool:
        words = printed.split()
        if len(words) > 1:
            return names.is_given(words[0]) or names.is_short(words[0])
        return bool(set(names.stems(printed)) & self.people)
