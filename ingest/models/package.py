"""What an installed package says of itself, in its ``manifest.json``."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import msgspec

from ingest.errors import ModelError

MANIFEST = "manifest.json"
_CODE = re.compile(r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")


class Package(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An installed package, as its manifest describes it. ``size`` in bytes and ``sha256`` are those of the archive.

    ``miniature`` packages know the sentences of a demonstration and nothing else. ``files`` are digests by path.
    """

    from_language: str
    to_language: str
    version: str
    size: int
    sha256: str
    miniature: bool = False
    description: str = ""
    score_floor: float = 0.0
    files: dict[str, str] = {}

    @property
    def pair(self) -> str:
        """The pair, which is the name of its folder: ``ru_en``."""
        return pair_of(self.from_language, self.to_language)

    @property
    def name(self) -> str:
        """What translations name as their engine: pair, version and digest."""
        return f"argos {self.pair} {self.version} {self.sha256[:12]}"


def pair_of(from_language: str, to_language: str) -> str:
    """Return the name of a pair of languages."""
    return f"{from_language}_{to_language}"


def is_language(code: object) -> bool:
    """Whether this is the code of a language, and so safe in the name of a folder."""
    return isinstance(code, str) and _CODE.match(code) is not None


def read_manifest(folder: Path) -> Package:
    """Read the manifest of an installed package. Raises ModelError."""
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Package)
    except (OSError, msgspec.DecodeError) as error:
        raise ModelError("model_invalid", str(folder), f"its manifest cannot be read: {error}") from error


def write_manifest(folder: Path, package: Package) -> None:
    """Write the manifest of a package into its folder."""
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(package), indent=2))


def digest(path: Path) -> str:
    """Return the SHA-256 of a file; empty when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def changed_files(folder: Path, package: Package) -> list[str]:
    """Return the files that are no longer what was installed."""
    return [name for name, was in package.files.items() if digest(folder / name) != was]
