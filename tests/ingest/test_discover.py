"""Feeds, sitemaps and section pages to URLs; URL identity."""

import gzip
import time
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import discover

BASE = "https://site.example/feeds/all.xml"

RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>The Lighthouse</title><link>https://site.example/</link>
<item><title>Лоцман: «Фарватер открыт»</title><link>https://site.example/news/1?utm_source=rss&amp;id=7</link>
 <pubDate>Mon, 05 Jan 2026 10:00:00 +0300</pubDate><description>&lt;p&gt;Long text&lt;/p&gt;</description></item>
<item><title><![CDATA[Fish & chips &nbsp;<b>up</b>]]></title><guid isPermaLink="true">https://site.example/news/2</guid></item>
<item><title>No link at all</title></item>
<item><title>Relative</title><link>/news/3</link></item>
<item><title>Again</title><link>http://www.site.example/news/3/</link></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Φάρος</title>
<entry><title type="html">&lt;i&gt;Λιμάνι&lt;/i&gt;</title>
<link rel="self" href="/e/1.xml"/><link rel="alternate" href="/e/1.html"/>
<published>2026-01-05T08:00:00+02:00</published><updated>2026-01-06T00:00:00Z</updated>
<content type="html">x</content></entry>
</feed>"""

SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://site.example/a </loc><lastmod>2026-01-05</lastmod>
<image:image><image:loc>https://site.example/a.jpg</image:loc><image:title>A picture</image:title></image:image>
<news:news><news:publication><news:name>The Lighthouse</news:name></news:publication>
<news:publication_date>2026-01-04T23:30:00+02:00</news:publication_date><news:title>A headline</news:title></news:news>
</url>
<url><loc>https://site.example/b</loc><lastmod>yesterday</lastmod></url>
<url><loc>javascript:alert(1)</loc></url>
</urlset>"""

INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://site.example/1.xml.gz</loc><lastmod>2026-01-05T00:00Z</lastmod></sitemap>
<sitemap><loc>https://site.example/2.xml</loc></sitemap></sitemapindex>"""


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "koi8-r", "utf-16"])
def test_rss(encoding):
    """RSS: titles without markup, guid as link, relative links, tracking removed, one page once, times in UTC."""
    found = discover.links(RSS.format(encoding=encoding).encode(encoding, "xmlcharrefreplace"), BASE, "feed")
    assert [entry.url for entry in found] == [
        "https://site.example/news/1?id=7",
        "https://site.example/news/2",
        "https://site.example/news/3",
    ]
    assert found[0].title == "Лоцман: «Фарватер открыт»"
    assert found[0].published == datetime(2026, 1, 5, 7, tzinfo=UTC)
    assert found[1].title == "Fish & chips up"
    assert found[2].published is None


@pytest.mark.parametrize(
    ("real", "declared", "said"),
    [
        ("windows-1251", "utf-8", "windows-1251"),
        ("windows-1251", "windows-1251", "utf-8"),
        ("windows-1251", "utf-8", None),
        ("utf-8", "windows-1251", None),
        ("utf-8", "utf-8", "windows-1251"),
        ("utf-8", "utf-8", "us-ascii"),
        ("utf-8", "utf-8", "no-such-charset"),
        ("utf-16-le", "utf-16", None),
        ("utf-8-sig", "windows-1251", "koi8-r"),
    ],
)
def test_wrong_charsets(real, declared, said):
    """What the server or the declaration says is believed only where the bytes agree."""
    body = RSS.format(encoding=declared).replace("Relative", "Лоцманы и капитаны вышли в море рано утром").encode(real)
    found = discover.links(body, BASE, "feed", said)
    assert found[0].title == "Лоцман: «Фарватер открыт»"


def test_a_few_broken_bytes():
    """UTF-8 with a broken letter stays UTF-8."""
    body = RSS.format(encoding="utf-8").encode().replace("Лоцман".encode(), "Лоцман".encode()[:-1])
    assert discover.links(body, BASE, "feed")[0].title == "Лоцма\ufffd: «Фарватер открыт»"


def test_links_that_are_no_urls_are_reported():
    """An entry without a usable link is in the listing's ``bad``, not lost in silence."""
    assert discover.listing(RSS.format(encoding="utf-8").encode(), BASE, "feed").bad == ("",)
    assert discover.listing(SITEMAP.encode(), BASE, "sitemap").bad == ("javascript:alert(1)",)


