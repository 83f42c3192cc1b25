"""Feed, sitemap or section page to URLs, and what makes two URLs the same page.

Pure and bounded. Everything goes through lxml first, which loads no DTD, expands no entity, opens no connection, and
mends what is not well-formed; feedparser then sees small, clean XML, so that its own mending parser, whose cost is
quadratic on broken markup, is never entered.
"""

from __future__ import annotations

import calendar
import html
import html.entities
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from msgspec import DecodeError, Struct, json

from ingest.jsonl import instant
from ingest.records import Reason, SourceKind
from ingest.urls import MAX_URL, canonical_url, same_page, site_of, twin_order

if TYPE_CHECKING:
    import time

    from lxml import etree

MAX_BYTES = 50 * 1024 * 1024  # sitemaps.org: a sitemap has at most 50 MB, uncompressed
MAX_FEED_BYTES = 16 * 1024 * 1024
MAX_ENTRIES = 5_000  # of a feed: feeds list tens to hundreds
MAX_LINKS = 50_000  # sitemaps.org: and at most 50,000 URLs
_MAX_TITLE = 1000


class Found(Struct, frozen=True, kw_only=True):
    """A URL that a source lists, canonical, with what the source says of it. ``is_index``: it is a sitemap itself."""

    url: str
    title: str | None = None
    published: datetime | None = None
    modified: datetime | None = None
    is_index: bool = False


class Listing(Struct, frozen=True, kw_only=True):
    """What a source lists: the pages, once each, in its order; and the links that are not usable URLs."""

    found: tuple[Found, ...] = ()
    bad: tuple[str, ...] = ()


class UnreadableError(ValueError):
    """The bytes are not a listing of the expected kind; ``reason`` is for the Drop."""

    def __init__(self, reason: Reason, why: str) -> None:
        self.reason = reason
        super().__init__(why)


def links(body: bytes, url: str, kind: SourceKind, charset: str | None = None) -> tuple[Found, ...]:
    """Return the pages that a source lists; see ``listing``."""
    return listing(body, url, kind, charset).found


def listing(body: bytes, url: str, kind: SourceKind, charset: str | None = None) -> Listing:
    """Read a feed (RSS, Atom, JSON Feed), a sitemap or sitemap index (XML, gzip or text), or a section page.

    ``url`` is where the body came from, for relative links; ``charset`` is what the server said. Pages that are the
    same (``same_page``) are listed once, the first by ``twin_order``. Raises UnreadableError, also for an empty body
    or one that is too large.
    """
    reason: Reason = "sitemap_unreadable" if kind == "sitemap" else "feed_unreadable"
    plain = _inflated(body, reason)
    if not plain.strip():
        raise UnreadableError(reason, "empty")
    if kind == "sitemap":
        return _listing(_sitemap(plain, charset), url)
    if kind == "section":
        return _listing(_section(plain, url, charset), url)
    if kind == "feed":
        return _listing(_feed(plain, charset), url)
    raise UnreadableError(reason, f"a {kind} is not listed from bytes")


def _listing(entries: Iterable[Found], base: str) -> Listing:
    """Make the URLs of entries absolute and canonical; drop repetitions."""
    found: dict[str, Found] = {}
    bad: list[str] = []
    for number, entry in enumerate(entries):
        if number >= MAX_LINKS:
            break
        link = entry.url.strip()
        try:
            url = canonical_url(urljoin(base, link) if 0 < len(link) <= MAX_URL else link)
        except ValueError:
            bad.append(entry.url[:MAX_URL])
            continue
        key = url if entry.is_index else same_page(url)  # a child sitemap is fetched as named; only pages have twins
        if key not in found or twin_order(url) < twin_order(found[key].url):
            found[key] = Found(
                url=url,
                title=_title(entry.title),
                published=entry.published,
                modified=entry.modified,
                is_index=entry.is_index,
            )
    return Listing(found=tuple(found.values()), bad=tuple(bad))


def _title(text: str | None) -> str | None:
    """Markup and white space out of a title: feeds carry HTML there, escaped once or twice."""
    if not text:
        return None
    plain = html.unescape(re.sub(r"<[^<>]{0,300}>", " ", html.unescape(text[:_MAX_TITLE])))
    return " ".join(plain.split()) or None


def _inflated(body: bytes, reason: Reason) -> bytes:
    """Undo gzip, as of ``sitemap.xml.gz``; refuse what is larger than MAX_BYTES then, or torn."""
    if not body.startswith(b"\x1f\x8b"):
        plain = body
    else:
        inflater = zlib.decompressobj(31)
        try:
            plain = inflater.decompress(body, MAX_BYTES + 1)
        except zlib.error as error:
            raise UnreadableError(reason, f"gzip: {error}") from error
        if not inflater.eof and len(plain) <= MAX_BYTES:
            raise UnreadableError(reason, "gzip: cut short")
    limit = MAX_FEED_BYTES if reason == "feed_unreadable" else MAX_BYTES
    if len(plain) > limit:
        raise UnreadableError(reason, f"larger than {limit:,} bytes")
    return plain


