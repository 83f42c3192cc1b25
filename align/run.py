"""The whole job in order, over a corpus: what ingest does, then who said what and how it travelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from align import names
from align import store as tables
from ingest import backlog, ids, sources
from ingest import run as ingest_run
from ingest.backlog import Wanted
from ingest.errors import SeedError
from ingest.records import Capture, Document, Drop, Run, drop
from ingest.run import batched
from ingest.sources import Clock, Progress
from ingest.store import Store

if TYPE_CHECKING:
    from align.encode import Encoder
    from ingest.fetch import Settings
    from ingest.seeds import Seeds
    from ingest.translate import Engine

_EXTRACTION_BATCH = 200  # documents whose people are resolved together


class Job(msgspec.Struct, kw_only=True):
    """One refresh or add under way: the corpus, its run record, and what the stages need from outside.

    ``wanted`` and ``in_time`` say how much is translated, and until when.
    """

    corpus: Store
    seeds: Seeds
    clock: Clock
    progress: Progress
    run: Run
    wanted: Wanted = "all"
    in_time: Callable[[], bool] = lambda: True

    def total(self, counts: Mapping[str, int], prefix: str = "") -> None:
        """Add a stage's counts to the run's."""
        for name, number in counts.items():
            key = f"{prefix}{name}"
            self.run.counts[key] = self.run.counts.get(key, 0) + number


def start(
    corpus: Store,
    seeds: Seeds,
    command: str,
    clock: Clock,
    progress: Progress,
    wanted: Wanted = "all",
    in_time: Callable[[], bool] = lambda: True,
) -> Job:
    """Begin a run and note it in the corpus."""
    now = clock()
    run = Run(id=ids.content_id("run", command, now.isoformat()), command=command, started=now)
    with corpus.transaction():
        corpus.add([run])
        corpus.declare(seeds.outlets)
    return Job(corpus=corpus, seeds=seeds, clock=clock, progress=progress, run=run, wanted=wanted, in_time=in_time)


def finish(job: Job, problems: Sequence[SeedError]) -> Run:
    """End the run: exit code 3 when a source or page failed to be read, else 0."""
    with job.corpus.transaction():
        for problem in problems:
            job.corpus.add([drop("seeds", problem.about, "unreadable_file", str(problem), job.run.id)])
    failed = job.corpus.count(
        "SELECT count(*) FROM drops WHERE run = ? AND stage IN ('seeds', 'discover', 'fetch', 'warc') "
        "AND reason NOT IN ('robots_disallowed')",
        (job.run.id,),
    )
    # A loss that an earlier run noted already is the same Drop, but it is this run's failure too.
    failed += job.run.counts.get("failed", 0) + job.run.counts.get("failed_sources", 0)
    ended = msgspec.structs.replace(job.run, finished=job.clock(), exit_code=3 if failed else 0)
    with job.corpus.transaction():
        job.corpus.replace(ended)
    return ended


def refresh(job: Job, settings: Settings, engines: Mapping[str, Engine], encoder: Encoder) -> None:
    """Discover, fetch, clean, detect, segment, mark copies, extract, translate, link."""
    job.total({"taken_in": ingest_run.take_in_warcs(job.corpus, run=job.run.id)})
    outlets = job.seeds.outlets
    run, clock, progress = job.run.id, job.clock, job.progress
    pages, failed = sources.find_pages(job.corpus, outlets, settings, run=run, clock=clock, progress=progress)
    delays = sources.host_delays(outlets)
    sources.read_files(job.corpus, outlets, partial(_take_in, job), clock=clock)
    job.total({"listed": len(pages), "failed_sources": failed})
    job.total(ingest_run.fetch_pages(job.corpus, pages, settings, delays, run=run, clock=clock, progress=progress))
    digest_captures(job, engines, encoder)


def replay(job: Job, engines: Mapping[str, Engine], encoder: Encoder) -> None:
    """Make everything after the WARC files anew from them, without the network.

    A replay that is killed is completed by the next run of any kind: what is undone is taken up by its stage.
    """
    ingest_run.forget_derived(job.corpus)
    job.total({"taken_in": ingest_run.take_in_warcs(job.corpus, run=job.run.id)})
    digest_captures(job, engines, encoder)


def add(job: Job, captures: Iterable[Capture | Drop], engines: Mapping[str, Engine], encoder: Encoder) -> None:
    """Take in captures from local files; then the same as after fetching."""
    _take_in(job, "added", captures)
    digest_captures(job, engines, encoder)


def _take_in(job: Job, what: str, captures: Iterable[Capture | Drop]) -> bool:
    """Take in the captures of a file, or of all that were given; return whether all could be read."""
    name = f"{job.run.id}-{ids.content_id('file', what)}"
    counts = ingest_run.take_in(job.corpus, captures, name=name, run=job.run.id, progress=job.progress)
    job.total(counts)
    return not counts["failed"]


def digest_captures(job: Job, engines: Mapping[str, Engine], encoder: Encoder) -> None:
    """Everything after the WARC: clean, detect, segment, mark copies, extract, translate, link.

    What is said is looked for before translating, so that quotations can be translated first.
    """
    run, progress = job.run.id, job.progress
    job.total(ingest_run.clean_captures(job.corpus, run=run, progress=progress), "clean_")
    job.total(extract_documents(job))
    job.total(
        backlog.translate_segments(
            job.corpus,
            engines,
            run=run,
            progress=progress,
            wanted=job.wanted,
            in_time=job.in_time,
            guard=names.lost_name,
        )
    )
    job.total(link_mentions(job, encoder))


def extract_documents(job: Job) -> dict[str, int]:
    """Find mentions and citations in documents that have not been read for them. Returns counts."""
    from align import cite, extract, speaker

    corpus = job.corpus
    sql = (
        "SELECT id FROM documents WHERE id NOT IN (SELECT record FROM done WHERE stage = 'extract') "
        "ORDER BY first_seen, id"
    )
    waiting = [row[0] for row in corpus.execute(sql)]
    counts = {"mentions": 0, "citations": 0}
    for number, batch in enumerate(batched(waiting, _EXTRACTION_BATCH)):
        documents = [document for name in batch if (document := corpus.get(Document, name))]
        found = {document.id: extract.extract_with_evidence(document) for document in documents}
        people = tables.known_people(corpus, job.seeds.persons)
        mentions = speaker.resolve(documents, found, people)
        outlets = job.seeds.outlets or cite.seen_outlets(documents)
        citations = [cited for document in documents for cited in cite.citations(document, outlets)]
        with corpus.transaction():
            counts["mentions"] += corpus.add(msgspec.structs.replace(m, run=job.run.id) for m in mentions)
            counts["citations"] += corpus.add(msgspec.structs.replace(c, run=job.run.id) for c in citations)
            corpus.mark_done("extract", [document.id for document in documents], job.run.id)
        job.progress("finding quotations", number * _EXTRACTION_BATCH + len(documents), len(waiting))
    return counts


def link_mentions(job: Job, encoder: Encoder) -> dict[str, int]:
    """Link what linking has not seen, and all around it. Returns counts."""
    from align import encode, relink

    cached = encode.CachedEncoder(encoder, tables.VectorTable(job.corpus))
    return relink.relink(job.corpus, cached, run=job.run.id, now=job.clock(), progress=job.progress)
