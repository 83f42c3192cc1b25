"""An Utterance to its Lineage: where it stood when, who has it from whom, and how many sources are independent. Pure.

What a page says (its times, whom it cites) and what is inferred (copying, from text and time) are kept apart, each with
its evidence; from both follow the likeliest way of the words, the sources, and what is not known. In reading order:

    times        what pages claim of their times -> intervals; which pages may be first
    copying      texts -> which page repeats an earlier one
    taking       citations and copies -> from whom each page has the words, sources, rings
    languages    -> the spoken language, who translated from whom
    questions    -> what would change the picture, in sentences
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from msgspec import structs

from align import repeat
from align.lineage import copying, languages, questions, taking, times
from align.records import Citation, Copied, Lineage, Mention, Occurrence, Rendered, Utterance, Version
from ingest.records import Document, Language, Outlet

__all__ = ["lineage"]


def lineage(
    utterance: Utterance,
    mentions: Mapping[str, Mention],
    documents: Mapping[str, Document],
    citations: Iterable[Citation],
    translations: Mapping[str, tuple[Rendered, ...]] | None = None,
    outlets: Mapping[str, Outlet] | None = None,
    in_corpus: Collection[str] = (),
    voices: Mapping[str, Mapping[str, int]] | None = None,
) -> Lineage:
    """Order an utterance's versions in time and say what each took from where.

    ``outlets`` are the declared ones, by id: they tell time zones, ministries, names. ``in_corpus`` are the ids of the
    cited outlets of which there is any page; one that is not among them is missing. ``voices`` are, by ministry and
    person, the mentions on its pages: they tell who speaks for it. The order of mentions, documents
    and citations does not matter. What one page says twice is one version.
    """
    declared, offered = outlets or {}, translations or {}
    zones = {name: ZoneInfo(outlet.timezone) for name, outlet in declared.items() if outlet.timezone}
    found = [
        _occurrence(version, mentions[version.mention], documents[mentions[version.mention].document], zones, offered)
        for version in utterance.mentions
    ]
    fullest = _fullest_by_page([mentions[one.mention] for one in found])
    found.sort(key=lambda one: (times.order(one.printed), one.document, mentions[one.mention].start, one.mention))
    pages = [one for one in found if one.mention == fullest[one.document]]
    repeated: dict[str, list[str]] = {}
    for one in found:
        if one.mention != fullest[one.document]:
            repeated.setdefault(fullest[one.document], []).append(one.mention)

    pages = taking.with_citations(pages, mentions, documents, citations, in_corpus)
    spoken = languages.spoken(pages, mentions, documents, declared, voices or {})
    pages = taking.with_ways(pages, _copies(pages, mentions, documents, spoken), mentions, documents)
    pages = languages.with_translations(pages)

    first, earliest = times.first(pages)
    sources = taking.roots(pages, repeated)
    states = sorted({(cited.outlet, cited.state) for page in pages for cited in page.cited})
    missing = tuple(outlet for outlet, state in states if state == "absent")
    dead_ends = tuple(outlet for outlet, state in states if state == "silent")
    cycles = taking.cycles(pages)
    asked = questions.questions(pages, first, spoken, missing, dead_ends, cycles, declared)
    by_mention = {one.mention: one for one in found}
    return Lineage(
        utterance=utterance.id,
        person=utterance.person,
        earliest=earliest,
        first=first,
        occurrences=tuple(
            one
            for page in pages
            for one in (page, *(_repetition(by_mention[name], page) for name in repeated.get(page.mention, ())))
        ),
        independent=len(sources),
        sources=sources,
        spoken=spoken,
        paths=languages.paths(pages, spoken),
        missing=missing,
        dead_ends=dead_ends,
        cycles=cycles,
        open_questions=tuple(asked),
    )


def _occurrence(
    version: Version,
    mention: Mention,
    document: Document,
    zones: Mapping[str, tzinfo],
    offered: Mapping[str, tuple[Rendered, ...]],
) -> Occurrence:
    claimed = times.claims(document)
    return Occurrence(
        mention=mention.id,
        document=document.id,
        outlet=document.outlet,
        language=mention.language or document.language,
        url=document.url,
        published=claimed.published,
        modified=claimed.modified,
        first_seen=claimed.first_seen,
        seen=times.seen(claimed),
        printed=times.printed(claimed, zones.get(document.outlet or "", UTC)),
        relation=version.relation,
        translated=version.translated,
        distortion=version.distortion,
        text=mention.text,
        form=mention.form,
        translations=offered.get(mention.id, ()),
    )


def _fullest_by_page(mentions: Sequence[Mention]) -> dict[str, str]:
    """Return by document the mention that says most: what else the page prints of the utterance repeats it."""
    by_page: dict[str, list[Mention]] = {}
    for mention in sorted(mentions, key=lambda mention: (mention.start, mention.id)):
        by_page.setdefault(mention.document, []).append(mention)
    return {name: repeat.fullest(found).id for name, found in by_page.items()}


def _copies(
    pages: Sequence[Occurrence],
    mentions: Mapping[str, Mention],
    documents: Mapping[str, Document],
    spoken: Language | None,
) -> dict[str, Copied]:
    """Return by document what it copies."""
    texts = [copying.text(mentions[page.mention], documents[page.document], page.language) for page in pages]
    found = ((text.document, copying.copied(text, texts[:number], spoken)) for number, text in enumerate(texts))
    return {document: copied for document, copied in found if copied is not None}


def _repetition(one: Occurrence, page: Occurrence) -> Occurrence:
    """Return a mention that its page says over again: whom the page cites and copies goes for it too."""
    return structs.replace(
        one, repeats=page.mention, cites=page.cites, cited=page.cited, copied=page.copied, copied_from=page.copied_from
    )
