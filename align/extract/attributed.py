"""Clauses by where their cue stands: before them, behind them, inside them, or in the next sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from align.extract.according import According
from align.extract.reading import CAPITAL, Piece, Span
from align.records import Form, Kind

_OF_PERSONS = frozenset({"promise", "demand", "cue and object", "cue and topic"})  # what nobody says impersonally


class Attributed(According):
    """Finds reported clauses of a sentence with their speakers."""

    def _said_before(self, previous: Span, sentence: Span) -> bool:
        """«Об этом заявил X»: what was said is the sentence before."""
        match = self.found.at("previous", sentence[0] + self._indent(*sentence))
        cues = self._cues(*sentence)
        if match is None or (len(self.text[slice(*match)].split()) < 3 and (not cues or cues[0][0] - match[1] > 25)):
            return False
        cue = cues[0] if cues else match
        if any(piece.start >= previous[0] and piece.end <= previous[1] + 1 for piece in self.made):
            return True
        speaker = self._phrase_behind(max(cue[1], match[1]), sentence[1]) or self._speaker(cue, *sentence)
        self._add(previous, self._kind(previous), "next_sentence", "cue in the next sentence", cue, speaker)
        return True

    def _reported(self, sentence: Span, taken: Sequence[Span]) -> None:
        """Find the clauses that a sentence reports, outside quotations that are taken."""
        start, end = sentence
        begin = start + self._indent(start, end)
        if self.text[start:end].rstrip().endswith(":"):
            return
        if self._according(begin, end, taken) or self._lead_in(begin, end, taken):
            return
        made = len(self.made)
        self._cued(begin, end, self._said_inside(begin, end, taken), taken)
        self._stated(self.made[made:], begin, end, taken)

    def _cued(self, start: int, end: int, done: int, taken: Sequence[Span]) -> None:
        """Find the clauses that the cues of a sentence introduce, one after another; ``done`` is where to begin."""
        cues = self._all_cues(start, end)
        last = self._ends_attributed(cues, start, end)
        cues = [cue for cue in cues if last is None or cue[0] >= last[0]]
        before = self._phrase_before(start, cues[0][0]) if cues else None
        for cue in cues:
            if cue[0] < done or not self._outside(cue, taken) or cue in self.spent or self._nobodys(cue):
                continue
            found = self._complement(cue, start, end) or self._postposed(cue, start, end, taken)
            if found is None or self._mostly(found[0], taken) or not self._long_enough(found[0]):
                continue
            content, rule = found
            behind = content[0] >= cue[1]
            speaker = self._speaker_of(cue, content, start, end, before)
            if self._unlikely(rule, cue, speaker, behind=behind):
                continue
            if not behind and any(content[0] <= a and b <= content[1] + 1 for a, b in taken):
                continue  # the cue names who passed the quotation on
            kind, form = self._kind_of(content, behind=behind)
            self._add(content, kind, form, rule, cue, speaker)
            done = max(content[1], cue[1])
            before = speaker or before

    def _speaker_of(self, cue: Span, content: Span, start: int, end: int, before: Span | None) -> Span | None:
        """Return who is printed as the speaker of a clause; ``before`` is the speaker of the clause before it."""
        if content[0] < cue[1]:
            speaker = self._speaker(cue, start, end)
            return None if speaker and content[0] <= speaker[0] < content[1] else speaker
        speaker = self._subject(cue, start, content[0])
        if speaker and content[0] <= speaker[0] < content[1]:
            speaker = None
        if self._elided(start, cue) and (speaker is None or speaker[1] >= cue[0] or not self._person_in(speaker)):
            return before  # "... and promised to ...": of the same subject
        return before if speaker is None and self._joint(start, cue, end) is not None else speaker

    def _unlikely(self, rule: str, cue: Span, speaker: Span | None, *, behind: bool) -> bool:
        """Is it a deed and no report, or what a medium passes on? Nobody demands and promises impersonally, and what
        bodies reject and promise are acts."""
        if speaker is None and rule in _OF_PERSONS and not self.words.pro_drop:
            return True
        if rule == "cue and object" and speaker and self._is_body(speaker):
            return True
        return self._of_medium(cue, speaker, behind=behind)

    def _ends_attributed(self, every: Sequence[Span], start: int, end: int) -> Span | None:
        """Return the cue of ", said X" (", adding that ...") at the end of a sentence whose earlier cues are said."""
        cues = [cue for cue in every if not self._is("loose", cue)]
        if len(cues) < 2:
            return None
        last = cues[-1]
        end = next((cue[0] for cue in every if cue[0] > last[0]), end)
        comma = self.text.rfind(",", start, last[0])
        if comma < cues[0][1] or self.found.next("that", cues[0][1], last[0]):
            return None
        if self._low_at(comma) in self.sets["joints"] | self.sets["relatives"]:
            return None
        inverted = not self.text[comma + 1 : last[0]].strip(" —–-")
        named = self._phrase_behind(last[1], end) if inverted else self._phrase_before(comma + 1, last[0])
        rest = self.text[max(last[1], named[1]) if named else last[1] : end]
        first = rest.partition(",")[0]
        brief = len(rest.split()) <= 6 or (self.words.subject_first and self._aside(first) and len(first.split()) <= 6)
        attributed = named is not None and brief and not self._of_medium(last, named, behind=False)
        return last if attributed else None

    def _stated(self, found: Sequence[Piece], start: int, end: int, taken: Sequence[Span]) -> None:
        """Take in what a noun of speech is explained by: "issued a warning that ...", «с заявлением, что ...»."""
        for noun in self.found.all("nouns", start, end):
            that = self.found.next("that", noun[1], min(end, noun[1] + 25))
            if that is None or not self._outside(noun, taken):
                continue
            if any(piece.start <= that[1] + 1 < piece.end or piece.start <= noun[0] < piece.end for piece in found):
                continue
            speaker = self._phrase_before(start, noun[0]) or self._phrase_behind(noun[1], that[0])
            content = self._trim(that[1], self._clause_end(that[1], end))
            if speaker is None or self._mostly(content, taken) or not self._long_enough(content):
                continue
            if not self._person_in(speaker):
                continue
            self._add(content, self._kind(content), "nominalised", "noun and clause", noun, speaker, 0.7)

    def _elided(self, start: int, cue: Span) -> bool:
        """Is a cue joined to what stands before it without a subject of its own: "... and promised to ..."?"""
        words = self.flat[start : cue[0]].split()
        while words and words[-1] in self.sets["adverbs"]:
            words.pop()
        return bool(words) and words[-1] in self.sets["joints"]

    def _nobodys(self, cue: Span) -> bool:
        """Is a cue the reader's ("if you believe") or the editor's («отмечается»), and nobody's words?"""
        before = self.flat[max(0, cue[0] - 20) : cue[0]].split()
        others = self.sets["addressed"] | self.sets["determiners"]
        impersonal = any(span[1] == cue[0] - 1 for span in self.found.all("impersonal", max(0, cue[0] - 20), cue[0]))
        return bool(before and before[-1] in others) or impersonal or self.found.at("editorial", cue[0]) == cue

    def _kind_of(self, content: Span, *, behind: bool) -> tuple[Kind, Form]:
        """Return kind and form of a reported clause; before a dash and its cue stand the speaker's own words."""
        if self._kind(content) == "mixed":
            return "mixed", "partial_quote"
        if behind and self._own_colon(content):
            return "direct", "unquoted_direct"
        dashed = re.match(r"[,.!?…]*\s*[—–-]\s", self.text[content[1] : content[1] + 6])
        own = self._own_words(content) and not behind
        return ("direct", "unquoted_direct") if not behind and (dashed or own) else ("indirect", "that_clause")

    def _own_colon(self, content: Span) -> bool:
        """Do somebody's own words stand behind a colon: with a capital letter, or in the first person?"""
        lead = self.text[max(0, content[0] - 3) : content[0]].rstrip()
        return lead.endswith(":") and (bool(CAPITAL.match(self.text, content[0])) or self._own_words(content))

    def _postposed(self, cue: Span, start: int, end: int, taken: Sequence[Span]) -> tuple[Span, str] | None:
        """Return the clause before ", said X" or «, заявил X»: nearly all of the sentence, the cue at its end."""
        comma = max(self.text.rfind(mark, start, cue[0]) for mark in (",", " —", " –", " -"))
        if comma < 0 or self._length(comma, cue[0]) > 9 or self._opens_another(cue, comma):
            return None
        if self.found.next("that", comma, cue[0]):
            return None  # "..., a charge that Dregov denied"
        named = self._phrase_behind(cue[1], end)
        beside = named is not None and named[0] - cue[1] <= 20
        rest = self.text[named[1] if named and beside else cue[1] : end].strip(" .!…")
        if self._is("weak", cue) and rest:
            return None
        named = named or self._unknown_subject(comma, cue, end)
        if named is None and self._phrase_before(comma + 1, cue[0]) is None and not self.words.pro_drop:
            return None
        later = next((at for one in self._cues(cue[1], end) if (at := self._joint(cue[1], one, end)) is not None), end)
        return self._before_comma(cue, named, (start, comma), later, taken)

    def _opens_another(self, cue: Span, comma: int) -> bool:
        """Does a cue behind a comma begin a clause of its own: a participle, ", which called", ", but said"?"""
        opening = self._low_at(comma)
        if self._is("loose", cue) or opening in self.sets["relatives"] or opening in self.sets["joints"]:
            return True
        return self.words.subject_first and (self._is("call", cue) or self._is("modal", cue))

    def _before_comma(
        self, cue: Span, named: Span | None, clause: Span, end: int, taken: Sequence[Span]
    ) -> tuple[Span, str] | None:
        """Return the clause before a comma that is said by the cue behind it; of "X, he said, Y" the longer part."""
        start, comma = clause
        behind = (named or cue)[1]
        rest = self.text[behind:end]
        inserted = bool(re.match(r"\s?,\s", rest))
        if not inserted and self._no_clause(cue, named, clause):
            return None
        if inserted and self._length(behind, end) > self._length(*clause) and not self._mostly(clause, taken):
            return self._trim(behind, end), "cue inside the clause"
        if not self._ends_soon(rest):
            return None
        content = self._trim(start, comma)
        if self.text[comma + 1 : comma + 2] in ("”", '"', "’", "»") and self._quotes(start, comma + 1):
            content = content[0], comma + 2  # a comma inside the marks
        dashed = re.match(r"\s*[—–-]\s", self.text[comma + 1 : cue[0]])
        least = 2 if dashed else 4 if named else 5
        return (content, "clause and cue") if self._length(*clause) >= least else None

    def _no_clause(self, cue: Span, named: Span | None, clause: Span) -> bool:
        """Is what stands before a comma no clause: "Dregov, the mayor, recalled", "In an essay, Dregov recalled"?"""
        if not self.words.subject_first or self._is_clause(*clause):
            return False
        inverted = named is not None and not self.plain[cue[1] : named[0]].strip()
        led = not self.plain[clause[1] + 1 : cue[0]].strip(" —–-") and not inverted
        return led or self._low_at(clause[0] - 1) in self.sets["prepositions"]

    def _ends_soon(self, rest: str) -> bool:
        """Is there little behind an attribution, or only when and where it was said?"""
        if not self.words.subject_first:
            return len(rest.split()) <= 12
        first, comma, _ = rest.partition(",")
        return len(rest.split()) <= (12 if self._aside(rest) else 6) or (bool(comma) and self._aside(first))

    def _unknown_subject(self, comma: int, cue: Span, end: int) -> Span | None:
        """Return the one or two words between a cue that opens a ", said somebody" and the end of its sentence."""
        rest = re.compile(r"\s+([^\W\d_]+(?:\s[^\W\d_]+)?)\s*[.!…]*\s*").fullmatch(self.plain, cue[1], end)
        if rest and self._low_at(cue[1]) in self.sets["prepositions"]:
            return None
        return rest.span(1) if rest and not self.plain[comma + 1 : cue[0]].strip(" —–-") else None

    def _is_body(self, speaker: Span) -> bool:
        """Is a speaker an institution, by its words: "the State Department", and not one of its officers?"""
        low = set(self.flat[slice(*speaker)].split())
        return bool(low & self.sets["bodies"]) and not low & self.sets["roles"]
