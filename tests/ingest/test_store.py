"""The corpus file: nothing is doubled, nothing half-written, nothing of others is taken over."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import LockedError, StoreError
from ingest.records import Document, Edit, Run, Segment, Step
from ingest.store import FILE, Store, lock

NOW = datetime(2026, 3, 5, 18, 15, tzinfo=UTC)
DOCUMENT = Document(
    id="document-1",
    text="Ο υπουργός Μητσοτάκης μίλησε ещё",
    title="T",
    published=NOW,
    language="el",
    language_score=0.5,
    steps=(Step(name="label", edits=(Edit(at=0, removed="x"),)),),
)


def test_a_record_comes_back_as_it_was_put(tmp_path: Path) -> None:
    """Times, numbers, structures and nulls survive the table."""
    with Store(tmp_path) as store, store.transaction():
        store.add([DOCUMENT])
        assert store.get(Document, DOCUMENT.id) == DOCUMENT


def test_adding_twice_changes_nothing(tmp_path: Path) -> None:
    """The second time nothing is new."""
    with Store(tmp_path) as store:
        with store.transaction():
            assert store.add([DOCUMENT]) == 1
        with store.transaction():
            assert store.add([DOCUMENT]) == 0
        assert store.count("SELECT count(*) FROM document_words") == 1


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs",))), st.integers(0, 2**60))
def test_any_text_can_be_stored(tmp_path_factory: pytest.TempPathFactory, text: str, start: int) -> None:
    """Whatever a page says comes back letter by letter."""
    with Store(tmp_path_factory.mktemp("corpus")) as store, store.transaction():
        segment = Segment(id="s", document="document-1", start=start, end=start, text=text, language="und")
        store.add([DOCUMENT, segment])
        assert store.get(Segment, "s") == segment


def test_what_fails_inside_a_transaction_leaves_no_trace(tmp_path: Path) -> None:
    """An error undoes everything that was written with it."""
    with Store(tmp_path) as store:
        with pytest.raises(RuntimeError), store.transaction():
            store.add([DOCUMENT])
            raise RuntimeError
        assert store.count("SELECT count(*) FROM documents") == 0


def test_a_row_without_its_document_is_refused(tmp_path: Path) -> None:
    """Foreign keys hold."""
    with Store(tmp_path) as store, pytest.raises(StoreError, match="FOREIGN KEY"), store.transaction():
        store.add([Segment(id="s", document="nowhere", start=0, end=0, text="", language="und")])


def test_any_sqlite_tool_can_read_it(tmp_path: Path) -> None:
    """The standard library's SQLite opens the file and finds the row."""
    with Store(tmp_path) as store, store.transaction():
        store.add([DOCUMENT])
    reader = sqlite3.connect(tmp_path / FILE)
    try:
        assert reader.execute("SELECT title FROM documents").fetchall() == [("T",)]
    finally:
        reader.close()


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    """A database or text file of that name that is not ours is left alone, with one line."""
    other = apsw.Connection(str(tmp_path / FILE))
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(StoreError, match="not a quoteline corpus"):
        Store(tmp_path)
    (tmp_path / FILE).write_text("not a database " * 1000)
    with pytest.raises(StoreError, match="not a quoteline corpus"):
        Store(tmp_path)


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    """A folder that holds somebody's files is not turned into a corpus."""
    (tmp_path / "thesis.doc").write_text("mine")
    with pytest.raises(StoreError, match="other files"):
        Store(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["thesis.doc"]


def test_a_newer_corpus_is_refused(tmp_path: Path) -> None:
    """A file written by a later version is not touched."""
    with Store(tmp_path) as store:
        store.run("PRAGMA user_version = 999")
    with pytest.raises(StoreError, match="newer"):
        Store(tmp_path)


def test_reading_where_nothing_is_makes_nothing(tmp_path: Path) -> None:
    """A command that only reads says that there is no corpus, and leaves none behind."""
    with pytest.raises(StoreError, match="no corpus"):
        Store(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    """The lock is held by one command at a time."""
    with lock(tmp_path), pytest.raises(LockedError), lock(tmp_path):
        pass


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    """When the database cannot grow, the error says so and what was committed stays."""
    with Store(tmp_path) as store:
        with store.transaction():
            store.add([Run(id="r", command="refresh", started=NOW)])
        pages = store.count("PRAGMA page_count")
        list(store.execute(f"PRAGMA max_page_count = {pages}"))
        with pytest.raises(StoreError, match="disk is full"), store.transaction():
            store.add([Document(id="big", text="x" * 1_000_000)])
        assert store.count("SELECT count(*) FROM runs") == 1
        assert [row[0] for row in store.execute("PRAGMA integrity_check")] == ["ok"]


def test_an_older_corpus_is_upgraded(tmp_path: Path) -> None:
    """A corpus of format 1 gets the tables that a new one has, and keeps what is in it."""
    with Store(tmp_path / "new") as new:
        tables = sorted(new.execute("SELECT m.name, c.* FROM sqlite_schema m, pragma_table_info(m.name) c"))
    with Store(tmp_path / "old") as old:
        old.run("INSERT INTO visits (url, checked_at) VALUES ('http://courier.example/', '2026-03-02T12:00:00+00:00')")
        for table in ("failing", "originals", "bands", "paragraphs", "detections", "spoken", "likenesses", "changes"):
            old.run(f"DROP TABLE {table}")
        old.run("ALTER TABLE segments DROP COLUMN part")
        old.run("ALTER TABLE routes DROP COLUMN why")
        old.run("ALTER TABLE documents DROP COLUMN anchors")
        old.run("PRAGMA user_version = 1")
    with Store(tmp_path / "old") as old:
        assert sorted(old.execute("SELECT m.name, c.* FROM sqlite_schema m, pragma_table_info(m.name) c")) == tables
        assert old.count("SELECT count(*) FROM visits") == 1
        assert old.count("PRAGMA user_version") == 5
