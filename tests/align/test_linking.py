"""Groups, links and utterances: what belongs together, in which order, and what must stay apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import cluster, encode, link, neighbours
from align.neighbours import Place
from align.records import Link, Mention
from ingest.records import Document

DAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


class Topics:
    """A stand-in encoder: one direction a topic word, a little of it for every other word."""

    name = "topics"
    dimension = 32

    def encode(self, texts: Sequence[str]) -> encode.Vectors:
        """Return unit rows."""
        rows = np.full((len(texts), self.dimension), 0.01, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                row[sum(map(ord, word.strip(".,"))) % self.dimension] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def place(person: str | None, day: int | None) -> Place:
    """Return what grouping knows of an English mention."""
    return Place(person=person, language="en", printed=None if day is None else DAY + timedelta(days=day))


def rows(*directions: int) -> encode.Vectors:
    """Return one unit row for each direction."""
    return np.eye(16, dtype=np.float32)[list(directions)]


def test_the_same_words_of_one_person_at_one_time_are_one_group() -> None:
    """Equal vectors of one person within the window go together, others stay apart."""
    found = neighbours.groups(rows(1, 2, 1, 3), [place("A", 0), place("A", 0), place("A", 1), place("A", 1)], "x")
    assert found == [[0, 2], [1], [3]]


def test_the_same_words_on_another_occasion_are_another_group() -> None:
    """Printed further apart than the window, equal words are two statements."""
    far = neighbours.WINDOW.days + 1
    places = [place("A", 0), place("A", far), place("A", 0), place("A", far), place("A", 0), place("A", far)]
    assert neighbours.groups(rows(1, 1, 2, 2, 3, 3), places, "x") == [[0], [1], [2], [3], [4], [5]]


def test_another_persons_words_are_another_group() -> None:
    """Equal words of two people are not joined."""
    places = [place("A", 0), place("B", 0), place("A", 0), place("B", 0)]
    assert neighbours.groups(rows(1, 1, 2, 2), places, "x") == [[0], [1], [2], [3]]


def test_words_without_a_name_join_what_they_repeat() -> None:
    """A mention whose speaker is not resolved joins the group that it is nearest to, if it is near."""
    places = [place("A", 0), place("A", 0), place("A", 0), place(None, 0), place(None, 0), place(None, 0)]
    assert neighbours.groups(rows(1, 2, 3, 1, 5, 6), places, "x") == [[0, 3], [1], [2], [4], [5]]


def test_a_repetition_goes_where_it_is_said_to_go() -> None:
    """A row that follows another is in its group, whatever the vectors say."""
    places = [place("A", 0)] * 5
    assert neighbours.groups(rows(1, 1, 2, 3, 4), places, "x") == [[0, 1], [2], [3], [4]]
    assert neighbours.groups(rows(1, 1, 2, 3, 4), places, "x", {2: 0}) == [[0, 1, 2], [3], [4]]


def test_a_wrong_repetition_joins_no_two_groups() -> None:
    """Where vectors speak against it, a row that follows another takes nobody else along."""
    places = [place("A", 0)] * 6
    assert neighbours.groups(rows(1, 1, 2, 2, 3, 4), places, "x") == [[0, 1], [2, 3], [4], [5]]
    found = neighbours.groups(rows(1, 1, 2, 2, 3, 4), places, "x", {2: 0})
    assert not any({1, 3} <= set(group) for group in found)
    assert any({0, 2} <= set(group) for group in found)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 15), st.sampled_from(["A", "B", None]), st.integers(0, 40)), max_size=25))
def test_every_row_is_in_exactly_one_group(given_rows: list[tuple[int, str | None, int]]) -> None:
    """Groups are a partition, sorted."""
    places = [place(person, day) for _, person, day in given_rows]
    found = neighbours.groups(rows(*(direction for direction, _, _ in given_rows)), places, "x")
    assert sorted(index for group in found for index in group) == list(range(len(given_rows)))
    assert found == sorted(sorted(group) for group in found)


def test_nothing_in_nothing_out() -> None:
    """No mentions make no groups, no links, no utterances."""
    assert neighbours.groups(np.zeros((0, 4), dtype=np.float32), [], "x") == []
    assert link.link([], {}, Topics()) == []
    assert cluster.utterances([], [], {}) == []


def document(name: str, hours: int, outlet: str, copy_of: str | None = None) -> Document:
    """Return a document printed some hours after the first."""
    return Document(id=name, text="", outlet=outlet, published=DAY + timedelta(hours=hours), copy_of=copy_of)


def mention(name: str, home: str, text: str, kind: str = "direct", person: str | None = "Pavel Dorin") -> Mention:
    """Return a mention in a document."""
    return Mention(id=name, document=home, start=0, end=len(text), text=text, language="en", kind=kind, person=person)


FULL = "The strait stays open for every ship that pays the toll, and the toll will not rise this year."
DOCUMENTS = {
    "d1": document("d1", 0, "wire"),
    "d2": document("d2", 2, "gazette", copy_of="d1"),
    "d3": document("d3", 5, "courier"),
    "d4": document("d4", 7, "monitor"),
}
MENTIONS = [
    mention("m1", "d1", FULL),
    mention("m2", "d2", FULL),
    mention("m3", "d3", "the toll will not rise this year", kind="indirect"),
    mention("m4", "d4", "Museums need more money from the state"),
]
STAR = [
    Link(id="l2", left="m1", right="m2", relation="verbatim", translated=False, score=1.0),
    Link(id="l3", left="m1", right="m3", relation="excerpt", translated=False, score=0.9),
]


def test_an_utterance_gathers_what_hangs_on_its_fullest_version() -> None:
    """Each linked mention is a version, the earliest names the utterance, a mention alone is an utterance."""
    made = {frozenset(v.mention for v in u.mentions): u for u in cluster.utterances(MENTIONS, STAR, DOCUMENTS)}
    assert set(made) == {frozenset({"m1", "m2", "m3"}), frozenset({"m4"})}
    utterance = made[frozenset({"m1", "m2", "m3"})]
    assert (utterance.fullest, utterance.earliest, utterance.person) == ("m1", "m1", "Pavel Dorin")
    assert utterance.outlets == ("courier", "gazette", "wire")
    assert {v.mention: v.relation for v in utterance.mentions} == {"m1": "fullest", "m2": "verbatim", "m3": "excerpt"}


def test_a_refused_link_keeps_mentions_apart() -> None:
    """A link without a relation joins nothing."""
    refused = [STAR[0], Link(id="l3", left="m1", right="m3", relation=None, translated=False, score=0.2)]
    groups = [frozenset(v.mention for v in u.mentions) for u in cluster.utterances(MENTIONS, refused, DOCUMENTS)]
    assert sorted(map(sorted, groups)) == [["m1", "m2"], ["m3"], ["m4"]]


def test_a_persons_verdict_is_not_overruled() -> None:
    """Where a person says "not the same", the machine's link of the pair counts for nothing."""
    verdict = Link(id="h", left="m1", right="m3", relation=None, translated=False, score=1.0, method="human")
    for links in ([*STAR, verdict], [verdict, *STAR]):
        groups = [sorted(v.mention for v in u.mentions) for u in cluster.utterances(MENTIONS, links, DOCUMENTS)]
        assert sorted(groups) == [["m1", "m2"], ["m3"], ["m4"]]


