"""The stages of ingest in order, over a corpus. Each takes up what an earlier run left undone, commits in batches,
and changes nothing when there is nothing new.

    fetch_pages      URLs -> captures in WARC files
    take_in          captures of local files -> the same
    take_in_warcs    WARC files that no run has noted -> captures
    clean_captures   captures -> documents with language, sentences and copies marked
    forget_derived   everything after the WARC, so that it is made anew
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from ingest.memory import Fingerprints, Hosts
from ingest.records import Capture, Document, Drop, Segment, with_run
from ingest.sources import Clock, Progress, remember_visit, request_for
from ingest.store import Store

if TYPE_CHECKING:
    from ingest.fetch import Settings
    from ingest.language import Detection

T = TypeVar("T")

_BATCH = 50  # pages a commit: what a killed run may lose and do again
_LOCAL_BATCH = 200  # the same of pages that are here already


def batched(things: Iterable[T], size: int = _BATCH) -> Iterator[list[T]]:
    """Yield lists of at most ``size`` things."""
    iterator = iter(things)
    while batch := list(islice(iterator, size)):
        yield batch


def fetch_pages(
    corpus: Store,
    pages: Mapping[str, tuple[str | None, str | None]],
    settings: Settings,
    delays: Mapping[str, float],
    *,
    run: str,
    clock: Clock,
    progress: Progress,
) -> dict[str, int]:
    """Fetch pages, conditionally where they are known. Returns counts: fetched, unchanged, dropped.

    What one commit takes in: the WARC file is complete on disk before its captures are noted, and the validators of
    a page are remembered only with its capture; so a killed run loses no page.
    """
    from ingest import fetch

    counts = {"fetched": 0, "unchanged": 0, "dropped": 0, "failed": 0}
    requests = [request_for(corpus, url, outlet, source) for url, (outlet, source) in pages.items()]
    answers = fetch.fetch_all(requests, settings, Hosts(corpus), delays, clock=clock)
    done = 0
    for number, batch in enumerate(batched(answers)):
        fetched = [answer for answer in batch if isinstance(answer, fetch.Fetched)]
        captures = [
            answer.capture
            for answer in fetched
            if not corpus.count("SELECT count(*) FROM captures WHERE id = ?", (answer.capture.id,))
        ]
        keep(corpus, captures, name=f"{run}-{number:04d}", run=run)
        with corpus.transaction():
            for answer in batch:
                if isinstance(answer, Drop):
                    counts["dropped"] += 1
                    counts["failed"] += answer.reason != "robots_disallowed"
                    corpus.add([with_run(answer, run)])
                elif isinstance(answer, fetch.NotModified):
                    counts["unchanged"] += 1
                    remember_visit(corpus, answer.request.url, None, None, answer.at, unchanged=True)
                else:
                    url, at = answer.capture.url, answer.capture.fetched_at
                    remember_visit(corpus, url, answer.etag, answer.last_modified, at, unchanged=False)
        counts["fetched"] += len(captures)
        counts["unchanged"] += len(fetched) - len(captures)
        done += len(batch)
        progress("fetching pages", done, len(requests))
    return counts


def take_in(
    corpus: Store, found: Iterable[Capture | Drop], *, name: str, run: str, progress: Progress
) -> dict[str, int]:
    """Keep captures that were read from local files, as they come.

    Returns counts: fetched, unchanged, dropped, and failed: files that could not be read at all.
    """
    counts = {"fetched": 0, "unchanged": 0, "dropped": 0, "failed": 0}
    done = 0
    for number, batch in enumerate(batched(found, _LOCAL_BATCH)):
        fresh: dict[str, Capture] = {}
        lost = [one for one in batch if isinstance(one, Drop)]
        for one in batch:
            if isinstance(one, Capture) and not corpus.count("SELECT count(*) FROM captures WHERE id = ?", (one.id,)):
                fresh.setdefault(one.id, one)
        keep(corpus, list(fresh.values()), name=f"{name}-{number:04d}", run=run)
        with corpus.transaction():
            corpus.add(with_run(one, run) for one in lost)
        counts["fetched"] += len(fresh)
        counts["dropped"] += len(lost)
        counts["failed"] += sum(one.reason == "unreadable_file" for one in lost)
        counts["unchanged"] += len(batch) - len(fresh) - len(lost)
        done += len(batch)
        progress("reading files", done, None)
    return counts


def keep(corpus: Store, captures: Sequence[Capture], *, name: str, run: str) -> None:
    """Write captures to a new WARC file of the corpus and note them."""
    from ingest import warc

    if not captures:
        return
    file = f"{name}.warc.gz"
    places = warc.write(corpus.folder / "warc" / file, captures)
    with corpus.transaction():
        corpus.add_captures(file, zip(captures, places, strict=True), run)


def forget_derived(corpus: Store) -> None:
    """Forget everything that was made from the captures, in one transaction, so that the stages make it anew.

    What a person has judged stays, with the mentions and documents that the judgement is about; translations that were
    paid for stay in the translation memory, and vectors in their table. A translation by a package that is no longer
    installed is not made again.
    """
    kept = """
        WITH RECURSIVE judged(id) AS (
          SELECT document FROM mentions WHERE id IN
            (SELECT "left" FROM links WHERE method = 'human' UNION SELECT "right" FROM links WHERE method = 'human')
          UNION SELECT copy_of FROM documents JOIN judged USING (id) WHERE copy_of IS NOT NULL)
        SELECT id FROM judged
    """
    with corpus.transaction():
        corpus.run(f"CREATE TEMP TABLE kept AS {kept}")
        for table in (
            "versions",
            "utterances",
            "likenesses",
            "spoken",
            "citations",
            "routes",
            "translations",
            "segments",
            "detections",
            "originals",
            "bands",
            "paragraphs",
        ):
            corpus.run(f"DELETE FROM {table}")
        corpus.run("DELETE FROM links WHERE method = 'machine'")
        for words, table, of in (("mention_words", "mentions", "document"), ("document_words", "documents", "id")):
            gone = f"{of} NOT IN (SELECT id FROM kept)"
            corpus.run(f"DELETE FROM {words} WHERE rowid IN (SELECT rowid FROM {table} WHERE {gone})")
            corpus.run(f"DELETE FROM {table} WHERE {gone}")
        corpus.run("DELETE FROM drops WHERE stage NOT IN ('seeds', 'discover', 'fetch', 'warc')")
        corpus.run("DELETE FROM done")
        corpus.run("DROP TABLE kept")


def take_in_warcs(corpus: Store, *, run: str) -> int:
    """Note the captures of WARC files that a killed run completed but did not note. Returns how many were new."""
    from ingest import warc

    folder = corpus.folder / "warc"
    known = {row[0] for row in corpus.execute("SELECT file FROM warcs")}
    new = 0
    for file in sorted(os.listdir(folder)) if folder.is_dir() else []:
        if file.endswith(".open"):
            (folder / file).unlink()  # torn by a kill: its pages were never noted and are fetched again
        elif file not in known:
            found = list(warc.read_with_offsets(folder / file))
            with corpus.transaction():
                new += corpus.add_captures(file, [pair for pair in found if isinstance(pair, tuple)], run)
                corpus.add(with_run(lost, run) for lost in found if isinstance(lost, Drop))
    return new


def clean_captures(corpus: Store, *, run: str, progress: Progress) -> dict[str, int]:
    """Clean what has not been cleaned, detect languages, cut sentences, mark copies. Returns counts."""
    from ingest import clean, dedupe, language, segment, warc

    sql = (
        "SELECT id, warc, warc_offset FROM captures WHERE id NOT IN (SELECT record FROM done WHERE stage = 'clean') "
        "ORDER BY fetched_at, id"
    )
    waiting = list(corpus.execute(sql))
    counts = {"documents": 0, "dropped": 0}
    _fingerprint_others(corpus)
    zones = {name: ZoneInfo(outlet.timezone) for name, outlet in corpus.outlets().items() if outlet.timezone}
    for batch in batched(waiting):
        documents: list[Document] = []
        detections: dict[str, Detection] = {}
        drops: list[Drop] = []
        for _, file, offset in batch:
            capture = warc.read_at(corpus.folder / "warc" / file, offset)
            cleaned = clean.clean(capture, zones.get(capture.outlet or ""))
            if isinstance(cleaned, Drop):
                drops.append(with_run(cleaned, run))
            elif not corpus.count("SELECT count(*) FROM documents WHERE id = ?", (cleaned.id,)):
                detections[cleaned.id] = language.detection_of(cleaned)
                documents.append(language.with_language(_stamped(cleaned, run), detections[cleaned.id]))
        with corpus.transaction():
            marked = dedupe.mark_copies(documents, Fingerprints(corpus))
            counts["documents"] += corpus.add(marked)
            for document in marked:
                pieces = segment.segments(document)
                corpus.add(_stamped(piece, run) for piece in pieces)
                for piece in pieces:  # why a sentence is not in its document's language
                    if piece.language != document.language:
                        detections[piece.id] = language.detect(piece.text)
            _note_detections(corpus, detections, run)
            counts["dropped"] += corpus.add(drops)
            corpus.mark_done("clean", [row[0] for row in batch], run)
        progress("cleaning pages", sum(counts.values()), len(waiting))
    return counts


def _note_detections(corpus: Store, detections: Mapping[str, Detection], run: str) -> None:
    """Keep what each witness of a language said, by document or segment."""
    for record, found in detections.items():
        evidence = msgspec.json.encode(found.evidence).decode()
        row = (record, run, found.language, found.score, evidence)
        corpus.run("INSERT OR REPLACE INTO detections VALUES (?, ?, ?, ?, ?)", row)


def _fingerprint_others(corpus: Store) -> None:
    """Note the documents that have no fingerprint yet: those of an older format, and what a replay did not forget."""
    from ingest import dedupe

    sql = "SELECT id FROM documents WHERE copy_of IS NULL AND id NOT IN (SELECT document FROM originals) ORDER BY rowid"
    for batch in batched(list(corpus.execute(sql))):
        with corpus.transaction():
            known = Fingerprints(corpus)
            for (document_id,) in batch:
                document = corpus.get(Document, document_id)
                if document is not None:
                    fingerprint = dedupe.fingerprint_of(document)
                    known.note(fingerprint)
                    known.offer(document, fingerprint)


S = TypeVar("S", Document, Segment)


def _stamped(record: S, run: str) -> S:
    return msgspec.structs.replace(record, run=run)
