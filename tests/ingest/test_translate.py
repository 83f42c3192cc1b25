"""Translating: nothing twice, nothing believed that the guards doubt, and the true path through a package."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import ids, translate
from ingest.clean import clean
from ingest.errors import ModelError
from ingest.guards import flags_of
from ingest.language import detect_document
from ingest.models import engine as packaged
from ingest.models import folder as installing
from ingest.models.engine import Rendering
from ingest.records import Capture, Drop, Segment
from ingest.segment import segments
from ingest.translate import Chain, load_engine, load_engines, route
from tests.bench.package import write as write_package

_MINIATURES = Path(__file__).parents[2] / "seeds" / "demo" / "models"


TINY = {"layers": 1, "heads": 2, "width": 32, "inner": 64, "pieces": 300, "length": 8.0}  # a package of random weights


class Stub:
    """An engine that answers from a table, and counts what it was asked."""

    def __init__(self, path: tuple[str, ...] = ("ru", "en"), answers: dict[str, Rendering] | None = None) -> None:
        self.name, self.path, self.score_floor = f"stub {'-'.join(path)}", path, 0.0
        self.answers, self.asked = answers or {}, []

    def translate(self, texts: Sequence[str]) -> list[tuple[Rendering, ...]]:
        """Answer, or say the text's length in English."""
        self.asked.extend(texts)
        return [
            (self.answers.get(text, Rendering("A sentence of words, rendered by the stub", 0.9)),) for text in texts
        ]


class Broken(Stub):
    """An engine that fails over a text that it is given, alone or among others; over any, when it is not told which."""

    def __init__(self, bad: str | None = None) -> None:
        super().__init__()
        self.bad = bad

    def translate(self, texts: Sequence[str]) -> list[tuple[Rendering, ...]]:
        """Fail."""
        if self.bad is None or self.bad in texts:
            raise RuntimeError("out of memory")
        return super().translate(texts)


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


def test_a_text_that_an_engine_fails_over_costs_nothing_else() -> None:
    """It carries the flag failed with the reason and is not remembered; its neighbours and other languages are done."""
    memory: dict[str, Rendering] = {}
    texts = [f"Всё тихо сегодня, день {number}." for number in range(9)]
    waiting = [_segment(text, text) for text in texts] + [_segment("el", "Όλα είναι ήσυχα.", "el")]
    stub = Stub(("ru", "en"), {text: Rendering(f"All is calm today, day {n}.", 0.9) for n, text in enumerate(texts)})
    engine = Broken(texts[4])
    engine.answers = stub.answers
    made = list(translate.translate(waiting, {"ru": engine, "el": Stub(("el", "en"))}, "en", memory))
    assert {one.segment: one.flags for one in made if one.flags} == {texts[4]: ("failed", "out of memory")}
    assert len(memory) == 9
    assert [translate.state_of(one) for one in made].count("done") == 9


def test_an_engine_that_renders_nothing_is_given_up() -> None:
    """After a few texts in a row it is said of the engine, not of each of its sentences."""
    waiting = [_segment(str(number), f"Всё тихо сегодня, день {number}.") for number in range(40)]
    with pytest.raises(ModelError, match="failed: ru-en: out of memory"):
        list(translate.translate(waiting, {"ru": Broken()}, "en"))


class Offering(Stub):
    """An engine that ends with several renderings."""

    def translate(self, texts: Sequence[str]) -> list[tuple[Rendering, ...]]:
        """Offer three, of which the second is right."""
        offered = (
            "There are ships in the port today.",
            "There are 312 ships in the port.",
            "312 ships stand in the port.",
        )
        return [tuple(Rendering(text, 0.9 - n / 10) for n, text in enumerate(offered)) for _ in texts]


def test_the_first_rendering_that_no_guard_doubts_is_taken() -> None:
    """A beam's second-best that keeps the number is better than its best, which lost it."""
    (made,) = translate.translate([_segment("1", "Сегодня в порту 312 судов.")], {"ru": Offering()}, "en")
    assert (made.text, made.flags) == ("There are 312 ships in the port.", ())


