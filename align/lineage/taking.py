"""From whom a page has the words: by its own word, by its text, or because its outlet had them before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import structs

from align.lineage.times import may_precede
from align.records import Citation, Cited, Copied, Mention, Occurrence, Root, Taken
from ingest.records import Document


def with_citations(
    pages: Sequence[Occurrence],
    mentions: Mapping[str, Mention],
    documents: Mapping[str, Document],
    citations: Iterable[Citation],
    in_corpus: Collection[str],
) -> list[Occurrence]:
    """Say of each page, one occurrence each in order of time, which outlets it names, and what there is of them."""
    named: dict[str, list[Citation]] = {}
    for citation in sorted(citations, key=lambda one: (one.start, one.end, one.outlet, one.cue)):
        named.setdefault(citation.document, []).append(citation)
    told = []
    for page in pages:
        nearest: dict[str, Citation] = {}
        document, mention = documents[page.document], mentions[page.mention]
        for citation in named.get(page.document, ()):
            if citation.outlet != page.outlet:  # an outlet's dateline is no source of its own
                held = nearest.setdefault(citation.outlet, citation)
                if _distance(citation, mention, document) < _distance(held, mention, document):
                    nearest[citation.outlet] = citation
        cited = tuple(
            structs.replace(_cited(page, citation, pages, in_corpus), apart=_is_apart(citation, mention, document))
            for citation in nearest.values()
        )
        cites = tuple(one.outlet for one in cited if one.state != "later")
        told.append(structs.replace(page, cited=cited, cites=cites))
    return told


def _distance(naming: Citation | Cited, mention: Mention, document: Document) -> tuple[bool, int]:
    """Return whether another paragraph, and how many characters, lie between the words and the naming of an outlet."""
    left, right = min(naming.end, mention.end), max(naming.start, mention.start)
    return "\n\n" in document.text[left:right], max(0, right - left)


def _is_apart(naming: Citation, mention: Mention, document: Document) -> bool:
    """Whether an outlet is named for other words: below these, neither in their paragraph nor in the next.

    What is named above goes for what follows, what is named at the end goes for all, and what stands in the first
    paragraph is told again, and its source named, in those below it.
    """
    between = document.text.count("\n\n", mention.end, naming.start)
    in_first = "\n\n" not in document.text[: mention.start]
    in_last = "\n\n" not in document.text[naming.end :]
    return between > 1 and not in_first and not in_last


def _cited(page: Occurrence, naming: Citation, pages: Sequence[Occurrence], in_corpus: Collection[str]) -> Cited:
    own = [other for other in pages if other.outlet == naming.outlet]
    able = [other for other in own if may_precede(other.printed, page.printed)]
    able.sort(key=lambda other: other.language != page.language)  # who reads a site reads it in their own language
    state: Literal["held", "silent", "absent", "later"] = "silent" if naming.outlet in in_corpus else "absent"
    if own:
        state = "held" if able else "later"
    return Cited(
        outlet=naming.outlet,
        cue=naming.cue,
        start=naming.start,
        end=naming.end,
        state=state,
        mention=able[0].mention if able else None,
    )


def with_ways(
    pages: Sequence[Occurrence],
    copies: Mapping[str, Copied],
    mentions: Mapping[str, Mention],
    documents: Mapping[str, Document],
) -> list[Occurrence]:
    """Say of each page where it most likely has the words from; nobody has them from himself, over however many others.

    Of a ring of pages that name each other, the earliest is taken as the source.
    """
    by_document = {page.document: page for page in pages}
    sources: dict[str, Taken] = {}
    for page in reversed(pages):  # so that of a ring the earliest page is asked last, and finds it closed
        copied = copies.get(page.document)
        for taken in _ways(page, pages, copied, by_document, mentions, documents):
            if page.mention not in _followed(taken, sources):
                sources[page.mention] = taken
                break
    return [
        structs.replace(
            page,
            copied=copies.get(page.document),
            copied_from=copies[page.document].document if page.document in copies else None,
            taken=sources.get(page.mention),
        )
        for page in pages
    ]


def _ways(
    page: Occurrence,
    pages: Sequence[Occurrence],
    copied: Copied | None,
    by_document: Mapping[str, Occurrence],
    mentions: Mapping[str, Mention],
    documents: Mapping[str, Document],
) -> Iterator[Taken]:
    """Yield from where a page may have the words, the likeliest first.

    Equal text tells more than a name: but two copies that both name an agency have it from there, not one from the
    other. A quotation alone may be equal by chance, and tells less than a name in its paragraph. Of several names the
    one in the paragraph of the words comes first, then one whose own version is here, then the nearest. A page that
    names nobody has the words from the page on which its outlet had them first.
    """
    copy = None
    if copied:
        source = by_document[copied.document]
        copy = Taken(by="copies", outlet=source.outlet, mention=source.mention)
        shared = set(page.cites) & set(source.cites)
        if copied.part != "quotation" and (source.outlet in page.cites or not shared):
            yield copy
    document, mention = documents[page.document], mentions[page.mention]

    def nearness(cited: Cited) -> tuple[bool, bool, int, str]:
        apart, gap = _distance(cited, mention, document)
        return apart, cited.state != "held", gap, cited.outlet

    able = sorted((one for one in page.cited if one.state != "later" and not one.apart), key=nearness)
    beside = [one for one in able if not nearness(one)[0]]
    yield from (Taken(by="cites", outlet=one.outlet, mention=one.mention) for one in beside)
    if copy:
        yield copy
    yield from (Taken(by="cites", outlet=one.outlet, mention=one.mention) for one in able[len(beside) :])
    own = next((other for other in pages if page.outlet and other.outlet == page.outlet), page)
    if own is not page:
        yield Taken(by="again", outlet=own.outlet, mention=own.mention)


def _followed(taken: Taken, sources: Mapping[str, Taken]) -> Iterator[str]:
    """Yield the mentions that the words went through, backwards."""
    at: Taken | None = taken
    while at is not None and at.mention is not None:
        yield at.mention
        at = sources.get(at.mention)


def roots(pages: Sequence[Occurrence], repeated: Mapping[str, Sequence[str]]) -> tuple[Root, ...]:
    """Return the independent sources, in the order in which they are met; ``repeated`` goes with its fuller mention.

    Pages that cite one outlet have one source, whether or not its own text is here; pages of one outlet that have the
    words from nobody are one source too.
    """
    by_mention = {page.mention: page for page in pages}
    states = {
        cited.outlet: cited.state for page in pages for cited in page.cited if cited.state in ("silent", "absent")
    }
    found: dict[str, list[str]] = {}
    for page in pages:
        at, name = page, ""
        while not name:
            taken = at.taken
            if taken is None:
                name = at.outlet or at.document
            elif taken.mention is None:
                name = taken.outlet or ""
            else:
                at = by_mention[taken.mention]
        found.setdefault(name, []).extend((page.mention, *repeated.get(page.mention, ())))
    return tuple(Root(name=name, state=states.get(name, "held"), mentions=tuple(held)) for name, held in found.items())


def cycles(pages: Sequence[Occurrence]) -> tuple[tuple[str, ...], ...]:
    """Return the outlets that cite each other for these words, directly or over others, whatever their times say."""
    cites: dict[str, set[str]] = {}
    for page in pages:
        cites.setdefault(page.outlet or page.document, set()).update(cited.outlet for cited in page.cited)

    def reached(outlet: str) -> set[str]:
        found: set[str] = set()
        ahead = [outlet]
        while ahead:
            new = cites.get(ahead.pop(), set()) - found
            found |= new
            ahead.extend(new)
        return found

    far = {outlet: reached(outlet) for outlet in cites}
    rings = {tuple(sorted({outlet} | {o for o in far[outlet] if outlet in far.get(o, ())})) for outlet in cites}
    return tuple(sorted(ring for ring in rings if len(ring) > 1))
