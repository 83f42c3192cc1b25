"""The corpus on disk: one SQLite file in WAL mode (tables in ``schema.sql``) and a folder of WARC files beside it.

A record type is a table: scalar fields are columns, structures are JSON. Adding a record that is there already
changes nothing. Errors of SQLite and of the disk become one StoreError at this edge.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import apsw
import msgspec

from ingest import fold
from ingest.errors import LockedError, StoreError
from ingest.records import Capture, Document, Outlet, Record

R = TypeVar("R", bound=Record)
Value = str | int | float | bytes | None

FILE = "quoteline.sqlite"
_APPLICATION_ID = 0x71756F74  # "quot"
_SCHEMA_VERSION = 5  # upgrades/2.sql brings an older corpus here, and so on
_OWN_NAMES = frozenset({"README.md", "schema", "sample", "models", "warc", "export", ".lock", ".gitignore"})


def _table(of: type[Record]) -> str:
    """Return the table of a record type: its name, small, in the plural."""
    return f"{of.__name__.lower()}s"


class Store:
    """An open corpus. Use it as a context manager; one Store a thread."""

    def __init__(self, folder: Path, *, create: bool = True, read_only: bool = False) -> None:
        """Open the corpus in ``folder``, making it where there is none and ``create`` holds.

        Raises StoreError when the folder is not a corpus, cannot be written, or comes from a newer version.
        """
        self.folder = folder
        self.path = folder / FILE
        _refuse_foreign_folder(folder, self.path, create=create and not read_only)
        flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        with self._errors("cannot open the corpus"):
            if not read_only:
                folder.mkdir(parents=True, exist_ok=True)
            self.db = apsw.Connection(str(self.path), flags=flags)
            self.db.set_busy_timeout(30_000)
            self._prepare(read_only=read_only)

    def _prepare(self, *, read_only: bool) -> None:
        application, version = self._one("PRAGMA application_id"), self._one("PRAGMA user_version")
        empty = self._one("SELECT count(*) FROM sqlite_schema") == 0
        if application != _APPLICATION_ID and not empty:
            raise StoreError("not a quoteline corpus", str(self.path), "the file belongs to another program")
        if isinstance(version, int) and version > _SCHEMA_VERSION:
            why = f"its format {version} is newer than this program's {_SCHEMA_VERSION}; upgrade quoteline"
            raise StoreError("cannot open the corpus", str(self.path), why)
        if read_only:
            return
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute("PRAGMA foreign_keys = ON")
        if empty:
            with self.transaction():
                self.db.execute((Path(__file__).parent / "schema.sql").read_text(encoding="utf-8"))
                self.db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                self.db.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
        elif isinstance(version, int) and version < _SCHEMA_VERSION:
            with self.transaction():
                for step in range(version + 1, _SCHEMA_VERSION + 1):
                    self.db.execute((Path(__file__).parent / "upgrades" / f"{step}.sql").read_text(encoding="utf-8"))
                self.db.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.db.close()

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        """Map what SQLite and the disk raise to one StoreError."""
        try:
            yield
        except apsw.NotADBError as error:
            raise StoreError("not a quoteline corpus", str(self.path), "the file is not an SQLite database") from error
        except apsw.ReadOnlyError as error:
            raise StoreError(what, str(self.path), "the file or its disk is read-only") from error
        except apsw.FullError as error:
            raise StoreError(what, str(self.path), "the disk is full") from error
        except apsw.CantOpenError as error:
            why = "no corpus there" if not self.path.exists() else "it cannot be opened or its folder is read-only"
            raise StoreError(what, str(self.path), why) from error
        except apsw.Error as error:
            raise StoreError(what, str(self.path), str(error)) from error
        except OSError as error:
            raise StoreError(what, str(error.filename or self.folder), error.strerror or str(error)) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what is written inside is committed together."""
        with self._errors("cannot write to the corpus"):
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:  # SQLite has rolled back by itself when the disk is full
                    self.db.execute("ROLLBACK")
                raise

    def execute(self, sql: str, values: Sequence[Value] | Mapping[str, Value] = ()) -> Iterator[tuple[Any, ...]]:
        """Run one statement and yield its rows."""
        with self._errors("cannot use the corpus"):
            yield from self.db.execute(sql, values)

    def run(self, sql: str, values: Sequence[Value] = ()) -> None:
        """Run one statement for its effect."""
        with self._errors("cannot write to the corpus"):
            self.db.execute(sql, values)

    def _one(self, sql: str, values: Sequence[Value] = ()) -> Value:
        row = next(iter(self.db.execute(sql, values)), None)
        return row[0] if row else None

    def count(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Return the number that a ``SELECT count(...)`` gives."""
        with self._errors("cannot read the corpus"):
            return int(self._one(sql, values) or 0)

    # records

    def add(self, records: Iterable[Record]) -> int:
        """Add records to their tables; those already there stay as they are. Returns how many were new."""
        new = 0
        for record in records:
            table, row = _table(type(record)), _row(record)
            names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
            with self._errors("cannot write to the corpus"):
                self.db.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))
                if self.db.changes():
                    new += 1
                    self._index(record)
        return new

    def _index(self, record: Record) -> None:
        """Keep the folded full-text index beside a new row."""
        if isinstance(record, Document):
            words = (fold.fold(record.title or ""), fold.fold(record.text))
            self.db.execute(
                "INSERT INTO document_words (rowid, title, text) VALUES (?, ?, ?)",
                (self.db.last_insert_rowid(), *words),
            )
        elif _table(type(record)) == "mentions":
            self.db.execute(
                "INSERT INTO mention_words (rowid, text) VALUES (?, ?)",
                (self.db.last_insert_rowid(), fold.fold(str(getattr(record, "text", "")))),
            )

    def replace(self, record: Record) -> None:
        """Write a record over the one with its id: only for what is a summary of other rows (a run, an utterance)."""
        table, row = _table(type(record)), _row(record)
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        with self._errors("cannot write to the corpus"):
            self.db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))

    def find(self, of: type[R], where: str = "", values: Sequence[Value] = ()) -> Iterator[R]:
        """Yield records of a type; ``where`` is SQL that follows the table's name (WHERE, JOIN, ORDER BY)."""
        table, names = _table(of), of.__struct_fields__
        columns = ", ".join(f'{table}."{name}"' for name in names)
        for row in self.execute(f"SELECT {columns} FROM {table} {where}", values):
            yield _record(of, dict(zip(names, row, strict=True)))

    def get(self, of: type[R], record_id: str) -> R | None:
        """Return the record with this id, or None."""
        return next(self.find(of, "WHERE id = ?", (record_id,)), None)

    # stages

    def mark_done(self, stage: str, records: Iterable[str], run: str | None) -> None:
        """Note that these records went through the stage."""
        with self._errors("cannot write to the corpus"):
            self.db.executemany("INSERT OR IGNORE INTO done VALUES (?, ?, ?)", [(stage, r, run) for r in records])

    def declare(self, outlets: Iterable[Outlet]) -> None:
        """Keep the outlets as they are declared now; one that is no longer declared stays."""
        for outlet in outlets:
            row = (outlet.id, outlet.name, outlet.rights, msgspec.json.encode(outlet).decode())
            self.run("INSERT OR REPLACE INTO outlets VALUES (?, ?, ?, ?)", row)

    def outlets(self) -> dict[str, Outlet]:
        """Return the outlets that were declared, by id."""
        rows = self.execute("SELECT declaration FROM outlets")
        declared = (msgspec.json.decode(row[0], type=Outlet) for row in rows)
        return {outlet.id: outlet for outlet in declared}

    def add_captures(self, warc: str, captures: Iterable[tuple[Capture, int]], run: str | None) -> int:
        """Note a complete WARC file and the captures in it, each with its offset. Returns how many were new."""
        self.db.execute("INSERT OR IGNORE INTO warcs VALUES (?, ?)", (warc, run))
        new = 0
        for capture, offset in captures:
            row = _row(capture) | {"run": run, "warc": warc, "warc_offset": offset}
            del row["body"]
            names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
            with self._errors("cannot write to the corpus"):
                self.db.execute(f"INSERT OR IGNORE INTO captures ({names}) VALUES ({marks})", tuple(row.values()))
                new += self.db.changes()
        return new


def _refuse_foreign_folder(folder: Path, path: Path, *, create: bool) -> None:
    """A folder with somebody else's files in it is not taken over."""
    if folder.exists() and not folder.is_dir():
        raise StoreError("not a corpus folder", str(folder), "it is a file")
    if path.exists():
        return
    if not create:
        raise StoreError("no corpus", str(folder), "run `quoteline refresh` or `quoteline add` first")
    try:
        strangers = sorted(
            name for name in os.listdir(folder) if name not in _OWN_NAMES and not name.startswith("demo")
        )
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError("cannot open the corpus", str(folder), error.strerror or str(error)) from error
    if strangers:
        raise StoreError("not a corpus folder", str(folder), f"it holds other files ({strangers[0]}, ...)")


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold the corpus for one writing command; raises LockedError when another one has it."""
    import filelock

    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = filelock.FileLock(folder / ".lock")
        held.acquire(timeout=0)
    except filelock.Timeout as error:
        raise LockedError("corpus is in use", str(folder), "another refresh holds the lock") from error
    except OSError as error:
        raise StoreError("cannot lock the corpus", str(folder), error.strerror or str(error)) from error
    try:
        yield
    finally:
        held.release()


@cache
def _nested(of: type[Record]) -> frozenset[str]:
    """Names of the fields that are kept as JSON: everything but text, numbers, times and null."""
    plain = (
        msgspec.inspect.StrType,
        msgspec.inspect.IntType,
        msgspec.inspect.FloatType,
        msgspec.inspect.BoolType,
        msgspec.inspect.DateTimeType,
        msgspec.inspect.NoneType,
        msgspec.inspect.LiteralType,
        msgspec.inspect.BytesType,
    )

    def is_plain(node: msgspec.inspect.Type) -> bool:
        if isinstance(node, msgspec.inspect.Metadata):
            return is_plain(node.type)
        if isinstance(node, msgspec.inspect.UnionType):
            return all(is_plain(part) for part in node.types)
        return isinstance(node, plain)

    info = msgspec.inspect.type_info(of)
    assert isinstance(info, msgspec.inspect.StructType)
    return frozenset(field.name for field in info.fields if not is_plain(field.type))


def _row(record: Record) -> dict[str, Value]:
    row: dict[str, Value] = {}
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if name in _nested(type(record)) and value is not None:
            row[name] = msgspec.json.encode(value).decode()
        elif isinstance(value, datetime):
            row[name] = value.isoformat()
        elif isinstance(value, bool):
            row[name] = int(value)
        else:
            row[name] = value
    return row


def _record(of: type[R], row: dict[str, Value]) -> R:
    plain: dict[str, object] = dict(row)
    for name in _nested(of):
        value = row[name]
        if isinstance(value, str):
            plain[name] = msgspec.json.decode(value)
    return msgspec.convert(plain, of, strict=False)
