"""What a page reports as said: found with kind, speaker as printed and exact place, and nothing that is not speech."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import extract, lexicon
from ingest.records import Document

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/extract.toml").read_text("utf-8"))["case"]
PIECES = [
    "«", "»", "“", "”", '"', "—", ":", ",", ".", "\n", " ", "- ", "Дрегов", "заявил", "что", "said", "that", "Dregov",
    "είπε", "ότι", "по словам", "according to", "Вопрос", "мост откроют завтра",
]  # fmt: skip
UNITS = ["«", "» ", "— ", '"a" ', "он сказал, что ", "«Да, да», — сказал он. — ", "По словам ", "a\n"]


def read(text: str, language: str) -> list[list[str]]:
    """Return kind, form, speaker and words of each mention."""
    mentions = extract.extract(Document(id="d", text=text, language=language))
    return [[m.kind, m.form or "", m.speaker, m.text] for m in mentions]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["claim"].replace(" ", "-")[:60])
def test_reports_of_speech_are_found(case):
    """Kind, form, speaker as printed and words are as the case says, in order of place."""
    assert read(case["text"], case["language"]) == case["expect"]


@given(st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from(["ru", "en", "el", "de"]))
@settings(max_examples=150, deadline=None)
def test_every_mention_is_at_its_place(pieces, language):
    """Whatever the text, a mention's words and speaker stand where it says, and none is there twice."""
    document = Document(id="d", text=" ".join(pieces), language=language)
    found = extract.extract_with_evidence(document)
    for one in found:
        assert document.text[one.mention.start : one.mention.end] == one.mention.text
        assert one.mention.text.strip()
        if one.speaker_span:
            assert document.text[slice(*one.speaker_span)] == one.mention.speaker
    places = [(one.mention.start, one.mention.end) for one in found]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("unit", UNITS)
def test_the_work_grows_with_the_text(unit):
    """Four times the text takes about four times the steps, whatever marks and cues it is made of."""

    def steps(size: int) -> int:
        count = 0

        def tick(*_: object) -> None:
            nonlocal count
            count += 1

        document = Document(id="d", text=(unit * size)[:size], language="ru")
        sys.setprofile(tick)
        try:
            extract.extract(document)
        finally:
            sys.setprofile(None)
        return count

    lexicon.load("ru")
    assert steps(120_000) < 6 * steps(30_000)


def test_a_language_is_its_file_alone():
    """Every lexicon of the folder loads, with marks and reporting words that match their own forms."""
    for path in Path(lexicon.__file__).with_name("lexica").glob("??.toml"):
        words = lexicon.load(path.stem)
        data = tomllib.loads(path.read_text("utf-8"))
        assert words.pairs
        for verbs in data["verbs"].values():
            for line in verbs.values():
                for form in filter(str.strip, line.split("/")[0].split(",")):
                    folded = lexicon.flat(form.strip())
                    assert words.find(folded).at("cue", 0) == (0, len(folded)), (path.stem, form)
