"""Agreement of images with their conditions: shares of classes, areas under curves, and what cannot be measured."""

from __future__ import annotations

import numpy as np

from tfgan_models.metrics.condition_agreement import condition_agreement

RANDOM = np.random.default_rng(0)


def test_classes_agree_where_the_most_probable_one_is_the_own():
    told = np.eye(4)[[0, 1, 2, 2]]
    probabilities = np.array([[0.6, 0.3, 0.1, 0], [0.2, 0.3, 0.5, 0], [0.1, 0.3, 0.6, 0], [0.5, 0.3, 0.2, 0]])
    np.testing.assert_array_equal(condition_agreement(probabilities, told, "labels"), [1, 0, 0.5, np.nan])


def test_attributes_agree_by_the_area_under_the_curve():
    told = RANDOM.integers(0, 2, (200, 3))
    probabilities = np.clip(0.3 * told + 0.7 * RANDOM.random((200, 3)), 0, 1)
    columns = zip(probabilities.T, told.T, strict=True)
    # An area is the share of pairs of images, with and without the attribute, that are in this order.
    areas = [(values[has == 1, None] > values[has == 0]).mean() for values, has in columns]
    np.testing.assert_allclose(condition_agreement(probabilities, told, "attributes"), areas)
    np.testing.assert_array_equal(condition_agreement(told / 2 + 0.2, told, "attributes"), 1)
    noise = condition_agreement(RANDOM.random((4000, 3)), RANDOM.integers(0, 2, (4000, 3)), "attributes")
    np.testing.assert_allclose(noise, 0.5, atol=0.05)


def test_rare_attributes_are_not_measured():
    told = np.zeros((40, 3), int)
    told[:9, 0] = told[:10, 1] = told[:31, 2] = 1
    values = condition_agreement(np.tile(np.linspace(1, 0, 40)[:, np.newaxis], 3), told, "attributes")
    np.testing.assert_array_equal(values, [np.nan, 1, np.nan])
