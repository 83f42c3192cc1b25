"""Commands that need nothing of align: the stages of ingest alone over lines of JSON, packages, seeds.

Also the manners of every command: one line an error, exit codes that tell cron the truth, progress on a terminal only.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
import typer

from ingest import backlog, jsonl, sources
from ingest.backlog import TARGET
from ingest.errors import ModelError, QuotelineError, RecordError, SeedError, UsageError
from ingest.records import Capture, Document, Drop

if TYPE_CHECKING:
    from rich.console import Console

    from ingest.fetch import Settings
    from ingest.seeds import Seeds
    from ingest.translate import Engine

R = TypeVar("R", bound=msgspec.Struct)

DONE, FAILED, WRONG_USE, IN_PART, LOCKED = 0, 1, 2, 3, 4

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Who said it first, who took it from whom, and what changed on the way.",
)
models_app = typer.Typer(no_args_is_help=True, help="Translation packages: list, install, verify, remove.")
seeds_app = typer.Typer(no_args_is_help=True, help="What the tool is given: outlets, sources, people.")
app.add_typer(models_app, name="models")
app.add_typer(seeds_app, name="seeds")


class _Manners:
    """What the options of the running command ask for; set by their callbacks before the command starts."""

    debug = False


def _set_debug(value: bool) -> bool:
    _Manners.debug = value
    return value


CorpusOption = Annotated[Path, typer.Option("--corpus", help="Folder of the corpus.", metavar="DIR")]
SeedsOption = Annotated[Path | None, typer.Option("--seeds", help="Folder of outlets and people.", metavar="DIR")]
ModelsOption = Annotated[Path | None, typer.Option("--models", help="Folder of translation packages.", metavar="DIR")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show tracebacks.", callback=_set_debug, is_eager=True)]
ResolveOption = Annotated[
    list[str] | None,
    typer.Option(
        "--resolve", help="HOST=IP:PORT: reach these hosts there, even where it is not public.", metavar="RULE"
    ),
]
DropsOption = Annotated[str | None, typer.Option("--drops", help="Write dropped records here.", metavar="FILE")]
InputArgument = Annotated[str, typer.Argument(help="A JSONL file; - is standard input.", metavar="[FILE]")]

DEFAULT_CORPUS = Path("corpus")


def clock() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


def console() -> Console:
    """Return the console that results are printed to; plain and unwrapped when standard output is not a terminal."""
    from rich.console import Console

    return Console(soft_wrap=True, width=None if sys.stdout.isatty() else 160, highlight=False)


def complain(problem: object) -> None:
    """Print one line to standard error."""
    print(f"quoteline: {' '.join(str(problem).split())}", file=sys.stderr)  # noqa: T201


@contextmanager
def shown_progress() -> Iterator[sources.Progress]:
    """Yield a progress callback: bars on a terminal, silence in cron."""
    if not sys.stderr.isatty():
        yield lambda _stage, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show


def good(records: Iterable[R | RecordError], tally: Tally) -> Iterator[R]:
    """Yield the records that could be read; complain about each line that could not."""
    for record in records:
        if isinstance(record, RecordError):
            complain(record)
            tally.bad += 1
        else:
            tally.good += 1
            yield record


class Tally(msgspec.Struct):
    """How much of the input was good: decides the exit code of a command that works through many records."""

    good: int = 0
    bad: int = 0

    def exit(self) -> None:
        """Leave with 3 when some of the input was bad, 1 when all of it was."""
        if self.bad:
            raise typer.Exit(IN_PART if self.good else FAILED)


def seeds_folder(given: Path | None) -> Path:
    """Return the folder of seeds: the one given, else ``./seeds``, else the one beside the packages."""
    if given is not None:
        return given
    here = Path("seeds")
    return here if here.is_dir() else Path(__file__).resolve().parents[1] / "seeds"


def load_seeds(given: Path | None) -> tuple[Seeds, list[SeedError]]:
    """Load the seeds, complaining about each file that is wrong."""
    from ingest import seeds

    loaded, problems = seeds.load(seeds_folder(given))
    for problem in problems:
        complain(problem)
    return loaded, problems


@app.command()
def clean(
    files: Annotated[list[Path] | None, typer.Argument(help="HTML or text files; captures on standard input.")] = None,
    drops: DropsOption = None,
    debug: DebugOption = False,
) -> None:
    """Print a Document line for each HTML or text file, or for each capture on standard input."""
    from ingest import clean as cleaning
    from ingest import files as local

    tally = Tally()
    lost: list[Drop] = []
    captures: Iterable[Capture | Drop] = (
        (one for path in files for one in local.captures(path, path.name, clock()))
        if files
        else good(jsonl.read("-", Capture), Tally())
    )
    with jsonl.open_output("-") as out:
        for capture in captures:
            document = capture if isinstance(capture, Drop) else cleaning.clean(capture)
            if isinstance(document, Drop):
                tally.bad += 1
                lost.append(document)
                name = capture.record if isinstance(capture, Drop) else capture.url.removeprefix("file:")
                complain(f"{document.stage}: {name}: {document.reason} {document.detail}")
            else:
                tally.good += 1
                out.write(jsonl.encode(document))
    if drops:
        jsonl.write(drops, lost)
    tally.exit()


def _over_documents(path: str, make: Callable[[Document], Iterable[msgspec.Struct]]) -> None:
    tally = Tally()
    with jsonl.open_output("-") as out:
        for document in good(jsonl.read(path, Document), tally):
            for record in make(document):
                out.write(jsonl.encode(record))
    tally.exit()


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """A line of ``detect --explain``: the language of a document, and what each witness said (engine, language,
    score)."""

    document: str
    language: str
    score: float
    evidence: tuple[tuple[str, str, float], ...]


@app.command()
def detect(
    documents: InputArgument = "-",
    explain: Annotated[bool, typer.Option("--explain", help="Print what each witness said instead.")] = False,
    debug: DebugOption = False,
) -> None:
    """Print each document with its language."""
    from ingest import language

    def explained(document: Document) -> Explained:
        found = language.detection_of(document)
        return Explained(document=document.id, language=found.language, score=found.score, evidence=found.evidence)

    _over_documents(documents, lambda one: [explained(one) if explain else language.detect_document(one)])


@app.command()
def segment(documents: InputArgument = "-", debug: DebugOption = False) -> None:
    """Print the sentences of each document."""
    from ingest import language
    from ingest import segment as segmenting

    _over_documents(
        documents,
        lambda document: segmenting.segments(language.with_some_language(document)),
    )


@app.command()
def dedupe(documents: InputArgument = "-", debug: DebugOption = False) -> None:
    """Print all documents, copies marked with the document that they copy."""
    from ingest import dedupe as copies

    tally = Tally()
    jsonl.write("-", copies.mark_copies(list(good(jsonl.read(documents, Document), tally))))
    tally.exit()


def engines_in(folder: Path, target: str = TARGET) -> dict[str, Engine]:
    """Return an engine a language from the packages of a folder, complaining about each that is broken."""
    from ingest import translate as translating
    from ingest.models import folder as packages

    for one in packages.broken(folder):
        complain(ModelError(one.state, one.pair, one.detail))
    return translating.load_engines(folder, target)


def network(resolve: list[str] | None) -> Settings:
    """Return the settings of the fetcher, with what ``--resolve`` says."""
    from ingest import fetch

    return fetch.Settings(resolve=tuple(fetch.rule(text) for text in resolve or ()))


@contextmanager
def _downloads(resolve: list[str] | None = None) -> Iterator[Callable[[str, Path], None]]:
    """Yield what fetches a package or an index into a file: the same network, with room and time for a package."""
    from ingest import download, fetch

    settings = msgspec.structs.replace(network(resolve), wall_seconds=6 * 3600.0, read_seconds=60.0, max_wire=2 << 30)
    with shown_progress() as progress:

        def save(url: str, to: Path) -> None:
            name = f"downloading {url.rpartition('/')[2]}"
            try:
                download.download(url, to, settings, lambda done, total: progress(name, done, total))
            except fetch.FailedError as error:
                raise ModelError("cannot download", url, f"{error.reason} {error.detail}") from error

        yield save


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A line of ``models list``: a pair, its state, and what is known of it.

    State is ``installed``, ``model_invalid`` (``detail`` says why), ``available`` (in the index) or ``model_missing``
    (``documents`` of the corpus wait for it).
    """

    pair: str
    state: str
    version: str = ""
    size: int = 0
    miniature: bool = False
    documents: int = 0
    detail: str = ""


