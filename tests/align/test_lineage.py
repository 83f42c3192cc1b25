"""Lineages: when the words stood where, who has them from whom, how many sources, and what is not known."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from align import lineage, report, trace
from align.records import Citation, Lineage, Mention, Utterance, Version
from ingest.jsonl import instant
from ingest.records import Document, Outlet
from ingest.store import Store

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/lineage.toml").read_text("utf-8"))["case"]
SPEAKER = "Pavel Dorin"
SHORT = "The strait stays open for every ship."
LONG = "The strait stays open for every ship that pays the toll, and the toll will not rise this year."
VOICES = {"ministry": {SPEAKER: 6, "Iolanda Brask": 2}}


def outlet(name: str, kind: str, timezone: str = "") -> Outlet:
    """Return a declared outlet that writes English."""
    return Outlet(
        id=name, name=name, domains=(), country="xx", language="en", kind=kind, rights="full", timezone=timezone
    )


OUTLETS = {
    "ministry": outlet("ministry", "ministry"),
    "wire": outlet("wire", "agency"),
    "akti": outlet("akti", "newspaper", "Europe/Athens"),
}


def at(written: str | None) -> datetime | None:
    """Return a time of 2026-03-02, or of the day written before it."""
    if not written:
        return None
    return instant(written.replace(" ", "T") if " " in written else f"2026-03-02T{written}")


def told(pages: list[dict[str, Any]], corpus: tuple[str, ...] = ()) -> Lineage:
    """Return the lineage of one utterance that these pages print."""
    mentions, documents, citations = {}, {}, []
    for page in pages:
        words = {"LONG": LONG}.get(page.get("words", ""), page.get("words", SHORT))
        text = page.get("text", "{}").replace("{}", words)
        start, language = text.index(words), page.get("language", "en")
        mentions[page["id"]] = Mention(
            id=page["id"],
            document=page.get("document", page["id"]),
            start=start,
            end=start + len(words),
            text=words,
            language=page.get("shown", language),
            kind=page.get("kind", "direct"),
            person=page.get("person", SPEAKER),
        )
        documents[page.get("document", page["id"])] = Document(
            id=page.get("document", page["id"]),
            text=text,
            outlet=page.get("outlet"),
            language=language,
            published=at(page.get("published")),
            modified=at(page.get("modified")),
            first_seen=at(page.get("seen")),
            copy_of=page.get("copy_of"),
        )
        for number, (name, cue) in enumerate(page.get("cites", ())):
            begun = text.index(cue)
            named = Citation(
                id=f"{page['id']}-{number}",
                document=page["id"],
                start=begun,
                end=begun + len(cue),
                outlet=name,
                cue=cue,
            )
            citations.append(named)
    return lineage.lineage(
        utterance(list(mentions)), mentions, documents, citations, outlets=OUTLETS, in_corpus=corpus, voices=VOICES
    )


def utterance(mentions: list[str]) -> Utterance:
    """Return an utterance of which the first mention is the fullest."""
    versions = [
        Version(
            mention=name, relation="verbatim" if number else "fullest", translated=False, distortion=None, score=1.0
        )
        for number, name in enumerate(mentions)
    ]
    return Utterance(
        id="u",
        person=SPEAKER,
        said_at=None,
        mentions=tuple(versions),
        fullest=mentions[0],
        earliest=mentions[0],
        languages=("en",),
        outlets=(),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["claim"].replace(" ", "-")[:70])
def test_a_lineage_says_what_the_pages_show(case: dict[str, Any]) -> None:
    """Times, sources, ways, languages and open questions are those that the case names."""
    made, expect = told(case["page"], tuple(case.get("corpus", ()))), case["expect"]
    pages = made.occurrences
    found: dict[str, Any] = {
        "order": [page.mention for page in pages],
        "first": sorted(made.first),
        "earliest": (made.earliest.start, made.earliest.end),
        "sources": {root.name: list(root.mentions) for root in made.sources},
        "states": {root.name: root.state for root in made.sources},
        "taken": {
            page.mention: f"{page.taken.by} {page.taken.outlet} {page.taken.mention or '-'}"
            for page in pages
            if page.taken
        },
        "cites": {page.mention: list(page.cites) for page in pages},
        "copied": {
            page.mention: f"{page.copied.document} {page.copied.part} {page.copied.equal:.2f}"
            for page in pages
            if page.copied
        },
        "missing": list(made.missing),
        "dead_ends": list(made.dead_ends),
        "cycles": [list(ring) for ring in made.cycles],
        "spoken": made.spoken or "",
        "paths": [list(path) for path in made.paths],
        "translated": {page.mention: page.translated_from for page in pages if page.translated_from},
    }
    for name, wanted in expect.items():
        if name == "asked":
            assert [words for words in wanted if not any(words in asked for asked in made.open_questions)] == []
        elif name == "earliest":
            assert found[name] == (at(wanted[0]), at(wanted[1]))
        elif name == "sources":
            assert {root: sorted(held) for root, held in found[name].items()} == wanted
        elif name in {"cites", "taken"}:
            assert {page: found[name].get(page) for page in wanted} == wanted, name
        else:
            assert found[name] == wanted, name


def test_claims_are_kept_apart_and_in_one_time_zone() -> None:
    """Published, modified and first seen stand beside each other in UTC, whatever zone they came in."""
    page = {"id": "a", "published": "2026-03-02 12:00+03:00", "modified": "10:00", "seen": "11:00"}
    (one,) = told([page]).occurrences
    assert [time and time.isoformat()[11:] for time in (one.published, one.modified, one.first_seen)] == [
        "09:00:00+00:00",
        "10:00:00+00:00",
        "11:00:00+00:00",
    ]
    assert (one.seen.start, one.seen.end) == (one.published, one.first_seen)
    assert (one.printed.start, one.printed.end) == (one.published, one.modified)


def test_what_a_page_cites_is_told_with_its_cue() -> None:
    """Each named outlet comes once, with the naming nearest to the words, and with what the corpus has of it."""
    text = "The wire says so.\n\n{} As the wire reports."
    page = {"id": "b", "text": text, "cites": [["wire", "The wire says"], ["wire", "As the wire reports"]]}
    (_, one) = told([{"id": "a", "outlet": "wire", "published": "09:00"}, page]).occurrences
    (cited,) = one.cited
    assert (cited.outlet, cited.cue, cited.state, cited.mention) == ("wire", "As the wire reports", "held", "a")


def test_a_lineage_of_before_can_still_be_read() -> None:
    """What was written before the new fields were there is a Lineage, too."""
    old = {
        "utterance": "u", "person": None, "earliest": {"start": None, "end": None}, "independent": 1, "missing": [],
        "occurrences": [{
            "mention": "m", "document": "d", "outlet": None, "language": "en", "url": None, "seen": {},
            "relation": "fullest", "translated": False, "distortion": None, "text": "x",
        }],
    }  # fmt: skip
    assert msgspec.convert(old, Lineage).occurrences[0].mention == "m"


NAMES = ["wire", "gazette", "courier", "akti", "radio"]
TIMES = st.none() | st.integers(0, 8).map(lambda hours: f"{8 + hours:02}:00")
PAGES = st.lists(
    st.fixed_dictionaries({
        "outlet": st.none() | st.sampled_from(NAMES),
        "document": st.none() | st.integers(0, 7),
        "language": st.sampled_from(["en", "ru", "el"]),
        "published": TIMES,
        "modified": TIMES,
        "seen": TIMES,
        "words": st.sampled_from(["SHORT", "LONG"]),
        "copy_of": st.none() | st.integers(0, 7),
        "cites": st.lists(st.sampled_from(NAMES), max_size=3),
    }),
    min_size=1,
    max_size=8,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(PAGES, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(drawn: list[dict[str, Any]], order: Any) -> None:
    """Mentions, documents and citations in any order give one lineage: each occurrence in one of 1 to N sources."""
    mentions, documents, citations = {}, {}, []
    for number, page in enumerate(drawn):
        home, text = f"d{page['document'] or number}", LONG if page["words"] == "LONG" else SHORT
        mentions[f"m{number}"] = Mention(
            id=f"m{number}", document=home, start=0, end=len(text), text=text, language=page["language"]
        )
        copy = f"d{page['copy_of']}" if page["copy_of"] is not None and f"d{page['copy_of']}" != home else None
        documents[home] = Document(
            id=home,
            text=LONG,
            outlet=page["outlet"],
            published=at(page["published"]),
            modified=at(page["modified"]),
            first_seen=at(page["seen"]),
            copy_of=copy,
        )
        citations += [
            Citation(id=f"c{number}-{n}", document=home, start=n, end=n + 2, outlet=name, cue="of")
            for n, name in enumerate(page["cites"])
        ]

    def made(names: list[str], homes: list[str], named: list[Citation]) -> Lineage:
        versions = {version.mention: version for version in utterance(sorted(mentions)).mentions}
        shuffled = msgspec.structs.replace(utterance(sorted(mentions)), mentions=tuple(versions[n] for n in names))
        return lineage.lineage(
            shuffled, {n: mentions[n] for n in names}, {h: documents[h] for h in homes}, named, outlets=OUTLETS
        )

    names, homes, named = list(mentions), list(documents), list(citations)
    before = made(names, homes, named)
    for shuffled in (names, homes, named):
        order.shuffle(shuffled)
    assert made(names, homes, named) == before

    assert sorted(name for root in before.sources for name in root.mentions) == sorted(mentions)
    assert 1 <= before.independent == len(before.sources) <= len(before.occurrences)
    pages = {one.mention: one for one in before.occurrences if not one.repeats}
    assert before.first
    assert set(before.first) <= set(pages)
    start, end = before.earliest.start, before.earliest.end
    assert start is None or end is None or start <= end
    for one in pages.values():
        assert one.printed.start is None or one.printed.end is None or one.printed.start <= one.printed.end
        assert one.first_seen is None or (one.printed.end and one.printed.end <= one.first_seen)
        assert one.copied_from == (one.copied.document if one.copied else None)
        assert one.cites == tuple(cited.outlet for cited in one.cited if cited.state != "later")
        steps, step = 0, one.taken
        while step and step.mention:
            steps, step = steps + 1, pages[step.mention].taken
            assert steps < len(pages)
    printed(before)  # a tree can be made of it


def printed(made: Lineage) -> str:
    """Return what a pipe gets to read of a lineage."""
    console = Console(width=160, highlight=False, soft_wrap=True)
    with console.capture() as capture:
        report.print_lineage(console, made, {"wire": "The Wire"})
    return capture.get()


def test_the_tree_shows_who_has_it_from_whom() -> None:
    """Sources stand at the left, below each what cites or copies it and by which evidence, and dead ends are marked."""
    shown = printed(
        told(
            [
                {"id": "a", "outlet": "wire", "published": "09:00", "text": "{} It rained."},
                {"id": "b", "outlet": "gazette", "published": "10:00", "text": "{} It rained.", "copy_of": "a"},
                {
                    "id": "c",
                    "outlet": "akti",
                    "language": "el",
                    "published": "11:00",
                    "text": "{} Κατά τη gazette και το radio.",
                    "cites": [["gazette", "Κατά τη gazette"], ["radio", "και το radio"]],
                },
                {
                    "id": "d",
                    "outlet": "courier",
                    "published": "12:00",
                    "text": "{} So the club.",
                    "cites": [["club", "So the club"]],
                },
            ],
            ("club",),
        )
    )
    for line in (
        "From whom: 2 independent sources",
        "├── club  ✗ its pages in the corpus do not hold the words",
        "│   └── courier  2026-03-02 12:00  en  cites “So the club”",
        "└── The Wire  2026-03-02 09:00  en  the first known",
        "    └── gazette  2026-03-02 10:00  en  document 100% equal to that of The Wire",
        "        └── akti  2026-03-02 11:00  el  cites “Κατά τη gazette”  translated",
        "            └── also cites radio  ✗ not in the corpus",
        "Languages: en → el",
        "? radio is cited, and the corpus has no page of it: its own text may be older, or differ.",
    ):
        assert f"{line}\n" in shown, line


def test_rings_are_marked_in_the_tree() -> None:
    """Where outlets cite each other, the citation that leads back is marked."""
    pages = [
        {"id": "a", "outlet": "wire", "published": "10:00", "text": "{} So akti.", "cites": [["akti", "So akti"]]},
        {"id": "b", "outlet": "akti", "published": "11:00", "text": "{} So wire.", "cites": [["wire", "So wire"]]},
    ]
    assert "also cites akti  ✗ printed it later  ↺ they cite each other\n" in printed(told(pages))


def test_the_corpus_tells_dead_ends_and_who_speaks_for_a_ministry(tmp_path: Path) -> None:
    """A cited outlet with other pages in the corpus is a dead end; whom a ministry quotes most speaks its language."""
    texts = {
        "said": ("ministry", SHORT),
        "again": ("ministry", "We will dredge the harbour."),
        "third": ("ministry", "The lighthouse will be painted."),
        "paper": ("akti", SHORT + " So the club and the radio."),
        "other": ("club", "It rained."),
    }
    pages = [
        Document(id=name, outlet=home, text=text, language="en", first_seen=at("10:00"))
        for name, (home, text) in texts.items()
    ]
    found = [
        Mention(id=f"m-{page.id}", document=page.id, start=0, end=9, text=page.text[:9], language="en", person=SPEAKER)
        for page in pages
        if page.id != "other"
    ]
    cues = {"club": "the club", "radio": "the radio"}
    starts = {name: texts["paper"][1].index(cue) for name, cue in cues.items()}
    cites = [
        Citation(id=name, document="paper", start=starts[name], end=starts[name] + len(cue), outlet=name, cue=cue)
        for name, cue in cues.items()
    ]
    with Store(tmp_path / "corpus") as store:
        with store.transaction():
            store.declare(OUTLETS.values())
            store.add([*pages, *found, *cites])
        made = trace.lineage_of(store, utterance(["m-said", "m-paper"]))
    assert (made.dead_ends, made.missing, made.spoken) == (("club",), ("radio",), "en")


@pytest.mark.parametrize(
    ("start", "minutes", "written"),
    [
        ("10:00", 0, "2026-03-02 10:00"),
        ("10:00", 90, "2026-03-02 10:00 – 11:30"),
        ("10:00", 1440, "2026-03-02 10:00 – 2026-03-03 10:00"),
        ("", 0, "≤ 2026-03-02 08:00"),
    ],
)
def test_intervals_are_written_as_short_as_they_are(start: str, minutes: int, written: str) -> None:
    """An end is written where it differs, its day where that differs."""
    begun = at(start)
    end = (begun or datetime(2026, 3, 2, 8, tzinfo=UTC)) + timedelta(minutes=minutes)
    assert report.when(lineage.times.Interval(start=begun, end=end)) == written
