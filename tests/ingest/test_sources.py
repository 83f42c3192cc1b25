"""What a refresh remembers of its sources, and what `seeds check` says of them; against a small web on loopback."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest import demo, fetch, sources, warc
from ingest.records import Document, Drop, Outlet, Source
from ingest.store import Store
from tests.command import parsed, quoteline

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


PAGE = "<html><body><article><h1>{title}</h1>{prose}</article></body></html>"
PROSE = "".join(f"<p>The quay number {n} is open to every ferry again, the harbour office said.</p>" for n in range(6))


def saved(folder, name, title):
    """A page that somebody saved."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PAGE.format(title=title, prose=PROSE.replace("quay", title.lower())), encoding="utf-8")


def archived(path, *urls):
    """A WARC file as a crawler that is not ours makes it, gzip as a whole; a record in its middle is damaged."""
    records = []
    for number, url in enumerate(urls):
        body = PAGE.format(title=f"Pier {number}", prose=PROSE.replace("quay", f"pier {number}")).encode()
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-03-01T10:00:00Z\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
        )
        records.append(gzip.compress(head.encode() + block + b"\r\n\r\n"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(records[0] + gzip.compress(b"WARC/1.0\r\ntorn") + b"".join(records[1:]))


def test_warc_files_and_folders_are_sources(tmp_path):
    """Their pages come in with a refresh, each to the outlet that owns its host; a file is read again when it changes.

    Paths start at the folder of seeds; what cannot be read is a Drop each time and costs nothing else.
    """
    seeds = tmp_path / "seeds"
    (seeds / "outlets").mkdir(parents=True)
    sources_of = {"courier": [("folder", "saved"), ("warc", "crawl.warc.gz"), ("warc", "gone.warc.gz")], "pharos": []}
    (seeds / "outlets" / "xx.toml").write_text(
        "".join(
            f'[[outlet]]\nid = "{name}"\nname = "{name}"\ndomains = ["{name}.example"]\ncountry = "xx"\n'
            'language = "en"\nkind = "newspaper"\nrights = "full"\n'
            + "".join(f'[[outlet.source]]\nkind = "{kind}"\nurl = "../{path}"\n' for kind, path in declared)
            for name, declared in sources_of.items()
        ),
        encoding="utf-8",
    )
    saved(tmp_path / "saved", "march/quay.html", "Quay")
    saved(tmp_path / "saved", ".trash/old.html", "Old")
    urls = ("https://www.courier.example/pier", "https://news.pharos.example/pier", "https://stranger.example/pier")
    archived(tmp_path / "crawl.warc.gz", *urls)
    words = ("--corpus", str(tmp_path / "corpus"), "--seeds", str(seeds))

    assert quoteline("refresh", *words).returncode == 3
    with Store(tmp_path / "corpus") as corpus:
        assert sorted((d.url, d.outlet) for d in corpus.find(Document)) == [
            ("file:march/quay.html", "courier"), (urls[1], "pharos"), (urls[2], "stranger.example"),
            (urls[0], "courier"),
        ]  # fmt: skip
        lost = {(drop.stage, drop.reason) for drop in corpus.find(Drop)}
        assert lost == {("discover", "unreadable_file"), ("warc", "warc_damaged")}

    saved(tmp_path / "saved", "march/quay.html", "Mole")
    saved(tmp_path / "saved", "april/buoy.html", "Buoy")
    (tmp_path / "saved" / "film.html").touch()
    os.truncate(tmp_path / "saved" / "film.html", warc.MAX_RECORD + 1)
    again = parsed(quoteline("refresh", "--json", *words).stdout)[-1]
    assert (again["counts"]["fetched"], again["counts"]["clean_documents"]) == (2, 2)
    with Store(tmp_path / "corpus") as corpus:
        assert [Path(lost.record).name for lost in corpus.find(Drop) if lost.reason == "too_large"] == ["film.html"]
    third = parsed(quoteline("refresh", "--json", *words).stdout)[-1]
    assert (third["counts"].get("fetched"), third["counts"]["dropped"], third["exit_code"]) == (0, 1, 3)
    states = parsed(quoteline("seeds", "check", "--json", "--seeds", str(seeds)).stdout)
    assert [(one["state"], one["pages"]) for one in states] == [("ok", 3), ("ok", 1), ("dead", 0)]
