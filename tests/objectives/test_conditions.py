"""Conditions: vectors of batches, their distribution, losses, and what is refused."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_models import Condition, InputError
from tfgan_models.objectives import conditions, priors

NAMES = ("Smiling", "Male", "Hat")
ROWS = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]])


def test_vectors_of_a_batch():
    batch = {"label": tf.constant([2, 0]), "attributes": tf.constant(ROWS, tf.float32)}
    np.testing.assert_array_equal(Condition("labels", NAMES).of(batch), [[0, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(Condition("attributes", NAMES).of(batch), ROWS)
    chosen = conditions.of_attributes(NAMES, ROWS, ("Hat", "Smiling"))
    np.testing.assert_array_equal(chosen.of(batch), ROWS[:, [2, 0]])
    for kind, entry in (("labels", "label"), ("attributes", "attributes")):
        with pytest.raises(InputError, match=f"no {entry!r}, which the model is conditioned on"):
            Condition(kind, NAMES).of({"image": batch["label"]})


def test_samples_have_classes_as_often_as_the_data():
    condition = conditions.of_labels(NAMES, np.array([0, 0, 0, 2, 2, 0, 0, 0, 2, 0]))
    latents = condition.latent_prior(priors.standard_gaussian(2)).sample(8000, seed=(1, 2)).numpy()
    assert latents.shape == (8000, 5)
    assert set(np.unique(latents[:, :3])) == {0, 1} and (latents[:, :3].sum(1) == 1).all()
    np.testing.assert_allclose(latents[:, :3].mean(0), [0.7, 0, 0.3], atol=0.02)
    np.testing.assert_allclose(latents[:, 3:].std(0), 1, atol=0.05)
    equal = Condition("labels", NAMES).prior().sample(8000, seed=(1, 2)).numpy()
    np.testing.assert_allclose(equal.mean(0), 1 / 3, atol=0.02)


def test_samples_have_attributes_in_combinations_of_the_data():
    condition = conditions.of_attributes(NAMES, ROWS)
    samples = condition.prior().sample(8000, seed=(1, 2)).numpy()
    rows, counts = np.unique(samples, axis=0, return_counts=True)
    np.testing.assert_array_equal(rows, np.unique(ROWS, axis=0))
    np.testing.assert_allclose(counts / 8000, [0.25, 0.5, 0.25], atol=0.02)
    coins = Condition("attributes", NAMES).prior().sample(8000, seed=(1, 2)).numpy()
    assert len(np.unique(coins, axis=0)) == 8


def test_rows_are_evenly_spaced_if_there_are_many():
    many = np.arange(3 * conditions.MAX_ROWS)[:, None] >= conditions.MAX_ROWS  # a third without, then with
    rows = conditions.of_attributes(("late",), many.astype(np.uint8)).rows
    assert len(rows) == conditions.MAX_ROWS
    assert rows.count("0") == pytest.approx(conditions.MAX_ROWS / 3, abs=1)


def test_channels_are_constant_and_follow_those_of_the_image():
    images = np.random.default_rng(0).normal(size=(2, 4, 3, 2)).astype(np.float32)
    joined = conditions.append_channels(tf.constant(images), tf.constant([[0.0, 1.0, 0.5], [1.0, 0.0, 0.0]])).numpy()
    np.testing.assert_array_equal(joined[..., :2], images)
    np.testing.assert_array_equal(joined[0, 3, 2, 2:], [0, 1, 0.5])
    np.testing.assert_array_equal(joined[1, ..., 2], np.ones((4, 3)))


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16])
def test_auxiliary_losses_equal_a_recomputation(dtype):
    logits = tf.cast(np.random.default_rng(0).normal(size=(4, 3)), dtype)
    numbers = tf.cast(logits, tf.float64).numpy()
    softmax = np.exp(numbers) / np.exp(numbers).sum(1, keepdims=True)
    loss = conditions.auxiliary_loss("labels", tf.one_hot([0, 2, 2, 1], 3), logits)
    assert loss.dtype == tf.float32
    np.testing.assert_allclose(loss, -np.log(softmax[range(4), [0, 2, 2, 1]]).mean(), rtol=1e-5)
    probabilities = 1 / (1 + np.exp(-numbers))
    expected = -np.where(ROWS == 1, np.log(probabilities), np.log(1 - probabilities)).mean()
    loss = conditions.auxiliary_loss("attributes", tf.constant(ROWS, tf.float32), logits)
    assert loss.dtype == tf.float32
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_configuration_round_trips():
    for condition in (conditions.of_attributes(NAMES, ROWS, conditioning="auxiliary"), Condition("labels", NAMES)):
        config = json.loads(json.dumps(keras.saving.serialize_keras_object(condition)))
        assert keras.saving.deserialize_keras_object(config) == condition


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (("classes", NAMES), {}, "condition 'classes': give labels or attributes"),
        (("labels", NAMES, "adaptive"), {}, "conditioning 'adaptive': give one of projection, auxiliary, concat"),
        (("labels", ("one",)), {}, "a condition on labels needs at least 2 names, it has 1"),
        (("attributes", ()), {}, "a condition on attributes needs at least 1 names, it has 0"),
        (("labels", NAMES), {"frequencies": (0.5, 0.5)}, "frequencies: 2 values, give one for each of 3 labels"),
        (("attributes", NAMES), {"columns": (1,)}, "columns: 1 values, give one for each of 3 attributes"),
        (("attributes", NAMES), {"rows": ("000", "01")}, "rows: 2 values, give one for each of 3 attributes"),
    ],
)
def test_values_that_do_not_fit_are_refused(arguments, options, said):
    with pytest.raises(InputError, match=said):
        Condition(*arguments, **options)


@pytest.mark.parametrize("chosen", [("Beard",), ("Hat", "Hat")])
def test_unknown_attributes_are_refused(chosen):
    with pytest.raises(InputError, match=rf"condition_attributes {' '.join(chosen)}: .*Smiling, Male, Hat"):
        conditions.of_attributes(NAMES, ROWS, chosen)
