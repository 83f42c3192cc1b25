"""Names of people across scripts, cases and spellings. Pure; the words and letters are data (lexica/names.toml).

A word is compared by three forms, each coarser than the one before:

- its *stems*: folded, without the endings its language may have added ("Лавровым", "Лаврова" -> "лавров");
- its *sounds*: consonant classes in capitals and vowels small, the same from every script ("Σάροφ" -> "SaRoF");
- its *keys*: the consonant classes alone, for blocking: names that may be one share a key, so that nobody compares
  every name with every other.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein

from ingest.fold import fold, script, unmix

SAME = 0.84  # from here two printed names may be one person's; chosen on tests/cases/names.toml
_PART = 0.9  # how well one half of a double-barrelled name fits the whole
_READINGS = 8  # most readings of one word's letters that are tried
_LONGEST = 40  # letters of a word beyond this are not looked at

_HYPHEN = re.compile(r"[-‐‑–]")
_GREEK_VOWELS = frozenset("αεηιουω")
# what the languages of a script share of their endings; the rest holds for pages in the language
_OF_A_SCRIPT = (
    "national", "oblique", "genitive", "complement", "place", "portfolio", "man", "woman", "either", "patronymics",
    "cut", "m", "f",
)  # fmt: skip
# the language whose tables stand for a script where nothing tells the language
HOME = {"latin": "en", "greek": "el", "cyrillic": "ru"}


@cache
def lexicon() -> dict[str, Any]:
    """Return the tables of lexica/names.toml; the endings of a language also stand ``beside`` those of another, where
    it says so: a name is read by its script, without knowing the language of the page that declined it."""
    tables = tomllib.loads(resources.files("align").joinpath("lexica/names.toml").read_text("utf-8"))
    stems = tables["stems"]
    for own in [table for table in stems.values() if "beside" in table]:
        home = stems[own["beside"]]
        for kind in _OF_A_SCRIPT:
            home[kind] = [*own[kind], *home[kind]] if isinstance(home[kind], list) else f"({own[kind]}|{home[kind]})"
    return tables


@cache
def script_of(language: str) -> str:
    """Return the script that a language's tables of lexica/names.toml are written in, "" for an unknown language."""
    small = lexicon()["words"].get(language, {}).get("stop", ())
    return alphabet(small[0]) if small else ""


@lru_cache(maxsize=200_000)
def alphabet(word: str) -> str:
    """Return the script of the first letter: latin, greek or cyrillic; latin when there is none."""
    return next((script(letter) for letter in word if script(letter)), "latin")


class _Letters:
    """A table of letter groups, longest match first; ``^`` and ``$`` tie a group to the start or end of the word."""

    def __init__(self, table: dict[str, Any]) -> None:
        self.table = table
        self.longest = max(len(key) for key in table)

    def read(self, word: str) -> list[Any]:
        """Return the table's value for each group of the word; letters that are not in the table are left out."""
        marked, read, at = f"^{word}$", [], 0
        while at < len(marked):
            for size in range(min(self.longest, len(marked) - at), 0, -1):
                value = self.table.get(marked[at : at + size])
                if value is not None:
                    read.append(value)
                    at += size
                    break
            else:
                at += 1
        return read


@cache
def _letters(kind: str, name: str) -> _Letters | None:
    table = lexicon()[kind].get(name)
    return _Letters(table) if table else None


@lru_cache(maxsize=200_000)
def sounds(word: str) -> tuple[str, ...]:
    """Return the readings of one word: consonant classes in capitals, vowels small, doubled letters once."""
    folded = fold(word)[:_LONGEST]
    letters = _letters("sounds", alphabet(folded))
    readings = [""]
    for options in letters.read(folded) if letters else []:
        readings = [reading + option for reading in readings for option in options][:_READINGS]
    return tuple(dict.fromkeys(re.sub(r"(.)\1+", r"\1", reading) for reading in readings))


def _consonants(reading: str) -> str:
    start = "A" if reading[:1].islower() else ""
    return start + re.sub(r"(.)\1+", r"\1", "".join(letter for letter in reading if letter.isupper()))


