"""Which URL next, and when: the manners and the patience of the fetcher, without the network.

One thread of control keeps a queue for each host, asks robots.txt first, waits between two requests to a host, and
turns every answer into the next step (redirect, retry, result). Up to eight threads only carry out single exchanges,
at most one for each host at a time. How an exchange is carried out is an argument; ``fetch`` has the real one.
"""

from __future__ import annotations

import email.utils
import ipaddress
import queue
import random
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from msgspec import Struct

from ingest import ids, robots
from ingest.body import content_type
from ingest.errors import UsageError
from ingest.records import Capture, Drop, Reason, drop

_WORKERS = 8
_ROBOTS_DAY = timedelta(hours=24)  # RFC 9309, 2.4: a cached robots.txt is not used for more than 24 hours
_ROBOTS_REDIRECTS = 5  # RFC 9309, 2.3.1.2
_MAX_HOLD = timedelta(days=1)  # the longest that a Retry-After is believed
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_RETRIED = frozenset((429, 502, 503, 504))
_DEAD = frozenset(("connect_failed", "name_not_resolved", "tls_failed", "timeout"))
_DEAD_AFTER = 8  # pages in a row; else each page of a host that dies in a run would use up its whole time
_QUIET_SECONDS = 900.0  # how long a host is left alone that goes on answering 429 without saying how long


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
    """What is remembered of hosts from run to run. Used by the thread that iterates the results, and no other.

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


class FailedError(Exception):
    """An exchange came to nothing: why, and whether asking again may help (after ``wait`` seconds)."""

    def __init__(self, reason: Reason, detail: str = "", *, again: bool = False, wait: float | None = None) -> None:
        self.reason, self.detail, self.again, self.wait = reason, detail, again, wait
        super().__init__(reason, detail)


class Answer(Struct, frozen=True):
    """What a server answered: header names in lower case, the body unpacked, and empty unless the status is 2xx."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Exchange(Protocol):
    """One request and its answer, over a connection of its own. It runs in a thread of its own."""

    def run(self) -> Answer:
        """Ask, and return the answer. Raises FailedError."""

    def abandon(self) -> None:
        """Make ``run`` end soon, from another thread: nobody waits for it any more."""


class Exchanges(Protocol):
    """Makes an exchange: the URL, the request's headers, the seconds it may take; ``cut`` is how much of the body is
    wanted, where the rest may be left unread."""

    def __call__(self, url: str, headers: list[tuple[str, str]], seconds: float, cut: int | None) -> Exchange:
        """Make it; nothing is sent before it runs."""


def crawl(
    requests: Iterable[Request],
    settings: Settings,
    memory: HostMemory,
    delays: Mapping[str, float],
    clock: Callable[[], datetime],
    exchanges: Exchanges,
) -> Iterator[Fetched | NotModified | Drop]:
    """Yield one result for each request, as they come; see ``fetch.fetch_all``."""
    state = _Crawl(settings, memory, delays, clock, exchanges)
    for request in requests:
        state.add(request)
    return state.run()


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

    def __init__(self, name: str) -> None:
        self.name = name
        self.jobs: deque[_Job] = deque()
        self.due = time.monotonic()
        self.mark: datetime | None = None  # what we last saw or set in the memory
        self.busy = False
        self.held = ""
        self.failures = 0  # in a row, of the kind that a dead host makes


class _Origin:
    """What robots.txt says at one origin: being asked for, its rules, or why they could not be had."""

    def __init__(self) -> None:
        self.rules: robots.Rules | None = None
        self.failure: FailedError | None = None
        self.waiting: list[_Job] = []


