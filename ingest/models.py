"""Translation packages: install, verify, list, load. A package is an Argos package (``*.argosmodel``).

Each pair of languages has one folder, ``<from>_<to>``, in the folder of packages, and so at most one version. It holds
the files of the package that translation needs and ``manifest.json`` (name, version, size, digests). A package is
unpacked beside, validated, tried on a sentence and renamed into place: a damaged or hostile archive changes nothing.

Nothing here reaches the network. What has to be downloaded comes through a ``download`` that the caller passes in.
argostranslate reads a package's metadata and tokenizer; it is never asked to install, to split or to translate, since
it installs without checks and may download sentence models in the middle of a translation.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import shutil
import stat
import tempfile
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import resources
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any, NamedTuple

import msgspec

from ingest.errors import ModelError

INDEX = "https://raw.githubusercontent.com/argosopentech/argospm-index/main/index.json"
MAX_BYTES = 4_000_000_000  # unpacked; the largest public package is below 500 MB
MAX_FILES = 2_000
MAX_RATIO = 200  # unpacked to packed: model weights hardly compress
INPUT_TOKENS = 200  # a longer sentence is split: packages are trained on sentences, and cut silently at 1,024
OUTPUT_TOKENS = 256
BATCH_TOKENS = 1_024

Download = Callable[[str], "bytes | Path"]

_CODE = re.compile(r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")
_PAIR_FOLDER = re.compile(r"^[A-Za-z-]{2,20}_[A-Za-z-]{2,20}$")
_USED = re.compile(r"^(metadata\.json|README\.md|LICENSE[\w.]*|sentencepiece\.model|bpe\.model|model/[\w.-]+)$")
_CLAUSE = re.compile(r"(?<=[;:·,])\s+|\s+(?=[–—]\s)")


class Package(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An installed package, as its manifest describes it. ``size`` in bytes and ``sha256`` are those of the archive.

    ``miniature`` packages know the sentences of a demonstration and nothing else. ``files`` are digests by path.
    """

    from_language: str
    to_language: str
    version: str
    size: int
    sha256: str
    miniature: bool = False
    description: str = ""
    score_floor: float = 0.0
    files: dict[str, str] = {}

    @property
    def pair(self) -> str:
        """The pair, which is the name of its folder: ``ru_en``."""
        return f"{self.from_language}_{self.to_language}"

    @property
    def name(self) -> str:
        """What translations name as their engine: pair, version and digest."""
        return f"argos {self.pair} {self.version} {self.sha256[:12]}"


class Health(NamedTuple):
    """Whether an installed package is as it was installed: state is done, checksum_mismatch or model_invalid."""

    pair: str
    state: str
    detail: str = ""


class Rendering(NamedTuple):
    """A translated text, its mean probability per token (0 to 1), and what the engine itself noticed."""

    text: str
    score: float
    flags: tuple[str, ...] = ()


class Offer(NamedTuple):
    """A package of an index."""

    from_language: str
    to_language: str
    version: str
    link: str


def installed(folder: Path) -> tuple[Package, ...]:
    """Return the installed packages, by pair. A folder that does not exist has none; strangers in it are ignored."""
    if not folder.is_dir():
        return ()
    found = []
    for path in sorted(folder.iterdir()):
        if _PAIR_FOLDER.match(path.name) and (path / "manifest.json").is_file():
            package = _manifest(path)
            if package.pair == path.name:
                found.append(package)
    return tuple(found)


def _manifest(path: Path) -> Package:
    try:
        return msgspec.json.decode((path / "manifest.json").read_bytes(), type=Package)
    except (OSError, msgspec.DecodeError) as error:
        raise ModelError("cannot read the manifest", str(path), str(error)) from error


def install(source: Path | str, folder: Path, download: Download | None = None) -> tuple[Package, ...]:
    """Install a package file, all packages of a folder, or a package from a URL (through ``download``).

    Raises ModelError, and changes nothing, when any of them cannot be installed.
    """
    if isinstance(source, str) and re.match(r"^https?://", source):
        if download is None:
            raise ModelError("cannot install", source, "no way to download was given")
        with _downloaded(download, source) as file:
            return _install([file], folder)
    path = Path(source)
    files = sorted(path.glob("*.argosmodel")) if path.is_dir() else [path]
    if not files:
        raise ModelError("cannot install", str(path), "no *.argosmodel in this folder")
    return _install(files, folder)


