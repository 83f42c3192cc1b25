"""A sentence and its rendering to the reasons why the rendering must not be believed.

Rules and thresholds stand in ``guards.toml``. Flags: empty, copied_source, wrong_script, repeated,
output_limit, input_truncated, too_short, too_long, lost_number, lost_name, lost_quotation_marks, lost_url, low_score,
known_hallucination.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import NamedTuple

from ingest.fold import fold, script, unmix
from ingest.language import script_of
from ingest.models.engine import VERBATIM, Rendering


class _Guards(NamedTuple):
    limits: dict[str, float]
    hallucinations: tuple[tuple[re.Pattern[str], re.Pattern[str] | None], ...]
    numerals: dict[str, dict[str, frozenset[str]]]
    multipliers: dict[str, dict[str, int]]


@cache
def _guards() -> _Guards:
    table = tomllib.loads(resources.files("ingest").joinpath("guards.toml").read_text("utf-8"))
    return _Guards(
        limits=table["limits"],
        hallucinations=tuple(
            (re.compile(rule["output"]), re.compile(rule["source"]) if "source" in rule else None)
            for rule in table["hallucination"]
        ),
        numerals={
            language: {number: frozenset(words.split("|")) for number, words in numbers.items()}
            for language, numbers in table["numerals"].items()
        },
        multipliers={
            language: {fold(stem): power for stem, power in stems.items()}
            for language, stems in table["multipliers"].items()
        },
    )


_NUMBER = re.compile(r"\d{1,2}:\d\d(?!\d)|\d+(?:[.,\u00a0\u202f ’']\d{3})*(?:[.,]\d+)?")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d\d)")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LATIN_NAME = re.compile(r"\b[A-Z][A-Za-z]{2,}\b")
_QUOTED = re.compile(r"[«“„\"]([^«»“”„\"]*)[»”“\"]")
_MARKS = re.compile(r"[«»“”„\"]|(?<!\w)[‘']|['’](?!\w)")


def flags_of(
    source: str, language: str, rendering: Rendering, target: str, score_floor: float = 0.0
) -> tuple[str, ...]:
    """Return why a rendering must not be believed; empty when nothing speaks against it."""
    limits = _guards().limits
    text = rendering.text
    flags = list(rendering.flags)
    # Addresses are the same on both sides: they say nothing of the words around them.
    asked, made = VERBATIM.sub(" ", source).strip(), VERBATIM.sub(" ", text).strip()
    if not any(map(str.isalnum, made)):
        return tuple(dict.fromkeys([*flags, "empty"])) if any(map(str.isalnum, asked)) else tuple(flags)
    long = len(asked) >= limits["ratio_from"]
    checks = {
        "copied_source": _copied(asked, made, language, target),
        "wrong_script": _wrong_script(made, target),
        "repeated": _repeats(made) and not _repeats(asked),
        "too_short": long and len(made) < limits["shortest_ratio"] * len(asked),
        "too_long": long and len(made) > limits["longest_ratio"] * len(asked),
        "lost_number": _lost_number(asked, made, language, target),
        "lost_name": _lost_name(asked, made, language, target),
        "lost_quotation_marks": _lost_marks(source, text),
        "lost_url": any(address not in text for address in VERBATIM.findall(source)),
        "low_score": rendering.score < max(limits["low_score"], score_floor),
        "known_hallucination": _hallucinated(source, text),
    }
    return tuple(dict.fromkeys([*flags, *(name for name, wrong in checks.items() if wrong)]))


def _copied(source: str, text: str, language: str, target: str) -> bool:
    if language == target:
        return False
    own = {word.casefold() for word in _WORD.findall(source) if len(word) > 2}
    made = [word.casefold() for word in _WORD.findall(text) if len(word) > 2]
    if not made:
        return False
    same = sum(word in own for word in made)
    foreign = script_of(language) == script_of(target)
    # In one script names are the same on both sides; across scripts hardly anything is.
    share = _guards().limits["copied_share"]
    return same >= (max(share, 0.9) if foreign else share) * len(made) and not _mostly(source, target)


def _mostly(text: str, target: str) -> bool:
    """Whether most letters of a text are in the script of the target already: a name, a product, a hashtag."""
    scripts = [name for name in map(script, text) if name]
    return bool(scripts) and scripts.count(script_of(target) or "") > len(scripts) / 2


def _wrong_script(text: str, target: str) -> bool:
    wanted = script_of(target)
    scripts = [name for name in map(script, text) if name]
    if wanted is None or not scripts:
        return False
    return scripts.count(wanted) < _guards().limits["script_share"] * len(scripts)


def _repeats(text: str) -> bool:
    """Whether a word or a run of up to four words comes again and again. Linear in the length of the text."""
    limits = _guards().limits
    words = [word.casefold() for word in _WORD.findall(text)]
    for size in (1, 2, 3, 4):
        in_a_row = 0
        for at in range(size, len(words)):
            in_a_row = in_a_row + 1 if words[at] == words[at - size] else 0
            if in_a_row >= size * (limits["repeats"] - 1):
                return True
    runs = list(zip(words, words[1:], words[2:], strict=False))
    return len(words) >= 12 and len(set(runs)) < limits["distinct_share"] * len(runs)


def _readings(text: str, language: str) -> list[set[str]]:
    """Return for each number of a text what its digits may be elsewhere: 1.480 is 1,480, "10 thousand" is 10,000, and
    15:30 may be 3.30."""
    found = []
    for match in _NUMBER.finditer(text):
        readings = {_digits(match.group())}
        if power := _power(text[match.end() : match.end() + 24], language):
            whole, _, fraction = re.sub(r"[\u00a0\u202f ’']", "", match.group()).replace(",", ".").partition(".")
            readings = {_digits(whole + fraction.ljust(power, "0"))}
        clock = _CLOCK.fullmatch(match.group())
        if clock and 12 < int(clock[1]) < 24:
            hour = str(int(clock[1]) - 12)
            readings |= {_digits(hour + clock[2])} | ({hour} if clock[2] == "00" else set())
        elif clock and clock[2] == "00":
            readings.add(_digits(clock[1]))
        found.append(readings)
    return found


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number).lstrip("0") or "0"


def _power(behind: str, language: str) -> int:
    """Return the power of ten that the word behind a number multiplies it with; 0 for any other word."""
    match = _WORD.match(behind.lstrip(" \u00a0\u202f-"))
    word = fold(match.group()) if match else ""
    multipliers = _guards().multipliers.get(language, {})
    fitting = [stem for stem in multipliers if word == stem.removesuffix(".") or (word and word.startswith(stem))]
    return multipliers[max(fitting, key=len)] if fitting else 0


def _lost_number(source: str, text: str, language: str, target: str) -> bool:
    """Whether a number of the source is missing: neither in digits nor, where it can be, in words."""
    have = set().union(*_readings(text, target), map(_digits, _NUMBER.findall(text)))
    spelt = _guards().numerals.get(target, {})
    words = {part for word in _WORD.findall(text.casefold()) for part in word.split("-")}
    digits = re.sub(r"\D", "", text)
    for match in _WORD.finditer(text.casefold()):  # "ten thousand"
        if power := _power(text[match.end() : match.end() + 24], target):
            have |= {number + "0" * power for number, forms in spelt.items() if match.group() in forms}

    def there(number: str) -> bool:
        tens, ones = f"{number[0]}0", number[1:]
        return (
            number in have
            or bool(spelt.get(number, frozenset()) & words)
            or (len(number) > 3 and number in digits)
            or (
                len(number) == 2 and number[1] == "0" and any(len(o) == 4 and o.endswith(number) for o in have)
            )  # the 80s
            or (len(number) == 2 and all(spelt.get(part, frozenset()) & words for part in (tens, ones)))
        )

    return not all(any(map(there, readings)) for readings in _readings(source, language))


def _lost_name(source: str, text: str, language: str, target: str) -> bool:
    """Whether a name that the source prints in Latin letters amid its own script is missing from a Latin rendering."""
    if script_of(target) != "latin" or script_of(language) in {"latin", None}:
        return False
    there = text.casefold()
    return any(name.casefold() not in there for name in _LATIN_NAME.findall(unmix(source)))


def _lost_marks(source: str, text: str) -> bool:
    """Whether the source quotes and the rendering has no mark at all. One or two words in marks may be a name, which
    other languages print without."""
    return any(len(quoted.split()) > 2 for quoted in _QUOTED.findall(source)) and not _MARKS.search(text)


def _hallucinated(source: str, text: str) -> bool:
    return any(
        output.search(text) and not (right is not None and right.search(source))
        for output, right in _guards().hallucinations
    )
