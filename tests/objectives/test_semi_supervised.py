"""The losses of K + 1 classes against a softmax over K + 1 logits."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tfgan_models.objectives import semi_supervised

RANDOM = np.random.default_rng(0)
LABELLED, REAL, FAKE = (3 * RANDOM.normal(size=(n, 4)) for n in (6, 5, 7))
LABELS = RANDOM.integers(0, 4, 6)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Of K + 1 classes, the last one's logit being 0."""
    powers = np.exp(np.concatenate([logits, np.zeros((len(logits), 1))], 1))
    return powers / powers.sum(1, keepdims=True)


def test_the_labelled_loss_is_that_of_the_class_among_the_real_ones():
    p = softmax(LABELLED)
    expected = -np.log(p[np.arange(6), LABELS] / (1 - p[:, -1])).mean()
    np.testing.assert_allclose(semi_supervised.labelled_loss(LABELLED, LABELS), expected, rtol=1e-5)


def test_the_unlabelled_loss_is_of_the_generated_class_alone():
    expected = -0.5 * np.log(1 - softmax(REAL)[:, -1]).mean() - 0.5 * np.log(softmax(FAKE)[:, -1]).mean()
    np.testing.assert_allclose(semi_supervised.unlabelled_loss(REAL, FAKE), expected, rtol=1e-5)


def test_probabilities():
    classes, generated = semi_supervised.probabilities(REAL)
    p = softmax(REAL)
    np.testing.assert_allclose(classes, p[:, :-1] / (1 - p[:, -1:]), rtol=1e-5)
    np.testing.assert_allclose(generated, p[:, -1], rtol=1e-5)


@pytest.mark.parametrize("size", [100.0, -100.0])
def test_far_logits_stay_finite_with_their_gradients(size):
    logits = tf.fill((2, 3), size)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = semi_supervised.unlabelled_loss(logits, logits) + semi_supervised.labelled_loss(logits, [0, 1])
    assert np.isfinite(loss)
    assert np.isfinite(tape.gradient(loss, logits)).all()


def test_losses_are_float32():
    logits = tf.cast(REAL, tf.bfloat16)
    losses = (semi_supervised.unlabelled_loss(logits, logits), semi_supervised.labelled_loss(logits, LABELS[:5]))
    assert {value.dtype for value in losses} == {tf.float32}
