"""Documents to documents, copies marked with the document they copy. Nothing is deleted, nothing is chained.

Candidates come from MinHash over pairs of words (rensa); each is then compared for real with the one document that it
would be a copy of. Linear in the number of documents: a document is compared with at most ``_CANDIDATES`` others, and
only documents that are no copies themselves can be copied.

A copy is the same text with edits, not the same page around another text: paragraphs that one outlet prints on many
pages do not count, most of the shorter text must find its paragraphs again in the other, and where numbers make up
the text (rates, results), the numbers must agree.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from ingest.fold import fold

if TYPE_CHECKING:
    from rensa import RMinHash, RMinHashLSH

    from ingest.records import Document

_PERMUTATIONS = 126
_BANDS = 42  # of three rows: texts that share 0.45 of their pairs of words meet with .98, a twentieth with .005
_CANDIDATES = 24
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


class _Text:
    """The words of a document as they are compared."""

    def __init__(self, document: Document) -> None:
        self.id = document.id
        self.outlet = document.outlet or ""
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
        self.key = hash(tuple(self.words))
        self.page = hash(fold(document.title)) if document.title else self.key  # versions of a page keep its title

    def without(self, template: frozenset[int]) -> list[list[str]]:
        """Return the paragraphs that are no template; all of them when nothing else is left."""
        kept = [paragraph for paragraph in self.paragraphs if hash(tuple(paragraph)) not in template]
        return kept if sum(map(len, kept)) >= _SHORTEST else self.paragraphs


def _shingles(words: Sequence[str]) -> Shingles:
    size = min(_RUN, len(words))
    return (
        frozenset(hash(tuple(words[at : at + size])) for at in range(len(words) - size + 1)) if words else frozenset()
    )


class Index:
    """What is known of the documents so far. Fill it once with ``Index.of`` and pass it to every ``mark_copies``."""

    def __init__(self) -> None:
        from rensa import RMinHashLSH

        self._lsh: RMinHashLSH = RMinHashLSH(threshold=0.5, num_perm=_PERMUTATIONS, num_bands=_BANDS)
        self._texts: list[_Text] = []
        self._sketches: dict[int, RMinHash] = {}
        self._exact: dict[int, int] = {}
        self._ids: set[str] = set()
        self._pages: defaultdict[tuple[str, int], set[int]] = defaultdict(set)

    @classmethod
    def of(cls, documents: Iterable[Document]) -> Index:
        """Return an index of documents that were marked earlier. Their ``copy_of`` is taken as it is."""
        index = cls()
        for document in documents:
            text = _Text(document)
            index._seen(text)
            if document.copy_of is None:
                index._add(text)
        return index

    def take(self, documents: Iterable[Document]) -> Iterator[Copy]:
        """Add documents, in the order of time; yield those that are copies. Documents already known are passed over.

        All are looked at for the paragraphs of templates before the first is compared.
        """
        texts = {document.id: _Text(document) for document in documents if document.id not in self._ids}
        for text in texts.values():
            self._seen(text)
        for text in texts.values():
            found = self._find(text)
            if found is None:
                self._add(text)
            else:
                yield found

    def _seen(self, text: _Text) -> None:
        self._ids.add(text.id)
        for paragraph in text.paragraphs:
            pages = self._pages[text.outlet, hash(tuple(paragraph))]
            if len(pages) < _TEMPLATE_PAGES:
                pages.add(text.page)

    def _template(self, text: _Text) -> frozenset[int]:
        """Return the paragraphs that this text's outlet prints on many different pages."""
        own = (hash(tuple(paragraph)) for paragraph in text.paragraphs)
        return frozenset(key for key in own if len(self._pages[text.outlet, key]) >= _TEMPLATE_PAGES)

    def _add(self, text: _Text) -> None:
        number = len(self._texts)
        self._texts.append(text)
        self._exact.setdefault(text.key, number)
        if len(text.words) >= _SHORTEST:
            self._sketches[number] = self._sketch(text)
            self._lsh.insert(number, self._sketches[number])

    def _sketch(self, text: _Text) -> RMinHash:
        from rensa import RMinHash

        words = text.words
        sketch = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
        sketch.update([f"{left} {right}" for left, right in pairwise(words)])
        return sketch

    def _find(self, text: _Text) -> Copy | None:
        same = self._exact.get(text.key)
        if same is not None and self._texts[same].words == text.words and text.words:
            return Copy(text.id, self._texts[same].id, exact=True, overlap=1.0, contained=1.0)
        if len(text.words) < _SHORTEST:
            return None
        template = self._template(text)
        sketch = self._sketch(text)
        met = self._lsh.query(sketch)
        nearest = sorted(met, key=lambda number: (-sketch.jaccard(self._sketches[number]), number))[:_CANDIDATES]
        for number in sorted(nearest):
            other = self._texts[number]
            found = compare(text.without(template), other.without(template | self._template(other)))
            if found is not None:
                return Copy(text.id, other.id, exact=False, overlap=found[0], contained=found[1])
        return None


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


def copies(documents: Iterable[Document], known: Index | Iterable[Document] | None = None) -> Iterator[Copy]:
    """Yield the copies among documents, earliest first, with the evidence. ``known`` takes the documents in."""
    index = known if isinstance(known, Index) else Index.of(known or ())
    yield from index.take(sorted(documents, key=_earliest))


def mark_copies(documents: Iterable[Document], known: Index | Iterable[Document] | None = None) -> list[Document]:
    """Return the documents in the order given, ``copy_of`` set on copies of one another or of ``known`` documents.

    The earliest (published, else first seen; then by id) is what the others copy; a document already known stays what
    it was. For many batches pass one ``Index``, which is filled, instead of all earlier documents each time.
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
