"""The main job from end to end: the demonstration site, through the real fetcher, to utterances and to bytes again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from align.records import Link
from ingest.run import forget_derived
from ingest.store import Store
from tests import demonstration
from tests.command import ROOT, parsed, quoteline
from tests.demonstration import PAGES, PLANTED, Outcome, plain

DEMO = ROOT / "seeds" / "demo"


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus that the demonstration was run into."""
    return tmp_path_factory.mktemp("run") / "demo"


@pytest.fixture(scope="session")
def first(corpus: Path) -> str:
    """What the first run printed."""
    result = quoteline("demo", "--corpus", str(corpus))
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


@pytest.fixture(scope="session")
def second(first: str, corpus: Path) -> str:
    """What a second run printed."""
    result = quoteline("demo", "--corpus", str(corpus))
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="session")
def result(first: str, corpus: Path) -> Outcome:
    """What the corpus holds after the first run."""
    return demonstration.outcome(corpus)


def test_the_summary_tells_what_a_person_wants_to_know(first: str) -> None:
    """Documents, drops, sentences, mentions, utterances, one lineage, miniatures, and what to try next."""
    for words in (
        "new documents", "Dropped", "robots disallowed", "no article", "Translation", "suspect output", "Mentions",
        "direct", "Utterances", "in two or more languages", "earliest known", "miniatures", "Try next",
        "quoteline trace",
    ):  # fmt: skip
        assert words in first, words


def test_a_second_run_finds_nothing_new(second: str, corpus: Path, result: Outcome) -> None:
    """It says so, and the corpus holds what it held."""
    assert second.startswith("Nothing new")
    assert demonstration.outcome(corpus) == result


def test_every_page_is_a_document(result: Outcome) -> None:
    """Each planted page came out, in its language, with its title and the day it claims."""
    for page in PAGES:
        document = result.documents[page["url"]]
        assert document.language == page["language"], page["url"]
        assert plain(document.title or "") == plain(page["title"]), page["url"]
        assert document.published is not None, page["url"]
        assert (
            abs((document.published.date() - type(document.published.date()).fromisoformat(page["published"])).days)
            <= 1
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["url"].removeprefix("http://"))
def test_what_belongs_to_the_article_is_kept_and_the_rest_is_gone(result: Outcome, page: dict) -> None:
    """Every planted snippet of the article stands in the text, no planted boilerplate does."""
    text = plain(result.documents[page["url"]].text)
    assert [snippet for snippet in page["kept"] if plain(snippet) not in text] == []
    assert [snippet for snippet in page["gone"] if plain(snippet) in text] == []


@pytest.mark.parametrize("dropped", PLANTED["drop"], ids=lambda drop: drop["reason"])
def test_pages_without_an_article_are_dropped_with_a_reason(result: Outcome, dropped: dict) -> None:
    """A page that robots.txt forbids or that has no article is a Drop, not a document."""
    assert result.drops[dropped["url"]] == dropped["reason"]
    assert dropped["url"] not in result.documents


def test_one_page_under_two_addresses_is_one_document(result: Outcome) -> None:
    """Tracking parameters make no second document."""
    for same in PLANTED["same"]:
        assert same["url"] not in result.documents
        assert same["as"] in result.documents


def test_wire_copies_are_marked_and_nothing_else_is(result: Outcome) -> None:
    """Each copy names the document it is a copy of."""
    by_id = {document.id: url for url, document in result.documents.items()}
    marked = {url: by_id[document.copy_of] for url, document in result.documents.items() if document.copy_of}
    assert marked == {copy["url"]: copy["copy_of"] for copy in PLANTED["copy"]}


def test_the_planted_statements_are_found(result: Outcome) -> None:
    """At least nine in ten of the planted statements come out, nineteen in twenty of those with the right person."""
    found = [match for match in result.matches if match.found is not None]
    assert len(found) >= 0.9 * len(result.matches)
    right = [match for match in found if match.found and match.found.person == match.planted["person"]]
    assert len(right) >= 0.95 * len(found)


def test_statements_travel_over_languages(result: Outcome) -> None:
    """Most planted utterances are found as one utterance in two or more languages."""
    together = {
        match.planted["utterance"] for match in result.matches if match.utterance and len(match.utterance.languages) > 1
    }
    assert len(together) >= 0.8 * len(PLANTED["utterance"])


@pytest.mark.parametrize("apart", PLANTED["apart"], ids=lambda apart: apart["why"])
def test_what_only_looks_the_same_stays_apart(result: Outcome, apart: dict) -> None:
    """The same words on another occasion, or another person's of that surname, are another utterance."""
    ids = [
        {match.utterance.id for match in result.matches if match.utterance and match.planted["utterance"] == key}
        for key in apart["utterances"]
    ]
    assert all(ids)
    assert not set.intersection(*ids)


def test_the_corpus_follows_from_the_bytes(first: str, corpus: Path) -> None:
    """Cleaning every captured page again gives the same documents; one altered byte is named."""
    good = quoteline("verify", "--corpus", str(corpus))
    assert good.returncode == 0, good.stderr


def test_what_is_exported_can_be_read_back(first: str, corpus: Path) -> None:
    """The export holds the same documents and mentions, as records."""
    lines = (corpus / "export" / "mentions.jsonl").read_text(encoding="utf-8")
    documents = {row["id"]: row for row in parsed((corpus / "export" / "documents.jsonl").read_text(encoding="utf-8"))}
    for mention in parsed(lines):
        assert documents[mention["document"]]["text"][mention["start"] : mention["end"]] == mention["text"]


