"""One page, one URL."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import urls

URLS = tomllib.loads((Path(__file__).parents[1] / "cases/urls.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("url", "expected"), URLS["canonical"].items())
def test_canonical(url, expected):
    """A URL has one name: lower-case host, no tracking, no fragment, sorted parameters, escaped letters."""
    assert urls.canonical_url(url) == expected


@pytest.mark.parametrize("url", [*URLS["bad"]["urls"], "https://site.example/" + "a" * 5000])
def test_bad_urls(url):
    """What is no absolute http URL, carries a user name, or is endless is refused."""
    with pytest.raises(ValueError, match=r"."):
        urls.canonical_url(url)


@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.text("abcü %&=+", max_size=5), st.text("abcü %&=+", max_size=5)), max_size=3),
)
def test_canonical_is_stable(path, query):
    """The canonical form of a canonical form is itself."""
    url = f"https://Site.Example/{path}?" + "&".join("=".join(pair) for pair in query)
    try:
        once = urls.canonical_url(url)
    except ValueError:
        return
    assert urls.canonical_url(once) == once


@pytest.mark.parametrize("twins", URLS["twins"])
def test_twins(twins):
    """www, mobile, AMP, scheme and end slash make no other page; the full page over https is the one to ask for."""
    written = [urls.canonical_url(url) for url in twins["urls"]]
    assert len({urls.same_page(url) for url in written}) == 1
    assert min(written, key=urls.twin_order) == written[0]


def test_strangers():
    """Different pages keep different keys."""
    strangers = URLS["strangers"]["urls"]
    assert len({urls.same_page(urls.canonical_url(url)) for url in strangers}) == len(strangers)


HERE = "https://courier.example/2026/quay?id=7"
NAMES = {
    "https://courier.example/2026/quay": "https://courier.example/2026/quay",
    "/2026/quay": "https://courier.example/2026/quay",
    "https://www.courier.example/quay?utm_source=x": "https://www.courier.example/quay",
    "https://other.example/2026/quay": HERE,
    "https://courier.example.evil.example/2026/quay": HERE,
    "https://courier.example/": HERE,
    "javascript:alert(1)": HERE,
    "http://[": HERE,
    "": HERE,
}


@pytest.mark.parametrize("canonical", NAMES)
def test_canonical_link(canonical):
    """A page may name itself as a page of its own site, and as nothing else."""
    assert urls.own_name(HERE, canonical) == NAMES[canonical]
