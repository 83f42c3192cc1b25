"""How long extraction and attribution take: articles a second, growth with length, and texts that are all marks.

Articles are 400 words of the demonstration's pages, put together anew of whole paragraphs, so that no two are alike.
Times are processor seconds, medians of rounds; peers take turns in the same rounds, and their ratio is the median of
the rounds' ratios, so that a machine that slows down slows all of them.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import median

from align import extract, speaker
from ingest import language
from ingest.clean import clean
from ingest.ids import digest
from ingest.records import Capture, Document

SITE = Path(__file__).parents[2] / "seeds" / "demo" / "site"
LANGUAGES = ("en", "ru", "el")
WORDS, ARTICLES, ROUNDS = 400, 60, 5
LENGTHS = (100_000, 200_000, 400_000)
HARD = {"«": 1_000_000, "—": 1_000_000, "«\n": 100_000}  # texts that are all marks: the unit, how many characters


def paragraphs() -> dict[str, list[str]]:
    """Return the paragraphs of the demonstration's articles by language."""
    made: dict[str, list[str]] = defaultdict(list)
    for path in sorted(SITE.rglob("*.html")):
        body = path.read_bytes()
        document = clean(
            Capture(
                id=path.name, url=f"http://{path.relative_to(SITE)}", fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
                media_type="text/html", charset="utf-8", digest=digest(body), body=body,
            )
        )  # fmt: skip
        if isinstance(document, Document):
            made[language.detect(document.text).language] += document.text.split("\n\n")
    return made


def documents(pieces: Sequence[str], name: str, number: int) -> list[Document]:
    """Return articles of about 400 words: paragraphs in an order of their own."""
    chance, made = Random(7), []
    for at in range(number):
        order = cycle(chance.sample(pieces, len(pieces)))
        text: list[str] = []
        while sum(len(piece.split()) for piece in text) < WORDS:
            text.append(next(order))
        made.append(Document(id=f"{name}-{at}", text="\n\n".join(text), language=name))
    return made


def long(pieces: Sequence[str], name: str, length: int) -> Document:
    """Return one document of a length in characters."""
    text = "\n\n".join(Random(7).sample(pieces, len(pieces)))
    return Document(id=name, text="\n\n".join([text] * (length // len(text) + 1))[:length], language=name)


def alone(given: Sequence[Document]) -> None:
    """Extract."""
    for one in given:
        extract.extract(one)


def both(given: Sequence[Document]) -> None:
    """Extract and attribute."""
    speaker.resolve(given, {one.id: extract.extract_with_evidence(one) for one in given}, [])


def seconds(work: Callable[..., object], *given: object) -> float:
    """Return the processor seconds of some work."""
    started = time.process_time()
    work(*given)
    return time.process_time() - started


def middle(work: Callable[..., object], *given: object, rounds: int = ROUNDS) -> float:
    """Return the median of the processor seconds of some rounds."""
    return median(seconds(work, *given) for _ in range(rounds))


def report(peers: Mapping[str, Callable[[str], object]]) -> None:
    """Print all figures."""
    pieces = paragraphs()
    articles = {name: documents(pieces[name], name, ARTICLES) for name in LANGUAGES}
    print(f"\narticles of {WORDS} words a processor second, median of {ROUNDS} rounds of {ARTICLES}\n")
    print("| | extraction | with attribution |\n|---|---|---|")
    for name, given in articles.items():
        both(given)  # compiled patterns and morphologies are not the article's cost
        print(f"| {name} | {ARTICLES / middle(alone, given):.0f} | {ARTICLES / middle(both, given):.0f} |", flush=True)
    for name, ratio in relative(peers, articles["en"]).items():
        print(f"\n{name}, en: {ratio:.3g} times the time of extraction with attribution")
    print("\none document, extraction with attribution: seconds (per character relative to the shortest)\n")
    print("| | " + " | ".join(f"{length:,}" for length in LENGTHS) + " |\n|---" + "|---" * len(LENGTHS) + "|")
    for name in LANGUAGES:
        times = {length: middle(both, [long(pieces[name], name, length)], rounds=3) for length in LENGTHS}
        first = times[LENGTHS[0]] / LENGTHS[0]
        cells = (f"{took:.2f} ({took / length / first:.2f})" for length, took in times.items())
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    print("\ntexts of one mark and nothing else, seconds\n")
    print(
        "| | " + " | ".join(f"{size:,} characters of {unit!r}" for unit, size in HARD.items()) + " |\n|---|---|---|---|"
    )
    for name in LANGUAGES:
        hard = [Document(id=name, text=unit * (size // len(unit)), language=name) for unit, size in HARD.items()]
        print(f"| {name} | " + " | ".join(f"{seconds(both, [one]):.2f}" for one in hard) + " |", flush=True)


def relative(peers: Mapping[str, Callable[[str], object]], given: Sequence[Document]) -> dict[str, float]:
    """Return how many times as long as this project each peer takes for the same articles, in turns."""
    ratios: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(ROUNDS if peers else 0):
        base = seconds(both, given)
        for name, peer in peers.items():
            ratios[name].append(sum(seconds(peer, one.text) for one in given) / base)
    return {name: median(some) for name, some in ratios.items()}
