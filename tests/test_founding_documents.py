"""The two documents that the project was created from, where they lie beside the checkout, come out as they should."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.command import SHARED, parsed, quoteline

SEEDS = SHARED / "seeds"
FILES = sorted(SEEDS.glob("*.txt")) if SEEDS.is_dir() else []

pytestmark = pytest.mark.skipif(len(FILES) != 2, reason="the founding documents do not lie beside this checkout")

GONE = (
    "Τελευταία Νέα", "Διεθνή", "Ρoή Ειδήσεων", "Σχόλια αναγνωστών", "Δείτε επίσης", "www.bankingnews.gr",
    "1_1472.JPG", "2_942.jpg", "3_845.jpg", "4_373.JPG",
)  # fmt: skip
GONE_LINES = ("Why Russia is", "Archives", "Subscribe", "Notify of", "guest", "0 Comments")
HEADINGS = (
    "The end of the era of expectations", "Lavrov unloads", "Over 22,000 restrictive measures", "Energy war",
    "\"Let's solve it manfully!\"", "Internal game and \"nothing new\"?", "The 12 trillion plan",
    "Caribbean Crisis 2.0", "What does this mean?", "Vedomosti: Russia was ready for compromises...",
)  # fmt: skip


@pytest.fixture(scope="module")
def documents() -> list[dict[str, Any]]:
    """The two documents as cleaned and detected."""
    cleaned = quoteline("clean", *map(str, FILES))
    assert cleaned.returncode == 0, cleaned.stderr
    return parsed(quoteline("detect", stdin=cleaned.stdout).stdout)


@pytest.fixture(scope="module")
def mentions(documents: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The mentions of each document, in order."""
    import json

    result = quoteline("extract", stdin="".join(json.dumps(d, ensure_ascii=False) + "\n" for d in documents))
    assert result.returncode == 0, result.stderr
    found = parsed(result.stdout)
    return [[m for m in found if m["document"] == d["id"]] for d in documents]


def test_they_are_two_english_documents(documents: list[dict[str, Any]]) -> None:
    """Both are English; the first one names its outlet itself."""
    assert [d["language"] for d in documents] == ["en", "en"]
    assert documents[0]["outlet"] == "bankingnews.gr"


def test_what_is_not_the_article_is_gone(documents: list[dict[str, Any]]) -> None:
    """Labels, image names, the cut headline and the comment form are not in the text."""
    for document in documents:
        for words in GONE:
            assert words not in document["text"]
        for line in document["text"].splitlines():
            assert line.strip() not in GONE_LINES


def test_every_sentence_is_kept(documents: list[dict[str, Any]]) -> None:
    """Apart from what had to go, every line of the files stands in the text or is the title."""
    for path, document in zip(FILES, documents, strict=True):
        kept = " ".join(((document["title"] or "") + " " + document["text"]).split())
        for line in path.read_text(encoding="utf-8").splitlines():
            words = " ".join(line.split())
            for image in GONE[6:]:
                words = words.removesuffix(image)
            if words and words not in {*GONE_LINES, *GONE} and not any(label in words for label in GONE[:5]):
                assert words in kept, words


def test_headings_are_kept(documents: list[dict[str, Any]]) -> None:
    """Section headings stay as paragraphs of their own."""
    paragraphs = documents[0]["text"].split("\n\n")
    for heading in HEADINGS:
        assert heading in paragraphs


def test_the_ministers_statements_are_found(mentions: list[list[dict[str, Any]]]) -> None:
    """Direct and reported statements of the first document are the minister's."""
    by_lavrov = [m for m in mentions[0] if m["person"] == "Sergey Lavrov"]
    direct = " ".join(m["text"] for m in by_lavrov if m["kind"] == "direct")
    reported = " ".join(m["text"] for m in by_lavrov if m["kind"] != "direct")
    assert "dominate the energy market on a global scale" in direct
    for words in ("Trump does not seek to divide the world", "solve problems in Europe", "increase the military power"):
        assert words in reported


def test_the_anonymous_source_stays_anonymous(mentions: list[list[dict[str, Any]]]) -> None:
    """What the source told the newspaper is a source's, and nobody's by name."""
    said = [m for m in mentions[0] if "broader cooperation with the US" in m["text"]]
    assert said
    for mention in said:
        assert "source" in mention["speaker"]
        assert mention["person"] is None


def test_the_whole_answer_is_one_persons(documents: list[dict[str, Any]], mentions: list[list[dict[str, Any]]]) -> None:
    """The transcript answer runs from the label to the last paragraph before the author's own voice."""
    text = documents[1]["text"]
    first = text.index("We are indeed receiving many questions")
    last = text.index("they were accepted by the Russian Side.") + len("they were accepted by the Russian Side")
    covered = set()
    for mention in mentions[1]:
        if mention["person"] == "Sergey Lavrov":
            assert mention["start"] >= first
            assert mention["end"] <= last + 1
            covered |= set(range(mention["start"], mention["end"]))
    missing = [i for i in range(first, last) if i not in covered and text[i].isalnum()]
    assert not missing, text[missing[0] - 20 : missing[0] + 60]


def test_words_reported_inside_the_answer_are_anothers(mentions: list[list[dict[str, Any]]]) -> None:
    """What the answer says that the other minister said is a mention with him as speaker."""
    by_rubio = " ".join(m["text"] for m in mentions[1] if m["person"] == "Marco Rubio")
    assert "there were only proposals" in by_rubio
    assert "could not be a mediator" in by_rubio


def test_a_question_finds_both(tmp_path: Path) -> None:
    """Added to a corpus, both answer to the name of the meeting."""
    corpus = str(tmp_path / "corpus")
    added = quoteline("add", *map(str, FILES), "--corpus", corpus)
    assert added.returncode == 0, added.stderr
    assert len(added.stdout.splitlines()) == 2
    again = quoteline("add", *map(str, FILES), "--corpus", corpus)
    assert again.returncode == 0
    assert "Nothing new" in again.stdout
    traced = quoteline("trace", "spirit of Anchorage", "--corpus", corpus)
    assert traced.returncode == 0, traced.stderr
    for title in ("burying", "SMO is coming to an end"):
        assert title in traced.stdout
    assert quoteline("verify", "--corpus", corpus).returncode == 0
