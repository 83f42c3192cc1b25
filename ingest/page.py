"""HTML text -> the parts of a page: what it says of itself, and the blocks of its article in order.

trafilatura says where the article is; this file prunes the tree before it (boxes that a CMS or a label names), and
takes the article's blocks from the tree itself: standfirst, lists, quotations and headings, none twice.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ingest import dates, strip
from ingest.fold import storable

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_TEXT = 5_000_000  # code points of HTML read
MAX_DEPTH = 200  # nested elements; trafilatura gives up not far above
MAX_ELEMENTS = 30_000  # above this the tree alone decides, in linear time

_GONE = {
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "audio", "video", "map",
    "nav", "footer", "aside", "form", "button", "select", "option", "input", "textarea", "label", "figure",
    "figcaption", "dialog", "menu", "head", "time", "picture", "img", "amp-ad", "ins", "math",
}  # fmt: skip
_BLOCKS = {
    "p", "div", "section", "article", "main", "header", "body", "html", "ul", "ol", "li", "dl", "dt", "dd",
    "blockquote", "pre", "table", "aside", "figure", "tr", "td", "th", "thead", "tbody", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "center", "address", "details", "summary", "fieldset", "hgroup",
}  # fmt: skip
_OPENERS = _BLOCKS | {"span", "b", "strong", "em"}  # what may open with the label of a box
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


class TooDeep(Exception):  # noqa: N818 - a name of what is wrong, not of its kind
    """The page nests more elements than anything here follows."""


class Block(Struct, kw_only=True):
    """A paragraph of the page: its text, how many of its code points are link text, its element."""

    text: str
    linked: int
    element: Any


class Page(Struct, frozen=True, kw_only=True):
    """What a page is, apart from the words of its site."""

    title: str | None
    byline: str | None
    published: datetime | None
    modified: datetime | None
    site: str | None
    canonical: str | None
    language: str | None
    paragraphs: tuple[str, ...]


def read(html: str, fetched_at: datetime) -> Page:
    """Read a page. No paragraphs means that it has no article. Raises TooDeep."""
    tree = parsed(html)
    if tree is None:
        return Page(
            title=None, byline=None, published=None, modified=None, site=None, canonical=None, language=None,
            paragraphs=(),
        )  # fmt: skip
    elements = list(tree.iter())  # lxml makes an element anew for whoever asks, unless somebody holds it
    said = _said(tree)
    title_of, heading = _title(tree, said)
    published, modified = _dates(tree, said, heading, fetched_at)
    canonical = next((link.get("href") for link in tree.iterfind(".//link[@rel='canonical']")), None)
    language = re.match(r"[A-Za-z]{2,3}", (tree.get("lang") or "").strip())
    byline = _byline(tree, said)
    _prune(tree, heading)
    blocks = _blocks(tree)
    paragraphs = _article(tree, blocks, heading, said.get("description"))
    elements.clear()
    return Page(
        title=title_of, byline=byline, published=published, modified=modified,
        site=said.get("site") or None, canonical=canonical, language=language.group().lower() if language else None,
        paragraphs=tuple(paragraphs),
    )  # fmt: skip


# --- the tree --------------------------------------------------------------------------------------------------------

_NESTING = re.compile(
    r"<(/?)(?:div|span|section|article|blockquote|table|ul|ol|dl|font|center|main|aside|header|figure)\b", re.IGNORECASE
)


def parsed(html: str) -> Element | None:
    """Parse a page into a tree. Raises TooDeep before anything recursive sees it."""
    from lxml import etree
    from lxml.html import HTMLParser

    html = html[:MAX_TEXT]
    depth = deepest = 0
    for found in _NESTING.finditer(html):
        depth = max(0, depth - 1) if found.group(1) else depth + 1
        deepest = max(deepest, depth)
    if deepest > 4 * MAX_DEPTH:
        raise TooDeep(f"{deepest} nested elements")
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True)
    try:
        tree = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if tree is not None and (deepest := _depth(tree)) > MAX_DEPTH:
        raise TooDeep(f"{deepest} nested elements")
    return tree


def _depth(tree: Element) -> int:
    depth: dict[Element | None, int] = {None: 0}
    for element in tree.iter():
        depth[element] = depth.get(element.getparent(), 0) + 1
    return max(depth.values())


def _words(element: Element) -> tuple[frozenset[str], frozenset[str]]:
    """The names in class, id and itemprop (lower case, as written), and the words in class and id."""
    written = f"{element.get('class') or ''} {element.get('id') or ''}"[:600]
    return _named(written, (element.get("itemprop") or "")[:100])


@lru_cache(maxsize=8192)
def _named(written: str, prop: str) -> tuple[frozenset[str], frozenset[str]]:
    names = {name.lower() for name in written.split()}
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", written)}
    return frozenset(names | {prop.lower()}), frozenset(words)


def _text(element: Element | None) -> str:
    return "" if element is None else " ".join(storable("".join(map(str, element.itertext()))).split())


# --- what the page says of itself ------------------------------------------------------------------------------------

_ARTICLE_TYPES = ("article", "posting", "report", "newsarticle")


def _said(tree: Element) -> dict[str, str]:
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


def _title(tree: Element, said: dict[str, str]) -> tuple[str | None, Element | None]:
    """The headline as printed, and its element: the h1 that the machines' headline agrees with, else the first."""
    written = strip.matching(_text(tree.find(".//title")))
    told = strip.matching(said.get("headline", ""))
    headings = [h for h in tree.iter("h1") if _text(h)][:20]
    for heading in headings:
        key = strip.matching(_text(heading))
        if len(key) > 3 and told and (told.startswith(key) or key.startswith(told)):
            return _text(heading), heading
    site = strip.matching(said.get("site", ""))
    for heading in headings:
        key = strip.matching(_text(heading))
        if len(key) > 3 and key != site and (written.startswith(key) or (key in written and len(key.split()) > 3)):
            return _text(heading), heading
    for heading in headings:
        if len(_text(heading).split()) >= 3 and strip.matching(_text(heading)) != site:
            return _text(heading), heading
    for heading in tree.iter("h2", "h3"):
        if len(_text(heading)) > 12 and strip.matching(_text(heading)) == told:
            return _text(heading), heading
    if said.get("headline"):
        return said["headline"], None
    whole = _text(tree.find(".//title"))
    return re.split(r"\s+[|–—·»:]\s+|\s+-\s+", whole)[0] or None if whole else None, None


