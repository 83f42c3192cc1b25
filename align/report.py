"""What a person reads at the end of a run and in answer to a question: tables for a terminal, plain text in a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import TYPE_CHECKING

import msgspec

from align.records import Interval, Lineage, Occurrence, Utterance
from align.trace import Trace
from ingest.records import Document, Run
from ingest.store import Store

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.tree import Tree

_UNKNOWN = "?"
_WIDTH = 64  # characters of a quotation that fit into a table's column


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a corpus after a run, in numbers."""

    run: Run | None
    documents: int
    by_outlet: dict[str, dict[str, int]]  # outlet -> language -> documents
    copies: int
    drops: dict[str, int]  # "stage: reason" -> number
    routes: dict[str, int]  # state -> documents
    ways: dict[str, int]  # path (or language) and state -> documents
    translated: int
    translations: dict[str, int]  # state -> sentences
    suspect_why: dict[str, int]  # flag -> sentences
    mentions: dict[str, int]  # kind -> number
    people: int
    repeats: int  # mentions that say over again what another one on their page says
    utterances: int
    travelled: int  # utterances found in two or more languages
    distortions: dict[str, int]


def summarise(corpus: Store, run: Run | None = None) -> Summary:
    """Count what is in the corpus."""
    by_outlet: dict[str, dict[str, int]] = {}
    sql = "SELECT outlet, language, count(*) FROM documents GROUP BY 1, 2 ORDER BY 1, 2"
    for outlet, language, number in corpus.execute(sql):
        by_outlet.setdefault(outlet or _UNKNOWN, {})[language or "und"] = number
    utterances = list(corpus.find(Utterance))
    distortions: dict[str, int] = {}
    for utterance in utterances:
        for version in utterance.mentions:
            if version.distortion:
                distortions[version.distortion] = distortions.get(version.distortion, 0) + 1

    def table(query: str) -> dict[str, int]:
        return dict(corpus.execute(query))

    return Summary(
        run=run,
        documents=corpus.count("SELECT count(*) FROM documents"),
        by_outlet=by_outlet,
        copies=corpus.count("SELECT count(*) FROM documents WHERE copy_of IS NOT NULL"),
        drops=table("SELECT stage || ': ' || reason, count(*) FROM drops GROUP BY 1 ORDER BY 1"),
        routes=table("SELECT state, count(*) FROM routes GROUP BY 1 ORDER BY 1"),
        ways=table(
            "SELECT iif(state = 'not_needed', '', coalesce(nullif(path, ''), language, 'und') || ' ') || state, "
            "count(*) FROM routes JOIN documents ON documents.id = routes.document GROUP BY 1 ORDER BY 1"
        ),
        translated=corpus.count("SELECT count(*) FROM current_translations"),
        translations=table(
            "SELECT CASE WHEN flags = '[]' THEN 'done' WHEN flags LIKE '%\"input_truncated\"%' THEN 'input_truncated' "
            "ELSE 'suspect_output' END, count(*) FROM current_translations GROUP BY 1 ORDER BY 1"
        ),
        suspect_why=table(
            "SELECT value, count(*) FROM current_translations, json_each(flags) GROUP BY 1 ORDER BY 2 DESC, 1"
        ),
        mentions=table("SELECT kind, count(*) FROM mentions GROUP BY 1 ORDER BY 1"),
        people=corpus.count("SELECT count(DISTINCT person) FROM mentions"),
        repeats=corpus.count(
            "SELECT count(*) - count(DISTINCT utterance || ' ' || document) FROM versions JOIN mentions ON id = mention"
        ),
        utterances=len(utterances),
        travelled=sum(len(utterance.languages) > 1 for utterance in utterances),
        distortions=dict(sorted(distortions.items())),
    )


class Routed(msgspec.Struct, frozen=True, kw_only=True):
    """Which way a document took to English and why, and what each witness (engine, language, score) said of its
    language."""

    document: str
    url: str | None
    language: str
    score: float
    evidence: tuple[tuple[str, str, float], ...]
    state: str
    path: str
    why: str


def routed(corpus: Store) -> Iterator[Routed]:
    """Yield the routes of all documents, by state and language."""
    sql = """
        SELECT d.id, d.url, coalesce(d.language, 'und'), coalesce(d.language_score, 0), coalesce(n.evidence, '[]'),
               coalesce(r.state, 'waiting'), coalesce(r.path, ''), coalesce(r.why, '')
        FROM documents d LEFT JOIN routes r ON r.document = d.id LEFT JOIN detections n ON n.record = d.id
        ORDER BY 6, 3, 1
    """
    for document, url, language, score, evidence, *way in corpus.execute(sql):
        said = msgspec.json.decode(evidence, type=tuple[tuple[str, str, float], ...])
        state, path, why = way
        yield Routed(
            document=document, url=url, language=language, score=score, evidence=said, state=state, path=path, why=why
        )