# charset: BOM, then HTTP, then the declaration within; the first that fits, or a guess

_DECLARED = re.compile(rb"""\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_META = re.compile(rb"""<meta\b[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9._-]{1,40})""", re.IGNORECASE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def _text(body: bytes, charset: str | None) -> str:
    marked = [name for mark, name in _BOMS if body.startswith(mark)]
    # Text that is not all ASCII and yet valid UTF-8 is UTF-8, whatever a header says: no other encoding of news looks
    # like it by chance. UTF-16 without a mark is told apart by its zeros.
    first = marked or (["utf-8"] if not body.isascii() and b"\0" not in body[:4] else [])
    declared = _DECLARED.match(body) or _META.search(body, 0, 4096)
    for name in (*first, charset, declared.group(1).decode() if declared else None, "utf-8"):
        if name:
            with suppress(UnicodeDecodeError, LookupError, ValueError):
                return body.decode(name)
    mended = body.decode("utf-8", "replace")
    if mended.count("\ufffd") * 20 < len(body.translate(None, delete=bytes(range(128)))):
        return mended  # UTF-8 in which a few bytes are broken
    from charset_normalizer import from_bytes

    guess = from_bytes(body[:100_000]).best()
    return body.decode(guess.encoding, "replace") if guess else mended


# feeds


def _feed(body: bytes, charset: str | None) -> Iterator[Found]:
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return iter(_json_feed(body))
    return _xml_feed(body, charset)


def _json_feed(body: bytes) -> list[Found]:
    """JSON Feed 1.1 (jsonfeed.org)."""
    try:
        feed = json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (DecodeError, RecursionError) as error:
        raise UnreadableError("feed_unreadable", f"JSON: {error}") from error
    entries = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(entries, list):
        raise UnreadableError("feed_unreadable", "JSON without items")

    def said(entry: dict[str, Any], name: str) -> str:
        return value if isinstance(value := entry.get(name), str) else ""

    return [
        Found(
            url=said(entry, "url") or said(entry, "id"),
            title=said(entry, "title"),
            published=_instant(said(entry, "date_published")),
            modified=_instant(said(entry, "date_modified")),
        )
        for entry in entries
        if isinstance(entry, dict)
    ]


# All that a listing needs of a feed, in RSS 0.9 to 2.0 and Atom; Atom's <source> has a title and link of its own.
_ENTRIES = frozenset(("item", "entry"))
_WANTED = frozenset(
    """rss rdf channel feed item entry title link origlink guid id pubdate published updated modified issued created
    date""".split()  # noqa: SIM905 - reads better than twenty quoted words
)
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)(?:([A-Za-z][A-Za-z0-9]{1,31});)?")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _xml_feed(body: bytes, charset: str | None) -> Iterator[Found]:
    import feedparser

    root = _tree(_text(body, charset))
    if not any(_name(element) in ("item", "entry", "channel", "feed") for element in islice(root.iter(), 1000)):
        raise UnreadableError("feed_unreadable", f"<{_name(root)}> is not a feed")
    clean = _pruned(root)
    feed = feedparser.parse(
        io.BytesIO(clean),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    for entry in feed.entries:
        # dict.get: feedparser's own lookup answers "updated" with "published" when it has only that.
        link = dict.get(entry, "feedburner_origlink") or dict.get(entry, "link") or ""
        yield Found(
            url=link,
            title=dict.get(entry, "title"),
            published=_utc(dict.get(entry, "published_parsed")),
            modified=_utc(dict.get(entry, "updated_parsed")),
        )


def _tree(text: str) -> etree._Element:
    """Parse XML that may be broken. The DOCTYPE goes first, with every entity that it declares."""
    from lxml import etree

    text = _FORBIDDEN.sub("", text.lstrip("\ufeff \t\r\n"))
    text = re.sub(r"\A<\?xml\b[^>]{0,300}>", "", text)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(_escaped(_without_doctype(text, "feed_unreadable")).encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("feed_unreadable", str(error)) from error
    if root is None:
        raise UnreadableError("feed_unreadable", "not XML")
    return root


def _without_doctype(text: str, reason: Reason) -> str:
    """Cut the document type declaration out, internal subset included."""
    start = text.find("<!DOCTYPE", 0, 10_000)
    if start < 0:
        return text
    subset, end = text.find("[", start), text.find(">", start)
    if 0 <= subset < end:
        closing = re.compile(r"\]\s*>").search(text, subset)
        if closing is None:
            raise UnreadableError(reason, "document type declaration without end")
        end = closing.end() - 1
    return text[:start] + (text[end + 1 :] if end >= 0 else "")


def _escaped(text: str) -> str:
    """Turn HTML's named characters into the characters, and a bare & into &amp;, outside of CDATA."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        start = text.find("<![CDATA[", at)
        end = text.find("]]>", start) if start >= 0 else -1
        if end < 0:
            start = end = len(text)
        parts += (_ENTITY.sub(_character, text[at:start]), text[start : end + 3])
        at = end + 3
    return "".join(parts)


