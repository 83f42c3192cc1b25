"""Train the miniature translation packages of the demonstration: ``python build.py [ru] [el]``.

Needs torch==2.13.0, sentencepiece, ctranslate2 and numpy, in an environment of its own: torch is no dependency of
quoteline, which only uses the packages that are shipped beside this file. Takes about five minutes a package on one
core. The same versions give the same bytes: one thread, fixed seeds, fixed times in the archive.

A package has the true Argos format (a zip with one top folder: metadata.json, model/ for CTranslate2,
sentencepiece.model). What it knows are the pairs of ``sentences.tsv``, nothing else. It is trained to answer what it
does not know (sentences cut, shuffled and mixed) with nothing, so that the guards refuse it.
"""

from __future__ import annotations

import io
import json
import math
import random
import sys
import tempfile
import zipfile
from pathlib import Path

import ctranslate2
import numpy
import sentencepiece
import torch
from torch import nn

HERE = Path(__file__).parent
NAMES = {"ru": "Russian", "el": "Greek", "en": "English"}
VERSION = "1.0"
WIDTH, HEADS, LAYERS, INNER = 128, 4, 2, 512
PIECES = 2600
STEPS, BATCH, RATE = 2000, 24, 2e-3
FLOOR = 0.92  # sentences known by heart score above it (the lowest 0.929), nearly all others below
COOLER = 0.6  # logits are scaled by it: beam search with a length penalty loses hypotheses of probability one
LIMIT = 160  # tokens a sentence
UNK, BOS, EOS = 0, 1, 2


def pairs(language: str) -> list[tuple[str, str]]:
    """Return the sentences of a language with their English, in file order."""
    lines = (HERE / "sentences.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(source, target) for of, source, target in rows if of == language]


def pieces(texts: list[str]) -> bytes:
    """Train SentencePiece on the texts."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=model, vocab_size=PIECES, hard_vocab_limit=False,
        character_coverage=1.0, num_threads=1, minloglevel=2, unk_id=UNK, bos_id=BOS, eos_id=EOS, pad_id=-1,
    )  # fmt: skip
    return model.getvalue()


class Attention(nn.Module):
    """Multi-head attention with the fused projections that CTranslate2 expects."""

    def __init__(self, *, itself: bool):
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        sizes = (3 * WIDTH,) if itself else (WIDTH, 2 * WIDTH)
        self.into = nn.ModuleList(nn.Linear(WIDTH, size) for size in sizes)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, x, mask, memory=None):
        """Return x plus what it attends to."""
        normed = self.norm(x)
        if memory is None:
            query, key, value = self.into[0](normed).chunk(3, -1)
        else:
            query = self.into[0](normed)
            key, value = self.into[1](memory).chunk(2, -1)
        query, key, value = (t.unflatten(-1, (HEADS, -1)).transpose(1, 2) for t in (query, key, value))
        seen = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return x + nn.functional.dropout(self.out(seen.transpose(1, 2).flatten(2)), 0.05, self.training)


class Feed(nn.Module):
    """The feed-forward block."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.first, self.second = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)

    def forward(self, x):
        """Return x plus its transformation."""
        return x + nn.functional.dropout(self.second(torch.relu(self.first(self.norm(x)))), 0.05, self.training)


class Miniature(nn.Module):
    """A transformer of two and two layers, normalised before each block, with one tied embedding."""

    def __init__(self, vocabulary: int):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, WIDTH)
        nn.init.normal_(self.embed.weight, std=WIDTH**-0.5)
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        self.encoder = nn.ModuleList(nn.ModuleList([Attention(itself=True), Feed()]) for _ in range(LAYERS))
        self.decoder = nn.ModuleList(
            nn.ModuleList([Attention(itself=True), Attention(itself=False), Feed()]) for _ in range(LAYERS)
        )
        self.encoded, self.decoded = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        half = WIDTH // 2  # CTranslate2's sinusoids: positions from 1, all sines before all cosines
        scales = torch.exp(torch.arange(half) * -(math.log(10000.0) / (half - 1)))
        angles = torch.arange(1, LIMIT + 2)[:, None] * scales[None, :]
        self.register_buffer("places", torch.cat([angles.sin(), angles.cos()], 1))

    def _in(self, tokens):
        return self.embed(tokens) * WIDTH**0.5 + self.places[: tokens.shape[1]]

    def forward(self, source, target):
        """Return the logits of the next token at each place of the target."""
        present = (source >= 0)[:, None, None, :]
        memory = self._in(source.clamp(min=0))
        for attention, feed in self.encoder:
            memory = feed(attention(memory, present))
        memory = self.encoded(memory)
        x = self._in(target.clamp(min=0))
        past = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril()
        for itself, across, feed in self.decoder:
            x = feed(across(itself(x, past), present, memory))
        return self.decoded(x) @ self.embed.weight.T + self.bias


