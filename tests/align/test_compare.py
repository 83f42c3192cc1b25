"""Two versions of a statement: one utterance or two, how related, how distorted, and with which words as evidence."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import compare, encode, link
from align.compare import Side
from align.compare.claim import claim
from align.records import Comparison, Distortion, Relation

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/compare.toml").read_text("utf-8"))["case"]
FAMILIES = [
    (path.stem, family)
    for path in sorted((Path(__file__).parents[1] / "cases/pairs").glob("*.toml"))
    for family in tomllib.loads(path.read_text("utf-8"))["family"]
]
TEXTS = st.text(st.sampled_from("не если may 40 сорок Δεν “”«».,\n Кипр"), max_size=80)
LANGUAGES = st.sampled_from(["en", "ru", "el", "fr", "uk", "und"])


@pytest.fixture(scope="module")
def encoder() -> encode.Encoder:
    """The encoder that the tool uses."""
    return encode.default_encoder()


def pairs() -> list[tuple[Side, Side, dict[str, Any]]]:
    """Return our labelled pairs as sides, with their labels."""
    return [
        (Side(text=family[pair["a"]], language=pair["a"]), Side(text=pair["text"], language=pair["b"]), pair)
        for _, family in FAMILIES
        for pair in family["pair"]
    ]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=pytest.mark.xfail(strict=True, reason=case["misses"]) if "misses" in case else ())
        for case in CASES
    ],
    ids=[case["claim"].replace(" ", "-")[:60] for case in CASES],
)
def test_versions_are_compared(case: dict[str, Any], encoder: encode.Encoder) -> None:
    """Relation and distortion are as the case says, and all evidence says something."""
    a, b = (Side(text=text, language=language) for language, text in (case["a"], case["b"]))
    (result,) = link.compare_pairs([(a, b)], encoder)
    expect = {"distortion": None, **case["expect"]}
    assert {key: getattr(result, key) for key in expect} == expect
    assert result.evidence
    assert all(one.says for one in result.evidence)


def in_place(a: Side, b: Side, result: Comparison) -> bool:
    """Whether all words of the evidence stand where it says."""
    return all(
        (one.left_at is None or a.text[slice(*one.left_at)] == one.left)
        and (one.right_at is None or b.text[slice(*one.right_at)] == one.right)
        for one in result.evidence
    )


def test_evidence_points_at_its_words() -> None:
    """On every labelled pair, whichever text is first, evidence says where its words stand, and they stand there."""
    differing = 0
    for a, b, _ in pairs():
        for one, other in ((a, b), (b, a)):
            result = compare.compare(one, other)
            assert in_place(one, other, result), (one.text, other.text)
            differing += sum(found.left_at is not None or found.right_at is not None for found in result.evidence)
    assert differing > len(FAMILIES)


@given(TEXTS, LANGUAGES, TEXTS, LANGUAGES)
@settings(max_examples=200, deadline=None)
def test_any_two_texts_can_be_compared(a: str, first: str, b: str, second: str) -> None:
    """Whatever the texts, there is a verdict with a score between 0 and 1; evidence is in the same order every time."""
    sides = Side(text=a, language=first), Side(text=b, language=second)
    result = compare.compare(*sides)
    claim.cache_clear()
    assert result == compare.compare(*sides)
    assert 0 <= result.score <= 1
    assert (result.relation is None) == (not result.same_utterance)
    assert (result.relation == "distortion") == (result.distortion is not None)
    assert in_place(*sides, result)


@given(TEXTS, LANGUAGES)
@settings(max_examples=100, deadline=None)
def test_a_text_is_never_a_distortion_of_itself(text: str, language: str) -> None:
    """Compared with itself a text is verbatim, for certain, and nothing differs."""
    side = Side(text=text, language=language)
    result = compare.compare(side, side)
    assert (result.relation, result.score) == ("verbatim", 1.0)
    assert {one.check for one in result.evidence} == {"words"}


@pytest.mark.parametrize("language", ["fr", "uk", "und"])
def test_a_language_without_tables_is_compared_by_words_and_names(language: str) -> None:
    """Equal words, names by sound and numbers in digits are enough to see what was kept and what was changed."""
    full = Side(text="Kelyfos: pont Vardena 40 planches neuves ferme dimanche 12 heures", language=language)
    kept = Side(text="Kelyfos: pont Vardena 40 planches neuves ferme dimanche 12 heures!", language=language)
    changed = Side(text="Kelyfos: pont Vardena 60 planches neuves ferme dimanche 12 heures", language=language)
    assert compare.compare(full, kept).relation == "verbatim"
    result = compare.compare(full, changed)
    assert result.same_utterance
    assert ("number", "40", "60") in {(one.check, one.left, one.right) for one in result.evidence}


def test_a_language_without_tables_is_compared_with_one_that_has_them(encoder: encode.Encoder) -> None:
    """Names and numbers are found in common, whatever else is not understood."""
    full = Side(text="Der Bürgermeister Dorin öffnet in Kelyfos 40 neue Schulen.", language="de")
    other = Side(text="Мэр Дорин откроет в Келифосе 40 новых школ.", language="ru")
    for result in (compare.compare(full, other), *link.compare_pairs([(full, other)], encoder)):
        assert {"Dorin", "Kelyfos", "40"} <= {one.left for one in result.evidence if one.check == "anchors"}


def test_the_same_words_of_two_people_are_an_attribution() -> None:
    """Who is said to have said it is part of what is compared."""
    words = "The bridge opens on Friday, and the toll will not rise."
    a, b = (Side(text=words, language="en", person=person) for person in ("Pavel Dorin", "Eleni Vardi"))
    result = compare.compare(a, b)
    assert (result.relation, result.distortion) == ("distortion", "attribution")
    assert ("speaker", "Pavel Dorin", "Eleni Vardi") in {(one.check, one.left, one.right) for one in result.evidence}


def test_translations_help_to_see_that_two_texts_are_one() -> None:
    """Trusted English of both sides may only make it likelier; the evidence stays that of the texts themselves."""
    a = Side(text="Το πλοιάριο εξώκειλε στα ρηχά.", language="el", translation="The boat ran aground in the shallows.")
    b = Side(text="Судёнышко село на мель.", language="ru", translation="The boat ran aground in the shallows.")
    plain = [Side(text=one.text, language=one.language) for one in (a, b)]
    alone, helped = compare.compare(plain[0], plain[1]), compare.compare(a, b)
    assert helped.score > alone.score
    assert helped.evidence == alone.evidence


def test_clauses_are_what_claims_something() -> None:
    """A text is cut at stops, dashes and semicolons; what is shorter than three words claims nothing of its own."""
    text = "The bridge opens on Friday. No. The toll — if any — stays as it is; nobody pays twice!"
    assert compare.clauses_of(text) == ["The bridge opens on Friday.", "stays as it is;", "nobody pays twice!"]


def test_labelled_pairs_are_well_formed() -> None:
    """Families have a name and a full text a language; pairs know their languages, relations and distortions."""
    names = [f"{file} {family['name']}" for file, family in FAMILIES]
    assert len(set(names)) == len(names)
    for file, family in FAMILIES:
        assert family.keys() == {"name", "en", "ru", "el", "pair"}, (file, family["name"])
        for pair in family["pair"]:
            assert {pair["a"], pair["b"]} <= {"en", "ru", "el"}
            assert pair["relation"] in {*get_args(Relation), "different"} - {"fullest"}
            assert pair.keys() <= {"a", "b", "text", "relation", "distortion", "why"}
            if pair["relation"] == "distortion":
                assert pair["distortion"] in get_args(Distortion)
            else:
                assert "distortion" not in pair


def test_verbatim_pairs_are_verbatim() -> None:
    """A pair of one language is called verbatim where the words are the same, and else something else; a translation is
    over two languages."""
    for a, b, label in pairs():
        same = a.language == b.language and claim(a.text, a.language).words == claim(b.text, b.language).words
        assert same == (label["relation"] == "verbatim"), b.text
        assert label["relation"] != "translation" or a.language != b.language, b.text
        assert label["relation"] != "near-verbatim" or a.language == b.language, b.text
