"""What linking remembers in the corpus, and asks of it: places, likenesses, what hangs together, what became of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from align import changes
from align import store as tables
from align.likeness import Likeness
from align.neighbours import Place
from align.records import Link, Mention, Occasion, Utterance
from ingest.records import Document
from ingest.store import Store

_SENTENCE = 0.7  # least share of its sentences that a mention is whose translation stands for it
_NAMED = "IN (SELECT value FROM json_each(?))"
_PLACES = "SELECT mention, person, language, at, occasion, speech FROM spoken"
_LIKENESSES = 'SELECT "left", "right", cosine, left_covered, right_covered, matched, one_page, certain FROM likenesses'


class Remade(msgspec.Struct, frozen=True, kw_only=True):
    """What linking anew came to: utterances that are no more as they were, those in their place, and their links."""

    gone: Sequence[Utterance]
    utterances: Sequence[Utterance]
    links: Sequence[Link]


def _listed(names: Iterable[str]) -> str:
    return json.dumps(sorted(names))


# -- what is new


def dirty(corpus: Store, signature: str) -> set[str]:
    """Return the mentions that linking has not seen as they are: new ones, those with new translations; all of them
    when the last linking was done with another encoder or other weights."""
    known = corpus.count("SELECT count(*) FROM done WHERE stage = 'link' AND record = ?", (signature,))
    if not known:
        return {name for (name,) in corpus.execute("SELECT id FROM mentions")}
    new = {name for (name,) in corpus.execute("SELECT id FROM mentions WHERE id NOT IN (SELECT mention FROM versions)")}
    seen = _watermark(corpus)
    sql = """
        SELECT DISTINCT mentions.id FROM translations JOIN segments ON segments.id = translations.segment
        JOIN mentions ON mentions.document = segments.document AND segments."start" < mentions."end"
          AND segments."end" > mentions."start"
        WHERE translations.rowid > ? AND segments.part = 'text'
    """
    return new | {name for (name,) in corpus.execute(sql, (seen,))}


def _watermark(corpus: Store) -> int:
    return corpus.count("SELECT max(CAST(record AS INTEGER)) FROM done WHERE stage = 'link-translations'")


def _verdict_mark(one: Link) -> str:
    return f"{one.left} {one.right} {one.relation} {one.distortion}"


def verdicts(corpus: Store) -> list[Link]:
    """Return all that a person has judged."""
    return list(corpus.find(Link, "WHERE method = 'human' ORDER BY id"))


def new_verdicts(corpus: Store) -> list[Link]:
    """Return the verdicts that linking has not seen."""
    seen = {record for (record,) in corpus.execute("SELECT record FROM done WHERE stage = 'verdict'")}
    return [one for one in verdicts(corpus) if _verdict_mark(one) not in seen]


def withdrawn(corpus: Store) -> list[tuple[str, str]]:
    """Return the pairs of mentions of verdicts that linking has seen and that are no more."""
    held = {(one.left, one.right) for one in verdicts(corpus)}
    marks = (record.split() for (record,) in corpus.execute("SELECT record FROM done WHERE stage = 'verdict'"))
    gone = {(left, right) for left, right, *_ in marks} - held
    known = mentions(corpus, {name for pair in gone for name in pair})
    return sorted(pair for pair in gone if known.keys() >= set(pair))


def unplaced(corpus: Store) -> list[str]:
    """Return the documents with mentions whose time of speaking is not noted."""
    sql = "SELECT DISTINCT document FROM mentions WHERE id NOT IN (SELECT mention FROM spoken) ORDER BY document"
    return [name for (name,) in corpus.execute(sql)]


def finish(corpus: Store, signature: str, run: str | None) -> None:
    """Note that linking has seen all there is."""
    corpus.run("DELETE FROM done WHERE stage IN ('link', 'link-translations', 'verdict')")
    latest = corpus.count("SELECT coalesce(max(rowid), 0) FROM translations")
    corpus.mark_done("link", [signature], run)
    corpus.mark_done("link-translations", [str(latest)], run)
    corpus.mark_done("verdict", [_verdict_mark(one) for one in verdicts(corpus)], run)


# -- records


def mentions(corpus: Store, names: Iterable[str]) -> dict[str, Mention]:
    """Return mentions by id."""
    return {mention.id: mention for mention in tables.mentions_of(corpus, names)}


def documents(corpus: Store, of: Iterable[Mention]) -> dict[str, Document]:
    """Return the documents of mentions by id."""
    return tables.documents_of(corpus, of)


def pages(corpus: Store, names: Sequence[str]) -> tuple[list[Mention], dict[str, Document]]:
    """Return all mentions of some documents, and the documents by id."""
    found = list(corpus.find(Mention, f'WHERE document {_NAMED} ORDER BY document, "start", id', (_listed(names),)))
    held = corpus.find(Document, f"WHERE id {_NAMED}", (_listed(names),))
    return found, {document.id: document for document in held}


def english(corpus: Store, names: Iterable[str]) -> dict[str, str]:
    """Return trusted English of mentions by id, where a translated sentence is little more than the mention."""
    return tables.translations_of_mentions(corpus, only=sorted(names), least=_SENTENCE)


# -- places


def put_places(corpus: Store, places: Mapping[str, Place]) -> None:
    """Note places of mentions."""
    for name, place in places.items():
        at = place.printed.isoformat() if place.printed else None
        spoken = msgspec.json.encode(place.occasion).decode()
        row = (name, place.person, place.language, at, spoken, place.speech)
        corpus.run("INSERT OR REPLACE INTO spoken VALUES (?, ?, ?, ?, ?, ?)", row)


def _place(row: tuple[str, str | None, str, str | None, str, int]) -> tuple[str, Place]:
    name, person, language, at, spoken, speech = row
    printed = datetime.fromisoformat(at) if at else None
    occasion = msgspec.json.decode(spoken, type=Occasion | None)
    return name, Place(person=person, language=language, printed=printed, occasion=occasion, speech=bool(speech))


def places(corpus: Store, person: str | None, names: Collection[str], window: timedelta) -> dict[str, Place]:
    """Return the places of a person's mentions, or nobody's, within the window of any time between those of ``names``.

    Mentions without a time lie within any window, and every mention within theirs.
    """
    span = _span(places_of(corpus, names), window)
    if span is None:
        return dict(map(_place, corpus.execute(f"{_PLACES} WHERE person IS ?", (person,))))
    sql = f"{_PLACES} WHERE person IS ? AND (at IS NULL OR at BETWEEN ? AND ?)"
    return dict(map(_place, corpus.execute(sql, (person, *span))))


def places_of(corpus: Store, names: Iterable[str]) -> dict[str, Place]:
    """Return the places of these mentions."""
    return dict(map(_place, corpus.execute(f"{_PLACES} WHERE mention {_NAMED}", (_listed(names),))))


def places_about(corpus: Store, names: Collection[str], window: timedelta) -> dict[str, Place]:
    """Return the places of all mentions, whose ever they are, within the window of any time between those of these."""
    span = _span(places_of(corpus, names), window)
    if span is None:
        return dict(map(_place, corpus.execute(_PLACES)))
    return dict(map(_place, corpus.execute(f"{_PLACES} WHERE at IS NULL OR at BETWEEN ? AND ?", span)))


def _span(held: Mapping[str, Place], window: timedelta) -> tuple[str, str] | None:
    """Return the first and last time within the window of any of these places; None where one has no time."""
    times = [place.printed for place in held.values() if place.printed]
    if len(times) < len(held) or not times:
        return None
    return (min(times) - window).isoformat(), (max(times) + window).isoformat()


def by_person(corpus: Store, names: Iterable[str]) -> list[tuple[str | None, set[str]]]:
    """Return mentions by whose they are, in order of name; nobody's first."""
    found: dict[str | None, set[str]] = {}
    for name, person in corpus.execute(f"SELECT mention, person FROM spoken WHERE mention {_NAMED}", (_listed(names),)):
        found.setdefault(person, set()).add(name)
    return sorted(found.items(), key=lambda one: one[0] or "")


