"""Translations that people printed come before the machine's, and all leave as a translation memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from translate.storage.tmx import tmxfile

from align import attested, trace
from align.export import jsonl, tmx
from align.records import Mention, Utterance, Version
from ingest.records import Document, Outlet, Run, Segment, Translation
from ingest.store import Store

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SAID = "Пролив останется открытым. Пошлина не вырастет."
TEXTS = {
    "ru": ("gorizont", "ru", SAID),
    "en-wire": ("northwire", "en", "The strait will stay open. The toll will not rise."),
    "en-mfa": ("mid", "en", "The strait remains open. The toll is not going to rise."),
    "en-part": ("courier", "en", "The strait will stay open."),
    "el": ("akti", "el", "Τα στενά θα μείνουν ανοιχτά & <ελεύθερα>. Τα διόδια δεν θα αυξηθούν."),
    "el-wrong": ("isalos", "el", "Τα στενά δεν θα μείνουν ανοιχτά. Τα διόδια δεν θα αυξηθούν."),
}
RELATIONS = {"en-part": ("excerpt", None), "el-wrong": ("distortion", "negation"), "ru": ("fullest", None)}
KINDS = {"mid": "ministry", "northwire": "agency"}


def outlet(name: str, rights: str = "full") -> Outlet:
    """Return a declared outlet."""
    return Outlet(
        id=name, name=name.title(), domains=(f"{name}.example",), country="ke", language="en",
        kind=KINDS.get(name, "newspaper"), rights=rights,
    )  # fmt: skip


OUTLETS = {name: outlet(name) for name, _, _ in TEXTS.values()}
DOCUMENTS = {
    f"d-{name}": Document(
        id=f"d-{name}", outlet=home, language=language, text=text, title="Название" if name == "ru" else None,
        url=f"https://{home}.example/{name}", published=NOW + timedelta(hours=number), first_seen=NOW,
    )
    for number, (name, (home, language, text)) in enumerate(TEXTS.items())
}  # fmt: skip
MENTIONS = {
    name: Mention(id=name, document=f"d-{name}", start=0, end=len(text), text=text, language=language)
    for name, (_, language, text) in TEXTS.items()
}
UTTERANCE = Utterance(
    id="utterance-1", person=None, said_at=None, fullest="ru", earliest="ru", languages=("el", "en", "ru"), outlets=(),
    mentions=tuple(
        Version(mention=name, relation=relation, translated=name != "ru", distortion=distortion, score=0.9)
        for name in TEXTS
        for relation, distortion in [RELATIONS.get(name, ("translation", None))]
    ),
)  # fmt: skip


@pytest.fixture
def corpus(tmp_path: Path):
    """A corpus with one utterance in three languages, and a machine's sentences: one trusted, one not, one title."""
    with Store(tmp_path / "corpus") as store:
        with store.transaction():
            store.add([Run(id="r", command="refresh", started=NOW), *DOCUMENTS.values(), *MENTIONS.values()])
            store.declare(OUTLETS.values())
            cut = SAID.index("Пошлина")
            for name, start, end in (("s1", 0, cut - 1), ("s2", cut, len(SAID))):
                text = SAID[start:end]
                store.add([Segment(id=name, document="d-ru", start=start, end=end, text=text, language="ru")])
            store.add([Segment(id="s0", document="d-ru", part="title", start=0, end=8, text="Название", language="ru")])
            for name, text, flags in (
                ("s0", "Title", ()), ("s1", "The strait will remain open.", ()), ("s2", "♪", ("known_hallucination",)),
            ):  # fmt: skip
                made = {"engine": "argos ru_en", "path": ("ru", "en"), "score": 0.9, "language": "en"}
                store.add([Translation(id=f"t-{name}", segment=name, text=text, flags=flags, **made)])
        store.add([UTTERANCE])
        for version in UTTERANCE.mentions:
            store.run("INSERT INTO versions VALUES (?, ?)", (version.mention, UTTERANCE.id))
        yield store


def test_the_ministrys_words_come_before_the_agencys() -> None:
    """Of several whole renderings the one nearest to the speaker is offered; parts and distortions never are."""
    pairs = attested.attested_pairs(UTTERANCE, MENTIONS, DOCUMENTS, OUTLETS)
    assert [right.id for left, right in pairs if left.id == "ru"] == ["el", "en-mfa"]
    assert {one.id for pair in pairs for one in pair} == {"ru", "en-wire", "en-mfa", "el"}