def _byline(tree: Element, said: dict[str, str]) -> str | None:
    """Who wrote it: as machines are told, else as an element says that is called an author; never the site itself."""
    site = strip.matching(said.get("site", ""))
    told = said.get("byline", "")
    if told and strip.matching(told) != site and len(told) <= 200:
        return told
    known = set(strip.page_words().byline)
    for element in tree.iter("span", "div", "a", "p", "address", "li", "strong", "b"):
        names, _ = _words(element)
        if not names & known or next(element.iterancestors("figure", "picture"), None) is not None:
            continue
        text = _text(element) if len(element) < 12 else ""
        if opened := strip.opens(text, None, "fields"):
            text = text[opened:].lstrip(" :")
        words = text.split()
        if 2 <= len(words) <= 4 and all(word[0].isupper() for word in words) and not strip.opens(text, None, "credits"):
            return text
    return None


def _dates(
    tree: Element, said: dict[str, str], heading: Element | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
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
                _text(element), now
            )
    if not told.get("published") or not getattr(told["published"], "clock", False):
        seen = _printed(tree, heading, now)
        known = told.get("published")
        if seen and (known is None or (seen.clock and seen.at.date() == known.at.date())):
            told["published"] = seen
    zones = [moment.at.tzinfo for moment in told.values() if moment and moment.sure and moment.at.tzinfo is not UTC]
    zone: tzinfo | None = zones[0] if zones else None
    published, modified = (dates.settled(told.get(name), zone, now) for name in ("published", "modified"))
    return published, modified if modified and (published is None or modified >= published) else None


def _printed(tree: Element, heading: Element | None, now: datetime) -> dates.Moment | None:
    """The first date printed near the headline: in a time element, one that its class calls a date, a short line."""
    known = set(strip.page_words().date)
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
            names, words = _words(element)
            if element.tag == "time" or names & known or words & known:
                text = _text(element)
                if len(text) < 200 and (moment := dates.printed(text, now)):
                    if moment.clock:
                        return moment
                    best = best or moment
        if best:
            return best
    for count, element in enumerate(tree.iter("span", "div", "p", "li", "td", "small", "em", "i", "b")):
        if count > 3000:
            break
        own = " ".join((element.text or "").split())
        if 5 < len(own) < 80 and any(c.isdigit() for c in own) and (moment := dates.printed(own, now)):
            return moment
    return None


# --- pruning ---------------------------------------------------------------------------------------------------------


