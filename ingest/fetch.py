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
import functools
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
    """An exchange came to nothing: why, and whether asking again may help (after ``wait`` seconds)."""

    def __init__(self, reason: Reason, detail: str = "", *, again: bool = False, wait: float | None = None) -> None:
        self.reason, self.detail, self.again, self.wait = reason, detail, again, wait
        super().__init__(reason, detail)


class _Job:
    """A request on its way: where it is now, what it has cost. ``robots_of`` is the origin whose robots.txt it is."""

    def __init__(self, request: Request, robots_of: str | None = None) -> None:
        self.request = request
        self.robots_of = robots_of
        self.url = _joined(None, request.url) or ""
        self.seen = [self.url]
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


class _Crawl:
    """The state of one call of fetch_all; touched by one thread only."""

    def __init__(
        self, settings: Settings, memory: HostMemory, delays: Mapping[str, float], clock: Callable[[], datetime]
    ) -> None:
        self.settings, self.memory, self.delays, self.clock = settings, memory, delays, clock
        self.hosts: dict[str, _Host] = {}
        self.origins: dict[str, _Origin] = {}
        self.open = 0  # requests without a result
        self.dropped: deque[Drop] = deque()  # results that needed no exchange
        self.running: set[_Budget] = set()
        self.done: queue.SimpleQueue[tuple[_Job, _Budget, _Answer | _FailedError]] = queue.SimpleQueue()

    def add(self, request: Request) -> None:
        """Queue a request at its host."""
        self.open += 1
        job = _Job(request)
        if job.url:
            self._host(job.url).jobs.append(job)
        else:
            self.dropped.append(_drop(job, _FailedError("bad_url", "not an http or https URL")))

    def run(self) -> Iterator[Fetched | NotModified | Drop]:
        """Yield one result a request. Closing the iterator ends the exchanges under way at their next read."""
        pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="fetch")
        try:
            while self.open:
                self._start_due(pool)
                while self.dropped:
                    self.open -= 1
                    yield self.dropped.popleft()
                if not self.open:
                    break
                try:
                    job, budget, outcome = self.done.get(timeout=self._idle_seconds())
                except queue.Empty:
                    continue
                self.running.discard(budget)
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
        for host in list(self.hosts.values()):
            while host.jobs and not host.busy and (host.held or (host.due <= now and len(self.running) < _WORKERS)):
                job = host.jobs.popleft()
                if host.held:
                    self._give_up(job, _FailedError("retry_later", host.held))
                elif self._admitted(job, host):
                    host.busy = True
                    budget = _Budget(self.settings, job.spent)
                    self.running.add(budget)
                    pool.submit(self._work, job, budget, self._headers(job))

    def _idle_seconds(self) -> float:
        """Until the next host is due; at most a second."""
        if len(self.running) >= _WORKERS:
            return 1.0
        due = min((host.due for host in self.hosts.values() if host.jobs and not host.busy), default=None)
        return 1.0 if due is None else min(max(due - time.monotonic(), 0.0), 1.0)

    def _work(self, job: _Job, budget: _Budget, headers: list[tuple[str, str]]) -> None:
        """Carry out one exchange, in a thread of the pool."""
        started = time.monotonic()
        outcome: _Answer | _FailedError
        try:
            outcome = _exchange(
                job.url, headers, self.settings, budget, cut=robots.MAX_BYTES if job.robots_of else None
            )
        except _FailedError as error:
            outcome = error
        except Exception as error:
            # A surprise in a library costs one page, never the run.
            outcome = _FailedError("protocol_error", f"{type(error).__name__}: {error}"[:200])
        job.spent += time.monotonic() - started
        self.done.put((job, budget, outcome))

    def _headers(self, job: _Job) -> list[tuple[str, str]]:
        headers = [
            ("User-Agent", self.settings.user_agent),
            ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5"),
            ("Accept-Encoding", "gzip, deflate"),
            ("Connection", "close"),
        ]
        if not job.robots_of and job.request.etag:
            headers.append(("If-None-Match", job.request.etag))
        if not job.robots_of and job.request.last_modified:
            headers.append(("If-Modified-Since", job.request.last_modified))
        return headers

    # hosts

    def _host(self, url: str) -> _Host:
        name = _host_name(url)
        if name not in self.hosts:
            host = self.hosts[name] = _Host(time.monotonic())
            instant = self.memory.next_ok_at(name)
            if instant is not None:
                self._rest(host, (instant - self.clock()).total_seconds())
        return self.hosts[name]

    def _rest(self, host: _Host, seconds: float) -> None:
        """Leave the host alone for so long; for the rest of the run where that is too long to wait."""
        if seconds > self.settings.max_wait:
            host.held = f"the host is to be left alone for {seconds:.0f} s"
        host.due = max(host.due, time.monotonic() + seconds)

    def _rest_and_remember(self, url: str, seconds: float) -> None:
        host = self._host(url)
        self._rest(host, seconds)
        if seconds > 0:
            self.memory.set_next_ok_at(_host_name(url), self.clock() + timedelta(seconds=seconds))

    def _delay(self, job: _Job) -> float:
        said = self.delays.get(_host_name(job.url), self.delays.get(job.request.outlet or ""))
        own = self.settings.default_delay if said is None else said
        origin = self.origins.get(_origin_name(job.url))
        rules = origin.rules if origin else None
        return max(own, rules.delay(self.settings.user_agent) if rules else 0.0)

    # robots.txt

    def _admitted(self, job: _Job, host: _Host) -> bool:
        """May the job be sent? Where that is not known yet, it waits for robots.txt, which goes first."""
        if job.robots_of:
            return True
        name = _origin_name(job.url)
        if name not in self.origins:
            origin = self.origins[name] = _Origin()
            file = self.memory.robots(name)
            if file is not None and self.clock() - file.fetched_at < _ROBOTS_DAY:
                origin.rules = robots.Rules(file.status, file.body)
            else:
                ask = Request(url=f"{name}/robots.txt", outlet=job.request.outlet)
                host.jobs.appendleft(_Job(ask, robots_of=name))
        origin = self.origins[name]
        if origin.failure:
            self._give_up(job, origin.failure)
        elif origin.rules is None:
            origin.waiting.append(job)
        elif not origin.rules.allows(job.url, self.settings.user_agent):
            detail = "robots.txt cannot be had" if origin.rules.unreachable else ""
            self._give_up(job, _FailedError("robots_disallowed", detail))
        else:
            return True
        return False

    def _give_up(self, job: _Job, failure: _FailedError) -> None:
        if job.robots_of:
            self._know(job.robots_of, None, failure)
        else:
            self.dropped.append(_drop(job, failure))

    def _settle_robots(self, job: _Job, outcome: _Answer | _FailedError) -> None:
        """Turn an answer to robots.txt into rules: RFC 9309, 2.3.1."""
        name = job.robots_of or ""
        if isinstance(outcome, _FailedError):
            self._know(name, None, outcome)
        elif outcome.status in _REDIRECTS and "location" in outcome.headers:
            moved = self._redirected(job, outcome.headers["location"], _ROBOTS_REDIRECTS)
            if moved is not None:
                self._know(name, robots.Rules(404), None)
        else:
            rules = robots.Rules(outcome.status, outcome.body)
            if not rules.unreachable:
                file = RobotsFile(status=outcome.status, body=outcome.body, fetched_at=self.clock())
                self.memory.set_robots(name, file)
            self._know(name, rules, None)

    def _know(self, name: str, rules: robots.Rules | None, failure: _FailedError | None) -> None:
        """Settle what robots.txt says, and let the jobs that waited for it go on."""
        origin = self.origins[name]
        old = self.memory.robots(name) if rules is None or rules.unreachable else None
        if old is not None:
            # RFC 9309, 2.4: a cached copy serves for longer while the file is unreachable.
            rules, failure = robots.Rules(old.status, old.body), None
        if failure is not None:
            failure = _FailedError(failure.reason, f"robots.txt: {failure.detail}")
        origin.rules, origin.failure = rules, failure
        for job in reversed(origin.waiting):
            self._host(job.url).jobs.appendleft(job)
        origin.waiting.clear()
        if rules is not None:
            self._rest(self._host(name), rules.delay(self.settings.user_agent))

    # answers

    def _settle(self, job: _Job, outcome: _Answer | _FailedError) -> Fetched | NotModified | Drop | None:
        """Turn an outcome into a result, or into a further step and None."""
        self._host(job.url).busy = False
        self._rest_and_remember(job.url, self._delay(job))
        failure = outcome if isinstance(outcome, _FailedError) else self._overload(outcome)
        if failure is not None and failure.again:
            failure = self._again(job, failure)
            if failure is None:
                return None
        if job.robots_of:
            # A 503 that stays is an answer, with a meaning of its own.
            self._settle_robots(job, outcome if isinstance(outcome, _Answer) else failure or outcome)
            return None
        if failure is not None:
            return _drop(job, failure)
        assert isinstance(outcome, _Answer)
        if outcome.status in _REDIRECTS and "location" in outcome.headers:
            failure = self._redirected(job, outcome.headers["location"], self.settings.max_redirects)
            return _drop(job, failure) if failure else None
        return self._result(job, outcome)

    def _result(self, job: _Job, answer: _Answer) -> Fetched | NotModified | Drop:
        request = job.request
        if answer.status == 304 and (request.etag or request.last_modified):
            return NotModified(request=request, at=self.clock())
        if not 200 <= answer.status < 300:
            return _drop(job, _FailedError("http_error", str(answer.status)))
        media_type, charset = content_type(answer.headers.get("content-type"))
        digest = ids.digest(answer.body)
        capture = Capture(
            id=ids.content_id("capture", request.url, digest),
            outlet=request.outlet,
            source=request.source,
            url=request.url,
            fetched_at=self.clock(),
            status=answer.status,
            media_type=media_type,
            charset=charset,
            digest=digest,
            body=answer.body,
        )
        return Fetched(
            capture=capture,
            etag=answer.headers.get("etag"),
            last_modified=answer.headers.get("last-modified"),
            final_url=job.url,
        )

    def _overload(self, answer: _Answer) -> _FailedError | None:
        if answer.status not in _RETRIED:
            return None
        wait = _retry_after(answer.headers.get("retry-after"), self.clock())
        return _FailedError(
            "retry_later" if answer.status == 429 else "http_error", str(answer.status), again=True, wait=wait
        )

    def _again(self, job: _Job, failure: _FailedError) -> _FailedError | None:
        """Queue the job once more and return None; or return why not."""
        job.attempts += 1
        # Exponential, with jitter, so that many who failed together do not come back together.
        pause = self.settings.backoff * 2 ** (job.attempts - 1) * random.uniform(0.75, 1.25)
        wait = failure.wait if failure.wait is not None else pause
        if failure.wait is not None:
            self._rest_and_remember(job.url, max(wait, self._delay(job)))
        if wait > self.settings.max_wait:
            return _FailedError("retry_later", f"{failure.detail}, asks for {wait:.0f} s")
        if job.attempts >= self.settings.attempts or job.spent >= self.settings.wall_seconds:
            return failure
        host = self._host(job.url)
        self._rest(host, wait)
        host.jobs.appendleft(job)
        return None

    def _redirected(self, job: _Job, location: str, most: int) -> _FailedError | None:
        """Send the job on to where it is redirected; or return why not."""
        target = _joined(job.url, location)
        if target is None:
            return _FailedError("bad_url", f"redirected to {location[:200]!r}")
        if target in job.seen:
            return _FailedError("redirect_loop", target[:200])
        if len(job.seen) > most:
            return _FailedError("too_many_redirects", f"more than {most}")
        job.seen.append(target)
        job.url = target
        self._host(target).jobs.appendleft(job)
        return None


