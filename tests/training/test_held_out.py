"""The line about the error on held-out images."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import pytest

from tests.models.conditional import MODELS as CONDITIONAL
from tests.models.sizes import ATTRIBUTES
from tests.models.small import CHANNELS, MODELS, SIZE, compiled
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_float
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


@pytest.mark.parametrize("name", ["vae", "vaegan_concat", "gan"])
def test_the_error_is_that_of_reconstructions_with_each_image_s_condition(name, capsys):
    model = compiled({**MODELS, **CONDITIONAL}[name])
    for variable in getattr(model, "decoder", model).trainable_variables:
        variable.assign(20 * variable)  # so that images differ visibly
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (70, SIZE, SIZE, CHANNELS), np.uint8)
    attributes = random.integers(0, 2, (70, ATTRIBUTES)).astype(np.uint8)
    names = tuple(f"attribute {i}" for i in range(ATTRIBUTES))
    data = ImageSet(images, None, attributes, (), names, "random")
    held_out.report_error(model, data, data)
    printed = capsys.readouterr().out
    if name == "gan":
        assert printed == ""
        return
    floats = to_float(images)
    reconstructions = (
        model.reconstruct(floats)
        if name == "vae"
        else model.reconstruct_as(floats, model.condition.of({"attributes": attributes}))
    )
    errors = [np.mean((floats - other) ** 2) for other in (np.asarray(reconstructions), floats.mean(0))]
    assert printed == f"held out:    {held_out.describe(70, *errors)}\n"
    if name == "vaegan_concat":
        other = dataclasses.replace(data, attributes=1 - attributes)
        held_out.report_error(model, other, other)
        assert capsys.readouterr().out != printed
