"""Translation beside its peers, in one run: ``python -m tests.bench.translation [SENTENCES]``.

The package has the true size of a public one and random weights (``package.py``); the texts are the sentences of the
demonstration, whole and recombined, none twice. Compared, each with the same beam, in sentences a processor second:
argostranslate's own API on paragraphs of five sentences, with its sentence splitter out of the way (it is told where
they end), without its cache and on one thread, which suits it best; CTranslate2 fed with batches of one length, tokens
made beforehand, which is the most there is to have; and this project's engine, tokens, guards and all. Each is run in
turn, three times, and the median is given.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 3
_MARK = " ‖ "


class Told:
    """In place of argostranslate's sentence splitter, which may go to the network."""

    def split_sentences(self, text: str) -> list[str]:
        """Split at the mark."""
        return text.split(_MARK)


def sentences(count: int) -> list[str]:
    """Return sentences of 20 to 300 letters, no two the same."""
    rows = (ROOT / "seeds/demo/models/sentences.tsv").read_text("utf-8").splitlines()
    known = [row.split("\t")[1] for row in rows if row.startswith("ru\t")]
    made: dict[str, None] = dict.fromkeys(text for text in known if 20 <= len(text) <= 300)
    for step in range(1, len(known)):
        for at in range(len(known) - step):
            if len(made) >= count:
                return list(made)[:count]
            one, other = known[at].split(), known[at + step].split()
            made[" ".join([*one[: len(one) // 2], *other[len(other) // 2 :]])] = None
    return list(made)[:count]


def spent(work: Callable[[], object]) -> float:
    """Return the processor seconds of a call, all threads."""
    before = time.process_time()
    work()
    return time.process_time() - before


def main(count: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= dict.fromkeys(("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), scratch)
        _compare(Path(scratch), sentences(count))
    _saved()
    _start_up()


def _compare(scratch: Path, texts: list[str]) -> None:
    import ctranslate2
    from argostranslate import package as argos_package
    from argostranslate import settings
    from argostranslate import translate as argos

    from ingest.models import engine, folder
    from tests.bench import package

    file = package.write(scratch / "random.argosmodel", texts)
    (installed,) = folder.install(file, scratch / "models")
    print(f"package of {installed.size / 1e6:.0f} MB; {len(texts)} sentences")
    place = scratch / "models" / installed.pair
    translator = ctranslate2.Translator(str(place / "model"), device="cpu", inter_threads=2, intra_threads=1)
    tokenizer = argos_package.Package(place).tokenizer
    tokens = sorted((tokenizer.encode(text) for text in texts), key=len)
    print(f"{sum(map(len, tokens)) / len(tokens):.0f} tokens a sentence")
    for beam in (4, 2, 1):
        settings.beam_size, settings.intra_threads = beam, 1  # with more it spends its time on waiting
        ours = engine.Loaded(place, beam=beam)
        theirs = argos.PackageTranslation(None, None, argos_package.Package(place))
        theirs.sentencizer = Told()
        few = texts[:: max(1, len(texts) // 100)]  # its batches are of one sentence: each costs the same
        article = "\n".join(_MARK.join(few[at : at + 5]) for at in range(0, len(few), 5))
        runs = {
            "argostranslate": lambda article=article, theirs=theirs: theirs.translate(article),
            "ctranslate2, perfect batches": lambda beam=beam: translator.translate_batch(
                tokens, beam_size=beam, max_batch_size=1_024, batch_type="tokens", length_penalty=0.2,
                max_decoding_length=256, replace_unknowns=True, return_scores=True,
            ),
            "quoteline": lambda ours=ours: _ours(ours, texts),
        }  # fmt: skip
        number = {name: len(few) if name == "argostranslate" else len(texts) for name in runs}
        times: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(ROUNDS):
            for name, work in runs.items():
                times[name].append(spent(work) / number[name])
        rates = {name: 1 / statistics.median(each) for name, each in times.items()}
        base, best = rates["argostranslate"], rates["ctranslate2, perfect batches"]
        for name, rate in rates.items():
            print(
                f"beam {beam}  {name:30} {rate:6.1f} sentences a cpu second  "
                f"{rate / base:5.2f} of argostranslate  {rate / best:5.2f} of perfect"
            )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, all three loaded")
    _alone(place, texts)


def _ours(loaded: object, texts: list[str]) -> list[object]:
    """Render as a run does: in windows of the engine, every rendering through the guards."""
    from ingest import translate
    from ingest.records import Segment

    class Named:
        name, path, score_floor = "random", ("ru", "en"), 0.0
        translate = staticmethod(loaded.translate)

    waiting = sorted(texts, key=len)
    segments = [
        Segment(id=str(n), document="d", start=0, end=len(text), text=text, language="ru")
        for n, text in enumerate(waiting)
    ]
    return list(translate.translate(segments, {"ru": Named()}, "en"))


def _alone(place: Path, texts: list[str]) -> None:
    """Print what one process needs that has only this project's engine in it."""
    code = (
        "import sys; from pathlib import Path; from ingest.models import engine\n"
        "loaded = engine.Loaded(Path(sys.argv[1])); texts = sys.stdin.read().splitlines()\n"
        "loaded.translate(texts)\n"
        "print(next(int(line.split()[1]) // 1024 for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    command = [sys.executable, "-c", code, str(place)]
    found = subprocess.run(command, input="\n".join(texts[:256]), capture_output=True, text=True, check=True, cwd=ROOT)
    print(f"peak memory {found.stdout.strip()} MB, this project's engine alone")


def _saved() -> None:
    """Print how many sentences of the demonstration, with its wire copies, need no translation of their own."""
    from ingest import demo
    from ingest.store import Store

    with tempfile.TemporaryDirectory() as scratch, demo.serve(ROOT / "seeds/demo/site") as served:
        words = ["refresh", "--seeds", "seeds/demo", "--corpus", f"{scratch}/c", "--resolve", served.resolve_rule]
        command = [sys.executable, "-c", "from align.cli import main; main()", *words]
        subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
        with Store(Path(scratch) / "c") as corpus:
            where = "FROM segments WHERE language IN ('ru', 'el')"
            number = corpus.count(f"SELECT count(*) {where}")
            distinct = corpus.count(f"SELECT count(*) FROM (SELECT DISTINCT language, text {where})")
            where += " AND document IN (SELECT id FROM documents WHERE copy_of IS NOT NULL)"
            copied = corpus.count(f"SELECT count(*) {where}")
    saved = (number - distinct) / number
    print(f"memory: {saved:.0%} of {number} sentences saved ({copied} of them stand in marked copies)")


def _start_up() -> None:
    """Print the processor time of an import, of a Python that imports nothing subtracted."""
    times = []
    for code in ("pass", "import ingest", "import ingest, ingest.translate, ingest.backlog"):
        each = []
        for _ in range(5):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            each.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        times.append(statistics.median(each))
    print(f"import ingest {times[1] - times[0]:.2f} s; with translate and backlog {times[2] - times[0]:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 600)
