"""Document -> Mentions: what the page reports as said, with cue and speaker as printed. Pure, linear in the text.

A paragraph at a time: transcript labels and headline colons first, then quotation marks with the cue beside them, then
clauses that a cue introduces. The words of a language are in ``lexica/<language>.toml``; the rules here know only
marks, cues, clauses and capital letters. A quotation that does not close costs at most its own paragraph.

In reading order, each standing on the one before:

    marks       quotation marks of a paragraph, paired
    reading     the text as the rules see it: marks, sentences, cues, findings so far
    phrases     who is printed as the speaker beside a cue
    bounds      where a reported clause begins behind its cue, and where it ends
    clauses     what a cue introduces: clauses, demands, objects, questions
    according   sentences that say of themselves whose words they are: "according to X", "as X said"
    attributed  clauses by where their cue stands: before, behind, inside, in the next sentence
    quotations  which quoted words are speech
    turns       turns of speakers: transcripts, headlines with a name, interviews and dialogue by dashes
    blocks      what is set apart: lists under a cue, posts, pull quotes, "read also" lines, credits
    page        a document from top to bottom
"""

from __future__ import annotations

from msgspec import Struct

from align import lexicon
from align.extract.page import Page
from align.extract.reading import Span
from align.records import Mention
from ingest import ids
from ingest.records import Document


class Found(Struct, frozen=True, kw_only=True):
    """A mention and why: where its cue and its printed speaker stand in the text, and which rule found it."""

    mention: Mention
    speaker_span: Span | None
    cue_span: Span | None
    rule: str


def extract(document: Document) -> list[Mention]:
    """Return the mentions of a document in order of place; persons are not resolved yet."""
    return [found.mention for found in extract_with_evidence(document)]


def extract_with_evidence(document: Document) -> list[Found]:
    """Return the mentions of a document with the places of cue and speaker, and the rule that found each."""
    reader = Page(document.text, lexicon.load(document.language), document.title)
    pieces = reader.pieces()
    found = []
    for piece in sorted(pieces, key=lambda piece: (piece.start, -piece.end)):
        mention = Mention(
            id=ids.content_id("mention", document.id, piece.start, piece.end),
            document=document.id,
            start=piece.start,
            end=piece.end,
            text=document.text[piece.start : piece.end],
            language=piece.language or document.language,
            kind=piece.kind,
            form=piece.form,
            cue=document.text[slice(*piece.cue)] if piece.cue else "",
            speaker=document.text[slice(*piece.speaker)] if piece.speaker else "",
            score=piece.score,
        )
        found.append(Found(mention=mention, speaker_span=piece.speaker, cue_span=piece.cue, rule=piece.rule))
    return found
