"""From text to utterances with nothing given: mentions, speakers and clusters of our own against the gold."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import msgspec

from align import cluster, encode, extract, link, speaker
from ingest import jsonl, language, seeds
from ingest.records import Document

ROOT = Path(__file__).resolve().parents[1]
FIELDS = ("id", "url", "outlet", "language", "published", "title", "text")


def load_scorer(path: Path) -> ModuleType:
    """Load a scorer that lies beside the labelled data."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def documents(path: Path) -> tuple[list[dict[str, object]], list[Document]]:
    """Return the gold lines of a file and the same as Document records."""
    gold = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    lines = [msgspec.json.encode({name: row[name] for name in FIELDS if name in row}) for row in gold]
    return gold, [jsonl.decode(line, Document, f"{path.name}:{n}") for n, line in enumerate(lines, 1)]


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
    scorer = load_scorer(eval_dir / "score.py")
    figures: dict[str, float] = {}
    for name in ("dev", "coverage_dev"):
        gold, docs = documents(eval_dir / f"{name}.jsonl")
        result = scorer.score(gold, predictions(docs))
        figures[f"{name}: mention F1 (IoU 0.5)"] = result["mentions@0.5"]["all"]["f1"]
        figures[f"{name}: mention F1 (IoU 0.8)"] = result["mentions@0.8"]["all"]["f1"]
        figures[f"{name}: speaker accuracy"] = result["speaker"]["accuracy"]
        figures[f"{name}: B-cubed F1, matched mentions"] = result["clusters"]["bcubed"]["f1"]
        figures[f"{name}: B-cubed F1, strict"] = result["clusters"]["strict_bcubed"]["f1"]
    return figures
