"""What a page says of itself: to machines (JSON-LD, meta elements) and in print (headline, byline, dates)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from ingest import dates, labels
from ingest.fold import storable
from ingest.page.tree import text_of, words_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_ARTICLE_TYPES = ("article", "posting", "report", "newsarticle")


def claims(tree: Element) -> dict[str, str]:
    """headline, published, modified, byline, site, description as machines are told: JSON-LD before meta elements."""
    said: dict[str, str] = {}
    for script in tree.iterfind(".//script[@type='application/ld+json']"):
        for thing in _things(script.text or ""):
            kinds = thing.get("@type")
            if not any(
                str(kind).lower().endswith(_ARTICLE_TYPES) for kind in (kinds if isinstance(kinds, list) else [kinds])
            ):
                continue
            for name, key in (("headline", "headline"), ("published", "datePublished"), ("modified", "dateModified")):
                if isinstance(thing.get(key), str):
                    said.setdefault(name, thing[key])
            said.setdefault("byline", _people(thing.get("author")))
            said.setdefault("site", _people(thing.get("publisher")))
    names = {
        "headline": ("og:title", "twitter:title"),
        "published": (
            "article:published_time",
            "datepublished",
            "pubdate",
            "date",
            "dc.date.issued",
            "published_time",
            "mediator_published_time",
            "og:published_time",
            "article:published",
        ),
        "modified": ("article:modified_time", "datemodified", "og:updated_time", "lastmod", "article:modified"),
        "byline": ("author", "article:author", "mediator_author"),
        "site": ("og:site_name",),
        "description": ("og:description", "description"),
    }
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        key = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        if meta.get("content"):
            found.setdefault(key, storable(meta.get("content", "")).strip())
    for name, keys in names.items():
        for key in keys:
            if found.get(key) and not said.get(name) and not (name == "byline" and found[key].startswith("http")):
                said[name] = found[key]
    return {name: " ".join(storable(value).split()) for name, value in said.items()}


def _things(text: str) -> Iterator[dict[str, Any]]:
    if len(text) > 500_000:
        return
    try:
        waiting = [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        return
    for _ in range(2000):
        if not waiting:
            return
        thing = waiting.pop()
        if isinstance(thing, list):
            waiting += thing[:200]
        elif isinstance(thing, dict):
            yield thing
            waiting += [
                part
                for key, part in thing.items()
                if key in ("@graph", "mainEntity", "mainEntityOfPage") and isinstance(part, dict | list)
            ]


def _people(value: object) -> str:
    found = value if isinstance(value, list) else [value]
    names = [one.get("name") if isinstance(one, dict) else one for one in found[:10]]
    return ", ".join(name.strip() for name in names if isinstance(name, str) and not name.startswith("http"))


def title(tree: Element, said: dict[str, str]) -> tuple[str | None, Element | None]:
    """The headline as printed, and its element: the h1 that the machines' headline agrees with, else the first."""
    written = labels.matching(text_of(tree.find(".//title")))
    told = labels.matching(said.get("headline", ""))
    headings = [h for h in tree.iter("h1") if text_of(h)][:20]
    for heading in headings:
        key = labels.matching(text_of(heading))
        if len(key) > 3 and told and (told.startswith(key) or key.startswith(told)):
            return text_of(heading), heading
    site = labels.matching(said.get("site", ""))
    for heading in headings:
        key = labels.matching(text_of(heading))
        if len(key) > 3 and key != site and (written.startswith(key) or (key in written and len(key.split()) > 3)):
            return text_of(heading), heading
    for heading in headings:
        if len(text_of(heading).split()) >= 3 and labels.matching(text_of(heading)) != site:
            return text_of(heading), heading
    for heading in tree.iter("h2", "h3"):
        if len(text_of(heading)) > 12 and labels.matching(text_of(heading)) == told:
            return text_of(heading), heading
    if said.get("headline"):
        return said["headline"], None
    whole = text_of(tree.find(".//title"))
    return re.split(r"\s+[|–—·»:]\s+|\s+-\s+", whole)[0] or None if whole else None, None


