"""One page, one URL: how this project writes it, which URLs mean the same page, and which of them to ask for."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit, urlunsplit

MAX_URL = 4096

# Parameters that say where a reader came from, not what the page is. Sources: the documentation of the services
# themselves and the query-stripping lists of Firefox and Brave.
_TRACKING = re.compile(
    r"""
    (?: (?: utm | pk | piwik | mtm | matomo | stm | hsa | fb_action | at_custom ) [_0-9] [^=]*
      | _ga | _gac | _gl | _hsenc | _hsmi | _openstat | at_campaign | at_medium | cmpid | dclid | ecid | fb_ref
      | fb_source | fbclid | from_rss | gbraid | gclid | gclsrc | guccounter | guce_referrer | guce_referrer_sig
      | hsctatracking | igsh | igshid | mc_cid | mc_eid | mibextid | mkt_tok | ml_subscriber | ml_subscriber_hash
      | msclkid | ns_campaign | ns_mchannel | ns_source | oly_anon_id | oly_enc_id | rb_clickid | s_cid | sc_campaign
      | sfnsn | smid | soc_src | soc_trk | srsltid | tgclid | ttclid | twclid | vero_conv | vero_id | wbraid
      | wickedid | wt_mc | yadclid | yclid | ymclid | ysclid
    ) (?: = | $ )
    """,
    re.IGNORECASE | re.VERBOSE,
)


def canonical_url(url: str) -> str:
    """Return the URL as this project names it; the same page asked for in the same way gets the same name.

    Normalised as browsers do (WHATWG: lower-case punycode host, no default port, no dot segments), tracking
    parameters and fragment removed, remaining parameters sorted. Raises ValueError for what is not an absolute http
    or https URL, carries a user name, or is longer than MAX_URL.
    """
    import ada_url
    from w3lib.url import canonicalize_url

    if len(url) > MAX_URL:
        raise ValueError(f"longer than {MAX_URL} characters")
    parts = urlsplit(ada_url.URL(url.strip()).href)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"not an http URL: {url!r}")
    if "@" in parts.netloc:
        raise ValueError(f"a URL with a user name: {url!r}")
    netloc = re.sub(r"\.(?=:\d+$|$)", "", parts.netloc)
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _TRACKING.match(pair))
    plain = canonicalize_url(urlunsplit((parts.scheme, netloc, parts.path or "/", query, "")))
    final: str = ada_url.URL(plain).href
    if len(final) > MAX_URL:
        raise ValueError(f"longer than {MAX_URL} characters")
    return final


_AMP_PATH = re.compile(r"/amp(?=/|$)|(?<=[^/])[.]amp(?=\.html?$|$)")


def same_page(url: str) -> str:
    """Return a key that a page shares with its twins: http and https, ``www``, mobile and AMP versions, end slash.

    For comparing, never for fetching. Takes a canonical URL.
    """
    parts = urlsplit(url)
    path = _AMP_PATH.sub("", parts.path)
    query = "&".join(p for p in parts.query.split("&") if p.lower() not in ("amp", "amp=", "amp=1", "outputtype=amp"))
    return site_of(parts.netloc) + (path.rstrip("/") or "/") + (f"?{query}" if query else "")


def twin_order(url: str) -> tuple[bool, bool, int, str]:
    """Return the place of a URL among its twins; the first is the one to ask for, in whatever order they were met.

    https before http, the full page before its mobile or AMP version, then the shortest.
    """
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    full = same_page(url) == parts.netloc.removeprefix("www.") + (parts.path.rstrip("/") or "/") + query
    return parts.scheme != "https", not full, len(url), url


def own_name(url: str, canonical: str | None) -> str:
    """Return the URL that a page gives itself (its canonical link), where that is a page of its own site; else ``url``.

    A page may say that it is another page of the same site. It may not take the name of somebody else's page, nor that
    of its site's front page, which careless templates put everywhere.
    """
    if not canonical or len(canonical) > MAX_URL:
        return url
    try:
        named = canonical_url(urljoin(url, canonical))
        here, there = urlsplit(url), urlsplit(named)
        own = site_of(here.netloc) == site_of(there.netloc)
    except ValueError:
        return url
    return named if own and (there.path.strip("/") or not here.path.strip("/")) else url


def site_of(host: str) -> str:
    """Return the host without the labels that name a version of the site (``www``, mobile, AMP)."""
    name = host
    while (label := name.partition(".")[0]) in ("www", "m", "amp", "mobile") and name.count(".") > 1:
        name = name.removeprefix(label + ".")
    return name
