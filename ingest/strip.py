"""Named boilerplate strippers: text -> text and what was removed.

A stripper maps a text to the spans that are not its author's. A label (``labels``) takes whole lines, or starts of
short lines that are no sentence: a paragraph is never cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from ingest.labels import Line, labels, lines_of, matching, opening, opens, sentence, sets
from ingest.records import Edit, Step

_SHORT = 200  # code points: a label line, credit or headline is not longer
_HEAD = 14  # lines before the first sentence in which a masthead may stand
Span = tuple[int, int, str]  # start, end, what stands there instead

_END = re.compile(r"[.!?…;·:]['\"»”’)\]]*$")
_TAIL = " \t:-–—.…•|*#>→»«[]()›►▼▾+"


def _ends_plainly(line: str) -> bool:
    return bool(re.search(r"\.['\"»”’)\]]*$", line))


def _whole(key: str, known: frozenset[str]) -> bool:
    return key in known or key.strip(_TAIL) in known


_IMAGE = r"[\w\-]{1,120}\.(?:jpe?g|png|gif|webp|bmp|avif)"
_GLUED = re.compile(rf"(?<=[.!?…»”\"')])(?<!\.\.\.){_IMAGE}(?=\s|$)", re.IGNORECASE)
_ALONE = re.compile(rf"\[?(?:[\w\-/]{{1,200}}/)?{_IMAGE}\]?", re.IGNORECASE)


def _drop(line: Line) -> Span:
    return line.begin, line.end_of_line, ""


def image_names(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """File names of images, alone on a line or glued to the end of a sentence."""
    for line in lines_of(text):
        if len(line.text) < 240 and _ALONE.fullmatch(line.text):
            yield _drop(line)
        else:
            for found in _GLUED.finditer(text, line.start, line.end):
                yield found.start(), found.end(), ""


_RELATED_LINES = 12


def related(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """Read-also lines, and read-also labels with the headlines under them, quotations included."""
    known = sets(language)["related"]
    lines = list(lines_of(text))
    last = max((i for i, line in enumerate(lines) if _closes(line.text)), default=-1)
    skip = -1
    for i, line in enumerate(lines):
        if i <= skip:
            continue
        if len(line.text) <= 120 and _whole(line.key, known):
            skip = _headlines(lines, i, last)
            for gone in lines[i : skip + 1]:
                yield _drop(gone)
        elif len(line.text) <= 320 and (size := opens(line.text, language, "related", "related_openings")):
            rest = line.key.lstrip("#•*[(→►▶>-– ")[size:]
            colon = rest.lstrip()[:1] in (":", "–", "—", "-", "|", ">", "»", "→", "·")
            only = opens(line.text, language, "related_openings")
            phrase = " " in line.key[:size]
            if (colon and not _long(rest)) or ((only or phrase) and not _closes(line.text)):
                yield _drop(line)


def _long(rest: str) -> bool:
    return rest.count(". ") > 1


def _closes(line: str) -> bool:
    """Does this line close as running text does, with a full stop?"""
    return len(line) > 240 or (_ends_plainly(line) and len(line.split()) > 4)


_QUOTING = re.compile(r"[:–—]\s*[«“\"„]|[»”\"]\s*[,–—]")  # a name and what it says: a headline, no section heading


def _headlines(lines: Sequence[Line], at: int, last: int) -> int:
    """Index of the last headline under the label at ``at``.

    Inside an article only the first block under the label is taken, so that no section heading is lost.
    """
    end = at
    for i in range(at + 1, min(at + 1 + _RELATED_LINES, len(lines))):
        line = lines[i]
        if _closes(line.text) or len(line.text) > 240:
            break
        apart = lines[i].begin > lines[i - 1].end_of_line
        if at < last and apart and i > at + 1 and not _QUOTING.search(line.text):
            break
        end = i
    return end


def labelled(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """Lines that are nothing but a label of the site."""
    known = sets(language)["lines"]
    for line in lines_of(text):
        if len(line.text) <= 120 and _whole(line.key, known):
            yield _drop(line)


def notices(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """Lines that open as notices of the site do: rights, corrections, subscriptions to the paper."""
    for line in lines_of(text):
        if len(line.text) <= 600 and opens(line.text, language, "openings"):
            yield _drop(line)


def follow_lines(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """Share, subscribe and follow lines: an invitation that names a platform, or is no sentence."""
    platforms = opening(language, "platforms")
    for line in lines_of(text):
        if len(line.text) > 300:
            continue
        inviting = opens(line.text, language, "follow")
        if (inviting and (not _ends_plainly(line.text) or any(platforms.match(word) for word in _tails(line.key)))) or (
            not inviting and _platforms_only(line.key, sets(language)["platforms"])
        ):
            yield _drop(line)


def _tails(key: str) -> Iterator[str]:
    for found in re.finditer(r"\w+", key):
        yield key[found.start() : found.start() + 40]


def _platforms_only(key: str, platforms: frozenset[str]) -> bool:
    words = re.findall(r"\w+", key[:_SHORT])
    return bool(words) and len(key) < 100 and all(word in platforms for word in words) and len(max(words, key=len)) > 4


def credits_lines(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """Picture credits: a line that opens with a credit label and a colon, or closes with a slash and one."""
    pattern = opening(language, "credits")
    for line in lines_of(text):
        if len(line.text) > 300:
            continue
        key = line.key.lstrip("([*•📷 ")
        found = pattern.match(key)
        after = key[found.end() :].lstrip()[:1] if found else ""
        short = len(line.text) <= 120 and not _ends_plainly(line.text)
        if (
            (found and (after in (":", "©", "/", "|") or (short and len(key.split()) <= 8)))
            or (
                not sentence(line.text[:-1] + "x")
                and any(pattern.match(part.lstrip()) for part in re.split(r"[/|©]| [–—] ", key)[1:])
            )
            or (key.startswith(("©", "(c) ", "(с) ")) and not _closes(line.text))
        ):
            yield _drop(line)
        elif (at := credit_at(line.text)) is not None:
            yield line.start + at, line.end, ""


def credit_at(text: str) -> int | None:
    """Return where a credit ("Photo: ...") starts that ends this text after a sentence, None where there is none."""
    for found in re.finditer(r"(?<=[.!?»”)])\s+(?=\w[\w ]{2,24}:\s)", text[-120:]):
        tail = text[-120:][found.end() :]
        label = opening(None, "credits").match(matching(tail))
        if label and matching(tail)[label.end() :].lstrip()[:1] == ":" and not _ends_plainly(tail):
            return max(0, len(text) - 120) + found.start()
    return None


_INITIALS = re.compile(r"[^\W\d_]{2,4}(?:\s*[,/]\s*[^\W\d_]{2,4}){1,4}")


def initials(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """Initials of the desk, two or more in capitals, as the last line."""
    line = next(iter([*lines_of(text)][-1:]), None)
    if line and line.text.isupper() and _INITIALS.fullmatch(line.text[:60]) and line.start:
        yield _drop(line)


def field_lines(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """Lines such as "Tags: ..." or "Author: ...": a field's name, a colon, its value."""
    pattern = opening(language, "fields")
    for line in lines_of(text):
        if len(line.text) <= _SHORT and (found := pattern.match(line.key)):
            rest = line.key[found.end() :].lstrip()
            # "Editor: Why now?" is a question of an interview, not a field
            if not rest or (rest[0] in ":|" and not _closes(line.text) and not line.text.endswith(("?", "!"))):
                yield _drop(line)


