"""Anyone's pictures: odd ones come through, useless ones are skipped and counted."""

import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from tfgan_models.data import folder as folder_module
from tfgan_models.data.folder_files import choose, in_test, list_files
from tfgan_models.data.picture import fit, read_picture
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError


def save(path, color="red", size=(20, 20), mode="RGB", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, color).save(path, **options)
    return path


def both(source, cache, **options):
    """Both splits together: images and labels by order, and the sets themselves."""
    options = {"image_size": 8, "cache_dir": str(cache), **options}
    return [load(source, split, **options) for split in ("train", "test")]


def huge_png() -> bytes:
    """A few bytes that claim 60,000 × 60,000 pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def cut_jpeg() -> bytes:
    """The first half of a picture: its header is whole."""
    whole = io.BytesIO()
    noise = np.random.RandomState(0).randint(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(whole, "JPEG")
    return whole.getvalue()[: len(whole.getvalue()) // 2]


def one(path, channels=3, size=4, crop=None):
    return read_picture(path, size, channels, crop)


# One picture


def test_a_palette_with_transparency_is_laid_over_white(tmp_path):
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 255, 0, 0] + [0] * 762)
    image.paste(0, (0, 0, 8, 4))
    image.save(tmp_path / "a.png", transparency=0)
    pixels = one(tmp_path / "a.png", size=8)
    assert pixels[0, 0].tolist() == [255, 255, 255] and pixels[7, 7].tolist() == [255, 0, 0]


def test_half_transparent_red_is_pink(tmp_path):
    save(tmp_path / "a.png", (255, 0, 0, 128), mode="RGBA")
    assert one(tmp_path / "a.png")[0, 0].tolist() == [255, 127, 127]
    save(tmp_path / "b.png", (0, 128), mode="LA")
    assert one(tmp_path / "b.png", channels=1)[0, 0].tolist() == [127]


def test_cmyk(tmp_path):
    save(tmp_path / "a.jpg", (0, 255, 255, 0), mode="CMYK")
    red, green, blue = one(tmp_path / "a.jpg")[0, 0].astype(int)
    assert red > 240 and green < 15 and blue < 15


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (257 * 100, 100), (65535, 255)])
def test_sixteen_bits_are_scaled_rather_than_clipped(tmp_path, value, expected):
    Image.fromarray(np.full((6, 6), value, np.uint16)).save(tmp_path / "a.png")
    assert one(tmp_path / "a.png", channels=1)[0, 0, 0] == expected


def test_floats_and_bits(tmp_path):
    Image.fromarray(np.full((6, 6), 0.5, np.float32)).save(tmp_path / "a.tif")
    assert one(tmp_path / "a.tif", channels=1)[0, 0, 0] == 128
    save(tmp_path / "b.png", 1, mode="1")
    assert one(tmp_path / "b.png", channels=1)[0, 0, 0] == 255


def test_exif_orientation_is_applied(tmp_path):
    image = Image.new("RGB", (8, 8), "black")
    image.paste("white", (0, 0, 4, 8))  # White at the left; turned clockwise it is white at the top.
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.png", exif=exif)
    pixels = one(tmp_path / "a.png", channels=1, size=8)
    assert pixels[:4].min() == 255 and pixels[4:].max() == 0


def test_the_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("RGB", (8, 8), color) for color in ("blue", "red")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert one(tmp_path / "a.gif")[0, 0].tolist() == [0, 0, 255]


def test_a_single_pixel_is_enlarged(tmp_path):
    save(tmp_path / "a.png", (10, 20, 30), size=(1, 1))
    np.testing.assert_array_equal(one(tmp_path / "a.png", size=16), np.full((16, 16, 3), [10, 20, 30]))


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_fine_checkerboard_becomes_grey(tmp_path, suffix):
    board = (np.indices((512, 512)).sum(0) % 2 * 255).astype(np.uint8)
    Image.fromarray(board).save(tmp_path / f"a.{suffix}", **({"quality": 100} if suffix == "jpg" else {}))
    pixels = one(tmp_path / f"a.{suffix}", channels=1, size=64)[4:-4, 4:-4].astype(int)
    assert np.abs(pixels - 127.5).max() < 3


def test_crop_cuts_the_middle_before_resizing():
    values = np.zeros((218, 178), np.uint8)
    values[39:179, 19:159] = 255
    image = Image.fromarray(values)
    assert fit(image, 70, 1, crop=140).min() == 255
    assert fit(image, 70, 1, crop=144).min() < 255
    # Larger than the picture: clamped to its shorter side, which is what no crop does too.
    np.testing.assert_array_equal(fit(image, 70, 1, crop=500), fit(image, 70, 1))
    assert fit(image, 70, 1).shape == (70, 70, 1)


def test_grey_and_colour_are_converted():
    grey = fit(Image.new("L", (8, 8), 77), 8, 3)
    assert grey.shape == (8, 8, 3) and (grey == 77).all()
    assert fit(Image.new("RGB", (8, 8), "white"), 8, 1).shape == (8, 8, 1)


def test_a_large_jpeg_is_the_same_picture_when_decoded_small(tmp_path):
    ramp = np.linspace(0, 255, 1600).astype(np.uint8)
    Image.fromarray(np.broadcast_to(ramp, (1600, 1600))).save(tmp_path / "a.jpg", quality=95)
    by_draft = one(tmp_path / "a.jpg", channels=1, size=32).astype(int)
    in_full = one(tmp_path / "a.jpg", channels=1, size=32, crop=1600).astype(int)
    assert np.abs(by_draft - in_full).max() <= 2


# A folder


def test_sub_folders_are_labels(tmp_path):
    root = tmp_path / "pets"
    for i in range(12):
        save(root / "dogs" / f"{i}.png", "black")
        save(root / "cats" / "deeper" / "still" / f"{i}.png", "white")
    (root / "notes").mkdir()
    (root / "notes" / "about.txt").write_text("no picture here")
    for data in both(f"folder:{root}", tmp_path / "cache"):
        assert data.name == "folder-pets"
        assert data.label_names == ("cats", "dogs")
        np.testing.assert_array_equal(data.labels == 0, data.images[:, 0, 0, 0] == 255)
        assert data.labels.dtype == np.int32 and data.attributes is None


def test_a_label_whose_name_is_no_utf_8_can_be_written_and_drawn(tmp_path):
    root = tmp_path / "in"
    for name in (b"caf\xe9", b"caf\xe8", "caf\u00e9".encode()):
        for i in range(4):
            save(root / os.fsdecode(name) / f"{i}.png")
    train, _ = both(f"folder:{root}", tmp_path / "cache")
    assert sorted(train.label_names) == ["caf\\xe8", "caf\\xe9", "caf\u00e9"]
    assert set(train.labels) == {0, 1, 2}


def test_pictures_beside_the_folders_mean_no_labels(tmp_path):
    for i in range(5):
        save(tmp_path / "in" / "a" / f"{i}.png")
        save(tmp_path / "in" / f"{i}.png")
    train, _ = both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")
    assert train.labels is None and train.label_names == ()


def test_every_picture_is_in_one_split_and_stays_there(tmp_path):
    paths = tuple(f"{i:04}.jpg" for i in range(2000))
    train, test = choose(paths, "train"), choose(paths, "test")
    assert sorted(train + test) == sorted(paths)
    assert abs(len(test) - 200) < 4 * np.sqrt(2000 * 0.1 * 0.9)
    assert set(test) == {path for path in paths if in_test(path)}
    more = (*paths, *(f"new{i}.jpg" for i in range(500)))
    assert set(test) <= set(choose(more, "test")) and set(train) <= set(choose(more, "train"))
    for few in (2, 3):
        assert {len(choose(paths[i : i + few], "test")) for i in range(200)} <= {1, 2}
        assert all(choose(paths[i : i + few], "train") for i in range(200))


def test_grey_folders_stay_grey_unless_one_picture_has_colour(tmp_path):
    for i in range(6):
        save(tmp_path / "in" / f"{i}.png", 100, mode="L")
    assert [data.images.shape[-1] for data in both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")] == [1, 1]
    train, _ = both(f"folder:{tmp_path / 'in'}", tmp_path / "cache", channels=3)
    assert train.images.shape[-1] == 3
    save(tmp_path / "in" / "colour.png")
    assert [data.images.shape[-1] for data in both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")] == [3, 3]


def test_of_several_names_of_a_picture_one_counts(tmp_path, capsys):
    root = tmp_path / "in"
    for i in range(12):
        save(root / "b" / f"{i}.png", (i, i, 9))
        (root / "a").mkdir(exist_ok=True)
        os.symlink(f"../b/{i}.png", root / "a" / f"{i}.png")
    os.link(root / "b" / "0.png", root / "b" / "zero.png")
    train, test = both(f"folder:{root}", tmp_path / "cache")
    kinds = [set(data.images[:, 0, 0, 0].tolist()) for data in (train, test)]
    assert not kinds[0] & kinds[1]
    assert len(train.images) + len(test.images) == 12
    assert train.label_names == ("b",)
    printed = capsys.readouterr().err
    assert "further links to files that are there already (first: 'a/" in printed
    assert sum(int(line.split("skipped ")[1].split()[0]) for line in printed.strip().splitlines()) == 13


def test_links_in_place_of_copies_are_noticed(tmp_path):
    """Though a folder's names, sizes and times stay as they were."""
    root = tmp_path / "in"
    for name in ("a", "b"):
        for i in range(4):
            path = save(root / name / f"{i}.png", (i, i, 9))
            os.utime(path, (1e9, 1e9))
    assert sum(len(data.images) for data in both(f"folder:{root}", tmp_path / "cache")) == 8
    for i in range(4):
        (root / "b" / f"{i}.png").unlink()
        os.link(root / "a" / f"{i}.png", root / "b" / f"{i}.png")
    assert sum(len(data.images) for data in both(f"folder:{root}", tmp_path / "cache")) == 4


