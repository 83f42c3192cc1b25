"""The declared sources over a corpus: which pages they list now, which of them fail, when they are asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import msgspec

from ingest import files, urls
from ingest.memory import Hosts
from ingest.records import Capture, Drop, Outlet, Source, drop, with_run
from ingest.store import Store

if TYPE_CHECKING:
    from ingest.fetch import Fetched, Request, Settings

Clock = Callable[[], datetime]
Progress = Callable[[str, int, int | None], None]

_INDEX_DEPTH = 2  # sitemap index -> sitemaps -> pages
_FIRST_REST = timedelta(hours=1)  # how long a source rests that failed once; twice that after each further failure
_LONGEST_REST = timedelta(days=7)
_NOT_ITS_FAULT = frozenset({"robots_disallowed", "retry_later"})  # a source that may not be asked has not failed


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
    from ingest import fetch

    pages: dict[str, tuple[str, str]] = {}
    delays = host_delays(outlets)
    failed: set[str] = set()
    waiting = [(outlet, source, source.url) for outlet, source in _sources(outlets, local=False)]
    for _ in range(_INDEX_DEPTH + 1):
        asked = {url: (outlet, source) for outlet, source, url in waiting}
        resting = {url: rest for url in asked if (rest := _resting(corpus, url, clock()))}
        requests = [
            request_for(corpus, url, outlet.id, source.url)
            for url, (outlet, source) in asked.items()
            if url not in resting
        ]
        waiting = []
        answers = fetch.fetch_all(requests, settings, Hosts(corpus), delays, clock=clock)
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
                    corpus.add([with_run(lost, run)])
            outlet, source = asked[url]
            for listed, is_index in list(corpus.execute("SELECT url, is_index FROM listings WHERE source = ?", (url,))):
                if is_index:
                    waiting.append((outlet, source, listed))
                else:
                    pages.setdefault(listed, (outlet.id, source.url))
            progress("reading feeds", len(pages), None)
        if not waiting:
            break
    return _without_twins(pages), len(failed)


def read_files(
    corpus: Store, outlets: Sequence[Outlet], take_in: Callable[[str, Iterable[Capture | Drop]], bool], *, clock: Clock
) -> None:
    """Hand what is new in the declared WARC files and folders to ``take_in``, file by file; it says if all was read.

    A page of a WARC file belongs to the outlet that owns its host; one without a host to the outlet that declares it.
    A file that was read is not read again until its size or time changes.
    """
    owners = {domain: outlet.id for outlet in outlets for domain in outlet.domains}
    for outlet, source in _sources(outlets, local=True):
        for file, name in files.files_in(Path(source.url)):
            mark = _state(file)
            if mark and corpus.count("SELECT count(*) FROM visits WHERE url = ? AND etag = ?", (str(file), mark)):
                continue
            found = files.captures(file, name, clock())
            if take_in(str(file), (_owned(one, outlet, source, owners) for one in found)):
                with corpus.transaction():
                    remember_visit(corpus, str(file), mark, None, clock(), unchanged=False)


def _state(file: Path) -> str | None:
    """The size and time of a file; None where it cannot be looked at, as reading it will say."""
    try:
        state = file.stat()
    except OSError:
        return None
    return f"{state.st_size}-{state.st_mtime_ns}"


def _sources(outlets: Iterable[Outlet], *, local: bool) -> list[tuple[Outlet, Source]]:
    return [(outlet, source) for outlet in outlets for source in outlet.sources if source.local == local]


def _owned(found: Capture | Drop, outlet: Outlet, source: Source, owners: Mapping[str, str]) -> Capture | Drop:
    if isinstance(found, Drop):
        return found
    host = urlsplit(found.url).hostname
    owner = owner_of(host, owners) if host else outlet.id
    return msgspec.structs.replace(found, outlet=found.outlet or owner, source=found.source or source.url)


def owner_of(host: str, owners: Mapping[str, str]) -> str | None:
    """Return the outlet that declares the host, or a domain that the host is in."""
    labels = host.split(".")
    domains = (".".join(labels[at:]) for at in range(len(labels) - 1))
    return next((owners[domain] for domain in domains if domain in owners), None)


def _without_twins(pages: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Keep one address of each page; which source answered first does not matter."""
    best: dict[str, str] = {}
    for url in sorted(pages, key=urls.twin_order):
        best.setdefault(urls.same_page(url), url)
    return {url: pages[url] for url in best.values()}


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


