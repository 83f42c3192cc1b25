"""A text to what it claims: terms and marks with their places, and no more marks than it has."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.compare.claim import BOUND, claim
from align.compare.marks import GRAMMAR, OPENS, SAID

TABLES = tomllib.loads((Path(__file__).resolve().parents[2] / "align/lexica/claims.toml").read_text("utf-8"))
WORDS = (
    "не если may not all 40 сорок τρία Δεν όλοι perhaps Kelyfos According to мост won't Кипр and the δήμος no more than"
)
TEXTS = st.text(max_size=120) | st.lists(
    st.sampled_from([*WORDS.split(), ".", ",", "—", "«", "»", "\n", "…", "’"]), max_size=24
).map(" ".join)


def marked(text: str, language: str) -> list[tuple[str, str]]:
    """Return kind and words of the marks that may accuse."""
    return [(mark.kind, mark.text) for mark in claim(text, language).marks if not mark.kind.endswith("_also")]


@pytest.mark.parametrize(
    ("language", "text", "marks"),
    [
        ("en", "Perhaps the ferry sails", [("unsure", "Perhaps")]),
        ("en", "The ferry doesn't sail", [("negation", "doesn't")]),
        ("en", "The ferry doesn’t sail", [("negation", "doesn’t")]),
        ("en", "It will sail unless it snows", [("future", "will"), ("unless", "unless")]),
        ("ru", "Паром не пойдёт, если пойдёт снег", [("negation", "не"), ("condition", "если")]),
        ("ru", "Почти все рабочие здесь", [("nearly_all", "Почти все")]),
        ("el", "Ίσως φύγει το πλοίο", [("unsure", "Ίσως")]),
        ("el", "Κανείς δεν έφυγε", [("none", "Κανείς"), ("negation", "δεν")]),
        ("en", "According to pilots the canal is shallow", [("source", "According to")]),
        ("en", "Not all ferries sail", [("not_all", "Not all")]),
        ("en", "The ferries do not sail every day", [("not_all", "not sail every")]),
        ("ru", "Паромы не ходят, все сидят", [("negation", "не"), ("all", "все")]),
        ("en", "No more than 40 ferries sail", []),
        ("ru", "Не менее сорока паромов ходит", []),
        ("el", "Όχι λιγότερα από 40 πλοία ταξιδεύουν", []),
        ("fr", "Le bac ne part pas", []),
    ],
)  # fmt: skip
def test_marks_are_found(language: str, text: str, marks: list[tuple[str, str]]) -> None:
    """Each mark with its words; "all" behind a negation in one clause is "not all"; a limit is no negation."""
    assert marked(text, language) == marks


@pytest.mark.parametrize(
    ("language", "text", "terms"),
    [
        ("en", "The old bridge of Kelyfos will not open",
         [("old", "word"), ("bridge", "word"), ("Kelyfos", "name"), ("open", "word")]),
        ("en", "We sold 40 tonnes of wheat",
         [("sold", "word"), ("40 tonnes", "number"), ("wheat", "word")]),
        ("ru", "В нижней палате сказали", [("нижней палате", "word"), ("сказали", "word")]),
        ("el", "Η γέφυρα ανοίγει", [("γέφυρα", "word"), ("ανοίγει", "word")]),
        ("fr", "Le pont de Kelyfos a 40 planches",
         [("pont", "word"), ("Kelyfos", "name"), ("40", "number"), ("planches", "word")]),
        ("en", "EU money", [("EU", "word"), ("money", "word")]),
        ("en", "", []),
        ("en", "… — ,", []),
    ],
)  # fmt: skip
def test_terms_are_found(language: str, text: str, terms: list[tuple[str, str]]) -> None:
    """Words, names and quantities that tell something; a phrase is one; light words and mere marks are none."""
    assert [(term.text, term.kind) for term in claim(text, language).terms] == terms


def test_a_mark_belongs_to_the_term_behind_it() -> None:
    """In its clause the first term behind a mark, else the last one before it."""
    read = claim("The ferry sails not on Friday, the bridge opens perhaps.", "en")
    governed = {mark.kind: read.terms[mark.term].text for mark in read.marks if mark.term is not None}
    assert governed == {"negation": "Friday", "unsure": "opens"}


def test_clauses_and_sentences_are_cut() -> None:
    """Commas, dashes and words that open a clause cut clauses, stops cut sentences; a point in a number does not."""
    read = claim("The ferry sails because pilots wait, the bridge — 3.5 metres wide — opens. Divers rest!", "en")
    assert {term.text: (term.clause, term.sentence) for term in read.terms} == {
        "ferry": (0, 0), "sails": (0, 0), "pilots": (1, 0), "wait": (1, 0), "bridge": (2, 0), "3.5 metres": (3, 0),
        "wide": (3, 0), "opens": (4, 0), "Divers": (5, 1), "rest": (5, 1),
    }  # fmt: skip


@given(TEXTS, st.sampled_from(["en", "ru", "el", "fr", "und"]))
@settings(max_examples=300, deadline=None)
def test_everything_keeps_its_place(text: str, language: str) -> None:
    """Whatever the text, terms stand in order and apart, terms and marks are what is printed where they say."""
    read = claim(text, language)
    end = 0
    for term in read.terms:
        assert end <= term.start < term.end
        assert read.text[term.start : term.end] == term.text
        assert term.stems or term.quantity
        end = term.end
    for mark in read.marks:
        assert read.text[mark.start : mark.end] == mark.text
        assert mark.term is None or read.terms[mark.term].sentence == mark.sentence


def test_a_long_text_is_read_by_its_beginning() -> None:
    """Only the first characters of a text count, and a word that they cut is read as it stands."""
    text = "bridge " * BOUND
    assert claim(text, "en").text == text[:BOUND]
    assert claim(text, "en").terms == claim(text[:BOUND], "en").terms


def entries() -> list[tuple[str, str, str]]:
    """Return every entry of claims.toml with its language and list."""
    return [(lang, kind, one) for lang, lists in TABLES.items() for kind, listed in lists.items() for one in listed]


def test_every_language_has_every_list() -> None:
    """The three languages have the same kinds of marks, and what the code names is among them."""
    assert TABLES["en"].keys() == TABLES["ru"].keys() == TABLES["el"].keys()
    assert TABLES["en"].keys() >= GRAMMAR | OPENS | SAID.keys()


def test_entries_can_be_found() -> None:
    """An entry is words, open at an end at most: digits and a star inside a word would never match."""
    word = r"(?:\*?[^\W\d_]+(?:['’-][^\W\d_]+)*\*?)"
    assert [entry for entry in entries() if not re.fullmatch(rf"\*?'?{word}(?:['’]?[ ,]{word})*['’]?", entry[2])] == []
