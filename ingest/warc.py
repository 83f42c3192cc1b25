"""Captures to WARC files (ISO 28500, WARC 1.1) and back; foreign WARC files to captures.

Written by warcio, one gzip member a record, into ``<name>.open``; complete only under its own name: flushed to the
disk, then renamed. A complete file is never appended to, for a reader stops at a torn record and would hide what
comes after it.

Read by walking members and records ourselves: a damaged one costs itself, the walk goes on at the next, and sizes are
bounded before anything is unpacked into memory.
"""

from __future__ import annotations

import errno
import io
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, unquote
from uuid import UUID

from ingest import ids
from ingest.body import PackingError, content_type, unpacked
from ingest.errors import RecordError, StoreError
from ingest.jsonl import instant
from ingest.records import Capture, Drop, Reason, drop
from ingest.urls import canonical_url

MAX_RECORD = 64 * 1024 * 1024
MAX_HEAD = 64 * 1024
_SAFE = "/:?#[]@!$&'()*+,;=%~"


def write(path: Path, captures: Iterable[Capture]) -> list[int]:
    """Write captures, as they come, to a new file; return the offset of each, in order. No captures make no file.

    The file appears under its name when it is complete. Raises StoreError when the disk refuses, or when a file of
    this name is there already, complete or not.
    """
    opened = path.with_name(path.name + ".open")
    offsets: list[int] = []
    file: IO[bytes] | None = None
    try:
        for capture in captures:
            if file is None:
                file = _opened(path, opened, capture)
            offsets.append(file.tell())
            _write_record(file, _response(capture))
        if file is not None:
            file.flush()
            os.fsync(file.fileno())
            opened.rename(path)
            _sync_folder(path.parent)
    except OSError as error:
        raise StoreError("cannot write captures", str(path), error.strerror or str(error)) from error
    finally:
        if file is not None:
            file.close()
    return offsets


def _opened(path: Path, opened: Path, first: Capture) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        raise FileExistsError(errno.EEXIST, "a file of this name is there already")
    file = opened.open("xb")
    info = _builder().create_warcinfo_record(path.name, {"software": "quoteline", "format": "WARC File Format 1.1"})
    info.rec_headers.replace_header("WARC-Record-ID", _record_id(path.name, first.id))
    info.rec_headers.replace_header("WARC-Date", _warc_date(first))
    _write_record(file, info)
    return file


def _record_id(*parts: str) -> str:
    """A record's name follows from what it holds, so that the same captures make the same file."""
    return f"<urn:uuid:{UUID(ids.digest(chr(0).join(parts).encode('utf-8', 'surrogatepass'))[7:39])}>"