def install_missing(source: Path, folder: Path) -> tuple[Package, ...]:
    """Install from a folder those packages whose pair has none yet. Returns what is new."""
    have = {package.pair for package in installed(folder)}
    files = [file for file in sorted(source.glob("*.argosmodel")) if _pair_of(file) not in have]
    return _install(files, folder) if files else ()


def install_from_index(
    languages: Sequence[str], folder: Path, download: Download, index: str = INDEX, to: str = "en"
) -> tuple[Package, ...]:
    """Install packages from languages into ``to`` from a public index: the newest version of each pair."""
    offers = available(download, index)
    chosen = []
    for language in languages:
        fitting = [offer for offer in offers if (offer.from_language, offer.to_language) == (language, to)]
        if not fitting:
            known = ", ".join(sorted({offer.from_language for offer in offers if offer.to_language == to}))
            raise ModelError("unsupported_pair", f"{language}_{to}", f"the index has packages into {to} from: {known}")
        chosen.append(max(fitting, key=lambda offer: _version_key(offer.version)))
    with ExitStack() as stack:
        files = [stack.enter_context(_downloaded(download, offer.link)) for offer in chosen]
        for offer, file in zip(chosen, files, strict=True):
            if _pair_of(file) != f"{offer.from_language}_{offer.to_language}":
                raise ModelError("model_invalid", offer.link, "holds another pair than the index says")
        return _install(files, folder)


def available(download: Download, index: str = INDEX) -> tuple[Offer, ...]:
    """Return what an index offers (its format: a list of the packages' metadata)."""
    with _downloaded(download, index) as file:
        try:
            entries = msgspec.json.decode(file.read_bytes(), type=list[dict[str, Any]])
        except msgspec.DecodeError as error:
            raise ModelError("cannot read the index", index, str(error)) from error
    offers = []
    for entry in entries:
        codes = entry.get("from_code"), entry.get("to_code")
        links = [link for link in entry.get("links") or [] if isinstance(link, str) and link.startswith("https://")]
        if all(isinstance(code, str) and _CODE.match(code) for code in codes) and links:
            offers.append(Offer(str(codes[0]), str(codes[1]), str(entry.get("package_version", "")), links[0]))
    return tuple(offers)


def remove(folder: Path, pair: str) -> Package:
    """Remove the package of a pair (``ru_en``) and return what it was."""
    for package in installed(folder):
        if package.pair == pair.replace("-", "_", 1) or package.pair == pair:
            shutil.rmtree(folder / package.pair)
            return package
    raise ModelError("cannot remove", pair, "no such package is installed")


def verify(folder: Path) -> tuple[Health, ...]:
    """Compare every installed package with its manifest, and try it on a sentence."""
    found = []
    for package in installed(folder):
        path = folder / package.pair
        wrong = [name for name, digest in package.files.items() if _digest(path / name) != digest]
        if wrong:
            found.append(Health(package.pair, "checksum_mismatch", ", ".join(wrong)))
            continue
        try:
            _try(path, package)
        except ModelError as error:
            found.append(Health(package.pair, "model_invalid", error.why))
        else:
            found.append(Health(package.pair, "done"))
    return tuple(found)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


@contextmanager
def _downloaded(download: Download, url: str) -> Iterator[Path]:
    got = download(url)
    if isinstance(got, Path):
        yield got
        return
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "downloaded.argosmodel"
        path.write_bytes(got)
        yield path


def _install(files: Sequence[Path], folder: Path) -> tuple[Package, ...]:
    """Unpack and validate all, then rename all into place."""
    folder.mkdir(parents=True, exist_ok=True)
    _recover(folder)
    with tempfile.TemporaryDirectory(prefix=".unpack-", dir=folder) as scratch:
        ready: dict[str, tuple[Path, Package]] = {}
        for number, file in enumerate(files):
            beside = Path(scratch) / str(number)
            package = _unpack(file, beside)
            if package.pair in ready:
                raise ModelError("cannot install", str(file), f"a second version of {package.pair} is beside it")
            _try(beside, package)
            (beside / "manifest.json").write_bytes(msgspec.json.format(msgspec.json.encode(package), indent=2))
            ready[package.pair] = (beside, package)
        for pair, (beside, _) in ready.items():
            _into_place(beside, folder / pair)
    return tuple(package for _, package in ready.values())


