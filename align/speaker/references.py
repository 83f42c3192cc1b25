"""What a page names: its names and offices -> people, each at its place."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Literal

from align import names
from align.records import Mention
from align.speaker.entity import Entity, day_of, fits_role
from align.speaker.page import Page
from align.speaker.people import People
from align.speaker.printed import Name, Role
from align.speaker.words import ends, folded_words, openings, small

_HOLDERS = 64  # holders of one kind of office that are looked at
_CREDIT = 4  # words of a line before the name that it credits
WINDOW = 120  # references on either side of a place that are looked at

Method = Literal["name", "role", "pronoun", "silence", "institution", "anonymous", "unresolved"]


@dataclass(slots=True)
class Reference:
    """A place on the page that stands for a person: offset into ``Page.text``, sentence, who, whether as a subject.

    ``span`` is where the page names that person. The entity is None for a speaker whom the page leaves without a name.
    """

    at: int
    sentence: int
    entity: Entity | None
    subject: bool
    span: tuple[int, int]
    sex: str = ""
    speaking: bool = False
    named: bool = True


@dataclass(slots=True)
class Answer:
    """Who speaks and how that was found: an entity, or the name of an institution, or neither.

    ``span`` is where ``Page.text`` names the one who speaks; ``basis`` says in words what else the answer stands on.
    """

    method: Method
    entity: Entity | None = None
    name: str | None = None
    span: tuple[int, int] | None = None
    basis: str = ""

    @property
    def person(self) -> str | None:
        """The person's or the institution's name, None when nobody is named."""
        return self.entity.name() if self.entity is not None else self.name


AT = attrgetter("at")


class Named:
    """The people of one page: names first, then offices that stand alone, in the order of the text."""

    def __init__(self, page: Page, people: People, reported: Sequence[tuple[Mention, tuple[int, int] | None]]) -> None:
        self.page, self.people = page, people
        self.day = day_of(page.document)
        self.reported = [
            (m, m.start + page.shift, m.end + page.shift, None if s is None else (s[0] + page.shift, s[1] + page.shift))
            for m, s in reported
        ]
        self.quoted = sorted((start, end) for m, start, end, _ in self.reported if m.kind == "direct")
        self.entity_of: dict[int, Entity] = {}
        self.name_at = {name.first: name for name in page.names}
        self.in_full: dict[int, Name] = {}
        self.body: Answer | None = None
        self.sex: dict[int, str] = {}
        self.spoken = {i for words in page.spoken for i in words}
        self.cue_sex, self.in_genitive = self._read_cues()
        self.by_given: dict[str, list[Entity]] = {}
        self.references = self._named()
        self._learn_genders()
        self.references += self._by_role()
        self.references.sort(key=lambda r: r.at)

    # ------------------------------------------------------------ what the page names
    def _named(self) -> list[Reference]:
        """Resolve every name of the page: full names first, then surnames by the nearest full name."""
        page, found = self.page, []
        for name in page.names:
            if len(name.words) > 1 and (entity := self.people.find(name.words)):
                self.entity_of[name.first] = entity
                self._fully_named(name, entity)
        later = [(first, entity) for first, entity in self.entity_of.items()]
        earlier: list[tuple[int, Entity]] = []
        for name in self._read():
            entity = self.entity_of.get(name.first) or self._given_alone(name)
            if entity is None:
                said = name.sure or any(i in self.spoken for i in range(name.first, name.last))
                options = self._options(name, said)
                entity = self._nearest(name, options, earlier, later) if options else None
                if entity is None:
                    continue
            self.entity_of[name.first] = entity
            earlier.append((name.first, entity))
            word = page.words[name.first]
            if self._credited(name):
                continue
            found.append(Reference(word.start, word.sentence, entity, name.subject, self._span(name)))
        return found

    def _credited(self, name: Name) -> bool:
        """Tell whether a name is in a line that credits a picture or a text: "Photo: Ivo Kern"."""
        page, at = self.page, name.first
        while at > max(0, name.first - _CREDIT) and "\n" not in page.words[at].gap:
            at -= 1
        return at < name.first and page.is_small(at, "credits") and (not at or "\n" in page.words[at].gap)

    def _read_cues(self) -> tuple[dict[int, str], set[int]]:
        """Return what the cues tell of the words of printed speakers: the gender of some, the genitive of others."""
        sexes: dict[int, str] = {}
        genitive: set[int] = set()
        for mention, _, _, span in self.reported:
            spoken, words = self.page.between(*span) if span else (), folded_words(mention.cue)
            sex = self._sex_of(mention.cue)
            sexes.update(dict.fromkeys(spoken, sex) if sex else {})
            if words and words[0] in small(self.page.language, "genitive_cue"):
                genitive.update(spoken)
        return sexes, genitive

    def _fully_named(self, name: Name, entity: Entity) -> None:
        self.in_full.setdefault(id(entity), name)
        for stem in names.stems(name.words[0]):
            known = self.by_given.setdefault(stem, [])
            if entity not in known:
                known.append(entity)

    def _given_alone(self, name: Name) -> Entity | None:
        """Return whom the page names in full by this given name, which is nobody's surname on it: "said Radomir"."""
        if len(name.words) > 1 or not (known := self.by_given.get(names.stems(name.surname)[0], ())):
            return None
        bearers = [e for e in self.people.bearers(name.surname) if id(e) in self.in_full]
        return known[0] if len(known) == 1 and not bearers else None

    def _span(self, name: Name | Role) -> tuple[int, int]:
        return self.page.words[name.first].start, self.page.words[name.last - 1].end

    def _read(self) -> Iterator[Name]:
        """Yield the names of the page, a run of capitals that is nobody's name word by word."""
        for name in self.page.names:
            if len(name.words) == 1 or name.first in self.entity_of:
                yield name
                continue
            for word in self.page.alone(name):
                self.name_at[word.first] = word
                yield word

    def _learn_genders(self) -> None:
        """Take a person's gender from the verb of saying, where the language shows it ("сказала")."""
        for words in self.page.spoken:
            named = self._names_in(words)
            sex = self.cue_sex.get(named[0].first, "") if named else ""
            if sex and named[0].subject and not self.entity_of[named[0].first].gender:
                self.entity_of[named[0].first].gender = sex

    def _names_in(self, words: range) -> list[Name]:
        return [self.name_at[i] for i in words if i in self.name_at and i in self.entity_of]

    def _options(self, name: Name, said: bool) -> list[Entity]:
        said = said and not name.qualifies
        if said:
            return self.people.bearers(name.surname)
        return [entity for entity in self.people.plain_bearers(name.surname) if entity.declared or entity.full]

    def _nearest(
        self, name: Name, options: list[Entity], earlier: list[tuple[int, Entity]], later: list[tuple[int, Entity]]
    ) -> Entity | None:
        if len(options) == 1:
            return options[0]
        sex = name.gender or self._sex_printed(name)
        options = [entity for entity in options if entity.gender == sex] or options if sex else options
        allowed = {id(entity) for entity in options}
        if name.roles:
            by_role = [e for e in options if any(fits_role(e, role, self.day)[0] >= 1.2 for role in name.roles)]
            if by_role:
                options, allowed = by_role, {id(entity) for entity in by_role}
        before = (entity for _, entity in reversed(earlier[-WINDOW:]) if id(entity) in allowed)
        start = bisect_left(later, name.first, key=itemgetter(0))
        after = (entity for _, entity in later[start : start + WINDOW] if id(entity) in allowed)
        return next(before, None) or next(after, options[0])

    def _sex_printed(self, name: Name) -> str:
        """Return the gender that a surname's ending and the cue beside it show."""
        genitive = name.first in self.in_genitive if name.first in self.spoken else None
        return (
            names.surname_gender(name.surname)
            or self.cue_sex.get(name.first, "")
            or names.surname_gender(name.surname, genitive=genitive)
        )

    def _by_role(self) -> list[Reference]:
        """Resolve roles that stand alone on the page ("the minister said"), for pronouns to refer to."""
        found = []
        for role in self.page.roles:
            if role.holder is None and not role.indefinite and not role.relational:
                held = self._holder(role, local=True)
                if held.entity is not None and held.span:
                    word, subject = self.page.words[role.first], self._role_subject(role)
                    found.append(Reference(word.start, word.sentence, held.entity, subject, held.span, named=False))
        return found

    def _role_subject(self, role: Role) -> bool:
        """Tell whether a role that stands alone is printed as the lexicon spells it, and not as an object."""
        if role.first and self.page.words[role.first].beside and self.page.is_small(role.first - 1, "objects"):
            return False
        return self.page.words[role.first].folded in openings(role.id)

    def _quoted(self, at: int) -> bool:
        i = bisect_left(self.quoted, (at + 1, 0)) - 1
        return i >= 0 and self.quoted[i][0] <= at < self.quoted[i][1]

    def _sex_of(self, cue: str) -> str:
        """Return the gender that a cue shows of its subject, "" for none: by a verb, or by a pronoun in it."""
        language = self.page.language
        held = folded_words(cue)
        words = [(word, self.page.language_of(word)) for word in held if len(word) > 3]
        told = next((sex for sex in "fm" for word, home in words if ends(f"verb_{sex}", word, home)), "")
        own = (
            sex for sex, kind in (("f", "hers"), ("m", "his")) if len(held) > 2 and small(language, kind) & set(held)
        )
        return told or next(own, "")

    def _holder(self, role: Role, at: int | None = None, local: bool = False, sex: str = "") -> Answer:
        """Return who a role stands for: who fits best on the page, nearest before, else after; else in the input.

        ``sex`` is what the verb shows; of an office it may be said of a woman too, so that it only decides between two.
        """
        page, references = self.page, self.references
        at = page.words[role.first].start if at is None else at
        best, score, known = None, (0.0, 0.0), None
        middle = bisect_left(references, at, key=AT)
        for reference in references[max(0, middle - WINDOW) : middle + WINDOW]:
            if reference.entity is None or (self._quoted(reference.at) and not self._quoted(at)):
                continue
            fit, held = fits_role(reference.entity, role, self.day)
            if role.relational and fit < 1.2:
                continue
            if fit <= 0:
                continue
            before = reference.at < at
            near = 1 / (2 + abs(at - reference.at)) + (1.0 if before else 0.0)
            near += 0.5 if reference.speaking and before else 0.0
            near -= 1.0 if sex and reference.entity.gender not in ("", sex) else 0.0
            # a word that no page says of anybody stands for somebody named before it
            weak = round(fit, 1) - (0.0 if before or fit >= 1.2 or local else 0.7)
            if (weak, near) > score:
                best, score, known = reference, (weak, near), held
        if best is not None and (score[0] >= 1.0 or not role.of):
            basis = known.says() if known else "the nearest person whose office the page does not say"
            return Answer("role", best.entity, None, best.span, basis)
        if not local and role.of:
            answer = self._elsewhere(role)
            if answer is not None:
                return answer
        printed = page.text[page.words[role.first].start : page.words[role.last - 1].end]
        return Answer("unresolved", basis=f'nobody is known who was "{printed}" on the day')

    def _elsewhere(self, role: Role) -> Answer | None:
        """Return who holds a role, of a place, by the declarations and the other pages of the input."""
        day = self.day.isoformat() if self.day else ""
        fitting = []
        for n, entity in enumerate(self.people.holders(role.id)[:_HOLDERS]):
            fit, held = fits_role(entity, role, self.day)
            if held is not None and fit >= 3.5:
                fitting.append((fit, held.learnt is None, -held.days_from(day), -n, entity, held))
        if not fitting:
            return None
        best = max(fitting, key=itemgetter(0, 1, 2, 3))
        return Answer("role", best[4], None, None, best[5].says())
