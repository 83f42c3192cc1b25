"""URLs to captures, within bounds and only from the open web. The only file that imports httpx.

An exchange is bounded in time as a whole, in bytes on the wire and in bytes unpacked, and has a connection of its own
that is closed afterwards, so that nothing one answer leaves behind can reach the next page. Who is asked when, and
what follows from an answer, is decided in ``crawl``.

No connection opens to an address that is not public: a name is resolved once, every address of it is judged, and the
judged address is the one connected to, for each redirect anew. The operator's rules are the only exception.
"""

from __future__ import annotations

import contextlib
import fnmatch
import functools
import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpcore
import httpx

from ingest import address
from ingest.body import PackingError, unpacked
from ingest.crawl import (
    Answer,
    FailedError,
    Fetched,
    HostMemory,
    Memory,
    NotModified,
    Request,
    RobotsFile,
    Rule,
    Settings,
    crawl,
    rule,
)
from ingest.records import Drop, Reason

__all__ = [
    "FailedError",
    "Fetched",
    "HostMemory",
    "Memory",
    "NotModified",
    "Request",
    "RobotsFile",
    "Rule",
    "Settings",
    "fetch_all",
    "rule",
    "streamed",
]

_CHUNK = 65_536


def _now() -> datetime:
    return datetime.now(UTC)


def fetch_all(
    requests: Iterable[Request],
    settings: Settings,
    memory: HostMemory,
    delays: Mapping[str, float] | None = None,
    clock: Callable[[], datetime] = _now,
) -> Iterator[Fetched | NotModified | Drop]:
    """Yield one result for each request, as they come.

    ``delays`` are the seconds between two requests to a host, by host or by outlet id; robots.txt may ask for more.
    ``clock`` stamps captures and what is remembered; waiting goes by the machine's monotonic clock.
    """

    def exchange(url: str, headers: list[tuple[str, str]], seconds: float, cut: int | None) -> _Exchange:
        return _Exchange(url, headers, cut, _Budget(settings, seconds))

    return crawl(requests, settings, memory, delays or {}, clock, exchange)


class _Budget:
    """What one exchange may still use: time until ``deadline`` (monotonic), bytes on the wire."""

    def __init__(self, settings: Settings, seconds: float) -> None:
        self.settings = settings
        self.deadline = time.monotonic() + seconds
        self.received = 0
        self.head = bytearray()  # what arrived before the body was asked for
        self.in_body = False
        self.socket: socket.socket | None = None

    def abandon(self) -> None:
        """End the exchange from another thread: nobody waits for it any more."""
        self.deadline = 0.0
        if self.socket is not None:
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)

    def seconds(self, most: float) -> float:
        """Return how long the next step may take; raises FailedError when the time is up."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise FailedError("timeout", f"more than {self.settings.wall_seconds:g} s in all")
        return min(left, most)

    def stalled(self, step: str) -> FailedError:
        """Return the failure for a step that timed out: final when the whole time is up."""
        self.seconds(1.0)
        return FailedError("timeout", f"no {step} in time", again=True)

    def arrived(self, data: bytes) -> None:
        """Count bytes off the wire."""
        self.received += len(data)
        if self.received > self.settings.max_wire:
            raise FailedError("too_large", f"more than {self.settings.max_wire:,} bytes on the wire")
        if not self.in_body:
            self.head += data


class _Stream(httpcore.NetworkStream):
    """A connected socket whose every operation stays within the budget."""

    def __init__(self, sock: socket.socket, budget: _Budget) -> None:
        self.sock, self.budget = sock, budget
        budget.socket = sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.sock.settimeout(self.budget.seconds(self.budget.settings.read_seconds))
        try:
            data = self.sock.recv(min(max_bytes, _CHUNK))
        except TimeoutError:
            raise self.budget.stalled("answer") from None
        except OSError as error:
            reason: Reason = "truncated_body" if self.budget.in_body else "protocol_error"
            raise FailedError(reason, f"connection lost: {_why(error)}") from error
        self.budget.arrived(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.sock.settimeout(self.budget.seconds(self.budget.settings.read_seconds))
        try:
            self.sock.sendall(buffer)
        except TimeoutError:
            raise self.budget.stalled("taking of the request") from None
        except OSError as error:
            raise FailedError("connect_failed", f"connection lost: {_why(error)}") from error

    def close(self) -> None:
        self.sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self.sock.settimeout(self.budget.seconds(self.budget.settings.connect_seconds))
        try:
            self.sock = ssl_context.wrap_socket(self.sock, server_hostname=server_hostname)
        except TimeoutError:
            self.close()
            raise self.budget.stalled("TLS handshake") from None
        except (OSError, ValueError) as error:
            self.close()
            raise FailedError("tls_failed", _why(error)) from error
        return self

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's signature
        return self.sock if info == "socket" else None


class _Backend(httpcore.NetworkBackend):
    """Connects to addresses that were judged, and to no other."""

    def __init__(self, settings: Settings, budget: _Budget) -> None:
        self.settings, self.budget = settings, budget

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure = FailedError("connect_failed", "no address")
        for ip, real_port in _targets(host, port, self.settings, self.budget)[:4]:
            try:
                seconds = self.budget.seconds(self.settings.connect_seconds)
                sock = socket.create_connection((ip, real_port), seconds)
            except TimeoutError:
                failure = self.budget.stalled("connection")
            except OSError as error:
                failure = FailedError("connect_failed", _why(error))
            else:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return _Stream(sock, self.budget)
        raise failure


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)[:200]


def _targets(host: str, port: int, settings: Settings, budget: _Budget) -> list[tuple[str, int]]:
    """Return the addresses to try, every one of them public or allowed by name."""
    for named in settings.resolve:
        if fnmatch.fnmatchcase(host.lower(), named.host):
            return [(named.ip, named.port)]
    try:
        literal = address.check_host(host)
    except ValueError as error:
        raise FailedError("bad_url", str(error)) from error
    found = [literal] if literal else _resolved(host, port, budget)
    for ip in found:
        if not address.is_public(ip) and not _allowed(host, ip, settings.allow_private):
            raise FailedError("address_not_public", f"{host} is {ip}" if ip != host else host)
    return [(ip, port) for ip in found]


def _allowed(host: str, ip: str, names: tuple[str, ...]) -> bool:
    for name in names:
        try:
            if ipaddress.ip_address(ip) in ipaddress.ip_network(name, strict=False):
                return True
        except ValueError:
            if fnmatch.fnmatchcase(host.lower(), name.lower()):
                return True
    return False


def _resolved(host: str, port: int, budget: _Budget) -> list[str]:
    """Resolve a name within the budget. The system's resolver has no timeout, so it is asked from a thread that is
    left behind when it takes too long."""
    answer: queue.SimpleQueue[list[str] | OSError | UnicodeError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.put(list(dict.fromkeys(str(row[4][0]) for row in rows)))
        except (OSError, UnicodeError) as error:
            answer.put(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        found = answer.get(timeout=budget.seconds(budget.settings.connect_seconds))
    except queue.Empty:
        raise budget.stalled("answer from the resolver") from None
    if isinstance(found, Exception):
        raise FailedError("name_not_resolved", _why(found)) from found
    if not found:
        raise FailedError("name_not_resolved", "no address")
    return found


class _Transport(httpx.HTTPTransport):
    """httpx's transport over our own connections: neither proxies nor certificates come from the environment."""

    def __init__(self, backend: _Backend, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, trust_env=False)
        # httpx has no parameter for a network back end; its pool is made anew with ours.
        self._pool = httpcore.ConnectionPool(ssl_context=context, max_connections=1, network_backend=backend)


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class _Exchange:
    """One GET (``crawl.Exchange``). A body is read of a 2xx only; with ``cut`` no more than its first bytes."""

    def __init__(self, url: str, headers: list[tuple[str, str]], cut: int | None, budget: _Budget) -> None:
        self.url, self.headers, self.cut, self.budget = url, headers, cut, budget

    def abandon(self) -> None:
        self.budget.abandon()

    def run(self) -> Answer:
        settings, budget = self.budget.settings, self.budget
        with _asked(self.url, self.headers, budget) as response:
            body = _body(response, settings, self.cut) if response.is_success else b""
            if self.cut is None and response.is_success:
                _check_length(response, budget)
        return Answer(response.status_code, dict(response.headers), body)


