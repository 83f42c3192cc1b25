"""The interfaces that others rely on: lines of JSON in, lines of JSON out, exit codes, one line an error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.command import ROOT, lines, parsed, quoteline

DOCUMENTS = [
    {
        "id": "d1",
        "text": (
            "“The strait will stay open for every ship that pays the toll,” Kestrian foreign minister Pavel Dorin "
            "said in Arvenna on Monday.\n\nThe ferry company published its summer timetable on the same day."
        ),
        "title": "Dorin: strait stays open",
        "outlet": "Harbour Gazette",
        "published": "2026-03-02T10:00+00:00",
    },
    {
        "id": "d2",
        "text": (
            "«Пролив останется открытым для каждого судна, которое платит сбор», — заявил министр иностранных дел "
            "Кестрии Павел Дорин в понедельник.\n\nПаромная компания в тот же день опубликовала летнее расписание."
        ),
        "outlet": "Хроника",
        "published": "2026-03-02T11:30+03:00",
    },
]


@pytest.fixture(scope="module")
def mentions() -> list[dict[str, Any]]:
    """What ``extract`` prints for the two documents."""
    result = quoteline("extract", stdin=lines(DOCUMENTS))
    assert result.returncode == 0, result.stderr
    return parsed(result.stdout)


def test_extract_prints_mention_lines(mentions: list[dict[str, Any]]) -> None:
    """A document line with only some fields gives mentions with the promised fields and exact offsets."""
    assert {m["document"] for m in mentions} == {"d1", "d2"}
    promised = {"id", "document", "start", "end", "text", "language", "kind", "cue", "speaker", "person", "score"}
    texts = {d["id"]: d["text"] for d in DOCUMENTS}
    for mention in mentions:
        assert promised <= mention.keys()
        assert str(texts[mention["document"]])[mention["start"] : mention["end"]] == mention["text"]


def test_a_person_has_one_name_over_languages(mentions: list[dict[str, Any]]) -> None:
    """An undeclared speaker is named as the English document of the same input spells it."""
    assert {m["person"] for m in mentions} == {"Pavel Dorin"}


def test_a_missing_language_is_detected(mentions: list[dict[str, Any]]) -> None:
    """Each mention says the language of its words."""
    assert {m["document"]: m["language"] for m in mentions} == {"d1": "en", "d2": "ru"}


def test_extract_explains_each_mention() -> None:
    """With ``--explain`` a line keeps its fields and says which cue, which rule and which antecedent."""
    document = {"id": "d", "text": "Pavel Dorin came late. “The strait stays open,” he said.", "language": "en"}
    (row,) = parsed(quoteline("extract", "--explain", stdin=lines([document])).stdout)
    why = row["explain"]
    assert (row["person"], why["method"], why["words"]) == ("Pavel Dorin", "pronoun", "Pavel Dorin")
    assert str(document["text"])[slice(*row["cue_span"])] == row["cue"] == "said"
    assert str(document["text"])[slice(*why["antecedent"])] == "Pavel Dorin"
    assert row["rule"]
    read = quoteline("extract", "--explain", "--readable", stdin=lines([document])).stdout
    assert read == why["line"] + "\n"
    for told in ("The strait stays open", 'cue "said"', row["rule"], 'speaker "he"', "Pavel Dorin: pronoun", "0-11"):
        assert told in read


def test_link_prints_utterance_lines(mentions: list[dict[str, Any]], tmp_path: Path) -> None:
    """The same statement in two languages is one utterance with two typed versions."""
    path = tmp_path / "documents.jsonl"
    path.write_text(lines(DOCUMENTS), encoding="utf-8")
    result = quoteline("link", "--documents", str(path), stdin=lines(mentions))
    assert result.returncode == 0, result.stderr
    (utterance,) = parsed(result.stdout)
    assert {v["mention"] for v in utterance["mentions"]} == {m["id"] for m in mentions}
    for version in utterance["mentions"]:
        assert version.keys() >= {"mention", "relation", "translated", "distortion", "score"}
    assert sorted(v["relation"] for v in utterance["mentions"]) == ["fullest", "translation"]


def test_repeat_prints_what_a_page_says_over_again(mentions: list[dict[str, Any]], tmp_path: Path) -> None:
    """A pull quote is linked to the quotation on its page; a mention whose document is not given is a bad line."""
    quoted = mentions[0]
    text = f"{quoted['text']}\n\nNothing else happened.\n\n{quoted['text']}"
    path = tmp_path / "documents.jsonl"
    path.write_text(lines([{"id": "d1", "text": text, "language": "en"}]), encoding="utf-8")
    start, length = text.rindex(quoted["text"]), len(quoted["text"])
    first = quoted | {"start": 0, "end": length}
    again = quoted | {"id": "mention-again", "start": start, "end": start + length, "person": None}
    result = quoteline("repeat", "--documents", str(path), stdin=lines([again, first, mentions[1]]))
    (link,) = parsed(result.stdout)
    assert (link["left"], link["right"], link["relation"]) == (first["id"], "mention-again", "verbatim")
    assert link["evidence"][0]["check"] == "repetition"
    assert "its document is not given" in result.stderr


def test_compare_answers_each_pair_in_order() -> None:
    """Each pair gives one line; a changed number is a distortion, another claim is not the same utterance."""
    full = "We will deliver forty wagons to the Arvenna line before October."
    others = [
        full,
        "We will deliver sixty wagons to the Arvenna line before October.",
        "Мы поставим на Арвеннскую линию сорок вагонов до октября.",
        "The museum loan needs a new insurance contract.",
    ]
    pairs = [{"a": {"text": full, "language": "en"}, "b": {"text": text}} for text in others]
    result = quoteline("compare", stdin=lines(pairs))
    assert result.returncode == 0, result.stderr
    answers = parsed(result.stdout)
    assert [set(answer) for answer in answers] == [
        {"same_utterance", "relation", "translated", "distortion", "score"}
    ] * 4
    assert [answer["same_utterance"] for answer in answers] == [True, True, True, False]
    assert [answer["relation"] for answer in answers[:3]] == ["verbatim", "distortion", "translation"]
    assert answers[1]["distortion"] == "number"


def test_stages_run_alone_over_lines(tmp_path: Path) -> None:
    """clean, detect, segment and dedupe hand their lines on."""
    page = tmp_path / "page.txt"
    page.write_text(
        "A bridge reopens\n\nThe bridge over the Orsa reopened on Friday. Traffic was light.", encoding="utf-8"
    )
    cleaned = quoteline("clean", str(page))
    assert cleaned.returncode == 0, cleaned.stderr
    detected = quoteline("detect", stdin=cleaned.stdout)
    assert [d["language"] for d in parsed(detected.stdout)] == ["en"]
    sentences = parsed(quoteline("segment", stdin=detected.stdout).stdout)
    assert [s["text"] for s in sentences][-2:] == ["The bridge over the Orsa reopened on Friday.", "Traffic was light."]
    twice = [dict(DOCUMENTS[0]), dict(DOCUMENTS[0]) | {"id": "d9", "published": "2026-03-03T10:00+00:00"}]
    copies = parsed(quoteline("dedupe", stdin=lines(twice)).stdout)
    assert {d["id"]: d["copy_of"] for d in copies} == {"d1": None, "d9": "d1"}


def test_a_bad_line_is_named_and_the_rest_is_done() -> None:
    """One line about the bad one, exit code 3, and the good ones are processed."""
    stdin = lines([{"id": "x"}, *DOCUMENTS])
    result = quoteline("extract", stdin=stdin)
    assert result.returncode == 3
    assert result.stderr.splitlines() == ["quoteline: stdin:1: $: Object missing required field `text`"]
    assert result.stdout


def test_nothing_good_is_a_failure() -> None:
    """Exit code 1 when no line could be read."""
    assert quoteline("extract", stdin="nonsense\n").returncode == 1


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.html", b"", "empty_body"),
        (
            "menu.html",
            b"<html><body><nav><a href='/'>Home</a> <a href='/b'>About</a></nav></body></html>",
            "no_article",
        ),
        ("photo.html", bytes(range(256)) * 40, "binary_body"),
        (None, b"", "unreadable_file"),
    ],
)
def test_a_file_that_is_no_article_costs_only_itself(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    """Each bad file is one line with a reason; the good file beside it is printed; the exit code says "in part"."""
    bad = tmp_path / (name or "missing.html")
    if name:
        bad.write_bytes(content)
    page = tmp_path / "good.txt"
    page.write_text(str(DOCUMENTS[0]["text"]), encoding="utf-8")
    result = quoteline("clean", str(bad), str(page))
    assert result.returncode == 3
    assert len(parsed(result.stdout)) == 1
    (line,) = result.stderr.splitlines()
    assert reason in line
    assert bad.name in line


def test_a_broken_seed_costs_only_itself(tmp_path: Path) -> None:
    """A TOML error is one line; the other outlets are listed."""
    folder = tmp_path / "seeds" / "outlets"
    folder.mkdir(parents=True)
    (folder / "xx.toml").write_text("[[outlet]\n")
    (folder / "yy.toml").write_text(
        '[[outlet]]\nid = "g"\nname = "Gazette"\ndomains = ["g.example"]\ncountry = "GB"\nlanguage = "en"\n'
        'kind = "newspaper"\nrights = "full"\n'
    )
    result = quoteline("seeds", "list", "--seeds", str(tmp_path / "seeds"))
    assert result.returncode == 3
    assert "Gazette" in result.stdout
    (line,) = result.stderr.splitlines()
    assert "xx.toml" in line


@pytest.mark.parametrize("words", [["status"], ["trace", "words"], ["search", "words"], ["verify"]])
def test_no_corpus_is_one_line(tmp_path: Path, words: list[str]) -> None:
    """Reading where there is no corpus says so and makes none."""
    result = quoteline(*words, "--corpus", str(tmp_path / "none"))
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "none").exists()


def test_a_folder_of_other_files_is_left_alone(tmp_path: Path) -> None:
    """A corpus is not made where somebody's files lie."""
    (tmp_path / "thesis.doc").write_text("mine")
    page = tmp_path / "page.txt"
    page.write_text(str(DOCUMENTS[0]["text"]), encoding="utf-8")
    result = quoteline("add", str(page), "--corpus", str(tmp_path))
    assert result.returncode == 1
    assert "other files" in result.stderr


