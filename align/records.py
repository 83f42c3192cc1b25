"""The records that align hands from stage to stage; units as in ``ingest.records``."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from ingest.records import Instant, Language, Offset, Record, Score

Kind = Literal["direct", "indirect", "mixed"]
Form = Literal[
    "quoted_sentence", "partial_quote", "that_clause", "according_to", "headline", "unquoted_direct", "bullet",
    "nominalised", "split_quote", "transcript", "post", "next_sentence", "multi_paragraph", "nested",
]  # fmt: skip
Relation = Literal["fullest", "verbatim", "near-verbatim", "excerpt", "translation", "paraphrase", "distortion"]
Distortion = Literal["negation", "number", "name", "hedge", "modality", "attribution", "splice", "back-translation"]


class Interval(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When something happened, as narrowly as is known: not before ``start``, not after ``end``; null is unknown."""

    start: Instant | None = None
    end: Instant | None = None


class Mention(Record, frozen=True, kw_only=True):
    """One reported statement in one document: ``document.text[start:end] == text``.

    The span covers the reported words: not the outer quotation marks, not the cue, not the speaker. ``speaker`` is as
    printed (empty when the clause names nobody); ``person`` is the resolved person's name in Latin script, null when
    unresolved. ``language`` is the language of the span.
    """

    document: str
    start: Offset
    end: Offset
    text: str
    language: Language | None = None
    kind: Kind = "direct"
    form: Form | None = None
    cue: str = ""
    speaker: str = ""
    person: str | None = None
    score: Score | None = None


class Occasion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When and where a mention was spoken, as its page says it.

    ``said_at`` is null when nothing is known. ``venue`` is a key of ``lexica/occasion.toml`` ("interview", "speech",
    ...) or empty; ``place`` the printed name of its host or place. ``cues`` are offsets of the words of the document
    that it was read from, none of them reported ones. ``again``: the page itself says that these are earlier words.
    """

    said_at: Interval | None
    venue: str = ""
    place: str = ""
    cues: tuple[tuple[Offset, Offset], ...] = ()
    again: bool = False


class Citation(Record, frozen=True, kw_only=True):
    """Where a document says it took something from: ``document.text[start:end] == cue``; ``outlet`` as resolved."""

    document: str
    start: Offset
    end: Offset
    outlet: str
    cue: str


class Evidence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reason for a judgement: which check, which words on either side, and what it says in a sentence.

    ``left`` and ``right`` are the differing or agreeing words (empty when absent on that side), which stand at
    ``left_at`` and ``right_at`` of the two compared texts.
    """

    check: str
    left: str = ""
    right: str = ""
    left_at: tuple[Offset, Offset] | None = None
    right_at: tuple[Offset, Offset] | None = None
    says: str = ""
    score: Score | None = None


