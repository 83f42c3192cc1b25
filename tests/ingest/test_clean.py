"""Captures to documents: pages of our own writing with planted quotations, plain texts, and hostile bodies."""

from __future__ import annotations

import os
import re
import time
import tomllib
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ingest import charset, dates, strip
from ingest.clean import clean, clean_text
from ingest.ids import digest
from ingest.records import Capture, Document, Drop

HERE = Path(__file__).parents[1]
SHARED = Path(os.environ.get("QUOTELINE_SHARED") or HERE.parents[0] / "../shared")
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def capture(body, media_type="text/html", charset=None, url="http://pharos.example/a/1"):
    """A capture of these bytes."""
    return Capture(
        id="capture-1", url=url, fetched_at=NOW, media_type=media_type, charset=charset, digest=digest(body), body=body
    )


def page(name, encoding="utf-8"):
    """A page of tests/pages, cleaned."""
    return clean(capture((HERE / "pages" / f"{name}.html").read_text(encoding="utf-8").encode(encoding)))


PLANTED = {"el": ("el_planted", "utf-8"), "ru": ("ru_planted", "windows-1251"), "en": ("en_planted", "utf-8")}


@pytest.mark.parametrize("language", PLANTED)
def test_every_planted_quotation_is_kept_and_none_of_a_read_also_box(language):
    """Quotations in paragraphs, lists, block quotes, pull quotes and embeds stay; those of boxes go."""
    document = page(*PLANTED[language])
    assert isinstance(document, Document)
    source = (HERE / "pages" / f"{PLANTED[language][0]}.html").read_text(encoding="utf-8").partition("</head>")[2]
    assert document.text.count("KEEP") == source.count("KEEP")
    assert "GONE" not in document.text


WORDS = {
    "el": ("Τι απάντησε η υφυπουργός", ["Ροή", "Ρoή", "Ακολουθήστε", "Φωτό", "σχόλια", "Γράφει", "Παιδεία\n"]),
    "ru": ("Министр транспорта Кестрии назвал срок", ["Теги", "Фото:", "Подписывайтесь", "просмотров", "Все права"]),
    "en": ("Transport minister Ruth Callow rules out", ["IMG_", "Photo:", "Share", "Subscribe", "Comments", "By Nora"]),
}


@pytest.mark.parametrize("language", WORDS)
def test_the_standfirst_stays_first_and_the_site_s_own_lines_go(language):
    """The standfirst opens the text; captions, bylines, counters, tags and invitations are not in it."""
    document = page(*PLANTED[language])
    standfirst, gone = WORDS[language]
    assert document.text.startswith(standfirst)
    assert [word for word in gone if word in document.text] == []
    assert document.title not in document.text
    assert strip.undo(document.text, document.steps)


def test_title_byline_and_dates_are_apart_and_zoned():
    """JSON-LD, meta elements and printed Greek dates give the same fields."""
    ru, el, en = (page(*PLANTED[language]) for language in ("ru", "el", "en"))
    assert (ru.title, ru.byline) == ("Вельский пообещал открыть паром к маю", "Инга Соломина")
    assert ru.published == datetime(2026, 3, 17, 6, 5, tzinfo=UTC)
    assert ru.modified == datetime(2026, 3, 17, 8, 40, tzinfo=UTC)
    assert el.published == datetime(2026, 4, 14, 18, 35, tzinfo=UTC)
    assert (en.byline, en.published) == ("Nora Fell", datetime(2026, 5, 2, 7, 15, tzinfo=UTC))
    assert {document.first_seen for document in (ru, el, en)} == {NOW}


