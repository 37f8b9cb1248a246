"""Differentiable augmentation against NumPy, and what the paper asks of it: the same noise, the same change."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.objectives import augmentation
from tfgan_models.objectives.augmentation import NEUTRAL, NOISE, augment, color, cutout, translation

SHAPE = (5, 8, 10, 3)
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.uniform(-1, 1, SHAPE).astype(np.float32)
UNIFORM = RANDOM.uniform(size=(5, NOISE)).astype(np.float32)


def test_neutral_noise_changes_nothing_but_a_cutout():
    neutral = np.full((5, NOISE), NEUTRAL, np.float32)
    np.testing.assert_allclose(augment(IMAGES, neutral, "color,translation"), IMAGES, atol=1e-6)
    np.testing.assert_array_equal(augment(IMAGES, UNIFORM, ""), IMAGES)


def test_color():
    brightness, saturation, contrast = (UNIFORM[:, i, None, None, None].astype(np.float64) for i in range(3))
    expected = IMAGES + (brightness - 0.5)
    grey = expected.mean(3, keepdims=True)
    expected = (expected - grey) * (2 * saturation) + grey
    mean = expected.mean((1, 2, 3), keepdims=True)
    np.testing.assert_allclose(color(IMAGES, UNIFORM[:, :3]), (expected - mean) * (contrast + 0.5) + mean, atol=1e-6)


@pytest.mark.parametrize(
    ("noise", "down", "right"),
    [((0.5, 0.5), 0, 0), ((0.0, 0.5), -1, 0), ((0.99, 0.0), 1, -1), ((0.5, 0.999999), 0, 1)],
)
def test_translation_shifts_whole_pixels_and_fills_with_zeros(noise, down, right):
    expected = np.zeros(SHAPE, np.float32)
    for row in range(SHAPE[1]):
        for column in range(SHAPE[2]):
            if 0 <= row - down < SHAPE[1] and 0 <= column - right < SHAPE[2]:
                expected[:, row, column] = IMAGES[:, row - down, column - right]
    np.testing.assert_array_equal(translation(IMAGES, tf.constant([noise] * 5)), expected)


def test_every_shift_is_as_likely_as_another():
    noise = tf.random.stateless_uniform((7000, 2), seed=[1, 2])
    images = np.zeros((1, 24, 24, 1), np.float32)
    images[0, 12, 12] = 1
    places = np.argwhere(translation(np.tile(images, (7000, 1, 1, 1)), noise).numpy())
    for axis in (1, 2):
        shifts, counts = np.unique(places[:, axis] - 12, return_counts=True)
        np.testing.assert_array_equal(shifts, range(-3, 4))  # an eighth of 24
        assert counts.min() > 900 and counts.max() < 1100


@pytest.mark.parametrize(
    ("noise", "rows", "columns"),
    [
        ((0.5, 0.5), slice(2, 6), slice(3, 8)),  # 4 of 8 rows, 5 of 10 columns
        ((0.0, 0.0), slice(0, 2), slice(0, 3)),
        ((0.999, 0.999), slice(6, 8), slice(7, 10)),
    ],
)
def test_cutout_sets_a_rectangle_to_zero(noise, rows, columns):
    expected = IMAGES.copy()
    expected[:, rows, columns] = 0
    np.testing.assert_array_equal(cutout(IMAGES, tf.constant([noise] * 5)), expected)


def test_each_image_has_its_own_noise_and_the_same_noise_gives_the_same():
    whole = augment(IMAGES, UNIFORM).numpy()
    np.testing.assert_array_equal(tf.function(augment)(IMAGES, UNIFORM)[2:3], augment(IMAGES[2:3], UNIFORM[2:3]))
    np.testing.assert_array_equal(augment(IMAGES, UNIFORM), whole)
    assert not np.array_equal(augment(np.tile(IMAGES[:1], (5, 1, 1, 1)), UNIFORM)[1], whole[0])


@pytest.mark.parametrize("policy", [*augmentation.POLICIES, "color,translation,cutout"])
def test_gradients_are_right(policy):
    """Every change is linear in the image: J·d is the change of the output, and the gradient of w·y is Jᵀw."""
    direction, weighing = (RANDOM.normal(size=SHAPE).astype(np.float32) for _ in range(2))
    images = tf.constant(IMAGES)
    with tf.GradientTape() as tape:
        tape.watch(images)
        loss = tf.reduce_sum(augment(images, UNIFORM, policy) * weighing)
    gradient = tape.gradient(loss, images)
    moved = augment(IMAGES + direction, UNIFORM, policy) - augment(IMAGES, UNIFORM, policy)
    np.testing.assert_allclose(np.sum(gradient * direction), np.sum(moved * weighing), rtol=1e-3)


def test_gradient_of_a_gradients_length():
    """R₁ goes through the augmentation twice: with s = ½ ‖Tx‖², ‖∇s‖² = ‖TᵀTx‖²."""

    def transposed(images):
        with tf.GradientTape() as tape:
            tape.watch(images)
            loss = 0.5 * tf.reduce_sum(translation(images, UNIFORM[:, :2]) ** 2)
        return tape.gradient(loss, images)

    images = tf.constant(IMAGES)
    with tf.GradientTape() as tape:
        tape.watch(images)
        squares = tf.reduce_sum(transposed(images) ** 2)
    kept = transposed(images)  # TᵀT of a shift keeps the pixels that stay inside, and is its own square
    np.testing.assert_allclose(tape.gradient(squares, images), 2 * kept, atol=1e-6)


def test_bfloat16_images_come_back_in_float32():
    assert augment(tf.cast(IMAGES, tf.bfloat16), UNIFORM).dtype == tf.float32


def test_policies():
    assert augmentation.names("cutout, color") == ["cutout", "color"]
    with pytest.raises(InputError, match=r"'color,blur'.*'blur'.*color,translation,cutout"):
        augment(IMAGES, UNIFORM, "color,blur")
