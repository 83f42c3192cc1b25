"""Scores speakers and citations on labelled pages, with the mentions given: what is measured is who is meant, alone.

A printed speaker is looked for beside its mention, because the labels give its words and not its place. Labels without
printed speakers (``coverage_dev.jsonl``) are scored through extraction, on the mentions it finds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from align import cite, extract, speaker
from align.records import Mention
from ingest.records import Outlet, Person, Role
from tests.labelled import document, read

_HALF = 0.5  # least overlap (intersection over union) of a found mention with a labelled one


@dataclass(frozen=True)
class Reported:
    """A labelled mention and where its speaker is printed."""

    mention: Mention
    speaker_span: tuple[int, int] | None


def reported(row: dict[str, Any]) -> list[Reported]:
    """Make mentions of the labels, each with the place of its printed speaker."""
    made = []
    for number, label in enumerate(row["mentions"]):
        printed = label.get("speaker_as_printed") or ""
        mention = Mention(
            id=f"{row['id']}-{number}", document=row["id"], start=label["start"], end=label["end"],
            text=label["text"], kind=label["kind"], cue=label.get("cue") or "", speaker=printed,
            form="nested" if label.get("form") == "nested" else None,
        )  # fmt: skip
        made.append(Reported(mention, _place(row["text"], printed, label["start"], label["end"])))
    return made


def _place(text: str, printed: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the occurrence of the printed speaker nearest to the mention and not inside it."""
    if not printed:
        return None
    found = [m.span() for m in re.finditer(rf"(?<!\w){re.escape(printed)}(?!\w)", text)]
    outside = [span for span in found if not start <= span[0] < end]
    return min(outside, key=lambda span: min(abs(span[0] - end), abs(start - span[1])), default=None)


def declared_persons(path: Path) -> list[Person]:
    """Make declared persons of ``persons.json``."""
    rows = json.loads(path.read_text("utf-8"))
    return [
        Person(
            id=row["id"], name=row["name"], gender=row.get("gender", ""),
            aliases={language: tuple(forms) for language, forms in row["aliases"].items()},
            roles=tuple(
                Role(
                    since=role.get("from") or "", until=role.get("to") or "",
                    titles={k: tuple(v) for k, v in role.items() if isinstance(v, list)},
                )
                for role in row["roles"]
            ),
        )
        for row in rows
    ]  # fmt: skip


def declared_outlets(path: Path) -> list[Outlet]:
    """Make declared outlets of ``outlets.json``, by their canonical names alone."""
    rows = json.loads(path.read_text("utf-8"))
    return [
        Outlet(
            id=name, name=name, domains=(row["domain"],), country="xx", language=row["lang"], kind="site", rights="full"
        )
        for name, row in rows.items()
    ]  # fmt: skip


def speakers(rows: list[dict[str, Any]], persons: list[Person]) -> float:
    """Return the share of labelled mentions whose person is the labelled one."""
    found = {row["id"]: reported(row) for row in rows}
    resolved = speaker.resolve([document(row) for row in rows], found, persons)
    labels = [label for row in rows for label in row["mentions"]]
    right = sum(mention.person == label["speaker"] for mention, label in zip(resolved, labels, strict=True))
    return right / len(labels)


def speakers_found(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Return, of the mentions that extraction finds, the share with the right person, and how many it finds."""
    documents = [document(row) for row in rows]
    found = {d.id: extract.extract_with_evidence(d) for d in documents}
    by_document: dict[str, list[Mention]] = {}
    for mention in speaker.resolve(documents, found, []):
        by_document.setdefault(mention.document, []).append(mention)
    right = matched = 0
    labels = [(row["id"], label) for row in rows for label in row["mentions"]]
    for name, label in labels:
        best = max(by_document.get(name, ()), key=lambda m: _overlap(m, label), default=None)
        if best is not None and _overlap(best, label) >= _HALF:
            matched += 1
            right += best.person == label["speaker"]
    return right / max(matched, 1), matched / max(len(labels), 1)


def _overlap(mention: Mention, label: dict[str, Any]) -> float:
    shared = min(mention.end, label["end"]) - max(mention.start, label["start"])
    return max(shared, 0) / (max(mention.end, label["end"]) - min(mention.start, label["start"]))


def cited(rows: list[dict[str, Any]], outlets: Sequence[Outlet]) -> float:
    """Return F1 of (document, cited outlet)."""
    true = predicted = labelled = 0
    for row in rows:
        want = {label["outlet"] for label in row.get("cites") or ()}
        have = {c.outlet for c in cite.citations(document(row), outlets)}
        true, predicted, labelled = true + len(want & have), predicted + len(have), labelled + len(want)
    return 2 * true / max(predicted + labelled, 1)


def cited_places(rows: list[dict[str, Any]]) -> float:
    """Return F1 of the places of citations when nothing is declared: a citation counts where it overlaps a cue."""
    true = predicted = labelled = 0
    for row in rows:
        cues = [(at := row["text"].find(label["cue"]), at + len(label["cue"])) for label in row.get("cites") or ()]
        have = [(c.start, c.end) for c in cite.citations(document(row), ())]
        true += sum(any(a < end and start < b for a, b in have) for start, end in cues)
        predicted, labelled = predicted + len(have), labelled + len(cues)
    return 2 * true / max(predicted + labelled, 1)


def score(eval_dir: Path) -> dict[str, float]:
    """Return speaker accuracy on labelled mentions and on those that extraction finds, and F1 of citations."""
    dev, coverage = read(eval_dir / "dev.jsonl"), read(eval_dir / "coverage_dev.jsonl")
    found_dev, found_coverage = speakers_found(dev), speakers_found(coverage)
    return {
        "speakers, labelled mentions, nobody declared": speakers(dev, []),
        "speakers, labelled mentions, persons declared": speakers(dev, declared_persons(eval_dir / "persons.json")),
        "speakers, mentions found, dev": found_dev[0],
        "mentions found, dev": found_dev[1],
        "speakers, mentions found, coverage": found_coverage[0],
        "mentions found, coverage": found_coverage[1],
        "citations F1, outlets declared": cited(dev, declared_outlets(eval_dir / "outlets.json")),
        "citations F1, outlets of the input": cited(dev, cite.seen_outlets(document(row) for row in dev)),
        "citations F1 of places, nobody declared": cited_places(dev),
    }
