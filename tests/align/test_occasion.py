"""When and where words were spoken, as the page says it, and what cannot have been one occasion."""

from __future__ import annotations

import random
import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.occasion import apart, occasions
from align.occasion.words import tables
from align.records import Interval, Mention, Occasion
from ingest.jsonl import instant
from ingest.labels import date_words, matching
from ingest.records import Document

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/occasion.toml").read_text("utf-8"))
DAY = timedelta(days=1)
FRESH = ["2026-03-12", "2026-03-19"]


def page(case: dict[str, Any]) -> tuple[Document, list[Mention]]:
    """Return a case's document, without its marks, and what was marked as mentions, outer ones before inner ones."""
    text, opened, spans = "", [], []
    for letter in case["text"].strip("\n"):
        if letter == "⟦":
            opened.append(len(text))
        elif letter == "⟧":
            spans.append((opened.pop(), len(text)))
        else:
            text += letter
    published = case.get("published", "2026-03-19T15:00:00Z")
    document = Document(
        id="d", text=text, title=case.get("title"), language=case["language"],
        published=instant(published) if published else None,
    )  # fmt: skip
    people = case.get("people", [])
    mentions = [
        Mention(
            id=f"m{number}", document="d", start=start, end=end, text=text[start:end],
            person=people[min(number, len(people) - 1)] if people else None,
        )
        for number, (start, end) in enumerate(sorted(spans, key=lambda span: (span[0], -span[1])))
    ]  # fmt: skip
    return document, mentions


def days(interval: Interval | None, language: str) -> list[str]:
    """Return the first and last day of an interval where it may be earliest and latest, "" where it is open."""
    west, east = tables()[language]["hours"] if language in tables() else (0, 0)
    first = (interval.start + timedelta(hours=east)).date().isoformat() if interval and interval.start else ""
    last = interval.end + timedelta(hours=west) - timedelta(microseconds=1) if interval and interval.end else None
    return [first, last.date().isoformat() if last else ""]


def shown(occasion: Occasion, language: str) -> dict[str, Any]:
    """Return an occasion as cases write it."""
    told = {"venue": occasion.venue, "place": occasion.place, "again": occasion.again}
    return {"days": days(occasion.said_at, language)} | {name: value for name, value in told.items() if value}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=pytest.mark.xfail(strict=True, reason=case["misses"]) if "misses" in case else ())
        for case in CASES["case"]
    ],
    ids=[case["claim"].replace(" ", "-")[:70] for case in CASES["case"]],
)
def test_occasions_are_read(case: dict[str, Any]) -> None:
    """Each mention was spoken in the days and at the venue that its page says, and is old where the page says so."""
    document, mentions = page(case)
    found = occasions(mentions, document)
    expected = [{"days": FRESH} | mention for mention in case["mentions"]]
    assert [shown(found[mention.id], case["language"]) for mention in mentions] == expected


def made(case: dict[str, Any]) -> Occasion:
    """Return the occasion that a pair's side describes, its days reckoned in UTC."""
    first, last = [datetime.combine(date.fromisoformat(day), time(), UTC) if day else None for day in case["days"]]
    interval = Interval(start=first, end=last + DAY if last else None) if first or last else None
    return Occasion(said_at=interval, venue=case.get("venue", ""))


@pytest.mark.parametrize("pair", CASES["pair"], ids=[pair["claim"].replace(" ", "-") for pair in CASES["pair"]])
def test_what_cannot_be_one_occasion_is_told_apart(pair: dict[str, Any]) -> None:
    """Two occasions are apart for the reason that the case says, whichever comes first."""
    left, right = made(pair["left"]), made(pair["right"])
    assert apart(left, right) == apart(right, left) == pair["reason"]


def test_cues_are_the_words_that_were_read() -> None:
    """A reader can look up from which words of the page an occasion was read."""
    text = "“The quay will stay open,” Dorin said in an interview with Radio Tarn on Monday."
    mention = Mention(id="m", document="d", start=1, end=24, text=text[1:24], cue="said")
    document = Document(id="d", text=text, language="en", published=instant("2026-03-19T15:00:00Z"))
    cues = occasions([mention], document)["m"].cues
    assert [text[start:end] for start, end in cues] == ["interview", "Radio Tarn", "on Monday"]


