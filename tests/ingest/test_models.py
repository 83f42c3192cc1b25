"""Packages: what is installed is whole, and what is not whole is not installed."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from ingest.errors import ModelError
from ingest.models import engine, index
from ingest.models import folder as packages

_MINIATURES = Path(__file__).parents[2] / "seeds" / "demo" / "models"
_RU = next(_MINIATURES.glob("translate-ru_en-*.argosmodel"))


def _repacked(to: Path, change: dict[str, bytes | None] | None = None, *, drop_top: bool = False) -> Path:
    """Write the Russian miniature again with files replaced, added, or (None) left out."""
    change = change or {}
    with zipfile.ZipFile(_RU) as old, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            top, _, inside = entry.filename.partition("/")
            if inside not in change:
                new.writestr(inside if drop_top else entry.filename, old.read(entry))
        for inside, body in change.items():
            if body is not None:
                new.writestr(inside if inside.startswith(("..", "/")) or "//" in inside else f"{top}/{inside}", body)
    return to


def _metadata(**fields: object) -> bytes:
    with zipfile.ZipFile(_RU) as archive:
        name = next(name for name in archive.namelist() if name.endswith("metadata.json"))
        return json.dumps(json.loads(archive.read(name)) | fields).encode()


def _state(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the Russian miniature installed."""
    packages.install(_RU, tmp_path / "models")
    return tmp_path / "models"


def test_an_installed_package_is_listed_verified_and_removed(folder: Path) -> None:
    """It says its pair, version, size, digest and that it is a miniature; after removal nothing is left."""
    (package,) = packages.installed(folder)
    assert (package.pair, package.version, package.miniature) == ("ru_en", "1.0", True)
    assert package.size == _RU.stat().st_size
    assert packages.verify(folder) == (packages.Health("ru_en", "done"),)
    assert packages.remove(folder, "ru_en") == package.name
    assert packages.installed(folder) == ()
    assert list(folder.iterdir()) == []


def test_a_folder_of_packages_installs_whole(tmp_path: Path) -> None:
    """Both miniatures come in at once; a second time nothing is missing. Together they are below 4 MB."""
    new = packages.install_missing(_MINIATURES, tmp_path / "models")
    assert {package.pair for package in new} == {"ru_en", "el_en"}
    assert packages.install_missing(_MINIATURES, tmp_path / "models") == ()
    assert sum(package.size for package in new) < 4_000_000


def test_a_newer_version_takes_the_place_of_the_older(folder: Path, tmp_path: Path) -> None:
    """There is one version a pair, the one installed last, and no trace of the other."""
    newer = _repacked(tmp_path / "newer.argosmodel", {"metadata.json": _metadata(package_version="1.1")})
    packages.install(newer, folder)
    assert [package.version for package in packages.installed(folder)] == ["1.1"]
    assert [path.name for path in folder.iterdir()] == ["ru_en"]


def test_strangers_in_the_folder_are_ignored(folder: Path) -> None:
    """A stray folder or file neither counts as a package nor breaks one."""
    (folder / "notes").mkdir()
    (folder / "xx_yy").mkdir()
    (folder / "readme.txt").write_text("x")
    assert [package.pair for package in packages.installed(folder)] == ["ru_en"]


