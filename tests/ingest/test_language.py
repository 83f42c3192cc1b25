"""Which language a text is in, and when that is not to be said."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.language import DEFAULT, UND, detect, detect_document, detection_of
from ingest.records import Document

_TABLE = tomllib.loads((Path(__file__).parents[1] / "cases" / "language.toml").read_text("utf-8"))
_CASES = [(language, text) for language, rules in _TABLE.items() for text in rules["texts"]]


def test_short_segments_are_right_or_undetermined() -> None:
    """Of over 150 short segments at least 98 % are right or und, at most 1 % wrong, and few are und."""
    assert len(_CASES) >= 150
    outcomes = Counter()
    wrong = []
    for language, text in _CASES:
        found = detect(text).language
        outcomes["right" if found == language else "und" if found == UND else "wrong"] += 1
        if found not in {language, UND}:
            wrong.append((text, found))
    assert outcomes["wrong"] <= 0.01 * len(_CASES), wrong
    assert outcomes["right"] >= 0.88 * len(_CASES), outcomes


@pytest.mark.parametrize("language", [name for name in _TABLE if name != UND])
def test_articles_are_right(language: str) -> None:
    """A text as long as an article is in its language, always."""
    document = Document(id="d", text="\n\n".join(_TABLE[language]["texts"]))
    assert detect_document(document).language == language


@pytest.mark.parametrize("text", _TABLE[UND]["texts"])
def test_too_little_is_undetermined(text: str) -> None:
    """Numbers, addresses, single words and unknown scripts are und."""
    assert detect(text).language == UND


def test_evidence_names_engines_and_versions() -> None:
    """Each witness is recorded with its version, its language and its score."""
    evidence = detect("Цените отново се повишиха и никой не знае защо.").evidence
    assert [witness.engine.split()[0] for witness in evidence][:3] == ["script", "lingua", "langdetect"]
    assert all(" " in witness.engine for witness in evidence[1:3])
    assert all(0 <= witness.score <= 1 for witness in evidence)


def test_function_words_name_who_leads() -> None:
    """The witness of the function words says which language they are of, also when it is not the detectors'."""
    for text, language in (
        ("Он сказал, что это было у нас и что они ещё не ушли.", "ru"),
        ("Тој не е тука, а и што.", "mk"),
    ):
        said = {witness.engine: witness.language for witness in detect(text).evidence}
        assert said["function-words"] == language


def test_mixed_script_words_do_not_tip_the_scale() -> None:
    """Greek and Cyrillic words with Latin look-alikes in them count as what they are."""
    assert detect("Ρoή Eιδήσεων: Tο λιμάνι και η αγoρά τoυ νησιού").language == "el"
    assert detect("Tекст o порте и o рынке, как вcегда").language == "ru"


def test_known_neighbours_compete_though_not_asked_for() -> None:
    """A Ukrainian text is not Russian for a corpus of English, Russian and Greek: it is und."""
    assert detect("Ціни знову зросли, і ніхто не знає чому.", ("en", "ru", "el")).language == UND
    assert "uk" in DEFAULT


def test_the_paragraphs_of_a_mixed_page_vote() -> None:
    """A Greek page that embeds long English posts is Greek when most of its paragraphs are, else und."""
    greek = "Το μουσείο θα μείνει ανοιχτό ως τα μεσάνυχτα για όσους θέλουν να δουν το άγαλμα πριν από το ταξίδι."
    post = "See you at the harbour, and bring the children with you."
    page = Document(id="d", text="\n\n".join([greek, post, greek, post, greek, post]))
    assert detection_of(page).language == "el"
    even = Document(id="d", text=f"{greek}\n\n{post} {post}")
    assert detection_of(even).language in {"el", UND}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    """Whatever the text, the answer is a known tag or und, with a score from 0 to 1, the same each time."""
    found = detect(text)
    assert found.language in {*DEFAULT, UND, "el-Latn", "ru-Latn"}
    assert 0 <= found.score <= 1
    assert detect(text) == found