@contextlib.contextmanager
def _asked(url: str, headers: list[tuple[str, str]], budget: _Budget) -> Iterator[httpx.Response]:
    """Ask for one URL and yield the answer with its body unread; what fails, here or in reading, is a FailedError."""
    try:
        with _Transport(_Backend(budget.settings, budget), _tls()) as transport:
            response = transport.handle_request(httpx.Request("GET", url, headers=headers))
            try:
                budget.in_body = True
                yield response
            finally:
                response.close()
    except httpx.InvalidURL as error:
        raise FailedError("bad_url", str(error)[:200]) from error
    except httpx.HTTPError as error:
        # The body's end is missing: fewer bytes than Content-Length, or chunks without the last one.
        reason: Reason = "truncated_body" if budget.in_body else "protocol_error"
        raise FailedError(reason, str(error)[:200]) from error


@contextlib.contextmanager
def streamed(
    url: str, headers: list[tuple[str, str]], settings: Settings
) -> Iterator[tuple[int, Mapping[str, str], Iterator[bytes]]]:
    """Ask for one URL and yield status, headers (names in lower case) and the body as it comes, packed as it is.

    Within the bounds of ``settings`` and to judged addresses only, as every exchange. Raises FailedError.
    """
    with _asked(url, headers, _Budget(settings, settings.wall_seconds)) as response:
        assert isinstance(response.stream, httpx.SyncByteStream)
        yield response.status_code, dict(response.headers), iter(response.stream)


def _body(response: httpx.Response, settings: Settings, cut: int | None) -> bytes:
    """Read and unpack the body, holding no more than the bound in memory."""
    most = settings.max_body if cut is None else cut
    body = bytearray()
    stream = response.stream
    assert isinstance(stream, httpx.SyncByteStream)
    try:
        for piece in unpacked(stream, response.headers.get("content-encoding", "")):
            body += piece
            if len(body) > most:
                if cut is not None:
                    return bytes(body)
                raise FailedError("too_large", f"more than {most:,} bytes unpacked")
    except PackingError as error:
        raise FailedError(error.reason, str(error)) from error
    return bytes(body)


_BLANK_LINE = re.compile(rb"\n\r?\n")


def _check_length(response: httpx.Response, budget: _Budget) -> None:
    """Refuse a body that goes on behind its Content-Length: what was read is not the whole of it."""
    length = response.headers.get("content-length", "")
    if not length.isdecimal() or "transfer-encoding" in response.headers:
        return
    start, head = 0, bytes(budget.head)
    while blank := _BLANK_LINE.search(head, start):
        interim = re.match(rb"HTTP/\d\.\d 1\d\d", head[start : start + 12])
        start = blank.end()
        if not interim:
            break
    if budget.received - start > int(length):
        raise FailedError("truncated_body", f"longer than its Content-Length of {length}")
