"""A data set of arrays in memory."""

from __future__ import annotations

import numpy as np
import pytest

from tests.data.pictures import both, save
from tfgan_models.data import sources
from tfgan_models.errors import InputError


def test_the_arrays_of_a_set_give_the_set(tmp_path):
    for i in range(20):
        save(tmp_path / "in" / "ab"[i % 2] / f"{i}.png", (12 * i, 90, 0))
    loaded, _ = both(f"folder:{tmp_path / 'in'}", tmp_path / "c")
    made = sources.from_arrays(loaded.images, loaded.labels, label_names=("a", "b"), name="my set")
    assert made.digest() == loaded.digest() and made.label_names == loaded.label_names
    assert made.name == "my-set" and made.key.startswith("my-set-") and made.attributes is None
    other = sources.from_arrays(loaded.images[::-1], loaded.labels[::-1], name="my set")
    assert other.key != made.key and other.label_names == ("0", "1")


def test_values_of_other_depths_become_bytes_as_in_files():
    values = np.linspace(-1, 1, 2 * 8 * 8).reshape(2, 8, 8).astype(np.float32)
    expected = np.rint((values + 1) * 127.5)
    made = sources.from_arrays(values)
    assert made.images.shape == (2, 8, 8, 1) and made.images.dtype == np.uint8
    assert np.abs(made.images[..., 0] - expected).max() <= 1
    np.testing.assert_array_equal(sources.from_arrays(values, range=(0, 1)).images.min(), 0)
    masks = np.arange(2 * 8 * 8).reshape(2, 8, 8) % 2
    assert set(np.unique(sources.from_arrays(masks.astype(np.uint8)).images)) == {0, 255}
    assert made.reading.ranges == {"float32": (-1.0, 1.0)}


def test_images_are_cut_and_resized_on_request():
    wide = np.zeros((3, 10, 30, 3), np.uint8)
    wide[:, :, 10:20] = 200
    made = sources.from_arrays(wide, image_size=8)
    assert made.images.shape == (3, 8, 8, 3) and made.images.min() == 200


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"images": np.zeros((2, 8), np.uint8)}, "images"),
        ({"images": np.zeros((2, 8, 8, 2), np.uint8)}, "images"),
        ({"images": np.zeros((0, 8, 8, 3), np.uint8)}, "images"),
        ({"images": np.zeros((2, 8, 9), np.uint8)}, "images"),
        ({"images": np.full((2, 8, 8), "a")}, "images"),
        ({"labels": [0]}, "labels"),
        ({"labels": [0, 0.5]}, "labels"),
        ({"labels": [0, -2]}, "labels"),
        ({"labels": [0, 2], "label_names": ("a", "b")}, "labels"),
        ({"attributes": np.zeros(2)}, "attributes"),
        ({"attributes": np.full((2, 1), 2)}, "attributes"),
        ({"attributes": np.ones((2, 1)), "attribute_names": ("a", "b")}, "attribute_names"),
        ({"range": (1, 0)}, "range"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(arguments, argument):
    images = np.full((2, 8, 8), 99, np.uint8)
    with pytest.raises(InputError, match=f"^{argument}") as error:
        sources.from_arrays(**{"images": images, **arguments})
    assert error.value.argument == argument and "\n" not in str(error.value)
