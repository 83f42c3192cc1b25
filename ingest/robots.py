"""robots.txt to rules (RFC 9309): may this agent ask for this URL, and how long must it wait in between.

Pure: bytes in, answers out. Who fetches the file, and how long it is remembered, is decided in ``fetch``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from protego import Protego

MAX_BYTES = 500 * 1024
"""RFC 9309, 2.5: at least 500 KiB are parsed. What stands behind them is not read."""

_AGENT_LINE = re.compile(r"\s*user-?\s?agent(?:\s*:\s*|\s+)([^#]*)", re.IGNORECASE)
_HTML = re.compile(rb"\s*(?:<!--.{0,1000}?-->\s*)?<(?:!doctype|html|head|body|\?xml)\b", re.IGNORECASE | re.DOTALL)


class Rules:
    """The rules of one origin, from the status and body of its robots.txt.

    2xx is parsed; 3xx that led nowhere and 4xx allow everything ("unavailable", 2.3.1.3); 5xx forbids everything
    ("unreachable", 2.3.1.4). A body that is HTML, as sites without robots.txt often send, has no rules.
    """

    def __init__(self, status: int, body: bytes = b"") -> None:
        self.unreachable = status >= 500
        self._text = ""
        self._parsed: dict[str, Protego] = {}
        if 200 <= status < 300:
            if len(body) > MAX_BYTES:  # a line cut in two would be another rule
                body = body[:MAX_BYTES].rpartition(b"\n")[0]
            if not _HTML.match(body):
                self._text = body.decode("utf-8-sig", "replace")

    def allows(self, url: str, agent: str) -> bool:
        """May ``agent`` (a full User-Agent header or its product token) ask for ``url``?"""
        if self.unreachable:
            return False
        return urlsplit(url).path == "/robots.txt" or bool(self._rules(agent).can_fetch(url, _token(agent)))

    def delay(self, agent: str) -> float:
        """Return the seconds that ``agent`` must leave between two requests; 0 where nothing is asked."""
        rules = self._rules(agent)
        rate = rules.request_rate(_token(agent))
        return max(rules.crawl_delay(_token(agent)) or 0.0, rate.seconds / rate.requests if rate else 0.0)

    def _rules(self, agent: str) -> Protego:
        """Parse for one agent: groups for others are left out, for protego's cost grows with agents times rules."""
        from protego import Protego

        token = _token(agent)
        if token not in self._parsed:
            self._parsed[token] = Protego.parse("\n".join(_relevant(self._text, token)))
        return self._parsed[token]


def _token(agent: str) -> str:
    """Return the product token, lower case: what robots.txt calls an agent by (RFC 9309, 2.2.1)."""
    product = agent.partition("/")[0].split(maxsplit=1)
    return product[0].lower() if product else "*"


def _relevant(text: str, token: str) -> list[str]:
    """Return the lines with each agent that is neither ``token`` nor * renamed, and repetitions in a group dropped."""
    lines: list[str] = []
    for line in text.splitlines():
        match = _AGENT_LINE.match(line)
        if match is None:
            lines.append(line)
            continue
        named = match.group(1).partition("/")[0].strip().lower()
        kept = f"User-agent: {named if named in (token, '*') else '-'}"
        if lines[-1:] != [kept]:
            lines.append(kept)
    return lines
