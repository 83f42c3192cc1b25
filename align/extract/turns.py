"""What the layout says is speech: transcripts, interviews by dashes, lists under a cue, posts, pull quotes, headlines.

Each reader looks at the paragraph with a number and returns how many paragraphs it took in, 0 when it is not its kind.
"""

from __future__ import annotations

import re
from functools import cached_property

from align.extract.quotations import Quotations
from align.extract.reading import CAPITAL, TOKEN, Span
from align.records import Form, Kind

_LABEL = re.compile(r"\s*([^\W\d_][^:\n«»“”\"?!]{0,60}?)\s*:\s+(?=\S)")
_BULLET = re.compile(r"\s*(?:[-–—•▪◾*‣●·]\ufe0f?|\d{1,2}[.)])\s+")
_SUBHEAD = re.compile("").match("")  # stands for a line that is no bullet, but above one
_DASH = re.compile(r"\s*[—–-]\s*(?=\S)")
_TAIL = re.compile(r"(.{15,160}?)\s[—–]\s([^\W\d_]+(?:\s[^\W\d_]+)?)$")
_HANDLE = re.compile(r"(?:^|.*?\s|.*?\()@\w{3,}\)?\s*$")
_SIGNED = re.compile(r"\s*[—–-]\s*(?P<name>[^\n(@]{2,50}?)\s*\(?(?P<handle>@\w{3,})\)?")
_MENU = re.compile(r"[·|>»•]\s|\s[·|>]|^\(.*\)$|^#")
_SHORT = 140  # characters of a line that may be a headline in a list


