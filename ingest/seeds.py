"""Seed files to records: ``outlets/*.toml`` and ``speakers.toml`` become outlets with their sources, and persons.

A mistake costs the outlet or person it stands in, and no other; it is returned as a SeedError that names the file,
the entry and the field.
"""

from __future__ import annotations

import tomllib
import zoneinfo
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from ingest.errors import SeedError
from ingest.records import Outlet, Person

S = TypeVar("S", Outlet, Person)

_MAX_BYTES = 10_000_000
_PLAIN_NAMES = {"outlet": {"source": "sources"}, "person": {"role": "roles"}}
"""TOML's ``[[outlet.source]]`` reads best in the singular; the record's field is the plural."""


class Seeds(Struct, frozen=True, kw_only=True):
    """What the tool is given, in the order of file names and of entries in them."""

    outlets: tuple[Outlet, ...]
    persons: tuple[Person, ...]


def load(folder: Path) -> tuple[Seeds, list[SeedError]]:
    """Read ``folder/outlets/*.toml`` and ``folder/speakers.toml``; return what is right, and an error for all else.

    Raises SeedError when the folder itself cannot be read. A missing speakers file means that no person is declared.
    """
    if not folder.is_dir():
        raise SeedError("cannot read seeds", str(folder), "no such folder")
    errors: list[SeedError] = []
    outlets: list[Outlet] = []
    try:
        files = sorted((folder / "outlets").glob("*.toml"))
    except OSError as error:
        raise SeedError("cannot read seeds", str(folder), error.strerror or str(error)) from error
    for path in files:
        outlets += _entries(path, "outlet", Outlet, errors)
    persons: list[Person] = []
    if (folder / "speakers.toml").exists():
        persons += _entries(folder / "speakers.toml", "person", Person, errors)
    seeds = Seeds(
        outlets=tuple(_placed(one, folder) for one in _without_repetition(outlets, "outlet", folder, errors)),
        persons=tuple(_without_repetition(persons, "person", folder, errors)),
    )
    return seeds, errors


def _placed(outlet: Outlet, folder: Path) -> Outlet:
    """Paths of WARC files and folders that are not absolute start at the folder of seeds."""
    sources = tuple(
        msgspec.structs.replace(source, url=str((folder / Path(source.url).expanduser()).resolve()))
        if source.local
        else source
        for source in outlet.sources
    )
    return msgspec.structs.replace(outlet, sources=sources)


def _entries(path: Path, table: str, of: type[S], errors: list[SeedError]) -> Iterator[S]:
    """Yield the entries of one file that are right; append an error for each that is not."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise SeedError("cannot read seeds", str(path), f"larger than {_MAX_BYTES:,} bytes")
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except SeedError as error:
        errors.append(error)
        return
    except OSError as error:
        errors.append(SeedError("cannot read seeds", str(path), error.strerror or str(error)))
        return
    except UnicodeDecodeError as error:
        errors.append(SeedError("not UTF-8", str(path), f"byte {error.start}"))
        return
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        errors.append(SeedError("not TOML", str(path), str(error)))
        return
    errors.extend(
        SeedError("unknown table", str(path), f"[[{name}]], expected [[{table}]]") for name in content if name != table
    )
    rows = content.get(table, [])
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], start=1):
        try:
            entry = msgspec.convert(_renamed(row, table), of)
            _check(entry)
        except (msgspec.ValidationError, ValueError) as error:
            message, _, place = str(error).partition(" - at `")
            label = row.get("id", f"number {number}") if isinstance(row, dict) else f"number {number}"
            field = place.rstrip("`").removeprefix("$").lstrip(".")
            about = f"{path}: {table} {label}" + (f": {field}" if field else "")
            errors.append(SeedError("bad seed", about, message))
        else:
            yield entry


def _renamed(row: object, table: str) -> object:
    if not isinstance(row, dict):
        return row
    names = _PLAIN_NAMES[table]
    return {names.get(name, name): value for name, value in row.items()}


def _check(entry: Outlet | Person) -> None:
    """Refuse what the types allow and the network does not; the message has the form of msgspec's own."""
    if isinstance(entry, Person):
        return
    if not 0 <= entry.delay <= 3600:
        raise ValueError("Expected 0 to 3600 seconds - at `$.delay`")
    if entry.timezone and entry.timezone not in _zones():
        raise ValueError(f"Expected the IANA name of a time zone, got {entry.timezone!r} - at `$.timezone`")
    for number, domain in enumerate(entry.domains):
        if not domain or domain != domain.strip().lower() or "/" in domain:
            raise ValueError(f"Expected a host name in lower case, got {domain!r} - at `$.domains[{number}]`")
    for number, source in enumerate(entry.sources):
        if not source.local and not source.url.startswith(("http://", "https://")):
            raise ValueError(f"Expected http:// or https://, got {source.url!r} - at `$.sources[{number}].url`")


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _without_repetition(entries: list[S], table: str, folder: Path, errors: list[SeedError]) -> Iterator[S]:
    """Yield the first entry with each id and, of outlets, with each domain."""
    seen: dict[str, str] = {}
    for entry in entries:
        domains: tuple[str, ...] = entry.domains if isinstance(entry, Outlet) else ()
        claims = [entry.id, *(f"domain {domain}" for domain in domains)]
        taken = next((claim for claim in claims if claim in seen), None)
        if taken is None:
            seen |= dict.fromkeys(claims, entry.id)
            yield entry
        else:
            why = f"{taken} is declared before, by {seen[taken]}"
            errors.append(SeedError("bad seed", f"{folder}: {table} {entry.id}", why))
