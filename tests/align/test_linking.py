"""Candidates, groups, links and utterances: what belongs together, in which order, and what must stay apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import cluster, encode, grouping, link, neighbours
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
    """Return what blocking knows of an English mention."""
    return Place(person=person, language="en", printed=None if day is None else DAY + timedelta(days=day))


def rows(*directions: int) -> encode.Vectors:
    """Return one unit row for each direction."""
    return np.eye(16, dtype=np.float32)[list(directions)]


def near(directions: Sequence[int], places: Sequence[Place], **how: bool) -> set[tuple[int, int]]:
    """Return the candidate pairs of rows in these directions."""
    found = neighbours.candidates(rows(*directions), places, range(len(places)), **how)
    return {(left, right) for left, right, _ in found}


def test_the_same_words_of_one_person_at_one_time_are_candidates() -> None:
    """Equal vectors of one person within the window are a pair, others are none."""
    assert near((1, 2, 1, 3), [place("A", 0), place("A", 0), place("A", 1), place("A", 1)]) == {(0, 2)}


def test_the_same_words_on_another_occasion_are_no_candidates() -> None:
    """Spoken further apart than the window, equal words are two statements; an undated mention fits any time."""
    far = neighbours.WINDOW.days + 2
    assert near((1, 1), [place("A", 0), place("A", far)]) == set()
    assert near((1, 1, 1), [place("A", 0), place("A", far), place("A", None)]) == {(0, 2), (1, 2)}


def test_another_persons_words_are_candidates_apart() -> None:
    """Equal words of two people are a pair only where such pairs are asked for."""
    places = [place("A", 0), place("B", 0), place(None, 0)]
    assert near((1, 1, 1), places) == set()
    assert near((1, 1, 1), places, across=True) == {(0, 1), (0, 2), (1, 2)}


def test_only_pairs_with_something_new_are_candidates() -> None:
    """A pair of old mentions is not yielded again, one with a new mention once."""
    found = neighbours.candidates(rows(1, 1, 1), [place("A", 0)] * 3, {2})
    assert [(left, right) for left, right, _ in found] == [(0, 2), (1, 2)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["A", "B"]), st.integers(0, 60)), min_size=1, max_size=25))
def test_a_mention_depends_on_its_neighbourhood_alone(given_rows: list[tuple[int, str, int]]) -> None:
    """A row is centred to the same bits when everything beyond its window is taken away."""
    vectors = np.random.default_rng(7).normal(size=(10, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    places = [place(person, day) for _, person, day in given_rows]
    table = vectors[[direction for direction, _, _ in given_rows]]
    whole = neighbours.centred(table, places, "x")
    first = places[0]
    kept = [n for n, other in enumerate(places) if other.person == first.person and neighbours.fits(first, other)]
    assert np.array_equal(neighbours.centred(table[kept], [places[n] for n in kept], "x")[0], whole[0])


def never(left: str, right: str) -> bool:
    """Keep nothing apart."""
    return False


def test_groups_are_joined_by_what_speaks_for_them() -> None:
    """Likely pairs make groups; a mention that nothing speaks for stays alone."""
    odds = {("a", "b"): 3.0, ("b", "c"): 2.0, ("a", "c"): 2.0}
    assert grouping.groups("abcd", odds, never) == [["a", "b", "c"], ["d"]]


def test_one_bad_pair_joins_no_two_groups() -> None:
    """A single likely pair between two groups whose other pairs say nothing does not make them one."""
    odds = {("a", "b"): 4.0, ("a", "c"): 4.0, ("b", "c"): 4.0, ("x", "y"): 4.0, ("x", "z"): 4.0, ("y", "z"): 4.0}
    assert grouping.groups("abcxyz", odds | {("c", "x"): 4.0}, never) == [["a", "b", "c"], ["x", "y", "z"]]


def test_a_pair_that_cannot_be_keeps_whole_groups_apart() -> None:
    """Where two mentions are of two occasions, no third one brings their groups together."""
    odds = {("a", "b"): 5.0, ("b", "c"): 5.0, ("a", "c"): 5.0}
    assert grouping.groups("abc", odds, lambda left, right: {left, right} == {"a", "c"}) == [["a", "b"], ["c"]]


def test_a_persons_verdict_joins_whatever_the_figures_say() -> None:
    """A certain pair makes two large, unlike groups one."""
    odds = {(left, right): 4.0 for group in ("abcd", "wxyz") for left in group for right in group if left < right}
    assert len(grouping.groups("abcdwxyz", odds | {("a", "z"): grouping.CERTAIN}, never)) == 1


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")).filter(lambda pair: pair[0] < pair[1]),
        st.floats(-1, 6),
        max_size=20,
    ),
    st.permutations("abcdefgh"),
)
def test_groups_are_a_partition_whatever_the_order(odds: dict[tuple[str, str], float], order: list[str]) -> None:
    """Every mention is in exactly one group, and the order of mentions changes nothing."""
    found = grouping.groups(order, odds, never)
    assert sorted(name for group in found for name in group) == list("abcdefgh")
    assert found == grouping.groups("abcdefgh", odds, never)


def test_a_chain_of_thousands_is_grouped_within_bounds() -> None:
    """What hangs together in one long chain of weak pairs is cut where it is weakest; its groups are what they are."""
    names = [f"m{number:05}" for number in range(3 * grouping._MOST)]
    odds = {
        (one, names[at + step]): 3.0 if at // 3 == (at + step) // 3 else -0.9
        for at, one in enumerate(names)
        for step in (1, 2)
        if at + step < len(names)
    }
    found = grouping.groups(names, odds, never)
    assert found == [names[at : at + 3] for at in range(0, len(names), 3)]


def test_a_late_group_goes_where_it_is_likest() -> None:
    """A group of another kind is put, whole, to the group that its members are likest to, or stays by itself."""
    made = [["a", "b"], ["c"]]
    assert grouping.joined(made, {("a", "s"): 1.0, ("c", "s"): 2.0}, never, [["s"]]) == [["a", "b"], ["c", "s"]]
    assert grouping.joined(made, {("a", "s"): -0.5}, never, [["s"]]) == [["a", "b"], ["c"], ["s"]]


def test_nothing_in_nothing_out() -> None:
    """No mentions make no groups, no links, no utterances."""
    assert grouping.groups([], {}, never) == []
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
    members = [*MENTIONS[:3], long]
    places = {one.id: link.place_of(one, DOCUMENTS[one.document]) for one in members}
    assert link.fullest_of(members, places).id == "m1"


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
