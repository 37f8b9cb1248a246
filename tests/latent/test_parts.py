"""Parts of a batch give the images, codes and samples of the whole batch."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.models.small import MODELS, batch
from tests.tiers import tiered
from tfgan_models.data.pixels import to_bytes
from tfgan_models.latent import parts
from tfgan_models.latent.encoding import with_heads
from tfgan_models.protocols import SupportsEncode, SupportsReconstruct

EXAMPLES, PART = 8, 3


def small(name: str):
    """A model whose stored statistics are not those of any batch."""
    keras.utils.set_random_seed(2)
    model, random = MODELS[name](), np.random.default_rng(2)
    for variable in model.variables:
        if "moving" in variable.path:
            variable.assign(random.uniform(0.5, 1.5, variable.shape))
    return model


@pytest.mark.parametrize("name", tiered(sorted(MODELS), ["aae_universal", "clustering_aae", "gan_with_everything"]))
def test_parts_give_what_the_whole_batch_gives(name):
    model, images = small(name), batch(examples=EXAMPLES)["image"]
    latents = np.random.default_rng(1).normal(size=(EXAMPLES, 4)).astype(np.float32)
    if isinstance(model, SupportsEncode):
        latents = np.asarray(model.encode(images).mean())
    whole = np.asarray(model.generate(latents))
    np.testing.assert_allclose(parts.in_parts(model.generate, latents, PART), whole, atol=1e-6)
    model.inference_batch = PART
    np.testing.assert_array_equal(parts.generate_bytes(model, latents), to_bytes(whole))
    if isinstance(model, SupportsReconstruct):
        np.testing.assert_array_equal(
            parts.reconstruct_bytes(model, images), to_bytes(np.asarray(model.reconstruct(images)))
        )
    if not isinstance(model, SupportsEncode):
        return
    ours, its = parts.encode(model, images), model.encode(images)
    assert type(ours) is type(its)
    np.testing.assert_allclose(ours.mean(), its.mean(), atol=1e-6)
    np.testing.assert_allclose(ours.sample(seed=(3, 4)), its.sample(seed=(3, 4)), atol=1e-6)
    if headed := with_heads(model):
        np.testing.assert_allclose(parts.in_parts(headed.represent, images, PART), headed.represent(images), atol=1e-6)


def test_bytes_are_encoded_as_their_floats():
    model, images = small("vae"), to_bytes(batch()["image"])
    model.inference_batch = PART
    np.testing.assert_allclose(
        parts.encode(model, images).mean(), model.encode(images.astype(np.float32) / 127.5 - 1).mean(), atol=1e-6
    )
