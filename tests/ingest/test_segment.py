"""Documents cut into sentences with exact offsets."""

from __future__ import annotations

import re
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.records import Document
from ingest.segment import WHOLE, segments, spans

_TABLE = tomllib.loads((Path(__file__).parents[1] / "cases" / "segment.toml").read_text("utf-8"))
_CASES = [(case["language"], text, case["claim"]) for case in _TABLE["case"] for text in case["texts"]]

_TEXTS = st.lists(
    st.sampled_from(
        [
            *"«»“”„\"'()—–-.!?…;:, \n",
            *(
                "\n\n",
                "• ",
                "1. ",
                "г. ",
                "им. ",
                "κ. ",
                "Mr. ",
                "С.В.",
                " сказал",
                "Слово",
                "είπε",
                "Ναι",
                "and",
                "The",
            ),
        ]
    )
    | st.characters(),
    max_size=60,
).map("".join)


@pytest.mark.parametrize(("language", "text", "claim"), _CASES)
def test_sentences_end_where_they_should(language: str, text: str, claim: str) -> None:
    """Each text of the cases is cut exactly at its marks."""
    joined = text.replace("|", " ")
    assert [joined[start:end] for start, end in spans(joined, language)] == text.split("|"), claim


@settings(max_examples=300, deadline=None)
@given(_TEXTS, st.sampled_from(["en", "ru", "el", "uk", "und", "de", "el-Latn"]))
def test_offsets_are_exact_and_nothing_is_lost(text: str, language: str) -> None:
    """Segments are slices of the text, in order, trimmed, without overlap; only whitespace is between them."""
    found = segments(Document(id="d", text=text, language=language))
    at = 0
    for segment in found:
        assert text[segment.start : segment.end] == segment.text
        assert not text[at : segment.start].strip()
        assert segment.text == segment.text.strip() != ""
        assert not re.search(r"\n[^\S\n]*\n", segment.text)
        at = segment.end
    assert not text[at:].strip()
    assert len({segment.id for segment in found}) == len(found)


def test_a_long_quotation_is_cut_into_its_sentences() -> None:
    """Above the bound a quotation of several sentences is not kept whole; its attribution stays with the last."""
    inner = "Мы ждали прилива всю ночь и всё утро, и никто не сказал нам, что он не придёт. " * 6
    text = f"«{inner.strip()}», — сказал лоцман."
    found = [text[start:end] for start, end in spans(text, "ru")]
    assert len(found) > 2
    assert max(map(len, found)) <= WHOLE
    assert found[-1].endswith("», — сказал лоцман.")


def test_list_entries_and_paragraphs_are_apart() -> None:
    """Paragraphs, bullets and numbered lines never share a segment; a wrapped line goes on."""
    text = (
        "The main points:\n• the dam is holding\n• nobody is hurt\n\nThe next briefing\nis in the evening. It is short."
    )
    assert [text[start:end].replace("\n", " ") for start, end in spans(text, "en")] == [
        "The main points:",
        "• the dam is holding",
        "• nobody is hurt",
        "The next briefing is in the evening.",
        "It is short.",
    ]


def test_a_segment_in_another_language_says_so() -> None:
    """An English post inside a Greek page and a Ukrainian sentence inside a Russian one keep their language."""
    greek = "Η πρωθυπουργός έγραψε το απόγευμα.\n\nWe will not pay for a broken valve this winter.\n\n2026"
    page = segments(Document(id="d", text=greek, language="el"))
    assert [segment.language for segment in page] == ["el", "en", "el"]
    russian = (
        "Он ответил по-украински.\n\n«Ми не можемо платити за зламаний клапан, і ніхто не може», — сказав він у порту."
    )
    assert [segment.language for segment in segments(Document(id="d", text=russian, language="ru"))] == ["ru", "uk"]


def test_names_in_latin_letters_do_not_change_the_language() -> None:
    """A Russian sentence full of foreign names stays Russian."""
    text = "Компания Boreas Link передала Northwire ответ."
    assert [segment.language for segment in segments(Document(id="d", text=text, language="ru"))] == ["ru"]


@pytest.mark.parametrize("unit", ["«", '"', "(", "А. ", "a.", "…", "— ", "г. «", "\n\n", "x\n• "])
def test_hostile_text_takes_linear_time(unit: str) -> None:
    """Long runs of marks, initials and breaks are cut in well under a second."""
    start = time.process_time()
    spans(unit * (60_000 // len(unit)), "ru")
    assert time.process_time() - start < 2.0