def test_useless_files_are_skipped_and_counted(tmp_path, capsys):
    root = tmp_path / "in"
    for i in range(20):
        save(root / f"{i:02}.png")
    (root / "cut.jpg").write_bytes(cut_jpeg())
    (root / "text.jpg").write_text("this is not a picture")
    (root / "empty.png").write_bytes(b"")
    (root / "huge.png").write_bytes(huge_png())
    (root / ".hidden.png").write_bytes(b"not looked at")
    os.symlink(root / "nowhere.png", root / "broken-link.png")
    os.mkfifo(root / "pipe.png")
    train, test = both(f"folder:{root}", tmp_path / "cache")
    assert len(train.images) + len(test.images) == 20
    printed = capsys.readouterr().err.strip().splitlines()
    skipped = [int(line.split("skipped ")[1].split()[0]) for line in printed]
    assert sum(skipped) == 5 and len(printed) <= 2
    text = " ".join(printed)
    for reason in (
        "damaged (first: 'broken-link.png')",
        "not pictures (first: 'empty.png')",
        "over 100 megapixels (first: 'huge.png')",
    ):
        assert reason in text


def test_a_large_picture_neither_warns_nor_raises(tmp_path):
    # Between one and two times Pillow's own limit it would warn, above it would raise.
    for i in range(4):
        save(tmp_path / "in" / f"{i}.png", 0, mode="L")
    save(tmp_path / "in" / "large.png", 0, mode="1", size=(10_000, 9_500))
    train, test = both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")
    assert len(train.images) + len(test.images) == 5


