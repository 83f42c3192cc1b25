"""From whom a page says it took the words: provenance cues in the text -> Citations. Pure; cues are lexica/cite.toml.

A citation is a cue beside the name of a medium. What stands there is weighed: a declared outlet or a known agency by
its whole name, or a name that the page itself calls a medium, is one whatever the cue ("told Northwire"); a name in
quotation marks, an acronym, a foreign name only beside words that nobody uses of persons ("цитирует", "citing"); a
person or a ministry never is. An outlet does not cite itself: its own dateline, footer and "source" line are none.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from align import names, outlets
from align.records import Citation
from ingest.fold import fold, unmix
from ingest.ids import content_id
from ingest.records import Document, Outlet

_GAP = 60  # characters between a cue and the outlet
_ASIDE = 100  # characters of a clause between an outlet and its verb
_WORDS = 6  # words in between that say nothing of the outlet
_WORD = re.compile(r"[^\W_]+(?:[-.&'’][^\W_]+)*")
_OWNER = re.compile(r"['’]s$")
_QUOTED = re.compile(r"[«“„\"‘]([^«»“”„\"\n]{2,60})[»”\"“’]")
_DOMAIN = re.compile(r"(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,18}", re.I)
_CLOSES = ".,!?…:;"
_LAST = re.compile(r"([^\W_]+(?:-[^\W_]+)*)[ \u00a0]+$")

# What a name must weigh for a cue; the kinds of cues are explained in lexica/cite.toml.
_BARE, _CODE, _QUOTE, _WHOLE = 1, 2, 3, 4
_NEEDS = {"certain": _BARE, "prints": _CODE, "takes": _QUOTE, "asks": _WHOLE, "places": _WHOLE}


@lru_cache(maxsize=4096)
def _flat_letter(letter: str) -> str:
    if letter in "йЙ":
        return "й"
    plain = unicodedata.normalize("NFD", letter)[0].lower()[:1] or letter
    return "σ" if plain == "ς" else plain


def _flat(text: str) -> str:
    """Lower case without accents, one character for one."""
    return "".join(map(_flat_letter, text))


def _either(phrases: Iterable[str]) -> str:
    escaped = [re.escape(_flat(p)).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for p in phrases]
    return "|".join(sorted(escaped, key=len, reverse=True)) or r"(?!)"


class _Cues(NamedTuple):
    """The compiled table of one language. Cues go with their kinds; the rest are patterns of whole words."""

    before: tuple[tuple[str, re.Pattern[str]], ...]
    after: tuple[tuple[str, re.Pattern[str]], ...]
    media: re.Pattern[str]
    fillers: re.Pattern[str]
    breaks: re.Pattern[str]
    joins: re.Pattern[str]
    behind: re.Pattern[str] | None
    subject: re.Pattern[str]
    loose: bool


@cache
def _cues(language: str) -> _Cues | None:
    table = outlets.lexicon().get(language)
    if not isinstance(table, dict):
        return None

    def cues(side: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
        edge = r"(?:(?<!\w)|(?=\W))"
        return tuple((kind, re.compile(rf"{edge}(?:{_either(told)})(?!\w)")) for kind, told in table[side].items())

    def words(kind: str) -> re.Pattern[str]:
        return re.compile(rf"(?:{_either(table.get(kind, ()))})$")

    return _Cues(
        before=cues("before"),
        after=cues("after"),
        media=words("media"),
        fillers=words("fillers"),
        breaks=words("breaks"),
        joins=words("joins"),
        behind=words("behind") if "behind" in table else None,
        subject=words("subject"),
        loose=bool(table.get("loose")),
    )


@cache
def _everywhere(kind: str) -> re.Pattern[str]:
    """The words of a kind in all languages: names travel."""
    tables = (table for table in outlets.lexicon().values() if isinstance(table, dict))
    listed = [word for table in tables for word in table.get(kind, ())]
    if kind == "never":
        listed += [
            form
            for one in (*names.lexicon()["country"], *names.lexicon()["institution"])
            for language in ("en", "ru", "el")
            for form in one[language]
            if " " not in form
        ]
    return re.compile(rf"(?:{_either(listed)})$")


@cache
def _platforms() -> re.Pattern[str]:
    return re.compile(rf"(?:{_either(outlets.lexicon()['platforms'])})$")


def seen_outlets(documents: Iterable[Document]) -> tuple[Outlet, ...]:
    """Return what the documents' own ``outlet`` fields name, as outlets: whom an input without declarations cites."""
    seen = dict.fromkeys(document.outlet for document in documents if document.outlet)
    return tuple(
        Outlet(id=name, name=name, domains=(), country="", language="und", kind="site", rights="selectors")
        for name in seen
    )


