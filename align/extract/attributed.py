"""Clauses by where their attribution stands: before them, behind them, in the next sentence, or "according to" one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from align import lexicon
from align.extract.clauses import Clauses
from align.extract.reading import CAPITAL, TOKEN, Piece, Span
from align.records import Form, Kind


_OF_PERSONS = frozenset({"promise", "demand", "cue and object", "cue and topic"})  # what nobody says impersonally


class Attributed(Clauses):
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
        """Find the clauses that cues of a sentence introduce, outside quotations that are taken."""
        start, end = sentence
        begin = start + self._indent(start, end)
        if self.text[start:end].rstrip().endswith(":"):
            return
        if self._according(begin, end, taken) or self._lead_in(begin, end, taken):
            return
        done = self._said_inside(begin, end, taken)
        cues = self._all_cues(begin, end)
        last = self._ends_attributed(cues, begin, end)
        if last is not None:
            cues = [cue for cue in cues if cue[0] >= last[0]]
        made = len(self.made)
        before = self._phrase_before(begin, cues[0][0]) if cues else None
        for cue in cues:
            if cue[0] < done or not self._outside(cue, taken) or cue in self.spent or self._nobodys(cue):
                continue
            found = self._complement(cue, begin, end) or self._postposed(cue, begin, end, taken)
            if found is None or self._mostly(found[0], taken) or not self._long_enough(found[0]):
                continue
            content, rule = found
            behind = content[0] >= cue[1]
            speaker = self._subject(cue, begin, content[0]) if behind else self._speaker(cue, begin, end)
            if speaker and content[0] <= speaker[0] < content[1]:
                speaker = None
            if behind and self._elided(begin, cue):
                speaker = before if speaker is None or speaker[1] > cue[0] - 1 or not self._person_in(speaker) else speaker
            if speaker is None and behind and self._joint(begin, cue, end) is not None:
                speaker = before  # "... and promised to ...": of the same subject
            if speaker is None and rule in _OF_PERSONS and not self.words.pro_drop:
                continue
            if rule == "cue and object" and speaker and self._is_body(speaker):
                continue  # what bodies reject and promise are acts
            if not behind and any(content[0] <= a and b <= content[1] + 1 for a, b in taken):
                continue  # the cue names who passed the quotation on
            if self._of_medium(cue, speaker, behind=behind):
                continue
            kind, form = self._kind_of(content, behind=behind)
            self._add(content, kind, form, rule, cue, speaker)
            done = max(content[1], cue[1])
            before = speaker or before
        self._stated(self.made[made:], begin, end, taken)

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
        between = self.text[comma + 1 : last[0]]
        named = self._phrase_behind(last[1], end) if not between.strip(" —–-") else self._phrase_before(comma + 1, last[0])
        rest = self.text[max(last[1], named[1]) if named else last[1] : end]
        first = rest.partition(",")[0]
        brief = len(rest.split()) <= 6 or (self.words.subject_first and self._aside(first) and len(first.split()) <= 6)
        attributed = named is not None and brief and not self._of_medium(last, named, behind=False)
        return last if attributed else None

    def _lead_in(self, start: int, end: int, taken: Sequence[Span]) -> bool:
        """Take in what stands behind a colon where the words before it say that somebody speaks, without a word of
        speech: "Dregov was blunt: ...", «Министр непреклонен: ...»."""
        colon = re.compile(r"[^:«“\"]{4,160}?:\s+(?=[^\s«“\"„‘])").match(self.plain, start, end)
        if colon is None or self._cues(start, colon.end()):
            return False
        stance = self.found.next("stance", start, colon.end() - 1)
        content = self._trim(colon.end(), end)
        if stance is None or len(self.text[slice(*content)].split()) < 4 or self._mostly(content, taken):
            return False
        speaker = self._phrase_before(start, stance[0]) or self._phrase_behind(stance[1], colon.end() - 1)
        kind = "direct" if self._own_words(content) else self._kind(content)
        form: Form = "unquoted_direct" if kind == "direct" else "that_clause"
        self._add(content, kind, form, "stance and colon", stance, speaker, 0.6)
        return True

    def _said_inside(self, start: int, end: int, taken: Sequence[Span]) -> int:
        """Take in the clause around ", as X recalled,": the longer part. Return from where other cues may follow."""
        for match in self.found.all("as_said", start + 5, end):
            if not self.text[start : match[0]].rstrip().endswith(","):
                continue
            comma = self.text.find(",", match[1], min(end, match[1] + 60))
            cues = self._cues(match[1], comma) if comma > 0 else []
            behind = self._trim(comma + 1, end)
            if not cues or len(self.text[slice(*behind)].split()) < 4 or self._mostly(behind, taken):
                continue
            speaker = self._phrase_behind(match[1], comma)
            if speaker is None and len(self.text[match[1] : comma].split()) > 2:
                continue
            speaker = speaker or self._phrase_before(start, match[0])
            if self._of_medium(cues[0], speaker, behind=True):
                continue
            self._add(behind, self._kind(behind), "according_to", "as X said, inside", cues[0], speaker)
            return end
        return start

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

    def _is_body(self, speaker: Span) -> bool:
        """Is a speaker an institution, by its words: "the State Department", and not one of its officers?"""
        low = set(self.flat[slice(*speaker)].split())
        return bool(low & self.sets["bodies"]) and not low & self.sets["roles"]

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

    def _own_words(self, content: Span) -> bool:
        """Do words stand in the first person, which reported speech puts in the third?"""
        printed = zip(self.text[slice(*content)].split(), self.flat[slice(*content)].split(), strict=False)
        words = [word.strip(",.!?…") for shown, word in printed if len(shown) < 2 or not shown.isupper()]
        return any(word in self.sets["own"] or word.endswith(self.words.own_endings) for word in words)

    def _of_medium(self, cue: Span, speaker: Span | None, *, behind: bool) -> bool:
        """Is it a medium that passes news on, not somebody who says something: «сообщает газета «Акти»»?"""
        if speaker is None and self._is("medium", cue) and not behind:
            return True
        if speaker is None:
            word = re.match(r"\s+([^\W\d_]+)", self.flat[cue[1] : cue[1] + 30])
            quoted = re.match(r"\s+[«“\"]", self.text[cue[1] : cue[1] + 4])
            return not behind and bool(quoted or (word and word.group(1) in self.sets["media"]))
        low = [word.strip(".,") for word in self.flat[slice(*speaker)].split()]
        if any(word in self.sets["media"] for word in low) and not any(word in self.sets["roles"] for word in low):
            return True
        reports = self._is("report", cue) or (self._is("medium", cue) and not behind)
        return reports and not any(word in self.sets["office"] for word in low)

    def _postposed(self, cue: Span, start: int, end: int, taken: Sequence[Span]) -> tuple[Span, str] | None:
        """Return the clause before ", said X" or «, заявил X»: nearly all of the sentence, the cue at its end."""
        named = self._phrase_behind(cue[1], end)
        last = named is not None and not self.text[named[1] : end].strip(" .!…") and named[0] - cue[1] <= 20
        last = last or not self.text[cue[1] : end].strip(" .!…")
        if (self._is("weak", cue) and not last) or (self._is("modal", cue) and self.words.subject_first):
            return None
        comma = max(self.text.rfind(mark, start, cue[0]) for mark in (",", " —", " –", " -"))
        if comma < 0 or len(self.text[comma : cue[0]].split()) > 9 or self._is("loose", cue):
            return None
        opening = self._low_at(comma)
        if opening in self.sets["relatives"] or opening in self.sets["joints"] or (self._is("call", cue) and self.words.subject_first):
            return None
        named = named or self._unknown_subject(comma, cue, end)
        if named is None and self._phrase_before(comma + 1, cue[0]) is None and not self.words.pro_drop:
            return None
        later = next((one for one in self._cues(cue[1], end) if self._joint(cue[1], one, end) is not None), None)
        if later is not None:
            end = self._joint(cue[1], later, end) or end
        rest = self.text[(named or cue)[1] : end]
        before = self.text[start:comma].rstrip()
        quoted = self._mostly((start, comma), taken)
        behind = bool(re.match(r"\s?,\s", rest))
        direct = named is not None and not self.plain[cue[1] : named[0]].strip()
        led = not self.plain[comma + 1 : cue[0]].strip(" —–-") and not direct
        led = led or self._low_at(start - 1) in self.sets["prepositions"]
        if self.words.subject_first and not behind and led and not self._is_clause(start, comma):
            return None  # "Schiff, the top Democrat, called on"; "In an essay, Dregov recalled the storm"
        if not quoted and behind and len(rest.split()) > len(before.split()):
            return self._trim((named or cue)[1], end), "cue inside the clause"  # X, he said, Y: the longer part
        if len(rest.split()) > (6 if self.words.subject_first and not self._aside(rest) else 12):
            close = self.text[(named or cue)[1] :].find(",")
            if not self.words.subject_first or close < 0 or not self._aside(rest[:close]):
                return None
        inside = self.text[comma + 1 : comma + 2] in ("”", '"', "’", "»") and self._quotes(start, comma + 1)
        content = (self._trim(start, comma)[0], comma + 2) if inside else self._trim(start, comma)
        least = 2 if re.match(r"[\s]*[—–-]\s", self.text[comma + 1 : cue[0]]) else 4 if named else 5
        return (content, "clause and cue") if len(before.split()) >= least else None

    def _unknown_subject(self, comma: int, cue: Span, end: int) -> Span | None:
        """Return the one or two words between a cue that opens a ", said somebody" and the end of its sentence."""
        rest = re.compile(r"\s+([^\W\d_]+(?:\s[^\W\d_]+)?)\s*[.!…]*\s*").fullmatch(self.plain, cue[1], end)
        if rest and self.flat[rest.start(1) : rest.end(1)].split()[0] in self.sets["prepositions"]:
            return None
        return rest.span(1) if rest and not self.plain[comma + 1 : cue[0]].strip(" —–-") else None

    def _aside(self, rest: str) -> bool:
        """Is this when, where or to whom something was said: words that begin with a preposition, without a clause?"""
        words = rest.split()
        return bool(words) and lexicon.flat(words[0]) in self.sets["prepositions"] and "," not in rest

    def _according(self, start: int, end: int, taken: Sequence[Span]) -> bool:
        """«По словам X, ...», "..., according to X", "As X said, ..."."""
        for kind, rule in (("according", "according to"), ("as_said", "as X said")):
            match = self.found.at(kind, start)
            second = re.match(r"[^\s,«“]{2,14}(?:,| )\s*", self.text[start:end])
            if match is None and second and kind == "according":
                match = self.found.at(kind, start + second.end())
            comma = self.text.find(",", match[1], end) if match else -1
            if match is None or not 0 <= comma - match[1] < 120:
                continue
            if kind == "according":
                cue, speaker = match, self._trim(match[1], comma) if comma > match[1] + 1 else None
                speaker = self._named_in(speaker) if speaker else None
                if speaker and self._is("according_to_papers", cue) and not self._person_in(speaker):
                    return False
            else:
                cues = self._cues(match[1], comma)
                if not cues:
                    continue
                cue, speaker = cues[0], self._speaker(cues[0], match[1], comma)
                if self._of_medium(cue, speaker, behind=False):
                    return False
            self._attributed(self._trim(self._behind_apposition(comma, end), end), rule, cue, speaker, taken)
            return True
        return self._according_behind(start, end, taken)

    def _behind_apposition(self, comma: int, end: int) -> int:
        """Return where the clause begins behind "according to X, a friend of Y," or «..., сделанной в письме,»."""
        close = self.text.find(",", comma + 1, min(end, comma + 90))
        first = self._low_at(comma + 1)
        described = first in self.sets["indefinite"] or first in self.sets["relatives"] or first.endswith(self.words.participle_endings)
        apposed = close > 0 and described and not self._is_finite(comma + 1, close)
        return close + 1 if apposed and len(self.text[close:end].split()) > 3 else comma + 1

    def _named_in(self, phrase: Span) -> Span:
        """Return a phrase from its first name or office on: of "a forecast by Dregov" the name."""
        tokens = list(TOKEN.finditer(self.plain, *phrase))
        first = next((token.start() for token in tokens if self._of_speaker(token)), phrase[0])
        return first, phrase[1]

    def _person_in(self, phrase: Span) -> bool:
        """Is a person or an office named: a capital letter or a role, and not a medium?"""
        low = [word.strip(".,") for word in self.flat[slice(*phrase)].split()]
        if any(word in self.sets["media"] for word in low):
            return False
        named = any(CAPITAL.match(word) for word in self.text[slice(*phrase)].split())
        return named or any(word in self.sets["office"] for word in low)

    def _according_behind(self, start: int, end: int, taken: Sequence[Span]) -> bool:
        """ "..., according to X." and "..., according to X, ...": of the latter the longer part."""
        match = self.found.next("according", start + 5, end) if end - start > 40 else None
        if match is not None and self._low_at(match[1]) in self.sets["relatives"]:
            content = self._trim(match[1] + 1 + len(self._low_at(match[1])), end)  # "X, according to whom ..."
            self._attributed(content, "according to whom", match, self._phrase_before(start, match[0]), taken)
            return True
        if match is None or not self.text[start : match[0]].rstrip().endswith(","):
            return False
        comma = self.text.rindex(",", start, match[0])
        close = self.text.find(",", match[1], end)
        clause = self.text.rfind(",", start, comma)
        if clause > 0 and any(cue[0] >= clause for cue in self._cues(start, comma)):
            return False  # "..., she said, according to the agency": hers are the words
        inserted = 0 <= close - match[1] < 60 and len(self.text[close:end].split()) >= 5
        if not inserted and len(self.text[match[1] : end].split()) > 12:
            return False
        relative = self.flat[start:comma].split()[-1:] and self.flat[start:comma].split()[-1] in self.sets["relatives"]
        behind = inserted and (end - close > comma - start or bool(relative))
        who = match[1], close if inserted else end
        content = self._trim(close, end) if behind else self._trim(start, comma)
        named = self._trim(*who) if who[1] > who[0] + 1 else None
        if named and self.found.at("according_to_papers", match[0]) and not self._person_in(named):
            return False
        self._attributed(content, "according to", match, named, taken)
        return True

    def _attributed(self, content: Span, rule: str, cue: Span, speaker: Span | None, taken: Sequence[Span]) -> None:
        content = self._trim(content[0], self._remark_end(*content))
        if not self._mostly(content, taken):
            self._add(content, self._kind(content), "according_to", rule, cue, speaker)
