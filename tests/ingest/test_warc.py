"""WARC files: what is written is read back; what is damaged costs itself only."""

import gzip
import re
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from ingest import ids, warc
from ingest.errors import RecordError, StoreError
from ingest.records import Capture, Drop

NOON = datetime(2026, 1, 5, 12, 0, 0, 123456, tzinfo=UTC)


def capture(number: int, body: bytes = b"", **fields: object) -> Capture:
    """Make a capture of an invented page."""
    body = body or f"<p>Page {number}</p>".encode() * 50
    url = f"https://site.example/news/{number}"
    digest = ids.digest(body)
    values = {
        "id": ids.content_id("capture", url, digest),
        "run": "run-1",
        "outlet": "lighthouse",
        "source": "https://site.example/feed.xml",
        "url": url,
        "fetched_at": NOON,
        "media_type": "text/html",
        "charset": "utf-8",
        "digest": digest,
        "body": body,
    }
    return Capture(**(values | fields))


@pytest.fixture
def five(tmp_path: Path) -> tuple[Path, list[Capture], list[int]]:
    """A complete file with five captures."""
    captures = [capture(n) for n in range(5)]
    path = tmp_path / "warc/run-1.warc.gz"
    return path, captures, warc.write(path, captures)


def test_round_trip(five):
    """Captures come back as they were, in order, each also from its offset."""
    path, captures, offsets = five
    assert list(warc.read(path)) == captures
    assert list(warc.read_with_offsets(path)) == list(zip(captures, offsets, strict=True))
    assert [warc.read_at(path, offset) for offset in offsets] == captures


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200),
    url=st.one_of(st.just("https://site.example/ü?a=b c&d=%41"), st.text(min_size=1, max_size=30)),
    text=st.one_of(st.none(), st.text(max_size=20)),
    at=st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.just(UTC)),
    media=st.sampled_from([(None, None), ("text/html", None), (None, "koi8-r"), ("application/rss+xml", "x")]),
    status=st.sampled_from([200, 203]),
)
def test_any_capture_round_trips(tmp_path, body, url, text, at, media, status):
    """Any body, URL, name and time survive."""
    digest = ids.digest(body)
    one = Capture(
        id="capture-1", run=text, outlet=text, source=text, url=url, fetched_at=at, status=status,
        media_type=media[0], charset=media[1], digest=digest, body=body,
    )  # fmt: skip
    path = tmp_path / f"{digest[7:20]}{abs(hash((url, text, at, media, status)))}.warc.gz"
    warc.write(path, [one])
    assert list(warc.read(path)) == [one]


def test_other_programs_read_it(five):
    """warcio reads the file: a warcinfo, then responses with the headers that the capture knows."""
    path, captures, _ = five
    with path.open("rb") as file:
        records = [
            (r.rec_type, r.rec_headers.get_header("WARC-Target-URI"), r.content_stream().read())
            for r in ArchiveIterator(file, check_digests="raise")
        ]
    assert records[0][0] == "warcinfo"
    assert [record[1:] for record in records[1:]] == [(one.url, one.body) for one in captures]


def test_same_captures_same_bytes(five, tmp_path):
    """Writing is reproducible: neither the clock nor chance is in the file."""
    path, captures, _ = five
    warc.write(tmp_path / "again" / path.name, captures)
    assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_nothing_to_write(tmp_path):
    """No captures make no file."""
    assert warc.write(tmp_path / "x.warc.gz", []) == []
    assert list(tmp_path.iterdir()) == []


def test_incomplete_until_renamed(tmp_path):
    """While captures come, and when their source fails, the file does not bear its name."""
    path = tmp_path / "x.warc.gz"

    def source():
        yield capture(1)
        assert [p.name for p in tmp_path.iterdir()] == ["x.warc.gz.open"]
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        warc.write(path, source())
    assert not path.exists()


def test_never_over_another_file(five):
    """An existing file is neither appended to nor replaced."""
    path, captures, _ = five
    before = path.read_bytes()
    with pytest.raises(StoreError, match="there already"):
        warc.write(path, captures)
    assert path.read_bytes() == before


