"""Single words that became others: names, senses of one word, things put for things."""

from __future__ import annotations

from collections.abc import Iterator

from align import names
from align.compare import concepts
from align.compare.claim import Claim, Term
from align.compare.reading import Reading, distance, evidence
from align.records import Evidence

# names as like as this may be one name spelt anyhow, in one language (True) or over two
_NEAR_NAMES = {True: 0.82, False: 0.66}
_SHORT = 5  # letters of a name below which its sound tells nothing over two scripts
_ONE_SPELLING = 0.9  # in one language


def other_names(reading: Reading) -> Iterator[Evidence]:
    """Yield each name that became another one beside the same words."""
    ours = [
        n for n, term in enumerate(reading.left.terms) if _is_name(reading.left, term) and n not in reading.to_right
    ]
    theirs = [
        n for n, term in enumerate(reading.right.terms) if _is_name(reading.right, term) and n not in reading.to_left
    ]
    used: set[int] = set()
    for a in ours:
        left = reading.left.terms[a]
        for b in sorted((n for n in theirs if n not in used), key=lambda n: (distance(reading, a, n), n))[:1]:
            right = reading.right.terms[b]
            if min(len(left.text), len(right.text)) < _SHORT and reading.left.language != reading.right.language:
                continue
            alike = names.word_score(left.text, right.text)
            if distance(reading, a, b) <= 1.0 and alike < _NEAR_NAMES[reading.left.language == reading.right.language]:
                used.add(b)
                yield evidence(reading, "name", f"“{left.text}” became “{right.text}”", left, right)
    for pair in reading.pairs:
        left, right = reading.left.terms[pair.left], reading.right.terms[pair.right]
        # in one language a name has one spelling: what only sounds alike is another one
        spelt = (
            pair.by == "sound" and reading.left.language == reading.right.language and left.kind == right.kind == "name"
        )
        if spelt and pair.score < _ONE_SPELLING:
            yield evidence(reading, "name", f"“{left.text}” became “{right.text}”", left, right)


def _is_name(claim: Claim, term: Term) -> bool:
    if term.quantity is not None or not term.text[0].isupper():
        return False
    return term.kind == "name" or not term.concepts


def replaced(reading: Reading) -> Iterator[Evidence]:
    """Yield single words that were exchanged for another one in a sentence that is otherwise the same.

    Only in one language: over languages a word without a known counterpart is mostly a free rendering. Two senses of
    one word, as a translation through another language confuses them, are told as back-translation.
    """
    if reading.left.language != reading.right.language:
        return
    known = concepts.lexicon()
    for a, left in enumerate(reading.left.terms):
        b = _opposite_number(reading, a)
        if b is None or left.quantity or reading.right.terms[b].quantity:
            continue
        right = reading.right.terms[b]
        if names.word_score(left.text, right.text) >= _NEAR_NAMES[True]:
            continue
        others = {other for sense in left.concepts for other in known.senses.get(sense, ())}
        if {left.kind, right.kind} == {"name"}:
            check = "name"
        elif others & right.concepts:
            check = "back-translation"
        elif any(
            mark.start - _BESIDE <= left.end and left.start <= mark.end + _BESIDE for mark in reading.left.of("source")
        ):
            check = "attribution"
        else:
            check = "replaced"
        yield evidence(reading, check, f"“{left.text}” became “{right.text}”", left, right)


_BESIDE = 5  # characters between somebody and the word that says it is theirs


def _opposite_number(reading: Reading, a: int) -> int | None:
    """Return the term of the right text that stands between the matches of a left term's neighbours, in its place."""
    if a in reading.to_right:
        return None
    before, after = reading.to_right.get(a - 1), reading.to_right.get(a + 1)
    if before is None and after is None:
        return None
    b = before.right + 1 if before else (after.right - 1 if after else 0)
    if not 0 <= b < len(reading.right.terms) or b in reading.to_left:
        return None
    starts = before is None and a == 0 == b
    ends = after is None and a == len(reading.left.terms) - 1 and b == len(reading.right.terms) - 1
    between = before is not None and after is not None and after.right == b + 1
    return b if between or starts or ends else None


def senses(reading: Reading) -> Iterator[Evidence]:
    """Yield words over languages that stand for two senses of one word: what a back-translation confuses."""
    if reading.left.language == reading.right.language:
        return
    known = concepts.lexicon()
    theirs = [n for n, term in enumerate(reading.right.terms) if term.concepts and n not in reading.to_left]
    for a, left in enumerate(reading.left.terms):
        if a in reading.to_right:
            continue
        others = {other for sense in left.concepts for other in known.senses.get(sense, ())}
        for b in theirs:
            right = reading.right.terms[b]
            if others & right.concepts and not left.concepts & right.concepts and distance(reading, a, b) <= 1:
                yield evidence(
                    reading, "back-translation", f"“{left.text}” and “{right.text}” are senses of one word", left, right
                )
                break
