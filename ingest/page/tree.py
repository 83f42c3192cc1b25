"""HTML text -> a tree that is safe to walk, and what an element is called."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ingest.fold import storable

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_TEXT = 5_000_000  # code points of HTML read
MAX_DEPTH = 200  # nested elements; trafilatura gives up not far above
BLOCKS = {
    "p", "div", "section", "article", "main", "header", "body", "html", "ul", "ol", "li", "dl", "dt", "dd",
    "blockquote", "pre", "table", "aside", "figure", "tr", "td", "th", "thead", "tbody", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "center", "address", "details", "summary", "fieldset", "hgroup",
}  # fmt: skip
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


class TooDeep(Exception):  # noqa: N818 - a name of what is wrong, not of its kind
    """The page nests more elements than anything here follows."""


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


def thin(tree: Element) -> None:
    """Take out the elements that hold no text that a reader sees; the text behind them stays."""
    from lxml import etree

    etree.strip_elements(tree, "script", "style", "svg", "math", "canvas", "object", with_tail=False)


def words_of(element: Element) -> tuple[frozenset[str], frozenset[str]]:
    """The names in class, id and itemprop (lower case, as written), and the words in class and id."""
    written = f"{element.get('class') or ''} {element.get('id') or ''}"[:600]
    return _named(written, (element.get("itemprop") or "")[:100])


@lru_cache(maxsize=8192)
def _named(written: str, prop: str) -> tuple[frozenset[str], frozenset[str]]:
    names = {name.lower() for name in written.split()}
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", written)}
    return frozenset(names | {prop.lower()}), frozenset(words)


def text_of(element: Element | None) -> str:
    """Return the text of an element and all in it, blanks made single."""
    return "" if element is None else " ".join(storable("".join(map(str, element.itertext()))).split())
