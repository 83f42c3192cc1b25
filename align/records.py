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

    ``relation`` is that of ``right`` to ``left``; null means: judged not to be the same utterance.
    """

    left: str
    right: str
    relation: Relation | None
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


class Occurrence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a lineage: a version where it was printed.

    ``seen`` is when it was printed, as an interval from what the page claims and when we first saw it. ``cites`` are
    outlets the document names as its source; ``copied_from`` is a document it was copied from, inferred from text.
    ``repeats`` is the fuller mention on the same page that it says over again; such a one is no further version.
    ``translations`` are what is offered of it in English, attested before the machine's.
    """

    mention: str
    document: str
    outlet: str | None
    language: Language | None
    url: str | None
    seen: Interval
    relation: Relation
    translated: bool
    distortion: Distortion | None
    text: str
    form: Form | None = None
    repeats: str | None = None
    cites: tuple[str, ...] = ()
    copied_from: str | None = None
    translations: tuple[Rendered, ...] = ()


class Lineage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an utterance travelled: occurrences in order of time, and N of them collapsed into K independent sources.

    What a page says over again stands behind its fullest version on that page, and counts once with it.
    ``missing`` names cited outlets whose own text of it is not in the corpus: what would change the picture.
    """

    utterance: str
    person: str | None
    earliest: Interval
    occurrences: tuple[Occurrence, ...]
    independent: int
    missing: tuple[str, ...] = ()
