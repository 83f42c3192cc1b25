"""Clauses that a cue introduces: "said that ...", «заявил, что ...», "said the ...", "promised to ...", "called X Y"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from align import lexicon
from align.extract.marks import Quote
from align.extract.phrases import Phrases
from align.extract.reading import CAPITAL, TOKEN, Span

_NEXT = re.compile(r"\s+([^\W\d_]+)")
_FEWEST = 3  # words of a reported clause


_TAKING_OBJECTS = ("loose", "deny", "call", "accuse", "ask", "topic", "object")


class Clauses(Phrases):
    """Finds what a cue introduces."""

    def _complement(self, cue: Span, start: int, end: int) -> tuple[Span, str] | None:
        """Return the clause behind a cue and the rule that found it."""
        rest = self.plain[cue[1] : end]
        if self._is("weak", cue):
            clause = self._that(cue, end) if self._beside("that", cue, end) else None
            if clause is None and self._is("call", cue) and any(self._worded(one) for one in self._quotes(cue[1], end)):
                clause = self._trim(cue[1], self._clause_end(cue[1], end))
            if clause is None and self._names_subject(max(start, cue[0] - 60), cue[0]):
                clause = self._asked(cue, end) or (self._object(cue, end) if self._is("object", cue) else None)
            return None if clause is None else (clause, "cue and clause")
        colon = re.match(r"[^:.;«“\"]{0,50}:\s+(?=[^\s«“\"„])", rest)
        if colon and len(rest.split()) >= 5:
            return self._trim(cue[1] + colon.end(), end), "cue and colon"
        unsaid = self.found.next("not_said", max(start, cue[0] - 30), min(end, cue[1] + 60))
        if unsaid and unsaid[0] <= cue[1]:
            return None
        if self._is("call", cue):
            before = self.text[start : cue[0]].rstrip()
            passive = before.endswith(",") and before.count(",") < 2 and not self._is("loose", cue)
            if self.words.subject_first and (passive or not self._subject_before(cue, start)):
                return None  # "the maze, called Lost Acres"
            named = self.found.all("as_said", max(start, cue[0] - 40), cue[0])
            if named and "," not in self.text[named[-1][1] : cue[0]]:
                return None  # "as diplomats used to call it"
            called = self._trim(cue[1], self._clause_end(cue[1], end))
            if self.text[called[0]].isdigit():
                return None
            least = 2 if self._quotes(*called) else 3
            return (called, "called") if least <= len(self.text[slice(*called)].split()) <= 30 else None
        if self._is("accuse", cue):
            return self._charge(cue, end)
        if self._is("ask", cue):
            return self._asked_about(cue, start, end)
        finders = (
            (self._asked, "demand"), (self._promised, "promise"), (self._that, "cue and clause"),
            (self._about, "cue and topic"), (self._object, "cue and object"),
        )  # fmt: skip
        for find, rule in finders:
            if (found := find(cue, end)) is not None:
                return found, rule
        bare = self._unmarked(cue, start, end)
        if bare is not None:
            return bare, "cue and bare clause"
        quoted = self._quoted_object(cue, start, end)
        return (quoted, "cue and quoted words") if quoted is not None else None

    def _beside(self, kind: str, cue: Span, end: int) -> bool:
        """Does a phrase stand right behind a cue, with its subject or whom it is said to in between at most?"""
        found = self.found.next(kind, cue[1], min(end, cue[1] + 60))
        return found is not None and len(self.plain[cue[1] : found[0]].split()) <= 4

    def _charge(self, cue: Span, end: int) -> tuple[Span, str] | None:
        """Return what somebody is accused of: "of ...", «в ...», "ότι ..."."""
        charge = self.found.next("accusation", cue[1], min(end, cue[1] + 110))
        if charge is None or re.search(r"[.;:]", self.plain[cue[1] : charge[0]].replace(". ", " ", 1)):
            return None
        begin = charge[1] if self.found.at("that", charge[0]) else charge[0]
        return self._trim(begin, self._clause_end(charge[1], end)), "accusation"

    def _that(self, cue: Span, end: int) -> Span | None:
        """Return the clause behind a conjunction, unless a clause without one begins before it."""
        match = self.found.next("that", cue[1], min(end, cue[1] + 160))
        if match is None:
            return None
        between = self.plain[cue[1] : match[0]]
        opener = _NEXT.match(self.flat, cue[1], end)
        bare = opener and opener.group(1) in self.sets["openers"] and self._is("bare", cue)
        if (bare and between.strip()) or len(between.split()) > 14 or self._crosses(cue, match[0]):
            return None
        if self.words.subject_first and self._relative(between, cue):
            return None
        quoted = re.sub(r"[«“\"][^«»“”\"]{1,40}[»”\"]", "", between)  # the quoted name of a medium is no end
        if re.search(r"[.;:«“\"]", quoted.replace(". ", " ", 1)):
            return None
        return self._trim(match[1], self._clause_end(match[1], end))

    def _crosses(self, cue: Span, that: int) -> bool:
        """Does another cue stand between a cue and a conjunction? Not a participle between commas: "said, citing X, that"."""
        return any(
            not self._is("loose", other) or "," not in self.text[other[1] : that]
            for other in self._all_cues(cue[1], that)
        )

    def _asked_about(self, cue: Span, start: int, end: int) -> tuple[Span, str] | None:
        """Return what somebody asks: "wondered why ...". "Asked whether ..., he said" is the interviewer's question."""
        question = self.found.next("asked", cue[1], min(end, cue[1] + 60)) or self.found.next("that", cue[1], min(end, cue[1] + 60))
        before = self.flat[start : cue[0]].split()
        if question is None or len(self.plain[cue[1] : question[0]].split()) > 4:
            return None
        if not before or before[-1] in self.sets["closers"]:
            return None  # "when asked if"
        return self._trim(question[0], self._clause_end(question[1], end)), "cue and question"

    def _relative(self, between: str, cue: Span) -> bool:
        """Does "that" belong to a noun right before it: "speculate about a meeting that ..."? A noun of speech, one who
        is told, and "in a statement" stand before a clause."""
        words = lexicon.flat(between).split()
        if len(words) < 2 or words[-1][-1] in ",)" or any(self._is(kind, cue) for kind in ("told", "warn", "promise")):
            return False
        if self._behind_when(cue[1]) >= cue[1] + len(between.rstrip()):
            return False
        if words[0] in self.sets["prepositions"] and not self.found.next("about", cue[1], cue[1] + len(words[0]) + 1):
            return False  # "writing in a note to clients that"
        end = cue[1] + len(between.rstrip())
        noun = any(span[1] == end for span in self.found.all("nouns", cue[1], end))
        lower = not CAPITAL.match(between.split()[-1])
        led = words[-2] in self.sets["articles"] or words[-2] in self.sets["prepositions"] or len(words) > 2
        told = words[0] == "to" or words[-1] in self.sets["speaker"]
        return lower and led and not noun and not told

    def _promised(self, cue: Span, end: int) -> Span | None:
        """Return what is promised or threatened: "vowed to ...", «пообещал (ему) не ...», "υποσχέθηκε να ..."."""
        return self._infinitive(cue, end) if self._is("promise", cue) else None

    def _asked(self, cue: Span, end: int) -> Span | None:
        """Return what is demanded: "urged (both sides) to ...", «попросил (их) перестать ...», «ζήτησε να ...»."""
        return self._infinitive(cue, end) if self._is("order", cue) else None

    def _infinitive(self, cue: Span, end: int) -> Span | None:
        match = self.words.request.search(self.flat, cue[1], min(end, cue[1] + 70))
        later = self.words.request.search(self.flat, match.end(), min(end, match.end() + 40)) if match else None
        if later and self.words.subject_first and match and match.start() - cue[1] <= 1:
            to_whom = self.text[match.start() : later.start()]  # "appealed to merchants to look out"
            match = later if len(to_whom.split()) <= 4 and not re.search(r"[,.;:«»“”\"]", to_whom) else match
        if match is None or re.search(r"[,.;:«»“”\"]", self.text[cue[1] : match.start()]):
            return None
        return self._trim(match.start(), self._clause_end(match.end(), end))

    def _about(self, cue: Span, end: int) -> Span | None:
        """Return what is spoken of, where the words that are quoted in it show it to be the speaker's: "warned of
        “consequences” ...", «заявил о «готовности» ...», "έκανε λόγο για «...»"."""
        match = self.found.next("about", cue[1], min(end, cue[1] + 60))
        if match is None or re.search(r"[,.;:«»“”\"]", self.text[cue[1] : match[0]]):
            return None
        if len(self.plain[cue[1] : match[0]].split()) > 3 or self._low_at(match[1]) in self.sets["this"]:
            return None
        content = self._trim(match[1], self._clause_end(match[1], end))
        worded = any(self._worded(quote) for quote in self._quotes(*content))
        said = self._is("topic", cue) or self.found.at("nominals", content[0])
        return content if worded or said else None

    def _object(self, cue: Span, end: int) -> Span | None:
        """Return the noun or gerund that somebody rules out, promises or predicts: "ruled out cutting ...", «опроверг
        сообщения о ...», "προέβλεψε άνοδο ..."."""
        if not any(self._is(kind, cue) for kind in ("deny", "promise", "object")):
            return None
        begin = max(0, cue[0] - 60, self.plain.rfind(",", 0, cue[0] - 1) + 1)
        if self._is("object", cue) and not self._names_subject(begin, cue[0]):
            return None
        follows = _NEXT.match(self.flat, cue[1], end)
        subject = self._phrase_behind(cue[1], end)
        set_off = self.text[max(0, cue[0] - 3) : cue[0]].rstrip(" —–-").endswith(",")
        if follows and follows.group(1) in self.sets["prepositions"] and self.words.subject_first:
            return None
        inverted = subject is not None and not self.plain[cue[1] : subject[0]].strip()
        if inverted and subject and (set_off or self.text[subject[1] : subject[1] + 1] == ","):
            return None  # "..., promises the director", "... announced the minister, who ..."
        comma = self.text.find(",", cue[1], end)
        end = comma if comma > 0 and len(self.text[cue[1] : comma].split()) > 1 else end
        content = self._trim(cue[1], self._clause_end(cue[1], end))
        subject = self._phrase_behind(*content)
        if subject and subject[0] == content[0] and not self.words.subject_first:
            content = self._trim(subject[1], content[1])
        return content if follows and 2 <= len(self.text[slice(*content)].split()) <= 25 else None

    def _unmarked(self, cue: Span, start: int, end: int) -> Span | None:
        """Return a clause without a conjunction: "said the ...", "told reporters the ..."."""
        if not self.sets["openers"]:
            return None
        if self._is("told", cue):
            clause = self._behind_recipient(cue[1], end)
        elif self._is("bare", cue) and self._subject_before(cue, start):
            clause = self._behind_time(cue[1], end)
        else:
            return None
        if clause is None or not self._is_clause(clause, end):
            return None
        return self._trim(clause, self._clause_end(clause, end))

    def _behind_time(self, start: int, end: int) -> int | None:
        """Return where a clause begins behind a cue, and behind when it was said: "said (on Monday) the ..."."""
        start = self._behind_when(start)
        follows = _NEXT.match(self.flat, start, end)
        if not follows or self.found.at("as_said", follows.start(1)) or follows.group(1) in self.sets["closers"]:
            return None
        if follows.group(1) in self.sets["openers"] or CAPITAL.match(self.text, follows.start(1)):
            return start
        return None if follows.group(1) in self.sets["prepositions"] else start

    def _is_clause(self, start: int, end: int) -> bool:
        """Are there a subject and a finite verb, as far as the words of a lexicon tell? "adds a sailing" has none."""
        words = self.flat[start:end].split()
        if len(words) < _FEWEST:
            return False
        return self._is_finite(start, end)

    def _is_finite(self, start: int, end: int) -> bool:
        ends = self.words.finite_endings
        words = self.flat[start:end].split()
        return self.found.next("finite", start, end) is not None or any(word.rstrip(",.").endswith(ends) for word in words)

    def _behind_when(self, start: int) -> int:
        """Return where words go on behind a cue and behind when and where something was said."""
        while True:
            blank = re.compile(r",?\s+").match(self.text, start)
            when = self.found.at("when", blank.end()) if blank else None
            if when is None:
                return start
            year = re.compile(r"\s\d{1,4},?|,(?=\s)").match(self.text, when[1])
            start = year.end() if year else when[1]

    def _behind_recipient(self, start: int, end: int) -> int | None:
        """Return where the clause begins in "told the Courier the company ...": behind a name or one plain noun."""
        plain, article = 0, False
        for number, token in enumerate(list(TOKEN.finditer(self.plain, start, min(end, start + 90)))[:9]):
            low = self._low(token)
            if self.text[start : token.start()].strip():
                return None
            if low in self.sets["openers"] and number and not article:
                return token.start()
            article = low in self.sets["articles"]
            if number and self.found.at("when", token.start()):
                return self._behind_when(token.start() - 1)
            plain += not article and not CAPITAL.match(token.group())
            if plain > 1:
                return None
            start = token.end()
        return None

    def _quoted_object(self, cue: Span, start: int, end: int) -> Span | None:
        """Return the object of a cue with somebody's words in it: «отметил «рост» ...», "praised the “heroic” crew"."""
        first = next((quote for quote in self._quotes(cue[1], end) if self._worded(quote)), None)
        if first is None or len(self.plain[cue[1] : first.start].split()) > 4:
            return None
        between = self.plain[cue[1] : first.start - 1]
        if re.search(r"[.,;:—–]", between) or not self._partial(first):
            return None
        subject = None if self.words.subject_first else self._phrase_behind(cue[1], first.start - 1)
        begin = subject[1] if subject else cue[1]
        if subject is None and self._phrase_before(start, cue[0]) is None:
            return None
        content = self._trim(begin, self._clause_end(first.end, end))
        return content if len(self.text[slice(*content)].split()) >= _FEWEST else None

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
        signed = re.compile(r"\s[—–-]\s(?=[^\W\d_a-zа-яёα-ω][^.!?]{1,60}\s*$)").search(self.plain, start, end)
        if signed and len(self.plain[signed.end() : end].split()) <= 7 and not self._is_clause(signed.end(), end):
            ends.append(signed.start())
        return min([end, *ends, *([aside[0]] if aside else [])])

    def _behind_comma(self, start: int, at: int) -> bool:
        return self.text[start:at].rstrip().endswith((",", "–", "—"))

    def _remarked(self, quote: Quote, end: int) -> bool:
        """Does a remark follow quoted words, set off by a comma inside their marks?"""
        behind = _NEXT.match(self.flat, quote.end + 1, end)
        return self.text[quote.end - 1] == "," and behind is not None and behind.group(1) in self.sets["remarks"]

    def _joint(self, start: int, cue: Span, end: int) -> int | None:
        """Return where the clause of a cue is joined to what stands before it, if it has something of its own.

        Behind a conjunction a subject may stand before the cue, behind a bare comma a word at most; there only a
        participle (", adding"), a cue with a conjunction, and the naming of a source at the end (", пишет X") count.
        """
        begin = max(start, cue[0] - 70)
        best = None
        for match in self.words.joint.finditer(self.flat, begin, cue[0]):
            between = self.flat[match.end() : cue[0]]
            if re.search(r"[.;:,«»“”\"]", between):
                continue
            words = [word for word in between.split() if word not in self.sets["adverbs"]]
            if match["word"] in self.sets["adversative"] and not words:
                joined = not self._is("modal", cue)
            elif match["word"]:
                named = not words or self._names_subject(match.end(), cue[0])
                joined = len(words) <= 5 and self._introduces(cue, end, named=named)
            elif len(between.split()) <= 1:
                that = self.found.next("that", cue[1], min(end, cue[1] + 40))
                colon = self.text[cue[1] : cue[1] + 1] == ":"
                joined = bool(that or colon or self._names_source(cue, end) or self._is("loose", cue))
                joined = joined or bool(between and self.found.at("as_said", match.end()))
            else:
                joined = False
            best = match.start() if joined else best
        return best

    def _names_source(self, cue: Span, end: int) -> bool:
        """Does a cue at the end of a sentence say who passed it on: ", передаёт «Строка»", ", уточнил министр"?"""
        if re.match(r"\s+[«“\"]", self.text[cue[1] : cue[1] + 4]):
            return len(self.text[cue[1] : end].split()) <= 10
        named = self._phrase_behind(cue[1], end)
        return named is not None and not self.text[named[1] : end].strip(" .!…")

    def _names_subject(self, start: int, end: int) -> bool:
        """Does a person or a pronoun stand between a conjunction and a cue?"""
        words = zip(self.plain[start:end].split(), self.flat[start:end].split(), strict=False)
        nobody = self.sets["articles"] | self.sets["not_names"]
        return any((CAPITAL.match(shown) and low not in nobody) or low in self.sets["office"] for shown, low in words)

    def _introduces(self, cue: Span, end: int, *, named: bool) -> bool:
        """Does a cue introduce something of its own: a clause, what stands behind a colon, or quoted words?"""
        if self._is("modal", cue) and not self.found.next("that", cue[1], min(end, cue[1] + 60)):
            return False
        if named and any(self._is(kind, cue) for kind in _TAKING_OBJECTS):
            return True
        if named and (self._is("promise", cue) or self._is("order", cue)) and self._infinitive(cue, end) is not None:
            return True
        near = min(end, cue[1] + 60)
        follows = self.found.next("that", cue[1], near) or re.compile(r"[^.;]{0,40}[:«“\"]").match(
            self.text, cue[1], near
        )
        bare = self.sets["openers"] and self._is("bare", cue)
        return bool(follows) or bool(bare and self._behind_time(cue[1], end) is not None and self._is_clause(cue[1], end))

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

    def _subject_before(self, cue: Span, start: int) -> bool:
        """Does a subject stand right before a cue, with an adverb in between at most? Any word but a preposition, an
        article or a conjunction may end one; a comma does where no inverted subject follows (", said Dregov")."""
        words = self.flat[start : cue[0]].split()
        while len(words) > 1 and words[-1] in self.sets["adverbs"]:
            words.pop()
        if not words:
            return False
        last = words[-1]
        if last[-1] in ",»”\"":
            follows = _NEXT.match(self.plain, cue[1])
            return not (follows and CAPITAL.match(follows.group(1)) and self._is_clause(start, cue[0]))
        apart = self.sets["prepositions"] | self.sets["articles"] | (self.sets["closers"] - {"and", "but"})
        return last in self.sets["relatives"] or (last[-1].isalnum() and last not in apart)

    def _partial(self, quote: Quote) -> bool:
        """Do quoted words look like a part of somebody's sentence, rather than like a name?"""
        words = self.text[quote.start : quote.end].split()
        return bool(words) and (not CAPITAL.match(words[0]) or len(words) >= 4)

    def _long_enough(self, content: Span) -> bool:
        words = len(self.text[slice(*content)].split())
        return words >= _FEWEST or (words > 1 and (bool(self._quotes(*content)) or self._behind_that(content[0])))

    def _behind_that(self, at: int) -> bool:
        before = self.flat[max(0, at - 12) : at].split()
        return bool(before) and self.found.at("that", max(0, at - 12) + self.flat[max(0, at - 12) : at].rstrip().rfind(before[-1])) is not None

    def _low_at(self, at: int) -> str:
        """Return the word behind a place, as the lexicon has it."""
        follows = _NEXT.match(self.flat, at)
        return follows.group(1) if follows else ""

    def _outside(self, cue: Span, taken: Sequence[Span]) -> bool:
        return not any(a < cue[0] < b for a, b in taken)
