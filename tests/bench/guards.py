"""What the guards say of honest translations: ``python -m tests.bench.guards FOLDER``.

FOLDER holds ``en.txt`` and texts of other languages (``ru.txt``), line by line translations of one another by people,
such as NTREX-128's. Each line is taken for what a package made of its original. Reported are the shares doubted, by
guard; and of the same lines with the translation of another line put in, the share that passes.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from align.names import lost_name
from ingest.guards import flags_of
from ingest.models.engine import Rendering


def flags(source: str, language: str, rendered: str) -> tuple[str, ...]:
    """Return what speaks against a rendering that the engine itself is sure of."""
    return (*flags_of(source, language, Rendering(rendered, 0.9), "en"), *lost_name(source, rendered))


def main(folder: Path) -> None:
    """Print two lines a language."""
    english = (folder / "en.txt").read_text("utf-8").splitlines()
    for file in sorted(folder.glob("*.txt")):
        if file.stem == "en":
            continue
        lines = file.read_text("utf-8").splitlines()
        found = [flags(line.strip(), file.stem, made.strip()) for line, made in zip(lines, english, strict=True)]
        by_guard = Counter(flag for each in found for flag in set(each))
        told = ", ".join(f"{flag} {number / len(lines):.4f}" for flag, number in by_guard.most_common())
        print(f"{file.stem}  {len(lines):,} honest: doubted {sum(map(bool, found)) / len(lines):.4f}  ({told})")
        others = [*english[1:], english[0]]
        wrong = [flags(line.strip(), file.stem, made.strip()) for line, made in zip(lines, others, strict=True)]
        print(f"{file.stem}  {len(lines):,} wrong: passed {sum(not each for each in wrong) / len(lines):.4f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