def test_folder_that_cannot_be_written(tmp_path):
    """What the disk refuses is a StoreError that names the file."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match=r"x.warc.gz"):
        warc.write(tmp_path / "file/x.warc.gz", [capture(1)])


def kept(path: Path, captures: list[Capture]) -> tuple[list[int], list[Drop]]:
    """Return which of the captures came back, and the drops."""
    found = list(warc.read(path))
    drops = [one for one in found if isinstance(one, Drop)]
    assert all(one in captures for one in found if isinstance(one, Capture))
    return [captures.index(one) for one in found if isinstance(one, Capture)], drops


def plain(five) -> list[int]:
    """Turn the file of five into a plain one; return the offsets."""
    path = five[0]
    path.write_bytes(gzip.decompress(path.read_bytes()))
    return [match.start() for match in re.finditer(rb"WARC/1\.1\r\n", path.read_bytes())][1:]


@pytest.mark.parametrize("packed", [True, False])
def test_torn_tail(five, packed):
    """A file cut anywhere in its last record keeps the first four and names the loss."""
    path, captures, offsets = five
    offsets = offsets if packed else plain(five)
    whole = path.read_bytes()
    for cut in (offsets[4] + 1, offsets[4] + 30, (offsets[4] + len(whole)) // 2, len(whole) - 5):
        path.write_bytes(whole[:cut])
        indices, drops = kept(path, captures)
        assert indices == [0, 1, 2, 3]
        assert [(drop.stage, drop.reason, drop.record) for drop in drops] == [
            ("warc", "warc_damaged", f"{path.name}:{offsets[4]}")
        ]


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("where", [0.0, 0.02, 0.3, 0.5, 0.7, 0.95])
def test_damage_in_the_middle(five, packed, where):
    """Bytes overwritten within the third record cost that record; it is named, and the rest is read."""
    path, captures, offsets = five
    offsets = offsets if packed else plain(five)
    whole = bytearray(path.read_bytes())
    at = offsets[2] + int((offsets[3] - offsets[2]) * where)
    whole[at : at + 4] = bytes(byte ^ 0x5A for byte in whole[at : at + 4])
    path.write_bytes(whole)
    indices, drops = kept(path, captures)
    assert [index for index in indices if index != 2] == [0, 1, 3, 4]
    # A flipped letter in a header that nothing depends on is no damage.
    assert (2 in indices) == (drops == [])
    assert {drop.reason for drop in drops} <= {"warc_damaged", "http_error"}


@pytest.mark.parametrize("length", ["99999999", "7", "-1", "x", "", "999999999999999999999"])
def test_wrong_length(five, length):
    """A Content-Length that lies, in a plain file, costs one record."""
    path, captures, _ = five
    offsets = plain(five)
    whole = path.read_bytes()
    third = re.sub(rb"(?<=msgtype=response\r\nContent-Length: )\d+", length.encode(), whole[offsets[2] : offsets[3]])
    path.write_bytes(whole[: offsets[2]] + third + whole[offsets[3] :])
    indices, drops = kept(path, captures)
    assert indices == [0, 1, 3, 4]
    assert len(drops) == 1


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), packed=st.booleans())
def test_any_damage(tmp_path, data, packed):
    """Whatever happens to the bytes, reading ends, and no capture comes back changed."""
    captures = [capture(n) for n in range(3)]
    path = tmp_path / "x.warc.gz"
    path.unlink(missing_ok=True)
    warc.write(path, captures)
    whole = bytearray(path.read_bytes() if packed else gzip.decompress(path.read_bytes()))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))
    path.write_bytes(whole)
    for found in warc.read(path):
        assert isinstance(found, Drop) or found.digest == ids.digest(found.body)


def test_magic_everywhere(tmp_path):
    """A file full of beginnings of members is walked in time linear in its size."""
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00" * 50_000)
    assert {type(found) for found in warc.read(path)} == {Drop}


def record(kind: str, url: str, block: bytes, *extra: str, version: str = "1.0") -> bytes:
    """One record of another program's WARC file."""
    lines = [
        f"WARC/{version}", f"WARC-Type: {kind}", f"WARC-Target-URI: {url}", "WARC-Date: 2026-01-05T12:00:00Z", *extra,
        f"Content-Length: {len(block)}",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An HTTP response as a block."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode() + body


PAGE = "<p>Σήμερα</p>".encode("iso-8859-7")
FOREIGN = [
    record("warcinfo", "", b"software: other\r\n"),
    record("request", "https://a.example/1", b"GET / HTTP/1.1\r\n\r\n"),
    record("response", "https://A.example/1?utm_source=x", http(PAGE, "Content-Type: text/html; Charset=ISO-8859-7")),
    record("response", "<https://a.example/2>", http(gzip.compress(PAGE), "Content-Encoding: gzip")),
    record("response", "https://a.example/3", http(PAGE, "Content-Encoding: gzip")),
    record(
        "response",
        "https://a.example/4",
        http(b"5;x=y\r\n<p>ab\r\n4\r\n</p>\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
    ),
    record("response", "https://a.example/5", http(b"\x8b\x02\x80brotli", "Content-Encoding: br")),
    record("response", "https://a.example/6", http(b"", "Location: /", status="301 Moved")),
    record("response", "dns:a.example", b"20260105 a.example. IN A 1.2.3.4"),
    record("response", "https://a.example/7", b"no http at all"),
    record("response", "mailto:a@a.example", http(PAGE)),
    record("response", "https://a.example/8", http(zlib.compress(bytes(5_000_000), 9), "Content-Encoding: deflate")),
    record("response", "https://a.example/9", http(gzip.compress(PAGE)[:-6], "Content-Encoding: gzip")),
    record("revisit", "https://a.example/1", b""),
    record("resource", "https://a.example/10", b"<p>x</p>", "Content-Type: text/html", version="1.1"),
    record("metadata", "https://a.example/1", b"x: y\r\n"),
    record("response", "https://a.example/11", http(b"5\r\n<p>", "Transfer-Encoding: chunked")),
]


@pytest.mark.parametrize(
    "pack",
    [b"".join, lambda rows: b"".join(map(gzip.compress, rows)), lambda rows: gzip.compress(b"".join(rows))],
    ids=["plain", "members", "one member"],
)
def test_foreign_files(tmp_path, monkeypatch, pack):
    """Other programs' files, plain or packed: pages become captures without an outlet, and every loss is named."""
    monkeypatch.setattr(warc, "MAX_RECORD", 4_000_000)
    path = tmp_path / "CC-NEWS.warc.gz"
    path.write_bytes(pack(FOREIGN))
    found = list(warc.read(path))
    pages = [one for one in found if isinstance(one, Capture)]
    assert [(page.url[-2:], page.body) for page in pages] == [
        ("/1", PAGE), ("/2", PAGE), ("/3", PAGE), ("/4", b"<p>ab</p>"), ("10", b"<p>x</p>")
    ]  # fmt: skip
    assert (pages[0].url, pages[0].charset, pages[0].outlet) == ("https://a.example/1", "iso-8859-7", None)
    assert pages[0].fetched_at == datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert pages[0].id == ids.content_id("capture", pages[0].url, pages[0].digest)
    assert [one.reason for one in found if isinstance(one, Drop)] == [
        "bad_encoding", "http_error", "warc_damaged", "warc_damaged", "too_large", "truncated_body", "truncated_body"
    ]  # fmt: skip


def test_large_record(tmp_path, monkeypatch):
    """A record above the bound is passed over, named, and not held in memory."""
    monkeypatch.setattr(warc, "MAX_RECORD", 1000)
    path = tmp_path / "x.warc"
    path.write_bytes(record("response", "https://a.example/1", http(b"x" * 5000)) + FOREIGN[2])
    found = list(warc.read(path))
    assert [one.reason if isinstance(one, Drop) else one.url for one in found] == ["too_large", "https://a.example/1"]


def test_read_at_says_what_is_wrong(five, tmp_path):
    """An offset without a capture, or a file that is not there, is a RecordError that names file and offset."""
    path, _, offsets = five
    with pytest.raises(RecordError, match="another kind of record"):
        warc.read_at(path, 0)
    with pytest.raises(RecordError, match=f"{path.name}:{offsets[1] + 1}"):
        warc.read_at(path, offsets[1] + 1)
    with pytest.raises(RecordError, match="No such file"):
        warc.read_at(tmp_path / "nothing", 0)
    with pytest.raises(RecordError, match="No such file"):
        list(warc.read(tmp_path / "nothing"))


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file(tmp_path, content):
    """Any file can be read; what is no record is a Drop."""
    path = tmp_path / "x.warc"
    for start in (b"", b"\x1f\x8b\x08", b"WARC/1.0\r\n", gzip.compress(b"WARC/1.0\r\n" + content)):
        path.write_bytes(start + content)
        list(warc.read(path))
