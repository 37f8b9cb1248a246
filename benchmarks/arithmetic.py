"""Arithmetic of a training step, counted from the networks' layers, and the peak of this machine."""

from __future__ import annotations

import time

import keras
import numpy as np
import tensorflow as tf

from tfgan_models.layers.maxout import Maxout


def products(network: keras.Model, until: str | None = None) -> tuple[float, float]:
    """Count the multiply-adds of one example's forward pass, for all layers and for the first.

    The gradients with respect to a layer's input and to its kernel each cost as much as the forward pass. Only products
    with kernels are counted.

    Args:
        network: a network of dense, maxout, convolution and transposed convolution layers, and of layers without
            kernels.
        until: name of the last layer to count; all layers by default.
    """
    counts = []
    for layer in network.layers:
        counts.append(_products(layer))
        if layer.name == until:
            break
    return sum(counts), next(filter(None, counts), 0.0)


def _products(layer: keras.Layer) -> float:
    if isinstance(layer, keras.layers.Conv2DTranspose):
        # Each value of the input is multiplied by all values of the kernel's slice for its channel.
        return float(np.prod(layer.input.shape[1:3]) * np.prod(layer.kernel.shape))
    if isinstance(layer, keras.layers.Conv2D):
        return float(np.prod(layer.output.shape[1:3]) * np.prod(layer.kernel.shape))
    if isinstance(layer, keras.layers.Dense):
        return float(np.prod(layer.kernel.shape))
    if isinstance(layer, Maxout):
        return float(np.prod(layer.dense.kernel.shape))
    if any(len(weight.shape) > 1 for weight in layer.weights):
        raise ValueError(f"{layer.name}: the arithmetic of {type(layer).__name__} is not implemented")
    return 0.0


def peak(precision: str, size: int = 4096, times: int = 5) -> float:
    """Measure GFLOP/s of a large matrix product, the best of several times, in this process."""
    matrix = tf.cast(tf.random.normal((size, size)), precision)
    multiply = tf.function(lambda a: tf.matmul(a, a)[0, 0])
    multiply(matrix).numpy()
    best = np.inf
    for _ in range(times):
        start = time.perf_counter()
        multiply(matrix).numpy()
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best / 1e9
