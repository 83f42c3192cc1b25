"""``make quality``: scores cleaning, extraction, speakers, linking and relation typing, and prints one table.

Labelled data lie beside the checkout (``../shared``, or where QUOTELINE_SHARED points); what is not there is left out
with a plain line. The project's own, labelled documents and the demonstration's plants, are scored always.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests import (
    quality_cleaning,
    quality_demo,
    quality_extraction,
    quality_linking,
    quality_occasions,
    quality_repeats,
    quality_reports,
    quality_speakers,
    quality_whole,
)

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("QUOTELINE_SHARED") or ROOT.parent / "shared")

PARTS: tuple[tuple[str, Callable[[Path], dict[str, float]], Path], ...] = (
    ("cleaning", quality_cleaning.score, SHARED / "pages"),
    ("extraction", quality_extraction.score, SHARED / "eval"),
    ("speakers and citations", quality_speakers.score, SHARED / "eval"),
    ("our own documents", quality_reports.score, ROOT / "tests/cases/reports"),
    ("repetitions on a page", quality_repeats.score, SHARED / "eval"),
    ("occasions", quality_occasions.score, SHARED / "eval"),
    ("linking and relations", quality_linking.score, SHARED / "eval"),
    ("end to end", quality_whole.score, SHARED / "eval"),
    ("the demonstration's plants", quality_demo.score, ROOT / "tests/cases"),
)


def main() -> None:
    """Print the table: one row a figure, one heading a part, processor seconds beside it."""
    chosen = sys.argv[1:]
    for name, score, data in PARTS:
        if chosen and not any(word in name for word in chosen):
            continue
        if not data.is_dir():
            print(f"\n{name}: left out, {data.name}/ is not there")
            continue
        before = time.process_time()
        figures = score(data)
        print(f"\n{name}  ({time.process_time() - before:.0f} s of processor time)")
        for measure, figure in figures.items():
            print(f"  {measure:<58} {figure:.3f}" if isinstance(figure, float) else f"  {measure:<58} {figure}")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
