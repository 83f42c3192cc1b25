"""The manners of the fetcher, with exchanges made up: whatever is answered, the rules hold."""

import random
import time
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import crawl
from ingest.records import Drop

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
KINDS = ["page", "page", "same", "gone", "busy", "slow down", "moved", "elsewhere", "timeout", "refused", "surprise"]


@given(
    pages=st.sets(st.tuples(st.sampled_from("abcd"), st.integers(0, 12)), max_size=30),
    seed=st.integers(0, 2**32),
    robots=st.sampled_from(["", "User-agent: *\nDisallow: /1", "User-agent: *\nCrawl-delay: 900"]),
)
@settings(max_examples=40, deadline=None)
def test_one_result_for_each_request(pages, seed, robots):
    """Whatever servers answer, every request has one result, no host is asked twice at a time, no rule is broken."""
    busy: list[str] = []
    asked: list[str] = []
    wrong: list[str] = []
    closed: set[str] = set()  # hosts whose rules were read

    class Exchange:
        def __init__(self, url, headers, seconds, cut):
            self.url, self.cut = url, cut

        def abandon(self):
            raise AssertionError("nobody left early")

        def run(self):
            host = self.url.split("/")[2]
            if host in busy or (host in closed and "/1" in self.url and "Disallow" in robots):
                wrong.append(self.url)
            busy.append(host)
            asked.append(self.url)
            chance = random.Random(f"{seed} {self.url} {asked.count(self.url)}")
            kind = chance.choice(KINDS)
            time.sleep(0.0005)
            busy.remove(host)
            if self.cut and kind in ("moved", "elsewhere"):  # it may lead to a host whose own was not asked for
                kind = "page"
            if self.cut and kind == "page":
                closed.add(host)
            if kind == "timeout":
                raise crawl.FailedError("timeout", again=True)
            if kind == "refused":
                raise crawl.FailedError("connect_failed")
            if kind == "surprise":
                raise ZeroDivisionError
            status = {"page": 200, "same": 304, "gone": 404, "busy": 503, "slow down": 429}.get(kind, 302)
            there = {"moved": f"/{chance.randrange(14)}", "elsewhere": f"http://{chance.choice('abcde')}.example/2"}
            headers = {"location": there[kind]} if kind in there else {}
            return crawl.Answer(status, headers, robots.encode() if self.cut else b"x")

    requests = [crawl.Request(url=f"http://{host}.example/{number}", etag="e") for host, number in pages]
    made = crawl.Settings(default_delay=0.0, backoff=0.0001)
    found = list(crawl.crawl(requests, made, crawl.Memory(), {}, lambda: NOW, Exchange))
    names = [
        one.record
        if isinstance(one, Drop)
        else one.request.url
        if isinstance(one, crawl.NotModified)
        else one.capture.url
        for one in found
    ]
    assert sorted(names) == sorted(request.url for request in requests)
    assert wrong == []
    hosts_asked = {url.split("/")[2] for url in asked if url.endswith("/robots.txt")}
    assert {url.split("/")[2] for url in asked} == hosts_asked
