"""Reads labelled data, and the scorers that lie beside them; our own documents with marks in their text."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from ingest.jsonl import instant
from ingest.records import Document, Person, Role

REPORTS = Path(__file__).with_name("cases") / "reports"
_MARK = re.compile(r"⟪(?P<kind>[dim]) (?P<utterance>\S+) (?P<speaker>[^|]*)\||⟫|⟦|⟧")
_KINDS = {"d": "direct", "i": "indirect", "m": "mixed"}


def scorer(path: Path) -> ModuleType:
    """Load a scorer that lies beside the labelled data."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(path: Path) -> list[dict[str, Any]]:
    """Read labelled lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def document(row: dict[str, Any]) -> Document:
    """Make a Document of a labelled line; a day that is no instant is taken as unknown."""
    try:
        published = instant(row["published"])
    except (KeyError, TypeError, ValueError):
        published = None
    chosen: dict[str, Any] = {name: row.get(name) for name in ("outlet", "url", "title", "language")}
    return Document(id=row["id"], text=row["text"], published=published, **chosen)


def marked(path: Path) -> list[dict[str, Any]]:
    """Read our own documents, whose labels stand in the text (``cases/reports/README.md``), as labelled lines."""
    return [_unmarked(row) for row in tomllib.loads(path.read_text("utf-8"))["document"]]


def _unmarked(row: dict[str, Any]) -> dict[str, Any]:
    raw, text, at = row["text"].strip("\n"), "", 0
    opened: list[tuple[re.Match[str], int]] = []
    mentions, ignore = [], []
    for mark in _MARK.finditer(raw):
        text += raw[at : mark.start()]
        at = mark.end()
        if mark.group() not in {"⟫", "⟧"}:
            opened.append((mark, len(text)))
            continue
        began, start = opened.pop()
        if mark.group() == "⟧":
            ignore.append([start, len(text)])
        else:
            mentions.append({
                "start": start, "end": len(text), "text": text[start:], "kind": _KINDS[began["kind"]],
                "speaker": began["speaker"], "utterance": began["utterance"],
            })  # fmt: skip
    assert not opened, row["id"]
    cites = [{"outlet": outlet, "cue": cue} for outlet, cue in row.get("cites", ())]
    mentions.sort(key=lambda mention: mention["start"])
    return row | {"text": text + raw[at:], "mentions": mentions, "ignore": ignore, "cites": cites}


def people(path: Path) -> list[Person]:
    """Return the people that are declared beside our own documents."""
    return list(_people(tomllib.loads(path.read_text("utf-8")).get("person", [])))


def _people(rows: list[dict[str, Any]]) -> Iterator[Person]:
    for number, row in enumerate(rows):
        roles = tuple(
            Role(
                since=role.get("from", ""),
                until=role.get("to", ""),
                titles={language: tuple(forms) for language, forms in role.get("titles", {}).items()},
            )
            for role in row.get("role", ())
        )
        aliases = {language: tuple(forms) for language, forms in row.get("aliases", {}).items()}
        name = row["name"]
        yield Person(id=f"person-{number}", name=name, gender=row.get("gender", ""), aliases=aliases, roles=roles)
