"""Transparent pictures are laid over what keeps them visible, or keep their transparency as a fourth channel."""

import numpy as np
import pytest
from PIL import Image

from tests.data.pictures import both
from tfgan_models.data.background import backgrounds_that_hide
from tfgan_models.data.picture import crop_and_resize
from tfgan_models.data.reading import Reading, check_background
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError

COUNT = 10


def icon(color, position=0, hidden=(0, 0, 0)):
    """A square of a color; nothing around it is visible."""
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[..., :3] = hidden
    pixels[4 + position % 3 : 12, 4:12] = (*color, 255)
    return Image.fromarray(pixels)


def write(root, images):
    root.mkdir()
    for i, image in enumerate(images):
        image.save(root / f"{i}.png")
    return f"folder:{root}"


def corner(source, cache, **options):
    train, test = both(source, cache, image_size=16, **options)
    assert len(train.images) + len(test.images) == COUNT
    return train.images[0, 0, 0].tolist(), train


@pytest.mark.parametrize(
    ("colors", "background", "expected"),
    [
        ([(255, 255, 255)], "black", 0),
        ([(240, 250, 245)], "black", 0),
        ([(0, 0, 0)], "white", 255),
        ([(255, 255, 0)], "white", 255),
        ([(128, 128, 128)], "white", 255),
        ([(255, 255, 255), (255, 255, 255), (200, 0, 0)], "black", 0),
        ([(255, 255, 255), (0, 0, 0)], "checker", 102),
    ],
)
def test_the_default_keeps_the_pictures_of_a_folder_visible(tmp_path, capsys, colors, background, expected):
    source = write(tmp_path / "in", [icon(colors[i % len(colors)], i) for i in range(COUNT)])
    color, train = corner(source, tmp_path / "c")
    assert color == [expected] * 3 and train.reading.background == background
    printed = capsys.readouterr().err
    assert f"in: {COUNT} of {COUNT} pictures are transparent and were blended with {background}; set" in printed
    assert sum("held-out pictures are copies" not in line for line in printed.splitlines()) == 1
    assert all(np.ptp(image.astype(int)) > 20 for image in train.images)


def test_a_background_can_be_given(tmp_path, capsys):
    source = write(tmp_path / "in", [icon((255, 255, 255), i) for i in range(COUNT)])
    for background, expected in [("white", [255] * 3), ("1, 2,3", [1, 2, 3]), ("checker", [102] * 3)]:
        assert corner(source, tmp_path / "c", background=background)[0] == expected
    assert "transparent, they" not in capsys.readouterr().err


def test_opaque_pictures_with_a_channel_for_transparency_say_nothing_and_keep_their_key(tmp_path, capsys):
    random = np.random.default_rng(0)
    pictures = [Image.fromarray(random.integers(0, 256, (16, 16, 3), np.uint8)) for _ in range(COUNT)]
    _, plain = corner(write(tmp_path / "in", pictures), tmp_path / "c")
    _, opaque = corner(write(tmp_path / "opaque", [image.convert("RGBA") for image in pictures]), tmp_path / "c")
    np.testing.assert_array_equal(plain.images, opaque.images)
    assert capsys.readouterr().err == "" and opaque.reading.identity() == {}


def test_four_channels_keep_the_transparency(tmp_path, capsys):
    source = write(tmp_path / "in", [icon((200, 30, 40), i, hidden=(7, 7, 7)) for i in range(COUNT)])
    color, train = corner(source, tmp_path / "c", channels=4)
    assert color == [255, 255, 255, 0]  # The colors that a file has where nothing is visible are not learned.
    assert train.images[0, 8, 8].tolist() == [200, 30, 40, 255]
    assert "transparent" not in capsys.readouterr().err
    opaque = crop_and_resize(Image.new("L", (9, 9), 50), 8, 4)
    assert opaque.shape == (8, 8, 4) and opaque[0, 0].tolist() == [50, 50, 50, 255]


def test_the_edge_of_a_resized_picture_has_its_own_color():
    pixels = crop_and_resize(icon((200, 30, 40), hidden=(0, 255, 0)), 6, 4)
    visible = pixels[..., 3] > 40
    assert visible.any() and np.abs(pixels[visible][:, :3].astype(int) - [200, 30, 40]).max() < 25


def test_a_checkerboard_has_squares_of_one_size_in_the_result():
    small = crop_and_resize(Image.new("RGBA", (16, 16)), 16, 1, Reading(background="checker"))
    large = crop_and_resize(Image.new("RGBA", (320, 320)), 16, 1, Reading(background="checker"))
    np.testing.assert_array_equal(small, large)
    assert np.unique(small).tolist() == [102, 153]


def test_what_hides_a_picture():
    assert backgrounds_that_hide(Image.new("RGB", (4, 4))) is None
    assert backgrounds_that_hide(Image.new("RGBA", (4, 4), (1, 2, 3, 255))) is None  # Nothing is transparent,
    assert backgrounds_that_hide(Image.new("RGBA", (4, 4), (1, 2, 3, 0))) is None  # or all of it is.
    assert backgrounds_that_hide(icon((255, 255, 255))) == ("white",)
    assert backgrounds_that_hide(icon((3, 9, 0))) == ("black",)
    assert backgrounds_that_hide(icon((120, 130, 128))) == ("checker",)


@pytest.mark.parametrize("background", ["pink", "1,2", "1,2,256", "1,2,-3", "", "1,2,3,4", "a,b,c"])
def test_a_background_that_is_none_is_refused(tmp_path, background):
    with pytest.raises(
        InputError, match=r"background .*: give white, black, checker, none or a color as three numbers"
    ):
        load(f"folder:{tmp_path}", "train", image_size=8, background=background)


def test_one_background_has_one_name():
    assert check_background("0, 0,0") == "black" and check_background("255,255,255") == "white"
    assert check_background("010,2,3") == "10,2,3"
