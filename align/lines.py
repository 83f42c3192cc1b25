"""The stages that need align, alone over lines of JSON: translate, extract, repeat, link; and compare for pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

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


@app.command()
def extract(
    documents: InputArgument = "-",
    seeds: SeedsOption = None,
    explain: Annotated[bool, typer.Option("--explain", help="Add the rule and the cue's place to each line.")] = False,
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
    mentions = speaker.resolve(read, found, loaded.persons)
    rules = {one.mention.id: one for each in found.values() for one in each}
    with jsonl.open_output("-") as out:
        for mention in mentions:
            if explain:
                one = rules[mention.id]
                why = {"rule": one.rule, "cue_span": one.cue_span, "speaker_span": one.speaker_span}
                out.write(msgspec.json.encode(msgspec.to_builtins(mention) | why) + b"\n")
            else:
                out.write(jsonl.encode(mention))
    tally.exit()


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