@lru_cache(maxsize=200_000)
def stems(word: str) -> tuple[str, ...]:
    """Return what a folded word may be without its endings, itself first; both gender readings of a surname."""
    folded = fold(word).strip("'’-")
    folded = re.sub(r"['’]s?$", "", folded)
    table = lexicon()["stems"].get(HOME[alphabet(folded)], {})
    found = [folded]
    cut = (ending for ending in table.get("cut", ()) if folded.endswith(ending) and len(folded) - len(ending) >= 2)
    found += [folded[: -len(ending)] for ending in cut]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=200_000)
def keys(word: str) -> frozenset[str]:
    """Return the blocking keys of one word; a double-barrelled word has the keys of its parts, joined and alone."""
    joined = {""}
    parts = _parts(word)
    for part in parts:
        own = _own_keys(part)
        joined = set(sorted(a + b for a in joined for b in own)[:24])
    # "Zharova" may be short for "Zharova-Stepnaya"
    alone = {key for part in parts if len(parts) > 1 and len(part) > 3 for key in _own_keys(part)}
    return frozenset(key for key in joined | alone if key)


def _own_keys(part: str) -> set[str]:
    own = {_consonants(reading) for stem in stems(part) for reading in sounds(stem)}
    if alphabet(part) == "greek" and fold(part)[-1:] in _GREEK_VOWELS:
        # a Greek nominative has an -s that the other cases lack, and other scripts keep it
        own |= {key + "S" for key in own if not key.endswith("S")}
    return own


def _parts(word: str) -> list[str]:
    return [part for part in _HYPHEN.split(word) if part][:3]


def _vowels(reading: str) -> str:
    return "".join(letter for letter in reading if letter.islower())


@lru_cache(maxsize=200_000)
def word_score(left: str, right: str) -> float:
    """Return how likely two printed words are one name (0 to 1): 1.0 for the same stem, across scripts by sound."""
    ours, theirs = stems(left), stems(right)
    if _HYPHEN.search(left) or _HYPHEN.search(right):
        return _barrelled_score(_parts(left), _parts(right))
    if alphabet(left) == alphabet(right):
        if set(ours) & set(theirs) or _heard(ours) & _heard(theirs):
            return 1.0
        if max(len(left), len(right)) > 5 and ours[0][:1] == theirs[0][:1] and keys(left) & keys(right):
            allowed = 2 if set(sounds(ours[0])) & set(sounds(theirs[0])) else 1  # "Dregoff" sounds as "Dregov" does
            slips = min(DamerauLevenshtein.distance(a, b, score_cutoff=allowed) for a in ours for b in theirs)
            if slips <= allowed:
                return 0.9
        return 0.95 * max(fuzz.ratio(a, b) for a in ours for b in theirs) / 100
    shared = keys(left) & keys(right)
    heard = [s for stem in ours for s in sounds(stem)]
    other = [s for stem in theirs for s in sounds(stem)]
    if shared:
        alike = max(fuzz.ratio(_vowels(a), _vowels(b)) for a in heard for b in other) / 100
        # English vowels are spelt anyhow: five and more consonants in common need no help from them
        telling = min(1.0, max(0.0, (max(map(len, shared)) - 3) / 4))
        return 0.78 + 0.22 * max(alike, telling)
    return 0.9 * max(fuzz.ratio(a, b) for a in heard for b in other) / 100


def _heard(forms: tuple[str, ...]) -> set[str]:
    """Return folded forms with letters of one sound made one: Greek spells foreign vowels anyhow ("Βαλόφ", "Βαλώφ")."""
    alike = lexicon()["homophones"].get(alphabet(forms[0]), {})
    heard = set(forms) if alike else set()
    for letters, one in alike.items():
        heard = {form.replace(letters, one) for form in heard}
    return heard


def _barrelled_score(left: list[str], right: list[str]) -> float:
    """Compare double-barrelled names part by part; one part alone may be short for both."""
    if len(left) == len(right):
        return min((word_score(a, b) for a, b in zip(left, right, strict=True)), default=0.0)
    return _PART * max((word_score(a, b) for a in left for b in right), default=0.0)


_SPLIT = re.compile(r"[^\s.]+\.?")
_POSSESSIVE = re.compile(r"['’]s\b")


