"""Who is printed as the speaker: the run of names, roles and articles beside a cue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from align import names
from align.extract.reading import CAPITAL, SMALL, TOKEN, Reading, Span

_CAPITALISED = re.compile(rf"(?<!\w)[^\W\d_{SMALL}][^\W\d_]+")
_NEAR = 6  # words that may stand between a subject and its cue
_MAX_SPEAKER = 9  # words of a speaker phrase


class Phrases(Reading):
    """Finds speaker phrases."""

    def _speaker(self, cue: Span, start: int, end: int) -> Span | None:
        """Return the speaker phrase beside a cue: behind it, else before it; never whom something is told."""
        if self._of_another(cue):
            return None
        if self.words.subject_first:
            before = self._phrase_before(start, cue[0])
            if before and (self._is("told", cue) or not self.text[before[1] : cue[0]].strip()):
                return before
        return self._phrase_behind(cue[1], end) or self._phrase_before(start, cue[0])

    def _subject(self, cue: Span, start: int, end: int) -> Span | None:
        """Return the speaker of a clause that follows its cue."""
        if self._of_another(cue):
            return None
        before = self._phrase_before(start, cue[0])
        if self.words.subject_first or self._is("accuse", cue):
            return before
        if self._is("order", cue):
            return before or self._phrase_behind(cue[1], end)  # behind it stands who is asked
        behind = self._phrase_behind(cue[1], end)
        if (
            behind
            and before
            and self._may_be_told(behind)
            and self.flat[before[0] : cue[0]].split()[0] in self.sets["nominative"]
        ):
            return before  # «ο υπουργός διαβεβαίωσε το Σώμα»
        return behind or before

    def _of_another(self, cue: Span) -> bool:
        """Is a cue of the one who spoke before: "the Courier quoted him as saying"?"""
        return self._is("quote", cue) and len(self.text[slice(*cue)].split()) > 2

    def _may_be_told(self, behind: Span) -> bool:
        """Does a phrase behind a cue begin with an article that subjects, which have their own, do not take?"""
        nominative = self.sets["nominative"]
        first = self.flat[slice(*behind)].split()[0]
        return bool(nominative) and first in self.sets["articles"] and first not in nominative

    def _phrase_behind(self, start: int, end: int) -> Span | None:
        tokens = list(TOKEN.finditer(self.plain, start, min(end, start + 160)))[:_MAX_SPEAKER]
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
        if not self._of_speaker(token) or low in self.sets["not_names"] or low in self.sets["objects"]:
            return False
        if CAPITAL.match(token.group()) and low not in self.sets["speaker"] and not self._proper(tokens, number):
            return False
        led = self._led_from(tokens, number)
        before = next((self._low(t) for t in reversed(tokens[:led]) if not self._is_article(t)), "")
        beside = self._low(tokens[led - 1]) if led else ""
        if low in self.sets["oblique"] and not CAPITAL.match(token.group()):
            return False
        marked = self.text[token.start() - 1 : token.start()] in set('«“"„')
        if low in self.sets["nominative"]:
            return not marked
        return not marked and before not in self.sets["prepositions"] and beside not in self.sets["objects"]

    def _led_from(self, tokens: Sequence[re.Match[str]], number: int) -> int:
        """Return where the capitals begin that end in a word, itself no name and no office: "on Radio Ardel"."""
        first = number
        known = self._low(tokens[number]) in self.sets["office"] or names.is_given(tokens[number].group().rstrip("."))
        while first and not known and CAPITAL.match(tokens[first - 1].group()) and CAPITAL.match(tokens[first].group()):
            gap = self.text[tokens[first - 1].end() : tokens[first].start()].lstrip("'’")
            low = self._low(tokens[first - 1])
            if (
                gap != " "
                or self._is_article(tokens[first - 1])
                or low in self.sets["prepositions"] | self.sets["not_names"]
            ):
                break
            first -= 1
        return first

    def _proper(self, tokens: Sequence[re.Match[str]], number: int) -> bool:
        """Is a capitalised word a name? Any word has a capital where a sentence begins: there it must be a known given
        name, stand with a capital elsewhere, or stand alone right before a cue or a comma."""
        token = tokens[number]
        if not self._opens_sentence(token.start()) or self._stem(self._low(token)) in self.names_inside:
            return True
        if names.is_given(token.group().rstrip(".")) or token.group().endswith("."):
            return True
        following = tokens[number + 1] if number + 1 < len(tokens) else None
        if self.found.at("loose", token.start()):
            return False
        comma = self.text[token.end() : token.end() + 1] == ","
        if following is None or (comma and not self.words.pro_drop):
            return True  # where subjects may be left out an adverb stands so too: «Πράγματι, ...»
        low = self._low(following)
        return low in self.sets["adverbs"] or any(self.found.at(kind, following.start()) for kind in ("cue", "loose"))

    def _opens_sentence(self, at: int) -> bool:
        before = self.plain[max(0, at - 6) : at].rstrip(" \u00a0\"«“„‘'(—–-•")
        return not before.strip(" \t") or before[-1] in ".!?…:\n" or (at - 6 < 0 and not before)

    @staticmethod
    def _stem(low: str) -> str:
        return low[: max(4, len(low) - 2)]

    @cached_property
    def names_inside(self) -> frozenset[str]:
        """Stems of the words that have a capital inside a sentence."""
        found = (match for match in _CAPITALISED.finditer(self.plain) if not self._opens_sentence(match.start()))
        return frozenset(self._stem(self.flat[match.start() : match.end()]) for match in found)

    def _run(self, tokens: Sequence[re.Match[str]]) -> Span | None:
        """Return the span of a speaker phrase at the beginning of tokens: up to its last name or role."""
        last, named, known, strange = None, 0, False, 0
        for number, token in enumerate(tokens):
            strange = 0 if self._of_speaker(token) or self._low(token) in self.sets["prepositions"] else strange + 1
            if strange > self.words.phrase_gap and known:
                break
            if number and re.search(r"[,.;:—–«“\"()]", self.text[tokens[number - 1].end() : token.start()]):
                break
            if number and tokens[number - 1].group().endswith(".") and len(tokens[number - 1].group()) > 4:
                break
            if named > 1 and last is tokens[number - 1] and not self._goes_with(tokens[number - 1], token):
                break
            low = self._low(token)
            if named and self.words.subject_first and self.found.at("cue", token.start()):
                break
            if low in self.sets["prepositions"] and (named > 1 or not known):
                break
            named = named + 1 if CAPITAL.match(token.group()) else 0
            known = known or low in self.sets["office"]
            if (CAPITAL.match(token.group()) and low not in self.sets["not_names"]) or low in self.sets["speaker"]:
                if low not in self.sets["articles"]:
                    last = token
                if low in self.sets["pronouns"] and number == 0:
                    break
        if last is None:
            return None
        dotted = last.group().endswith(".") and (len(last.group()) > 3 or self._low(last) in self.sets["pronouns"])
        end = last.end() - dotted
        return tokens[0].start(), end

    def _goes_with(self, before: re.Match[str], token: re.Match[str]) -> bool:
        """May a word stand behind a full name inside a speaker phrase? Not a verb: "Anton Dregov attacked the"."""
        return self._of_speaker(token) or before.group().endswith(self.words.genitive_endings)

    def _of_speaker(self, token: re.Match[str]) -> bool:
        return bool(CAPITAL.match(token.group())) or self._low(token) in self.sets["speaker"]

    def _phrase_before(self, start: int, end: int) -> Span | None:
        """Return the subject before a cue: the last run of names and roles since the last clause began."""
        clause = max(self.text.rfind(mark, start, end) for mark in (";", "—", "–", "»", "”", "\u201c", '"'))
        tokens = list(TOKEN.finditer(self.plain, max(start, clause + 1), end))[-30:]
        if tokens and self._low(tokens[-1]) in self.sets["pronouns"] and "," not in self.text[tokens[-1].end() : end]:
            opening = tokens[-2] if len(tokens) > 1 and self._is_article(tokens[-2]) else tokens[-1]
            return opening.start(), tokens[-1].end()
        for impersonal in self.found.all("impersonal", max(start, clause + 1), end):
            if not self.text[impersonal[1] : end].strip():
                return impersonal[0], impersonal[0] + len(self.text[slice(*impersonal)].split()[0])
        found = self._subjects_before(tokens, end)
        if not found:
            return self._described(tokens, end)
        first, last = found[0], found[-1]
        of = self.text[first[1] : found[1][0]] if len(found) > 1 else ","
        if "," not in of and len(self.text[first[1] : end].split()) > _NEAR:
            return (first[0] if len(of.split()) <= _MAX_SPEAKER else found[1][0]), found[1][1]
        set_off = "," in self.text[first[1] : last[0]] and self.text[first[1] : end].count(",") == 1
        # "In their win over Tarn Vale, manager Ivo Kern said": the subject stands at the cue
        return last if set_off and not self.text[last[1] : end].strip() else first

    def _subjects_before(self, tokens: Sequence[re.Match[str]], end: int) -> list[Span]:
        """Return the runs of names and roles near enough to a cue at ``end`` to be its subject, in their order."""
        found: list[Span] = []
        passed = 0
        for number, token in enumerate(tokens):
            span = self._run(tokens[number:]) if token.start() >= passed and self._could_speak(tokens, number) else None
            if span is None:
                continue
            between, passed = self.text[span[1] : end].strip(), span[1]
            if len(between.split()) <= _NEAR or self._set_off_by_commas(between):
                found.append((self._widened(tokens, number, span[0]), span[1]))
        return found

    def _set_off_by_commas(self, between: str) -> bool:
        """Does an apposition or a relative clause end at the cue, behind the name or behind what the name is of?"""
        aside = re.fullmatch(r"(?P<of>[^,.;:]*),[^.;:]*,(?:\s+\w+)?", between)
        of = aside["of"].lower().split() if aside else []
        return aside is not None and (not of or (len(of) <= 8 and of[0] in self.sets["prepositions"]))

    def _widened(self, tokens: Sequence[re.Match[str]], number: int, start: int) -> int:
        """Return where a run of capitals begins whose first word opens the sentence: "Birchwood Public Schools"."""
        if not number or not CAPITAL.match(tokens[number].group()):
            return start
        before = tokens[number - 1]
        low = self._low(before)
        none = low in self.sets["not_names"] | self.sets["adverbs"] | self.sets["prepositions"] | self.sets["articles"]
        beside = self.text[before.end() : start] == " " and self._opens_sentence(before.start())
        named = names.is_given(tokens[number].group()) or self._low(tokens[number]) in self.sets["office"]
        return before.start() if beside and not named and not none and CAPITAL.match(before.group()) else start

    def _low(self, token: re.Match[str]) -> str:
        """Return a word as the lexicon has it."""
        return self.flat[token.start() : token.end()].rstrip(".")

    def _is_article(self, token: re.Match[str]) -> bool:
        return self._low(token) in self.sets["articles"]

    def _described(self, tokens: Sequence[re.Match[str]], end: int) -> Span | None:
        """Return "a friend" of "a friend mentions": an article and its noun right before the cue."""
        for number in range(len(tokens) - 1, max(-1, len(tokens) - 5), -1):
            low = self.flat[tokens[number].start() : tokens[number].end()]
            if low in self.sets["objects"]:
                return None
            if low in self.sets["articles"] and number + 1 < len(tokens):
                if self._low(tokens[-1]) in self.sets["joints"]:
                    return None  # "until the autumn and added"
                inside = self.text[tokens[number].start() : end].strip()
                return None if re.search(r"[,;:()]", inside) else (tokens[number].start(), tokens[-1].end())
        return None

    def _opening_subject(self, start: int, end: int) -> Span | None:
        """Return the pronoun, name or role that a sentence begins with."""
        tokens = list(TOKEN.finditer(self.plain, start, min(end, start + 80)))[:6]
        return self._run(tokens) if tokens and self._could_speak(tokens, 0) else None

    def _names(self, start: int, end: int) -> Span | None:
        """Return the name or role that a label, a signature or a line by itself is."""
        tokens = list(TOKEN.finditer(self.plain, start, end))
        if 1 < len(tokens) <= 3 and all(CAPITAL.match(token.group()) for token in tokens) and self._alone(tokens):
            return tokens[0].start(), tokens[-1].end()
        if not tokens or len(tokens) > 20:
            return None
        comma = CAPITAL.match(tokens[0].group()) and self.text[tokens[0].end() : tokens[0].end() + 1] == ","
        return self._run(tokens) if self._could_speak(tokens, 0) or (comma and self._alone(tokens[:1])) else None

    def _alone(self, tokens: Sequence[re.Match[str]]) -> bool:
        """Are words neither set apart by marks nor words that name nobody?"""
        apart = re.search(r"[^\w\s.'’-]", self.text[tokens[0].start() : tokens[-1].end()])
        return not apart and not any(self._low(token) in self.sets["not_names"] for token in tokens)
