"""Whom a printed speaker means."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import extract, speaker
from align.records import Mention
from ingest.jsonl import instant
from ingest.records import Document, Person, Role
from tests.steps import steps

_READ = tomllib.loads((Path(__file__).parents[1] / "cases/speaker.toml").read_text("utf-8"))
CASES, PRINTED = _READ["input"], _READ["printed"]
_MARK = re.compile(r"⟪|⟫|⟦(?:(?P<of>\d+):)?(?P<who>.*?)⟧", re.S)


@dataclass(frozen=True)
class Reported:
    """What extraction would hand over."""

    mention: Mention
    speaker_span: tuple[int, int] | None


def read(text: str, name: str, language: str, cues: Sequence[str] = ()) -> tuple[Document, list[Reported]]:
    """Take the marks out of a marked text: the document, and its mentions with their printed speakers."""
    plain, said, who, open_, last = "", [], {}, [], 0
    for match in _MARK.finditer(text):
        plain, last = plain + text[last : match.start()], match.end()
        if match.group() == "⟪":
            open_.append(len(said))
            said.append([len(plain), 0, len(open_) > 1])
        elif match.group() == "⟫":
            said[open_.pop()][1] = len(plain)
        else:
            number = int(match["of"]) - 1 if match["of"] else len(who)
            who[number] = len(plain), len(plain) + len(match["who"])
            plain += match["who"]
    plain += text[last:]
    found = []
    for number, (start, end, nested) in enumerate(said):
        a, b = who[number]
        mention = Mention(
            id=f"{name}-{number}", document=name, start=start, end=end, text=plain[start:end], speaker=plain[a:b],
            form="nested" if nested else None, cue=cues[number] if cues else "",
        )  # fmt: skip
        found.append(Reported(mention, (a, b) if b > a else None))
    return Document(id=name, text=plain, language=language), found


def resolved(documents, persons=()):
    """Return the persons of marked documents (as in the cases), "" for none."""
    pages, found = [], {}
    for number, marked in enumerate(documents):
        page, found[f"d{number}"] = read(marked["text"], f"d{number}", marked["language"], marked.get("cues", ()))
        when = instant(marked["published"]) if "published" in marked else None
        pages.append(msgspec.structs.replace(page, published=when, title=marked.get("title")))
    return [mention.person or "" for mention in speaker.resolve(pages, found, persons)]


def declared(case):
    """Return the persons that a case declares."""
    return [msgspec.convert(person, Person) for person in case.get("person", ())]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["claim"].replace(" ", "-")[:60])
def test_printed_speakers_are_resolved(case):
    """Each printed speaker of a case's documents means the person that the case says."""
    expected = [person for document in case["document"] for person in document["persons"]]
    assert resolved(case["document"], declared(case)) == expected


@pytest.mark.parametrize("case", PRINTED, ids=lambda c: c["claim"].replace(" ", "-")[:60])
def test_the_speaker_is_printed(case):
    """Extraction prints the speakers that a case says, and not whoever else stands beside the cue."""
    page = Document(id="d", text=case["text"], language=case["language"])
    assert [mention.speaker for mention in extract.extract(page)] == case["speakers"]


EVIDENCE = (
    "Radomir Dregov came late. ⟪The pass will open⟫, ⟦he⟧ said. ⟪It snows⟫⟦⟧. ⟪Bring a shovel⟫, said ⟦Dregov⟧. "
    "⟪It is cold⟫, ⟦a source in the ministry⟧ said. ⟦Moscow⟧ said ⟪it was warm⟫. ⟪Maybe⟫, said ⟦the green car⟧. "
    "Foreign Minister Radomir Dregov left. ⟪It is late⟫, ⟦the minister⟧ said.",
    [
        ("pronoun", "Radomir Dregov", 0),
        ("silence", "Radomir Dregov", 0),
        ("name", "Dregov", 86),
        ("anonymous", "", None),
        ("institution", "Moscow", 137),
        ("unresolved", "", None),
        ("role", "Dregov", 86),
    ],
)


def test_every_answer_says_what_it_stands_on():
    """Each mention tells the method, and the place that names the speaker stands in the document's text."""
    document, found = read(EVIDENCE[0], "d", "en")
    told = speaker.resolve_with_evidence([document], {"d": found}, [])
    for one in told:
        if one.antecedent is not None:
            assert document.text[slice(*one.antecedent)] == one.words
    starts = [(one.method, one.words, one.antecedent and one.antecedent[0]) for one in told]
    assert starts == EVIDENCE[1]