def test_without_packages_the_run_still_completes(tmp_path: Path) -> None:
    """Documents are kept, their route says that the model is missing, and statements are linked over languages."""
    from ingest import demo
    from tests.command import ROOT

    with demo.serve(ROOT / "seeds/demo/site") as served:
        ended = quoteline(
            "refresh",
            "--seeds",
            str(ROOT / "seeds/demo"),
            "--corpus",
            str(tmp_path / "c"),
            "--resolve",
            served.resolve_rule,
            "--json",
        )
    assert ended.returncode == 0, ended.stderr
    (status,) = parsed(quoteline("status", "--json", "--corpus", str(tmp_path / "c")).stdout)
    assert status["routes"]["model_missing"] > 0
    assert status["translated"] == 0
    assert status["travelled"] > 20


DERIVED = ("documents", "segments", "translations", "mentions", "citations", "links", "utterances")


def _ids(corpus: Path) -> dict[str, set[str]]:
    """The ids of everything that is made from captures."""
    with Store(corpus, create=False, read_only=True) as store:
        return {table: {row[0] for row in store.execute(f"SELECT id FROM {table}")} for table in DERIVED}


def _replay(corpus: Path) -> None:
    told = quoteline("refresh", "--replay", "--corpus", str(corpus), "--seeds", str(DEMO))
    assert told.returncode == 0, told.stderr


@pytest.fixture
def copied(first: str, corpus: Path, tmp_path: Path) -> Path:
    """A copy of the corpus, to do things to."""
    return Path(shutil.copytree(corpus, tmp_path / "copy"))


def test_a_replay_makes_the_same_corpus_again(copied: Path, corpus: Path) -> None:
    """Everything after the WARC files is made anew from them, with the same ids."""
    with Store(copied) as store:  # what was said of a document that is no longer made
        store.run("INSERT INTO detections VALUES ('document-gone', NULL, 'ru', 1.0, '[]')")
    _replay(copied)
    assert _ids(copied) == _ids(corpus)
    kept = "SELECT record, language, score, evidence FROM detections ORDER BY 1"
    with Store(copied, read_only=True) as again, Store(corpus, read_only=True) as before:
        assert list(again.execute(kept)) == list(before.execute(kept))


def test_translating_is_taken_up_where_it_was_stopped(copied: Path, corpus: Path, tmp_path: Path) -> None:
    """A run without time translates nothing, one for quotations alone a part; the next completes it, links and all."""
    (tmp_path / "nothing" / "outlets").mkdir(parents=True)
    shutil.copy(DEMO / "speakers.toml", tmp_path / "nothing")
    nothing = ["--seeds", str(tmp_path / "nothing")]
    replay = ["--seeds", str(DEMO), "--replay", "--translate-seconds", "0"]

    def translated() -> int:
        with Store(copied, create=False, read_only=True) as store:
            return store.count("SELECT count(*) FROM translations")

    for words, least, most in (
        (replay, 0, 0), ([*nothing, "--translate", "quotes"], 1, 371), (nothing, 372, 372),
    ):  # fmt: skip
        told = quoteline("refresh", "--corpus", str(copied), *words)
        assert told.returncode == 0, told.stderr
        assert least <= translated() <= most
    assert _ids(copied) == _ids(corpus)


def test_every_document_has_a_route_with_its_evidence(corpus: Path) -> None:
    """``status --routes`` says of each document its language by which witnesses, its way to English, and why."""
    routes = parsed(quoteline("status", "--routes", "--json", "--corpus", str(corpus)).stdout)
    assert len(routes) == 47
    for route in routes:
        assert route["evidence"]
        assert all(score <= 1 for _, _, score in route["evidence"])
        assert (route["state"], route["path"]) == {
            "ru": ("done", "ru-en"), "el": ("done", "el-en"), "en": ("not_needed", ""),
        }[route["language"]]  # fmt: skip
        assert route["why"]


def test_a_replay_needs_the_warc_files_alone(copied: Path, corpus: Path) -> None:
    """A corpus whose database is gone is the same again after a replay."""
    for file in copied.glob("quoteline.sqlite*"):
        file.unlink()
    _replay(copied)
    assert _ids(copied) == _ids(corpus)


def test_a_replay_that_was_killed_is_completed_by_the_next_run(copied: Path, corpus: Path) -> None:
    """Killed right after forgetting, before anything is made anew, it costs nothing."""
    with Store(copied) as store:
        forget_derived(store)
    assert quoteline("demo", "--corpus", str(copied)).returncode == 0
    assert _ids(copied) == _ids(corpus)


def test_a_replay_keeps_what_a_person_judged(copied: Path) -> None:
    """A verdict stays, with the two mentions that it is about."""
    with Store(copied) as store:
        left, right = (row[0] for row in store.execute("SELECT id FROM mentions ORDER BY id LIMIT 2"))
        verdict = Link(
            id="link-verdict", left=left, right=right, relation=None, translated=False, distortion=None, score=1.0,
            evidence=(), method="human",
        )  # fmt: skip
        store.add([verdict])
    _replay(copied)
    with Store(copied, create=False, read_only=True) as store:
        assert store.get(Link, "link-verdict") == verdict
        assert store.count("SELECT count(*) FROM mentions WHERE id IN (?, ?)", (left, right)) == 2
