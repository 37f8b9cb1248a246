"""Single pictures are read as the pictures of the training were, by what the export's manifest records."""

import json

import numpy as np
import pytest
from PIL import Image

from tests.data.pictures import both
from tfgan_models.data.own_pictures import read_like_training
from tfgan_models.data.picture_folder import choose_reading, list_pictures, read_pictures
from tfgan_models.data.reading import DEPTHS, Reading
from tfgan_models.errors import InputError


def deep(number, high=4095, size=(12, 20)):
    random = np.random.default_rng(number)
    return Image.fromarray(random.integers(0, high + 1, size).astype(np.uint16))


def clear(number):
    pixels = np.random.default_rng(number).integers(200, 256, (12, 20, 4), np.uint8)
    pixels[:6, :, 3] = 0
    pixels[6:, :, :3] = 255
    pixels[6:, :, 3] = 255
    return Image.fromarray(pixels)


def opaque(number):
    return Image.fromarray(np.random.default_rng(number).integers(0, 256, (12, 20, 3), np.uint8))


def write(root, make, count=8):
    root.mkdir()
    for i in range(count):
        make(i).save(root / f"{i}.png")
    return sorted(root.iterdir())


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (deep, {}),
        (deep, {"range": (100, 900)}),
        (deep, {"fit": "pad", "channels": 3}),
        (clear, {}),
        (clear, {"background": "checker"}),
        (clear, {"channels": 4, "fit": "squeeze"}),
        (opaque, {"crop": 6}),
        (opaque, {"fit": "pad", "background": "1,2,3"}),
    ],
)
def test_single_pictures_are_those_of_the_training(tmp_path, make, options):
    paths = write(tmp_path / "in", make)
    train, test = both(f"folder:{tmp_path / 'in'}", tmp_path / "c", **options)
    manifest = json.loads(json.dumps({"image_shape": list(train.images.shape[1:]), **train.reading.manifest()}))
    trained = {image.tobytes() for data in (train, test) for image in data.images}
    for path in paths:  # One at a time, so that none has others to be compared with.
        (image,) = read_like_training([str(path)], manifest)
        assert image.dtype == np.float32 and image.min() >= -1 and image.max() <= 1
        assert np.rint((image + 1) * 127.5).astype(np.uint8).tobytes() in trained
    assert read_like_training(paths, manifest).shape == (8, *train.images.shape[1:])


def test_a_manifest_of_an_earlier_version_means_what_was_usual(tmp_path):
    write(tmp_path / "in", deep, 1)
    images = read_like_training([tmp_path / "in" / "0.png"], {"image_shape": [12, 12, 1], "crop": None})
    assert images.max() < -0.85  # 12 bits in 16 were nearly black.
    write(tmp_path / "clear", clear, 1)
    manifest = {"image_shape": [12, 12, 3], "crop": 10}
    assert read_like_training([tmp_path / "clear" / "0.png"], manifest).min() > 0.99


def test_a_depth_that_the_training_did_not_have_is_read_by_its_own_range(tmp_path):
    write(tmp_path / "in", deep, 2)
    manifest = {"image_shape": [12, 12, 1], **Reading(ranges={"uint8": (0, 255)}).manifest()}
    images = read_like_training(sorted((tmp_path / "in").iterdir()), manifest)
    assert images.min() < -0.9 and images.max() > 0.9


def read_with_range(path, ranges):
    return read_like_training([path], {"image_shape": [12, 12, 1], **Reading(ranges=ranges).manifest()})


def test_a_range_counts_for_the_depths_of_the_training_alone(tmp_path):
    write(tmp_path / "in", deep)
    train, _ = both(f"folder:{tmp_path / 'in'}", tmp_path / "c", range=(0, 4095))
    assert train.reading.ranges == {"uint16": (0, 4095)}
    (path,) = write(tmp_path / "ordinary", opaque, 1)
    np.testing.assert_array_equal(read_with_range(path, train.reading.ranges), read_with_range(path, {}))


