"""Article extraction measured beside its peers: page by page, interleaved, in one process.

    make bench-extract SETS=FOLDER

``FOLDER`` holds checkouts as ``owner+name/`` of scrapinghub/article-extraction-benchmark,
Murrough-Foley/web-content-extraction-benchmark, flairNLP/fundus and adbar/htmldate; a set that is not there is skipped.
The measure is that of the first one: shingles of four words, precision averaged over pages with output, recall over
pages with an article, F1 of the two means. All get the same decoded text. Times are processor seconds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import re
import signal
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

from ingest import page as reading
from ingest.clean import clean
from ingest.ids import digest
from ingest.records import Capture, Document, Drop

LIMIT = 15  # processor seconds a page
Page = tuple[str, str, str]  # html, url, what should come out
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def quoteline(html: str, url: str) -> str:
    """Return the text that this project gives."""
    made = _document(html, url)
    return made.text if isinstance(made, Document) else ""


def _document(html: str, url: str) -> Document | Drop:
    body = html.encode("utf-8", "replace")
    return clean(
        Capture(
            id="page", url=url, fetched_at=NOW, media_type="text/html", charset="utf-8", digest=digest(body), body=body
        )
    )


def trafilatura(html: str, url: str) -> str:
    """Return what trafilatura gives, without comments."""
    import trafilatura as peer

    return peer.extract(html, url=url, include_comments=False) or ""


def readability(html: str, url: str) -> str:
    """Return what readability-lxml gives, as text."""
    import html_text
    from readability import Document as Peer

    return str(html_text.extract_text(Peer(html).summary(html_partial=True)))


def newspaper4k(html: str, url: str) -> str:
    """Return what newspaper4k gives."""
    import newspaper

    article = newspaper.Article(url, fetch_images=False)
    article.download(input_html=html)
    article.parse()
    return article.text or ""


def goose3(html: str, url: str) -> str:
    """Return what goose3 gives."""
    import goose3 as peer

    return peer.Goose({"enable_image_fetching": False}).extract(raw_html=html).cleaned_text or ""


def resiliparse(html: str, url: str) -> str:
    """Return what resiliparse gives."""
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(html, main_content=True, alt_texts=False))


PEERS: dict[str, Callable[[str, str], str]] = {
    peer.__name__: peer for peer in (quoteline, trafilatura, readability, newspaper4k, goose3, resiliparse)
}


def _text(path: Path) -> str:
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    declared = re.search(rb"charset\s*=\s*[\"']?([\w-]+)", body[:6000], re.IGNORECASE)
    for name in ("utf-8", declared.group(1).decode() if declared else "windows-1252"):
        try:
            return re.sub(r"^\s*<\?xml[^>]*\?>", "", body.decode(name))
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("windows-1252", "replace")


def scrapinghub(folder: Path) -> Iterator[Page]:
    """181 pages."""
    home = folder / "scrapinghub+article-extraction-benchmark"
    for name, page in sorted(json.loads((home / "ground-truth.json").read_text("utf-8")).items()):
        yield _text(home / "html" / f"{name}.html.gz"), page["url"], page["articleBody"]


def wcxb(folder: Path) -> Iterator[Page]:
    """The articles among the test pages."""
    home = folder / "Murrough-Foley+web-content-extraction-benchmark"
    kinds = json.loads((home / "metadata.json").read_text("utf-8"))["files"]
    for path in sorted((home / "test" / "ground-truth").glob("*.json")):
        if kinds[path.stem]["page_type"] == "article":
            page = json.loads(path.read_text("utf-8"))
            html = _text(home / "test" / "html" / f"{path.stem}.html.gz")
            yield html, page.get("url") or "http://page.example/", page["ground_truth"].get("main_content") or ""


def fundus(folder: Path) -> Iterator[Page]:
    """Pages that Fundus tests its parsers on."""
    for path in sorted((folder / "flairNLP+fundus/tests/resources/parser/test_data").glob("*/*.json")):
        versions = json.loads(path.read_text("utf-8"))
        pages = list(path.parent.glob(f"{path.stem}_[0-9]*.html.gz"))
        urls = json.loads((path.parent / "meta.info").read_text("utf-8"))
        if len(pages) != len(versions):
            continue
        pages.sort(key=lambda page: re.findall(r"\d{4}_\d\d_\d\d", page.name)[-1])
        ordered = sorted(versions, key=lambda version: [int(number) for number in re.findall(r"\d+", version)])
        for page, version in zip(pages, ordered, strict=True):
            body = versions[version].get("body")
            if body:
                parts = [*(body.get("summary") or [])]
                for section in body.get("sections") or []:
                    parts += [*(section.get("headline") or []), *(section.get("paragraphs") or [])]
                yield _text(page), urls.get(page.name, {}).get("url") or "http://page.example/", "\n".join(parts)


SETS = {"scrapinghub": scrapinghub, "wcxb": wcxb, "fundus": fundus}


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Return how often each run of four words is in a text; a shorter text is one run."""
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)) if words)


