"""Two versions of a statement compared: what differs, where, and whether it is one utterance.

In the order of a pair's way: concepts (words to what they mean in any language), quantities (numbers, measures, dates),
claim (a text to its terms and marks), matching (which term stands for which), features (how much is accounted for),
calibration (figures to probabilities), reading and the checks on it: measures, polarity, limits, wording, sources;
checks (all of them), verdict (what it says together).
"""

from align.compare.features import Meaning
from align.compare.verdict import Compared, Side, clauses_of, compare, judge, likeness

__all__ = ["Compared", "Meaning", "Side", "clauses_of", "compare", "judge", "likeness"]
