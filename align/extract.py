"""Document -> Mentions: what the page reports as said, with cue and speaker as printed. Pure, linear in the text.

A paragraph at a time: transcript labels and headline colons first, then quotation marks with the cue beside them, then
clauses that a cue introduces. The words of a language are in ``lexica/<language>.toml``; the rules here know only
marks, cues, clauses and capital letters. A quotation that does not close costs at most its own paragraph.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from msgspec import Struct

from align import lexicon
from align.lexicon import Lexicon
from align.records import Form, Kind, Mention
from ingest import ids
from ingest.records import Document

Span = tuple[int, int]

# longer paragraphs than any that is written are read in parts, so that the cost of one is bounded
_PARAGRAPH = re.compile(r"[^\n]{1,20000}(?=\s|$)|[^\n]{1,20000}")
_SENTENCE_END = re.compile(r"[.!?…]+[»”\"’)]*(?=\s+[^\sa-zа-яёα-ωάέήίόύώ]|\s*$)")
_INITIAL = re.compile(r"(?:^|[\s(«“\"])(?:[^\W\d_]|[^\W\d_]{1,3}|κ|κα|Mr|Mrs|Ms|Dr|St|Gen|Sen|г-н|им)\.$")
_LABEL = re.compile(r"\s*([^\W\d_][^:\n«»“”\"?!]{0,60}?)\s*:\s+(?=\S)")
_CAPITAL = re.compile(r"[^\W\d_a-zа-яёіїєґα-ωάέήίόύώϊϋΐΰ]")
_TOKEN = re.compile(r"(?:[^\W\d_]\.)+[^\W_]+|[^\W_]+(?:['’-][^\W_]+)*\.?")
_URL = re.compile(r"\(?https?://[^\s()]+\)?")
_EDGE = " \t\u00a0,;:.—–-"
_DASHED = re.compile(r"[,.]?\s*[—–-]\s*([^\W\d_]{4,}(?:\s+[^\W\d_]{4,})?)\s")
_TAIL = re.compile(r"(.{15,160}?)\s[—–]\s([^\W\d_]+(?:\s[^\W\d_]+)?)$")
_BULLET = re.compile(r"\s*(?:[-–—•▪◾*‣●]|\d{1,2}[.)])\s+")
_DATELINE = re.compile(r"\s*[^\W\d_a-zа-яёα-ω][^.!?«“\":\n]{1,50}\([^()\n]{2,30}\)\s+[—–-]+\s+")
_REOPENING = frozenset('«»“”„"')
# the beginning of an English clause without "that": a pronoun or article
_CLAUSE = re.compile(
    r"\s+(?:he|she|it|they|we|i|there|the|this|these|his|her|its|their|a|an|no|any|all)\b", re.IGNORECASE
)
_UNMARKED = re.compile(r"\s+(?!(?:to|in|on|at|of|by|for|with|about|as|during|after|before)\b)[^\W\d_]")
_TOLD = re.compile(
    r"(\s+(?:the\s+)?(?:[A-Z][\w-]+(?:\s+[A-Z][\w-]+){0,4}|[a-z]+|the\s+[a-z]+))"
    r"\s+(?=(?:he|she|it|they|we|i|there|the|his|her|its|their|a|an|no|any|all)\s)"
)
_MAX_SPEECH = 8000  # characters of one quotation over several paragraphs
_MAX_SPEAKER = 9  # words of a speaker phrase
_LONG = 6  # words above which quoted words without a cue may be a speech that goes on


class Found(Struct, frozen=True, kw_only=True):
    """A mention and why: where its cue and its printed speaker stand in the text, and which rule found it."""

    mention: Mention
    speaker_span: Span | None
    cue_span: Span | None
    rule: str


class _Quote(Struct, frozen=True):
    """Quoted words inside their marks, and how deep they stand; ``closed`` is false when the paragraph ended first."""

    start: int
    end: int
    depth: int
    closed: bool


class _Piece(Struct):
    """A finding under way."""

    start: int
    end: int
    kind: Kind
    form: Form
    rule: str
    cue: Span | None = None
    speaker: Span | None = None
    score: float = 0.8


def extract(document: Document) -> list[Mention]:
    """Return the mentions of a document in order of place; persons are not resolved yet."""
    return [found.mention for found in extract_with_evidence(document)]


def extract_with_evidence(document: Document) -> list[Found]:
    """Return the mentions of a document with the places of cue and speaker, and the rule that found each."""
    reader = _Reader(document.text, lexicon.load(document.language))
    pieces = reader.pieces()
    found = []
    for piece in sorted(pieces, key=lambda piece: (piece.start, -piece.end)):
        mention = Mention(
            id=ids.content_id("mention", document.id, piece.start, piece.end),
            document=document.id,
            start=piece.start,
            end=piece.end,
            text=document.text[piece.start : piece.end],
            language=document.language,
            kind=piece.kind,
            form=piece.form,
            cue=document.text[slice(*piece.cue)] if piece.cue else "",
            speaker=document.text[slice(*piece.speaker)] if piece.speaker else "",
            score=piece.score,
        )
        found.append(Found(mention=mention, speaker_span=piece.speaker, cue_span=piece.cue, rule=piece.rule))
    return found


class _Reader:
    """One document read once: its paragraphs, marks and cues."""

    def __init__(self, text: str, words: Lexicon) -> None:
        self.text, self.words = text, words
        self.plain = _URL.sub(lambda match: " " * len(match.group()), text)  # an address holds no words and no marks
        self.flat = lexicon.flat(self.plain)
        self.cues = [match.span() for match in words.cue.finditer(self.flat)]
        self.cue_starts = [start for start, _ in self.cues]
        self.made: list[_Piece] = []
        self.sentence: Span | None = None  # the last one read

    def pieces(self) -> list[_Piece]:
        """Return everything found, without repetition."""
        answering: _Piece | None = None
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
        for paragraph in _PARAGRAPH.finditer(self.text):
            start, end = paragraph.span()
            again = start + self._indent(start, end)
            if waiting and self.text[again : again + 1] in _REOPENING and end - waiting[0] < _MAX_SPEECH:
                waiting = waiting[0], end
            else:
                if waiting:
                    yield waiting
                waiting = start, end
            if not any(not quote.closed and self._leads(quote, waiting[0]) for quote in self._quotes(*waiting)):
                yield waiting
                waiting = None
        if waiting:
            yield waiting

    def _leads(self, quote: _Quote, start: int) -> bool:
        """Does a quotation begin its paragraph, or stand behind a colon or a full stop, as a speech does?"""
        before = self.text[start : quote.start - 1].rstrip()
        return not before or before[-1] in ":.!?…,—–"

    def _indent(self, start: int, end: int) -> int:
        return len(self.text[start:end]) - len(self.text[start:end].lstrip())

    def _distinct(self) -> list[_Piece]:
        """Leave out what repeats another finding's words with less certainty."""
        kept: dict[Span, _Piece] = {}
        for piece in self.made:
            key = piece.start, piece.end
            if piece.end > piece.start and (key not in kept or kept[key].score < piece.score):
                kept[key] = piece
        return list(kept.values())

    def _add(
        self,
        span: Span,
        kind: Kind,
        form: Form,
        rule: str,
        cue: Span | None = None,
        speaker: Span | None = None,
        score: float = 0.8,
    ) -> _Piece:
        piece = _Piece(*self._trim(*span), kind, form, rule, cue, speaker, score)
        self.made.append(piece)
        return piece

    def _trim(self, start: int, end: int) -> Span:
        """Take blanks and closing punctuation off the ends of a span; "!", "?" and "…" stay."""
        while start < end and self.text[start] in _EDGE:
            start += 1
        while end > start and self.text[end - 1] in _EDGE:
            if self.text[end - 3 : end] == "...":
                break
            end -= 1
        return start, end

    # transcripts and headlines

    def _label(self, start: int, end: int) -> tuple[Span, int] | None:
        """Return who a line's label names, and where the words begin: ``Name Surname: ...``, ``Вопрос: ...``."""
        match = _LABEL.match(self.text, start, end)
        if match is None:
            return None
        who = match.start(1), match.start(1) + len(re.sub(r"\s*\([^)]*\)?\s*$", "", match.group(1)))
        words = [token.group() for token in _TOKEN.finditer(self.plain, *who)]
        folded = [self.flat[token.start() : token.end()].rstrip(".") for token in _TOKEN.finditer(self.plain, *who)]
        nobody = folded and (folded[0] in self.words.labels or " ".join(folded) in self.words.labels)
        if not words or len(words) > 6 or nobody or self._cues(*who):
            return None
        known = self.words.questions | self.words.answers | self.words.interviewer | self.words.speaker
        capital = all(
            _CAPITAL.match(word) or low in known or len(low) < 3 for word, low in zip(words, folded, strict=True)
        )
        roleless = folded[-1] in known and folded[-1] not in self.words.articles
        return (who, match.end()) if capital and (_CAPITAL.match(words[-1]) or roleless) else None

    def _turn(self, label: tuple[Span, int], end: int) -> _Piece | None:
        """Take in one labelled line; return it when more of the same person's words may follow."""
        who, start = label
        folded = {self.flat[t.start() : t.end()].rstrip(".") for t in _TOKEN.finditer(self.plain, *who)}
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

    def _goes_on(self, start: int, end: int, answering: _Piece) -> bool:
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
            if piece.speaker is None or self.flat[slice(*piece.speaker)].split()[-1:] == ["i"]:
                piece.end = piece.start  # one's own "I said" is no other speaker's words
            piece.form = "nested" if piece.form == "that_clause" else piece.form

    # marks

    def _quotes(self, start: int, end: int) -> list[_Quote]:
        """Return quoted spans of a paragraph. Straight marks open and close by turns; others nest."""
        closers = {left: right for left, right in self.words.pairs if left != right}
        same = {left for left, right in self.words.pairs if left == right}
        closing = set(closers.values()) - set(closers)
        stack: list[tuple[str, int]] = []
        found: list[_Quote] = []
        for at in range(start, end):
            letter = self.plain[at]
            if stack and letter in _REOPENING and self.text[at - 1 : at] == "\n":
                continue  # opened again at the beginning of a paragraph
            if stack and (letter == stack[-1][0]):
                found.append(_Quote(stack[-1][1], at, len(stack) - 1, closed=True))
                stack.pop()
            elif letter in closers and len(stack) < 4:
                stack.append((closers[letter], at + 1))
            elif letter in same and len(stack) < 4:
                stack.append((letter, at + 1))
            elif letter in closing and any(letter == want for want, _ in stack):
                while stack and stack[-1][0] != letter:
                    stack.pop()
                found.append(_Quote(stack[-1][1], at, len(stack) - 1, closed=True))
                stack.pop()
        if stack:
            found.append(_Quote(stack[0][1], end, 0, closed=False))
        return sorted(found, key=lambda quote: (quote.start, -quote.end))

    def _sentences(self, start: int, end: int) -> list[Span]:
        found, begin = [], start
        for match in _SENTENCE_END.finditer(self.text, start, end):
            if match.group() == "." and _INITIAL.search(self.text[max(start, match.start() - 6) : match.end()]):
                continue
            found.append((begin, match.end()))
            begin = match.end()
        if self.text[begin:end].strip():
            found.append((begin, end))
        return found or [(start, end)]

    def _cues(self, start: int, end: int) -> list[Span]:
        low, high = bisect_left(self.cue_starts, start), bisect_left(self.cue_starts, end)
        return [cue for cue in self.cues[low:high] if cue[1] <= end]

    # a paragraph of prose

    def _paragraph(self, start: int, end: int) -> None:
        dateline = _DATELINE.match(self.text, start, end)
        start = dateline.end() if dateline else start
        quotes = [quote for quote in self._quotes(start, end) if quote.depth == 0]
        taken: list[Span] = []
        last: _Piece | None = None
        for number, quote in enumerate(quotes):
            earlier = quotes[number - 1].end + 1 if number else start
            later = quotes[number + 1].start - 1 if number + 1 < len(quotes) else end
            piece = self._direct(quote, (start, end), earlier, later, last)
            if piece is not None:
                taken.append((quote.start - 1, quote.end + 1))
                last = piece
        sentences = self._masked_sentences(start, end, taken)
        tail = _TAIL.fullmatch(self.text[start:end].strip()) if len(sentences) == 1 and not quotes else None
        if tail and _CAPITAL.match(tail.group(2)) and all(_CAPITAL.match(word) for word in tail.group(2).split()):
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

    def _direct(
        self, quote: _Quote, paragraph: Span, earlier: int, next_quote: int, last: _Piece | None
    ) -> _Piece | None:
        """Decide whether quoted words are speech: by a cue behind or before them, or as a speech that goes on.

        ``earlier`` and ``next_quote`` are where the quotation before ends and the next one begins.
        """
        start, end = paragraph
        after = self._clause_after(quote.end + 1, next_quote)
        before = self._clause_before(earlier, quote.start - 1)
        lead = self.text[earlier : quote.start - 1].rstrip()
        goes_on = last is not None and earlier > start and lead.strip(" ,.—–-").count(" ") <= 12
        return (
            self._interrupted(quote)
            or self._cue_behind(quote, after, next_quote, end)
            or self._cue_before(quote, before, lead, last if goes_on else None)
            or (self._continued(quote, last, lead, after) if last is not None and goes_on else None)
            or self._uncued(quote, start, end, lead)
        )

    def _whole(self, quote: _Quote) -> bool:
        """Do quoted words look like a sentence of their own, rather than like a term?"""
        return len(self.text[quote.start : quote.end].split()) >= 4 or self.text[quote.end - 1] in ".!?…,"

    def _cue_behind(self, quote: _Quote, after: Span, next_quote: int, end: int) -> _Piece | None:
        """«...», said X. «...» — the word of a dash and a name, known as a cue or not."""
        if not self._whole(quote):
            return None
        span = quote.start, quote.end
        cue = next(iter(self._cues(*after)), None)
        if cue is None:
            dash = _DASHED.match(self.text, quote.end + 1, min(end, quote.end + 90))
            named = self._phrase_behind(dash.end(1), end) if dash else None
            if dash is None or named is None:
                return None
            return self._add(span, "direct", "quoted_sentence", "dash behind", dash.span(1), named)
        if not self._opens(quote.end, cue[0]):
            return None
        form: Form = "split_quote" if self._splits(after, next_quote, end) else "quoted_sentence"
        apart = self.text[quote.end + 1 : cue[0]].strip(_EDGE)
        speaker = (self._phrase_before(quote.end + 1, cue[0]) if apart else None) or self._speaker(cue, *after)
        return self._add(span, "direct", form, "cue behind", cue, speaker, 0.95)

    def _cue_before(self, quote: _Quote, before: Span, lead: str, last: _Piece | None) -> _Piece | None:
        """X said: «...», X said, "...", and a bare name with a colon."""
        span = quote.start, quote.end
        cues = self._cues(*before)
        if cues and (lead.endswith(":") or (lead.endswith(",") and self._whole(quote))):
            speaker = self._speaker(cues[-1], *before)
            split = last is not None and last.cue == cues[-1] and lead.endswith(",")
            form: Form = "split_quote" if split else "quoted_sentence"
            return self._add(span, "direct", form, "cue before", cues[-1], speaker, 0.9)
        if lead.endswith(":") and len(self.text[slice(*span)].split()) >= 4:
            return self._add(span, "direct", "headline", "name and colon", None, self._names(*before), 0.8)
        return None

    def _continued(self, quote: _Quote, last: _Piece, lead: str, after: Span) -> _Piece | None:
        """«...», said X. «...»: the second part goes on with the first one's speaker."""
        between = self.text[last.end : quote.start].strip(' .,—–-»”"«“„')
        told = last.cue is not None and (not between or between in self.text[slice(*after)] or last.end < last.cue[0])
        if not told or not self._whole(quote) or len(between.split()) > 14:
            return None
        form: Form = "split_quote" if lead.endswith((",", "—", "–", "-")) else "quoted_sentence"
        return self._add((quote.start, quote.end), "direct", form, "goes on", last.cue, last.speaker, 0.85)

    def _uncued(self, quote: _Quote, start: int, end: int, lead: str) -> _Piece | None:
        """A sentence or a paragraph that is all quotation, of somebody that the text has named before."""
        words = self.text[quote.start : quote.end].split()
        if len(words) < _LONG:
            return None
        span = quote.start, quote.end
        finished = _CAPITAL.match(words[0].lstrip('«“"„')) and self.text[quote.end - 1] in ".!?…"
        if finished and (not lead or lead[-1] in '.!?…»”"'):
            return self._add(span, "direct", "quoted_sentence", "a sentence of quotation", score=0.55)
        alone = not self.text[start : quote.start - 1].strip() and not self.text[quote.end + 1 : end].strip(" .,")
        return self._add(span, "direct", "quoted_sentence", "a paragraph of quotation", score=0.6) if alone else None

    def _interrupted(self, quote: _Quote) -> _Piece | None:
        """«..., – she said. – ...» with the attribution inside the marks: one finding for each part."""
        for cue in self._cues(quote.start, quote.end):
            match = re.search(r"[,!?…]\s+[—–-]\s+$", self.text[quote.start : cue[0]])
            speaker = self._phrase_behind(cue[1], quote.end)
            close = re.compile(r"[^.,—–]{0,40}[.,]\s+[—–-]\s+").match(self.text, (speaker or cue)[1], quote.end)
            if match and speaker and close:
                cut = quote.start + match.start() + (match.group()[0] in "!?…")
                self._add((quote.start, cut), "direct", "split_quote", "cue inside", cue, speaker, 0.9)
                return self._add((close.end(), quote.end), "direct", "split_quote", "cue inside", cue, speaker, 0.9)
        return None

    def _opens(self, end: int, cue: int) -> bool:
        """Is the cue in the words right behind the quotation, not in another sentence?"""
        between = self.text[end + 1 : cue]
        if re.match(r"\s*[.!?…]\s", between) and self.text[end - 1] not in "?!…":
            return False
        return len(between.split()) <= 8

    def _splits(self, after: Span, next_quote: int, end: int) -> bool:
        return next_quote < end and self.text[after[0] : next_quote].rstrip().endswith((",", "—", "–", "-"))

    def _clause_after(self, start: int, end: int) -> Span:
        """Return the rest of the sentence behind a quotation."""
        for sentence in self._sentences(start, end) if start < end else []:
            if self.text[slice(*sentence)].strip(' .,!?…—–-»”"'):
                return sentence
        return start, start

    def _clause_before(self, start: int, end: int) -> Span:
        """Return the beginning of the sentence before a quotation."""
        sentences = self._sentences(start, end) if start < end else []
        return sentences[-1] if sentences and self.text[slice(*sentences[-1])].strip() else (end, end)

    # clauses

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

    def _mostly(self, content: Span, taken: Sequence[Span]) -> bool:
        """Is a clause mostly words of quotations that are mentions already?"""
        inside = sum(max(0, min(b, content[1]) - max(a, content[0])) for a, b in taken)
        return inside > 0.4 * (content[1] - content[0])

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
        """Return the clause behind a conjunction, unless an English clause begins before it."""
        rest = self.plain[cue[1] : end]
        match = self.words.that.search(self.flat, cue[1], min(end, cue[1] + 160))
        bare = self.words.language == "en" and _CLAUSE.match(rest) and self.words.bare.match(self.flat, cue[0])
        if match is not None and not (bare and self.plain[cue[1] : match.start()].strip()):
            between = self.plain[cue[1] : match.start()]
            if len(between.split()) <= 14 and not re.search(r"[.;:«“\"]", between.replace(". ", " ", 1)):
                return self._trim(match.end(), self._clause_end(match.end(), end))
        return None

    def _unmarked(self, cue: Span, start: int, end: int) -> Span | None:
        """Return an English clause without a conjunction: "said the ...", "told reporters the ..."."""
        if self.words.language != "en":
            return None
        rest = self.plain[cue[1] : end]
        told = _TOLD.match(rest) if self.flat[slice(*cue)] in ("told", "tells") else None
        if told:
            return self._trim(cue[1] + told.end(1), end)
        follows = self.words.bare.match(self.flat, cue[0]) and self._subject_before(cue, start)
        return self._trim(cue[1], end) if follows and _UNMARKED.match(rest) and len(rest.split()) >= 4 else None

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
            if len(joint) <= 2 and follows and not any(_CAPITAL.match(word) for word in joint):
                return comma
        return end

    def _subject_before(self, cue: Span, start: int) -> bool:
        words = self.text[start : cue[0]].split()
        return bool(words) and (
            words[-1].endswith(",")
            or self.flat[start : cue[0]].split()[-1].strip(",") in self.words.speaker
            or bool(_CAPITAL.match(words[-1]))
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
        if len(rest.split()) > (6 if self.words.language == "en" and not self._aside(rest) else 12):
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
        """"..., according to X." and "..., according to X, ...": of the latter the longer part."""
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

    def _kind(self, content: Span) -> Kind:
        return "mixed" if any(quote.depth == 0 for quote in self._quotes(*content)) else "indirect"

    # speakers

    def _speaker(self, cue: Span, start: int, end: int) -> Span | None:
        """Return the speaker phrase beside a cue: behind it, else before it."""
        return self._phrase_behind(cue[1], end) or self._phrase_before(start, cue[0])

    def _subject(self, cue: Span, start: int, end: int) -> Span | None:
        """Return the speaker of a clause that follows its cue: English names the subject before the verb."""
        before = self._phrase_before(start, cue[0])
        if self.words.language == "en" or self.words.accuse.match(self.flat, cue[0]):
            return before
        return self._phrase_behind(cue[1], end) or before

    def _phrase_behind(self, start: int, end: int) -> Span | None:
        tokens = list(_TOKEN.finditer(self.plain, start, min(end, start + 160)))[:_MAX_SPEAKER]
        for number, token in enumerate(tokens[:7]):
            gap = self.text[tokens[number - 1].end() if number else start : token.start()]
            if re.search(r"[,.;:—–()]", gap) or (number == 0 and gap.strip(' \u00a0«“"')):
                return None
            if self._could_speak(tokens, number) and not (number == 0 and gap.strip()):
                return self._run(tokens[number:])
        return None

    def _could_speak(self, tokens: Sequence[re.Match[str]], number: int) -> bool:
        """May a speaker phrase begin with this word? Not with an object, nor behind a preposition, nor inside marks."""
        token = tokens[number]
        low = self._low(token)
        if not self._of_speaker(token) or low in self.words.not_names or low in self.words.objects:
            return False
        before = next((self._low(t) for t in reversed(tokens[:number]) if not self._is_article(t)), "")
        beside = self._low(tokens[number - 1]) if number else ""
        marked = self.text[token.start() - 1 : token.start()] in set('«“"„')
        if low in self.words.nominative:
            return not marked
        return not marked and before not in self.words.prepositions and beside not in self.words.objects

    def _run(self, tokens: Sequence[re.Match[str]]) -> Span | None:
        """Return the span of a speaker phrase at the beginning of tokens: up to its last name or role."""
        last, named, known = None, 0, False
        for number, token in enumerate(tokens):
            if number and re.search(r"[,.;:—–«“\"()]", self.text[tokens[number - 1].end() : token.start()]):
                break
            if number and tokens[number - 1].group().endswith(".") and len(tokens[number - 1].group()) > 4:
                break
            if named > 1 and last is tokens[number - 1] and not self._goes_with(tokens[number - 1], token):
                break
            low = self._low(token)
            if low in self.words.prepositions and (named > 1 or not known):
                break
            named = named + 1 if _CAPITAL.match(token.group()) else 0
            known = known or low in self.words.speaker - self.words.articles
            if (_CAPITAL.match(token.group()) and low not in self.words.not_names) or low in self.words.speaker:
                if low not in self.words.articles:
                    last = token
                if low in self.words.pronouns and number == 0:
                    break
        if last is None:
            return None
        dotted = last.group().endswith(".") and (len(last.group()) > 3 or self._low(last) in self.words.pronouns)
        end = last.end() - dotted
        return tokens[0].start(), end

    def _goes_with(self, before: re.Match[str], token: re.Match[str]) -> bool:
        """May a word stand behind a full name inside a speaker phrase? Not a verb: "Anton Dregov attacked the"."""
        return self._of_speaker(token) or before.group().endswith(("'s", "’s", "s'"))

    def _of_speaker(self, token: re.Match[str]) -> bool:
        return bool(_CAPITAL.match(token.group())) or self._low(token) in self.words.speaker

    def _phrase_before(self, start: int, end: int) -> Span | None:
        """Return the subject before a cue: the last run of names and roles since the last clause began."""
        clause = max(self.text.rfind(mark, start, end) for mark in (";", "—", "–", "»", "”", "\u201c", '"'))
        tokens = list(_TOKEN.finditer(self.plain, max(start, clause + 1), end))[-30:]
        if tokens and self._low(tokens[-1]) in self.words.pronouns and "," not in self.text[tokens[-1].end() : end]:
            first = tokens[-2] if len(tokens) > 1 and self._is_article(tokens[-2]) else tokens[-1]
            return first.start(), tokens[-1].end()
        for match in self.words.impersonal.finditer(self.flat, max(start, clause + 1), end):
            if not self.text[match.end() : end].strip():
                return match.start(), match.start() + len(match.group().split()[0])
        for number in range(len(tokens)):
            span = self._run(tokens[number:]) if self._could_speak(tokens, number) else None
            if span is None:
                continue
            between = self.text[span[1] : end].strip()
            if len(between.split()) <= 6 or re.fullmatch(r",[^.;:]*,(?:\s+\w+)?", between):
                return span
        return self._described(tokens, end)

    def _low(self, token: re.Match[str]) -> str:
        """Return a word as the lexicon has it."""
        return self.flat[token.start() : token.end()].rstrip(".")

    def _is_article(self, token: re.Match[str]) -> bool:
        return self._low(token) in self.words.articles

    def _described(self, tokens: Sequence[re.Match[str]], end: int) -> Span | None:
        """Return "a friend" of "a friend mentions": an article and its noun right before the cue."""
        for number in range(len(tokens) - 1, max(-1, len(tokens) - 5), -1):
            low = self.flat[tokens[number].start() : tokens[number].end()]
            if low in self.words.objects:
                return None
            if low in self.words.articles and number + 1 < len(tokens):
                inside = self.text[tokens[number].start() : end].strip()
                return None if re.search(r"[,;:()]", inside) else (tokens[number].start(), tokens[-1].end())
        return None

    def _names(self, start: int, end: int) -> Span | None:
        tokens = list(_TOKEN.finditer(self.plain, start, end))
        return self._run(tokens) if tokens and len(tokens) <= 20 and self._could_speak(tokens, 0) else None
