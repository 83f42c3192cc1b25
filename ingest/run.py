"""The stages of ingest in order, over a corpus. Each takes up what an earlier run left undone, commits in batches,
and changes nothing when there is nothing new.

    find_pages       sources -> URLs they list now
    fetch_pages      URLs -> captures in WARC files
    take_in_warcs    WARC files that no run has noted -> captures
    clean_captures   captures -> documents with language, sentences and copies marked
    translate        sentences -> translations
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from ingest import ids
from ingest.records import Capture, Document, Drop, Outlet, Reason, Segment, Source, Stage
from ingest.store import Store

if TYPE_CHECKING:
    from ingest.fetch import Fetched, Request, RobotsFile, Settings
    from ingest.models import Rendering
    from ingest.translate import Engine

T = TypeVar("T")
Clock = Callable[[], datetime]
Progress = Callable[[str, int, int | None], None]

TARGET = "en"  # the language that everything is translated into
_BATCH = 50  # pages a commit: what a killed run may lose and do again
_INDEX_DEPTH = 2  # sitemap index -> sitemaps -> pages
_FIRST_REST = timedelta(hours=1)  # how long a source rests that failed once; twice that after each further failure
_LONGEST_REST = timedelta(days=7)
_NOT_ITS_FAULT = frozenset({"robots_disallowed", "retry_later"})  # a source that may not be asked has not failed


def drop(stage: Stage, record: str, reason: Reason, detail: str = "", run: str | None = None) -> Drop:
    """Make a Drop. Its id leaves out the run, so that the same loss found again is the same Drop."""
    return Drop(
        id=ids.content_id("drop", stage, record, reason, detail),
        run=run,
        stage=stage,
        record=record,
        reason=reason,
        detail=detail,
    )


def batched(things: Iterable[T], size: int = _BATCH) -> Iterator[list[T]]:
    """Yield lists of at most ``size`` things."""
    iterator = iter(things)
    while batch := list(islice(iterator, size)):
        yield batch


class HostTable:
    """What is remembered of hosts, kept in the corpus, so that all runs share one politeness (``fetch.HostMemory``)."""

    def __init__(self, corpus: Store) -> None:
        self._corpus = corpus

    def _column(self, name: str, host: str) -> datetime | None:
        row = next(self._corpus.execute(f"SELECT {name} FROM hosts WHERE host = ?", (host,)), None)
        return datetime.fromisoformat(row[0]) if row and row[0] else None

    def next_ok_at(self, host: str) -> datetime | None:
        """Return when the host may next be asked."""
        return self._column("next_ok_at", host)

    def set_next_ok_at(self, host: str, instant: datetime) -> None:
        """Remember when the host may next be asked."""
        upsert = (
            "INSERT INTO hosts (host, next_ok_at) VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET next_ok_at = excluded.next_ok_at"
        )
        self._corpus.run(upsert, (host, instant.isoformat()))

    def robots(self, origin: str) -> RobotsFile | None:
        """Return the robots.txt that was last read there."""
        from ingest.fetch import RobotsFile

        sql = "SELECT robots_status, robots_body, robots_at FROM hosts WHERE host = ? AND robots_at IS NOT NULL"
        row = next(self._corpus.execute(sql, (origin,)), None)
        return RobotsFile(status=row[0], body=row[1], fetched_at=datetime.fromisoformat(row[2])) if row else None

    def set_robots(self, origin: str, file: RobotsFile) -> None:
        """Remember a robots.txt."""
        upsert = (
            "INSERT INTO hosts (host, robots_status, robots_body, robots_at) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
            "SET robots_status = excluded.robots_status, robots_body = excluded.robots_body, "
            "robots_at = excluded.robots_at"
        )
        self._corpus.run(upsert, (origin, file.status, file.body, file.fetched_at.isoformat()))


def find_pages(
    corpus: Store,
    outlets: Sequence[Outlet],
    settings: Settings,
    *,
    run: str,
    clock: Clock,
    progress: Progress,
) -> tuple[dict[str, tuple[str, str]], int]:
    """Read every feed and sitemap; return the pages they list now, as URL -> (outlet, source), and how many failed.

    A source that keeps failing is asked less and less often; what it listed when it was last read still counts.
    """
    from ingest import discover, fetch

    pages: dict[str, tuple[str, str]] = {}
    twins: dict[str, str] = {}  # of two addresses of one page (www, mobile, AMP) the first is fetched
    delays = host_delays(outlets)
    failed: set[str] = set()
    waiting = [(outlet, source, source.url) for outlet in outlets for source in outlet.sources if source.kind in _LISTS]
    for _ in range(_INDEX_DEPTH + 1):
        asked = {url: (outlet, source) for outlet, source, url in waiting}
        resting = {drop.record: drop for url in asked if (drop := _resting(corpus, url, clock()))}
        requests = [
            request_for(corpus, url, outlet.id, source.url)
            for url, (outlet, source) in asked.items()
            if url not in resting
        ]
        waiting = []
        answers = fetch.fetch_all(requests, settings, HostTable(corpus), delays, clock=clock)
        for answer in chain(resting.values(), answers):
            lost: Drop | None = None
            if isinstance(answer, Drop):
                url, lost = answer.record, answer
            elif isinstance(answer, fetch.NotModified):
                url = answer.request.url
            else:
                url = answer.capture.url
                lost = _read_listing(corpus, answer, asked[url][1], run=run, now=clock())
            with corpus.transaction():
                _remember_source(corpus, url, lost, clock())
                if lost is not None:
                    failed.add(url)
                    corpus.add([_with_run(lost, run)])
            outlet, source = asked[url]
            for listed, is_index in list(corpus.execute("SELECT url, is_index FROM listings WHERE source = ?", (url,))):
                if is_index:
                    waiting.append((outlet, source, listed))
                elif twins.setdefault(discover.same_page(listed), listed) == listed:
                    pages.setdefault(listed, (outlet.id, source.url))
            progress("reading feeds", len(pages), None)
        if not waiting:
            break
    return pages, len(failed)


def _resting(corpus: Store, source: str, now: datetime) -> Drop | None:
    """Say that a failing source is not asked yet, if it is so. A mark too far ahead is from a clock that was wrong."""
    sql = "SELECT failures, reason, try_again_at FROM failing WHERE source = ?"
    for failures, reason, mark in corpus.execute(sql, (source,)):
        again = datetime.fromisoformat(mark)
        if now < again <= now + _LONGEST_REST:
            why = f"{reason}, {failures} in a row; not asked before {again:%Y-%m-%d %H:%M} UTC"
            return drop("discover", source, "retry_later", why)
    return None


def _remember_source(corpus: Store, source: str, lost: Drop | None, now: datetime) -> None:
    """Note that a source was read, or failed once more and rests for twice as long."""
    if lost is None:
        corpus.run("DELETE FROM failing WHERE source = ?", (source,))
    elif lost.reason not in _NOT_ITS_FAULT:
        failures = 1 + corpus.count("SELECT coalesce(max(failures), 0) FROM failing WHERE source = ?", (source,))
        again = now + min(_LONGEST_REST, _FIRST_REST * 2 ** min(failures - 1, 10))
        corpus.run(
            "INSERT INTO failing VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET failures = excluded.failures, "
            "try_again_at = excluded.try_again_at, reason = excluded.reason",
            (source, failures, now.isoformat(), again.isoformat(), lost.reason),
        )


class SourceCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What came of trying one source: ok, moved (read, at another address), empty, or dead; what it lists."""

    outlet: str
    source: str
    state: Literal["ok", "moved", "empty", "dead"]
    detail: str
    pages: int = 0
    newest: datetime | None = None


