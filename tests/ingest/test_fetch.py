"""The fetcher against real sockets on loopback: manners, bounds, and no way into a private network."""

import gzip
import socket
import ssl
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from ingest import fetch, ids
from ingest.errors import UsageError
from ingest.records import Drop
from tests.site import Site, answer

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
PAGE = "<p>Гавань открыта</p>".encode("windows-1251")


@pytest.fixture
def site() -> Iterator[Site]:
    """A running server."""
    running = Site()
    yield running
    running.socket.close()


def settings(site: Site, **changes: object) -> fetch.Settings:
    """Settings for tests: every ``*.example`` is the server, and nothing waits."""
    values: dict[str, object] = {
        "resolve": (fetch.rule(f"*.example=127.0.0.1:{site.port}"),),
        "default_delay": 0.0,
        "backoff": 0.01,
        "wall_seconds": 2.0,
    }
    return fetch.Settings(**(values | changes))


def get(site: Site, *urls: str, memory=None, delays=None, **changes: object) -> list:
    """Fetch URLs (paths are of the first site) and return the results in the order of the requests."""
    requests = [fetch.Request(url=url if "://" in url else f"http://site.example{url}") for url in urls]
    clock = lambda: NOW  # noqa: E731
    found = list(fetch.fetch_all(requests, settings(site, **changes), memory or fetch.Memory(), delays, clock))
    names = {one.record if isinstance(one, Drop) else one.capture.url: one for one in found}
    assert len(found) == len(requests)
    return [names[request.url] for request in requests]


def reason(found: object) -> str:
    """Why a result is a drop."""
    assert isinstance(found, Drop), found
    assert found.stage == "fetch"
    return found.reason


# the good case


def test_capture(site):
    """A page becomes a capture with what the server said of it; the request names the agent and carries no cookie."""
    site.pages["/a?b=1"] = answer(
        PAGE, 'Content-Type: Text/HTML; Charset="windows-1251"', 'ETag: "e"', "Set-Cookie: a=b"
    )
    site.pages["/b"] = answer(PAGE)
    request = fetch.Request(url="http://site.example/a?b=1", outlet="lighthouse", source="s")
    other = fetch.Request(url="http://site.example/b")
    found, bare = fetch.fetch_all([request, other], settings(site), fetch.Memory(), {}, lambda: NOW)
    assert found.capture.body == PAGE
    assert found.capture.id == ids.content_id("capture", request.url, ids.digest(PAGE))
    assert (found.capture.url, found.capture.outlet, found.capture.source) == (request.url, "lighthouse", "s")
    assert (found.capture.media_type, found.capture.charset) == ("text/html", "windows-1251")
    assert (found.capture.fetched_at, found.etag, found.final_url) == (NOW, '"e"', request.url)
    assert (bare.capture.media_type, bare.capture.charset, bare.etag) == (None, None, None)
    headers = site.asked[-1][2]
    assert headers["user-agent"].startswith("quoteline/")
    assert "cookie" not in headers
    assert headers["host"] == "site.example"


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZIP, identity", gzip.compress),
        ("gzip", lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:]) + b"\0" * 8),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),
        ("identity", bytes),
        ("gzip", lambda body: b""),
    ],
)
def test_packed_bodies(site, encoding, pack):
    """gzip with any number of members and both kinds of deflate are unpacked."""
    body = PAGE * 10_000
    site.pages["/a"] = answer(pack(body), f"Content-Encoding: {encoding}")
    (found,) = get(site, "/a")
    assert found.capture.body == (body if pack(body) else b"")


def test_chunked_in_small_pieces(site):
    """A chunked, packed body that comes byte by byte is whole."""
    packed = gzip.compress(PAGE)
    chunks = [b"%x\r\n%b\r\n" % (1, packed[n : n + 1]) for n in range(len(packed))]
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    site.pages["/a"] = [head, *chunks, b"0\r\n\r\n"]
    assert get(site, "/a")[0].capture.body == PAGE


