"""Make ``align/background.npz``: the mean vector of each language, from the demonstration's own sentences.

Vectors of multilingual models share a large part that depends on the language alone; without it the same statement in
two languages and two different statements in one are hard to tell apart. Run: ``python -m tests.bench.background``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from align.encode import default_encoder, normalise_mention
from ingest.records import Segment
from ingest.store import Store
from tests.command import ROOT, quoteline


def main() -> None:
    """Run the demonstration into a scratch corpus, encode its sentences of five words or more, write the means."""
    encoder = default_encoder()
    with tempfile.TemporaryDirectory() as scratch:
        corpus = Path(scratch) / "demo"
        ran = quoteline("demo", "--corpus", str(corpus))
        if ran.returncode:
            raise SystemExit(ran.stderr)
        with Store(corpus, create=False, read_only=True) as store:
            texts: dict[str, list[str]] = {}
            for segment in store.find(Segment, "ORDER BY id"):
                if len(segment.text.split()) >= 5:
                    texts.setdefault(segment.language, []).append(normalise_mention(segment.text))
    means = {language: encoder.encode(found).mean(axis=0) for language, found in texts.items() if len(found) >= 50}
    np.savez(ROOT / "align" / "background.npz", encoder=np.array(encoder.name), **means)
    print(encoder.name, {language: len(found) for language, found in texts.items()})


if __name__ == "__main__":
    main()
