"""New layers that fade in: the mean of both paths."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_models.layers.fade_in import FadeIn

NEW, OLD = np.random.default_rng(0).normal(size=(2, 3, 4, 4, 2)).astype(np.float32)


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_it_mixes_both_paths(alpha):
    layer = FadeIn()
    layer.build([NEW.shape, OLD.shape])
    assert float(layer.alpha.numpy()) == 0
    layer.alpha.assign(alpha)
    np.testing.assert_array_equal(layer([NEW, OLD]), alpha * NEW + (1 - alpha) * OLD)


def test_it_is_restored_and_keeps_alpha_in_float32():
    inputs = [keras.Input(NEW.shape[1:]), keras.Input(NEW.shape[1:])]
    model = keras.Model(inputs, FadeIn()(inputs))
    model.layers[-1].alpha.assign(0.25)
    again = keras.Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again([NEW, OLD]), model([NEW, OLD]))
    assert not model.trainable_weights
    half = FadeIn(dtype="mixed_bfloat16")
    outputs = half([tf.constant(NEW), tf.constant(OLD)])
    assert outputs.dtype == tf.bfloat16
    assert half.alpha.dtype == "float32"