def check_sources(outlets: Sequence[Outlet], settings: Settings, *, clock: Clock) -> Iterator[SourceCheck]:
    """Try every feed, sitemap and section page once, as politely as a refresh; yield what came of each."""
    from ingest import discover, fetch

    kinds = {source.url: (outlet, source) for outlet in outlets for source in outlet.sources if source.kind in _LISTS}
    requests = [fetch.Request(url=url, outlet=outlet.id, source=url) for url, (outlet, _) in kinds.items()]
    for answer in fetch.fetch_all(requests, settings, fetch.Memory(), host_delays(outlets), clock=clock):
        if isinstance(answer, fetch.NotModified):
            continue  # nobody asked conditionally
        url = answer.record if isinstance(answer, Drop) else answer.capture.url
        outlet, source = kinds[url]
        if isinstance(answer, Drop):
            why = f"{answer.reason} {answer.detail}".strip()
            yield SourceCheck(outlet=outlet.id, source=url, state="dead", detail=why)
            continue
        try:
            found = discover.listing(answer.capture.body, url, source.kind, answer.capture.charset).found
        except discover.UnreadableError as error:
            yield SourceCheck(outlet=outlet.id, source=url, state="dead", detail=f"{error.reason} {error}")
            continue
        moved = bool(answer.final_url) and discover.canonical_url(answer.final_url) != discover.canonical_url(url)
        yield SourceCheck(
            outlet=outlet.id, source=url, state="moved" if moved else "ok" if found else "empty",
            detail=answer.final_url if moved else "", pages=len(found),
            newest=max((link.published for link in found if link.published), default=None),
        )  # fmt: skip


