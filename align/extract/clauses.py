"""Reported clauses: what a cue introduces, what stands before one, and according to whom."""

from __future__ import annotations

import re
from collections.abc import Sequence

from align import lexicon
from align.extract.phrases import Phrases
from align.extract.reading import CAPITAL, TOKEN, Span
from align.records import Form

_NEXT = re.compile(r"\s+([^\W\d_]+)")


class Clauses(Phrases):
    """Finds reported clauses of a sentence."""

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
            if cue[0] < done or any(a < cue[0] < b for a, b in taken):
                continue
            content = self._complement(cue, begin, end)
            rule = "cue and clause"
            if content is None:
                content, rule = self._postposed(cue, begin, end), "clause and cue"
            if content is None or self._mostly(content, taken) or len(self.text[slice(*content)].split()) < 3:
                continue
            quoted = any(
                content[0] <= q.start and q.end <= content[1] + 1 for q in self._quotes(*content) if q.depth == 0
            )
            behind = content[0] >= cue[1]
            speaker = self._subject(cue, begin, content[0]) if behind else self._speaker(cue, begin, end)
            if speaker and content[0] <= speaker[0] < content[1]:
                speaker = None
            form: Form = "partial_quote" if quoted else "that_clause"
            self._add(content, "mixed" if quoted else "indirect", form, rule, cue, speaker)
            done = max(content[1], cue[1])

    def _all_cues(self, start: int, end: int) -> list[Span]:
        loose = (match.span() for match in self.words.loose.finditer(self.flat, start, end))
        return sorted({*self._cues(start, end), *(span for span in loose if self._apposed(start, span[0]))})

    def _apposed(self, start: int, cue: int) -> bool:
        """Is a participle set apart, as in ", adding that": at the beginning or behind a comma or dash?"""
        before = self.text[start:cue].rstrip()
        return not before or before[-1] in ',—–-»”"'

    def _complement(self, cue: Span, start: int, end: int) -> Span | None:
        """Return the clause behind a cue: "said (to X on Monday) that ...", «заявил, что ...», "said the ..."."""
        rest = self.plain[cue[1] : end]
        colon = re.match(r"[^:.;«“\"]{0,50}:\s+(?=[^\s«“\"„])", rest)
        if colon and len(rest.split()) >= 5:
            return self._trim(cue[1] + colon.end(), end)
        called = self.words.call.match(self.flat, cue[0])
        if called:
            return self._trim(cue[1], end) if 3 <= len(rest.split()) <= 30 else None
        if self.words.accuse.match(self.flat, cue[0]):
            charge = self.words.accusation.search(self.flat, cue[1], min(end, cue[1] + 90))
            return self._trim(charge.start(), end) if charge else None
        return self._asked(cue, end) or self._that(cue, end) or self._unmarked(cue, start, end)

    def _that(self, cue: Span, end: int) -> Span | None:
        """Return the clause behind a conjunction, unless a clause without one begins before it."""
        match = self.words.that.search(self.flat, cue[1], min(end, cue[1] + 160))
        opener = _NEXT.match(self.flat, cue[1], end)
        bare = opener and opener.group(1) in self.words.openers and self.words.bare.match(self.flat, cue[0])
        if match is not None and not (bare and self.plain[cue[1] : match.start()].strip()):
            between = self.plain[cue[1] : match.start()]
            if len(between.split()) <= 14 and not re.search(r"[.;:«“\"]", between.replace(". ", " ", 1)):
                return self._trim(match.end(), self._clause_end(match.end(), end))
        return None

    def _unmarked(self, cue: Span, start: int, end: int) -> Span | None:
        """Return a clause without a conjunction: "said the ...", "told reporters the ..."."""
        if not self.words.openers:
            return None
        if self.words.told.match(self.flat, cue[0]):
            clause = self._behind_recipient(cue[1], end)
            return self._trim(clause, end) if clause is not None else None
        follows = _NEXT.match(self.flat, cue[1], end)
        if not follows or follows.group(1) in self.words.prepositions or self.words.as_said.match(follows.group(1)):
            return None
        said = self.words.bare.match(self.flat, cue[0]) and self._subject_before(cue, start)
        return self._trim(cue[1], end) if said and len(self.text[cue[1] : end].split()) >= 4 else None

    def _behind_recipient(self, start: int, end: int) -> int | None:
        """Return where the clause begins in "told the Courier the company ...": behind a name or one plain noun."""
        plain, article = 0, False
        for number, token in enumerate(list(TOKEN.finditer(self.plain, start, min(end, start + 90)))[:7]):
            low = self._low(token)
            if self.text[start : token.start()].strip():
                return None
            if low in self.words.openers and number and not article:
                return token.start()
            article = low in self.words.articles
            plain += not article and not CAPITAL.match(token.group())
            if plain > 1:
                return None
            start = token.end()
        return None

    def _asked(self, cue: Span, end: int) -> Span | None:
        """Return what is demanded: "urged (both sides) to ...", «попросил (их) перестать ...», «ζήτησε να ...»."""
        if not self.words.order.match(self.flat, cue[0]):
            return None
        match = self.words.request.search(self.flat, cue[1], min(end, cue[1] + 70))
        if match is None or re.search(r"[,.;:«»“”\"]", self.text[cue[1] : match.start()]):
            return None
        return self._trim(match.start(), self._clause_end(match.end(), end))

    def _clause_end(self, start: int, end: int) -> int:
        """Return where a reported clause ends: where another cue of the same subject goes on, as in «, но выразил»."""
        for cue in self._cues(start, end):
            comma = self.text.rfind(",", start, cue[0])
            joint = self.text[comma + 1 : cue[0]].split() if comma > start else [""] * 9
            follows = self.words.that.search(self.flat, cue[1], min(end, cue[1] + 40))
            if len(joint) <= 2 and follows and not any(CAPITAL.match(word) for word in joint):
                return comma
        return end

    def _subject_before(self, cue: Span, start: int) -> bool:
        words = self.text[start : cue[0]].split()
        return bool(words) and (
            words[-1].endswith(",")
            or self.flat[start : cue[0]].split()[-1].strip(",") in self.words.speaker
            or bool(CAPITAL.match(words[-1]))
        )

    def _postposed(self, cue: Span, start: int, end: int) -> Span | None:
        """Return the clause before ", said X" or «, заявил X»: nearly all of the sentence, the cue at its end."""
        comma = max(
            self.text.rfind(",", start, cue[0]),
            self.text.rfind(" —", start, cue[0]),
            self.text.rfind(" –", start, cue[0]),
        )
        if comma < 0 or len(self.text[comma : cue[0]].split()) > 7:
            return None
        named = self._phrase_behind(cue[1], end)
        rest = self.text[(named or cue)[1] : end]
        quoted = self.text[start:comma].rstrip()[-1:] in set('»”"')
        if not quoted and re.match(r"\s?,\s", rest) and len(rest.split()) > len(self.text[start:comma].split()):
            return self._trim((named or cue)[1], end)  # X, he said, Y: the longer part
        if len(rest.split()) > (6 if self.words.subject_first and not self._aside(rest) else 12):
            return None
        return self._trim(start, comma) if len(self.text[start:comma].split()) >= 4 else None

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
            else:
                cues = self._cues(match.end(), comma)
                if not cues:
                    continue
                cue, speaker = cues[0], self._speaker(cues[0], match.end(), comma)
            self._attributed(self._trim(comma + 1, end), rule, cue, speaker, taken)
            return True
        return self._according_behind(start, end, taken)

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
        self._attributed(content, "according to", match.span(), named, taken)
        return True

    def _attributed(self, content: Span, rule: str, cue: Span, speaker: Span | None, taken: Sequence[Span]) -> None:
        if not self._mostly(content, taken):
            self._add(content, self._kind(content), "according_to", rule, cue, speaker)
