"""A large file at an address to a file on disk: as it comes, and going on where it was broken off.

What has come stands in ``<file>.part`` and the validator of what it is part of in ``<file>.mark``, so that another run
goes on too. The server is asked for the rest of the same version (``If-Range``); where it has another one by now, the
download starts anew. A file that is there is whole: it has the length that the server announced.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from ingest.fetch import FailedError, Settings, streamed

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_TRIED_AGAIN = frozenset(("truncated_body", "timeout", "connect_failed", "protocol_error", "retry_later"))
_BUSY = frozenset((429, 500, 502, 503, 504))
_MOST = 50  # requests, so that a server that gives a byte at a time comes to an end
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

Progress = Callable[[int, int | None], None]  # bytes that are there, bytes in all (None while unknown)


def download(
    url: str, to: Path, settings: Settings, progress: Progress, pause: Callable[[float], None] = time.sleep
) -> None:
    """Download ``url`` to ``to``. After a failure that may pass it goes on, ``settings.attempts`` times without a byte.

    No more than ``settings.max_wire`` bytes are kept. Raises FailedError; what has come by then is kept for the next
    call.
    """
    part, mark = to.with_name(f"{to.name}.part"), to.with_name(f"{to.name}.mark")
    fruitless = 0
    for asked in range(1, _MOST + 1):
        had = _size(part)
        try:
            _receive(url, part, mark, settings, progress)
        except FailedError as error:
            fruitless = fruitless + 1 if _size(part) <= had else 0
            if error.reason not in _TRIED_AGAIN or fruitless >= settings.attempts or asked == _MOST:
                raise
            pause(settings.backoff * 2**fruitless)
        else:
            part.replace(to)
            mark.unlink(missing_ok=True)
            return


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _receive(url: str, part: Path, mark: Path, settings: Settings, progress: Progress) -> None:
    """Ask once for what is missing, following redirects, and add what comes to the part."""
    have = _size(part) if mark.exists() else 0
    here = url
    for _ in range(settings.max_redirects + 1):
        headers = [("User-Agent", settings.user_agent), ("Accept-Encoding", "identity")]
        if have:
            headers += [("Range", f"bytes={have}-"), ("If-Range", mark.read_text("utf-8"))]
        with streamed(here, headers, settings) as (status, answered, body):
            if status in _REDIRECTS and "location" in answered:
                there = urljoin(here, answered["location"])
                if urlsplit(here).scheme == "https" != urlsplit(there).scheme:
                    raise FailedError("bad_url", f"redirected from a secure address to {there}")
                here = there
                continue
            if status == 416:  # there is nothing behind what we have: it is part of something else
                mark.unlink(missing_ok=True)
                raise FailedError("truncated_body", "the server has no more of it")
            if status not in {200, 206}:
                raise FailedError("retry_later" if status in _BUSY else "http_error", str(status))
            start, total = _place(status, answered)
            if start != have and status == 206:
                mark.unlink(missing_ok=True)
                raise FailedError("truncated_body", f"asked for bytes from {have}, got them from {start}")
            if status == 200:
                _remember(mark, answered)
            with part.open("ab" if status == 206 else "wb") as out:
                done = start
                for chunk in body:
                    out.write(chunk)
                    done += len(chunk)
                    if done > settings.max_wire:
                        raise FailedError("too_large", f"more than {settings.max_wire:,} bytes")
                    progress(done, total)
            if total is not None and done != total:
                raise FailedError("truncated_body", f"{done:,} of {total:,} bytes")
            return
    raise FailedError("too_many_redirects", f"more than {settings.max_redirects}")


def _place(status: int, answered: Mapping[str, str]) -> tuple[int, int | None]:
    """Return where the body begins in the whole file, and the length of the whole where it is said."""
    if status == 206:
        match = _RANGE.fullmatch(answered.get("content-range", ""))
        if match is None:
            raise FailedError("protocol_error", "a part without Content-Range")
        return int(match[1]), None if match[2] == "*" else int(match[2])
    length = answered.get("content-length", "")
    return 0, int(length) if length.isdecimal() else None


def _remember(mark: Path, answered: Mapping[str, str]) -> None:
    """Note what the coming bytes are part of; without a strong validator they cannot be gone on with."""
    etag = answered.get("etag", "")
    validator = etag if etag.startswith('"') else answered.get("last-modified", "")
    if validator:
        mark.write_text(validator, "utf-8")
    else:
        mark.unlink(missing_ok=True)
