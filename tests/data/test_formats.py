"""HEIC and AVIF are named with what to install, and read where it is installed."""

import sys
import types
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from tests.data.pictures import both, save
from tfgan_models.data import formats
from tfgan_models.data.findings import inspect_pictures
from tfgan_models.data.folder_files import read_headers
from tfgan_models.data.picture import Header
from tfgan_models.errors import InputError

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40)
AVIF = b"\0\0\0\x18ftypavif\0\0\0\0mif1miaf" + bytes(40)


class StandIn(ImageFile.ImageFile):
    """A format whose pictures are all of one color, in place of the plug-in's decoder."""

    format = "HEIF"

    def _open(self):
        self._size, self._mode = (12, 12), "RGB"

    def load(self):
        self.im = Image.new("RGB", self.size, (9, 200, 90)).im
        return Image.Image.load(self)


@pytest.fixture
def fresh():
    """Formats are looked up again in this test, and again after it."""
    formats.formats.cache_clear()
    yield
    Image.OPEN.pop("HEIF", None)
    if "HEIF" in Image.ID:
        Image.ID.remove("HEIF")
    formats.formats.cache_clear()


def plugin():
    module = types.ModuleType("pillow_heif")
    module.register_heif_opener = lambda: Image.register_open("HEIF", StandIn, lambda start: start[8:12] == b"heic")
    return module


def folder(root, content, suffix):
    for i in range(3):
        save(root / f"{i}.png", (0, 80 * i, 0))
    (root / f"photo.{suffix}").write_bytes(content)
    return f"folder:{root}"


@pytest.mark.parametrize(("suffix", "extra"), [("heic", "tfgan_models[heic]"), ("jpg", "tfgan_models[heic]")])
def test_heic_is_named_with_the_remedy(tmp_path, monkeypatch, fresh, capsys, suffix, extra):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    both(folder(tmp_path / "in", HEIC, suffix), tmp_path / "cache")
    assert (
        f"1 HEIC pictures, which need more: pip install '{extra}' (first: 'photo.{suffix}')" in capsys.readouterr().err
    )


def test_avif_that_pillow_cannot_read_is_named_with_the_remedy(tmp_path, monkeypatch, fresh, capsys):
    monkeypatch.setattr(Image, "ID", [name for name in Image.ID if name != "AVIF"])
    both(folder(tmp_path / "in", AVIF, "avif"), tmp_path / "cache")
    assert "1 AVIF pictures, which this Pillow cannot read: install" in capsys.readouterr().err


def test_a_folder_of_heic_alone_is_refused_with_the_remedy(tmp_path, monkeypatch, fresh):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    (tmp_path / "a.heic").write_bytes(HEIC)
    with pytest.raises(InputError, match=r"it has 0; skipped 1 of 1 files: 1 HEIC .*tfgan_models\[heic\]"):
        both(f"folder:{tmp_path}", tmp_path / "cache")


def test_heic_is_read_where_the_plugin_is_installed_also_in_a_folder_that_was_read_without(
    tmp_path, monkeypatch, fresh, capsys
):
    source = folder(tmp_path / "in", HEIC, "heic")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    assert sum(len(data.images) for data in both(source, tmp_path / "cache")) == 3
    capsys.readouterr()
    monkeypatch.setitem(sys.modules, "pillow_heif", plugin())
    formats.formats.cache_clear()
    read_headers.cache_clear()  # As in another process.
    train, test = both(source, tmp_path / "cache")
    images = [*train.images, *test.images]
    assert len(images) == 4 and [9, 200, 90] in [image[0, 0].tolist() for image in images]
    assert "skipped" not in capsys.readouterr().err
    assert all(len(data.images) + len(other.images) == 4 for data, other in [both(source, tmp_path / "cache")])


def test_the_installed_pillow_reads_avif(tmp_path):
    from PIL import features

    if not features.check("avif"):
        pytest.skip("this Pillow was built without AVIF")
    for i in range(3):
        save(tmp_path / "in" / f"{i}.avif", (250, 100 * i, 0))
    assert sum(len(data.images) for data in both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")) == 3


@pytest.mark.parametrize(
    ("name", "content", "advice"),
    [
        ("IM0001", bytes(128) + b"DICM" + bytes(20), "DICOM files: convert them"),
        ("photo.jpg", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "run git lfs pull"),
        ("photo.cr3", b"\0\0\0\x18ftypcrx " + bytes(60), "raw format: export them"),
        ("photo.RAF", b"FUJIFILMCCD-RAW 0201" + bytes(60), "raw format: export them"),
        ("photos.zip", b"PK\x03\x04" + bytes(60), "archives: unpack them"),
    ],
)
def test_known_files_that_are_no_pictures_are_named_with_the_remedy(tmp_path, capsys, name, content, advice):
    source = folder(tmp_path / "in", b"text", "txt")
    (tmp_path / "in" / name).write_bytes(content)
    both(source, tmp_path / "cache")
    assert advice in (printed := capsys.readouterr().err) and f"(first: {name!r})" in printed


def test_the_preview_in_a_raw_file_is_not_read(tmp_path, capsys):
    source = folder(tmp_path / "in", b"text", "txt")
    Image.new("RGB", (8, 8), "red").save(tmp_path / "in" / "photo.tif")
    (tmp_path / "in" / "photo.tif").rename(tmp_path / "in" / "photo.NEF")
    assert sum(len(split.images) for split in both(source, tmp_path / "cache")) == 3
    assert "1 pictures in a camera's raw format: export them as JPEG or TIFF" in capsys.readouterr().err


def test_avif_is_a_format_whose_sets_are_read_again_for_another_pillow():
    headers = [Header(False, (8, 8), format=name) for name in ("AVIF", "PNG", "HEIF")]
    assert inspect_pictures([Path("none")] * 3, headers, "in").plugins == ("AVIF", "HEIF")
