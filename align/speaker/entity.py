"""One person of the input: the spellings of his name, the offices he holds, and how well an office printed fits him."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from align import names
from align.speaker.printed import Role
from align.speaker.words import role_named, same_place
from ingest.records import Document

_FORMS = 8  # spellings of one script that a name is compared with


@dataclass(frozen=True, slots=True)
class Learnt:
    """Where a role was printed beside its holder's name: document, offsets into its text, words, and its day (ISO)."""

    document: str
    start: int
    end: int
    words: str
    day: str = ""


@dataclass(eq=False, slots=True)
class Held:
    """A role that an entity holds: the role's id, what it is of, and from when to when (ISO dates, "" is open).

    ``title`` is the declared title; of a role that was read on a page, ``learnt`` says where.
    """

    id: str
    of: frozenset[str] = frozenset()
    since: str = ""
    until: str = ""
    former: bool = False
    title: str = ""
    phrase: str = ""
    learnt: Learnt | None = None

    def on(self, day: str) -> bool:
        """Tell whether it was held on a day (ISO)."""
        return self.since <= day and (not self.until or day <= self.until)

    def days_from(self, day: str) -> int:
        """Return how many days lie between a day (ISO) and the page that the role was read on; 0 when not known."""
        if self.learnt is None or not self.learnt.day or not day:
            return 0
        return abs((date.fromisoformat(self.learnt.day) - date.fromisoformat(day)).days)

    def says(self) -> str:
        """Say in words from where the role is known."""
        if self.learnt is not None:
            return f'read in {self.learnt.document} {self.learnt.start}-{self.learnt.end} "{self.learnt.words}"'
        term = f", {self.since or '...'} to {self.until or '...'}" if self.since or self.until else ""
        return f'declared as "{self.title}"{term}'


@dataclass(eq=False)
class Entity:
    """One person: all forms seen, per script, and all roles; ``declared`` is the canonical name when there is one."""

    declared: str = ""
    gender: str = ""
    full: dict[str, Counter[tuple[str, ...]]] = field(default_factory=dict)
    surnames: dict[str, Counter[str]] = field(default_factory=dict)
    givens: set[str] = field(default_factory=set)
    held: list[Held] = field(default_factory=list)
    pages: int = 0
    tongues: Counter[str] = field(default_factory=Counter)  # the languages that print the name

    def see(self, printed: tuple[str, ...], weight: int = 1) -> None:
        """Note one spelling of the name."""
        kind = names.alphabet(printed[-1])
        if len(printed) > 1 and not names.is_short(printed[0]):
            self.full.setdefault(kind, Counter())[printed] += weight
            self.givens.add(printed[0])
        self.surnames.setdefault(kind, Counter())[printed[-1]] += weight

    def surname_score(self, word: str) -> float:
        """Return how well a printed surname fits: against spellings of its own script when there are any."""
        own = self.surnames.get(names.alphabet(word))
        if own:
            return max(names.word_score(word, form) for form, _ in own.most_common(_FORMS))
        forms = [form for counter in self.surnames.values() for form, _ in counter.most_common(2)]
        return max((names.word_score(word, form) for form in forms), default=0.0)

    def given_score(self, word: str) -> float:
        """Return how well a printed given name or initial fits; 0.9 when no given name is known."""
        return max((names.given_score(word, own) for own in islice(sorted(self.givens), _FORMS)), default=0.9)

    def hold(self, held: Held) -> None:
        """Note a role, once."""
        if len(self.held) < 64 and not self.holds(held.id, held.of, held.since, former=held.former):
            self.held.append(held)

    def holds(self, role: str, of: frozenset[str], since: str = "", *, former: bool = False) -> bool:
        """Tell whether a role is noted already."""
        return any((h.id, h.of, h.since, h.former) == (role, of, since, former) for h in self.held)

    def name(self) -> str:
        """Return the name in Latin script: as declared, else as English pages spell it, else romanised."""
        if self.declared:
            return self.declared
        english = self.full.get("latin")
        if english:
            foreign = ((kind, words) for kind in self._scripts() for words in self.full.get(kind, ()))
            heard = {_romanised(words, self._tongue(kind)) for kind, words in foreign}
            return " ".join(max(english.items(), key=lambda pair: _preferred(pair[0], pair[1], heard))[0])
        for kind in self._scripts():
            full = self.full.get(kind)
            if full:
                printed = self._nominative(full, kind)
                if "latin" in self.surnames:
                    spelled = self.surnames["latin"].most_common(1)[0][0]
                    return f"{_romanised(printed[:-1], self._tongue(kind), self.gender)} {spelled}"
                return _romanised(printed, self._tongue(kind), self.gender)
        kind = next(k for k in ("latin", *self._scripts()) if k in self.surnames)
        lone: Counter[tuple[str, ...]] = Counter({(word,): count for word, count in self.surnames[kind].items()})
        return _romanised(self._nominative(lone, kind), self._tongue(kind))

    def _undeclined(self, printed: tuple[str, ...]) -> bool:
        """Tell whether a full name stands in the nominative: as «Савва Ломтев» does by its surname."""
        if names.is_nominative(printed[0], self.gender):
            return True
        surname = printed[-1]
        man = names.surname_gender(surname) == "m"
        return man and names.nominative(surname, names.HOME[names.alphabet(surname)], "m") == surname

    def printed_nominative(self, kind: str) -> str:
        """Return the surname's nominative in a script, as far as its printed forms tell; "" when there are none."""
        if kind in self.full:
            return self._nominative(self.full[kind], kind)[-1]
        lone: Counter[tuple[str, ...]] = Counter({(word,): n for word, n in self.surnames.get(kind, Counter()).items()})
        return self._nominative(lone, kind)[-1] if lone else ""

    def _tongue(self, kind: str) -> str:
        """Return the language that prints the name most in a script: its letters are romanised by it."""
        home = names.HOME[kind]
        own = {language: count for language, count in self.tongues.items() if names.script_of(language) == kind}
        return max(own, key=lambda language: (own[language], language == home), default=home)

    def _scripts(self) -> tuple[str, str]:
        """Return Greek first for a name with a Greek ending, else Cyrillic: its own language spells a name best."""
        greek = self.surnames.get("greek", ())
        homely = any(form[-1:] in "ςσ" or form.endswith(("ου", "ού")) for form in greek)
        return ("greek", "cyrillic") if homely else ("cyrillic", "greek")

    def _nominative(self, seen: Counter[tuple[str, ...]], kind: str) -> tuple[str, ...]:
        """Return the form that most of the others can be declined from; itself seen when possible."""
        language = names.HOME[kind]
        readings = (self.gender,) if self.gender else ("m", "f")
        votes: Counter[tuple[str, ...]] = Counter()
        for printed, count in seen.items():
            votes[printed] += count
            if len(printed) > 1 and self._undeclined(printed):
                votes[printed] += 3 * count  # "Στέφανος Γεωργίου" is no genitive
                continue
            for reading in readings:
                undone = tuple(names.nominative(word, language, reading) for word in printed)
                if undone != printed:
                    alone = undone[-1] != printed[-1] and undone[-1] in self.surnames.get(kind, ())
                    proven = undone in seen or self.gender or alone
                    votes[undone] += 2 * count if proven else 0
        return max(votes.items(), key=lambda p: ("-" in p[0][-1], p[1], -len("".join(p[0])), p[0]))[0]