def words(name: str) -> list[str]:
    """Split a printed name into words ("В.А.Саров" -> В. А. Саров): homoglyphs undone, possessive endings dropped."""
    return _SPLIT.findall(_POSSESSIVE.sub("", unmix(name)))


def ends_in_vowel(word: str) -> bool:
    """Tell whether a word's last letter is read as a vowel."""
    readings = sounds(word)
    return bool(readings[0]) and readings[0][-1].islower()


def is_short(word: str) -> bool:
    """Tell whether a word of a name is an initial or abbreviation ("В.", "Στ.", "J")."""
    return word.endswith(".") or len(word) == 1


def same_name(left: str, right: str) -> float:
    """Return how likely two printed names are one person's (0 to 1), over scripts, cases, initials and word counts.

    The last words (surnames) must agree; given names count when both have one, an initial agrees with what it begins.
    A name and its surname alone give at most 0.95: others may bear it.
    """
    ours, theirs = words(left), words(right)
    if not ours or not theirs:
        return 0.0
    surname = word_score(ours[-1], theirs[-1])
    if len(ours) == 1 or len(theirs) == 1:
        return surname if len(ours) == len(theirs) else 0.95 * surname
    return min(surname, given_score(ours[0], theirs[0]))


def given_score(left: str, right: str) -> float:
    """Compare two given names; an initial or shortened form ("В", "Στ", "Ray") agrees with what it begins."""
    short, long = sorted((left.rstrip("."), right.rstrip(".")), key=len)
    if (len(short) <= 3 or "." in left + right) and short != long:
        begins = fold(long).startswith(fold(short))
        opens = {_consonants(reading)[:1] for reading in sounds(short)} & {_consonants(r)[:1] for r in sounds(long)}
        if begins or (len(short) == 1 and opens and alphabet(short) != alphabet(long)):
            return 0.95
    return word_score(left, right)


class _Given:
    """Known given names: their gender and their spelling in Latin script, by folded form."""

    def __init__(self) -> None:
        self.gender: dict[str, str] = {}
        self.latin: dict[str, str] = {}
        self.undeclined: set[str] = set()
        declined: list[tuple[str, str, str]] = []
        for gender in ("m", "f"):
            for line in lexicon()["given"][gender]:
                spelled, *others = line.split()
                for form in (spelled, *others):
                    self.gender.setdefault(fold(form), gender)
                    self.latin.setdefault(fold(form), spelled)
                    self.undeclined.add(fold(form))
                    least = lexicon()["stems"][HOME[alphabet(form)]].get("given_stem", 3)
                    declined += [(stem, gender, spelled) for stem in stems(form)[1:] if len(stem) >= least]
        for stem, gender, spelled in declined:  # what is nobody's nominative may be somebody's stem
            self.gender.setdefault(stem, gender)
            self.latin.setdefault(stem, spelled)


@cache
def _given() -> _Given:
    return _Given()


@cache
def _country_openings() -> tuple[str, ...]:
    """Return the beginnings of names of countries: «Германии» is no form of the name «Герман»."""
    listed = (forms for entry in lexicon()["country"] for forms in entry.values() if isinstance(forms, list))
    forms = (fold(form) for each in listed for form in each)
    return tuple(form[:-1] for form in forms if len(form) > 4 and " " not in form)


@lru_cache(maxsize=200_000)
def _known(word: str) -> str | None:
    first, *others = stems(word)
    if first in _given().gender or first.startswith(_country_openings()):
        return first if first in _given().gender else None
    ended = lexicon()["stems"].get(HOME[alphabet(word)], {}).get("ended")  # a nominative has an ending of its own there
    known = _given().gender
    return next((s for s in others if s in known and not (ended and s in _given().undeclined)), None)


def is_given(word: str) -> bool:
    """Tell whether a printed word is a known given name, in any case."""
    return _known(word) is not None


def given_nominative(word: str, sex: str = "") -> str:
    """Return a known given name in Latin script, undeclined; any other word as it is, and one of the other sex too."""
    known = _known(word)
    if known is None or (sex and _given().gender[known] != sex):
        return word
    return _given().latin[known]


def accents(word: str) -> int:
    """Return how many letters of a word carry an acute accent."""
    return unicodedata.normalize("NFD", word).count("\u0301")


