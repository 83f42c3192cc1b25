"""What a public index or a mirror offers, and installing from there, through a ``download`` that the caller passes in.

An index is a JSON list of packages' metadata, as argostranslate's is; a mirror may add ``sha256`` to its entries. An
address may end in ``#sha256=...``: then what comes from it must have that digest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from ingest import ids
from ingest.errors import ModelError
from ingest.models import folder as packages
from ingest.models.archive import pair_in
from ingest.models.package import Package, digest, is_language, pair_of

R = TypeVar("R")

INDEX = "https://raw.githubusercontent.com/argosopentech/argospm-index/main/index.json"
_LARGEST = 20_000_000  # bytes of an index; the public one has a hundredth
_UNFINISHED = ".download"  # in the folder of packages: where a download goes on after it was broken off

Download = Callable[[str, Path], None]  # from an address to a file, which is there when this returns


class Offer(NamedTuple):
    """A package of an index. ``sha256`` is empty when the index does not say it."""

    from_language: str
    to_language: str
    version: str
    link: str
    sha256: str = ""

    @property
    def pair(self) -> str:
        """The pair, as an installed package's folder would be named."""
        return pair_of(self.from_language, self.to_language)


def available(folder: Path, download: Download, index: str = INDEX) -> tuple[Offer, ...]:
    """Return what an index offers: the newest version of each pair, by pair. Raises ModelError."""
    with _downloaded(index, folder, download) as file:
        if file.stat().st_size > _LARGEST:
            raise ModelError("cannot read the index", index, f"larger than {_LARGEST:,} bytes")
        try:
            entries = msgspec.json.decode(file.read_bytes(), type=list[dict[str, Any]])
        except msgspec.DecodeError as error:
            raise ModelError("cannot read the index", index, str(error)) from error
    newest: dict[str, Offer] = {}
    for offer in filter(None, map(_offer, entries)):
        known = newest.get(offer.pair)
        if known is None or _version_key(offer.version) > _version_key(known.version):
            newest[offer.pair] = offer
    return tuple(newest[pair] for pair in sorted(newest))


def _offer(entry: dict[str, Any]) -> Offer | None:
    codes = entry.get("from_code"), entry.get("to_code")
    links = [link for link in entry.get("links") or [] if isinstance(link, str) and link.startswith("https://")]
    if not all(map(is_language, codes)) or not links or entry.get("type", "translate") != "translate":
        return None
    sha256 = entry.get("sha256")
    version = str(entry.get("package_version", ""))
    return Offer(str(codes[0]), str(codes[1]), version, links[0], sha256 if isinstance(sha256, str) else "")


def install_from_index(
    pairs: Sequence[str], folder: Path, download: Download, index: str = INDEX
) -> tuple[Package, ...]:
    """Install the packages of these pairs from an index. Raises ModelError, and changes nothing, when one fails."""
    offers = {offer.pair: offer for offer in available(folder, download, index)}
    for pair in pairs:
        if pair not in offers:
            target = pair.partition("_")[2]
            known = ", ".join(offer.from_language for offer in offers.values() if offer.to_language == target)
            raise ModelError("unsupported_pair", pair, f"the index has packages into {target} from: {known or 'none'}")
    with ExitStack() as stack:
        files = []
        for offer in map(offers.__getitem__, pairs):
            link = f"{offer.link}#sha256={offer.sha256}" if offer.sha256 else offer.link
            file = stack.enter_context(_downloaded(link, folder, download))
            if _naming(offer.link, pair_in, file) != offer.pair:
                raise ModelError("model_invalid", offer.link, "holds another pair than the index says")
            files.append(file)
        return packages.install_files(files, folder)


def install_from_address(address: str, folder: Path, download: Download) -> tuple[Package, ...]:
    """Install the package at an address. Raises ModelError, and changes nothing, when it cannot be."""
    with _downloaded(address, folder, download) as file:
        return _naming(address, packages.install_files, [file], folder)


def _naming(address: str, make: Callable[..., R], *arguments: object) -> R:
    """Call, and let an error be about the address, not about the file that it was downloaded to."""
    try:
        return make(*arguments)
    except ModelError as error:
        raise ModelError(error.what, address, error.why) from error


@contextmanager
def _downloaded(address: str, folder: Path, download: Download) -> Iterator[Path]:
    """Yield the file at an address; it goes afterwards. What was downloaded in part stays, for the next time."""
    url, _, said = address.partition("#sha256=")
    unfinished = folder / _UNFINISHED
    file = unfinished / ids.content_id("file", url)
    try:
        _save(url, file, download)
        if said and digest(file) != said.lower():
            raise ModelError("checksum_mismatch", url, "is not the file that was announced")
        yield file
    finally:
        file.unlink(missing_ok=True)
        if unfinished.is_dir() and not any(unfinished.iterdir()):
            unfinished.rmdir()


def _save(url: str, file: Path, download: Download) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        download(url, file)
    except OSError as error:
        raise ModelError("cannot download", url, error.strerror or str(error)) from error


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))
