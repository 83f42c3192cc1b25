"""Scores extraction, persons and citations on our own labelled documents (``cases/reports``), language by language.

A finding and a label are one where they share half of the characters that both cover together (IoU 0.5), one to one,
the closest first; findings in regions that the labels leave open do not count.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from align import cite, extract, lexicon, speaker
from align.records import Mention
from ingest.records import Outlet
from tests import labelled

LANGUAGES = ("en", "ru", "el")
_HALF = 0.5


def overlap(mention: Mention, label: dict[str, Any]) -> float:
    """Return the intersection of two spans over their union."""
    shared = min(mention.end, label["end"]) - max(mention.start, label["start"])
    return max(shared, 0) / (max(mention.end, label["end"]) - min(mention.start, label["start"]))


def pairs(found: list[Mention], labels: list[dict[str, Any]], least: float) -> list[tuple[Mention, dict[str, Any]]]:
    """Pair findings with labels, one to one, the closest first."""
    close = sorted(
        ((overlap(one, label), i, j) for i, one in enumerate(found) for j, label in enumerate(labels)), reverse=True
    )
    used: tuple[set[int], set[int]] = (set(), set())
    matched = []
    for share, i, j in close:
        if share >= least and i not in used[0] and j not in used[1]:
            used[0].add(i)
            used[1].add(j)
            matched.append((found[i], labels[j]))
    return matched


class Tally:
    """Counts of one language: findings, labels, and what of both is one."""

    def __init__(self) -> None:
        self.found = self.labels = self.right = self.strict = self.persons = self.in_read_also = 0
        self.cited = self.cites = self.cites_right = 0
        self.kinds: dict[str, list[int]] = {kind: [0, 0, 0] for kind in ("direct", "indirect", "mixed")}

    def add(self, row: dict[str, Any], found: list[Mention]) -> None:
        """Count one document."""
        matched = pairs(found, row["mentions"], _HALF)
        paired = {one.id for one, _ in matched}
        counted = [one for one in found if one.id in paired or not _ignored(one, row["ignore"])]
        self.found, self.labels = self.found + len(counted), self.labels + len(row["mentions"])
        self.right += len(matched)
        self.strict += len(pairs(found, row["mentions"], 0.8))
        self.persons += sum(one.person == label["speaker"] for one, label in matched)
        self.in_read_also += sum(_reads_also(row, one) for one in found)
        for kind, counts in self.kinds.items():
            counts[0] += sum(one.kind == label["kind"] == kind for one, label in matched)
            counts[1] += sum(one.kind == kind for one in counted)
            counts[2] += sum(label["kind"] == kind for label in row["mentions"])

    def figures(self, name: str) -> dict[str, float]:
        """Return F1 of mentions, the share of found ones with the right person, F1 of citations."""
        row = {
            f"{name}: mention F1": f1(self.right, self.found, self.labels),
            f"{name}: mention F1 at IoU 0.8": f1(self.strict, self.found, self.labels),
        }
        row |= {f"{name}: mention F1, {kind}": f1(*counts) for kind, counts in self.kinds.items()}
        return row | {
            f"{name}: person right, of mentions found": self.persons / max(self.right, 1),
            f"{name}: citations F1": f1(self.cites_right, self.cited, self.cites),
            f"{name}: mentions in read-also lines": float(self.in_read_also),
        }


def f1(right: int, found: int, labels: int) -> float:
    """Return the harmonic mean of precision and recall."""
    return 2 * right / max(found + labels, 1)


def _ignored(mention: Mention, regions: list[list[int]]) -> bool:
    half = 0.5 * (mention.end - mention.start)
    return any(min(end, mention.end) - max(start, mention.start) >= half for start, end in regions)


def _reads_also(row: dict[str, Any], mention: Mention) -> bool:
    start = row["text"].rfind("\n", 0, mention.start) + 1
    line = lexicon.flat(row["text"][start : mention.end])
    return lexicon.load(row["language"]).find(line).at("read_also", len(line) - len(line.lstrip())) is not None


def tally(language: str) -> Tally:
    """Count the documents of one language; the people are declared, and the outlets that a file names."""
    counts = Tally()
    for path in sorted(labelled.REPORTS.glob(f"{language}_*.toml")):
        rows = labelled.marked(path)
        documents = [labelled.document(row) for row in rows]
        found = {document.id: extract.extract_with_evidence(document) for document in documents}
        by_document: dict[str, list[Mention]] = {document.id: [] for document in documents}
        for mention in speaker.resolve(documents, found, labelled.people(path)):
            by_document[mention.document].append(mention)
        outlets = _outlets(rows)
        for row, document in zip(rows, documents, strict=True):
            counts.add(row, by_document[document.id])
            have = {citation.outlet for citation in cite.citations(document, outlets)}
            want = {label["outlet"] for label in row["cites"]}
            counts.cited, counts.cites = counts.cited + len(have), counts.cites + len(want)
            counts.cites_right += len(have & want)
    return counts


def _outlets(rows: list[dict[str, Any]]) -> list[Outlet]:
    names = {name for row in rows for name in (row.get("outlet"), *(c["outlet"] for c in row["cites"])) if name}
    return [
        Outlet(id=name, name=name, domains=(), country="xx", language="und", kind="site", rights="full")
        for name in sorted(names)
    ]


def score(_: Path) -> dict[str, float]:
    """Return the figures of all languages."""
    return {key: value for language in LANGUAGES for key, value in tally(language).figures(language).items()}