def test_the_fullest_version_is_the_longest_in_the_speakers_words() -> None:
    """A longer report in the outlet's words does not displace a quotation."""
    long = mention("m9", "d4", FULL + " " + FULL, kind="indirect")
    assert link.fullest([*MENTIONS[:3], long]).id == "m1"


def test_links_lead_from_the_fullest_version() -> None:
    """Linking three reports of one statement gives two links, both from the fullest."""
    found = link.link(MENTIONS, DOCUMENTS, Topics())
    assert {one.left for one in found} == {"m1"}
    assert {one.right for one in found if one.relation} >= {"m2"}
    assert {one.relation for one in found if one.right == "m2"} == {"verbatim"}


class Remembering:
    """A vector cache in memory that counts what it is asked."""

    def __init__(self) -> None:
        self.kept: dict[str, encode.Vectors] = {}

    def get_many(self, encoder: str, digests: Sequence[str]) -> dict[str, encode.Vectors]:
        """Return what is known."""
        return {digest: self.kept[encoder + digest] for digest in digests if encoder + digest in self.kept}

    def put_many(self, encoder: str, vectors: dict[str, encode.Vectors]) -> None:
        """Keep."""
        self.kept |= {encoder + digest: vector for digest, vector in vectors.items()}


def test_no_text_is_encoded_twice() -> None:
    """The cache answers for texts that were encoded before, within a call and over calls."""
    asked: list[str] = []

    class Counting(Topics):
        def encode(self, texts: Sequence[str]) -> encode.Vectors:
            asked.extend(texts)
            return super().encode(texts)

    cached = encode.CachedEncoder(Counting(), Remembering())
    first = cached.encode(["one two", "three", "one two"])
    second = cached.encode(["three", "one two"])
    assert asked == ["one two", "three"]
    assert np.array_equal(first[[1, 0]], second)


@pytest.mark.parametrize(
    ("written", "encoded"),
    [
        ("«Пролив “открыт”»", "Пролив открыт"),
        ("it’s the ministers' turn", "it’s the ministers turn"),
        ("a\0b", "a b"),
        ("  one\n two ", "one two"),
    ],
)
def test_quotation_marks_are_not_encoded(written: str, encoded: str) -> None:
    """Marks and NUL go, apostrophes inside words stay."""
    assert encode.normalise_mention(written) == encoded


def test_the_built_in_encoder_is_multilingual() -> None:
    """A statement is nearer to its translation than to another statement of its own language."""
    encoder = encode.default_encoder()
    vectors = encoder.encode(["The strait stays open.", "Пролив остаётся открытым.", "The museum is closed on Monday."])
    assert vectors.shape == (3, encoder.dimension)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
