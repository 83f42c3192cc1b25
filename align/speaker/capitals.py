"""Runs of capitals -> the names of people: where a name begins and ends in one, and whether it is a person's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from align import names
from align.speaker.offices import Offices
from align.speaker.printed import Name
from align.speaker.words import bare, ends, organisation_words
from ingest.records import Document

MOST_NAME_WORDS = 4
_ACRONYM = 4  # letters; a lone word of capitals up to this long is no surname
_LED = 3  # words before a Greek name within which its article may stand


class Capitals(Offices):
    """Finds names."""

    def __init__(self, document: Document, spoken: Sequence[tuple[int, int]] = ()) -> None:
        super().__init__(document, spoken)
        self.names = list(self._find_names())
        self._free_of_places()

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
        short = last - first <= MOST_NAME_WORDS + 1
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