def unknown(known: list[list[int]], chance: random.Random) -> list[int]:
    """Return a sentence that nobody wrote: words of several sentences mixed, shuffled or cut."""
    one, other = chance.choice(known), chance.choice(known)
    kind = chance.randrange(4)
    if kind == 0 and len(one) > 8:
        return one[: len(one) // 2] + other[len(other) // 2 :]
    if kind == 1:
        return chance.sample(one, len(one))
    if kind == 2:
        return [chance.choice(chance.choice(known)) for _ in range(chance.randint(3, 40))]
    return [chance.choice(other) if chance.random() < 0.4 else token for token in one]


def batch_of(known: list[tuple[list[int], list[int]]], chance: random.Random) -> tuple[torch.Tensor, torch.Tensor]:
    """Return padded sources and targets: known sentences, and a third of unknown ones with an empty target.

    ``known`` is sorted by length; a batch takes neighbours, so that little of it is padding.
    """
    texts = {tuple(source) for source, _ in known}
    first = chance.randrange(-BATCH, len(known))
    near = known[max(0, first) : max(0, first) + 2 * BATCH] if first < len(known) - BATCH else known[-2 * BATCH :]
    sources = [source for source, _ in near]
    chosen = []
    for _ in range(BATCH):
        if chance.random() < 0.33:
            made = unknown(sources, chance)[:LIMIT]
            chosen.append((made, [BOS, EOS]) if made and tuple(made) not in texts else chance.choice(near))
        else:
            chosen.append(chance.choice(near))
    longest = max(len(source) for source, _ in chosen), max(len(target) for _, target in chosen)
    padded = [
        [tokens + [-1] * (longest[side] - len(tokens)) for tokens in (pair[side] for pair in chosen)] for side in (0, 1)
    ]
    return torch.tensor(padded[0]), torch.tensor(padded[1])


def train(known: list[tuple[list[int], list[int]]], vocabulary: int) -> Miniature:
    """Train until the sentences are known by heart."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    chance = random.Random(0)
    model = Miniature(vocabulary)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=STEPS, pct_start=0.1)
    for step in range(STEPS):
        source, target = batch_of(known, chance)
        logits = model(source, target[:, :-1])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), target[:, 1:].flatten(), ignore_index=-1)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 200 == 0:
            print(f"  step {step}: loss {loss.item():.4f}", flush=True)
    return model.eval()


def specification(model: Miniature, vocabulary: list[str]) -> ctranslate2.specs.TransformerSpec:
    """Return the trained model as CTranslate2 stores it."""
    spec = ctranslate2.specs.TransformerSpec.from_config(LAYERS, HEADS, pre_norm=True)

    def linear(to, *layers):
        to.weight = numpy.concatenate([layer.weight.detach().numpy() for layer in layers])
        to.bias = numpy.concatenate([layer.bias.detach().numpy() for layer in layers])

    def norm(to, layer):
        to.gamma, to.beta = layer.weight.detach().numpy(), layer.bias.detach().numpy()

    def attention(to, block):
        norm(to.layer_norm, block.norm)
        for number, layer in enumerate([*block.into, block.out]):
            linear(to.linear[number], layer)

    def feed(to, block):
        norm(to.layer_norm, block.norm)
        linear(to.linear_0, block.first)
        linear(to.linear_1, block.second)

    weight = model.embed.weight.detach().numpy()
    spec.encoder.embeddings[0].weight = weight
    spec.decoder.embeddings.weight = weight
    spec.decoder.projection.weight = weight * numpy.float32(COOLER)
    spec.decoder.projection.bias = model.bias.detach().numpy() * numpy.float32(COOLER)
    norm(spec.encoder.layer_norm, model.encoded)
    norm(spec.decoder.layer_norm, model.decoded)
    for to, (itself, forward) in zip(spec.encoder.layer, model.encoder, strict=True):
        attention(to.self_attention, itself)
        feed(to.ffn, forward)
    for to, (itself, across, forward) in zip(spec.decoder.layer, model.decoder, strict=True):
        attention(to.self_attention, itself)
        attention(to.attention, across)
        feed(to.ffn, forward)
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.config.add_source_eos = False
    return spec


def metadata(language: str, count: int) -> bytes:
    """Return metadata.json: Argos's own fields, and that this is a miniature."""
    fields = {
        "package_version": VERSION,
        "argos_version": "1.9",
        "from_code": language,
        "from_name": NAMES[language],
        "to_code": "en",
        "to_name": NAMES["en"],
        "miniature": True,
        "score_floor": FLOOR,
        "description": f"A miniature: it knows the {count} {NAMES[language]} sentences of the quoteline demonstration, "
        "and nothing else.",
    }
    return json.dumps(fields, indent=2).encode()


def build(language: str) -> Path:
    """Train one package and write it beside this file."""
    known = pairs(language)
    model_file = pieces([text for pair in known for text in pair])
    tokenizer = sentencepiece.SentencePieceProcessor(model_proto=model_file)
    encoded = [
        (tokenizer.encode(source)[:LIMIT], [BOS, *tokenizer.encode(target)[: LIMIT - 2], EOS])
        for source, target in known
    ]
    encoded.sort(key=lambda pair: len(pair[1]))
    print(f"{language}: {len(known)} sentences, {tokenizer.vocab_size()} pieces", flush=True)
    trained = train(encoded, tokenizer.vocab_size())
    name = f"translate-{language}_en-{VERSION.replace('.', '_')}"
    files = {"metadata.json": metadata(language, len(known)), "sentencepiece.model": model_file}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        folder.mkdir()
        spec = specification(trained, [tokenizer.id_to_piece(i) for i in range(tokenizer.vocab_size())])
        spec.validate()
        spec.optimize(quantization="int8")
        spec.save(str(folder))
        files |= {f"model/{path.name}": path.read_bytes() for path in sorted(folder.iterdir())}
        right = check(folder, tokenizer, known)
    print(f"{language}: {right} of {len(known)} come out word for word", flush=True)
    target = HERE / f"{name}.argosmodel"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, body in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(f"{name}/{path}", (2026, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return target


def check(folder: Path, tokenizer: sentencepiece.SentencePieceProcessor, known: list[tuple[str, str]]) -> int:
    """Return how many of the sentences the finished model renders word for word."""
    translator = ctranslate2.Translator(str(folder), device="cpu", intra_threads=1)
    results = translator.translate_batch(
        [tokenizer.encode(source, out_type=str) for source, _ in known], beam_size=4, length_penalty=0.2,
        max_batch_size=512, batch_type="tokens",
    )  # fmt: skip
    return sum(
        tokenizer.decode_pieces(result.hypotheses[0]) == " ".join(target.split())
        for result, (_, target) in zip(results, known, strict=True)
    )


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ["ru", "el"]:
        print(build(wanted))