def _warc_date(capture: Capture) -> str:
    return capture.fetched_at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _sync_folder(folder: Path) -> None:
    """Make a rename last: on POSIX the folder is flushed apart from the file."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _builder() -> Any:  # noqa: ANN401 - warcio is untyped
    from warcio.recordbuilder import RecordBuilder

    return RecordBuilder(warc_version="WARC/1.1")


def _write_record(file: IO[bytes], record: Any) -> None:  # noqa: ANN401
    from warcio.warcwriter import WARCWriter

    WARCWriter(file, gzip=True, warc_version="WARC/1.1").write_record(record)


def _response(capture: Capture) -> Any:  # noqa: ANN401
    """The capture as a response record. The HTTP headers are those that the capture knows: its body is unpacked."""
    from warcio.statusandheaders import StatusAndHeaders

    said = [f"charset={capture.charset}"] if capture.charset else []
    media = "; ".join([capture.media_type or "", *said]) if capture.media_type or said else ""
    headers = [("Content-Type", _one_line(media))] if media else []
    headers.append(("Content-Length", str(len(capture.body))))
    target = quote(capture.url, safe=_SAFE)
    own = {
        "WARC-Record-ID": _record_id(capture.id, capture.url, _warc_date(capture)),
        "WARC-Date": _warc_date(capture),
        "WARC-Payload-Digest": capture.digest,
        "WARC-X-Quoteline-Capture": capture.id,
        "WARC-X-Quoteline-Outlet": capture.outlet,
        "WARC-X-Quoteline-Source": capture.source,
        "WARC-X-Quoteline-Run": capture.run,
        "WARC-X-Quoteline-Url": capture.url if capture.url != target else None,
    }
    return _builder().create_warc_record(
        target,
        "response",
        payload=BytesIO(capture.body),
        length=len(capture.body),
        warc_headers_dict={name: _field(name, value) for name, value in own.items() if value is not None},
        http_headers=StatusAndHeaders(f"{capture.status} {_phrase(capture.status)}", headers, protocol="HTTP/1.1"),
    )


def _field(name: str, value: str) -> str:
    return quote(value, safe="") if name.startswith("WARC-X-") else value


def _one_line(text: str) -> str:
    return quote(" ".join(text.split()), safe=_SAFE + ' "')


def _phrase(status: int) -> str:
    return "OK" if status == 200 else "Status"


# reading


def read(path: Path) -> Iterator[Capture | Drop]:
    """Yield the captures of a WARC file, plain or gzip, ours or foreign, in order; see ``read_with_offsets``."""
    for found in read_with_offsets(path):
        yield found if isinstance(found, Drop) else found[0]


def read_with_offsets(path: Path) -> Iterator[tuple[Capture, int] | Drop]:
    """Yield each capture with the offset that ``read_at`` takes.

    A damaged record and a torn end are a Drop each (record: ``file:offset``), and the rest is read on. Only answers
    of 2xx and resources with an http address become captures; a foreign capture has no outlet. In a gzip file that is
    one single member, as ``gzip`` makes it, all records have the offset 0, and ``read_at`` finds the first only.
    Raises RecordError when the file cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            for offset, found in _walk(file):
                if isinstance(found, _DamagedError):
                    yield _drop(f"{path.name}:{offset}", found)
                else:
                    try:
                        capture = _capture(*found)
                    except _DamagedError as error:
                        yield _drop(f"{path.name}:{offset}", error)
                    else:
                        if capture is not None:
                            yield capture, offset
    except OSError as error:
        raise RecordError("cannot read", str(path), error.strerror or str(error)) from error


def read_at(path: Path, offset: int) -> Capture:
    """Return the capture whose record starts at the offset. Raises RecordError when there is none, or a damaged one."""
    about = f"{path}:{offset}"
    try:
        with path.open("rb") as file:
            file.seek(offset)
            packed = file.read(2) == _GZIP[:2]
            file.seek(offset)
            stream = io.BufferedReader(_Member(file), _CHUNK) if packed else file
            record = _next_record(stream, last=packed)
            capture = _capture(*record) if record else None
    except OSError as error:
        raise RecordError("cannot read", about, error.strerror or str(error)) from error
    except (_DamagedError, zlib.error) as error:
        raise RecordError("damaged capture", about, str(error)) from error
    if capture is None:
        raise RecordError("no capture", about, "another kind of record")
    return capture


_CHUNK = 65_536
_GZIP = b"\x1f\x8b\x08"
_TYPES = frozenset(("warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"))
_Found = tuple[dict[str, str], bytes]  # the WARC headers, lower case, and the block


class _DamagedError(Exception):
    def __init__(self, why: str, reason: Reason = "warc_damaged") -> None:
        self.reason = reason
        super().__init__(why)


def _drop(record: str, error: _DamagedError) -> Drop:
    return drop("warc", record, error.reason, str(error))


