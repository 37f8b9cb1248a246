"""The line about the error on held-out images."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from tests.models.small import CHANNELS, MODELS, SIZE, compiled
from tfgan_models.data.image_set import ImageSet
from tfgan_models.training import held_out


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        ((2000, 0.0146, 0.1304), "pixel error 0.0146, 0.112 of the mean image's 0.1304 (2000 images)"),
        ((1, 0.1279, 0.011467), "pixel error 0.1279, 11.2 times the mean image's 0.0115 (1 image)"),
        ((2, 0.1, 0.1), "pixel error 0.1000, 1.0 times the mean image's 0.1000 (2 images)"),
        ((2, 0.1, 0.0), "pixel error 0.1000, the mean image has almost none (2 images)"),
        ((2, 0.0, 1e-14), "pixel error 0.0000, the mean image has almost none (2 images)"),
    ],
)
def test_it_can_be_read(figures, text):
    assert held_out.describe(*figures) == text


def test_images_of_one_color_divide_nothing_by_zero(capsys):
    model = compiled(MODELS["autoencoder"])
    images = np.full((3, SIZE, SIZE, CHANNELS), 77, np.uint8)
    data = ImageSet(images, None, None, (), (), "gray")
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        held_out.report_error(model, data, data)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("held out:")]
    assert line.endswith("the mean image has almost none (3 images)")
