"""Text to the form it is matched by: composed, one script a word, without accents and case.

The text of a document keeps its letters; only comparisons use what is made here. Every function but ``fold`` keeps
the number of code points, so that offsets found in the result are offsets in the original.
"""

from __future__ import annotations

import re
import unicodedata

# Letters that look alike in Latin, Greek and Cyrillic, in that order. A word that mixes scripts is read in the script
# of its unambiguous letters: "Ρoή" with a Latin o is Greek. From the confusables of Unicode TS 39, limited to the
# pairs that a keyboard layout produces.
_TRIPLES = (
    ("A", "Α", "А"), ("B", "Β", "В"), ("C", "", "С"), ("E", "Ε", "Е"), ("H", "Η", "Н"), ("I", "Ι", "І"),
    ("K", "Κ", "К"), ("M", "Μ", "М"), ("N", "Ν", ""), ("O", "Ο", "О"), ("P", "Ρ", "Р"), ("T", "Τ", "Т"),
    ("X", "Χ", "Х"), ("Y", "Υ", "У"), ("Z", "Ζ", ""), ("a", "α", "а"), ("c", "", "с"), ("e", "", "е"),
    ("i", "ι", "і"), ("k", "κ", "к"), ("o", "ο", "о"), ("p", "ρ", "р"), ("x", "χ", "х"), ("y", "υ", "у"),
    ("j", "", "ј"), ("J", "", "Ј"), ("s", "", "ѕ"), ("S", "", "Ѕ"),
    ("v", "ν", ""), ("u", "υ", ""), ("ó", "ό", ""), ("á", "ά", ""), ("ï", "ϊ", "ї"), ("ë", "", "ё"),
)  # fmt: skip
_SCRIPTS = ("latin", "greek", "cyrillic")
_TO: dict[str, dict[str, str]] = {name: {} for name in _SCRIPTS}
for _letters in _TRIPLES:
    for _column, _name in enumerate(_SCRIPTS):
        if _letters[_column]:
            _TO[_name] |= {other: _letters[_column] for other in _letters if other and other != _letters[_column]}
_AMBIGUOUS = frozenset(letter for letters in _TRIPLES for letter in letters if letter)
_WORD = re.compile(r"[^\W\d_]+")
# What has to be there for a word to mix scripts; most texts have none of it and need no look at their words.
_PRESENT = tuple(
    re.compile(f"[{letters}]")
    for letters in ("A-Za-z\u00c0-\u024f\u1e00-\u1eff", "\u0370-\u03ff\u1f00-\u1fff", "\u0400-\u052f")
)


def script(letter: str) -> str:
    """Return the script of one character: latin, greek, cyrillic, or empty for anything else."""
    point = ord(letter)
    if 0x370 <= point <= 0x3FF or 0x1F00 <= point <= 0x1FFF:
        return "greek" if letter.isalpha() else ""
    if 0x400 <= point <= 0x52F:
        return "cyrillic" if letter.isalpha() else ""
    if point < 0x250 or 0x1E00 <= point <= 0x1EFF:
        return "latin" if letter.isalpha() else ""
    return ""


def unmix(text: str) -> str:
    """Rewrite each word that mixes scripts in the script of its unambiguous letters (most letters, where none is).

    Words of one script are untouched; length and offsets are kept.
    """

    def rewrite(match: re.Match[str]) -> str:
        word = match.group()
        if word.isascii():
            return word
        scripts = [script(letter) for letter in word]
        if len(set(scripts)) <= 1:
            return word
        sure = [name for letter, name in zip(word, scripts, strict=True) if letter not in _AMBIGUOUS and name]
        votes = sure or scripts
        target = max(_SCRIPTS, key=lambda name: (votes.count(name), scripts.count(name)))
        return "".join(_TO[target].get(letter, letter) for letter in word)

    if text.isascii() or sum(bool(letters.search(text)) for letters in _PRESENT) < 2:
        return text
    return _WORD.sub(rewrite, text)


def fold(text: str) -> str:
    """Return the matching form: words of one script, NFD without marks (й and ё: й is kept, ё becomes е), casefolded,
    final sigma as sigma. The length may change: use it for comparing and searching, not for offsets."""
    if text.isascii():
        return text.casefold()
    kept = unicodedata.normalize("NFC", unmix(text)).replace("й", "\ue000").replace("Й", "\ue000")
    plain = "".join(c for c in unicodedata.normalize("NFD", kept) if c < "\u0300" or not unicodedata.combining(c))
    return plain.replace("\ue000", "й").casefold().replace("ς", "σ")


# Control characters that XML 1.0 (2.2) forbids, lone surrogates, and bidi controls (Unicode TR 36): never stored.
_UNSTORABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufeff]"
)


def storable(text: str) -> str:
    """Remove what may not be stored (XML-illegal and bidi control characters) and compose to NFC."""
    return unicodedata.normalize("NFC", _UNSTORABLE.sub("", text))
