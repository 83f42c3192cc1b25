"""From whom a page says it took the words: provenance cues in the text -> Citations. Pure; cues are lexica/cite.toml.

A citation is a cue beside the name of a medium, or a link in the words of one. What stands there is weighed: a
declared outlet or a known agency by its whole name, or a name that the page itself calls a medium, is one whatever the
cue ("told Northwire"); a name in quotation marks, an acronym, a foreign name only beside words that nobody uses of
persons ("цитирует", "citing"); a person or a ministry never is. An outlet does not cite itself: its own dateline,
footer and "source" line are none. In reading order:

    outlets      names of media -> outlets: declared ones in any script, known agencies
    cues         the words of lexica/cite.toml, compiled
    places       text -> where a medium may be named
    page         one document: names weighed, cues read, links followed
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from align.cite import cues, outlets
from align.cite.page import Page
from align.records import Citation
from ingest.ids import content_id
from ingest.records import Document, Outlet

__all__ = ["citations", "seen_outlets"]


def seen_outlets(documents: Iterable[Document]) -> tuple[Outlet, ...]:
    """Return what the documents' own ``outlet`` fields name, as outlets: whom an input without declarations cites."""
    seen = dict.fromkeys(document.outlet for document in documents if document.outlet)
    return tuple(
        Outlet(id=name, name=name, domains=(), country="", language="und", kind="site", rights="selectors")
        for name in seen
    )


def citations(document: Document, declared: Sequence[Outlet]) -> list[Citation]:
    """Return whom the document names as its source, in the order of the text.

    ``outlet`` is the id of a declared outlet, else the printed name in Latin script. One citation for each naming.
    """
    table = cues.cues((document.language or "und").split("-")[0])
    if table is None:
        return []
    page = Page(document, table, outlets.of(tuple(declared)))
    cited = list(page.cited())
    if page.learn():  # a name that the page once calls a medium is one wherever it stands
        cited = list(page.cited())
    cited += page.linked(cited)
    found: dict[tuple[int, str], Citation] = {}
    for start, end, outlet in cited:
        cue = document.text[start:end]
        identity = content_id("citation", document.id, start, end)
        found.setdefault(
            (end, outlet), Citation(id=identity, document=document.id, start=start, end=end, outlet=outlet, cue=cue)
        )
    return _outermost(list(found.values()))


def _outermost(found: list[Citation]) -> list[Citation]:
    """Keep one of citations of one outlet that overlap: that which begins first, then the longest."""
    kept: list[Citation] = []
    reached: dict[str, int] = {}
    for citation in sorted(found, key=lambda c: (c.start, -c.end)):
        if citation.start >= reached.get(citation.outlet, 0):
            kept.append(citation)
            reached[citation.outlet] = citation.end
    return kept
