"""Agreement of images with their conditions: shares of classes, areas under curves, and what does not count."""

from __future__ import annotations

import numpy as np
import pytest

from tfgan_models.metrics.condition_agreement import condition_agreement

RANDOM = np.random.default_rng(0)


def test_classes_agree_where_the_most_probable_one_is_the_own():
    told = np.eye(3)[[0, 1, 2, 2]]
    probabilities = np.array([[0.6, 0.3, 0.1], [0.2, 0.3, 0.5], [0.1, 0.3, 0.6], [0.3, 0.3, 0.4]])
    assert condition_agreement(probabilities, told, "labels") == 0.75


def test_attributes_agree_by_the_mean_area_under_the_curve():
    told = RANDOM.integers(0, 2, (200, 3))
    probabilities = np.clip(0.3 * told + 0.7 * RANDOM.random((200, 3)), 0, 1)
    columns = zip(probabilities.T, told.T, strict=True)
    # An area is the share of pairs of images, with and without the attribute, that are in this order.
    areas = [(values[has == 1, None] > values[has == 0]).mean() for values, has in columns]
    assert condition_agreement(probabilities, told, "attributes") == pytest.approx(np.mean(areas))
    assert condition_agreement(told / 2 + 0.2, told, "attributes") == 1
    assert condition_agreement(RANDOM.random((2000, 3)), np.resize(told, (2000, 3)), "attributes") == pytest.approx(
        0.5, abs=0.05
    )


def test_rare_attributes_do_not_count():
    told = np.zeros((40, 2), int)
    told[:9, 0] = told[:20, 1] = 1
    probabilities = np.stack([np.linspace(0, 1, 40), np.linspace(1, 0, 40)], 1)
    assert condition_agreement(probabilities, told, "attributes") == 1
    assert condition_agreement(probabilities[:, :1], told[:, :1], "attributes") is None
