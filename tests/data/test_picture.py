"""DecodedSplit of odd modes, formats and sizes are read as an image viewer shows them."""

import numpy as np
import pytest
from PIL import Image

from tests.data.pictures import save
from tfgan_models.data.picture import crop_and_resize, read_picture
from tfgan_models.data.reading import Reading


def one(path, channels=3, size=4, crop=None):
    return read_picture(path, size, channels, Reading(crop=crop))


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
def test_a_fine_checkerboard_becomes_gray(tmp_path, suffix):
    board = (np.indices((512, 512)).sum(0) % 2 * 255).astype(np.uint8)
    Image.fromarray(board).save(tmp_path / f"a.{suffix}", **({"quality": 100} if suffix == "jpg" else {}))
    pixels = one(tmp_path / f"a.{suffix}", channels=1, size=64)[4:-4, 4:-4].astype(int)
    assert np.abs(pixels - 127.5).max() < 3


def test_crop_cuts_the_middle_before_resizing():
    values = np.zeros((218, 178), np.uint8)
    values[39:179, 19:159] = 255
    image = Image.fromarray(values)
    assert crop_and_resize(image, 70, 1, Reading(crop=140)).min() == 255
    assert crop_and_resize(image, 70, 1, Reading(crop=144)).min() < 255
    # Larger than the picture: clamped to its shorter side, which is what no crop does too.
    np.testing.assert_array_equal(crop_and_resize(image, 70, 1, Reading(crop=500)), crop_and_resize(image, 70, 1))
    assert crop_and_resize(image, 70, 1).shape == (70, 70, 1)


def test_gray_and_color_are_converted():
    gray = crop_and_resize(Image.new("L", (8, 8), 77), 8, 3)
    assert gray.shape == (8, 8, 3) and (gray == 77).all()
    assert crop_and_resize(Image.new("RGB", (8, 8), "white"), 8, 1).shape == (8, 8, 1)


def test_a_large_jpeg_is_the_same_picture_when_decoded_small(tmp_path):
    ramp = np.linspace(0, 255, 1600).astype(np.uint8)
    Image.fromarray(np.broadcast_to(ramp, (1600, 1600))).save(tmp_path / "a.jpg", quality=95)
    by_draft = one(tmp_path / "a.jpg", channels=1, size=32).astype(int)
    in_full = one(tmp_path / "a.jpg", channels=1, size=32, crop=1600).astype(int)
    assert np.abs(by_draft - in_full).max() <= 2
