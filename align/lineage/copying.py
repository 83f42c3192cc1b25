"""Which page repeats the text of an earlier one: inferred from text and time, apart from what pages say themselves.

Only what can be justified. A page that ingest has marked is a copy. Of others the paragraph around the quotation tells:
two reporters who heard the same words do not write the same words around them. Last comes a long quotation, equal to
a few letters: two people who translate seldom agree so far. In the language in which the words were spoken it proves
nothing, as everybody who listened prints the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from align.records import Copied, Mention
from ingest import fold
from ingest.records import Document, Language

_EQUAL = 97.0  # per cent of equal characters in one language, above which the later of two quotations is a copy
_LONG = 60  # characters below which equal words prove nothing
_AROUND = 15  # words around a quotation, below which a paragraph proves nothing
_SAME_AROUND = 0.8  # of them must stand in the other paragraph, in the same order
_WORDS = 6_000  # words of a document that are compared, as in ingest/dedupe.py


class Text(Struct, frozen=True, kw_only=True):
    """What of a page is compared: the quotation, folded, the words around it in its paragraph, and the whole text."""

    document: str
    language: Language | None
    family: str  # the document that it is marked as a copy of, or it itself
    quotation: str
    around: tuple[str, ...]
    whole: str


def text(mention: Mention, document: Document, language: Language | None) -> Text:
    """Return what of a page is compared with others."""
    opened = document.text.rfind("\n\n", 0, mention.start)
    closed = document.text.find("\n\n", mention.end)
    before = document.text[opened + 2 if opened >= 0 else 0 : mention.start]
    after = document.text[mention.end : closed if closed >= 0 else len(document.text)]
    return Text(
        document=document.id,
        language=language,
        family=document.copy_of or document.id,
        quotation=fold.fold(mention.text),
        around=_words(before + " " + after),
        whole=document.text,
    )


def _words(raw: str) -> tuple[str, ...]:
    return tuple(word for word in (token.strip(".,;:!?…«»“”„\"'’()[]-–—") for token in fold.fold(raw).split()) if word)


def copied(page: Text, earlier: Sequence[Text], spoken: Language | None = None) -> Copied | None:
    """Return the first of the earlier pages, in order of time, that this one repeats: by mark, paragraph, quotation.

    Of pages that are marked as copies of one text the earliest here stands for it. ``spoken`` is the language in which
    the words were spoken, where it is known.
    """
    for other in earlier:
        if other.family == page.family:
            words, others = _words(page.whole)[:_WORDS], _words(other.whole)[:_WORDS]
            equal = _share(words, others, min(len(words), len(others)))
            return Copied(document=other.document, part="document", equal=equal)
    comparable = [other for other in earlier if other.language == page.language and other.document != page.document]
    for other in comparable:
        equal = _share(page.around, other.around, len(other.around))
        if len(other.around) >= _AROUND and equal >= _SAME_AROUND:
            return Copied(document=other.document, part="paragraph", equal=equal)
    for other in comparable:
        heard = page.language == spoken
        if not heard and len(page.quotation) >= _LONG and fuzz.ratio(page.quotation, other.quotation) >= _EQUAL:
            left, right = page.quotation.split(), other.quotation.split()
            equal = _share(left, right, min(len(left), len(right)))
            return Copied(document=other.document, part="quotation", equal=equal)
    return None


def _share(left: Sequence[str], right: Sequence[str], of: int) -> float:
    """Return which share of ``of`` words two texts have in common, in the same order."""
    return LCSseq.similarity(left, right) / of if of else 0.0
