"""Segments to translations, through an ``Engine``.

No sentence is translated twice: the same text, target, package and settings come from the memory. Of what an engine
offers the first rendering is taken that no guard doubts (``guards``); where all are doubted the best one is kept with
its flags, and is not to be believed.

States that a person reads:
  of a language or document  done, quotes_done, waiting, not_needed, undetermined, model_missing, unsupported_pair,
                             checksum_mismatch, model_invalid, failed
  of a translation           done, suspect_output, input_truncated, failed
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ingest import ids
from ingest.errors import ModelError
from ingest.guards import flags_of
from ingest.language import UND, script_of
from ingest.models import engine as packaged
from ingest.models import folder as packages
from ingest.models.engine import Rendering
from ingest.models.package import Package, changed_files
from ingest.records import Translation

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.records import Segment

_WINDOW = 1_024  # segments handed to the engines at once, so that sentences of one length find one another
_PIVOT = "en"
_GIVEN_UP = 4  # texts in a row
_FAILURES = (RuntimeError, ValueError, OSError, MemoryError)  # what an engine may raise over a text

Candidates = tuple[Rendering, ...]
Memory = MutableMapping[str, Rendering]
Guard = Callable[[str, str], tuple[str, ...]]  # a sentence and its rendering -> flags; empty when there is no doubt


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

    def translate(self, texts: Sequence[str]) -> list[Candidates]:
        """Render the texts, in order: for each at least one rendering, best first.

        Raises ModelError when the engine cannot be used at all.
        """


class Route(NamedTuple):
    """Where a document goes: a state (see above), the languages along its way, and why."""

    state: str
    path: tuple[str, ...]
    why: str


class PackageEngine:
    """One installed package. It is compared with its manifest and loaded at the first sentence, not before."""

    def __init__(self, folder: Path, package: Package, beam: int) -> None:
        self._folder, self._package, self._beam = folder, package, beam
        self._loaded: packaged.Loaded | None = None

    @property
    def name(self) -> str:
        """Pair, version, digest and settings."""
        return f"{self._package.name} beam {self._beam} recipe {packaged.RECIPE}"

    @property
    def path(self) -> tuple[str, ...]:
        """From, to."""
        return (self._package.from_language, self._package.to_language)

    @property
    def score_floor(self) -> float:
        """As the package declares it."""
        return self._package.score_floor

    def translate(self, texts: Sequence[str]) -> list[Candidates]:
        """Render the texts with the package."""
        if self._loaded is None:
            place = self._folder / self._package.pair
            if changed := changed_files(place, self._package):
                raise ModelError(
                    "checksum_mismatch", self._package.pair, f"changed since it came: {', '.join(changed)}"
                )
            self._loaded = packaged.Loaded(place, beam=self._beam)
        return self._loaded.translate(texts)


class Chain:
    """Engines in a row, each through a language that the next one knows."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self._engines = tuple(engines)

    @property
    def name(self) -> str:
        """All names."""
        return " + ".join(engine.name for engine in self._engines)

    @property
    def path(self) -> tuple[str, ...]:
        """All languages passed through."""
        return (self._engines[0].path[0], *(engine.path[-1] for engine in self._engines))

    @property
    def score_floor(self) -> float:
        """The highest of theirs."""
        return max(engine.score_floor for engine in self._engines)

    def translate(self, texts: Sequence[str]) -> list[Candidates]:
        """Render the texts in steps. What one engine makes is guarded before the next sees it; doubts remain."""
        now = [Rendering(text, 1.0) for text in texts]
        for engine in self._engines:
            made = engine.translate([rendering.text for rendering in now])
            now = [_after(before, engine, candidates) for before, candidates in zip(now, made, strict=True)]
        return [(rendering,) for rendering in now]


def _after(before: Rendering, engine: Engine, candidates: Candidates) -> Rendering:
    """Return the next step of a chain: the worst score and all doubts so far."""
    made = _best(before.text, engine, candidates)
    flags = (*before.flags, *_doubts(before.text, engine, made))
    return Rendering(made.text, min(before.score, made.score), tuple(dict.fromkeys(flags)))


def _best(source: str, engine: Engine, candidates: Candidates, guard: Guard | None = None) -> Rendering:
    """Return the first rendering that no guard doubts, else the first."""
    return next((made for made in candidates if not _doubts(source, engine, made, guard)), candidates[0])


def _doubts(source: str, engine: Engine, made: Rendering, guard: Guard | None = None) -> tuple[str, ...]:
    flags = flags_of(source, engine.path[0], made, engine.path[-1], engine.score_floor)
    more = guard(source, made.text) if guard is not None and made.text else ()
    return tuple(dict.fromkeys((*flags, *more)))


