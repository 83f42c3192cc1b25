"""The sentences of a corpus that wait for translation, most wanted first: titles, first paragraphs and quotations, then
the rest; of these the newest documents first.

What is translated is committed a window at a time, so that a killed run loses one window and a run that is out of time
is taken up by the next. A language whose package cannot be used waits, and its documents' routes say why.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from ingest.errors import ModelError
from ingest.memory import Renderings
from ingest.models.engine import Rendering
from ingest.records import Segment, drop
from ingest.store import Store

if TYPE_CHECKING:
    from ingest.sources import Progress
    from ingest.translate import Engine, Guard

TARGET = "en"  # the language that everything is translated into
_DOCUMENTS = 64  # whose sentences are gathered, so that those of one length are translated together
_WINDOW = 128  # sentences a commit

Wanted = Literal["quotes", "all"]

_WAITING = """
    JOIN documents ON documents.id = segments.document
    WHERE segments.document IN (SELECT value FROM json_each(?)) AND segments.language = ?
      AND NOT EXISTS (SELECT 1 FROM translations WHERE segment = segments.id
                      AND translations.language = ? AND engine = ?)
"""
_QUOTES = """
      AND (segments.part = 'title'
           OR segments."start" < coalesce(nullif(instr(documents.text, char(10) || char(10)), 0),
                                          length(documents.text))
           OR EXISTS (SELECT 1 FROM mentions WHERE mentions.document = segments.document
                      AND mentions."start" < segments."end" AND mentions."end" > segments."start"))
"""


def models_folder(corpus_folder: Path) -> Path:
    """Return where translation packages live: ``$QUOTELINE_MODELS``, else ``models`` in the corpus folder."""
    return Path(os.environ.get("QUOTELINE_MODELS") or corpus_folder / "models")


def without_package(corpus: Store) -> Iterator[tuple[str, int]]:
    """Yield the languages that lack a package, with the number of documents that wait for one."""
    sql = (
        "SELECT d.language, count(*) FROM routes r JOIN documents d ON d.id = r.document "
        "WHERE r.state = 'model_missing' GROUP BY 1 ORDER BY 1"
    )
    yield from corpus.execute(sql)


def translate_segments(
    corpus: Store,
    engines: Mapping[str, Engine],
    *,
    run: str,
    progress: Progress,
    wanted: Wanted = "all",
    in_time: Callable[[], bool] = lambda: True,
    guard: Guard | None = None,
) -> dict[str, int]:
    """Translate the sentences that have no translation by the engine of their language; note each document's route.

    ``in_time`` is asked before each window; from when it denies, nothing more is begun. ``guard`` is one more guard of
    renderings. Returns counts: translated, refused (kept, but flagged), failed (engines that could not be used, and
    sentences that they failed over).
    """
    counts = {"translated": 0, "refused": 0, "failed": 0}
    broken: dict[str, ModelError] = {}
    for what in ("quotes", "all") if wanted == "all" else ("quotes",):
        # Languages take turns, so that the backlog of one does not use up the time of all.
        turns = {
            language: _in_turns(corpus, engine, what, counts, guard, run=run, progress=progress, in_time=in_time)
            for language, engine in engines.items()
            if language not in broken
        }
        while turns:
            for language in list(turns):
                try:
                    next(turns[language])
                except StopIteration:
                    del turns[language]
                except ModelError as error:
                    del turns[language]
                    broken[language] = error
                    counts["failed"] += 1
                    lost = f"{error.what}: {error.about}: {error.why}"
                    with corpus.transaction():
                        corpus.add([drop("translate", "-".join(engines[language].path), "package_unusable", lost, run)])
    _note_routes(corpus, engines, broken, run)
    return counts


def _in_turns(
    corpus: Store,
    engine: Engine,
    what: str,
    counts: dict[str, int],
    guard: Guard | None,
    *,
    run: str,
    progress: Progress,
    in_time: Callable[[], bool],
) -> Iterator[None]:
    """Translate what waits in the engine's language, some documents at each turn."""
    stage = _stage(what, engine)
    sql = (
        "SELECT id FROM documents WHERE id NOT IN (SELECT record FROM done WHERE stage = ?) "
        "ORDER BY first_seen DESC, id"
    )
    waiting = [row[0] for row in corpus.execute(sql, (stage,))]
    where = _WAITING + (_QUOTES if what == "quotes" else "")
    language = engine.path[0]
    for at in range(0, len(waiting), _DOCUMENTS):
        documents = waiting[at : at + _DOCUMENTS]
        values = (msgspec.json.encode(documents).decode(), language, TARGET, engine.name)
        found = sorted(corpus.find(Segment, where, values), key=lambda segment: (len(segment.text), segment.id))
        failed: set[str] = set()
        for first in range(0, len(found), _WINDOW):
            if not in_time():
                return
            failed |= _translate_window(corpus, engine, found[first : first + _WINDOW], counts, guard, run)
        with corpus.transaction():
            corpus.mark_done(stage, [name for name in documents if name not in failed], run)
        progress(f"translating {what} from {language}", at + len(documents), len(waiting))
        yield


