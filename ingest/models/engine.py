"""A package in memory: sentences to renderings, through the package's own tokenizer and CTranslate2."""

from __future__ import annotations

import math
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from ingest.errors import ModelError
from ingest.fold import storable

INPUT_TOKENS = 200  # a longer sentence is split: packages are trained on sentences, and cut silently at 1,024
OUTPUT_TOKENS = 256
BATCH_TOKENS = 1_024  # 768 take a fifth less memory and, at beam 2, a tenth more time
RECIPE = 1  # raised when the same package would render the same text otherwise: then nothing is taken from the memory

_LENGTH_PENALTY = 0.2  # argostranslate's own: what the packages are tuned for
_CLAUSE = re.compile(r"(?<=[;:·,])\s+|\s+(?=[–—]\s)")
# What a package would only garble goes around it: addresses, handles, hashtags.
VERBATIM = re.compile(r"(?:https?://|www\.)[^\s<>«»“”\"]*[\w/=&%#+-]|[\w.+-]+@[\w-]+\.[\w.-]*\w|(?<!\w)[@#]\w+")
_LETTER = re.compile(r"[^\W\d_]")


class Rendering(NamedTuple):
    """A translated text, its mean probability per token (0 to 1), and what the engine itself noticed."""

    text: str
    score: float
    flags: tuple[str, ...] = ()


class _Piece(NamedTuple):
    """A part of a sentence: its tokens, or nothing where it is copied as it stands. ``spaced``: after a space."""

    text: str
    spaced: bool
    tokens: list[str] | None = None
    torn: bool = False  # cut inside a word, because it is longer than an input may be


class Loaded:
    """A package in memory. ``threads`` are batches translated side by side, each on one core; 0 is all cores."""

    def __init__(self, path: Path, *, beam: int = 4, threads: int = 0) -> None:
        import ctranslate2

        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        try:
            self._package = _argos().Package(path)
            self._translator = ctranslate2.Translator(
                str(path / "model"), device="cpu", inter_threads=threads or cores, intra_threads=1
            )
            self._tokenizer = self._package.tokenizer
        except (OSError, RuntimeError, ValueError, AttributeError) as error:
            raise ModelError("model_invalid", str(path), str(error)) from error
        self._beam = beam

    def translate(self, texts: Sequence[str]) -> list[tuple[Rendering, ...]]:
        """Translate sentences, in order: for each what the beam ended with, best first.

        One above the input limit is split at clauses and joined again.
        """
        pieces = [list(self._pieces(text)) for text in texts]
        made = iter(self._render([piece.tokens for part in pieces for piece in part if piece.tokens]))
        return [_together([(piece, next(made) if piece.tokens else ()) for piece in part]) for part in pieces]

    def _render(self, tokens: list[list[str]]) -> list[tuple[Rendering, ...]]:
        prefix = self._package.target_prefix
        results = self._translator.translate_batch(
            tokens,
            target_prefix=[[prefix]] * len(tokens) if prefix else None,
            beam_size=self._beam,
            num_hypotheses=self._beam,  # they are there anyhow: asking for them costs nothing
            max_batch_size=BATCH_TOKENS,
            batch_type="tokens",
            max_input_length=0,
            max_decoding_length=OUTPUT_TOKENS,
            length_penalty=_LENGTH_PENALTY,
            replace_unknowns=True,
            return_scores=True,
        )
        return [
            tuple(self._rendering(*one, prefix) for one in zip(result.hypotheses, result.scores, strict=True))
            for result in results
        ]

    def _rendering(self, hypothesis: list[str], score: float, prefix: str) -> Rendering:
        length = len(hypothesis) + 1  # with the end of the sentence
        mean = math.exp(min(0.0, score * length**_LENGTH_PENALTY / length))
        pieces = hypothesis[1:] if prefix and hypothesis[:1] == [prefix] else hypothesis
        flags = ("output_limit",) if len(hypothesis) >= OUTPUT_TOKENS else ()
        return Rendering(storable(self._tokenizer.decode(pieces)).strip(), mean, flags)

    def _pieces(self, text: str) -> Iterator[_Piece]:
        """Yield what is translated and what is copied, in order; nothing of the text but whitespace is left out."""
        at = 0
        for match in [*VERBATIM.finditer(text), None]:
            between = text[at : match.start() if match else len(text)]
            if between.strip():
                spaced = between[0].isspace()
                if _LETTER.search(between):
                    yield from self._below_limit(between.strip(), spaced=spaced)
                else:
                    yield _Piece(between.strip(), spaced)
            if match:
                yield _Piece(match.group(), match.start() == 0 or text[match.start() - 1].isspace())
                at = match.end()

    def _below_limit(self, text: str, *, spaced: bool) -> Iterator[_Piece]:
        """Yield a text in parts below the input limit: cut at a clause near its middle, else at a space."""
        tokens: list[str] = self._tokenizer.encode(text)
        if len(tokens) <= INPUT_TOKENS:
            yield _Piece(text, spaced, tokens)
            return
        cuts = [match.start() for match in _CLAUSE.finditer(text)] or [m.start() for m in re.finditer(r"\s", text)]
        if cuts:
            cut = min(cuts, key=lambda at: abs(at - len(text) / 2))
            yield from self._below_limit(text[:cut].strip(), spaced=spaced)
            yield from self._below_limit(text[cut:].strip(), spaced=True)
        else:
            for at in range(0, len(tokens), INPUT_TOKENS):
                yield _Piece(text, spaced and at == 0, tokens[at : at + INPUT_TOKENS], torn=True)


def _together(parts: Sequence[tuple[_Piece, tuple[Rendering, ...]]]) -> tuple[Rendering, ...]:
    """Join the renderings of the pieces of a sentence, the n-th best of each; the score is the lowest of theirs."""
    flags = ("input_truncated",) if any(piece.torn for piece, _ in parts) else ()
    most = max((len(made) for _, made in parts), default=0)
    return tuple(_joined(parts, number, flags) for number in range(max(most, 1)))


def _joined(parts: Sequence[tuple[_Piece, tuple[Rendering, ...]]], number: int, flags: tuple[str, ...]) -> Rendering:
    text, score = "", 1.0
    for piece, made in parts:
        one = made[min(number, len(made) - 1)] if made else Rendering(piece.text, 1.0)
        text += f" {one.text}" if piece.spaced and text and one.text else one.text
        score, flags = min(score, one.score), (*flags, *one.flags)
    return Rendering(text, score, tuple(dict.fromkeys(flags)))


@cache
def _argos() -> ModuleType:
    """Import argostranslate's package reader. It makes folders for itself when imported: they are made in a temporary
    folder and go with it, so that nothing of it is found or left elsewhere."""
    with tempfile.TemporaryDirectory() as scratch:
        asked = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "ARGOS_PACKAGES_DIR")
        before = {name: os.environ.get(name) for name in asked}
        os.environ.update(dict.fromkeys(asked, scratch))
        try:
            from argostranslate import package
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
    module: ModuleType = package
    return module