def byline(tree: Element, said: dict[str, str]) -> str | None:
    """Who wrote it: as machines are told, else as an element says that is called an author; never the site itself."""
    site = labels.matching(said.get("site", ""))
    told = said.get("byline", "")
    if told and labels.matching(told) != site and len(told) <= 200:
        return told
    known = set(labels.page_words().byline)
    for element in tree.iter("span", "div", "a", "p", "address", "li", "strong", "b"):
        names, _ = words_of(element)
        if not names & known or next(element.iterancestors("figure", "picture"), None) is not None:
            continue
        text = text_of(element) if len(element) < 12 else ""
        if opened := labels.opens(text, None, "fields"):
            text = text[opened:].lstrip(" :")
        words = text.split()
        named = 2 <= len(words) <= 4 and all(word[0].isupper() for word in words)
        if named and not labels.opens(text, None, "credits"):
            return text
    return None


def times(
    tree: Element, said: dict[str, str], heading: Element | None, now: datetime, url: str, zone: tzinfo | None
) -> tuple[datetime | None, datetime | None]:
    """When it was published and modified; a modification before the publication is none.

    In the page's own zone, which is ``zone`` where the page does not say.
    """
    told = {
        name: dates.iso(said[name]) or dates.printed(said[name], now)
        for name in ("published", "modified")
        if said.get(name)
    }
    for element in tree.iter():
        prop = (element.get("itemprop") or "").lower()
        name = {"datepublished": "published", "datemodified": "modified"}.get(prop)
        if name and not told.get(name):
            told[name] = dates.iso(element.get("content") or element.get("datetime") or "") or dates.printed(
                text_of(element), now
            )
    if not told.get("published") or not getattr(told["published"], "clock", False):
        seen = _printed(tree, heading, now)
        known = told.get("published")
        if seen and (known is None or (seen.clock and seen.at.date() == known.at.date())):
            told["published"] = seen
    if not told.get("published"):
        told["published"] = _searched(tree, url, now) or _short_line(tree, now)
    zones = [moment.at.tzinfo for moment in told.values() if moment and moment.sure and moment.at.tzinfo is not UTC]
    zone = zones[0] if zones else zone
    published, modified = (dates.settled(told.get(name), zone, now) for name in ("published", "modified"))
    return published, modified if modified and (published is None or modified >= published) else None


def _searched(tree: Element, url: str, now: datetime) -> dates.Moment | None:
    """The day that htmldate finds in the markup or the URL; it knows more languages and templates than we do."""
    from htmldate import find_date

    found = find_date(tree, extensive_search=False, original_date=True, url=url, max_date=now)
    return dates.iso(found) if found else None


def _printed(tree: Element, heading: Element | None, now: datetime) -> dates.Moment | None:
    """The first date printed near the headline: in a time element, one that its class calls a date, a short line."""
    known = set(labels.page_words().date)
    best: dates.Moment | None = None
    near = list(heading.iterancestors())[:4] if heading is not None else []
    for scope in [*near, tree]:
        for count, element in enumerate(scope.iter("time", "span", "div", "p", "li", "td", "small", "em", "i")):
            if count > 3000:
                break
            if element.tag == "time" and (moment := dates.iso(element.get("datetime") or "")):
                if moment.clock:
                    return moment
                best = best or moment
            names, words = words_of(element)
            if element.tag == "time" or names & known or words & known:
                text = text_of(element)
                if len(text) < 200 and (moment := dates.printed(text, now)):
                    if moment.clock:
                        return moment
                    best = best or moment
        if best:
            return best
    return None


def _short_line(tree: Element, now: datetime) -> dates.Moment | None:
    """The first date in a line of its own, anywhere."""
    for count, element in enumerate(tree.iter("span", "div", "p", "li", "td", "small", "em", "i", "b")):
        if count > 3000:
            break
        own = " ".join((element.text or "").split())
        if 5 < len(own) < 80 and any(c.isdigit() for c in own) and (moment := dates.printed(own, now)):
            return moment
    return None
