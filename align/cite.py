"""From whom a page says it took the words: provenance cues in the text -> Citations. Pure; cues are lexica/cite.toml.

A citation is a cue beside the name of a medium: a declared outlet, by any of its names in any script, or a name that
the page itself marks as a medium (quotation marks after "передаёт", "the ... agency", a known agency). An outlet does
not cite itself: its own dateline, footer and "source" line are no citations.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from align import names
from align.records import Citation
from ingest.fold import fold, unmix
from ingest.ids import content_id
from ingest.records import Document, Outlet

_REACH = 6  # words between a cue and the outlet
_LONGEST = 80  # characters of an outlet's name
_WORD = re.compile(r"[^\W_]+(?:[-.&'’][^\W_]+)*")
_OPEN = '«“„"‘'
_KINDS = ("certain", "takes", "asks", "gives")
_DOMAIN = re.compile(r"(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.I)


@cache
def _lexicon() -> dict[str, Any]:
    return tomllib.loads(resources.files("align").joinpath("lexica/cite.toml").read_text("utf-8"))


@lru_cache(maxsize=4096)
def _flat_letter(letter: str) -> str:
    if letter in "йЙ":
        return "й"
    plain = unicodedata.normalize("NFD", letter)[0].lower()[:1] or letter
    return "σ" if plain == "ς" else plain


def _flat(text: str) -> str:
    """Lower case without accents, one character for one."""
    return "".join(map(_flat_letter, text))


def _either(phrases: Sequence[str]) -> str:
    escaped = [re.escape(_flat(p)).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for p in phrases]
    return "|".join(sorted(escaped, key=len, reverse=True))


@dataclass(frozen=True)
class _Cues:
    """The compiled cues of one language."""

    certain: re.Pattern[str]
    takes: re.Pattern[str]
    asks: re.Pattern[str]
    gives: re.Pattern[str]
    media: re.Pattern[str]
    fillers: frozenset[str]
    marks: frozenset[str]


@cache
def _cues(language: str) -> _Cues | None:
    table = _lexicon().get(language)
    if not isinstance(table, dict):
        return None
    compiled = {k: re.compile(rf"(?<!\w)(?:{_either(table[k])})(?!\w)") for k in _KINDS}
    media = re.compile(rf"(?:{_either(table['media'])})$")
    fillers = frozenset(map(_flat, table["fillers"]))
    marks = frozenset(_flat(w) for t in _lexicon().values() if isinstance(t, dict) for w in t["marks"])
    return _Cues(**compiled, media=media, fillers=fillers, marks=marks)


@dataclass(frozen=True)
class _Named:
    """A name beside a cue: offsets, and whether the page calls it a medium."""

    start: int
    end: int
    text: str
    quoted: bool
    medium: bool


class Outlets:
    """Declared outlets, found by the sounds of their names in any script; known agencies, found by their spellings."""

    def __init__(self, outlets: Sequence[Outlet]) -> None:
        self._declared: dict[str, list[tuple[list[str], bool, str]]] = {}
        self._known: dict[str, list[tuple[list[str], str]]] = {}
        self._domains = {domain.removeprefix("www."): o.id for o in outlets for domain in o.domains}
        for outlet in outlets:
            for name in (outlet.name, *outlet.names):
                core = self._core(name)
                for key in names.keys(core[0]) if core else ():
                    self._declared.setdefault(key, []).append((core, len(core) == len(_parts(name)), outlet.id))
        for line in _lexicon()["known"]:
            spellings = [part.strip() for part in line.split("|")]
            declared = next((d[0] for s in spellings if (d := self.find(s)) and d[1]), None)
            for words in map(_parts, spellings):
                for stem in names.stems(words[0]):
                    self._known.setdefault(stem, []).append((words, declared or spellings[0]))

    @staticmethod
    def _core(name: str) -> list[str]:
        words = _parts(name)
        return [w for w in words if fold(w) not in _generic()] or words

    def find(self, name: str) -> tuple[str, bool] | None:
        """Return the outlet that a printed name or domain names, and whether in full (not by its rarest word alone)."""
        domain = name.lower().removeprefix("www.").rstrip("/")
        if domain in self._domains:
            return self._domains[domain], True
        words = _parts(name)
        if not words or len(words) > 8:
            return None
        return self._find_declared(words, self._core(name)) or self._find_known(words)

    def _find_declared(self, words: list[str], core: list[str]) -> tuple[str, bool] | None:
        best: tuple[float, bool, str] | None = None
        for key in names.keys(core[0]):
            for theirs, whole, outlet in self._declared.get(key, ())[:32]:
                score = self._fit(core, theirs)
                if score >= names.SAME and (best is None or score > best[0]):
                    best = (score, whole or len(words) > len(core), outlet)
        return (best[2], best[1]) if best else None

    def _find_known(self, words: list[str]) -> tuple[str, bool] | None:
        for stem in names.stems(words[0]):
            for theirs, outlet in self._known.get(stem, ()):
                if len(theirs) == len(words) and all(_same_word(a, b) for a, b in zip(words, theirs, strict=True)):
                    return outlet, True
        return None

    @staticmethod
    def _fit(ours: list[str], theirs: list[str]) -> float:
        if len(ours) != len(theirs):
            return 0.0
        if any(len(w) <= 3 for w in (*ours, *theirs)) and names.alphabet(ours[0]) == names.alphabet(theirs[0]):
            return float([fold(w) for w in ours] == [fold(w) for w in theirs])
        return min(names.word_score(a, b) for a, b in zip(ours, theirs, strict=True))


def _parts(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", unmix(name))


def _same_word(printed: str, known: str) -> bool:
    """Compare with a known agency's word: short ones letter for letter, longer ones in any case ending."""
    if len(known) <= 4:
        cased = (printed.isupper() or printed.istitle()) and len(known) > 2
        return printed == known or (cased and fold(printed) == fold(known))
    return bool(set(names.stems(printed)) & set(names.stems(known)))


