"""What a refresh remembers of its sources, and what `seeds check` says of them; against a small web on loopback."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest import demo, fetch, sources
from ingest.records import Drop, Outlet, Source
from ingest.store import Store
from tests.command import quoteline

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Courier</title>
<item><title>Quay opens</title><link>http://courier.example/quay.html</link>
<pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate></item>
<item><title>Quay opens</title><link>http://www.courier.example/quay.html</link></item></channel></rss>"""
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def outlet(*names):
    """An outlet with feeds of these names."""
    feeds = tuple(Source(kind="feed", url=f"http://courier.example/{name}", checked=None) for name in names)
    return Outlet(
        id="courier", name="Courier", domains=("courier.example",), country="xx", language="en", kind="newspaper",
        rights="full", delay=0.0, sources=feeds,
    )  # fmt: skip


@pytest.fixture
def web(tmp_path):
    """A folder that is served as courier.example, and the settings that lead there."""
    folder = tmp_path / "web" / "courier.example"
    folder.mkdir(parents=True)
    with demo.serve(tmp_path / "web") as served:
        yield folder, fetch.Settings(resolve=(fetch.rule(served.resolve_rule),), default_delay=0.0, attempts=1)


def found(corpus, settings, now, *names):
    """What a refresh at this instant finds: the pages, and the number of sources that failed."""
    return sources.find_pages(corpus, [outlet(*names)], settings, run=None, clock=lambda: now, progress=lambda *_: None)


def test_a_source_that_keeps_failing_is_asked_less_and_less(web, tmp_path):
    """It rests an hour, two, four; what it listed still counts; once it works all is forgotten."""
    folder, settings = web
    with Store(tmp_path / "corpus") as corpus:
        (folder / "feed.xml").write_text(FEED, encoding="utf-8")
        assert list(found(corpus, settings, START, "feed.xml")[0]) == ["http://courier.example/quay.html"]
        (folder / "feed.xml").unlink()
        now = START
        for rest in (1, 2, 4):
            pages, failed = found(corpus, settings, now, "feed.xml")
            assert (len(pages), failed) == (1, 1)
            early = now + timedelta(hours=rest) - timedelta(minutes=1)
            assert found(corpus, settings, early, "feed.xml")[1] == 1
            dropped = [drop for drop in corpus.find(Drop) if drop.reason == "retry_later"]
            assert any(f"{now + timedelta(hours=rest):%H:%M}" in drop.detail for drop in dropped)
            now += timedelta(hours=rest)
        (folder / "feed.xml").write_text(FEED, encoding="utf-8")
        assert found(corpus, settings, now, "feed.xml")[1] == 0
        assert corpus.count("SELECT count(*) FROM failing") == 0


def test_a_mark_from_a_wrong_clock_holds_nothing_up(web, tmp_path):
    """A source that is to rest for longer than sources ever rest is asked."""
    folder, settings = web
    with Store(tmp_path / "corpus") as corpus:
        assert found(corpus, settings, START + timedelta(days=3650), "feed.xml")[1] == 1
        (folder / "feed.xml").write_text(FEED, encoding="utf-8")
        assert found(corpus, settings, START, "feed.xml")[1] == 0


def test_every_run_that_fails_says_so(web, tmp_path):
    """Exit code 3 each time, though the second failure is the same Drop as the first."""
    _, settings = web
    rule = settings.resolve[0]
    seeds = tmp_path / "seeds" / "outlets"
    seeds.mkdir(parents=True)
    (seeds / "xx.toml").write_text(
        '[[outlet]]\nid = "courier"\nname = "Courier"\ndomains = ["courier.example"]\ncountry = "xx"\nlanguage = "en"\n'
        'kind = "newspaper"\nrights = "full"\ndelay = 0.0\n'
        '[[outlet.source]]\nkind = "feed"\nurl = "http://courier.example/gone.xml"\nchecked = ""\n',
        encoding="utf-8",
    )
    words = ("--corpus", str(tmp_path / "corpus"), "--seeds", str(seeds.parent))
    resolve = ("--resolve", f"{rule.host}={rule.ip}:{rule.port}")
    assert [quoteline("refresh", *words, *resolve).returncode for _ in range(3)] == [3, 3, 3]
    assert "http_error, 1 in a row" in quoteline("status", "--corpus", str(tmp_path / "corpus")).stdout


def test_of_twins_the_same_one_is_fetched_whoever_answers_first(web, tmp_path):
    """The address asked for does not depend on the order in which the twins are listed."""
    folder, settings = web
    items = FEED.split("<item>")
    back = "<item>".join([items[0], items[2].replace("</channel></rss>", ""), items[1] + "</channel></rss>"])
    for number, text in enumerate((FEED, back)):
        (folder / "feed.xml").write_text(text, encoding="utf-8")
        with Store(tmp_path / f"corpus{number}") as corpus:
            assert list(found(corpus, settings, START, "feed.xml")[0]) == ["http://courier.example/quay.html"]


def test_sources_are_checked_by_trying_them(web):
    """One that lists pages is ok, one without entries empty, one that is no feed or not there dead."""
    folder, settings = web
    (folder / "good.xml").write_text(FEED, encoding="utf-8")
    (folder / "empty.xml").write_text(FEED[: FEED.index("<item>")] + "</channel></rss>", encoding="utf-8")
    (folder / "page.xml").write_text("<html><body>Moved away</body></html>", encoding="utf-8")
    names = ("good.xml", "empty.xml", "page.xml", "gone.xml")
    checks = {
        c.source.rpartition("/")[2]: c for c in sources.check_sources([outlet(*names)], settings, clock=lambda: START)
    }
    assert {name: check.state for name, check in checks.items()} == {
        "good.xml": "ok", "empty.xml": "empty", "page.xml": "dead", "gone.xml": "dead",
    }  # fmt: skip
    assert checks["good.xml"].newest == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert checks["gone.xml"].detail == "http_error 404"
