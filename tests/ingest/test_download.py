"""Downloads of packages over real sockets: whole or not there, and gone on with where they were broken off."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import fetch
from ingest.download import download
from tests.command import quoteline
from tests.site import Site, answer

BODY = bytes(range(256)) * 900
MINIATURE = next((Path(__file__).parents[2] / "seeds" / "demo" / "models").glob("translate-ru_en-*.argosmodel"))


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server that is closed at the end."""
    running = Site()
    yield running
    running.socket.close()


def parts(body: bytes, etag: str, cut: int | None = None):
    """Return a page that serves ranges of ``body``; asked for the whole it breaks off after ``cut`` bytes."""

    def page(headers: dict[str, str]) -> bytes:
        wanted = headers.get("range", "")
        if not wanted or headers.get("if-range") != etag:
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nETag: {etag}\r\n\r\n".encode()
            return head + body[:cut]
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if start >= len(body):
            return answer(b"", status="416 Range Not Satisfiable")
        place = f"Content-Range: bytes {start}-{len(body) - 1}/{len(body)}"
        return answer(body[start:], place, f"ETag: {etag}", status="206 Partial Content")

    return page


def fetched(site: Site, to: Path, path: str = "/package", **changes: object) -> list[tuple[int, int | None]]:
    """Download and return the progress that was shown."""
    shown: list[tuple[int, int | None]] = []
    rules = (fetch.rule(f"*.example=127.0.0.1:{site.port}"),)
    settings = fetch.Settings(resolve=rules, **{"wall_seconds": 5.0, "attempts": 2, **changes})
    url = f"http://mirror.example{path}"
    download(url, to, settings, lambda done, total: shown.append((done, total)), pause=lambda _: None)
    return shown


def test_a_download_shows_progress_and_is_whole(site: Site, tmp_path: Path) -> None:
    """The bytes are those of the server, progress ends at all of them, and nothing else is left beside the file."""
    site.pages["/package"] = parts(BODY, '"one"')
    shown = fetched(site, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == BODY
    assert shown[-1] == (len(BODY), len(BODY))
    assert shown == sorted(shown)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_broken_download_goes_on(site: Site, tmp_path: Path) -> None:
    """A connection that is lost costs what did not arrive: the rest is asked for, of the same version."""
    site.pages["/package"] = parts(BODY, '"one"', cut=100_000)
    fetched(site, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == BODY
    assert [headers.get("range") for _, _, headers in site.asked] == [None, "bytes=100000-"]


def test_a_download_that_was_killed_goes_on_in_the_next_run(site: Site, tmp_path: Path) -> None:
    """What had come is kept with its validator, and only the rest is asked for."""
    (tmp_path / "file.part").write_bytes(BODY[:70_000])
    (tmp_path / "file.mark").write_text('"one"')
    site.pages["/package"] = parts(BODY, '"one"')
    shown = fetched(site, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == BODY
    assert shown[0][0] > 70_000
    assert site.asked[0][2]["range"] == "bytes=70000-"


def test_a_new_version_starts_anew(site: Site, tmp_path: Path) -> None:
    """Half of an old file is never joined to half of a new one."""
    (tmp_path / "file.part").write_bytes(b"x" * 70_000)
    (tmp_path / "file.mark").write_text('"old"')
    site.pages["/package"] = parts(BODY, '"new"')
    fetched(site, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == BODY


def test_a_part_longer_than_the_whole_starts_anew(site: Site, tmp_path: Path) -> None:
    """A server that has nothing behind what is there is asked again from the beginning."""
    (tmp_path / "file.part").write_bytes(BODY + BODY)
    (tmp_path / "file.mark").write_text('"one"')
    site.pages["/package"] = parts(BODY, '"one"')
    fetched(site, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == BODY


def test_a_server_that_gives_a_byte_at_a_time_comes_to_an_end(site: Site, tmp_path: Path) -> None:
    """Each request brings the download on, but there is an end to asking; what has come is kept."""

    def miser(headers: dict[str, str]) -> bytes:
        start = int(headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        place = f"Content-Range: bytes {start}-{len(BODY) - 1}/{len(BODY)}"
        first = answer(BODY[:1], 'ETag: "one"', length=len(BODY))
        return first if start == 0 else answer(BODY[start : start + 1], place, status="206 P", length=len(BODY) - start)

    site.pages["/package"] = miser
    with pytest.raises(fetch.FailedError, match="truncated_body"):
        fetched(site, tmp_path / "file")
    assert (tmp_path / "file.part").stat().st_size == len(site.asked) == 50


def lying(headers: dict[str, str]) -> bytes:
    """Answer a range with another one."""
    return answer(BODY[:10], f"Content-Range: bytes 0-9/{len(BODY)}", status="206 Partial Content")


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (answer(b"", status="404 Not Found"), "http_error"),
        (answer(b"", status="503 Busy"), "retry_later"),
        (answer(BODY[:50], length=100), "truncated_body"),
        (answer(b"", "Location: /package", status="302 Found"), "too_many_redirects"),
        (answer(b"", "Location: http://inside.test/", status="302 Found"), "name_not_resolved"),
        (answer(b"", "Location: http://127.0.0.1:1/", status="302 Found"), "address_not_public"),
        (answer(BODY * 9), "too_large"),
        (b"HTTP/1.1 206 Partial Content\r\n\r\n", "protocol_error"),
    ],
)
def test_a_download_that_fails_leaves_no_file(site: Site, tmp_path: Path, page: bytes, reason: str) -> None:
    """The reason is named, and a file is there only when it is whole."""
    site.pages["/package"] = page
    with pytest.raises(fetch.FailedError) as caught:
        fetched(site, tmp_path / "file", max_wire=1_000_000)
    assert caught.value.reason == reason
    assert not (tmp_path / "file").exists()


def test_a_server_that_lies_about_ranges_is_asked_anew(site: Site, tmp_path: Path) -> None:
    """Bytes from another place than was asked for are not added."""
    (tmp_path / "file.part").write_bytes(BODY[:70_000])
    (tmp_path / "file.mark").write_text('"one"')
    site.pages["/package"] = lambda headers: lying(headers) if "range" in headers else answer(BODY)
    fetched(site, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == BODY


def test_packages_install_from_a_mirror_through_the_command_line(site: Site, tmp_path: Path) -> None:
    """From the address of a package, and by language from an index; each says what it did, once, and verifies."""
    digest = hashlib.sha256(MINIATURE.read_bytes()).hexdigest()
    site.pages["/ru.argosmodel"] = answer(MINIATURE.read_bytes())
    listed = {"from_code": "ru", "to_code": "en", "package_version": "1.0", "links": ["https://mirror.example/no"]}
    site.pages["/index.json"] = answer(json.dumps([listed]).encode())
    there = ["--models", str(tmp_path / "models")]
    way = [*there, "--resolve", f"*.example=127.0.0.1:{site.port}"]
    done = quoteline("models", "install", "--from", f"http://mirror.example/ru.argosmodel#sha256={digest}", *way)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"installed argos ru_en 1.0 {digest[:12]}, ")
    assert quoteline("models", "verify", *there).stdout == "ru_en  done\n"
    wrong = quoteline("models", "install", "uk", "--from", "http://mirror.example/index.json", *way)
    assert wrong.returncode == 1
    assert wrong.stderr == "quoteline: unsupported_pair: uk_en: the index has packages into en from: ru\n"
    gone = quoteline("models", "install", "--from", "http://mirror.example/gone.argosmodel", *way)
    assert "cannot download: http://mirror.example/gone.argosmodel: http_error 404" in gone.stderr
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["ru_en"]
