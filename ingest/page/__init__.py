"""HTML text -> the parts of a page: what it says of itself, and the paragraphs of its article.

In reading order:

    tree         HTML text -> a tree that is safe to walk
    said         what the page says of itself: headline, byline, dates
    prune        boxes that are not the article, taken out of the tree
    article      the paragraphs that are left and are its article's (trafilatura underneath)
"""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from ingest import urls
from ingest.page import article, prune, said, tree
from ingest.page.tree import TooDeep
from ingest.records import Anchor

__all__ = ["Page", "TooDeep", "read"]


class Page(Struct, frozen=True, kw_only=True):
    """What a page is, apart from the words of its site.

    ``anchors`` are the paragraphs' links to other sites, with offsets into the paragraphs joined by blank lines.
    """

    title: str | None
    byline: str | None
    published: datetime | None
    modified: datetime | None
    site: str | None
    canonical: str | None
    language: str | None
    paragraphs: tuple[str, ...]
    anchors: tuple[Anchor, ...] = ()


def read(html: str, fetched_at: datetime, url: str = "", zone: tzinfo | None = None) -> Page:
    """Read a page. No paragraphs means that it has no article. Times are in its own zone (``said.times``).

    Raises TooDeep.
    """
    root = tree.parsed(html)
    if root is None:
        return Page(
            title=None, byline=None, published=None, modified=None, site=None, canonical=None, language=None,
            paragraphs=(),
        )  # fmt: skip
    claims = said.claims(root)  # some of them stand in scripts
    tree.thin(root)
    held = list(root.iter())  # lxml makes an element anew for whoever asks, unless somebody holds it
    title, heading = said.title(root, claims)
    published, modified = said.times(root, claims, heading, fetched_at, url, zone)
    byline = said.byline(root, claims)
    canonical = next((link.get("href") for link in root.iterfind(".//link[@rel='canonical']")), None)
    language = re.match(r"[A-Za-z]{2,3}", (root.get("lang") or "").strip())
    prune.prune(root, heading)
    blocks = article.paragraphs(root, heading, claims.get("description"))
    held.clear()
    return Page(
        title=title, byline=byline, published=published, modified=modified,
        site=claims.get("site") or None, canonical=canonical, language=language.group().lower() if language else None,
        paragraphs=tuple(block.text for block in blocks), anchors=_outward(blocks, url),
    )  # fmt: skip


def _outward(blocks: list[article.Block], url: str) -> tuple[Anchor, ...]:
    """Return the links to other sites; an address that this project could not name is left out."""
    found: list[Anchor] = []
    at = 0
    for block in blocks:
        for start, end, href in block.anchors:
            if len(found) < article.MAX_ANCHORS and (named := _elsewhere(href, url)):
                found.append(Anchor(start=at + start, end=at + end, url=named))
        at += len(block.text) + 2
    return tuple(found)


def _elsewhere(href: str, url: str) -> str | None:
    try:
        named = urls.canonical_url(urljoin(url, href[: urls.MAX_URL + 1]))
        here, there = (urls.site_of(urlsplit(name).hostname or "") for name in (url, named))
    except ValueError:
        return None
    own = here == there or here.endswith("." + there) or there.endswith("." + here)
    return None if own else named