def most_travelled(corpus: Store) -> Utterance | None:
    """Return the utterance seen in most languages, then outlets, then versions."""
    return max(
        corpus.find(Utterance),
        key=lambda u: (len(u.languages), len(u.outlets), len(u.mentions), u.id),
        default=None,
    )


def listed(counts: Mapping[str, int]) -> str:
    """Return ``3 direct, 2 mixed`` for {"direct": 3, "mixed": 2}."""
    return ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in counts.items()) or "none"


def print_summary(console: Console, summary: Summary, names: Mapping[str, str]) -> None:
    """Print what a run found and what is in the corpus now."""
    from rich.table import Table

    if summary.run is not None:
        console.print(_news(summary.run))
    table = Table(title=f"{summary.documents:,} documents", title_justify="left", box=None, pad_edge=False)
    languages = sorted({language for row in summary.by_outlet.values() for language in row})
    table.add_column("outlet")
    for language in languages:
        table.add_column(language, justify="right")
    for outlet, row in summary.by_outlet.items():
        table.add_row(names.get(outlet, outlet), *(str(row.get(language, "")) for language in languages))
    console.print(table)
    console.print()
    facts = {
        "Copies": f"{summary.copies:,} documents are copies of another one (kept, marked)",
        "Dropped": listed(summary.drops),
        "Translation": f"{summary.translated:,} sentences: {listed(summary.translations)}"
        + (f" ({listed(dict(list(summary.suspect_why.items())[:4]))})" if summary.suspect_why else ""),
        "Routes": listed(summary.ways),
        "Mentions": f"{sum(summary.mentions.values()):,} ({listed(summary.mentions)}) by {summary.people:,} people"
        + (f", {summary.repeats:,} repeated on their page" if summary.repeats else ""),
        "Utterances": f"{summary.utterances:,}, of which {summary.travelled:,} in two or more languages",
        "Distortions": listed(summary.distortions),
    }
    grid = Table.grid(padding=(0, 2))
    for name, text in facts.items():
        grid.add_row(name, text)
    console.print(grid)


def _news(run: Run) -> str:
    counts = run.counts
    new = counts.get("clean_documents", 0)
    if not new and not counts.get("mentions"):
        checked = counts.get("unchanged", 0)
        return f"Nothing new: {checked:,} pages checked, all unchanged.\n"
    return f"{new:,} new documents from {counts.get('fetched', 0):,} pages fetched.\n"


def when(seen: Interval) -> str:
    """Return an interval as a reader writes it: ``2026-03-05 18:15``, with ``– 19:30`` or ``– 2026-03-06 08:00`` where
    it ends later, or ``≤ 2026-03-05 18:15`` where only its end is known."""
    told = _begun(seen)
    if seen.start is None or seen.end is None or f"{seen.end:%Y-%m-%d %H:%M}" <= told:
        return told
    return (
        f"{told} – {seen.end:%H:%M}" if seen.end.date() == seen.start.date() else f"{told} – {seen.end:%Y-%m-%d %H:%M}"
    )


def _begun(seen: Interval) -> str:
    if seen.start:
        return f"{seen.start:%Y-%m-%d %H:%M}"
    return f"≤ {seen.end:%Y-%m-%d %H:%M}" if seen.end else _UNKNOWN


def _several(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"


def print_lineage(console: Console, lineage: Lineage, names: Mapping[str, str]) -> None:
    """Print one utterance's lineage: a table (when, where, in which relation to the fullest version, the words), a tree
    of who has it from whom, the languages it went through, and what would change the picture."""
    from rich.markup import escape

    again = sum(occurrence.repeats is not None for occurrence in lineage.occurrences)
    count, outlets = len(lineage.occurrences) - again, len({o.outlet for o in lineage.occurrences})
    console.print(
        f"[bold]{escape(lineage.person or 'unknown speaker')}[/bold]: {_several(count, 'version')} in "
        f"{_several(outlets, 'outlet')}, "
        f"{lineage.independent} independent{f', {again} repeated on a page' if again else ''}; "
        f"earliest known {when(lineage.earliest)}  "
        f"[dim]{lineage.utterance}[/dim]",
        highlight=False,
    )
    console.print(_versions(lineage, names))
    if count > 1 or any(occurrence.cited for occurrence in lineage.occurrences):
        console.print(_ways(lineage, names))
    if lineage.paths:
        told = f", spoken in {lineage.spoken}" if lineage.spoken else ""
        console.print(f"Languages: {'; '.join(' → '.join(path) for path in lineage.paths)}{told}")
    for question in lineage.open_questions:
        console.print(f"? {escape(question)}")


def _versions(lineage: Lineage, names: Mapping[str, str]) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_edge=False)
    for name in ("printed (UTC)", "outlet", "", "relation", "as printed"):
        table.add_column(name, no_wrap=name in {"printed (UTC)", ""})
    for occurrence in lineage.occurrences:
        relation: str = occurrence.relation
        if occurrence.distortion:
            relation = f"[red]{relation}: {occurrence.distortion}[/red]"
        elif occurrence.translated and relation not in {"translation", "fullest"}:
            relation += ", translated"
        source = f" ← {', '.join(names.get(c, c) for c in occurrence.cites)}" if occurrence.cites else ""
        copied = " (copy)" if occurrence.copied_from else ""
        outlet = names.get(occurrence.outlet or "", occurrence.outlet or _UNKNOWN)
        place = f"[dim]└ {'headline' if occurrence.form == 'headline' else 'again'}[/dim]"
        table.add_row(
            "" if occurrence.repeats else _begun(occurrence.printed),
            place if occurrence.repeats else escape(outlet + source + copied),
            occurrence.language or "",
            relation,
            escape(_short(occurrence.text)),
        )
        for offered in occurrence.translations[:1]:  # the best; --json has all
            by = names.get(offered.outlet or "", offered.outlet) if offered.attested else "machine"
            table.add_row(
                "", "", offered.language, "", f"[dim]{escape(_short(offered.text))} ({escape(by or '?')})[/dim]"
            )
    return table


