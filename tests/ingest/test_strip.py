"""The strippers: what they take, what they leave, and that every removal can be undone."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import strip

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/strip.toml").read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["claim"])
def test_strippers_take_the_marked_lines_and_no_others(case):
    """Lines marked in the case file go, all others stay in order."""
    lines = case["text"].strip().split("\n")
    wanted = [line for line in lines if not line.startswith("- ")]
    text = "\n\n".join(line.removeprefix("- ") for line in lines)
    left, steps = strip.strip(text)
    assert left.split("\n\n") == wanted
    assert all(step.name in strip.STRIPPERS for step in steps)


def test_a_picture_name_glued_to_a_sentence_leaves_the_sentence():
    """Only the file name goes from a line that ends with one."""
    text = "The dam held, the minister said.3_845.jpg\n\nIt rained."
    left, steps = strip.strip(text)
    assert left == "The dam held, the minister said.\n\nIt rained."
    assert [edit.removed for edit in steps[0].edits] == ["3_845.jpg"]


def test_the_headline_printed_again_or_cut_goes():
    """The title's repetition and its cut beginning are removed, a sentence that starts alike is not."""
    title = "Ferry to open by May, minister says"
    text = "Ferry to open\n\nFerry to open by May, minister says\n\nFerry to open by May, minister says in a letter."
    assert strip.strip(text, "en", title)[0] == "Ferry to open by May, minister says in a letter."


def test_the_headline_of_a_plain_text_is_found_behind_its_masthead():
    """Labels before the headline go as the masthead, the headline becomes the title, a name above a label stays."""
    text = (
        "Φάρος Νέα\nΤελευταία Νέα\n\nΔεν κλείνει κανένα σχολείο\n\nΗ υφυπουργός το επανέλαβε την Τρίτη στους δημάρχους."
    )
    title, left, steps = strip.headline(text)
    assert title == "Δεν κλείνει κανένα σχολείο"
    assert left.split("\n", 1)[0] == "Φάρος Νέα"
    assert left.rpartition("\n")[2] == "Η υφυπουργός το επανέλαβε την Τρίτη στους δημάρχους."
    assert [step.name for step in steps] == ["masthead", "headline"]
    assert strip.undo(left, steps) == text


def test_a_text_that_starts_with_its_first_sentence_has_no_headline():
    """No paragraph is taken for a headline."""
    text = "The minister said on Monday that the ferry would sail.\n\nNobody believed it."
    assert strip.headline(text) == (None, text, ())


def test_lines_wrapped_at_a_width_become_one_paragraph():
    """Line feeds inside sentences are blanks, blank lines separate paragraphs."""
    line = "The ferry number {} sails in May and the ticket costs forty crowns\n"
    paragraph = "".join(map(line.format, range(5))) + "says the minister."
    left, _ = strip.strip(paragraph + "\n\nEnd.")
    assert left.count("\n\n") == 1
    assert left.count("\n") == 2


lines = st.sampled_from(
    ["Читайте также", "Read also", "0 Comments", "a.jpg", "Ρoή Ειδήσεων", "He left.3_1.jpg", "www.pharos.example", ""]
)
texts = st.lists(lines | st.text(max_size=40), max_size=12).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(texts, st.none() | st.text(max_size=20))
def test_undoing_the_steps_last_first_restores_the_text(text, title):
    """Nothing that is removed is lost."""
    left, steps = strip.strip(text, None, title)
    assert strip.undo(left, steps) == text
    _, rest, head = strip.headline(text)
    assert strip.undo(rest, head) == text


@settings(max_examples=60, deadline=None)
@given(texts)
def test_stripped_text_is_paragraphs_apart_by_one_blank_line(text):
    """No blank paragraph and no single line feed is left."""
    left, _ = strip.strip(text.replace("\r", ""))
    assert "\n\n\n" not in left
    assert left == left.strip("\n ")


@settings(max_examples=150, deadline=None)
@given(texts, st.integers(0, 200), st.integers(1, 30))
def test_a_span_that_the_steps_leave_whole_is_found_where_it_now_stands(text, start, length):
    """What is moved is the same words; what a step touched is nowhere."""
    start = min(start, max(len(text) - 1, 0))
    end = min(start + length, len(text))
    left, steps = strip.strip(text)
    if place := strip.moved(start, end, steps):
        assert left[slice(*place)] == text[start:end]


def test_a_span_behind_a_removal_moves_and_one_in_it_is_gone():
    """Offsets follow the text."""
    text = "Read also\n\nThe ferry sailed in May, the minister said."
    _, steps = strip.strip(text)
    assert strip.moved(15, 20, steps) == (4, 9)
    assert strip.moved(0, 4, steps) is None


def test_undo_refuses_steps_of_another_text():
    """Steps that do not fit are an error, not a garbled text."""
    text = "One.   \nTwo."
    _, steps = strip.strip(text)
    with pytest.raises(ValueError, match="was not made on this text"):
        strip.undo("x", steps)


@pytest.mark.parametrize("unit", ["a\n", "читайте также: ", "12:00 Foo\n", "#a", "a.", "«", "x.jpg ", "Photo: "])
def test_time_grows_no_faster_than_the_text(unit):
    """Eight times the text takes less than thirty times the time."""

    def seconds(count):
        text = unit * count
        before = time.process_time()
        strip.strip(text)
        return time.process_time() - before

    seconds(100)
    assert seconds(16_000) < 30 * max(seconds(2_000), 0.02)
