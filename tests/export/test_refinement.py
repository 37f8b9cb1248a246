"""Codes that are refined after the encoder."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.sizes import CHANNELS, CLASSES, SIZE
from tfgan_models import export
from tfgan_models.export import own_conditions
from tfgan_models.export.refinement import Refiner
from tfgan_models.objectives.refinement import blurred

IMAGES = np.random.default_rng(0).uniform(-1, 1, (5, SIZE, SIZE, CHANNELS)).astype(np.float32)


def test_the_blur_grows_with_the_images(exported):
    model = export.load(exported("vae"))
    assert [Refiner(model, 1, blur)._projector.descent.blur for blur in (None, 0.0, 2.0)] == [SIZE / 64, 0, 2]


@pytest.mark.parametrize("blur", [0.0, 1.0])
@pytest.mark.parametrize("name", ["vae", "vaegan_projection"])
def test_codes_are_refined_in_parts_and_their_conditions_stay(name, blur, exported):
    model = export.load(exported(name))
    conditions = np.eye(CLASSES, dtype=np.float32)[[0, 1, 2, 0, 1]] if name == "vaegan_projection" else None
    codes, steps = own_conditions.codes(model, IMAGES, conditions), []
    refiner = Refiner(model, 20, blur)
    few = refiner(IMAGES[:3], codes[:3], lambda: steps.append(1))
    assert len(steps) == 20
    refined = refiner(IMAGES, codes, lambda: steps.append(1))  # in parts as large as the first call's
    assert len(steps) == 60
    np.testing.assert_array_equal(refined[:3], few)
    assert refined.shape == codes.shape
    before, after = (
        np.square(blurred(model("generate", latent=latents)["image"] - IMAGES, blur)).mean((1, 2, 3), dtype=np.float64)
        for latents in (codes, refined)
    )
    assert (after < before).all()
    if conditions is not None:
        np.testing.assert_array_equal(refined[:, :CLASSES], conditions)