def _stage(what: str, engine: Engine) -> str:
    return f"translate {what} {engine.name}"


def _translate_window(
    corpus: Store, engine: Engine, window: list[Segment], counts: dict[str, int], guard: Guard | None, run: str
) -> set[str]:
    """Translate and commit some segments of one language. Returns the documents of those that failed: they wait."""
    from ingest import translate

    memory = _Held(Renderings(corpus))
    made = list(translate.translate(window, {engine.path[0]: engine}, TARGET, memory, guard))
    kept = [one for one in made if translate.state_of(one) != "failed"]
    failed = {one.segment: one.flags[-1] for one in made if translate.state_of(one) == "failed"}
    with corpus.transaction():
        memory.write()
        corpus.add(msgspec.structs.replace(one, run=run) for one in kept)
        corpus.add(drop("translate", name, "translation_failed", why, run) for name, why in failed.items())
    counts["translated"] += len(kept)
    counts["refused"] += sum(bool(one.flags) for one in kept)
    counts["failed"] += len(failed)
    return {segment.document for segment in window if segment.id in failed}


class _Held(dict[str, Rendering]):
    """What is new to the memory of translations, held until it is written together with what it was made for."""

    def __init__(self, memory: Renderings) -> None:
        super().__init__()
        self._memory = memory

    def __missing__(self, key: str) -> Rendering:
        return self._memory[key]

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or key in self._memory

    def write(self) -> None:
        self._memory.update(self)


def _note_routes(corpus: Store, engines: Mapping[str, Engine], broken: Mapping[str, ModelError], run: str) -> None:
    """Write down the route of each document whose route is another than it was."""
    from ingest import translate

    with corpus.transaction():
        for (language,) in list(corpus.execute("SELECT DISTINCT language FROM documents")):
            way = translate.route(language, engines, TARGET)
            states: Iterable[tuple[str, str]] = [(way.state, "")]
            why = way.why
            if language in broken:
                states, why = [(broken[language].what, "")], f"{broken[language].about}: {broken[language].why}"
            elif way.state == "done":
                quotes, everything = _stage("quotes", engines[language]), _stage("all", engines[language])
                states = [("waiting", ""), ("quotes_done", quotes), ("done", everything)]
            _note_states(corpus, language, states, "-".join(way.path), why, run)


def _note_states(
    corpus: Store, language: str | None, states: Iterable[tuple[str, str]], path: str, why: str, run: str
) -> None:
    """Note for the documents of a language the last state whose stage they have passed ("" is passed by all)."""
    passed = "documents.id IN (SELECT record FROM done WHERE stage = ?)"
    rules = list(states)
    state = "CASE " + "".join(f"WHEN ? = '' OR {passed} THEN ? " for _ in rules) + "END"
    values = [value for name, stage in reversed(rules) for value in (stage, stage, name)]
    changed = f"""
        INSERT OR REPLACE INTO routes
        SELECT id, ?, state, ?, ? FROM (SELECT id, {state} AS state FROM documents WHERE language IS ?) AS now
        WHERE NOT EXISTS (SELECT 1 FROM routes AS known WHERE known.document = now.id AND known.state = now.state
                          AND known.path = ? AND known.why = ?)
    """
    corpus.run(changed, (run, path, why, *values, language, path, why))