class Score:
    """What one peer did on a set."""

    def __init__(self) -> None:
        self.precision: list[float] = []
        self.recall: list[float] = []
        self.seconds = 0.0
        self.pages = self.empty = self.errors = 0

    def add(self, text: str, wanted: str, seconds: float) -> None:
        """Take in one page."""
        made, gold = shingles(text), shingles(wanted)
        right = (made & gold).total()
        self.precision += [right / made.total()] if made else []
        self.recall += [right / gold.total()] if gold else []
        self.seconds += seconds
        self.pages += 1
        self.empty += not made

    def row(self, name: str, base: Score) -> str:
        """Return a row of the table; speed is relative to ``base``."""
        p, r = mean(self.precision), mean(self.recall)
        speed = base.seconds / self.seconds
        return (
            f"| {name} | {2 * p * r / (p + r):.4f} | {p:.4f} | {r:.4f} | {speed:.2f} | {self.empty} | {self.errors} |"
        )


class _TimeError(BaseException):
    """A page took too long; no peer catches it."""


def _stop(*_: object) -> None:
    raise _TimeError


def measured(peer: Callable[[str, str], str], html: str, url: str) -> tuple[str, float, bool]:
    """Return the text, the processor seconds, and whether it failed."""
    started = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        return peer(html, url), time.process_time() - started, False
    except (Exception, _TimeError):
        return "", time.process_time() - started, True
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def extraction(name: str, pages: Iterator[Page], peers: list[str], stride: int) -> None:
    """Print the table of one set."""
    scores = {peer: Score() for peer in peers}
    for number, (html, url, wanted) in enumerate(pages):
        if number % stride:
            continue
        if not number:
            for peer in peers:  # imports and compiled patterns are not the page's cost
                measured(PEERS[peer], html, url)
        turn = number % len(peers)
        for peer in peers[turn:] + peers[:turn]:
            text, seconds, failed = measured(PEERS[peer], html, url)
            scores[peer].add(text, wanted, seconds)
            scores[peer].errors += failed
    base = scores.get("trafilatura") or scores[peers[0]]
    print(f"\n{name}, {base.pages} pages\n\n| | F1 | precision | recall | speed | empty | errors |")
    print("|---|---|---|---|---|---|---|")
    for peer, score in scores.items():
        print(score.row(peer, base), flush=True)


def dates(folder: Path) -> None:
    """Print how many publication days are right on htmldate's multilingual set, by this project and by htmldate.

    The day is the one in the page's own zone, as in the set.
    """
    from htmldate import find_date

    home = folder / "adbar+htmldate" / "tests"
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    pages = json.loads((home / "eval_mediacloud_2020.json").read_text("utf-8"))
    for url, expected in pages.items():
        html = _text(home / "test_set" / expected["file"])
        ours = reading.read(html, NOW, url).published
        days = {
            "quoteline": f"{ours:%Y-%m-%d}" if ours else None,
            "htmldate": find_date(html, url=url, original_date=True),
            "htmldate, markup only": find_date(html, url=url, original_date=True, extensive_search=False),
        }
        for name, day in days.items():
            right[name] += day == expected["date"]
            wrong[name] += day not in (None, expected["date"])
    print(f"\nhtmldate's set, {len(pages)} pages\n\n| | right day | wrong day | none |\n|---|---|---|---|")
    for name, number in right.items():
        none = len(pages) - number - wrong[name]
        print(f"| {name} | {number / len(pages):.3f} | {wrong[name]} | {none} |")


def main() -> None:
    """Measure what is asked for."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGPROF, _stop)
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--set", action="append", choices=[*SETS, "dates"], default=None)
    options.add_argument("--only", action="append", choices=list(PEERS), default=None)
    options.add_argument("--stride", type=int, default=1)
    given = options.parse_args()
    for name in given.set or [*SETS, "dates"]:
        try:
            if name == "dates":
                dates(given.folder)
            else:
                extraction(name, SETS[name](given.folder), given.only or list(PEERS), given.stride)
        except FileNotFoundError as error:
            print(f"\n{name}: skipped, {error.filename} is not there")


if __name__ == "__main__":
    main()