def test_links_that_lead_back_up_end(tmp_path):
    save(tmp_path / "in" / "a" / "1.png")
    os.symlink(tmp_path / "in", tmp_path / "in" / "a" / "loop")
    os.symlink("self", tmp_path / "in" / "self")
    os.symlink(tmp_path / "other", tmp_path / "in" / "b")
    save(tmp_path / "other" / "2.png")
    found = [file.path for file in list_files(tmp_path / "in")]
    assert found == ["a/1.png", "b/2.png", "self"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda root: None, "No such file"),
        (lambda root: root.write_text("x"), "Not a directory"),
        (lambda root: root.mkdir(), "is empty"),
        (lambda root: (root.mkdir(), (root / "a.jpg").write_text("x")), "skipped 1 of 1 files: 1 not pictures"),
        (lambda root: save(root / "only.png"), "needs at least two pictures, it has 1"),
    ],
)
def test_folders_without_pictures(tmp_path, make, message):
    make(tmp_path / "in")
    with pytest.raises(InputError, match=message) as caught:
        both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")
    assert "\n" not in str(caught.value) and "folder:PATH" in str(caught.value)
    assert not list((tmp_path / "cache").glob("*"))


def test_skipped_files_are_reported_every_time(tmp_path, capsys):
    for i in range(12):
        save(tmp_path / "in" / f"{i:02}.png")
    (tmp_path / "in" / "cut.jpg").write_bytes(cut_jpeg())
    printed = []
    for _ in range(2):
        both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")
        printed.append(capsys.readouterr().err)
    split = "test" if in_test("cut.jpg") else "train"
    assert f"in, {split} split: skipped 1 of" in printed[0] and "1 damaged (first: 'cut.jpg')" in printed[0]
    assert printed[1] == printed[0]


def test_nothing_is_reported_of_a_folder_that_is_fine(tmp_path, capsys):
    for i in range(4):
        save(tmp_path / "in" / f"{i}.png")
    both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")
    assert capsys.readouterr().err == ""


# Damaged pictures and the splits


