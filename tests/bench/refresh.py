"""What a refresh costs as a site grows: processor time of the first and of an unchanged second run, and peak memory.

    python -m tests.bench.refresh 100 1000 5000

Serves that many pages of our own making from loopback, as twenty sites with sitemaps, and refreshes an empty corpus
from them twice. Each run is a process of its own; its times are processor seconds of that process alone.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from ingest import demo

SITES = 20
WORDS = [
    "harbour", "council", "quay", "ferry", "budget", "winter", "report", "member", "engine", "island",
    "bridge", "school", "river", "market", "station", "north", "autumn", "plan", "road", "vessel", "crew",
    "signal", "tower", "garden", "meeting", "evening", "morning", "engineer", "district", "water", "power",
    "line",
]  # fmt: skip


def build(folder: Path, pages: int) -> None:
    """Write the sites and the outlets that declare them."""
    chance = random.Random(7)
    outlets = []
    for site in range(SITES):
        host = f"site{site}.example"
        home = folder / "web" / host
        home.mkdir(parents=True)
        urls = []
        for number in range(site, pages, SITES):
            prose = [" ".join(chance.choices(WORDS, k=14)).capitalize() + f", number {number}." for _ in range(30)]
            body = "".join(f"<p>{' '.join(prose[i : i + 3])}</p>" for i in range(0, 30, 3))
            head = f"Story {number} of the {chance.choice(WORDS)}"
            page = (
                f"<html><head><title>{head}</title></head><body><article><h1>{head}</h1>{body}</article></body></html>"
            )
            (home / f"story-{number}.html").write_text(page, encoding="utf-8")
            urls.append(f"<url><loc>http://{host}/story-{number}.html</loc></url>")
        (home / "sitemap.xml").write_text(f"<urlset>{''.join(urls)}</urlset>", encoding="utf-8")
        (home / "robots.txt").write_text("User-agent: *\nAllow: /\n", encoding="utf-8")
        outlets.append(
            f'[[outlet]]\nid = "{host}"\nname = "Site {site}"\ncountry = "xx"\nlanguage = "en"\nkind = "newspaper"\n'
            f'domains = ["{host}"]\n'
            f'rights = "full"\ndelay = 0.0\n[[outlet.source]]\nkind = "sitemap"\n'
            f'url = "http://{host}/sitemap.xml"\nchecked = ""\n'
        )
    (folder / "seeds" / "outlets").mkdir(parents=True)
    (folder / "seeds" / "outlets" / "xx.toml").write_text("\n".join(outlets), encoding="utf-8")


def run(folder: Path, rule: str) -> tuple[float, float]:
    """Refresh once; return processor seconds and peak memory in MB of that process."""
    quoteline = str(Path(sys.executable).with_name("quoteline"))
    command = [quoteline, "refresh", "--corpus", str(folder / "corpus"), "--seeds", str(folder / "seeds")]
    child = subprocess.Popen([*command, "--resolve", rule], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 3):
        raise SystemExit(f"refresh ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Print one row a size."""
    print("| pages | first run, cpu s | unchanged, cpu s | ratio | peak MB, first | peak MB, unchanged |")
    print("|---|---|---|---|---|---|")
    for pages in map(int, sys.argv[1:] or ["100", "1000"]):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            build(folder, pages)
            with demo.serve(folder / "web") as served:
                first, peak = run(folder, served.resolve_rule)
                again, low = run(folder, served.resolve_rule)
            print(
                f"| {pages:,} | {first:.1f} | {again:.2f} | {again / first:.3f} | {peak:.0f} | {low:.0f} |", flush=True
            )


if __name__ == "__main__":
    main()
