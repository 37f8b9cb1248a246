"""Grids with captions: every image stays as it is, at its place."""

from __future__ import annotations

import numpy as np
import pytest

from tfgan_models.plots import captions, class_names, image_grid


def images(count: int, size: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (count, size, size, channels), np.uint8)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_images_are_at_their_places(channels):
    pictures = images(6, 40, channels)
    drawn = captions.captioned_grid([pictures[:3], pictures[3:]], ["first", "second row"], ["a", "b", "c"])
    sheet = image_grid.grid(pictures, 3)
    height, width, _ = sheet.shape
    assert drawn.dtype == np.uint8 and drawn.shape[2] == channels
    np.testing.assert_array_equal(drawn[-height:, -width:], sheet)
    left, top = drawn[-height:, :-width], drawn[:-height, -width:]
    assert (left < 128).any() and (top < 128).any()
    assert (left[:40] < 128).any() and (left[42:] < 128).any()  # a caption in each row
    assert (drawn[:-height, :-width] == 255).all()


def test_small_images_are_enlarged_and_rows_without_captions_take_no_space():
    pictures = images(2, 8)
    drawn = captions.captioned_grid(pictures[None], [""], ["a", "b"])
    sheet = image_grid.grid(pictures.repeat(4, 1).repeat(4, 2), 2)
    assert drawn.shape[1] == sheet.shape[1]
    np.testing.assert_array_equal(drawn[-32:], sheet)
    assert captions.captioned_size(1, 2, 8, 8) == sheet.shape[:2]


def test_long_captions_of_columns_are_turned():
    pictures = images(2, 32)
    level = captions.captioned_grid(pictures[None], [""], ["a", "b"])
    turned = captions.captioned_grid(pictures[None], [""], ["a", "a caption that is wider"])
    assert turned.shape[1] == level.shape[1]
    assert turned.shape[0] > level.shape[0] + 50
    with_sign = captions.captioned_grid(pictures[None], [""], ["$a$", "b"])  # not a formula
    assert (with_sign[:-32] < 128).any()


def test_names_without_a_font_become_numbers(monkeypatch):
    numbers = class_names.ClassNames(("0", "1"), ("DejaVu Sans",), True)
    pictures = images(1, 40)
    expected = captions.captioned_grid(pictures[None], [""], ["1 0.98"])
    monkeypatch.setattr(captions, "drawable", lambda names: numbers)
    drawn = captions.captioned_grid(pictures[None], [""], ["name b 0.98"], ["name", "name b"])
    np.testing.assert_array_equal(drawn, expected)
