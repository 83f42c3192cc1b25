"""Mentions of one document to Links: which of them say one statement over again, so that the page counts once.

A headline, the lead under it, the quotation in the body and a pull quote are one version. Words decide, not vectors:
two sentences of an interview are near in meaning and different statements, but they seldom have the same telling words.
A telling word is one that is no function word, no name (a name says what it is about, not what is claimed) and not
printed all over the page. What stands in another language is not decided here.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

from msgspec import Struct

from align import compare
from align.compare import Side
from align.compare.concepts import stemmer
from align.compare.quantities import quantities
from align.encode import normalise_mention
from align.records import Evidence, Link, Mention
from ingest import fold, ids
from ingest.records import Document

_STEM = 5  # letters of a stem that are compared: "предложения" and "предложить" are one word, "предел" is not
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_INSIDE = re.compile(r"(?<=[^\W\d_,] )[^\W\d_]+")  # a word inside a sentence
_SENTENCE = re.compile(r"[.!?…](?=\s)|\n")

# The least share of the shorter text's words that the other has too, by where the two stand. Chosen on labelled
# mentions, 2026-11-25 (`make quality`). On the same person's mentions on different pages, where only chance joins two
# statements, these join 127 pairs of one utterance and, of 4,078 pairs of two, 8 (4 the same words said again).
_LED = 0.4  # one is the headline or in the lead, the other is further down
_RETOLD = 0.4  # neighbours, one in the speaker's words and one in the page's
_ELSEWHERE = 0.6  # a pull quote, a summary
_UNNAMED = 0.8  # nobody is named for one of them
_TITLED = 0.6  # share of the title's words that a mention has which the title repeats
_TELLING = 2  # least number of telling words in common, where a repetition is likely
_ANY = 3  # least number of words in common, names among them, anywhere
_LITERAL = 5  # least number of words that are printed in one piece, whatever they are
_COMMON = 8  # mentions of one page: a word in more of them tells nothing (and is not looked up)
_REFUSED = frozenset({"number", "name", "negation"})  # what makes words that are the same another statement


class _Read(Struct, frozen=True, kw_only=True):
    """A mention as it is compared: its words by stem, those that tell something, and where it stands."""

    mention: Mention
    language: str
    words: dict[str, str]  # stem -> as printed
    telling: frozenset[str]
    line: str  # all words, folded
    numbers: frozenset[float]
    headline: bool
    titled: bool  # the document's title says it too
    lead: bool
    again: bool
    place: int  # among the mentions of the page


def fullest(group: Sequence[Mention]) -> Mention:
    """Return the version that says most: direct before reported words, then the longest; the first of equals."""
    return max(group, key=fullness)


def fullness(mention: Mention) -> tuple[bool, int]:
    """Return what versions are ordered by: direct before reported words, then the number of words."""
    return mention.kind != "indirect", len(normalise_mention(mention.text).split())


def repeats(mentions: Iterable[Mention], documents: Mapping[str, Document]) -> Iterator[Link]:
    """Yield a link from the fullest mention of a statement to each other mention of it in the same document.

    A mention repeats at most one other, and none that is itself a repetition; the order of ``mentions`` does not
    matter. A mention of one person never repeats another person's; one whose speaker is unresolved may repeat anyone's.
    """
    of: dict[str, list[Mention]] = {}
    for mention in mentions:
        of.setdefault(mention.document, []).append(mention)
    for name in sorted(of):
        if len(of[name]) > 1:
            yield from _within(of[name], documents[name])


def _within(mentions: Sequence[Mention], document: Document) -> Iterator[Link]:
    """Go through the mentions from the fullest on: each follows the one that it repeats best, or stands by itself."""
    read = sorted(_read(mentions, document), key=lambda one: (*(-int(n) for n in fullness(one.mention)), one.place))
    candidates = _candidates(read)
    heads: dict[int, str | None] = {}  # those that stand by themselves, and whose they are
    for index, one in enumerate(read):
        person = one.mention.person
        links = [
            (link.score, head, link)
            for head in candidates[index] & heads.keys()
            if (not person or heads[head] in {None, person}) and (link := _link(read[head], one))
        ]
        if links:
            _, head, link = max(links, key=lambda found: (found[0], -found[1]))
            heads[head] = heads[head] or person
            yield link
        else:
            heads[index] = person


def _candidates(read: Sequence[_Read]) -> list[set[int]]:
    """Return for each mention those that share words with it: never all with all."""
    having: dict[str, list[int]] = {}
    for index, one in enumerate(read):
        for stem in one.words:
            having.setdefault(stem, []).append(index)
    shared = Counter(pair for found in having.values() if len(found) <= _COMMON for pair in combinations(found, 2))
    near: list[set[int]] = [set() for _ in read]
    for (left, right), number in shared.items():
        if number >= _TELLING:
            near[left].add(right)
            near[right].add(left)
    return near


def _link(full: _Read, other: _Read) -> Link | None:
    """Return a link when ``other`` says what ``full`` says."""
    one, two = full.mention, other.mention
    if full.language != other.language or (one.start < two.end and two.start < one.end):
        return None  # the second: a quotation inside a quotation
    if (full.again or other.again) and not (full.headline or other.headline):
        return None
    shared = full.words.keys() & other.words.keys()
    telling = len(shared & full.telling & other.telling)
    length = min(len(full.words), len(other.words))
    least, why = _least(full, other)
    few = telling >= _TELLING and least < _ELSEWHERE
    many = len(shared) >= _ANY and (telling or len(shared) >= _UNNAMED * length)
    if not (few or many or _printed_in(full, other)) or len(shared) < least * length:
        return None
    if not (other.numbers <= full.numbers or full.numbers <= other.numbers):
        return None
    compared = compare.compare(
        Side(text=one.text, language=full.language, person=one.person),
        Side(text=two.text, language=other.language, person=two.person),
    )
    if compared.distortion in _REFUSED and not (compared.distortion == "name" and least < _ELSEWHERE):
        return None
    ours, theirs = (", ".join(read.words[stem] for stem in sorted(shared)) for read in (full, other))
    says = f"{len(shared)} of the {length} words of the shorter are in both; {why}"
    share = round(len(shared) / length, 4)
    return Link(
        id=ids.content_id("link", one.id, two.id, "machine"),
        left=one.id,
        right=two.id,
        relation=compared.relation or "paraphrase",
        translated=False,
        distortion=compared.distortion,
        score=share,
        evidence=(Evidence(check="repetition", left=ours, right=theirs, says=says, score=share), *compared.evidence),
    )


def _printed_in(full: _Read, other: _Read) -> bool:
    """Tell whether one text, of some length, stands in the other word for word."""
    short, long = sorted((full.line, other.line), key=len)
    return short in long and short.count(" ") > _LITERAL


def _least(full: _Read, other: _Read) -> tuple[float, str]:
    """Return the least share of common words, and what makes it that."""
    if not (full.mention.person and other.mention.person):
        return _UNNAMED, "nobody is named for one of them"
    if full.headline or other.headline:
        return _LED, "one is the headline"
    if full.titled or other.titled:
        return _LED, "the title says it too"
    if full.lead != other.lead:
        return _LED, "one is the lead"
    if full.mention.kind != other.mention.kind and abs(full.place - other.place) == 1:
        return _RETOLD, "a report beside its quotation"
    return _ELSEWHERE, "elsewhere on the page"


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "lexica" / "repeat.toml").read_text(encoding="utf-8"))


@cache
def _empty(language: str) -> frozenset[str]:
    return frozenset(map(fold.fold, _tables().get(language, {}).get("empty", ())))


@cache
def _again(language: str) -> re.Pattern[str]:
    words = "|".join(map(re.escape, map(fold.fold, _tables().get(language, {}).get("again", ()))))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)" if words else r"(?!)")


@lru_cache(maxsize=100_000)
def _stem(word: str, language: str) -> str:
    """Return the beginning of a word's stem; a number as it is."""
    if word[0].isdigit():
        return word
    return fold.fold(stemmer(language)(word.lower()))[:_STEM]