class _Member(io.RawIOBase):
    """One gzip member, unpacked as it is read; ``end`` is where it ends in the file, once it has been read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._inflater = zlib.decompressobj(31)
        self._packed = b""
        self.end = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - io's signature
        while not self._inflater.eof:
            if not self._packed:
                self._packed = self._file.read(_CHUNK)
            piece = self._inflater.decompress(self._packed, len(buffer))
            at_end = not self._packed and not piece
            self._packed = self._inflater.unconsumed_tail
            if self._inflater.eof:
                self.end = self._file.tell() - len(self._inflater.unused_data)
            if piece:
                buffer[: len(piece)] = piece
                return len(piece)
            if at_end:
                raise _DamagedError("torn: the file ends within a record")
        return 0


def _walk(file: IO[bytes]) -> Iterator[tuple[int, _Found | _DamagedError]]:
    """Yield every record with its offset, or what is wrong with it."""
    offset = 0
    while True:
        file.seek(offset)
        magic = file.read(len(_GZIP))
        file.seek(offset)
        if not magic:
            return
        if magic == _GZIP:
            member = _Member(file)
            stream = io.BufferedReader(member, _CHUNK)
            try:
                # the last look finds the member's end, and with it the checksum right or wrong
                while (record := _next_record(stream, last=True)) is not None:
                    yield offset, record
                offset = member.end
            except (_DamagedError, zlib.error) as error:
                yield offset, _DamagedError(str(error))
                offset = member.end if member.end and isinstance(error, _DamagedError) else _next_start(file, offset)
        else:
            try:
                record = _next_record(file)
                if record is None:
                    return
                yield offset, record
                offset = file.tell()
            except _DamagedError as error:
                yield offset, error
                offset = _next_start(file, offset)


_START = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]|(?<=\n)WARC/[01]\.\d\r?\n")


def _next_start(file: IO[bytes], offset: int) -> int:
    """Return where the next record may begin, after ``offset``; the end of the file when there is none."""
    at = offset + 1
    file.seek(at)
    window = b""
    while piece := file.read(_CHUNK):
        window = window[-32:] + piece
        base = file.tell() - len(window)
        for match in _START.finditer(window):
            if base + match.start() >= at and _is_start(file, base + match.start()):
                return base + match.start()
        file.seek(base + len(window))
    return file.tell()


def _is_start(file: IO[bytes], offset: int) -> bool:
    file.seek(offset)
    data = file.read(512)
    if data.startswith(b"WARC/"):
        return True
    try:
        return zlib.decompressobj(31).decompress(data, 16).startswith(b"WARC/")
    except zlib.error:
        return False


def _next_record(stream: IO[bytes] | io.BufferedReader, *, last: bool = False) -> _Found | None:
    """Read one record; None at the end. The block of a record that is no capture is not kept.

    With ``last`` the stream is looked into behind the record: a gzip member says there whether it was whole.
    """
    line = stream.readline(MAX_HEAD)
    while line in (b"\r\n", b"\n"):
        line = stream.readline(MAX_HEAD)
    if not line:
        return None
    if not re.fullmatch(rb"WARC/\d\.\d+\s*", line):
        raise _DamagedError("no record starts here")
    headers = _headers(stream)
    if headers.get("warc-type") not in _TYPES:
        raise _DamagedError("no WARC-Type")
    length = headers.get("content-length", "")
    if not length.isdecimal() or len(length) > 15:
        raise _DamagedError("no Content-Length")
    kept = headers.get("warc-type") in ("response", "resource") and int(length) <= MAX_RECORD
    block = stream.read(int(length)) if kept else _skipped(stream, int(length))
    if kept and len(block) < int(length):
        raise _DamagedError("torn: the file ends within a record")
    if stream.read(4).strip(b"\r\n"):
        raise _DamagedError("the record does not end where its Content-Length says")
    if last and isinstance(stream, io.BufferedReader):
        stream.peek(1)
    return headers, block


def _headers(stream: IO[bytes] | io.BufferedReader) -> dict[str, str]:
    """Read header lines to the blank one; names in lower case, the first of equal names counts."""
    headers: dict[str, str] = {}
    size = 0
    while (line := stream.readline(MAX_HEAD)) not in (b"\r\n", b"\n"):
        size += len(line)
        if not line.endswith(b"\n") or size > MAX_HEAD:
            raise _DamagedError("torn: the file ends within a record" if size <= MAX_HEAD else "headers without end")
        name, _, value = line.decode("utf-8", "replace").partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return headers


def _skipped(stream: IO[bytes] | io.BufferedReader, length: int) -> bytes:
    while length > 0:
        piece = stream.read(min(length, _CHUNK))
        if not piece:
            raise _DamagedError("torn: the file ends within a record")
        length -= len(piece)
    return b""


def _capture(headers: dict[str, str], block: bytes) -> Capture | None:
    """Return the capture in a record, or None when it is of another kind. Raises _DamagedError."""
    kind = headers.get("warc-type")
    url = unquote(headers.get("warc-x-quoteline-url", "")) or headers.get("warc-target-uri", "").strip("<>")
    if kind not in ("response", "resource") or url.startswith(("dns:", "whois:", "ntp:")):
        return None
    if int(headers["content-length"]) > MAX_RECORD:
        raise _DamagedError(f"larger than {MAX_RECORD:,} bytes", "too_large")
    own = "warc-x-quoteline-capture" in headers
    try:
        fetched_at = instant(headers.get("warc-date", ""))
        url = url if own else canonical_url(url)
    except (ValueError, OverflowError) as error:
        raise _DamagedError(f"WARC-Date or WARC-Target-URI: {error}") from error
    status, said, body = _answer(block) if kind == "response" else (200, headers, block)
    digest = ids.digest(body)
    if own and headers.get("warc-payload-digest") != digest:
        raise _DamagedError("the body is not what its digest says")
    media_type, charset = content_type(said.get("content-type"))
    return Capture(
        id=unquote(headers["warc-x-quoteline-capture"]) if own else ids.content_id("capture", url, digest),
        run=_own(headers, "run"),
        outlet=_own(headers, "outlet"),
        source=_own(headers, "source"),
        url=url,
        fetched_at=fetched_at,
        status=status,
        media_type=media_type,
        charset=charset,
        digest=digest,
        body=body,
    )


def _own(headers: dict[str, str], name: str) -> str | None:
    value = headers.get(f"warc-x-quoteline-{name}")
    return None if value is None else unquote(value)


_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})\b")


def _answer(block: bytes) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and unpacked body of an HTTP response."""
    status = _STATUS.match(block)
    if status is None:
        raise _DamagedError("no HTTP response in the record")
    code = int(status.group(1))
    if not 200 <= code < 300:
        raise _DamagedError(str(code), "http_error")
    stream = BytesIO(block)
    stream.readline(MAX_HEAD)
    headers = _headers(stream) if b"\n" in block[:MAX_HEAD] else {}
    return code, headers, _unpacked(block[stream.tell() :], headers)


