"""Where a reported clause begins behind its cue, and where it ends because the author takes the word again."""

from __future__ import annotations

import re

from align.extract.marks import Quote
from align.extract.phrases import Phrases
from align.extract.reading import CAPITAL, Span

NEXT = re.compile(r"\s+([^\W\d_]+)")
FEWEST = 3  # words of a reported clause
_NEAR = 70  # characters between a cue and what it governs
_APART = re.compile(r"[.;:,«»“”\"]")
_MARKED = re.compile(r"[^.;]{0,40}[:«“\"]")
# "... — Name": who is named behind a headline
_SIGNED = re.compile(r"\s[—–-]\s(?=[^\W\d_a-zа-яёα-ω][^.!?]{1,60}\s*$)")
_TAKING_OBJECTS = ("loose", "deny", "call", "accuse", "ask", "topic", "object")


class Bounds(Phrases):
    """Finds the ends of reported clauses."""

    def _clause_end(self, start: int, end: int) -> int:
        """Return where a reported clause ends: where the author takes the word again.

        That is where another cue with a clause of its own begins, behind a comma or a conjunction (", but hoped that",
        "and she said", ", добавив, что"), at a conjunction that sets another matter against it (", ενώ ..."), and
        where a remark on quoted words follows them ("“...,” a phrase that ...").
        """
        ends = [self._remark_end(start, end)]
        semicolon = self.text.find(";", start, end) if ";" not in self.words.stops else -1
        if semicolon > 0 and any(self._introduces(cue, end, named=True) for cue in self._cues(semicolon, end)):
            ends.append(semicolon)
        for cue in self._all_cues(start, end):
            joint = self._joint(start, cue, end)
            if joint is not None and joint - start > 8:
                ends.append(joint)
                break
        return min(ends)

    def _remark_end(self, start: int, end: int) -> int:
        """Return where a remark of the author's begins: "..., without giving details", "“...,” a phrase that ..."."""
        aside = next((span for span in self.found.all("aside", start, end) if self._behind_comma(start, span[0])), None)
        ends = [quote.end + 1 for quote in self._quotes(start, end) if self._remarked(quote, end)]
        signed = _SIGNED.search(self.plain, start, end)
        if signed and self._length(signed.end(), end) <= 7 and not self._is_clause(signed.end(), end):
            ends.append(signed.start())
        return min([end, *ends, *([aside[0]] if aside else [])])

    def _behind_comma(self, start: int, at: int) -> bool:
        return self.text[start:at].rstrip().endswith((",", "–", "—"))

    def _remarked(self, quote: Quote, end: int) -> bool:
        """Does a remark follow quoted words, set off by a comma inside their marks?"""
        behind = NEXT.match(self.flat, quote.end + 1, end)
        return self.text[quote.end - 1] == "," and behind is not None and behind.group(1) in self.sets["remarks"]

    def _joint(self, start: int, cue: Span, end: int) -> int | None:
        """Return where the clause of a cue is joined to what stands before it, if it has something of its own."""
        begin = max(start, cue[0] - _NEAR)
        best = None
        for match in self.words.joint.finditer(self.flat, begin, cue[0]):
            if not _APART.search(self.flat, match.end(), cue[0]) and self._joins(match, cue, end):
                best = match.start()
        return best

    def _joins(self, joint: re.Match[str], cue: Span, end: int) -> bool:
        """Does a comma or conjunction before a cue begin something new? Behind a conjunction a subject may stand before
        the cue. Behind a bare comma one word at most, and only a participle (", adding"), a cue with a conjunction or a
        colon, and the naming of a source at the end (", пишет X") count."""
        between = self.flat[joint.end() : cue[0]].split()
        if joint["word"]:
            words = [word for word in between if word not in self.sets["adverbs"]]
            if not words and joint["word"] in self.sets["adversative"]:
                return not self._is("modal", cue)
            named = not words or self._names_subject(joint.end(), cue[0])
            return len(words) <= 5 and self._introduces(cue, end, named=named)
        if len(between) > 1:
            return False
        if between and self.found.at("as_said", joint.end()):
            return True
        that = self.found.next("that", cue[1], min(end, cue[1] + 40)) is not None
        colon = self.text[cue[1] : cue[1] + 1] == ":"
        return that or colon or self._is("loose", cue) or self._names_source(cue, end)

    def _names_source(self, cue: Span, end: int) -> bool:
        """Does a cue at the end of a sentence say who passed it on: ", передаёт «Строка»", ", уточнил министр"?"""
        if re.match(r"\s+[«“\"]", self.text[cue[1] : cue[1] + 4]):
            return len(self.text[cue[1] : end].split()) <= 10
        named = self._phrase_behind(cue[1], end)
        return named is not None and not self.text[named[1] : end].strip(" .!…")

    def _introduces(self, cue: Span, end: int, *, named: bool) -> bool:
        """Does a cue introduce something of its own: a clause, what stands behind a colon, or quoted words; if its
        subject is ``named`` or the same as before, an object too?"""
        near = min(end, cue[1] + 60)
        that = self.found.next("that", cue[1], near) is not None
        if self._is("modal", cue) and not that:
            return False
        if named and any(self._is(kind, cue) for kind in _TAKING_OBJECTS):
            return True
        if named and (self._is("promise", cue) or self._is("order", cue)) and self._infinitive(cue, end) is not None:
            return True
        if that or _MARKED.match(self.text, cue[1], near):
            return True
        bare = bool(self.sets["openers"]) and self._is("bare", cue)
        return bare and self._behind_time(cue[1], end) is not None and self._is_clause(cue[1], end)

    def _all_cues(self, start: int, end: int) -> list[Span]:
        """Return finite cues and participles that are set apart, in order of place."""
        loose = (
            span
            for span in self.found.all("loose", start, end)
            if self._apposed(start, span[0]) or self.found.at("that", span[1] + 1)
        )
        return sorted({*self._cues(start, end), *loose})

    def _apposed(self, start: int, cue: int) -> bool:
        """Is a participle set apart, as in ", adding that": at the beginning, behind a comma, a dash or "and"?"""
        before = self.flat[max(start, cue - 20) : cue].rstrip()
        return not before or before[-1] in ',—–-»”"' or before.rsplit(" ", 1)[-1] in self.sets["joints"]

    def _infinitive(self, cue: Span, end: int) -> Span | None:
        """Return an infinitive or clause behind a cue, and behind the one who is asked or promised it."""
        match = self.words.request.search(self.flat, cue[1], min(end, cue[1] + _NEAR))
        if match is None:
            return None
        if self.words.subject_first and match.start() - cue[1] <= 1:  # "appealed to merchants to look out"
            later = self.words.request.search(self.flat, match.end(), min(end, match.end() + 40))
            to_whom = (match.start(), later.start()) if later else (0, 0)
            match = later if later and self._length(*to_whom) <= 4 and not self._punctuated(*to_whom) else match
        if self._punctuated(cue[1], match.start()):
            return None
        return self._trim(match.start(), self._clause_end(match.end(), end))

    def _punctuated(self, start: int, end: int) -> bool:
        """Does a mark of punctuation or quotation stand in a span?"""
        return re.search(r"[,.;:«»“”\"]", self.text[start:end]) is not None

    def _behind_time(self, start: int, end: int) -> int | None:
        """Return where a clause begins behind a cue, and behind when it was said: "said (on Monday) the ..."."""
        start = self._behind_when(start)
        follows = NEXT.match(self.flat, start, end)
        if not follows or self.found.at("as_said", follows.start(1)) or follows.group(1) in self.sets["closers"]:
            return None
        if follows.group(1) in self.sets["openers"] or CAPITAL.match(self.text, follows.start(1)):
            return start
        return None if follows.group(1) in self.sets["prepositions"] else start

    def _behind_when(self, start: int) -> int:
        """Return where words go on behind a cue and behind when and where something was said."""
        while True:
            blank = re.compile(r",?\s+").match(self.text, start)
            when = self.found.at("when", blank.end()) if blank else None
            if when is None:
                return start
            year = re.compile(r"\s\d{1,4},?|,(?=\s)").match(self.text, when[1])
            start = year.end() if year else when[1]

    def _is_clause(self, start: int, end: int) -> bool:
        """Are there a subject and a finite verb, as far as the words of a lexicon tell? "adds a sailing" has none."""
        return self._length(start, end) >= FEWEST and self._is_finite(start, end)

    def _is_finite(self, start: int, end: int) -> bool:
        words = (word.rstrip(",.") for word in self.flat[start:end].split())
        ending = self.words.finite_endings
        return self.found.next("finite", start, end) is not None or any(word.endswith(ending) for word in words)

    def _subject_before(self, cue: Span, start: int) -> bool:
        """Does a subject stand right before a cue, with an adverb in between at most? Any word but a preposition, an
        article or a conjunction may end one; a comma does where no inverted subject follows (", said Dregov")."""
        words = self.flat[start : cue[0]].split()
        while len(words) > 1 and words[-1] in self.sets["adverbs"]:
            words.pop()
        if not words:
            return False
        last = words[-1]
        if last[-1] in ',»”"':
            follows = NEXT.match(self.plain, cue[1])
            return not (follows and CAPITAL.match(follows.group(1)) and self._is_clause(start, cue[0]))
        apart = self.sets["prepositions"] | self.sets["articles"] | (self.sets["closers"] - {"and", "but"})
        return last in self.sets["relatives"] or (last[-1].isalnum() and last not in apart)

    def _names_subject(self, start: int, end: int) -> bool:
        """Does a person or a pronoun stand between a conjunction and a cue?"""
        words = zip(self.plain[start:end].split(), self.flat[start:end].split(), strict=False)
        nobody = self.sets["articles"] | self.sets["not_names"]
        return any((CAPITAL.match(shown) and low not in nobody) or low in self.sets["office"] for shown, low in words)

    def _low_at(self, at: int) -> str:
        """Return the word behind a place, as the lexicon has it."""
        follows = NEXT.match(self.flat, at)
        return follows.group(1) if follows else ""
