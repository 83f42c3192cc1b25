"""Records to lines of JSON and back. A path of "-" is standard input or output.

An error says where: ``documents.jsonl:17: $.start: expected int``. One bad line costs that line and no other.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TypeVar

import msgspec

from ingest.errors import RecordError

R = TypeVar("R", bound=msgspec.Struct)

_REDUCED = re.compile(r"^\d{4}(-\d{2})?$")


def instant(text: str) -> datetime:
    """Read an ISO 8601 time as an aware UTC time.

    Seconds may be missing; a date, month or year alone means its first moment; a time without a zone is UTC.
    Raises ValueError for anything else.
    """
    whole = text + "-01-01"[3 * text.count("-") :] if _REDUCED.match(text) else text
    time = datetime.fromisoformat(whole)
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)


def _instant_fields(of: type[msgspec.Struct]) -> frozenset[str]:
    info = msgspec.inspect.type_info(of)
    if not isinstance(info, msgspec.inspect.StructType):  # pragma: no cover - every record is a Struct
        return frozenset()

    def is_time(node: msgspec.inspect.Type) -> bool:
        if isinstance(node, msgspec.inspect.Metadata):
            return is_time(node.type)
        if isinstance(node, msgspec.inspect.UnionType):
            return any(is_time(part) for part in node.types)
        return isinstance(node, msgspec.inspect.DateTimeType)

    return frozenset(field.encode_name for field in info.fields if is_time(field.type))


def decode(line: bytes | str, of: type[R], where: str) -> R:
    """Decode one line into a record of type ``of``; ``where`` (file:line) heads the message of a RecordError."""
    try:
        raw = msgspec.json.decode(line)
        if isinstance(raw, dict):
            for name in _instant_fields(of) & raw.keys():
                if isinstance(raw[name], str):
                    raw[name] = instant(raw[name])
        return msgspec.convert(raw, of, strict=True)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `")
        raise RecordError(where, place.rstrip("`") or "$", message) from error
    except (msgspec.DecodeError, ValueError) as error:
        raise RecordError(where, "$", str(error)) from error


def encode(record: msgspec.Struct) -> bytes:
    """Return the record as one line of JSON, newline included."""
    return msgspec.json.encode(record) + b"\n"


def read(path: str, of: type[R]) -> Iterator[R | RecordError]:
    """Yield the records of a JSONL file in order; a bad line is yielded as a RecordError, blank lines are skipped."""
    name = "stdin" if path == "-" else path
    with open_input(path) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield decode(line, of, f"{name}:{number}")
            except RecordError as error:
                yield error


def write(path: str, records: Iterable[msgspec.Struct]) -> int:
    """Write records as JSONL and return how many there were."""
    count = 0
    with open_output(path) as out:
        for record in records:
            out.write(encode(record))
            count += 1
    return count


@contextmanager
def open_input(path: str) -> Iterator[IO[bytes]]:
    """Open a file for reading bytes; "-" is standard input, which is left open."""
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(path).open("rb")
    except OSError as error:
        raise RecordError("cannot read", path, error.strerror or str(error)) from error
    with stream:
        yield stream


@contextmanager
def open_output(path: str) -> Iterator[IO[bytes]]:
    """Open a file for writing bytes; "-" is standard output, which is flushed and left open."""
    if path == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        stream = Path(path).open("wb")
    except OSError as error:
        raise RecordError("cannot write", path, error.strerror or str(error)) from error
    with stream:
        yield stream