def eight(root, damaged):
    """Eight pictures of different levels, some of them cut; the levels of the others."""
    for i in range(8):
        if f"{i}.jpg" in damaged:
            root.mkdir(parents=True, exist_ok=True)
            (root / f"{i}.jpg").write_bytes(cut_jpeg())
        else:
            save(root / f"{i}.jpg", (30 * i,) * 3)
    return [30 * i for i in range(8) if f"{i}.jpg" not in damaged]


EIGHT = tuple(f"{i}.jpg" for i in range(8))
# In the order in which they fall to the test split.
RANKED = [*choose(EIGHT, "test"), *choose(EIGHT, "train")]


@pytest.mark.parametrize("damaged", [RANKED[:1], RANKED[:2], RANKED[:6], RANKED[1:7], RANKED[2:]], ids=len)
def test_a_split_whose_pictures_are_all_damaged_gets_others(tmp_path, capsys, damaged):
    root = tmp_path / "in"
    levels = eight(root, damaged)
    sets = both(f"folder:{root}", tmp_path / "cache")
    found = [[int(level) for level in np.rint(data.images.mean((1, 2, 3)))] for data in sets]
    assert all(found) and sorted(found[0] + found[1]) == levels
    printed = capsys.readouterr().err.splitlines()
    assert sum(int(line.split("skipped ")[1].split()[0]) for line in printed) == len(damaged)


@pytest.mark.parametrize("damaged", [[], RANKED[1:3], RANKED[1:7]], ids=len)
def test_a_split_with_a_readable_picture_stays_as_it_is(tmp_path, damaged):
    eight(tmp_path / "in", damaged)
    train, test = both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")
    assert len(test.images) == 1 and len(train.images) == 7 - len(damaged)
    assert round(test.images.mean()) == 30 * EIGHT.index(RANKED[0])


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_readable_pictures_are_refused(tmp_path, count):
    eight(tmp_path / "in", RANKED[: 8 - count])
    for split in ("train", "test"):
        with pytest.raises(InputError, match=rf"it has {count}; skipped {8 - count} of 8 files: .* damaged"):
            load(f"folder:{tmp_path / 'in'}", split, image_size=8, cache_dir=str(tmp_path / "cache"))
    assert not list((tmp_path / "cache").glob("*"))


# Attributes and the cache


def with_attributes(tmp_path, rows):
    for i in range(20):
        save(tmp_path / "in" / f"{i:02}.png", (10 * i, 0, 0))
    (tmp_path / "in" / "readme.txt").write_text("no picture, so it needs no row")
    file = tmp_path / "in" / "list_attr.txt"
    file.write_text(f"{len(rows)}\nBright Even\n" + "".join(f"{row}\n" for row in rows))
    return file


def test_attributes_are_matched_by_name(tmp_path):
    rows = [f"{i:02}.png {1 if i >= 10 else -1} {-1 if i % 2 else 1}" for i in reversed(range(25))]
    file = with_attributes(tmp_path, rows)
    for data in both(f"folder:{tmp_path / 'in'}", tmp_path / "cache", attributes=str(file)):
        number = data.images[:, 0, 0, 0] // 10
        assert data.attribute_names == ("Bright", "Even")
        assert data.attributes.dtype == np.uint8
        np.testing.assert_array_equal(data.attributes, np.stack([number >= 10, number % 2 == 0], 1))


def test_pictures_without_attributes(tmp_path):
    file = with_attributes(tmp_path, [f"{i:02}.png 1 1" for i in range(17)])
    with pytest.raises(InputError, match=r"3 of 20 pictures have no row .* the first is '17.png'"):
        both(f"folder:{tmp_path / 'in'}", tmp_path / "cache", attributes=str(file))


def test_pictures_are_decoded_once_until_something_changes(tmp_path, monkeypatch):
    decoded = []

    def counting(path, *arguments):
        decoded.append(path.name)
        return read_picture(path, *arguments)

    monkeypatch.setattr(folder_module, "read_picture", counting)
    file = with_attributes(tmp_path, [f"{i:02}.png 1 1" for i in range(20)])

    def count(**options):
        decoded.clear()
        both(f"folder:{tmp_path / 'in'}", tmp_path / "cache", **options)
        # For either split, one picture of both is tried beforehand.
        assert len(decoded) <= len(set(decoded)) + 4
        return len(set(decoded))

    assert count() == 20
    assert count() == 0
    assert count(image_size=16) == 20
    assert count(crop=10) == 20
    assert count(attributes=str(file)) == 20
    assert count(attributes=str(file)) == 0
    file.write_text(file.read_text().replace("00.png 1 1", "00.png 1 -1"))
    assert count(attributes=str(file)) == 20
    save(tmp_path / "in" / "00.png", "white", size=(31, 30))
    assert count() == 20