def _unpacked(body: bytes, headers: dict[str, str]) -> bytes:
    """Undo transfer and content encodings, where the body really has them: many archives store it without, and keep
    the headers as they were."""
    if "chunked" in headers.get("transfer-encoding", "").lower() and re.match(rb"[0-9A-Fa-f]{1,8} *[;\r]", body):
        body = _dechunked(body)
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in ("gzip", "x-gzip") and not body.startswith(_GZIP[:2]):
        return body
    if encoding not in ("", "identity", "gzip", "x-gzip") and body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{"):
        return body
    whole = bytearray()
    try:
        for piece in unpacked([body], encoding):
            whole += piece
            if len(whole) > MAX_RECORD:
                raise _DamagedError(f"more than {MAX_RECORD:,} bytes unpacked", "too_large")
    except PackingError as error:
        raise _DamagedError(str(error), error.reason) from error
    return bytes(whole)


def _dechunked(body: bytes) -> bytes:
    """Undo chunked transfer coding (RFC 9112, 7.1)."""
    whole, stream = bytearray(), BytesIO(body)
    while True:
        size = re.match(rb"[0-9A-Fa-f]{1,8}(?=\s|;)", stream.readline(MAX_HEAD))
        if size is None:
            raise _DamagedError("a chunk without its size", "truncated_body")
        length = int(size.group(), 16)
        if length == 0:
            return bytes(whole)
        piece = stream.read(length)
        if len(piece) < length:
            raise _DamagedError("torn within a chunk", "truncated_body")
        whole += piece
        stream.readline(8)