def test_atom():
    """Atom: the alternate link, both times, an escaped title."""
    (entry,) = discover.links(ATOM.encode(), BASE, "feed")
    assert entry == discover.Found(
        url="https://site.example/e/1.html",
        title="Λιμάνι",
        published=datetime(2026, 1, 5, 6, tzinfo=UTC),
        modified=datetime(2026, 1, 6, tzinfo=UTC),
    )


def test_atom_title_in_xhtml():
    """A title in XHTML is its words; the title and link of an entry's <source> are not the entry's."""
    xhtml = '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>bold</b> title</div></title>'
    source = '<source><title>Elsewhere</title><link href="http://other.example/"/></source>'
    body = ATOM.replace('<title type="html">&lt;i&gt;Λιμάνι&lt;/i&gt;</title>', source + xhtml).encode()
    (entry,) = discover.links(body, BASE, "feed")
    assert (entry.title, entry.url) == ("A bold title", "https://site.example/e/1.html")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("?utm_source=rss&amp;id=7", "?utm_source=rss&id=7"),
        ("<title>The", "<title>&laquo;&nbsp;&bogus; The"),
        ("</channel></rss>", ""),
        ('<?xml version="1.0" encoding="utf-8"?>', '\ufeff\n <?xml version="1.0" encoding="utf-8"?>\n'),
        ("<title>No link at all", "<title>\x0b\x00\ufffeNo link"),
        ("<title>No link", "<title>No <b> link"),
        (" xmlns:dc=", " xmlns:other="),
        ('<rss version="2.0"', '<!DOCTYPE rss [<!ENTITY x "y"> ]><rss version="2.0"'),
        (
            '<rss version="2.0"',
            '<!DOCTYPE rss PUBLIC "-//N//DTD RSS//EN" "http://127.0.0.1:1/rss.dtd"><rss version="2.0"',
        ),
    ],
)
def test_broken_feeds_are_mended(before, after):
    """A bare ampersand, HTML's entities, a missing end, control characters: the links are still found."""
    text = RSS.format(encoding="utf-8").replace(before, after)
    assert after in text or not after
    assert [entry.url for entry in discover.links(text.encode(), BASE, "feed")][:2] == [
        "https://site.example/news/1?id=7",
        "https://site.example/news/2",
    ]


def test_json_feed():
    """JSON Feed: url, else id; odd entries cost nothing."""
    body = b"""{"version": "https://jsonfeed.org/version/1.1", "items": [
      {"id": "https://site.example/1", "title": "One", "date_published": "2026-01-05T10:00:00+02:00"},
      {"id": "2", "url": "/two", "date_published": 17, "title": null}, "nonsense"]}"""
    one, two = discover.links(body, BASE, "feed")
    assert (one.url, one.published) == ("https://site.example/1", datetime(2026, 1, 5, 8, tzinfo=UTC))
    assert (two.url, two.title, two.published) == ("https://site.example/two", None, None)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_sitemap(pack):
    """Sitemap: the page's own loc, the news title and date; also packed."""
    a, b = discover.links(pack(SITEMAP.encode()), BASE, "sitemap")
    assert a == discover.Found(
        url="https://site.example/a",
        title="A headline",
        published=datetime(2026, 1, 4, 21, 30, tzinfo=UTC),
        modified=datetime(2026, 1, 5, tzinfo=UTC),
    )
    assert (b.url, b.modified) == ("https://site.example/b", None)


def test_sitemap_index():
    """An index lists sitemaps, marked as such."""
    found = discover.links(INDEX.encode(), BASE, "sitemap")
    assert [(entry.url, entry.is_index) for entry in found] == [
        ("https://site.example/1.xml.gz", True),
        ("https://site.example/2.xml", True),
    ]


def test_other_sitemaps():
    """A text file of URLs and a feed may stand in the place of a sitemap."""
    text = discover.links(b"https://site.example/1\r\nhttps://site.example/2\n", BASE, "sitemap")
    assert [entry.url for entry in text] == ["https://site.example/1", "https://site.example/2"]
    assert len(discover.links(RSS.format(encoding="utf-8").encode(), BASE, "sitemap")) == 3


