"""What stands for a person of the page without being a name or an office: a trade, initials, a handle."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property

from align import names
from align.speaker.entity import Entity
from align.speaker.printed import Name
from align.speaker.references import AT, Answer, Named, Reference
from align.speaker.words import ends, organisation_words
from ingest.fold import fold

_APPOSED = 6  # words behind a name and a comma that say what he is
_BEFORE = 2  # words before a name that say what she is
_OF = 4  # words behind a noun that say what it is of
_NO_TRADE = ("stop", "articles", "of", "prepositions", "he", "she", "former", "kin")
_INITIALS = (2, 4)  # least and most letters of a label of initials
_NEAR = 3  # sentences back in which somebody speaks whom a noun may stand for


class Nouns(Named):
    """Resolves common nouns, initials and handles by what the page says of its people."""

    @cached_property
    def _called(self) -> dict[str, list[Reference]]:
        """Common nouns beside a name, by their stems: "cellist Ivo Kern", "Ivo Kern, a keeper of bees"."""
        found: dict[str, list[Reference]] = {}
        for reference in self.references:
            name = self.name_at.get(bisect_left(self.page.starts, reference.at)) if reference.named else None
            if name is None or name.first not in self.entity_of:
                continue
            for i in self._beside(name):
                found.setdefault(self._noun(i), []).append(reference)
        return found

    def _beside(self, name: Name) -> Iterator[int]:
        page = self.page
        at = name.first
        while name.subject and at > max(0, name.first - _BEFORE) and page.words[at].close and self._common(at - 1):
            at -= 1
            yield at
        at = name.last
        if at < len(page.words) and page.words[at].gap.strip() in (",", "—", "–", "("):
            while at < min(len(page.words), name.last + _APPOSED) and (at == name.last or page.words[at].close):
                if self._common(at):
                    yield at
                at += 1

    def _common(self, i: int) -> bool:
        """Tell whether a word may be a common noun: no small word, and a capital only where a sentence begins."""
        word, page = self.page.words[i], self.page
        small = any(page.is_small(i, kind) for kind in _NO_TRADE)
        return not small and len(word.folded) > 3 and (not word.capital or page.opens_sentence(i) or "\n" in word.gap)

    def _noun(self, i: int) -> str:
        """Return the stem of a common noun, longest ending first."""
        forms = names.stems(self.page.words[i].folded)
        return min((form for form in forms if len(form) > 3), key=len, default=forms[0])

    def _by_noun(self, words: Iterable[int], at: int) -> Answer | None:
        """Return whom the page calls by a noun of a printed speaker: the nearest before, else after."""
        for i in words:
            bearers = self._called.get(self._noun(i), []) if self._common(i) else []
            before = [reference for reference in bearers if reference.at < at]
            best = before[-1] if before else next(iter(bearers), None)
            if best is not None and not self._many(i):
                return Answer("role", best.entity, None, best.span, "called so on the page")
        return None

    def _by_kind(self, words: range, at: int, sex: str) -> Answer | None:
        """Return who spoke last where a printed speaker is a noun of persons that the page says of nobody."""
        page = self.page
        heads = [i for i in words if self._common(i) and ends("person", page.words[i].folded) and not self._many(i)]
        vague = any(page.is_small(i, kind) for i in words for kind in ("indefinite", "anonymous", "nameless", "kin"))
        things = any(page.words[i].folded in organisation_words() for i in words)
        if not heads or vague or things or any(page.words[i].capital and not self._common(i) for i in words[1:]):
            return None
        sentence = page.words[words[0]].sentence
        sex = sex or self._sex_of_noun(heads[0], words)
        earlier = self.references[: bisect_left(self.references, at, key=AT)][-40:]
        for reference in reversed(earlier):
            if sentence - reference.sentence > _NEAR:
                break
            if (
                reference.entity is not None
                and reference.speaking
                and reference.entity.gender in ("", sex or reference.entity.gender)
            ):
                return Answer("role", reference.entity, None, reference.span, "a noun for the one who spoke before")
        return None

    def _interviewed(self, words: range, at: int) -> Answer | None:
        """Return whom the page has let speak where it says "the interlocutor" and nobody else has spoken."""
        if not any(self.page.is_small(i, "interlocutor") for i in words):
            return None
        spoke = {id(r.entity): r for r in self.references[: bisect_left(self.references, at, key=AT)] if r.speaking}
        only = next(iter(spoke.values())) if len(spoke) == 1 else None
        if only is None or only.entity is None:
            return None
        return Answer("role", only.entity, None, only.span, "the one who has spoken on the page")

    def _named_below(self, words: range, answer: Answer) -> Answer | None:
        """Return whom the page names next and lets speak, where it opens with one person of a kind: "A café owner says
        she is tired. ... Anna Pell, 52, told the Courier"."""
        page, first = self.page, bisect_left(self.page.starts, self.page.shift)
        opening = page.words[words[0]].sentence - page.words[first].sentence <= 1
        held = [page.covered[i] for i in words if i in page.covered]
        if answer.method not in ("anonymous", "unresolved") or not opening or not held or held[0].wide or held[0].of:
            return None
        one = any(page.is_small(i, "one") for i in range(max(0, words[0] - 1), words.stop))
        at = page.words[words[0]].start
        if not one or any(r.named and page.shift <= r.at < at for r in self.references):
            return None
        below = self.references[bisect_left(self.references, at, key=AT) :]
        found = next((r for r in below if r.named and not self._quoted(r.at)), None)
        name = self.name_at.get(bisect_left(page.starts, found.at)) if found is not None else None
        if found is None or name is None or len(name.words) < 2 or name.first not in self.spoken:
            return None
        return Answer("role", found.entity, None, found.span, "the one named next on the page")

    def _sex_of_noun(self, i: int, words: range) -> str:
        page = self.page
        led = next((g for g in "mf" for at in words if at < i and page.is_small(at, f"articles_{g}")), "")
        return led or next((g for g in "mf" if ends(f"person_{g}", page.words[i].folded)), "")

    def _many(self, i: int) -> bool:
        """Tell whether a noun is a plural, as far as its ending shows."""
        return ends("many", self.page.words[i].folded)

    def _by_initials(self, words: range) -> Answer | None:
        """Return whose initials a label is: "IK: ..." in an interview with Ivo Kern."""
        printed = self.page.words[words[0]].text.replace(".", "")
        if len(words) != 1 or not printed.isupper() or not _INITIALS[0] <= len(printed) <= _INITIALS[1]:
            return None
        for name in self.page.names:
            entity = self.entity_of.get(name.first)
            parts = [part for word in name.words for part in word.replace("‑", "-").split("-")]
            if entity is not None and len(name.words) > 1 and "".join(part[0] for part in parts) == printed:
                return Answer("name", entity, None, self._span(name), "by initials")
        return None

    def _by_handle(self, cue: str) -> Answer | None:
        """Return whose surname a handle has in it: "@ikern7"."""
        handle = fold(cue.lstrip("@"))
        for name in self.page.names if cue.startswith("@") else ():
            entity = self.entity_of.get(name.first)
            if entity is not None and self._spelt(entity, handle):
                return Answer("name", entity, None, self._span(name), "by the handle of a post")
        return None

    @staticmethod
    def _spelt(entity: Entity, handle: str) -> bool:
        spelt = fold(entity.name().split()[-1]).replace("-", "")
        return len(spelt) > 3 and spelt in handle

    def _apposed_to(self, words: range) -> Answer | None:
        """Return who is named behind a printed speaker and a comma: «ο ομόλογός του, Νίκος Βαρδής,»."""
        page, at = self.page, words.stop
        if at < len(page.words) and page.words[at].close and page.is_small(at, "possessive"):
            at += 1
        limit = min(len(page.words), words.stop + _OF)
        while at < limit and page.words[at].close and ends("complement", page.words[at].folded):
            at += 1  # «руководитель рейса, гидробиолог ...»
        if at >= len(page.words) or page.words[at].gap.strip() != ",":
            return None
        for first in range(at, min(len(page.words), at + 3)):
            if page.words[first].sentence != page.words[words[0]].sentence or (
                first > at and not page.words[first].beside
            ):
                return None
            name = self.name_at.get(first)
            if name is not None and name.first in self.entity_of:
                behind = page.words[name.last].gap.strip() if name.last < len(page.words) else "."
                entity = self.entity_of[name.first]
                ended = behind[:1] in (",", ".", ";", "", "—", "–") and (name.subject or len(name.words) > 1)
                return Answer("name", entity, None, self._span(name), "an apposition") if ended else None
        return None