class _Crawl:
    """The state of one crawl; touched by one thread only, but for ``_work``."""

    def __init__(
        self,
        settings: Settings,
        memory: HostMemory,
        delays: Mapping[str, float],
        clock: Callable[[], datetime],
        exchanges: Exchanges,
    ) -> None:
        self.settings, self.memory, self.delays, self.clock = settings, memory, delays, clock
        self.exchanges = exchanges
        self.hosts: dict[str, _Host] = {}
        self.origins: dict[str, _Origin] = {}
        self.open = 0  # requests without a result
        self.dropped: deque[Drop] = deque()  # results that needed no exchange
        self.running: set[Exchange] = set()
        self.done: queue.SimpleQueue[tuple[_Job, Exchange, Answer | FailedError]] = queue.SimpleQueue()

    def add(self, request: Request) -> None:
        """Queue a request at its host."""
        self.open += 1
        job = _Job(request)
        if job.url:
            self._host(job.url).jobs.append(job)
        else:
            self.dropped.append(_drop(job, FailedError("bad_url", "not an http or https URL")))

    def run(self) -> Iterator[Fetched | NotModified | Drop]:
        """Yield one result a request. Closing the iterator ends the exchanges under way."""
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
                    job, exchange, outcome = self.done.get(timeout=self._idle_seconds())
                except queue.Empty:
                    continue
                self.running.discard(exchange)
                result = self._settle(job, outcome)
                if result is not None:
                    self.open -= 1
                    yield result
        finally:
            for exchange in self.running:
                exchange.abandon()
            pool.shutdown(wait=False, cancel_futures=True)

    def _start_due(self, pool: ThreadPoolExecutor) -> None:
        now = time.monotonic()
        for host in list(self.hosts.values()):
            while host.jobs and not host.busy and (host.held or (host.due <= now and len(self.running) < _WORKERS)):
                if not host.held and self._marked(host):
                    continue
                job = host.jobs.popleft()
                if host.held:
                    self._give_up(job, FailedError("retry_later", host.held))
                elif self._admitted(job, host):
                    host.busy = True
                    self._rest_and_remember(job.url, self._delay(job))
                    seconds = self.settings.wall_seconds - job.spent
                    cut = robots.MAX_BYTES if job.robots_of else None
                    exchange = self.exchanges(job.url, self._headers(job), seconds, cut)
                    self.running.add(exchange)
                    pool.submit(self._work, job, exchange)

    def _idle_seconds(self) -> float:
        """Until the next host is due; at most a second."""
        if len(self.running) >= _WORKERS:
            return 1.0
        due = min((host.due for host in self.hosts.values() if host.jobs and not host.busy), default=None)
        return 1.0 if due is None else min(max(due - time.monotonic(), 0.0), 1.0)

    def _work(self, job: _Job, exchange: Exchange) -> None:
        """Carry out one exchange, in a thread of the pool."""
        started = time.monotonic()
        outcome: Answer | FailedError
        try:
            outcome = exchange.run()
        except FailedError as error:
            outcome = error
        except Exception as error:
            # A surprise in a library costs one page, never the run.
            outcome = FailedError("protocol_error", f"{type(error).__name__}: {error}"[:200])
        job.spent += time.monotonic() - started
        self.done.put((job, exchange, outcome))

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
        return self.hosts.setdefault(name, _Host(name))

    def _mark(self, host: _Host) -> datetime | None:
        mark = self.memory.next_ok_at(host.name)
        # Nobody leaves a mark further ahead: it is from a clock that was wrong.
        return mark if mark is not None and mark - self.clock() <= _MAX_HOLD else None

    def _marked(self, host: _Host) -> bool:
        """Has another run, earlier or at the same time, asked the host and left word when it may be asked next?"""
        mark = self._mark(host)
        if mark is None or mark == host.mark:
            return False
        host.mark = mark
        wait = (mark - self.clock()).total_seconds()
        if wait > 0:
            # The other run comes back at that instant; a little later it has left word again.
            self._rest(host, wait * random.uniform(1.0, 1.1))
        return wait > 0

    def _rest(self, host: _Host, seconds: float) -> None:
        """Leave the host alone for so long; for the rest of the run where that is too long to wait."""
        if seconds > self.settings.max_wait:
            host.held = f"the host is to be left alone for {seconds:.0f} s"
        host.due = max(host.due, time.monotonic() + seconds)

    def _rest_and_remember(self, url: str, seconds: float) -> None:
        host = self._host(url)
        self._rest(host, seconds)
        known, mark = self._mark(host), self.clock() + timedelta(seconds=seconds)
        if seconds > 0 and (known is None or known < mark):
            host.mark = mark
            self.memory.set_next_ok_at(host.name, mark)

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
            self._give_up(job, FailedError("robots_disallowed", detail))
        else:
            return True
        return False

    def _give_up(self, job: _Job, failure: FailedError) -> None:
        if job.robots_of:
            self._know(job.robots_of, None, failure)
        else:
            self.dropped.append(_drop(job, failure))

    def _settle_robots(self, job: _Job, outcome: Answer | FailedError) -> None:
        """Turn an answer to robots.txt into rules: RFC 9309, 2.3.1."""
        name = job.robots_of or ""
        if isinstance(outcome, FailedError):
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

    def _know(self, name: str, rules: robots.Rules | None, failure: FailedError | None) -> None:
        """Settle what robots.txt says, and let the jobs that waited for it go on."""
        origin = self.origins[name]
        old = self.memory.robots(name) if rules is None or rules.unreachable else None
        if old is not None:
            # RFC 9309, 2.4: a cached copy serves for longer while the file is unreachable.
            rules, failure = robots.Rules(old.status, old.body), None
        if failure is not None:
            failure = FailedError(failure.reason, f"robots.txt: {failure.detail}")
        origin.rules, origin.failure = rules, failure
        for job in reversed(origin.waiting):
            self._host(job.url).jobs.appendleft(job)
        origin.waiting.clear()
        if rules is not None:
            self._rest(self._host(name), rules.delay(self.settings.user_agent))

    # answers

    def _settle(self, job: _Job, outcome: Answer | FailedError) -> Fetched | NotModified | Drop | None:
        """Turn an outcome into a result, or into a further step and None."""
        self._host(job.url).busy = False
        self._rest_and_remember(job.url, self._delay(job))
        failure = outcome if isinstance(outcome, FailedError) else self._overload(outcome)
        if failure is not None and failure.again:
            failure = self._again(job, failure)
            if failure is None:
                return None
        self._count_failure(job, failure)
        if job.robots_of:
            # A 5xx that stays is an answer with a meaning of its own (RFC 9309, 2.3.1.4); a 429 is none.
            stays = isinstance(outcome, Answer) and outcome.status >= 500
            self._settle_robots(job, outcome if failure is None or stays else failure)
            return None
        if failure is not None:
            return _drop(job, failure)
        assert isinstance(outcome, Answer)
        if outcome.status in _REDIRECTS and "location" in outcome.headers:
            failure = self._redirected(job, outcome.headers["location"], self.settings.max_redirects)
            return _drop(job, failure) if failure else None
        return self._result(job, outcome)

    def _count_failure(self, job: _Job, failure: FailedError | None) -> None:
        host = self._host(job.url)
        host.failures = host.failures + 1 if failure is not None and failure.reason in _DEAD else 0
        if host.failures >= _DEAD_AFTER:
            host.held = f"{host.failures} failures in a row, the last: {failure.reason if failure else ''}"

    def _result(self, job: _Job, answer: Answer) -> Fetched | NotModified | Drop:
        request = job.request
        if answer.status == 304 and (request.etag or request.last_modified):
            return NotModified(request=request, at=self.clock())
        if not 200 <= answer.status < 300 or answer.status == 206:  # a part that nobody asked for
            return _drop(job, FailedError("http_error", str(answer.status)))
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

    def _overload(self, answer: Answer) -> FailedError | None:
        if answer.status not in _RETRIED:
            return None
        wait = _retry_after(answer.headers.get("retry-after"), self.clock())
        return FailedError(
            "retry_later" if answer.status == 429 else "http_error", str(answer.status), again=True, wait=wait
        )

    def _again(self, job: _Job, failure: FailedError) -> FailedError | None:
        """Queue the job once more and return None; or return why not."""
        job.attempts += 1
        # Exponential, with jitter, so that many who failed together do not come back together.
        pause = self.settings.backoff * 2 ** (job.attempts - 1) * random.uniform(0.75, 1.25)
        wait = failure.wait if failure.wait is not None else pause
        if failure.wait is not None:
            self._rest_and_remember(job.url, max(wait, self._delay(job)))
        if wait > self.settings.max_wait:
            return FailedError("retry_later", f"{failure.detail}, asks for {wait:.0f} s")
        if job.attempts >= self.settings.attempts or job.spent >= self.settings.wall_seconds:
            if failure.reason == "retry_later":
                self._rest_and_remember(job.url, _QUIET_SECONDS)
            return failure
        host = self._host(job.url)
        self._rest(host, wait)
        host.jobs.appendleft(job)
        return None

    def _redirected(self, job: _Job, location: str, most: int) -> FailedError | None:
        """Send the job on to where it is redirected; or return why not."""
        target = _joined(job.url, location)
        if target is None:
            return FailedError("bad_url", f"redirected to {location[:200]!r}")
        if target in job.seen:
            return FailedError("redirect_loop", target[:200])
        if len(job.seen) > most:
            return FailedError("too_many_redirects", f"more than {most}")
        job.seen.append(target)
        job.url = target
        self._host(target).jobs.appendleft(job)
        return None


def _drop(job: _Job, failure: FailedError) -> Drop:
    url, reason, detail = job.request.url, failure.reason, failure.detail
    if len(job.seen) > 1 and not detail.startswith(job.url):
        detail = f"{detail}; redirected to {job.url[:200]}".lstrip("; ")
    return drop("fetch", url, reason, detail)


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
