"""The demonstration run once, and what is planted in it (``cases/demo.toml``) matched with what came out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from align import store as tables
from align.records import Citation, Mention, Utterance
from ingest.records import Document
from ingest.store import Store
from tests.command import ROOT

PLANTED: dict[str, Any] = tomllib.loads((ROOT / "tests/cases/demo.toml").read_text(encoding="utf-8"))
PAGES: list[dict[str, Any]] = PLANTED["page"]


def plain(text: str) -> str:
    """Return the words with single blanks: how snippets are compared."""
    return " ".join(text.split())


class Match(msgspec.Struct, frozen=True):
    """A planted mention and the mentions found that cover it best, if any."""

    page: dict[str, Any]
    planted: dict[str, Any]
    found: Mention | None
    utterance: Utterance | None


class Outcome(msgspec.Struct, frozen=True):
    """What the demonstration's corpus holds: the document of each page, and each planted mention's match."""

    documents: dict[str, Document]
    matches: list[Match]
    citations: dict[str, list[Citation]]
    drops: dict[str, str]


def outcome(corpus: Path) -> Outcome:
    """Read a corpus that ``quoteline demo`` made."""
    with Store(corpus, create=False, read_only=True) as store:
        documents = {document.url or "": document for document in store.find(Document)}
        matches = [match for page in PAGES for match in _matches(store, documents.get(page["url"]), page)]
        citations = {document.url or "": tables.citations_of(store, [document.id]) for document in documents.values()}
        drops = dict(
            store.execute(
                "SELECT coalesce(c.url, d.record), reason FROM drops d LEFT JOIN captures c ON c.id = d.record"
            )
        )
    return Outcome(documents, matches, citations, drops)


def _matches(store: Store, document: Document | None, page: dict[str, Any]) -> Iterator[Match]:
    mentions = list(store.find(Mention, "WHERE document = ?", (document.id,))) if document else []
    for planted in page.get("mention", []):
        best = max(mentions, key=lambda mention: shared(planted["text"], mention.text), default=None)
        if best is None or shared(planted["text"], best.text) < 0.5:
            yield Match(page, planted, None, None)
        else:
            yield Match(page, planted, best, tables.utterance_of(store, best.id))


def shared(core: str, text: str) -> float:
    """Return how much of a planted core and a found text is common, as a share of the core, halved when the text runs
    to more than three times its length."""
    core, text = plain(core), plain(text)
    at = text.find(core[:40])
    if at < 0 and plain(text)[:40] not in core:
        return 0.0
    common = len(core) if core in text else len(text) if text in core else min(len(core), len(text)) // 2
    return common / len(core) / (2 if len(text) > 3 * len(core) else 1)
