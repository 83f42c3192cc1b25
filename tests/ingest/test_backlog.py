"""What a corpus has to translate: the most wanted first, nothing twice, and no more than there is time for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from align.records import Mention
from ingest import backlog
from ingest.errors import ModelError
from ingest.models.engine import Rendering
from ingest.records import Document, Drop, Run, Segment, Translation
from ingest.segment import segments
from ingest.store import Store
from ingest.translate import load_engines

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TEXT = (
    "Порт закрыт до утра из-за шторма. Пароходы ждут на рейде.\n\n"
    "Рыбаки недовольны новым молом. Лоцман сказал, что прилива ждать недолго.\n\n"
    "Музей открыт до полуночи. Билеты продают на набережной."
)
QUOTED = "прилива ждать недолго"
WANTED = [
    "Порт закрыт", "Порт закрыт до утра из-за шторма.", "Пароходы ждут на рейде.",
    "Лоцман сказал, что прилива ждать недолго.",
]  # fmt: skip


class Stub:
    """An engine that notes what it is asked; it fails over what ``fails`` says."""

    path = ("ru", "en")
    score_floor = 0.0

    def __init__(self, name: str = "stub", fails: Callable[[str], bool] = lambda _: False) -> None:
        self.name, self.fails = name, fails
        self.asked: list[str] = []

    def translate(self, texts: Sequence[str]) -> list[tuple[Rendering, ...]]:
        """Say something different of each text."""
        if any(map(self.fails, texts)):
            raise RuntimeError("no memory")
        self.asked.extend(texts)
        return [(Rendering(f"The words that were rendered here are {abs(hash(t)):x}", 0.9),) for t in texts]


@pytest.fixture
def corpus(tmp_path: Path):
    """A corpus with one Russian document, its sentences and one quotation, and an English one."""
    with Store(tmp_path) as store:
        russian = Document(id="document-ru", title="Порт закрыт", text=TEXT, language="ru", first_seen=NOW)
        english = Document(id="document-en", text="It is quiet.", language="en", first_seen=NOW)
        at = TEXT.index(QUOTED)
        quotation = Mention(id="m", document=russian.id, start=at, end=at + len(QUOTED), text=QUOTED, language="ru")
        with store.transaction():
            store.add([Run(id="r", command="refresh", started=NOW), russian, english])
            store.add([*segments(russian), *segments(english), quotation])
        yield store


def translate(corpus: Store, engine: Stub | None, **how: object) -> dict[str, int]:
    """Translate what waits."""
    engines = {"ru": engine} if engine else {}
    return backlog.translate_segments(corpus, engines, run="r", progress=lambda *_: None, **how)


def states(corpus: Store) -> dict[str, str]:
    """Return the states of the documents' routes."""
    return dict(corpus.execute("SELECT document, state FROM routes"))


def test_titles_first_paragraphs_and_quotations_come_first(corpus: Store) -> None:
    """With ``all`` they are the first that the engine sees, and the rest follows; with ``quotes`` they are all."""
    some, every = Stub("some"), Stub("every")
    translate(corpus, some, wanted="quotes")
    assert sorted(some.asked) == sorted(WANTED)
    assert states(corpus)["document-ru"] == "quotes_done"
    translate(corpus, every)
    assert sorted(every.asked[:4]) == sorted(WANTED)
    assert len(every.asked) == 7
    assert states(corpus) == {"document-ru": "done", "document-en": "not_needed"}


def test_the_rest_follows_in_a_later_run(corpus: Store) -> None:
    """What was translated as quotations is not asked for again when everything is wanted, nor anything after that."""
    engine = Stub()
    translate(corpus, engine, wanted="quotes")
    counts = translate(corpus, engine)
    assert (counts["translated"], len(engine.asked), len(set(engine.asked))) == (3, 7, 7)
    assert translate(corpus, engine) == {"translated": 0, "refused": 0, "failed": 0}


