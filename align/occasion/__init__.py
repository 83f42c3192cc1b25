"""When and where each mention was spoken, as its page says it, and whether two may have been on one occasion. Pure.

A page says it beside the words ("said on Monday in an interview"), in the sentence that leads in, or at its head; what
it says is reckoned from its own day to an interval. Words of dates and venues are lexica/occasion.toml. Dates inside
of what is reported are never read: they are what was spoken of. In reading order:

    words        the words of lexica/occasion.toml, compiled
    times        dates in running text -> intervals
    clauses      which of them belong to the clause that reports
    page         one document: own words, what leads in, what follows
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from align.occasion.page import Page
from align.occasion.times import Calendar
from align.occasion.words import kin, words
from align.records import Interval, Mention, Occasion
from ingest.records import Document

__all__ = ["apart", "occasions"]

_TOLERANCE = timedelta(days=1)  # between two pages' reckonings of one day: zones, late evenings
_NAMED = timedelta(days=3)  # as long as a day that a page names may be, wherever the page is


def occasions(mentions: Sequence[Mention], document: Document) -> dict[str, Occasion]:
    """Return the occasion of each mention of a document, by the mention's id.

    ``said_at`` is as narrow as the page's words allow. Where they say nothing, words are taken for fresh: from a
    week before the page was published to then; on a page without a date, or in a language without a table, nothing is
    known but that they are not younger than the page.
    """
    here = [mention for mention in mentions if mention.document == document.id]
    table = words((document.language or "und").split("-")[0])
    if table is None:
        unread = Occasion(said_at=Calendar(document, (0, 0)).open)
        return {mention.id: unread for mention in here}
    return dict(Page(here, document, table).occasions())


def apart(left: Occasion, right: Occasion) -> str:
    """Return why two mentions were not spoken on one occasion: "other date", "other venue"; "" when they may have been.

    Dates are other when the intervals are more than a day apart. Two venues that are never one occasion are other when
    the days of both are named and do not meet at all.
    """
    if left.said_at is None or right.said_at is None:
        return ""
    gap = _gap(left.said_at, right.said_at)
    if gap is None or gap <= timedelta(0):
        return ""
    if gap > _TOLERANCE:
        return "other date"
    if not _is_day(left.said_at) or not _is_day(right.said_at):
        return ""
    one, other = kin().get(left.venue), kin().get(right.venue)
    return "other venue" if one and other and one != other else ""


def _is_day(interval: Interval) -> bool:
    return interval.start is not None and interval.end is not None and interval.end - interval.start <= _NAMED


def _gap(left: Interval, right: Interval) -> timedelta | None:
    """Return how long after the end of the earlier interval the later one begins; None where that is not known."""
    gaps = [
        later.start - earlier.end
        for earlier, later in ((left, right), (right, left))
        if earlier.end is not None and later.start is not None
    ]
    return max(gaps, default=None)
