"""A printed speaker -> a person of the page: by name, role, pronoun, or by silence (the one who spoke before)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Literal

from align import names
from align.records import Mention
from align.speaker.page import Name, Page, Role
from align.speaker.people import Entity, People, day_of, fits_role
from align.speaker.words import bare, ends, openings, organisation_words, small
from ingest.fold import fold

_BEHIND = 80  # characters behind quoted words in which their cue has its subject
_BACK = 8  # sentences that a pronoun looks back
_CONDITION = 12  # words after a printed speaker in which it may say that he stays without a name
_HOLDERS = 64  # holders of one kind of office that are looked at
_WINDOW = 120  # references on either side of a place that are looked at


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


_AT = attrgetter("at")
_CLOSING = re.compile(
    r"""(?:,?[»”"’']+,?|,|[!?…][»”"’']*|\.[»”"’']+(?=\s*[—–-]))\s*[—–-]?\s*(?=[^\W\d_])"""
)  # behind words said


class Speakers:
    """Resolves the speakers of one page, in the order of the text."""

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
            found.append(Reference(word.start, word.sentence, entity, name.subject, self._span(name)))
        return found

    def _read_cues(self) -> tuple[dict[int, str], set[int]]:
        """Return what the cues tell of the words of printed speakers: the gender of some, the genitive of others."""
        sexes: dict[int, str] = {}
        genitive: set[int] = set()
        for mention, _, _, span in self.reported:
            spoken, words = self.page.between(*span) if span else (), fold(mention.cue).split()
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
        before = (entity for _, entity in reversed(earlier[-_WINDOW:]) if id(entity) in allowed)
        start = bisect_left(later, name.first, key=itemgetter(0))
        after = (entity for _, entity in later[start : start + _WINDOW] if id(entity) in allowed)
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

    # ------------------------------------------------------------ who speaks
    def answers(self) -> list[Answer]:
        """Return who speaks in each reported mention, in the order they were given."""
        order = sorted(range(len(self.reported)), key=lambda i: (self.reported[i][1], -self.reported[i][2]))
        result = [Answer("unresolved")] * len(self.reported)
        previous: Answer | None = None
        since = 0
        for i in order:
            mention, start, _, span = self.reported[i]
            words = self._read_speaker(span)
            if words:
                answer = self._printed(words)
            elif mention.speaker.strip() and span is None:
                answer = Answer("unresolved", basis="the printed speaker is not found on the page")
            else:
                nested = mention.form == "nested"
                behind = None if nested else self._behind(i)
                answer = behind or self._silent(previous, since, start, self._sex_of(mention.cue), nested=nested)
            nameless = answer.method == "anonymous" or any(i in self.page.covered for i in words)
            if answer.entity is not None or (answer.name is None and words and nameless):
                self._spoke(words, start, answer)
            if mention.form != "nested":
                previous = answer
            since, result[i] = mention.end + self.page.shift, answer
        return result

    def _read_speaker(self, span: tuple[int, int] | None) -> range:
        """Return the words of a printed speaker; none when all of them are small words that are nobody's."""
        words = self.page.between(*span) if span else range(0)
        kinds = ("he", "she", "anyone", "body")
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
        low = bisect_left(self.references, gap.end(), key=_AT)
        for reference in self.references[low : low + 3]:
            near = reference.sentence == sentence and reference.at - gap.end() < _BEHIND
            if near and reference.subject and reference.entity is not None and not self._quoted(reference.at):
                return Answer("name", reference.entity, None, reference.span, "the subject behind the words")
        return None

    def _sex_of(self, cue: str) -> str:
        """Return the gender that a cue shows of its subject, "" for none."""
        return next((sex for sex in "fm" for word in fold(cue).split() if ends(f"verb_{sex}", word)), "")

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
        low, high = bisect_left(self.references, since, key=_AT), bisect_left(self.references, at, key=_AT)
        between = self.references[low:high]
        return any(r.subject and r.named and r.entity is not entity and not self._quoted(r.at) for r in between)

    def _spoke(self, words: range, start: int, answer: Answer) -> None:
        """Note that somebody speaks here, for the pronouns that follow; one without a name is noted too."""
        page = self.page
        at = page.words[words[0]].start if words else start
        sentence = page.words[min(bisect_left(page.starts, at), len(page.words) - 1)].sentence
        sex = next((page.covered[i].gender for i in words if i in page.covered), "")
        i = bisect_left(self.references, at, key=_AT)
        span = answer.span or (at, page.words[words[-1]].end if words else at)
        spoken = Reference(at, sentence, answer.entity, True, span, sex, speaking=True, named=answer.entity is not None)
        self.references.insert(i, spoken)

    def _printed(self, words: range) -> Answer:
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
            return self._office(self._head(held), words, at)
        if self._anonymous(words):
            return Answer("anonymous", basis="a source without a name")
        for sex, kind in (("m", "he"), ("f", "she"), ("", "anyone")):
            if any(page.is_small(i, kind) for i in words):
                return self._pronoun(at, sex)
        return self._impersonal(words)

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
        return names.latin(" ".join(whole.split()), names.HOME[names.alphabet(whole)])

    def _of_a_body(self, words: range, role: Role) -> bool:
        """Tell whether an office is of an organisation that stands before it: «Союз писателей»."""
        before = (page_word for i in range(words.start, role.first) if (page_word := self.page.words[i].folded))
        return any(names.alphabet(word) != "latin" and word in organisation_words() for word in before)

    def _head(self, held: list[Role]) -> Role:
        """Return the office that speaks: the last of "the minister's spokesman", the first in other languages."""
        return next((role for role in held if not self._possessive(role.last)), held[-1])

    def _office(self, role: Role, words: range, at: int) -> Answer:
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
        return self._holder(role, at=at)

    def _known_official(self, role: Role, at: int) -> Answer | None:
        """Return who spoke last when he is known to hold such an office and the page says "the official" of him."""
        before = self.references[max(0, bisect_left(self.references, at, key=_AT) - _WINDOW) :]
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
        if not before:
            return not self._another_noun(name, words)
        if before[-1] in name.roles:
            return not any(role.relational and role not in name.roles for role in before)
        between = range(before[-1].last, name.first)
        served = any(page.is_small(i, "of") for i in between) and all(self._leads(i) for i in between)
        return not before[-1].relational and not served

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

    def _holder(self, role: Role, at: int | None = None, local: bool = False) -> Answer:
        """Return who a role stands for: who fits best on the page, nearest before, else after; else in the input."""
        page, references = self.page, self.references
        at = page.words[role.first].start if at is None else at
        best, score, known = None, (0.0, 0.0), None
        middle = bisect_left(references, at, key=_AT)
        for reference in references[max(0, middle - _WINDOW) : middle + _WINDOW]:
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
            if (round(fit, 1), near) > score:
                best, score, known = reference, (round(fit, 1), near), held
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

    def _antecedent(self, at: int, sex: str, *, nested: bool = False) -> Reference | None:
        """Return whom a pronoun means: who spoke last or was the subject, sentence by sentence backwards."""
        page = self.page
        i = bisect_left(page.starts, at)
        here = page.words[min(i, len(page.words) - 1)].sentence if page.words else 0
        middle = bisect_left(self.references, at, key=_AT)
        around = self.references[max(0, middle - _WINDOW) : middle + _WINDOW]
        fitting = [r for r in around if not sex or self._gender(r) in ("", sex)]
        fitting = [r for r in fitting if not self._quoted(r.at) or r.speaking or nested]
        before = [r for r in fitting if r.at < at and here - r.sentence <= _BACK]
        for sentence in dict.fromkeys(r.sentence for r in reversed(before)):
            inside = [r for r in before if r.sentence == sentence]
            spoke = next((r for r in reversed(inside) if r.speaking), None)
            chosen = spoke or next((r for r in inside if r.subject), None)
            if chosen is not None:
                return chosen
        if before:
            return before[-1]
        return next((r for r in fitting if r.at > at and r.entity is not None), None)

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
                return names.latin(names.nominative(bare(word), home, "f"), home)
        return ""