def _listed(folder: Path, corpus: Path, *, available: bool) -> Iterator[Listed]:
    from ingest.models import folder as packages
    from ingest.models import index
    from ingest.store import FILE, Store

    for one in packages.broken(folder):
        yield Listed(pair=one.pair, state=one.state, detail=one.detail)
    for package in packages.installed(folder):
        facts = {name: getattr(package, name) for name in ("pair", "version", "size", "miniature")}
        yield Listed(state="installed", **facts)
    if (corpus / FILE).exists():
        with Store(corpus, create=False, read_only=True) as store:
            for language, number in backlog.without_package(store):
                yield Listed(pair=f"{language}_{TARGET}", state="model_missing", documents=number)
    if available:
        with _downloads() as download:
            for offer in index.available(folder, download):
                yield Listed(pair=offer.pair, state="available", version=offer.version)


@models_app.command("list")
def models_list(
    corpus: CorpusOption = DEFAULT_CORPUS,
    models: ModelsOption = None,
    available: Annotated[bool, typer.Option("--available", help="Ask the public index what there is.")] = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """List installed packages, and languages of the corpus that lack one."""
    folder = models or backlog.models_folder(corpus)
    found = list(_listed(folder, corpus, available=available))
    if json:
        jsonl.write("-", found)
        return
    if not any(one.state == "installed" for one in found):
        console().print(f"no packages in {folder}")
    for one in found:
        notes = {
            "model_invalid": one.detail,
            "installed": f"{one.version}  {one.size / 1e6:,.1f} MB",
            "available": f"{one.version}  in the public index",
            "model_missing": f"for {one.documents} documents; quoteline models install {one.pair.split('_')[0]}",
        }
        note = "  a miniature: it knows the demonstration's sentences and nothing else" if one.miniature else ""
        console().print(f"{one.pair}  {one.state}  {notes[one.state]}{note}")


@models_app.command("install")
def models_install(
    languages: Annotated[
        list[str] | None, typer.Argument(help="Languages (el ru) to translate from, or pairs (el_ru).")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", help="A folder, file, package URL or index URL (*.json) instead.", metavar="SOURCE"),
    ] = None,
    corpus: CorpusOption = DEFAULT_CORPUS,
    models: ModelsOption = None,
    resolve: ResolveOption = None,
    debug: DebugOption = False,
) -> None:
    """Install packages from the public index, or from a folder, file or URL."""
    from ingest.models import folder as packages
    from ingest.models import index

    folder = models or backlog.models_folder(corpus)
    pairs = [name if "_" in name else f"{name}_{TARGET}" for name in languages or ()]
    local = source is not None and "://" not in source
    is_index = source is None or source.partition("#")[0].endswith(".json")
    if not local and is_index != bool(pairs):
        why = "name the languages" if is_index else "a package's address says its pair: leave the languages out"
        raise UsageError("models install", source or "", why)
    if source is not None and local:
        new = packages.install(Path(source), folder, pairs)
    else:
        with _downloads(resolve) as download:
            if is_index:
                new = index.install_from_index(pairs, folder, download, source or index.INDEX)
            else:
                new = index.install_from_address(source or "", folder, download)
    for package in new:
        console().print(f"installed {package.name}, {package.size / 1e6:,.1f} MB, in {folder}")


@models_app.command("verify")
def models_verify(
    corpus: CorpusOption = DEFAULT_CORPUS, models: ModelsOption = None, debug: DebugOption = False
) -> None:
    """Compare every installed package with its manifest, and try it on a sentence."""
    from ingest.models import folder as packages

    health = packages.verify(models or backlog.models_folder(corpus))
    for one in health:
        console().print(f"{one.pair}  {one.state}  {one.detail}".rstrip())
    if any(one.state != "done" for one in health):
        raise typer.Exit(FAILED)


@models_app.command("remove")
def models_remove(
    pair: Annotated[str, typer.Argument(help="The pair, such as ru_en.")],
    corpus: CorpusOption = DEFAULT_CORPUS,
    models: ModelsOption = None,
    debug: DebugOption = False,
) -> None:
    """Remove the package of a pair."""
    from ingest.models import folder as packages

    console().print(f"removed {packages.remove(models or backlog.models_folder(corpus), pair)}")


@seeds_app.command("list")
def seeds_list(seeds: SeedsOption = None, json: JsonOption = False, debug: DebugOption = False) -> None:
    """List the outlets and their sources."""
    loaded, problems = load_seeds(seeds)
    if json:
        jsonl.write("-", loaded.outlets)
    else:
        from rich.table import Table

        table = Table("outlet", "name", "language", "kind", "rights", "sources", box=None, pad_edge=False)
        for outlet in loaded.outlets:
            sources = ", ".join(f"{s.kind} {s.checked or '(not checked)'}" for s in outlet.sources)
            table.add_row(outlet.id, outlet.name, outlet.language, outlet.kind, outlet.rights, sources)
        console().print(table)
    if problems:
        raise typer.Exit(IN_PART if loaded.outlets else FAILED)


@seeds_app.command("check")
def seeds_check(
    outlets: Annotated[list[str] | None, typer.Argument(help="Outlets by id; all by default.")] = None,
    seeds: SeedsOption = None,
    resolve: ResolveOption = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Try every source once and say which are dead, moved or empty."""
    loaded, problems = load_seeds(seeds)
    known = {outlet.id: outlet for outlet in loaded.outlets}
    for name in outlets or ():
        if name not in known:
            raise UsageError("no such outlet", name, "`quoteline seeds list` shows them")
    chosen = [known[name] for name in outlets or known]
    tally = Tally(bad=len(problems))
    today = clock()
    for found in sources.check_sources(chosen, network(resolve), clock=clock):
        tally.good += found.state == "ok"
        tally.bad += found.state != "ok"
        if json:
            jsonl.write("-", [found])
            continue
        listed = f"{found.pages:,} pages" + (f", newest {found.newest:%Y-%m-%d}" if found.newest else "")
        note = f'checked = "{today:%Y-%m-%d}"' if found.state == "ok" else found.detail
        console().print(f"{found.state:6}{found.outlet}  {found.source}  {listed}  {note}", markup=False)
    tally.exit()


def main(application: typer.Typer = app) -> None:
    """Run the command line: every error is one line and an exit code."""
    try:
        application()
    except QuotelineError as error:
        if _Manners.debug:
            raise
        complain(error)
        sys.exit(error.exit_code)
    except OSError as error:
        if _Manners.debug:
            raise
        with suppress(OSError):  # what could not be written now must not be tried again at exit
            sys.stdout.close()
        if isinstance(error, BrokenPipeError):  # the reader of our output has seen enough
            sys.exit(DONE)
        complain(f"cannot write: {error.filename or 'output'}: {error.strerror or error}")
        sys.exit(FAILED)
    except KeyboardInterrupt:
        complain("interrupted: what was committed is kept, run the command again to go on")
        sys.exit(130)
