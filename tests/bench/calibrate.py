"""``make calibrate``: learns the weights of align/compare/calibration.toml from labelled pairs and mentions.

Ours (tests/cases/pairs) always, and those of the shared data where they lie beside the checkout. Prints how well the
weights do on families and occasions that they were not learnt from; those are the figures to believe.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from align import encode, link, neighbours
from align.compare import Meaning, Side, checks, clauses_of, features, verdict
from align.compare import calibration as shipped
from align.compare.calibration import Calibration, Model
from align.compare.claim import claim
from align.compare.matching import match
from align.encode import CachedEncoder, normalise_mention
from align.likeness import weighed
from align.records import Evidence
from tests.labelled import document, read
from tests.quality_linking import Memory, labelled

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("QUOTELINE_SHARED") or ROOT.parent / "shared") / "eval"
FOLDS = 11
PENALTY = 1.0  # of the ridge, on standardised figures
STEPS = 600
LEAST_ALARM = 0.72  # probability of an alarm; precision first
# what can only speak for one utterance
RISING = frozenset({*features.WORDS, *features.MEANING} - {"length", "size", "matched"})
Rows = list[dict[str, float]]


class Pair(Struct, kw_only=True):
    """A labelled pair and what was read of it. ``family`` is what is left out together."""

    family: str
    a: Side
    b: Side
    relation: str
    distortion: str | None
    figures: dict[str, float] = {}
    found: list[Evidence] = []

    @property
    def apart(self) -> bool:
        """Whether the texts are in two languages."""
        return self.a.language != self.b.language


def own_pairs() -> Iterable[Pair]:
    """Yield the pairs of tests/cases/pairs."""
    for path in sorted((ROOT / "tests/cases/pairs").glob("*.toml")):
        for family in tomllib.loads(path.read_text("utf-8"))["family"]:
            for pair in family["pair"]:
                yield Pair(
                    family=f"{path.stem} {family['name']}",
                    a=Side(text=family[pair["a"]], language=pair["a"]),
                    b=Side(text=pair["text"], language=pair["b"]),
                    relation=pair["relation"],
                    distortion=pair.get("distortion"),
                )


def shared_pairs(path: Path) -> Iterable[Pair]:
    """Yield the pairs of a shared file."""
    for row in read(path) if path.is_file() else ():
        yield Pair(
            family=f"{path.stem} {row['family']}",
            a=Side(text=row["a"]["text"], language=row["a"]["language"]),
            b=Side(text=row["b"]["text"], language=row["b"]["language"]),
            relation=row["relation"],
            distortion=row["distortion"],
        )


def strangers(pairs: Sequence[Pair]) -> Iterable[Pair]:
    """Yield as many pairs of statements that have nothing to do with each other, a third as many as there are pairs."""
    for n in range(0, len(pairs), 3):
        one, other = pairs[n], pairs[(n * 7 + len(pairs) // 2) % len(pairs)]
        if one.family != other.family:
            yield Pair(family=one.family, a=one.a, b=other.b, relation="different", distortion=None)


def figures(pairs: Sequence[Pair], encoder: encode.Encoder) -> None:
    """Read every pair: its figures, and what the checks find."""
    texts = [text for pair in pairs for side in (pair.a, pair.b) for text in (side.text, *clauses_of(side.text))]
    distinct = list(dict.fromkeys(map(normalise_mention, texts)))
    rows = dict(zip(distinct, encoder.encode(distinct), strict=True))

    def parts(text: str) -> NDArray[np.float32]:
        return np.stack([rows[normalise_mention(part)] for part in clauses_of(text) or [text]])

    for pair in pairs:
        matching = match(claim(pair.a.text, pair.a.language), claim(pair.b.text, pair.b.language))
        meaning = Meaning(
            left=rows[normalise_mention(pair.a.text)], right=rows[normalise_mention(pair.b.text)],
            left_clauses=parts(pair.a.text), right_clauses=parts(pair.b.text),
            left_mean=neighbours.mean_of(pair.a.language, encoder.name, encoder.dimension),
            right_mean=neighbours.mean_of(pair.b.language, encoder.name, encoder.dimension),
        )  # fmt: skip
        pair.figures = features.features(matching, meaning)
        pair.found = checks.differences(matching)


def fit(rows: Rows, apart: Sequence[bool], yes: Sequence[bool], rising: frozenset[str] = frozenset()) -> Model:
    """Fit a logistic regression with a ridge penalty by projected accelerated gradients (Beck and Teboulle 2009).

    Figures are standardised, one block of weights for one language and one for two. Those named ``rising`` may only
    speak for the answer: their weights are not negative, or figures that tell the same would be played off against each
    other, with absurd answers on texts of another kind.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    plain = np.array([[row.get(name, 0.0) for name in names] for row in rows])
    across = np.array(apart, float)[:, None]
    mean, scale = plain.mean(0), plain.std(0) + 1e-6
    plain = np.c_[(plain - mean) / scale, np.ones(len(rows))]
    table, answer = np.c_[plain * (1 - across), plain * across], np.array(yes, float)
    size = len(names) + 1
    ridge = np.tile(np.r_[np.full(len(names), PENALTY), 1e-3], 2)
    bounded = np.tile([*(name in rising for name in names), False], 2)
    step = 1 / (np.linalg.eigvalsh(table.T @ table / 4).max() + PENALTY)
    weights = ahead = np.zeros(2 * size)
    pace = 1.0
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-np.clip(table @ ahead, -30, 30)))
        new = ahead - step * (table.T @ (likely - answer) + ridge * ahead)
        new[bounded] = np.maximum(new[bounded], 0)
        faster = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        ahead, weights, pace = new + (pace - 1) / faster * (new - weights), new, faster
    raw = [block[:-1] / scale for block in (weights[:size], weights[size:])]
    bias = [
        float(block[-1] - (own * mean).sum()) for block, own in zip((weights[:size], weights[size:]), raw, strict=True)
    ]
    return Model(
        bias=(round(bias[0], 4), round(bias[1] - bias[0], 4)),
        weights={
            name: (round(float(raw[0][n]), 4), round(float(raw[1][n] - raw[0][n]), 4)) for n, name in enumerate(names)
        },
    )


