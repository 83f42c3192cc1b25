"""robots.txt, by RFC 9309."""

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import robots

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/robots.toml").read_text(encoding="utf-8"))["case"]
AGENT = "quoteline/0.1 (news provenance research)"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_rules(case):
    """Groups, precedence, wildcards and encodings are read as RFC 9309 says."""
    rules = robots.Rules(200, case["body"].encode())
    assert [path for path in case["allowed"] if not rules.allows(f"https://site.example{path}", AGENT)] == []
    assert [path for path in case["refused"] if rules.allows(f"https://site.example{path}", AGENT)] == []


@pytest.mark.parametrize(
    ("status", "allowed"), [(301, True), (400, True), (404, True), (429, True), (500, False), (503, False)]
)
def test_status(status, allowed):
    """4xx means that there are no rules, 5xx that nothing may be asked for."""
    body = b"User-agent: *\nDisallow: /" if allowed else b""
    assert robots.Rules(status, body).allows("https://site.example/news", AGENT) is allowed


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 7", 7.0),
        ("User-agent: *\nCrawl-delay: 0.5", 0.5),
        ("User-agent: *\nCrawl-delay: soon", 0.0),
        ("User-agent: *\nCrawl-delay: -3", 0.0),
        ("User-agent: *\nCrawl-delay: inf", 0.0),
        ("User-agent: *\nRequest-rate: 1/10", 10.0),
        ("User-agent: other\nCrawl-delay: 9", 0.0),
        ("", 0.0),
    ],
)
def test_delay(body, seconds):
    """Crawl-delay and Request-rate are seconds between two requests; nonsense is no delay."""
    assert robots.Rules(200, body.encode()).delay(AGENT) == seconds


def test_cap():
    """Of five megabytes 500 KiB are read, and no rule is made of a line that the cap cuts in two."""
    body = b"User-agent: *\nDisallow: /early\n" + b"Disallow: /filler-path-of-some-length\n" * 140_000
    rules = robots.Rules(200, body + b"Disallow: /late\n")
    assert not rules.allows("https://site.example/early", AGENT)
    assert rules.allows("https://site.example/late", AGENT)
    assert rules.allows("https://site.example/fil", AGENT)


@pytest.mark.parametrize(
    "line",
    [
        b"User-agent: a%d\n",
        b"User-agent a%d\n",
        b"User-agent: quoteline\nUser-agent: *\n",
        b"Disallow: /*a*a*a*a*a*b\n",
        b"User-agent: *\nDisallow: /%d$\n",
    ],
)
def test_hostile_files_are_cheap(line):
    """Many agents, many groups and many wildcards are answered within two seconds."""
    lines = b"".join(line % n if b"%d" in line else line for n in range(20_000)) + b"Disallow: /x\n" * 20_000
    started = time.process_time()
    robots.Rules(200, b"User-agent: *\n" + lines).allows("https://site.example/" + "a" * 2000, AGENT)
    assert time.process_time() - started < 2


@given(st.binary(max_size=300), st.sampled_from([200, 404, 503]))
def test_any_bytes(body, status):
    """Whatever a server sends, there is an answer."""
    rules = robots.Rules(status, body)
    assert rules.allows("https://site.example/x", AGENT) in (True, False)
    assert rules.delay(AGENT) >= 0
