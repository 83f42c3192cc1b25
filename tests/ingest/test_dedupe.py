"""Copies: exact, near, and what only looks like one."""

from __future__ import annotations

import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.dedupe import Index, copies, mark_copies
from ingest.memory import Fingerprints
from ingest.records import Document
from ingest.store import Store

_SYLLABLES = ("ka", "lo", "mi", "ter", "san", "vo", "ne", "dru", "pel", "gor", "as", "ti", "on", "bre", "shu", "fa")
_START = datetime(2026, 3, 1, tzinfo=UTC)
# Few words are frequent and many are rare, as in any language.
_VOCABULARY = ["".join(random.Random(n).choices(_SYLLABLES, k=random.Random(n).randint(1, 4))) for n in range(4_000)]
_WEIGHTS = [1 / (rank + 3) for rank in range(len(_VOCABULARY))]


def _paragraphs(seed: int, count: int = 6, words: int = 40) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choices(_VOCABULARY, _WEIGHTS, k=words)) + "." for _ in range(count)]


def _edited(text: str, share: float, seed: int) -> str:
    chance = random.Random(seed)
    edited = []
    for paragraph in text.split("\n\n"):
        words = []
        for word in paragraph.split():
            if chance.random() >= share:
                words.append(word)
            elif chance.random() < 0.6:  # replaced; the other words are left out
                words.append(chance.choice(_VOCABULARY))
        edited.append(" ".join(words))
    return "\n\n".join(edited)


def _document(name: str, text: str, *, hour: int = 0, outlet: str = "a", copy_of: str | None = None) -> Document:
    return Document(id=name, text=text, outlet=outlet, published=_START + timedelta(hours=hour), copy_of=copy_of)


def _marked(*documents: Document) -> dict[str, str | None]:
    return {document.id: document.copy_of for document in mark_copies(documents)}


def test_near_copies_are_found_and_strangers_are_not() -> None:
    """Recall is at least .95 at 10 % edited words and .85 at 20 %; precision is at least .99, with strangers about."""
    originals = ["\n\n".join(_paragraphs(n)) for n in range(120)]
    for share, wanted in ((0.1, 0.95), (0.2, 0.85)):
        documents = [_document(f"o{n}", text, outlet="wire") for n, text in enumerate(originals)]
        documents += [
            _document(f"c{n}", _edited(text, share, n), hour=1, outlet="paper") for n, text in enumerate(originals[:60])
        ]
        found = {copy.document: copy.original for copy in copies(documents)}
        right = sum(found.get(f"c{n}") == f"o{n}" for n in range(60))
        assert right / 60 >= wanted, share
        assert right / len(found) >= 0.99


def test_the_earliest_is_the_one_that_others_copy() -> None:
    """The same words at three times: the two later ones name the first, whatever the order they come in."""
    text = "\n\n".join(_paragraphs(1))
    marked = _marked(_document("late", text, hour=5), _document("first", text, hour=1), _document("mid", text, hour=3))
    assert marked == {"late": "first", "first": None, "mid": "first"}


def test_order_and_everything_else_is_kept() -> None:
    """The documents come back in the order given, changed in nothing but the mark."""
    text = "\n\n".join(_paragraphs(2))
    given_documents = [_document("b", text, hour=2), _document("x", "Short."), _document("a", text, hour=1)]
    back = mark_copies(given_documents)
    assert [document.id for document in back] == ["b", "x", "a"]
    assert [document.text for document in back] == [document.text for document in given_documents]


def test_copies_do_not_chain() -> None:
    """A third text that is near the second but too far from the first is not joined to either through the other."""
    first = "\n\n".join(_paragraphs(3, count=10))
    second = "\n\n".join(first.split("\n\n")[:7] + _paragraphs(50, count=3))
    third = "\n\n".join(second.split("\n\n")[4:] + _paragraphs(60, count=4))
    marked = _marked(
        *(_document(str(n), text, hour=n, outlet=str(n)) for n, text in enumerate((first, second, third), 1))
    )
    assert marked["2"] == "1"
    assert marked["3"] is None


def test_a_shared_template_joins_nothing() -> None:
    """Pages of one outlet with the same legal notice, and short texts of their own, are no copies."""
    notice = _paragraphs(4, count=3, words=45)
    documents = [
        _document(f"p{n}", "\n\n".join([*_paragraphs(200 + n, count=2, words=35), *notice]), hour=n) for n in range(8)
    ]
    assert set(_marked(*documents).values()) == {None}


