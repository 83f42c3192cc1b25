"""The stages that need align, alone over lines of JSON: translate, extract, repeat, link; and compare for pairs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from align.records import Mention
from ingest import backlog, jsonl
from ingest import cli as manners
from ingest.cli import (
    DEFAULT_CORPUS,
    CorpusOption,
    DebugOption,
    InputArgument,
    JsonOption,
    ModelsOption,
    SeedsOption,
    Tally,
    app,
    complain,
    good,
)
from ingest.errors import RecordError
from ingest.records import Document, Language, Segment

if TYPE_CHECKING:
    from align.encode import Encoder
    from align.extract import Found
    from align.speaker import Attribution

_LINE = 60  # characters of a text that a line to read shows

EncoderOption = Annotated[
    str | None, typer.Option("--encoder", help="A sentence-transformers model instead of the built-in encoder.")
]


def encoder_named(name: str | None) -> Encoder:
    """Return the encoder that ``--encoder`` names, the built-in one without it."""
    from align import encode

    return encode.load_encoder(name) if name else encode.default_encoder()


@app.command()
def translate(
    segments: InputArgument = "-",
    to: Annotated[str, typer.Option("--to", help="Into this language.", metavar="LANGUAGE")] = backlog.TARGET,
    corpus: CorpusOption = DEFAULT_CORPUS,
    models: ModelsOption = None,
    debug: DebugOption = False,
) -> None:
    """Print a Translation line for each segment whose language has a package, or a chain of packages."""
    from align import names
    from ingest import translate as translating

    tally = Tally()
    engines = manners.engines_in(models or backlog.models_folder(corpus), to)
    lacking: set[str] = set()

    def waiting() -> Iterator[Segment]:
        for segment in good(jsonl.read(segments, Segment), tally):
            if segment.language not in engines and segment.language != to:
                lacking.add(segment.language)
            yield segment

    jsonl.write("-", translating.translate(waiting(), engines, to, guard=names.lost_name))
    for language in sorted(lacking):
        way = translating.route(language, engines, to)
        hint = f"; try `quoteline models install {language}_{to}`" if way.state == "model_missing" else ""
        complain(f"{way.state}: {language}: {way.why}{hint}")
        tally.bad += 1
    tally.exit()


ReadableOption = Annotated[
    bool, typer.Option("--readable", help="With --explain, a line to read instead of JSON, as on a terminal.")
]


@app.command()
def extract(
    documents: InputArgument = "-",
    seeds: SeedsOption = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Add to each line which cue, which rule and which antecedent.")
    ] = False,
    readable: ReadableOption = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Print a Mention line for each report of speech in the documents."""
    from align import extract as extraction
    from align import speaker
    from ingest import language

    loaded, _ = manners.load_seeds(seeds)
    tally = Tally()
    read = [language.with_some_language(document) for document in good(jsonl.read(documents, Document), tally)]
    found = {document.id: extraction.extract_with_evidence(document) for document in read}
    attributed = speaker.resolve_with_evidence(read, found, loaded.persons)
    reports = {one.mention.id: one for each in found.values() for one in each}
    readable = readable or (explain and not json and sys.stdout.isatty())
    with jsonl.open_output("-") as out:
        for one in attributed:
            report = reports[one.mention.id]
            if readable:
                out.write(f"{_evidence(report, one)}\n".encode())
            elif explain:
                out.write(msgspec.json.encode(_explained(report, one)) + b"\n")
            else:
                out.write(jsonl.encode(one.mention))
    tally.exit()


def _explained(report: Found, attribution: Attribution) -> dict[str, Any]:
    """Return a mention's fields, with where they were read and how the person was found."""
    places = {"rule": report.rule, "cue_span": report.cue_span, "speaker_span": report.speaker_span}
    why = {
        "method": attribution.method,
        "antecedent": attribution.antecedent,
        "words": attribution.words,
        "basis": attribution.basis,
        "line": _evidence(report, attribution),
    }
    row: dict[str, Any] = msgspec.to_builtins(attribution.mention)
    return row | places | {"explain": why}