def _read_listing(corpus: Store, answer: Fetched, source: Source, *, run: str, now: datetime) -> Drop | None:
    """Note what a feed or sitemap lists now. One that cannot be read keeps what it listed before: the Drop says why."""
    from ingest import discover

    url = answer.capture.url
    try:
        listing = discover.listing(answer.capture.body, url, source.kind, answer.capture.charset)
    except discover.UnreadableError as error:
        return drop("discover", url, error.reason, str(error))
    with corpus.transaction():
        corpus.add(drop("discover", bad, "bad_url", f"listed in {url}", run) for bad in listing.bad)
        corpus.run("DELETE FROM listings WHERE source = ?", (url,))
        for link in listing.found:
            corpus.run("INSERT OR IGNORE INTO listings VALUES (?, ?, ?)", (url, link.url, int(link.is_index)))
        remember_visit(corpus, url, answer.etag, answer.last_modified, now, unchanged=False)
    return None


def host_delays(outlets: Iterable[Outlet]) -> dict[str, float]:
    """Return the least seconds between two requests for every declared host."""
    return {domain: outlet.delay for outlet in outlets for domain in outlet.domains}


def request_for(corpus: Store, url: str, outlet: str | None, source: str | None) -> Request:
    """Return a request with the validators that the server gave for this URL when it was last asked."""
    from ingest.fetch import Request

    row = next(corpus.execute("SELECT etag, last_modified FROM visits WHERE url = ?", (url,)), (None, None))
    return Request(url=url, outlet=outlet, source=source, etag=row[0], last_modified=row[1])


def remember_visit(
    corpus: Store, url: str, etag: str | None, last_modified: str | None, now: datetime, *, unchanged: bool
) -> None:
    """Note that a URL was asked for: with the validators of the answer, or that it is unchanged."""
    if unchanged:
        sql = "UPDATE visits SET checked_at = ?, unchanged = unchanged + 1 WHERE url = ?"
        corpus.run(sql, (now.isoformat(), url))
        return
    sql = "INSERT OR REPLACE INTO visits (url, etag, last_modified, checked_at) VALUES (?, ?, ?, ?)"
    corpus.run(sql, (url, etag, last_modified, now.isoformat()))


class SourceCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What came of trying one source: ok, moved (read, at another address), empty, or dead; what it lists."""

    outlet: str
    source: str
    state: Literal["ok", "moved", "empty", "dead"]
    detail: str
    pages: int = 0
    newest: datetime | None = None


def check_sources(outlets: Sequence[Outlet], settings: Settings, *, clock: Clock) -> Iterator[SourceCheck]:
    """Try every source once, as politely as a refresh; yield what came of each."""
    from ingest import discover, fetch

    for outlet, source in _sources(outlets, local=True):
        there = [file for file, _ in files.files_in(Path(source.url)) if file.is_file()]
        state: Literal["ok", "empty", "dead"] = "ok" if there else "empty" if Path(source.url).is_dir() else "dead"
        why = {"ok": "", "empty": "no files in it", "dead": "not there"}[state]
        yield SourceCheck(outlet=outlet.id, source=source.url, state=state, detail=why, pages=len(there))

    kinds = {source.url: (outlet, source) for outlet, source in _sources(outlets, local=False)}
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
        moved = bool(answer.final_url) and urls.canonical_url(answer.final_url) != urls.canonical_url(url)
        yield SourceCheck(
            outlet=outlet.id, source=url, state="moved" if moved else "ok" if found else "empty",
            detail=answer.final_url if moved else "", pages=len(found),
            newest=max((link.published for link in found if link.published), default=None),
        )  # fmt: skip
