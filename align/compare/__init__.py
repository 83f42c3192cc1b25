"""Two versions of a statement compared: what differs, where, and whether it is one utterance.

In the order of a pair's way: concepts (words to what they mean in any language), numerals and dates (words to numbers
and days), quantities (numbers with their units and bounds), marks (words that turn or weaken a claim), claim (a text to
its terms and marks), matching (which term stands for which), features (how much is accounted for), calibration (figures
to probabilities), reading and the checks on it: measures, polarity, limits, wording, sources; checks (all of them),
verdict (what it says together).
"""

from align.compare.features import Meaning
from align.compare.verdict import Side, clauses_of, compare

__all__ = ["Meaning", "Side", "clauses_of", "compare"]
