"""When words were printed, as far as the page says, and which pages may have been first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from align.records import Interval, Occurrence
from ingest.records import Document

_DAY = timedelta(days=1)


class Claims(NamedTuple):
    """The times of a document, in UTC: what the page claims and what our own clock says."""

    published: datetime | None
    modified: datetime | None
    first_seen: datetime | None


def claims(document: Document) -> Claims:
    """Return a document's times in UTC."""
    return Claims(_utc(document.published), _utc(document.modified), _utc(document.first_seen))


def _utc(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC) if at else None


def is_late(claimed: Claims) -> bool:
    """Whether a page claims to be published only when, or after, we saw it: that claim cannot be believed."""
    return bool(claimed.published and claimed.first_seen and claimed.published >= claimed.first_seen)


def seen(claimed: Claims) -> Interval:
    """Return the time from the claim of publication, where it can be believed, to our first sight."""
    return Interval(start=None if is_late(claimed) else claimed.published, end=claimed.first_seen)


def printed(claimed: Claims, zone: tzinfo = UTC) -> Interval:
    """Return when the words came onto the page, by the page's own word; never after our first sight.

    A page that claims a publication and no later change printed all its words then. One that claims a later change
    may have added them at any time until that change. A claim of midnight in the page's ``zone`` is that of a day
    without an hour and means all of the day. A page that claims no publication has no start: its words may be as old
    as can be, and stood there when it was last changed, or seen.
    """
    start, changed = seen(claimed).start, claimed.modified
    if start is None:
        end = changed if changed and not claimed.published else None
    else:
        end = max(start, changed) if changed else start
    if end is not None and end.astimezone(zone).time() == time():
        end += _DAY
    known = [at for at in (end, claimed.first_seen) if at is not None]
    return Interval(start=start, end=min(known, default=None))


def order(interval: Interval) -> tuple[bool, datetime]:
    """Return what sorts intervals: by start, without one by end; what has no time comes last."""
    at = interval.start or interval.end
    return at is None, at or datetime.max.replace(tzinfo=UTC)


def may_precede(one: Interval, other: Interval) -> bool:
    """Whether something of the interval ``one`` may have happened before, or at, something of ``other``."""
    return one.start is None or other.end is None or one.start <= other.end


def first(pages: Sequence[Occurrence]) -> tuple[tuple[str, ...], Interval]:
    """Return the mentions that may be the first, and when the first was printed.

    The first version was printed no later than any page was known to have the words. A page may be it that could have
    been printed by then, unless it says itself that it has them from another page here.
    """
    ends = [page.printed.end for page in pages if page.printed.end]
    deadline = Interval(end=min(ends, default=None))
    able = [page for page in pages if may_precede(page.printed, deadline)]
    candidates = [page for page in able if not _has_them_from_another(page)] or able
    starts = [page.printed.start for page in candidates]
    known = [start for start in starts if start is not None]
    start = min(known) if len(known) == len(starts) and known else None
    return tuple(page.mention for page in candidates), Interval(start=start, end=deadline.end)


def _has_them_from_another(page: Occurrence) -> bool:
    return page.taken is not None and page.taken.by == "cites" and page.taken.mention is not None
