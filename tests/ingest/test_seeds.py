"""Seed files: what is right is loaded, what is wrong is named."""

from pathlib import Path

import pytest

from ingest import seeds
from ingest.errors import SeedError

OUTLET = """
[[outlet]]
id = "lighthouse"
name = "The Lighthouse"
domains = ["lighthouse.example"]
country = "GB"
language = "en"
kind = "newspaper"
rights = "excerpt"
delay = 2.5
[[outlet.source]]
kind = "feed"
url = "https://lighthouse.example/feed.xml"
[[outlet.source]]
kind = "sitemap"
url = "https://lighthouse.example/sitemap.xml"
checked = "2026-01-05"
"""
PERSON = """
[[person]]
id = "maren-oldcastle"
name = "Maren Oldcastle"
gender = "f"
aliases = { ru = ["Марен Олдкасл"], el = ["Μάρεν Όλντκασλ"] }
[[person.role]]
from = "2025-03-01"
country = "GB"
titles = { en = ["harbour minister"] }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A seeds folder with one good outlet and one good person."""
    (tmp_path / "outlets").mkdir()
    (tmp_path / "outlets/a.toml").write_text(OUTLET, encoding="utf-8")
    (tmp_path / "speakers.toml").write_text(PERSON, encoding="utf-8")
    return tmp_path


def test_good_seeds(folder):
    """Outlets come with their sources, persons with their roles, in the order of the files."""
    loaded, errors = seeds.load(folder)
    assert errors == []
    assert [source.kind for source in loaded.outlets[0].sources] == ["feed", "sitemap"]
    assert loaded.outlets[0].delay == 2.5
    assert loaded.persons[0].roles[0].since == "2025-03-01"


@pytest.mark.parametrize(
    ("before", "after", "about", "why"),
    [
        ('language = "en"', 'language = "e"', "outlet lighthouse: language", "regex"),
        ('kind = "newspaper"', 'kind = "blog"', "outlet lighthouse: kind", "blog"),
        ('kind = "feed"', 'kind = "fed"', "outlet lighthouse: sources[0].kind", "fed"),
        ("delay = 2.5", "delay = -1", "outlet lighthouse: delay", "3600"),
        ("delay = 2.5", "delays = 2.5", "outlet lighthouse", "delays"),
        ("delay = 2.5", 'timezone = "Europe/Atlantis"', "outlet lighthouse: timezone", "IANA"),
        ('"https://lighthouse.example/feed.xml"', '"feed.xml"', "sources[0].url", "http://"),
        ('["lighthouse.example"]', '["https://Lighthouse.example"]', "domains[0]", "lower case"),
        ('id = "lighthouse"', "", "outlet number 1", "id"),
        ("[[outlet]]", "[[outlets]]", "a.toml", "[[outlets]]"),
    ],
)
def test_bad_field(folder, before, after, about, why):
    """An error names the file, the entry and the field, and the other files are still loaded."""
    (folder / "outlets/a.toml").write_text(OUTLET.replace(before, after, 1), encoding="utf-8")
    (folder / "outlets/b.toml").write_text(OUTLET.replace("lighthouse", "breakwater"), encoding="utf-8")
    loaded, errors = seeds.load(folder)
    assert [outlet.id for outlet in loaded.outlets] == ["breakwater"]
    assert len(loaded.persons) == 1
    assert "a.toml" in str(errors[0])
    assert about in str(errors[0])
    assert why in str(errors[0])


@pytest.mark.parametrize("content", [b"[[outlet]\n", b"\xff\xfe", b"id = " + b"[" * 5000])
def test_broken_file(folder, content):
    """A file that is not TOML costs itself only."""
    (folder / "outlets/0.toml").write_bytes(content)
    loaded, errors = seeds.load(folder)
    assert len(loaded.outlets) == 1
    assert "0.toml" in str(errors[0])


def test_a_bad_entry_spares_its_neighbours(folder):
    """One wrong outlet of a file does not cost the others in it."""
    good = OUTLET.replace("lighthouse", "breakwater")
    (folder / "outlets/a.toml").write_text(OUTLET.replace('"excerpt"', '"all"') + good, encoding="utf-8")
    loaded, errors = seeds.load(folder)
    assert [outlet.id for outlet in loaded.outlets] == ["breakwater"]
    assert len(errors) == 1


def test_repetition(folder):
    """Of two outlets that claim one id or one domain the first stays."""
    (folder / "outlets/b.toml").write_text(OUTLET.replace('id = "lighthouse"', 'id = "second"'), encoding="utf-8")
    loaded, errors = seeds.load(folder)
    assert [outlet.id for outlet in loaded.outlets] == ["lighthouse"]
    assert "domain lighthouse.example is declared before, by lighthouse" in str(errors[0])


def test_missing_folder(tmp_path):
    """A folder that is not there is an error, not an empty list."""
    with pytest.raises(SeedError, match="no such folder"):
        seeds.load(tmp_path / "nowhere")