def _character(match: re.Match[str]) -> str:
    name = match.group(1)
    known = html.entities.html5.get(f"{name};") if name else None
    return known if known and known not in "<>&" else "&amp;" + match.group()[1:]


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _pruned(root: etree._Element) -> bytes:
    """Serialise what a listing needs of the first MAX_ENTRIES entries: no texts of articles, no long values."""
    from lxml import etree

    entries = 0
    for element in list(root.iter()):
        name, parent = _name(element), element.getparent()
        entries += name in _ENTRIES
        if parent is not None and (name not in _WANTED or (name in _ENTRIES and entries > MAX_ENTRIES)):
            parent.remove(element)
            continue
        if name == "title" and len(element) and parent is not None and _name(parent) in _ENTRIES:
            element.text = "".join(islice(map(str, element.itertext()), _MAX_TITLE))  # Atom's type="xhtml"
        if element.text and len(element.text) > MAX_URL:
            element.text = element.text[:MAX_URL]
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def _utc(parsed: time.struct_time | None) -> datetime | None:
    """feedparser's time tuple, which is UTC."""
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _instant(text: str | None) -> datetime | None:
    try:
        return instant(text.strip()) if text else None
    except (ValueError, OverflowError):
        return None


# sitemaps


def _sitemap(body: bytes, charset: str | None) -> Iterator[Found]:
    """A sitemap, an index of sitemaps, a feed in the place of a sitemap, or a text file with one URL a line."""
    from lxml import etree

    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        lines = _text(body, charset).split()
        if not lines or not lines[0].startswith(("http://", "https://")):
            raise UnreadableError("sitemap_unreadable", "neither XML nor a list of URLs")
        yield from (Found(url=line) for line in lines[: MAX_LINKS + 1])
        return
    if b"<!DOCTYPE" in body[:10_000]:
        body = _without_doctype(body.decode("latin-1"), "sitemap_unreadable").encode("latin-1")
    parsed = etree.iterparse(
        io.BytesIO(body), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, recover=True, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    root: etree._Element | None = None
    try:
        for event, element in parsed:
            if root is None:
                root = element
                if _name(root) in ("rss", "feed", "rdf"):
                    break
                if _name(root) not in ("urlset", "sitemapindex"):
                    raise UnreadableError("sitemap_unreadable", f"<{_name(root)}> is not a sitemap")
            elif event == "end" and element.getparent() is root:
                if _name(element) in ("url", "sitemap"):
                    yield _sitemap_entry(element)
                root.remove(element)
    except etree.XMLSyntaxError as error:
        raise UnreadableError("sitemap_unreadable", str(error)) from error
    if root is None:
        raise UnreadableError("sitemap_unreadable", "no element in it")
    if _name(root) in ("rss", "feed", "rdf"):
        yield from _xml_feed(body, charset)


def _sitemap_entry(element: etree._Element) -> Found:
    said = {name: child.text for child in element.iter() if (name := _name(child)) and child.text}
    # <image:loc>, <image:title> and <video:title> stand deeper than the page's own
    own = {_name(child): child.text for child in element if child.text}
    news = next((child for child in element if _name(child) == "news"), None)
    title = next((child.text for child in news if _name(child) == "title"), None) if news is not None else None
    return Found(
        url=own.get("loc") or "",
        title=title,
        published=_instant(said.get("publication_date")),
        modified=_instant(own.get("lastmod")),
        is_index=_name(element) == "sitemap",
    )


# section pages

_SLUG = re.compile(r"\d{4,}|(?:[^-_]+[-_]){3}|\.s?html?$")


def _section(body: bytes, url: str, charset: str | None) -> Iterator[Found]:
    """The links that look like articles of the page's own site: words in the anchor, a slug or number in the path."""
    from lxml import etree

    text = _FORBIDDEN.sub("", re.sub(r"\A\s*<\?xml\b[^>]{0,300}>", "", _text(body, charset)))
    try:
        root = etree.HTML(text, etree.HTMLParser(no_network=True, huge_tree=False))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("feed_unreadable", str(error)) from error
    if root is None:
        raise UnreadableError("feed_unreadable", "not HTML")
    site = site_of(urlsplit(url).hostname or "")
    for anchor in root.iter("a"):
        target = (anchor.get("href") or "")[: MAX_URL + 1]
        words = " ".join("".join(map(str, anchor.itertext())).split())
        try:
            there = urlsplit(urljoin(url, target))
            same_site = site_of(there.hostname or "") == site
        except ValueError:
            continue
        if same_site and there.scheme in ("http", "https") and _SLUG.search(there.path.rstrip("/")) and " " in words:
            yield Found(url=target, title=words)