def test_a_page_without_an_article_is_dropped():
    """Navigation and teasers are no article."""
    dropped = page("no_article")
    assert isinstance(dropped, Drop)
    assert (dropped.stage, dropped.reason) == ("clean", "no_article")


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("5 марта 202611:53", "2026-03-05T11:53"),
        ("14:54, 09 фев 2026", "2026-02-09T14:54"),
        ("10:59 10.12.2025 (обновлено: 11:08 10.12.2025)", "2025-12-10T10:59"),
        ("Κόσμος|28.12.2025 07:30", "2025-12-28T07:30"),
        ("Δημοσιεύθηκε: 12/03/2026 - 17:44", "2026-03-12T17:44"),
        ("Τρίτη, 14 Απριλίου 2026, 18:35", "2026-04-14T18:35"),
        ("Δευτέρα 30 Νοέ 2015", "2015-11-30T00:00"),
        ("Published 2:10 PM, Wednesday, May 6, 2026", "2026-05-06T14:10"),
        ("сегодня в 12:09", "2026-07-01T12:09"),
        ("вчера, 23:15", "2026-06-30T23:15"),
        ("χθες στις 08:00", "2026-06-30T08:00"),
        ("2026/03/05 11:53", "2026-03-05T11:53"),
        ("2026年3月5日", "2026-03-05T00:00"),
        ("31 февраля 2026", None),
        ("в мае того же года", None),
    ],
)
def test_printed_dates_are_read(printed, expected):
    """Month names of three languages, glued and relative forms."""
    moment = dates.printed(printed, NOW)
    assert (moment.at.strftime("%Y-%m-%dT%H:%M") if moment else None) == expected