def test_not_modified(site):
    """Validators go out; 304 is a result of its own, and an error where nothing was asked conditionally."""
    site.pages["/a"] = lambda headers: (
        b"HTTP/1.1 304 Not Modified\r\n\r\n"
        if headers.get("if-none-match") == '"e"' and headers.get("if-modified-since") == "yesterday"
        else answer(PAGE)
    )
    site.pages["/b"] = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    request = fetch.Request(url="http://site.example/a", etag='"e"', last_modified="yesterday")
    (found,) = fetch.fetch_all([request], settings(site), fetch.Memory(), {}, lambda: NOW)
    assert found == fetch.NotModified(request=request, at=NOW)
    assert reason(get(site, "/b")[0]) == "http_error"


def test_redirects(site):
    """Redirects are followed, over hosts too; the capture keeps the URL that was asked for."""
    site.pages["/a"] = answer(b"", "Location: b?x=1#part", status="301 Moved")
    site.pages["/b?x=1"] = answer(b"", "Location: //other.example/c", status="302 Found")
    site.pages["/c"] = answer(PAGE)
    (found,) = get(site, "/a")
    assert (found.capture.url, found.final_url) == ("http://site.example/a", "http://other.example/c")
    assert [host for host, path, _ in site.asked if path == "/robots.txt"] == ["site.example", "other.example"]


# manners


def test_robots_first(site):
    """robots.txt is asked for once a host, before all else, and what it forbids is not asked for."""
    site.pages["/robots.txt"] = answer(b"User-agent: *\nDisallow: /closed\n")
    site.pages["/a"] = site.pages["/closed"] = answer(PAGE)
    memory = fetch.Memory()
    one, two, three = get(site, "/a", "/closed/x", "/a?b", memory=memory)
    assert reason(two) == "robots_disallowed"
    assert [path for _, path, _ in site.asked] == ["/robots.txt", "/a", "/a?b"]
    assert isinstance(one, fetch.Fetched)
    assert reason(three) == "http_error"
    get(site, "/a", memory=memory)
    assert [path for _, path, _ in site.asked].count("/robots.txt") == 1


def test_redirect_into_what_robots_forbid(site):
    """A redirect does not lead around robots.txt."""
    site.pages["/robots.txt"] = answer(b"User-agent: *\nDisallow: /closed\n")
    site.pages["/a"] = answer(b"", "Location: /closed", status="301 Moved")
    site.pages["/closed"] = answer(PAGE)
    assert reason(get(site, "/a")[0]) == "robots_disallowed"
    assert site.paths == ["/a"]


@pytest.mark.parametrize(
    ("robots", "expected"),
    [
        (answer(b"", status="404 Not Found"), ""),
        (answer(b"", status="403 Forbidden"), ""),
        (answer(b"<!DOCTYPE html><p>User-agent: *\nDisallow: /"), ""),
        (answer(b"User-agent: *\nDisallow: /x\n" + b"# filler line\n" * 400_000), ""),
        (answer(b"", "Location: /robots.txt", status="301 Moved"), ""),
        (answer(gzip.compress(b"User-agent: *\nDisallow: /"), "Content-Encoding: gzip"), "robots_disallowed"),
        (answer(b"", status="500 Broken"), "robots_disallowed"),
        (answer(b"", status="503 Busy"), "robots_disallowed"),
        (answer(b"", "Retry-After: 9000", status="429 Slow down"), "retry_later"),
        (answer(b"", status="429 Slow down"), "retry_later"),
        (b"nonsense\r\n\r\n", "protocol_error"),
        ([b"HTTP/1.1 200 OK\r\n", 5.0], "timeout"),
    ],
)
def test_robots_that_cannot_be_had(site, robots, expected):
    """4xx, HTML and a file of megabytes allow; a server that fails forbids, and the drop says how it failed."""
    site.pages["/robots.txt"] = robots
    site.pages["/a"] = answer(PAGE)
    (found,) = get(site, "/a", wall_seconds=0.4)
    assert (found.reason if isinstance(found, Drop) else "") == expected
    assert site.paths == ([] if expected else ["/a"])


def test_old_robots_serve_while_new_ones_cannot_be_had(site):
    """A robots.txt of the day before yesterday is renewed; while the server fails, it still counts."""
    memory = fetch.Memory()
    old = fetch.RobotsFile(status=200, body=b"User-agent: *\nDisallow: /closed", fetched_at=NOW - timedelta(days=2))
    memory.set_robots("http://site.example", old)
    site.pages["/robots.txt"] = answer(b"", status="500 Broken")
    site.pages["/a"] = answer(PAGE)
    found, closed = get(site, "/a", "/closed", memory=memory)
    assert isinstance(found, fetch.Fetched)
    assert reason(closed) == "robots_disallowed"
    assert site.asked[0][1] == "/robots.txt"


