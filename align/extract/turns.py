"""Turns of speakers: transcripts, headlines with a name, interviews and dialogue by dashes.

Each reader looks at the paragraph with a number and returns how many paragraphs it took in, 0 when it is not its kind.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from functools import cached_property

from align.extract.quotations import Quotations
from align.extract.reading import CAPITAL, TOKEN, Piece, Span
from align.records import Form, Kind

_LABEL = re.compile(r"\s*([^\W\d_][^:\n«»“”\"?!]{0,60}?)\s*:\s+(?=\S)")
_DASH = re.compile(r"\s*[—–-]\s*(?=\S)")
_HEADLINE = 160  # characters of a headline
_LONGEST_WORD = 40  # characters of a word that are looked at
MENU = re.compile(r"[·|>»•]\s|\s[·|>]|^\(.*\)$|^#")


class Turns(Quotations):
    """Reads labelled and dashed lines. ``paragraphs`` are those of the text, ``title`` is folded; a page sets both."""

    paragraphs: list[Span]
    title: str

    def _words(self, span: Span) -> list[str]:
        """Return the words of a span as the lexicon has them."""
        return [self._low(token) for token in TOKEN.finditer(self.plain, *span)]

    def _stripped(self, number: int) -> str:
        return self.text[slice(*self.paragraphs[number])].strip() if number < len(self.paragraphs) else ""

    # ------------------------------------------------------------------ transcripts
    def _turn(self, number: int) -> int:
        """Take in a labelled line, "Name Surname: ...", «Вопрос: ...», and paragraphs in which an answer goes on."""
        label = self._label(number)
        if label is None:
            return 0
        who, start = label
        end = self.paragraphs[number][1]
        folded = set(self._words(who))
        if folded & (self.sets["questions"] | self.sets["interviewer"]) or self.text[slice(*who)] in self._askers:
            self._inside(start, end)
            return 1
        if self._headline(who, start, end):
            return 1
        speaker = None if folded & self.sets["answers"] else self._names(*who) or who
        taken = 1
        while self._goes_on(number + taken, who):
            taken += 1
        if taken == 1 and self._single(number, start, speaker):
            return 1
        answer = self._without_courtesies(start, self.paragraphs[number + taken - 1][1])
        if answer is not None:
            self._add(answer, "direct", "transcript", "label", None, speaker, 0.7)
            self._inside(*answer)
        return taken

    def _single(self, number: int, start: int, speaker: Span | None) -> bool:
        """Take in a labelled line that is a headline; say too when it is nobody's words, such as "Updated: 14:30"."""
        end = self.paragraphs[number][1]
        if MENU.search(self.text[start:end]) or (self.text[start].isdigit() and len(self._labelled) < 2):
            return True
        unfinished = self.text[end - 1] not in ".!?…" or self.text[end - 3 : end] == "..."
        if not unfinished or end - start >= _HEADLINE or self._label(number + 1) is not None:
            return False
        kind: Kind = "direct" if self._own_words((start, end)) else self._kind((start, end))
        self._add((start, end), kind, "headline", "label", None, speaker, 0.7)
        return True

    def _headline(self, who: Span, start: int, end: int) -> bool:
        """Take in "Name: «...»", and «...» of "Name: «...» – what he says of ..."."""
        outer = [quote for quote in self._quotes(start, end) if quote.depth == 0]
        if not outer or outer[0].start - start > 2:
            return False
        rest = self.text[outer[0].end + 1 : end].strip()
        if len(rest) > 2 and not rest.startswith(("–", "—", "-")):
            return False
        span = outer[0].start, outer[0].end
        self._add(span, "direct", "headline", "label and marks", (start - 2, start - 1), who)
        return True

    def _label(self, number: int) -> tuple[Span, int] | None:
        """Return who a line's label names, and where the words begin."""
        if number >= len(self.paragraphs):
            return None
        start, end = self.paragraphs[number]
        match = _LABEL.match(self.text, start, end)
        if match is None:
            return None
        who = match.start(1), match.start(1) + len(re.sub(r"\s*\([^)]*\)?\s*$", "", match.group(1)))
        words = [token.group() for token in TOKEN.finditer(self.plain, *who)]
        folded = self._words(who)
        nobody = folded and (folded[0] in self.sets["labels"] or " ".join(folded) in self.sets["labels"])
        if not words or len(words) > 6 or nobody or self._cues(*who):
            return None
        known = self.sets["questions"] | self.sets["answers"] | self.sets["interviewer"] | self.sets["speaker"]
        capital = all(
            CAPITAL.match(word) or low in known or len(low) < 3 for word, low in zip(words, folded, strict=True)
        )
        roleless = folded[-1] in known and folded[-1] not in self.sets["articles"]
        if not capital or not (CAPITAL.match(words[-1]) or roleless):
            return None
        known_name = roleless or self._asked_before(number) or self._named_elsewhere(who, first=number == 0)
        return (who, match.end()) if known_name and not self._quoted_clause(match.end(), end) else None

    def _quoted_clause(self, at: int, end: int) -> bool:
        """Do quoted words begin here that are only a part of the line: "Port Hallow: "We never said ...," she said"?"""
        quote = next((one for one in self._quotes(at, end) if one.start == at + 1), None)
        return self.text[at] in '«“"‘' and (quote is None or not self._ends_line(quote.end, end))

    def _asked_before(self, number: int) -> bool:
        """Is the paragraph before a question, by its label?"""
        match = _LABEL.match(self.text, *self.paragraphs[number - 1]) if number else None
        asked = self.sets["questions"] | self.sets["interviewer"]
        return match is not None and bool(asked.intersection(self._words(match.span(1))))

    def _nobodys_label(self, start: int, end: int) -> int | None:
        """Return where words begin behind a label that names nobody: "Details: the minister said"."""
        match = _LABEL.match(self.text, start, min(end, start + 70))
        if match is None:
            return None
        label = " ".join(self._words(match.span(1)))
        return match.end() if label in self.sets["labels"] else None

    def _ends_line(self, at: int, end: int) -> bool:
        rest = self.text[at + 1 : end].strip()
        return len(rest) <= 2 or rest.startswith(("–", "—", "-"))

    def _named_elsewhere(self, who: Span, *, first: bool = False) -> bool:
        """Is the last word of a label a name: the text has it again, an initial stands beside it, or it is that of the
        ``first`` line, the headline?"""
        low = self._words(who)
        last = low[-1]
        if first and len(low) < 3 and low[0] not in self.sets["articles"]:
            return True
        if last in self.sets["not_names"] or last in self.sets["prepositions"]:
            return False
        if last in self._media_named:
            return False
        printed = self.text[slice(*who)]
        if re.search(r"(?:^|\s|\.)[^\W\d_]{1,2}\.", printed):
            return True
        if printed.isupper() and len(printed) <= 6:
            return self._acronyms[printed] > 1
        stem = last[: max(3, len(last) - 2)][:_LONGEST_WORD]
        first_at = bisect_left(self._word_starts, stem)
        again = first_at + 1 < len(self._word_starts) and self._word_starts[first_at + 1].startswith(stem)
        return again or re.search(rf"(?<!\w){re.escape(stem)}", self.title) is not None

    # what the whole text has is looked up once, so that many labels in it cost no more
    @cached_property
    def _word_starts(self) -> list[str]:
        """The beginnings of all words of the text, sorted."""
        return sorted(self.flat[at.start() : at.start() + _LONGEST_WORD] for at in re.finditer(r"\b\w", self.flat))

    @cached_property
    def _media_named(self) -> frozenset[str]:
        """The words behind the noun of a medium: "the newspaper Akti"."""
        media = "|".join(map(re.escape, sorted(self.sets["media"])))
        named = re.finditer(rf"(?<!\w)(?:{media})\s+[«“\"]?(\w[\w'’-]*)", self.flat) if media else ()
        return frozenset(match.group(1) for match in named)

    @cached_property
    def _acronyms(self) -> Counter[str]:
        """How often short labels begin a line."""
        return Counter(re.findall(r"^([^\n:]{1,6}):", self.text, re.MULTILINE))

    @cached_property
    def _labelled(self) -> list[int]:
        """The numbers of the paragraphs that have a label."""
        return [number for number in range(len(self.paragraphs)) if self._label(number) is not None]

    @cached_property
    def _askers(self) -> frozenset[str]:
        """The labels most of whose turns end in a question mark."""
        turns: dict[str, list[bool]] = {}
        for number in self._labelled:
            label = self._label(number)
            if label is not None:
                asks = self._stripped(number)[-1:] in ("?", self.words.stops or "?")
                turns.setdefault(self.text[slice(*label[0])], []).append(asks)
        return frozenset(name for name, asked in turns.items() if len(turns) > 1 and sum(asked) > len(asked) / 2)

    def _goes_on(self, number: int, who: Span) -> bool:
        """Does an answer go on in a paragraph? Not where its speaker is spoken of, a menu or an aside begins, or the
        author turns to another matter; behind the last label not where he turns to the reader."""
        if number >= len(self.paragraphs) or len(self._labelled) < 2 or number in self._labelled:
            return False
        start, end = self.paragraphs[number]
        line = self._stripped(number)
        surname = self.text[slice(*who)].split()[-1].strip(".")
        if not line or MENU.search(line) or line[-1] not in '.!?…»”"' or line[0] in '«“„"':
            return False
        if len(surname) > 3 and re.search(rf"\b{re.escape(surname[:-1])}", self.text[start:end]):
            return False
        sentences = self._sentences(start, end)
        first = sentences[0]
        brief = len(sentences) > 1 and self._length(*first) <= 4 and self.text[first[1] - 1] == "."
        if brief and not self._own_words(first) and not self._cues(*first):
            return False
        return number < self._labelled[-1] or self.found.next("to_reader", start, end) is None

    def _without_courtesies(self, start: int, end: int) -> Span | None:
        """Return a turn without the greetings and thanks at its ends; None when it is nothing else."""
        sentences = self._sentences(start, end)
        while sentences and self.words.courtesies.fullmatch(self.flat, *sentences[0]):
            sentences.pop(0)
        while sentences and self.words.courtesies.fullmatch(self.flat, *sentences[-1]):
            sentences.pop()
        return (sentences[0][0], sentences[-1][1]) if sentences else None

    def _inside(self, start: int, end: int) -> None:
        """Find what is reported inside somebody's words: clauses with a cue and a speaker of their own."""
        self._nested(start, end)
        outer = len(self.made)
        for sentence in self._sentences(start, end):
            self._reported(sentence, [])
        self.made[outer:] = [piece for piece in self.made[outer:] if self._anothers(piece)]
        for piece in self.made[outer:]:
            piece.form = "nested" if piece.form == "that_clause" else piece.form

    def _anothers(self, piece: Piece) -> bool:
        """Are words inside somebody's words another's, who is named? One's own "I said" is not."""
        named = self.flat[slice(*piece.speaker)].split() if piece.speaker else []
        return bool(named) and named[-1] not in self.sets["first_person"] and piece.form != "unquoted_direct"

    # ------------------------------------------------------------------ dashes
    @cached_property
    def _interview(self) -> bool:
        """Are questions and answers set off by dashes alone?"""
        dashed = [self._stripped(n) for n in range(len(self.paragraphs)) if _DASH.match(self.text, *self.paragraphs[n])]
        return len(dashed) > 2 and any(line[-1] in "?;" for line in dashed)

    def _dialogue(self, number: int) -> int:
        """Take in «— ..., — сказал X. — ...» without marks; in an interview by dashes, what follows a question."""
        start, end = self.paragraphs[number]
        dash = _DASH.match(self.text, start, end)
        if dash is None:
            return 0
        if self._dashed_speech(dash.end(), end):
            return 1
        if not self._interview:
            return 0
        if self.text[start:end].rstrip()[-1] in ("?", self.words.stops or "?"):
            return 1
        taken = 1
        behind = self.paragraphs[number + 1 :]
        if any(_DASH.match(self.text, *span) for span in behind):
            taken += next(count for count, span in enumerate(behind) if _DASH.match(self.text, *span))
        answer = self._without_courtesies(dash.end(), self.paragraphs[number + taken - 1][1])
        if answer is not None:
            self._add(answer, "direct", "transcript", "dash", None, None, 0.7)
        return taken

    def _dashed_speech(self, start: int, end: int) -> bool:
        cut = self._attributed_at(start, end, resumed=True)
        if cut is None:
            return False
        words_end, cue, behind = cut
        speaker = self._phrase_behind(cue[1], end)
        goes_on = re.compile(r"[^—–]{0,80}?[.,]\s+[—–-]\s+").match(self.text, behind, end)
        form: Form = "split_quote" if goes_on else "unquoted_direct"
        self._add((start, words_end), "direct", form, "dash and cue", cue, speaker, 0.85)
        if goes_on:
            self._add((goes_on.end(), end), "direct", "split_quote", "dash and cue", cue, speaker, 0.85)
        return True