def _measures(tree: Element) -> tuple[dict[Element, int], dict[Element, int], dict[Element, str]]:
    """For each element: code points of its text, of its links' text, of its first words; in one pass."""
    from lxml import etree

    size: dict[Element, int] = defaultdict(int)
    linked: dict[Element, int] = defaultdict(int)
    first: dict[Element, str] = {}
    links = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            links += element.tag == "a"
            own = " ".join((element.text or "").split())
            size[element] += len(own)
            linked[element] += len(own) if links else 0
            first[element] = own[:120]
            continue
        links -= element.tag == "a"
        parent = element.getparent()
        if parent is None:
            continue
        tail = " ".join((element.tail or "").split())
        size[parent] += size[element] + len(tail)
        linked[parent] += linked[element] + (len(tail) if links else 0)
        if len(first[parent]) < 120:
            first[parent] = f"{first[parent]} {first[element]} {tail[:120]}".strip()[:160]
    return size, linked, first


def _prune(tree: Element, heading: Element | None) -> None:
    """Remove what is not the article by its element, its class, or the label it opens with."""
    words = strip.page_words()
    remove, names_removed = set(words.remove), set(words.remove_names)
    size, linked, first = _measures(tree)
    prose: dict[Element, int] = defaultdict(int)  # text of paragraphs under an element
    for paragraph in tree.iter("p", "blockquote"):
        amount = size[paragraph] - linked[paragraph]
        if amount > 60:
            for above in paragraph.iterancestors():
                prose[above] += amount
    whole = prose.get(tree, 0)
    above_heading = set(heading.iterancestors()) | {heading} if heading is not None else set()
    bodies, quotes = set(words.body), set(words.quote)
    pictured = _pictured(tree)
    doomed: list[Element] = _teasers(tree, size, linked, above_heading)
    doomed = [element for element in doomed if prose.get(element, 0) <= 0.4 * whole]
    elements = [element for element in tree.iter() if isinstance(element.tag, str)]
    named = {element: _words(element) for element in elements}

    def safe(element: Element) -> bool:
        return element in above_heading or (prose.get(element, 0) > 0.4 * whole and whole > 200)

    framed = {e: named[e][1] for e in prose if e in named and e not in above_heading and e.tag not in ("body", "main")}
    remove -= _layout_words(tree, framed, size, linked)
    for element in elements:
        if safe(element):
            continue
        names, parts = named[element]
        if names & bodies or (
            parts & quotes and size[element] > 30 and element.tag in ("aside", "figure", "div", "section")
        ):
            continue
        if element.tag in _GONE and not (element.tag == "figure" and element.find(".//table") is not None):
            doomed.append(element)
            continue
        boxed = element.tag not in ("body", "html", "p", "em", "strong", "blockquote") or (
            element.tag == "p" and size[element] < 300
        )
        hidden = "display:none" in (element.get("style") or "").replace(" ", "") or element.get("hidden") is not None
        picture = element in pictured and 0 < size[element] < 350
        if (
            hidden
            or names & names_removed
            or (parts & remove and boxed)
            or (element.tag in _OPENERS and _labelled_box(element, size[element], linked[element], first[element]))
            or (picture and (parts & set(words.picture) or _credited(element, size[element])))
        ):
            doomed.append(element)
    for element in doomed:
        _remove(element)


def _layout_words(
    tree: Element, parts: dict[Element, frozenset[str]], size: dict[Element, int], linked: dict[Element, int]
) -> set[str]:
    """Words that name boxes on most sites, but on this page the frame of its text: together they hold most of it."""
    doubted = set(strip.page_words().layout)
    under: dict[str, int] = defaultdict(int)
    whole = 0
    for paragraph in tree.iter("p", "blockquote", "li"):
        amount = size[paragraph] - linked[paragraph]
        if amount > 60:
            whole += amount
            near = islice(paragraph.iterancestors(), 5)
            for word in {word for above in near for word in parts.get(above, frozenset()) & doubted}:
                under[word] += amount
    return {word for word, amount in under.items() if amount > 0.4 * whole}


def _pictured(tree: Element) -> set[Element]:
    """Elements with a picture at most three levels down: what they say may be its caption."""
    return {above for picture in tree.iter("img", "picture") for above in list(picture.iterancestors())[:3]}


def _credited(element: Element, size: int) -> bool:
    """Does this little element end with the credit of a picture?"""
    return size < 350 and element.find(".//p") is None and strip.credit_at(_text(element)) is not None


def _teasers(tree: Element, size: dict[Element, int], linked: dict[Element, int], above: set[Element]) -> list[Element]:
    """Boxes that announce another page: a heading that is nothing but a link, a few words, and no more."""
    boxes = []
    for heading in tree.iter("h2", "h3", "h4", "h5"):
        if not 0 < size[heading] <= linked[heading] + 2:
            continue
        box, nearest = None, heading.getparent()
        for _ in range(4):
            if nearest is None or nearest in above or size[nearest] > 700 or nearest.tag in ("body", "main"):
                break
            box, nearest = nearest, nearest.getparent()
        boxes.append(box if box is not None else heading)
    return boxes