def mask(number):
    return Image.fromarray(np.random.default_rng(number).integers(0, 2, (12, 20), np.uint8))


@pytest.mark.parametrize(
    ("make", "range_", "counts"),
    [
        (opaque, (0, 4095), False),
        (opaque, (-1, 1), False),
        (opaque, (0, 1), False),  # of floating-point pictures
        (opaque, (50, 200), True),
        (mask, (0, 1), True),
        (deep, (100, 900), True),
        (deep, (0, 2_000_000), False),
    ],
)
def test_earlier_exports_recorded_a_range_for_all_depths(tmp_path, make, range_, counts):
    (path,) = write(tmp_path / "in", make, 1)
    pixels = read_with_range(path, dict.fromkeys(DEPTHS, range_))
    depth = "uint16" if make is deep else "uint8"
    others = {"uint8": (0, 255)}  # which all exports have; a 16-bit picture without a range is read by its own
    np.testing.assert_array_equal(pixels, read_with_range(path, {depth: range_} if counts else others))
    assert pixels.max() - pixels.min() > 1


def test_no_pictures_are_an_empty_array():
    assert read_like_training([], {"image_shape": [8, 8, 3]}).shape == (0, 8, 8, 3)


def test_a_file_that_is_no_picture_is_named(tmp_path):
    (tmp_path / "me.jpg").write_text("no picture")
    with pytest.raises(InputError, match=r"me.jpg' cannot be read as a picture \(not pictures\): give another"):
        read_like_training([tmp_path / "me.jpg"], {"image_shape": [8, 8, 3]})
    with pytest.raises(InputError, match=r"nowhere.jpg' cannot be read as a picture \(there is no such file\): give"):
        read_like_training([tmp_path / "nowhere.jpg"], {"image_shape": [8, 8, 3]})
    with pytest.raises(InputError, match=r"' cannot be read as a picture \(it is a folder\): give another"):
        read_like_training([tmp_path], {"image_shape": [8, 8, 3]})


@pytest.mark.parametrize("values", [{"fit": "stretch"}, {"background": "pink"}, {"range": {"uint8": [3, 1]}}])
def test_a_manifest_with_values_that_no_export_has_is_refused(tmp_path, values):
    write(tmp_path / "in", opaque, 1)
    with pytest.raises(InputError):
        read_like_training([tmp_path / "in" / "0.png"], {"image_shape": [8, 8, 3], **values})


def test_originals_and_reconstructions_are_read_alike(tmp_path, capsys):
    write(tmp_path / "originals", lambda i: deep(i, 4095, (8, 8)))
    write(tmp_path / "images", lambda i: deep(i, 2000, (8, 8)))
    folders = {str(tmp_path / name): list_pictures(tmp_path / name) for name in ("images", "originals")}
    reading = choose_reading(folders)
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1 and "16-bit pictures have values from" in printed
    originals = np.stack(list(read_pictures(tmp_path / "originals", 1, reading=reading).values()))
    images = np.stack(list(read_pictures(tmp_path / "images", 1, reading=reading).values()))
    assert originals.max() > 250 and 110 < images.max() < 130
    assert choose_reading(folders, range=(0, 65535)).ranges == {"uint16": (0, 65535)}
    assert capsys.readouterr().err == ""


def test_measured_pictures_that_are_transparent_are_laid_over_what_shows_them(tmp_path, capsys):
    write(tmp_path / "images", lambda i: clear(i).crop((0, 0, 12, 12)))
    folder = {str(tmp_path / "images"): list_pictures(tmp_path / "images")}
    assert choose_reading(folder).background == "black"
    assert "8 of 8 pictures are transparent and were blended with black" in capsys.readouterr().err
    assert choose_reading(folder, "white").background == "white"
    with pytest.raises(InputError, match="background pink"):
        choose_reading(folder, "pink")