def tag_strips(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """Lines of hashtags and nothing else."""
    for line in lines_of(text):
        if line.text[0] == "#" and len(line.text) < 600 and max(map(len, line.text.split("#"))) <= 60:
            words = line.text.split()
            tagged = sum(word.startswith("#") for word in words)
            if not _ends_plainly(line.text) and (tagged == len(words) or line.text.count("#") > 1):
                yield _drop(line)


_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:.]\d{2}(?!\d)")
_YEARED = re.compile(r"(?<!\d)(?:\d{1,2}[./\- ]\d{1,2}[./\- ](?:19|20)?\d\d|(?:19|20)\d\d)(?!\d)")


def counters(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """Counters of comments, views and minutes of reading: numbers and the words for what is counted, nothing else."""
    words = sets(language)["counted"]
    for line in lines_of(text):
        if len(line.text) > 80 or not any(c.isdigit() for c in line.text):
            continue
        rest = re.findall(r"[^\W\d_]+", line.key)
        if (rest and all(word in words for word in rest)) or re.fullmatch(r"[\d\s.,]{1,9}[kкm]?", line.key):
            yield _drop(line)


def date_lines(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """Lines that hold a date or time and nothing else but words of dates and sections."""
    known = sets(language)
    for line in lines_of(text):
        if len(line.text) > 120 or not (_CLOCK.search(line.text) or _YEARED.search(line.text)):
            continue
        if " | " in line.text and not any(map(str.isalpha, line.text)) and not _CLOCK.search(line.text):
            continue  # a row of a table of numbers
        if is_date_line(line.key, known["dated"] | known["sections"] | known["counted"]):
            yield _drop(line)


def is_date_line(key: str, words: frozenset[str]) -> bool:
    """Is every word of this line (matching form) a number or one of ``words``?"""
    parts = [part.strip() for part in re.split(r"[|•]| - ", key)]
    for part in parts:
        if part.strip(_TAIL) in words:
            continue
        if any(word not in words for word in re.findall(r"[^\W\d_]+", part)):
            return False
    return True


def tickers(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """Two or more lines in a row that are a time and a headline."""
    run: list[Line] = []
    for line in [*lines_of(text), None]:
        if line and len(line.text) <= _SHORT and re.match(r"\d{1,2}:\d{2}\b", line.text) and not _closes(line.text):
            run.append(line)
            continue
        if len(run) > 1:
            yield from map(_drop, run)
        run = []


def ad_markers(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """Lines of advertisements as the law marks them ("erid: ...") and of machines that leaked into the page."""
    known = labels(language).anywhere
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})")
    for line in lines_of(text):
        if len(line.text) <= 400 and pattern.search(line.key):
            yield _drop(line)


_SITE = re.compile(r"(?:www\.)?(?=.{4,80}$)[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)*\.[a-z]{2,18}/?", re.IGNORECASE)


def site_line(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """The address of the site alone on a line after the last sentence."""
    lines = list(lines_of(text))
    last = max((i for i, line in enumerate(lines) if _closes(line.text) and not _SITE.fullmatch(line.text)), default=-1)
    for line in lines[last + 1 :]:
        if _SITE.fullmatch(line.text) and not _ALONE.fullmatch(line.text):
            yield _drop(line)


def headline_again(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """The headline printed again, whole anywhere or cut short among the first lines."""
    if not title:
        return
    whole = matching(title).strip(_TAIL)
    for number, line in enumerate(lines_of(text)):
        if len(line.text) > 300:
            continue
        key = line.key.strip(_TAIL)
        if key == whole or (number < 6 and len(key) >= 6 and whole.startswith(key) and not whole[len(key)].isalnum()):
            yield _drop(line)


def repeated(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """A line of at least 40 code points that stood before, word for word."""
    seen: set[str] = set()
    for line in lines_of(text):
        if len(line.text) >= 40:
            if line.text in seen:
                yield _drop(line)
            seen.add(line.text)


def paragraphs(text: str, language: str | None, title: str | None) -> Iterator[Span]:
    """One blank line between paragraphs, none at the ends; lines wrapped at a width become one paragraph again."""
    lines = list(lines_of(text))
    if not lines:
        if text:
            yield 0, len(text), ""
        return
    wrapped = _wrapped(text, lines)
    if lines[0].start:
        yield 0, lines[0].start, ""
    for one, two in pairwise(lines):
        between = text[one.end : two.start]
        wanted = " " if wrapped and between.count("\n") == 1 else "\n\n"
        if between != wanted:
            yield one.end, two.start, wanted
    if lines[-1].end < len(text):
        yield lines[-1].end, len(text), ""


def _wrapped(text: str, lines: Sequence[Line]) -> bool:
    """Was this text wrapped at a width? Then most single line feeds stand inside a sentence, after longish lines."""
    joints = [one for one, two in pairwise(lines) if text.count("\n", one.end, two.start) == 1]
    inside = [line for line in joints if not _END.search(line.text) and 40 <= len(line.text) <= 100]
    return len(joints) >= 4 and len(inside) > 0.7 * len(joints)


Stripper = Callable[[str, str | None, str | None], Iterable[Span]]
STRIPPERS: dict[str, Stripper] = {
    "image_names": image_names,
    "headline_again": headline_again,
    "tickers": tickers,
    "related": related,
    "labels": labelled,
    "notices": notices,
    "follow": follow_lines,
    "credits": credits_lines,
    "fields": field_lines,
    "tags": tag_strips,
    "counters": counters,
    "dates": date_lines,
    "ads": ad_markers,
    "site": site_line,
    "initials": initials,
    "repeated": repeated,
    "paragraphs": paragraphs,
}


def strip(text: str, language: str | None = None, title: str | None = None) -> tuple[str, tuple[Step, ...]]:
    """Apply every stripper in order; return the text left and the steps that changed it.

    A ``language`` of None applies the labels of all languages. ``title`` is the headline, where known.
    """
    steps: list[Step] = []
    for name, stripper in STRIPPERS.items():
        text, step = apply(text, name, stripper(text, language, title))
        if step:
            steps.append(step)
    return text, tuple(steps)


def apply(text: str, name: str, spans: Iterable[Span]) -> tuple[str, Step | None]:
    """Replace the spans (in order, apart) and return the new text with the step, None when nothing changed."""
    pieces: list[str] = []
    edits: list[Edit] = []
    done = length = 0
    for start, end, inserted in spans:
        if start < done or text[start:end] == inserted:
            continue
        pieces += [text[done:start], inserted]
        length += start - done
        edits.append(Edit(at=length, removed=text[start:end], inserted=inserted))
        length += len(inserted)
        done = end
    if not edits:
        return text, None
    return "".join([*pieces, text[done:]]), Step(name=name, edits=tuple(edits))


def moved(start: int, end: int, steps: Iterable[Step]) -> tuple[int, int] | None:
    """Return where a span of the text before ``steps`` stands after them; None when one of them touched it."""
    for step in steps:
        shift = 0
        for edit in step.edits:
            at = edit.at - shift  # where the step found it
            if at >= end:
                break
            if at + len(edit.removed) > start:
                return None
            shift += len(edit.inserted) - len(edit.removed)
        start, end = start + shift, end + shift
    return start, end


def undo(text: str, steps: Sequence[Step]) -> str:
    """Return the text as it was before ``steps``. Raises ValueError when they are not steps of this text."""
    for step in reversed(steps):
        pieces: list[str] = []
        done = 0
        for edit in step.edits:
            if edit.at < done or not text.startswith(edit.inserted, edit.at):
                raise ValueError(f"step {step.name} was not made on this text (offset {edit.at})")
            pieces += [text[done : edit.at], edit.removed]
            done = edit.at + len(edit.inserted)
        text = "".join([*pieces, text[done:]])
    return text


def headline(text: str, language: str | None = None) -> tuple[str | None, str, tuple[Step, ...]]:
    """Take the headline from the front of a plain text: headline or None, the text after it, the steps.

    Labels and section names before it are removed as the step "masthead"; a line above a label that may be the site's
    name is no headline, but stays in the text, for nothing says that it is not the author's.
    """
    head: list[Line] = []
    for line in lines_of(text):
        if (sentence(line.text) and _closes(line.text)) or len(line.text) > 280 or len(head) >= _HEAD:
            break
        head.append(line)
    known = sets(language)
    names = known["lines"] | known["sections"] | known["related"]
    marks = [i for i, line in enumerate(head) if _whole(line.key, names)]
    after = marks[-1] + 1 if marks and all(len(line.text.split()) <= 6 for line in head[: marks[-1]]) else 0
    for i in range(after, len(head)):
        line = head[i]
        if i - after > 3 or i in marks:
            continue
        if _headlike(line.text) and not is_date_line(line.key, known["dated"] | known["sections"]):
            above, masthead = apply(text, "masthead", [_drop(head[mark]) for mark in marks if mark < i])
            shift = len(text) - len(above)
            below, taken = apply(above, "headline", [(line.begin - shift, line.end_of_line - shift, "")])
            if below.strip():
                return line.text, below, tuple(step for step in (masthead, taken) if step)
    text, masthead = apply(text, "masthead", [_drop(head[mark]) for mark in marks if mark < after])
    return None, text, (masthead,) if masthead else ()


def _headlike(line: str) -> bool:
    words = line.split()
    return (
        3 <= len(words) <= 40
        and len(line) <= 250
        and not _ends_plainly(line)
        and line[-1] not in ":;,"
        and not line.startswith(("http", "—", "- ", "–"))
        and not re.match(r"[^\s:]+(?: [^\s:]+)?: [«“\"A-ZА-ЯΑ-Ω].*\.$", line)
    )
