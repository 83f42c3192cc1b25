"""One page, read for people: its words, sentences, roles and names. Linear in the length of the text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from align import names
from align.speaker.words import (
    bare,
    countries,
    ending,
    ends,
    gendered,
    institutions,
    one_script,
    organisation_words,
    place_key,
    roles,
    small,
    split,
)
from ingest.fold import fold
from ingest.records import Document

_QUOTES = {"«": "»", "“": "”", '"': '"', "„": "“", "‘": "’"}
_MOST_NAME_WORDS = 4
_ACRONYM = 4  # letters; a lone word of capitals up to this long is no surname
_LED = 3  # words before a Greek name within which its article may stand
_OPENING = frozenset('«“"')
_CLOSED = frozenset("»”")
_BETWEEN = frozenset(("", "«", "»", '"', "”", "“", ",", "»,"))  # what may stand between an office and its name
_REACH = 6  # words between a role and the name it belongs to


@dataclass(slots=True)
class Role:
    """A role printed on the page: words [first, last), the role's id, and the countries or things it is of."""

    first: int
    last: int
    id: str
    places: dict[int, str]
    gender: str
    relational: bool
    wide: bool
    indefinite: bool = False
    former: bool = False
    possessed: bool = False
    phrase: str = ""
    holder: Name | None = None
    near: tuple[int, ...] = ()

    @property
    def of(self) -> frozenset[str]:
        """What the role is of: keys of countries and things, without the holder's own name."""
        own = range(self.holder.first, self.holder.last) if self.holder else range(0)
        return frozenset(key for i, key in self.places.items() if i not in own)


@dataclass(slots=True)
class Name:
    """A name printed on the page: words [first, last); ``sure`` when something besides capitals says it is a person."""

    first: int
    last: int
    words: tuple[str, ...]
    sure: bool
    gender: str
    subject: bool
    qualifies: bool = False
    roles: list[Role] = field(default_factory=list)

    @property
    def surname(self) -> str:
        """The last word of the name."""
        return self.words[-1]


