"""Names over scripts, cases and spellings."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import names

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/names.toml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES["same"], ids=lambda c: f"{c['left']}={c['right']}")
def test_spellings_of_one_name_are_recognised(case):
    """One person's name is recognised in another script, case or spelling, whichever comes first."""
    assert names.same_name(case["left"], case["right"]) >= names.SAME
    assert names.same_name(case["right"], case["left"]) >= names.SAME


@pytest.mark.parametrize("case", CASES["same"], ids=lambda c: f"{c['left']}={c['right']}")
def test_spellings_of_one_surname_share_a_blocking_key(case):
    """Names that are one are compared at all: their surnames share a key, slips of the pen in vowels included."""
    left, right = names.words(case["left"])[-1], names.words(case["right"])[-1]
    assert names.keys(left) & names.keys(right)


@pytest.mark.parametrize("case", CASES["other"], ids=lambda c: f"{c['left']}/{c['right']}")
def test_other_names_are_kept_apart(case):
    """Names of other people stay below the threshold."""
    assert names.same_name(case["left"], case["right"]) < names.SAME


@pytest.mark.parametrize("case", CASES["latin"], ids=lambda c: c["name"])
def test_names_are_romanised_as_news_prints_them(case):
    """A name in the nominative is written in Latin letters as an English newspaper would."""
    assert names.latin(case["name"], case["language"]) == case["expect"]


@pytest.mark.parametrize("case", CASES["nominative"], ids=lambda c: f"{c['word']}-{c['reading']}")
def test_declension_is_undone_for_a_gender(case):
    """A declined word of a name goes back to its nominative, read as a man's or as a woman's."""
    assert names.nominative(case["word"], case["language"], case["reading"]) == case["expect"]


@pytest.mark.parametrize("case", CASES["surname"], ids=lambda c: c["word"])
def test_surnames_tell_a_gender_by_their_endings(case):
    """An ending tells a gender alone, or with the case that the surname stands in, or never."""
    told = [names.surname_gender(case["word"], genitive=genitive) for genitive in (None, True, False)]
    assert told == case["expect"]


@pytest.mark.parametrize("case", CASES["father"], ids=lambda c: c["word"])
def test_fathers_names_are_told_from_surnames(case):
    """A patronymic is made of a known given name; a surname that ends like one is not."""
    assert names.is_patronymic(case["word"]) is case["expect"]


@pytest.mark.parametrize("case", CASES["given"], ids=lambda c: c["word"])
def test_given_names_are_known_in_every_case(case):
    """A declined given name is known; a country's name that looks like one is not."""
    assert names.is_given(case["word"]) is case["expect"]


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_two_texts_compare_the_same_both_ways(left, right):
    """Comparing is symmetric and stays between 0 and 1, whatever the letters."""
    score = names.same_name(left, right)
    assert 0.0 <= score <= 1.0
    assert abs(score - names.same_name(right, left)) < 1e-9


@given(st.text(alphabet="абвгдежзиклмнопрстуфхцчшщэюя", min_size=2, max_size=20))
@settings(max_examples=100, deadline=None)
def test_romanised_names_are_latin(name):
    """Every Russian word comes out in Latin letters."""
    assert names.latin(name.capitalize(), "ru").isascii()


@pytest.mark.parametrize(
    ("source", "rendered", "lost"),
    [
        ("Об этом заявил Аркадий Вересков.", "Arkady Vereskov said so.", False),
        ("Об этом рассказали Павлу Доринову.", "Pavel Dorinov was told of it.", False),
        ("Об этом заявил Аркадий Вересков.", "The minister said so.", True),
        ("Об этом заявил Аркадий Вересков.", "Arkady Polunin said so.", True),
        ("Το είπε ο Στέφανος Μπάρλας.", "Stefanos Barlas said it.", False),
        ("Το είπε ο Στέφανος Μπάρλας.", "It was said by Stefanos Home.", True),
        ("Об этом пишет Чёрное Море.", "The newspaper writes about it.", False),
        ("Arkady Vereskov said so.", "Он так сказал.", False),
    ],
)
def test_a_person_named_in_full_survives_translation(source, rendered, lost):
    """A rendering without anything that sounds like the surname is doubted; other capitalised words prove nothing."""
    assert names.lost_name(source, rendered) == (("lost_name",) if lost else ())