def _preferred(printed: tuple[str, ...], count: int, heard: set[str]) -> tuple[bool, bool, int, int, tuple[str, ...]]:
    """Order English spellings: double-barrelled, as the name's own language is romanised, often printed, in full."""
    return "-" in printed[-1], " ".join(printed) in heard, count, len(printed[0]), printed


def _romanised(printed: Sequence[str], language: str, sex: str = "") -> str:
    """Return a name in Latin letters, its given names undeclined; "Γεωργίου" is a surname as it stands."""
    given = len(printed) - (len(printed) > 1)
    words = (names.given_nominative(word, sex) if n < given else word for n, word in enumerate(printed))
    return " ".join(names.latin(word, language) for word in words)


def fits_role(entity: Entity, role: Role, day: date | None) -> tuple[float, Held | None]:
    """Return how well an entity fits a role on a day, and by which of its roles.

    0 is not at all, above 1 by its kind, above 3 by its country too.
    """
    if entity.gender and role.gender and entity.gender != role.gender:
        return 0.0, None
    best: tuple[float, Held | None] = (0.0, None)
    for held in entity.held:
        if day is not None and not held.on(day.isoformat()):
            continue
        kind = _kinship(held, role) if held.former == role.former or role.wide else 0.0
        if not kind:
            continue
        shared = any(same_place(a, b) for a in held.of for b in role.of)
        foreign = bool(role.of and held.of and not shared)
        # "the president's aide" may serve under a name elsewhere: "Osmolin's aide"
        strange = 0.6 * kind if role.relational else 0.0
        score = strange if foreign else kind + (2.0 if shared else 0.0)
        if score > best[0]:
            best = score, held
    if not entity.held:
        return (1.0 if role.wide else 0.5), None
    besides = (role.wide and not role.of) or _also(entity, role)
    return max(best, (0.4, None), key=lambda pair: pair[0]) if besides else best


def _also(entity: Entity, role: Role) -> bool:
    """Tell whether a person who holds other offices may be of a trade that no page tells: "the biologist"."""
    trade = role_named(role.id).get("trade") and not role.of and not role.relational
    return bool(trade) and not any(role_named(held.id).get("trade") for held in entity.held)


def _kinship(held: Held, printed: Role) -> float:
    """Return how near two roles are: 2 the same, above 1 one broader than the other, below 1 two trades of one kind."""
    if held.id == printed.id:
        other = held.phrase != printed.phrase and names.alphabet(held.phrase) == names.alphabet(printed.phrase)
        return 0.8 if other and role_named(held.id).get("several") else 2.0
    if printed.id in role_named(held.id).get("broader", ()):
        return 1.5
    if held.id in role_named(printed.id).get("broader", ()):
        return 1.2
    return 0.0


def day_of(document: Document) -> date | None:
    """Return the day a document was printed, when it says so."""
    when = document.published or document.first_seen
    return when.date() if when else None
