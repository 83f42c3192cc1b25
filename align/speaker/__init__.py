"""Who said it: mentions with their printed speaker -> mentions with the person resolved. Pure.

    words      the words of a page, and what the lexicon knows of them
    printed    what a page prints of people: a role, a name
    reading    its words, each in its language
    offices    its roles, countries and institutions
    capitals   runs of capitals that are names
    page       who holds which role: one page read for people
    entity     one person: spellings, offices, and how well an office fits him
    people     the people of the whole input, over scripts and spellings
    references what a page names, place by place
    nouns      a trade, initials or a handle -> a person of the page
    antecedent a printed speaker -> a person of the page

A person's name is the declared one, else as an English document of the same input spells it, else romanised. Anonymous
sources and officials without a name stay unresolved (None); an institution that speaks is its own person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from align.records import Mention
from align.speaker.antecedent import Speakers
from align.speaker.page import Page
from align.speaker.people import People
from align.speaker.references import Answer, Method
from ingest.records import Document, Person

_NEAR = 400  # characters from a mention within which an unplaced speaker is looked for


class Reported(Protocol):
    """What is asked of a finding of extraction: the mention and where its speaker is printed, if anywhere."""

    @property
    def mention(self) -> Mention:
        """The mention, its person still open."""

    @property
    def speaker_span(self) -> tuple[int, int] | None:
        """Offsets of the printed speaker in the document's text, or None."""


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """A mention with its person, and how the person was found.

    ``method``: by the printed name; by an office that a known person holds; by a pronoun; by silence (nobody is printed
    and the one who spoke before goes on); an institution that speaks for itself; anonymous (a source that stays without
    a name on purpose); unresolved. ``antecedent`` is where the text of the mention's document names the speaker, and
    ``words`` what is printed there; a name that stands in the title alone has words and no antecedent. What is known
    from another document or from a declaration has neither: ``basis`` says from where.
    """

    mention: Mention
    method: Method
    antecedent: tuple[int, int] | None = None
    words: str = ""
    basis: str = ""


def resolve(
    documents: Sequence[Document], found: Mapping[str, Sequence[Reported]], persons: Sequence[Person]
) -> list[Mention]:
    """Return all mentions of ``found`` (by document id) with ``person`` set, in the order of the documents.

    All documents of an input are given together: a person is recognised over documents and scripts. Time grows with
    the text, not with its square.
    """
    return [one.mention for one in resolve_with_evidence(documents, found, persons)]


def resolve_with_evidence(
    documents: Sequence[Document], found: Mapping[str, Sequence[Reported]], persons: Sequence[Person]
) -> list[Attribution]:
    """Return what ``resolve`` returns, each mention with how its person was found."""
    reports = [found.get(document.id, ()) for document in documents]
    spans = [[_span(document, one) for one in reported] for document, reported in zip(documents, reports, strict=True)]
    pages = [
        Page(
            document,
            [span for span in placed if span is not None],
            [one.mention.start for one in reported if not one.mention.speaker],
        )
        for document, placed, reported in zip(documents, spans, reports, strict=True)
    ]
    people = People(persons)
    people.gather(pages)
    # every page is read before the first is resolved: genders and roles learnt on one serve all
    speakers = [
        Speakers(page, people, [(one.mention, span) for one, span in zip(reported, placed, strict=True)])
        for page, reported, placed in zip(pages, reports, spans, strict=True)
    ]
    return [
        _attribution(one.mention, answer, page)
        for page, resolved, reported in zip(pages, speakers, reports, strict=True)
        for one, answer in zip(reported, resolved.answers(), strict=True)
    ]


def _attribution(mention: Mention, answer: Answer, page: Page) -> Attribution:
    start, end = answer.span or (0, 0)
    inside = answer.span is not None and start >= page.shift
    return Attribution(
        mention=msgspec.structs.replace(mention, person=answer.person),
        method=answer.method,
        antecedent=(start - page.shift, end - page.shift) if inside else None,
        words=page.text[start:end],
        basis=answer.basis,
    )


def _span(document: Document, reported: Reported) -> tuple[int, int] | None:
    """Return where the speaker is printed: as extraction says, else where its words stand nearest to the mention."""
    if reported.speaker_span is not None:
        return reported.speaker_span
    mention, text = reported.mention, document.text
    if not mention.speaker:
        return None
    after = text.find(mention.speaker, mention.end, mention.end + _NEAR)
    before = text.rfind(mention.speaker, max(0, mention.start - _NEAR), mention.start)
    if after < 0 and before < 0:
        return None
    start = before if after < 0 or (before >= 0 and mention.start - before < after - mention.end) else after
    return start, start + len(mention.speaker)
