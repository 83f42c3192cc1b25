"""A translation memory (TMX 1.4b): sentences and titles with what a machine made of them, and quotations with what a
person made of them elsewhere.

Attested units come first, then the machine's, each sorted by id, so that the same corpus gives the same bytes. A
quotation and its attested translation that have as many sentences are given sentence by sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from align import attested
from align import store as tables
from align.export.files import whole_file
from align.export.rights import QUOTATION, TEXT, rights_of
from align.records import Mention, Utterance
from ingest.fold import storable
from ingest.records import Document, Rights
from ingest.segment import spans
from ingest.store import Store

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class Unit(NamedTuple):
    """A text and its translation. ``facts`` say where both come from; sides are (language, text)."""

    name: str
    left: tuple[str, str]
    right: tuple[str, str]
    facts: tuple[tuple[str, str], ...]


def export(corpus: Store, out: Path, *, suspect: bool = False) -> dict[str, int]:
    """Write ``corpus.tmx`` into ``out``; return the numbers of attested and of machine units.

    Machine translations that a guard doubts are left out unless ``suspect``, and then say why. Raises StoreError.
    """
    rights = rights_of(corpus)
    counts = {"attested": 0, "machine": 0}
    header = {
        "creationtool": "quoteline", "creationtoolversion": "1", "segtype": "sentence", "o-tmf": "quoteline",
        "adminlang": "en", "srclang": "*all*", "datatype": "plaintext",
    }  # fmt: skip
    with whole_file(out / "corpus.tmx") as stream, etree.xmlfile(stream, encoding="utf-8") as file:
        file.write_declaration()
        file.write_doctype('<!DOCTYPE tmx SYSTEM "tmx14.dtd">')
        with file.element("tmx", {"version": "1.4"}):
            file.write(etree.Element("header", header), "\n")
            with file.element("body"):
                for kind, units in (
                    ("attested", _attested(corpus, rights)),
                    ("machine", _machine(corpus, rights, suspect=suspect)),
                ):
                    for unit in units:
                        file.write("\n", _element(unit, kind))
                        counts[kind] += 1
    return counts


def _element(unit: Unit, kind: str) -> etree._Element:
    element = etree.Element("tu", tuid=unit.name)
    for name, value in (("translation", kind), *unit.facts):
        etree.SubElement(element, "prop", type=f"x-{name}").text = storable(value)
    for language, text in (unit.left, unit.right):
        side = etree.SubElement(element, "tuv", {_LANG: language})
        etree.SubElement(side, "seg").text = storable(text)
    return element


def _machine(corpus: Store, rights: Mapping[str, Rights], *, suspect: bool) -> Iterator[Unit]:
    sql = """
        SELECT t.id, s.language, s.text, t.language, t.text, d.outlet, d.url, t.engine, t.path, t.score, t.flags
        FROM current_translations t JOIN segments s ON s.id = t.segment JOIN documents d ON d.id = s.document
        WHERE t.text <> '' AND (t.flags = '[]' OR ?) ORDER BY t.id
    """
    for name, source, text, target, made, outlet, url, engine, path, score, flags in corpus.execute(sql, (suspect,)):
        if rights.get(outlet or "", "selectors") in TEXT:
            facts = (("engine", engine), ("path", path), ("score", str(score)), ("url", url or ""))
            doubts = (("flags", flags),) if flags != "[]" else ()
            yield Unit(name, (source, text), (target, made), (*facts, *doubts))


def _attested(corpus: Store, rights: Mapping[str, Rights]) -> Iterator[Unit]:
    outlets = corpus.outlets()
    for utterance in corpus.find(Utterance, "WHERE json_array_length(languages) > 1 ORDER BY id"):
        mentions = {m.id: m for m in tables.mentions_of(corpus, (version.mention for version in utterance.mentions))}
        documents = tables.documents_of(corpus, mentions.values())
        given: set[frozenset[str]] = set()
        for left, right in attested.attested_pairs(utterance, mentions, documents, outlets):
            homes = documents[left.document], documents[right.document]
            allowed = all(rights.get(home.outlet or "", "selectors") in QUOTATION for home in homes)
            if allowed and frozenset((left.id, right.id)) not in given:
                given.add(frozenset((left.id, right.id)))
                yield from _sentences(left, right, *homes)


def _sentences(left: Mention, right: Mention, from_home: Document, to_home: Document) -> Iterator[Unit]:
    languages = left.language or "und", right.language or "und"
    facts = (
        ("left", left.id),
        ("right", right.id),
        ("left-url", from_home.url or ""),
        ("right-url", to_home.url or ""),
    )
    cut = [
        [mention.text[start:end] for start, end in spans(mention.text, language)]
        for mention, language in zip((left, right), languages, strict=True)
    ]
    fits = len(cut[0]) == len(cut[1]) and all(map(attested.comparable, *cut))
    pairs = zip(*cut, strict=True) if fits else [(left.text, right.text)]
    for number, (one, other) in enumerate(pairs, 1):
        yield Unit(f"{left.id}-{right.id}-{number}", (languages[0], one), (languages[1], other), facts)
