"""Scores the mentions of the extractor alone, by kind and by language, with the scorer that lies beside the labels."""

from __future__ import annotations

from pathlib import Path

from align import extract
from tests import labelled


def score(eval_dir: Path) -> dict[str, float]:
    """Mention F1 at IoU 0.5 by kind and language, and over all at 0.8."""
    scorer = labelled.scorer(eval_dir / "score.py")
    figures: dict[str, float] = {}
    for name in ("dev", "coverage_dev"):
        gold = labelled.read(eval_dir / f"{name}.jsonl")
        found = [
            {"document": m.document, "start": m.start, "end": m.end, "kind": m.kind}
            for row in gold
            for m in extract.extract(labelled.document(row))
        ]
        result = scorer.score(gold, found)
        for key, row in result["mentions@0.5"].items():
            if isinstance(row, dict) and "f1" in row:
                figures[f"{name}: mention F1, {key.replace('kind:', '').replace('lang:', '')}"] = row["f1"]
        figures[f"{name}: mention F1 at IoU 0.8"] = result["mentions@0.8"]["all"]["f1"]
    return figures
