"""People of a whole input: names printed on its pages, gathered over scripts, cases and spellings into entities.

Names are compared only inside blocks of one sound (``names.keys``), each block bounded, so that the cost grows with the
number of distinct names and not with its square.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence

from align import names
from align.speaker.entity import Entity, Held, Learnt, day_of
from align.speaker.page import Page
from align.speaker.printed import Name, Role
from ingest.records import Document, Person

_WORDS = 5  # most words of a name
_BLOCK = 24  # entities of one sound that a name is compared with
_BEFORE = 4  # names before an unnamed speaker that are looked at
_SENTENCES = 2  # sentences before an unnamed speaker that are looked at
_GIVEN = 0.72  # given names this much alike, in another script, under one surname are one
_PLAIN = 0.93  # a lone capitalised word that only its sound makes a name must fit this well


class People:
    """All entities of an input, found by the sound of their names."""

    def __init__(self, persons: Iterable[Person]) -> None:
        self.entities: list[Entity] = []
        self._full: dict[tuple[str, str], list[Entity]] = {}
        self._surname: dict[str, list[Entity]] = {}
        self._roles: dict[str, list[Entity]] = {}
        self._printed: dict[tuple[str, ...], Entity | None] = {}
        self._gathered = False
        for person in persons:
            self._declare(person)

    def _declare(self, person: Person) -> None:
        entity = Entity(declared=person.name, gender=person.gender)
        forms = [person.name, *(form for spelled in person.aliases.values() for form in spelled)]
        self.entities.append(entity)
        for form in forms:
            printed = tuple(names.words(form))
            if printed:
                self._note(entity, printed)
        for role in person.roles:
            for language, titles in role.titles.items():
                for title in titles:
                    for found in Page(Document(id="", text=title, language=language)).roles:
                        of = found.of | ({f"={role.country}"} if role.country else frozenset())
                        entity.hold(Held(found.id, of, role.since, role.until, title=title, phrase=found.phrase))
        for held in entity.held:
            self._file_role(entity, held.id)

    def _note(self, entity: Entity, printed: tuple[str, ...], times: int = 1) -> None:
        entity.see(printed, times)
        for key in names.keys(printed[-1]):
            block = self._surname.setdefault(key, [])
            if entity not in block:
                block.append(entity)
            for opening in names.keys(printed[0]) if len(printed) > 1 and not names.is_short(printed[0]) else ():
                pair = self._full.setdefault((opening, key), [])
                if entity not in pair:
                    pair.append(entity)

    def _file_role(self, entity: Entity, role: str) -> None:
        holders = self._roles.setdefault(role, [])
        if entity not in holders:
            holders.append(entity)

    def gather(self, pages: Sequence[Page]) -> None:
        """Take in the names of all pages."""
        seen: Counter[tuple[str, ...]] = Counter()
        tongues: dict[tuple[str, ...], Counter[str]] = {}
        genders: dict[tuple[str, ...], str] = {}
        sure: set[tuple[str, ...]] = set()
        opening: set[tuple[str, ...]] = set()  # lone words that open a sentence, where any word has a capital
        inner: set[tuple[str, ...]] = set()  # seen inside a sentence, where a capital letter means something
        for page in pages:
            said = self._heads(page) | self._introduced(page)
            for name in page.names:
                seen[name.words] += 1
                tongues.setdefault(name.words, Counter())[page.language_of(name.surname)] += 1
                if page.words[name.first].start >= page.shift and not page.opens_sentence(name.first):
                    inner.add(name.words)
                if name.gender:
                    genders[name.words] = name.gender
                if name.sure or (name.first in said and not self._common(page, name)):
                    sure.add(name.words)
                elif name.first in said:
                    opening.add(name.words)
        followed = (printed for printed in seen if len(printed) > 1)
        within = {stem for printed in (*inner, *followed) for stem in names.stems(printed[-1])}
        sure |= {printed for printed in opening if within.intersection(names.stems(printed[-1]))}
        unsure = self._cluster(seen, genders, sure)
        for printed in unsure:
            known = printed in inner or self._opens(printed)
            entity = self.find(printed) or (self._completed(printed) if known else None)
            if entity is not None:
                self._add(entity, printed, seen[printed], genders)
        for printed, languages in tongues.items():
            if (entity := self._printed.get(printed)) is not None:
                entity.tongues.update(languages)
        self._gathered = True
        self._learn_roles(pages)

    @staticmethod
    def _common(page: Page, name: Name) -> bool:
        """Tell whether a lone capitalised word may be a common noun that opens its sentence: "Садовница сказала"."""
        if len(name.words) > 1 or not page.opens_sentence(name.first) or names.alphabet(name.surname) == "latin":
            return False
        return page.text[page.words[name.last - 1].end : page.words[name.last - 1].end + 1] not in (":", ",")

    @staticmethod
    def _heads(page: Page) -> set[int]:
        """Return the first words of the names that head a printed speaker: one each, a full name before a surname."""
        by_first = {name.first: name for name in page.names if not name.qualifies}
        heads = set()
        for words in page.spoken:
            inside = [by_first[i] for i in words if i in by_first and len(by_first[i].words) <= _WORDS]
            inside = [name for name in inside if not page.qualifies_noun(name, words) and not page.led_noun(name)]
            if inside:
                heads.add(max(inside, key=lambda name: (len(name.words) > 1, -name.first)).first)
        return heads

    @staticmethod
    def _introduced(page: Page) -> set[int]:
        """Return the names in full that stand nearest before a speaker whom the page leaves to a pronoun or to silence.

        "At the harbour Gethin Prowse was brief: ..." makes a person of two capitalised words that nothing else does.
        """
        found = set()
        firsts = [name.first for name in page.names]
        for at in page.unnamed:
            for name in reversed(page.names[max(0, bisect_left(firsts, at) - _BEFORE) : bisect_left(firsts, at)]):
                if page.words[at].sentence - page.words[name.first].sentence > _SENTENCES or name.sure or name.roles:
                    break
                if 1 < len(name.words) <= 3 and name.subject and not name.qualifies:
                    found.add(name.first)
                    break
        return found

    def _cluster(
        self, seen: Counter[tuple[str, ...]], genders: dict[tuple[str, ...], str], sure: set[tuple[str, ...]]
    ) -> list[tuple[str, ...]]:
        """Make entities of sure names, join others to them; return the full names that are still nobody's."""

        def order(printed: tuple[str, ...]) -> tuple[bool, bool, bool, int, tuple[str, ...]]:
            short = len(printed) > 1 and (names.is_short(printed[0]) or len(printed[0]) <= 3)
            return len(printed) == 1, short, names.alphabet(printed[-1]) != "latin", -seen[printed], printed

        unsure = []
        givens: dict[str, set[str]] = {}  # of the full names, by what their surnames may be undeclined
        for printed in seen:
            for stem in names.stems(printed[1]) if len(printed) == 2 else ():
                givens.setdefault(stem, set()).add(printed[0])
        for printed in sorted(seen, key=order):
            if len(printed) == 1 and printed not in sure:
                continue
            entity = self.find(printed)
            if entity is None and len(printed) == 2 and printed in sure and self._entitled(printed, givens):
                continue
            if entity is None and printed in sure:
                entity = Entity(gender=genders.get(printed, ""))
                self.entities.append(entity)
            if entity is None:
                unsure.append(printed)
                continue
            self._add(entity, printed, seen[printed], genders)
        return unsure

    def _entitled(self, printed: tuple[str, ...], givens: dict[str, set[str]]) -> bool:
        """Tell whether the first of two capitalised words is no given name but what somebody named in full is.

        «Лыжница Савельева» stands beside «Арина Савельева».
        """
        if names.is_given(printed[0]) or names.is_short(printed[0]) or names.alphabet(printed[0]) == "latin":
            return False
        others = {given for stem in names.stems(printed[1]) for given in givens[stem]} - {printed[0]}
        return any(names.is_given(given) or self.find((given, printed[1])) for given in sorted(others)[:_BLOCK])

    @staticmethod
    def _opens(printed: tuple[str, ...]) -> bool:
        """Tell whether two words that only open sentences may be a full name: in Latin letters, and none too short."""
        return len(printed) == 2 and names.alphabet(printed[1]) == "latin" and len(printed[0]) > 2

    def _completed(self, printed: tuple[str, ...]) -> Entity | None:
        """Return the entity known by surname alone that a full name completes: "Ramil Tagirov came; Tagirov said"."""
        bearers = self.bearers(printed[-1]) if 1 < len(printed) <= 3 else []
        return next((entity for entity in bearers if not entity.givens and not entity.declared), None)

    def _add(self, entity: Entity, printed: tuple[str, ...], count: int, genders: dict[tuple[str, ...], str]) -> None:
        self._note(entity, printed, count)
        entity.pages += count
        entity.gender = entity.gender or genders.get(printed, "")
        self._printed[printed] = entity

    def _learn_roles(self, pages: Sequence[Page]) -> None:
        for page in pages:
            for name in page.names:
                for role in name.roles:
                    entity = self.find(name.words)
                    if entity is not None and not entity.holds(role.id, role.of, former=role.former):
                        entity.hold(
                            Held(
                                role.id,
                                role.of,
                                former=role.former,
                                phrase=role.phrase,
                                learnt=_learnt(page, name, role),
                            )
                        )
                        self._file_role(entity, role.id)

    def find(self, printed: tuple[str, ...]) -> Entity | None:
        """Return the one entity that a full name names, or that a surname names beyond doubt; else None."""
        if printed in self._printed:
            return self._printed[printed]
        entity = self._find(printed)
        if self._gathered:
            self._printed[printed] = entity
        return entity

    def _find(self, printed: tuple[str, ...]) -> Entity | None:
        if len(printed) == 1:
            fitting = self.bearers(printed[0])
            return fitting[0] if fitting else None
        best, score = None, names.SAME
        abbreviated = names.is_short(printed[0])
        for entity in () if abbreviated else self._full_block(printed):
            fit = min(entity.surname_score(printed[-1]), entity.given_score(printed[0]))
            if fit > score or (fit == score and best is None):
                best, score = entity, fit
        if best is None and len(printed) > 2 and not abbreviated:
            return self._find_inside(printed)
        if best is None and not abbreviated:
            alike = [e for e in self.bearers(printed[-1]) if e.given_score(printed[0]) >= _GIVEN and e.givens]
            best = alike[0] if len(alike) == 1 else None
        if best is None and (abbreviated or len(printed[0]) <= 3):
            alike = [e for e in self.bearers(printed[-1]) if e.given_score(printed[0]) >= 0.9]
            best = alike[0] if len(alike) == 1 or (alike and abbreviated) else None
        return best

    def _find_inside(self, printed: tuple[str, ...]) -> Entity | None:
        """Return whom a run of capitals names with its last two words: a trade or a place may stand before a name."""
        found = self._find(printed[-2:])
        return found if found is not None and found.given_score(printed[-2]) >= names.SAME and found.givens else None

    def _full_block(self, printed: tuple[str, ...]) -> Iterable[Entity]:
        found: dict[int, Entity] = {}
        for key in names.keys(printed[-1]):
            for opening in names.keys(printed[0]):
                for entity in self._full.get((opening, key), [])[:_BLOCK]:
                    found.setdefault(id(entity), entity)
        return found.values()

    def bearers(self, surname: str, least: float = names.SAME) -> list[Entity]:
        """Return the entities that a printed surname may name, best first."""
        found: dict[int, tuple[float, int, Entity]] = {}
        for key in names.keys(surname):
            for entity in self._surname.get(key, [])[:_BLOCK]:
                if id(entity) not in found:
                    found[id(entity)] = (entity.surname_score(surname), len(found), entity)
        fitting = [row for row in found.values() if row[0] >= least]
        fitting.sort(key=lambda row: (-row[0], -bool(row[2].declared), -row[2].pages, row[1]))
        return [row[2] for row in fitting]

    def plain_bearers(self, surname: str) -> list[Entity]:
        """Return the entities that a capitalised word in running text names: only a close fit counts."""
        return self.bearers(surname, _PLAIN)

    def holders(self, role: str) -> list[Entity]:
        """Return the entities that hold or held a role."""
        return self._roles.get(role, [])


def _learnt(page: Page, name: Name, role: Role) -> Learnt:
    start = page.words[min(name.first, role.first, *role.places)].start
    end = page.words[max(name.last, role.last) - 1].end
    day = day_of(page.document)
    words = " ".join(page.text[start:end].split())
    return Learnt(page.document.id, start - page.shift, end - page.shift, words, day.isoformat() if day else "")
