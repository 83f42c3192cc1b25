"""A corpus that grew -> its utterances, linked anew only around what is new. The outcome is that of linking everything.

New mentions change the mean of their person's days, so the likenesses of all that person's mentions within the window
are taken anew (their words are not compared again); what hangs together through likenesses is grouped anew; groups
that came out as they were stay as they are, with their links. What became of the utterances is logged, with its cause.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from align import cluster, link, neighbourhood, repeat
from align.compare.calibration import calibration
from align.encode import Encoder, Vectors, normalise_mention
from align.likeness import Member
from align.neighbourhood import Remade
from align.neighbours import WINDOW, Place
from align.records import Link, Utterance
from ingest import ids
from ingest.store import Store

Progress = Callable[[str, int, int], None]
_BATCH = 500  # documents, or groups, that are read together
_SLACK = timedelta(days=1)  # days are whole, the window is to the second
_REACH = 3  # windows: what is new changes means within one, which are taken over another, of what is within a third


def relink(
    corpus: Store,
    encoder: Encoder,
    *,
    run: str | None,
    now: datetime,
    progress: Progress,
) -> dict[str, int]:
    """Link what is new in a corpus: mentions, trusted translations, verdicts given or withdrawn. Returns counts.

    With another encoder or other weights than last time everything is new. A run that is killed changes no utterance;
    the next one goes on with the likenesses that it finds.
    """
    signature = f"{encoder.name} {ids.content_id('weights', msgspec.json.encode(calibration()).decode())}"
    dirty = neighbourhood.dirty(corpus, signature)
    judged = neighbourhood.new_verdicts(corpus)
    withdrawn = neighbourhood.withdrawn(corpus)
    if not dirty and not judged and not withdrawn:
        return {}
    waiting = neighbourhood.unplaced(corpus)
    for at in range(0, len(waiting), _BATCH):
        with corpus.transaction():
            _place(corpus, waiting[at : at + _BATCH])
        progress("reading when words were spoken", min(at + _BATCH, len(waiting)), len(waiting))
    concerned = set(dirty)
    blocks = neighbourhood.by_person(corpus, dirty)
    for number, (person, names) in enumerate(blocks):
        concerned |= _inside(corpus, encoder, person, names)
        progress("comparing what one person said", number + 1, len(blocks))
    _outside(corpus, encoder, dirty)
    looked_at = {name for pair in (*withdrawn, *((one.left, one.right) for one in judged)) for name in pair}
    made = _regroup(corpus, encoder, concerned | looked_at, dirty | looked_at, progress)
    with corpus.transaction():
        neighbourhood.write(corpus, made, dirty, judged, withdrawn, run=run, now=now)
        neighbourhood.finish(corpus, signature, run)
    return {"linked": len(dirty), "relinked": len(made.utterances)}


def _place(corpus: Store, documents: Sequence[str]) -> None:
    """Note of the mentions of some documents when they were spoken, and what the pages repeat."""
    mentions, held = neighbourhood.pages(corpus, documents)
    spoken = link.spoken_in(mentions, held)
    places = {m.id: link.place_of(m, held[m.document], spoken[m.id]) for m in mentions}
    neighbourhood.put_places(corpus, places)
    neighbourhood.put_likenesses(corpus, link.sure(repeat.repeats(mentions, held)))


def _inside(corpus: Store, encoder: Encoder, person: str | None, dirty: Collection[str]) -> set[str]:
    """Take anew the likenesses of one person's mentions around the dirty ones. Returns the mentions concerned."""
    places = neighbourhood.places(corpus, person, dirty, _REACH * (WINDOW + _SLACK))
    anew = _near(places, dirty) | set(dirty)
    undated = {name for name, place in places.items() if place.printed is None}
    around = set(places) if undated & set(dirty) else _near(places, anew) | undated
    reach = sorted(_near(places, around) | around)
    members, vectors = _members(corpus, encoder, reach, places, around)
    known = {
        pair: one
        for pair, one in neighbourhood.likenesses(corpus, around).items()
        if one.certain is None and pair[0] not in dirty and pair[1] not in dirty
    }
    numbers = [number for number, name in enumerate(reach) if name in anew]
    found = link.inside(members, [places[name] for name in reach], vectors, encoder.name, numbers, known)
    with corpus.transaction():
        neighbourhood.drop_likenesses(corpus, anew, same_person=True)
        neighbourhood.put_likenesses(corpus, found)
    return anew


