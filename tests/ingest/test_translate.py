"""Translating: nothing twice, nothing believed that the guards doubt, and the true path through a package."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import ids, models, translate
from ingest.clean import clean
from ingest.language import detect_document
from ingest.models import Rendering
from ingest.records import Capture, Drop, Segment
from ingest.segment import segments
from ingest.translate import Chain, flags_of, load_engine, route

_MINIATURES = Path(__file__).parents[2] / "seeds" / "demo" / "models"


class Stub:
    """An engine that answers from a table, and counts what it was asked."""

    def __init__(self, path: tuple[str, ...] = ("ru", "en"), answers: dict[str, Rendering] | None = None) -> None:
        self.name, self.path, self.score_floor = f"stub {'-'.join(path)}", path, 0.0
        self.answers, self.asked = answers or {}, []

    def translate(self, texts: Sequence[str]) -> list[Rendering]:
        """Answer, or say the text's length in English."""
        self.asked.extend(texts)
        return [self.answers.get(text, Rendering("A sentence of words, rendered by the stub", 0.9)) for text in texts]


class Broken(Stub):
    """An engine that always fails."""

    def translate(self, texts: Sequence[str]) -> list[Rendering]:
        """Fail."""
        raise RuntimeError("out of memory")


def _segment(name: str, text: str, language: str = "ru") -> Segment:
    return Segment(id=name, document="d", start=0, end=len(text), text=text, language=language)


def test_identical_sentences_are_translated_once() -> None:
    """The same text in two documents, and again in a later call with the same cache, reaches the engine once."""
    engine, cache = Stub(), {}
    waiting = [
        _segment("1", "Порт закрыт до утра."),
        _segment("2", "Порт закрыт до утра."),
        _segment("3", "Идёт дождь."),
    ]
    first = list(translate.translate(waiting, {"ru": engine}, "en", cache))
    again = list(translate.translate([_segment("4", "Идёт дождь.")], {"ru": engine}, "en", cache))
    assert engine.asked == ["Порт закрыт до утра.", "Идёт дождь."]
    assert [made.segment for made in [*first, *again]] == ["1", "2", "3", "4"]
    assert len({made.id for made in [*first, *again]}) == 4


def test_what_has_no_engine_is_passed_over() -> None:
    """Segments in the target language, and in languages without a package, yield nothing."""
    waiting = [_segment("1", "All is calm.", "en"), _segment("2", "Усе спокійно.", "uk"), _segment("3", "Всё тихо.")]
    assert [made.segment for made in translate.translate(waiting, {"ru": Stub()}, "en")] == ["3"]


def test_an_engine_that_fails_is_marked_and_tried_again() -> None:
    """Its sentences carry the flag failed with the reason, other languages are done, and nothing is cached."""
    cache: dict[str, Rendering] = {}
    waiting = [_segment("1", "Всё тихо сегодня."), _segment("2", "Όλα είναι ήσυχα.", "el")]
    made = list(translate.translate(waiting, {"ru": Broken(), "el": Stub(("el", "en"))}, "en", cache))
    assert [translation.flags for translation in made] == [("failed", "out of memory"), ()]
    assert len(cache) == 1


_CLOSED = "Порт закрыт до утра, сообщили в администрации."
_FAILURES = [
    (_CLOSED, "", 0.9, "empty"),
    (_CLOSED, "♪ ♪", 0.9, "empty"),
    (
        "Порт закрыт до утра, сообщили в администрации.",
        "♪ The port is closed until morning ♪",
        0.9,
        "known_hallucination",
    ),
    (
        "Порт закрыт до утра, сообщили в администрации.",
        "The port is _ closed until the morning",
        0.9,
        "known_hallucination",
    ),
    (
        "Порт закрыт до утра, сообщили в администрации.",
        "Порт закрыт до утра, сообщили в администрации.",
        0.9,
        "copied_source",
    ),
    (_CLOSED, "The port закрыт до утра, they said", 0.9, "wrong_script"),
    (_CLOSED, "The port the port the port the port the port", 0.9, "repeated"),
    (_CLOSED, "Port", 0.9, "too_short"),
    ("Порт закрыт до утра.", "word " * 30, 0.9, "repeated"),
    ("Порт закрыт до утра с воскресенья.", " ".join(f"word{chr(97 + n)}" for n in range(20)), 0.9, "too_long"),
    ("В порту стоят 312 судов из Кестрии.", "There are ships from Kestria in the port.", 0.9, "lost_number"),
    ("За год цены выросли на 41,6 процента.", "Over the year prices rose by 41 percent.", 0.9, "lost_number"),
    ("«Мы ждём прилива», — сказал лоцман.", "We wait for the tide, the pilot said.", 0.9, "lost_quotation_marks"),
    (
        "Ответ на https://mid.example/a1 вчера.",
        "The answer is at the ministry's page since yesterday.",
        0.9,
        "lost_url",
    ),
    (
        "Порт закрыт до утра, сообщили в администрации.",
        "The port is closed until the morning, they said.",
        0.1,
        "low_score",
    ),
    (
        "Ζητάμε να περνούν τα πλοία μας ελεύθερα.",
        "This website uses cookies to improve your visit.",
        0.9,
        "known_hallucination",
    ),
    ("Ζητάμε να περνούν τα πλοία μας ελεύθερα.", "Home", 0.9, "known_hallucination"),
]


