"""How well attributes can be read from codes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tfgan_models.latent.attribute_reading import area_under_curve, reading_auc


@pytest.mark.parametrize("levels", [3, 1000], ids=["ties", "few ties"])
def test_area_under_curve_is_that_of_scikit_learn(levels):
    random = np.random.default_rng(0)
    has = random.random(400) < 0.2
    values = random.integers(0, levels, 400) + has * levels // 3
    assert area_under_curve(values, has) == pytest.approx(roc_auc_score(has, values), abs=1e-12)


@pytest.mark.parametrize(
    ("values", "has", "area"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1], 1.0),
        ([1, 2, 3, 4], [1, 1, 0, 0], 0.0),
        ([5, 5, 5, 5], [0, 1, 0, 1], 0.5),
        ([1, 2, 2, 3], [0, 0, 1, 1], 0.875),
    ],
)
def test_area_under_curve_by_hand(values, has, area):
    assert area_under_curve(np.array(values), np.array(has)) == area


def test_area_of_one_kind_of_examples_is_not_a_number():
    assert np.isnan(area_under_curve(np.arange(3), np.ones(3)))


def test_readers_are_measured_on_other_codes():
    random = np.random.default_rng(0)
    attributes = random.random((3000, 2)) < 0.3
    codes = random.normal(size=(3000, 20)) * np.geomspace(1e-3, 1e3, 20)
    codes[:, 4] = codes[:, 4] + attributes[:, 0] * 4 * codes[:, 4].std()
    train, test = slice(0, 2000), slice(2000, None)
    easy, impossible = reading_auc(codes[train], attributes[train], codes[test], attributes[test])
    assert easy == pytest.approx(roc_auc_score(attributes[test, 0], codes[test, 4]), abs=0.01)
    assert easy > 0.99
    assert impossible == pytest.approx(0.5, abs=0.06)


def test_fewer_codes_than_dimensions_and_a_constant_dimension_can_be_fitted():
    random = np.random.default_rng(0)
    codes, attributes = random.normal(size=(20, 64)), random.random((20, 1)) < 0.5
    codes[:, 0] = 1
    (area,) = reading_auc(codes, attributes, codes, attributes)
    assert area == 1
