"""Pictures of any depth and range use all levels from black to white, by a range that their whole set has in common."""

import json

import numpy as np
import pytest
from PIL import Image

from tests.data.pictures import both
from tfgan_models.data.depth import choose_range, to_eight_bits
from tfgan_models.data.formats import formats
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError

COUNT = 12


def write(root, arrays, suffix="png"):
    root.mkdir(parents=True, exist_ok=True)
    for i, array in enumerate(arrays):
        image = array if isinstance(array, Image.Image) else Image.fromarray(array)
        image.save(root / f"{i:02}.{suffix}")
    return f"folder:{root}"


def ramps(dtype, low, high):
    """Pictures whose numbers rise from left to right, of each another part of what lies between low and high."""
    row = np.linspace(0, 1, 8)
    return [
        np.broadcast_to(low + (high - low) * (row * 0.5 + 0.5 * i / (COUNT - 1)), (8, 8)).astype(dtype)
        for i in range(COUNT)
    ]


def values(source, cache, **options):
    return np.concatenate([data.images for data in both(source, cache, **options)])


@pytest.mark.parametrize(
    ("dtype", "suffix", "low", "high", "range_"),
    [
        (np.uint16, "png", 0, 4095, "0 to 4095"),
        (np.uint16, "png", 1000, 1100, "1000 to 1100"),
        (np.int32, "tif", 0, 2_000_000_000, "0 to 2e+09"),
        (np.int32, "tif", -1000, 3000, "-1000 to 3000"),
        (np.float32, "tif", -3.5, 7.25, "-3.5 to 7.25"),
        (np.float32, "tif", 0.0, 0.001, "0 to 0.001"),
        (np.float32, "tif", 0.0, 1e9, "0 to 1e+09"),
        (np.uint8, "png", 0, 1, "0 to 1"),
        (np.uint8, "png", 0, 20, "0 to 20"),
    ],
)
def test_numbers_of_a_small_range_are_stretched_by_that_of_the_folder(
    tmp_path, capsys, dtype, suffix, low, high, range_
):
    arrays = ramps(dtype, low, high)
    images = values(write(tmp_path / "in", arrays, suffix), tmp_path / "c")
    assert images.min() == 0 and images.max() == 255
    printed = capsys.readouterr().err
    assert printed.count("stretched") == 1 and f"values from {range_}, which were stretched" in printed
    # Not picture by picture: the darkest picture is still darker than the brightest one.
    expected = sorted(np.rint((a.astype(float) - low) * 255 / (high - low)).mean() for a in arrays)
    np.testing.assert_allclose(sorted(image.mean() for image in images), expected, atol=1)


@pytest.mark.parametrize(
    ("dtype", "suffix", "low", "high", "black", "white"),
    [
        (np.uint16, "png", 0, 60000, 0, 233),
        (np.float32, "tif", 0.0, 0.9, 0, 230),
        (np.float32, "tif", -1.0, 1.0, 0, 255),
        (np.float32, "tif", 0.0, 200.0, 0, 200),
        (np.int32, "tif", 0, 65535, 0, 255),
        (np.uint8, "png", 40, 200, 40, 200),
        (np.uint8, "png", 90, 110, 90, 110),
    ],
)
def test_numbers_that_fill_a_usual_range_are_left_there(tmp_path, capsys, dtype, suffix, low, high, black, white):
    images = values(write(tmp_path / "in", ramps(dtype, low, high), suffix), tmp_path / "c")
    assert images.min() == black and images.max() == white
    assert capsys.readouterr().err == ""


def test_one_bit_pictures_and_palettes_have_no_range(tmp_path):
    masks = [np.eye(8, k=i % 5) for i in range(COUNT)]
    source = write(tmp_path / "in", [Image.fromarray(mask.astype(bool)) for mask in masks])
    assert set(np.unique(values(source, tmp_path / "c"))) == {0, 255}
    palettes = [Image.fromarray(np.eye(8, k=i % 5, dtype=np.uint8), "P") for i in range(COUNT)]
    for image in palettes:
        image.putpalette([9, 9, 9, 20, 20, 20])
    assert values(write(tmp_path / "palettes", palettes), tmp_path / "c").max() == 20


def test_each_depth_of_a_mixed_folder_has_its_own_range(tmp_path):
    photographs = ramps(np.uint8, 0, 255)
    deep = ramps(np.uint16, 0, 4095)
    write(tmp_path / "in" / "a", photographs)
    write(tmp_path / "in" / "b", deep)
    train, test = both(f"folder:{tmp_path / 'in'}", tmp_path / "c")
    images, labels = (np.concatenate([getattr(data, n) for data in (train, test)]) for n in ("images", "labels"))
    for label in (0, 1):
        assert images[labels == label].min() == 0 and images[labels == label].max() == 255
    assert train.reading.ranges == {"uint8": (0, 255), "uint16": (0, 4095)}


def test_numbers_that_are_none_become_black(tmp_path):
    arrays = ramps(np.float32, 5, 9)
    arrays = [array.copy() for array in arrays]
    arrays[0][:] = np.nan
    arrays[1][0, 0], arrays[1][0, 1] = np.inf, -np.inf
    images = values(write(tmp_path / "in", arrays, "tif"), tmp_path / "c")
    assert images.min() == 0 and images.max() == 255 and any((image == 0).all() for image in images)


