"""The folder of packages: install, list, verify, remove.

Each pair of languages has one folder, ``<from>_<to>``, and so at most one version. It holds the files of the package
that translation needs and ``manifest.json`` (name, version, size, digests). A package is unpacked beside, validated,
tried on a sentence and renamed into place: a damaged or hostile archive changes nothing.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import tomllib
from collections.abc import Collection, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from ingest.errors import ModelError
from ingest.models.archive import pair_in, unpack
from ingest.models.engine import Loaded
from ingest.models.package import MANIFEST, Package, changed_files, digest, read_manifest, write_manifest

_PAIR_FOLDER = re.compile(r"^[A-Za-z-]{2,20}_[A-Za-z-]{2,20}$")
_SUMS = "SHA256SUMS"  # as sha256sum writes it: what a mirror says of its files


class Health(NamedTuple):
    """Whether an installed package is as it was installed: state is done, checksum_mismatch or model_invalid."""

    pair: str
    state: str
    detail: str = ""


def installed(folder: Path) -> tuple[Package, ...]:
    """Return the installed packages, by pair. A folder that does not exist has none; strangers in it are ignored, and
    so is a package that does not say what it is (``broken``)."""
    found = (package for package, _ in _manifests(folder).values())
    return tuple(package for package in found if package is not None)


def broken(folder: Path) -> tuple[Health, ...]:
    """Return the packages whose manifest cannot be read, or is another pair's."""
    return tuple(
        Health(pair, "model_invalid", why) for pair, (package, why) in _manifests(folder).items() if not package
    )


def _manifests(folder: Path) -> dict[str, tuple[Package | None, str]]:
    """Read all manifests: by name of the folder the package, or why there is none."""
    found: dict[str, tuple[Package | None, str]] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _PAIR_FOLDER.match(path.name) and (path / MANIFEST).is_file():
            try:
                package = read_manifest(path)
            except ModelError as error:
                found[path.name] = None, error.why
            else:
                same = package.pair == path.name
                found[path.name] = (package, "") if same else (None, f"its manifest is that of {package.pair}")
    return found


def install(source: Path, folder: Path, pairs: Collection[str] = ()) -> tuple[Package, ...]:
    """Install a package file, or the packages of a folder: those of ``pairs``, all when none is named.

    Files that the folder's SHA256SUMS names are compared with it. Raises ModelError, and changes nothing, when any of
    them cannot be installed or a pair is not there.
    """
    files = sorted(source.glob("*.argosmodel")) if source.is_dir() else [source]
    if not files:
        raise ModelError("cannot install", str(source), "no *.argosmodel in this folder")
    if pairs:
        held = {file: pair_in(file) for file in files}
        if missing := set(pairs) - set(held.values()):
            there = ", ".join(sorted(set(held.values())))
            raise ModelError("unsupported_pair", ", ".join(sorted(missing)), f"{source} has only {there}")
        files = [file for file in files if held[file] in pairs]
    if source.is_dir():
        _compare_with_sums(source, files)
    return install_files(files, folder)


def _compare_with_sums(source: Path, files: Sequence[Path]) -> None:
    try:
        lines = (source / _SUMS).read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        raise ModelError("cannot install", str(source / _SUMS), error.strerror or str(error)) from error
    rows = (line.split(maxsplit=1) for line in lines if len(line.split()) > 1)
    said = {name.strip().lstrip("*"): sha256.lower() for sha256, name in rows}
    for file in files:
        if file.name in said and digest(file) != said[file.name]:
            raise ModelError("checksum_mismatch", str(file), f"is not the file that {_SUMS} names")


def install_missing(source: Path, folder: Path) -> tuple[Package, ...]:
    """Install from a folder those packages whose pair has none yet. Returns what is new."""
    have = {package.pair for package in installed(folder)}
    files = [file for file in sorted(source.glob("*.argosmodel")) if pair_in(file) not in have]
    return install_files(files, folder) if files else ()


def remove(folder: Path, pair: str) -> str:
    """Remove the package of a pair (``ru_en``), whatever its state, and return what it was. Raises ModelError."""
    there = _manifests(folder)
    for name in (pair, pair.replace("-", "_", 1)):
        if name in there:
            shutil.rmtree(folder / name)
            package = there[name][0]
            return package.name if package else name
    raise ModelError("cannot remove", pair, "no such package is installed")


def verify(folder: Path) -> tuple[Health, ...]:
    """Compare every installed package with its manifest, and try it on a sentence."""
    found = list(broken(folder))
    for package in installed(folder):
        path = folder / package.pair
        if wrong := changed_files(path, package):
            found.append(Health(package.pair, "checksum_mismatch", ", ".join(wrong)))
            continue
        try:
            _try(path, package)
        except ModelError as error:
            found.append(Health(package.pair, "model_invalid", error.why))
        else:
            found.append(Health(package.pair, "done"))
    return tuple(found)


def install_files(files: Sequence[Path], folder: Path) -> tuple[Package, ...]:
    """Install package files: all are unpacked and validated, then all are renamed into place. Raises ModelError."""
    folder.mkdir(parents=True, exist_ok=True)
    _recover(folder)
    with tempfile.TemporaryDirectory(prefix=".unpack-", dir=folder) as scratch:
        ready: dict[str, tuple[Path, Package]] = {}
        for number, file in enumerate(files):
            beside = Path(scratch) / str(number)
            package = unpack(file, beside)
            if package.pair in ready:
                raise ModelError("cannot install", str(file), f"a second version of {package.pair} is beside it")
            _try(beside, package)
            write_manifest(beside, package)
            ready[package.pair] = (beside, package)
        for pair, (beside, _) in ready.items():
            _into_place(beside, folder / pair)
    return tuple(package for _, package in ready.values())


def _into_place(beside: Path, place: Path) -> None:
    old = place.with_name(f".old-{place.name}")
    if place.exists():
        place.rename(old)
    beside.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _recover(folder: Path) -> None:
    """Undo what a killed install left: a package set aside returns, half-unpacked ones go."""
    for path in folder.iterdir():
        if path.name.startswith(".old-"):
            place = path.with_name(path.name.removeprefix(".old-"))
            shutil.rmtree(path) if place.exists() else path.rename(place)
        elif path.name.startswith(".unpack-"):
            shutil.rmtree(path, ignore_errors=True)


def _try(path: Path, package: Package) -> None:
    """Translate a sentence. A miniature may have nothing to say to it, but it must load and answer."""
    sentence = _trials().get(package.from_language, "Radio 1 2 3.")
    try:
        rendering = Loaded(path, threads=1).translate([sentence])[0][0]
    except ModelError:
        raise
    except Exception as error:  # foreign code on a foreign file: whatever it raises, the package is unusable
        raise ModelError("model_invalid", package.pair, f"cannot translate a test sentence: {error}") from error
    if not rendering.text and not package.miniature:
        raise ModelError("model_invalid", package.pair, "translates a test sentence into nothing")


@cache
def _trials() -> dict[str, str]:
    text = resources.files("ingest").joinpath("guards.toml").read_text("utf-8")
    trials: dict[str, str] = tomllib.loads(text)["trial"]
    return trials
