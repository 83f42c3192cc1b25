"""Links to Utterances: every version hangs on the fullest one, none on another version, so that nothing chains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from align.records import Interval, Link, Mention, Utterance, Version
from ingest import ids
from ingest.records import Document


def utterances(
    mentions: Sequence[Mention], links: Iterable[Link], documents: Mapping[str, Document]
) -> list[Utterance]:
    """Return the utterances of all mentions, one that nobody else reports among them, in order of id.

    A person's verdict decides over the machine's link of the same two mentions. An utterance is named after its
    earliest mention, so that later ones do not rename it.
    """
    by_id = {mention.id: mention for mention in mentions}
    decided: dict[tuple[str, str], Link] = {}
    for judged in sorted(links, key=lambda one: one.method == "human"):
        if judged.left in by_id and judged.right in by_id:
            decided[judged.left, judged.right] = judged
    joined = [judged for judged in decided.values() if judged.relation is not None]
    hanging = {judged.right for judged in joined}
    placed: dict[str, Link] = {}
    for judged in joined:
        if judged.left not in hanging:  # what a page repeats hangs on another version; its own link places it
            held = placed.get(judged.right)
            if held is None or _weight(judged) > _weight(held):
                placed[judged.right] = judged
    stars: dict[str, list[Link]] = {}
    for judged in placed.values():
        stars.setdefault(judged.left, []).append(judged)
    made = [
        _utterance(mention, stars.get(mention.id, []), by_id, documents)
        for mention in by_id.values()
        if mention.id not in placed
    ]
    return sorted(made, key=lambda utterance: utterance.id)


def _weight(judged: Link) -> tuple[bool, float, str]:
    return judged.method == "human", judged.score, judged.id


def _utterance(
    full: Mention, star: Sequence[Link], mentions: Mapping[str, Mention], documents: Mapping[str, Document]
) -> Utterance:
    members = [full, *(mentions[judged.right] for judged in star)]
    versions = [Version(mention=full.id, relation="fullest", translated=False, distortion=None, score=1.0)]
    versions += [
        Version(
            mention=judged.right,
            relation=judged.relation or "paraphrase",
            translated=judged.translated,
            distortion=judged.distortion,
            score=judged.score,
        )
        for judged in sorted(star, key=lambda one: one.right)
    ]
    times = {member.id: _printed(documents[member.document]) for member in members}
    earliest = min(members, key=lambda member: (times[member.id] is None, str(times[member.id]), member.id))
    first = times[earliest.id]
    outlets = {documents[member.document].outlet for member in members}
    languages = {member.language or documents[member.document].language or "und" for member in members}
    return Utterance(
        id=ids.content_id("utterance", earliest.id),
        person=full.person or next((member.person for member in members if member.person), None),
        said_at=Interval(end=first) if first else None,
        mentions=tuple(versions),
        fullest=full.id,
        earliest=earliest.id,
        languages=tuple(sorted(languages)),
        outlets=tuple(sorted(outlet for outlet in outlets if outlet)),
    )


def _printed(document: Document) -> datetime | None:
    return document.published or document.modified or document.first_seen
