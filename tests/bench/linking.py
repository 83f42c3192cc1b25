"""``make bench-link``: what linking costs as a corpus grows, with vectors given.

    python -m tests.bench.linking [MENTIONS[/DAYS] ...]     (default 1000 10000 100000 1000/73 100000/7300)

Mentions are made of rows of the lexicon, ten a statement: people as unequal as in the news (Zipf) say statements
on days over two years (or so many days), each printed by some outlets in three languages, whole or in part, in one of
their words. Vectors are random around one direction a statement and one the topic of some days; making them is not
counted. For each size: linked from scratch (wall and processor seconds, peak memory), then a hundred pages more, of the
last two days (news) and of any day (finds).
"""

from __future__ import annotations

import hashlib
import resource
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from align import relink
from align import store as tables
from align.compare import clauses_of
from align.encode import CachedEncoder, Vectors, normalise_mention
from align.records import Mention
from ingest.records import Document
from ingest.store import Store

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 730  # two years, where nothing else is asked for
PEOPLE = 800
MORE = 100
VERSIONS = 6  # mentions of a statement, on average


class Given:
    """An encoder whose vectors cost nothing: a direction for each topic and statement, noise for each text."""

    name = "given"
    dimension = 384

    def __init__(self) -> None:
        self.of: dict[str, int] = {}
        self.topic: dict[str, int] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
            statement = np.random.default_rng(self.of.get(text, seed)).normal(size=self.dimension)
            topic = np.random.default_rng(self.topic.get(text, seed)).normal(size=self.dimension)
            row[:] = 0.5 * statement + 0.35 * topic + 0.25 * np.random.default_rng(seed).normal(size=self.dimension)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def vocabulary() -> list[list[list[str]]]:
    """Return what statements are made of: the rows of the lexicon, as words by language."""
    return [
        [[word.strip() for word in column.split(",")] for column in line.split("|")[:3]]
        for path in sorted((ROOT / "align/lexica/concepts").glob("*.toml"))
        for line in tomllib.loads(path.read_text("utf-8")).get("rows", "").splitlines()
        if line and not line.startswith("#")
    ]


def pages(number: int, encoder: Given, seed: int, first_day: int, last_day: int) -> Iterator[tuple[Document, Mention]]:
    """Yield pages with one quotation each, of ten concepts or a part of them; the same seed gives the same pages.

    They are printed from a day on, up to another.
    """
    random = np.random.default_rng(seed)
    rows = vocabulary()
    made = 0
    while made < number:
        person = min(PEOPLE - 1, int(random.zipf(1.3)) - 1)
        utterance = int(random.integers(1 << 40))
        concepts = random.integers(len(rows), size=10)
        day = int(random.integers(first_day, last_day))
        for _ in range(min(number - made, 1 + int(random.poisson(VERSIONS - 1)))):
            column = int(random.integers(3))
            said = concepts[: int(random.choice([4, 10, 10, 10]))]
            text = " ".join(
                rows[row][column][int(random.integers(len(rows[row][column])))] for row in said
            ).capitalize()
            encoder.of[normalise_mention(text)] = utterance
            encoder.topic[normalise_mention(text)] = person * 100 + day // 3
            printed = START + timedelta(days=day + float(random.exponential(0.7)))
            name = f"{seed}-{made:07}"
            language = ("en", "ru", "el")[column]
            document = Document(
                id=f"document-{name}", text=text, outlet=f"outlet{int(random.integers(40))}", language=language,
                published=printed, first_seen=printed,
            )  # fmt: skip
            yield document, Mention(
                id=f"mention-{name}", document=document.id, start=0, end=len(text), text=text, language=language,
                person=f"Person {person}",
            )  # fmt: skip
            made += 1


def put(corpus: Store, found: Iterator[tuple[Document, Mention]], encoder: Given) -> None:
    """Add pages, and the vectors of their texts."""
    cached = CachedEncoder(encoder, tables.VectorTable(corpus))
    batch = list(found)
    with corpus.transaction():
        for document, mention in batch:
            corpus.add([document, mention])
    texts = [part for _, mention in batch for part in (mention.text, *clauses_of(mention.text))]
    for at in range(0, len(texts), 5000):
        cached.encode([normalise_mention(text) for text in texts[at : at + 5000]])


def linked(corpus: Store, encoder: Given) -> Mapping[str, int]:
    """Link what is new."""
    cached = CachedEncoder(encoder, tables.VectorTable(corpus))
    return relink.relink(corpus, cached, run=None, now=START, progress=lambda *_: None)


def added(corpus: Store, encoder: Given, seed: int, first_day: int, last_day: int) -> float:
    """Return the processor milliseconds a mention that linking a hundred pages more takes."""
    put(corpus, pages(MORE, encoder, seed, first_day, last_day), encoder)
    before = time.process_time()
    linked(corpus, encoder)
    return 1000 * (time.process_time() - before) / MORE


def measure(number: int, days: int) -> str:
    """Return a row of the table."""
    encoder = Given()
    with TemporaryDirectory() as folder, Store(Path(folder) / "corpus") as corpus:
        put(corpus, pages(number, encoder, 1, 0, days), encoder)
        wall, spent = time.perf_counter(), time.process_time()
        linked(corpus, encoder)
        wall, spent = time.perf_counter() - wall, time.process_time() - spent
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        news = added(corpus, encoder, 2, days - 2, days)
        finds = added(corpus, encoder, 3, 0, days)
        utterances = corpus.count("SELECT count(*) FROM utterances")
    return (
        f"{number:>8,} {days:>6,} {utterances:>10,} {wall:>8.1f} {spent:>8.1f} {peak:>8.0f} {news:>8.1f} {finds:>8.1f}"
    )


def main() -> None:
    """Print the table; a size should not stand after a larger one, for the peak is that of all before it."""
    asked = sys.argv[1:] or ["1000", "10000", "100000", "1000/73", "100000/7300"]
    print("mentions   days utterances   wall s    cpu s  peak MB  ms: news    finds")
    for number, days in (one.partition("/")[::2] for one in asked):
        print(measure(int(number), int(days or DAYS)), flush=True)


if __name__ == "__main__":
    main()
