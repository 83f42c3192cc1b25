"""What an HTTP message says of its body, and how the body is unpacked: Content-Type and Content-Encoding."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator

from ingest.records import Reason

_CHUNK = 65_536

_MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}/[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}")
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^\s;\"',]{1,40})", re.IGNORECASE)


def content_type(header: str | None) -> tuple[str | None, str | None]:
    """Return the media type and the charset of a Content-Type header, lower case; None for what it does not say."""
    if not header:
        return None, None
    media_type = header.partition(";")[0].strip().lower()
    charset = _CHARSET.search(header)
    return media_type if _MEDIA_TYPE.fullmatch(media_type) else None, charset.group(1).lower() if charset else None


class PackingError(ValueError):
    """A body cannot be unpacked; ``reason`` is bad_encoding or truncated_body."""

    def __init__(self, reason: Reason, why: str) -> None:
        self.reason = reason
        super().__init__(why)


def unpacked(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Undo a Content-Encoding, yielding pieces of at most 64 KiB: who counts them bounds the memory.

    gzip and deflate are understood. Raises PackingError for others, for more than one, and for a torn stream.
    """
    names = [name for part in encoding.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if not names:
        yield from chunks
    elif names in (["gzip"], ["x-gzip"]):
        yield from _inflated(chunks, 31)
    elif names == ["deflate"]:
        yield from _inflated(chunks, 15)
    else:
        raise PackingError("bad_encoding", encoding[:100])


def _inflated(chunks: Iterable[bytes], window: int) -> Iterator[bytes]:
    inflater, started = zlib.decompressobj(window), False
    for chunk in chunks:
        data = chunk
        while data:
            if inflater.eof:
                if window != 31 or data[0] != 0x1F:
                    return  # padding behind the end
                inflater = zlib.decompressobj(window)  # RFC 1952, 2.2: a gzip file is one or more members
            try:
                piece = inflater.decompress(data, _CHUNK)
            except zlib.error as error:
                if window == 15 and not started:
                    # "deflate" without its zlib wrapper, as some servers send it (RFC 9110, 8.4.1.2)
                    inflater, window = zlib.decompressobj(-15), -15
                    continue
                raise PackingError("bad_encoding", str(error)) from error
            started = True
            yield piece
            data = inflater.unconsumed_tail or inflater.unused_data
            while len(piece) == _CHUNK and not data:
                piece = inflater.decompress(b"", _CHUNK)
                yield piece
    if started and not inflater.eof:
        raise PackingError("truncated_body", "the packed stream has no end")
