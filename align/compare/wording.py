"""Single words that became others: names, senses of one word, things put for things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from align import names
from align.compare import concepts
from align.compare.claim import Claim, Term
from align.compare.reading import Reading
from align.records import Evidence

_ONE_NAME = 0.82  # in one language names as like as this may be one name spelt anyhow
_ONE_NAME_APART = 0.66  # over two languages
_ONE_SPELLING = 0.9  # sureness of a match by sound from which two names of one language are spelt alike
_SHORT = 5  # letters of a name below which its sound tells nothing over two languages
_NEAR = 1.0  # places between a term and where its counterpart should stand
_BESIDE = 5  # characters between somebody and the word that says it is theirs


def other_names(reading: Reading) -> Iterator[Evidence]:
    """Yield each name that became another one beside the same words."""
    named = _may_be_name if reading.one_language else _is_proper
    theirs = [
        n
        for n, term in enumerate(reading.right.terms)
        if named(term) and n not in reading.to_left and not _stands_in(term, reading.left.terms)
    ]
    for a, left in enumerate(reading.left.terms):
        if not named(left) or a in reading.to_right:
            continue
        if _stands_in(left, reading.right.terms):
            continue  # named more often here than there
        b = min(theirs, key=lambda n: (reading.distance(a, n), n), default=None)
        if b is not None and reading.distance(a, b) <= _NEAR and _is_other(reading, left, reading.right.terms[b]):
            theirs.remove(b)
            yield _became(reading, "name", left, reading.right.terms[b])
    yield from _misspelt(reading)


def _stands_in(name: Term, terms: Iterable[Term]) -> bool:
    """Whether a text has a name somewhere."""
    return any(
        term.kind == "name" and (name.concepts & term.concepts or names.word_score(name.text, term.text) >= names.SAME)
        for term in terms
    )


def _may_be_name(term: Term) -> bool:
    """Whether a term is a name; at the beginning of a sentence, whether it may be one."""
    return term.quantity is None and term.text[0].isupper() and (term.kind == "name" or not term.concepts)


def _is_proper(term: Term) -> bool:
    """Whether a term is a name that no translator renders by what it means ("The Rider" is rendered)."""
    return term.kind == "name" and term.concepts <= concepts.lexicon().proper


def _is_other(reading: Reading, left: Term, right: Term) -> bool:
    if not reading.one_language and min(len(left.text), len(right.text)) < _SHORT:
        return False
    one_script = names.alphabet(left.text) == names.alphabet(right.text)
    return names.word_score(left.text, right.text) < (_ONE_NAME if one_script else _ONE_NAME_APART)


def _misspelt(reading: Reading) -> Iterator[Evidence]:
    """Yield names that only sound alike in one language, where a name has one spelling."""
    for pair in reading.pairs if reading.one_language else ():
        left, right = reading.left.terms[pair.left], reading.right.terms[pair.right]
        heard = pair.by == "sound" and left.kind == right.kind == "name" and pair.score < _ONE_SPELLING
        if heard and set(names.sounds(left.text)).isdisjoint(names.sounds(right.text)):
            yield _became(reading, "name", left, right)


def _became(reading: Reading, check: str, left: Term, right: Term) -> Evidence:
    return reading.evidence(check, f"“{left.text}” became “{right.text}”", left, right)


def replaced(reading: Reading) -> Iterator[Evidence]:
    """Yield single words that were exchanged for another one in a sentence that is otherwise the same.

    Only in one language: over languages a word without a known counterpart is mostly a free rendering. Two senses of
    one word, as a translation through another language confuses them, are told as back-translation.
    """
    for a, left in enumerate(reading.left.terms) if reading.one_language else ():
        b = _in_its_place(reading, a)
        if b is None:
            continue
        right = reading.right.terms[b]
        if left.quantity or right.quantity or names.word_score(left.text, right.text) >= _ONE_NAME:
            continue
        yield _became(reading, _exchange(reading.left, left, right), left, right)


def _exchange(claim: Claim, left: Term, right: Term) -> str:
    """Return which check an exchanged word belongs to."""
    if left.kind == right.kind == "name":
        return "name"
    if _other_senses(left) & right.concepts:
        return "back-translation"
    beside = (mark.start - _BESIDE <= left.end and left.start <= mark.end + _BESIDE for mark in claim.of("source"))
    return "attribution" if any(beside) else "replaced"


def _in_its_place(reading: Reading, a: int) -> int | None:
    """Return the left-over term of the right text that stands between the matches of a left-over term's neighbours.

    At either end of the texts one neighbour is enough.
    """
    before, after = reading.to_right.get(a - 1), reading.to_right.get(a + 1)
    if a in reading.to_right or not (before or after):
        return None
    b = before.right + 1 if before else after.right - 1 if after else 0
    ours, theirs = len(reading.left.terms), len(reading.right.terms)
    if not 0 <= b < theirs or b in reading.to_left:
        return None
    between = before is not None and after is not None and after.right == b + 1
    starts = before is None and a == 0 == b
    ends = after is None and a == ours - 1 and b == theirs - 1
    return b if between or starts or ends else None


def senses(reading: Reading) -> Iterator[Evidence]:
    """Yield words over languages that stand for two senses of one word: what a back-translation confuses."""
    if reading.one_language:
        return
    theirs = [n for n, term in enumerate(reading.right.terms) if term.concepts and n not in reading.to_left]
    for a, left in enumerate(reading.left.terms):
        others = _other_senses(left) if a not in reading.to_right else frozenset()
        for b in theirs if others else ():
            right = reading.right.terms[b]
            confused = others & right.concepts and not left.concepts & right.concepts
            if confused and reading.distance(a, b) <= _NEAR:
                says = f"“{left.text}” and “{right.text}” are senses of one word"
                yield reading.evidence("back-translation", says, left, right)
                break


def _other_senses(term: Term) -> frozenset[int]:
    """Return the other senses of the homonyms that a term may be."""
    known = concepts.lexicon().senses
    return frozenset(other for sense in term.concepts for other in known.get(sense, ()))