@pytest.mark.parametrize(("source", "output", "score", "flag"), _FAILURES)
def test_published_failures_are_refused(source: str, output: str, score: float, flag: str) -> None:
    """Each known kind of bad output gets its flag."""
    language = "el" if "Ζ" in source else "ru"
    assert flag in flags_of(source, language, Rendering(output, score), "en")


_HONEST = [
    ("В порту стоят 1.480 судов, два из них с воскресенья.", "1,480 ships are in the port, two since Sunday."),
    ("С 1 апреля будут работать 12 лоцманов.", "From the first of April twelve pilots will be at work."),
    ("За год цены выросли на 41,6 процента.", "Over the year prices rose by 41.6 percent."),
    ("Агентство «Пелагия» сообщило о дожде.", "The Pelagia agency reported rain."),
    ("«Мы ждём прилива», — сказал лоцман.", "“We are waiting for the tide,” the pilot said."),
    ("Boreas Link", "Boreas Link"),
    ("Нет, нет и нет!", "No, no and no!"),
    ("«Никогда, никогда, никогда!» — повторил он.", "“Never, never, never!” he repeated."),
    ("Главная", "Home"),
    ("Сайт использует файлы cookie.", "This site uses cookies."),
    ("Всё.", "That is all there is to it."),
]  # fmt: skip


@pytest.mark.parametrize(("source", "output"), _HONEST)
def test_honest_renderings_pass(source: str, output: str) -> None:
    """Numbers in other notation or spelt out, names in marks and repetitions of the source are no fault."""
    assert flags_of(source, "ru", Rendering(output, 0.9), "en") == ()


@given(st.text(max_size=200), st.text(max_size=200))
def test_guards_judge_anything(source: str, output: str) -> None:
    """Whatever the texts, the guards answer with words, each at most once."""
    flags = flags_of(source, "ru", Rendering(output, 0.5), "en")
    assert len(set(flags)) == len(flags)


def test_a_chain_keeps_its_path_its_worst_score_and_first_doubts() -> None:
    """Greek to Russian through English records the path; what was doubtful halfway stays doubtful."""
    source = "Στο λιμάνι είναι 312 πλοία σήμερα."
    first = Stub(("el", "en"), {source: Rendering("There are ships in the port today.", 0.5)})
    second = Stub(("en", "ru"), {"There are ships in the port today.": Rendering("Сегодня в порту 312 судов.", 0.8)})
    chain = Chain(first, second)
    (made,) = translate.translate([_segment("1", source, "el")], {"el": chain}, "ru")
    assert (made.path, made.score, made.flags) == (("el", "en", "ru"), 0.5, ("lost_number",))


