"""RMSprop of the recipes: its steps have the ε of the authors' code, so that tiny gradients count, in NumPy."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_models.cli import train

RUNS = [
    ("wgan", {}),
    ("gan", {"optimizer": "rmsprop"}),
    ("gan", {"discriminator_optimizer": "rmsprop"}),
    ("vaegan", {"optimizer": "rmsprop"}),
]
GRADIENTS = np.random.default_rng(0).uniform(0.1, 1.0, (5, 3)) * [1.0, 1e-4, 1e-5]
RATE = 0.1


def moves(optimizer: keras.optimizers.Optimizer, gradients: np.ndarray) -> np.ndarray:
    """How far an optimizer of the same kind moves three weights."""
    fresh = type(optimizer).from_config(optimizer.get_config() | {"learning_rate": RATE})
    variable = keras.Variable([0.0, 0.0, 0.0], name="weights")
    fresh.build([variable])
    for gradient in gradients:
        fresh.apply([tf.constant(gradient, tf.float32)])
    return variable.numpy()


def discriminator_optimizer(script: str, **options: object) -> keras.optimizers.Optimizer:
    """The optimizer that a recipe gives the opponent of its generator."""
    recipe = train.load(script)
    kind = type(recipe.flags().model)
    flags = recipe.flags(model=kind(width=0.1, **options))
    flags.training.steps_per_epoch = 1
    model = recipe.build(flags, SimpleNamespace(images=np.zeros((8, 32, 32, 3), np.uint8), attribute_names=()))
    return model.optimizers["critic" if script == "wgan" else "discriminator"]


@pytest.mark.parametrize(("script", "options"), RUNS)
def test_steps_have_the_epsilon_of_the_authors_code(script, options):
    """Of WGAN, deeppy and VAEGAN-PYTORCH, which add 1e-8 to the root."""
    expected, square = np.zeros(3), np.zeros(3)
    for gradient in GRADIENTS:
        square = 0.9 * square + 0.1 * gradient**2
        expected -= RATE * gradient / (np.sqrt(square) + 1e-8)
    optimizer = discriminator_optimizer(script, **options)
    assert isinstance(optimizer, keras.optimizers.RMSprop)
    assert optimizer.rho == 0.9
    np.testing.assert_allclose(moves(optimizer, GRADIENTS), expected, rtol=0.01)


def test_keras_own_epsilon_slows_weights_with_tiny_gradients():
    gradients = np.array([[1.0, 1e-4, 1e-5]])
    ours, keras_own = (
        moves(discriminator_optimizer("wgan", **options), gradients) for options in ({}, {"rmsprop_epsilon": 1e-7})
    )
    # √v / √(v + 1e-7), where the first step has v = 0.1 g².
    np.testing.assert_allclose(keras_own / ours, [1.0, 0.1, 0.01], rtol=0.01)
