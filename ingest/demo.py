"""A folder of pages as a small web on a loopback port: what the demonstration and the tests crawl.

``<folder>/<host>/`` holds the files of one site, in UTF-8. Its ``site.toml``, never served, says how the site speaks:

    encoding = "windows-1251"           what text files are encoded to on the wire; default utf-8
    charset_in_header = false           is it said in Content-Type? default true
    last_modified = 2026-01-05T08:00:00Z    for all files; without it the site sends ETags only
"""

from __future__ import annotations

import email.utils
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from ingest import ids
from ingest.errors import SeedError

_MEDIA_TYPES = {
    ".html": "text/html",
    ".xml": "application/xml",
    ".rss": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".json": "application/json",
    ".txt": "text/plain",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".gz": "application/gzip",
}
_TEXT = frozenset((".html", ".xml", ".rss", ".atom", ".json", ".txt"))
_SITE_FILE = "site.toml"


class Served(Struct, frozen=True, kw_only=True):
    """A web that is being served: its port on 127.0.0.1, and the rule that leads a fetcher to it."""

    port: int
    hosts: tuple[str, ...]

    @property
    def resolve_rule(self) -> str:
        """``*.example=127.0.0.1:PORT``, for ``fetch.rule``."""
        return f"*.example=127.0.0.1:{self.port}"


class _Site(Struct, frozen=True):
    folder: Path
    encoding: str = "utf-8"
    charset_in_header: bool = True
    last_modified: datetime | None = None


@contextmanager
def serve(folder: Path, port: int = 0) -> Iterator[Served]:
    """Serve the sites of a folder on 127.0.0.1 while the block runs; port 0 takes any free one.

    Raises SeedError when the folder, a site.toml or the port cannot be used.
    """
    sites = _sites(folder)

    class Handler(_Handler):
        web = sites

    try:
        server = _Server(("127.0.0.1", port), Handler)
    except OSError as error:
        raise SeedError("cannot serve", f"127.0.0.1:{port}", error.strerror or str(error)) from error
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="demo", daemon=True)
    thread.start()
    try:
        yield Served(port=server.server_address[1], hosts=tuple(sites))
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _sites(folder: Path) -> dict[str, _Site]:
    try:
        return {path.name.lower(): _site(path) for path in sorted(folder.iterdir()) if path.is_dir()}
    except OSError as error:
        raise SeedError("cannot serve", str(error.filename or folder), error.strerror or str(error)) from error


def _site(folder: Path) -> _Site:
    path = folder / _SITE_FILE
    try:
        said: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        since = said.get("last_modified")
        site = _Site(
            folder=folder.resolve(),
            encoding=str(said.get("encoding", "utf-8")),
            charset_in_header=bool(said.get("charset_in_header", True)),
            last_modified=since.replace(tzinfo=since.tzinfo or UTC) if isinstance(since, datetime) else None,
        )
        "".encode(site.encoding)
    except (ValueError, LookupError) as error:
        raise SeedError("bad site", str(path), str(error)) from error
    return site


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    web: dict[str, _Site]
    protocol_version = "HTTP/1.1"
    server_version = "quoteline-demo"
    sys_version = ""
    timeout = 10

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        host = self.headers.get("Host", "").partition(":")[0].lower()
        site = self.web.get(host)
        path = _file(site, self.path) if site else None
        if site is None or path is None:
            self._send(404, {"Content-Type": "text/plain; charset=utf-8"}, b"not here\n", with_body=with_body)
            return
        body, headers = _representation(site, path)
        asked = self.headers.get("If-None-Match")
        since = self.headers.get("If-Modified-Since")
        # RFC 9110, 13.1.3: If-Modified-Since counts only where there is no If-None-Match.
        unchanged = headers["ETag"] in asked if asked else since is not None and since == headers.get("Last-Modified")
        if unchanged:
            self._send(304, headers, b"", with_body=False)
        else:
            self._send(200, headers, body, with_body=with_body)

    def _send(self, status: int, headers: dict[str, str], body: bytes, *, with_body: bool) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def _file(site: _Site, target: str) -> Path | None:
    """Return the file that a request target names, or None when there is none inside the site."""
    try:
        path = unquote(urlsplit(target).path, errors="strict")
        parts = [part for part in path.split("/") if part]
        if any(part.startswith(".") or "\\" in part or "\0" in part for part in parts) or parts[-1:] == [_SITE_FILE]:
            return None
        found = site.folder.joinpath(*parts, *(["index.html"] if path.endswith("/") else []))
        # A symbolic link may lead anywhere: what counts is where the file really is.
        return found if found.is_file() and found.resolve().is_relative_to(site.folder) else None
    except (OSError, ValueError):
        return None


def _representation(site: _Site, path: Path) -> tuple[bytes, dict[str, str]]:
    body = path.read_bytes()
    media_type = _MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    if path.suffix in _TEXT:
        # A letter that the encoding lacks goes out as a character reference, as an old publishing system does.
        body = body.decode("utf-8").encode(site.encoding, "xmlcharrefreplace")
        if site.charset_in_header:
            media_type += f"; charset={site.encoding}"
    headers = {"Content-Type": media_type, "ETag": f'"{ids.digest(body)[7:39]}"'}
    if site.last_modified:
        headers["Last-Modified"] = email.utils.format_datetime(site.last_modified.astimezone(UTC), usegmt=True)
    return body, headers
