"""A decoder that learns from refined codes (Kim et al. 2018): what it is for, on the embedded digits."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from tfgan_models import VAEGAN
from tfgan_models.data import sources
from tfgan_models.data.pixels import to_float
from tfgan_models.models import vaegan_game
from tfgan_models.networks import mlp
from tfgan_models.objectives import refinement

SIDE, LATENTS, STEPS = 8, 8, 5


def refined_error(refine_steps: int) -> float:
    """The pixel error of held-out digits after five steps of refinement."""
    train, test = (to_float(sources.load("digits", split, image_size=SIDE).images[:]) for split in ("train", "test"))
    keras.utils.set_random_seed(0)
    model = VAEGAN(
        mlp.encoder(SIDE, 1, LATENTS, (64,), stochastic=True),
        mlp.decoder(SIDE, 1, LATENTS, (64,)),
        mlp.discriminator(SIDE, 1, units=(64,)),
        similarity_layer="image",
        gamma=1.0,  # without the GAN loss
        beta=0.5,
        relative_error=True,
        judge_samples=False,
        refine_steps=refine_steps,
    )
    model.compile(keras.optimizers.Adam(2e-3, beta_1=0.5))
    batches = tf.data.Dataset.from_tensor_slices({"image": train}).shuffle(len(train), seed=0).repeat().batch(32)
    model.fit(batches, epochs=1, steps_per_epoch=600, shuffle=False, verbose=0)
    codes = model.encode(test).mean()
    refined = refinement.refine(model.generate, test, codes, STEPS, refinement.deviation(codes))
    return float(np.square(model.generate(refined) - test).mean())


def test_refined_codes_of_a_decoder_that_learned_from_them_are_closer_to_held_out_images(monkeypatch):
    learned, plain = refined_error(STEPS), refined_error(0)
    assert learned < 0.95 * plain
    # Half of it is because the codes of half of the images have no noise.
    rows = np.arange(1, 32, 2)
    monkeypatch.setattr(vaegan_game, "every_second", lambda model, images, _, codes: (rows, tf.gather(codes, rows)))
    assert learned < 0.98 * refined_error(STEPS)