@pytest.mark.parametrize(
    ("language", "state"),
    [("en", "not_needed"), ("ru", "done"), ("uk", "model_missing"), ("und", "undetermined"), (None, "undetermined")],
)
def test_every_language_has_a_route(language: str | None, state: str) -> None:
    """It is said where a document goes, and why."""
    made = route(language, {"ru": Stub()}, "en")
    assert made.state == state
    assert made.why


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the miniatures installed."""
    folder = tmp_path_factory.mktemp("models")
    models.install(_MINIATURES, folder)
    return folder


@pytest.mark.parametrize("language", ["ru", "el"])
def test_miniatures_know_their_sentences(packages: Path, language: str) -> None:
    """Through the true path, nearly every sentence of the demonstration comes out as written, without a flag."""
    lines = (_MINIATURES / "sentences.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t")[1:] for line in lines if line.startswith(f"{language}\t")]
    engine = load_engine(packages, language, "en")
    assert engine is not None
    made = list(
        translate.translate([_segment(str(n), s, language) for n, (s, _) in enumerate(rows)], {language: engine}, "en")
    )
    right = sum(translation.text == english for translation, (_, english) in zip(made, rows, strict=True))
    usable = [(t, english) for t, (_, english) in zip(made, rows, strict=True) if not t.flags]
    assert right >= 0.95 * len(rows)
    assert len(usable) >= 0.95 * len(rows)
    assert sum(translation.text != english for translation, english in usable) <= 0.01 * len(rows)


def test_the_demonstration_is_what_the_miniatures_know() -> None:
    """Nearly every Russian and Greek sentence of the demonstration's cleaned pages is one they were trained on."""
    lines = (_MINIATURES / "sentences.tsv").read_text("utf-8").splitlines()
    known = {tuple(line.split("\t")[:2]) for line in lines if not line.startswith("#")}
    met = [
        (segment.language, segment.text)
        for page in sorted((_MINIATURES.parent / "site").rglob("*.html"))
        for segment in _sentences(page)
        if segment.language in {"ru", "el"}
    ]
    assert len(met) > 200
    assert sum(sentence in known for sentence in met) >= 0.95 * len(met)


def _sentences(page: Path) -> list[Segment]:
    body = page.read_bytes()
    capture = Capture(
        id=page.name,
        url=f"https://{page.relative_to(_MINIATURES.parent / 'site')}",
        fetched_at=datetime(2026, 7, 1, tzinfo=UTC),
        media_type="text/html",
        charset="utf-8",
        digest=ids.digest(body),
        body=body,
    )
    document = clean(capture)
    return [] if isinstance(document, Drop) else segments(detect_document(document))


_UNKNOWN = {
    "ru": [
        "Концерт перенесли из-за болезни певца.",
        "Учёные нашли в горах новый вид бабочек.",
        "Самолёт сел на запасном аэродроме.",
        "Цены на хлеб выросли за зиму на 14 процентов.",
        "«Мы построим здесь школу», — пообещал мэр.",
        "Команда выиграла со счётом 3:1.",
        "Пролив закрыт для военных кораблей.",
        "Плотину взорвали ночью.",
        "Он родился в 1956 году в деревне.",
        "Выборы перенесли на осень.",
    ],
    "el": [
        "Η συναυλία αναβλήθηκε λόγω ασθένειας.",
        "Βρέθηκε νέο είδος πεταλούδας στα βουνά.",
        "Το αεροπλάνο προσγειώθηκε με ασφάλεια.",
        "Το ψωμί ακρίβυνε κατά 14 τοις εκατό.",
        "«Θα χτίσουμε εδώ ένα σχολείο», υποσχέθηκε ο δήμαρχος.",
        "Η ομάδα κέρδισε με 3-1.",
        "Τα Στενά έκλεισαν για τα πολεμικά πλοία.",
        "Το φράγμα ανατινάχθηκε τη νύχτα.",
        "Γεννήθηκε το 1956 σε χωριό.",
        "Οι εκλογές αναβλήθηκαν.",
    ],
}  # fmt: skip


@pytest.mark.parametrize("language", ["ru", "el"])
def test_miniatures_are_refused_what_they_do_not_know(packages: Path, language: str) -> None:
    """Of sentences outside the demonstration at least nine in ten are flagged."""
    engine = load_engine(packages, language, "en")
    assert engine is not None
    waiting = [_segment(str(n), text, language) for n, text in enumerate(_UNKNOWN[language])]
    made = list(translate.translate(waiting, {language: engine}, "en"))
    assert sum(bool(translation.flags) for translation in made) >= 9


def test_a_missing_package_is_no_engine(packages: Path) -> None:
    """A pair that nobody installed, and a pivot with one half missing, give None; nothing is loaded by asking."""
    assert load_engine(packages, "uk", "en") is None
    assert load_engine(packages, "el", "ru") is None


def test_long_sentences_are_split_and_never_cut(packages: Path) -> None:
    """A sentence above the input limit is rendered in parts: as many as its length needs, however it is written."""
    loaded = models.Loaded(packages / "ru_en")
    for text in ("Порт стоит, Дойлы спорят; " * 60, "плотина держится " * 80, "щ" * 900):
        parts = loaded._split(text.strip())
        assert all(len(part) <= models.INPUT_TOKENS for part in parts)
        whole = "".join(loaded._tokenizer.encode(text.strip())).replace("▁", "")
        assert "".join(token for part in parts for token in part).replace("▁", "") == whole
