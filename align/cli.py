"""The command line: what ingest.cli and align.lines have, and everything that a corpus is asked and given."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import msgspec
import typer

from align.lines import EncoderOption, encoder_named
from align.records import Citation, Comparison, Distortion, Evidence, Interval, Link, Mention, Rendered, Utterance
from ingest import backlog, jsonl, sources
from ingest import cli as manners
from ingest import run as stages
from ingest.backlog import Wanted
from ingest.cli import (
    DEFAULT_CORPUS,
    FAILED,
    IN_PART,
    CorpusOption,
    DebugOption,
    JsonOption,
    ModelsOption,
    ResolveOption,
    SeedsOption,
    Tally,
    app,
    complain,
    console,
)
from ingest.errors import UsageError
from ingest.records import Capture, Document, Drop, Record, Run, Segment

if TYPE_CHECKING:
    from align.changes import Change
    from align.report import Routed
    from align.run import Job
    from ingest.fetch import Settings
    from ingest.store import Store

WantedOption = Annotated[
    Wanted,
    typer.Option(
        "--translate",
        help="What to translate: quotes (with titles and first paragraphs), or all.",
        metavar="quotes|all",
    ),
]
SecondsOption = Annotated[
    float | None,
    typer.Option(
        "--translate-seconds", help="Begin no translation after so many seconds; the next run goes on.", min=0
    ),
]


def _until(seconds: float | None) -> Callable[[], bool]:
    """Return what says whether there is time left; the seconds run from the first time it is asked."""
    ends: float | None = None

    def in_time() -> bool:
        nonlocal ends
        if seconds is None:
            return True
        if ends is None:
            ends = time.monotonic() + seconds
        return time.monotonic() < ends

    return in_time


def _end(ended: Run, json: bool) -> None:
    if json:
        jsonl.write("-", [ended])
    if ended.exit_code:
        raise typer.Exit(ended.exit_code)


@app.command()
def refresh(
    corpus: CorpusOption = DEFAULT_CORPUS,
    seeds: SeedsOption = None,
    models: ModelsOption = None,
    encoder: EncoderOption = None,
    resolve: ResolveOption = None,
    translate: WantedOption = "all",
    translate_seconds: SecondsOption = None,
    replay: Annotated[bool, typer.Option("--replay", help="Make all anew from the WARC files, offline.")] = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Read all sources and bring the corpus up to date: the cron job."""
    settings = None if replay else manners.network(resolve)
    limits = (translate, _until(translate_seconds))
    ended = _refresh(corpus, seeds, models, encoder, settings, limits, quiet=json or not sys.stdout.isatty())
    _end(ended, json)


def _refresh(
    corpus: Path,
    seeds: Path | None,
    models: Path | None,
    encoder: str | None,
    settings: Settings | None,
    limits: tuple[Wanted, Callable[[], bool]] = ("all", lambda: True),
    *,
    quiet: bool,
) -> Run:
    """Refresh a corpus; without settings for the network, from its WARC files alone."""
    from align import report, run
    from ingest.store import Store, lock

    loaded, problems = manners.load_seeds(seeds)
    with ExitStack() as stack:
        store = stack.enter_context(Store(corpus))
        stack.enter_context(lock(corpus))
        progress = stack.enter_context(manners.shown_progress())
        job = run.start(store, loaded, "refresh", manners.clock, progress, *limits)
        engines = manners.engines_in(models or backlog.models_folder(corpus))
        if settings is None:
            run.replay(job, engines, encoder_named(encoder))
        else:
            run.refresh(job, settings, engines, encoder_named(encoder))
        ended = run.finish(job, problems)
        if not quiet:
            report.print_summary(console(), report.summarise(store, ended), _names(store))
        return ended


