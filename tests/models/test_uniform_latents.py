"""GANs with latents uniform on [-1, 1]: what is drawn, and all that draws."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.conditional import gan as conditional_gan
from tests.models.conditional import labels
from tests.models.small import BATCH, LATENT, batch, compiled
from tests.models.test_gan_options import cross_entropy
from tfgan_models import GAN, InputError, latent
from tfgan_models.latent.truncation import truncate
from tfgan_models.models.latent_gan import LATENTS
from tfgan_models.networks import mlp
from tfgan_models.objectives import priors


def gan(prior_name: str = "centered_uniform", normalization: str = "none") -> GAN:
    generator = mlp.generator(16, 1, LATENT, (16,), normalization=normalization)
    return GAN(generator, mlp.discriminator(16, 1, units=(16,)), prior_name=prior_name, seed=5)


def test_the_loss_is_that_of_uniform_latents_of_noise():
    model = compiled(gan, lambda: keras.optimizers.SGD(0.0))
    latents = 2 * model.noise("prior-0", BATCH, (LATENT,), tf.random.stateless_uniform) - 1
    fake = model.discriminator(model.generator(latents, training=True), training=True).numpy().astype(np.float64)
    logs = model.train_step({"image": tf.constant(batch()["image"])})
    assert float(logs["generator_loss"]) == pytest.approx(cross_entropy(1, fake), rel=1e-5)


@pytest.mark.parametrize("name", LATENTS)
def test_the_draws_are_those_of_the_prior(name):
    """What a step draws has the distribution that samples, exports and metrics draw from."""
    model = gan(name)
    drawn = [np.asarray(model.latents("here", 4000)), np.asarray(model.prior.sample(4000, seed=(1, 2)))]
    assert model.prior.name == name
    for shares in np.quantile(drawn, (0.1, 0.25, 0.5, 0.75, 0.9), axis=1).reshape(5, 2, LATENT):
        assert np.ptp(shares) < 0.15
    if name == "centered_uniform":
        assert min(np.min(draw) for draw in drawn) >= -1 and max(np.max(draw) for draw in drawn) <= 1
        assert np.std(drawn) == pytest.approx(1 / np.sqrt(3), abs=0.01)


def test_virtual_batch_normalization_refers_to_latents_of_the_prior():
    reference = gan(normalization="virtual").generator.reference.numpy()
    assert -1 <= reference.min() < -0.9 < 0.9 < reference.max() <= 1


def test_truncation_and_codes_all_over_the_prior_stay_inside():
    prior = priors.centered_uniform(2)
    latents = prior.sample(1000, seed=(0, 1)).numpy()
    assert np.abs(truncate(latents, 0.5, latents)).max() < 0.6
    codes = latent.manifold(prior, rows=4, columns=5)
    assert codes is not None
    np.testing.assert_allclose(codes[0, :, 0], [-0.8, -0.4, 0, 0.4, 0.8], atol=1e-6)
    np.testing.assert_allclose(codes[:, 0, 1], [0.75, 0.25, -0.25, -0.75], atol=1e-6)


def test_an_unknown_prior_and_one_with_a_condition_are_refused():
    with pytest.raises(InputError, match=r"^prior_name 'cauchy': give one of standard_gaussian") as error:
        gan("cauchy")
    assert error.value.argument == "prior_name"
    with pytest.raises(InputError, match=r"^prior_name 'centered_uniform': the style after a condition is normal"):
        conditional_gan(labels("projection"), prior_name="centered_uniform")
