"""Words to concepts: any form finds its row, in three languages; and the rows themselves are in order."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.compare.concepts import Found, lexicon, stems
from ingest import fold

FOLDER = Path(__file__).resolve().parents[2] / "align/lexica/concepts"
FILES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))}
SCRIPTS = {"en": "latin", "ru": "cyrillic", "el": "greek"}
# names that are written in Latin letters everywhere
FOREIGN = re.compile(r"\b(?:HIV|DNA|DDoS|3D)\b")


def lines(text: str) -> Iterator[str]:
    """Yield the lines of a table without comments."""
    return (line for line in text.splitlines() if line.strip() and not line.startswith("#"))


def rows() -> Iterator[tuple[str, list[str]]]:
    """Yield every row and every sense of a homonym as file and columns, opposites among them."""
    for name, data in FILES.items():
        senses = [sense for line in lines(data.get("homonyms", "")) for sense in line.partition(":")[2].split("//")]
        for line in (*lines(data.get("rows", "")), *senses):
            yield name, [column.strip() for column in line.split("|")]


HEADS = {columns[0].split(",")[0].strip() for _, columns in rows()}


def found(text: str, language: str) -> list[Found]:
    """Return the concepts of a text."""
    return list(lexicon().find([stems(word, language) for word in text.split()], language))


def meant(text: str, language: str) -> frozenset[int]:
    """Return all concepts of a text."""
    return frozenset().union(*(one.concepts for one in found(text, language)))


@pytest.mark.parametrize(
    ("language", "form", "head"),
    [
        ("en", "bridges", "bridge"), ("en", "ministries", "ministry"), ("en", "rose", "rise"),
        ("ru", "мостами", "bridge"), ("ru", "министерству", "ministry"), ("ru", "выросла", "rise"),
        ("ru", "больниц", "hospital"), ("el", "γέφυρες", "bridge"), ("el", "υπουργείου", "ministry"),
        ("el", "ανέβηκε", "rise"), ("el", "νοσοκομεία", "hospital"), ("ru", "Россией", "Russia"),
        ("el", "ρωσικής", "Russia"),
    ],
)  # fmt: skip
def test_a_form_of_a_word_finds_its_row(language: str, form: str, head: str) -> None:
    """Inflected and irregular forms are looked up by the stems of their lemmas."""
    assert meant(form, language) & lexicon().named(head)


@pytest.mark.parametrize(
    ("language", "text", "head"),
    [("en", "the lower houses met", "lower house"), ("ru", "сказали в нижней палате", "lower house"),
     ("el", "μίλησε στην κάτω βουλή", "lower house"), ("en", "prices went up", "rise")],
)  # fmt: skip
def test_phrases_are_found_whole(language: str, text: str, head: str) -> None:
    """A phrase is found where all its words stand in a row, in whatever form, and says where it ends."""
    whole = [one for one in found(text, language) if one.concepts & lexicon().named(head) and one.last > one.first]
    (span,) = {(one.first, one.last) for one in whole}
    assert span in {(1, 2), (2, 3)}


def test_a_phrase_is_not_found_apart() -> None:
    """The words of a phrase that stand apart, or in another order, are no phrase."""
    known = lexicon().named("lower house")
    assert not meant("the lower old house", "en") & known
    assert not meant("house lower", "en") & known


def test_senses_of_a_homonym_know_one_another() -> None:
    """The bank of money and the bank of a river are each other's other sense, over languages too."""
    money, shore = meant("τράπεζα", "el"), meant("берег", "ru")
    assert not money & shore
    assert any(lexicon().senses.get(one, frozenset()) & shore for one in money)
    assert all(number not in others for number, others in lexicon().senses.items())


def test_a_capital_knows_its_country_and_the_other_way() -> None:
    """A city leads to its country, and the country to the city."""
    (city,), (country,) = lexicon().named("Helsinki"), lexicon().named("Finland")
    assert lexicon().countries[city] == {country}
    assert city in lexicon().capitals[country]


def test_opposites_go_both_ways() -> None:
    """What is told of one row holds for the other; nothing is its own opposite."""
    opposites = lexicon().opposites
    assert any(opposites.get(one, frozenset()) & meant("падать", "ru") for one in meant("rise", "en"))
    assert all(number in opposites[other] for number, others in opposites.items() for other in others)
    assert [number for number, others in opposites.items() if number in others] == []


@pytest.mark.parametrize("language", ["fr", "uk", "und"])
def test_a_language_without_rows_has_its_own_words(language: str) -> None:
    """A word of a language without tables is compared by its folded form and finds no concept."""
    assert stems("Міст", language) == {fold.fold("міст")}
    assert found("Le Pont міст bridge", language) == []


@given(st.text(min_size=1, max_size=20), st.sampled_from(["en", "ru", "el", "fr", "und"]))
@settings(max_examples=200, deadline=None)
def test_any_word_has_a_stem(word: str, language: str) -> None:
    """Whatever the word, there is something to compare it by, and the same in small letters."""
    assert stems(word, language)
    assert stems(word, language) == stems(word.lower(), language)


def test_every_row_has_a_column_a_language() -> None:
    """No row lacks a column or an entry; behind them stand opposites at most."""
    bad = []
    for name, columns in rows():
        languages = FILES[name]["languages"]
        words, rest = columns[: len(languages)], columns[len(languages) :]
        full = len(words) == len(languages) and all(entry.strip() for column in words for entry in column.split(","))
        if not full or len(rest) > 1 or any(not column.startswith("! ") for column in rest):
            bad.append((name, columns))
    assert bad == []


def test_every_column_is_in_its_script() -> None:
    """Each word is in the letters of its language: a Latin o in a Greek word would never match."""
    bad = []
    for name, columns in rows():
        for language, column in zip(FILES[name]["languages"], columns, strict=False):
            letters = {fold.script(letter) for letter in FOREIGN.sub("", column) if letter.isalpha()}
            if not letters <= {SCRIPTS[language]}:
                bad.append((name, language, column))
    assert bad == []


def test_what_names_a_row_names_one_that_is_there() -> None:
    """Opposites, capitals and countries are told by the first entry of a row; a homonym by a language and a word."""
    named = [head.strip() for _, columns in rows() for column in columns if column[:1] == "!"
             for head in column.lstrip("! ").split(",")]  # fmt: skip
    for data in FILES.values():
        named += [part.strip() for line in lines(data.get("capitals", "")) for part in line.split("=")]
    assert sorted(set(named) - HEADS) == []
    homonyms = [line for data in FILES.values() for line in lines(data.get("homonyms", ""))]
    assert [line for line in homonyms if not re.match(r"(?:en|ru|el) [^:|/]+: [^:]+ // ", line)] == []
