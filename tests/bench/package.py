"""A translation package of the true size with weights drawn at random: what it says is nonsense, what it costs is real.

The architecture is that of the public Argos packages (a transformer of six and six layers, 512 wide, 2,048 inside,
eight heads, about 32,000 pieces, int8). Sentences end by chance, after about as many tokens as a translation has.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import ctranslate2
import numpy
import sentencepiece

_END = 2  # the piece that ends a sentence
_STEEP = 60.0  # how fast the end becomes likely
LAYERS, HEADS, WIDTH, INNER, PIECES = 6, 8, 512, 2048, 32_000


def write(
    target: Path,
    texts: Iterable[str],
    *,
    pair: tuple[str, str] = ("ru", "en"),
    layers: int = LAYERS,
    heads: int = HEADS,
    width: int = WIDTH,
    inner: int = INNER,
    pieces: int = PIECES,
    length: float = 30.0,
    bpe: bool = False,
    extra: dict[str, bytes] | None = None,
) -> Path:
    """Write a package whose tokenizer is trained on ``texts``; its sentences have about ``length`` tokens.

    ``bpe`` makes one of the older kind, with Moses's words and subword-nmt's merges instead of SentencePiece.
    """
    tokenizer, vocabulary = _bpe(texts) if bpe else _pieces(texts, pieces)
    while len(vocabulary) < pieces:  # a small corpus has fewer pieces than a true package
        vocabulary.append(f"▁{len(vocabulary)}")
    name = f"translate-{pair[0]}_{pair[1]}-1_9"
    metadata = {
        "package_version": "1.9", "argos_version": "1.9.6", "from_code": pair[0], "from_name": pair[0],
        "to_code": pair[1], "to_name": pair[1], "target_prefix": "",
    }  # fmt: skip
    files = {"metadata.json": json.dumps(metadata).encode(), "README.md": b"Random weights.", **(extra or {})}
    files["bpe.model" if bpe else "sentencepiece.model"] = tokenizer
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        folder.mkdir()
        spec = _specification(vocabulary, layers, heads, width, inner, length)
        spec.validate()
        spec.optimize(quantization="int8")
        spec.save(str(folder))
        files |= {f"model/{path.name}": path.read_bytes() for path in sorted(folder.iterdir())}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path, body in sorted(files.items()):
            archive.writestr(f"{name}/{path}", body)
    return target


def _pieces(texts: Iterable[str], size: int) -> tuple[bytes, list[str]]:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=model, vocab_size=size, hard_vocab_limit=False,
        character_coverage=1.0, num_threads=1, minloglevel=2, unk_id=0, bos_id=1, eos_id=2, pad_id=-1,
    )  # fmt: skip
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    return model.getvalue(), [processor.id_to_piece(number) for number in range(processor.vocab_size())]


def _bpe(texts: Iterable[str]) -> tuple[bytes, list[str]]:
    """Return merges of the commonest neighbours of letters, and all pieces that can come of them."""
    words = {word for text in texts for word in text.split()}
    letters = sorted({letter for word in words for letter in word})
    merges = sorted({(word[0], word[1]) for word in words if len(word) > 2})[:500]
    pieces = [*letters, *(left + right for left, right in merges)]
    vocabulary = ["<unk>", "<s>", "</s>", *dict.fromkeys([*pieces, *(f"{piece}@@" for piece in pieces)])]
    return "\n".join(["#version: 0.2", *(f"{left} {right}" for left, right in merges), ""]).encode(), vocabulary


def _specification(
    vocabulary: list[str], layers: int, heads: int, width: int, inner: int, length: float
) -> ctranslate2.specs.TransformerSpec:
    draw = numpy.random.default_rng(0)
    spec = ctranslate2.specs.TransformerSpec.from_config(layers, heads, pre_norm=True)
    # One dimension of the decoder carries nothing but its place's sinusoid, which rises over two lengths of a sentence:
    # by it the end of the sentence becomes likely at about the wanted length, as it does in a trained model.
    rates = numpy.exp(numpy.arange(width // 2) * -(numpy.log(10_000.0) / (width // 2 - 1)))
    clock = int(numpy.argmin(numpy.abs(rates - numpy.pi / 4 / length)))

    def linear(to, out, into, *, residual=False):
        to.weight = draw.normal(0, into**-0.5, (out, into)).astype(numpy.float32)
        to.bias = numpy.zeros(out, numpy.float32)
        if residual:
            to.weight[clock] = 0

    def norm(to):
        to.gamma, to.beta = numpy.ones(width, numpy.float32), numpy.zeros(width, numpy.float32)

    def attention(to, sizes):
        norm(to.layer_norm)
        for number, size in enumerate(sizes):
            linear(to.linear[number], size, width, residual=number == len(sizes) - 1)

    def feed(to):
        norm(to.layer_norm)
        linear(to.linear_0, inner, width)
        linear(to.linear_1, width, inner, residual=True)

    for side in (spec.encoder, spec.decoder):
        embeddings = draw.normal(0, width**-0.5, (len(vocabulary), width)).astype(numpy.float32)
        embeddings[:, clock] = 0
        (spec.encoder.embeddings[0] if side is spec.encoder else spec.decoder.embeddings).weight = embeddings
        norm(side.layer_norm)
        for layer in side.layer:
            attention(layer.self_attention, (3 * width, width))
            if side is spec.decoder:
                attention(layer.attention, (width, 2 * width, width))
            feed(layer.ffn)
    linear(spec.decoder.projection, len(vocabulary), width)
    end = spec.decoder.projection
    end.weight[:, clock] = 0
    spread = float(numpy.sqrt(1 + 6.5 * layers))  # of the last state before it is normalised
    end.weight[_END, clock] = _STEEP * spread
    end.bias[_END] = numpy.sqrt(2 * numpy.log(len(vocabulary))) - _STEEP * numpy.sin(length * rates[clock])
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.config.add_source_eos = False
    return spec