@pytest.mark.skipif(os.name != "posix" or not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    """Output to a full disk ends with one line and exit code 1."""
    page = tmp_path / "page.txt"
    page.write_text(str(DOCUMENTS[0]["text"]), encoding="utf-8")
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-c", "from align.cli import main; main()", "clean", str(page)],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert "No space left" in result.stderr


def test_wrong_use_is_exit_code_2() -> None:
    """An unknown command or option is a wrong use."""
    assert quoteline("tracee").returncode == 2
    assert quoteline("extract", "--nope").returncode == 2


MINIATURES = str(ROOT / "seeds/demo/models")


def test_packages_install_by_language_from_a_folder(tmp_path: Path) -> None:
    """Only what is asked for comes; the list says what is there; a pair that the folder lacks is one line."""
    there = ["--models", str(tmp_path / "models"), "--corpus", str(tmp_path / "none")]
    told = quoteline("models", "install", "el", "--from", MINIATURES, *there)
    assert (told.returncode, told.stdout.count("installed argos el_en")) == (0, 1)
    (listed,) = parsed(quoteline("models", "list", "--json", *there).stdout)
    assert (listed["pair"], listed["state"], listed["miniature"]) == ("el_en", "installed", True)
    lacking = quoteline("models", "install", "uk", "--from", MINIATURES, *there)
    assert lacking.returncode == 1
    assert lacking.stderr.startswith("quoteline: unsupported_pair: uk_en: ")
    assert quoteline("models", "remove", "el_en", *there).returncode == 0


@pytest.mark.parametrize("words", [[], ["el", "--from", "https://mirror.example/a.argosmodel"]])
def test_what_to_install_must_be_said(tmp_path: Path, words: list[str]) -> None:
    """Neither languages nor a source, or a single package's address with languages, is wrong use."""
    assert quoteline("models", "install", *words, "--models", str(tmp_path)).returncode == 2


def test_a_language_without_a_package_is_named_with_the_way_out(tmp_path: Path) -> None:
    """What has a package is translated, the rest is told in a line each, and the exit code says in part."""
    quoteline("models", "install", "--from", MINIATURES, "--models", str(tmp_path / "models"))
    texts = {"ru": "Порт закрыт.", "uk": "Порт закрито.", "el-Latn": "To limani einai kleisto.", "en": "It is closed."}
    records = [
        {"id": name, "document": "d", "start": 0, "end": len(text), "text": text, "language": name}
        for name, text in texts.items()
    ]
    told = quoteline("translate", "--models", str(tmp_path / "models"), stdin=lines(records))
    assert told.returncode == 3
    assert [row["segment"] for row in parsed(told.stdout)] == ["ru"]
    assert told.stderr.splitlines() == [
        "quoteline: unsupported_pair: el-Latn: el-Latn is written in Latin letters, which no package reads",
        "quoteline: model_missing: uk: no package from uk to en; try `quoteline models install uk_en`",
    ]


def test_detect_explains_itself() -> None:
    """With ``--explain`` each line holds what every witness said, with the versions of the engines."""
    text = "Порт закрыт до утра, сообщили вчера в администрации города."
    told = quoteline("detect", "--explain", stdin=lines([{"id": "d", "text": text}]))
    (row,) = parsed(told.stdout)
    assert (row["document"], row["language"]) == ("d", "ru")
    assert {engine.split()[0] for engine, _, _ in row["evidence"]} >= {"script", "lingua", "langdetect"}