def _drop(job: _Job, failure: _FailedError) -> Drop:
    url, reason, detail = job.request.url, failure.reason, failure.detail
    if len(job.seen) > 1 and not detail.startswith(job.url):
        detail = f"{detail}; redirected to {job.url[:200]}".lstrip("; ")
    return Drop(
        id=ids.content_id("drop", "fetch", url, reason, detail), stage="fetch", record=url, reason=reason, detail=detail
    )


def _host_name(url: str) -> str:
    """Return the host, with the port where it is not the scheme's own; empty for what is not a web address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return host if port in (None, 443 if parts.scheme == "https" else 80) else f"{host}:{port}"


def _origin_name(url: str) -> str:
    return f"{urlsplit(url).scheme}://{_host_name(url)}"


def _joined(base: str | None, location: str) -> str | None:
    """Return the absolute http or https URL, as browsers write it and without fragment, that is meant; or None."""
    import ada_url

    try:
        target = ada_url.URL(location.strip(), base=base)
        target.hash = ""
    except ValueError:
        return None
    href: str = target.href
    usable = len(href) <= 8192 and _host_name(href) and not target.username and not target.password
    return href if usable else None


def _retry_after(header: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header (RFC 9110, 10.2.3) asks for, at most a day; None when unreadable."""
    if not header:
        return None
    if re.fullmatch(r"\d{1,9}", header.strip()):
        return min(float(header), _MAX_HOLD.total_seconds())
    try:
        instant = email.utils.parsedate_to_datetime(header)
        seconds = ((instant if instant.tzinfo else instant.replace(tzinfo=UTC)) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), _MAX_HOLD.total_seconds())


_MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}/[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}")
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^\s;\"',]{1,40})", re.IGNORECASE)


def content_type(header: str | None) -> tuple[str | None, str | None]:
    """Return the media type and the charset of a Content-Type header, lower case; None for what it does not say."""
    if not header:
        return None, None
    media_type = header.partition(";")[0].strip().lower()
    charset = _CHARSET.search(header)
    return media_type if _MEDIA_TYPE.fullmatch(media_type) else None, charset.group(1).lower() if charset else None


# exchanging: what runs in the threads


class _Answer(Struct, frozen=True):
    status: int
    headers: httpx.Headers
    body: bytes


class _Budget:
    """What one exchange may still use: time until ``deadline`` (monotonic), bytes on the wire."""

    def __init__(self, settings: Settings, spent: float) -> None:
        self.settings = settings
        self.deadline = time.monotonic() + settings.wall_seconds - spent
        self.received = 0
        self.head = bytearray()  # what arrived before the body was asked for
        self.in_body = False

    def seconds(self, most: float) -> float:
        """Return how long the next step may take; raises _FailedError when the time is up."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise _FailedError("timeout", f"more than {self.settings.wall_seconds:g} s in all")
        return min(left, most)

    def stalled(self, step: str) -> _FailedError:
        """Return the failure for a step that timed out: final when the whole time is up."""
        self.seconds(1.0)
        return _FailedError("timeout", f"no {step} in time", again=True)

    def arrived(self, data: bytes) -> None:
        """Count bytes off the wire."""
        self.received += len(data)
        if self.received > self.settings.max_wire:
            raise _FailedError("too_large", f"more than {self.settings.max_wire:,} bytes on the wire")
        if not self.in_body:
            self.head += data


class _Stream(httpcore.NetworkStream):
    """A connected socket whose every operation stays within the budget."""

    def __init__(self, sock: socket.socket, budget: _Budget) -> None:
        self.sock, self.budget = sock, budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.sock.settimeout(self.budget.seconds(self.budget.settings.read_seconds))
        try:
            data = self.sock.recv(min(max_bytes, _CHUNK))
        except TimeoutError:
            raise self.budget.stalled("answer") from None
        except OSError as error:
            reason: Reason = "truncated_body" if self.budget.in_body else "protocol_error"
            raise _FailedError(reason, f"connection lost: {_why(error)}") from error
        self.budget.arrived(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.sock.settimeout(self.budget.seconds(self.budget.settings.read_seconds))
        try:
            self.sock.sendall(buffer)
        except TimeoutError:
            raise self.budget.stalled("taking of the request") from None
        except OSError as error:
            raise _FailedError("connect_failed", f"connection lost: {_why(error)}") from error

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
            raise _FailedError("tls_failed", _why(error)) from error
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
        failure = _FailedError("connect_failed", "no address")
        for ip, real_port in _targets(host, port, self.settings, self.budget)[:4]:
            try:
                seconds = self.budget.seconds(self.settings.connect_seconds)
                sock = socket.create_connection((ip, real_port), seconds)
            except TimeoutError:
                failure = self.budget.stalled("connection")
            except OSError as error:
                failure = _FailedError("connect_failed", _why(error))
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
        raise _FailedError("bad_url", str(error)) from error
    found = [literal] if literal else _resolved(host, port, budget)
    for ip in found:
        if not address.is_public(ip) and not _allowed(host, ip, settings.allow_private):
            raise _FailedError("address_not_public", f"{host} is {ip}" if ip != host else host)
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
        raise _FailedError("name_not_resolved", _why(found)) from found
    if not found:
        raise _FailedError("name_not_resolved", "no address")
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


def _exchange(
    url: str, headers: list[tuple[str, str]], settings: Settings, budget: _Budget, *, cut: int | None
) -> _Answer:
    """Ask once. A body is read of a 2xx only; with ``cut`` no more than its first bytes. Raises _FailedError."""
    try:
        with _Transport(_Backend(settings, budget), _tls()) as transport:
            response = transport.handle_request(httpx.Request("GET", url, headers=headers))
            try:
                budget.in_body = True
                body = _body(response, settings, cut) if response.is_success else b""
                if cut is None and response.is_success:
                    _check_length(response, budget)
            finally:
                response.close()
    except httpx.InvalidURL as error:
        raise _FailedError("bad_url", str(error)[:200]) from error
    except httpx.HTTPError as error:
        # The body's end is missing: fewer bytes than Content-Length, or chunks without the last one.
        reason: Reason = "truncated_body" if budget.in_body else "protocol_error"
        raise _FailedError(reason, str(error)[:200]) from error
    return _Answer(response.status_code, response.headers, body)


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
                raise _FailedError("too_large", f"more than {most:,} bytes unpacked")
    except PackingError as error:
        raise _FailedError(error.reason, str(error)) from error
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
        raise _FailedError("truncated_body", f"longer than its Content-Length of {length}")


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
