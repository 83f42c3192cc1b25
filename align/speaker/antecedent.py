"""A printed speaker -> a person of the page: by name, role, pronoun, or by silence (the one who spoke before)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable

from align import names
from align.speaker.entity import Entity, fits_role
from align.speaker.nouns import Nouns
from align.speaker.printed import Name, Role
from align.speaker.references import AT, WINDOW, Answer, Method, Reference
from align.speaker.words import bare, organisation_words
from ingest.fold import fold

_BEHIND = 80  # characters behind quoted words in which their cue has its subject
_BACK = 8  # sentences that a pronoun looks back
_CONDITION = 12  # words after a printed speaker in which it may say that he stays without a name
# what may stand between quoted words and the word behind them: a mark, a comma, a dash
_CLOSING = re.compile(r"""(?:,?[»”"’']+,?|,|[!?…][»”"’']*|\.[»”"’']+(?=\s*[—–-]))\s*[—–-]?\s*(?=[^\W\d_])""")


class Speakers(Nouns):
    """Resolves the speakers of one page, in the order of the text."""

    # ------------------------------------------------------------ who speaks
    def answers(self) -> list[Answer]:
        """Return who speaks in each reported mention, in the order they were given."""
        order = sorted(range(len(self.reported)), key=lambda i: (self.reported[i][1], -self.reported[i][2]))
        result = [Answer("unresolved")] * len(self.reported)
        previous: Answer | None = None
        answering: Answer | None = None
        since = 0
        for i in order:
            mention, start, _, span = self.reported[i]
            words = self._read_speaker(span)
            if words:
                answer = self._printed(words, self._sex_of(mention.cue))
                answer = self._named_below(words, answer) or answer
            elif mention.speaker.strip() and span is None:
                answer = Answer("unresolved", basis="the printed speaker is not found on the page")
            else:
                nested = mention.form == "nested"
                behind = answering if mention.form == "transcript" else None if nested else self._behind(i)
                answer = (
                    behind
                    or self._by_handle(mention.cue)
                    or self._silent(previous, since, start, self._sex_of(mention.cue), nested=nested)
                )
            nameless = answer.method == "anonymous" or any(i in self.page.covered for i in words)
            if answer.entity is not None or (answer.name is None and words and nameless):
                self._spoke(words, start, answer)
            if mention.form != "nested":
                previous = answer
            if mention.form == "transcript" and answer.entity is not None:
                answering = answer  # who is asked, whomever else the answers speak of
            since, result[i] = mention.end + self.page.shift, answer
        return result

    def _read_speaker(self, span: tuple[int, int] | None) -> range:
        """Return the words of a printed speaker; none when all of them are small words that are nobody's."""
        words = self.page.between(*span) if span else range(0)
        kinds = ("he", "she", "anyone", "body", "anonymous")
        said = (not self.page.is_small(i, "stop") or any(self.page.is_small(i, kind) for kind in kinds) for i in words)
        return words if any(said) else range(0)

    def _behind(self, i: int) -> Answer | None:
        """Return whom the rest of the sentence behind quoted words has for its subject: "...", quipped Anna Pell."""
        mention, _, end, _ = self.reported[i]
        gap = _CLOSING.match(self.page.text, end)
        if mention.kind != "direct" or gap is None or not (self.page.text[gap.end()].islower() or "," in gap.group()):
            return None
        first = bisect_left(self.page.starts, gap.end())
        if first >= len(self.page.words) or self.page.words[first].start != gap.end():
            return None
        sentence = self.page.words[first].sentence
        low = bisect_left(self.references, gap.end(), key=AT)
        for reference in self.references[low : low + 3]:
            near = reference.sentence == sentence and reference.at - gap.end() < _BEHIND
            if near and reference.subject and reference.entity is not None and not self._quoted(reference.at):
                return Answer("name", reference.entity, None, reference.span, "the subject behind the words")
        return None

    def _silent(self, previous: Answer | None, since: int, at: int, sex: str, *, nested: bool) -> Answer:
        """Return who speaks where nobody is printed: the one before, unless somebody else was the subject since."""
        goes_on = previous is not None and previous.method != "unresolved"
        if previous is not None and goes_on and not nested and not self._another(since, at, previous.entity):
            other = previous.entity is not None and sex and previous.entity.gender not in ("", sex)
            if not other:
                kept: Method = "anonymous" if previous.method == "anonymous" else "silence"
                basis = previous.basis if previous.method == "silence" else f"spoke before, found by {previous.method}"
                return Answer(kept, previous.entity, previous.name, previous.span, basis)
        reference = self._antecedent(at, sex, nested=nested)
        if reference is None or reference.entity is None:
            return Answer("unresolved", basis="nobody is printed and nobody is named before")
        return Answer("silence", reference.entity, None, reference.span, "last subject before")

    def _another(self, since: int, at: int, entity: Entity | None) -> bool:
        """Was somebody else the subject of a whole sentence since the last words were said?"""
        low, high = bisect_left(self.references, since, key=AT), bisect_left(self.references, at, key=AT)
        between = self.references[low:high]
        return any(r.subject and r.named and r.entity is not entity and not self._quoted(r.at) for r in between)

    def _spoke(self, words: range, start: int, answer: Answer) -> None:
        """Note that somebody speaks here, for the pronouns that follow; one without a name is noted too."""
        page = self.page
        at = page.words[words[0]].start if words else start
        sentence = page.words[min(bisect_left(page.starts, at), len(page.words) - 1)].sentence
        sex = next((page.covered[i].gender for i in words if i in page.covered), "")
        i = bisect_left(self.references, at, key=AT)
        span = answer.span or (at, page.words[words[-1]].end if words else at)
        spoken = Reference(at, sentence, answer.entity, True, span, sex, speaking=True, named=answer.entity is not None)
        self.references.insert(i, spoken)

    def _printed(self, words: range, sex: str = "") -> Answer:
        page = self.page
        held = [page.covered[i] for i in words if i in page.covered]
        named = [name for name in self._names_in(words) if self._belongs(name, words, held)]
        if named:
            # a given name and surname before a single capital, which may be of an office's title
            best = min(named, key=lambda name: (len(name.words) < 2, name.first))
            entity = self.entity_of[best.first]
            return Answer("name", entity, None, self._span(best), self._full_name(best, entity))
        at = page.words[words[0]].start
        if held and not self._of_a_body(words, held[0]):
            head = self._head(held)
            office = self._office(head, words, at, sex)
            if office.method != "unresolved":
                return office
            own = (i for i in words if page.covered.get(i, head) is head)  # not whom the office serves
            return self._apposed_to(words) or self._by_noun(own, at) or office
        if self._anonymous(words):
            return self._interviewed(words, at) or Answer("anonymous", basis="a source without a name")
        for his, kind in (("m", "he"), ("f", "she"), ("", "anyone")):
            if any(page.is_small(i, kind) for i in words):
                return self._pronoun(at, his)
        return self._by_initials(words) or self._apposed_to(words) or self._noun_or_body(words, at, sex)

    def _noun_or_body(self, words: range, at: int, sex: str) -> Answer:
        called = self._by_noun(words, at)
        if called is not None:
            return called
        body = self._impersonal(words)
        return (self._by_kind(words, at, sex) or body) if body.method == "unresolved" else body

    def _impersonal(self, words: range) -> Answer:
        """Return the institution or country that speaks for itself, or that "the ministry" stands for."""
        page = self.page
        span = page.words[words[0]].start, page.words[words[-1]].end
        name = self._institution(words)
        if name is not None:
            self.body = Answer("institution", None, name, span)
            return self.body
        country = next((c for i in words if page.words[i].capital and (c := page.country_at(i))), None)
        if country is not None:
            return Answer("institution", None, str(country["name"]), span)
        if self.body is not None and any(page.is_small(i, "body") for i in words):
            return Answer("institution", None, self.body.name, self.body.span, "named before")
        printed = self._organisation(words)
        if printed:
            return Answer("institution", None, printed, span, "by its printed name")
        return Answer("unresolved", basis="no name, office, pronoun or institution is read in it")

    def _organisation(self, words: range) -> str:
        """Return the printed name of a firm, union or other body in Latin letters, "" when none is printed."""
        page = self.page
        named = [i for i in words if page.words[i].capital and not page.is_small(i, "articles")]
        if not named or not any(bare(page.words[i].folded) in organisation_words() for i in named):
            return ""
        whole = page.text[page.words[named[0]].start : page.words[named[-1]].end]
        return names.latin(" ".join(whole.split()), page.language_of(whole))

    def _of_a_body(self, words: range, role: Role) -> bool:
        """Tell whether an office is of an organisation that stands before it: «Союз писателей»."""
        before = (page_word for i in range(words.start, role.first) if (page_word := self.page.words[i].folded))
        return any(names.alphabet(word) != "latin" and word in organisation_words() for word in before)

    def _head(self, held: list[Role]) -> Role:
        """Return the office that speaks: the last of "the minister's spokesman", the first in other languages."""
        return next((role for role in held if not self._possessive(role.last)), held[-1])

    def _office(self, role: Role, words: range, at: int, sex: str = "") -> Answer:
        page = self.page
        if not role.gender and self.cue_sex.get(role.first) == "f":
            role.gender = "f"  # «заявила министр»; a verb of the other kind may be said of a woman too
        if self._possessive(role.last) and role.last < words.stop:
            return Answer("unresolved", basis="somebody's of an office, and not who holds it")
        vague = role.indefinite or any(page.is_small(i, "indefinite") for i in words if i < role.first)
        if (vague and not role.holder) or self._nameless(words):
            return Answer("anonymous", basis="an office without a name")
        if role.wide and self._anonymous(words):
            return self._known_official(role, at) or Answer("anonymous", basis="an office without a name")
        holder = self.entity_of.get(role.holder.first) if role.holder else None
        if role.holder and holder is not None:
            return Answer("role", holder, None, self._span(role.holder), "named beside the office")
        return self._holder(role, at=at, sex=sex)

    def _known_official(self, role: Role, at: int) -> Answer | None:
        """Return who spoke last when he is known to hold such an office and the page says "the official" of him."""
        before = self.references[max(0, bisect_left(self.references, at, key=AT) - WINDOW) :]
        last = next((r for r in reversed(before) if r.at < at and r.speaking), None)
        if last is None or last.entity is None or role.of or self.page.words[role.last - 1].folded.endswith("s"):
            return None
        fit, held = fits_role(last.entity, role, self.day)
        return Answer("role", last.entity, None, last.span, held.says()) if held is not None and fit >= 1.2 else None

    def _nameless(self, words: range) -> bool:
        """Tell whether a speaker is said to stay without a name: "a diplomat who spoke on condition of anonymity"."""
        page, sentence = self.page, self.page.words[words[0]].sentence
        after = range(words.stop, min(words.stop + _CONDITION, len(page.words)))
        inside = (*words, *(i for i in after if page.words[i].sentence == sentence))
        return any(page.is_small(i, "nameless") for i in inside)

    def _pronoun(self, at: int, sex: str) -> Answer:
        reference = self._antecedent(at, sex)
        if reference is None:
            return Answer("unresolved", basis="a pronoun with nobody before it")
        if reference.entity is None:
            return Answer("anonymous", span=reference.span, basis="a pronoun for a speaker without a name")
        if sex:
            self.sex.setdefault(id(reference.entity), sex)
        return Answer("pronoun", reference.entity, None, reference.span)

    def _full_name(self, name: Name, entity: Entity) -> str:
        """Say in words how a printed name was completed."""
        if len(name.words) > 1:
            return "declared" if entity.declared else ""
        first = self.in_full.get(id(entity))
        if first is not None:
            start, end = self._span(first)
            place = f"{start - self.page.shift}-{end - self.page.shift}" if start >= self.page.shift else "in the title"
            return f'a name for "{" ".join(first.words)}" {place}'
        return "declared" if entity.declared else "named in full elsewhere" if entity.full else ""

    def _belongs(self, name: Name, words: range, held: list[Role]) -> bool:
        """Tell whether a name inside a printed speaker is the speaker's: not "an aide to X", not "X's office"."""
        page = self.page
        before = [role for role in held if role.last <= name.first]
        if self._possessive(name.last) and name.last < words.stop:
            return False
        if before and not name.sure and len(name.words) == 1 and self._of_a_thing(name):
            return False  # "the manager of an Ardel quarry"
        if not before:
            return not self._another_noun(name, words)
        if before[-1].holder is not None and before[-1].holder is not name and before[-1].holder.first > name.first:
            return False  # "the head of Ardel School, Ivo Kern"
        if before[-1] in name.roles:
            return not any(role.relational and role not in name.roles for role in before)
        between = range(before[-1].last, name.first)
        served = any(page.is_small(i, "of") for i in between) and all(self._leads(i) for i in between)
        served = served or any(page.is_small(i, "prepositions") for i in between)
        return not before[-1].relational and not served

    def _of_a_thing(self, name: Name) -> bool:
        """Tell whether a lone capitalised word behind "of a" says which thing: a noun follows it."""
        page, after = self.page, name.last
        follows = after < len(page.words) and page.words[after].close and not page.words[after].capital
        return follows and page.is_small(name.first - 1, "indefinite")

    def _leads(self, i: int) -> bool:
        kinds = ("of", "articles", "honorifics", "honorifics_m", "honorifics_f")
        return any(self.page.is_small(i, kind) for kind in kinds)

    def _possessive(self, last: int) -> bool:
        return self.page.words[last - 1].text.endswith(("'s", "’s"))

    def _another_noun(self, name: Name, words: range) -> bool:
        """Tell whether a noun before the name speaks and the name only says whose: "жена X", "someone close to X"."""
        page = self.page
        kinds = ("articles", "honorifics", "honorifics_m", "honorifics_f", "he", "she", "former", "indefinite")
        led = [i for i in range(words.start, name.first) if not page.words[i].capital]
        led = [i for i in led if not any(page.is_small(i, kind) for kind in kinds)]
        led += [i for i in words if i >= name.last and i in page.covered]  # «Насчёт Холлистера министр ...»
        if not led:
            return False
        if any(page.is_small(name.first - 1, kind) for kind in ("of", "prepositions")):
            return True
        if not name.sure and any(bare(page.words[i].folded) in organisation_words() for i in led):
            return True
        kind = names.alphabet(name.surname)
        if kind != "cyrillic":
            return False
        whose = fold(name.surname) != fold(self.entity_of[name.first].printed_nominative(kind))
        return whose and (name.first not in self.in_genitive or any(page.is_small(i, "kin") for i in led))

    def _anonymous(self, words: range) -> bool:
        return any(self.page.is_small(i, "anonymous") or self.page.is_small(i, "indefinite") for i in words)

    def _antecedent(self, at: int, sex: str, *, nested: bool = False) -> Reference | None:
        """Return whom a pronoun means: who spoke last or was the subject, sentence by sentence backwards."""
        page = self.page
        i = bisect_left(page.starts, at)
        here = page.words[min(i, len(page.words) - 1)].sentence if page.words else 0
        middle = bisect_left(self.references, at, key=AT)
        around = self.references[max(0, middle - WINDOW) : middle + WINDOW]
        fitting = [r for r in around if not sex or self._gender(r) in ("", sex)]
        told = nested or self._quoted(at)
        fitting = [r for r in fitting if not self._quoted(r.at) or r.speaking or told]
        before = [r for r in fitting if r.at < at and here - r.sentence <= _BACK]
        for sentence in dict.fromkeys(r.sentence for r in reversed(before)):
            inside = [r for r in before if r.sentence == sentence]
            spoke = next((r for r in reversed(inside) if r.speaking), None)
            chosen = spoke or next((r for r in inside if r.subject), None) or self._introduced(inside, i, sex)
            if chosen is not None:
                return chosen
        if before:
            return before[-1]
        return next((r for r in fitting if r.at > at and r.entity is not None), None)

    def _introduced(self, inside: list[Reference], i: int, sex: str) -> Reference | None:
        """Return the one person whom a sentence of the pronoun's paragraph introduces in full, though not as its
        subject: "That cut no ice with Anna Pell. ... she said"."""
        if not sex or len({id(r.entity) for r in inside}) != 1 or inside[0].entity is None:
            return None
        page, first = self.page, self.in_full.get(id(inside[0].entity))
        here = first is not None and page.words[first.first].start == inside[0].at and self._gender(inside[0]) == sex
        start = page.text.rfind("\n", 0, page.words[min(i, len(page.words) - 1)].start)
        return inside[0] if here and inside[0].at > start else None

    def _gender(self, reference: Reference) -> str:
        entity = reference.entity
        return reference.sex if entity is None else entity.gender or self.sex.get(id(entity), "")

    # ------------------------------------------------------------ what is not a person
    def _institution(self, words: range) -> str | None:
        page = self.page
        for i in words:
            found = page.institution_at(i)
            if found is not None:
                last, body, _ = found
                outside = [j for j in words if not i <= j < last]
                place = "" if body.get("unique") else self._place(outside)
                return f"{place} {body['name']}".strip()
        return None

    def _place(self, outside: Iterable[int]) -> str:
        """Return whose institution it is: a listed country's adjective, else the printed place in Latin letters."""
        page = self.page
        for i in outside:
            if country := page.country_at(i):
                return str(country["en"][1]).title()
        for i in outside:
            word = page.words[i].text
            if page.words[i].capital and not page.is_small(i, "articles") and not page.is_small(i, "stop"):
                home = names.HOME[names.alphabet(word)]
                return names.latin(names.nominative(bare(word), home, "f"), page.language_of(word))
        return ""