def citations(document: Document, declared: Sequence[Outlet]) -> list[Citation]:
    """Return whom the document names as its source, in the order of the text.

    ``outlet`` is the id of a declared outlet, else the printed name in Latin script. One citation for each naming.
    """
    cues = _cues((document.language or "und").split("-")[0])
    if cues is None:
        return []
    page = _Page(document, cues, outlets.of(tuple(declared)))
    cited = list(page.cited())
    if page.learn():  # a name that the page once calls a medium is one wherever it stands
        cited = list(page.cited())
    found: dict[tuple[int, str], Citation] = {}
    for start, end, outlet in cited:
        cue = document.text[start:end]
        identity = content_id("citation", document.id, start, end)
        found.setdefault(
            (end, outlet), Citation(id=identity, document=document.id, start=start, end=end, outlet=outlet, cue=cue)
        )
    return _outermost(list(found.values()))


def _outermost(found: list[Citation]) -> list[Citation]:
    """Keep one of citations of one outlet that overlap: that which begins first, then the longest."""
    kept: list[Citation] = []
    reached: dict[str, int] = {}
    for citation in sorted(found, key=lambda c: (c.start, -c.end)):
        if citation.start >= reached.get(citation.outlet, 0):
            kept.append(citation)
            reached[citation.outlet] = citation.end
    return kept


def _found(cues: Iterable[tuple[str, re.Pattern[str]]], flat: str) -> Iterator[tuple[str, re.Match[str]]]:
    for kind, pattern in cues:
        for cue in pattern.finditer(flat):
            yield kind, cue


class _Place(NamedTuple):
    """Where a name may stand: offsets with and without its quotation marks, and its words (without, where quoted)."""

    start: int
    end: int
    inner: tuple[int, int]
    words: tuple[tuple[int, int], ...]

    @property
    def quoted(self) -> bool:
        return self.inner[0] > self.start


class _Name(NamedTuple):
    """What a place holds: offsets, weight, the outlet, and whether the page calls it a medium right there."""

    start: int
    end: int
    weight: int
    outlet: str
    called: bool
    printed: str = ""