def test_section():
    """A section page gives links that look like articles of its own site."""
    page = b"""<html><head><meta charset=utf-8></head><body>
    <nav><a href="/">Home</a><a href="/politics/">All of politics</a></nav>
    <a href="/politics/2026/01/harbour-opens-again-today">Harbour opens <b>again</b></a>
    <a href="https://m.site.example/politics/2026/01/harbour-opens-again-today">Harbour opens again</a>
    <a href="/a/12345.html">12345</a><a href="https://other.example/2026/01/x-y-z-w">Another site's story</a>
    <a href="/read-more-about-us-here">Read more</a><a href="http://[bad">Broken link here</a></body></html>"""
    found = discover.links(page, "https://www.site.example/politics/", "section")
    assert [(entry.url, entry.title) for entry in found] == [
        ("https://www.site.example/politics/2026/01/harbour-opens-again-today", "Harbour opens again"),
        ("https://www.site.example/read-more-about-us-here", "Read more"),
    ]


@pytest.mark.parametrize("kind", ["feed", "sitemap"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"plain words",
        b"<html><body>404</body></html>",
        b"\x89PNG\r\n\x1a\n\0\0",
        b"{}",
        b'{"items": 3}',
        b"[" * 100_000,
        b"{" * 100_000,
        gzip.compress(b"x" * 100)[:-20],
        b"\x1f\x8b\x08garbage",
        gzip.compress(bytes(60_000_000), 1),
        b"<!DOCTYPE rss [" + b"<!ENTITY a 'b'>" * 10,
    ],
    ids=lambda body: repr(body[:12]) if isinstance(body, bytes) else body,
)
def test_unreadable(kind, body):
    """What is no listing, is torn, or unpacks to too much is said to be unreadable, with the reason for the Drop."""
    with pytest.raises(discover.UnreadableError) as caught:
        discover.links(body, BASE, kind)
    assert caught.value.reason == f"{kind}_unreadable"


LAUGHS = '<!DOCTYPE x [<!ENTITY a0 "ha"><!ENTITY e SYSTEM "file:///etc/hostname">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
) + "]>"  # fmt: skip


@pytest.mark.parametrize("entity", ["&a9;", "&e;"])
@pytest.mark.parametrize("kind", ["feed", "sitemap"])
def test_entities_are_harmless(kind, entity):
    """No entity is expanded, from inside or outside; the other entries are still found."""
    if kind == "feed":
        body = RSS.format(encoding="utf-8").replace("<rss", LAUGHS + "<rss", 1).replace("Relative", entity)
    else:
        body = SITEMAP.replace("<urlset", LAUGHS + "<urlset", 1).replace("A headline", entity)
    started = time.process_time()
    found = discover.links(body.encode(), BASE, kind)
    assert time.process_time() - started < 1
    assert "https://site.example/news/2" in [entry.url for entry in found] or "https://site.example/b" in [
        entry.url for entry in found
    ]
    assert "hahaha" not in repr(found)
    assert Path("/etc/hostname").read_text(encoding="utf-8").strip() not in [entry.title for entry in found]


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "&",
        "<![CDATA[",
        "<item>",
        "<!--",
        "<!DOCTYPE x [",
        "<a b='",
        "]]>",
        "&#",
        "<?x ",
        "<item><link>x</link>",
        "<a ",
        "<title>",
        "<item><title>&lt;",
    ],
)
@pytest.mark.parametrize("kind", ["feed", "sitemap", "section"])
def test_hostile_markup_is_linear(kind, piece):
    """A megabyte of any broken markup is read or refused within a few seconds."""
    start = "<rss><channel><item><link>http://site.example/1</link></item>" if kind == "feed" else "<urlset>"
    body = (start + piece * (1_000_000 // len(piece))).encode()
    started = time.process_time()
    with suppress(discover.UnreadableError):
        discover.links(body, BASE, kind)
    assert time.process_time() - started < 3


def test_memory_of_a_large_sitemap(monkeypatch):
    """A sitemap is read without its tree being kept, and what lies behind the bound is not listed."""
    monkeypatch.setattr(discover, "MAX_LINKS", 3_000)
    entry = b"<url><loc>https://site.example/%d</loc><x>" + b"y" * 1000 + b"</x></url>"
    body = b"<urlset>" + b"".join(entry % n for n in range(20_000)) + b"</urlset>"
    tracemalloc.start()
    found = discover.links(body, BASE, "sitemap")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) == 3_000
    assert peak < len(body) / 2


@given(st.binary(max_size=400), st.sampled_from(["feed", "sitemap", "section"]))
@settings(max_examples=60)
def test_any_bytes(body, kind):
    """Whatever arrives, it is a listing or unreadable."""
    for content in (body, b"<rss><channel>" + body, b"<urlset><url>" + body):
        with suppress(discover.UnreadableError):
            discover.links(content, BASE, kind)
