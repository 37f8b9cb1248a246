"""Logits of classes that are batch-normalized, so that no class is left without images."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.tiers import tiered
from tfgan_models import ClusteringAAE, networks
from tfgan_models.networks import latent_discriminator, mlp
from tfgan_models.networks.batch_norm_logits import batch_norm_class_logits
from tfgan_models.optimizers import FusedAdam

SIZE, CLASSES, STYLE = 8, 4, 2


def encoder(style: int = STYLE) -> keras.Model:
    return mlp.encoder(SIZE, 1, CLASSES + style, (16,), stochastic=False)


def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (64, SIZE, SIZE, 1)).astype(np.float32)


@pytest.mark.parametrize("style", [STYLE, 0])
def test_logits_have_mean_0_and_one_variance_and_the_style_is_linear(style):
    balanced = batch_norm_class_logits(encoder(style), CLASSES)
    codes = balanced(images(), training=True).numpy()
    assert codes.shape == (len(images()), CLASSES + style) and codes.dtype == np.float32
    np.testing.assert_allclose(codes[:, :CLASSES].mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(codes[:, :CLASSES].std(0), 1, rtol=1e-3)
    if style:
        layer = balanced.get_layer("style")
        hidden = keras.Model(balanced.input, layer.input)(images())
        np.testing.assert_array_equal(codes[:, CLASSES:], layer(hidden))


@pytest.mark.parametrize("family", networks.FAMILIES)
def test_every_family_s_encoder_may_be_balanced(family):
    plain = networks.network_module(family).encoder(32, 1, CLASSES + STYLE, width=0.1, stochastic=False)
    balanced = batch_norm_class_logits(plain, CLASSES)
    assert balanced.output_shape == (None, CLASSES + STYLE)
    hidden = [variable.path for variable in plain.trainable_variables if not variable.path.startswith("code")]
    learned = {variable.path for variable in balanced.trainable_variables}
    # A bias that batch normalization takes away again would be moved by rounding alone.
    assert learned == {*hidden, "logits/kernel", "balanced_logits/gamma", "style/kernel", "style/bias"}


@pytest.mark.parametrize("classes", [CLASSES + STYLE + 1, 100])
def test_more_classes_than_numbers_are_refused(classes):
    with pytest.raises(ValueError, match=f"not a dense layer of {classes} or more units"):
        batch_norm_class_logits(encoder(), classes)


@pytest.mark.parametrize("balanced", tiered([False, True], [True]), ids=["plain", "balanced"])
def test_an_empty_class_comes_back_if_logits_are_balanced(balanced):
    """The first class begins far below the others for every image, where softmax has no gradient."""
    keras.utils.set_random_seed(0)
    network = batch_norm_class_logits(encoder(), CLASSES) if balanced else encoder()
    layer = network.get_layer("logits" if balanced else "code")
    layer.kernel.assign_sub(40 * np.eye(1, layer.units, dtype=np.float32))  # of hidden values above 0
    logits = keras.Model(network.input, layer.output)(images()).numpy()
    assert (logits[:, :CLASSES].argmax(1) > 0).all()
    model = ClusteringAAE(
        network,
        mlp.decoder(SIZE, 1, CLASSES + STYLE, (16,)),
        latent_discriminator.discriminator(CLASSES, (16,), "class_discriminator"),
        latent_discriminator.discriminator(STYLE, (16,), "style_discriminator"),
        seed=0,
    )
    model.compile(**{player: FusedAdam(1e-3, beta_1=0.5) for player in model.players})
    data = tf.data.Dataset.from_tensors({"image": images()}).repeat()
    model.fit(data, steps_per_epoch=100, verbose=0, shuffle=False)
    shares = np.bincount(np.asarray(model.classify(images())).argmax(1), minlength=CLASSES) / len(images())
    assert shares.min() > 0.05 if balanced else shares[0] == 0
