"""Scores cleaning on a folder of saved pages with snippets (``manifest.json``) and annotators' texts (``gold/``)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.clean import clean
from ingest.ids import content_id, digest
from ingest.records import Capture, Document, Drop

FETCHED = datetime(2026, 11, 1, tzinfo=UTC)


def capture_of(path: Path, url: str) -> Capture:
    """Return a saved page as if it had been fetched, without any header."""
    body = path.read_bytes()
    return Capture(
        id=content_id("capture", url, digest(body)), url=url, fetched_at=FETCHED, digest=digest(body), body=body
    )


def plain(text: str) -> str:
    """Return the words with single blanks, without invisible characters."""
    return " ".join(re.sub("[\u200b\u00ad\ufeff]", "", text).split())


def shingles(text: str) -> set[tuple[str, ...]]:
    """Return the runs of four words."""
    words = re.findall(r"\w+", plain(text).casefold())
    return {tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))} if words else set()


def doubts(gold: dict[str, Any]) -> set[tuple[str, ...]]:
    """Return the runs of four words that an annotator was unsure of."""
    return set().union(*(shingles(doubt["text"]) for doubt in gold["doubtful"])) if gold["doubtful"] else set()


def f1(found: set[tuple[str, ...]], wanted: set[tuple[str, ...]]) -> float:
    """Return the harmonic mean of precision and recall; 1 when both are empty."""
    if not found or not wanted:
        return float(not found and not wanted)
    return 2 * len(found & wanted) / (len(found) + len(wanted))


def examine(page: dict[str, Any], pages_dir: Path) -> dict[str, Any]:
    """Clean one page; return what was wrong with it, by kind, and its F1 where there is an annotation."""
    cleaned = clean(capture_of(pages_dir / page["file"], page["url"]))
    text = cleaned.text if isinstance(cleaned, Document) else ""
    flat = plain(text)
    found: dict[str, Any] = {
        "missing": [snippet for snippet in page.get("with", []) if plain(snippet) not in flat],
        "left": [snippet for snippet in page.get("without", []) if plain(snippet) in flat],
        "dropped": isinstance(cleaned, Drop),
        "document": cleaned,
    }
    path = pages_dir / "gold" / (Path(page["file"]).stem + ".json")
    if path.is_file():
        gold = json.loads(path.read_text(encoding="utf-8"))
        wanted = "\n\n".join([gold["standfirst"] or "", *gold["body"]])
        unsure = doubts(gold) - shingles("\n\n".join(gold["body"][1:-1]))
        lines = {plain(line) for line in text.split("\n")}
        doubtful = {plain(doubt["text"]) for doubt in gold["doubtful"]}
        found |= {
            "gold": gold,
            "f1": f1(shingles(text) - unsure, shingles(wanted) - unsure),
            "excluded": [line for line in gold["excluded"] if plain(line) in lines - doubtful],
            "standfirst": not gold["standfirst"] or plain(gold["standfirst"]) in flat,
        }
    return found


def score(pages_dir: Path) -> dict[str, float]:
    """Return the figures over all pages of the folder."""
    pages = json.loads((pages_dir / "manifest.json").read_text(encoding="utf-8"))
    seen = [examine(page, pages_dir) for page in pages]
    annotated = [one for one in seen if "gold" in one]
    empty = [one for one in annotated if one["gold"]["no_article"]]
    return {
        "wanted snippets lost": float(sum(len(one["missing"]) for one in seen)),
        "unwanted snippets left": float(sum(len(one["left"]) for one in seen)),
        "4-gram shingle F1": sum(one["f1"] for one in annotated) / max(1, len(annotated)),
        "excluded lines left": float(sum(len(one["excluded"]) for one in annotated)),
        "standfirsts lost": float(sum(not one["standfirst"] for one in annotated)),
        "pages without an article kept": float(sum(not one["dropped"] for one in empty)),
    }
