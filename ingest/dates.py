"""Dates as pages print them -> aware times. Month names and relative words are data (``boilerplate/``, [dates])."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

from msgspec import Struct

from ingest.labels import date_words, matching

_YEARS = range(1990, 2100)
_CLOCK = (
    r"(?<!\d)(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?!\d)"
    r"(?:\s*(?P<half>[ap]\.?m\b|[πμ]\.?μ\b))?"
)
_ISO = re.compile(
    r"(?<!\d)(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[T ]+(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?:\.\d{1,9})?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_DMY = re.compile(r"(?<!\d)(?P<day>\d{1,2})[./-](?P<month>\d{1,2})[./-](?P<year>(?:19|20)\d\d)")
_YMD = re.compile(  # 2026/3/5, 2026.03.05, and with the signs for year and month of Chinese, Japanese and Korean
    r"(?<!\d)(?P<year>(?:19|20)\d\d)\s?[./年년]\s?(?P<month>\d{1,2})\s?[./月월]\s?(?P<day>\d{1,2})(?!\d)"
)
_TIME = re.compile(_CLOCK, re.IGNORECASE)
_GLUED = re.compile(_CLOCK.replace(r"(?<!\d)", "", 1), re.IGNORECASE)


class Moment(Struct, frozen=True, kw_only=True):
    """A time as written: ``sure`` when its zone was written too; ``clock`` when it has a time of day."""

    at: datetime
    sure: bool
    clock: bool


@cache
def _named() -> re.Pattern[str]:
    months = "|".join(sorted(map(re.escape, date_words().months), key=len, reverse=True))
    return re.compile(
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|η|ης)?[\s.]+(?:of\s+)?"
        rf"(?P<name>{months})\w{{0,6}}\.?,?\s+(?P<year>(?:19|20)\d\d)"
        rf"|\b(?P<name2>{months})\w{{0,6}}\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year2>(?:19|20)\d\d)"
    )


def iso(text: str) -> Moment | None:
    """Read an ISO 8601 time at the start of a string, as machines write it into pages; None for anything else."""
    found = _ISO.match(text.strip()[:60])
    return _moment(found.groupdict()) if found else None


def printed(text: str, today: datetime) -> Moment | None:
    """Read the first date in a line as people print it, with the time beside it.

    ``today`` resolves relative words. The text is read in matching form; at most 300 code points are looked at.
    """
    key = matching(text[:300])
    found = _ISO.search(key) or _DMY.search(key) or _named().search(key) or _YMD.search(key)
    if not found:
        return _relative(key, today)
    parts = dict(found.groupdict())
    if "name" in parts:
        parts["month"] = str(date_words().months[parts["name"] or parts["name2"]])
        parts["day"] = parts["day"] or parts["day2"]
        parts["year"] = parts["year"] or parts["year2"]
    if not parts.get("hour") and (clock := _clock_beside(key, found.start(), found.end())):
        parts |= clock.groupdict()
    return _moment(parts)


def _clock_beside(key: str, start: int, end: int) -> re.Match[str] | None:
    """The time of day that goes with the date at ``start`` to ``end``: glued, right before, after, or before it."""
    glued = _GLUED.match(key, end)  # "5 марта 202611:53"
    before, after = list(_TIME.finditer(key[:start])), _TIME.search(key, end)
    near = before[-1] if before and start - before[-1].end() <= 3 else None
    return glued or near or after or (before[0] if before else None)


def _relative(key: str, today: datetime) -> Moment | None:
    clock = _TIME.search(key)
    if not clock or len(key) > 80:
        return None
    for word, days in date_words().relative.items():
        if re.search(rf"\b{re.escape(word)}\b", key):
            day = today - timedelta(days=days)
            parts = {"year": str(day.year), "month": str(day.month), "day": str(day.day), **clock.groupdict()}
            return _moment(parts)
    return None


def _moment(parts: dict[str, str | None]) -> Moment | None:
    try:
        year, month, day = (int(parts[name] or "") for name in ("year", "month", "day"))
        hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
        half = (parts.get("half") or "").replace(".", "")
        if half in ("pm", "μμ") and hour < 12:
            hour += 12
        elif half in ("am", "πμ") and hour == 12:
            hour = 0
        zone = parts.get("zone")
        offset: tzinfo = UTC
        if zone and zone not in ("Z", "z"):
            parsed = datetime.strptime(zone.replace(":", ""), "%z").tzinfo
            offset = parsed or UTC
        at = datetime(year, month, day, hour, minute, second, tzinfo=offset)
    except (ValueError, TypeError, KeyError):
        return None
    return Moment(at=at, sure=bool(zone), clock=bool(parts.get("hour"))) if year in _YEARS else None


def settled(moment: Moment | None, zone: tzinfo | None, latest: datetime) -> datetime | None:
    """Return the time in its zone; one written without a zone is in ``zone``, the page's own. Never after ``latest``.

    A time that is less than 14 hours late may be local time of a zone not written: it becomes ``latest``. Any later
    one is not believed.
    """
    if moment is None:
        return None
    at = moment.at if moment.sure or zone is None else moment.at.replace(tzinfo=zone)
    if at <= latest:
        return at
    return latest.astimezone(at.tzinfo) if at - latest < timedelta(hours=14) else None
