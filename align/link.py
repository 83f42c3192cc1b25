"""Mentions to Links: which report the same utterance, and how each differs from the fullest of them.

Three steps, each of which needs only a neighbourhood of mentions, so that a corpus can grow without being linked anew:
likenesses (pairs of one person's mentions, and of mentions by nobody or by another person), groups, and links (every
version compared with the fullest one of its group).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

import msgspec
import numpy as np

from align import compare, grouping, neighbours, occasion, repeat
from align.compare import Meaning, Side
from align.compare.calibration import calibration
from align.compare.claim import claim
from align.encode import Encoder, Vectors, normalise_mention
from align.likeness import EDGE, SURE, Likeness, Member, likeness
from align.neighbours import Place
from align.records import Comparison, Link, Mention, Occasion
from align.repeat import fullness
from ingest import ids
from ingest.records import Document

# Words that nobody is named for, or another person: what is left of language alone says less than a person's days do.
STRANGER = 0.45  # least cosine without the mean of the language
OTHER = 0.45  # the same where another person is named for the words: they must be the same words, all of them
_LESS = 0.15  # how much such a cosine stands above one without the mean of a person's days
_OTHER_SHARE = 0.55  # least share of each of the two that the other one says
_OTHER_TERMS = 4  # and the least number of terms
_NAMED = timedelta(days=3)  # as long as a day of speaking may be that a page names
_AS_MUCH = 0.85  # share of the terms that a version has which says as much, in another language
_FAITHFUL = frozenset({"verbatim", "near-verbatim"})
_SPEECH = 75  # words from which a mention holds several statements: it joins the one that it says best, and no two
_OTHER_DAYS = timedelta(days=3)  # a slogan lives longer; a wrong name comes with the news


def place_of(mention: Mention, document: Document, spoken: Occasion | None = None) -> Place:
    """Return what blocking knows of a mention: spoken on the day that its page names, else when it was printed."""
    printed = document.published or document.modified or document.first_seen
    said = spoken.said_at if spoken else None
    if said and said.start and said.end and said.end - said.start <= _NAMED:
        printed = said.end
    language = mention.language or document.language or "und"
    speech = fullness(mention)[1] > _SPEECH
    return Place(person=mention.person, language=language, printed=printed, occasion=spoken, speech=speech)


def spoken_in(mentions: Iterable[Mention], documents: Mapping[str, Document]) -> dict[str, Occasion]:
    """Return when and where mentions were spoken, by mention id, as their documents say it."""
    of: dict[str, list[Mention]] = {}
    for mention in mentions:
        of.setdefault(mention.document, []).append(mention)
    return {
        name: one
        for document in sorted(of)
        for name, one in occasion.occasions(of[document], documents[document]).items()
    }


def member_of(mention: Mention, place: Place, english: Mapping[str, str]) -> Member:
    """Return a mention as likeness compares it; one in English is its own trusted English."""
    own = mention.text if place.language == "en" else english.get(mention.id)
    return Member(mention=mention, language=place.language, english=own)


def inside(
    block: Sequence[Member],
    places: Sequence[Place],
    vectors: Vectors,
    encoder: str,
    anew: Collection[int],
    known: Mapping[tuple[str, str], Likeness] | None = None,
) -> Iterator[Likeness]:
    """Yield the likenesses of one person's mentions (or nobody's) of which one is in ``anew``.

    The block must hold every mention of the person within twice the window of what is new. The words of ``known``
    pairs, by (smaller, larger) id, are not compared again.
    """
    rows = neighbours.centred(vectors, places, encoder)
    for i, j, cosine in neighbours.candidates(rows, places, anew):
        ours, theirs = block[i].mention.id, block[j].mention.id
        before = (known or {}).get((min(ours, theirs), max(ours, theirs)))
        found = msgspec.structs.replace(before, cosine=cosine) if before else likeness(block[i], block[j], cosine)
        dated = places[i].printed is not None and places[j].printed is not None
        least = EDGE if dated else 0  # a page without a date fits any time, and must say so the plainer
        if found and found.odds >= least:
            yield found


def outside(
    members: Sequence[Member], places: Sequence[Place], vectors: Vectors, encoder: str, anew: Collection[int]
) -> Iterator[Likeness]:
    """Yield the likenesses of mentions that are not one person's, of which one is in ``anew``.

    They are somebody's with nobody's, and the same words with another name to them.
    """
    rows = neighbours.plain(vectors, places, encoder)
    for i, j, cosine in neighbours.candidates(rows, places, anew, least=STRANGER, across=True):
        named = places[i].person is not None and places[j].person is not None
        if named and (cosine < OTHER or not _at_once(places[i], places[j])):
            continue
        found = likeness(members[i], members[j], round(cosine - _LESS, 4))
        if found and (_same_words(found) if named else found.odds >= 0):
            yield found


def _at_once(one: Place, other: Place) -> bool:
    return bool(one.printed and other.printed and abs(one.printed - other.printed) <= _OTHER_DAYS)


def _same_words(found: Likeness) -> bool:
    share = min(found.left_covered, found.right_covered)
    return share >= _OTHER_SHARE and found.matched >= _OTHER_TERMS and not found.one_page


def may_be_one(left: Place, right: Place) -> bool:
    """Whether two mentions may be of one occasion, as far as their pages say when and where they were spoken."""
    if left.occasion and right.occasion and occasion.apart(left.occasion, right.occasion):
        return False
    return neighbours.fits(left, right)


def grouped(
    places: Mapping[str, Place], likenesses: Iterable[Likeness], verdicts: Iterable[Link] = ()
) -> list[list[str]]:
    """Return groups of mention ids that report one utterance, each sorted, in order of their first.

    A person's statements are grouped first, then whole speeches put where they are likest, each to one group. What
    nobody is named for goes where it is likest; words that another person is named for go to the utterance whose words
    they are, as a version with the wrong name. Of ``verdicts`` "same" joins whatever the figures say, "different" keeps
    apart whatever they say.
    """
    same, different = _decided(verdicts)
    within: dict[tuple[str, str], float] = {}
    between: dict[tuple[str, str], float] = {}
    for one in likenesses:
        pair = min(one.left, one.right), max(one.left, one.right)
        own = places[one.left].person == places[one.right].person
        (within if own else between)[pair] = one.odds
    for pair in same:
        if pair[0] in places and pair[1] in places:
            own = places[pair[0]].person == places[pair[1]].person
            (within if own else between)[pair] = grouping.CERTAIN

    def apart(left: str, right: str) -> bool:
        pair = min(left, right), max(left, right)
        return pair in different or (pair not in same and not may_be_one(places[left], places[right]))

    by_person: dict[str | None, tuple[list[str], list[str]]] = {}
    for name in sorted(places):
        by_person.setdefault(places[name].person, ([], []))[places[name].speech].append(name)
    made = {
        whose: grouping.joined(
            grouping.groups(statements, within, apart), within, apart, grouping.groups(speeches, within, apart)
        )
        if speeches
        else grouping.groups(statements, within, apart)
        for whose, (statements, speeches) in by_person.items()
    }
    strangers = made.pop(None, [])
    named = grouping.joined([group for found in made.values() for group in found], between, apart)
    return sorted(grouping.joined(named, between, apart, strangers))


def _decided(verdicts: Iterable[Link]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return the pairs that a person has called one utterance, and two."""
    same: set[tuple[str, str]] = set()
    different: set[tuple[str, str]] = set()
    for verdict in verdicts:
        pair = min(verdict.left, verdict.right), max(verdict.left, verdict.right)
        (different if verdict.relation is None else same).add(pair)
    return same - different, different


