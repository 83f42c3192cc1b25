"""A mention to its translations: attested ones, which a person wrote and an outlet printed, before the machine's.

Two versions of one utterance that both render it whole, undistorted, in two languages are translations of each other,
whoever made them. Of several the one nearest to the speaker comes first: a ministry's before an agency's, an agency's
before others, the speaker's words before a report of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from align.records import Mention, Rendered, Utterance, Version
from ingest.records import Document, Outlet

_WHOLE = frozenset({"fullest", "verbatim", "near-verbatim", "translation"})
_NEAREST = {"ministry": 0, "agency": 1}  # kinds of outlets, by how near they are to the speaker; all others after them
_LENGTHS = (
    0.4,
    2.5,
)  # code points of a whole rendering to those of the original: what falls outside leaves out or adds


def attested_pairs(
    utterance: Utterance,
    mentions: Mapping[str, Mention],
    documents: Mapping[str, Document],
    outlets: Mapping[str, Outlet],
) -> list[tuple[Mention, Mention]]:
    """Return each whole version of an utterance with its best attested translation into each other language."""
    whole = [
        mentions[version.mention]
        for version in utterance.mentions
        if _is_whole(version) and mentions[version.mention].language
    ]
    whole.sort(key=lambda mention: _distance(mention, documents[mention.document], outlets))
    pairs = []
    for mention in sorted(whole, key=lambda mention: mention.id):
        best: dict[str, Mention] = {}
        for other in whole:
            if other.language and other.language != mention.language and comparable(mention.text, other.text):
                best.setdefault(other.language, other)
        pairs += [(mention, best[language]) for language in sorted(best)]
    return pairs


def _is_whole(version: Version) -> bool:
    return version.relation in _WHOLE and version.distortion is None


def _distance(mention: Mention, document: Document, outlets: Mapping[str, Outlet]) -> tuple[object, ...]:
    outlet = outlets.get(document.outlet or "")
    printed = document.published or document.first_seen
    return (
        _NEAREST.get(outlet.kind, 2) if outlet else 3,
        mention.kind != "direct",
        document.copy_of is not None,
        printed.isoformat() if printed else "~",
        mention.id,
    )


def comparable(left: str, right: str) -> bool:
    """Whether two texts are as long as a text and its translation are."""
    return bool(left) and _LENGTHS[0] <= len(right) / len(left) <= _LENGTHS[1]


def rendered(
    pairs: Sequence[tuple[Mention, Mention]],
    documents: Mapping[str, Document],
    machine: Mapping[str, str],
    language: str = "en",
) -> dict[str, tuple[Rendered, ...]]:
    """Return by mention what is offered of it in ``language``: the attested translation first, then the machine's."""
    offered: dict[str, list[Rendered]] = {}
    for mention, other in pairs:
        if other.language == language:
            outlet = documents[other.document].outlet
            one = Rendered(language=language, text=other.text, attested=True, mention=other.id, outlet=outlet)
            offered.setdefault(mention.id, []).append(one)
    for name, text in machine.items():
        offered.setdefault(name, []).append(Rendered(language=language, text=text, attested=False))
    return {name: tuple(found) for name, found in offered.items()}
