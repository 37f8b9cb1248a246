"""The cross-entropies of logits, and the accuracy, against numbers worked out in float64."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tfgan_models.objectives import losses

LOGITS = np.array([-2.0, -0.5, 0.25, 3.0])
SURE = np.array([-1e4, -200.0, 200.0, 1e4])


def log_sigmoid(x: np.ndarray) -> np.ndarray:
    return -np.logaddexp(0, -x)


def log_not_sigmoid(x: np.ndarray) -> np.ndarray:
    return -np.logaddexp(0, x)


# For each loss of logits what the paper writes.
OF_LOGITS = {
    losses.discriminator_real_loss: lambda x: -log_sigmoid(x).mean(),
    losses.discriminator_fake_loss: lambda x: -log_not_sigmoid(x).mean(),
    losses.minimax: lambda x: log_not_sigmoid(x).mean(),
    losses.non_saturating: lambda x: -log_sigmoid(x).mean(),
}


@pytest.fixture(params=OF_LOGITS, ids=lambda loss: loss.__name__)
def loss(request):
    return request.param


@pytest.mark.parametrize("shape", [(4,), (4, 1), (2, 2)])
def test_loss_of_four_logits(loss, shape):
    np.testing.assert_allclose(loss(tf.constant(LOGITS.reshape(shape))), OF_LOGITS[loss](LOGITS), rtol=1e-6)


def test_extreme_logits_stay_finite_with_finite_gradients(loss):
    logits = tf.constant(SURE, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss(logits)
    np.testing.assert_allclose(value, OF_LOGITS[loss](SURE), rtol=1e-6)
    assert np.abs(tape.gradient(value, logits)).max() <= 0.25 + 1e-6


def test_bfloat16_logits_are_summed_in_float32(loss):
    logits = tf.cast(np.tile(LOGITS, 1000), tf.bfloat16)  # all four are exact in bfloat16
    value = loss(logits)
    assert value.dtype == tf.float32
    np.testing.assert_allclose(value, OF_LOGITS[loss](LOGITS), rtol=1e-5)


@pytest.mark.parametrize("target", [0.0, 0.9, 1.0, np.array([0.0, 1.0, 0.3, 1.0])], ids=str)
def test_cross_entropy(target):
    expected = -(target * log_sigmoid(LOGITS) + (1 - target) * log_not_sigmoid(LOGITS)).mean()
    np.testing.assert_allclose(losses.cross_entropy(target, tf.constant(LOGITS)), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("real", "fake", "expected"),
    [
        ([1, 2, 3, 4], [-1, -2, -3, -4], 1.0),
        ([-1, -2, -3, -4], [1, 2, 3, 4], 0.0),
        ([1, 1, 1, -1], [1, 1, -1, -1], (0.75 + 0.5) / 2),
        ([1], [-1, -1, -1, 1], (1 + 0.75) / 2),  # each side weighs a half, however many there are
    ],
)
def test_accuracy(real, fake, expected):
    for dtype in (tf.float32, tf.bfloat16):
        value = losses.accuracy(tf.cast(real, dtype), tf.cast(fake, dtype))
        assert value.dtype == tf.float32
        assert float(value) == pytest.approx(expected)