_CLOSED = "Порт закрыт до утра, сообщили в администрации."
_FAILURES = [
    (_CLOSED, "", 0.9, "empty"),
    (_CLOSED, "♪ ♪", 0.9, "empty"),
    ("Подробности на https://mid.example/a_1.", "https://mid.example/a_1.", 0.9, "empty"),
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
    ("В порту 10 тысяч тонн зерна.", "There are 10 million tonnes of grain in the port.", 0.9, "lost_number"),
    ("Паром придёт в 15:00.", "The ferry will come at 5 p.m.", 0.9, "lost_number"),
    ("На борту были 25 человек.", "Twenty-six people were on board.", 0.9, "lost_number"),
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
    ("В порту 10 тысяч тонн зерна.", "There are 10,000 tonnes of grain in the port."),
    ("В порту 3 тыс. тонн зерна.", "There are three thousand tonnes of grain in the port."),
    ("Ремонт стоил 1,5 млн.", "The repair cost 1,500,000."),
    ("Музей получил 2 миллиарда.", "The museum received 2 billion."),
    ("Паром придёт в 15:00, а уйдёт в 7:55.", "The ferry comes at 3 p.m. and leaves at 7.55."),
    ("Мол построили в 80-е годы.", "The mole was built in the 1980s."),
    ("На борту были 25 человек.", "Twenty-five people were on board."),
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
    chain = Chain([first, second])
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
    installing.install(_MINIATURES, folder)
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


def test_a_pivot_is_found_among_the_packages(packages: Path, tmp_path: Path) -> None:
    """Greek goes to Russian through English where there is a package for each step; the direct one is preferred."""
    shutil.copytree(packages, tmp_path / "models")
    write_package(tmp_path / "en_ru.argosmodel", ["It is quiet."], pair=("en", "ru"), **TINY)
    installing.install(tmp_path / "en_ru.argosmodel", tmp_path / "models")
    chain = load_engine(tmp_path / "models", "el", "ru")
    assert chain is not None
    assert chain.path == ("el", "en", "ru")
    assert set(load_engines(tmp_path / "models", "ru")) == {"el", "en"}
    (made,) = translate.translate([_segment("1", "Όλα είναι ήσυχα.", "el")], {"el": chain}, "ru")
    assert (made.path, made.language) == (("el", "en", "ru"), "ru")
    write_package(tmp_path / "el_ru.argosmodel", ["Όλα είναι ήσυχα."], pair=("el", "ru"), **TINY)
    installing.install(tmp_path / "el_ru.argosmodel", tmp_path / "models")
    direct = load_engine(tmp_path / "models", "el", "ru")
    assert direct is not None
    assert direct.path == ("el", "ru")


def test_a_package_that_changed_on_disk_is_not_believed(packages: Path, tmp_path: Path) -> None:
    """Before it is loaded a package is compared with its manifest; one changed byte is a checksum_mismatch."""
    shutil.copytree(packages, tmp_path / "models")
    weights = tmp_path / "models" / "ru_en" / "model" / "model.bin"
    body = bytearray(weights.read_bytes())
    body[len(body) // 2] ^= 1
    weights.write_bytes(body)
    engine = load_engine(tmp_path / "models", "ru", "en")
    assert engine is not None
    with pytest.raises(ModelError, match=r"checksum_mismatch: ru_en: .*model\.bin"):
        engine.translate(["Порт закрыт."])


def test_long_sentences_are_split_and_never_cut(packages: Path) -> None:
    """A sentence above the input limit is rendered in parts, as many as its length needs, and nothing of it is left
    out; a word that is too long by itself is torn, and that is said."""
    loaded = packaged.Loaded(packages / "ru_en", threads=1)
    for text in ("Порт стоит, Дойлы спорят; " * 60, "плотина держится " * 80, "щ" * 900):
        pieces = list(loaded._pieces(text.strip()))
        assert all(piece.tokens and len(piece.tokens) <= packaged.INPUT_TOKENS for piece in pieces)
        whole = "".join(loaded._tokenizer.encode(text.strip())).replace("▁", "")
        assert "".join(token for piece in pieces for token in piece.tokens or ()).replace("▁", "") == whole
    assert "input_truncated" in loaded.translate(["щ" * 900])[0][0].flags
    assert "input_truncated" not in loaded.translate(["плотина держится " * 80])[0][0].flags


@pytest.mark.parametrize(
    "kept",
    [
        "https://mid.example/a_1?b=2&c=%D0%BF#d", "www.mid.example/лента", "press@mid.example", "@harbour_news",
        "#порт", "https://mid.example/path/(a)", "https://mid.example/a.pdf",
    ],
)  # fmt: skip
def test_what_a_package_would_garble_goes_around_it(packages: Path, kept: str) -> None:
    """Addresses, handles and hashtags stand in the rendering letter for letter, where they stood."""
    loaded = packaged.Loaded(packages / "ru_en", threads=1)
    kept = kept.removesuffix(")")
    for text in (f"Порт стоит, Дойлы спорят {kept}", f"{kept}: Порт стоит, Дойлы спорят", f"Порт ({kept}), стоит."):
        assert kept in loaded.translate([text])[0][0].text
    assert loaded.translate([kept]) == [(Rendering(kept, 1.0),)]
    assert loaded.translate(["18:30 — 1.480"]) == [(Rendering("18:30 — 1.480", 1.0),)]


def test_a_name_in_latin_letters_must_survive() -> None:
    """Amid Cyrillic or Greek it can be copied, so a rendering without it is doubted; look-alike letters are no name."""
    source = "По данным Northwire, порт закрыт до утра."
    kept = Rendering("According to Northwire, the port is closed until morning.", 0.9)
    lost = Rendering("According to the agency, the port is closed until morning.", 0.9)
    assert flags_of(source, "ru", kept, "en") == ()
    assert flags_of(source, "ru", lost, "en") == ("lost_name",)
    mixed = "Oнa сказала, что порт закрыт до утра."
    assert flags_of(mixed, "ru", Rendering("She said that the port is closed until morning.", 0.9), "en") == ()


_KINDS = {
    "sentencepiece": {},
    "bpe": {"bpe": True},
    "with stanza": {"extra": {"stanza/ru/tokenize/syntagrus.pt": b"x" * 500, "stanza/resources.json": b"{}"}},
    "with minisbd": {"extra": {"minisbd/ru.onnx": b"x" * 500}},
}


@pytest.mark.parametrize("kind", _KINDS)
def test_every_kind_of_package_of_upstream_works(tmp_path: Path, kind: str) -> None:
    """The older tokenizer, the newer one, and packages that bring sentence models: each installs and renders."""
    texts = ["Порт закрыт до утра.", "Пролив открыт, идёт дождь."]
    file = write_package(tmp_path / "package.argosmodel", texts, **TINY, **_KINDS[kind])
    (package,) = installing.install(file, tmp_path / "models")
    assert (package.pair, package.version, package.miniature) == ("ru_en", "1.9", False)
    engine = load_engine(tmp_path / "models", "ru", "en")
    assert engine is not None
    first, again = engine.translate(texts), engine.translate(texts)
    assert first == again
    assert all(candidates[0].text for candidates in first)
