"""Scores linking from labelled mentions, and the typing of labelled pairs: speakers and spans given, nothing else.

Every text is encoded once for all three files. Nothing is translated: these are the figures without packages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from align import attested, cluster, encode, link
from align.compare import Side
from align.encode import CachedEncoder, Vectors
from align.records import Comparison, Form, Mention, Utterance
from ingest import ids
from tests.labelled import document, read, scorer


class Memory:
    """Vectors kept for the length of one measurement."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Vectors] = {}

    def get_many(self, encoder: str, digests: Sequence[str]) -> dict[str, Vectors]:
        """Return the vectors that are known."""
        return {digest: self._kept[encoder, digest] for digest in digests if (encoder, digest) in self._kept}

    def put_many(self, encoder: str, vectors: Mapping[str, Vectors]) -> None:
        """Keep vectors."""
        self._kept |= {(encoder, digest): vector for digest, vector in vectors.items()}


def form_of(label: dict[str, Any]) -> Form | None:
    """Return the form of a label in the words of the records."""
    form = {"tweet": "post"}.get(label["form"], label["form"])
    return form if form in get_args(Form) else None


def labelled(row: dict[str, Any]) -> list[Mention]:
    """Make mentions of the labels of a document, with the labelled speaker as the resolved person."""
    return [
        Mention(
            id=ids.content_id("mention", row["id"], label["start"], label["end"]),
            document=row["id"], start=label["start"], end=label["end"], text=label["text"], kind=label["kind"],
            language=label.get("language") or row["language"], form=form_of(label), person=label["speaker"] or None,
        )
        for label in row["mentions"]
    ]  # fmt: skip


def gathered(rows: Sequence[dict[str, Any]], encoder: encode.Encoder) -> tuple[list[Mention], list[Utterance]]:
    """Link labelled mentions; return them, and the utterances that come of it."""
    mentions = [mention for row in rows for mention in labelled(row)]
    documents = {row["id"]: document(row) for row in rows}
    return mentions, cluster.utterances(mentions, link.link(mentions, documents, encoder), documents)


def offered(
    rows: Sequence[dict[str, Any]], mentions: Sequence[Mention], utterances: Sequence[Utterance]
) -> dict[str, float]:
    """Return how many attested translations there are, and how many are of the same utterance, and undistorted."""
    labels = {m.id: label for row in rows for m, label in zip(labelled(row), row["mentions"], strict=True)}
    documents, by_id = {row["id"]: document(row) for row in rows}, {m.id: m for m in mentions}
    pairs = [pair for one in utterances for pair in attested.attested_pairs(one, by_id, documents, {})]
    both = [(labels[left.id], labels[right.id]) for left, right in pairs]
    same = [pair for pair in both if pair[0]["utterance"] == pair[1]["utterance"]]
    sound = [pair for pair in same if not any(label.get("distortion") for label in pair)]
    return {
        "attested translations": len(pairs),
        "attested: same utterance": len(same) / max(len(pairs), 1),
        "attested: undistorted too": len(sound) / max(len(pairs), 1),
    }


def linked(mentions: Sequence[Mention], utterances: Sequence[Utterance]) -> list[dict[str, object]]:
    """Return the scorer's lines."""
    of = {version.mention: utterance.id for utterance in utterances for version in utterance.mentions}
    return [
        {"document": m.document, "start": m.start, "end": m.end, "kind": m.kind, "speaker": m.person,
         "utterance": of[m.id]}
        for m in mentions
    ]  # fmt: skip


def compared(rows: Sequence[dict[str, Any]], encoder: encode.Encoder) -> list[Comparison]:
    """Compare labelled pairs."""
    sides = [
        (Side(text=row["a"]["text"], language=row["a"]["language"]),
         Side(text=row["b"]["text"], language=row["b"]["language"]))
        for row in rows
    ]  # fmt: skip
    return link.compare_pairs(sides, encoder)


def alarms(rows: Sequence[dict[str, Any]], judged: Sequence[Comparison]) -> dict[str, float]:
    """Return precision and recall of distortion of any kind, and how often the kind of those found is right."""
    raised = [bool(one.same_utterance and one.distortion) for one in judged]
    right = [row for row, alarm in zip(rows, raised, strict=True) if alarm and row["distortion"]]
    true = sum(bool(row["distortion"]) for row in rows)
    kinds = sum(
        one.distortion == row["distortion"]
        for row, one, alarm in zip(rows, judged, raised, strict=True)
        if alarm and row["distortion"]
    )
    return {
        "pairs: distortion precision": len(right) / max(sum(raised), 1),
        "pairs: distortion recall": len(right) / max(true, 1),
        "pairs: kind right, of distortions found": kinds / max(len(right), 1),
    }


def score(eval_dir: Path) -> dict[str, float]:
    """Return B-cubed, cross-language and pairwise figures of both document sets, and those of the pairs."""
    encoder = CachedEncoder(encode.default_encoder(), Memory())
    clusters, pairs = scorer(eval_dir / "score.py"), scorer(eval_dir / "score_pairs.py")
    figures: dict[str, float] = {}
    for name in ("dev", "coverage_dev"):
        rows = read(eval_dir / f"{name}.jsonl")
        mentions, utterances = gathered(rows, encoder)
        found = clusters.score(rows, linked(mentions, utterances))["clusters"]
        figures[f"{name}: B-cubed F1"] = found["bcubed"]["f1"]
        figures[f"{name}: cross-language pair F1"] = found["pairwise_cross_language"]["f1"]
        figures[f"{name}: pairwise precision"] = found["pairwise"]["p"]
        figures |= {f"{name}: {what}": figure for what, figure in offered(rows, mentions, utterances).items()}
    rows = read(eval_dir / "pairs_dev.jsonl")
    judged = compared(rows, encoder)
    lines = [
        {"same_utterance": one.same_utterance, "relation": one.relation, "distortion": one.distortion} for one in judged
    ]
    found = pairs.score(rows, lines)
    figures["pairs: same/different accuracy"] = found["same_accuracy"]
    figures["pairs: relation macro-F1"] = found["relation_macro_f1"]
    return figures | alarms(rows, judged)
