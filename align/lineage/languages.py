"""Through which languages the words went: the one they were likely spoken in, and who translated from whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import structs

from align.records import Mention, Occurrence
from ingest.records import Document, Language, Outlet

_OWN = 1 / 3  # of the named mentions on a ministry's pages, from which on a person speaks for it
_OFTEN = 3  # mentions there, below which a share says nothing
_WORDS = 5  # words in another language than the page's, below which they may be a name or a mistake of detection


def tongue(language: Language | None) -> Language | None:
    """Return a language without its region or script; null where it is undetermined."""
    short = (language or "und").split("-")[0].lower()
    return None if short == "und" else short


def spoken(
    pages: Sequence[Occurrence],
    mentions: Mapping[str, Mention],
    documents: Mapping[str, Document],
    outlets: Mapping[str, Outlet],
    voices: Mapping[str, Mapping[str, int]],
) -> Language | None:
    """Return the language in which the words were likely spoken, null when the evidence is thin.

    Only two kinds of pages tell, and the first before the second: a ministry's, in the language that it mostly writes
    in, of a person who speaks for it (``voices``: mentions by person on its pages); and one that prints the words in
    another language than its own. They must quote directly, and all of a kind must agree. Transcripts, interviews and
    agencies say nothing: they translate, and a ministry prints its guests' words in its own language too.
    """
    quoting = [page for page in pages if mentions[page.mention].kind == "direct" and tongue(page.language)]
    own = [page for page in quoting if _speaks_for(mentions[page.mention].person, page, outlets, voices)]
    foreign = [
        page
        for page in quoting
        if tongue(documents[page.document].language) not in (None, tongue(page.language))
        and len(page.text.split()) >= _WORDS
    ]
    near = {tongue(page.language) for page in own or foreign}
    return near.pop() if len(near) == 1 else None


def _speaks_for(
    person: str | None, page: Occurrence, outlets: Mapping[str, Outlet], voices: Mapping[str, Mapping[str, int]]
) -> bool:
    outlet = outlets.get(page.outlet or "")
    if outlet is None or outlet.kind != "ministry" or tongue(outlet.language) != tongue(page.language):
        return False
    quoted = voices.get(outlet.id, {})
    often = quoted.get(person or "", 0)
    return often >= max(_OFTEN, _OWN * sum(quoted.values()))


def with_translations(pages: Sequence[Occurrence]) -> list[Occurrence]:
    """Say of each page which version in another language it was likely translated from.

    That of the outlet which it cites, where it has the words from there; what cites nobody may be anybody's.
    """
    languages = {page.mention: tongue(page.language) for page in pages}
    told = []
    for page in pages:
        source = page.taken.mention if page.taken and page.taken.by == "cites" else None
        here, there = languages[page.mention], languages[source] if source else None
        told.append(structs.replace(page, translated_from=source if here and there and here != there else None))
    return told


def paths(pages: Sequence[Occurrence], spoken_in: Language | None) -> tuple[tuple[Language, ...], ...]:
    """Return the ways through languages, the longest first, none that is only the beginning of another.

    A way follows who has the words from whom back to a source, and from there to the spoken language, where known.
    """
    by_mention = {page.mention: page for page in pages}
    ways = set()
    for page in pages:
        at: Occurrence | None = page
        way: list[Language] = []
        while at is not None:
            _go(way, tongue(at.language))
            at = by_mention.get(at.taken.mention or "") if at.taken else None
        _go(way, spoken_in)
        ways.add(tuple(reversed(way)))
    whole = [way for way in ways if len(way) > 1 and not any(o[: len(way)] == way for o in ways if o != way)]
    return tuple(sorted(whole, key=lambda way: (-len(way), way)))


def _go(way: list[Language], language: Language | None) -> None:
    if language and (not way or way[-1] != language):
        way.append(language)
