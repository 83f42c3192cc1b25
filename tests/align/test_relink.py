"""A corpus that grows: linked around what is new it comes out as if linked whole, and a person's verdict stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import changes, cluster, judge, link, neighbourhood, relink, trace
from align.records import Link, Mention, Utterance
from ingest.errors import UsageError
from ingest.records import Document
from ingest.store import Store
from tests.align.test_linking import DAY, Topics

STATEMENTS = (
    "The strait stays open for every ship that pays the toll",
    "The toll for the strait will not rise before the summer of next year",
    "Three hundred teachers will be hired in the island schools",
    "Island schools lose teachers, and nobody hires new ones",
    "The bridge over the Orla was closed because its cables are rusty",
)


def page(number: int, statement: int, day: int, person: str | None, *, whole: bool = True) -> tuple[Document, Mention]:
    """Return a document with one quotation, all of a statement or its first half."""
    words = STATEMENTS[statement].split()
    said = " ".join(words if whole else words[: len(words) // 2])
    text = f"“{said}”, the speaker said."
    document = Document(
        id=f"document-{number:02}", text=text, outlet=f"outlet{number % 4}", language="en",
        published=DAY + timedelta(days=day, hours=number), first_seen=DAY + timedelta(days=day + 1),
    )  # fmt: skip
    mention = Mention(
        id=f"mention-{number:02}", document=document.id, start=1, end=1 + len(said), text=said, language="en",
        form="quoted_sentence", person=person,
    )  # fmt: skip
    return document, mention


Page = tuple[Document, Mention]


def linked(corpus: Store) -> dict[str, int]:
    """Link what is new."""
    return relink.relink(corpus, Topics(), run=None, now=DAY, progress=lambda *_: None)


def put(corpus: Store, pages: Sequence[Page]) -> None:
    """Add pages."""
    with corpus.transaction():
        for document, mention in pages:
            corpus.add([document, mention])


def shape(utterances: Sequence[Utterance]) -> list[tuple[object, ...]]:
    """Return what matters of utterances."""
    return sorted(
        (u.id, u.fullest, u.earliest, u.said_at, tuple((v.mention, v.relation, v.distortion) for v in u.mentions))
        for u in utterances
    )


def whole(pages: Sequence[Page], verdicts: Sequence[Link] = ()) -> list[tuple[object, ...]]:
    """Link everything at once, without a corpus."""
    mentions, documents = [m for _, m in pages], {d.id: d for d, _ in pages}
    links = link.link(mentions, documents, Topics(), verdicts=verdicts)
    spoken = link.spoken_in(mentions, documents)
    return shape(cluster.utterances(mentions, [*links, *verdicts], documents, spoken))


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Store]:
    """An empty corpus."""
    with Store(tmp_path / "corpus") as store:
        yield store


PAGES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 40), st.sampled_from(["Ada Holm", "Ivo Ressel", None]), st.booleans()),
    min_size=1,
    max_size=14,
)


@settings(max_examples=25, deadline=None)
@given(PAGES, st.randoms(use_true_random=False), st.integers(1, 5))
def test_an_incremental_run_equals_a_full_one(given_pages, random, step):
    """In whatever order and portions pages come, the utterances are those of linking all at once."""
    pages = [page(n, s, d, p, whole=w) for n, (s, d, p, w) in enumerate(given_pages)]
    shuffled = random.sample(pages, len(pages))
    with TemporaryDirectory() as folder, Store(Path(folder) / "corpus") as store:
        for at in range(0, len(shuffled), step):
            put(store, shuffled[at : at + step])
            linked(store)
        assert shape(list(store.find(Utterance))) == whole(pages)


THREE = [page(0, 0, 0, "Ada Holm"), page(1, 0, 1, "Ada Holm", whole=False), page(2, 4, 1, "Ada Holm")]


def test_with_nothing_new_nothing_is_done(corpus: Store) -> None:
    """A second run on the same mentions links nothing."""
    put(corpus, THREE)
    assert linked(corpus) == {"linked": 3, "relinked": 2}
    assert linked(corpus) == {}


def test_what_is_far_away_is_not_touched(corpus: Store) -> None:
    """Mentions of other people and other times are neither grouped nor compared again."""
    put(corpus, THREE)
    linked(corpus)
    put(corpus, [page(3, 2, 200, "Ada Holm"), page(4, 0, 1, "Ivo Ressel", whole=False)])
    assert linked(corpus) == {"linked": 2, "relinked": 2}


def test_every_machine_link_leads_to_a_version(corpus: Store) -> None:
    """Links, versions and utterances tell one story, also after they were made anew."""
    for number in range(0, 10, 2):
        put(corpus, [page(number, number % 3, 0, "Ada Holm"), page(number + 1, number % 3, 0, "Ada Holm", whole=False)])
        linked(corpus)
    versions = dict(corpus.execute("SELECT mention, utterance FROM versions"))
    assert len(versions) == 10
    for one in corpus.find(Link):
        assert versions[one.left] == versions[one.right]


def judged(corpus: Store, one: str, other: str, word: str, **more: object) -> None:
    """Give a verdict and link what it touches."""
    judge.judge(corpus, one, other, word, run=None, **more)
    linked(corpus)


def together(corpus: Store) -> list[list[str]]:
    """Return the mentions of each utterance."""
    return sorted(sorted(v.mention[-2:] for v in u.mentions) for u in corpus.find(Utterance))


def test_a_persons_verdict_survives_whatever_comes_later(corpus: Store) -> None:
    """Mentions called different stay apart, those called the same together, also when all is linked anew."""
    put(corpus, THREE)
    linked(corpus)
    assert together(corpus) == [["00", "01"], ["02"]]
    judged(corpus, "mention-00", "mention-01", "different")
    judged(corpus, "mention-02", "mention-01", "same", why="heard it")
    assert together(corpus) == [["00"], ["01", "02"]]
    put(corpus, [page(3, 0, 1, "Ada Holm"), page(4, 4, 1, "Ada Holm")])
    linked(corpus)
    found = together(corpus)
    assert not any({"00", "01"} <= set(group) for group in found)
    assert any({"01", "02"} <= set(group) for group in found)
    corpus.run("DELETE FROM done WHERE stage = 'link'")
    linked(corpus)
    assert together(corpus) == found


def test_a_verdict_is_withdrawn(corpus: Store) -> None:
    """Without the verdict the machine's word goes again."""
    put(corpus, THREE)
    linked(corpus)
    judged(corpus, "mention-00", "mention-01", "different")
    judged(corpus, "mention-01", "mention-00", "withdraw")
    assert together(corpus) == [["00", "01"], ["02"]]


