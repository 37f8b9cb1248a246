"""Names of clusters, and mistakes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from tfgan_models import InputError
from tfgan_models.metrics.clustering import clustering_error, name_clusters, odds


def test_a_cluster_has_the_name_of_the_surest_example():
    probabilities = np.array([[0.6, 0.4, 0.0], [0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.3, 0.6, 0.1], [0.4, 0.4, 0.2]])
    labels = np.array([5, 7, 5, 3, 7])
    names = name_clusters(probabilities, labels)
    np.testing.assert_array_equal(names, [7, 5, 7])
    # Answers are the clusters 0, 0, 1, 1, 0: called 7, 7, 5, 5, 7.
    assert clustering_error(probabilities, labels, names) == pytest.approx(2 / 5)


def test_the_surest_is_found_where_float32_rounds_to_1_or_nearly_to_0():
    probabilities = np.float32(softmax([[19, 0, 0], [30, 0, 0], [20, 0, 0], [0, 3, 1], [0, 1, 3]], 1))
    assert (probabilities[:3, 0] == 1).all()
    np.testing.assert_array_equal(name_clusters(probabilities, np.arange(5)), [1, 3, 4])
    np.testing.assert_allclose(odds(probabilities)[:3, 0], np.exp([19.0, 30.0, 20.0]) / 2, rtol=1e-6)
    # Of the first cluster no example is likely, but one is likelier than the others.
    probabilities = np.float32(softmax([[-25, 0, 0], [-18, 0, 0], [-20, 1, 0]], 1))
    np.testing.assert_array_equal(name_clusters(probabilities, np.arange(3))[0], 1)
    np.testing.assert_array_equal(odds([[0, 1], [0.5, 0.5]]), [[0, np.inf], [1, 1]])
    np.testing.assert_array_equal(odds(np.float32([[1e-40, 1]]))[0, 1], np.inf)  # without a warning


def test_odds_are_those_of_the_sum_of_all_others():
    probabilities = np.float32(np.random.default_rng(0).dirichlet(np.full(40, 0.05), 200))
    one_by_one = [probabilities[:, i] / np.delete(np.float64(probabilities), i, 1).sum(1) for i in range(40)]
    np.testing.assert_allclose(odds(probabilities), np.stack(one_by_one, 1), rtol=1e-5)


def test_every_example_needs_a_label():
    with pytest.raises(InputError, match="4 examples and 3 labels"):
        name_clusters(np.eye(4), np.arange(3))
