"""The records that ingest hands from stage to stage. Frozen, keyword-only; unknown fields are refused.

Units: ``Offset`` counts code points, half-open, into the named text. ``Score`` runs from 0 to 1. ``Language`` is a
BCP 47 tag, ``und`` when undetermined. ``Instant`` is an aware time in UTC, ISO 8601 on paper.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ingest.ids import content_id

Offset = Annotated[int, Meta(ge=0, description="code points, half-open, into the named text")]
Score = Annotated[float, Meta(ge=0.0, le=1.0, description="0 to 1")]
Language = Annotated[
    str, Meta(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", description="BCP 47; und when undetermined")
]
Instant = Annotated[datetime, Meta(tz=True, description="aware, UTC, ISO 8601")]

Rights = Literal["full", "excerpt", "selectors"]
SourceKind = Literal["feed", "sitemap", "section", "warc", "folder"]
Stage = Literal[
    "seeds", "discover", "fetch", "warc", "clean", "detect", "segment", "dedupe", "translate", "extract", "link"
]

Reason = Literal[
    # discover
    "feed_unreadable", "sitemap_unreadable", "bad_url",
    # fetch
    "robots_disallowed", "address_not_public", "name_not_resolved", "connect_failed", "tls_failed", "timeout",
    "too_large", "too_many_redirects", "redirect_loop", "http_error", "protocol_error", "bad_encoding",
    "truncated_body", "retry_later",
    # warc
    "warc_damaged",
    # clean
    "empty_body", "binary_body", "unsupported_media", "too_deep", "no_article", "unreadable_file", "clean_failed",
    # translate
    "package_unusable", "translation_failed",
    # any stage over JSONL
    "bad_record", "stage_failed",
]  # fmt: skip


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every stored record has: a content hash as id, and the run that made it (null outside a refresh)."""

    id: str
    run: str | None = None


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An outlet's feed, sitemap, section page, WARC or folder. Never the speaker.

    ``checked`` is the date (YYYY-MM-DD) on which somebody has seen it work, empty until then.
    """

    kind: SourceKind
    url: str
    checked: str = ""

    @property
    def local(self) -> bool:
        """Is ``url`` a path, not an address?"""
        return self.kind in ("warc", "folder")


class Outlet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A publisher, as declared in ``seeds/outlets/<country>.toml``.

    ``names`` are the ways other outlets print its name, in any language; ``domains`` the hosts that are its own.
    ``delay`` is the least number of seconds between two requests to one of its hosts. ``timezone`` (an IANA name) is
    where its pages mean the times that they print without a zone; empty means UTC.
    """

    id: str
    name: str
    domains: tuple[str, ...]
    country: str
    language: Language
    kind: Literal["newspaper", "agency", "broadcaster", "ministry", "magazine", "site"]
    rights: Rights
    names: tuple[str, ...] = ()
    delay: float = 1.0
    timezone: str = ""
    sources: tuple[Source, ...] = ()


class Role(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}):
    """An office held from ``since`` to ``until`` (YYYY-MM-DD, open when empty); ``titles`` as printed, per language."""

    since: str = ""
    until: str = ""
    country: str = ""
    titles: dict[str, tuple[str, ...]] = {}


class Person(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person whose statements are followed, as declared in ``seeds/speakers.toml``.

    ``name`` is the canonical name in Latin script; ``aliases`` are spellings per language, inflected forms not needed.
    """

    id: str
    name: str
    gender: Literal["m", "f", ""] = ""
    wikidata: str = ""
    aliases: dict[str, tuple[str, ...]] = {}
    roles: tuple[Role, ...] = ()


class Run(Record, frozen=True, kw_only=True):
    """One refresh or add: when it ran, what it was asked, how it ended. ``counts`` are named totals for the summary."""

    command: str
    started: Instant
    finished: Instant | None = None
    exit_code: int | None = None
    counts: dict[str, int] = {}


class Drop(Record, frozen=True, kw_only=True):
    """A record that went no further: which stage, which record (id, URL or file:line), why."""

    stage: Stage
    record: str
    reason: Reason
    detail: str = ""


def drop(stage: Stage, record: str, reason: Reason, detail: str = "", run: str | None = None) -> Drop:
    """Make a Drop. Its id leaves out the run, so that the same loss found again is the same Drop."""
    return Drop(
        id=content_id("drop", stage, record, reason, detail),
        run=run,
        stage=stage,
        record=record,
        reason=reason,
        detail=detail,
    )


def with_run(lost: Drop, run: str) -> Drop:
    """Return the Drop as this run's."""
    return drop(lost.stage, lost.record, lost.reason, lost.detail, run)


class Capture(Record, frozen=True, kw_only=True):
    """The bytes of a URL at an instant. ``body`` is decoded of transfer and content encodings, not of its charset.

    ``media_type`` and ``charset`` are what the server said (null when it did not).
    """

    outlet: str | None = None
    source: str | None = None
    url: str
    fetched_at: Instant
    status: int = 200
    media_type: str | None = None
    charset: str | None = None
    digest: str
    body: bytes


class Edit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change of a text: at offset ``at`` of the text after the step, where ``inserted`` is, ``removed`` stood."""

    at: Offset
    removed: str
    inserted: str = ""


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one named stripper changed. Undoing a document's steps, last first, restores the text before them."""

    name: str
    edits: tuple[Edit, ...]


class Anchor(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A link from a document's text to another site: its words are ``text[start:end]``, its URL is canonical."""

    start: Offset
    end: Offset
    url: str


class Document(Record, frozen=True, kw_only=True):
    """The cleaned text of one capture. Paragraphs are separated by one blank line; ``title`` is not part of ``text``.

    ``published`` and ``modified`` are what the page claims, ``first_seen`` is our own clock. ``outlet`` is the id of
    a declared Outlet, or the domain or name that the page gives. ``copy_of`` names the document it is a copy of.
    ``anchors`` are the article's links to other sites, in order and apart, the first of them where there are many.
    """

    capture: str | None = None
    outlet: str | None = None
    url: str | None = None
    title: str | None = None
    byline: str | None = None
    published: Instant | None = None
    modified: Instant | None = None
    first_seen: Instant | None = None
    text: str
    language: Language | None = None
    language_score: Score | None = None
    steps: tuple[Step, ...] = ()
    copy_of: str | None = None
    anchors: tuple[Anchor, ...] = ()


class Segment(Record, frozen=True, kw_only=True):
    """A sentence of a document: ``document.text[start:end] == text``, or its whole title, where ``part`` says so.

    ``language`` may differ from the document's.
    """

    document: str
    part: Literal["text", "title"] = "text"
    start: Offset
    end: Offset
    text: str
    language: Language


class Translation(Record, frozen=True, kw_only=True):
    """A machine's rendering of a segment into ``language``.

    ``engine`` names packages and versions, ``path`` the languages passed through (("el", "en")). ``flags`` are the
    states and warnings of a translation that must not be believed; an empty tuple means usable. ``score`` is the
    engine's own mean probability per token.
    """

    segment: str
    language: Language
    text: str
    engine: str
    path: tuple[Language, ...]
    flags: tuple[str, ...] = ()
    score: Score | None = None
