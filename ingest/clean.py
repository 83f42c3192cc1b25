"""Capture -> Document | Drop: the article of a page or a plain text, cleaned, with every removal written down."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from urllib.parse import urlsplit

from ingest import charset, dates, labels, page, strip, urls
from ingest.fold import storable
from ingest.ids import content_id
from ingest.records import Anchor, Capture, Document, Drop, Step, drop

_PLAIN = {"text/plain", "text/markdown"}
_HTML = {None, "text/html", "application/xhtml+xml", "application/xml", "text/xml", "application/octet-stream"}
_MAGIC = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"\x7fELF",
    b"OggS",
    b"ID3",
)
_CONTROLS = bytes((*range(9), *range(14, 27), *range(28, 32)))  # text has tabs, line ends and escape sequences
_MIN_TEXT = 60  # code points of an article on a page: less is a caption


def clean(capture: Capture, zone: tzinfo | None = None) -> Document | Drop:
    """Clean one capture. ``language`` stays None; ``first_seen`` is when it was fetched.

    ``zone`` is where the outlet is: times that its pages print without a zone are in it (UTC when None).
    Drops: empty_body, binary_body, unsupported_media, too_deep, no_article, clean_failed.
    """
    if refused := _refused(capture):
        return refused
    text = charset.decoded(capture.body, capture.charset)
    if capture.media_type in _PLAIN:
        return clean_text(text, capture.url, capture.fetched_at, capture=capture.id, outlet=capture.outlet)
    try:
        return _clean_html(storable(text), capture, zone)
    except page.TooDeep as error:
        return drop("clean", capture.id, "too_deep", str(error))
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError) as error:
        # trafilatura and lxml meet pages nobody has met before: one page is lost, and says so
        return drop("clean", capture.id, "clean_failed", f"{type(error).__name__}: {error}"[:300])


def _refused(capture: Capture) -> Drop | None:
    if not capture.body.strip():
        return drop("clean", capture.id, "empty_body", capture.url)
    if _binary(capture.body):
        return drop("clean", capture.id, "binary_body", capture.media_type or "")
    if capture.media_type not in _PLAIN | _HTML:
        return drop("clean", capture.id, "unsupported_media", capture.media_type or "")
    return None


def clean_text(
    text: str, name: str, fetched_at: datetime, *, capture: str | None = None, outlet: str | None = None
) -> Document | Drop:
    """Clean a plain text. ``name`` is its URL or file name.

    The headline, where the text starts with one, becomes the title; the address of the site, alone on a line after
    the last sentence, names the outlet where none is given.
    """
    about = capture or name
    text = storable(text).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return drop("clean", about, "empty_body", name)
    title, rest, steps = strip.headline(text)
    left, more = strip.strip(rest, None, title)  # a page's labels need not be in the language of its text
    steps += more
    if not _legible(left):
        return drop("clean", about, "no_article", name)
    return Document(
        id=content_id("document", name, title, left), capture=capture, outlet=outlet or _site_named(steps), url=name,
        title=title, published=_utc(_published(steps, fetched_at)), first_seen=fetched_at, text=left, steps=steps,
    )  # fmt: skip


def _clean_html(html: str, capture: Capture, zone: tzinfo | None) -> Document | Drop:
    read = page.read(html, capture.fetched_at, capture.url, zone)
    text = "\n\n".join(read.paragraphs)
    if not text:
        return drop("clean", capture.id, "no_article", capture.url)
    host = (urlsplit(capture.url).hostname or "").removeprefix("www.")
    own = own_lines(text, read, host)
    text, step = strip.apply(text, "byline", own)
    left, steps = strip.strip(text, None, read.title)  # labels may be in other languages than the text
    if step:
        steps = (step, *steps)
    if (
        labels.weight(left) < _MIN_TEXT
        or not _legible(left)
        or not any(_has_sentence(line) for line in left.split("\n\n"))
    ):
        return drop("clean", capture.id, "no_article", capture.url)
    url = urls.own_name(capture.url, read.canonical)
    return Document(
        id=content_id("document", url, read.title, left), capture=capture.id,
        outlet=capture.outlet or _site_named(steps) or host or read.site, url=url,
        title=read.title, byline=read.byline, published=_utc(read.published), modified=_utc(read.modified),
        first_seen=capture.fetched_at, text=left, steps=steps, anchors=_anchors(read.anchors, steps),
    )  # fmt: skip


def _anchors(anchors: tuple[Anchor, ...], steps: tuple[Step, ...]) -> tuple[Anchor, ...]:
    """Return the links that the steps left whole, where they now stand."""
    places = ((anchor, strip.moved(anchor.start, anchor.end, steps)) for anchor in anchors)
    return tuple(Anchor(start=place[0], end=place[1], url=anchor.url) for anchor, place in places if place)


def own_lines(text: str, read: page.Page, host: str) -> list[strip.Span]:
    """Lines that only repeat who wrote or published the page: its byline, its site as the source."""
    people = {labels.matching(name) for name in re.split(r",| и | και | and ", read.byline or "") if name.strip()}
    people |= {labels.matching(read.byline or "")} - {""}
    site = {labels.matching(read.site or ""), host} - {""}
    short = {name.partition(".")[0] for name in site if name}
    gone = []
    for line in labels.lines_of(text):
        key = line.key.strip(" ,.-–—|()")
        source = labels.opens(line.text, None, "sources")
        if key in people or (source and len(key) < 60 and line.key[source:].strip(" :.-") in site | short):
            gone.append((line.begin, line.end_of_line, ""))
    return gone


def _utc(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC) if instant else None


def _binary(body: bytes) -> bool:
    """Is this no text at all? Text in any of our charsets has no NUL beyond UTF-16 and few control bytes."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    head = body[:4096]
    if head.startswith(_MAGIC):
        return True
    odd = len(head) - len(head.translate(None, _CONTROLS))
    return odd > 0.05 * len(head)


def _has_sentence(line: str) -> bool:
    return labels.sentence(line) or (
        labels.weight(line) >= _MIN_TEXT and bool(re.search(r"[.!?…;][\"'»”’)]*(?:\s|$)|[。！？]", line))
    )


def _legible(text: str) -> bool:
    """Is at least a third of the text letters, in words? What a wrong charset or a binary body leaves is not."""
    sample = text[:4000]
    letters = sum(c.isalpha() for c in sample)
    unspaced = labels.weight(sample) > 1.6 * len(sample)
    return letters > 0.34 * len(sample) and (unspaced or sample.count(" ") + sample.count("\n") > len(sample) / 60)


def _site_named(steps: tuple[Step, ...]) -> str | None:
    """Return the site that the text itself named at its end, as its domain."""
    for step in steps:
        if step.name == "site":
            return step.edits[0].removed.strip().strip("/").lower().removeprefix("www.")
    return None


def _published(steps: tuple[Step, ...], fetched_at: datetime) -> datetime | None:
    """Return the date of the first line that was nothing but a date."""
    for step in steps:
        if step.name in ("dates", "masthead"):
            for edit in step.edits:
                if moment := dates.printed(edit.removed, fetched_at):
                    return dates.settled(moment, None, fetched_at)
    return None