def link(
    mentions: Sequence[Mention],
    documents: Mapping[str, Document],
    encoder: Encoder,
    translations: Mapping[str, str] | None = None,
    verdicts: Sequence[Link] = (),
) -> list[Link]:
    """Link all mentions: return a link from the fullest version of each utterance to every other version of it.

    What a page says over again (``repeat.repeats``) is sure to be one utterance. ``translations`` are trusted English
    renderings by mention id. The order of ``mentions`` does not matter.
    """
    ordered = sorted(mentions, key=lambda mention: mention.id)
    spoken = spoken_in(ordered, documents)
    places = {mention.id: place_of(mention, documents[mention.document], spoken[mention.id]) for mention in ordered}
    english = translations or {}
    vectors = encoder.encode([normalise_mention(mention.text) for mention in ordered])
    repeated = list(repeat.repeats(ordered, documents))
    found = [*all_likenesses(ordered, places, vectors, encoder.name, english), *sure(repeated)]
    groups = grouped(places, found, verdicts)
    by_id = {mention.id: mention for mention in ordered}
    return linked([[by_id[name] for name in group] for group in groups], places, encoder, english, repeated)


def all_likenesses(
    mentions: Sequence[Mention],
    places: Mapping[str, Place],
    vectors: Vectors,
    encoder: str,
    english: Mapping[str, str],
) -> Iterator[Likeness]:
    """Yield the likenesses of all pairs of mentions."""
    members = [member_of(mention, places[mention.id], english) for mention in mentions]
    where = [places[mention.id] for mention in mentions]
    blocks: dict[str | None, list[int]] = {}
    for number, place in enumerate(where):
        blocks.setdefault(place.person, []).append(number)
    for block in blocks.values():
        yield from inside(
            [members[n] for n in block], [where[n] for n in block], vectors[block], encoder, range(len(block))
        )
    yield from outside(members, where, vectors, encoder, range(len(members)))


