"""Grids pixel by pixel, and PNG files."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image

from tfgan_models.plots import image_grid


@pytest.mark.parametrize("channels", [1, 3])
def test_grid_lays_images_out_row_by_row(channels):
    """Three 2×3 images in two columns, with a white gap of one pixel and a white fourth place."""
    images = np.stack([np.full((2, 3, channels), value) for value in (-1.0, 0.0, 1.0)])
    images[1, 0, 2] = -1
    sheet = image_grid.grid(images, columns=2, gap=1)
    gray = 128  # 0 is 127.5 of 255, and rounds to even
    expected = np.array(
        [
            [0, 0, 0, 255, gray, gray, 0],
            [0, 0, 0, 255, gray, gray, gray],
            [255] * 7,
            [255] * 7,
            [255] * 7,
        ]
    )
    assert sheet.dtype == np.uint8
    np.testing.assert_array_equal(sheet, np.repeat(expected[..., None], channels, -1))


@pytest.mark.parametrize(("count", "shape"), [(1, (4, 4)), (4, (10, 10)), (5, (10, 16)), (10, (16, 22))])
def test_grid_is_as_square_as_can_be(count, shape):
    assert image_grid.grid(np.zeros((count, 4, 4, 1))).shape == (*shape, 1)


def test_every_gray_value_survives():
    values = np.arange(256)
    images = (values / 127.5 - 1).astype(np.float32).reshape(1, 16, 16, 1)
    np.testing.assert_array_equal(image_grid.grid(images)[..., 0].ravel(), values)


def test_values_beyond_the_range_are_cut():
    np.testing.assert_array_equal(image_grid.grid(np.array([-1.5, 1.5]).reshape(1, 1, 2, 1)).ravel(), [0, 255])


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_png_files_are_exact(channels, mode, tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (7, 5, channels), np.uint8)
    image_grid.save(picture, tmp_path / "folder" / "picture.png")
    with Image.open(tmp_path / "folder" / "picture.png") as read:
        assert (read.format, read.mode) == ("PNG", mode)
        np.testing.assert_array_equal(np.asarray(read).reshape(picture.shape), picture)
    assert os.listdir(tmp_path / "folder") == ["picture.png"]


def test_white_images_fill_a_row_up():
    images = np.zeros((2, 3, 4, 1), np.float32)
    filled = image_grid.filled(images, 5)
    assert filled.shape == (5, 3, 4, 1)
    assert (filled[:2] == 0).all() and (filled[2:] == 1).all()
    np.testing.assert_array_equal(image_grid.filled(images, 2), images)
