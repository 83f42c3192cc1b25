"""A corpus as JSON lines: one file a record type, sorted by id.

Text that an outlet's rights withhold is left out of its lines, which then say so (``withheld``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from align.export.files import whole_file
from align.export.rights import QUOTATION, TEXT, rights_of
from align.records import Citation, Link, Mention, Utterance
from ingest.records import Document, Drop, Record, Rights, Segment, Translation
from ingest.store import Store

# Which rights let the text of a record type leave.
_TEXT_LEAVES: dict[type[Record], frozenset[Rights]] = {
    Document: TEXT,
    Segment: TEXT,
    Translation: TEXT,
    Mention: QUOTATION,
}
_TYPES: tuple[type[Record], ...] = (Document, Segment, Translation, Mention, Citation, Link, Utterance, Drop)


def export(corpus: Store, out: Path, *, suspect: bool = False) -> dict[str, int]:
    """Write ``<type>s.jsonl`` files into ``out``; return the number of lines in each.

    Translations that a guard doubts are left out unless ``suspect``. Raises StoreError when the folder cannot be
    written.
    """
    rights = rights_of(corpus)
    return {
        f"{of.__name__.lower()}s": _write(
            out / f"{of.__name__.lower()}s.jsonl", _rows(corpus, of, rights, suspect=suspect)
        )
        for of in _TYPES
    }


def _write(path: Path, rows: Iterable[object]) -> int:
    count = 0
    with whole_file(path) as stream:
        for row in rows:
            stream.write(msgspec.json.encode(row) + b"\n")
            count += 1
    return count


def _rows(corpus: Store, of: type[Record], rights: Mapping[str, Rights], *, suspect: bool) -> Iterator[object]:
    trusted = "WHERE flags = '[]' " if of is Translation and not suspect else ""
    allowed = _TEXT_LEAVES.get(of)
    if allowed is None:
        yield from corpus.find(of, "ORDER BY id")
        return
    outlets: dict[str, str | None] = dict(corpus.execute(_OUTLET_OF[of]))
    for record in corpus.find(of, f"{trusted}ORDER BY id"):
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
