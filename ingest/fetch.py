"""URLs to captures, politely and within bounds. The only file that imports httpx.

One thread of control decides: it keeps a queue for each host, asks robots.txt first, waits between two requests to a
host, and turns every answer into the next step (redirect, retry, result). Up to eight threads only carry out single
exchanges, at most one for each host at a time, each over a connection of its own that is closed afterwards, so that
nothing one answer leaves behind can reach the next page.

No connection opens to an address that is not public: a name is resolved once, every address of it is judged, and the
judged address is the one connected to, for each redirect anew. The operator's rules are the only exception.
"""

from __future__ import annotations

import email.utils
import fnmatch
import ipaddress
import queue
import random
import re
import socket
import ssl
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpcore
import httpx
from msgspec import Struct

from ingest import address, ids, robots
from ingest.errors import UsageError
from ingest.records import Capture, Drop, Reason

_WORKERS = 8
_ROBOTS_DAY = timedelta(hours=24)  # RFC 9309, 2.4: a cached robots.txt is not used for more than 24 hours
_ROBOTS_REDIRECTS = 5  # RFC 9309, 2.3.1.2
_MAX_HOLD = timedelta(days=1)  # the longest that a Retry-After is believed
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_RETRIED = frozenset((429, 502, 503, 504))
_CHUNK = 65_536


class Request(Struct, frozen=True, kw_only=True):
    """A canonical URL to ask for; ``etag`` and ``last_modified`` are the validators that the last answer carried."""

    url: str
    outlet: str | None = None
    source: str | None = None
    etag: str | None = None
    last_modified: str | None = None


class Fetched(Struct, frozen=True, kw_only=True):
    """A capture, the validators for asking again, and where redirects led (the capture keeps the URL asked for)."""

    capture: Capture
    etag: str | None = None
    last_modified: str | None = None
    final_url: str = ""


class NotModified(Struct, frozen=True, kw_only=True):
    """The server says (304) that the last capture still stands."""

    request: Request
    at: datetime


class Rule(Struct, frozen=True, kw_only=True):
    """Hosts that match the glob are at this address and port, public or not: the operator says so."""

    host: str
    ip: str
    port: int


def rule(text: str) -> Rule:
    """Read ``HOSTGLOB=IP:PORT`` (an IPv6 address in brackets). Raises UsageError."""
    host, _, target = text.partition("=")
    ip, _, port = target.rpartition(":")
    try:
        where = str(ipaddress.ip_address(ip.strip("[]")))
        if not host or not 0 < int(port) < 65_536:
            raise ValueError("expected HOSTGLOB=IP:PORT")
    except ValueError as error:
        raise UsageError("bad resolve rule", text, str(error)) from error
    return Rule(host=host.lower(), ip=where, port=int(port))


class Settings(Struct, frozen=True, kw_only=True):
    """Bounds for each URL and manners towards each host. Times are seconds, sizes bytes.

    ``wall_seconds`` bounds all exchanges for a URL together, redirects and retries included, waiting excluded.
    ``max_wire`` counts what arrives, headers included; ``max_body`` what it unpacks to. ``max_wait`` is how long a run
    waits for a host that asks to be left alone; what takes longer is left for a later run. ``allow_private`` names
    hosts (globs), addresses or networks that may be connected to although they are not public.
    """

    user_agent: str = "quoteline/0.1 (news provenance research)"
    wall_seconds: float = 30.0
    connect_seconds: float = 10.0
    read_seconds: float = 15.0
    max_wire: int = 10 * 1024 * 1024
    max_body: int = 20 * 1024 * 1024
    max_redirects: int = 10
    default_delay: float = 1.0
    max_wait: float = 120.0
    attempts: int = 3
    backoff: float = 0.5
    resolve: tuple[Rule, ...] = ()
    allow_private: tuple[str, ...] = ()


class RobotsFile(Struct, frozen=True, kw_only=True):
    """A robots.txt as it was answered."""

    status: int
    body: bytes
    fetched_at: datetime


class HostMemory(Protocol):
    """What is remembered of hosts from run to run. Used by the thread that iterates ``fetch_all``, and no other.

    A host is a name, with its port where that is not the default; an origin has the scheme before it.
    """

    def next_ok_at(self, host: str) -> datetime | None:
        """When may the host be asked again?"""

    def set_next_ok_at(self, host: str, instant: datetime) -> None:
        """Remember when the host may be asked again."""

    def robots(self, origin: str) -> RobotsFile | None:
        """Return the robots.txt last seen at the origin (``https://host``)."""

    def set_robots(self, origin: str, file: RobotsFile) -> None:
        """Remember the robots.txt of an origin."""