def _evidence(report: Found, attribution: Attribution) -> str:
    """Say in a line what was reported, by which cue and rule, and who is meant by the printed speaker and why."""
    mention = attribution.mention
    score = "" if mention.score is None else f" {mention.score:.2f}"
    cue = f'cue "{_short(mention.cue)}"{_place(report.cue_span)}' if mention.cue else "no cue"
    printed = f'speaker "{_short(mention.speaker)}"' if mention.speaker else "no speaker printed"
    why: list[str] = [attribution.method]
    if attribution.words:
        where = _place(attribution.antecedent) or " (in the title)"
        why.append(f'antecedent "{_short(attribution.words)}"{where}')
    why += [attribution.basis] if attribution.basis else []
    return (
        f"{mention.document} {mention.start}-{mention.end}  {mention.kind}{score}  «{_short(mention.text)}»  "
        f"{cue} ({report.rule}) · {printed} → {mention.person or 'nobody'}: {', '.join(why)}"
    )


def _place(span: tuple[int, int] | None) -> str:
    return f" {span[0]}-{span[1]}" if span else ""


def _short(words: str) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= _LINE else plain[: _LINE - 1].rstrip() + "…"


_Documents = Annotated[
    str, typer.Option("--documents", help="The documents that the mentions stand in.", metavar="FILE")
]


def _held(documents: str, tally: Tally) -> dict[str, Document]:
    from ingest import language

    read = good(jsonl.read(documents, Document), tally)
    return {document.id: language.with_some_language(document) for document in read}


def _placed(mentions: str, held: Mapping[str, Document], tally: Tally) -> list[Mention]:
    """Read mentions once each, and complain of those that are not where they say in a document that is given."""
    read: dict[str, Mention] = {}
    for mention in good(jsonl.read(mentions, Mention), tally):
        document = held.get(mention.document)
        if document is None or document.text[mention.start : mention.end] != mention.text:
            why = "its document is not given" if document is None else "its text is not at its offsets"
            complain(RecordError("cannot link", mention.id, why))
            tally.bad += 1
        else:
            read.setdefault(mention.id, mention)
    return list(read.values())


@app.command()
def repeat(documents: _Documents, mentions: InputArgument = "-", debug: DebugOption = False) -> None:
    """Print a Link line for each mention that says over again what another one in its document says."""
    from align import repeat as repetition

    tally = Tally()
    held = _held(documents, tally)
    jsonl.write("-", repetition.repeats(_placed(mentions, held, tally), held))
    tally.exit()


@app.command()
def link(
    documents: _Documents,
    mentions: InputArgument = "-",
    encoder: EncoderOption = None,
    debug: DebugOption = False,
) -> None:
    """Print an Utterance line for each statement, with its versions."""
    from align import cluster
    from align import link as linking

    tally = Tally()
    held = _held(documents, tally)
    read = _placed(mentions, held, tally)
    jsonl.write("-", cluster.utterances(read, linking.link(read, held, encoder_named(encoder)), held))
    tally.exit()


class Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One side of a pair to compare."""

    text: str
    language: Language | None = None


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A pair to compare; further fields (an id, a label) are ignored."""

    a: Text
    b: Text


@app.command()
def compare(
    pairs: InputArgument = "-",
    encoder: EncoderOption = None,
    explain: Annotated[bool, typer.Option("--explain", help="Add the evidence to each line.")] = False,
    debug: DebugOption = False,
) -> None:
    """Print for each pair {"a": {"text", "language"}, "b": ...} whether b is a version of a, and how it differs."""
    from align import link as linking
    from align.compare import Side
    from ingest import language

    def side(one: Text) -> Side:
        return Side(text=one.text, language=one.language or language.detect(one.text).language)

    tally = Tally()
    read = [(side(pair.a), side(pair.b)) for pair in good(jsonl.read(pairs, Pair), tally)]
    with jsonl.open_output("-") as out:
        for comparison in linking.compare_pairs(read, encoder_named(encoder)):
            row = msgspec.to_builtins(comparison)
            if not explain:
                del row["evidence"]
            out.write(msgspec.json.encode(row) + b"\n")
    tally.exit()
