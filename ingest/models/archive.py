"""An Argos package (a zip with one top folder) to files in a folder, refusing everything damaged or hostile.

The format is that of argostranslate: ``metadata.json``, ``model/`` for CTranslate2, ``sentencepiece.model`` or
``bpe.model``; ``stanza/``, ``minisbd/`` and ``spacy/`` hold sentence models, which are left in the archive.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from ingest.errors import ModelError
from ingest.models.package import Package, digest, is_language, pair_of

MAX_BYTES = 4_000_000_000  # unpacked; the largest public package is below 500 MB
MAX_FILES = 2_000
MAX_RATIO = 200  # unpacked to packed: model weights hardly compress

_USED = re.compile(r"^(metadata\.json|README\.md|LICENSE[\w.]*|sentencepiece\.model|bpe\.model|model/[\w.-]+)$")


def pair_in(file: Path) -> str:
    """Return the pair that an archive says it holds. Raises ModelError."""
    with _opened(file) as archive:
        fields = _metadata(archive, _entries(archive, file), file)
    return pair_of(fields["from_code"], fields["to_code"])


def unpack(file: Path, beside: Path) -> Package:
    """Unpack what translation needs (no sentence models: sentences are ours) and describe it. Raises ModelError."""
    with _opened(file) as archive:
        entries = _entries(archive, file)
        fields = _metadata(archive, entries, file)
        needed = {name: entry for name, entry in entries.items() if _USED.match(name)}
        if "model/model.bin" not in needed or not {"sentencepiece.model", "bpe.model"} & needed.keys():
            raise ModelError("model_invalid", str(file), "no model/model.bin, or no tokenizer")
        digests = {name: _copy(archive, entry, beside / name, file) for name, entry in needed.items()}
    return Package(
        from_language=fields["from_code"],
        to_language=fields["to_code"],
        version=str(fields.get("package_version") or "0"),
        size=file.stat().st_size,
        sha256=digest(file),
        miniature=fields.get("miniature") is True,
        description=str(fields.get("description") or "")[:500],
        score_floor=_share(fields.get("score_floor")),
        files=digests,
    )


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive; everything that may be wrong with it becomes a ModelError."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ModelError("model_invalid", str(file), f"damaged archive: {error}") from error
    except OSError as error:
        raise ModelError("cannot install", str(file), error.strerror or str(error)) from error


def _entries(archive: zipfile.ZipFile, file: Path) -> dict[str, zipfile.ZipInfo]:
    """Return the files of an archive by their path below its one top folder, refusing everything suspicious."""
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        raise ModelError("model_invalid", str(file), f"more than {MAX_FILES} files")
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if unpacked > MAX_BYTES or unpacked > MAX_RATIO * max(packed, 1) + 1_000_000:
        raise ModelError("model_invalid", str(file), f"unpacks to {unpacked:,} bytes: too large for what it is")
    for entry in entries:
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or re.search(r"[\\:\x00-\x1f]", entry.filename):
            raise ModelError("model_invalid", str(file), f"a path that leads out of the package: {entry.filename!r}")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise ModelError("model_invalid", str(file), f"a link: {entry.filename!r}")
    tops = {PurePosixPath(entry.filename).parts[:1] for entry in entries}
    if len(tops) != 1:
        raise ModelError("model_invalid", str(file), f"{len(tops)} top folders instead of one")
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        inside = "/".join(PurePosixPath(entry.filename).parts[1:])
        if entry.is_dir():
            continue
        if not inside or inside in found:
            raise ModelError("model_invalid", str(file), f"a file without a place of its own: {entry.filename!r}")
        found[inside] = entry
    return found


def _metadata(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], file: Path) -> dict[str, Any]:
    entry = entries.get("metadata.json")
    if entry is None or entry.file_size > 1_000_000:
        raise ModelError("model_invalid", str(file), "no metadata.json of a sane size")
    try:
        fields = msgspec.json.decode(archive.read(entry), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise ModelError("model_invalid", str(file), f"metadata.json: {error}") from error
    for name in ("from_code", "to_code"):
        if not is_language(fields.get(name)):
            raise ModelError("model_invalid", str(file), f"metadata.json: {name} is not a language")
    if fields.get("type", "translate") != "translate":
        raise ModelError("model_invalid", str(file), f"metadata.json: not a translation package: {fields['type']!r}")
    return fields


def _share(value: object) -> float:
    """Return a number from 0 to 1; 0 for anything else."""
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else 0.0


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path, file: Path) -> str:
    """Unpack one file, never more than it said, and return its digest."""
    to.parent.mkdir(parents=True, exist_ok=True)
    hashed, left = hashlib.sha256(), entry.file_size
    with archive.open(entry) as packed, to.open("wb") as out:
        while chunk := packed.read(1 << 20):
            left -= len(chunk)
            if left < 0:
                raise ModelError("model_invalid", str(file), f"{entry.filename} is larger than it says")
            hashed.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return hashed.hexdigest()
