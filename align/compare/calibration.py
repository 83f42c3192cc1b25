"""Figures to probabilities, by weights that `make calibrate` writes (calibration.toml, with data, encoder and date).

Each model is a logistic regression (Cox 1958) over the figures of ``features``; a figure has one weight, and another
one that is added where the two texts are in two languages.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct, convert

PATH = Path(__file__).with_name("calibration.toml")
_MOST = 30.0  # log odds beyond which nothing gets surer


class Model(Struct, frozen=True, kw_only=True):
    """A logistic regression: log odds = bias + weights times figures, each (in one language, further over two)."""

    bias: tuple[float, float]
    weights: dict[str, tuple[float, float]]

    def probability(self, figures: Mapping[str, float], *, apart: bool) -> float:
        """Return how likely (0 to 1) it is that the answer is yes; ``apart`` says that the texts are in two languages.

        Figures that the model does not know say nothing, and those that are missing count as 0.
        """
        odds = self.bias[0] + self.bias[1] * apart
        for name, (weight, further) in self.weights.items():
            odds += figures.get(name, 0.0) * (weight + further * apart)
        return 1 / (1 + math.exp(-max(-_MOST, min(_MOST, odds))))


class Calibration(Struct, frozen=True, kw_only=True):
    """What was learnt from labelled pairs, and from which: ``data`` says how many, ``encoder`` whose vectors.

    ``mentions``: do two mentions of one person report one utterance (``align.likeness``).
    ``same``, ``same_by_words``: are two texts one utterance, with vectors of the encoder and without.
    ``part``: is an honest version an excerpt. ``free``: is an honest one that is none worded freely.
    ``alarm``: is a difference that a check found a distortion; from ``least_alarm`` (a probability) on it is said.
    """

    date: str
    encoder: str
    data: str
    least_alarm: float
    mentions: Model
    same: Model
    same_by_words: Model
    part: Model
    free: Model
    alarm: Model


@cache
def calibration() -> Calibration:
    """Return the weights that are shipped."""
    return convert(tomllib.loads(PATH.read_text(encoding="utf-8")), Calibration)
