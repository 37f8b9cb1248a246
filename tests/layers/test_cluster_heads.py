"""Cluster heads against their definition."""

from __future__ import annotations

import keras
import numpy as np

from tests.layers.contract import check_layer
from tfgan_models.layers.cluster_heads import ClusterHeads


def test_contract():
    def seeded():
        keras.utils.set_random_seed(1)
        return ClusterHeads(3)

    check_layer(seeded, (6, 5), (6, 2), trainable=1, non_trainable=0)


def test_a_class_adds_its_head_to_the_style():
    layer = ClusterHeads(3)
    layer.build((None, 5))
    heads = layer.heads.numpy()
    style = np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)
    np.testing.assert_allclose(layer(np.concatenate([np.eye(3), style], 1)), heads + style, rtol=1e-5)
    between = layer(np.float32([[0.5, 0.25, 0.25, 1, -1]]))
    np.testing.assert_allclose(between, [0.5 * heads[0] + 0.25 * heads[1] + 0.25 * heads[2] + [1, -1]], rtol=1e-5)
