"""What stages remember from run to run, kept in the corpus: hosts, fingerprints of documents, translations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from ingest.records import Document
from ingest.store import Store

if TYPE_CHECKING:
    from ingest.dedupe import Fingerprint
    from ingest.fetch import RobotsFile
    from ingest.models.engine import Rendering


class Hosts:
    """When hosts may next be asked, and their robots.txt (``crawl.HostMemory``)."""

    def __init__(self, corpus: Store) -> None:
        self._corpus = corpus

    def _column(self, name: str, host: str) -> datetime | None:
        row = next(self._corpus.execute(f"SELECT {name} FROM hosts WHERE host = ?", (host,)), None)
        return datetime.fromisoformat(row[0]) if row and row[0] else None

    def next_ok_at(self, host: str) -> datetime | None:
        """Return when the host may next be asked."""
        return self._column("next_ok_at", host)

    def set_next_ok_at(self, host: str, instant: datetime) -> None:
        """Remember when the host may next be asked."""
        upsert = (
            "INSERT INTO hosts (host, next_ok_at) VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET next_ok_at = excluded.next_ok_at"
        )
        self._corpus.run(upsert, (host, instant.isoformat()))

    def robots(self, origin: str) -> RobotsFile | None:
        """Return the robots.txt that was last read there."""
        from ingest.fetch import RobotsFile

        sql = "SELECT robots_status, robots_body, robots_at FROM hosts WHERE host = ? AND robots_at IS NOT NULL"
        row = next(self._corpus.execute(sql, (origin,)), None)
        return RobotsFile(status=row[0], body=row[1], fetched_at=datetime.fromisoformat(row[2])) if row else None

    def set_robots(self, origin: str, file: RobotsFile) -> None:
        """Remember a robots.txt."""
        upsert = (
            "INSERT INTO hosts (host, robots_status, robots_body, robots_at) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
            "SET robots_status = excluded.robots_status, robots_body = excluded.robots_body, "
            "robots_at = excluded.robots_at"
        )
        self._corpus.run(upsert, (origin, file.status, file.body, file.fetched_at.isoformat()))


class Fingerprints:
    """The fingerprints of the documents that are no copies (``dedupe.Known``).

    For one batch, inside the transaction that adds its documents: those are held until then.
    """

    def __init__(self, corpus: Store) -> None:
        self._corpus = corpus
        self._held: dict[int, Document] = {}

    def note(self, fingerprint: Fingerprint) -> None:
        """Remember the page of the paragraphs."""
        for paragraph in fingerprint.paragraphs:
            self._corpus.run("INSERT OR IGNORE INTO paragraphs VALUES (?, ?)", (paragraph, fingerprint.page))

    def offer(self, document: Document, fingerprint: Fingerprint) -> None:
        """Remember a document."""
        self._corpus.run("INSERT INTO originals (document) VALUES (?)", (document.id,))
        number = self._corpus.count("SELECT last_insert_rowid()")
        for band in fingerprint.bands:
            self._corpus.run("INSERT INTO bands VALUES (?, ?)", (band, number))
        self._held[number] = document

    def near(self, bands: Sequence[int], crowd: int) -> Iterable[tuple[int, int]]:
        """Return the documents that share bands, with how many."""
        latest = "SELECT number FROM bands WHERE key = ? ORDER BY number DESC LIMIT ?"
        return Counter(row[0] for band in bands for row in self._corpus.execute(latest, (band, crowd))).items()

    def document(self, number: int) -> Document:
        """Return a document."""
        if number not in self._held:
            where = "WHERE id = (SELECT document FROM originals WHERE number = ?)"
            self._held[number] = next(self._corpus.find(Document, where, (number,)))
        return self._held[number]

    def templates(self, paragraphs: Sequence[int], pages: int) -> set[int]:
        """Return the paragraphs that stand on many pages."""
        often = "SELECT count(*) FROM (SELECT 1 FROM paragraphs WHERE key = ? LIMIT ?)"
        return {key for key in paragraphs if self._corpus.count(often, (key, pages)) >= pages}


class Renderings(MutableMapping[str, "Rendering"]):
    """The translation memory, by ``translate.memory_key``."""

    def __init__(self, corpus: Store) -> None:
        self._corpus = corpus

    def __getitem__(self, key: str) -> Rendering:
        from ingest.models.engine import Rendering

        row = next(self._corpus.execute("SELECT text, score, flags FROM renderings WHERE key = ?", (key,)), None)
        if row is None:
            raise KeyError(key)
        return Rendering(row[0], row[1], tuple(msgspec.json.decode(row[2], type=list[str])))

    def __setitem__(self, key: str, made: Rendering) -> None:
        flags = msgspec.json.encode(made.flags).decode()
        self._corpus.run("INSERT OR REPLACE INTO renderings VALUES (?, ?, ?, ?)", (key, made.text, made.score, flags))

    def __delitem__(self, key: str) -> None:
        self._corpus.run("DELETE FROM renderings WHERE key = ?", (key,))

    def __iter__(self) -> Iterator[str]:
        return (row[0] for row in self._corpus.execute("SELECT key FROM renderings"))

    def __len__(self) -> int:
        return self._corpus.count("SELECT count(*) FROM renderings")