class _Page:
    """One document, read for cues."""

    def __init__(self, document: Document, cues: _Cues, known: outlets.Outlets) -> None:
        self.document, self.cues, self.known = document, cues, known
        self.language = (document.language or "und").split("-")[0]
        self.text = unmix(document.text)
        self.flat = _flat(self.text)
        self.before = [(kind, cue.span()) for kind, cue in _found(cues.before, self.flat)]
        self.after = [(kind, cue.span()) for kind, cue in _found(cues.after, self.flat)]
        self.places = _places(self.text, frozenset(end for _, (_, end) in self.before))
        self.starts = [place.start for place in self.places]
        self.ends = [place.end for place in self.places]
        self.people = _people(self.text)
        self.learnt = outlets.Names(())
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
        for kind, (start, end) in self.before:
            for name in self._behind(end, kind):
                yield start, name.end, name.outlet
        for kind, (start, end) in self.after:
            for name in self._ahead(start, kind):
                yield name.start, end, name.outlet
        yield from self._datelines()
        yield from self._headings()

    def learn(self) -> bool:
        """Keep the names that were weighed in full, for a second reading; tell whether there is anything to gain."""
        sure = {n.printed: n.outlet for n in self._weighed.values() if n.weight == _WHOLE and n.printed}
        self.learnt = outlets.Names(sure.items())
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
            alone = name.weight > _BARE or self.text[at - 1] != ":" or self.text[name.end :][:1] in ("", "\n", ".", ",")
            enough = name.weight >= (_NEEDS[kind] if near else _WHOLE) and alone
            if enough and (kind != "places" or (near and name.called)):
                yield name
                yield from self._joined(number, _NEEDS[kind], 1)
                return
            if not self._described(place.end):
                return

    def _ahead(self, at: int, kind: str) -> Iterator[_Name]:
        """Yield the outlets that a cue starting at ``at`` has for its subject."""
        last = bisect_right(self.ends, at) - 1
        for number in range(last, max(last - 3, -1), -1):
            near = self._verb_gap(self.ends[number], at)
            if near is None:
                continue
            name = self.name(number)
            if name.weight >= (_NEEDS[kind] if near else _WHOLE):
                yield name
                yield from self._joined(number, _WHOLE, -1)
                return

    def _joined(self, number: int, need: int, step: int) -> Iterator[_Name]:
        """Yield further names in a row with this one: "Reuters and AFP"."""
        while 0 <= number + step < len(self.places):
            one, two = sorted((number, number + step))
            if self.ends[one] > self.starts[two] or self.starts[two] - self.ends[one] > _GAP:
                return
            between = self.flat[self.ends[one] : self.starts[two]]
            words = _WORD.findall(between)
            joint = [word for word in words if self.cues.joins.match(word)]
            rest = [w for w in words if w not in joint and not self.cues.fillers.match(w)]
            marks = set(re.sub(r"[\w\s]", "", between))
            if rest or not (marks <= {",", "/"}) or not (joint or marks):
                return
            name = self.name(number + step)
            if name.weight < (max(need, _CODE) if joint else _WHOLE):
                return
            yield name
            number += step

    def _gap(self, start: int, end: int) -> bool | None:
        """Tell whether all words there describe a medium, or others stand there (False); None: another clause."""
        gap = self.flat[start:end]
        if len(gap) > _GAP or re.search(r"[\n.!?…;:,()«»“”\"]|\s[-–—]\s", gap):
            return None
        words = _WORD.findall(gap)
        if all(self.cues.fillers.match(word) or self.cues.media.match(word) for word in words):
            return True
        far = len(words) > _WORDS or any(self.cues.breaks.match(word) for word in words)
        return None if far else False

    def _verb_gap(self, start: int, end: int) -> bool | None:
        """As ``_gap``, between a name and its verb: an aside between commas may stand there."""
        gap = self.flat[start:end]
        if re.fullmatch(rf"\s*,[^.!?…;\n]{{2,{_ASIDE}}},\s*", gap):
            return False
        owned = re.fullmatch(r"['’]s((?:\s+[\w-]+){0,4})\s*", gap)
        return not owned.group(1) if owned else self._gap(start, end)

    def _described(self, at: int) -> bool:
        """Tell whether a name in capitals only describes the outlet: a word for one, or quotation marks, follow."""
        if self.text[at : at + 2] in (" «", " “", ' "'):
            return True
        word = _WORD.match(self.flat, at + 1)
        return word is not None and bool(self.cues.media.match(word.group()) or self.cues.fillers.match(word.group()))

    # ----------------------------------------------------------------------------------------------------- datelines

    def _datelines(self) -> Iterator[tuple[int, int, str]]:
        """Yield agencies in brackets or a dateline: "TARNOVA, Nov 9 (Reuters) -", "/TASS/", "9 ноя — РИА Новости"."""
        for number, place in enumerate(self.places if self.placed else ()):
            near = max(0, place.start - _GAP)
            head = self.text[near : place.start].rsplit("\n", 1)[-1]
            begin = place.start - len(head)
            opens = head.rstrip(" \u00a0")[-1:]
            dated = (begin == 0 or self.text[begin - 1] == "\n") and _is_dateline(head)
            if not opens or (opens not in "(/[" and not (dated and opens in "—–-.")):
                continue
            row = [self.name(number), *self._joined(number, _WHOLE, 1)]
            rest = self.text[row[-1].end : row[-1].end + 4].lstrip(" \u00a0")
            if opens in "(/[":
                closed = rest[:1] == {"(": ")", "/": "/", "[": "]"}[opens]
                need = _BARE if dated and rest[1:].lstrip(" \u00a0")[:1] in tuple("-–—.") else _WHOLE
            else:
                closed, need = rest[:1] in tuple("-–—."), _CODE
            for name in row if closed else ():
                if name.weight >= need:
                    yield (begin if dated else name.start), name.end, name.outlet

    def _headings(self) -> Iterator[tuple[int, int, str]]:
        """Yield media whose name and a colon open a paragraph: "Reuters: the pass is shut"."""
        for number, place in enumerate(self.places):
            if place.start and self.text[place.start - 1] != "\n":
                continue
            row = [self.name(number), *self._joined(number, _WHOLE, 1)]
            if self.text[row[-1].end : row[-1].end + 1] == ":":
                yield from ((place.start, name.end, name.outlet) for name in row if name.weight == _WHOLE)

    # --------------------------------------------------------------------------------------------------------- names

    def name(self, number: int) -> _Name:
        """Return what stands at a place, weighed."""
        if number not in self._weighed:
            self._weighed[number] = self._weigh(self.places[number], number)
        return self._weighed[number]

    def _weigh(self, place: _Place, number: int) -> _Name:
        start, end, found = self._known(place, number)
        printed = self.text[slice(*place.inner)] if place.quoted else self.text[start:end]
        called = self._called(place, start)
        words = [_flat(word) for word in _WORD.findall(printed)]
        marked = len(words) > 1 and bool(_everywhere("marks").match(words[-1]) or _everywhere("heads").match(words[0]))
        weight, learnt = self._weight(printed, words, place.quoted, found, called, marked)
        kind = not place.quoted and not found and all(self.cues.media.match(word) for word in words)  # ИА «Горизонт»
        if kind or any(_platforms().match(part) for word in words for part in word.split(".")):
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
            return _WHOLE, not found.whole
        code = len(words) == 1 and 2 <= len(printed) <= 6 and printed.isalpha() and printed.isupper()
        foreign = names.alphabet(printed) == "latin" and names.HOME["latin"] != self.language
        if not (marked or quoted) and (self._is_person(printed) or any(map(_everywhere("never").match, words))):
            return 0, False
        if (code or quoted) and any(_everywhere("never").match(word) for word in words):
            return 0, False
        if _DOMAIN.fullmatch(printed):
            return _WHOLE, False
        shown = quoted or code or foreign
        if marked or (called and (shown or not self.cues.loose)):
            return _WHOLE, True
        if found or quoted:
            return _QUOTE, False
        return (_CODE if shown or called else _BARE), False

    def _known(self, place: _Place, number: int) -> tuple[int, int, outlets.Found | None]:
        """Return the outlet that a place names, and where: the place may hold more words than its name has."""
        if place.quoted:
            return place.start, place.end, self._find(self.text[slice(*place.inner)], short=True)
        start, end = place.inner
        whole = self._find(self.text[start:end])
        for longer in self._longer(number):
            if (found := self._find(self.text[start:longer])) and found.whole and not (whole and whole.whole):
                return start, longer, found
        if whole and whole.whole:
            return start, end, whole
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
        if found and found.whole:
            return found
        learnt = self.learnt.find(printed)
        return outlets.Found(learnt.outlet, True) if learnt else found

    def _called(self, place: _Place, start: int) -> bool:
        """Tell whether a word for a medium stands right before a name, or right behind it."""
        at, words = start, 0
        while words < 4 and (before := _LAST.search(self.flat[max(0, at - 40) : at])):
            if self.cues.media.match(before.group(1)):
                return True
            subject = self.cues.subject.match(before.group(1)) and not place.quoted
            if subject or not self.cues.fillers.match(before.group(1)):
                break
            at, words = at - len(before.group()), words + 1
        after = _WORD.match(self.flat, place.end + 1)
        some = re.search(r"(?<!\w)(a|an)\s+$", self.flat[max(0, start - 4) : start])  # "a Tarnova newspaper": which?
        return bool(after and self.cues.behind and not some and self.cues.media.match(after.group()))

    def _is_own(self, printed: str) -> bool:
        found = self.own_names.find(printed, short=len(printed.split()) == 1)
        joined = "".join(re.findall(r"\w+", fold(printed).removeprefix("www.")))
        return bool(found or joined in self.hosts or joined.removeprefix("the") in self.hosts)

    def _is_person(self, printed: str) -> bool:
        words = printed.split()
        if len(words) > 1:
            return names.is_given(words[0]) or names.is_short(words[0])
        return bool(set(names.stems(printed)) & self.people)