def _read_listing(corpus: Store, answer: Fetched, source: Source, *, run: str, now: datetime) -> Drop | None:
    """Note what a feed or sitemap lists now. One that cannot be read keeps what it listed before: the Drop says why."""
    from ingest import discover

    url = answer.capture.url
    try:
        listing = discover.listing(answer.capture.body, url, source.kind, answer.capture.charset)
    except discover.UnreadableError as error:
        return drop("discover", url, error.reason, str(error), run)
    with corpus.transaction():
        corpus.add(drop("discover", bad, "bad_url", f"listed in {url}", run) for bad in listing.bad)
        corpus.run("DELETE FROM listings WHERE source = ?", (url,))
        for link in listing.found:
            corpus.run("INSERT OR IGNORE INTO listings VALUES (?, ?, ?)", (url, link.url, int(link.is_index)))
        _remember_visit(corpus, url, answer.etag, answer.last_modified, now, unchanged=False)
    return None


_LISTS = frozenset({"feed", "sitemap", "section"})


def host_delays(outlets: Iterable[Outlet]) -> dict[str, float]:
    """Return the least seconds between two requests for every declared host."""
    return {domain: outlet.delay for outlet in outlets for domain in outlet.domains}


def request_for(corpus: Store, url: str, outlet: str | None, source: str | None) -> Request:
    """Return a request with the validators that the server gave for this URL when it was last asked."""
    from ingest.fetch import Request

    row = next(corpus.execute("SELECT etag, last_modified FROM visits WHERE url = ?", (url,)), (None, None))
    return Request(url=url, outlet=outlet, source=source, etag=row[0], last_modified=row[1])


def _remember_visit(
    corpus: Store, url: str, etag: str | None, last_modified: str | None, now: datetime, *, unchanged: bool
) -> None:
    if unchanged:
        sql = "UPDATE visits SET checked_at = ?, unchanged = unchanged + 1 WHERE url = ?"
        corpus.run(sql, (now.isoformat(), url))
        return
    sql = "INSERT OR REPLACE INTO visits (url, etag, last_modified, checked_at) VALUES (?, ?, ?, ?)"
    corpus.run(sql, (url, etag, last_modified, now.isoformat()))


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
    answers = fetch.fetch_all(requests, settings, HostTable(corpus), delays, clock=clock)
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
                    corpus.add([_with_run(answer, run)])
                elif isinstance(answer, fetch.NotModified):
                    counts["unchanged"] += 1
                    _remember_visit(corpus, answer.request.url, None, None, answer.at, unchanged=True)
                else:
                    url, at = answer.capture.url, answer.capture.fetched_at
                    _remember_visit(corpus, url, answer.etag, answer.last_modified, at, unchanged=False)
        counts["fetched"] += len(captures)
        counts["unchanged"] += len(fetched) - len(captures)
        done += len(batch)
        progress("fetching pages", done, len(requests))
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
    paid for stay in the translation memory, and vectors in their table.
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
        for table in ("versions", "utterances", "citations", "routes", "translations", "segments"):
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
                corpus.add(_with_run(lost, run) for lost in found if isinstance(lost, Drop))
    return new


def _with_run(dropped: Drop, run: str) -> Drop:
    return drop(dropped.stage, dropped.record, dropped.reason, dropped.detail, run)