class Memory:
    """A HostMemory that lasts as long as the process."""

    def __init__(self) -> None:
        self._instants: dict[str, datetime] = {}
        self._robots: dict[str, RobotsFile] = {}

    def next_ok_at(self, host: str) -> datetime | None:
        """When may the host be asked again?"""
        return self._instants.get(host)

    def set_next_ok_at(self, host: str, instant: datetime) -> None:
        """Remember when the host may be asked again."""
        self._instants[host] = instant

    def robots(self, origin: str) -> RobotsFile | None:
        """Return the robots.txt last seen at the origin."""
        return self._robots.get(origin)

    def set_robots(self, origin: str, file: RobotsFile) -> None:
        """Remember the robots.txt of an origin."""
        self._robots[origin] = file


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
    crawl = _Crawl(settings, memory, delays or {}, clock)
    for request in requests:
        crawl.add(request)
    return crawl.run()


# deciding


class _FailedError(Exception):
    """An exchange came to nothing: why, and whether asking again may help (after ``wait`` seconds, where it is said)."""

    def __init__(self, reason: Reason, detail: str = "", *, again: bool = False, wait: float | None = None) -> None:
        self.reason, self.detail, self.again, self.wait = reason, detail, again, wait
        super().__init__(reason, detail)


class _Job:
    """A request on its way: where it is now, what it has cost. ``robots_of`` is the origin whose robots.txt it is."""

    def __init__(self, request: Request, robots_of: str | None = None) -> None:
        self.request = request
        self.robots_of = robots_of
        self.url = request.url
        self.seen = [request.url]
        self.attempts = 0
        self.spent = 0.0


class _Host:
    """The queue of one host, and when (monotonic seconds) it may be asked next; ``held`` says why not in this run."""

    def __init__(self, due: float) -> None:
        self.jobs: deque[_Job] = deque()
        self.due = due
        self.busy = False
        self.held = ""


class _Origin:
    """What robots.txt says at one origin: being asked for, its rules, or why they could not be had."""

    def __init__(self) -> None:
        self.rules: robots.Rules | None = None
        self.failure: _FailedError | None = None
        self.waiting: list[_Job] = []


Outcome = "_Answer | _FailedError"


class _Crawl:
    def __init__(
        self, settings: Settings, memory: HostMemory, delays: Mapping[str, float], clock: Callable[[], datetime]
    ) -> None:
        self.settings, self.memory, self.delays, self.clock = settings, memory, delays, clock
        self.hosts: dict[str, _Host] = {}
        self.origins: dict[str, _Origin] = {}
        self.open = 0  # requests without a result
        self.running: set[_Budget] = set()
        self.done: queue.SimpleQueue[tuple[_Host, _Job, _Answer | _FailedError]] = queue.SimpleQueue()
        self.ready: deque[Drop] = deque()

    def add(self, request: Request) -> None:
        self.open += 1
        job = _Job(request)
        if _is_web(request.url):
            self._host(request.url).jobs.append(job)
        else:
            self._drop(job, "bad_url", "not an http or https URL")

    def run(self) -> Iterator[Fetched | NotModified | Drop]:
        """One result a request. Closing the iterator ends the exchanges under way at their next read."""
        pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="fetch")
        try:
            while self.open:
                while self.ready:
                    self.open -= 1
                    yield self.ready.popleft()
                self._start_due(pool)
                if self.ready or not self.open:
                    continue
                try:
                    host, job, outcome = self.done.get(timeout=self._idle_seconds())
                except queue.Empty:
                    continue
                host.busy = False
                result = self._settle(job, outcome)
                if result is not None:
                    self.open -= 1
                    yield result
        finally:
            for budget in self.running:
                budget.deadline = 0.0
            pool.shutdown(wait=False, cancel_futures=True)

    def _start_due(self, pool: ThreadPoolExecutor) -> None:
        now = time.monotonic()
        for name, host in list(self.hosts.items()):
            while host.jobs and not host.busy and (host.held or host.due <= now):
                job = host.jobs.popleft()
                if host.held:
                    self._abandon(job, _FailedError("retry_later", host.held))
                elif len(self.running) >= _WORKERS:
                    host.jobs.appendleft(job)
                    return
                elif host.due - now > self.settings.max_wait:
                    pass
                elif self._admitted(job):
                    self._start(pool, name, host, job)

    def _start(self, pool: ThreadPoolExecutor, name: str, host: _Host, job: _Job) -> None:
        host.busy = True
        budget = _Budget(self.settings, job.spent)
        self.running.add(budget)
        headers = self._headers(job)

        def work() -> None:
            started = time.monotonic()
            outcome: _Answer | _FailedError
            try:
                outcome = _exchange(job.url, headers, self.settings, budget, cut=robots.MAX_BYTES if job.robots_of else 0)
            except _FailedError as error:
                outcome = error
            except Exception as error:  # noqa: BLE001 - a surprise in a library costs one page, never the run
                outcome = _FailedError("protocol_error", f"{type(error).__name__}: {error}"[:200])
            job.spent += time.monotonic() - started
            self.running.discard(budget)
            self.done.put((host, job, outcome))

        pool.submit(work)
