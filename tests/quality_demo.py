"""How much of what is planted in the demonstration comes out, from pages to utterances."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from align import encode, relink
from align import store as tables
from ingest.store import Store
from tests.command import quoteline
from tests.demonstration import PAGES, Match, outcome, plain


def score(_: Path) -> dict[str, float]:
    """Run the demonstration into a new corpus and count."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "demo"
        run = quoteline("demo", "--corpus", str(corpus))
        if run.returncode not in {0, 3}:
            raise SystemExit(run.stderr)
        result = outcome(corpus)
        without = outcome_without_translations(corpus)
    kept = gone = wanted = unwanted = 0
    for page in PAGES:
        document = result.documents.get(page["url"])
        text = plain(document.text) if document else ""
        kept += sum(plain(snippet) in text for snippet in page["kept"])
        wanted += len(page["kept"])
        gone += sum(plain(snippet) not in text for snippet in page["gone"])
        unwanted += len(page["gone"])
    found = [match for match in result.matches if match.found is not None]
    figures = {
        "snippets kept": kept / wanted,
        "boilerplate removed": gone / unwanted,
        "planted mentions found": len(found) / len(result.matches),
        "kind right": share(found, lambda m: m.found.kind == m.planted["kind"]),
        "person right": share(found, lambda m: m.found.person == m.planted["person"]),
    }
    precision, recall = pairs(found)
    cites = [(page["url"], outlet) for page in PAGES for outlet in page["cites"]]
    cited = sum(outlet in {c.outlet for c in result.citations.get(url, [])} for url, outlet in cites)
    alarms = [m for m in found if relation(m) == "distortion"]
    distorted = [m for m in result.matches if m.planted["distortion"]]
    return figures | {
        "same-utterance pairs, precision": precision,
        "same-utterance pairs, recall": recall,
        "relation right": share(found, lambda m: relation(m) == m.planted["relation"]),
        "distortions found": sum(m in alarms for m in distorted) / len(distorted),
        "distortion alarms right": share(alarms, lambda m: bool(m.planted["distortion"])),
        "citations found": cited / len(cites),
        "pairs without translations, precision": without[0],
        "pairs without translations, recall": without[1],
    }


def outcome_without_translations(corpus: Path) -> tuple[float, float]:
    """Forget the translations, link all anew, and return precision and recall of pairs: what packages are worth."""
    with Store(corpus) as store:
        with store.transaction():
            store.run("DELETE FROM translations")
            store.run("DELETE FROM done WHERE stage = 'link'")
        encoder = encode.CachedEncoder(encode.default_encoder(), tables.VectorTable(store))
        relink.relink(store, encoder, run=None, now=datetime.now(UTC), progress=lambda *_: None)
    return pairs([match for match in outcome(corpus).matches if match.found is not None])


def share(matches, holds) -> float:
    """Return the share of matches for which something holds."""
    return sum(bool(holds(match)) for match in matches) / len(matches) if matches else 0.0


def relation(match: Match) -> str | None:
    """Return the relation that was found for a match."""
    if match.utterance is None or match.found is None:
        return None
    return next(v.relation for v in match.utterance.mentions if v.mention == match.found.id)


def pairs(found: list[Match]) -> tuple[float, float]:
    """Return precision and recall of pairs of planted mentions that were put into one utterance."""
    right = put = should = 0
    for left, right_one in combinations(found, 2):
        same = left.planted["utterance"] == right_one.planted["utterance"]
        together = left.utterance is not None and left.utterance == right_one.utterance
        right += same and together
        put += together
        should += same
    return right / put if put else 0.0, right / should if should else 0.0
