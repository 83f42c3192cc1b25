"""Stable content hashes: the same identifying fields give the same id on every machine, in every run."""

from __future__ import annotations

import hashlib

_VERSION = b"1"  # part of every hash: a change of what identifies a record must change its ids


def digest(body: bytes) -> str:
    """Return the digest of captured bytes as printed in records and WARC headers: ``sha256:<64 hex digits>``."""
    return "sha256:" + hashlib.sha256(body).hexdigest()


def content_id(kind: str, *parts: str | int | None) -> str:
    """Return ``<kind>-<16 hex digits>``: 64 bits of SHA-256 over the identifying fields, in order.

    Each part is length-prefixed, so that ("ab", "c") and ("a", "bc") differ; None differs from "".
    64 bits keep the chance of any collision among 10 million records below 3 in 1,000,000.
    """
    hashed = hashlib.sha256(_VERSION + kind.encode())
    for part in parts:
        data = b"\0" if part is None else b"\1" + str(part).encode("utf-8", "surrogatepass")
        hashed.update(len(data).to_bytes(8, "big") + data)
    return f"{kind}-{hashed.hexdigest()[:16]}"