def _stems(text: str, language: str) -> dict[str, str]:
    """Return the words of a text that are no function words, by stem, as printed."""
    empty = _empty(language)
    found: dict[str, str] = {}
    for word in _WORD.findall(fold.unmix(text)):
        if word[0].isdigit() or (word.isupper() and len(word) > 1) or (len(word) > 3 and fold.fold(word) not in empty):
            found.setdefault(_stem(word, language), word)
    return found


def _read(mentions: Sequence[Mention], document: Document) -> list[_Read]:
    """Read the mentions of a document in order of place."""
    ordered = sorted(mentions, key=lambda mention: (mention.start, mention.end, mention.id))
    home = document.language or "und"
    words = [_stems(mention.text, mention.language or home) for mention in ordered]
    having = Counter(stem for stems in words for stem in stems)
    empty = _names(document.text, home) | {stem for stem, number in having.items() if number > _COMMON}
    title = _stems(document.title or "", home).keys()
    lead = _end_of_lead(ordered, document.text)
    return [
        _Read(
            mention=mention,
            language=mention.language or home,
            words=stems,
            telling=frozenset(stems.keys() - empty),
            line=f" {' '.join(_WORD.findall(fold.fold(mention.text)))} ",
            numbers=frozenset(one.value for one in quantities(mention.text, mention.language or home)),
            headline=mention.form == "headline",
            titled=len(title & stems.keys()) >= max(_TELLING, _TITLED * len(title)),
            lead=mention.start < lead and mention.kind != "direct",  # the first answer is no summary
            again=bool(_again(mention.language or home).search(fold.fold(_around(mention, document.text)))),
            place=place,
        )
        for place, (mention, stems) in enumerate(zip(ordered, words, strict=True))
    ]


def _names(text: str, language: str) -> set[str]:
    """Return the stems of words with a capital inside a sentence; words in capitals only are a headline's manner."""
    inside = (word for word in _INSIDE.findall(text) if word[0].isupper())
    return {_stem(word, language) for word in inside if not (word.isupper() and len(word) > 5)}


def _end_of_lead(ordered: Sequence[Mention], text: str) -> int:
    """Return the end of the first paragraph that reports something under the headline; 0 when it is the last one."""
    first = next((mention.start for mention in ordered if mention.form != "headline"), 0)
    return max(0, text.find("\n", first))


def _around(mention: Mention, text: str, width: int = 200) -> str:
    """Return the rest of the sentence that a mention stands in."""
    before = _SENTENCE.split(text[max(0, mention.start - width) : mention.start])[-1]
    after = _SENTENCE.split(text[mention.end : mention.end + width])[0]
    return f"{before} {after}"
