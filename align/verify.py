"""Does the corpus still say what the captured bytes say? Each document is made again from its WARC record."""

from __future__ import annotations

from collections.abc import Iterator

from align.records import Mention
from ingest import clean, ids, warc
from ingest.errors import QuotelineError
from ingest.records import Document, Drop, Segment
from ingest.store import Store


def verify(corpus: Store, only: str | None = None) -> Iterator[str]:
    """Yield one line for each thing that does not hold; nothing means that all of it does.

    ``only`` limits it to one document's id. Checked: the digest of each captured body, each document's text, title
    and links as cleaned from it again, and the offsets of its sentences and mentions.
    """
    where, values = ("WHERE id = ?", (only,)) if only else ("", ())
    for document in corpus.find(Document, where, values):
        place = next(
            corpus.execute("SELECT warc, warc_offset, digest FROM captures WHERE id = ?", (document.capture,)), None
        )
        if place is None:
            yield f"{document.id}: no capture is noted for it"
        else:
            yield from _capture(corpus, document, *place)
        yield from _offsets(corpus, document)


def _capture(corpus: Store, document: Document, file: str, offset: int, digest: str) -> Iterator[str]:
    try:
        capture = warc.read_at(corpus.folder / "warc" / file, offset)
    except (QuotelineError, OSError, ValueError, EOFError) as error:
        yield f"{document.id}: {file} at {offset} cannot be read: {error}"
        return
    if ids.digest(capture.body) != digest:
        yield f"{document.id}: {file} at {offset}: the body has another digest than the one noted"
        return
    again = clean.clean(capture)
    if isinstance(again, Drop):
        yield f"{document.id}: cleaning its capture again gives no document ({again.reason})"
    elif (again.id, again.text, again.title) != (document.id, document.text, document.title):
        yield f"{document.id}: cleaning its capture again gives another text"
    elif document.anchors and again.anchors != document.anchors:  # a document of an older format has none
        yield f"{document.id}: cleaning its capture again gives other links"


def _offsets(corpus: Store, document: Document) -> Iterator[str]:
    found = "WHERE document = ?", (document.id,)
    for pieces in (corpus.find(Segment, *found), corpus.find(Mention, *found)):
        for piece in pieces:
            title = isinstance(piece, Segment) and piece.part == "title"
            whole = (document.title or "") if title else document.text
            if whole[piece.start : piece.end] != piece.text:
                yield f"{piece.id}: the text at its offsets in {document.id} is another"