def test_a_page_that_was_only_seen_gives_words_no_beginning() -> None:
    """What is reckoned from the day a page was first seen may be older by any time."""
    text = "“The quay will stay open,” Dorin said on Monday."
    mention = Mention(id="m", document="d", start=1, end=24, text=text[1:24])
    document = Document(id="d", text=text, language="en", first_seen=instant("2026-03-19T15:00:00Z"))
    assert days(occasions([mention], document)["m"].said_at, "en") == ["", "2026-03-16"]


def test_a_day_of_publication_without_an_hour_lasts_all_day() -> None:
    """A page that claims midnight claims a day: its words may be of that day's evening."""
    mention = Mention(id="m", document="d", start=0, end=4, text="Open")
    document = Document(id="d", text="Open, said Dorin.", language="el", published=instant("2026-03-19"))
    said_at = occasions([mention], document)["m"].said_at
    assert said_at is not None
    assert said_at.end == instant("2026-03-20")


def test_a_page_changed_later_may_hold_later_words() -> None:
    """Words that nobody dates may be as young as the last change of the page."""
    mention = Mention(id="m", document="d", start=0, end=4, text="Open")
    document = Document(
        id="d", text="Open, said Dorin.", language="en",
        published=instant("2026-03-19T15:00:00Z"), modified=instant("2026-03-22T15:00:00Z"),
    )  # fmt: skip
    said_at = occasions([mention], document)["m"].said_at
    assert said_at is not None
    assert said_at.end == document.modified


@pytest.mark.parametrize("language", ["en", "ru", "el"])
def test_months_are_those_that_ingest_reads(language: str) -> None:
    """Every form of a month begins as ingest's month of that number does, so that the two tables say one thing."""
    for number, forms in enumerate(tables()[language]["months"], 1):
        for form in forms.split():
            known = [begin for begin in date_words().months if matching(form).startswith(begin)]
            assert not known or date_words().months[max(known, key=len)] == number, form


PIECES = [
    "said", "on Monday", "yesterday", "in March", "Dorin", "told", "in an interview with", "Radio Tarn", ",", ".", ":",
    "“", "”", "earlier", "\n\n", "who", "the quay", "2 March 2026", "back then", "заявил", "в понедельник", "ранее",
    "στις 10 Μαρτίου", "δήλωσε",
]  # fmt: skip
PART = st.tuples(st.sampled_from(PIECES), st.booleans())


def built(parts: list[tuple[str, bool]], language: str) -> tuple[Document, list[Mention]]:
    """Return a page of pieces, those that are marked being mentions."""
    text, mentions = "", []
    for number, (piece, marked) in enumerate(parts):
        if marked and piece.strip():
            mentions.append(
                Mention(id=f"m{number}", document="d", start=len(text), end=len(text) + len(piece), text=piece)
            )
        text += piece + " "
    return Document(id="d", text=text, language=language, published=instant("2026-03-19T15:00:00Z")), mentions


@settings(max_examples=200, deadline=None)
@given(st.lists(PART, max_size=24), st.sampled_from(["en", "ru", "el", "ca"]), st.randoms(use_true_random=False))
def test_occasions_keep_their_promises(parts: list[tuple[str, bool]], language: str, order: random.Random) -> None:
    """The order of mentions does not matter; an interval does not end before it begins; cues lie in the text and
    outside of what is reported."""
    document, mentions = built(parts, language)
    found = occasions(mentions, document)
    shuffled = list(mentions)
    order.shuffle(shuffled)
    assert occasions(shuffled, document) == found
    assert set(found) == {mention.id for mention in mentions}
    for occasion in found.values():
        interval = occasion.said_at
        if interval and interval.start and interval.end:
            assert interval.start <= interval.end
        for start, end in occasion.cues:
            assert 0 <= start < end <= len(document.text)
            assert all(end <= mention.start or mention.end <= start for mention in mentions)
        assert apart(occasion, occasion) == ""


INSTANTS = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@settings(max_examples=200, deadline=None)
@given(st.lists(INSTANTS, min_size=4, max_size=4), st.sampled_from(["interview", "post", "speech", ""]))
def test_apart_is_symmetric_and_needs_time_between(ends: list[datetime | None], venue: str) -> None:
    """Two occasions are apart only if one is over before the other begins, whichever is named first."""
    left = Occasion(said_at=Interval(start=ends[0], end=ends[1]), venue=venue)
    right = Occasion(said_at=Interval(start=ends[2], end=ends[3]), venue="parliament")
    reason = apart(left, right)
    assert reason == apart(right, left)
    between = [later - earlier for earlier, later in ((ends[1], ends[2]), (ends[3], ends[0])) if earlier and later]
    assert bool(reason) <= any(gap > timedelta(0) for gap in between)