def test_two_pages_around_one_legal_notice_are_no_copies() -> None:
    """A notice of half the page, seen on two pages only, joins them neither."""
    notice = _paragraphs(5, count=3, words=40)
    pages = ["\n\n".join([*_paragraphs(300 + n, count=3, words=40), *notice]) for n in range(2)]
    assert _marked(_document("1", pages[0]), _document("2", pages[1], hour=1)) == {"1": None, "2": None}


def test_tables_with_other_numbers_are_no_copies() -> None:
    """Two days of exchange rates share all their words and none of their numbers."""
    names = ["dollar", "euro", "pound", "lira", "franc", "yen", "crown", "zloty", "leu", "dinar", "denar", "forint"]

    def table(day: int) -> str:
        chance = random.Random(day)
        rates = [f"The {name} stood at {chance.randint(100, 9999)} units" for name in names]
        return "Rates of the day\n\n" + "\n".join(rates)

    assert _marked(_document("1", table(1)), _document("2", table(2), hour=24)) == {"1": None, "2": None}


def test_a_short_excerpt_is_no_copy_of_a_long_text() -> None:
    """A text is not a copy of one that is several times as long, though all its words stand there."""
    paragraphs = _paragraphs(6, count=9)
    documents = (_document("1", "\n\n".join(paragraphs)), _document("2", "\n\n".join(paragraphs[:2]), hour=1))
    assert _marked(*documents) == {"1": None, "2": None}


def test_a_copy_of_a_known_document_is_marked_and_taken_in() -> None:
    """An index carries what is known from batch to batch, copies of copies included."""
    text = "\n\n".join(_paragraphs(7))
    index = Index()
    for name, seed, original in (("old", 0, None), ("new", 1, "old"), ("newer", 2, "old")):
        (marked,) = mark_copies([_document(name, _edited(text, 0.1 if seed else 0.0, seed), hour=seed)], index)
        assert marked.copy_of == original


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0.0, 0.1, 0.3])), max_size=4), max_size=4))
def test_a_corpus_finds_what_the_memory_finds(batches) -> None:
    """The same documents in the same batches get the same marks, whether a corpus or the memory keeps what is known."""
    kept = Index()
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder)) as corpus:
        for number, batch in enumerate(batches):
            documents = [
                _document(f"{number}-{at}", _edited("\n\n".join(_paragraphs(seed)), share, at), hour=number)
                for at, (seed, share) in enumerate(batch)
            ]
            with corpus.transaction():
                marked = mark_copies(documents, Fingerprints(corpus))
                corpus.add(marked)
            assert marked == mark_copies(documents, kept)


def test_letters_accents_and_marks_do_not_matter() -> None:
    """The same sentence in other case, with other quotation marks and without accents is an exact copy."""
    left = "«Τα πλοία περνούν ελεύθερα από το στενό», είπε η υπουργός μετά τη συνάντηση στο λιμάνι."
    right = "“ΤΑ ΠΛΟΙΑ ΠΕΡΝΟΥΝ ΕΛΕΥΘΕΡΑ ΑΠΟ ΤΟ ΣΤΕΝΟ”, ΕΙΠΕ Η ΥΠΟΥΡΓΟΣ ΜΕΤΑ ΤΗ ΣΥΝΑΝΤΗΣΗ ΣΤΟ ΛΙΜΑΝΙ"
    (copy,) = copies([_document("1", left), _document("2", right, hour=1)])
    assert (copy.document, copy.original, copy.exact) == ("2", "1", True)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([*(_paragraphs(n, count=1)[0] for n in range(4)), "", "one two"]), max_size=12))
def test_a_copy_always_names_a_document_that_is_none(texts: list[str]) -> None:
    """Whatever comes, ``copy_of`` names a document of the input that is itself no copy, and never the document."""
    back = mark_copies([_document(f"d{n}", text, hour=n) for n, text in enumerate(texts)])
    originals = {document.id for document in back if document.copy_of is None}
    assert all(document.copy_of in originals for document in back if document.copy_of)


def test_many_pages_of_one_template_stay_linear() -> None:
    """Five hundred pages that share half of their words take a few seconds at most."""
    notice = "\n\n".join(_paragraphs(8, count=3))
    documents = [_document(f"d{n}", f"{_paragraphs(900 + n, count=1)[0]}\n\n{notice}", hour=n) for n in range(500)]
    start = time.process_time()
    mark_copies(documents)
    assert time.process_time() - start < 8