@cache
def _generic() -> frozenset[str]:
    """Words that many outlets share: alone they name none."""
    marks = [m for table in _lexicon().values() if isinstance(table, dict) for m in table["marks"]]
    return frozenset(fold(w) for w in (*names.lexicon()["organisations"]["words"], *marks, "the"))


@cache
def _outlets(outlets: tuple[Outlet, ...]) -> Outlets:
    return Outlets(outlets)


def seen_outlets(documents: Iterable[Document]) -> tuple[Outlet, ...]:
    """Return what the documents' own ``outlet`` fields name, as outlets: whom an input without declarations cites."""
    seen = dict.fromkeys(document.outlet for document in documents if document.outlet)
    return tuple(
        Outlet(id=name, name=name, domains=(), country="", language="und", kind="site", rights="selectors")
        for name in seen
    )


def citations(document: Document, outlets: Sequence[Outlet]) -> list[Citation]:
    """Return whom the document names as its source, in the order of the text.

    ``outlet`` is the id of a declared outlet, else the printed name in Latin script. One citation for each naming.
    """
    cues = _cues((document.language or "und").split("-")[0])
    if cues is None:
        return []
    known = _index(outlets)
    page = _Page(document, cues, known)
    found: dict[tuple[int, str], Citation] = {}
    for start, end, outlet in page.cited():
        cue = document.text[start:end]
        identity = content_id("citation", document.id, start, end)
        found.setdefault(
            (end, outlet), Citation(id=identity, document=document.id, start=start, end=end, outlet=outlet, cue=cue)
        )
    return sorted(_outermost(list(found.values())), key=lambda c: c.start)


def _index(outlets: Sequence[Outlet]) -> Outlets:
    try:
        return _outlets(tuple(outlets))
    except TypeError:  # an outlet that cannot be hashed
        return Outlets(outlets)


def _outermost(found: list[Citation]) -> list[Citation]:
    """Keep one of citations of one outlet that overlap: the longest."""
    kept: list[Citation] = []
    for citation in sorted(found, key=lambda c: c.start - c.end):
        near = (k for k in kept if k.outlet == citation.outlet)
        if not any(k.start < citation.end and citation.start < k.end for k in near):
            kept.append(citation)
    return kept