_STATES = {
    "held": "which has the words too",
    "silent": "✗ its pages in the corpus do not hold the words",
    "absent": "✗ not in the corpus",
    "later": "✗ printed it later",
}


def _ways(lineage: Lineage, names: Mapping[str, str]) -> Tree:
    """Return who has the words from whom: sources at the top, below each what cites or copies it, and dead ends."""
    from rich.markup import escape
    from rich.tree import Tree

    pages = [occurrence for occurrence in lineage.occurrences if not occurrence.repeats]
    tree = Tree(f"From whom: {_several(lineage.independent, 'independent source')}", highlight=False)
    branches: dict[str, Tree] = {}
    for root in lineage.sources:
        if root.state != "held":
            name = names.get(root.name, root.name)
            branches[root.name] = tree.add(f"[bold]{escape(name)}[/bold]  [dim]{_STATES[root.state]}[/dim]")
    together = {pair for ring in lineage.cycles for pair in permutations(ring, 2)}
    waiting = pages
    while waiting:  # a page may be read, in order of time, before the one that it has the words from
        ready = [
            page for page in waiting if page.taken is None or (page.taken.mention or page.taken.outlet) in branches
        ] or waiting  # what nothing printed leads to stands at the top
        for page in ready:
            above = branches.get(page.taken.mention or page.taken.outlet or "", tree) if page.taken else tree
            branches[page.mention] = above.add(escape(_way(page, lineage, names)))
            for cited in page.cited:
                if page.taken is None or cited.outlet != page.taken.outlet:
                    named = f"also cites {names.get(cited.outlet, cited.outlet)}"
                    state = "for other words" if cited.apart and cited.state == "held" else _STATES[cited.state]
                    ring = "  ↺ they cite each other" if (page.outlet, cited.outlet) in together else ""
                    branches[page.mention].add(f"[dim]{escape(named)}  {state}{ring}[/dim]")
        waiting = [page for page in waiting if page.mention not in branches]
    return tree


def _way(page: Occurrence, lineage: Lineage, names: Mapping[str, str]) -> str:
    """Return a page as a branch: who, when, in which language, and what shows from where it has the words."""
    told = [names.get(page.outlet or "", page.outlet or page.document), when(page.printed), page.language or ""]
    if page.mention in lineage.first:
        told.append("may be the first" if len(lineage.first) > 1 else "the first known")
    if page.taken and page.taken.by == "again":
        told.append("the same outlet again")
    if page.taken and page.taken.by == "cites":
        cue = next((cited.cue for cited in page.cited if cited.outlet == page.taken.outlet), "")
        told.append(f"cites “{_short(cue)}”")
    if page.copied:
        copied = next(one for one in lineage.occurrences if one.document == page.copied.document)
        source = names.get(copied.outlet or "", copied.outlet or copied.document)
        told.append(f"{page.copied.part} {page.copied.equal:.0%} equal to that of {source}")
    if page.translated_from:
        told.append("translated")
    return "  ".join(word for word in told if word)


def heading(document: Document) -> str:
    """Return the title, or the first words of a document that has none."""
    return document.title or " ".join(document.text.split())[:_WIDTH]


def print_trace(console: Console, traced: Trace, names: Mapping[str, str]) -> None:
    """Print the answer to a question: lineages, then the documents that hold the words."""
    from rich.markup import escape

    if not traced.lineages:
        console.print("No quotation with these words or this meaning.")
    for lineage, found_by in zip(traced.lineages, traced.found_by, strict=True):
        if found_by != "id":
            console.print(f"[dim]found by {found_by}[/dim]")
        print_lineage(console, lineage, names)
        console.print()
    if traced.documents:
        console.print(f"{len(traced.documents)} documents hold these words:")
    for holder in traced.documents:
        document = holder.document
        outlet = names.get(document.outlet or "", document.outlet or _UNKNOWN)
        console.print(f"  {document.id}  {escape(outlet)}  [bold]{escape(heading(document))}[/bold]")
        if holder.around:
            console.print(f"    … {escape(holder.around)} …", highlight=False)