def _into_place(beside: Path, place: Path) -> None:
    old = place.with_name(f".old-{place.name}")
    if place.exists():
        place.rename(old)
    beside.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _recover(folder: Path) -> None:
    """Undo what a killed install left: a package set aside returns, half-unpacked ones go."""
    for path in folder.iterdir():
        if path.name.startswith(".old-"):
            place = path.with_name(path.name.removeprefix(".old-"))
            shutil.rmtree(path) if place.exists() else path.rename(place)
        elif path.name.startswith(".unpack-"):
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive; everything that may be wrong with it becomes a ModelError."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ModelError("model_invalid", str(file), f"damaged archive: {error}") from error
    except OSError as error:
        raise ModelError("cannot install", str(file), error.strerror or str(error)) from error


def _entries(archive: zipfile.ZipFile, file: Path) -> dict[str, zipfile.ZipInfo]:
    """Return the files of an archive by their path below its one top folder, refusing everything suspicious."""
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        raise ModelError("model_invalid", str(file), f"more than {MAX_FILES} files")
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if unpacked > MAX_BYTES or unpacked > MAX_RATIO * max(packed, 1) + 1_000_000:
        raise ModelError("model_invalid", str(file), f"unpacks to {unpacked:,} bytes: too large for what it is")
    for entry in entries:
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or re.search(r"[\\:\x00-\x1f]", entry.filename):
            raise ModelError("model_invalid", str(file), f"a path that leads out of the package: {entry.filename!r}")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise ModelError("model_invalid", str(file), f"a link: {entry.filename!r}")
    tops = {PurePosixPath(entry.filename).parts[:1] for entry in entries}
    if len(tops) != 1:
        raise ModelError("model_invalid", str(file), f"{len(tops)} top folders instead of one")
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        inside = "/".join(PurePosixPath(entry.filename).parts[1:])
        if entry.is_dir():
            continue
        if not inside or inside in found:
            raise ModelError("model_invalid", str(file), f"a file without a place of its own: {entry.filename!r}")
        found[inside] = entry
    return found


def _metadata(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], file: Path) -> dict[str, Any]:
    entry = entries.get("metadata.json")
    if entry is None or entry.file_size > 1_000_000:
        raise ModelError("model_invalid", str(file), "no metadata.json of a sane size")
    try:
        fields = msgspec.json.decode(archive.read(entry), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise ModelError("model_invalid", str(file), f"metadata.json: {error}") from error
    for name in ("from_code", "to_code"):
        if not isinstance(fields.get(name), str) or not _CODE.match(fields[name]):
            raise ModelError("model_invalid", str(file), f"metadata.json: {name} is not a language")
    if fields.get("type", "translate") != "translate":
        raise ModelError("model_invalid", str(file), f"metadata.json: not a translation package: {fields['type']!r}")
    return fields


def _pair_of(file: Path) -> str:
    with _opened(file) as archive:
        fields = _metadata(archive, _entries(archive, file), file)
    return f"{fields['from_code']}_{fields['to_code']}"


def _unpack(file: Path, beside: Path) -> Package:
    """Unpack what translation needs (no sentence models: sentences are ours) and describe it."""
    with _opened(file) as archive:
        entries = _entries(archive, file)
        fields = _metadata(archive, entries, file)
        needed = {name: entry for name, entry in entries.items() if _USED.match(name)}
        if "model/model.bin" not in needed or not {"sentencepiece.model", "bpe.model"} & needed.keys():
            raise ModelError("model_invalid", str(file), "no model/model.bin, or no tokenizer")
        digests = {name: _copy(archive, entry, beside / name, file) for name, entry in needed.items()}
    return Package(
        from_language=fields["from_code"],
        to_language=fields["to_code"],
        version=str(fields.get("package_version") or "0"),
        size=file.stat().st_size,
        sha256=_digest(file),
        miniature=fields.get("miniature") is True,
        description=str(fields.get("description") or "")[:500],
        score_floor=_share(fields.get("score_floor")),
        files=digests,
    )


def _share(value: object) -> float:
    """Return a number from 0 to 1; 0 for anything else."""
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else 0.0


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path, file: Path) -> str:
    """Unpack one file, never more than it said, and return its digest."""
    to.parent.mkdir(parents=True, exist_ok=True)
    hashed, left = hashlib.sha256(), entry.file_size
    with archive.open(entry) as packed, to.open("wb") as out:
        while chunk := packed.read(1 << 20):
            left -= len(chunk)
            if left < 0:
                raise ModelError("model_invalid", str(file), f"{entry.filename} is larger than it says")
            hashed.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return hashed.hexdigest()