def load_engine(folder: Path, from_language: str, to_language: str, *, beam: int = 4) -> Engine | None:
    """Return an engine for a pair from the installed packages: direct, else through one more language, English first;
    None when there is no way. Nothing is loaded yet.
    """
    there = {package.pair: package for package in packages.installed(folder)}
    ways: list[tuple[str, ...]] = [(from_language, to_language)]
    middles = {package.to_language for package in there.values() if package.from_language == from_language}
    ways += [
        (from_language, middle, to_language) for middle in sorted(middles, key=lambda name: (name != _PIVOT, name))
    ]
    for way in ways:
        steps = [there.get(f"{a}_{b}") for a, b in pairwise(way)]
        engines = [PackageEngine(folder, step, beam) for step in steps if step is not None]
        if len(engines) == len(steps):
            return engines[0] if len(engines) == 1 else Chain(engines)
    return None


def load_engines(folder: Path, target: str) -> dict[str, Engine]:
    """Return an engine for each language that the installed packages can bring into ``target``."""
    sources = {package.from_language for package in packages.installed(folder)} - {target}
    found = {source: load_engine(folder, source, target) for source in sorted(sources)}
    return {source: engine for source, engine in found.items() if engine is not None}


def route(language: str | None, engines: Mapping[str, Engine], target: str) -> Route:
    """Say which path a document of this language takes, and why."""
    if language == target:
        return Route("not_needed", (), f"is in {target}")
    if language is not None and language in engines:
        return Route("done", engines[language].path, engines[language].name)
    if language in (None, UND):
        return Route("undetermined", (), "its language could not be determined")
    if language is not None and "-" in language and script_of(language) == "latin":
        return Route("unsupported_pair", (), f"{language} is written in Latin letters, which no package reads")
    return Route("model_missing", (), f"no package from {language} to {target}")


def state_of(translation: Translation) -> str:
    """Return the state of a translation as a person reads it."""
    for state in ("failed", "input_truncated"):
        if state in translation.flags:
            return state
    return "suspect_output" if translation.flags else "done"


def translate(
    segments: Iterable[Segment],
    engines: Mapping[str, Engine],
    target: str,
    memory: Memory | None = None,
    guard: Guard | None = None,
) -> Iterator[Translation]:
    """Yield the translation of each segment that an engine exists for, in order; others are passed over.

    ``memory`` maps ``memory_key`` to renderings and is filled; without one, duplicates are known within this call.
    ``guard`` may doubt what the guards of ``guards`` do not: what they know nothing of, such as names of people. A
    text that an engine fails over is yielded with the flag ``failed`` and is not remembered. Raises ModelError when an
    engine cannot be used, or fails over everything that it is given.
    """
    known: Memory = {} if memory is None else memory
    waiting = (segment for segment in segments if segment.language != target and segment.language in engines)
    while window := list(islice(waiting, _WINDOW)):
        failed = _render(window, engines, target, known, guard)
        for segment in window:
            engine = engines[segment.language]
            key = memory_key(engine, target, segment.text)
            why = failed.get(key)
            made = known[key] if why is None else Rendering("", 0.0)
            flags = ("failed", why) if why is not None else _doubts(segment.text, engine, made, guard)
            yield Translation(
                id=ids.content_id("translation", segment.id, target, engine.name),
                run=segment.run,
                segment=segment.id,
                language=target,
                text=made.text,
                engine=engine.name,
                path=engine.path,
                flags=flags,
                score=round(min(1.0, max(0.0, made.score)), 4),
            )


def memory_key(engine: Engine, target: str, text: str) -> str:
    """Return what identifies a rendering: engine (package, version, settings), target and text."""
    return ids.content_id("rendering", engine.name, target, text)


def _render(
    window: Sequence[Segment], engines: Mapping[str, Engine], target: str, known: Memory, guard: Guard | None
) -> dict[str, str]:
    """Render what is not known yet, each text once. Returns the keys of the texts that could not be, and why."""
    new: dict[str, dict[str, str]] = {}
    for segment in window:
        key = memory_key(engines[segment.language], target, segment.text)
        if key not in known:
            new.setdefault(segment.language, {})[key] = segment.text
    failed: dict[str, str] = {}
    for language, texts in new.items():
        failed |= _each(engines[language], list(texts.items()), known, guard)
    return failed


def _each(engine: Engine, texts: list[tuple[str, str]], known: Memory, guard: Guard | None) -> dict[str, str]:
    """Render texts into ``known``; those that the engine fails over are found by halving and returned, with the reason.

    An engine that fails over the first few single texts, and has rendered none, is given up: it is not the texts.
    """
    failed: dict[str, str] = {}
    parts = [texts]
    while parts:
        part = parts.pop()
        try:
            made = engine.translate([text for _, text in part])
        except _FAILURES as error:
            if len(part) > 1:
                parts += [part[len(part) // 2 :], part[: len(part) // 2]]
                continue
            failed[part[0][0]] = str(error)
            if len(failed) == _GIVEN_UP and not any(key in known for key, _ in texts):
                raise ModelError("failed", "-".join(engine.path), str(error)) from error
        else:
            for (key, text), candidates in zip(part, made, strict=True):
                known[key] = _best(text, engine, candidates, guard)
    return failed