def in_order_of_time(corpus: Store, names: Iterable[str], size: int) -> Iterator[set[str]]:
    """Yield mentions some at a time, those of one time together; undated ones by themselves."""
    sql = f"SELECT mention, at IS NULL FROM spoken WHERE mention {_NAMED} ORDER BY at IS NULL, at, mention"
    rows = list(corpus.execute(sql, (_listed(names),)))
    for undated in (0, 1):
        listed = [name for name, unknown in rows if unknown == undated]
        for at in range(0, len(listed), size):
            yield set(listed[at : at + size])


# -- likenesses


def put_likenesses(corpus: Store, found: Iterable[Likeness]) -> None:
    """Remember likenesses; what a page repeats stands, whatever else is found of the pair."""
    sql = """
        INSERT INTO likenesses VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET cosine = excluded.cosine,
        left_covered = excluded.left_covered, right_covered = excluded.right_covered, matched = excluded.matched
        WHERE certain IS NULL
    """
    for one in found:
        shares = (one.left_covered, one.right_covered, one.matched)
        corpus.run(sql, (one.left, one.right, one.cosine, *shares, one.one_page, one.certain))


def likenesses(corpus: Store, names: Iterable[str]) -> dict[tuple[str, str], Likeness]:
    """Return the likenesses among these mentions, by (smaller, larger) id."""
    wanted = set(names)
    found = {}
    sql = f'{_LIKENESSES} WHERE "left" {_NAMED}'
    for left, right, cosine, ours, theirs, matched, one_page, certain in corpus.execute(sql, (_listed(wanted),)):
        if right not in wanted:
            continue
        found[min(left, right), max(left, right)] = Likeness(
            left=left, right=right, cosine=cosine, left_covered=ours, right_covered=theirs, matched=matched,
            one_page=bool(one_page), certain=certain,
        )  # fmt: skip
    return found


