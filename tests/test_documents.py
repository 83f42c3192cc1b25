"""Documents are tests: what README, the datasheet and the schemas say is compared with the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import align.records
import ingest.records
from align.cli import app

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = get_command(app)


def command_names() -> set[str]:
    """Return every command, groups as ``group command``."""
    names = set()
    for name, command in COMMANDS.commands.items():
        names |= {f"{name} {sub}" for sub in command.commands} if hasattr(command, "commands") else {name}
    return names


@pytest.mark.parametrize("name", sorted(command_names()))
def test_every_command_has_help_and_stands_in_the_readme(name: str) -> None:
    """Each command says what it does in a sentence, and README names it."""
    result = CliRunner().invoke(app, [*name.split(), "--help"])
    assert result.exit_code == 0
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"`{name}`" in readme or f"quoteline {name}" in readme


def test_the_readme_names_no_command_that_is_not_there() -> None:
    """Every ``quoteline X`` printed in the documents is a command."""
    for name in ("README.md", "ARCHITECTURE.md", "seeds/README.md", "corpus/README.md", "align/lexica/README.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        used = set(re.findall(r"^ {4}(?:\.venv/bin/)?quoteline ([a-z]+)", text, re.MULTILINE))
        used |= set(re.findall(r"`quoteline ([a-z]+)", text))
        assert used <= set(COMMANDS.commands), name


def test_the_schemas_are_those_of_the_records(tmp_path: Path) -> None:
    """``corpus/schema`` is what ``quoteline schema`` writes today."""
    result = CliRunner().invoke(app, ["schema", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    made = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "corpus/schema").iterdir()}
    assert made == kept


def test_the_datasheet_lists_the_fields_of_every_record() -> None:
    """Each record's table row in ``corpus/README.md`` names exactly its fields, in order."""
    text = (ROOT / "corpus/README.md").read_text(encoding="utf-8")
    rows = {name: fields.split() for name, fields in re.findall(r"^\| (\w+) \| ([^|]+) \|", text, re.MULTILINE)}
    for name in ("Document", "Segment", "Translation", "Drop", "Run", "Mention", "Citation", "Link", "Utterance"):
        of = getattr(ingest.records, name, None) or getattr(align.records, name)
        assert rows[name] == [f"`{field}`" for field in of.__struct_fields__], name


def test_the_lexica_are_explained_list_by_list() -> None:
    """``align/lexica/README.md`` names every table and list that a lexicon has, and none that no lexicon has."""
    text = (ROOT / "align/lexica/README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", text, re.MULTILINE)
    told = {table: lists for table, lists in rows if not table.endswith(".toml")}
    used: dict[str, set[str]] = {table: set() for table in told}
    for path in (ROOT / "align/lexica").glob("??.toml"):
        for table, lists in tomllib.loads(path.read_text(encoding="utf-8")).items():
            used[table] |= set(lists) if table != "inflection" else {"*"}
    for table, lists in used.items():
        named = {name for name in re.findall(r"`([^`]+)`", told[table]) if name.isidentifier() or name == "*"}
        assert named == lists, table


def test_the_pinned_versions_are_names_and_versions_only() -> None:
    """``constraints.txt`` holds ``name==version`` lines and no address."""
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!_-]+", line), line