HARBOUR = "<p>" + "The ferry will sail in May, the minister said on Monday. " * 5 + "</p>"


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("<p class=date>14.01.2026 10:30</p>", datetime(2026, 1, 14, 8, 30, tzinfo=UTC)),
        ("<p class=date>14.06.2026 10:30</p>", datetime(2026, 6, 14, 7, 30, tzinfo=UTC)),
        ("<time datetime='2026-01-14T10:30:00+03:00'>10:30</time>", datetime(2026, 1, 14, 7, 30, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_in_that_of_the_outlet(printed, expected):
    """Summer and winter differ; a zone that the page prints stands."""
    body = f"<html><body><article><h1>The ferry sails in May</h1>{printed}{HARBOUR}</article></body></html>"
    assert clean(capture(body.encode()), ZoneInfo("Europe/Athens")).published == expected


def test_the_day_may_stand_in_the_url_alone():
    """Where a page prints no date, markup and URL are searched for one."""
    body = f"<html><body><article><h1>The ferry sails in May</h1>{HARBOUR}</article></body></html>"
    made = clean(capture(body.encode(), url="https://courier.example/2026/02/11/the-ferry-sails-in-may.html"))
    assert made.published == datetime(2026, 2, 11, tzinfo=UTC)


def test_no_date_is_after_the_fetch():
    """A claimed date in the future is not believed; one within a day is cut to the fetch."""
    far = b'<meta property="article:published_time" content="2031-01-01T00:00:00Z">'
    body = b"<html><head>%s</head><body><h1>A title for this page</h1><p>%s</p></body></html>"
    text = b"The ferry will sail in May, the minister said on Monday. " * 5
    assert clean(capture(body % (far, text))).published is None
    near = dates.settled(dates.iso("2026-07-01T20:00:00"), None, NOW)
    assert near == NOW


@pytest.mark.parametrize(
    ("encoding", "header", "meta"),
    [
        ("windows-1251", "windows-1251", ""),
        ("windows-1251", None, "windows-1251"),
        ("koi8-r", None, "koi8-r"),
        ("windows-1251", "utf-8", "windows-1251"),
        ("windows-1251", None, ""),
        ("utf-8", "no-such-charset", ""),
        ("utf-8-sig", "windows-1251", ""),
        ("utf-16", None, ""),
    ],
)
def test_charset_is_the_mark_the_header_the_page_s_word_then_detected(encoding, header, meta):
    """A wrong header costs no letter."""
    prose = "Паром через пролив начнёт ходить до конца мая, сообщил министр транспорта. " * 4
    text = f"<html><head><meta charset='{meta}'></head><body><p>{prose}</p></body></html>"
    assert prose in charset.decoded(text.encode(encoding), header)


PLAIN = """Διεθνή
Τελευταία Νέα

Why the minister is "closing" the "age of ferries" – or is it a bluff over 12 million crowns

Why the minister is
Callow hits out – She spoke of the absence of a "quiet crossing"

The message from Port Harrow is clear: the ferry stays, the minister Ruth Callow said on Monday.7_120.JPG

Price war

“Tickets will not rise,” she said (https://pharos.example/a?id=1), and left.
👉 It ends there.
5_11.jpg

www.pharos.example

Ρoή Ειδήσεων

Σχόλια αναγνωστών

Subscribe
Notify of
guest

0 Comments"""


def test_a_saved_plain_text_becomes_its_article():
    """Masthead, cut headline, picture names, labels and forms go; sentences, headings and addresses in them stay."""
    document = clean_text(PLAIN, "saved.txt", NOW)
    assert document.title.startswith('Why the minister is "closing"')
    assert document.outlet == "pharos.example"
    assert document.text.split("\n\n") == [
        'Callow hits out – She spoke of the absence of a "quiet crossing"',
        "The message from Port Harrow is clear: the ferry stays, the minister Ruth Callow said on Monday.",
        "Price war",
        "“Tickets will not rise,” she said (https://pharos.example/a?id=1), and left.",
        "👉 It ends there.",
    ]
    assert strip.undo(document.text, document.steps) == PLAIN
    assert clean(capture(PLAIN.encode(), "text/plain", url="saved.txt")).text == document.text


LINKED = """<html><body><nav><a href="https://mainland.example/a">Mainland</a></nav><article>
<h1>The ferry sails in May</h1>
<p class=date>14.01.2026 10:30</p><p>As <a href="https://Northwire.example/2026/ferry?utm_source=feed#top"> Northwire
<b>reported</b></a> first, the min<a href="//courier.example/pier">ister</a>
spoke on Monday of the ferry and the pier.</p>
<p>Read also: <a href="https://mainland.example/b">Fish has become dear in Port Harrow this spring</a></p>
<p>{}</p></article></body></html>"""
REFUSED = (
    "/own", "https://pharos.example/own", "https://m.pharos.example/own", "https://news.pharos.example/own",
    "javascript:alert(1)", "mailto:ruth@callow.example", "https://user:word@mainland.example/", "https://[::1/", "",
    "ftp://mainland.example/a", "https://mainland.example/" + "a" * 5000,
)  # fmt: skip


def test_links_to_other_sites_are_kept_with_their_words():
    """Offsets are exact behind stripped lines and folded blanks; the URL is canonical; boxes and menus give none."""
    document = clean(capture(LINKED.format(HARBOUR).encode()))
    assert [(document.text[a.start : a.end], a.url) for a in document.anchors] == [
        ("Northwire reported", "https://northwire.example/2026/ferry"),
        ("ister", "http://courier.example/pier"),
    ]


@pytest.mark.parametrize("address", REFUSED)
def test_a_link_to_the_own_site_or_to_nowhere_is_not_kept(address):
    """What could not be named as a page of another site is no link; its words stay."""
    document = clean(capture(LINKED.format(f'The <a href="{address}">minister</a> left. {HARBOUR}').encode()))
    assert "The minister left." in document.text
    assert len(document.anchors) == 2


def test_links_are_bounded():
    """A page of links keeps the first of them."""
    many = " ".join(f'<a href="https://mainland.example/{n}">word</a> and' for n in range(500))
    document = clean(capture(LINKED.format(f"{HARBOUR}</p><p>{many} the minister spoke of it all on Monday.").encode()))
    assert len(document.anchors) == 50
    assert all(document.text[a.start : a.end] == "word" for a in document.anchors[2:])


def test_links_do_not_change_the_text():
    """A page has the same text with its links and without."""
    page = LINKED.format(HARBOUR)
    bare = re.sub(r"<a [^>]*(northwire|courier)[^>]*>(.*?)</a>", r"<span>\2</span>", page, flags=re.I | re.S)
    assert clean(capture(page.encode())).text == clean(capture(bare.encode())).text


@pytest.mark.parametrize("name", ["000_99aec76cdf99a96b.txt", "004_cb54f7376d533c14.txt"])
def test_the_founding_documents_keep_every_sentence(name):
    """Of the two texts the tool was made for, only what is the site's goes."""
    path = SHARED / "seeds" / name
    if not path.is_file():
        pytest.skip("the founding documents are not beside this checkout")
    text = path.read_text(encoding="utf-8")
    document = clean_text(text, name, NOW)
    lines = document.text.split("\n\n")
    gone = ["Τελευταία Νέα", "Διεθνή", "Ρoή Ειδήσεων", "Σχόλια αναγνωστών", "Δείτε επίσης", "www.bankingnews.gr",
            "Why Russia is", "Archives", "Subscribe", "Notify of", "guest", "0 Comments"]  # fmt: skip
    assert not set(gone) & set(lines)
    assert not re.search(r"\d_\d+\.jpg", document.text, re.IGNORECASE)
    kept = [line for line in text.split("\n") if len(line) > 100 and line != document.title]
    assert [line for line in kept if re.sub(r"\d_\d+\.jpg$", "", line, flags=re.IGNORECASE).strip() not in lines] == []
    assert document.outlet == ("bankingnews.gr" if name.startswith("000") else None)


SENTENCE = b"The ferry will sail in May, said the minister, and nobody believed it at the time. "
HOSTILE = {
    "empty": (b" \n\t", "empty_body"),
    "image": (b"\x89PNG\r\n\x1a\n" + bytes(500), "binary_body"),
    "NULs": (bytes(5000), "binary_body"),
    "noise": (bytes(range(32, 256)) * 50, "no_article"),
    "50,000 nested elements": (b"<html><body>" + b"<div>" * 50_000 + SENTENCE, "too_deep"),
    "nested marks": (b"<html><body>" + b"<q>" * 20_000 + SENTENCE, "too_deep"),
    "links only": (b"<html><body>" + b"<a href=x>ab cd</a> " * 20_000, "no_article"),
    "open brackets": (b"<" * 300_000, "no_article"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_a_named_drop_in_bounded_time(name):
    """Each costs one page and a few seconds at most."""
    body, reason = HOSTILE[name]
    before = time.process_time()
    dropped = clean(capture(body))
    assert isinstance(dropped, Drop)
    assert dropped.reason == reason
    assert time.process_time() - before < 5


def test_many_paragraphs_take_bounded_time():
    """Ten thousand paragraphs are read in seconds, and all are kept."""
    body = b"<html><body><h1>A very long page</h1>" + b"".join(b"<p>%d. %s</p>" % (i, SENTENCE) for i in range(10_000))
    before = time.process_time()
    document = clean(capture(body))
    assert isinstance(document, Document)
    assert document.text.count("ferry") == 10_000
    assert time.process_time() - before < 15


def test_control_characters_and_lone_surrogates_are_not_stored():
    """What XML forbids and what turns text around is taken out before anything else."""
    document = clean(capture(b"<html><body><h1>Some title of it</h1><p>A\x00b\xe2\x80\xaec " + SENTENCE * 3 + b"</p>"))
    assert isinstance(document, Document)
    assert not re.search("[\x00-\x08\u202e\ud800-\udfff]", document.text)


def test_other_media_are_dropped():
    """A page of another type is named as such."""
    assert clean(capture(b"{}" * 50, "application/json")).reason == "unsupported_media"


LAYOUTS = tomllib.loads((HERE / "cases" / "layout.toml").read_text(encoding="utf-8"))["page"]


@pytest.mark.parametrize("case", LAYOUTS, ids=lambda case: case["name"])
def test_an_article_is_found_whole_however_it_is_laid_out(case):
    """Every part that the case keeps is in the text, and nothing that it calls foreign."""
    numbers = count(1)
    prose = "was read to the council of the port, which has twelve members, before they voted in the afternoon."
    body = re.sub(r"\{p\}", lambda _: f"<p>Paragraph {next(numbers)} {prose}</p>", case["html"])
    document = clean(capture(f"<html><title>Harbour of Kestria</title><body>{body}</body></html>".encode()))
    assert isinstance(document, Document), document
    assert [part for part in case["kept"] if part not in document.text] == []
    assert [part for part in case["gone"] if part in document.text] == []
