"""Documents to documents, copies marked with the document they copy. Nothing is deleted, nothing is chained.

Candidates come from MinHash over pairs of words (rensa): documents that share a band. Each is then compared for real
with the one document that it would be a copy of. Linear in the number of documents: a document is compared with at
most ``_CANDIDATES`` others, and only documents that are no copies themselves can be copied. What is known of earlier
documents are their fingerprints; a corpus keeps them, so that a run holds no more than the documents it compares.

A copy is the same text with edits, not the same page around another text: paragraphs that one outlet prints on many
pages do not count, most of the shorter text must find its paragraphs again in the other, and where numbers make up
the text (rates, results), the numbers must agree.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Protocol

from msgspec import structs

from ingest.fold import fold

if TYPE_CHECKING:
    from ingest.records import Document

_BANDS = 42
_ROWS = 3  # texts that share 0.45 of their pairs of words meet with .98, a twentieth with .005
_CANDIDATES = 24
_CROWD = 64  # of the documents in one band the last are looked at: a page that a site varies a thousand times
_SEED = 1
_SHORTEST = 12  # words: below this only the same words are a copy
_RUN = 3  # words that a shingle holds when texts are compared for real
_SHARED = 0.40  # of the shorter text's shingles stand in the other: an edited word breaks three of them
_LENGTHS = 0.45  # shorter to longer
_PARAGRAPH = 0.22  # of a paragraph's shingles must be found again for it to be the same paragraph
_STRANGE = 0.30  # of the shorter text's words may stand in paragraphs that are not found again
_TEMPLATE_PAGES = 3  # pages of one outlet that print the same paragraph in different texts
_NUMBERS = 6  # numbers from which a text is also compared by them
_SAME_NUMBERS = 0.6
_WORDS = 6_000  # of a document are compared: what comes after changes no answer and costs time

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")
_PARAGRAPHS = re.compile(r"\n\s*\n")

Shingles = frozenset[int]


class Copy(NamedTuple):
    """A document, what it is a copy of, and the evidence: shares (0 to 1) of shingles and of numbers in common.

    ``exact``: the same words in the same order. ``contained`` is measured on the shorter text, ``overlap`` on both.
    """

    document: str
    original: str
    exact: bool
    overlap: float
    contained: float


class Fingerprint(NamedTuple):
    """What is kept of a document: numbers of 64 bits that are the same in every process.

    ``bands``: two texts that share one are compared. ``paragraphs``: one for each, of its outlet. ``page``: of the
    title, which versions of a page share.
    """

    bands: tuple[int, ...]
    paragraphs: tuple[int, ...]
    page: int


class Known(Protocol):
    """The fingerprints of the documents so far."""

    def note(self, fingerprint: Fingerprint) -> None:
        """Remember on which page the paragraphs stand: of any document."""

    def offer(self, document: Document, fingerprint: Fingerprint) -> None:
        """Remember a document that is no copy, for others to be compared with."""

    def near(self, bands: Sequence[int], crowd: int) -> Iterable[tuple[int, int]]:
        """Return (number of a document, how many bands it shares): of each band the last ``crowd`` to come."""

    def document(self, number: int) -> Document:
        """Return a document that was offered. Numbers rise in the order of offering."""

    def templates(self, paragraphs: Sequence[int], pages: int) -> set[int]:
        """Return those of the paragraphs that stand on at least so many pages."""


class Index:
    """``Known`` in memory."""

    def __init__(self) -> None:
        self._documents: list[Document] = []
        self._bands: defaultdict[int, list[int]] = defaultdict(list)
        self._pages: defaultdict[int, set[int]] = defaultdict(set)

    def note(self, fingerprint: Fingerprint) -> None:
        """Remember the page of the paragraphs."""
        for paragraph in fingerprint.paragraphs:
            self._pages[paragraph].add(fingerprint.page)

    def offer(self, document: Document, fingerprint: Fingerprint) -> None:
        """Remember a document."""
        for band in fingerprint.bands:
            self._bands[band].append(len(self._documents))
        self._documents.append(document)

    def near(self, bands: Sequence[int], crowd: int) -> Iterable[tuple[int, int]]:
        """Return the documents that share bands, with how many."""
        return Counter(number for band in bands for number in self._bands.get(band, ())[-crowd:]).items()

    def document(self, number: int) -> Document:
        """Return a document."""
        return self._documents[number]

    def templates(self, paragraphs: Sequence[int], pages: int) -> set[int]:
        """Return the paragraphs that stand on many pages."""
        return {paragraph for paragraph in paragraphs if len(self._pages.get(paragraph, ())) >= pages}


class _Text:
    """The words of a document as they are compared."""

    def __init__(self, document: Document) -> None:
        self.paragraphs: list[list[str]] = []
        left = _WORDS
        for paragraph in _PARAGRAPHS.split(document.text):
            words = _WORD.findall(fold(paragraph[: 20 * left + 20]))[:left]
            left -= len(words)
            if words:
                self.paragraphs.append(words)
            if left <= 0:
                break
        self.words = [word for paragraph in self.paragraphs for word in paragraph]
        self.keys = [_key(document.outlet or "", *paragraph) for paragraph in self.paragraphs]

    def templates(self, known: Known) -> set[tuple[str, ...]]:
        """Return the paragraphs that this text's outlet prints on many different pages."""
        keys = known.templates(self.keys, _TEMPLATE_PAGES)
        return {tuple(words) for words, key in zip(self.paragraphs, self.keys, strict=True) if key in keys}

    def without(self, template: set[tuple[str, ...]]) -> list[list[str]]:
        """Return the paragraphs that are no template; all of them when nothing else is left."""
        kept = [words for words in self.paragraphs if tuple(words) not in template]
        return kept if sum(map(len, kept)) >= _SHORTEST else self.paragraphs


