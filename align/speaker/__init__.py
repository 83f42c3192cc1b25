"""Who said it: mentions with their printed speaker -> mentions with the person resolved. Pure.

    page       one page read for people: words, sentences, roles, names
    people     the people of the whole input, over scripts and spellings
    resolve    a printed speaker -> a person of the page

A person's name is the declared one, else as an English document of the same input spells it, else romanised. Anonymous
sources and officials without a name stay unresolved (None); an institution that speaks is its own person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from align.records import Mention
from align.speaker.page import Page
from align.speaker.people import People
from align.speaker.resolve import Speakers
from ingest.records import Document, Person


class Reported(Protocol):
    """What is asked of a finding of extraction: the mention and where its speaker is printed, if anywhere."""

    @property
    def mention(self) -> Mention:
        """The mention, its person still open."""

    @property
    def speaker_span(self) -> tuple[int, int] | None:
        """Offsets of the printed speaker in the document's text, or None."""


def resolve(
    documents: Sequence[Document], found: Mapping[str, Sequence[Reported]], persons: Sequence[Person]
) -> list[Mention]:
    """Return all mentions of ``found`` (by document id) with ``person`` set, in the order of the documents.

    All documents of an input are given together: a person is recognised over documents and scripts. Time grows with
    the text, not with its square.
    """
    pages = [Page(document) for document in documents]
    spoken = {
        page.document.id: [
            (f.speaker_span[0] + page.shift, f.speaker_span[1] + page.shift)
            for f in found.get(page.document.id, ())
            if f.speaker_span is not None
        ]
        for page in pages
    }
    people = People(persons)
    people.gather(pages, spoken)
    reports = [found.get(page.document.id, ()) for page in pages]
    # every page is read before the first is resolved: genders and roles learnt on one serve all
    speakers = [
        Speakers(page, people, [(f.mention, f.speaker_span) for f in reported])
        for page, reported in zip(pages, reports, strict=True)
    ]
    mentions = []
    for one, reported in zip(speakers, reports, strict=True):
        named = one.persons()
        mentions += [msgspec.structs.replace(f.mention, person=name) for f, name in zip(reported, named, strict=True)]
    return mentions
