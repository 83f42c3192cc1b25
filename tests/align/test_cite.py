"""From whom a page says it took the words."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import cite
from ingest.ids import content_id
from ingest.records import Anchor, Document, Outlet

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/cite.toml").read_text("utf-8"))
OUTLETS = tuple(
    Outlet(domains=(f"{o['id']}.example",), country="xx", language="en", kind="newspaper", rights="full", **o)
    for o in CASES["outlet"]
)


@pytest.mark.parametrize("case", CASES["case"], ids=lambda c: c["claim"].replace(" ", "-")[:60])
def test_provenance_is_cited(case):
    """A page cites whom its words say, by declared id or printed name, and nobody else."""
    document = Document(id="d", text=case["text"], language=case["language"], outlet=case.get("outlet"))
    assert [[c.outlet, c.cue] for c in cite.citations(document, OUTLETS)] == case["expect"]


_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")


@pytest.mark.parametrize("case", CASES["link"], ids=lambda c: c["claim"].replace(" ", "-")[:60])
def test_links_cite_where_words_say_so(case):
    """A link is a citation where it stands in words of provenance or names the medium that it leads to."""
    text, at, anchors = "", 0, []
    for link in _LINK.finditer(case["text"]):
        text += case["text"][at : link.start()]
        anchors.append(Anchor(start=len(text), end=len(text) + len(link.group(1)), url=link.group(2)))
        text, at = text + link.group(1), link.end()
    document = Document(
        id="d",
        text=text + case["text"][at:],
        language=case["language"],
        outlet=case.get("outlet"),
        anchors=tuple(anchors),
    )
    assert [[c.outlet, c.cue] for c in cite.citations(document, OUTLETS)] == case["expect"]


_MARKED = re.compile(r"\{([^|{}]+)\|([^{}]+)\}")
WORDINGS = [(language, line) for language, lines in CASES["wordings"].items() for line in lines]


def read_marks(line: str) -> tuple[str, list[tuple[str, int, int]]]:
    """Return the text without its marks, and (outlet, start, end) of what was marked."""
    text, at, marks = "", 0, []
    for mark in _MARKED.finditer(line):
        text += line[at : mark.start()]
        marks.append((mark.group(1), len(text), len(text) + len(mark.group(2))))
        text, at = text + mark.group(2), mark.end()
    return text + line[at:], marks


@pytest.mark.parametrize(("language", "line"), WORDINGS, ids=[f"{lang}-{n}" for n, (lang, _) in enumerate(WORDINGS)])
def test_newsroom_wordings_are_understood(language, line):
    """However a newsroom says whence it has the words, the outlet is found where it is named, and nothing else is."""
    text, marks = read_marks(line)
    page = Document(
        id="d", text=text, language=language, outlet="The Fennick Post", url="https://fennickpost.example/a"
    )
    found = cite.citations(page, OUTLETS)
    met = [[o for o, start, end in marks if c.start < end and start < c.end] for c in found]
    assert [bool(outlets) for outlets in met] == [True] * len(marks), [c.cue for c in found]
    assert all(c.outlet in outlets or "?" in outlets for c, outlets in zip(found, met, strict=True))


@given(
    st.lists(
        st.sampled_from(["передаёт", "«", "»", "Нортуайр", "told", "Northwire", "\n", "со ссылкой на", "."]),
        max_size=40,
    )
)
@settings(max_examples=80, deadline=None)
def test_citations_point_into_the_text(pieces):
    """Whatever the text, a citation's cue is what stands at its offsets, and its id is their hash."""
    document = Document(id="d", text=" ".join(pieces), language="ru")
    for citation in cite.citations(document, OUTLETS):
        assert document.text[citation.start : citation.end] == citation.cue
        assert citation.id == content_id("citation", "d", citation.start, citation.end)


def test_a_language_without_cues_cites_nobody():
    """A page in a language without a table of cues has no citations and raises nothing."""
    assert cite.citations(Document(id="d", text="segons Northwire", language="ca"), OUTLETS) == []
