"""What a page says over again: headline, lead and body are one version; neighbours in an interview are not."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import cluster, lineage, link, repeat
from align.records import Link, Mention
from ingest.records import Document
from tests.align.test_linking import DAY, Topics

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/repeat.toml").read_text("utf-8"))["case"]


def page(case: dict[str, Any], name: str = "d1") -> tuple[Document, list[Mention]]:
    """Return a case's document and its mentions; each is looked for behind the last one, then anywhere."""
    text = case["text"].strip("\n")
    document = Document(id=name, text=text, title=case.get("title"), language=case["language"], published=DAY)
    mentions: list[Mention] = []
    for number, (words, kind, form, person, *language) in enumerate(case["mentions"]):
        start = text.find(words, mentions[-1].end if mentions else 0)
        start = start if start >= 0 else text.index(words)
        mentions.append(
            Mention(
                id=f"{name}-m{number}", document=name, start=start, end=start + len(words), text=words, kind=kind,
                form=form or None, person=person or None, language=language[0] if language else case["language"],
            )
        )  # fmt: skip
    return document, mentions


def case_of(claim: str) -> dict[str, Any]:
    """Return the case that makes a claim."""
    return next(case for case in CASES if case["claim"] == claim)


ONE = case_of("headline, lead and quotation are one statement")


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=pytest.mark.xfail(strict=True, reason=case["misses"]) if "misses" in case else ())
        for case in CASES
    ],
    ids=[case["claim"].replace(" ", "-")[:60] for case in CASES],
)
def test_repetitions_are_found(case: dict[str, Any]) -> None:
    """Exactly the mentions that the case says repeat another, each in the relation that it says."""
    document, mentions = page(case)
    found = repeat.repeats(mentions, {document.id: document})
    expected = [[f"d1-m{right}", f"d1-m{left}", relation] for right, left, relation in case["repeats"]]
    assert sorted([one.right, one.left, one.relation] for one in found) == sorted(expected)


def test_the_evidence_can_be_read() -> None:
    """A link says which words of either text are common, how many, and why so few are enough."""
    document, mentions = page(ONE)
    links = {one.right: one for one in repeat.repeats(mentions, {document.id: document})}
    first = links["d1-m1"].evidence[0]
    assert (first.check, first.score) == ("repetition", 0.4)
    assert (first.left, first.right) == ("вырастут, Тарифы", "вырастут, тарифы")
    assert first.says == "2 of the 5 words of the shorter are in both; one is the lead"


PLACES = st.tuples(
    st.lists(
        st.sampled_from(["tolls", "harbour", "ferry", "pilots", "rise", "winter", "not", "40", "forty", "Kestria"]),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["direct", "indirect", "mixed"]),
    st.sampled_from(["headline", "quoted_sentence", "transcript", None]),
    st.sampled_from(["Pavel Dorin", "Eleni Vardi", None]),
    st.sampled_from(["d1", "d2"]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PLACES, max_size=9), st.randoms(use_true_random=False))
def test_links_are_stars_inside_a_document(places: list[Any], order: random.Random) -> None:
    """A link stays in its document and with one person; a mention repeats at most one other, the fullest none; and the
    order in which mentions come does not matter."""
    texts = {"d1": "", "d2": ""}
    mentions = []
    for number, (words, kind, form, person, home) in enumerate(places):
        text, start = " ".join(words), len(texts[home])
        texts[home] += f"{text}.\n\n"
        mentions.append(
            Mention(
                id=f"m{number}", document=home, start=start, end=start + len(text), text=text, kind=kind, form=form,
                person=person, language="en",
            )
        )  # fmt: skip
    documents = {name: Document(id=name, text=text, language="en") for name, text in texts.items()}
    found = list(repeat.repeats(mentions, documents))
    shuffled = list(mentions)
    order.shuffle(shuffled)
    assert list(repeat.repeats(shuffled, documents)) == found
    by_id = {mention.id: mention for mention in mentions}
    rights = [one.right for one in found]
    assert len(set(rights)) == len(rights)
    assert not set(rights) & {one.left for one in found}
    stars: dict[str, set[str]] = {}
    for one in found:
        left, right = by_id[one.left], by_id[one.right]
        assert left.document == right.document
        assert repeat.fullest([left, right]) is left or repeat.fullest([right, left]) is left
        stars.setdefault(one.left, {left.person or ""}).add(right.person or "")
    assert all(len(people - {""}) <= 1 for people in stars.values())


def linked(
    *cases: dict[str, Any], verdicts: Sequence[Link] = ()
) -> tuple[list[Mention], dict[str, Document], list[Link]]:
    """Link the mentions of several pages, the first in ``d1``."""
    pages = [page(case, f"d{number}") for number, case in enumerate(cases, 1)]
    documents = {document.id: document for document, _ in pages}
    mentions = [mention for _, found in pages for mention in found]
    return mentions, documents, link.link(mentions, documents, Topics(), verdicts=verdicts)


def test_repetitions_are_versions_of_one_utterance() -> None:
    """What a page repeats goes where its fullest version goes, though its vector is elsewhere."""
    mentions, documents, links = linked(ONE)
    (utterance,) = (u for u in cluster.utterances(mentions, links, documents) if len(u.mentions) > 1)
    assert {version.mention for version in utterance.mentions} >= {"d1-m0", "d1-m1", "d1-m2"}
    assert utterance.fullest == "d1-m2"


def test_every_link_is_kept_once() -> None:
    """The repetition of the fullest version of all is one link with both kinds of evidence, not two with one id."""
    _, _, links = linked(ONE, ONE)
    assert len({one.id for one in links}) == len(links)
    checks = {(one.left, one.right): [evidence.check for evidence in one.evidence] for one in links}
    assert checks["d2-m2", "d2-m1"][:2] == ["repetition", "words"]
    assert checks["d1-m2", "d1-m1"][0] == "repetition"
    assert "repetition" not in checks["d2-m2", "d1-m1"]


def test_a_persons_verdict_takes_a_repetition_out() -> None:
    """Whatever links there are, a mention stands in one utterance, and not where a person says it does not belong."""
    for left, right in (("d1-m2", "d2-m2"), ("d1-m2", "d2-m1"), ("d1-m2", "d1-m1")):
        verdict = Link(id="h", left=left, right=right, relation=None, translated=False, score=1.0, method="human")
        mentions, documents, links = linked(ONE, ONE, verdicts=[verdict])
        made = cluster.utterances(mentions, [*links, verdict], documents)
        placed = [version.mention for utterance in made for version in utterance.mentions]
        assert sorted(placed) == sorted(mention.id for mention in mentions)
        assert not any({left, right} <= {version.mention for version in one.mentions} for one in made)


def test_a_page_counts_once() -> None:
    """In a lineage what a page says over again stands behind its fullest version, in order of place."""
    mentions, documents, links = linked(ONE)
    (utterance,) = (u for u in cluster.utterances(mentions, links, documents) if len(u.mentions) > 1)
    told = lineage.lineage(utterance, {mention.id: mention for mention in mentions}, documents, [])
    assert [(one.mention, one.repeats) for one in told.occurrences][:3] == [
        ("d1-m2", None),
        ("d1-m0", "d1-m2"),
        ("d1-m1", "d1-m2"),
    ]
    assert told.occurrences[1].form == "headline"
    assert told.independent == 1
