"""``make calibrate``: learns the weights of align/compare/calibration.toml from labelled pairs and mentions.

Ours (tests/cases/pairs) always, and those of the shared data where they lie beside the checkout. Prints how well the
weights do on families and occasions that they were not learnt from; those are the figures to believe.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from align import encode, link, neighbours
from align.compare import Meaning, Side, clauses_of
from align.compare import calibration as shipped
from align.compare import checks, features, verdict
from align.compare.calibration import Calibration, Model
from align.compare.claim import claim
from align.compare.matching import match
from align.encode import CachedEncoder, normalise_mention
from align.likeness import likeness
from align.records import Evidence
from tests.labelled import document, read
from tests.quality_linking import Memory, labelled

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("QUOTELINE_SHARED") or ROOT.parent / "shared") / "eval"
FOLDS = 11
PENALTY = 1.0
LEAST_ALARM = 0.72  # probability of an alarm; precision first
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


def fit(rows: Rows, apart: Sequence[bool], yes: Sequence[bool], penalty: float = PENALTY) -> Model:
    """Fit a logistic regression with a ridge penalty by Newton's method, on standardised figures."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    plain = np.array([[row.get(name, 0.0) for name in names] for row in rows])
    across = np.array(apart, float)[:, None]
    table = np.c_[plain, plain * across, across]
    mean, scale = table.mean(0), table.std(0) + 1e-6
    table = np.c_[(table - mean) / scale, np.ones(len(rows))]
    weights, answer = np.zeros(table.shape[1]), np.array(yes, float)
    ridge = np.eye(len(weights)) * penalty
    ridge[-1, -1] = 0
    for _ in range(40):
        likely = 1 / (1 + np.exp(-table @ weights))
        slope = table.T @ (likely - answer) + ridge @ weights
        weights -= np.linalg.solve((table.T * (likely * (1 - likely))) @ table + ridge, slope)
    raw = weights[:-1] / scale
    bias = float(weights[-1] - (raw * mean).sum())
    size = len(names)
    return Model(
        bias=(round(bias, 4), round(float(raw[-1]), 4)),
        weights={name: (round(float(raw[n]), 4), round(float(raw[size + n]), 4)) for n, name in enumerate(names)},
    )


def mentions_of(path: Path, encoder: encode.Encoder) -> tuple[Rows, list[bool], list[str]]:
    """Return the figures of all likenesses of labelled mentions of one person, whether they are one, and the occasion."""
    if not path.is_file():
        return [], [], []
    rows = read(path)
    documents = {row["id"]: document(row) for row in rows}
    labels = {m.id: (m, label) for row in rows for m, label in zip(labelled(row), row["mentions"], strict=True)}
    mentions = [m for m, _ in labels.values()]
    places = [link.place_of(m, documents[m.document]) for m in mentions]
    vectors = neighbours.centred(encoder.encode([normalise_mention(m.text) for m in mentions]), places, encoder.name)
    found: Rows = []
    answers, occasions = [], []
    for i, j in combinations(range(len(mentions)), 2):
        if places[i].person != places[j].person or not neighbours.fits(places[i], places[j]):
            continue
        one, other = (link.member_of(mentions[n], places[n], {}) for n in (i, j))
        found.append(likeness(one, other, float(vectors[i] @ vectors[j])).figures())
        ours, theirs = labels[mentions[i].id][1], labels[mentions[j].id][1]
        also = {*(ours.get("also") or ()), *(theirs.get("also") or ())}
        answers.append(ours["utterance"] == theirs["utterance"] or bool({ours["utterance"], theirs["utterance"]} & also))
        occasions.append(f"{path.stem} {ours['utterance'].split('-')[0]}")
    return found, answers, occasions


def left_out(families: Sequence[str]) -> Iterable[NDArray[np.bool_]]:
    """Yield masks of the families that are tested each time."""
    distinct = sorted(set(families))
    for fold in range(FOLDS):
        yield np.isin(families, distinct[fold::FOLDS])


