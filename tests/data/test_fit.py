"""Pictures that are not square: their middle, all of them with bars, or all of them out of proportion."""

import numpy as np
import pytest
from PIL import Image

from tests.data.pictures import both
from tfgan_models.data.picture import crop_and_resize
from tfgan_models.data.reading import Reading
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError


def wide(width=40, height=20):
    """Red at the left end, blue at the right one, green between them."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 4], pixels[:, width // 4 :], pixels[:, -(width // 4) :] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    return Image.fromarray(pixels)


def colors(pixels):
    return [tuple(int(v > 127) for v in pixels[len(pixels) // 2, x]) for x in (0, pixels.shape[1] // 2, -1)]


def test_crop_keeps_the_middle():
    pixels = crop_and_resize(wide(), 20, 3)
    assert colors(pixels) == [(0, 1, 0)] * 3


def test_squeeze_keeps_all():
    pixels = crop_and_resize(wide(), 20, 3, Reading(fit="squeeze"))
    assert colors(pixels) == [(1, 0, 0), (0, 1, 0), (0, 0, 1)] and colors(pixels[:1]) == colors(pixels)


@pytest.mark.parametrize(("background", "bar"), [("white", 255), ("black", 0), ("10,10,10", 10), ("checker", None)])
@pytest.mark.parametrize("channels", [1, 3])
def test_pad_keeps_all_in_proportion_between_bars(background, bar, channels):
    pixels = crop_and_resize(wide(), 20, channels, Reading(fit="pad", background=background))
    assert pixels.shape == (20, 20, channels)
    if channels == 3:
        assert colors(pixels) == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    for rows in (pixels[:5], pixels[15:]):
        assert set(np.unique(rows)) == ({102, 153} if bar is None else {bar})
    tall = crop_and_resize(
        wide().transpose(Image.Transpose.ROTATE_90), 20, channels, Reading(fit="pad", background=background)
    )
    assert tall[:, :5].shape == (20, 5, channels) and set(np.unique(tall[:, :5])) <= {102, 153, bar}


def test_bars_are_transparent_where_there_is_a_channel_for_that():
    pixels = crop_and_resize(wide(), 20, 4, Reading(fit="pad"))
    assert not pixels[:5, :, 3].any() and (pixels[6:14, :, 3] == 255).all()


def test_square_pictures_are_equal_under_each_fit():
    image = wide(20, 20)
    for name in ("pad", "squeeze"):
        np.testing.assert_array_equal(crop_and_resize(image, 8, 3, Reading(fit=name)), crop_and_resize(image, 8, 3))


def test_a_very_long_picture_needs_no_large_square():
    assert crop_and_resize(Image.new("L", (60_000, 3)), 8, 1, Reading(fit="pad")).shape == (8, 8, 1)


def write(root, sizes):
    root.mkdir()
    for i, (width, height) in enumerate(sizes):
        image = wide(width, height)
        image.putpixel((0, 0), (i,) * len(image.getbands()))  # No picture is a copy of another.
        image.save(root / f"{i}.png")
    return f"folder:{root}"


def test_a_line_says_that_more_than_a_third_of_most_pictures_is_cut_away(tmp_path, capsys):
    source = write(tmp_path / "in", [(40, 20)] * 7 + [(20, 20)] * 3)
    expected = "in: more than a third of the area of 7 of 10 pictures was cut away; set fit to pad or squeeze to keep"
    for options in ({}, {"image_size": 9}, {}):
        both(source, tmp_path / "c", **options)
        printed = capsys.readouterr().err
        assert expected in printed and printed.count("\n") == 1
    for options in ({"fit": "pad"}, {"fit": "squeeze"}, {"crop": 10}):
        both(source, tmp_path / "c", **options)
        assert capsys.readouterr().err == ""


@pytest.mark.parametrize("sizes", [[(40, 20)] * 5 + [(20, 20)] * 5, [(28, 20)] * 10, [(29, 20)] * 10])
def test_nothing_is_said_of_less(tmp_path, capsys, sizes):
    both(write(tmp_path / "in", sizes), tmp_path / "c")
    assert capsys.readouterr().err == ""


def test_each_fit_has_a_place_of_its_own_in_the_cache(tmp_path):
    source = write(tmp_path / "in", [(40, 20)] * 4)
    sets = [both(source, tmp_path / "c", fit=name)[0] for name in ("crop", "pad", "squeeze")]
    assert len({data.key for data in sets}) == 3
    assert len({data.images.tobytes() for data in sets}) == 3
    digits = [
        load("digits", "train", image_size=8, fit=name, cache_dir=str(tmp_path / "c")) for name in ("crop", "pad")
    ]
    np.testing.assert_array_equal(digits[0].images, digits[1].images)


def test_a_fit_that_is_none_is_refused_and_so_is_a_crop_that_cuts_nothing(tmp_path):
    with pytest.raises(InputError, match=r"fit stretch: give crop, pad or squeeze"):
        load(f"folder:{tmp_path}", "train", image_size=8, fit="stretch")
    with pytest.raises(InputError, match=r"crop 9: with fit pad nothing is cut, leave one of them out"):
        load(f"folder:{tmp_path}", "train", image_size=8, fit="pad", crop=9)
