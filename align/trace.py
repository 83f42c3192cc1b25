"""A question ("who said this?") -> the utterances it may mean, each with its lineage, and the documents that hold
its words."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from align import attested, changes
from align import lineage as lineages
from align import store as tables
from align.encode import CachedEncoder, Encoder, normalise_mention
from align.records import Lineage, Mention, Utterance
from ingest import fold
from ingest.records import Document
from ingest.store import Store

_NEAR = 0.86  # cosine of the default encoder above which a mention is shown as near in meaning


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """A document that holds the words asked for, with the words around the first of them."""

    document: Document
    around: str


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a question: lineages, best first; how each was found; documents with the words."""

    question: str
    lineages: tuple[Lineage, ...]
    found_by: tuple[str, ...]
    documents: tuple[Holder, ...]


def trace(corpus: Store, question: str, encoder: Encoder | None = None, limit: int = 5) -> Trace:
    """Find the utterances that a text or id means.

    Tried in order, the first that finds something decides: an id; mentions with the phrase; mentions with all its
    words; mentions near in meaning (when an encoder is given). Documents are those with the phrase, then those
    with all its words.
    """
    found = _by_id(corpus, question)
    found_by = "id"
    if not found:
        found, found_by = tables.mentions_with(corpus, question, phrase=True), "phrase"
    if not found:
        found, found_by = tables.mentions_with(corpus, question, phrase=False), "words"
    if not found and encoder is not None:
        found, found_by = _near(corpus, question, encoder), "meaning"
    utterances: dict[str, Utterance] = {}
    for mention in found:
        utterance = tables.utterance_of(corpus, mention.id)
        if utterance is not None:
            utterances.setdefault(utterance.id, utterance)
    ranked = sorted(utterances.values(), key=lambda u: -len(u.mentions))[:limit]
    return Trace(
        question=question,
        lineages=tuple(lineage_of(corpus, utterance) for utterance in ranked),
        found_by=(found_by,) * len(ranked),
        documents=tuple(_holders(corpus, question)),
    )


def lineage_of(corpus: Store, utterance: Utterance) -> Lineage:
    """Return the lineage of an utterance of the corpus."""
    mentions = {m.id: m for m in tables.mentions_of(corpus, (version.mention for version in utterance.mentions))}
    documents = tables.documents_of(corpus, mentions.values())
    outlets = corpus.outlets()
    pairs = attested.attested_pairs(utterance, mentions, documents, outlets)
    translations = attested.rendered(pairs, documents, tables.translations_of_mentions(corpus, only=mentions))
    citations = tables.citations_of(corpus, documents)
    in_corpus = tables.outlets_with_pages(corpus, (citation.outlet for citation in citations))
    printing = {document.outlet for document in documents.values()}
    ministries = [name for name, outlet in outlets.items() if outlet.kind == "ministry" and name in printing]
    return lineages.lineage(
        utterance,
        mentions,
        documents,
        citations,
        translations=translations,
        outlets=outlets,
        in_corpus=in_corpus,
        voices=tables.voices_of(corpus, ministries),
    )


def _by_id(corpus: Store, question: str) -> list[Mention]:
    name = question.strip()
    if name.startswith("mention-"):
        return list(tables.mentions_of(corpus, [name]))
    if name.startswith("utterance-"):
        utterance = corpus.get(Utterance, name) or corpus.get(Utterance, changes.successor(corpus, name) or "")
        return list(tables.mentions_of(corpus, [utterance.fullest])) if utterance else []
    if name.startswith("document-"):
        return list(corpus.find(Mention, 'WHERE document = ? ORDER BY "start"', (name,)))
    return []


def _near(corpus: Store, question: str, encoder: Encoder, limit: int = 5) -> list[Mention]:
    """Return the mentions nearest in meaning, by the vectors that linking left in the corpus."""
    mentions = list(corpus.find(Mention))
    if not mentions:
        return []
    cached = CachedEncoder(encoder, tables.VectorTable(corpus))
    vectors = cached.encode([normalise_mention(mention.text) for mention in mentions])
    scores = vectors @ cached.encode([normalise_mention(question)])[0]
    best = sorted(range(len(mentions)), key=lambda i: (-float(scores[i]), mentions[i].id))[:limit]
    return [mentions[i] for i in best if scores[i] >= _NEAR]


def _holders(corpus: Store, question: str, limit: int = 20) -> Sequence[Holder]:
    found = {document.id: document for document in tables.documents_with(corpus, question, phrase=True, limit=limit)}
    for document in tables.documents_with(corpus, question, phrase=False, limit=limit):
        found.setdefault(document.id, document)
    return [Holder(document=document, around=_around(document.text, question)) for document in found.values()]


def _around(text: str, question: str, width: int = 60) -> str:
    """Return the words around the place where the question's words stand closest together, on one line."""
    wanted = [word for word in fold.fold(question).split() if len(word) > 3] or fold.fold(question).split()
    places = [at for line in [fold.fold(text)] for word in wanted[:8] if (at := line.find(word)) >= 0]
    if not places:
        return ""
    phrase = fold.fold(text).find(fold.fold(question))
    at = min(phrase if phrase >= 0 else max(places), max(len(text) - 1, 0))
    piece = text[max(0, at - width) : at + width]
    return " ".join(piece.split())
