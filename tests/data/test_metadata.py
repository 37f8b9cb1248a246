"""Damaged or oversized metadata cost no picture: whatever decodes is read, upright where its tag can be read."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from tests.data.pictures import both, cut_jpeg, save
from tfgan_models.data.picture import Unreadable, decode, read_header, read_picture

PIXELS = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
LARGE = 2**21  # more than Pillow lets a compressed text or profile become


def chunk(kind, data, checksum=None):
    checksum = zlib.crc32(kind + data) if checksum is None else checksum
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def with_chunk(path, added, before=b"IDAT"):
    """Write the picture as PNG, with a chunk before the first one of a name."""
    Image.fromarray(PIXELS).save(path)
    data = path.read_bytes()
    position = data.index(before) - 4
    path.write_bytes(data[:position] + added + data[position:])
    return path


def exif(orientation=6):
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x011A] = 72.0
    return tags.tobytes()


TEXT = b"Comment\0\0" + zlib.compress(bytes(LARGE))
CHUNKS = {
    "a large compressed text": chunk(b"zTXt", TEXT),
    "a large international text": chunk(b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(bytes(LARGE))),
    "a large profile": chunk(b"iCCP", b"icc\0\0" + zlib.compress(bytes(LARGE))),
    "a wrong checksum of a text": chunk(b"tEXt", b"Comment\0text", checksum=1),
    "EXIF data that are none": chunk(b"eXIf", b"no tags at all"),
    "EXIF data that are cut": chunk(b"eXIf", b"MM\0*\0\0"),
}


@pytest.mark.parametrize("before", [b"IDAT", b"IEND"], ids=["before the pixels", "behind the pixels"])
@pytest.mark.parametrize("name", CHUNKS)
def test_a_png_with_broken_metadata_is_read(tmp_path, name, before):
    path = with_chunk(tmp_path / "a.png", CHUNKS[name], before)
    assert read_header(path).size == (16, 16)
    np.testing.assert_array_equal(read_picture(path, 16, 3), PIXELS)


@pytest.mark.parametrize("suffix", ["png", "webp", "jpg"])
def test_a_picture_with_malformed_exif_data_is_read(tmp_path, suffix):
    # No header of a TIFF file; and a tag that cannot be written again, so that Pillow cannot leave out another one.
    for number, damaged in enumerate((b"Exif\0\0MN\0*" + exif()[10:], exif()[:-6])):
        path = tmp_path / f"{number}.{suffix}"
        Image.fromarray(PIXELS).save(path, exif=damaged, **({"lossless": True} if suffix == "webp" else {}))
        assert read_picture(path, 16, 3).shape == (16, 16, 3)


def test_a_readable_tag_turns_a_picture_whose_other_tags_are_malformed(tmp_path):
    tags = bytearray(exif())
    position = tags.index(b"\x01\x1a")
    tags[position + 2 : position + 4] = b"\0\x09"  # The resolution becomes a whole number that lies elsewhere.
    tags[position + 4 : position + 8] = b"\0\0\0\2"
    Image.fromarray(PIXELS).save(tmp_path / "a.png", exif=bytes(tags))
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png", 16, 3), np.rot90(PIXELS, -1))


def test_the_tag_survives_when_other_metadata_are_left_out(tmp_path):
    path = with_chunk(tmp_path / "a.png", CHUNKS["a large profile"] + chunk(b"eXIf", exif()[6:]))
    np.testing.assert_array_equal(read_picture(path, 16, 3), np.rot90(PIXELS, -1))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_orientations_are_as_pillow_turns_them(tmp_path, orientation):
    from PIL import ImageOps

    Image.fromarray(PIXELS).save(tmp_path / "a.png", exif=exif(orientation))
    expected = ImageOps.exif_transpose(Image.open(tmp_path / "a.png"))
    np.testing.assert_array_equal(np.asarray(decode(tmp_path / "a.png")), np.asarray(expected))


def test_a_damaged_picture_is_still_damaged(tmp_path):
    (tmp_path / "a.jpg").write_bytes(cut_jpeg())
    whole = with_chunk(tmp_path / "b.png", CHUNKS["a large profile"]).read_bytes()
    (tmp_path / "b.png").write_bytes(whole[: whole.index(b"IDAT") + 40])
    for name in ("a.jpg", "b.png"):
        with pytest.raises(Unreadable, match="damaged"):
            read_picture(tmp_path / name, 16, 3)


def test_a_jpeg_reduced_to_its_pixels_is_the_same_picture(tmp_path):
    from tfgan_models.data.metadata import without_metadata

    for mode in ("RGB", "CMYK", "L"):
        path = tmp_path / f"{mode}.jpg"
        Image.fromarray(PIXELS).convert(mode).save(path, exif=exif(1), comment=b"text", icc_profile=bytes(90_000))
        bare = without_metadata(path)
        assert bare is not None and len(bare.getvalue()) < path.stat().st_size - 90_000
        np.testing.assert_array_equal(np.asarray(Image.open(bare)), np.asarray(Image.open(path)))


def test_a_set_stored_without_such_pictures_is_read_again(tmp_path, capsys):
    import json

    root = tmp_path / "in"
    for i in range(6):
        save(root / f"{i}.png", (40 * i, 0, 0))
    (train, _), folder = both(f"folder:{root}", tmp_path / "c"), tmp_path / "c"
    for about in folder.glob("*/about.json"):  # As an earlier version left it, which skipped such pictures.
        contents = json.loads(about.read_text())
        del contents["reader"]
        about.write_text(json.dumps(contents | {"report": "in, train split: skipped 1 of 6 files: 1 damaged (first"}))
    capsys.readouterr()
    again, _ = both(f"folder:{root}", tmp_path / "c")
    assert "skipped" not in capsys.readouterr().err
    np.testing.assert_array_equal(again.images, train.images)
