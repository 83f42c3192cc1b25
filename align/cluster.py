"""Links to Utterances: every version hangs on the fullest one, none on another version, so that nothing chains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from align.records import Interval, Link, Mention, Occasion, Relation, Utterance, Version
from ingest import ids
from ingest.records import Document


def utterances(
    mentions: Sequence[Mention],
    links: Iterable[Link],
    documents: Mapping[str, Document],
    spoken: Mapping[str, Occasion] | None = None,
) -> list[Utterance]:
    """Return the utterances of all mentions, one that nobody else reports among them, in order of id.

    What a person said of a pair that is linked goes for its relation. ``spoken`` says when each mention was spoken, by
    its id. An utterance is named after its earliest mention, so that later ones do not rename it.
    """
    by_id = {mention.id: mention for mention in mentions}
    held = list(links)
    told = {(one.left, one.right): one for one in held if one.method == "human" and one.relation not in {None, "same"}}
    refused = {frozenset((one.left, one.right)) for one in held if one.method == "human" and one.relation is None}
    joined = [
        _as_told(one, told.get((one.left, one.right)))
        for one in held
        if one.method == "machine" and one.relation is not None and one.left in by_id and one.right in by_id
        if frozenset((one.left, one.right)) not in refused
    ]
    hanging = {judged.right for judged in joined}
    placed: dict[str, Link] = {}
    for judged in sorted(joined, key=lambda one: one.id):
        if judged.left not in hanging:  # what a page repeats hangs on another version; its own link places it
            placed.setdefault(judged.right, judged)
    stars: dict[str, list[Link]] = {}
    for judged in placed.values():
        stars.setdefault(judged.left, []).append(judged)
    made = [
        _utterance(mention, stars.get(mention.id, []), by_id, documents, spoken or {})
        for mention in by_id.values()
        if mention.id not in placed
    ]
    return sorted(made, key=lambda utterance: utterance.id)


def _as_told(judged: Link, told: Link | None) -> Link:
    """Return a link with the relation that a person gave the pair; its evidence stays the machine's."""
    if told is None:
        return judged
    return msgspec.structs.replace(judged, relation=told.relation, distortion=told.distortion, score=told.score)


def _utterance(
    full: Mention,
    star: Sequence[Link],
    mentions: Mapping[str, Mention],
    documents: Mapping[str, Document],
    spoken: Mapping[str, Occasion],
) -> Utterance:
    members = [full, *(mentions[judged.right] for judged in star)]
    versions = [Version(mention=full.id, relation="fullest", translated=False, distortion=None, score=1.0)]
    versions += [
        Version(
            mention=judged.right,
            relation=_relation(judged),
            translated=judged.translated,
            distortion=judged.distortion,
            score=judged.score,
        )
        for judged in sorted(star, key=lambda one: one.right)
    ]
    times = {member.id: _printed(documents[member.document]) for member in members}
    earliest = min(members, key=lambda member: (times[member.id] is None, str(times[member.id]), member.id))
    outlets = {documents[member.document].outlet for member in members}
    languages = {member.language or documents[member.document].language or "und" for member in members}
    return Utterance(
        id=ids.content_id("utterance", earliest.id),
        person=full.person or next((member.person for member in members if member.person), None),
        said_at=_said_at([spoken[m.id] for m in members if m.id in spoken], times[earliest.id]),
        mentions=tuple(versions),
        fullest=full.id,
        earliest=earliest.id,
        languages=tuple(sorted(languages)),
        outlets=tuple(sorted(outlet for outlet in outlets if outlet)),
    )


def _relation(judged: Link) -> Relation:
    return "paraphrase" if judged.relation is None or judged.relation == "same" else judged.relation


def _said_at(spoken: Sequence[Occasion], first: datetime | None) -> Interval | None:
    """Return when all versions agree that the words were spoken; where no time suits all, the narrowest of their words.

    Nothing is spoken after it was first printed.
    """
    said = [one.said_at for one in spoken if one.said_at]
    starts = [one.start for one in said if one.start]
    ends = [one.end for one in said if one.end]
    start, end = max(starts, default=None), min([*ends, *([first] if first else [])], default=None)
    if start and end and start > end:
        closed = [one for one in said if one.start and one.end]
        return min(closed, key=lambda one: (_length(one), str(one.start)), default=Interval(end=end))
    return Interval(start=start, end=end) if start or end else None


def _length(said: Interval) -> float:
    return (said.end - said.start).total_seconds() if said.start and said.end else float("inf")


def _printed(document: Document) -> datetime | None:
    return document.published or document.modified or document.first_seen