@app.command()
def add(
    paths: Annotated[
        list[str], typer.Argument(help="HTML, text or WARC files, folders of them, or URLs.", metavar="PATH|URL...")
    ],
    corpus: CorpusOption = DEFAULT_CORPUS,
    seeds: SeedsOption = None,
    models: ModelsOption = None,
    encoder: EncoderOption = None,
    resolve: ResolveOption = None,
    translate: WantedOption = "all",
    translate_seconds: SecondsOption = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Add files or pages by hand."""
    from align import run
    from ingest.store import Store, lock

    loaded, problems = manners.load_seeds(seeds)
    tally = Tally()
    with ExitStack() as stack:
        store = stack.enter_context(Store(corpus))
        stack.enter_context(lock(corpus))
        progress = stack.enter_context(manners.shown_progress())
        job = run.start(store, loaded, "add", manners.clock, progress, translate, _until(translate_seconds))
        drops_before = {row[0] for row in store.execute("SELECT id FROM drops")}
        _fetch_urls(job, [path for path in paths if "://" in path], manners.network(resolve))
        told: set[str] = set()
        captures = _local_captures([Path(path) for path in paths if "://" not in path], told)
        engines = manners.engines_in(models or backlog.models_folder(corpus))
        run.add(job, captures, engines, encoder_named(encoder))
        tally.bad += len(told)
        ended = run.finish(job, problems)
        for dropped in store.find(Drop, "WHERE run = ?", (ended.id,)):
            if dropped.id not in drops_before and dropped.id not in told:
                name = next(
                    store.execute("SELECT url FROM captures WHERE id = ?", (dropped.record,)), (dropped.record,)
                )[0]
                complain(f"{dropped.stage}: {name.removeprefix('file:')}: {dropped.reason} {dropped.detail}")
                tally.bad += 1
        tally.good = (
            store.count("SELECT count(*) FROM documents WHERE run = ?", (ended.id,)) + ended.counts["unchanged"]
        )
        if json:
            jsonl.write("-", [ended])
        else:
            _print_added(job, ended)
    tally.exit()


def _print_added(job: Job, ended: Run) -> None:
    from rich.markup import escape

    from align import report

    documents = list(job.corpus.find(Document, "WHERE run = ? ORDER BY id", (ended.id,)))
    for document in documents:
        number = job.corpus.count("SELECT count(*) FROM mentions WHERE document = ?", (document.id,))
        name = escape(report.heading(document))
        console().print(f"{document.id}  {document.language}  {document.outlet or '?'}  {number} mentions  {name}")
    if not documents:
        console().print(f"Nothing new: {ended.counts.get('unchanged', 0)} were there already.")


def _fetch_urls(job: Job, urls: list[str], settings: Settings) -> None:
    from ingest.urls import canonical_url

    if not urls:
        return
    by_domain = {domain: outlet.id for outlet in job.seeds.outlets for domain in outlet.domains}
    pages: dict[str, tuple[str | None, str | None]] = {}
    for url in urls:
        try:
            canonical = canonical_url(url)
        except ValueError as error:
            raise UsageError("not a URL that can be fetched", url, str(error)) from error
        host = canonical.split("/")[2].split(":")[0]
        pages[canonical] = (sources.owner_of(host, by_domain), None)
    delays = sources.host_delays(job.seeds.outlets)
    run, clock, progress = job.run.id, job.clock, job.progress
    counts = stages.fetch_pages(job.corpus, pages, settings, delays, run=run, clock=clock, progress=progress)
    job.total(counts)


def _local_captures(paths: list[Path], told: set[str]) -> Iterator[Capture | Drop]:
    """Read files, folders and WARC files. What cannot be read is complained of, and its id added to ``told``."""
    from ingest import files

    for path in paths:
        for file, name in files.files_in(path):
            for found in files.captures(file, name, manners.clock()):
                if isinstance(found, Drop):
                    complain(f"{found.stage}: {found.record}: {found.reason} {found.detail}")
                    told.add(found.id)
                yield found


@app.command()
def trace(
    question: Annotated[
        str, typer.Argument(help="Words of a quotation, or the id of a mention, utterance or document.")
    ],
    corpus: CorpusOption = DEFAULT_CORPUS,
    encoder: EncoderOption = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Show who printed a quotation when, how the versions differ, and which documents hold the words."""
    from align import report
    from align import trace as tracing
    from ingest.store import Store

    with Store(corpus, create=False) as store:
        traced, names = tracing.trace(store, question, encoder_named(encoder)), _names(store)
    if json:
        jsonl.write("-", [traced])
    else:
        report.print_trace(console(), traced, names)
    if not traced.lineages and not traced.documents:
        raise typer.Exit(FAILED)


def _names(store: Store) -> dict[str, str]:
    return {outlet.id: outlet.name for outlet in store.outlets().values()}


@app.command()
def judge(
    one: Annotated[str, typer.Argument(help="The id of a mention.", metavar="MENTION")],
    other: Annotated[str, typer.Argument(help="The id of another mention.", metavar="MENTION")],
    word: Annotated[
        str,
        typer.Argument(
            metavar="VERDICT",
            help="same, different, withdraw; or how the less full one is related: verbatim, near-verbatim, excerpt, "
            "translation, paraphrase, distortion.",
        ),
    ],
    distortion: Annotated[
        Distortion | None, typer.Option("--distortion", help="What is distorted, with the verdict distortion.")
    ] = None,
    why: Annotated[str, typer.Option("--why", help="A reason, kept with the verdict.")] = "",
    corpus: CorpusOption = DEFAULT_CORPUS,
    encoder: EncoderOption = None,
    debug: DebugOption = False,
) -> None:
    """Say of two mentions whether they are one utterance; no refresh overrules it."""
    from align import changes as changelog
    from align import judge as judging
    from align import neighbourhood, run
    from ingest.seeds import Seeds
    from ingest.store import Store, lock

    with ExitStack() as stack:
        store = stack.enter_context(Store(corpus, create=False))
        stack.enter_context(lock(corpus))
        progress = stack.enter_context(manners.shown_progress())
        job = run.start(store, Seeds(outlets=(), persons=()), "judge", manners.clock, progress)
        told = judging.judge(store, one, other, word, distortion=distortion, why=why, run=job.run.id)
        job.total(run.link_mentions(job, encoder_named(encoder)))
        run.finish(job, ())
        for change in changelog.log(store, run=job.run.id):
            console().print(_told(change), markup=False)
        for utterance in neighbourhood.utterances(store, told):
            versions = ", ".join(name for name in told if any(v.mention == name for v in utterance.mentions))
            console().print(f"{utterance.id}  {len(utterance.mentions)} versions, with {versions}", markup=False)


def _told(change: Change) -> str:
    return f"{change.at:%Y-%m-%d %H:%M}  {change.utterance}  {change.change}  {change.other}  {change.cause}"


@app.command()
def search(
    words: Annotated[
        str, typer.Argument(help="Words that must all be there, in any case and with or without accents.")
    ],
    corpus: CorpusOption = DEFAULT_CORPUS,
    person: Annotated[str | None, typer.Option("--speaker", help="Only quotations of this person.")] = None,
    outlet: Annotated[str | None, typer.Option("--outlet", help="Only documents of this outlet.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="Only documents in this language.")] = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """List documents, or with --speaker quotations, that hold all the words."""
    from align import store as tables
    from ingest.store import Store

    with Store(corpus, create=False) as store:
        found: list[Document] | list[Mention]
        if person:
            found = [m for m in tables.mentions_with(store, words, phrase=False) if m.person == person]
            held = tables.documents_of(store, found)
        else:
            found = tables.documents_with(store, words, phrase=False)
            held = {document.id: document for document in found}
    shown = [
        record
        for record in found
        for document in [held[record.document if isinstance(record, Mention) else record.id]]
        if (not outlet or document.outlet == outlet) and (not language or document.language == language)
    ]
    if json:
        jsonl.write("-", shown)
        return
    for record in shown:
        text = record.text if isinstance(record, Mention) else record.title or record.url or ""
        console().print(f"{record.id}  {record.language}  {' '.join(text.split())}", markup=False)


@app.command()
def status(
    corpus: CorpusOption = DEFAULT_CORPUS,
    seeds: SeedsOption = None,
    routes: Annotated[
        bool, typer.Option("--routes", help="List the documents instead: language, way to English, why.")
    ] = False,
    changes: Annotated[
        bool, typer.Option("--changes", help="List instead what became of utterances, the latest first, and why.")
    ] = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Show what is in the corpus, the last runs, what was dropped and why."""
    from align import changes as changelog
    from align import report
    from ingest.store import Store

    with Store(corpus, create=False) as store:
        if routes:
            _print_routes(list(report.routed(store)), json=json)
            return
        if changes:
            _print_changes(changelog.log(store), json=json)
            return
        summary, names = report.summarise(store), _names(store)
        runs = list(store.find(Run, "ORDER BY started DESC LIMIT 5"))
        failing = list(store.execute("SELECT source, reason, failures, since, try_again_at FROM failing ORDER BY 1"))
    if json:
        jsonl.write("-", [summary])
        return
    report.print_summary(console(), summary, names)
    for source, reason, failures, since, again in failing:
        console().print(
            f"failing  {source}  {reason}, {failures} in a row since {since[:16]}; again {again[:16]}", markup=False
        )
    for one in runs:
        ended = f"exit {one.exit_code}" if one.finished else "not finished"
        console().print(f"{one.started:%Y-%m-%d %H:%M:%S}  {one.command}  {ended}  {report.listed(one.counts)}")


def _print_changes(found: Sequence[Change], *, json: bool) -> None:
    if json:
        jsonl.write("-", found)
        return
    for one in found:
        console().print(_told(one), markup=False)


def _print_routes(found: Sequence[Routed], *, json: bool) -> None:
    if json:
        jsonl.write("-", found)
        return
    for one in found:
        said = ", ".join(f"{engine.split()[0]} {language} {score:.2f}" for engine, language, score in one.evidence)
        console().print(
            f"{one.document}  {one.language} {one.score:.2f} ({said})  {one.state}  {one.path}  {one.why}", markup=False
        )


@app.command()
def verify(
    document: Annotated[str | None, typer.Argument(help="Only this document.")] = None,
    corpus: CorpusOption = DEFAULT_CORPUS,
    debug: DebugOption = False,
) -> None:
    """Make every document again from its captured bytes and say what differs."""
    from align import verify as verifying
    from ingest.store import Store

    with Store(corpus, create=False) as store:
        problems = list(verifying.verify(store, document))
        number = store.count("SELECT count(*) FROM documents")
    for problem in problems:
        complain(problem)
    if problems:
        raise typer.Exit(FAILED)
    console().print(f"{1 if document else number} documents follow from their captured bytes.")


@app.command()
def export(
    form: Annotated[
        Literal["jsonl", "tmx"],
        typer.Argument(metavar="FORMAT", help="jsonl: all records; tmx: sentences with their translations."),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.", metavar="DIR")],
    corpus: CorpusOption = DEFAULT_CORPUS,
    suspect: Annotated[bool, typer.Option("--suspect", help="With the translations that are not trusted.")] = False,
    debug: DebugOption = False,
) -> None:
    """Write the corpus to files; how much text leaves is decided by each outlet's rights."""
    from align.export import jsonl as lines
    from align.export import tmx
    from ingest.store import Store

    with Store(corpus, create=False) as store:
        if form == "tmx":
            counts = tmx.export(store, out, suspect=suspect)
            console().print(
                f"{counts['attested']:,} attested and {counts['machine']:,} machine units in {out / 'corpus.tmx'}"
            )
            return
        counts = lines.export(store, out, suspect=suspect)
    for name, number in counts.items():
        console().print(f"{number:8,}  {out / name}.{form}")


@app.command()
def schema(
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.", metavar="DIR")], debug: DebugOption = False
) -> None:
    """Write the JSON Schema of every record that is read or printed."""
    from ingest.records import Outlet, Person, Source, Translation

    types = (
        Outlet, Source, Person, Run, Drop, Capture, Document, Segment, Translation,
        Mention, Citation, Evidence, Comparison, Interval, Link, Utterance, Rendered,
    )  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    for of in types:
        text = msgspec.json.format(msgspec.json.encode(msgspec.json.schema(cast("type[Record]", of))), indent=2)
        (out / f"{of.__name__.lower()}.json").write_bytes(text + b"\n")


@app.command()
def demo(
    corpus: CorpusOption = DEFAULT_CORPUS / "demo",
    port: Annotated[
        int | None, typer.Option("--serve", help="Only serve the pages on this port, until interrupted.")
    ] = None,
    debug: DebugOption = False,
) -> None:
    """Serve the demonstration site on a loopback port, refresh a corpus from it, and show what came of it."""
    import threading

    from ingest import demo as site
    from ingest.models import folder as packages

    seeds = manners.seeds_folder(None) / "demo"
    with site.serve(seeds / "site", port or 0) as served:
        if port is not None:
            console().print(f"quoteline refresh --seeds {seeds} --resolve '{served.resolve_rule}'", markup=False)
            threading.Event().wait()
        for package in packages.install_missing(seeds / "models", backlog.models_folder(corpus)):
            console().print(f"installed {package.name}: a miniature for this demonstration")
        ended = _refresh(corpus, seeds, None, None, manners.network([served.resolve_rule]), quiet=True)
    _show_demonstration(corpus, ended)
    if ended.exit_code not in {0, IN_PART}:
        raise typer.Exit(ended.exit_code or FAILED)


def _show_demonstration(corpus: Path, ended: Run) -> None:
    from align import report
    from align import trace as tracing
    from align.export import jsonl as lines
    from ingest.models import folder as packages
    from ingest.store import Store

    folder = backlog.models_folder(corpus)
    with Store(corpus) as store:
        names = _names(store)
        lines.export(store, corpus / "export")
        report.print_summary(console(), report.summarise(store, ended), names)
        utterance = report.most_travelled(store)
        if utterance is not None:
            console().print("\nThe utterance that travelled furthest:\n")
            report.print_lineage(console(), tracing.lineage_of(store, utterance), names)
    if any(package.miniature for package in packages.installed(folder)):
        console().print(
            "\nThe translation packages in use are miniatures: they know the demonstration's sentences and nothing "
            f"else.\nReal ones: quoteline models install ru el --models {folder}"
        )
    console().print(_TRY.format(corpus=corpus), markup=False)


_TRY = """
Try next:
  quoteline trace "spirit of Anchorage" --corpus {corpus}
  quoteline search Λαβρόφ --corpus {corpus}
  quoteline status --corpus {corpus}
  quoteline verify --corpus {corpus}
  quoteline add FILE.html ANOTHER.txt
"""


def main() -> None:
    """Run the command line."""
    manners.main(app)
