"""What a page reports as said: found with kind, speaker as printed and exact place, and nothing that is not speech."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import extract, lexicon
from ingest.records import Document
from tests.steps import steps

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/extract.toml").read_text("utf-8"))["case"]
PIECES = [
    "«", "»", "“", "”", '"', "—", ":", ",", ".", "\n", " ", "- ", "Дрегов", "заявил", "что", "said", "that", "Dregov",
    "είπε", "ότι", "по словам", "according to", "Вопрос", "мост откроют завтра",
]  # fmt: skip
UNITS = [
    "«",
    "» ",
    "— ",
    '"a" ',
    "он сказал, что ",
    "«Да, да», — сказал он. — ",
    "По словам ",
    "a\n",
    "Анна Пелль: да.\n",
]


def read(text: str, language: str) -> list[list[str]]:
    """Return kind, form, speaker and words of each mention."""
    mentions = extract.extract(Document(id="d", text=text, language=language))
    return [[m.kind, m.form or "", m.speaker, m.text] for m in mentions]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["claim"].replace(" ", "-")[:60])
def test_reports_of_speech_are_found(case):
    """Kind, form, speaker as printed and words are as the case says, in order of place."""
    assert read(case["text"], case["language"]) == case["expect"]


@given(st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from(["ru", "en", "el", "uk", "de"]))
@settings(max_examples=150, deadline=None)
def test_every_mention_is_at_its_place(pieces, language):
    """Whatever the text, a mention's words and speaker stand where it says, and none is there twice."""
    document = Document(id="d", text=" ".join(pieces), language=language)
    found = extract.extract_with_evidence(document)
    for one in found:
        assert document.text[one.mention.start : one.mention.end] == one.mention.text
        assert one.mention.text.strip()
        if one.speaker_span:
            assert document.text[slice(*one.speaker_span)] == one.mention.speaker
    places = [(one.mention.start, one.mention.end) for one in found]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("unit", UNITS)
def test_the_work_grows_with_the_text(unit):
    """Four times the text takes about four times the steps, whatever marks and cues it is made of."""

    def cost(size: int) -> int:
        document = Document(id="d", text=(unit * size)[:size], language="ru")
        return steps(lambda: extract.extract(document))

    lexicon.load("ru")
    assert cost(120_000) < 6 * cost(30_000)


def test_a_language_is_its_file_alone():
    """Every lexicon of the folder loads, with marks and reporting words that match their own forms."""
    for path in Path(lexicon.__file__).with_name("lexica").glob("??.toml"):
        words = lexicon.load(path.stem)
        data = tomllib.loads(path.read_text("utf-8"))
        assert words.pairs
        for verbs in data["verbs"].values():
            for line in verbs.values():
                for form in filter(str.strip, line.split("/")[0].split(",")):
                    folded = lexicon.flat(form.strip())
                    assert words.find(folded).at("cue", 0) == (0, len(folded)), (path.stem, form)


# A language of nobody's: its words are made up, and its quotation marks point inwards.
NOBODYS = """
[marks]
pairs = [["»", "«"]]
[clauses]
possessives = ["sen"]
[phrases]
that = ["et"]
according_to = ["po"]
according_to_him = ["{} po"]
previous = ["tos"]
[words]
roles = ["mer*"]
questions = ["kysa"]
answers = ["vasta"]
[inflection]
"" = ["in"]
[verbs.say]
"dara" = "darun / darend"
"""


def test_a_lexicon_file_adds_a_language(tmp_path, monkeypatch):
    """A file put beside the others makes a language known: quotations, clauses and labels are found by its words."""
    (tmp_path / "qaa.toml").write_text(NOBODYS, "utf-8")
    monkeypatch.setattr(lexicon, "FOLDER", tmp_path)
    lexicon.load.cache_clear()
    text = (
        "»Mos lopan apri vende«, darun mer Anton Dregov.\nDregov darun, et mos lopan apri vende.\n"
        "Po merin Dregov, nev lopan apri soli.\nSen po, nev lopan apri soli.\n"
        "Kysa: Lopan mos?\nVasta: Mos lopan apri vende nev."
    )
    try:
        found = read(text, "qaa")
    finally:
        lexicon.load.cache_clear()
    assert found == [
        ["direct", "quoted_sentence", "mer Anton Dregov", "Mos lopan apri vende"],
        ["indirect", "that_clause", "Dregov", "mos lopan apri vende"],
        ["indirect", "according_to", "merin Dregov", "nev lopan apri soli"],
        ["indirect", "according_to", "", "nev lopan apri soli"],
        ["direct", "transcript", "", "Mos lopan apri vende nev"],
    ]


def _strings(path: Path) -> Iterator[str]:
    """Yield the strings of a source file that are not documentation."""
    tree = ast.parse(path.read_text("utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def test_no_rule_knows_a_language():
    """In the code of extraction stands no language's name, and no letter of another script than Latin."""
    lexica = {path.stem for path in lexicon.FOLDER.glob("??.toml")}
    sources = list(Path(extract.__file__).parent.glob("*.py"))
    strings = {text for path in sources for text in _strings(path)}
    assert len(sources) > 5
    assert {"en", "ru", "el", "uk"} <= lexica
    assert not strings & lexica
    assert not [text for text in strings if any(letter.isalpha() and ord(letter) > 0x24F for letter in text)]