def mentions_of(path: Path, encoder: encode.Encoder) -> tuple[Rows, list[bool]]:
    """Return the figures of all likenesses of one person's labelled mentions, and whether they are one utterance."""
    if not path.is_file():
        return [], []
    rows = read(path)
    documents = {row["id"]: document(row) for row in rows}
    labels = {m.id: (m, label) for row in rows for m, label in zip(labelled(row), row["mentions"], strict=True)}
    mentions = [m for m, _ in labels.values()]
    places = [link.place_of(m, documents[m.document]) for m in mentions]
    vectors = neighbours.centred(encoder.encode([normalise_mention(m.text) for m in mentions]), places, encoder.name)
    found: Rows = []
    answers = []
    for i, j in combinations(range(len(mentions)), 2):
        if places[i].person != places[j].person or not neighbours.fits(places[i], places[j]):
            continue
        one, other = (link.member_of(mentions[n], places[n], {}) for n in (i, j))
        found.append(weighed(one, other, float(vectors[i] @ vectors[j])).figures())
        answers.append(one_utterance(labels[mentions[i].id][1], labels[mentions[j].id][1]))
    return found, answers


def one_utterance(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether two labels name one utterance; a splice has several."""
    also = {*(ours.get("also") or ()), *(theirs.get("also") or ())}
    names = {ours["utterance"], theirs["utterance"]}
    return len(names) == 1 or bool(names & also)


def learn(pairs: Sequence[Pair], mentions: tuple[Rows, list[bool]], encoder: str) -> Calibration:
    """Learn all models. Those of alarms stand on the others; without mentions the shipped weights of those are kept."""
    honest = [pair for pair in pairs if pair.relation not in {"different", "verbatim"} and not pair.distortion]
    whole = [pair for pair in honest if pair.relation != "excerpt"]
    likenesses, one = mentions
    known = Calibration(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        encoder=encoder,
        data=f"{len(pairs)} pairs, {len(likenesses)} pairs of mentions",
        least_alarm=LEAST_ALARM,
        mentions=fit(likenesses, [False] * len(one), one) if one else shipped.calibration().mentions,
        same=fit_pairs(pairs, [pair.relation != "different" for pair in pairs], rising=RISING),
        same_by_words=fit_pairs(pairs, [pair.relation != "different" for pair in pairs], features.WORDS, RISING),
        part=fit_pairs(honest, [pair.relation == "excerpt" for pair in honest]),
        free=fit_pairs(whole, [pair.relation == "paraphrase" for pair in whole]),
        alarm=Model(bias=(0.0, 0.0), weights={}),
    )
    return with_alarms(known, pairs)


def fit_pairs(
    pairs: Sequence[Pair],
    yes: Sequence[bool],
    names: Sequence[str] = (*features.WORDS, *features.MEANING),
    rising: frozenset[str] = frozenset(),
) -> Model:
    """Learn from some figures of pairs."""
    return fit(
        [{name: pair.figures[name] for name in names} for pair in pairs], [pair.apart for pair in pairs], yes, rising
    )


def with_alarms(known: Calibration, pairs: Sequence[Pair]) -> Calibration:
    """Learn when a finding is an alarm."""
    findings = [(pair, one) for pair in pairs for one in strongest(pair.found)]
    rows = [verdict.alarm_figures(one, pair.found, pair.figures, known, apart=pair.apart) for pair, one in findings]
    alarm = fit(rows, [pair.apart for pair, _ in findings], [bool(pair.distortion) for pair, _ in findings])
    return msgspec.structs.replace(known, alarm=alarm)


def strongest(found: Sequence[Evidence]) -> list[Evidence]:
    """Return of each check the finding whose sentences fit best."""
    best: dict[str, Evidence] = {}
    for one in verdict.may_be_alarms(found):
        if one.check not in best or (one.score or 0) > (best[one.check].score or 0):
            best[one.check] = one
    return list(best.values())


class Judged(Struct):
    """What weights say of a pair that they were not learnt from."""

    pair: Pair
    same: bool
    distortion: str | None


def judged(known: Calibration, pair: Pair) -> Judged:
    """Return whether a pair is one utterance, and which distortion."""
    same = known.same.probability(pair.figures, apart=pair.apart) >= 0.5
    distortion = verdict.alarm(pair.found, pair.figures, known, apart=pair.apart) if same else None
    return Judged(pair, same, distortion)


def left_out(pairs: Sequence[Pair], mentions: tuple[Rows, list[bool]], encoder: str) -> Iterator[Judged]:
    """Judge every pair by weights that were learnt without its family."""
    families = sorted({pair.family for pair in pairs})
    for fold in range(FOLDS):
        out = set(families[fold::FOLDS])
        known = learn([pair for pair in pairs if pair.family not in out], mentions, encoder)
        yield from (judged(known, pair) for pair in pairs if pair.family in out)


def report(found: Sequence[Judged]) -> None:
    """Print how well the weights do, a line a file of pairs."""
    for file in dict.fromkeys(one.pair.family.split()[0] for one in found):
        here = [one for one in found if one.pair.family.split()[0] == file]
        right = [one.same == (one.pair.relation != "different") for one in here]
        raised = [one for one in here if one.distortion]
        true = [one for one in raised if one.pair.distortion]
        kinds = [one.distortion == one.pair.distortion for one in true]
        print(
            f"{file:10} same/different {np.mean(right):.3f}  alarms: precision {len(true) / max(1, len(raised)):.3f} "
            f"recall {len(true) / max(1, sum(bool(one.pair.distortion) for one in here)):.3f} "
            f"kind right {sum(kinds) / max(1, len(kinds)):.3f}"
        )


def main() -> None:
    """Learn, write the file, and print figures on what was left out."""
    encoder = CachedEncoder(encode.default_encoder(), Memory())
    pairs = [*own_pairs(), *shared_pairs(SHARED / "pairs_dev.jsonl")]
    pairs += strangers(pairs)
    figures(pairs, encoder)
    sets = [mentions_of(SHARED / f"{name}.jsonl", encoder) for name in ("dev", "coverage_dev")]
    mentions = [row for found, _ in sets for row in found], [yes for _, answers in sets for yes in answers]
    write(learn(pairs, mentions, encoder.name))
    report(list(left_out(pairs, mentions, encoder.name)))


def write(known: Calibration) -> None:
    """Write the weights as TOML."""
    lines = [
        "# Written by `make calibrate`: weights of logistic regressions, "
        "[in one language, further over two languages].",
        f'date = "{known.date}"', f'encoder = "{known.encoder}"', f'data = "{known.data}"',
        f"least_alarm = {known.least_alarm}",
    ]  # fmt: skip
    for name in ("mentions", "same", "same_by_words", "part", "free", "alarm"):
        model: Model = getattr(known, name)
        lines += ["", f"[{name}]", f"bias = [{model.bias[0]}, {model.bias[1]}]", f"[{name}.weights]"]
        lines += [f'"{figure}" = [{weight[0]}, {weight[1]}]' for figure, weight in model.weights.items()]
    shipped.PATH.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
