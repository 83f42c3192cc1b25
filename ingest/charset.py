"""Bytes of a page or a text file to text: by byte order mark, header, the page's own word, then detection."""

from __future__ import annotations

import codecs
import re

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
          (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_META = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,500}?(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE
)
# What a browser reads under these labels (WHATWG Encoding, 4.2): the Windows code pages contain the ISO ones.
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "shift_jis": "cp932", "gb2312": "gb18030"}
_BAD = 0.01  # share of undecodable bytes from which a declared charset is not believed
_DETECTED = 65_536  # bytes looked at


def codec(name: str | None) -> str | None:
    """Return the name of Python's codec for a charset label, None when there is none for text."""
    try:
        info = codecs.lookup((name or "").strip().lower())
    except (LookupError, ValueError):
        return None
    known = info.name if getattr(info, "_is_text_encoding", True) else None
    return _WIDER.get(known, known) if known else None


def decoded(body: bytes, charset: str | None) -> str:
    """Return the text of ``body``; ``charset`` is what the server said.

    A declared charset that does not fit (more than one byte in a hundred undecodable) is passed over.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body.decode(name, "replace")
    meta = _META.search(body[:4096])
    declared = [charset, meta.group(1).decode("ascii") if meta else None]
    for codec_name in dict.fromkeys(codec(label) for label in declared):
        if codec_name and (text := _fitting(body, codec_name)) is not None:
            return text
    if (text := _fitting(body, "utf-8")) is not None:
        return text
    return body.decode(_detected(body) or "cp1252", "replace")


def _fitting(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except UnicodeError:
        text = body.decode(name, "replace")
        return text if text.count("\ufffd") <= _BAD * len(text) else None


def _detected(body: bytes) -> str | None:
    from charset_normalizer import from_bytes

    prose = re.sub(rb"<[^>]{0,2000}>", b" ", body[: 4 * _DETECTED])[:_DETECTED]
    best = from_bytes(prose).best()
    return codec(best.encoding) if best else None
