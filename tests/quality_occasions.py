"""Scores when labelled mentions were spoken, with the mentions and their speakers given, by the true dates.

A pair that is told apart wrongly is worse than one that is not told apart.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import msgspec

from align.occasion import apart, occasions
from align.records import Interval, Occasion
from tests.labelled import document, read
from tests.quality_speakers import reported


class Said(NamedTuple):
    """A labelled mention and what its page says of its occasion."""

    label: dict[str, Any]
    occasion: Occasion


def said(rows: Sequence[dict[str, Any]]) -> list[Said]:
    """Read the occasions of labelled mentions; a page whose day of publication is not known has none."""
    found = []
    for row in rows:
        dated = row if len(row.get("published") or "") >= len("2026-01-31") else row | {"published": None}
        mentions = [
            msgspec.structs.replace(one.mention, person=label["speaker"] or None)
            for one, label in zip(reported(row), row["mentions"], strict=True)
        ]
        known = occasions(mentions, document(dated))
        found += [Said(label, known[mention.id]) for mention, label in zip(mentions, row["mentions"], strict=True)]
    return found


def holds(interval: Interval | None, day: date) -> bool:
    """Tell whether a day may be the one that an interval speaks of."""
    if interval is None:
        return True
    begun = interval.start is None or interval.start.date() <= day
    return begun and (interval.end is None or day <= interval.end.date())


def length(interval: Interval | None) -> float:
    """Return the length of an interval in days, infinite where an end is open."""
    if interval is None or interval.start is None or interval.end is None:
        return float("inf")
    return (interval.end - interval.start).total_seconds() / 86_400


def told_apart(found: Sequence[Said]) -> dict[str, float]:
    """Return how many pairs of one speaker in two occasions are told apart, and how many of one utterance."""
    other = [0, 0]
    same = [0, 0]
    for left, right in combinations(found, 2):
        if left.label["speaker"] != right.label["speaker"]:
            continue
        reason = bool(apart(left.occasion, right.occasion))
        if left.label["utterance"] == right.label["utterance"]:
            same = [same[0] + reason, same[1] + 1]
        elif left.label["occasion"] != right.label["occasion"]:
            other = [other[0] + reason, other[1] + 1]
    return {
        "pairs of two occasions, told apart": other[0] / max(other[1], 1),
        "pairs of one utterance, wrongly told apart": same[0] / max(same[1], 1),
        "pairs of one utterance": same[1],
    }


def score(eval_dir: Path) -> dict[str, float]:
    """Return what intervals hold and how long they are, and what is told apart rightly and wrongly."""
    dates = {
        one["id"]: date.fromisoformat(one["date"]) for one in json.loads((eval_dir / "occasions.json").read_text())
    }
    figures: dict[str, float] = {}
    for name in ("dev", "coverage_dev"):
        found = said(read(eval_dir / f"{name}.jsonl"))
        for one in found:
            one.label.setdefault("occasion", one.label["utterance"].split("-")[0])
        known = [one for one in found if one.label["occasion"] in dates]
        if known:
            right = [holds(one.occasion.said_at, dates[one.label["occasion"]]) for one in known]
            figures[f"{name}: intervals with the true date"] = sum(right) / len(right)
        figures[f"{name}: days of an interval, median"] = median(length(one.occasion.said_at) for one in found)
        figures[f"{name}: mentions with a venue"] = sum(bool(one.occasion.venue) for one in found) / len(found)
        figures |= {f"{name}: {measure}": figure for measure, figure in told_apart(found).items()}
        again = [one for one in found if one.label["utterance"] in {"o05-u1", "o15-u1"}]
        figures |= {f"{name}, same words again: {m}": f for m, f in told_apart(again).items() if again}
    return figures
