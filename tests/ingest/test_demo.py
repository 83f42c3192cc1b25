"""A folder of pages as a web on a loopback port."""

import http.client
from pathlib import Path

import pytest

from ingest import demo
from ingest.errors import SeedError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two sites: one that speaks windows-1251 and does not say so, one with the defaults."""
    old = tmp_path / "web/mayak.example"
    (old / "news").mkdir(parents=True)
    (old / "site.toml").write_text(
        'encoding = "windows-1251"\ncharset_in_header = false\nlast_modified = 2026-01-05T08:00:00Z\n', encoding="utf-8"
    )
    (old / "index.html").write_text("<p>Маяк «Луч» ☂</p>", encoding="utf-8")
    (old / "news/index.html").write_text("<p>Новости</p>", encoding="utf-8")
    (old / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    new = tmp_path / "web/faros.example"
    new.mkdir()
    (new / "index.html").write_text("<p>Φάρος</p>", encoding="utf-8")
    (new / "feed.xml").write_text("<rss/>", encoding="utf-8")
    (new / "out").symlink_to(tmp_path / "secret.html")
    (tmp_path / "secret.html").write_text("secret", encoding="utf-8")
    return tmp_path / "web"


def ask(web, host, path, method="GET", **headers):
    """Send one request; the path goes out exactly as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=5)
    try:
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_each_site_in_its_encoding(folder):
    """Text goes out in the site's encoding, which is named only where the site names it; other files as they are."""
    with demo.serve(folder) as web:
        status, headers, body = ask(web, "mayak.example", "/")
        assert (status, headers["Content-Type"]) == (200, "text/html")
        assert body == "<p>Маяк «Луч» &#9730;</p>".encode("windows-1251")
        assert ask(web, "mayak.example:80", "/news/")[2] == "<p>Новости</p>".encode("windows-1251")
        assert ask(web, "mayak.example", "/photo.jpg")[2] == b"\xff\xd8\xff"
        status, headers, body = ask(web, "faros.example", "/feed.xml?x=1")
        assert headers["Content-Type"] == "application/xml; charset=utf-8"
        assert int(headers["Content-Length"]) == len(body)
        assert web.resolve_rule == f"*.example=127.0.0.1:{web.port}"
        assert web.hosts == ("faros.example", "mayak.example")


def test_unchanged(folder):
    """A page that has not changed is answered with 304; one that has, with 200."""
    with demo.serve(folder) as web:
        headers = ask(web, "mayak.example", "/")[1]
        assert headers["Last-Modified"] == "Mon, 05 Jan 2026 08:00:00 GMT"
        assert ask(web, "mayak.example", "/", If_None_Match=headers["ETag"])[0] == 304
        assert ask(web, "mayak.example", "/", If_Modified_Since=headers["Last-Modified"])[0] == 304
        assert ask(web, "mayak.example", "/", If_None_Match='"x"', If_Modified_Since=headers["Last-Modified"])[0] == 200
        (folder / "mayak.example/index.html").write_text("other", encoding="utf-8")
        assert ask(web, "mayak.example", "/", If_None_Match=headers["ETag"])[0] == 200
        status, headers, body = ask(web, "mayak.example", "/", method="HEAD")
        assert (status, headers["Content-Length"], body) == (200, "5", b"")


@pytest.mark.parametrize(
    "path",
    [
        "/site.toml", "/news/../site.toml", "/%73ite.toml", "/../mayak.example/site.toml", "/../../secret.html",
        "/..%2f..%2fsecret.html", "/%2e%2e/%2e%2e/secret.html", "//etc/passwd", "/news", "/missing", "/a%00b", "/%ff",
        "/" + "a" * 5000, "http://faros.example/../../secret.html", "/..\\..\\secret.html",
    ],
)  # fmt: skip
def test_nothing_else_is_served(folder, path):
    """Neither the site file nor anything outside of the site's folder is served."""
    with demo.serve(folder) as web:
        status, _, body = ask(web, "mayak.example", path)
        assert status == 404
        assert body == b"not here\n"


def test_no_way_out(folder):
    """A symbolic link that leads out of the site and a host that is no site are not found."""
    with demo.serve(folder) as web:
        assert ask(web, "faros.example", "/out")[0] == 404
        assert ask(web, "other.example", "/")[0] == 404
        assert ask(web, "..", "/")[0] == 404


def test_quiet(folder, capfd):
    """Serving prints nothing."""
    with demo.serve(folder) as web:
        ask(web, "mayak.example", "/")
        ask(web, "mayak.example", "/missing")
    assert capfd.readouterr() == ("", "")


def test_errors(folder, tmp_path):
    """A folder or site file that cannot be used, or a port that is taken, is an error that says which."""
    with pytest.raises(SeedError, match="nowhere"), demo.serve(tmp_path / "nowhere"):
        pass
    with demo.serve(folder) as web, pytest.raises(SeedError, match=str(web.port)), demo.serve(folder, web.port):
        pass
    (folder / "faros.example/site.toml").write_text('encoding = "klingon"', encoding="utf-8")
    with pytest.raises(SeedError, match=r"faros.example/site.toml.*klingon"), demo.serve(folder):
        pass
