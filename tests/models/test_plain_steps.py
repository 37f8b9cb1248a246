"""Fast steps of the VAE/GAN against a plain implementation: the weights are the same after fifty of them."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import values
from tfgan_models import VAEGAN
from tfgan_models.layers import BatchNormalization
from tfgan_models.networks import vaegan
from tfgan_models.objectives import losses, priors

STEPS, SIZE = 50, 32


class PlainVAEGAN(VAEGAN):
    """The gradient of each loss by itself, by ``update``."""

    def train_step(self, batch):
        images = batch["image"]
        examples, shape = tf.shape(images)[0], self.prior.event_shape
        with tf.GradientTape(persistent=True) as tape:
            posterior = self.encode(images, training=True)
            latents = priors.reparameterize(posterior, self.noise("posterior", examples, shape))
            fakes = self.decoder(tf.concat([latents, self.noise("prior", examples, shape)], 0), training=True)
            real_features, real_logits = self.discriminator_with_features(images, training=True)
            fake_features, fake_logits = self.discriminator_with_features(fakes, training=True)
            divergence = priors.divergence(posterior, self.prior)
            error = losses.squared_error(real_features, fake_features[:examples])
            gan = losses.discriminator_real_loss(real_logits) + 2 * losses.discriminator_fake_loss(fake_logits)
            encoder = self.beta * divergence + error
            decoder = self.gamma * error - (1 - self.gamma) * gan
        logs = self.update(tape, encoder=encoder, decoder=decoder, discriminator=gan)
        return self.finish_train_step(**logs)


def plain(network: keras.Model) -> keras.Model:
    """The network with Keras' own batch normalization, and the same weights."""

    def layer(found: keras.Layer) -> keras.Layer:
        if not isinstance(found, BatchNormalization):
            return found.__class__.from_config(found.get_config())
        return keras.layers.BatchNormalization(momentum=found.momentum, epsilon=found.epsilon, name=found.name)

    copy = keras.models.clone_model(network, clone_function=layer)
    copy.set_weights(network.get_weights())
    return copy


@pytest.mark.slow
def test_fifty_steps_are_those_of_a_plain_implementation():
    """By SGD: RMSprop and Adam divide by the gradient's size, and make differences of rounding large."""
    images = np.random.default_rng(0).uniform(-1, 1, (STEPS, 16, SIZE, SIZE, 1)).astype(np.float32)
    trained = []
    for kind, change in ((VAEGAN, lambda network: network), (PlainVAEGAN, plain)):
        keras.utils.set_random_seed(3)
        networks = (
            vaegan.encoder(SIZE, 1, 16, 0.25),
            vaegan.decoder(SIZE, 1, 16, 0.25),
            vaegan.discriminator(SIZE, 1, width=0.25),
        )
        model = kind(*map(change, networks), gamma=0.01)
        model.compile(**{player: keras.optimizers.SGD(2e-5) for player in model.players})
        before = {player: values(model.variables_of(player)) for player in model.players}
        model.fit(tf.data.Dataset.from_tensor_slices({"image": images}), verbose=0, shuffle=False)
        trained.append({player: values(model.variables_of(player)) for player in model.players})
    for player, start in before.items():
        ours, theirs = (weights[player] for weights in trained)
        moved, apart = (max(np.abs(a - b).max() for a, b in zip(ours, x, strict=True)) for x in (start, theirs))
        assert apart < 1e-4
        assert apart < moved / 50