def test_a_person_says_how_a_version_differs(corpus: Store) -> None:
    """A relation that a person gave stands in the utterance, and the machine's evidence beside it."""
    put(corpus, THREE)
    linked(corpus)
    judged(corpus, "mention-00", "mention-01", "distortion", distortion="hedge")
    version = next(v for u in corpus.find(Utterance) for v in u.mentions if v.mention == "mention-01")
    assert (version.relation, version.distortion) == ("distortion", "hedge")
    assert any(one.method == "machine" for one in corpus.find(Link, "WHERE \"right\" = 'mention-01'"))


@pytest.mark.parametrize(
    ("one", "other", "word", "distortion", "says"),
    [
        ("mention-00", "mention-99", "same", None, "mention-99"),
        ("mention-00", "mention-00", "same", None, "itself"),
        ("mention-00", "mention-01", "perhaps", None, "perhaps"),
        ("mention-00", "mention-01", "distortion", None, "kind"),
        ("mention-00", "mention-01", "excerpt", "number", "kind"),
    ],
)
def test_a_verdict_that_cannot_be_is_refused(corpus: Store, one, other, word, distortion, says) -> None:
    """Unknown mentions and words are refused in a line that names them, and nothing is kept."""
    put(corpus, THREE)
    with pytest.raises(UsageError, match=says):
        judge.judge(corpus, one, other, word, distortion=distortion, run=None)
    assert not list(corpus.find(Link))


def test_splits_and_merges_are_logged_with_their_cause(corpus: Store) -> None:
    """What became of an utterance, and why, is in the log; its old id leads to where its words are now."""
    put(corpus, [page(5, 0, 1, "Ada Holm")])
    linked(corpus)
    (old,) = corpus.find(Utterance)
    put(corpus, [page(0, 0, 0, "Ada Holm")])
    linked(corpus)
    renamed, *others = changes.log(corpus)
    assert not others
    assert (renamed.utterance, renamed.change, renamed.cause) == (old.id, "renamed", "new: mention-00")
    (now,) = corpus.find(Utterance)
    assert changes.successor(corpus, old.id) == now.id
    assert [one.utterance for one in trace.trace(corpus, old.id).lineages] == [now.id]
    judged(corpus, "mention-00", "mention-05", "different")
    assert {one.change for one in changes.log(corpus)[:2]} == {"split"}
    assert changes.log(corpus)[0].cause == "a person's verdict on mention-00 and mention-05"
    judged(corpus, "mention-00", "mention-05", "withdraw")
    assert changes.log(corpus)[0].change == "merged"
    assert changes.log(corpus)[0].cause == "a person's verdict on mention-00 and mention-05 is withdrawn"
    judged(corpus, "mention-00", "mention-05", "different")
    assert changes.log(corpus)[0].cause == "a person's verdict on mention-00 and mention-05"
    judged(corpus, "mention-00", "mention-05", "same")
    assert changes.log(corpus)[0].change == "merged"
    assert neighbourhood.verdicts(corpus)[0].relation == "same"


def test_another_encoder_links_everything_anew(corpus: Store) -> None:
    """What was linked with one encoder is not mixed with what another one says."""

    class Other(Topics):
        name = "other"

    put(corpus, THREE)
    linked(corpus)
    again = relink.relink(corpus, Other(), run=None, now=DAY, progress=lambda *_: None)
    assert again["linked"] == 3