def _places(text: str, cut: frozenset[int]) -> list[_Place]:
    """Return where names may stand: short quotations that begin with a capital, runs of capitals, domains.

    A run does not go on behind a first word that ends at one of ``cut``: there a cue has a capital.
    """
    places: list[_Place] = []
    done = at = 0
    while quoted := _QUOTED.search(text, at):
        inside = quoted.group(1)
        at = quoted.start() + 1  # what closes one quotation may be taken for the opening of the next
        named = (inside[0].isupper() or _DOMAIN.fullmatch(inside)) and inside[-1] not in _CLOSES
        if named and len(inside.split()) <= 5:
            spans = tuple((quoted.start(1) + m.start(), quoted.start(1) + m.end()) for m in _WORD.finditer(inside))
            places += [*_runs(text, done, quoted.start(), cut), _Place(*quoted.span(), quoted.span(1), spans)]
            done = at = quoted.end()
    return places + list(_runs(text, done, len(text), cut))


def _runs(text: str, start: int, end: int, cut: frozenset[int]) -> Iterator[_Place]:
    run: list[tuple[int, int]] = []
    for word in _WORD.finditer(text, start, end):
        printed = word.group()
        a, b = word.span()
        owner, domain = bool(_OWNER.search(printed)), bool(_DOMAIN.fullmatch(printed))
        named = printed[0].isupper() or domain or (bool(run) and printed.isdigit())
        apart = run and (text[run[-1][1] : a] not in (" ", "\u00a0") or domain or len(run) > 6)
        if run and (not named or apart or (len(run) == 1 and run[0][1] in cut)):
            yield _Place(run[0][0], run[-1][1], (run[0][0], run[-1][1]), tuple(run))
            run = []
        if named:
            run.append((a, b - 2 if owner else b))
    if run:
        yield _Place(run[0][0], run[-1][1], (run[0][0], run[-1][1]), tuple(run))


_FULL_NAME = re.compile(r"(?<!\w)([^\W\d_]{2,})[ \u00a0]([^\W\d_]{2,}(?:[-‐‑][^\W\d_]+)?)(?!\w)")


def _people(text: str) -> frozenset[str]:
    """Return the stems of surnames that the text prints with a given name."""
    return frozenset(
        stem
        for given, surname in _FULL_NAME.findall(text)
        if given[0].isupper() and surname[0].isupper() and names.is_given(given)
        for stem in names.stems(surname)
    )


_CITY = re.compile(r"(?:[^\W\d_]+[ \u00a0-]?){1,3}")


def _is_dateline(head: str) -> bool:
    """Tell whether the start of a paragraph may be a dateline: a place, in capitals or with a date behind it."""
    city = _CITY.match(head)
    return city is not None and head[0].isupper() and (city.group().strip().isupper() or bool(re.search(r"\d", head)))
