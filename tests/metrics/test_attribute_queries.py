"""Chosen attributes against attributes read, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tfgan_models import InputError
from tfgan_models.metrics.attribute_queries import attribute_readings, best_readable

QUERIES = np.array([[1, 0, 1], [1, 0, 0], [0, 0, 1], [1, 0, 0]], np.float32)
PROBABILITIES = np.array([[0.9, 0.2, 0.4], [0.8, 0.6, 0.1], [0.3, 0.1, 0.7], [0.2, 0.4, 0.3]], np.float32)


def test_shares_are_those_counted_by_hand():
    readings = attribute_readings(QUERIES, PROBABILITIES)
    np.testing.assert_allclose(readings.present, [2 / 3, np.nan, 1 / 2])
    np.testing.assert_allclose(readings.absent, [1, 3 / 4, 1])
    np.testing.assert_allclose(readings.balanced_accuracy, [5 / 6, np.nan, 3 / 4])
    assert best_readable(readings, 2) == [0, 2]
    assert best_readable(readings, 3) == [0, 2]  # nothing is known of the second
    assert best_readable(readings, 1) == [0]


def test_whole_vectors_are_compared_from_minus_one_to_one():
    perfect = attribute_readings(QUERIES, QUERIES).similarity
    assert perfect.cosine == pytest.approx(1) and perfect.squared_error == pytest.approx(0)
    opposite = attribute_readings(QUERIES, 1 - QUERIES).similarity
    assert opposite.cosine == pytest.approx(-1) and opposite.squared_error == pytest.approx(12)
    one = attribute_readings(QUERIES[:1], PROBABILITIES[:1]).similarity
    query, read = np.array([1, -1, 1]), np.array([0.8, -0.6, -0.2])
    assert one.cosine == pytest.approx(query @ read / np.linalg.norm(query) / np.linalg.norm(read))
    assert one.squared_error == pytest.approx(np.sum((query - read) ** 2))


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(InputError):
        attribute_readings(QUERIES, PROBABILITIES[:, :2])
    with pytest.raises(InputError, match="give pairs"):
        attribute_readings(QUERIES, PROBABILITIES[:2])
    with pytest.raises(InputError, match="give more held-out images"):
        best_readable(attribute_readings(QUERIES[:1], PROBABILITIES[:1]), 2)
