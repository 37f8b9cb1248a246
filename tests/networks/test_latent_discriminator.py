"""Discriminator of latent codes."""

from __future__ import annotations

import numpy as np

from tfgan_models.networks import latent_discriminator


def test_it_is_two_layers_of_relu_and_a_linear_logit():
    network = latent_discriminator.discriminator(3, (5, 4))
    codes = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    first, first_bias, second, second_bias, last, last_bias = network.get_weights()
    hidden = np.maximum(np.maximum(codes @ first + first_bias, 0) @ second + second_bias, 0)
    np.testing.assert_allclose(network(codes), hidden @ last + last_bias, rtol=1e-4, atol=1e-6)
    assert [w.shape for w in latent_discriminator.discriminator(2).get_weights()][:4] == [
        (2, 1000),
        (1000,),
        (1000, 1000),
        (1000,),
    ]
