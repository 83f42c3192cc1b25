"""Our own labelled documents: 240 invented pages of every layout, in three languages (``cases/reports``)."""

from __future__ import annotations

import pytest

from tests import labelled, quality_reports

FILES = sorted(labelled.REPORTS.glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_labels_follow_the_conventions(path):
    """Spans are trimmed, speakers of named people are declared, and what a page cites stands in it."""
    rows = labelled.marked(path)
    assert len(rows) == 20
    for row in rows:
        for label in row["mentions"]:
            assert label["text"].strip(" ,;:\n") == label["text"], (row["id"], label["text"])
            assert label["speaker"].strip()
        for cited in row["cites"]:
            assert cited["cue"] in row["text"], (row["id"], cited)


@pytest.mark.parametrize("language", quality_reports.LANGUAGES)
def test_reports_are_found_on_pages_of_every_layout(language):
    """Nine reports of ten are found and nine findings of ten are right; no "read also" line is somebody's words."""
    figures = quality_reports.tally(language).figures(language)
    assert figures[f"{language}: mention F1"] >= 0.9
    assert figures[f"{language}: mention F1 at IoU 0.8"] >= 0.85
    assert figures[f"{language}: person right, of mentions found"] >= 0.8
    assert figures[f"{language}: citations F1"] >= 0.85
    assert not figures[f"{language}: mentions in read-also lines"]