def drop_likenesses(corpus: Store, names: Iterable[str], *, same_person: bool) -> None:
    """Forget the likenesses of these mentions with the same person's, or with others', but for what pages repeat."""
    listed = _listed(names)
    ours, theirs = (f'(SELECT person FROM spoken WHERE mention = likenesses."{side}")' for side in ("left", "right"))
    same = f"{ours} IS {theirs}"
    for side in ("left", "right"):
        condition = same if same_person else f"NOT ({same})"
        corpus.run(f'DELETE FROM likenesses WHERE certain IS NULL AND "{side}" {_NAMED} AND {condition}', (listed,))


def hanging_together(corpus: Store, names: Collection[str], judged: Iterable[Link]) -> set[str]:
    """Return these mentions and all that hang on them through likenesses, utterances and verdicts."""
    told: dict[str, set[str]] = {}
    for one in judged:
        told.setdefault(one.left, set()).add(one.right)
        told.setdefault(one.right, set()).add(one.left)
    sql = f"""
        SELECT "right" FROM likenesses WHERE "left" {_NAMED} UNION SELECT "left" FROM likenesses WHERE "right" {_NAMED}
        UNION SELECT mention FROM versions WHERE utterance IN (SELECT utterance FROM versions WHERE mention {_NAMED})
    """
    whole, front = set(names), set(names)
    while front:
        listed = _listed(front)
        beside = {name for (name,) in corpus.execute(sql, (listed, listed, listed))}
        beside |= {other for name in front for other in told.get(name, ())}
        front = beside - whole
        whole |= front
    return whole


# -- utterances


def utterances(corpus: Store, names: Iterable[str]) -> list[Utterance]:
    """Return the utterances that have a version among these mentions."""
    where = f"WHERE id IN (SELECT utterance FROM versions WHERE mention {_NAMED}) ORDER BY id"
    return list(corpus.find(Utterance, where, (_listed(names),)))


def write(
    corpus: Store,
    made: Remade,
    dirty: Collection[str],
    judged: Sequence[Link],
    withdrawn: Collection[tuple[str, str]],
    *,
    run: str | None,
    now: datetime,
) -> None:
    """Put utterances and links in the place of those that are gone, and log what became of them."""
    names = {version.mention for one in (*made.gone, *made.utterances) for version in one.mentions}
    listed = _listed(names)
    corpus.run(f"DELETE FROM versions WHERE mention {_NAMED}", (listed,))
    corpus.run(f"DELETE FROM utterances WHERE id {_NAMED}", (_listed(one.id for one in made.gone),))
    for side in ("left", "right"):
        corpus.run(f"DELETE FROM links WHERE method = 'machine' AND \"{side}\" {_NAMED}", (listed,))
    corpus.add(msgspec.structs.replace(one, run=run) for one in made.links)
    for utterance in made.utterances:
        corpus.replace(msgspec.structs.replace(utterance, run=run))
        for version in utterance.mentions:
            corpus.run("INSERT INTO versions VALUES (?, ?)", (version.mention, utterance.id))
    for change in changes.changes(made.gone, made.utterances, dirty, judged, withdrawn, now):
        changes.note(corpus, change, run)
