"""A document from top to bottom: transcripts, headlines, lists, posts, and paragraphs of prose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from align.extract import marks
from align.extract.marks import Quote
from align.extract.quotations import Quotations
from align.extract.reading import CAPITAL, REOPENING, TOKEN, Piece, Span
from align.records import Form

# longer paragraphs than any that is written are read in parts, so that the cost of one is bounded
_PARAGRAPH = re.compile(r"[^\n]{1,20000}(?=\s|$)|[^\n]{1,20000}")
_LABEL = re.compile(r"\s*([^\W\d_][^:\n«»“”\"?!]{0,60}?)\s*:\s+(?=\S)")
_TAIL = re.compile(r"(.{15,160}?)\s[—–]\s([^\W\d_]+(?:\s[^\W\d_]+)?)$")
_BULLET = re.compile(r"\s*(?:[-–—•▪◾*‣●]|\d{1,2}[.)])\s+")
_DATELINE = re.compile(r"\s*[^\W\d_a-zа-яёα-ω][^.!?«“\":\n]{1,50}\([^()\n]{2,30}\)\s+[—–-]+\s+")
_MAX_SPEECH = 8000  # characters of one quotation over several paragraphs


class Page(Quotations):
    """Reads a document paragraph by paragraph."""

    def pieces(self) -> list[Piece]:
        """Return everything found, without repetition."""
        answering: Piece | None = None
        posted: tuple[Span, Span | None] | None = None
        bullets: tuple[Span, Span | None] | None = None
        listed = False
        for start, end in self._paragraphs():
            if self.words.read_also.match(self.flat, start + self._indent(start, end)):
                continue
            label = self._label(start, end)
            if label is not None:
                answering = self._turn(label, end)
                continue
            if answering is not None and self._goes_on(start, end, answering):
                answering.end = self._trim(answering.end, end)[1]
                answering.form = "transcript"
                self._inside(start, end)
                continue
            answering = None
            if posted and not self._quotes(start, end):
                self._add((start, end), "direct", "post", "post below its announcement", *posted)
                posted = None
                continue
            posted = self._announces_post(start, end)
            bullet = _BULLET.match(self.text, start, end)
            if bullets and bullet:
                self._bullet(bullet.end(), end, *bullets)
                continue
            if bullets and listed and not self._quotes(start, end) and len(self._sentences(start, end)) == 1:
                self._bullet(start, end, *bullets)
                listed = self.text[end - 1] == ";"
                continue
            self._paragraph(start, end)
            cues = self._cues(start, end)
            lead = cues and self.text[end - 1] not in ".!?…»”"
            bullets = (cues[-1], self._subject(cues[-1], start, end)) if lead else None
            listed = bool(lead) and self.text[end - 1] == ":"
        return self._distinct()

    def _announces_post(self, start: int, end: int) -> tuple[Span, Span | None] | None:
        """Return the word and the name of a line such as "The mayor reacted in a post:"."""
        post = self.words.post.search(self.flat, start, end) if self.text[end - 1] == ":" else None
        if post is None:
            return None
        cues = self._cues(start, end)
        who = self._subject(cues[-1], start, end) if cues else self._phrase_before(start, post.start())
        return (cues[-1] if cues else post.span()), who

    def _bullet(self, start: int, end: int, cue: Span, speaker: Span | None) -> None:
        """One line of a list under a cue: "On the toll: it will not rise."."""
        quotes = [quote for quote in self._quotes(start, end) if quote.depth == 0 and quote.end - quote.start > 15]
        topic = re.match(r"[^:«“\"]{2,60}:\s+", self.text[start:end])
        content = (quotes[0].start, quotes[0].end) if quotes else (start + (topic.end() if topic else 0), end)
        self._add(content, "direct" if quotes else "indirect", "bullet", "bullet under a cue", cue, speaker)

    def _paragraphs(self) -> Iterator[Span]:
        """Yield the lines of the text; those through which one quotation goes on, opened again in each, as one."""
        waiting: Span | None = None
        found: list[Quote] = []
        for paragraph in _PARAGRAPH.finditer(self.text):
            start, end = paragraph.span()
            again = start + self._indent(start, end)
            if waiting and self.text[again : again + 1] in REOPENING and end - waiting[0] < _MAX_SPEECH:
                waiting = waiting[0], end
            else:
                if waiting:
                    yield self._marked(waiting, found)
                waiting = start, end
            found = marks.quotes(self.plain, *waiting, self.words.pairs)
            if not any(not quote.closed and self._leads(quote, waiting[0]) for quote in found):
                yield self._marked(waiting, found)
                waiting = None
        if waiting:
            yield self._marked(waiting, found)

    def _leads(self, quote: Quote, start: int) -> bool:
        """Does a quotation begin its paragraph, or stand behind a colon or a full stop, as a speech does?"""
        before = self.text[start : quote.start - 1].rstrip()
        return not before or before[-1] in ":.!?…,—–"

    def _distinct(self) -> list[Piece]:
        """Leave out what repeats another finding's words with less certainty."""
        kept: dict[Span, Piece] = {}
        for piece in self.made:
            key = piece.start, piece.end
            if piece.end > piece.start and (key not in kept or kept[key].score < piece.score):
                kept[key] = piece
        return list(kept.values())

    def _label(self, start: int, end: int) -> tuple[Span, int] | None:
        """Return who a line's label names, and where the words begin: ``Name Surname: ...``, ``Вопрос: ...``."""
        match = _LABEL.match(self.text, start, end)
        if match is None:
            return None
        who = match.start(1), match.start(1) + len(re.sub(r"\s*\([^)]*\)?\s*$", "", match.group(1)))
        words = [token.group() for token in TOKEN.finditer(self.plain, *who)]
        folded = [self.flat[token.start() : token.end()].rstrip(".") for token in TOKEN.finditer(self.plain, *who)]
        nobody = folded and (folded[0] in self.words.labels or " ".join(folded) in self.words.labels)
        if not words or len(words) > 6 or nobody or self._cues(*who):
            return None
        known = self.words.questions | self.words.answers | self.words.interviewer | self.words.speaker
        capital = all(
            CAPITAL.match(word) or low in known or len(low) < 3 for word, low in zip(words, folded, strict=True)
        )
        roleless = folded[-1] in known and folded[-1] not in self.words.articles
        return (who, match.end()) if capital and (CAPITAL.match(words[-1]) or roleless) else None

    def _turn(self, label: tuple[Span, int], end: int) -> Piece | None:
        """Take in one labelled line; return it when more of the same person's words may follow."""
        who, start = label
        folded = {self.flat[t.start() : t.end()].rstrip(".") for t in TOKEN.finditer(self.plain, *who)}
        if folded & (self.words.questions | self.words.interviewer):
            self._inside(start, end)
            return None
        inner = [quote for quote in self._quotes(start, end) if quote.depth == 0]
        if inner and inner[0].start - start <= 2 and (inner[0].end >= end - 3):
            self._add(
                (inner[0].start, inner[0].end), "direct", "headline", "label and marks", (start - 2, start - 1), who
            )
            return None
        single = "\n" not in self.text[who[0] : end] and self._next_is_prose(end)
        speaker = None if folded & self.words.answers else who
        unfinished = self.text[end - 1] not in ".!?…" or self.text[end - 3 : end] == "..."
        headline = single and end - start < 160 and unfinished
        form: Form = "headline" if headline else "transcript"
        piece = self._add((start, end), "indirect" if headline else "direct", form, "label", None, speaker, 0.7)
        self._inside(start, end)
        return None if headline else piece

    def _next_is_prose(self, end: int) -> bool:
        following = _PARAGRAPH.search(self.text, end)
        return following is None or self._label(*following.span()) is None

    def _goes_on(self, start: int, end: int, answering: Piece) -> bool:
        """Does an answer go on in this paragraph? Not where its speaker is spoken of, or the author turns to another
        matter with a sentence of a few words or an aside to the reader."""
        speaker = self.text[slice(*answering.speaker)] if answering.speaker else ""
        surname = speaker.split()[-1].strip(".") if speaker else ""
        sentences = self._sentences(start, end)
        first = sentences[0]
        if surname and len(surname) > 3 and re.search(rf"\b{re.escape(surname[:-1])}", self.text[start:end]):
            return False
        brief = len(sentences) > 1 and len(self.text[slice(*first)].split()) <= 4
        verbless = brief and self.text[first[1] - 1] == "." and not self._cues(*first)
        return not verbless and self.text[start] not in '«“"„'

    def _inside(self, start: int, end: int) -> None:
        """Find what is reported inside somebody's words: clauses with a cue of their own."""
        outer = len(self.made)
        for sentence in self._sentences(start, end):
            self._reported(sentence, [])
        for piece in self.made[outer:]:
            named = self.flat[slice(*piece.speaker)].split() if piece.speaker else []
            if not named or named[-1] in self.words.first_person:
                piece.end = piece.start  # one's own "I said" is no other speaker's words
            piece.form = "nested" if piece.form == "that_clause" else piece.form

    def _paragraph(self, start: int, end: int) -> None:
        dateline = _DATELINE.match(self.text, start, end)
        start = dateline.end() if dateline else start
        quotes = [quote for quote in self._quotes(start, end) if quote.depth == 0]
        taken: list[Span] = []
        last: Piece | None = None
        for number, quote in enumerate(quotes):
            earlier = quotes[number - 1].end + 1 if number else start
            later = quotes[number + 1].start - 1 if number + 1 < len(quotes) else end
            piece = self._direct(quote, (start, end), earlier, later, last)
            if piece is not None:
                taken.append((quote.start - 1, quote.end + 1))
                last = piece
        sentences = self._masked_sentences(start, end, taken)
        tail = _TAIL.fullmatch(self.text[start:end].strip()) if len(sentences) == 1 and not quotes else None
        if tail and CAPITAL.match(tail.group(2)) and all(CAPITAL.match(word) for word in tail.group(2).split()):
            at = start + self._indent(start, end)
            span = at + tail.start(2), at + tail.end(2)
            self._add((at, at + tail.end(1)), "indirect", "headline", "headline and name", None, span, 0.7)
            sentences = []
        before, self.sentence = self.sentence, (sentences[-1] if sentences else None)
        for previous, sentence in self._pairs(before, sentences):
            if previous is not None and self._said_before(previous, sentence):
                continue
            self._reported(sentence, taken)

    def _pairs(self, earlier: Span | None, sentences: Sequence[Span]) -> Iterator[tuple[Span | None, Span]]:
        return zip([earlier, *sentences[:-1]] if sentences else [], sentences, strict=True)

    def _masked_sentences(self, start: int, end: int, taken: Sequence[Span]) -> list[Span]:
        """Cut sentences, not inside quotations that are taken."""
        found = self._sentences(start, end)
        joined: list[Span] = []
        for sentence in found:
            cut = any(a < sentence[0] < b for a, b in taken)
            if joined and cut:
                joined[-1] = (joined[-1][0], sentence[1])
            else:
                joined.append(sentence)
        return joined