class _Page:
    """One document, read for cues."""

    def __init__(self, document: Document, cues: _Cues, known: Outlets) -> None:
        self.document, self.cues, self.known = document, cues, known
        self.text = unmix(document.text)
        self.flat = _flat(self.text)
        found = known.find(document.outlet) if document.outlet else None
        self.own = {fold(v) for v in (document.outlet, found[0] if found else None) if v}
        self.address = f"{document.url or ''} {document.outlet or ''}".lower()
        self.own |= set(re.findall(r"[a-z0-9-]+(?=\.)", self.address))

    def cited(self) -> Iterator[tuple[int, int, str]]:
        """Yield the span of each cue with its outlet's name, and the outlet."""
        for pattern, sure in ((self.cues.certain, 2), (self.cues.takes, 1), (self.cues.asks, 0)):
            for cue in pattern.finditer(self.flat):
                named = self._right(cue.end())
                if named and (outlet := self._outlet(named, sure)):
                    yield cue.start(), named.end, outlet
        for cue in self.cues.gives.finditer(self.flat):
            named = self._left(cue.start())
            if named and (outlet := self._outlet(named, 0)):
                yield named.start, cue.end(), outlet

    def _outlet(self, named: _Named, sure: int) -> str | None:
        """Return the outlet named, None when the name may be anybody's; ``sure`` is what the cue says: 0, 1 or 2."""
        found = self.known.find(named.text)
        if found is not None and (found[1] or sure or named.medium or named.quoted):
            outlet = found[0]
        elif named.medium or self._marked(named) or self._shown(named, sure):
            outlet = names.latin(named.text, (self.document.language or "und").split("-")[0])
        else:
            return None
        if fold(outlet) in self.own or (_DOMAIN.fullmatch(named.text) and named.text.lower() in self.address):
            return None
        return outlet

    def _marked(self, named: _Named) -> bool:
        words = [_flat(w) for w in _WORD.findall(named.text)]
        return len(words) > 1 and (words[-1] in self.cues.marks or words[0] in self.cues.marks)

    def _shown(self, named: _Named, sure: int) -> bool:
        """Tell whether the cue is sure enough for a name that nothing else calls a medium."""
        if sure and (named.quoted or self._code(named)):
            return True
        words = _WORD.findall(named.text)
        return sure > 1 and not (len(words) > 1 and names.is_given(words[0]))

    @staticmethod
    def _code(named: _Named) -> bool:
        acronym = 2 <= len(named.text) <= 6 and named.text.isalpha() and named.text.isupper()
        return acronym or bool(_DOMAIN.fullmatch(named.text))

    def _right(self, at: int) -> _Named | None:
        medium = False
        for _ in range(_REACH):
            gap = re.compile(r"[ \u00a0]*").match(self.text, at)
            at = gap.end() if gap else at
            if self.text[at : at + 1] and self.text[at] in _OPEN:
                return self._quoted(at, medium)
            word = _WORD.match(self.text, at)
            if word is None:
                return None
            flat = self.flat[word.start() : word.end()]
            called = bool(self.cues.media.match(flat))
            plain = word.group()[0].isupper() and not called and flat not in self.cues.fillers
            if plain or _DOMAIN.fullmatch(word.group()):
                named = self._run(at, medium)
                if self.known.find(named.text) is not None or not self._described(named.end):
                    return named
                at = named.end
                continue
            if word.group()[0].isupper() and self.known.find(run := self._run(at, medium).text) is not None and run:
                return self._run(at, medium)
            if not (called or flat in self.cues.fillers or self._adjective(flat)):
                return None
            medium, at = medium or called, word.end()
        return None

    def _described(self, at: int) -> bool:
        """Tell whether a run of capitals only describes the outlet: a word for a medium follows."""
        word = _WORD.match(self.flat, at + 1)
        return word is not None and bool(self.cues.media.match(word.group()) or word.group() in self.cues.fillers)

    @staticmethod
    def _adjective(flat: str) -> bool:
        return bool(re.search(r"(ск(ий|ого|ому|им|ом|ая|ой|ую|ое)|ικ(ο|η|ου|ησ|οσ)|n|ish)$", flat)) and len(flat) > 4

    def _quoted(self, at: int, medium: bool) -> _Named | None:
        closing = re.compile(r"[»”\"’]").search(self.text, at + 1, at + _LONGEST)
        if closing is None or "\n" in self.text[at : closing.start()]:
            return None
        inside = self.text[at + 1 : closing.start()]
        short = len(inside.split()) <= 5 and inside[:1].isupper() and not inside.endswith((".", ",", "!", "?"))
        return _Named(at, closing.end(), inside, True, medium) if short else None

    def _run(self, at: int, medium: bool) -> _Named:
        end, text = at, self.text
        while word := _WORD.match(text, end if end == at else end + 1):
            if end != at and (text[end] not in " \u00a0" or not (word.group()[0].isupper() or word.group().isdigit())):
                break
            end = word.end()
            if end - at > _LONGEST:
                break
        tail = re.compile(r"[ ]?[«\"“]([^»\"”\n]{2,40})[»\"”]").match(text, end)
        if tail and tail.group(1)[:1].isupper():
            end = tail.end()
        return self._shorten(at, end, medium)

    def _shorten(self, at: int, end: int, medium: bool) -> _Named:
        """Cut a run of capitals to the longest beginning that is a known outlet, else keep it."""
        whole = self.text[at:end]
        parts = [m.end() for m in _WORD.finditer(whole)]
        for stop in [len(whole), *reversed(parts)]:
            if self.known.find(whole[:stop]) is not None:
                return _Named(at, at + stop, whole[:stop], False, medium)
        return _Named(at, end, whole, False, medium)

    def _left(self, at: int) -> _Named | None:
        before = self.text[max(0, at - _LONGEST) : at].rsplit("\n", 1)[-1]
        medium = False
        while match := re.search(r"([^\W\d_]+)[ \u00a0,]+$", before):
            if not (self.cues.media.match(_flat(match.group(1))) and match.group(1).islower()):
                break
            medium, before = True, before[: match.start()] + " "
        quoted = re.search(r"[«“\"]([^«»“”\"\n]{2,60})[»”\"][ \u00a0,]*$", before)
        base = at - len(self.text[max(0, at - _LONGEST) : at].rsplit("\n", 1)[-1])
        if quoted:
            return _Named(base + quoted.start(), base + quoted.end(), quoted.group(1), True, medium)
        run = re.search(r"((?:[^\W\d_a-zа-яα-ω][\w.&-]*[ \u00a0]?)+)$", before.rstrip(" \u00a0"))
        if run is None:
            return None
        words, start = run.group(1), base + run.start()
        for cut in (0, *(m.end() for m in re.finditer(r"[ \u00a0]", words))):
            if self.known.find(words[cut:]) is not None:
                return _Named(start + cut, start + len(words), words[cut:], False, medium)
        return _Named(start, start + len(words), words, False, medium)