def test_an_office_says_where_it_was_learnt():
    """An office that another page tells, or a declaration, is said with its place or its days."""
    elsewhere, _ = read("Глава МИД Кестрии Радомир Дрегов прилетел.", "far", "ru")
    here, found = read("«⟪Перевал откроют⟫», — сказал ⟦глава МИД Кестрии⟧.", "near", "ru")
    (learnt,) = speaker.resolve_with_evidence([elsewhere, here], {"near": found}, [])
    assert (learnt.method, learnt.mention.person) == ("role", "Radomir Dregov")
    assert "far 0-32" in learnt.basis
    (seeded,) = speaker.resolve_with_evidence([here], {"near": found}, [MINISTER])
    assert seeded.basis == 'declared as "глава МИД Кестрии", 2024-01-01 to 2025-12-31'


MINISTER = Person(
    id="p",
    name="Radomir Dregov",
    gender="m",
    aliases={"ru": ("Радомир Дрегов",)},
    roles=(Role(since="2024-01-01", until="2025-12-31", titles={"ru": ("глава МИД Кестрии",)}),),
)


@pytest.mark.parametrize(("day", "person"), [("2025-05-01", "Radomir Dregov"), ("2026-05-01", "")])
def test_declared_roles_hold_on_their_days(day, person):
    """A role names its declared holder on a page of his time in office, and nobody after it."""
    document, found = read("«⟪Перевал откроют⟫», — сказал ⟦глава МИД Кестрии⟧.", "d", "ru")
    dated = Document(id="d", text=document.text, language="ru", published=instant(day))
    assert (speaker.resolve([dated], {"d": found}, [MINISTER])[0].person or "") == person


def test_declared_spelling_wins():
    """A declared name is printed as declared, however the pages spell it."""
    person = Person(id="p", name="Radomir K. Dregov", aliases={"ru": ("Радомир Дрегов",), "en": ("Radomir Dregov",)})
    texts = [
        {"text": "⟪Yes⟫, ⟦Radomir Dregov⟧ said.", "language": "en"},
        {"text": "«⟪Да⟫», — сказал ⟦Дрегов⟧.", "language": "ru"},
    ]
    assert resolved(texts, [person]) == ["Radomir K. Dregov", "Radomir K. Dregov"]


@given(
    st.lists(
        st.sampled_from(["Анна", "Дрегов", "президент", "Кестрии", "он", "«", "»", ".", "\n\n", "В.", "и", ","]),
        max_size=60,
    )
)
@settings(max_examples=60, deadline=None)
def test_mentions_only_gain_a_person(pieces):
    """Whatever the text, every mention comes back once, in order, changed in nothing but its person."""
    text = " ".join(pieces) + " сказал"
    mention = Mention(id="m", document="d", start=0, end=len(text), text=text, speaker=text)
    found = {"d": [Reported(mention, (0, len(text))), Reported(mention, None)]}
    result = speaker.resolve([Document(id="d", text=text, language="ru")], found, [])
    assert [m.text for m in result] == [text, text]
    assert all(m.start == 0 and m.end == len(text) for m in result)


HOSTILE = ["Анна Дрегова ", "президент ", "А. ", "A-", "«Он ", "Анна Дрегова. Министр "]
HOSTILE += ["МИД того ", "министр «", "глава школы ", "» ", "the Pilots' Guild, ", "его сосед Ян, "]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_takes_linear_time(piece):
    """Four times the text takes about four times the steps."""

    def cost(size):
        document = Document(id="d", text=piece * size, language="ru")
        return steps(lambda: speaker.resolve([document], {"d": []}, []))

    cost(200)
    assert cost(4000) < 6 * cost(1000)


def test_many_silent_speakers_take_linear_time():
    """Four times the quotations without a printed speaker take about four times the steps."""

    def cost(size):
        document, found = read("Анна Дрегова вошла. «⟪Да⟫»⟦⟧. ⟦Он⟧ сказал: «⟪Нет⟫». " * size, "d", "ru")
        return steps(lambda: speaker.resolve([document], {"d": found}, []))

    cost(50)
    assert cost(800) < 6 * cost(200)
