"""Ids, lines of JSON and the matching form."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import fold, ids, jsonl
from ingest.errors import RecordError
from ingest.records import Document, Step


@given(st.lists(st.text() | st.none()), st.lists(st.text() | st.none()))
def test_ids_differ_when_fields_differ(left: list[str | None], right: list[str | None]) -> None:
    """Two lists of fields have the same id exactly when they are the same list."""
    assert (ids.content_id("x", *left) == ids.content_id("x", *right)) == (left == right)


def test_a_document_line_needs_only_id_and_text() -> None:
    """Missing fields are null."""
    document = jsonl.decode(b'{"id": "d", "text": "t"}', Document, "f:1")
    assert (document.language, document.published, document.steps) == (None, None, ())


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-03-05T21:15+03:00", datetime(2026, 3, 5, 18, 15, tzinfo=UTC)),
        ("2026-03-05T18:15:00Z", datetime(2026, 3, 5, 18, 15, tzinfo=UTC)),
        ("2026-03-05", datetime(2026, 3, 5, tzinfo=UTC)),
        ("2026-03", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_are_read_as_utc(written: str, read: datetime) -> None:
    """ISO 8601 times with any zone, without seconds or of reduced precision are read as aware UTC."""
    line = msgspec.json.encode({"id": "d", "text": "t", "published": written})
    assert jsonl.decode(line, Document, "f:1").published == read


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"id": "d"}', "missing required field `text`"),
        (b'{"id": "d", "text": 4}', "$.text"),
        (b'{"id": "d", "text": "t", "lang": "ru"}', "unknown field `lang`"),
        (b'{"id": "d", "text": "t", "published": "yesterday"}', "yesterday"),
        (b'{"id": "d", "text": "t", "language_score": 2}', "$.language_score"),
        (b"{", "truncated"),
    ],
)
def test_a_bad_line_says_where_and_why(line: bytes, message: str) -> None:
    """The error names file, line, place and cause on one line."""
    with pytest.raises(RecordError) as caught:
        jsonl.decode(line, Document, "documents.jsonl:17")
    assert str(caught.value).startswith("documents.jsonl:17: $")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_bad_line_costs_no_other(tmp_path: Path) -> None:
    """Reading goes on after a line that is not a record."""
    path = tmp_path / "d.jsonl"
    path.write_bytes(b'{"id": "a", "text": "t"}\nnonsense\n\n{"id": "b", "text": "t"}\n')
    kinds = [type(record) for record in jsonl.read(str(path), Document)]
    assert kinds == [Document, RecordError, Document]


def test_records_survive_being_written_and_read(tmp_path: Path) -> None:
    """What is written is read back equal."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    document = Document(id="a", text="τ « »", published=now, steps=(Step(name="s", edits=()),))
    records = [document]
    path = str(tmp_path / "d.jsonl")
    assert jsonl.write(path, records) == 1
    assert list(jsonl.read(path, Document)) == records


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ρoή Ειδήσεων", "Ροή Ειδήσεων"),  # Latin o in a Greek word
        ("Tекст", "Текст"),  # Latin T in a Russian word
        ("O Σεργκέι", "O Σεργκέι"),  # a word of one script, if the wrong one, is not a mixed word
        ("NATO и ЕС", "NATO и ЕС"),
    ],
)
def test_a_mixed_word_is_read_in_one_script(written: str, read: str) -> None:
    """Letters that look alike are read in the script of the word's other letters."""
    assert fold.unmix(written) == read


@given(st.text())
def test_unmixing_keeps_offsets(text: str) -> None:
    """The number of code points does not change, and doing it twice changes nothing more."""
    once = fold.unmix(text)
    assert len(once) == len(text)
    assert fold.unmix(once) == once


@pytest.mark.parametrize(("left", "right"), [("μητσοτακης", "Μητσοτάκης"), ("ΛΑΒΡΟΦ", "Λαβρόφ"), ("еще", "Ещё")])
def test_folding_joins_what_a_person_means(left: str, right: str) -> None:
    """Case, accents, final sigma and ё make no difference."""
    assert fold.fold(left) == fold.fold(right)


def test_folding_keeps_short_i_apart() -> None:
    """й is a letter of its own, not an accented и."""
    assert fold.fold("мой") != fold.fold("мои")


def test_what_may_not_be_stored_is_removed() -> None:
    """Control characters, lone surrogates and bidi overrides go; line ends and tabs stay."""
    assert fold.storable("a\x00b\ud800c\u202ed\te\n") == "abcd\te\n"
