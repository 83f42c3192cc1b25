"""A page's words as the readers of offices and names see them: each in its language, with what stands beside it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from align import names
from align.speaker.words import bare, ends, one_script, small, split
from ingest.records import Document

_QUOTES = {"«": "»", "“": "”", '"': '"', "„": "“", "‘": "’"}


class Reading:
    """A document with its title in front. Offsets of the document are those of ``text`` less ``shift``.

    ``spoken`` are the spans of printed speakers in the document's text; no name reaches over their ends.
    """

    def __init__(self, document: Document, spoken: Sequence[tuple[int, int]] = ()) -> None:
        title = f"{document.title}\n\n" if document.title and not document.text.startswith(document.title) else ""
        self.document = document
        self.shift = len(title)
        self.text = one_script(title + document.text)
        self.language = (document.language or "und").split("-")[0]
        self._tongues = names.HOME | {names.script_of(self.language): self.language}
        self.words = list(split(self.text))
        self.starts = [word.start for word in self.words]
        self._languages = [self.language_of(word.text) for word in self.words]
        self.spoken = [self.between(start + self.shift, end + self.shift) for start, end in spoken]
        self._breaks = {edge for words in self.spoken for edge in (words.start, words.stop)}

    def language_of(self, printed: str) -> str:
        """Return the page's language for a word in its script, else the language that the other script stands for."""
        return self._tongues[names.alphabet(printed)]

    def between(self, start: int, end: int) -> range:
        """Return the numbers of the words that begin in [start, end) of ``text``."""
        return range(bisect_left(self.starts, start), bisect_left(self.starts, end))

    def is_small(self, i: int, kind: str) -> bool:
        """Tell whether word i is of a kind of small words of its language."""
        word = self.words[i]
        found = small(self._languages[i], kind)
        return word.folded in found or (word.folded + "." in found and self.text[word.end : word.end + 1] == ".")

    def opens_sentence(self, i: int) -> bool:
        """Tell whether word i is the first of its sentence."""
        return i == 0 or self.words[i - 1].sentence != self.words[i].sentence

    def _opens_line(self, i: int) -> bool:
        return i == 0 or "\n" in self.words[i].gap

    def _leads_on(self, i: int) -> bool:
        return self.is_small(i, "of") or self.is_small(i, "articles")

    def _qualifies(self, i: int) -> bool:
        word = self.words[i]
        if self.is_small(i, "stop") or self.is_small(i, "articles"):
            return False
        if names.alphabet(word.text) != "cyrillic" and (word.capital or word.folded.endswith(("'s", "’s"))):
            return True
        return ends("national", bare(word.folded))

    def _honoured(self, i: int) -> bool:
        return self.words[i].beside and any(
            self.is_small(i - 1, kind) for kind in ("honorifics_m", "honorifics_f", "honorifics")
        )

    def _in_quotes(self, first: int, last: int) -> bool:
        start, end = self.words[first].start, self.words[last - 1].end
        closing = _QUOTES.get(self.text[start - 1 : start])
        return closing is not None and self.text[end : end + 1] == closing

    def _of_a_noun(self, i: int) -> bool:
        """Tell whether a capitalised word is an adjective of the noun after it: «школы Лодвинской академии»."""
        if i + 1 >= len(self.words) or not ends("place", self.words[i].folded):
            return False
        after = self.words[i + 1]
        return after.close and not after.capital and ends("complement", after.folded)
