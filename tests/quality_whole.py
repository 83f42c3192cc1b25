"""From text to utterances with nothing given: mentions, speakers and clusters of our own against the gold."""

from __future__ import annotations

from pathlib import Path

from align import cluster, encode, extract, link, speaker
from ingest import language, seeds
from ingest.records import Document
from tests import labelled

ROOT = Path(__file__).resolve().parents[1]


def predictions(docs: list[Document]) -> list[dict[str, object]]:
    """Run extraction, speaker resolution and linking; return the scorer's lines."""
    declared = seeds.load(ROOT / "seeds")[0].persons
    docs = [d if d.language else language.detect_document(d) for d in docs]
    found = {d.id: extract.extract_with_evidence(d) for d in docs}
    mentions = speaker.resolve(docs, found, declared)
    held = {d.id: d for d in docs}
    links = link.link(mentions, held, encode.default_encoder())
    of = {v.mention: u.id for u in cluster.utterances(mentions, links, held) for v in u.mentions}
    return [
        {
            "document": m.document,
            "start": m.start,
            "end": m.end,
            "kind": m.kind,
            "speaker": m.person,
            "utterance": of.get(m.id),
        }
        for m in mentions
    ]


def score(eval_dir: Path) -> dict[str, float]:
    """Mention F1, speaker accuracy and strict B-cubed of the tool's own mentions."""
    scorer = labelled.scorer(eval_dir / "score.py")
    figures: dict[str, float] = {}
    for name in ("dev", "coverage_dev"):
        gold = labelled.read(eval_dir / f"{name}.jsonl")
        result = scorer.score(gold, predictions([labelled.document(row) for row in gold]))
        figures[f"{name}: mention F1 (IoU 0.5)"] = result["mentions@0.5"]["all"]["f1"]
        figures[f"{name}: mention F1 (IoU 0.8)"] = result["mentions@0.8"]["all"]["f1"]
        figures[f"{name}: speaker accuracy"] = result["speaker"]["accuracy"]
        figures[f"{name}: B-cubed F1, matched mentions"] = result["clusters"]["bcubed"]["f1"]
        figures[f"{name}: B-cubed F1, strict"] = result["clusters"]["strict_bcubed"]["f1"]
    return figures
