"""A corpus as JSON lines: one file a record type, sorted by id, written beside and renamed into place.

How much text of an outlet leaves is decided by its rights: ``full`` everything; ``excerpt`` the quotations, not the
text around them; ``selectors`` offsets and digests only. An outlet that is not declared counts as ``selectors``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from align.records import Citation, Link, Mention, Utterance
from ingest.errors import StoreError
from ingest.records import Document, Drop, Record, Rights, Segment, Translation
from ingest.store import Store

# Which rights let the text of a record type leave.
_TEXT_LEAVES: dict[type[Record], frozenset[Rights]] = {
    Document: frozenset({"full"}),
    Segment: frozenset({"full"}),
    Translation: frozenset({"full"}),
    Mention: frozenset({"full", "excerpt"}),
}
_TYPES: tuple[type[Record], ...] = (Document, Segment, Translation, Mention, Citation, Link, Utterance, Drop)


def export(corpus: Store, out: Path) -> dict[str, int]:
    """Write ``<type>s.jsonl`` files into ``out``; return the number of lines in each.

    Raises StoreError when the folder cannot be written.
    """
    rights = {outlet.id: outlet.rights for outlet in corpus.outlets().values()}
    try:
        out.mkdir(parents=True, exist_ok=True)
        return {
            f"{of.__name__.lower()}s": _write(out / f"{of.__name__.lower()}s.jsonl", _rows(corpus, of, rights))
            for of in _TYPES
        }
    except OSError as error:
        raise StoreError("cannot export", str(error.filename or out), error.strerror or str(error)) from error


def _write(path: Path, rows: Iterable[object]) -> int:
    beside = path.with_suffix(".open")
    count = 0
    with beside.open("wb") as stream:
        for row in rows:
            stream.write(msgspec.json.encode(row) + b"\n")
            count += 1
        stream.flush()
        os.fsync(stream.fileno())
    beside.rename(path)
    return count


def _rows(corpus: Store, of: type[Record], rights: Mapping[str, Rights]) -> Iterator[object]:
    allowed = _TEXT_LEAVES.get(of)
    if allowed is None:
        yield from corpus.find(of, "ORDER BY id")
        return
    outlets: dict[str, str | None] = dict(corpus.execute(_OUTLET_OF[of]))
    for record in corpus.find(of, "ORDER BY id"):
        granted = rights.get(outlets.get(record.id) or "", "selectors")
        if granted in allowed:
            yield record
        else:
            row = msgspec.to_builtins(record)
            yield {k: v for k, v in row.items() if k not in {"text", "steps"}} | {"withheld": granted}


_OUTLET_OF: dict[type[Record], str] = {
    Document: "SELECT id, outlet FROM documents",
    Segment: "SELECT s.id, d.outlet FROM segments s JOIN documents d ON d.id = s.document",
    Translation: (
        "SELECT t.id, d.outlet FROM translations t JOIN segments s ON s.id = t.segment "
        "JOIN documents d ON d.id = s.document"
    ),
    Mention: "SELECT m.id, d.outlet FROM mentions m JOIN documents d ON d.id = m.document",
}