def _near(places: Mapping[str, Place], names: Iterable[str]) -> set[str]:
    """Return the dated mentions that lie within the window of one of these."""
    times = sorted(at for name in names if (at := places[name].printed) is not None)
    return {
        name
        for name, place in places.items()
        if place.printed is not None and _within(times, place.printed, WINDOW + _SLACK)
    }


def _within(times: Sequence[datetime], at: datetime, window: timedelta) -> bool:
    number = bisect_left(times, at - window)
    return number < len(times) and times[number] <= at + window


def _outside(corpus: Store, encoder: Encoder, dirty: Collection[str]) -> None:
    """Take anew the likenesses of dirty mentions with other people's, and nobody's."""
    for batch in neighbourhood.in_order_of_time(corpus, dirty, _BATCH):
        places = neighbourhood.places_about(corpus, batch, WINDOW + _SLACK)
        names = sorted(places)
        members, vectors = _members(corpus, encoder, names, places, names)
        numbers = [number for number, name in enumerate(names) if name in batch]
        found = link.outside(members, [places[name] for name in names], vectors, encoder.name, numbers)
        with corpus.transaction():
            neighbourhood.drop_likenesses(corpus, batch, same_person=False)
            neighbourhood.put_likenesses(corpus, found)


def _members(
    corpus: Store, encoder: Encoder, names: Sequence[str], places: Mapping[str, Place], translated: Collection[str]
) -> tuple[list[Member], Vectors]:
    """Return mentions as likeness compares them, and their vectors, in the order of their names."""
    mentions = neighbourhood.mentions(corpus, names)
    english = neighbourhood.english(corpus, translated)
    vectors = encoder.encode([normalise_mention(mentions[name].text) for name in names])
    return [link.member_of(mentions[name], places[name], english) for name in names], vectors


def _regroup(
    corpus: Store, encoder: Encoder, concerned: Collection[str], looked_at: set[str], progress: Progress
) -> Remade:
    """Group anew all that hangs together with what is concerned; return what came out differently, or is new."""
    verdicts = neighbourhood.verdicts(corpus)
    whole = neighbourhood.hanging_together(corpus, concerned, verdicts)
    places = neighbourhood.places_of(corpus, whole)
    before = neighbourhood.utterances(corpus, whole)
    as_it_was = {tuple(sorted(version.mention for version in one.mentions)) for one in before}
    groups = link.grouped(places, neighbourhood.likenesses(corpus, whole).values(), verdicts)
    fresh = [group for group in groups if tuple(group) not in as_it_was or not looked_at.isdisjoint(group)]
    links: list[Link] = []
    made: list[Utterance] = []
    for at in range(0, len(fresh), _BATCH):
        part = fresh[at : at + _BATCH]
        names = [name for group in part for name in group]
        held = neighbourhood.mentions(corpus, names)
        documents = neighbourhood.documents(corpus, held.values())
        english = neighbourhood.english(corpus, names)
        on_pages, pages = neighbourhood.pages(corpus, sorted(documents))
        repeated = [one for one in repeat.repeats(on_pages, pages) if one.left in held and one.right in held]
        found = link.linked([[held[name] for name in group] for group in part], places, encoder, english, repeated)
        spoken = {name: one for name in names if (one := places[name].occasion) is not None}
        about = [one for one in verdicts if one.left in held and one.right in held]
        made += cluster.utterances(list(held.values()), [*found, *about], documents, spoken)
        links += found
        progress("linking versions", min(at + _BATCH, len(fresh)), len(fresh))
    changed = {name for group in fresh for name in group}
    gone = [one for one in before if any(version.mention in changed for version in one.mentions)]
    return Remade(gone=gone, utterances=made, links=links)