class Turns(Quotations):
    """Reads what is speech by its place on the page."""

    paragraphs: list[Span]

    def _words(self, span: Span) -> list[str]:
        """Return the words of a span as the lexicon has them."""
        return [self._low(token) for token in TOKEN.finditer(self.plain, *span)]

    def _stripped(self, number: int) -> str:
        return self.text[slice(*self.paragraphs[number])].strip() if number < len(self.paragraphs) else ""

    # ------------------------------------------------------------------ lines that are not the article's
    def _read_also(self, number: int) -> int:
        """Pass over "read also" and the headlines below it, whatever marks they bear."""
        start, end = self.paragraphs[number]
        if not self.found.at("read_also", start + self._indent(start, end)):
            return 0
        taken = 1
        if len(self.text[start:end].split()) <= 5:
            while (line := self._stripped(number + taken)) and len(line) < _SHORT and line[-1] not in ".:":
                taken += 1
        return taken

    def _credit(self, number: int) -> int:
        """Pass over a line that names a photographer or a source."""
        start, end = self.paragraphs[number]
        label = re.compile(r"\s*([^\W\d_]+)\s*:").match(self.flat, start, end)
        return int(label is not None and label.group(1) in self.sets["credits"] and end - start < _SHORT)

    # ------------------------------------------------------------------ transcripts
    def _turn(self, number: int) -> int:
        """Take in a labelled line, "Name Surname: ...", «Вопрос: ...», and the paragraphs in which an answer goes on."""
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
        if taken > 1:
            end = self.paragraphs[number + taken - 1][1]
        else:
            line = self.text[end - 1] not in ".!?…" or self.text[end - 3 : end] == "..."
            if self.text[start].isdigit() and len(self._labelled) < 2:
                return 1  # "Updated: 14:30"
            if _MENU.search(self.text[start:end]):
                return 1
            if line and end - start < 160 and self._label(number + 1) is None:
                kind: Kind = "direct" if self._own_words((start, end)) else self._kind((start, end))
                self._add((start, end), kind, "headline", "label", None, speaker, 0.7)
                return 1
        answer = self._without_courtesies(start, end)
        if answer is not None:
            self._add(answer, "direct", "transcript", "label", None, speaker, 0.7)
            self._inside(*answer)
        return taken

    def _headline(self, who: Span, start: int, end: int) -> bool:
        """Take in "Name: «...»", and «...» of "Name: «...» – what he says of ...". """
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
        quoted = self.text[match.end()] in '«“"‘'
        whole = quoted and any(q.start == match.end() + 1 and self._ends_line(q.end, end) for q in self._quotes(start, end))
        if (quoted and not whole) or not (
            roleless or self._asked_before(number) or self._named_elsewhere(who, first=number == 0)
        ):
            return None
        return who, match.end()

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
        media = "|".join(map(re.escape, sorted(self.sets["media"])))
        if media and re.search(rf"(?<!\w)(?:{media})\s+[«“\"]?{re.escape(last)}(?!\w)", self.flat):
            return False
        printed = self.text[slice(*who)]
        if re.search(r"(?:^|\s|\.)[^\W\d_]{1,2}\.", printed):
            return True
        if printed.isupper() and len(printed) <= 6:
            return self.text.count(f"\n{printed}:") + self.text.startswith(f"{printed}:") > 1
        stem = re.escape(last[: max(3, len(last) - 2)])
        return len(re.findall(rf"(?<!\w){stem}", self.flat)) > 1 or self._flat_title_has(stem)

    def _flat_title_has(self, stem: str) -> bool:
        return re.search(rf"(?<!\w){stem}", self.title) is not None

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
        if not line or _MENU.search(line) or line[-1] not in ".!?…»”\"" or line[0] in '«“„"':
            return False
        if len(surname) > 3 and re.search(rf"\b{re.escape(surname[:-1])}", self.text[start:end]):
            return False
        sentences = self._sentences(start, end)
        brief = len(sentences) > 1 and len(self.text[slice(*sentences[0])].split()) <= 4
        if brief and not self._own_words(sentences[0]) and self.text[sentences[0][1] - 1] == "." and not self._cues(*sentences[0]):
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
        for piece in self.made[outer:]:
            named = self.flat[slice(*piece.speaker)].split() if piece.speaker else []
            if not named or named[-1] in self.sets["first_person"] or piece.form == "unquoted_direct":
                piece.end = piece.start  # one's own "I said" is no other speaker's words
            piece.form = "nested" if piece.form == "that_clause" else piece.form

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
        later = any(_DASH.match(self.text, *span) for span in self.paragraphs[number + 1 :])
        while later and number + taken < len(self.paragraphs) and not _DASH.match(self.text, *self.paragraphs[number + taken]):
            taken += 1
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

    # ------------------------------------------------------------------ posts, pull quotes, tails
    def _post(self, number: int) -> int:
        """Take in a post below a line that announces it, or below its author's handle."""
        start, end = self.paragraphs[number]
        if number + 1 >= len(self.paragraphs):
            return 0
        below = self.paragraphs[number + 1]
        signed = _SIGNED.match(self.text, *below)
        if signed and len(self.text[start:end].split()) > 2:
            who = self._names(signed.start("name"), signed.end("name"))
            self._add((start, end), "direct", "post", "post above a handle", signed.span("handle"), who)
            return 2
        if _HANDLE.fullmatch(self.text[start:end]) and len(self.text[start:end].split()) <= 8:
            handle = self.text.index("@", start)
            own = self._names(start, handle)
            above = self._names(*self.paragraphs[number - 1]) if number and own is None else own
            self._add(below, "direct", "post", "post below a handle", (handle, end), above)
            return 2
        announced = self.found.next("post", start, end) if self.text[end - 1] == ":" else None
        if announced is None or self._quotes(*below):
            return 0
        cues = self._cues(start, end)
        who = self._subject(cues[-1], start, end) if cues else self._phrase_before(start, announced[0])
        cue = cues[-1] if cues else announced
        self._add(below, "direct", "post", "post below its announcement", cue, who)
        return 2

    def _pull_quote(self, number: int) -> int:
        """Take in words set apart above the name of who said them."""
        start, end = self.paragraphs[number]
        line, block = self._stripped(number), self._stripped(number + 1)
        words = block.split()
        if not 3 <= len(line.split()) <= 60 or line[-1] in ".:;," or not 2 <= len(words) <= 8 or block[-1] in ".:!?…,":
            return 0
        name = self._names(*self.paragraphs[number + 1])
        role = self._stripped(number + 2)
        described = bool(role) and len(words) < 4 and len(role.split()) <= 8 and role[-1] not in ".:!?…," and not _MENU.search(role)
        if name is None or not all(CAPITAL.match(word) for word in words[:2]):
            return 0
        if line[0].isdigit() or (not described and not (self._own_words((start, end)) and self._named_elsewhere(name))):
            return 0
        if self._cues(*self.paragraphs[number + 1]) or (self._cues(start, end) and not self._own_words((start, end))):
            return 0
        whole = next((q for q in self._quotes(start, end) if q.depth == 0 and q.end - q.start > len(line) - 4), None)
        span = (whole.start, whole.end) if whole else (start, end)
        self._add(span, "direct", "unquoted_direct", "words above a name", None, name, 0.7)
        return 2

    def _tail(self, number: int) -> int:
        """Take in a headline with its speaker behind a dash: "... — Name"."""
        start, end = self.paragraphs[number]
        line = self.text[start:end].strip()
        tail = _TAIL.fullmatch(line)
        if tail is None or not all(CAPITAL.match(word) for word in tail.group(2).split()) or self._cues(start, end):
            return 0
        at = start + self._indent(start, end)
        who, content = (at + tail.start(2), at + tail.end(2)), (at, at + tail.end(1))
        low = self._words(who)
        if low[-1] in self.sets["media"] or len(self._sentences(start, end)) > 1:
            return 0
        whole = next((q for q in self._quotes(*content) if q.start == at + 1 and q.end >= content[1] - 1), None)
        if whole:
            self._add((whole.start, whole.end), "direct", "headline", "headline and name", None, who, 0.7)
        else:
            kind: Kind = "direct" if self._own_words(content) else self._kind(content)
            self._add(content, kind, "headline", "headline and name", None, who, 0.7)
        return 1

    # ------------------------------------------------------------------ lists
    def _list(self, number: int) -> int:
        """Take in the lines of a list under a cue; the paragraph that leads to them has been read as prose."""
        start, end = self.paragraphs[number]
        cues = self._cues(start, end)
        bulleted = self._bulleted(number + 1) is not None
        if bulleted or (not cues and self.text[end - 1] == ":"):
            cues = cues or self.found.all("nouns", start, end)
        if self._interview or not cues or (self.text[end - 1] in ".!?…»”\"'" and not (bulleted and self.found.all("nouns", start, end))):
            return 0
        cues = [cue for cue in cues if not self._is("report", cue)] or cues
        cue = cues[-1]
        speaker = self._phrase_behind(cue[1], end)
        if not self.found.at("nouns", cue[0]):
            speaker = self._subject(cue, start, end) or speaker
        listed = self.text[end - 1] == ":"
        taken = 0
        bullets = False
        while number + 1 + taken < len(self.paragraphs):
            line = self.paragraphs[number + 1 + taken]
            bullet = self._bulleted(number + 1 + taken)
            if bullet is not None and bullet is not _SUBHEAD:
                self._bullet(bullet.end(), line[1], cue, speaker)
                bullets = True
            elif listed and not bullets and len(self._sentences(*line)) == 1 and not self._spoken(line):
                self._bullet(*line, cue, speaker)
                listed = self.text[line[1] - 1] == ";"
            elif bullet is not _SUBHEAD:
                break
            taken += 1
        return taken

    def _spoken(self, line: Span) -> bool:
        return any(self._worded(quote) for quote in self._quotes(*line))

    def _bulleted(self, number: int) -> re.Match[str] | None:
        """Return the bullet of a line, or the mark of a short line above a bullet."""
        if number >= len(self.paragraphs):
            return None
        bullet = _BULLET.match(self.text, *self.paragraphs[number])
        if bullet or number + 1 >= len(self.paragraphs):
            return bullet
        line = self._stripped(number)
        over = _BULLET.match(self.text, *self.paragraphs[number + 1])
        return _SUBHEAD if over and line and len(line.split()) <= 5 and line[-1] not in ".!?…:;," else None

    def _bullet(self, start: int, end: int, cue: Span, speaker: Span | None) -> None:
        """One line of a list under a cue: "On the toll: it will not rise."."""
        quotes = [quote for quote in self._quotes(start, end) if quote.depth == 0 and quote.end - quote.start > 15]
        topic = re.match(r"[^:«“\"]{2,60}:\s+", self.text[start:end])
        begin = start + (topic.end() if topic else 0)
        whole = quotes and quotes[0].end - quotes[0].start > 0.8 * (end - begin) - 3
        if whole:
            self._add((quotes[0].start, quotes[0].end), "direct", "bullet", "bullet under a cue", cue, speaker)
        else:
            kind: Kind = "direct" if self._own_words((begin, end)) else self._kind((begin, end))
            self._add((begin, end), kind, "bullet", "bullet under a cue", cue, speaker)
