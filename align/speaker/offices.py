"""The offices, countries and institutions that a page prints, with what they are of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from align import names
from align.speaker.printed import Role
from align.speaker.reading import Reading
from align.speaker.words import (
    bare,
    countries,
    ending,
    ends,
    gendered,
    institutions,
    organisation_words,
    place_key,
    roles,
)
from ingest.fold import fold
from ingest.records import Document

_REACH = 6  # words behind a role in which it may be said what it is of


class Offices(Reading):
    """Finds roles, and the words that are of a role, a country or an institution and so of no name."""

    def __init__(self, document: Document, spoken: Sequence[tuple[int, int]] = ()) -> None:
        super().__init__(document, spoken)
        self.roles = list(self._find_roles())
        self.covered = {i: role for role in self.roles for i in range(role.first, role.last)}
        self.bodies = {i: body for body in self._find_bodies() for i in range(body[0], body[1])}
        self.near = {i for role in self.roles for i in role.near} | set(self._near_bodies())
        self.places = dict(self._find_places())

    def _find_roles(self) -> Iterator[Role]:
        i = 0
        while i < len(self.words):
            language = self._languages[i]
            found = None if self._surname(i) else roles(language).at(self.words, i)
            if found is None:
                i += 1
                continue
            last, (entry, phrase), between = found
            if self._plural(i, last, entry, language):
                i += 1
                continue
            yield self._role(i, last, entry, between, language, phrase)
            i = last

    def _plural(self, first: int, last: int, entry: dict[str, Any], language: str) -> bool:
        """Tell whether an office is printed of several people, where a language has one form of a word besides."""
        if names.lexicon()["stems"].get(language, {}).get("vowels"):
            return False
        word = bare(self.words[last - 1].folded)
        return word.endswith("s") and not any(fold(phrase).endswith(word) for phrase in entry[language])

    def _surname(self, i: int) -> bool:
        """Tell whether a word is no office: a surname, "Anna Bishop", or of an organisation's name, "Pilots' Guild"."""
        word, before = self.words[i], self.words[i - 1]
        after = self.words[i + 1] if i + 1 < len(self.words) else None
        if i > 0 and word.capital and word.close and before.capital and self._organises(i - 1):
            return True  # «Μουσείο Φυσικής Ιστορίας»
        if word.capital and after is not None and after.capital and after.gap.strip() in ("", "'", "’"):
            return "\n" not in after.gap and bare(after.folded) in organisation_words()  # "the Pilots' Guild"
        return i > 0 and word.capital and word.close and before.capital and names.is_given(before.text)

    def _organises(self, i: int) -> bool:
        """Tell whether a word makes a thing of the capitals behind it, in a language that puts the noun first."""
        word = self.words[i]
        return names.alphabet(word.text) == "greek" and word.folded in organisation_words()

    def _role(
        self, first: int, last: int, entry: dict[str, Any], between: list[int], language: str, phrase: str
    ) -> Role:
        near, start = list(between), first
        while start > 0 and first - start < 3 and self._qualifies(start - 1) and self.words[start].close:
            start -= 1
            near.append(start)
        possessed = self._possessed(start, last)
        end = last
        # what a role is of follows it: genitives with capitals, adjectives, quoted firms
        while end < len(self.words) and end - last < _REACH and not possessed and self._continues(end):
            near.append(end)
            end += 1
        places = {i: key for i in near if (key := self._place(i))}
        printed = " ".join(self.words[i].folded for i in range(first, last))
        sex = next((g for g, stem in gendered(entry["id"], language) if stem in printed), "")
        if start > 0:
            sex = sex or next((g for g in "mf" if self.is_small(start - 1, f"articles_{g}")), "")
        vague = start > 0 and self.is_small(start - 1, "indefinite")
        former = any(self.is_small(i, "former") for i in range(max(0, start - 1), last))
        return Role(
            first, last, entry["id"], places, sex, possessed or entry.get("relational", False),
            entry.get("wide", False), vague, former, possessed, phrase,
            near=tuple(i for i in near if i < first or (i >= last and not self._could_hold(last, i))),
        )  # fmt: skip

    def _possessed(self, start: int, last: int) -> bool:
        """Tell whether an office is somebody's by a pronoun: "his deputy", «ο εκπρόσωπός του»."""
        if start > 0 and self.words[start].close and self.is_small(start - 1, "possessive"):
            return names.alphabet(self.words[start].text) != "greek"
        # a Greek word takes a second accent before a pronoun, and before nothing else
        twice = names.accents(self.words[last - 1].text) > 1
        return twice and last < len(self.words) and self.is_small(last, "possessive")

    def _could_hold(self, last: int, i: int) -> bool:
        """Tell whether a capitalised word after a role may be its holder's name, and not what the role is of."""
        word = self.words[i]
        if self._of_a_noun(i):
            return False
        if ending("genitive", names.HOME[names.alphabet(word.text)]):
            return not ends("genitive", word.folded) or names.is_given(word.text)
        led = self.is_small(i - 1, "of") or self.is_small(i - 1, "articles")
        return i == last or not (led or ends("portfolio", word.folded))

    def _continues(self, i: int) -> bool:
        word = self.words[i]
        if "\n" in word.gap or word.gap.strip() not in ("", "«", '"', "“") or names.is_given(word.text):
            return False
        if self.is_small(i, "of") or self.is_small(i, "articles"):
            return True
        return (word.capital and not self.is_small(i, "stop")) or ends("national", word.folded)

    def _place(self, i: int) -> str:
        word = self.words[i]
        country = countries(self._languages[i]).at(self.words, i)
        if country is not None:
            return "=" + str(country[1]["id"])
        if self.is_small(i, "of") or self.is_small(i, "articles") or len(word.folded) < 3:
            return ""
        return place_key(word.folded)

    def _find_places(self) -> Iterator[tuple[int, str]]:
        for i, word in enumerate(self.words):
            if word.capital and (found := countries(self._languages[i]).at(self.words, i)):
                for j in range(i, found[0]):
                    yield j, found[1]["id"]

    def country_at(self, i: int) -> dict[str, Any] | None:
        """Return the lexicon's country whose name, adjective or capital begins at word i."""
        found = countries(self._languages[i]).at(self.words, i)
        return found[1] if found else None

    def _find_bodies(self) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """Yield the institutions of the page that no office contains: first word, word after the last, entry."""
        i = 0
        while i < len(self.words):
            found = None if i in self.covered else self.institution_at(i)
            if found is None:
                i += 1
                continue
            if not any(j in self.covered for j in range(i, found[0])):
                yield i, found[0], found[1]
            i = found[0]

    def _near_bodies(self) -> Iterator[int]:
        """Yield the capitalised words beside an institution that say whose it is: "Kestria's", «МИД Кестрии»."""
        for first, last, _ in {id(body): body for body in self.bodies.values()}.values():
            if first and self.words[first].close and self._qualifies(first - 1):
                yield first - 1
            after = last
            while after < len(self.words) and self.words[after].close and self._leads_on(after):
                after += 1
            whose = after < len(self.words) and self.words[after].close and self.words[after].capital
            if whose and not names.is_given(self.words[after].text):
                yield after

    def institution_at(self, i: int) -> tuple[int, dict[str, Any], list[int]] | None:
        """Return the institution whose name begins at word i: the word after it, its entry, the words inside it."""
        return institutions(self._languages[i]).at(self.words, i)