def test_one_at_a_time_with_a_pause(site):
    """A host has one connection at a time and rests between requests; other hosts do not wait for it."""
    for n in range(3):
        site.pages[f"/{n}"] = answer(PAGE)
    memory = fetch.Memory()
    started = time.monotonic()
    urls = [f"http://{host}.example/{n}" for host in "abcd" for n in range(3)]
    get(site, *urls, memory=memory, default_delay=0.1)
    assert time.monotonic() - started < 1.4  # one host after the other: 1.6
    for host in "abcd":
        times = [at for at, (name, _, _) in zip(site.at, site.asked, strict=True) if name == f"{host}.example"]
        assert len(times) == 4
        assert all(later - earlier >= 0.095 for earlier, later in pairwise(times))
        assert memory.next_ok_at(f"{host}.example") == NOW + timedelta(seconds=0.1)


def test_never_two_connections_to_a_host(site):
    """Many pages of one host are asked for one after the other."""
    open_now: set[str] = set()
    together: list[int] = []

    def slowly(path):
        open_now.add(path)
        together.append(len(open_now))
        yield answer(PAGE)[:20]
        yield 0.01
        open_now.remove(path)  # before the last byte: after it the next one may come
        yield answer(PAGE)[20:]

    urls = [f"/{n}" for n in range(20)]
    site.pages |= {url: lambda _, url=url: slowly(url) for url in urls}
    get(site, *urls)
    assert together == [1] * 20


@pytest.mark.parametrize(
    ("robots", "delays", "seconds"),
    [("Crawl-delay: 0.2", {}, 0.2), ("", {"site.example": 0.2}, 0.2), ("Crawl-delay: 0.1", {"site.example": 0.2}, 0.2)],
)
def test_delays(site, robots, delays, seconds):
    """The longer of the outlet's delay and robots.txt's is kept."""
    site.pages["/robots.txt"] = answer(f"User-agent: *\n{robots}\n".encode())
    get(site, "/a", "/b", delays=delays)
    assert all(later - earlier >= seconds - 0.005 for earlier, later in pairwise(site.at))


def test_the_last_run_is_remembered(site):
    """A run waits out what an earlier one left; a host that is to be left alone for long is left for later."""
    site.pages["/a"] = answer(PAGE)
    memory = fetch.Memory()
    memory.set_next_ok_at("site.example", NOW + timedelta(seconds=0.2))
    memory.set_next_ok_at("b.example", NOW + timedelta(hours=1))
    memory.set_next_ok_at("c.example", NOW + timedelta(days=400))  # by a clock that was wrong
    started = time.monotonic()
    _, later, found = get(site, "/a", "http://b.example/a", "http://c.example/a", memory=memory)
    assert isinstance(found, fetch.Fetched)
    assert 0.2 <= time.monotonic() - started < 1
    assert reason(later) == "retry_later"
    assert "b.example" not in [host for host, _, _ in site.asked]


def test_two_runs_share_one_politeness(site):
    """Two runs over one memory, at the same time, together keep the pause that each of them has to keep."""
    site.pages |= {f"/{n}": answer(PAGE) for n in range(6)}
    memory = fetch.Memory()

    def refresh(numbers):
        requests = [fetch.Request(url=f"http://site.example/{n}") for n in numbers]
        found.extend(fetch.fetch_all(requests, settings(site, default_delay=0.1), memory))

    found: list[object] = []
    runs = [threading.Thread(target=refresh, args=(numbers,)) for numbers in ((0, 1, 2), (3, 4, 5))]
    for run in runs:
        run.start()
        time.sleep(0.05)
    for run in runs:
        run.join()
    assert [type(one) for one in found] == [fetch.Fetched] * 6
    # Without the shared memory it would take half of this: two runs, each keeping the pause for itself.
    assert site.at[-1] - site.at[0] > 0.075 * (len(site.at) - 1)