def test_a_run_that_is_out_of_time_is_taken_up(corpus: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows that were begun are committed, the document waits, and the next runs do what is left."""
    monkeypatch.setattr(backlog, "_WINDOW", 2)
    engine = Stub()
    for done in (2, 4, 6, 7):
        left = iter([True, False])
        translate(corpus, engine, in_time=lambda left=left: next(left, False))
        assert corpus.count("SELECT count(*) FROM translations") == done
        assert states(corpus)["document-ru"] == ("waiting" if done < 4 else "done" if done == 7 else "quotes_done")
    assert len(set(engine.asked)) == len(engine.asked) == 7


def test_languages_take_turns(corpus: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """When time runs out, the newest documents of every language have been served, not one language's backlog."""
    monkeypatch.setattr(backlog, "_DOCUMENTS", 1)
    russian, greek = Stub("ru"), Stub("el")
    greek.path = ("el", "en")
    with corpus.transaction():
        for number in range(3):
            for language, text in (("ru", f"Новость {number}."), ("el", f"Είδηση {number}.")):
                name = f"document-{language}{number}"
                seen = NOW + timedelta(hours=number + 1)
                document = Document(id=name, text=text, language=language, first_seen=seen)
                corpus.add([document, *segments(document)])
    left = iter([True, True])
    backlog.translate_segments(
        corpus, {"ru": russian, "el": greek}, run="r", progress=lambda *_: None, in_time=lambda: next(left, False)
    )
    assert (russian.asked, greek.asked) == (["Новость 2."], ["Είδηση 2."])


def test_a_killed_run_loses_at_most_one_window(corpus: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was committed before the kill stays, with its place in the memory, and is not asked for again."""
    monkeypatch.setattr(backlog, "_WINDOW", 2)

    class Killed(Stub):
        def translate(self, texts: Sequence[str]) -> list[tuple[Rendering, ...]]:
            if len(self.asked) >= 4:
                raise KeyboardInterrupt
            return super().translate(texts)

    killed = Killed()
    with pytest.raises(KeyboardInterrupt):
        translate(corpus, killed)
    assert corpus.count("SELECT count(*) FROM translations") == 4
    again = Stub()
    translate(corpus, again)
    assert not set(again.asked) & set(killed.asked)
    assert corpus.count("SELECT count(*) FROM translations") == 7


def test_the_same_sentence_in_another_document_comes_from_memory(corpus: Store) -> None:
    """A wire copy that arrives in a later run costs nothing but its own words."""
    engine = Stub()
    translate(corpus, engine)
    copy = Document(id="document-2", text=f"{TEXT} Ветер стих.", language="ru", first_seen=NOW)
    with corpus.transaction():
        corpus.add([copy, *segments(copy)])
    counts = translate(corpus, engine)
    assert engine.asked[7:] == ["Ветер стих."]
    assert counts["translated"] == 7


def test_a_sentence_that_fails_waits_for_the_next_run(corpus: Store) -> None:
    """It is a Drop with the reason, its document is not done, and a run with a sound engine completes it."""
    counts = translate(corpus, Stub(fails=lambda text: "Музей" in text))
    assert (counts["translated"], counts["failed"]) == (6, 1)
    (lost,) = corpus.find(Drop)
    assert (lost.stage, lost.reason, lost.detail) == ("translate", "translation_failed", "no memory")
    assert states(corpus)["document-ru"] == "quotes_done"
    assert translate(corpus, Stub())["translated"] == 1
    assert states(corpus)["document-ru"] == "done"


def test_an_engine_that_cannot_be_used_leaves_everything_waiting(corpus: Store) -> None:
    """The route of its documents says what is wrong in a word and why; nothing is translated, and nothing is lost."""

    class Damaged(Stub):
        def translate(self, texts: Sequence[str]) -> list[tuple[Rendering, ...]]:
            raise ModelError("checksum_mismatch", "ru_en", "changed since it came: model/model.bin")

    assert translate(corpus, Damaged()) == {"translated": 0, "refused": 0, "failed": 1}
    rows = list(corpus.execute("SELECT state, path, why FROM routes WHERE document = 'document-ru'"))
    assert rows == [("checksum_mismatch", "ru-en", "ru_en: changed since it came: model/model.bin")]
    assert [lost.reason for lost in corpus.find(Drop)] == ["package_unusable"]
    assert translate(corpus, Stub())["translated"] == 7
    assert states(corpus)["document-ru"] == "done"


def test_without_a_package_the_route_says_so(corpus: Store) -> None:
    """The document is kept, its state is model_missing, and the list of lacking languages counts it."""
    translate(corpus, None)
    assert states(corpus)["document-ru"] == "model_missing"
    assert list(backlog.without_package(corpus)) == [("ru", 1)]


def test_a_better_package_translates_again_and_the_older_rendering_stays(corpus: Store) -> None:
    """Every sentence has a translation by each, and the latest is the current one."""
    translate(corpus, Stub("one"))
    translate(corpus, Stub("two"))
    assert corpus.count("SELECT count(*) FROM translations") == 14
    assert {row[0] for row in corpus.execute("SELECT engine FROM current_translations")} == {"two"}


def test_every_translation_points_at_its_original(corpus: Store) -> None:
    """The segment of a translation is the sentence at its offsets in the document, or the title."""
    translate(corpus, Stub())
    document = corpus.get(Document, "document-ru")
    assert document is not None
    for made in corpus.find(Translation):
        segment = corpus.get(Segment, made.segment)
        assert segment is not None
        whole = document.title if segment.part == "title" else document.text
        assert (whole or "")[segment.start : segment.end] == segment.text


def test_nothing_to_translate_loads_no_model(corpus: Store, tmp_path: Path) -> None:
    """When every sentence is done, no package is read into memory."""
    from ingest.models import folder as packages

    source = Path(__file__).parents[2] / "seeds" / "demo" / "models"
    packages.install(source, tmp_path / "models")
    engines = load_engines(tmp_path / "models", "en")
    backlog.translate_segments(corpus, engines, run="r", progress=lambda *_: None)
    fresh = load_engines(tmp_path / "models", "en")
    backlog.translate_segments(corpus, fresh, run="r", progress=lambda *_: None)
    assert all(engine._loaded is None for engine in fresh.values())


def test_translating_opens_no_socket(corpus: Store, tmp_path: Path, socket_disabled: None) -> None:
    """Installing from a folder, loading and translating work where no socket may be opened."""
    from ingest.models import folder as packages

    packages.install(Path(__file__).parents[2] / "seeds" / "demo" / "models", tmp_path / "models")
    engines = load_engines(tmp_path / "models", "en")
    counts = backlog.translate_segments(corpus, engines, run="r", progress=lambda *_: None)
    assert counts["translated"] == 7
