"""Names of clusters, and mistakes."""

from __future__ import annotations

import numpy as np
import pytest

from tfgan_models import InputError
from tfgan_models.metrics.clustering import clustering_error, name_clusters


def test_a_cluster_has_the_name_of_the_surest_example():
    probabilities = np.array([[0.6, 0.4, 0.0], [0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.3, 0.6, 0.1], [0.4, 0.4, 0.2]])
    labels = np.array([5, 7, 5, 3, 7])
    names = name_clusters(probabilities, labels)
    np.testing.assert_array_equal(names, [7, 5, 7])
    # Answers are the clusters 0, 0, 1, 1, 0: called 7, 7, 5, 5, 7.
    assert clustering_error(probabilities, labels, names) == pytest.approx(2 / 5)


def test_every_example_needs_a_label():
    with pytest.raises(InputError, match="4 examples and 3 labels"):
        name_clusters(np.eye(4), np.arange(3))
