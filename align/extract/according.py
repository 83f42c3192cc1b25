"""Sentences that say of themselves whose words they are: "according to X", "as X said", "X was blunt: ..."."""

from __future__ import annotations

import re
from collections.abc import Sequence

from align import lexicon
from align.extract.clauses import Clauses
from align.extract.reading import CAPITAL, TOKEN, Span
from align.records import Form, Kind

_FAR = 120  # characters of who is named between "according to" and the clause
_LEAD_IN = re.compile(r"[^:«“\"]{4,160}?:\s+(?=[^\s«“\"„‘])")


class According(Clauses):
    """Finds clauses that are attributed without a reporting verb of their own."""

    def _according(self, start: int, end: int, taken: Sequence[Span]) -> bool:
        """«По словам X, ...», "As X said, ...", "..., according to X": a sentence that says so of itself."""
        return (
            self._according_before(start, end, taken)
            or self._as_said_before(start, end, taken)
            or self._according_behind(start, end, taken)
        )

    def _according_before(self, start: int, end: int, taken: Sequence[Span]) -> bool:
        """«По словам X, ...», "Later, in his view, ..."."""
        second = re.match(r"[^\s,«“]{2,14}(?:,| )\s*", self.text[start:end])
        cue = self.found.at("according", start) or (second and self.found.at("according", start + second.end()))
        if not cue:
            return False
        comma = self.text.find(",", cue[1], end)
        if self.found.at("according_to_him", cue[0]) == cue and comma - cue[1] > 1:
            comma = cue[1] - 1  # names its speaker itself, and no comma follows
        if not 0 <= comma + 1 - cue[1] < _FAR:
            return False
        speaker = self._named_in(self._trim(cue[1], comma)) if comma > cue[1] + 1 else None
        if speaker and self._is("according_to_papers", cue) and not self._person_in(speaker):
            return False
        content = self._trim(self._behind_apposition(comma, end), end)
        self._attributed(content, "according to", cue, speaker, taken)
        return True

    def _as_said_before(self, start: int, end: int, taken: Sequence[Span]) -> bool:
        """ "As X said, ...", «Как отметил X, ...»."""
        match = self.found.at("as_said", start)
        comma = self.text.find(",", match[1], end) if match else -1
        cues = self._cues(match[1], comma) if match and 0 <= comma - match[1] < _FAR else []
        if match is None or not cues:
            return False
        speaker = self._speaker(cues[0], match[1], comma)
        if not self._of_medium(cues[0], speaker, behind=False):
            content = self._trim(self._behind_apposition(comma, end), end)
            self._attributed(content, "as X said", cues[0], speaker, taken)
            return True
        return False

    def _according_behind(self, start: int, end: int, taken: Sequence[Span]) -> bool:
        """ "..., according to X." and "..., according to X, ...": of the latter the longer part."""
        match = self.found.next("according", start + 5, end) if end - start > 40 else None
        if match is None:
            return False
        relative = self._low_at(match[1])
        if relative in self.sets["relatives"]:  # "X, according to whom ..."
            content = self._trim(match[1] + 1 + len(relative), end)
            self._attributed(content, "according to whom", match, self._phrase_before(start, match[0]), taken)
            return True
        behind_comma = self.text[start : match[0]].rstrip().endswith(",")
        return behind_comma and self._attributed_behind(match, start, end, taken)

    def _attributed_behind(self, match: Span, start: int, end: int, taken: Sequence[Span]) -> bool:
        """Take in the clause before "according to X", or the longer one behind it."""
        comma = self.text.rindex(",", start, match[0])
        clause = self.text.rfind(",", start, comma)
        if clause > 0 and any(cue[0] >= clause for cue in self._cues(start, comma)):
            return False  # "..., she said, according to the agency": hers are the words
        close = self.text.find(",", match[1], end)
        inserted = 0 <= close - match[1] < 60 and self._length(close, end) >= 5
        if not inserted and self._length(match[1], end) > 12:
            return False
        led = self.flat[start:comma].split()[-1:]
        behind = inserted and (end - close > comma - start or bool(self.sets["relatives"].intersection(led)))
        who = self._trim(match[1], close if inserted else end)
        named = who if who[1] > who[0] + 1 else None
        if named and self.found.at("according_to_papers", match[0]) and not self._person_in(named):
            return False
        content = self._trim(close, end) if behind else self._trim(start, comma)
        self._attributed(content, "according to", match, named, taken)
        return True

    def _said_inside(self, start: int, end: int, taken: Sequence[Span]) -> int:
        """Take in the clause around ", as X recalled,": the longer part. Return from where other cues may follow."""
        for match in self.found.all("as_said", start + 5, end):
            if not self.text[start : match[0]].rstrip().endswith(","):
                continue
            comma = self.text.find(",", match[1], min(end, match[1] + 60))
            cues = self._cues(match[1], comma) if comma > 0 else []
            behind = self._trim(comma + 1, end)
            if not cues or self._length(*behind) < 4 or self._mostly(behind, taken):
                continue
            speaker = self._phrase_behind(match[1], comma)
            if speaker is None and self._length(match[1], comma) > 2:
                continue
            speaker = speaker or self._phrase_before(start, match[0])
            if self._of_medium(cues[0], speaker, behind=True):
                continue
            self._add(behind, self._kind(behind), "according_to", "as X said, inside", cues[0], speaker)
            return end
        return start

    def _lead_in(self, start: int, end: int, taken: Sequence[Span]) -> bool:
        """Take in what stands behind a colon where the words before it say that somebody speaks, without a word of
        speech: "Dregov was blunt: ...", «Министр непреклонен: ...»."""
        colon = _LEAD_IN.match(self.plain, start, end)
        if colon is None or self._cues(start, colon.end()):
            return False
        stance = self.found.next("stance", start, colon.end() - 1)
        content = self._trim(colon.end(), end)
        if stance is None or self._length(*content) < 4 or self._mostly(content, taken):
            return False
        speaker = self._phrase_before(start, stance[0]) or self._phrase_behind(stance[1], colon.end() - 1)
        kind: Kind = "direct" if self._own_words(content) else self._kind(content)
        form: Form = "unquoted_direct" if kind == "direct" else "that_clause"
        self._add(content, kind, form, "stance and colon", stance, speaker, 0.6)
        return True

    def _attributed(self, content: Span, rule: str, cue: Span, speaker: Span | None, taken: Sequence[Span]) -> None:
        content = self._trim(content[0], self._remark_end(*content))
        if not self._mostly(content, taken):
            self._add(content, self._kind(content), "according_to", rule, cue, speaker)

    def _behind_apposition(self, comma: int, end: int) -> int:
        """Return where the clause begins behind "according to X, a friend of Y," or «..., сделанной в письме,»."""
        close = self.text.find(",", comma + 1, min(end, comma + 90))
        first = self._low_at(comma + 1)
        described = first in self.sets["indefinite"] | self.sets["relatives"]
        described = described or first.endswith(self.words.participle_endings)
        if close < 0 or not described or self.found.next("finite", comma + 1, close) or self._length(close, end) <= 3:
            return comma + 1
        return close + 1

    def _named_in(self, phrase: Span) -> Span:
        """Return a phrase from its first name or office on: of "a forecast by Dregov" the name."""
        tokens = list(TOKEN.finditer(self.plain, *phrase))
        first = next((token.start() for token in tokens if self._of_speaker(token)), phrase[0])
        return first, phrase[1]

    def _person_in(self, phrase: Span) -> bool:
        """Is a person or an office named: a capital letter or a role, and not a medium?"""
        low = {word.strip(".,") for word in self.flat[slice(*phrase)].split()}
        if low & self.sets["media"]:
            return False
        return bool(low & self.sets["office"]) or any(CAPITAL.match(word) for word in self.text[slice(*phrase)].split())

    def _of_medium(self, cue: Span, speaker: Span | None, *, behind: bool) -> bool:
        """Is it a medium that passes news on, not somebody who says something: «сообщает газета «Акти»»?"""
        if speaker is None:
            quoted = re.match(r"\s+[«“\"]", self.text[cue[1] : cue[1] + 4])
            return not behind and bool(self._is("medium", cue) or quoted or self._low_at(cue[1]) in self.sets["media"])
        low = {word.strip(".,") for word in self.flat[slice(*speaker)].split()}
        if low & self.sets["media"] and not low & self.sets["roles"]:
            return True
        reports = self._is("report", cue) or (self._is("medium", cue) and not behind)
        return reports and not low & self.sets["office"]

    def _aside(self, rest: str) -> bool:
        """Is this when, where or to whom something was said: words that begin with a preposition, without a clause?"""
        words = rest.split()
        return bool(words) and lexicon.flat(words[0]) in self.sets["prepositions"] and "," not in rest

    def _own_words(self, content: Span) -> bool:
        """Do words stand in the first person, which reported speech puts in the third?"""
        printed = zip(self.text[slice(*content)].split(), self.flat[slice(*content)].split(), strict=False)
        words = [word.strip(",.!?…") for shown, word in printed if len(shown) < 2 or not shown.isupper()]
        return any(word in self.sets["own"] or word.endswith(self.words.own_endings) for word in words)