def sure(repeated: Iterable[Link]) -> Iterator[Likeness]:
    """Yield what a page repeats as a likeness beyond doubt."""
    for one in repeated:
        yield Likeness(
            left=one.left, right=one.right, cosine=1.0, left_covered=1.0, right_covered=1.0, matched=0, one_page=True,
            certain=SURE,
        )  # fmt: skip


def linked(
    groups: Iterable[Sequence[Mention]],
    places: Mapping[str, Place],
    encoder: Encoder,
    english: Mapping[str, str],
    repeated: Iterable[Link] = (),
) -> list[Link]:
    """Compare every version of each group with its fullest one; what a page repeats has its evidence too."""
    pairs = []
    group_of: dict[str, int] = {}
    for number, members in enumerate(groups):
        group_of |= dict.fromkeys((mention.id for mention in members), number)
        full = fullest_of(members, places)
        pairs += [(full, other) for other in members if other.id != full.id]
    sides = {
        mention.id: Side(
            text=mention.text,
            language=places[mention.id].language,
            translation=english.get(mention.id),
            person=mention.person,
        )
        for pair in pairs
        for mention in pair
    }
    judged = compare_pairs([(sides[full.id], sides[other.id]) for full, other in pairs], encoder)
    links = [_link(full, other, comparison) for (full, other), comparison in zip(pairs, judged, strict=True)]
    links = _beside_translations(links, sides, encoder)
    kept = {
        one.right: one
        for one in repeated
        if one.right in group_of and group_of[one.right] == group_of.get(one.left)  # a person may have kept them apart
    }
    return _with_repetitions(links, kept)


def fullest_of(members: Sequence[Mention], places: Mapping[str, Place]) -> Mention:
    """Return the version that says most, direct before reported words: most terms, for languages differ in small words.

    Of two languages' versions that say about as much the earlier is the original: a translation is never before it.
    """
    terms = {mention.id: len(claim(mention.text, places[mention.id].language).terms) for mention in members}
    first = max(members, key=lambda mention: (mention.kind != "indirect", terms[mention.id], *_late(mention, places)))
    rivals = [
        mention
        for mention in members
        if places[mention.id].language != places[first.id].language
        and (mention.kind == "indirect") <= (first.kind == "indirect")
        and terms[mention.id] >= _AS_MUCH * terms[first.id]
    ]
    return max([first, *rivals], key=lambda mention: (_late(mention, places)[0], terms[mention.id], mention.id))


def _late(mention: Mention, places: Mapping[str, Place]) -> tuple[float, int, str]:
    """Order mentions by time, the earlier the greater; then by place on their page."""
    printed = places[mention.id].printed
    return -printed.timestamp() if printed else float("-inf"), -mention.start, mention.id


