"""An Utterance to its Lineage: where it stood when, who names whom as source, and how many sources are independent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from rapidfuzz import fuzz

from align import repeat
from align.records import Citation, Interval, Lineage, Mention, Occurrence, Rendered, Utterance, Version
from ingest import fold
from ingest.records import Document

_COPIED = 97.0  # per cent of equal characters in one language, above which the later of two direct versions is a copy
_LONG = 60  # characters below which equal words prove nothing


def lineage(
    utterance: Utterance,
    mentions: Mapping[str, Mention],
    documents: Mapping[str, Document],
    citations: Sequence[Citation],
    translations: Mapping[str, tuple[Rendered, ...]] | None = None,
) -> Lineage:
    """Order an utterance's versions in time and say what each took from where.

    ``seen`` of an occurrence starts with what the page claims (published) and ends with our first sight of it; a page
    that claims nothing has no start. What a page cites is read from its wording, and an outlet that claims to have
    printed the words later is not their source (the page cites it for something else); ``copied_from`` is inferred: a
    document marked as a copy, or the same long words in the same language printed later. Occurrences that copy one
    another, and those of one outlet, count as one independent source; what one page says twice is one version.
    """
    cited: dict[str, list[str]] = {}
    for citation in citations:
        cited.setdefault(citation.document, []).append(citation.outlet)
    found = [
        _occurrence(version, mentions[version.mention], documents[mentions[version.mention].document], cited)
        for version in utterance.mentions
    ]
    offered = translations or {}
    found = [msgspec.structs.replace(one, translations=offered.get(one.mention, ())) for one in found]
    fullest = _fullest_by_page([mentions[one.mention] for one in found])
    found = [
        one if one.mention == fullest[one.document] else msgspec.structs.replace(one, repeats=fullest[one.document])
        for one in found
    ]
    start = {one.mention: mentions[one.mention].start for one in found}
    found.sort(
        key=lambda one: (_order(one.seen), one.document, one.repeats is not None, start[one.mention], one.mention)
    )
    occurrences = _with_copies(_without_later(found), documents)
    own = {occurrence.outlet for occurrence in occurrences}
    missing = sorted({outlet for occurrence in occurrences for outlet in occurrence.cites} - own)
    return Lineage(
        utterance=utterance.id,
        person=utterance.person,
        earliest=occurrences[0].seen,
        occurrences=tuple(occurrences),
        independent=_independent(occurrences),
        missing=tuple(missing),
    )


def _fullest_by_page(mentions: Sequence[Mention]) -> dict[str, str]:
    """Return by document the mention that says most: what else the page prints of the utterance repeats it."""
    by_page: dict[str, list[Mention]] = {}
    for mention in sorted(mentions, key=lambda mention: (mention.start, mention.id)):
        by_page.setdefault(mention.document, []).append(mention)
    return {name: repeat.fullest(found).id for name, found in by_page.items()}


def _occurrence(
    version: Version, mention: Mention, document: Document, cited: Mapping[str, Sequence[str]]
) -> Occurrence:
    cites = dict.fromkeys(outlet for outlet in cited.get(document.id, ()) if outlet != document.outlet)
    return Occurrence(
        mention=mention.id,
        document=document.id,
        outlet=document.outlet,
        language=mention.language or document.language,
        url=document.url,
        seen=Interval(start=document.published, end=document.first_seen),
        relation=version.relation,
        translated=version.translated,
        distortion=version.distortion,
        text=mention.text,
        form=mention.form,
        cites=tuple(cites),
    )


def _order(seen: Interval) -> tuple[bool, str]:
    time = seen.start or seen.end
    return time is None, time.isoformat() if time else ""


def _without_later(found: Sequence[Occurrence]) -> list[Occurrence]:
    """Leave out of an occurrence's citations the outlets whose first version of the words is later than it."""
    first: dict[str, str] = {}
    for one in found:  # in order of time
        first.setdefault(one.outlet or "", one.seen.start.isoformat() if one.seen.start else "")
    told = []
    for one in found:
        start = one.seen.start.isoformat() if one.seen.start else None
        kept = tuple(outlet for outlet in one.cites if start is None or first.get(outlet, "") <= start)
        told.append(msgspec.structs.replace(one, cites=kept))
    return told


def _with_copies(found: Sequence[Occurrence], documents: Mapping[str, Document]) -> list[Occurrence]:
    """Say of each occurrence which earlier one it was copied from."""
    told: list[Occurrence] = []
    for occurrence in found:
        marked = documents[occurrence.document].copy_of
        source = marked if any(earlier.document == marked for earlier in told) else _same_words(occurrence, told)
        told.append(msgspec.structs.replace(occurrence, copied_from=source) if source else occurrence)
    return told


def _same_words(occurrence: Occurrence, earlier: Sequence[Occurrence]) -> str | None:
    text = fold.fold(occurrence.text)
    if len(text) < _LONG:
        return None
    for other in earlier:
        elsewhere = other.document != occurrence.document and other.language == occurrence.language
        if elsewhere and fuzz.ratio(text, fold.fold(other.text)) >= _COPIED:
            return other.document
    return None


def _independent(occurrences: Sequence[Occurrence]) -> int:
    """Count what is left when copies, and the pages of one outlet, are taken as one."""
    source = {occurrence.document: occurrence.outlet or occurrence.document for occurrence in occurrences}
    leads = {
        source[occurrence.document]: source[occurrence.copied_from]
        for occurrence in occurrences
        if occurrence.copied_from in source
    }
    roots = set()
    for name in source.values():
        root, seen = name, {name}
        while root in leads and leads[root] not in seen:
            root = leads[root]
            seen.add(root)
        roots.add(root)
    return len(roots)