def _labelled_box(element: Element, size: int, linked: int, first: str) -> bool:
    """Does this element open with a read-also label and hold little but links?"""
    if not first or size > 3000 or (element.tag in ("b", "strong", "em", "span") and not linked):
        return False
    if not linked:
        return False
    opened = strip.opens(first, None, "related", "related_openings")
    return bool(opened) and size - linked - opened < max(20, 0.35 * size)


def _remove(element: Element) -> None:
    """Take an element out of the tree; the text behind it stays."""
    parent = element.getparent()
    if parent is None:
        return
    tail = element.tail
    if tail:
        before = element.getprevious()
        joint = " " if element.tag not in ("b", "i") else ""
        if before is not None:
            before.tail = (before.tail or "") + joint + tail
        else:
            parent.text = (parent.text or "") + joint + tail
    parent.remove(element)


# --- blocks and the article ------------------------------------------------------------------------------------------


def _blocks(tree: Element) -> list[Block]:
    """The paragraphs of the tree in order. A line break ends one, unless it stands inside a sentence."""
    from lxml import etree

    blocks: list[Block] = []
    pieces: list[str] = []
    linked = links = 0
    owner = tree

    def flush() -> None:
        nonlocal linked
        text = " ".join(storable("".join(pieces)).split())
        if text:
            blocks.append(Block(text=text, linked=min(linked, len(text)), element=owner))
        pieces.clear()
        linked = 0

    def add(text: str | None) -> None:
        nonlocal linked
        if text:
            pieces.append(text)
            linked += len(" ".join(text.split())) if links else 0

    cells = _cells(tree)
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            if element in cells:
                add(" | " if any(map(str.strip, pieces)) else None)
            elif element.tag in _BLOCKS:
                flush()
                owner = element
            elif element.tag == "br":
                flush()
            links += element.tag == "a"
            add(element.text)
            continue
        links -= element.tag == "a"
        if element.tag in _BLOCKS and element not in cells:
            flush()
            parent = element.getparent()
            while parent is not None and parent.tag not in _BLOCKS:
                parent = parent.getparent()
            owner = parent if parent is not None else tree
        add(element.tail)
    flush()
    return _unwrapped(blocks)


def _cells(tree: Element) -> set[Element]:
    """Cells of rows that hold two or more, each of one line: the row is one block."""
    found: set[Element] = set()
    for row in tree.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        inner = [part for cell in cells for part in cell.iter() if part is not cell and part.tag in _BLOCKS]
        if len(cells) > 1 and all(part.tag in ("p", "div") for part in inner) and len(inner) <= len(cells):
            found.update(cells, inner)
    return found


def _unwrapped(blocks: list[Block]) -> list[Block]:
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if (
            last
            and last.element is block.element
            and last.text[-1] not in '.!?…:;»”"'
            and block.text[:1].islower()
            and block.element.tag in ("p", "div", "td")
        ):
            last.text += " " + block.text
            last.linked += block.linked
        else:
            joined.append(block)
    return joined


def _shingles(text: str) -> Iterator[str]:
    words = re.findall(r"\w+", text.casefold())
    for i in range(max(1, len(words) - 3)):
        yield " ".join(words[i : i + 4])


def _located(tree: Element, blocks: list[Block]) -> list[int]:
    """Indexes of the blocks that trafilatura takes for the article; of the long unlinked ones where it is not asked."""
    if sum(1 for _ in tree.iter()) > MAX_ELEMENTS:
        return [i for i, block in enumerate(blocks) if _prose(block)]
    import trafilatura

    text = trafilatura.extract(
        tree,  # of which trafilatura makes its own copy
        favor_recall=True,
        include_comments=False,
        include_tables=True,
    )
    known = set(_shingles(text or ""))
    found = []
    for i, block in enumerate(blocks):
        mine = list(_shingles(block.text))
        if sum(shingle in known for shingle in mine) > 0.5 * len(mine):
            found.append(i)
    return found


def _prose(block: Block) -> bool:
    return (
        strip.weight(block.text) >= 60
        and block.linked < 0.5 * len(block.text)
        and bool(re.search(r"[.!?…:;»”\"。！？」]", block.text))
    )