def _try(path: Path, package: Package) -> None:
    """Translate a sentence. A miniature may have nothing to say to it, but it must load and answer."""
    sentence = _trials().get(package.from_language, "1 2 3")
    try:
        rendering = Loaded(path).translate([sentence])[0]
    except ModelError:
        raise
    except Exception as error:  # foreign code on a foreign file: whatever it raises, the package is unusable
        raise ModelError("model_invalid", package.pair, f"cannot translate a test sentence: {error}") from error
    if not rendering.text and not package.miniature:
        raise ModelError("model_invalid", package.pair, "translates a test sentence into nothing")


@cache
def _trials() -> dict[str, str]:
    text = resources.files("ingest").joinpath("translation_guards.toml").read_text("utf-8")
    trials: dict[str, str] = tomllib.loads(text)["trial"]
    return trials


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


class Loaded:
    """A package in memory: its own tokenizer and target prefix, and its model in CTranslate2."""

    def __init__(self, path: Path, *, beam: int = 4, threads: int = 0) -> None:
        import ctranslate2

        try:
            self._package = _argos().Package(path)
            self._translator = ctranslate2.Translator(str(path / "model"), device="cpu", intra_threads=threads)
            self._tokenizer = self._package.tokenizer
        except (OSError, RuntimeError, ValueError, AttributeError) as error:
            raise ModelError("model_invalid", str(path), str(error)) from error
        self._beam = beam

    def translate(self, texts: Sequence[str]) -> list[Rendering]:
        """Translate sentences, in order. One above the input limit is split at clauses and joined again."""
        parts = [self._split(text) for text in texts]
        tokens = [piece for part in parts for piece in part]
        prefix = self._package.target_prefix
        results = self._translator.translate_batch(
            tokens,
            target_prefix=[[prefix]] * len(tokens) if prefix else None,
            beam_size=self._beam,
            max_batch_size=BATCH_TOKENS,
            batch_type="tokens",
            max_input_length=0,
            max_decoding_length=OUTPUT_TOKENS,
            length_penalty=_LENGTH_PENALTY,
            replace_unknowns=True,
            return_scores=True,
        )
        answers = iter([self._rendering(result.hypotheses[0], result.scores[0], prefix) for result in results])
        return [_together([next(answers) for _ in part]) for part in parts]

    def _rendering(self, hypothesis: list[str], score: float, prefix: str) -> Rendering:
        length = len(hypothesis) + 1  # with the end of the sentence
        mean = math.exp(min(0.0, score * length**_LENGTH_PENALTY / length))
        pieces = hypothesis[1:] if prefix and hypothesis[:1] == [prefix] else hypothesis
        flags = ("output_limit",) if len(hypothesis) >= OUTPUT_TOKENS else ()
        return Rendering(self._tokenizer.decode(pieces).strip(), mean, flags)

    def _split(self, text: str) -> list[list[str]]:
        """Return the tokens of a text in parts below the input limit."""
        tokens: list[str] = self._tokenizer.encode(text)
        if len(tokens) <= INPUT_TOKENS:
            return [tokens]
        middle = len(text) / 2
        cuts = [match.start() for match in _CLAUSE.finditer(text)] or [m.start() for m in re.finditer(r"\s", text)]
        inner = [cut for cut in cuts if 0 < cut < len(text) - 1]
        cut = min(inner, key=lambda at: abs(at - middle)) if inner else int(middle)
        if not text[:cut].strip() or not text[cut:].strip():
            return [tokens[at : at + INPUT_TOKENS] for at in range(0, len(tokens), INPUT_TOKENS)]
        return [*self._split(text[:cut].strip()), *self._split(text[cut:].strip())]


_LENGTH_PENALTY = 0.2  # argostranslate's own: what the packages are tuned for


def _together(renderings: list[Rendering]) -> Rendering:
    if len(renderings) == 1:
        return renderings[0]
    flags = tuple(dict.fromkeys(flag for rendering in renderings for flag in rendering.flags))
    text = " ".join(rendering.text for rendering in renderings if rendering.text)
    return Rendering(text, min(rendering.score for rendering in renderings), flags)


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))
