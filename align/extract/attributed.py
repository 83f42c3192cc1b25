"""Clauses by where their attribution stands: before them, behind them, in the next sentence, or "according to" one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from align import lexicon
from align.extract.clauses import Clauses
from align.extract.reading import CAPITAL, Span
from align.records import Form, Kind


class Attributed(Clauses):
    """Finds reported clauses of a sentence with their speakers."""

    def _said_before(self, previous: Span, sentence: Span) -> bool:
        """«Об этом заявил X»: what was said is the sentence before."""
        match = self.words.previous.match(self.flat, sentence[0] + self._indent(*sentence))
        cues = self._cues(*sentence)
        if match is None or (len(match.group().split()) < 3 and (not cues or cues[0][0] - match.end() > 25)):
            return False
        cue = cues[0] if cues else match.span()
        if any(piece.start >= previous[0] and piece.end <= previous[1] + 1 for piece in self.made):
            return True
        speaker = self._phrase_behind(max(cue[1], match.end()), sentence[1]) or self._speaker(cue, *sentence)
        self._add(previous, self._kind(previous), "next_sentence", "cue in the next sentence", cue, speaker)
        return True

    def _reported(self, sentence: Span, taken: Sequence[Span]) -> None:
        """Find the clauses that cues of a sentence introduce, outside quotations that are taken."""
        start, end = sentence
        begin = start + self._indent(start, end)
        if self.text[start:end].rstrip().endswith(":"):
            return
        if self._according(begin, end, taken):
            return
        done = begin
        for cue in self._all_cues(begin, end):
            if cue[0] < done or not self._outside(cue, taken):
                continue
            found = self._complement(cue, begin, end) or self._postposed(cue, begin, end, taken)
            if found is None or self._mostly(found[0], taken) or not self._long_enough(found[0]):
                continue
            content, rule = found
            behind = content[0] >= cue[1]
            speaker = self._subject(cue, begin, content[0]) if behind else self._speaker(cue, begin, end)
            if speaker and content[0] <= speaker[0] < content[1]:
                speaker = None
            if self._of_medium(cue, speaker, behind=behind):
                continue
            kind, form = self._kind_of(content, behind=behind)
            self._add(content, kind, form, rule, cue, speaker)
            done = max(content[1], cue[1])

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

    def _own_words(self, content: Span) -> bool:
        """Do words stand in the first person, which reported speech puts in the third?"""
        words = [word.strip(",.!?…") for word in self.flat[slice(*content)].split()]
        return any(word in self.words.own or word.endswith(self.words.own_endings or ("\0",)) for word in words)

    def _of_medium(self, cue: Span, speaker: Span | None, *, behind: bool) -> bool:
        """Is it a medium that passes news on, not somebody who says something: «сообщает газета «Акти»»?"""
        if speaker is None:
            word = re.match(r"\s+([^\W\d_]+)", self.flat[cue[1] : cue[1] + 30])
            quoted = re.match(r"\s+[«“\"]", self.text[cue[1] : cue[1] + 4])
            return not behind and bool(quoted or (word and word.group(1) in self.words.media))
        low = [word.strip(".,") for word in self.flat[slice(*speaker)].split()]
        if low and (low[0] in self.words.media or low[-1] in self.words.media):
            return True
        reports = self.words.report.match(self.flat, cue[0])
        return bool(reports) and not any(word in self.words.speaker - self.words.articles for word in low)

    def _postposed(self, cue: Span, start: int, end: int, taken: Sequence[Span]) -> tuple[Span, str] | None:
        """Return the clause before ", said X" or «, заявил X»: nearly all of the sentence, the cue at its end."""
        if self.words.weak.match(self.flat, cue[0]):
            return None
        comma = max(self.text.rfind(mark, start, cue[0]) for mark in (",", " —", " –", " -"))
        if comma < 0 or len(self.text[comma : cue[0]].split()) > 9:
            return None
        named = self._phrase_behind(cue[1], end)
        if named is None and self._phrase_before(comma + 1, cue[0]) is None and not self.words.pro_drop:
            return None
        rest = self.text[(named or cue)[1] : end]
        before = self.text[start:comma].rstrip()
        quoted = self._mostly((start, comma), taken)
        if not quoted and re.match(r"\s?,\s", rest) and len(rest.split()) > len(before.split()):
            return self._trim((named or cue)[1], end), "cue inside the clause"  # X, he said, Y: the longer part
        if len(rest.split()) > (6 if self.words.subject_first and not self._aside(rest) else 12):
            close = self.text[(named or cue)[1] :].find(",")
            if not self.words.subject_first or close < 0 or not self._aside(rest[:close]):
                return None
        return (self._trim(start, comma), "clause and cue") if len(before.split()) >= 4 else None

    def _aside(self, rest: str) -> bool:
        """Is this when, where or to whom something was said: words that begin with a preposition, without a clause?"""
        words = rest.split()
        return bool(words) and lexicon.flat(words[0]) in self.words.prepositions and "," not in rest

    def _according(self, start: int, end: int, taken: Sequence[Span]) -> bool:
        """«По словам X, ...», "..., according to X", "As X said, ..."."""
        for pattern, rule in ((self.words.according, "according to"), (self.words.as_said, "as X said")):
            match = pattern.match(self.flat, start, end)
            second = re.match(r"[^\s,«“]{2,14}(?:,| )\s*", self.text[start:end])
            if match is None and second and pattern is self.words.according:
                match = pattern.match(self.flat, start + second.end(), end)
            comma = self.text.find(",", match.end(), end) if match else -1
            if match is None or not 0 <= comma - match.end() < 120:
                continue
            if pattern is self.words.according:
                cue, speaker = match.span(), self._trim(match.end(), comma) if comma > match.end() + 1 else None
                if speaker and self.words.documents.match(self.flat, cue[0]) and not self._person_in(speaker):
                    return False
            else:
                cues = self._cues(match.end(), comma)
                if not cues:
                    continue
                cue, speaker = cues[0], self._speaker(cues[0], match.end(), comma)
                if self._of_medium(cue, speaker, behind=False):
                    return False
            self._attributed(self._trim(comma + 1, end), rule, cue, speaker, taken)
            return True
        return self._according_behind(start, end, taken)

    def _person_in(self, phrase: Span) -> bool:
        """Is a person or an office named: a capital letter or a role, and not a medium?"""
        low = [word.strip(".,") for word in self.flat[slice(*phrase)].split()]
        if any(word in self.words.media for word in low):
            return False
        named = any(CAPITAL.match(word) for word in self.text[slice(*phrase)].split())
        return named or any(word in self.words.speaker - self.words.articles for word in low)

    def _according_behind(self, start: int, end: int, taken: Sequence[Span]) -> bool:
        """ "..., according to X." and "..., according to X, ...": of the latter the longer part."""
        match = self.words.according.search(self.flat, start + 5, end) if end - start > 40 else None
        if match is None or not self.text[start : match.start()].rstrip().endswith(","):
            return False
        comma = self.text.rindex(",", start, match.start())
        close = self.text.find(",", match.end(), end)
        clause = self.text.rfind(",", start, comma)
        if clause > 0 and any(cue[0] >= clause for cue in self._cues(start, comma)):
            return False  # "..., she said, according to the agency": hers are the words
        inserted = 0 <= close - match.end() < 60 and len(self.text[close:end].split()) >= 5
        if not inserted and len(self.text[match.end() : end].split()) > 12:
            return False
        behind = inserted and end - close > comma - start
        who = match.end(), close if inserted else end
        content = self._trim(close, end) if behind else self._trim(start, comma)
        named = self._trim(*who) if who[1] > who[0] + 1 else None
        if named and self.words.documents.match(self.flat, match.start()) and not self._person_in(named):
            return False
        self._attributed(content, "according to", match.span(), named, taken)
        return True

    def _attributed(self, content: Span, rule: str, cue: Span, speaker: Span | None, taken: Sequence[Span]) -> None:
        if not self._mostly(content, taken):
            self._add(content, self._kind(content), "according_to", rule, cue, speaker)
