"""PolNeAR's attributions as words of their texts, and how well findings agree with them.

PolNeAR (Newell, Margolin and Ruths, LREC 2018; the folder of its repository is given, nothing of it is kept here) marks
in English news who (source) says or thinks (cue) what (content), thoughts, intentions and documents among it. Offsets
are code points into ``data/SPLIT/text``; a content may have several spans, and no span crosses a line break. What
several annotators read is taken from the first of them by name.

The unit is a run of words (``WORD``) of one line: each span of a content, spans of one content joined where no word
stands between. Marks and punctuation therefore count for nothing, a leading "that" for a word. Findings are cut at line
breaks likewise, and one that lies inside another is left out, since the set nests nothing.

    words    precision and recall of single words, each counted once; close to Citron's "overlap" of contents
    partial  each finding counts for the share of its words that are labelled, each label for the share of its words
             that are found: the intersection-based measure of Johansson and Moschitti (CoNLL 2010), close to what
             papers on quotations call partial matches
    0.5, 0.8 findings and labels paired one to one, the best overlap first; a pair counts where its intersection over
             union in words reaches the bound

Kinds are told by quotation marks alone, for labels and for all peers' findings alike: direct (every word inside marks),
mixed (some), indirect (none). Precision of a kind is of findings of that kind, recall of labels of that kind.

Sources are scored on the pairs at 0.5: a source counts where it shares a word with the labelled one ("source"), or half
of their words ("source 0.5"). "both" is a content at 0.5 with a source that shares a word, of all that have a source.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

Span = tuple[int, int]
WORD = re.compile(r"\w+(?:[’'.,-]\w+)*")
KINDS = ("direct", "mixed", "indirect")

# Verbs of saying, as a fixed list: this project's own lexicon may grow, and the labels counted must not grow with it.
_SAYING = re.compile(
    r"(?i)\b(?:sa(?:y|ys|id|ying)|t(?:ell|ells|old|elling)|according to|quot(?:e|es|ed|ing)|writ(?:e|es|ing|ten)|wrote"
    r"|repl(?:y|ies|ied|ying)|den(?:y|ies|ied|ying)|not(?:e|es|ed|ing)|stat(?:e|es|ed|ing)|argu(?:e|es|ed|ing)"
    r"|acknowledg(?:e|es|ed|ing)|declar(?:e|es|ed|ing)|announc(?:e|es|ed|ing)|observ(?:e|es|ed|ing)|tweeted|tweets"
    r"|(?:claim|add|warn|insist|explain|stress|respond|answer|point(?:ed|s|ing)? out|report|suggest|assert|contend"
    r"|concede|admit|admitt|continue|remark|comment|recall|complain|confirm|allege|accuse|ask|demand|urge|call|mention"
    r"|maintain|emphasize|reiterate|joke|quip|shout|describe|testif|vow|promise|pledge|predict|conclude)"
    r"(?:e?d|e?s|y|ies|ied|ing)?)\b|:\s*$"
)
_OPENING, _CLOSING = "“«„", "”»"


class Finding(Struct, frozen=True):
    """What a peer reports as said: where, by whom if it says so, and why it thinks so."""

    start: int
    end: int
    source: Span | None = None
    why: str = ""


class Unit(Struct, frozen=True):
    """A run of words of one line, labelled or found; ``source`` holds the numbers of words too."""

    words: range
    kind: str
    source: range | None
    why: str  # the cue of a label, the rule of a finding


class Article:
    """One text, its words, and the labelled contents."""

    def __init__(self, name: str, text: str, labels: str = "") -> None:
        self.name, self.text = name, text
        self.places = [match.span() for match in WORD.finditer(text)]
        self._ends = [end for _, end in self.places]
        self._starts = [start for start, _ in self.places]
        self._quoted = quoted(text)
        self.labels = sorted(self._labelled(labels), key=lambda unit: unit.words.start)

    def words(self, start: int, end: int) -> range:
        """Return the numbers of the words that a span touches."""
        first = bisect_left(self._ends, start + 1)
        return range(first, max(first, bisect_left(self._starts, end)))

    def printed(self, words: range) -> str:
        """Return a run of words as printed."""
        return self.text[self.places[words.start][0] : self.places[words.stop - 1][1]] if words else ""

    def units(self, findings: Iterable[Finding]) -> list[Unit]:
        """Return findings as units, in order of place; what lies inside another is left out."""
        made = [
            self._unit(line, self.words(*one.source) if one.source else None, one.why)
            for one in findings
            for line in self._lines([(one.start, one.end)])
        ]
        kept: list[Unit] = []
        for unit in sorted(made, key=lambda unit: (unit.words.start, -unit.words.stop)):
            if not kept or unit.words.stop > kept[-1].words.stop:
                kept.append(unit)
        return kept

    def _unit(self, words: range, source: range | None, why: str) -> Unit:
        inside = sum(self._quoted[self.places[word][0]] for word in words)
        kind = "direct" if inside == len(words) else "mixed" if inside else "indirect"
        return Unit(words, kind, source or None, why)

    def _lines(self, spans: Iterable[Span]) -> list[range]:
        """Return the words of spans, cut at line breaks; neighbours on one line are joined."""
        made: list[range] = []
        for start, end in spans:
            for line in re.finditer(r"[^\n]+", self.text[start:end]):
                words = self.words(start + line.start(), start + line.end())
                if made and made[-1].stop == words.start and words and not self._break(words.start):
                    made[-1] = range(made[-1].start, words.stop)
                elif words:
                    made.append(words)
        return made

    def _break(self, word: int) -> bool:
        return word == 0 or "\n" in self.text[self.places[word - 1][1] : self.places[word][0]]

    def _labelled(self, lines: str) -> Iterator[Unit]:
        """Yield the contents of a brat file: ``T`` lines are spans, ``E`` lines say which belong together."""
        spans: dict[str, list[Span]] = {}
        for line in lines.splitlines():
            name, _, rest = line.partition("\t")
            if name.startswith("T"):
                places = rest.partition("\t")[0].partition(" ")[2]
                spans[name] = sorted((int(a), int(b)) for a, b in re.findall(r"(\d+) (\d+)", places))
        for line in lines.splitlines():
            if not line.startswith("E"):
                continue
            roles = [part.split(":") for part in line.partition("\t")[2].split()]
            contents = sorted(span for role, name in roles if role.startswith("Content") for span in spans[name])
            sources = sorted(span for role, name in roles if role == "Source" for span in spans[name])
            cues = sorted(span for role, name in roles if role == "Cue" for span in spans[name])
            source = self.words(sources[0][0], sources[-1][1]) if sources else None
            cue = " ".join(self.text[start:end] for start, end in cues)
            for words in self._lines(contents):
                yield self._unit(words, source, cue)


def quoted(text: str) -> list[bool]:
    """Return for each letter whether it stands inside double quotation marks; a line end closes what is open."""
    inside, made = False, []
    for letter in text.replace("''", '"\0'):  # some of the texts write a mark as two apostrophes
        if letter == '"':
            inside = not inside
        elif letter in _OPENING:
            inside = True
        elif letter in _CLOSING or letter == "\n":
            inside = False
        made.append(inside)
    return made


def articles(folder: Path, split: str) -> list[Article]:
    """Read a split (``train``, ``dev``, ``test``) of PolNeAR."""
    home = folder / "data" / split
    files: dict[str, Path] = {}
    for path in sorted((home / "attributions").glob("*.ann")):
        files.setdefault(path.stem.rpartition("_")[0], path)
    return [Article(name, _read(home / "text" / f"{name}.txt"), _read(path)) for name, path in files.items()]


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")  # line ends as they are: offsets count them


def saying(unit: Unit) -> bool:
    """Tell whether the cue of a label is a verb of saying, "according to" or a colon."""
    return bool(_SAYING.search(unit.why))


def overlap(one: range, other: range) -> float:
    """Return intersection over union in words."""
    shared = min(one.stop, other.stop) - max(one.start, other.start)
    return max(shared, 0) / (max(one.stop, other.stop) - min(one.start, other.start))


def pairs(found: Sequence[Unit], labels: Sequence[Unit], bound: float) -> list[tuple[int, int]]:
    """Pair findings with labels one to one, the best overlap first; both are given in order of place."""
    starts = [label.words.start for label in labels]
    near = sorted(
        (-score, i, j)
        for i, unit in enumerate(found)
        for j in range(max(0, bisect_left(starts, unit.words.start) - 1), bisect_left(starts, unit.words.stop))
        if (score := overlap(unit.words, labels[j].words)) >= bound
    )
    taken: tuple[set[int], set[int]] = set(), set()
    made = []
    for _, i, j in near:
        if i not in taken[0] and j not in taken[1]:
            taken[0].add(i)
            taken[1].add(j)
            made.append((i, j))
    return made


class Tally:
    """Numbers of one peer: of what, right, found, labelled."""

    def __init__(self) -> None:
        self.right: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])  # of findings, of labels
        self.found: dict[str, int] = defaultdict(int)
        self.labelled: dict[str, int] = defaultdict(int)

    def add(self, article: Article, found: Sequence[Unit]) -> None:
        """Take in what a peer found in an article."""
        labels = article.labels
        mine, theirs = ({word for unit in units for word in unit.words} for units in (found, labels))
        self._count("words", len(mine & theirs), len(mine & theirs), len(mine), len(theirs))
        self._count("partial", sum(_share(one, theirs) for one in found), sum(_share(one, mine) for one in labels),
                    len(found), len(labels))  # fmt: skip
        for bound in (0.5, 0.8):
            number = len(pairs(found, labels, bound))
            self._count(str(bound), number, number, len(found), len(labels))
        paired = pairs(found, labels, 0.5)
        hits, met = {i for i, _ in paired}, {j for _, j in paired}
        for kind in KINDS:
            own = [i for i, unit in enumerate(found) if unit.kind == kind]
            wanted = [j for j, unit in enumerate(labels) if unit.kind == kind]
            self._count(kind, sum(i in hits for i in own), sum(j in met for j in wanted), len(own), len(wanted))
        said = [j for j, unit in enumerate(labels) if saying(unit)]
        self._count("said", 0, sum(j in met for j in said), 0, len(said))
        self._sources(found, labels, paired)

    def _sources(self, found: Sequence[Unit], labels: Sequence[Unit], paired: Sequence[tuple[int, int]]) -> None:
        """Score sources on the pairs, and content with source over all."""
        given = sum(found[i].source is not None for i, _ in paired)
        wanted = sum(labels[j].source is not None for _, j in paired)
        shares = [overlap(a, b) for i, j in paired if (a := found[i].source) and (b := labels[j].source)]
        touched, half = sum(share > 0 for share in shares), sum(share >= 0.5 for share in shares)
        self._count("source", touched, touched, given, wanted)
        self._count("source 0.5", half, half, given, wanted)
        with_source = [sum(unit.source is not None for unit in units) for units in (found, labels)]
        self._count("both", touched, touched, *with_source)

    def _count(self, of: str, right_found: float, right_labelled: float, found: int, labelled: int) -> None:
        self.right[of][0] += right_found
        self.right[of][1] += right_labelled
        self.found[of] += found
        self.labelled[of] += labelled

    def precision(self, of: str) -> float:
        """Return the share of what was found that is labelled."""
        return self.right[of][0] / max(self.found[of], 1)

    def recall(self, of: str) -> float:
        """Return the share of what is labelled that was found."""
        return self.right[of][1] / max(self.labelled[of], 1)

    def f1(self, of: str) -> float:
        """Return the harmonic mean of precision and recall."""
        precision, recall = self.precision(of), self.recall(of)
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _share(unit: Unit, of: set[int]) -> float:
    return sum(word in of for word in unit.words) / len(unit.words)