def _key(*words: str) -> int:
    digest = blake2b("\x1f".join(words).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def fingerprint_of(document: Document) -> Fingerprint:
    """Return what is kept of a document for finding its copies."""
    return _fingerprint(document, _Text(document))


def _fingerprint(document: Document, text: _Text) -> Fingerprint:
    from rensa import RMinHash

    bands = [_key("same", *text.words)]
    if len(text.words) >= _SHORTEST:
        sketch = RMinHash(num_perm=_BANDS * _ROWS, seed=_SEED)
        sketch.update([f"{left} {right}" for left, right in pairwise(text.words)])
        rows = sketch.digest()
        bands += [_key(str(at), *map(str, rows[at : at + _ROWS])) for at in range(0, len(rows), _ROWS)]
    page = _key(fold(document.title)) if document.title else bands[0]
    return Fingerprint(tuple(bands), tuple(dict.fromkeys(text.keys)), page)


def _shingles(words: Sequence[str]) -> Shingles:
    size = min(_RUN, len(words))
    return (
        frozenset(hash(tuple(words[at : at + size])) for at in range(len(words) - size + 1)) if words else frozenset()
    )


def compare(left: list[list[str]], right: list[list[str]]) -> tuple[float, float] | None:
    """Return (overlap, contained) when one text, given as paragraphs of words, is a copy of the other; else None."""
    shorter, longer = sorted((left, right), key=lambda paragraphs: sum(map(len, paragraphs)))
    words = sum(map(len, shorter))
    if not words or words < _LENGTHS * sum(map(len, longer)):
        return None
    few, many = (_shingles([word for paragraph in side for word in paragraph]) for side in (shorter, longer))
    shared = len(few & many)
    contained, overlap = shared / len(few), shared / (len(few) + len(many) - shared)
    if contained < _SHARED or _strange(shorter, many) > _STRANGE * words or not _numbers_agree(shorter, longer):
        return None
    return round(overlap, 4), round(contained, 4)


def _strange(paragraphs: list[list[str]], other: Shingles) -> int:
    """Count the words in paragraphs that are not found again in the other text."""
    strange = 0
    for paragraph in paragraphs:
        own = _shingles(paragraph)
        if len(own & other) < _PARAGRAPH * len(own):
            strange += len(paragraph)
    return strange


def _numbers_agree(left: list[list[str]], right: list[list[str]]) -> bool:
    """Whether texts with many numbers have the same ones. Of a shortened text only its own must be found again."""
    few, many = sorted((_numbers(left), _numbers(right)), key=lambda numbers: numbers.total())
    if few.total() < _NUMBERS:
        return True
    return (few & many).total() >= _SAME_NUMBERS * few.total()


def _numbers(paragraphs: list[list[str]]) -> Counter[str]:
    return Counter(word for paragraph in paragraphs for word in paragraph if _NUMBER.search(word))


def copies(documents: Iterable[Document], known: Known | None = None) -> Iterator[Copy]:
    """Yield the copies among documents, in the order of time, with the evidence; ``known`` takes all of them in.

    All are looked at for the paragraphs of templates before the first is compared.
    """
    known = Index() if known is None else known
    read = [(document, _Text(document)) for document in sorted(documents, key=_earliest)]
    fingerprints = [_fingerprint(document, text) for document, text in read]
    for fingerprint in fingerprints:
        known.note(fingerprint)
    for (document, text), fingerprint in zip(read, fingerprints, strict=True):
        found = _original(document.id, text, fingerprint, known)
        if found is None:
            known.offer(document, fingerprint)
        else:
            yield found


def _original(document: str, text: _Text, fingerprint: Fingerprint, known: Known) -> Copy | None:
    """Return what this document is a copy of, if it is one."""
    met = sorted(known.near(fingerprint.bands, _CROWD), key=lambda pair: (-pair[1], pair[0]))[:_CANDIDATES]
    template = text.templates(known) if met else set()
    for number in sorted(number for number, _ in met):
        original = known.document(number)
        other = _Text(original)
        if other.words == text.words:
            if text.words:
                return Copy(document, original.id, exact=True, overlap=1.0, contained=1.0)
        elif min(len(text.words), len(other.words)) >= _SHORTEST and (
            found := compare(text.without(template), other.without(template | other.templates(known)))
        ):
            return Copy(document, original.id, exact=False, overlap=found[0], contained=found[1])
    return None


def mark_copies(documents: Iterable[Document], known: Known | None = None) -> list[Document]:
    """Return the documents in the order given, ``copy_of`` set on copies of one another or of ``known`` documents.

    The earliest (published, else first seen; then by id) is what the others copy; a document already known stays what
    it was and may not be given again.
    """
    given = list(documents)
    found = {copy.document: copy.original for copy in copies(given, known)}
    return [
        structs.replace(document, copy_of=found[document.id]) if document.id in found else document
        for document in given
    ]


def _earliest(document: Document) -> tuple[bool, str, str]:
    time = document.published or document.first_seen
    return (time is None, time.isoformat() if time else "", document.id)