@pytest.mark.parametrize("status", ["429 Slow down", "502 Bad", "503 Busy", "504 Late"])
def test_retries(site, status):
    """Overload is answered with patience: another try, after a pause."""
    answers = iter([answer(b"", status=status), answer(b"", "Retry-After: 0", status=status), answer(PAGE)])
    site.pages["/a"] = lambda _: next(answers)
    assert get(site, "/a")[0].capture.body == PAGE


@pytest.mark.parametrize(("status", "expected"), [("429 Slow down", "retry_later"), ("503 Busy", "http_error")])
def test_retries_end(site, status, expected):
    """After three tries the page is dropped."""
    site.pages["/a"] = answer(b"", status=status)
    memory = fetch.Memory()
    assert reason(get(site, "/a", memory=memory)[0]) == expected
    assert site.paths == ["/a"] * 3
    # A host that goes on saying 429 is left alone for a while.
    assert reason(get(site, "/b", memory=memory)[0]) == ("retry_later" if status.startswith("429") else "http_error")


@pytest.mark.parametrize(
    "status", ["400 Bad", "401 Who", "403 No", "404 Not Found", "410 Gone", "500 Broken", "305 x", "206 x", "999 x"]
)
def test_no_retry(site, status):
    """What another try would not change is asked for once."""
    site.pages["/a"] = answer(PAGE, status=status)
    (found,) = get(site, "/a")
    assert reason(found) in ("http_error", "protocol_error")
    assert site.paths == ["/a"]


@pytest.mark.parametrize(
    "header", ["3600", "Mon, 05 Jan 2026 13:00:00 GMT", "99999999", "Mon, 05 Jan 2099 13:00:00 GMT"]
)
def test_long_retry_after(site, header):
    """A host that asks to be left alone for long is left alone, now and in the next run, for a day at most."""
    site.pages["/a"] = answer(b"", f"Retry-After: {header}", status="503 Busy")
    memory = fetch.Memory()
    assert [reason(found) for found in get(site, "/a", "/b", "/c", memory=memory)] == ["retry_later"] * 3
    assert site.paths == ["/a"]
    assert NOW + timedelta(hours=1) <= memory.next_ok_at("site.example") <= NOW + timedelta(days=1)
    assert reason(get(site, "/a", memory=memory)[0]) == "retry_later"
    assert site.paths == ["/a"]


@pytest.mark.parametrize("header", ["soon", "-5", "1e9", "Mon, 99 Jan 2026", "Mon, 05 Jan 1999 13:00:00 GMT"])
def test_odd_retry_after(site, header):
    """A Retry-After that makes no sense does not stop the run."""
    answers = iter([answer(b"", f"Retry-After: {header}", status="503 Busy"), answer(PAGE)])
    site.pages["/a"] = lambda _: next(answers)
    assert get(site, "/a")[0].capture.body == PAGE


def test_a_stall_is_tried_again(site):
    """A read that times out is tried again."""
    answers = iter([[b"HTTP/1.1 200", 0.5], answer(PAGE)])
    site.pages["/a"] = lambda _: next(answers)
    assert get(site, "/a", read_seconds=0.2)[0].capture.body == PAGE


def test_a_host_that_dies_is_given_up(site):
    """After eight pages in a row that came to nothing the rest of the host is left for a later run."""
    site.pages |= {f"/{n}": [5.0] for n in range(20)} | {"/x": answer(PAGE)}
    found = get(site, *[f"/{n}" for n in range(20)], "http://other.example/x", wall_seconds=0.05)
    assert [reason(one) for one in found[:-1]] == ["timeout"] * 8 + ["retry_later"] * 12
    assert found[-1].capture.body == PAGE


# bounds

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


def drip(piece: bytes, pause: float = 0.02) -> Iterator[bytes | float]:
    """Bytes without end, slowly."""
    while True:
        yield piece
        yield pause


def endless(head: bytes, piece: bytes) -> Iterator[bytes]:
    """Bytes without end, fast."""
    yield head
    while True:
        yield piece


