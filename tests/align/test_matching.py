"""Which term stands for which: over languages, one to one, the same from either side; and the figures of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.compare.claim import claim
from align.compare.features import MEANING, WORDS, Meaning, covered, features
from align.compare.matching import Matching, match
from tests.bench.calibrate import own_pairs

import numpy as np

WORDS_OF_ALL = (
    "bridge bridges Kelyfos Келифос 40 сорок мост моста γέφυρα forty rise fall падать ανεβαίνω Moscow Россия not не δεν "
    "May мая 3 bank берег τράπεζα . , pont Lemnara"
).split()
TEXTS = st.lists(st.sampled_from(WORDS_OF_ALL), max_size=16).map(" ".join)
LANGUAGES = st.sampled_from(["en", "ru", "el", "fr", "und"])


def matched(a: tuple[str, str], b: tuple[str, str]) -> list[tuple[str, str, str]]:
    """Return what stands for what, and by what, of two texts given as (language, text)."""
    found = match(claim(a[1], a[0]), claim(b[1], b[0]))
    return [(found.left.terms[pair.left].text, found.right.terms[pair.right].text, pair.by) for pair in found.pairs]


@pytest.mark.parametrize(
    ("a", "b", "pairs"),
    [
        (("en", "old bridges"), ("en", "an old bridge"), [("old", "old", "stem"), ("bridges", "bridge", "stem")]),
        (("en", "old bridges"), ("ru", "старый мост"), [("old", "старый", "concept"), ("bridges", "мост", "concept")]),
        (("ru", "старого моста"), ("el", "παλιά γέφυρα"),
         [("старого", "παλιά", "concept"), ("моста", "γέφυρα", "concept")]),
        (("en", "to Kelyfos"), ("ru", "в Келифосе"), [("Kelyfos", "Келифосе", "sound")]),
        (("en", "an hour and a half"), ("el", "90 λεπτά"), [("hour and a half", "90 λεπτά", "value")]),
        (("en", "Moscow answers"), ("ru", "Россия ответит"),
         [("Moscow", "Россия", "capital"), ("answers", "ответит", "concept")]),
        (("en", "safe road"), ("ru", "опасная дорога"),
         [("safe", "опасная", "opposite"), ("road", "дорога", "concept")]),
        (("fr", "le pont de Kelyfos"), ("fr", "un pont à Kelyfos"),
         [("pont", "pont", "stem"), ("Kelyfos", "Kelyfos", "stem")]),
        (("uk", "міст Келіфос"), ("ru", "мост Келифос"), [("Келіфос", "Келифос", "sound")]),
        (("und", "pont 40"), ("fr", "pont 40"), [("pont", "pont", "sound"), ("40", "40", "value")]),
        (("en", "bread"), ("ru", "забор"), []),
        (("en", ""), ("ru", ""), []),
    ],
)  # fmt: skip
def test_terms_match(a: tuple[str, str], b: tuple[str, str], pairs: list[tuple[str, str, str]]) -> None:
    """Words by stem or concept, names by sound, quantities by value, cities with countries, opposites with a word."""
    assert matched(a, b) == pairs


def test_equal_words_match_where_they_stand() -> None:
    """Of several equal words those match that stand beside the same neighbours."""
    left = claim("The ferry of Kelyfos is late, the ferry of Lemnara is early", "en")
    right = claim("The ferry of Lemnara is early, the ferry of Kelyfos is late", "en")
    names = {left.terms[pair.left].text: right.terms[pair.right - 1].text for pair in match(left, right).pairs
             if left.terms[pair.left].kind == "name"}  # fmt: skip
    assert names == {"Kelyfos": "ferry", "Lemnara": "ferry"}
    ferries = {left.terms[pair.left + 1].text: right.terms[pair.right + 1].text for pair in match(left, right).pairs
               if left.terms[pair.left].text == "ferry"}  # fmt: skip
    assert ferries == {"Kelyfos": "Kelyfos", "Lemnara": "Lemnara"}


@given(TEXTS, LANGUAGES, TEXTS, LANGUAGES)
@settings(max_examples=200, deadline=None)
def test_matching_is_one_to_one(a: str, first: str, b: str, second: str) -> None:
    """Each term is matched once at most, in order of the left text, as surely as between 0 and 1."""
    found = match(claim(a, first), claim(b, second))
    lefts, rights = [pair.left for pair in found.pairs], [pair.right for pair in found.pairs]
    assert lefts == sorted(set(lefts))
    assert len(rights) == len(set(rights))
    assert all(0 < pair.score <= 1 for pair in found.pairs)
    assert found.turned().turned() == found


@given(TEXTS, LANGUAGES)
@settings(max_examples=100, deadline=None)
def test_a_text_matches_itself(text: str, language: str) -> None:
    """Matched with itself, every term of a text is matched, and all of it is covered."""
    read = claim(text, language)
    found = match(read, read)
    assert [pair.left for pair in found.pairs] == list(range(len(read.terms)))
    assert covered(found) == ((1.0, 1.0) if read.terms else (0.0, 0.0))


def both_ways(a: tuple[str, str], b: tuple[str, str]) -> tuple[Matching, Matching]:
    """Return two texts matched from either side, the second turned back."""
    left, right = claim(a[1], a[0]), claim(b[1], b[0])
    return match(left, right), match(right, left).turned()


def test_either_side_finds_the_same() -> None:
    """On labelled pairs both directions match as much, and the same but for which of several fitting words it is."""
    matchings = [both_ways((one.a.language, one.a.text), (one.b.language, one.b.text)) for one in own_pairs()]
    for one, other in matchings:
        assert len(one.pairs) == len(other.pairs)
        assert sorted(pair.by for pair in one.pairs) == sorted(pair.by for pair in other.pairs)
    assert sum(one.pairs == other.pairs for one, other in matchings) > 0.97 * len(matchings)


@given(TEXTS, LANGUAGES, TEXTS, LANGUAGES, st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_figures_have_bounds(a: str, first: str, b: str, second: str, seed: int) -> None:
    """Figures of words lie between 0 and 1 (length: 2), cosines between -1 and 1, and there are those that are named."""
    found = match(claim(a, first), claim(b, second))
    figures = features(found)
    assert tuple(figures) == WORDS
    assert all(0 <= figure <= (2 if name == "length" else 1) for name, figure in figures.items())
    random = np.random.default_rng(seed)

    def rows(number: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        drawn = random.normal(size=(number, 8)).astype(np.float32)
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)

    meaning = Meaning(
        left=rows(1)[0], right=rows(1)[0], left_clauses=rows(2), right_clauses=rows(3), left_mean=rows(1)[0] / 4,
        right_mean=np.zeros(8, np.float32),
    )  # fmt: skip
    figures = features(found, meaning)
    assert tuple(figures) == (*WORDS, *MEANING)
    assert all(-1.001 <= figures[name] <= 1.001 for name in MEANING)
