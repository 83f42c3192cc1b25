"""Language detection on sentences and fragments of sentences: ``python -m tests.bench.language FOLDER``.

FOLDER holds one text file a language, a sentence a line, named by tag (``ru.txt``), such as NTREX-128's references.
Each sentence is asked about whole, and as a run of four to eight of its words, about as long as a headline. Reported
are the shares right, undetermined and wrong.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path

from ingest.language import UND, detect


def fragment(sentence: str, chance: random.Random) -> str:
    """Return four to eight words of a sentence."""
    words = sentence.split()
    length = chance.randint(4, 8)
    first = chance.randint(0, max(0, len(words) - length))
    return " ".join(words[first : first + length])


def main(folder: Path) -> None:
    """Print a line a language and kind, and the sums."""
    sums = {"sentences": Counter[str](), "fragments": Counter[str](), "articles": Counter[str]()}
    for file in sorted(folder.glob("*.txt")):
        chance = random.Random(7)
        lines = [line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()]
        kinds = {
            "sentences": lines,
            "fragments": [fragment(line, chance) for line in lines],
            "articles": ["\n\n".join(lines[at : at + 12]) for at in range(0, len(lines), 12)],
        }
        for kind, texts in kinds.items():
            found = Counter(
                "right" if tag == file.stem else UND if tag == UND else "wrong"
                for tag in (detect(text).language for text in texts)
            )
            sums[kind] += found
            print(f"{file.stem:4} {kind:10} {_shares(found)}")
    for kind, found in sums.items():
        print(f"all  {kind:10} {_shares(found)}")


def _shares(found: Counter[str]) -> str:
    total = found.total()
    return f"{total:6,}  " + "  ".join(f"{name} {found[name] / total:.4f}" for name in ("right", UND, "wrong"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