class Page:
    """A document with its title in front, read once. Offsets of the document are those of ``text`` less ``shift``.

    ``spoken`` are the spans of printed speakers in the document's text; no name reaches over their ends. ``silent`` are
    the places of words whose speaker is not printed beside them.
    """

    def __init__(self, document: Document, spoken: Sequence[tuple[int, int]] = (), silent: Sequence[int] = ()) -> None:
        title = f"{document.title}\n\n" if document.title and not document.text.startswith(document.title) else ""
        self.document = document
        self.shift = len(title)
        self.text = one_script(title + document.text)
        self.language = (document.language or "und").split("-")[0]
        self._tongues = names.HOME | {names.script_of(self.language): self.language}
        self.words = list(split(self.text))
        self.starts = [word.start for word in self.words]
        self._languages = [self.language_of(word.text) for word in self.words]
        self.spoken = [self.between(start + self.shift, end + self.shift) for start, end in spoken]
        self._breaks = {edge for words in self.spoken for edge in (words.start, words.stop)}
        self.roles = list(self._find_roles())
        self.covered = {i: role for role in self.roles for i in range(role.first, role.last)}
        self.bodies = {i: body for body in self._find_bodies() for i in range(body[0], body[1])}
        self.near = {i for role in self.roles for i in role.near} | set(self._near_bodies())
        self.places = dict(self._find_places())
        self.names = list(self._find_names())
        self._free_of_places()
        self._join_roles()
        self.unnamed = [self.between(at + self.shift, at + self.shift).start for at in silent]
        self.unnamed += [words.start for words in self.spoken if len(words) == 1 and self._pronoun(words.start)]
        self.unnamed = [i for i in self.unnamed if i < len(self.words)]

    def _pronoun(self, i: int) -> bool:
        return self.is_small(i, "he") or self.is_small(i, "she")

    def language_of(self, printed: str) -> str:
        """Return the page's language for a word in its script, else the language that the other script stands for."""
        return self._tongues[names.alphabet(printed)]

    def between(self, start: int, end: int) -> range:
        """Return the numbers of the words that begin in [start, end) of ``text``."""
        return range(bisect_left(self.starts, start), bisect_left(self.starts, end))

    def is_small(self, i: int, kind: str) -> bool:
        """Tell whether word i is of a kind of small words of its language."""
        word = self.words[i]
        found = small(self._languages[i], kind)
        return word.folded in found or (word.folded + "." in found and self.text[word.end : word.end + 1] == ".")

    # ------------------------------------------------------------------ roles and places
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

    def _of_a_noun(self, i: int) -> bool:
        """Tell whether a capitalised word is an adjective of the noun after it: «школы Лодвинской академии»."""
        if i + 1 >= len(self.words) or not ends("place", self.words[i].folded):
            return False
        after = self.words[i + 1]
        return after.close and not after.capital and ends("complement", after.folded)

    def _qualifies(self, i: int) -> bool:
        word = self.words[i]
        if self.is_small(i, "stop") or self.is_small(i, "articles"):
            return False
        if names.alphabet(word.text) != "cyrillic" and (word.capital or word.folded.endswith(("'s", "’s"))):
            return True
        return ends("national", bare(word.folded))

    def _continues(self, i: int) -> bool:
        word = self.words[i]
        if "\n" in word.gap or word.gap.strip() not in ("", "«", '"', "“") or names.is_given(word.text):
            return False
        if self.is_small(i, "of") or self.is_small(i, "articles"):
            return True
        return (word.capital and not self.is_small(i, "stop")) or ends("national", word.folded)

    def _place(self, i: int) -> str:
        word = self.words[i]
        country = countries(self.language_of(word.text)).at(self.words, i)
        if country is not None:
            return "=" + str(country[1]["id"])
        if self.is_small(i, "of") or self.is_small(i, "articles") or len(word.folded) < 3:
            return ""
        return place_key(word.folded)

    def _find_places(self) -> Iterator[tuple[int, str]]:
        for i, word in enumerate(self.words):
            if word.capital and (found := countries(self.language_of(word.text)).at(self.words, i)):
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

    def _leads_on(self, i: int) -> bool:
        return self.is_small(i, "of") or self.is_small(i, "articles")

    def institution_at(self, i: int) -> tuple[int, dict[str, Any], list[int]] | None:
        """Return the institution whose name begins at word i: the word after it, its entry, the words inside it."""
        return institutions(self._languages[i]).at(self.words, i)

    # ------------------------------------------------------------------ names
    def _find_names(self) -> Iterator[Name]:
        i = 0
        while i < len(self.words):
            if not self.words[i].capital or i in self.covered or i in self.bodies:
                i += 1
                continue
            end = i + 1
            while end < len(self.words) and self.words[end].beside and self._in_name(end) and end - i < 12:
                end += 1
            while end > i + 1 and not self.words[end - 1].capital:
                end -= 1
            yield from self._name(i, end)
            i = end

    def _free_of_places(self) -> None:
        """Take the place off «музея Галини Ясон Мелидис»: the page prints it alone too, as no name."""
        lone = {self.words[name.first].folded for name in self.names if len(name.words) == 1 and not name.sure}
        for name in self.names:
            whole = len(name.words) == 3 == name.last - name.first and not names.is_patronymic(name.words[1])
            if whole and self.words[name.first].folded in lone:
                name.first, name.words = name.first + 1, name.words[1:]
                name.gender = names.gender(" ".join(name.words)) or ""

    def _in_name(self, i: int) -> bool:
        if i in self.covered or i in self.bodies or i in self._breaks:
            return False
        return self._joined(i) and (self.words[i].capital or self.is_small(i, "particles"))

    def _joined(self, i: int) -> bool:
        if "." not in self.words[i].gap:
            return True
        before = self.words[i - 1]
        if 1 < len(before.text) <= 4 and before.text.isupper() <= self.words[i].text.isupper():
            # abbreviations end in a consonant ("Στ.", "Дм."); elsewhere it may be a surname that ends its sentence
            opens = self._opens_line(i - 1) or self.is_small(i - 2, "articles")
            return opens and not names.ends_in_vowel(before.text)
        return len(before.text) == 1 or self.is_small(i - 1, "honorifics") or self.is_small(i - 1, "honorifics_m")

    def _given_first(self, first: int, last: int) -> int:
        """Return where a person's name begins in a run of capitals: behind the offices and bodies that lead it."""
        given = [i for i in range(first, last - 1) if self._given(i)]
        fathered = names.is_patronymic(self.words[last - 1].text)
        if given and not self._initials(first, given[0]) and not (fathered and last - first == 3):
            first = given[0]
        while last - first > 2 and (first in self.near or self._portfolio(first)):
            first += 1
        return last - 2 if not given and self._whose(first, last) else first

    def _name(self, first: int, last: int) -> Iterator[Name]:
        honour, sex = False, ""
        while first < last:
            if self.is_small(first, "honorifics_m"):
                honour, sex = True, "m"
            elif self.is_small(first, "honorifics_f"):
                honour, sex = True, "f"
            elif self.is_small(first, "honorifics"):
                honour = True
            elif not (self._leads(first, last)):
                break
            first += 1
        given = any(self._given(i) for i in range(first, last - 1))
        first = self._given_first(first, last)
        if first >= last or self._in_quotes(first, last) or (not given and not honour and self._of_medium(first)):
            return
        honour = honour or (first > 0 and not self.words[first - 1].capital and self._honoured(first))
        if first > 0 and not sex and self.words[first].beside:
            kinds = ("honorifics", "articles")
            at = first - 2 if first > 1 and self.is_small(first - 1, "honorifics") else first - 1
            sex = next((g for g in "mf" for kind in kinds if self.is_small(at, f"{kind}_{g}")), "")
        if last - first == 1 and not honour and self._nobody(first):
            return
        count = sum(len(self.words[i].text) > 1 for i in range(first, last))
        if count == 0 or self._thing(first, last):
            return
        printed = self._printed(first, last)
        if not printed or len(printed[-1]) < 2 or names.is_patronymic(printed[-1]):
            return
        short = last - first <= _MOST_NAME_WORDS + 1
        sure = short and (given or honour) and not (count == 1 and self._of_a_noun(first))
        known = names.gender(" ".join(printed))
        known = known if known and names.is_nominative(printed[0]) else sex or known
        qualifies = all(i in self.near for i in range(first, last))
        yield Name(first, last, printed, sure and not qualifies, known, self._subject(first, last, known), qualifies)

    def _nobody(self, i: int) -> bool:
        """Tell whether a lone capitalised word names nobody: a pronoun or a source, or a thing by its article."""
        kinds = ("anonymous", "he", "she", "anyone", "kin", "body", "nameless")
        thing = i > 0 and self.words[i].close and self.is_small(i - 1, "articles_n")
        return thing or any(self.is_small(i, kind) for kind in kinds)

    def _portfolio(self, i: int) -> bool:
        """Tell whether a word between a noun and a full name is of the noun: "υπουργός Τουρισμού Μυρσίνη ..."."""
        word = self.words[i]
        led = i > 0 and word.close and (i - 1 in self.covered or not self.words[i - 1].capital)
        if not led or not ends("portfolio", word.folded) or names.is_given(word.text):
            return False
        return not names.is_patronymic(self.words[i + 1].text)

    def _of_medium(self, first: int) -> bool:
        """Tell whether a run of capitals is named by the common noun before it: "the podcast Evening Ledger"."""
        before = self.words[first - 1] if first else None
        beside = before is not None and not before.capital and self.words[first].close
        return beside and self.is_small(first - 1, "medium")

    def _whose(self, first: int, last: int) -> bool:
        """Tell whether capitals begin with what a Greek office is of: «της Ένωσης Ναυτικών Μπάμπης Τράκας»."""
        if last - first < 3 or names.alphabet(self.words[first].text) != "greek":
            return False
        led = first > 0 and self.words[first].close
        return led and (first - 1 in self.covered or self.is_small(first - 1, "of")) and not self._thing(first, last)

    def _given(self, i: int) -> bool:
        word = self.words[i]
        return len(word.text) > 1 and self.text[word.end : word.end + 1] != "." and names.is_given(word.text)

    def _printed(self, first: int, last: int) -> tuple[str, ...]:
        """Return the words of a name: initials with their full stop, and no more than the first of them."""
        while last - first > 1 and self.is_small(first, "particles"):
            first += 1
        printed = names.words(self.text[self.words[first].start : self.words[last - 1].end])
        if len(printed) in (2, 3) and names.is_patronymic(printed[-1]):
            # "Анна Петровна", and as papers of state print it: "Пелл Анна Петровна"
            return (printed[-2], *printed[:-2])
        if len(printed) == 3 and names.is_patronymic(printed[1]):
            return printed[0], printed[2]
        return tuple(word for n, word in enumerate(printed) if n == 0 or not names.is_short(word))

    def _in_quotes(self, first: int, last: int) -> bool:
        start, end = self.words[first].start, self.words[last - 1].end
        closing = _QUOTES.get(self.text[start - 1 : start])
        return closing is not None and self.text[end : end + 1] == closing

    def _honoured(self, i: int) -> bool:
        return self.words[i].beside and any(
            self.is_small(i - 1, kind) for kind in ("honorifics_m", "honorifics_f", "honorifics")
        )

    def led_noun(self, name: Name) -> bool:
        """Tell whether a lone capitalised word is a noun with an article, which no Latin name has: "the other Side"."""
        if len(name.words) > 1 or names.alphabet(name.surname) != "latin":
            return False
        for i in range(max(0, name.first - 2), name.first):
            beside = all(self.words[j].beside for j in range(i + 1, name.first + 1))
            if beside and self.is_small(i, "articles"):
                return True
        return False

    def qualifies_noun(self, name: Name, spoken: range) -> bool:
        """Tell whether a lone capitalised word in a printed speaker is of the noun after it: "a Kestrian envoy"."""
        after = name.last
        if name.sure or len(name.words) > 1 or after not in spoken or names.alphabet(name.surname) == "cyrillic":
            return False
        kinds = ("stop", "he", "she", "anyone", "of", "objects")
        lower = not self.words[after].capital and self.words[after].close
        return lower and not any(self.is_small(after, kind) for kind in kinds)

    def alone(self, name: Name) -> Iterator[Name]:
        """Yield each capitalised word of a run that is nobody's name as a name by itself: "Says Dregov", headlines."""
        for i in range(name.first, name.last):
            word = self.words[i]
            if word.capital and len(word.text) > 2 and i not in self.places and not self.is_small(i, "stop"):
                printed = tuple(names.words(word.text))
                yield Name(i, i + 1, printed, False, "", self._subject(i, i + 1), i in self.near)

    def _initials(self, first: int, last: int) -> bool:
        return first < last and all(
            len(self.words[i].text) <= 4 and self.words[i + 1].gap.startswith(".") for i in range(first, last)
        )

    def _leads(self, i: int, last: int) -> bool:
        """Tell whether word i stands before a name without being part of it: a small word, a country, an acronym."""
        word = self.words[i]
        if last - i > 1 and self._initials(i, i + 1):
            return False  # «А.Б.Полунин»: an initial, not the conjunction
        if names.is_given(word.text) and last - i > 1:
            return False
        if self.is_small(i, "stop") or self.is_small(i, "articles") or i in self.places:
            return True
        return (
            word.text.isupper() and len(word.text) > 2 and not all(self.words[j].text.isupper() for j in range(i, last))
        )

    def _thing(self, first: int, last: int) -> bool:
        if any(i in self.places for i in range(first, last)) and last - first == 1:
            return True
        if any(bare(self.words[i].folded) in organisation_words() for i in range(first, last)):
            return True
        acronym = self.words[first].text if last - first == 1 else ""
        return self.institution_at(first) is not None or (acronym.isupper() and len(acronym) <= _ACRONYM)

    def _subject(self, first: int, last: int, sex: str = "") -> bool:
        """Tell whether a name looks like a subject: by the article before it and by its ending."""
        word = self.words[last - 1]
        if (led := self._led(first)) is not None:
            return led
        greek = names.alphabet(word.text) == "greek"
        if greek and sex == "f":
            return not word.folded.endswith("σ")
        if word.folded.endswith(("'s", "’s")) or ends("oblique", word.folded):
            return False
        # a man's surname with a woman's ending is declined
        woman = names.gender(self.text[self.words[first].start : word.end]) == "f"
        return woman or not ends("genitive", word.folded)

    def _led(self, first: int) -> bool | None:
        """Return whether the article before a name, or before the Greek noun that it follows, shows a subject."""
        at = first
        while at > 0 and first - at < _LED and self.words[at].beside:
            at -= 1
            if self.is_small(at, "subjects"):
                return True
            if self.is_small(at, "objects"):
                # "Ο προπονητής των νικητών ...": the article of the noun before
                return at < first - 1 and at > 1 and self.words[at].close and self.is_small(at - 2, "subjects")
            if names.alphabet(self.words[at].text) != "greek":
                return None
        return None

    def _join_roles(self) -> None:
        by_end = {role.last: role for role in self.roles}
        by_reach = {max(role.last - 1, *role.near) + 1 if role.near else role.last: role for role in self.roles}
        for name in self.names:
            if name.qualifies or (len(name.words) == 1 and self._of_a_noun(name.first)):
                continue
            for held in (self._role_before(name, by_end), self._role_after(name)):
                if held is not None:
                    role = held
                    name.subject = name.subject or (role.last < name.first and self._led(role.first) is True)
                    name.roles.append(role)
                    role.holder = name
                    self._join_apposed(name, role, by_reach)
                    named = 1 < len(name.words) <= _MOST_NAME_WORDS
                    name.sure = name.sure or named or role.last == name.first
                    sure_given = name.gender and names.is_nominative(name.words[0])
                    name.gender = name.gender if sure_given else role.gender or name.gender

    def _join_apposed(self, name: Name, role: Role, by_reach: dict[int, Role]) -> None:
        """Give a name the office in front of its own: "the press officer, Lieutenant X", «директор, профессор X»."""
        start = min((role.first, *(i for i in role.near if i < role.first)))
        before = by_reach.get(start)
        if before is not None and before.holder is None and self.words[start].gap.strip() == ",":
            before.holder = name
            name.roles.append(before)

    def _role_before(self, name: Name, by_end: dict[int, Role]) -> Role | None:
        at = name.first
        while at > 0 and self._honoured(at):
            at -= 1  # "the chair of judges, Sir Oswin ..."
        if self.words[at].gap.strip() in _OPENING and not self._in_quotes(name.first, name.last):
            return None  # the name of a firm or party begins here
        first = at
        while at > max(first - _REACH, 0):
            gap = self.words[at].gap.strip()
            if "\n" in self.words[at].gap or (gap == "," and at != first) or gap not in _BETWEEN:
                return None
            at = self._before_quoted(at) if gap[:1] in _CLOSED else at
            role = by_end.get(at)
            if role is not None:
                return self._served(role, by_end, name) if not self._serves(role, name) else None
            if at == 0 or not self._complements(at - 1, name):
                return None
            at -= 1
        return None

    def _before_quoted(self, at: int) -> int:
        """Return the first word of the quoted title that ends before word at: «лидер партии «Новый берег» Анна ...»."""
        first = at - 1
        while first > max(at - _REACH, 0) and not set(self.words[first].gap) & _OPENING:
            first -= 1
        return first if set(self.words[first].gap) & _OPENING else at

    def _complements(self, i: int, name: Name) -> bool:
        """Tell whether a word between an office and a name may say what the office is of."""
        word = self.words[i]
        if word.capital or self.is_small(i, "of") or self.is_small(i, "articles"):
            return not names.is_given(word.text)  # not over another name
        if (
            len(name.words) > 1
            and not ends("verb_f", word.folded, self.language_of(word.text))
            and (ends("complement", word.folded) or (i > 0 and self.is_small(i - 1, "of")))
        ):
            return True
        if len(name.words) > 1 and self.words[name.first].gap.strip() == "," and self._of_the(i):
            return True
        return ends("national", word.folded) or self.is_small(i, "honorifics_m")

    def _of_the(self, i: int) -> bool:
        """Tell whether a common noun says what an office is of: "the leader of the opposition"."""
        at = i - 1
        while at > max(0, i - _LED) and self.words[at + 1].close and not self.is_small(at, "of"):
            at -= 1
        return self.is_small(at, "of") and all(self.words[j].close for j in range(at + 1, i + 1))

    def _served(self, role: Role, by_end: dict[int, Role], name: Name) -> Role:
        """Return which of two offices a name in the nominative holds: the first of «помощник президента Пётр ...»."""
        start = role.first
        while start > 0 and self.words[start].close and self._leads_on(start - 1):
            start -= 1
        served = by_end.get(start)
        return served if served is not None and served.relational and self._undeclined(name) else role

    def _undeclined(self, name: Name) -> bool:
        """Tell whether a full name stands in the nominative, as far as the language shows it."""
        kind, last = names.alphabet(name.surname), fold(name.surname)
        if kind == "latin" or names.is_nominative(name.words[0], name.gender):
            return kind != "latin"
        if kind == "greek":
            return last.endswith("σ") != (name.gender == "f")
        return not ends("oblique", last) and not ends("genitive", last)

    def _serves(self, role: Role, name: Name) -> bool:
        """Tell whether the name is whom the role serves, not who holds it: "aide to X", "помощник Осмолина"."""
        if role.possessed or self.words[name.first].gap.strip() == ",":
            return False
        if any(self.is_small(i, "of") for i in range(role.last, name.first)) and name.first - role.last <= 2:
            return len(name.words) == 1 or not self.words[name.first].capital or role.relational
        return role.relational and len(name.words) == 1 and not name.subject

    def _role_after(self, name: Name) -> Role | None:
        placed = name.first > 0 and not name.sure and self.is_small(name.first - 1, "inside")
        if name.last >= len(self.words) or placed:
            return None  # "At the service in Ardel, a preacher ..."
        gap = self.words[name.last].gap
        loose = gap.strip() == "" and not (names.is_given(name.words[0]) and self._opens_line(name.first))
        if loose or "\n" in gap or gap.strip() not in (",", "", "(", "—", "–", "-"):
            return None
        for at in range(name.last, min(name.last + 5, len(self.words))):
            if at > name.last and not self.words[at].beside:
                return None
            role = self.covered.get(at)
            if role is not None:
                tight = self.words[name.last].gap.strip() == "" and at > name.last
                return None if tight or not self._apposed(role) else role
            kinds = ("articles", "he", "she", "indefinite", "possessive")
            if not (self.words[at].capital or self._qualifies(at) or any(self.is_small(at, kind) for kind in kinds)):
                return None
        return None

    def opens_sentence(self, i: int) -> bool:
        """Tell whether word i is the first of its sentence."""
        return i == 0 or self.words[i - 1].sentence != self.words[i].sentence

    def _opens_line(self, i: int) -> bool:
        return i == 0 or "\n" in self.words[i].gap

    def _apposed(self, role: Role) -> bool:
        """Tell whether a role after a name is its apposition: no other name follows that would claim it."""
        if role.last < len(self.words) and self.words[role.last].beside and self.words[role.last].capital:
            following = self.words[role.last]
            return not names.is_given(following.text)
        return True