HOSTILE = {
    "slow header": (lambda _: drip(b"x"), "timeout"),
    "slow header lines": (
        lambda _: (p for part in ([b"HTTP/1.1 200 OK\r\n"], drip(b"a: b\r\n")) for p in part),
        "timeout",
    ),
    "slow body": (lambda _: (p for part in ([HEAD], drip(b"x")) for p in part), "timeout"),
    "no answer": ([5.0], "timeout"),
    "endless page": (lambda _: endless(HEAD, b"x" * 65_536), "too_large"),
    "endless header": (lambda _: endless(b"HTTP/1.1 200 OK\r\n", b"x: " + b"y" * 1000 + b"\r\n"), "protocol_error"),
    "endless header line": (lambda _: endless(b"HTTP/1.1 200 OK\r\nx:", b"y" * 65_536), "protocol_error"),
    "endless chunks": (
        lambda _: endless(HEAD[:-2] + b"Transfer-Encoding: chunked\r\n\r\n", (b"400\r\n" + b"x" * 1024 + b"\r\n") * 60),
        "too_large",
    ),
    "endless interim answers": (lambda _: endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 3000), "too_large"),
    "large": (answer(b"x" * 1_200_000), "too_large"),
    "gzip bomb": (answer(gzip.compress(bytes(50_000_000)), "Content-Encoding: gzip"), "too_large"),
    "deflate bomb": (answer(zlib.compress(bytes(50_000_000)), "Content-Encoding: deflate"), "too_large"),
    "bomb of members": (answer(gzip.compress(bytes(9_000)) * 9_000, "Content-Encoding: gzip"), "too_large"),
    "nested encodings": (answer(gzip.compress(gzip.compress(PAGE)), "Content-Encoding: gzip, gzip"), "bad_encoding"),
    "unknown encoding": (answer(PAGE, "Content-Encoding: br"), "bad_encoding"),
    "untrue encoding": (answer(PAGE, "Content-Encoding: gzip"), "bad_encoding"),
    "untrue deflate": (answer(b"\xff" * 99, "Content-Encoding: deflate"), "bad_encoding"),
    "damaged gzip": (answer(gzip.compress(PAGE)[:-8] + bytes(8), "Content-Encoding: gzip"), "bad_encoding"),
    "truncated gzip": (answer(gzip.compress(PAGE * 99)[:-12], "Content-Encoding: gzip"), "truncated_body"),
    "truncated body": (answer(PAGE, length=len(PAGE) + 1), "truncated_body"),
    "overlong body": (answer(PAGE, length=len(PAGE) - 1), "truncated_body"),
    "truncated chunks": (HEAD[:-2] + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", "truncated_body"),
    "two lengths": (answer(PAGE, "Content-Length: 3"), "protocol_error"),
    "nested transfer": (answer(PAGE, "Transfer-Encoding: gzip, chunked"), "protocol_error"),
    "no http": (b"SSH-2.0-OpenSSH\r\n\r\n", "protocol_error"),
    "nothing": (b"", "protocol_error"),
    "nul in header": (b"HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n", "protocol_error"),
    "redirect to itself": (answer(b"", "Location: /a", status="301 x"), "redirect_loop"),
    "redirect without target": (answer(b"", status="301 x"), "http_error"),
    "redirect to a file": (answer(b"", "Location: file:///etc/passwd", status="301 x"), "bad_url"),
    "redirect to nonsense": (answer(b"", "Location: http://a b/", status="301 x"), "bad_url"),
    "redirect with a password": (answer(b"", "Location: http://u:p@site.example/", status="301 x"), "bad_url"),
    "redirect to port 0": (answer(b"", "Location: http://site.example:70000/", status="301 x"), "bad_url"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_server(site, name):
    """Whatever a server does to one page ends in a named drop, in bounded time, and costs no other page."""
    page, expected = HOSTILE[name]
    site.pages["/a"] = page
    site.pages["/b"] = answer(PAGE)
    started = time.monotonic()
    found, after = get(site, "/a", "/b", wall_seconds=0.6, max_wire=1_000_000, max_body=2_000_000)
    assert time.monotonic() - started < 2
    assert reason(found) == expected
    assert after.capture.body == PAGE


def test_memory_of_a_bomb(site):
    """A body that unpacks a thousandfold is given up when the bound is reached, not after it is unpacked."""
    site.pages["/a"] = answer(gzip.compress(bytes(200_000_000), 1), "Content-Encoding: gzip")
    tracemalloc.start()
    (found,) = get(site, "/a", max_body=2_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reason(found) == "too_large"
    assert peak < 12_000_000


def test_redirect_loops_and_chains(site):
    """A loop is seen when it closes, a chain of 50 after ten steps."""
    for n in range(51):
        site.pages[f"/{n}"] = answer(b"", f"Location: /{n + 1}", status="302 x")
    site.pages["/x"] = answer(b"", "Location: http://other.example/y", status="302 x")
    site.pages["/y"] = answer(b"", "Location: http://site.example/x", status="302 x")
    chain, loop = get(site, "/0", "/x")
    assert reason(chain) == "too_many_redirects"
    assert reason(loop) == "redirect_loop"
    assert len([path for path in site.paths if path not in ("/x", "/y")]) == 11


def test_leaving_early(site):
    """Whoever stops iterating is not kept waiting by what is under way."""
    under_way = threading.Event()

    def endless(_):
        under_way.set()
        return drip(b"x")

    def second(_):
        assert under_way.wait(20)
        return answer(PAGE)

    site.pages |= {"/a": second, "/b": endless}
    requests = [fetch.Request(url=f"http://{host}.example/{host}") for host in "ab"]
    results = fetch.fetch_all(requests, settings(site, wall_seconds=30), fetch.Memory())
    next(results)
    results.close()
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("fetch")]
    for thread in threads:
        thread.join(10)  # a third of the time that the page without end might take
    assert not any(thread.is_alive() for thread in threads)


# addresses


@contextmanager
def listener() -> Iterator[Site]:
    """A server in the private network, which must see no connection."""
    inside = Site()
    inside.pages["/secret"] = inside.pages["/robots.txt"] = answer(b"secret")
    try:
        yield inside
        time.sleep(0.02)
        assert inside.connections == 0
    finally:
        inside.socket.close()


PRIVATE_HOSTS = [
    "127.0.0.1", "localhost", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "127.1", "127.0.0.1.",
    "0.0.0.0", "0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[::127.0.0.1]", "１２７.0.0.1", "127。0。0。1", "169.254.169.254",
    "10.0.0.1", "[fe80::1]", "[fd00::1]",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_private_address(site, host):
    """No request and no redirect, in whatever form the address is written, opens a connection to a private address."""
    with listener() as inside:
        url = f"http://{host}:{inside.port}/secret"
        direct = fetch.fetch_all([fetch.Request(url=url)], settings(site), fetch.Memory())
        site.pages["/a"] = answer(b"", f"Location: {url.encode().decode('latin-1')}", status="302 x")
        (redirected,) = get(site, "/a")
        assert [reason(found) for found in (*direct, redirected)] == ["address_not_public"] * 2


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["93.184.215.14", "127.0.0.1"],
        ["127.0.0.1", "93.184.215.14"],
        ["::1"],
        ["fe80::1%lo"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
    ],
)
def test_names_that_resolve_to_private_addresses(site, monkeypatch, addresses):
    """One private address among those of a name is enough for no connection at all."""
    opened = []
    rows = [(socket.AF_INET6 if ":" in ip else socket.AF_INET, 1, 6, "", (ip, 80)) for ip in addresses]
    monkeypatch.setattr(fetch.socket, "getaddrinfo", lambda *_, **__: rows)
    monkeypatch.setattr(fetch.socket, "create_connection", lambda *to, **_: opened.append(to))
    request = fetch.Request(url="http://harmless.test/secret")
    (found,) = fetch.fetch_all([request], settings(site), fetch.Memory())
    assert reason(found) == "address_not_public"
    assert opened == []


def test_rebinding(site, monkeypatch):
    """A name is resolved once for each connection, and the judged address is the one connected to."""
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    opened = []

    def resolve(host, port, **_):
        return [(socket.AF_INET, 1, 6, "", (ip, port)) for ip in next(answers)]

    def connect(target, _seconds):
        opened.append(target)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(fetch.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(fetch.socket, "create_connection", connect)
    requests = [fetch.Request(url="http://rebind.test/a"), fetch.Request(url="http://rebind.test/b")]
    found = list(fetch.fetch_all(requests, settings(site), fetch.Memory()))
    assert {reason(one) for one in found} == {"connect_failed"}
    assert opened == [("93.184.215.14", 80)]


def test_operator_may_allow(site):
    """An address, network or host that the operator names may be private."""
    site.pages["/a"] = answer(PAGE)
    for name in ("127.0.0.1", "127.0.0.0/8", "localhos*"):
        request = fetch.Request(url=f"http://localhost:{site.port}/a")
        (found,) = fetch.fetch_all([request], settings(site, allow_private=(name, "::1")), fetch.Memory())
        assert found.capture.body == PAGE


def test_rules():
    """A resolve rule is HOSTGLOB=IP:PORT; anything else is a usage error that quotes it."""
    assert fetch.rule("*.example=[::1]:80") == fetch.Rule(host="*.example", ip="::1", port=80)
    for text in ("", "*.example", "a=127.0.0.1", "a=site:80", "=127.0.0.1:80", "a=127.0.0.1:0", "a=127.0.0.1:x"):
        with pytest.raises(UsageError, match="resolve rule"):
            fetch.rule(text)


def test_the_environment_is_not_asked(site, monkeypatch):
    """A proxy in the environment is not used."""
    with listener() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        site.pages["/a"] = answer(PAGE)
        assert get(site, "/a")[0].capture.body == PAGE


# connections that fail


def test_connections_that_fail(site, monkeypatch):
    """A name that does not resolve, a port that refuses, a server without TLS, a resolver that hangs: each by name."""

    asked = socket.getaddrinfo

    def resolve(host, port, *further, **named):
        if host == "127.0.0.1":
            return asked(host, port, *further, **named)
        if host == "missing.test":
            raise socket.gaierror(-2, "Name or service not known")
        if host == "empty.test":
            return []
        time.sleep(1)
        return []

    monkeypatch.setattr(fetch.socket, "getaddrinfo", resolve)
    free = socket.create_server(("127.0.0.1", 0))
    closed = free.getsockname()[1]
    free.close()
    found = get(
        site, "http://missing.test/", "http://empty.test/", "http://refused.test/", "https://plain.example/",
        "http://slow.test/", "ftp://site.example/", "nonsense://", "http://:80/", "http://a:99999/",
        resolve=(fetch.rule(f"refused.test=127.0.0.1:{closed}"), fetch.rule(f"plain.example=127.0.0.1:{site.port}")),
        connect_seconds=0.2, wall_seconds=0.5,
    )  # fmt: skip
    assert [reason(one) for one in found] == [
        "name_not_resolved", "name_not_resolved", "connect_failed", "tls_failed", "timeout",
        "bad_url", "bad_url", "bad_url", "bad_url",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and a certificate for site.example that nobody vouches for."""
    folder = tmp_path_factory.mktemp("tls")
    key, made = folder / "key", folder / "certificate"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=site.example", "-addext", "subjectAltName=DNS:site.example"]
    try:
        subprocess.run([*command, "-keyout", key, "-out", made], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no openssl program to make a certificate with")
    return key, made


@pytest.fixture
def secure(certificate) -> Iterator[Site]:
    """A server that speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1], certificate[0])
    running = Site(tls=context)
    running.pages["/a"] = answer(PAGE)
    yield running
    running.socket.close()


def test_tls_certificates_are_checked(secure):
    """A certificate that nobody vouches for is refused before anything is asked."""
    (found,) = get(secure, "https://site.example/a")
    assert reason(found) == "tls_failed"
    assert "certificate" in found.detail
    assert secure.asked == []


def test_tls(secure, certificate, monkeypatch):
    """Over TLS the certificate is that of the name, though the connection goes to an address."""
    monkeypatch.setattr(fetch, "_tls", lambda: ssl.create_default_context(cafile=certificate[1]))
    found, other = get(secure, "https://site.example/a", "https://other.example/a")
    assert found.capture.body == PAGE
    assert reason(other) == "tls_failed"
    assert {host for host, _, _ in secure.asked} == {"site.example"}


def test_imports_stay_light():
    """httpx is loaded with ingest.fetch only."""
    code = (
        "import sys, ingest, ingest.seeds, ingest.discover, ingest.robots, ingest.address, ingest.warc, ingest.demo\n"
    )
    code += "print([m for m in ('httpx', 'httpcore', 'feedparser', 'lxml', 'warcio', 'protego') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout == b"[]\n"
