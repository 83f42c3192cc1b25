"""Local files to captures: WARC files, saved pages and texts, and folders of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ingest import ids, warc
from ingest.errors import RecordError
from ingest.records import Capture, Drop, drop

_PLAIN = {".txt", ".text", ".md"}


def files_in(path: Path) -> list[Path]:
    """Return the file itself, or the files in a folder and its folders in order of name; hidden ones left out."""
    if not path.is_dir():
        return [path]
    found = sorted(path.rglob("*"))
    return [file for file in found if file.is_file() and not _hidden(file.relative_to(path))]


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def captures(file: Path, name: str, now: datetime) -> Iterator[Capture | Drop]:
    """Yield the captures of a WARC file, or the one that any other file is; a file that cannot be read is a Drop.

    A page has no address but ``file:`` and the name given here; its type is told by the suffix.
    """
    try:
        if file.name.endswith((".warc", ".warc.gz")):
            yield from warc.read(file)
            return
        body = file.read_bytes()
    except RecordError as error:
        yield drop("warc", str(file), "unreadable_file", error.why)
        return
    except OSError as error:
        yield drop("clean", str(file), "unreadable_file", error.strerror or str(error))
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
