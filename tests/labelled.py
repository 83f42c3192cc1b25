"""Reads labelled data, and the scorers that lie beside them."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

from ingest.jsonl import instant
from ingest.records import Document


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
