"""Local files to captures: WARC files, saved pages and texts, and folders of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ingest import ids, warc
from ingest.errors import RecordError
from ingest.records import Capture, Drop, drop

_PLAIN = {".txt", ".text", ".md"}


def files_in(path: Path) -> list[tuple[Path, str]]:
    """Return (file, name): the file itself, or the files in a folder and its folders, by their path in it.

    In order of name; what is hidden (a name that starts with a dot) is left out.
    """
    if not path.is_dir():
        return [(path, path.name)]
    found = [(file, file.relative_to(path)) for file in sorted(path.rglob("*")) if file.is_file()]
    return [(file, str(name)) for file, name in found if not any(part.startswith(".") for part in name.parts)]


def captures(file: Path, name: str, now: datetime) -> Iterator[Capture | Drop]:
    """Yield the captures of a WARC file, or the one that any other file is; a file that cannot be read is a Drop.

    A page has no address but ``file:`` and the name given here; its type is told by the suffix.
    """
    try:
        if file.name.endswith((".warc", ".warc.gz")):
            yield from warc.read(file)
            return
        with file.open("rb") as opened:
            body = opened.read(warc.MAX_RECORD + 1)
    except (RecordError, OSError) as error:
        why = error.why if isinstance(error, RecordError) else error.strerror or str(error)
        yield drop("discover", str(file), "unreadable_file", why)
        return
    if len(body) > warc.MAX_RECORD:
        yield drop("discover", str(file), "too_large", f"more than {warc.MAX_RECORD:,} bytes")
        return
    digest = ids.digest(body)
    yield Capture(
        id=ids.content_id("capture", f"file:{name}", digest),
        url=f"file:{name}",
        fetched_at=now,
        media_type="text/plain" if file.suffix.lower() in _PLAIN else "text/html",
        digest=digest,
        body=body,
    )
