"""What a cue introduces: "said that ...", «заявил, что ...», "said the ...", "promised to ...", "called X Y"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from align import lexicon
from align.extract.bounds import FEWEST, NEXT, Bounds
from align.extract.marks import Quote
from align.extract.reading import CAPITAL, TOKEN, Span

_COLON = re.compile(r"[^:.;«“\"]{0,50}:\s+(?=[^\s«“\"„])")


class Clauses(Bounds):
    """Finds what a cue introduces."""

    def _complement(self, cue: Span, start: int, end: int) -> tuple[Span, str] | None:
        """Return what a cue introduces behind it, and the rule that found it."""
        if self._is("weak", cue):
            return self._weakly(cue, start, end)
        colon = _COLON.match(self.plain, cue[1], end)
        if colon and self._length(cue[1], end) >= 5:
            return self._trim(colon.end(), end), "cue and colon"
        if self._unsaid(cue, start, end):
            return None
        for kind, by_class in (("call", self._called), ("accuse", self._charge), ("ask", self._asked_about)):
            if self._is(kind, cue):
                return by_class(cue, start, end)
        finders = (
            (self._asked, "demand"), (self._promised, "promise"), (self._that, "cue and clause"),
            (self._about, "cue and topic"), (self._object, "cue and object"), (self._unmarked, "cue and bare clause"),
            (self._quoted_object, "cue and quoted words"),
        )  # fmt: skip
        return next(((found, rule) for find, rule in finders if (found := find(cue, start, end)) is not None), None)

    def _weakly(self, cue: Span, start: int, end: int) -> tuple[Span, str] | None:
        """Return what a word introduces that mostly does other things: a clause with its conjunction beside it, quoted
        words, or what somebody who is named asks for."""
        clause = self._that(cue, start, end) if self._beside("that", cue, end) else None
        if clause is None and self._is("call", cue) and any(self._worded(one) for one in self._quotes(cue[1], end)):
            clause = self._trim(cue[1], self._clause_end(cue[1], end))
        if clause is None and self._names_subject(max(start, cue[0] - 60), cue[0]):
            clause = self._asked(cue, start, end)
            if clause is None and self._is("object", cue):
                clause = self._object(cue, start, end)
        return None if clause is None else (clause, "cue and clause")

    def _unsaid(self, cue: Span, start: int, end: int) -> bool:
        """Is a cue part of words by which nothing is said: "declined to comment"?"""
        unsaid = self.found.next("not_said", max(start, cue[0] - 30), min(end, cue[1] + 60))
        return unsaid is not None and unsaid[0] <= cue[1]

    def _called(self, cue: Span, start: int, end: int) -> tuple[Span, str] | None:
        """Return object and predicate of "called the deal a mistake", «назвал сделку ошибкой»."""
        before = self.text[start : cue[0]].rstrip()
        passive = before.endswith(",") and before.count(",") < 2 and not self._is("loose", cue)
        if self.words.subject_first and (passive or not self._subject_before(cue, start)):
            return None  # "the maze, called Lost Acres"
        named = self.found.all("as_said", max(start, cue[0] - 40), cue[0])
        called = self._trim(cue[1], self._clause_end(cue[1], end))
        if (named and "," not in self.text[named[-1][1] : cue[0]]) or self.text[called[0] : called[0] + 1].isdigit():
            return None  # "as diplomats used to call it", "call 0100 555"
        if self._is("as", cue) and not self.sets["as"].intersection(self.flat[slice(*called)].split()):
            return None  # "described a plan"
        least = 2 if self._quotes(*called) else 3
        return (called, "called") if least <= self._length(*called) <= 30 else None

    def _beside(self, kind: str, cue: Span, end: int) -> bool:
        """Does a phrase stand right behind a cue, with its subject or whom it is said to in between at most?"""
        found = self.found.next(kind, cue[1], min(end, cue[1] + 60))
        return found is not None and self._length(cue[1], found[0]) <= 4

    def _charge(self, cue: Span, _start: int, end: int) -> tuple[Span, str] | None:
        """Return what somebody is accused of: "of ...", «в ...», "ότι ..."."""
        charge = self.found.next("accusation", cue[1], min(end, cue[1] + 110))
        if charge is None or re.search(r"[.;:]", self.plain[cue[1] : charge[0]].replace(". ", " ", 1)):
            return None
        begin = charge[1] if self.found.at("that", charge[0]) else charge[0]
        return self._trim(begin, self._clause_end(charge[1], end)), "accusation"

    def _that(self, cue: Span, _start: int, end: int) -> Span | None:
        """Return the clause behind a conjunction, unless a clause without one begins before it."""
        match = self.found.next("that", cue[1], min(end, cue[1] + 160))
        if match is None:
            return None
        between = self.plain[cue[1] : match[0]]
        opener = NEXT.match(self.flat, cue[1], end)
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
        """Does another cue stand between a cue and "that"? Not a participle between commas: ", citing X, that"."""
        return any(
            not self._is("loose", other) or "," not in self.text[other[1] : that]
            for other in self._all_cues(cue[1], that)
        )

    def _asked_about(self, cue: Span, start: int, end: int) -> tuple[Span, str] | None:
        """Return what somebody asks: "wondered why ...". "Asked whether ..., he said" is the interviewer's question."""
        near = min(end, cue[1] + 60)
        question = self.found.next("asked", cue[1], near) or self.found.next("that", cue[1], near)
        before = self.flat[start : cue[0]].split()
        if question is None or self._length(cue[1], question[0]) > 4:
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
        lower = not CAPITAL.match(between.rsplit(maxsplit=1)[-1])
        led = words[-2] in self.sets["articles"] or words[-2] in self.sets["prepositions"] or len(words) > 2
        told = words[0] == "to" or words[-1] in self.sets["speaker"]
        return lower and led and not noun and not told

    def _promised(self, cue: Span, _start: int, end: int) -> Span | None:
        """Return what is promised or threatened: "vowed to ...", «пообещал (ему) не ...», "υποσχέθηκε να ..."."""
        return self._infinitive(cue, end) if self._is("promise", cue) else None

    def _asked(self, cue: Span, _start: int, end: int) -> Span | None:
        """Return what is demanded: "urged (both sides) to ...", «попросил (их) перестать ...», «ζήτησε να ...»."""
        return self._infinitive(cue, end) if self._is("order", cue) else None

    def _about(self, cue: Span, _start: int, end: int) -> Span | None:
        """Return what is spoken of, where the words that are quoted in it show it to be the speaker's: "warned of
        “consequences” ...", «заявил о «готовности» ...», "έκανε λόγο για «...»"."""
        match = self.found.next("about", cue[1], min(end, cue[1] + 60))
        if match is None or self._punctuated(cue[1], match[0]):
            return None
        if self._length(cue[1], match[0]) > 3 or self._low_at(match[1]) in self.sets["this"]:
            return None
        content = self._trim(match[1], self._clause_end(match[1], end))
        worded = any(self._worded(quote) for quote in self._quotes(*content))
        said = self._is("topic", cue) or self.found.at("nominals", content[0])
        return content if worded or said else None

    def _object(self, cue: Span, _start: int, end: int) -> Span | None:
        """Return the noun or gerund that somebody rules out, promises or predicts: "ruled out cutting ...", «опроверг
        сообщения о ...», "προέβλεψε άνοδο ..."."""
        if not any(self._is(kind, cue) for kind in ("deny", "promise", "object")):
            return None
        begin = max(0, cue[0] - 60, self.plain.rfind(",", 0, cue[0] - 1) + 1)
        if self._is("object", cue) and not self._names_subject(begin, cue[0]):
            return None
        follows = NEXT.match(self.flat, cue[1], end)
        subject = self._phrase_behind(cue[1], end)
        set_off = self.text[max(0, cue[0] - 3) : cue[0]].rstrip(" —–-").endswith(",")
        if follows and follows.group(1) in self.sets["prepositions"] and self.words.subject_first:
            return None
        inverted = subject is not None and not self.plain[cue[1] : subject[0]].strip()
        if inverted and subject and (set_off or self.text[subject[1] : subject[1] + 1] == ","):
            return None  # "..., promises the director", "... announced the minister, who ..."
        comma = self.text.find(",", cue[1], end)
        last = comma if comma > 0 and self._length(cue[1], comma) > 1 else end
        content = self._trim(cue[1], min(last, self._clause_end(cue[1], end)))
        subject = self._phrase_behind(*content)
        if subject and subject[0] == content[0] and not self.words.subject_first:
            content = self._trim(subject[1], content[1])
        return content if follows and 2 <= self._length(*content) <= 25 else None

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
        if first is None or self._length(cue[1], first.start) > 4:
            return None
        between = self.plain[cue[1] : first.start - 1]
        if re.search(r"[.,;:—–]", between) or not self._partial(first):
            return None
        subject = None if self.words.subject_first else self._phrase_behind(cue[1], first.start - 1)
        begin = subject[1] if subject else cue[1]
        if subject is None and self._phrase_before(start, cue[0]) is None:
            return None
        content = self._trim(begin, self._clause_end(first.end, end))
        return content if self._length(*content) >= FEWEST else None

    def _partial(self, quote: Quote) -> bool:
        """Do quoted words look like a part of somebody's sentence, rather than like a name?"""
        words = self.text[quote.start : quote.end].split()
        return bool(words) and (not CAPITAL.match(words[0]) or len(words) >= 4)

    def _long_enough(self, content: Span) -> bool:
        """Are there words enough for a report: three, or two that are quoted or stand behind a conjunction?"""
        words = self._length(*content)
        conjunction = any(span[1] == content[0] - 1 for span in self.found.all("that", content[0] - 12, content[0]))
        return words >= FEWEST or (words > 1 and (conjunction or bool(self._quotes(*content))))

    def _outside(self, cue: Span, taken: Sequence[Span]) -> bool:
        return not any(a < cue[0] < b for a, b in taken)