def test_an_attested_translation_is_offered_before_the_machines(corpus: Store) -> None:
    """Both are there where the machine's is trusted; each says what it is, and where it was printed."""
    with corpus.transaction():
        corpus.run("UPDATE translations SET flags = '[]', text = 'The toll will not grow.' WHERE id = 't-s2'")
    lineage = trace.lineage_of(corpus, UTTERANCE)
    (russian,) = (one for one in lineage.occurrences if one.mention == "ru")
    assert [(one.attested, one.outlet, one.text) for one in russian.translations] == [
        (True, "mid", TEXTS["en-mfa"][2]),
        (False, None, "The strait will remain open. The toll will not grow."),
    ]


def test_a_suspect_translation_is_not_offered(corpus: Store) -> None:
    """Where a guard doubts one of its sentences, the machine says nothing of the quotation."""
    lineage = trace.lineage_of(corpus, UTTERANCE)
    (russian,) = (one for one in lineage.occurrences if one.mention == "ru")
    assert [one.attested for one in russian.translations] == [True]


def units(path: Path) -> dict[tuple[str, str], str]:
    """Read a TMX file with translate-toolkit: (source, language of the target) -> target."""
    found = tmxfile.parsefile(str(path))
    return {(unit.source, unit.gettargetlanguage() or ""): unit.target for unit in found.units}


def test_the_memory_reads_back_unchanged(corpus: Store, tmp_path: Path) -> None:
    """translate-toolkit finds every pair, letter for letter, sentences aligned; suspect ones only when asked for."""
    assert tmx.export(corpus, tmp_path / "out") == {"attested": 10, "machine": 2}
    path = tmp_path / "out" / "corpus.tmx"
    read = tmxfile.parsefile(str(path))
    pairs = {(unit.source, unit.target) for unit in read.units}
    assert ("Пролив останется открытым.", "The strait will remain open.") in pairs
    assert ("Название", "Title") in pairs
    both = {frozenset(pair) for pair in pairs}
    for one, other in (
        ("Пролив останется открытым.", "The strait remains open."),
        ("Пошлина не вырастет.", "The toll is not going to rise."),
        ("Пролив останется открытым.", "Τα στενά θα μείνουν ανοιχτά & <ελεύθερα>."),
    ):
        assert frozenset((one, other)) in both
    assert not any("♪" in text for pair in pairs for text in pair)
    before = path.read_bytes()
    tmx.export(corpus, tmp_path / "out")
    assert path.read_bytes() == before
    assert tmx.export(corpus, tmp_path / "all", suspect=True)["machine"] == 3


def test_the_memory_is_well_formed_tmx(corpus: Store, tmp_path: Path) -> None:
    """The root, the header's attributes and the units are those that TMX 1.4b asks for, whatever the texts hold."""
    from lxml import etree

    with corpus.transaction():
        corpus.run("UPDATE translations SET text = ? WHERE id = 't-s0'", ("a\x01b ]]> \ufffe",))
    tmx.export(corpus, tmp_path)
    root = etree.parse(str(tmp_path / "corpus.tmx")).getroot()
    assert (root.tag, root.get("version")) == ("tmx", "1.4")
    header = root.find("header")
    assert header is not None
    wanted = {"creationtool", "creationtoolversion", "segtype", "o-tmf", "adminlang", "srclang", "datatype"}
    assert wanted <= set(header.keys())
    assert all(len(unit.findall("tuv/seg")) == 2 for unit in root.iter("tu"))
    assert len({unit.get("tuid") for unit in root.iter("tu")}) == len(list(root.iter("tu")))


def test_rights_decide_what_leaves_as_memory(corpus: Store, tmp_path: Path) -> None:
    """An excerpt outlet's quotations leave and its sentences do not; of selectors nothing leaves."""
    with corpus.transaction():
        corpus.declare([outlet("gorizont", "excerpt"), outlet("akti", "selectors")])
    assert tmx.export(corpus, tmp_path) == {"attested": 4, "machine": 0}


def test_suspect_translations_stay_out_of_the_lines(corpus: Store, tmp_path: Path) -> None:
    """The export of records leaves them out, unless they are asked for."""
    assert jsonl.export(corpus, tmp_path / "a")["translations"] == 2
    assert jsonl.export(corpus, tmp_path / "b", suspect=True)["translations"] == 3
