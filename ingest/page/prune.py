"""Take out of the tree what its element, its class or its label says is not the article."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from ingest import labels, strip
from ingest.page.tree import BLOCKS, text_of, words_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_GONE = {
    "noscript", "template", "iframe", "embed", "audio", "video", "map", "nav", "footer", "aside", "form", "button",
    "select", "option", "input", "textarea", "label", "figure", "figcaption", "dialog", "menu", "head", "time",
    "picture", "img", "amp-ad", "ins",
}  # fmt: skip
_OPENERS = BLOCKS | {"span", "b", "strong", "em"}  # what may open with the label of a box


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


def prune(tree: Element, heading: Element | None) -> None:
    """Remove what is not the article by its element, its class, or the label it opens with."""
    words = labels.page_words()
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
    bodies, quotes, pictures = set(words.body), set(words.quote), set(words.picture)
    pictured = _pictured(tree)
    doomed: list[Element] = _teasers(tree, size, linked, above_heading)
    doomed = [element for element in doomed if prose.get(element, 0) <= 0.4 * whole]

    def safe(element: Element) -> bool:
        return element in above_heading or (prose.get(element, 0) > 0.4 * whole and whole > 200)

    def foreign(element: Element) -> bool:
        names, parts = words_of(element)
        if names & bodies or (
            parts & quotes and size[element] > 30 and element.tag in ("aside", "figure", "div", "section")
        ):
            return False
        if element.tag in _GONE and not (element.tag == "figure" and element.find(".//table") is not None):
            return True
        boxed = element.tag not in ("body", "html", "p", "em", "strong", "blockquote") or (
            element.tag == "p" and size[element] < 300
        )
        hidden = "display:none" in (element.get("style") or "").replace(" ", "") or element.get("hidden") is not None
        picture = element in pictured and 0 < size[element] < 350
        return bool(
            hidden
            or names & names_removed
            or (parts & remove and boxed)
            or (element.tag in _OPENERS and _labelled_box(element, size[element], linked[element], first[element]))
            or (picture and (parts & pictures or _credited(element, size[element])))
        )

    framed = {e: words_of(e)[1] for e in prose if e not in above_heading and e.tag not in ("body", "main")}
    remove -= _layout_words(tree, framed, size, linked)
    waiting = [tree]
    while waiting:
        element = waiting.pop()
        if not safe(element) and foreign(element):
            doomed.append(element)  # with all in it
        else:
            waiting.extend(child for child in element if isinstance(child.tag, str))
    for element in doomed:
        _remove(element)


def _layout_words(
    tree: Element, parts: dict[Element, frozenset[str]], size: dict[Element, int], linked: dict[Element, int]
) -> set[str]:
    """Words that name boxes on most sites, but on this page the frame of its text: together they hold most of it."""
    doubted = set(labels.page_words().layout)
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
    return size < 350 and element.find(".//p") is None and strip.credit_at(text_of(element)) is not None


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
    if not first or not linked or size > 3000:
        return False
    opened = labels.opens(first, None, "related", "related_openings")
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
