"""Figures to probabilities, by weights that `make calibrate` writes (calibration.toml, with data, encoder and date).

Each model is a logistic regression (Cox 1958) over the figures of ``features``; a figure has one weight, and another one
that is added where the two texts are in two languages.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct, convert

PATH = Path(__file__).with_name("calibration.toml")


class Model(Struct, frozen=True, kw_only=True):
    """A logistic regression: log odds = bias + weights, each as [in one language, further over two languages]."""

    bias: tuple[float, float]
    weights: dict[str, tuple[float, float]]

    def probability(self, figures: Mapping[str, float], *, apart: bool) -> float:
        """Return how likely it is that the answer is yes; figures that the model does not know say nothing."""
        odds = self.bias[0] + self.bias[1] * apart
        for name, (weight, further) in self.weights.items():
            odds += figures.get(name, 0.0) * (weight + further * apart)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


class Calibration(Struct, frozen=True, kw_only=True):
    """What was learnt from labelled pairs, and from which.

    ``mentions``: do two mentions of one person report one utterance (``likeness``). ``same`` and ``same_by_words``: are two texts one utterance, with vectors of ``encoder`` and without. ``part``: is
    an honest version a part. ``free``: is an honest version that is no part worded freely. ``alarm``: is a difference
    that a check found a distortion, from ``least_alarm`` on.
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
