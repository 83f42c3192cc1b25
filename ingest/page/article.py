"""Tree -> the paragraphs of its article, in order.

trafilatura says where the article is; its paragraphs are taken from the tree itself: standfirst, lists, quotations,
rows of tables and headings, none twice.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ingest import labels
from ingest.fold import storable
from ingest.page.tree import BLOCKS, HEADINGS, text_of, words_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_ELEMENTS = 30_000  # above this the tree alone decides, in linear time
MAX_ANCHORS = 50  # links of one paragraph, and of one article, that are kept
MAX_ANCHOR = 200  # code points of their words


class Block(Struct, kw_only=True):
    """A paragraph of the page: its text, how many of its code points are link text, its element, where its links are.

    ``anchors`` are offsets into the text, and the address as written.
    """

    text: str
    linked: int
    element: Any
    anchors: list[tuple[int, int, str]] = []


def blocks_of(tree: Element) -> list[Block]:
    """The paragraphs of the tree in order. A line break ends one, unless it stands inside a sentence."""
    from lxml import etree

    blocks: list[Block] = []
    pieces: list[str] = []
    hrefs: list[str] = []  # for each piece, where it leads
    linked = links = 0
    href = ""
    owner = tree

    def flush() -> None:
        nonlocal linked
        text = " ".join(storable("".join(pieces)).split())
        if text:
            anchors = _anchors(text, zip(pieces, hrefs, strict=True))
            blocks.append(Block(text=text, linked=min(linked, len(text)), element=owner, anchors=anchors))
        pieces.clear()
        hrefs.clear()
        linked = 0

    def add(text: str | None) -> None:
        nonlocal linked
        if text:
            pieces.append(text)
            hrefs.append(href)
            linked += len(" ".join(text.split())) if links else 0

    cells = _cells(tree)
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            if element in cells:
                add(" | " if any(map(str.strip, pieces)) else None)
            elif element.tag in BLOCKS:
                flush()
                owner = element
            elif element.tag == "br":
                flush()
            if element.tag == "a":
                links += 1
                href = (element.get("href") or "").strip()
            add(element.text)
            continue
        if element.tag == "a":
            links -= 1
            href = ""
        if element.tag in BLOCKS and element not in cells:
            flush()
            parent = element.getparent()
            while parent is not None and parent.tag not in BLOCKS:
                parent = parent.getparent()
            owner = parent if parent is not None else tree
        add(element.tail)
    flush()
    return _unwrapped(blocks)


def _anchors(text: str, pieces: Iterable[tuple[str, str]]) -> list[tuple[int, int, str]]:
    """Return where links stand in a paragraph whose blanks were made single: exactly there, or not at all.

    ``pieces`` are the paragraph as written, each with the address that it leads to.
    """
    found: list[tuple[int, int, str]] = []
    at, blank = 0, True
    for href, group in groupby(pieces, key=lambda piece: piece[1]):
        written = storable("".join(piece for piece, _ in group))
        words = " ".join(written.split())
        if not words:
            blank = blank or bool(written)
            continue
        start = at + bool(at and (blank or written[0].isspace()))
        at, blank = start + len(words), written[-1].isspace()
        if href and len(words) <= MAX_ANCHOR and len(found) < MAX_ANCHORS and text.startswith(words, start):
            found.append((start, at, href))
    return found


def _cells(tree: Element) -> set[Element]:
    """Cells of rows that hold two or more, each of one line: the row is one block."""
    found: set[Element] = set()
    for row in tree.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        inner = [part for cell in cells for part in cell.iter() if part is not cell and part.tag in BLOCKS]
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
            shift = len(last.text) + 1
            last.anchors = [*last.anchors, *((start + shift, end + shift, href) for start, end, href in block.anchors)]
            last.text += " " + block.text
            last.linked += block.linked
        else:
            joined.append(block)
    return joined


def _shingles(text: str) -> list[tuple[str, ...]]:
    """Every four words in a row; of fewer than four, all of them."""
    words = re.findall(r"\w+", text.casefold())
    return list(zip(words, words[1:], words[2:], words[3:], strict=False)) or [tuple(words)]


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
        mine = _shingles(block.text)
        if sum(shingle in known for shingle in mine) > 0.5 * len(mine):
            found.append(i)
    return found


def _prose(block: Block) -> bool:
    return (
        labels.weight(block.text) >= 60
        and block.linked < 0.5 * len(block.text)
        and bool(re.search(r"[.!?…:;»”\"。！？」]", block.text))
    )


def paragraphs(tree: Element, heading: Element | None, description: str | None) -> list[Block]:
    """Return the paragraphs of the article; none when the page has no article."""
    blocks = blocks_of(tree)
    declared = _declared_body(tree)
    if declared is not None and not text_of(declared):
        return []
    located = _located(tree, blocks)
    strong = [i for i in located if _prose(blocks[i]) and blocks[i].element.tag != "h1"]
    if not strong:
        strong = [
            i
            for i in located
            if len(blocks[i].text) > 40
            and blocks[i].linked < 0.5 * len(blocks[i].text)
            and labels.sentence(blocks[i].text)
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
    names, _ = words_of(zone)
    trusted = bool(names & {*labels.page_words().body, "articlebody"})
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
                and block.element.tag not in HEADINGS
            )
        ):
            kept.append(i)
    return [blocks[i] for i in kept]


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
        return anchored and labels.sentence(block.text) and block.linked < len(block.text) - 1
    return (
        anchored
        or block.element.tag in {"p", "li", "blockquote", "pre", "dd", "dt", "div", "td", "tr", "aside"} | HEADINGS
    )


def _standfirst(block: Block, description: str | None) -> bool:
    """A block between the headline and the text: is it the standfirst?"""
    if block.linked > 0.5 * len(block.text) or len(block.text) < 15 or len(block.text.split()) < 3:
        return False
    leads = set(labels.page_words().lead)
    for element in [block.element, *list(block.element.iterancestors())[:2]]:
        names, words = words_of(element)
        if names & leads or words & leads:
            return True
    told = labels.matching(description or "")[:60]
    if told and labels.matching(block.text).startswith(told):
        return True
    return block.element.tag in ("h2", "h3", "p", "blockquote") and (
        len(block.text) >= 40 or labels.sentence(block.text)
    )
