"""The errors of a VAE/GAN with options or networks that do not go together."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import batch, compiled, vae_gan, values
from tfgan_models import VAEGAN
from tfgan_models.networks import vaegan as networks


class Idle(keras.layers.Layer):
    """Has a weight of which nothing comes."""

    def build(self, input_shape):
        self.idle = self.add_weight(shape=(3,), name="idle")

    def call(self, inputs):
        return inputs


@pytest.mark.parametrize("player", ["encoder", "decoder", "discriminator"])
def test_weight_without_gradient_raises_value_error_with_its_name(player):
    made = vae_gan(attribute_weight=0.0)
    networks = {name: getattr(made, name) for name in made.players}
    inputs = keras.Input(networks[player].input_shape[1:])
    own = networks[player]
    if player == "discriminator":
        features = own.get_layer("features")
        judged = keras.Model(features.output, own.outputs)(Idle()(features.output))
        networks[player] = keras.Model(own.inputs, judged)
    else:
        networks[player] = keras.Model(inputs, own(Idle()(inputs)))
    model = compiled(lambda: VAEGAN(**networks))
    before = values(model.trainable_variables)
    with pytest.raises(ValueError, match=f"'{player}' does not reach .*idle"):
        model.train_step({k: tf.constant(v) for k, v in batch().items()})
    for variable, value in zip(model.trainable_variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value, err_msg=variable.path)


@pytest.mark.parametrize("options", [{"loss": "hinge"}, {"reconstruction": "voxels"}, {"similarity_layer": "nowhere"}])
def test_unknown_vaegan_options_raise_value_error(options):
    with pytest.raises(ValueError, match=r"hinge|voxels|nowhere"):
        vae_gan(**options)


def test_attribute_weight_without_attribute_head_raises_value_error_and_vice_versa():
    model = vae_gan()
    plain = networks.discriminator(32, 1, width=1 / 16)
    with pytest.raises(ValueError, match="predicts no attributes"):
        type(model)(model.encoder, model.decoder, plain, attribute_weight=1.0)
    with pytest.raises(ValueError, match="would never learn"):
        type(model)(model.encoder, model.decoder, model.discriminator)


def test_discriminator_without_fakes_raises_value_error():
    with pytest.raises(ValueError, match="no fakes"):
        vae_gan(judge_reconstructions=False, judge_samples=False)
