"""One page, read for people: its words, roles and names, and who holds which role. Linear in the length of the text."""

from __future__ import annotations

from collections.abc import Sequence

from align import names
from align.speaker.capitals import MOST_NAME_WORDS, Capitals
from align.speaker.printed import Name, Role
from align.speaker.words import ends
from ingest.fold import fold
from ingest.records import Document

_OF_THE = 3  # words behind "of" that may say what an office is of
_OPENING = frozenset('«“"')
_CLOSED = frozenset("»”")
_BETWEEN = frozenset(("", "«", "»", '"', "”", "“", ",", "»,"))  # what may stand between an office and its name
_REACH = 6  # words between a role and the name it belongs to


class Page(Capitals):
    """A document read once. ``silent`` are the places of words whose speaker is not printed beside them; ``spoken`` are
    the spans of the printed speakers. Both are offsets into the document's text."""

    def __init__(self, document: Document, spoken: Sequence[tuple[int, int]] = (), silent: Sequence[int] = ()) -> None:
        super().__init__(document, spoken)
        self._join_roles()
        self.unnamed = [self.between(at + self.shift, at + self.shift).start for at in silent]
        self.unnamed += [words.start for words in self.spoken if len(words) == 1 and self._pronoun(words.start)]
        self.unnamed = [i for i in self.unnamed if i < len(self.words)]

    def _pronoun(self, i: int) -> bool:
        return self.is_small(i, "he") or self.is_small(i, "she")

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
                    named = 1 < len(name.words) <= MOST_NAME_WORDS
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
            and not ends("verb_f", word.folded, self._languages[i])
            and (ends("complement", word.folded) or (i > 0 and self.is_small(i - 1, "of")))
        ):
            return True
        if len(name.words) > 1 and self.words[name.first].gap.strip() == "," and self._of_the(i):
            return True
        return ends("national", word.folded) or self.is_small(i, "honorifics_m")

    def _of_the(self, i: int) -> bool:
        """Tell whether a common noun says what an office is of: "the leader of the opposition"."""
        at = i - 1
        while at > max(0, i - _OF_THE) and self.words[at + 1].close and not self.is_small(at, "of"):
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

    def _apposed(self, role: Role) -> bool:
        """Tell whether a role after a name is its apposition: no other name follows that would claim it."""
        if role.last < len(self.words) and self.words[role.last].beside and self.words[role.last].capital:
            following = self.words[role.last]
            return not names.is_given(following.text)
        return True