def clean_captures(corpus: Store, *, run: str, progress: Progress) -> dict[str, int]:
    """Clean what has not been cleaned, detect languages, cut sentences, mark copies. Returns counts."""
    from ingest import clean, dedupe, language, segment, warc

    sql = (
        "SELECT id, warc, warc_offset FROM captures WHERE id NOT IN (SELECT record FROM done WHERE stage = 'clean') "
        "ORDER BY fetched_at, id"
    )
    waiting = list(corpus.execute(sql))
    counts = {"documents": 0, "dropped": 0}
    known: dedupe.Index | None = None
    for batch in batched(waiting):
        documents: list[Document] = []
        drops: list[Drop] = []
        for _, file, offset in batch:
            capture = warc.read_at(corpus.folder / "warc" / file, offset)
            cleaned = clean.clean(capture)
            if isinstance(cleaned, Drop):
                drops.append(_with_run(cleaned, run))
            elif not corpus.count("SELECT count(*) FROM documents WHERE id = ?", (cleaned.id,)):
                documents.append(language.detect_document(_stamped(cleaned, run)))
        known = known or dedupe.Index.of(corpus.find(Document))
        marked = dedupe.mark_copies(documents, known)
        with corpus.transaction():
            counts["documents"] += corpus.add(marked)
            corpus.add(_stamped(piece, run) for document in marked for piece in segment.segments(document))
            counts["dropped"] += corpus.add(drops)
            corpus.mark_done("clean", [row[0] for row in batch], run)
        progress("cleaning pages", sum(counts.values()), len(waiting))
    return counts


S = TypeVar("S", Document, Segment)


def _stamped(record: S, run: str) -> S:
    return msgspec.structs.replace(record, run=run)


class Memory(MutableMapping[str, "Rendering"]):
    """The translation memory of a corpus, by ``translate.cache_key``."""

    def __init__(self, corpus: Store) -> None:
        self._corpus = corpus

    def __getitem__(self, key: str) -> Rendering:
        from ingest.models import Rendering

        row = next(self._corpus.execute("SELECT text, score, flags FROM renderings WHERE key = ?", (key,)), None)
        if row is None:
            raise KeyError(key)
        return Rendering(row[0], row[1], tuple(msgspec.json.decode(row[2], type=list[str])))

    def __setitem__(self, key: str, made: Rendering) -> None:
        flags = msgspec.json.encode(made.flags).decode()
        self._corpus.run("INSERT OR REPLACE INTO renderings VALUES (?, ?, ?, ?)", (key, made.text, made.score, flags))

    def __delitem__(self, key: str) -> None:
        self._corpus.run("DELETE FROM renderings WHERE key = ?", (key,))

    def __iter__(self) -> Iterator[str]:
        return (row[0] for row in self._corpus.execute("SELECT key FROM renderings"))

    def __len__(self) -> int:
        return self._corpus.count("SELECT count(*) FROM renderings")


def translate_segments(corpus: Store, engines: Mapping[str, Engine], *, run: str, progress: Progress) -> dict[str, int]:
    """Translate every sentence that has no translation by the engine of its language, and note each document's route.

    Returns counts: translated, refused (kept, but flagged).
    """
    from ingest import translate

    counts = {"translated": 0, "refused": 0}
    for language, engine in engines.items():
        where = (
            "WHERE language = ? AND NOT EXISTS (SELECT 1 FROM translations WHERE segment = segments.id "
            "AND translations.language = ? AND engine = ?) ORDER BY rowid"
        )
        waiting = list(corpus.find(Segment, where, (language, TARGET, engine.name)))
        made = translate.translate(waiting, {language: engine}, TARGET, Memory(corpus))
        done = 0
        for batch in batched(made, 200):
            with corpus.transaction():
                corpus.add(batch)
            done += len(batch)
            counts["refused"] += sum(bool(translation.flags) for translation in batch)
            progress(f"translating from {language}", done, len(waiting))
        counts["translated"] += done
    _note_routes(corpus, engines, run)
    return counts


def _note_routes(corpus: Store, engines: Mapping[str, Engine], run: str) -> None:
    from ingest import translate

    with corpus.transaction():
        for route in translate.routes(list(corpus.find(Document)), engines, TARGET):
            row = (route.document, run, route.state, "-".join(route.path))
            corpus.run("INSERT OR REPLACE INTO routes VALUES (?, ?, ?, ?)", row)


def models_folder(corpus_folder: Path) -> Path:
    """Return where translation packages live: ``$QUOTELINE_MODELS``, else ``models`` in the corpus folder."""
    return Path(os.environ.get("QUOTELINE_MODELS") or corpus_folder / "models")


def load_engines(folder: Path) -> dict[str, Engine]:
    """Return an engine for each language that has an installed package into English; models load at first use."""
    from ingest import models, translate

    engines = {}
    for package in models.installed(folder):
        if package.to_language == TARGET:
            engine = translate.load_engine(folder, package.from_language, TARGET)
            if engine is not None:
                engines[package.from_language] = engine
    return engines
