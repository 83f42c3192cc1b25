"""What would change the picture, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from align.lineage.times import Claims, is_late
from align.records import Occurrence
from ingest.records import Language, Outlet

_BACKLOG = timedelta(days=7)  # between publication and first sight: what was read then is no longer news
_NAMED = 4  # pages that a sentence names


def questions(
    pages: Sequence[Occurrence],
    first: Sequence[str],
    spoken: Language | None,
    missing: Sequence[str],
    dead_ends: Sequence[str],
    cycles: Sequence[Sequence[str]],
    outlets: Mapping[str, Outlet],
) -> Iterator[str]:
    """Yield what is not known and would change who is first, or who has it from whom; ``pages`` in order of time."""

    def named(names: Iterable[str]) -> str:
        told = [outlets[name].name if name in outlets else name for name in dict.fromkeys(names)]
        more = [f"{len(told) - _NAMED} more"] if len(told) > _NAMED else []
        *before, last = [*told[:_NAMED], *more]
        return f"{', '.join(before)} and {last}" if before else last

    def printed_by(some: Iterable[Occurrence]) -> str:
        return named(page.outlet or page.document for page in some)

    candidates = [page for page in pages if page.mention in first]
    if len(candidates) > 1:
        yield f"{len(candidates)} pages may have been first, by what is known of their times: {printed_by(candidates)}."
    silent = [page for page in pages if page.published is None and page.modified is None]
    if silent:
        yield f"No time is claimed by {_pages(silent)} ({printed_by(silent)}): they may be older than our first sight."
    late = [page for page in pages if is_late(Claims(page.published, page.modified, page.first_seen))]
    if late:
        yield f"{_pages(late)} ({printed_by(late)}) claimed a time that was still to come when we saw them."
    changed = [page for page in candidates if page.printed.start and page.printed.start != page.printed.end]
    if changed:
        yield f"The words may have been added after publication by {printed_by(changed)}: the time is that of the page."
    backlog = [page for page in pages if _waited(page)]
    if backlog:
        which = "All pages" if len(backlog) == len(pages) > 1 else f"{_pages(backlog)} ({printed_by(backlog)})"
        were = "was" if len(backlog) == 1 else "were"
        days = _BACKLOG.days
        yield f"{which} {were} first seen more than {days} days after publication, and may have changed in between."
    for outlet in missing:
        yield f"{named([outlet])} is cited, and the corpus has no page of it: its own text may be older, or differ."
    for outlet in dead_ends:
        yield f"{named([outlet])} is cited, and none of its pages in the corpus holds the words."
    for ring in cycles:
        yield f"{named(ring)} cite each other: which had it first, only their times say."
    if spoken is None and len({page.language for page in pages}) > 1:
        yield "The language in which it was said is not known: no page here is near enough to the speaker to tell."


def _pages(pages: Sequence[Occurrence]) -> str:
    return "1 page" if len(pages) == 1 else f"{len(pages)} pages"


def _waited(page: Occurrence) -> bool:
    return bool(page.published and page.first_seen and page.first_seen - page.published > _BACKLOG)