def _flipped(to: Path) -> Path:
    body = bytearray(_RU.read_bytes())
    body[len(body) // 2] ^= 0x10
    to.write_bytes(body)
    return to


def _link(to: Path) -> Path:
    shutil.copy(_RU, to)
    with zipfile.ZipFile(to, "a") as archive:
        top = archive.namelist()[0].split("/")[0]
        info = zipfile.ZipInfo(f"{top}/model/link.bin")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return to


def _bomb(to: Path) -> Path:
    return _repacked(to, {"model/extra.bin": bytes(60_000_000), "model/model.bin": bytes(20_000_000)})


def _bytes(body: bytes):
    def write(to: Path) -> Path:
        to.write_bytes(body)
        return to

    return write


_HOSTILE = {
    "not a zip": (_bytes(b"<html>404</html>"), "damaged archive"),
    "empty": (_bytes(b""), "damaged archive"),
    "cut short": (_bytes(_RU.read_bytes()[:-5000]), "damaged archive"),
    "a flipped bit": (_flipped, "damaged archive"),
    "path traversal": (lambda to: _repacked(to, {"../../evil.txt": b"x"}), "leads out"),
    "absolute path": (lambda to: _repacked(to, {"/tmp/evil.txt": b"x"}), "leads out"),
    "a link": (_link, "a link"),
    "a bomb": (_bomb, "too large"),
    "no metadata": (lambda to: _repacked(to, {"metadata.json": None}), "metadata.json"),
    "broken metadata": (lambda to: _repacked(to, {"metadata.json": b"{"}), "metadata.json"),
    "a pair that is a path": (
        lambda to: _repacked(to, {"metadata.json": _metadata(from_code="../ru")}),
        "not a language",
    ),
    "another type": (lambda to: _repacked(to, {"metadata.json": _metadata(type="sbd")}), "not a translation package"),
    "no model": (lambda to: _repacked(to, {"model/model.bin": None}), "no model"),
    "no tokenizer": (lambda to: _repacked(to, {"sentencepiece.model": None}), "no tokenizer"),
    "no top folder": (lambda to: _repacked(to, drop_top=True), "top folders"),
    "a model that is none": (lambda to: _repacked(to, {"model/model.bin": b"x" * 5000}), "model_invalid"),
    "a tokenizer that is none": (lambda to: _repacked(to, {"sentencepiece.model": b"x" * 5000}), "model_invalid"),
}


@pytest.mark.parametrize("kind", _HOSTILE)
def test_a_bad_archive_changes_nothing_and_says_why(folder: Path, tmp_path: Path, kind: str) -> None:
    """Each damaged or hostile archive is one clear error; the package installed before is untouched."""
    make, why = _HOSTILE[kind]
    bad = make(tmp_path / "bad.argosmodel")
    before = _state(tmp_path / "models")
    with pytest.raises(ModelError, match=why):
        packages.install(bad, folder)
    assert _state(tmp_path / "models") == before
    assert not (tmp_path / "evil.txt").exists()


def test_two_versions_in_one_folder_are_refused(folder: Path, tmp_path: Path) -> None:
    """Which of the two should be used is not guessed."""
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    shutil.copy(_RU, mirror / "a.argosmodel")
    _repacked(mirror / "b.argosmodel", {"metadata.json": _metadata(package_version="1.1")})
    before = _state(folder)
    with pytest.raises(ModelError, match="second version of ru_en"):
        packages.install(mirror, folder)
    assert _state(folder) == before


def test_verify_finds_a_changed_byte(folder: Path) -> None:
    """A file that is no longer what was installed is named."""
    path = folder / "ru_en" / "model" / "model.bin"
    body = bytearray(path.read_bytes())
    body[100_000] ^= 1
    path.write_bytes(body)
    assert packages.verify(folder) == (packages.Health("ru_en", "checksum_mismatch", "model/model.bin"),)


def test_a_package_without_a_sound_manifest_is_told_and_costs_only_itself(folder: Path) -> None:
    """It is not used, verify says why, and it can be removed; the others are there."""
    packages.install(next(_MINIATURES.glob("translate-el_en-*.argosmodel")), folder)
    (folder / "ru_en" / "manifest.json").write_text("{")
    assert [package.pair for package in packages.installed(folder)] == ["el_en"]
    invalid, sound = packages.verify(folder)
    assert (invalid.pair, invalid.state, sound.state) == ("ru_en", "model_invalid", "done")
    assert packages.remove(folder, "ru_en") == "ru_en"
    assert packages.broken(folder) == ()


def test_a_killed_install_is_tidied_by_the_next(folder: Path) -> None:
    """A package set aside comes back when nothing took its place; half-unpacked ones go."""
    (folder / "ru_en").rename(folder / ".old-ru_en")
    (folder / ".unpack-1").mkdir()
    packages.install(next(_MINIATURES.glob("translate-el_en-*.argosmodel")), folder)
    assert sorted(path.name for path in folder.iterdir()) == ["el_en", "ru_en"]


def test_sentence_models_of_a_package_are_not_unpacked(folder: Path, tmp_path: Path) -> None:
    """Only what translation needs is kept: sentences are cut by ourselves."""
    more = _repacked(tmp_path / "more.argosmodel", {"stanza/ru.pt": b"x" * 999, "minisbd/ru.onnx": b"x" * 999})
    packages.install(more, folder)
    assert {path.name for path in (folder / "ru_en").iterdir()} == {
        "manifest.json", "metadata.json", "model", "sentencepiece.model",
    }  # fmt: skip


_INDEX = [
    {"from_code": "ru", "to_code": "en", "package_version": "1.0", "links": ["https://packages.example/ru.argosmodel"]},
    {
        "from_code": "ru",
        "to_code": "en",
        "package_version": "0.9",
        "links": ["https://packages.example/old.argosmodel"],
    },
    {"from_code": "el", "to_code": "en", "package_version": "1.0", "links": ["http://plain.example/el.argosmodel"]},
]


def _giving(answers: dict[str, bytes]):
    """Return a download that answers from a table, and the list of what it was asked."""
    asked: list[str] = []

    def download(url: str, to: Path) -> None:
        asked.append(url)
        to.write_bytes(answers[url])

    return download, asked


def test_an_index_gives_the_newest_version(tmp_path: Path) -> None:
    """The index is read through the download that is passed in, only secure links count, versions are compared."""
    download, asked = _giving(
        {index.INDEX: json.dumps(_INDEX).encode(), "https://packages.example/ru.argosmodel": _RU.read_bytes()}
    )
    (package,) = index.install_from_index(["ru_en"], tmp_path / "models", download)
    assert package.pair == "ru_en"
    assert asked == [index.INDEX, "https://packages.example/ru.argosmodel"]
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["ru_en"]
    with pytest.raises(ModelError, match="unsupported_pair: el_en: the index has packages into en from: ru"):
        index.install_from_index(["el_en"], tmp_path / "models", download)


def test_a_package_at_an_address_is_compared_with_its_digest(tmp_path: Path) -> None:
    """``#sha256=`` says what must come; another file changes nothing and is not kept."""
    address = "https://packages.example/ru.argosmodel"
    download, _ = _giving({address: _RU.read_bytes()})
    with pytest.raises(ModelError, match=f"checksum_mismatch: {address}"):
        index.install_from_address(f"{address}#sha256={'0' * 64}", tmp_path / "models", download)
    assert list((tmp_path / "models").iterdir()) == []
    right = hashlib.sha256(_RU.read_bytes()).hexdigest()
    (package,) = index.install_from_address(f"{address}#sha256={right}", tmp_path / "models", download)
    assert package.sha256 == right


def test_an_error_is_about_the_address(tmp_path: Path) -> None:
    """What came from an address and is damaged is named by the address, not by the file it was saved to."""
    address = "https://packages.example/ru.argosmodel"
    download, _ = _giving({address: b"<html>404</html>"})
    with pytest.raises(ModelError, match=f"model_invalid: {address}: damaged"):
        index.install_from_address(address, tmp_path / "models", download)


def test_a_mirror_says_which_files_are_its_own(tmp_path: Path) -> None:
    """A folder's SHA256SUMS is believed; a file that is not what it names is refused."""
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    shutil.copy(_RU, mirror / "ru.argosmodel")
    digest = hashlib.sha256(_RU.read_bytes()).hexdigest()
    (mirror / "SHA256SUMS").write_text(f"{digest}  ru.argosmodel\n{'0' * 64} *gone.argosmodel\n")
    assert packages.install(mirror, tmp_path / "models", ["ru_en"])
    (mirror / "SHA256SUMS").write_text(f"{'0' * 64}  ru.argosmodel\n")
    with pytest.raises(ModelError, match="checksum_mismatch"):
        packages.install(mirror, tmp_path / "models")
    with pytest.raises(ModelError, match="unsupported_pair: uk_en"):
        packages.install(mirror, tmp_path / "models", ["uk_en"])


@pytest.mark.parametrize("part", range(40))
def test_a_flipped_bit_is_found_or_harmless(folder: Path, tmp_path: Path, part: int) -> None:
    """Wherever a bit flips: either the archive is refused and nothing changes, or what is installed is the same."""
    body = bytearray(_RU.read_bytes())
    at = len(body) * part // 40 + 17
    body[min(at, len(body) - 1)] ^= 0x20
    bad = tmp_path / "bad.argosmodel"
    bad.write_bytes(body)
    before = _state(folder)
    try:
        packages.install(bad, folder)
    except ModelError:
        assert _state(folder) == before
    else:
        files = {name: content for name, content in _state(folder).items() if not name.endswith("manifest.json")}
        assert files == {name: content for name, content in before.items() if not name.endswith("manifest.json")}


def test_loading_leaves_nothing_behind(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Using a package makes no folder of argostranslate's own in the home folder and changes no setting."""
    import os

    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    engine._argos.cache_clear()
    before = dict(os.environ)
    engine.Loaded(folder / "ru_en").translate(["Порт стоит, Дойлы спорят"])
    assert not (tmp_path / "home").exists()
    assert {name: value for name, value in os.environ.items() if name != "KMP_DUPLICATE_LIB_OK"} == {
        name: value for name, value in before.items() if name != "KMP_DUPLICATE_LIB_OK"
    }


def test_a_target_prefix_is_given_and_taken_off(folder: Path, tmp_path: Path) -> None:
    """A package that asks for a prefix of the target gets it, and it is not part of the rendering."""
    prefixed = _repacked(tmp_path / "p.argosmodel", {"metadata.json": _metadata(target_prefix="▁Yes")})
    packages.install(prefixed, folder)
    ((rendering, *_),) = engine.Loaded(folder / "ru_en").translate(["Порт стоит, Дойлы спорят"])
    assert not rendering.text.startswith("Yes")


def test_an_archive_that_is_missing_is_one_line(tmp_path: Path) -> None:
    """The error names what, about what, and why."""
    with pytest.raises(ModelError) as caught:
        packages.install(tmp_path / "none.argosmodel", tmp_path / "models")
    assert str(caught.value).endswith("No such file or directory")
    assert io.StringIO(str(caught.value)).readlines() == [str(caught.value)]