def _article(tree: Element, blocks: list[Block], heading: Element | None, description: str | None) -> list[str]:
    declared = _declared_body(tree)
    if declared is not None and not _text(declared):
        return []
    located = _located(tree, blocks)
    strong = [i for i in located if _prose(blocks[i]) and blocks[i].element.tag != "h1"]
    if not strong:
        strong = [
            i
            for i in located
            if len(blocks[i].text) > 40
            and blocks[i].linked < 0.5 * len(blocks[i].text)
            and strip.sentence(blocks[i].text)
        ]
    if not strong:
        return []
    strong = _alike(blocks, strong)
    zone = _zone(blocks, strong)
    inside = [i for i in range(len(blocks)) if zone in _line_up(blocks[i].element)]
    first, last = min(strong), max(strong)
    start = next((i for i, block in enumerate(blocks) if heading is not None and block.element is heading), -1)
    if start > strong[len(strong) // 2]:
        start = -1  # a headline below the text is of something else
    kept = []
    names, _ = _words(zone)
    trusted = bool(names & {*strip.page_words().body, "articlebody"})
    anchored = set(located)
    strong_set = set(strong)
    for i, block in enumerate(blocks):
        if block.element.tag == "h1" or i <= start:
            continue
        if i < first:
            if (i in inside or i > start >= 0) and _standfirst(block, description):
                kept.append(i)
        elif (
            i in strong_set
            or (
                first < i <= last
                and (i in anchored or zone in _line_up(block.element))
                and _textual(block, i in anchored)
            )
            or (i > last and block.element.tag == "tr" and trusted and zone in _line_up(block.element))
            or (
                i > last
                and i in anchored
                and zone in _line_up(block.element)
                and _textual(block, True)
                and block.element.tag not in _HEADINGS
            )
        ):
            kept.append(i)
    return [blocks[i].text for i in kept]


def _alike(blocks: list[Block], strong: list[int]) -> list[int]:
    """Add the paragraphs in boxes of the very kind that holds the located ones, in the same article.

    trafilatura follows one box; an article that advertisements cut into several is found whole.
    """
    holders: dict[tuple[object, ...], int] = defaultdict(int)
    for i in strong:
        holders[_kind(blocks[i].element)] += len(blocks[i].text)
    whole = sum(holders.values())
    kinds = {kind for kind, amount in holders.items() if amount > 0.3 * whole}
    known = set(strong)
    return [
        i
        for i, block in enumerate(blocks)
        if i in known or (block.element.tag == "p" and _prose(block) and _kind(block.element) in kinds)
    ]


def _kind(element: Element) -> tuple[object, ...]:
    """What a paragraph's box is called, and its article: elements of equal kind are parts of one text."""
    article = next(element.iterancestors("article", "main", "body"), None)
    boxes = [element, *list(element.iterancestors())[:2]]
    return (article, *((box.tag, box.get("class") if box is not element else None) for box in boxes))


def _declared_body(tree: Element) -> Element | None:
    """The one element that the page itself calls the article's body, if there is exactly one."""
    found = [e for e in tree.iter() if (e.get("itemprop") or "").lower() == "articlebody"]
    return found[0] if len(found) == 1 else None


def _line_up(element: Element) -> set[Element]:
    return {element, *element.iterancestors()}


def _zone(blocks: list[Block], strong: list[int]) -> Element:
    """The deepest element that holds at least 85 % of the located text."""
    weight: dict[Element, int] = defaultdict(int)
    depth: dict[Element, int] = {}
    for i in strong:
        line = [blocks[i].element, *blocks[i].element.iterancestors()]
        for level, element in enumerate(reversed(line)):
            weight[element] += len(blocks[i].text)
            depth[element] = level
    whole = sum(len(blocks[i].text) for i in strong)
    return max((e for e in weight if weight[e] >= 0.85 * whole), key=lambda e: depth[e])


def _textual(block: Block, anchored: bool) -> bool:
    if block.linked > 0.8 * len(block.text):
        return anchored and strip.sentence(block.text) and block.linked < len(block.text) - 1
    return (
        anchored
        or block.element.tag in {"p", "li", "blockquote", "pre", "dd", "dt", "div", "td", "tr", "aside"} | _HEADINGS
    )


def _standfirst(block: Block, description: str | None) -> bool:
    """A block between the headline and the text: is it the standfirst?"""
    if block.linked > 0.5 * len(block.text) or len(block.text) < 15 or len(block.text.split()) < 3:
        return False
    leads = set(strip.page_words().lead)
    for element in [block.element, *list(block.element.iterancestors())[:2]]:
        names, words = _words(element)
        if names & leads or words & leads:
            return True
    told = strip.matching(description or "")[:60]
    if told and strip.matching(block.text).startswith(told):
        return True
    return block.element.tag in ("h2", "h3", "p", "blockquote") and (
        len(block.text) >= 40 or strip.sentence(block.text)
    )
