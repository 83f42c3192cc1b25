"""Scores what a page says over again, from labelled mentions: pairs of one document that carry one label."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

from align import repeat
from align.records import Link
from tests.labelled import document, read
from tests.quality_linking import labelled


def joined(links: Iterable[Link]) -> set[frozenset[str]]:
    """Return the pairs of mentions that links make one statement: those that follow one mention, and it."""
    groups: dict[str, set[str]] = {}
    for one in links:
        groups.setdefault(one.left, {one.left}).add(one.right)
    return {frozenset(pair) for group in groups.values() for pair in combinations(sorted(group), 2)}


def score(eval_dir: Path) -> dict[str, float]:
    """Return precision and recall of pairs, and of the mentions that repeat another how many are found."""
    figures: dict[str, float] = {}
    for name in ("dev", "coverage_dev"):
        rows = read(eval_dir / f"{name}.jsonl")
        gold: set[frozenset[str]] = set()
        mentions = []
        for row in rows:
            here = labelled(row)
            said = {mention.id: label["utterance"] for mention, label in zip(here, row["mentions"], strict=True)}
            gold |= {frozenset(pair) for pair in combinations(said, 2) if said[pair[0]] == said[pair[1]]}
            mentions += here
        found = joined(repeat.repeats(mentions, {row["id"]: document(row) for row in rows}))
        figures[f"{name}: pairs of one page"] = len(gold)
        figures[f"{name}: repetitions, precision"] = len(found & gold) / max(len(found), 1)
        figures[f"{name}: repetitions, recall"] = len(found & gold) / max(len(gold), 1)
    return figures