def learn(pairs: Sequence[Pair], mentions: tuple[Rows, list[bool]], encoder: str) -> Calibration:
    """Learn all models. Those of alarms stand on the others."""
    apart = [pair.apart for pair in pairs]
    rows = [pair.figures for pair in pairs]
    words = [{name: row[name] for name in features.WORDS} for row in rows]
    same = [pair.relation != "different" for pair in pairs]
    honest = [n for n, pair in enumerate(pairs) if same[n] and not pair.distortion and pair.relation != "verbatim"]
    whole = [n for n in honest if pairs[n].relation != "excerpt"]
    pick: Callable[[Sequence[int], Sequence[Any]], list[Any]] = lambda chosen, of: [of[n] for n in chosen]  # noqa: E731
    known = Calibration(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        encoder=encoder,
        data=f"{len(pairs)} pairs, {len(mentions[0])} pairs of mentions",
        least_alarm=LEAST_ALARM,
        mentions=fit(mentions[0], [False] * len(mentions[0]), mentions[1]) if mentions[0] else shipped.calibration().mentions,
        same=fit(rows, apart, same),
        same_by_words=fit(words, apart, same),
        part=fit(pick(honest, rows), pick(honest, apart), [pairs[n].relation == "excerpt" for n in honest]),
        free=fit(pick(whole, rows), pick(whole, apart), [pairs[n].relation == "paraphrase" for n in whole]),
        alarm=Model(bias=(0.0, 0.0), weights={}),
    )
    return with_alarms(known, pairs)


def with_alarms(known: Calibration, pairs: Sequence[Pair]) -> Calibration:
    """Learn when a finding is an alarm."""
    items = [(pair, one) for pair in pairs for one in strongest(pair.found)]
    rows = [verdict.alarm_figures(one, pair.found, pair.figures, known, apart=pair.apart) for pair, one in items]
    alarm = fit(rows, [pair.apart for pair, _ in items], [bool(pair.distortion) for pair, _ in items])
    return Calibration(**{name: getattr(known, name) for name in known.__struct_fields__ if name != "alarm"}, alarm=alarm)


def strongest(found: Sequence[Evidence]) -> list[Evidence]:
    """Return of each check the finding whose sentences fit best."""
    best: dict[str, Evidence] = {}
    for one in found:
        if one.check in verdict.FOUND and (one.check not in best or (one.score or 0) > (best[one.check].score or 0)):
            best[one.check] = one
    return list(best.values())


def judged(known: Calibration, pair: Pair) -> tuple[bool, str]:
    """Return whether a pair is one utterance, and its relation or distortion."""
    if known.same.probability(pair.figures, apart=pair.apart) < 0.5:
        return False, "different"
    likely = [
        (known.alarm.probability(verdict.alarm_figures(one, pair.found, pair.figures, known, apart=pair.apart), apart=pair.apart), one)
        for one in strongest(pair.found)
    ]
    best = max(likely, key=lambda found: found[0], default=None)
    if best and best[0] >= known.least_alarm:
        return True, f"distortion {verdict.kind_of(best[1])}"
    return True, "honest"


def main() -> None:
    """Learn, write the file, and print figures on what was left out."""
    encoder = CachedEncoder(encode.default_encoder(), Memory())
    pairs = [*own_pairs(), *shared_pairs(SHARED / "pairs_dev.jsonl")]
    figures(pairs, encoder)
    sets = [mentions_of(SHARED / f"{name}.jsonl", encoder) for name in ("dev", "coverage_dev")]
    mentions = [row for found in sets for row in found[0]], [yes for found in sets for yes in found[1]]
    known = learn(pairs, mentions, encoder.name)
    write(known)
    right: dict[str, list[bool]] = {}
    alarms: dict[str, list[tuple[bool, bool, bool]]] = {}
    families = [pair.family for pair in pairs]
    for mask in left_out(families):
        learnt = learn([pair for pair, out in zip(pairs, mask, strict=True) if not out], mentions, encoder.name)
        for pair in (pair for pair, out in zip(pairs, mask, strict=True) if out):
            same, said = judged(learnt, pair)
            where = pair.family.split()[0]
            right.setdefault(where, []).append(same == (pair.relation != "different"))
            raised = said.startswith("distortion")
            kind = said == f"distortion {pair.distortion}"
            alarms.setdefault(where, []).append((raised, bool(pair.distortion), kind))
    for where, found in right.items():
        raised = [one for one in alarms[where] if one[0]]
        true = [one for one in raised if one[1]]
        print(
            f"{where:10} same/different {np.mean(found):.3f}  alarms: precision {len(true) / max(1, len(raised)):.3f} "
            f"recall {len(true) / max(1, sum(one[1] for one in alarms[where])):.3f} "
            f"kind right {sum(one[2] for one in true) / max(1, len(true)):.3f}"
        )


def write(known: Calibration) -> None:
    """Write the weights as TOML."""
    lines = [
        "# Written by `make calibrate`: weights of logistic regressions, [in one language, further over two languages].",
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