def _beside_translations(links: Sequence[Link], sides: Mapping[str, Side], encoder: Encoder) -> list[Link]:
    """Judge translated versions by the best rendering in their own language too, where the group has one.

    Over languages much looks changed that is not, and the reverse. A version that says word for word what a faithful
    translation says is as faithful; one that differs from it as distortions do is one.
    """
    models: dict[tuple[str, str], Link] = {}
    for one in links:
        if one.relation == "translation" and one.distortion is None:
            key = one.left, sides[one.right].language
            models[key] = max(models.get(key, one), one, key=lambda found: (found.score, found.right))
    beside = [
        (one, models[key].right)
        for one in links
        if (key := (one.left, sides[one.right].language)) in models and models[key].right != one.right
    ]
    judged = compare_pairs([(sides[model], sides[one.right]) for one, model in beside], encoder)
    told = {one.id: _told(one, model, again) for (one, model), again in zip(beside, judged, strict=True)}
    return [told.get(one.id, one) for one in links]


def _told(one: Link, model: str, again: Comparison) -> Link:
    """Return a link with what the comparison with a translation says; its places are in that text, and left out."""
    if not again.same_utterance:
        return one
    if again.distortion is None and one.distortion != "attribution" and again.relation in _FAITHFUL:
        relation = "translation" if one.relation == "distortion" else one.relation
        return msgspec.structs.replace(one, relation=relation, distortion=None)
    if again.distortion is None or one.distortion is not None:
        return one
    differs = [
        msgspec.structs.replace(found, left_at=None, says=f"beside the translation {model}: {found.says}")
        for found in again.evidence
        if found.check not in {"similarity", "words", "anchors"}
    ]
    return msgspec.structs.replace(
        one, relation="distortion", distortion=again.distortion, evidence=(*one.evidence, *differs)
    )


def _with_repetitions(links: Sequence[Link], repeated: Mapping[str, Link]) -> list[Link]:
    """Add what pages repeat: to the link of the same two mentions its evidence, else a link of its own."""
    told = []
    left = dict(repeated)
    for one in links:
        again = left.get(one.right)
        if again is not None and again.id == one.id:
            del left[one.right]
            told.append(msgspec.structs.replace(one, evidence=(again.evidence[0], *one.evidence)))
        else:
            told.append(one)
    return [*told, *left.values()]


def _link(full: Mention, other: Mention, comparison: Comparison) -> Link:
    return Link(
        id=ids.content_id("link", full.id, other.id, "machine"),
        left=full.id,
        right=other.id,
        relation=comparison.relation or "paraphrase",
        translated=comparison.translated,
        distortion=comparison.distortion,
        score=comparison.score,
        evidence=comparison.evidence,
    )


def compare_pairs(pairs: Sequence[tuple[Side, Side]], encoder: Encoder | None) -> list[Comparison]:
    """Compare each pair, the fuller side first, with what the encoder says of the texts and of their clauses.

    Without an encoder, or with one that nothing was learnt about, words, names and numbers decide alone.
    """
    if encoder is None or encoder.name != calibration().encoder:
        return [compare.compare(a, b) for a, b in pairs]
    texts = {side.text: compare.clauses_of(side.text) for pair in pairs for side in pair}
    rows = _vectors((normalise_mention(part) for text, parts in texts.items() for part in (text, *parts)), encoder)

    def whole(side: Side) -> Vectors:
        return rows[normalise_mention(side.text)]

    def parts(side: Side) -> Vectors:
        return np.stack([rows[normalise_mention(part)] for part in texts[side.text] or [side.text]])

    def mean(side: Side) -> Vectors:
        return neighbours.mean_of(side.language, encoder.name, encoder.dimension)

    return [
        compare.compare(
            a,
            b,
            Meaning(
                left=whole(a), right=whole(b), left_clauses=parts(a), right_clauses=parts(b),
                left_mean=mean(a), right_mean=mean(b),
            ),
        )
        for a, b in pairs
    ]  # fmt: skip


def _vectors(texts: Iterable[str], encoder: Encoder) -> dict[str, Vectors]:
    """Encode each text once."""
    distinct = list(dict.fromkeys(texts))
    return dict(zip(distinct, encoder.encode(distinct), strict=True)) if distinct else {}