class Comparison(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a pair of texts says about itself: are they one utterance, how is the second related to the first."""

    same_utterance: bool
    relation: Relation | None
    translated: bool
    distortion: Distortion | None
    score: Score
    evidence: tuple[Evidence, ...] = ()


class Link(Record, frozen=True, kw_only=True):
    """A judged pair of mentions. ``method`` is "machine", or "human" for a person's verdict, which is never overruled.

    ``relation`` is that of ``right`` to ``left``; null means: judged not to be the same utterance. "same" is a person's
    word alone: one utterance, and nothing about how they differ.
    """

    left: str
    right: str
    relation: Relation | Literal["same"] | None
    translated: bool
    distortion: Distortion | None = None
    score: Score
    evidence: tuple[Evidence, ...] = ()
    method: Literal["machine", "human"] = "machine"


class Version(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mention seen within its utterance, and how it differs from the fullest version."""

    mention: str
    relation: Relation
    translated: bool
    distortion: Distortion | None
    score: Score


class Utterance(Record, frozen=True, kw_only=True):
    """One spoken act on one occasion. ``fullest`` and ``earliest`` are ids of mentions; ``outlets`` and ``languages``
    are sorted and without repetition."""

    person: str | None
    said_at: Interval | None
    mentions: tuple[Version, ...]
    fullest: str
    earliest: str
    languages: tuple[Language, ...]
    outlets: tuple[str, ...]


class Rendered(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A translation that is offered of a mention. An attested one was printed: ``mention`` and ``outlet`` say where.

    A machine's renders the sentences that the mention stands in.
    """

    language: Language
    text: str
    attested: bool
    mention: str | None = None
    outlet: str | None = None


class Cited(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An outlet that a page names as its source: ``document.text[start:end] == cue``, the naming nearest to the words.

    ``state``: held (a version of its own stands in the lineage: ``mention`` is the one these words may be from), silent
    (the corpus has pages of it, none with these words), absent (the corpus has no page of it), later (it claims to
    have printed them later: the page cites it for something else). ``apart``: it is named so far below the words
    that it is named for others.
    """

    outlet: str
    cue: str
    start: Offset
    end: Offset
    state: Literal["held", "silent", "absent", "later"]
    apart: bool = False
    mention: str | None = None


class Copied(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An earlier page whose text this one repeats, inferred from text and time.

    ``part`` is what was compared: the whole document (marked as a copy), the paragraph around the quotation, or the
    quotation alone. ``equal`` is the share of the shorter part's words that stand in the other in the same order (of
    the earlier page's, for a paragraph).
    """

    document: str
    part: Literal["document", "paragraph", "quotation"]
    equal: Score


class Taken(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a page most likely has the words from.

    ``by``: it copies that page, it cites that outlet, or the words stood on an earlier page of its own outlet.
    ``outlet`` is null where the page copied is of no known outlet; ``mention`` is null where the outlet's own version
    is not in the lineage.
    """

    by: Literal["copies", "cites", "again"]
    outlet: str | None
    mention: str | None


class Root(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One independent source and the mentions that lead back to it, in order of time.

    ``name`` is an outlet, or a document of no known outlet. ``state`` is that of ``Cited``: held when its own version
    stands in the lineage, silent or absent when others only cite it.
    """

    name: str
    state: Literal["held", "silent", "absent"]
    mentions: tuple[str, ...]


class Occurrence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a lineage: a version where it was printed.

    ``published`` and ``modified`` are what the page claims, ``first_seen`` is our own clock, all in UTC. ``seen`` is
    the time from the claim to our first sight: between them the words came onto the page, whatever it claims of later
    changes. ``printed`` is narrower, by the page's own word (see ``align/lineage/times.py``).
    ``cites`` are outlets the document names as its source, ``cited`` the same with the cues and with those that it
    cannot have the words from; ``copied_from`` is a document it was copied from, inferred from text, ``copied`` the
    same with the evidence; ``taken`` is the one of them that it most likely has the words from, null for a source.
    ``translated_from`` is the mention in another language that it was likely translated from.
    ``repeats`` is the fuller mention on the same page that it says over again; such a one is no further version.
    ``translations`` are what is offered of it in English, attested before the machine's.
    """

    mention: str
    document: str
    outlet: str | None
    language: Language | None
    url: str | None
    published: Instant | None = None
    modified: Instant | None = None
    first_seen: Instant | None = None
    seen: Interval
    printed: Interval = Interval()
    relation: Relation
    translated: bool
    distortion: Distortion | None
    text: str
    form: Form | None = None
    repeats: str | None = None
    cites: tuple[str, ...] = ()
    cited: tuple[Cited, ...] = ()
    copied_from: str | None = None
    copied: Copied | None = None
    taken: Taken | None = None
    translated_from: str | None = None
    translations: tuple[Rendered, ...] = ()


class Lineage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an utterance travelled: occurrences in order of time, and N of them collapsed into K independent sources.

    ``first`` are the mentions that may be the first version in the corpus, ``earliest`` is when the first one was
    printed: not before its start, not after its end. What a page says over again stands behind its fullest version on
    that page, and counts once with it. ``sources`` are the ``independent`` ones, each occurrence in exactly one.
    ``spoken`` is the language the words were likely spoken in, null when the evidence is thin; ``paths`` are the ways
    through languages, each from where the words were said or first read to where they arrived.
    ``missing`` names cited outlets of which the corpus has no page, ``dead_ends`` those whose pages do not hold the
    words, ``cycles`` outlets that cite each other. ``open_questions`` says what would change the picture.
    """

    utterance: str
    person: str | None
    earliest: Interval
    first: tuple[str, ...] = ()
    occurrences: tuple[Occurrence, ...]
    independent: int
    sources: tuple[Root, ...] = ()
    spoken: Language | None = None
    paths: tuple[tuple[Language, ...], ...] = ()
    missing: tuple[str, ...] = ()
    dead_ends: tuple[str, ...] = ()
    cycles: tuple[tuple[str, ...], ...] = ()
    open_questions: tuple[str, ...] = ()
