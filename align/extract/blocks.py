"""What the layout says is speech, or is no part of the article: lists under a cue, posts, pull quotes, headlines with a
name behind, "read also" lines, credits. Readers as in ``turns``."""

from __future__ import annotations

import re

from align.extract.reading import CAPITAL, Span
from align.extract.turns import MENU, Turns
from align.records import Kind

_BULLET = re.compile(r"\s*(?:[-–—•▪◾*‣●·]\ufe0f?|\d{1,2}[.)])\s+")
_TAIL = re.compile(r"(.{15,160}?)\s[—–]\s([^\W\d_]+(?:\s[^\W\d_]+)?)$")
_HANDLE = re.compile(r"(?:^|.*?\s|.*?\()@\w{3,}\)?\s*$")
_SIGNED = re.compile(r"\s*[—–-]\s*(?P<name>[^\n(@]{2,50}?)\s*\(?(?P<handle>@\w{3,})\)?")
_SHORT = 140  # characters of a line that may be a headline in a list


class Blocks(Turns):
    """Reads what is set apart on a page."""

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
        described = len(words) < 4 and self._is_office(self._stripped(number + 2))
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

    @staticmethod
    def _is_office(line: str) -> bool:
        """Could a short line below a name say what its bearer is?"""
        return bool(line) and len(line.split()) <= 8 and line[-1] not in ".:!?…," and not MENU.search(line)

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
        end = self.paragraphs[number][1]
        lead = self._leads_to_list(number)
        if lead is None:
            return 0
        cue, speaker = lead
        listed, bullets, taken = self.text[end - 1] == ":", False, 0
        while number + 1 + taken < len(self.paragraphs):
            line = self.paragraphs[number + 1 + taken]
            bullet = _BULLET.match(self.text, *line)
            if bullet:
                self._bullet(bullet.end(), line[1], cue, speaker)
                bullets = True
            elif not self._subhead(number + 1 + taken):
                if not listed or bullets or len(self._sentences(*line)) > 1 or self._spoken(line):
                    break
                self._bullet(*line, cue, speaker)
                listed = self.text[line[1] - 1] == ";"
            taken += 1
        return taken

    def _leads_to_list(self, number: int) -> tuple[Span, Span | None] | None:
        """Return the cue and the speaker of a list: "Dregov said:", "the main points of her statement:"."""
        start, end = self.paragraphs[number]
        cues = [cue for cue in self._cues(start, end) if not self._is("report", cue)] or self._cues(start, end)
        nouns = self.found.all("nouns", start, end)
        bulleted = self._bulleted(number + 1) or self._subhead(number + 1)
        if not cues and (bulleted or self.text[end - 1] == ":"):
            cues = nouns
        ended = self.text[end - 1] in ".!?…»”\"'" and not (bulleted and nouns)
        if self._interview or not cues or ended:
            return None
        behind = self._phrase_behind(cues[-1][1], end)
        return cues[-1], behind if cues[-1] in nouns else self._subject(cues[-1], start, end) or behind

    def _spoken(self, line: Span) -> bool:
        return any(self._worded(quote) for quote in self._quotes(*line))

    def _bulleted(self, number: int) -> bool:
        return number < len(self.paragraphs) and _BULLET.match(self.text, *self.paragraphs[number]) is not None

    def _subhead(self, number: int) -> bool:
        """Is it a short line above a bullet?"""
        line = self._stripped(number)
        return bool(line) and len(line.split()) <= 5 and line[-1] not in ".!?…:;," and self._bulleted(number + 1)

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
