"""Segments to translations, through an ``Engine``.

No sentence is translated twice: the same text, target, package and settings come from the cache. Every rendering
passes guards (``translation_guards.toml``); what they doubt keeps its text and gets flags, and is not to be believed.

Flags of guards: empty, copied_source, wrong_script, repeated, output_limit, too_short, too_long, lost_number,
lost_quotation_marks, lost_url, low_score, known_hallucination. State of a sentence that could not be rendered: failed.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from functools import cache
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ingest import ids, models
from ingest.fold import script
from ingest.language import UND, script_of
from ingest.models import Rendering
from ingest.records import Translation

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.records import Segment

_WINDOW = 256  # segments handed to the engines at once: what a killed run may lose
_PIVOT = "en"

Cache = MutableMapping[str, Rendering]


class Engine(Protocol):
    """What translates: a package, a chain of packages, a stub in a test.

    ``name`` identifies packages, versions and settings; ``path`` the languages passed through, ("el", "en").
    """

    @property
    def name(self) -> str:
        """What made the translation."""

    @property
    def path(self) -> tuple[str, ...]:
        """The languages passed through."""

    @property
    def score_floor(self) -> float:
        """The score below which this engine is known to invent; 0 when unknown."""

    def translate(self, texts: Sequence[str]) -> list[Rendering]:
        """Render the texts, in order."""


class Route(NamedTuple):
    """Where a document goes: ``done`` (along ``path``), ``not_needed``, ``undetermined`` or ``model_missing``."""

    state: str
    path: tuple[str, ...]
    why: str


class PackageEngine:
    """One installed package. It is loaded when the first sentence is translated, not before."""

    def __init__(self, folder: Path, package: models.Package, beam: int) -> None:
        self._folder, self._package, self._beam = folder, package, beam
        self._loaded: models.Loaded | None = None

    @property
    def name(self) -> str:
        """Pair, version, digest and beam."""
        return f"{self._package.name} beam {self._beam}"

    @property
    def path(self) -> tuple[str, ...]:
        """From, to."""
        return (self._package.from_language, self._package.to_language)

    @property
    def score_floor(self) -> float:
        """As the package declares it."""
        return self._package.score_floor

    @property
    def miniature(self) -> bool:
        """Whether the package knows the sentences of a demonstration only."""
        return self._package.miniature

    def translate(self, texts: Sequence[str]) -> list[Rendering]:
        """Render the texts with the package."""
        if self._loaded is None:
            self._loaded = models.Loaded(self._folder / self._package.pair, beam=self._beam)
        return self._loaded.translate(texts)


class Chain:
    """Two engines in a row, through a language that both know."""

    def __init__(self, first: Engine, second: Engine) -> None:
        self._first, self._second = first, second

    @property
    def name(self) -> str:
        """Both names."""
        return f"{self._first.name} + {self._second.name}"

    @property
    def path(self) -> tuple[str, ...]:
        """All languages passed through."""
        return (*self._first.path, *self._second.path[1:])

    @property
    def score_floor(self) -> float:
        """The higher of the two."""
        return max(self._first.score_floor, self._second.score_floor)

    def translate(self, texts: Sequence[str]) -> list[Rendering]:
        """Render the texts twice. What the first engine makes is guarded before the second sees it."""
        source, middle = self._first.path[0], self._first.path[-1]
        halfway = self._first.translate(texts)
        doubts = [
            flags_of(text, source, rendering, middle, self._first.score_floor)
            for text, rendering in zip(texts, halfway, strict=True)
        ]
        final = self._second.translate([rendering.text for rendering in halfway])
        return [
            Rendering(last.text, min(first.score, last.score), tuple(dict.fromkeys((*doubt, *last.flags))))
            for first, last, doubt in zip(halfway, final, doubts, strict=True)
        ]


def load_engine(folder: Path, from_language: str, to_language: str, *, beam: int = 4) -> Engine | None:
    """Return an engine for a pair from the installed packages: direct, else through English; None when neither is.

    Nothing is loaded yet. Raises ModelError when a manifest cannot be read.
    """
    packages = {package.pair: package for package in models.installed(folder)}
    direct = packages.get(f"{from_language}_{to_language}")
    if direct is not None:
        return PackageEngine(folder, direct, beam)
    first, second = packages.get(f"{from_language}_{_PIVOT}"), packages.get(f"{_PIVOT}_{to_language}")
    if first is None or second is None:
        return None
    return Chain(PackageEngine(folder, first, beam), PackageEngine(folder, second, beam))


def route(language: str | None, engines: Mapping[str, Engine], target: str) -> Route:
    """Say which path a document of this language takes, and why."""
    if language == target:
        return Route("not_needed", (), f"is in {target}")
    if language is not None and language in engines:
        return Route("done", engines[language].path, engines[language].name)
    if language in (None, UND):
        return Route("undetermined", (), "its language could not be determined")
    return Route("model_missing", (), f"no package from {language} to {target}")


def translate(
    segments: Iterable[Segment], engines: Mapping[str, Engine], target: str, cache: Cache | None = None
) -> Iterator[Translation]:
    """Yield the translation of each segment that an engine exists for, in order; others are passed over.

    ``cache`` maps ``cache_key`` to renderings and is filled; without one, duplicates are known within this call.
    An engine that fails costs its window: those segments are yielded with the flag ``failed`` and are not cached.
    """
    known: Cache = {} if cache is None else cache
    waiting = (segment for segment in segments if segment.language != target and segment.language in engines)
    while window := list(islice(waiting, _WINDOW)):
        failed = _render(window, engines, target, known)
        for segment in window:
            engine = engines[segment.language]
            rendering = known.get(cache_key(engine, target, segment.text))
            why = failed.get(segment.language, "")
            yield _translation(segment, engine, target, rendering or Rendering("", 0.0, ("failed",)), why)


def cache_key(engine: Engine, target: str, text: str) -> str:
    """Return what identifies a rendering: engine (package, version, settings), target and text."""
    return ids.content_id("rendering", engine.name, target, text)


def _render(window: Sequence[Segment], engines: Mapping[str, Engine], target: str, known: Cache) -> dict[str, str]:
    """Render what is not known yet, each text once. Returns the languages whose engine failed, and why."""
    new: dict[str, dict[str, str]] = {}
    for segment in window:
        key = cache_key(engines[segment.language], target, segment.text)
        if key not in known:
            new.setdefault(segment.language, {})[key] = segment.text
    failed = {}
    for language, texts in new.items():
        try:
            made = engines[language].translate(list(texts.values()))
        except (RuntimeError, ValueError, OSError, MemoryError) as error:
            failed[language] = str(error)
            continue
        known.update(zip(texts, made, strict=True))
    return failed


def _translation(segment: Segment, engine: Engine, target: str, rendering: Rendering, why: str) -> Translation:
    flags = rendering.flags
    if "failed" not in flags:
        flags = flags_of(segment.text, segment.language, rendering, target, engine.score_floor)
    return Translation(
        id=ids.content_id("translation", segment.id, target, engine.name),
        run=segment.run,
        segment=segment.id,
        language=target,
        text=rendering.text,
        engine=engine.name,
        path=engine.path,
        flags=(*flags, why) if why and "failed" in flags else flags,
        score=round(min(1.0, max(0.0, rendering.score)), 4),
    )


class _Guards(NamedTuple):
    limits: dict[str, float]
    hallucinations: tuple[tuple[re.Pattern[str], re.Pattern[str] | None], ...]
    numerals: dict[str, dict[str, frozenset[str]]]


@cache
def _guards() -> _Guards:
    table = tomllib.loads(resources.files("ingest").joinpath("translation_guards.toml").read_text("utf-8"))
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
    )


_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f ’']\d{3})*(?:[.,]\d+)?")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_URL = re.compile(r"https?://\S+|www\.\S+")
_QUOTED = re.compile(r"[«“„\"]([^«»“”„\"]*)[»”“\"]")
_MARKS = re.compile(r"[«»“”„\"]|(?<!\w)[‘']|['’](?!\w)")


def flags_of(
    source: str, language: str, rendering: Rendering, target: str, score_floor: float = 0.0
) -> tuple[str, ...]:
    """Return why a rendering must not be believed; empty when nothing speaks against it."""
    limits = _guards().limits
    text = rendering.text
    flags = list(rendering.flags)
    if not any(map(str.isalnum, text)):
        return tuple(dict.fromkeys([*flags, "empty"])) if any(map(str.isalnum, source)) else tuple(flags)
    checks = {
        "copied_source": _copied(source, text, language, target),
        "wrong_script": _wrong_script(text, target),
        "repeated": _repeats(text) and not _repeats(source),
        "too_short": len(source) >= limits["ratio_from"] and len(text) < limits["shortest_ratio"] * len(source),
        "too_long": len(source) >= limits["ratio_from"] and len(text) > limits["longest_ratio"] * len(source),
        "lost_number": _lost_number(source, text, target),
        "lost_quotation_marks": _lost_marks(source, text),
        "lost_url": any(url.rstrip(".,;)") not in text for url in _URL.findall(source)),
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


def _numbers(text: str) -> Counter[str]:
    """Count the numbers of a text by their digits alone: 1.480 is 1,480."""
    return Counter(re.sub(r"\D", "", number).lstrip("0") or "0" for number in _NUMBER.findall(_URL.sub(" ", text)))


def _lost_number(source: str, text: str, target: str) -> bool:
    """Whether a number of the source is missing: neither in digits nor, where it can be, in words."""
    wanted, have = _numbers(source), _numbers(text)
    spelt = _guards().numerals.get(target, {})
    words = {part for word in _WORD.findall(text.casefold()) for part in word.split("-")}
    digits = re.sub(r"\D", "", text)
    return any(
        number not in have
        and not (spelt.get(number, frozenset()) & words)
        and not (len(number) > 3 and number in digits)
        for number in wanted
    )


def _lost_marks(source: str, text: str) -> bool:
    """Whether the source quotes and the rendering has no mark at all. One or two words in marks may be a name, which
    other languages print without."""
    return any(len(quoted.split()) > 2 for quoted in _QUOTED.findall(source)) and not _MARKS.search(text)


def _hallucinated(source: str, text: str) -> bool:
    return any(
        output.search(text) and not (right is not None and right.search(source))
        for output, right in _guards().hallucinations
    )