@lru_cache(maxsize=200_000)
def is_patronymic(word: str) -> bool:
    """Tell whether a word is a known given name made a father's ("Андреевич"); "Вучевич" is a surname."""
    folded = fold(word)
    endings = lexicon()["stems"].get(HOME[alphabet(word)], {}).get("patronymics", ())
    fathers = (folded[: -len(ending)] for ending in endings if folded.endswith(ending))
    return any(father.rstrip("ь") in _given().gender or father + "й" in _given().gender for father in fathers)


def gender(name: str) -> str:
    """Return m, f or "" (unknown) for a printed name, from its given name, else from its surname's ending."""
    parts = words(name)
    known = _known(parts[0]) if parts and not is_short(parts[0]) else None
    if known and len(parts) > 1:
        return _given().gender[known]
    return ""


def surname_gender(word: str, *, genitive: bool | None = None) -> str:
    """Return m, f or "" for a printed surname by its ending alone; ``genitive`` says in which case it stands."""
    table, folded = lexicon()["stems"].get(HOME[alphabet(word)], {}), fold(word)
    for sex, kind in (("m", "man"), ("f", "woman")):
        if kind in table and re.search(f"{table[kind]}$", folded):
            return sex
    if genitive is not None and "either" in table and re.search(f"{table['either']}$", folded):
        return "m" if genitive else "f"
    return ""


def is_nominative(word: str, reading: str = "") -> bool:
    """Tell whether a given name stands undeclined: a known one, or a Greek one by its ending for a gender."""
    folded = fold(word)
    if folded in _given().undeclined:
        return True
    ending = lexicon()["stems"].get(HOME[alphabet(word)], {}).get(f"nominative_{reading or 'm'}")
    return bool(ending and re.search(f"{ending}$", folded))


def nominative(word: str, language: str, reading: str = "m") -> str:
    """Undo the declension of one printed word of a name, read as a man's ("m") or a woman's ("f")."""
    parts = _parts(word)
    if len(parts) > 1:
        return "-".join(nominative(part, language, reading) for part in parts)
    for ending, put in lexicon()["stems"].get(language, {}).get(reading, ()):
        if word.lower().endswith(ending) and len(word) - len(ending) >= 2:
            return word[: len(word) - len(ending)] + str(put)
    return word


def latin(name: str, language: str) -> str:
    """Romanise a name in its nominative as an English newspaper would print it ("Сергей Лавров" -> "Sergey Lavrov")."""
    return " ".join(_latin_word(word, language) for word in unmix(name).split())


def _latin_word(word: str, language: str) -> str:
    if alphabet(word) == "latin":
        return word
    known = fold(word)
    if known in _given().latin:
        return _given().latin[known]
    letters = _letters("letters", language) or _letters("letters", HOME[alphabet(word)])
    parts = re.split(r"([-‐‑–.])", word)
    return "".join(_latin_part(part, letters) if part.isalpha() else part for part in parts)


def _latin_part(part: str, letters: _Letters | None) -> str:
    plain = fold(part).replace("ё", "е") if alphabet(part) == "greek" else part.lower()
    spelled = "".join(letters.read(plain)) if letters else plain
    return spelled[:1].upper() + spelled[1:]


_FULL_NAME = re.compile(r"(?<!\w)([^\W\d_]{2,})(?=[ \u00a0]([^\W\d_]{2,}(?:[-‐‑][^\W\d_]+)?)(?!\w))")
_SURVIVES = 0.6  # on 3,994 sentences with human translations 4 are doubted wrongly; of wrong names 93 in 100 are found


def lost_name(source: str, rendered: str) -> tuple[str, ...]:
    """Return ("lost_name",) when a person that a sentence names in full, in another script, is missing from its
    rendering: a known given name with a surname that no capitalised word of the rendering sounds like."""
    there: list[str] | None = None
    for given, surname in _FULL_NAME.findall(unmix(source)):
        if not (given[0].isupper() and surname[0].isupper()) or alphabet(given) == "latin" or not is_given(given):
            continue
        if there is None:
            there = [
                word for part in words(rendered) for word in re.findall(r"[^\W\d_]{2,}", part) if word[0].isupper()
            ]
        if all(word_score(surname, word) < _SURVIVES for word in there):
            return ("lost_name",)
    return ()