def test_the_flag_decides(tmp_path, capsys):
    source = write(tmp_path / "in", ramps(np.uint16, 0, 4095))
    dark = values(source, tmp_path / "c", range=(0, 65535))
    assert dark.max() == 15
    capsys.readouterr()
    assert values(source, tmp_path / "c", range=(1000, 3000)).max() == 255
    assert "stretched" not in capsys.readouterr().err
    bright = values(source, tmp_path / "c")
    np.testing.assert_array_equal(values(source, tmp_path / "c", range="auto"), bright)
    np.testing.assert_array_equal(values(source, tmp_path / "c", range={"uint16": (0, 4095)}), bright)


def test_a_range_counts_for_the_depths_of_the_set(tmp_path):
    deep = write(tmp_path / "deep", ramps(np.uint16, 0, 4095))
    sets = [both(deep, tmp_path / "c", range=range_)[0] for range_ in ("auto", (0, 4095), {"uint16": (0, 4095)})]
    assert [data.reading.ranges for data in sets] == [{"uint16": (0, 4095)}] * 3
    assert len({data.key for data in sets}) == 1
    palettes = write(tmp_path / "palettes", [Image.fromarray(np.eye(8, dtype=np.uint8), "P") for _ in range(COUNT)])
    assert both(palettes, tmp_path / "c", range=(0, 4095))[0].reading.ranges == {}
    digits = load("digits", "train", image_size=8, cache_dir=str(tmp_path / "c"), range=(0, 100))
    assert digits.reading.ranges == {"uint8": (0, 100)}
    assert load("digits", "train", image_size=8, cache_dir=str(tmp_path / "c")).reading.ranges == {}


def test_findings_are_found_again_in_whatever_order_plugins_were_imported(tmp_path, monkeypatch):
    source = write(tmp_path / "in", ramps(np.uint16, 0, 4095))
    found = both(source, tmp_path / "c")
    monkeypatch.setattr("tfgan_models.data.folder.formats", lambda: formats()[::-1])
    monkeypatch.setattr("tfgan_models.data.folder.inspect_pictures", None)  # so that a second inspection fails
    for before, again in zip(found, both(source, tmp_path / "c"), strict=True):
        assert (again.reading, again.key) == (before.reading, before.key)
        np.testing.assert_array_equal(again.images, before.images)


@pytest.mark.parametrize("range_", [(5, 5), (7, 3), (0, float("nan")), (1,), "much", (1, 2, 3)])
def test_a_range_that_is_none_is_refused(tmp_path, range_):
    with pytest.raises(InputError, match=r"range .*give two numbers, the lower one first, such as 0 4095, or auto"):
        load(f"folder:{tmp_path}", "train", image_size=8, range=range_)


def test_the_line_is_printed_again_and_the_pictures_are_looked_at_once(tmp_path, capsys, monkeypatch):
    source = write(tmp_path / "in", ramps(np.uint16, 0, 4095))
    both(source, tmp_path / "c")
    first = capsys.readouterr().err
    monkeypatch.setattr("tfgan_models.data.folder.inspect_pictures", None)
    both(source, tmp_path / "c")
    assert capsys.readouterr().err == first != ""


def test_pictures_that_are_all_nearly_one_color_are_warned_of(tmp_path, capsys):
    source = write(tmp_path / "in", ramps(np.uint16, 0, 4095))
    both(source, tmp_path / "c", range=(0, 10_000_000))
    assert "in, train split: all pictures are nearly one color (0 of 255)" in capsys.readouterr().err
    # A mask is dark, too, but not of one color.
    masks = [np.where(np.arange(400).reshape(20, 20) == i, 255, 0).astype(np.uint8) for i in range(COUNT)]
    both(write(tmp_path / "masks", masks), tmp_path / "c", image_size=20)
    assert capsys.readouterr().err == ""


def test_ordinary_pictures_stay_as_they_are_and_so_do_their_keys(tmp_path):
    from tfgan_models.data.folder import plan_folder
    from tfgan_models.data.plan import Request

    source = write(tmp_path / "in", ramps(np.uint8, 0, 200))
    plan = plan_folder(source.partition(":")[2], Request("train", 8), cache_dir=tmp_path / "c")
    assert set(plan.identity) == {"source", "path", "files", "attributes", "sharing"}
    request = Request("train", 8, 3, 5).identity()
    assert json.dumps(request) == '{"split": "train", "image_size": 8, "channels": 3, "crop": 5}'
    train, _ = both(source, tmp_path / "c")
    assert any(np.array_equal(train.images[0, ..., 0], array) for array in ramps(np.uint8, 0, 200))


def test_ranges_of_sets_whose_numbers_are_all_equal():
    assert choose_range("uint16", 7, 7) == (0, 65535) and choose_range("uint8", 0, 0) == (0, 255)
    assert choose_range("float32", 0.5, 0.5) == (0, 1) and choose_range("float32", -9, -9) == (-9, -8)


def test_every_number_of_sixteen_bits_is_as_it_was():
    numbers = np.arange(65536, dtype=np.uint16)
    np.testing.assert_array_equal(to_eight_bits(numbers, {}), numbers // 257)
    np.testing.assert_array_equal(to_eight_bits(numbers.astype(">u2"), {"uint16": (0, 65535)}), numbers // 257)
